//! What a capture shows, in a form that a new recording of the same thing has too, and what is
//! different when it is not the same any more.
//!
//! [`Snapshot::of`] reads a capture once; [`Snapshot::to_json`] is what stands beside it in a
//! repository; [`compare()`] tells the differences of two, in sentences, by the [`Rules`]:
//!
//! ```no_run
//! use analyzer::snapshot::{self, Rules, Snapshot};
//! use analyzer::source;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let expected = Snapshot::from_json(&std::fs::read_to_string("snapshot.json")?)?;
//! let mut capture = source::open("capture.pcapng".as_ref())?;
//! let (actual, damage) = Snapshot::of("capture.pcapng", &mut *capture);
//! for difference in snapshot::compare(&expected, &actual, &Rules::default()) {
//!     println!("{}", difference.sentence);
//! }
//! # damage.map_or(Ok(()), |error| Err(error.into()))
//! # }
//! ```
//!
//! Left out, because every recording has its own: ephemeral ports, initial sequence numbers,
//! the start time, addresses (each host has a symbol), MAC addresses, IP identifications,
//! TSval, transaction numbers of DNS and the like. Everything else stays, one row per segment.
//!
//! How much that sees is measured (`tests/mutations`, 26 fixtures): of 520 real changes, twenty
//! to each capture, all are noticed; of 520 harmless ones none is. Of lab runs, each of echo,
//! parallel, file, hold and of a client that closes with FIN, RST or a half-close compares as
//! equal with 20 repetitions by behaviour, and each of the three ways to close as different from
//! the others 20 times of 20 (`tests/lab` repeats one of each).
//!
//! Memory: at most [`MAX_CONNECTIONS`] connections and [`MAX_ROWS`] rows, [`ROWS_EACH`] of a
//! connection; what comes after is folded into counts and one hash, so that a change shows.

pub use compare::compare;
pub use difference::{Difference, Field, Kind, Place};
pub use json::{Error, write_schema};
pub use model::{
    Ending, Fold, FoldedConnections, OtherFrame, Others, Row, Sent, Snapshot, SnapshotConnection,
    VERSION,
};
pub use record::{MAX_CONNECTIONS, MAX_ROWS, ROWS_EACH, Recorder};
pub use rules::{Level, Rules, Tolerance};

mod compare;
pub mod diff;
mod difference;
mod json;
mod model;
mod record;
mod rules;
