//! Evidence held against a capture, and against itself: what is true, what is not, what cannot
//! be told, each with its proof.
//!
//! ```text
//! capture  ──► expected (what Wireshark's window shows, frame by frame)
//! evidence ──► align (which frame is a row?) ──► cell, order, origin ──► model::GradedEvidence
//! ```
//!
//! [`model`] is the documented result, what `analyzer grade --format json` prints.

pub use cell::{Look, Witness};
pub use error::Error;
pub use expected::{ExpectedList, ExpectedRow};
pub use list::{JudgedList, judge};
pub use order::FilterKnowledge;
pub use submission::{Options, grade, holds, read_evidence};
pub use wording::Version;

mod align;
mod cell;
pub mod clock;
mod error;
mod expected;
mod format_vote;
mod list;
pub mod model;
mod order;
mod origin;
pub mod render;
mod submission;
pub mod wording;

#[cfg(test)]
mod tests;
