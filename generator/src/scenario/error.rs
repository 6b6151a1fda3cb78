//! What is wrong with a scenario, with its line and column.

use std::io;
use std::ops::Range;
use std::path::PathBuf;

/// Why a scenario cannot be run.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file could not be read.
    #[error("cannot read scenario {path}: {cause}", path = path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// Something in the text is wrong.
    #[error("{file}:{line}:{column}: {reason}\n  | {text}\n  | {caret}")]
    Wrong {
        /// Where the text came from.
        file: String,
        /// Line, from 1.
        line: usize,
        /// Column in characters, from 1.
        column: usize,
        /// What is wrong and what would be right.
        reason: String,
        /// The line itself.
        text: String,
        /// Points at the column.
        caret: String,
    },
}

impl Error {
    /// A mistake at the byte range `span` of `source`.
    pub fn at(file: &str, source: &str, span: Range<usize>, reason: impl Into<String>) -> Self {
        let start = span.start.min(source.len());
        let before = source.get(..start).unwrap_or(source);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let text = source.get(line_start..).unwrap_or("").lines().next().unwrap_or("");
        let column = before.get(line_start..).unwrap_or("").chars().count() + 1;
        let room = text.chars().count().saturating_sub(column - 1).max(1);
        let wide = source.get(span).map_or(1, |marked| marked.chars().count()).clamp(1, room);
        Self::Wrong {
            file: file.to_owned(),
            line: before.matches('\n').count() + 1,
            column,
            reason: reason.into(),
            text: text.chars().take(TEXT_LIMIT).map(printable).collect(),
            caret: format!(
                "{}{}",
                " ".repeat((column - 1).min(TEXT_LIMIT)),
                "^".repeat(wide.min(TEXT_LIMIT))
            ),
        }
    }
}

/// Characters of a wrong line that are shown.
const TEXT_LIMIT: usize = 120;

/// A file from elsewhere must not steer the terminal.
fn printable(c: char) -> char {
    match c {
        '\t' => ' ',
        c if c.is_control() => '\u{fffd}',
        c => c,
    }
}
