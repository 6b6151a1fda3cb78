//! Which earlier frames carried the same bytes.

use std::collections::VecDeque;

use crate::facts::TcpFacts;
use crate::frame::FrameNumber;
use crate::tcp::{Endpoint, Segment, SegmentAnalysis, SeqNumber, StreamId};

/// Segments remembered, the latest ones: a bound on memory (about 50 MiB).
const MOST: usize = 1 << 20;

/// What was sent before the frame in question.
#[derive(Debug, Default)]
pub(super) struct Earlier {
    sent: VecDeque<Sent>,
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
    /// Remembers a segment that takes sequence space.
    pub fn note(&mut self, tcp: &TcpFacts<'_>) {
        let segment = &tcp.segment;
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
