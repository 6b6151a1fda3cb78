//! Conditions over captures, in CEL (<https://cel.dev>), the language of policy engines.
//!
//! A condition is an expression that is true or false of a capture:
//!
//! ```text
//! connections.exists(c, c.server.port == 32444 && c.handshake.complete
//!                       && c.teardown.kind == "fin")
//! overlaps(connections).max >= 2
//! count('tcp.analysis.retransmission') == 0
//! ```
//!
//! Its variables are the fields of [`CaptureSummary`](crate::summary::CaptureSummary), which
//! `analyzer schema report` documents; [`FUNCTIONS`] adds what only a capture can answer. A
//! [`Condition`] is compiled once: names, types and display filters are checked before any
//! capture is read. A [`Subject`] reads a capture in one pass for all the conditions that are
//! to be evaluated over it, and an [`Outcome`] tells what made a condition false.
//!
//! ```no_run
//! use analyzer::condition::{Condition, Language, Subject};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let language = Language::captures();
//! let condition = Condition::compile("connections.all(c, c.handshake.complete)", &language)?;
//! let subject = Subject::read("run.pcapng".as_ref(), [&condition])?;
//! let outcome = condition.evaluate(&subject)?;
//! assert!(outcome.holds, "{:?}", outcome.witnesses);
//! # Ok(())
//! # }
//! ```
//!
//! Conditions come from people and files: they are bounded in length, depth and steps
//! ([`STEPS`]), and none can make an evaluation hang or a program fall. The whole language, with
//! examples: `analyzer/CONDITIONS.md`.

pub use bounds::STEPS;
pub(crate) use bounds::on_deep_stack;
pub use compiled::{Condition, Outcome};
pub use error::{Error, Span};
pub use language::{FUNCTIONS, Function, Language};
pub(crate) use near::hint as near;
pub use subject::Subject;
pub use witness::{Column, Witness};

mod answers;
mod bounds;
mod compiled;
mod error;
mod functions;
mod language;
pub mod manifest;
mod near;
mod overlaps;
mod proof;
mod reading;
mod shape;
mod subject;
#[cfg(test)]
mod tests;
mod text;
mod types;
mod typing;
mod value;
mod witness;
