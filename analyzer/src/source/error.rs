//! Why a capture could not be read, with the place and what to do next.

use std::io;
use std::path::PathBuf;

/// Result of everything that reads or writes captures.
pub type Result<T> = std::result::Result<T, Error>;

/// What went wrong with a capture or an interface. Malformed traffic is not an error.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file could not be opened or read.
    #[error("cannot read {path}: {cause}", path = path.display())]
    Io {
        /// The file; `-` for standard input.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// The bytes are not a capture in any known format.
    #[error("{path}: not a capture file: {reason}", path = path.display())]
    NotACapture {
        /// The file.
        path: PathBuf,
        /// What was found instead, and what would be accepted.
        reason: String,
    },
    /// The capture is damaged from here on; the frames before were handed out.
    #[error("{path}: damaged at byte {offset}, after frame {frames}: {reason}", path = path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Offset of the damaged record in the (decompressed) file, in bytes.
        offset: u64,
        /// Number of the last good frame; 0 when there was none.
        frames: u64,
        /// What is wrong there, with both values.
        reason: String,
    },
    /// A live interface could not be opened or read.
    #[error("interface {interface}: {reason}")]
    Interface {
        /// Its name.
        interface: String,
        /// What failed and how to mend it.
        reason: String,
    },
}
