//! What is wrong with a recipe, and where.

use std::fmt;
use std::io;

/// Why a capture could not be forged.
#[derive(Debug)]
pub enum Error {
    /// The recipe says something that cannot be understood or cannot be on the wire.
    Recipe {
        /// Line of the recipe, from 1.
        line: usize,
        /// Column in that line, in characters, from 1.
        column: usize,
        /// What is wrong and what would be right.
        reason: String,
    },
    /// The capture could not be written.
    Io(io::Error),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Recipe { line, column, reason } => {
                write!(f, "line {line}, column {column}: {reason}")
            }
            Self::Io(cause) => write!(f, "cannot write the capture: {cause}"),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Recipe { .. } => None,
            Self::Io(cause) => Some(cause),
        }
    }
}

impl From<io::Error> for Error {
    fn from(cause: io::Error) -> Self {
        Self::Io(cause)
    }
}
