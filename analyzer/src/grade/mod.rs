//! Evidence held against a capture, and against itself: what is true, what is not, what cannot
//! be told, each with its proof.
//!
//! ```text
//! capture  ──► expected (what Wireshark's window shows, frame by frame)
//! evidence ──► align (which frame is a row?) ──► numbering, cell, order, origin ──► model::GradedEvidence
//!
//! hex dump ──► bytes (which frame, which bytes differ, in which fields)
//! evidence ──► tcp_row, story, dump ──► contradiction (what fits together without a capture)
//! ```
//!
//! [`model`] is the documented result, what `analyzer grade --format json` prints.

pub use cell::{Look, Witness};
pub use error::Error;
pub use expected::{ExpectedList, ExpectedRow};
pub use joins::{join, manifests};
pub use list::{JudgedList, judge};
pub use order::FilterKnowledge;
pub use submission::{Options, grade, holds, read_evidence};
pub use without_capture::{Inner, evidence_with_capture, evidence_without_capture};
pub use wording::Version;
pub use words::Lang;
pub use written::Refused;

mod align;
mod beside;
pub mod bytes;
mod cell;
pub mod claims;
pub mod class;
pub mod clock;
#[cfg(feature = "screenshot")]
mod compared;
pub mod contradiction;
#[cfg(feature = "screenshot")]
mod details;
#[cfg(feature = "screenshot")]
mod doubts;
pub mod dump;
mod error;
mod expected;
mod filter_box;
mod format_vote;
#[cfg(feature = "screenshot")]
mod habits;
mod joins;
mod list;
pub mod model;
mod numbering;
mod order;
mod origin;
pub mod page;
#[cfg(feature = "screenshot")]
mod picture;
pub mod profile;
mod protocol;
pub mod render;
pub mod rubric;
pub mod slice;
pub mod story;
mod submission;
pub mod tcp_row;
mod without_capture;
pub mod wording;
pub mod words;
mod written;

#[cfg(test)]
mod tests;
