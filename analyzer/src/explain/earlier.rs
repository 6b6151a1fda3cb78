//! Which earlier frames carried the same bytes.

use std::collections::{HashMap, VecDeque};

use crate::facts::TcpFacts;
use crate::frame::FrameNumber;
use crate::tcp::{AnalysisFlags, Endpoint, Segment, SegmentAnalysis, SeqNumber, StreamId};

/// Segments remembered, the latest ones: a bound on memory (about 50 MiB).
const MOST: usize = 1 << 20;

/// What was sent before the frame in question.
#[derive(Debug, Default)]
pub(super) struct Earlier {
    sent: VecDeque<Sent>,
    /// The latest stream between two endpoints, the lower one first, and its latest frame.
    latest: HashMap<(Endpoint, Endpoint), (StreamId, FrameNumber)>,
}

#[derive(Debug)]
struct Sent {
    stream: StreamId,
    source: Endpoint,
    frame: FrameNumber,
    seq: SeqNumber,
    len: u32,
}

impl Earlier {
    /// Remembers a segment.
    pub fn note(&mut self, tcp: &TcpFacts<'_>) {
        let segment = &tcp.segment;
        self.latest.insert(pair(segment), (tcp.analysis.stream, segment.frame));
        let len = segment.wireshark_len();
        if len == 0 || !segment.is_length_known {
            return;
        }
        if self.sent.len() >= MOST {
            self.sent.pop_front();
        }
        self.sent.push_back(Sent {
            stream: tcp.analysis.stream,
            source: segment.source,
            frame: segment.frame,
            seq: segment.seq_raw,
            len,
        });
    }

    /// The stream whose ports a segment reuses, and that stream's latest frame.
    pub fn reused(
        &self,
        segment: &Segment,
        analysis: &SegmentAnalysis,
    ) -> Option<(StreamId, FrameNumber)> {
        let is_reuse = analysis.flags.contains(AnalysisFlags::REUSED_PORTS);
        self.latest.get(&pair(segment)).copied().filter(|_| is_reuse)
    }

    /// The first and the latest frame that carried any byte of a segment.
    pub fn overlapping(&self, segment: &Segment, analysis: &SegmentAnalysis) -> Vec<FrameNumber> {
        let len = segment.wireshark_len();
        let mut frames = self.sent.iter().filter(|sent| {
            sent.stream == analysis.stream
                && sent.source == segment.source
                && (segment.seq_raw.relative_to(sent.seq) < sent.len
                    || sent.seq.relative_to(segment.seq_raw) < len)
        });
        let first = frames.next().map(|sent| sent.frame);
        let latest = frames.next_back().map(|sent| sent.frame);
        first.into_iter().filter(|_| len > 0).chain(latest.filter(|_| len > 0)).collect()
    }
}

/// Both endpoints of a segment, the lower one first.
fn pair(segment: &Segment) -> (Endpoint, Endpoint) {
    let (source, destination) = (segment.source, segment.destination);
    (source.min(destination), source.max(destination))
}
