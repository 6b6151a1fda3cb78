//! A whole lab on one machine: hosts, networks, programs, recordings, and nothing left behind.
//!
//! ```text
//! session (the command, outside)
//!    |  Order            ^  Event
//!    v                   |
//! isolation (warden) -> supervisor (pid 1 of the lab)
//!                          |-- topology -> namespace, link      machines and cables
//!                          |-- run -> launch, process, sockets  who starts when
//!                          |-- recorder                           frames into files
//!                          `-- folder, manifest                   what is left to read
//! compare: the captures against the programs' accounts
//! story, report: the run for people
//! ```

pub use error::{Error, Result};
pub use isolation::Privilege;

pub mod compare;
pub mod error;
pub mod folder;
pub mod isolation;
mod launch;
mod link;
pub mod manifest;
pub mod message;
mod namespace;
pub mod owner;
mod process;
mod recorder;
pub mod report;
mod run;
pub mod session;
mod sockets;
pub mod story;
pub mod supervisor;
mod topology;
