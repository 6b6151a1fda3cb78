//! What stops grading: input that cannot be read. What evidence gets wrong is a verdict, never
//! an error.

use std::path::PathBuf;

/// Why nothing could be graded.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The capture cannot be read.
    #[error("{cause}")]
    Capture {
        /// Reason, with the file.
        cause: String,
    },
    /// The capture is too large to be held against rows.
    #[error(
        "{}: more than {limit} frames; grade a part of it (editcap, or a display filter with tshark -w)",
        file.display()
    )]
    TooManyFrames {
        /// The capture.
        file: PathBuf,
        /// Most frames.
        limit: usize,
    },
    /// A file of evidence cannot be read.
    #[error("{}: {cause}", file.display())]
    Evidence {
        /// The file.
        file: PathBuf,
        /// Reason, and what to do.
        cause: String,
    },
}
