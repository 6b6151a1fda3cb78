//! TCP as a domain: segments, streams, and Wireshark's verdicts about them.
//!
//! Pure: no input or output, no clock, no printing. [`Segment`] is what one frame says;
//! [`StreamTable`] keeps what the conversation has said so far and answers each segment with
//! a [`SegmentAnalysis`], in one pass, in file order, with the conditions that Wireshark 4.0
//! applies.
//!
//! ```text
//! wire::Layer --read--> Segment --stream_table--> Stream { two HalfStreams }
//!                                     |   |
//!               steps: all of them (observe), or what is left of them for plain segments
//!               that nobody asks about (plain)
//!               numbers: relative, window_scale, completeness, round_trip
//!               verdicts: analysis::{loss, ack, window, keep_alive}, judged on the state
//!               before the segment; then analysis::update writes the state after it
//!               why: the same rules, each condition with its values (condition, explanation)
//! ```

pub(crate) use brief::Brief;
pub use condition::{Condition, Quantity};
pub use endpoint::{Direction, Endpoint, StreamId};
pub use explanation::{Explanation, RuleAnswer};
pub use flow_key::{Flow, FlowHasher};
pub(crate) use plain::Plain;
pub use read::SegmentSource;
pub use second_pass::FinalStreams;
pub use segment::{SackBlock, Segment, SegmentOptions, TcpFlags};
pub use seq::SeqNumber;
pub use stream::Touched;
pub use stream_table::{Guess, StreamTable, StreamView};
pub use verdict::{AnalysisFlags, DuplicateAck, RetransmissionTimeout, SegmentAnalysis};

mod analysis;
mod brief;
mod completeness;
mod condition;
mod endpoint;
mod explanation;
mod fast_open;
mod flow_key;
mod flow_map;
mod half_stream;
mod observe;
mod plain;
mod read;
pub mod reassembly;
mod relative;
mod round_trip;
mod second_pass;
mod segment;
mod seq;
mod stream;
mod stream_table;
mod unacked;
mod verdict;
mod window_scale;

#[cfg(test)]
pub(crate) mod segment_tables;
