//! What happened in a capture, as a finished model: owned, plain, serialisable, versioned.
//!
//! [`summarise`] reads a source to its end; a caller that has its own loop shows each frame to
//! a [`Collector`] (an [`crate::engine::Observer`]) and calls [`Collector::finish`]. Both give
//! a [`CaptureSummary`], which [`crate::report`] renders:
//!
//! ```no_run
//! use analyzer::{report, source, summary};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let mut capture = source::open("run.pcapng".as_ref())?;
//! let options = summary::Options::default();
//! let (summary, damage) = summary::summarise("run.pcapng", &mut *capture, options);
//! let look = report::Look::default();
//! report::render(report::Format::Table, &[summary], look, &mut std::io::stdout())?;
//! # damage.map_or(Ok(()), |error| Err(error.into()))
//! # }
//! ```
//!
//! Memory: a record of 128 bytes and marks of 64 for each stream, segment rows only for a bounded number of
//! streams (the largest; see [`Options`]), nothing per frame. What was cut is counted in the
//! model.

pub use collector::{CaptureEnd, Collector, Options};
#[cfg(feature = "check")]
pub(crate) use event::kinds as event_kinds;
pub(crate) use ledger::Ledger;
pub use model::*;
pub use summarise::{Matching, summarise, summarise_matching};

mod collector;
mod concurrency;
#[cfg(test)]
mod concurrency_tests;
mod connect;
mod coverage;
mod detail;
mod event;
mod finding;
mod fold;
mod largest;
mod ledger;
mod mark;
mod model;
mod radix;
mod rare;
mod record;
mod reset;
#[cfg(test)]
pub(crate) mod script;
mod store;
mod summarise;
mod sweep;
mod tally;
#[cfg(test)]
mod tests;
mod turning;
mod turns;
mod utc;
mod view;
mod waiting;
