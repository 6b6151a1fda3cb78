//! TCP as a domain: segments, streams, and Wireshark's verdicts about them.
//!
//! Pure: no input or output, no clock, no printing. [`Segment`] is what one frame says;
//! [`StreamTable`] keeps what the conversation has said so far and answers each segment with
//! a [`SegmentAnalysis`], in one pass, in file order, with the conditions that Wireshark 4.0
//! applies.

pub use analysis::{AnalysisFlags, DuplicateAck, RetransmissionTimeout, SegmentAnalysis};
pub use endpoint::{Direction, Endpoint, StreamId};
pub use segment::{SackBlock, Segment, SegmentOptions, TcpFlags};
pub use seq::SeqNumber;

mod analysis;
mod endpoint;
mod segment;
mod seq;
