//! Captures as test cases: what must hold of them, and a snapshot that they must still show.
//!
//! A case is a folder with a capture and a `case.toml`:
//!
//! ```toml
//! description = "the echo of task 2"
//! handshake = "complete"           # short forms, see SHORT_FORMS
//! closed_by = "client"
//! echo = "identical"
//!
//! [[expect]]
//! name = "one message, split in two"
//! condition = "connections[0].from_server.data_segments == 2"
//!
//! [snapshot]                       # rules for the comparison with snapshot.json
//! ignore = ["window"]
//! ```
//!
//! A folder with several captures, or `capture = ["a.pcapng", "FOLDER"]`, is a case for each of
//! them, with a snapshot beside each.
//!
//! [`cases()`] finds cases, [`run_all`] runs them on several threads, and [`table`] and
//! [`formats`] write what came out. From Rust, [`capture`] is enough; with the feature
//! `harness`, each case is a test of `cargo test`.

pub use capture::{CaptureCheck, Failure, capture};
pub use case::{CASE_FILE, Case, Compiler, Error, Expectation, SNAPSHOT_FILE};
pub use find::{Found, RUN_FILE, against, cases};
pub use model::{
    CaseReport, CheckReport, ExpectationReport, FrameRow, PartValue, Reason, SnapshotDifference,
    SnapshotReport, VERSION,
};
pub use run::{run, run_all, snapshot_of};
pub use short::{SHORT_FORMS, ShortForm, ShortValue};
pub use start::{bless, start};

#[cfg(feature = "harness")]
#[doc(inline)]
pub use crate::__check_cases as cases;

mod capture;
mod captures;
mod case;
mod find;
pub mod formats;
#[cfg(feature = "harness")]
pub mod harness;
mod model;
mod rows;
mod run;
mod short;
mod start;
pub mod table;
#[cfg(test)]
mod tests;
