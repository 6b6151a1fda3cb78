//! Why the lab could not be built, run or recorded, and what to do next.

use std::io;
use std::path::PathBuf;

/// Result of everything in the lab.
pub type Result<T> = std::result::Result<T, Error>;

/// What went wrong in the lab. A client that fails is a fact of the run, not an error.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The system refuses to make namespaces for this user.
    #[error("cannot make the lab's namespaces ({call}: {cause}). {advice}")]
    Forbidden {
        /// The system call that was refused.
        call: &'static str,
        /// What the system said.
        cause: io::Error,
        /// The setting to change, and the alternative as root.
        advice: String,
    },
    /// One step of building a host failed.
    #[error("host {host}: cannot {step}: {cause}")]
    Host {
        /// The host.
        host: String,
        /// What was tried.
        step: String,
        /// What the system said.
        cause: String,
    },
    /// A recording failed.
    #[error("recording {interface} of {host}: {cause}")]
    Recording {
        /// The host.
        host: String,
        /// Its interface.
        interface: String,
        /// What failed.
        cause: String,
    },
    /// A file of the run folder could not be written or read.
    #[error("cannot {step} {path}: {cause}", path = path.display())]
    File {
        /// What was tried.
        step: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// The supervisor of the lab could not be started or ended without a result.
    #[error("the lab's supervisor {0}")]
    Supervisor(String),
    /// What the supervisor reported from inside, in its own words.
    #[error("{0}")]
    Failed(String),
    /// The command was asked for something that it cannot do.
    #[error("{0}")]
    Usage(String),
    /// The scenario is wrong.
    #[error(transparent)]
    Scenario(#[from] crate::scenario::Error),
}

impl Error {
    /// A step that failed on `host`.
    pub fn host(host: &str, step: impl Into<String>, cause: impl ToString) -> Self {
        Self::Host { host: host.to_owned(), step: step.into(), cause: cause.to_string() }
    }

    /// A file operation that failed.
    pub fn file(step: &'static str, path: impl Into<PathBuf>, cause: io::Error) -> Self {
        Self::File { step, path: path.into(), cause }
    }
}
