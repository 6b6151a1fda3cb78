//! What streams finally show, told at each of their segments in a second pass.
//!
//! Follows `tshark -2`, where the completeness of the first pass is the start of the second
//! one, which counts on: a first segment without SYN counts only then.

use super::{AnalysisFlags, Segment, SegmentAnalysis, StreamTable, completeness};

/// The streams of a pass that is over.
#[derive(Debug)]
pub struct FinalStreams {
    streams: StreamTable,
    shown: Vec<u8>,
}

impl FinalStreams {
    /// After the last segment of the first pass.
    pub fn new(streams: StreamTable) -> Self {
        Self { shown: vec![0; streams.len()], streams }
    }

    /// Replaces what the second pass knows of a segment so far by what its stream finally shows:
    /// the completeness, and the RTT of the handshake where Wireshark keeps a record about the
    /// segment. Every segment must pass here, in order.
    pub fn conclude(&mut self, segment: &Segment, analysis: &mut SegmentAnalysis) {
        let Some(stream) = self.streams.stream(analysis.stream) else { return };
        let Some(shown) = self.shown.get_mut(analysis.stream.0 as usize) else { return };
        analysis.completeness = *shown | stream.completeness;
        *shown = completeness::after(*shown, segment);
        let has_numbers = analysis.acks_frame != 0 || analysis.bytes_in_flight != 0;
        let is_flagged = !(analysis.flags - AnalysisFlags::TFO_ACK).is_empty();
        if let Some(rtt) = stream.initial_rtt.filter(|_| has_numbers || is_flagged) {
            analysis.initial_rtt = rtt.as_nanos();
        }
    }
}
