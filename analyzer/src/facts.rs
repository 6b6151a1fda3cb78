//! Everything that one pass knows about one frame: the input of filters, Info texts and
//! observers.

use crate::frame::{Frame, FrameNumber, Stored};
use crate::tcp::{
    Brief, Direction, Endpoint, Flow, Plain, Segment, SegmentAnalysis, SeqNumber, StreamId,
    TcpFlags,
};
use crate::time::{TimeDelta, Timestamp};
use crate::wire::{ChecksumVerdict, CommonFrame, Decoded};

/// A frame, its layers, and, when it carries TCP, the segment and the verdict on it.
#[derive(Debug, Clone)]
pub struct FrameFacts<'a> {
    /// The record itself.
    pub frame: Frame<'a>,
    /// Since the capture's first frame. Wireshark: `frame.time_relative`.
    pub time_relative: TimeDelta,
    /// Since the previous frame; zero for the first. Wireshark: `frame.time_delta`.
    pub time_delta: TimeDelta,
    /// Its layers.
    pub decoded: Decoded<'a>,
    /// The outermost carried TCP segment, when its header could be read.
    pub tcp: Option<TcpFacts<'a>>,
    /// The outermost TCP header that an ICMP error quotes whole, when there is one.
    pub quoted_tcp: Option<QuotedTcp>,
}

impl<'a> FrameFacts<'a> {
    /// A frame of which nothing is known yet: no layers, no times.
    #[inline]
    pub(crate) fn unexamined(frame: Frame<'a>) -> Self {
        Self {
            frame,
            time_relative: TimeDelta::default(),
            time_delta: TimeDelta::default(),
            decoded: Decoded::default(),
            tcp: None,
            quoted_tcp: None,
        }
    }
}

/// A TCP header inside an ICMP error: it was not carried, but it has a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QuotedTcp {
    /// Index of its layer in [`Decoded::layers`].
    pub layer: usize,
    /// Its stream. Wireshark: `tcp.stream`.
    pub stream: StreamId,
}

/// The TCP part of a frame. It points at what the engine wrote: one place for all frames, so
/// that nothing is moved or cleared for each.
#[derive(Debug, Clone, Copy)]
pub struct TcpFacts<'a> {
    /// What the segment says.
    pub segment: &'a Segment,
    /// What the analysis says about it.
    pub analysis: &'a SegmentAnalysis,
    /// The verdict on its checksum, when that was worked out already; else ask
    /// [`checksum::transport`](crate::wire::checksum::transport).
    pub checksum: Option<ChecksumVerdict>,
    /// The captured payload bytes; shorter than `segment.payload_len` when the frame was cut.
    pub payload: &'a [u8],
}

/// A frame that is nothing but a TCP segment, without its layers: captured whole, one link layer
/// and one IP header without options around it, and neither fragment nor tunnel nor damage.
#[derive(Debug, Clone, Copy)]
pub struct SegmentFacts<'a> {
    /// The record itself.
    pub frame: Frame<'a>,
    /// When the capture's first frame was recorded.
    pub start: Timestamp,
    /// What the segment says.
    pub segment: &'a Segment,
    /// What the analysis says about it.
    pub analysis: &'a SegmentAnalysis,
    /// The verdict on its checksum, when the observer minds checksums.
    pub checksum: Option<ChecksumVerdict>,
    pub(crate) common: CommonFrame,
    /// When the frame before it was recorded; its own time for the first.
    pub(crate) previous: Timestamp,
}

impl<'a> SegmentFacts<'a> {
    /// Since the capture's first frame. Wireshark: `frame.time_relative`.
    #[inline]
    pub fn time_relative(&self) -> TimeDelta {
        self.frame.timestamp - self.start
    }

    /// The same facts with the frame's layers.
    pub fn with_layers(&self) -> FrameFacts<'a> {
        let Self { frame, segment, analysis, checksum, .. } = *self;
        FrameFacts {
            frame,
            time_relative: self.time_relative(),
            time_delta: frame.timestamp - self.previous,
            decoded: self.common.decoded(&frame),
            tcp: Some(TcpFacts { segment, analysis, checksum, payload: self.payload() }),
            quoted_tcp: None,
        }
    }

    /// The payload.
    #[inline]
    pub fn payload(&self) -> &'a [u8] {
        let segment = self.common.segment(&self.frame);
        segment.get(usize::from(self.segment.header_len)..).unwrap_or_default()
    }
}

/// A frame that is nothing but a plain TCP segment: in order, after the SYNs of both sides, with
/// no verdict on it, and with a right checksum where the observer minds checksums. Only what
/// an observer needs that counts; everything else is read from the frame again, on demand.
#[derive(Debug, Clone, Copy)]
pub struct PlainFacts<'a> {
    /// Its number.
    pub number: FrameNumber,
    /// The record itself.
    pub stored: &'a Stored,
    /// When the capture's first frame was recorded.
    pub start: &'a Timestamp,
    /// The bytes that the frame's stand among.
    pub(crate) bytes: &'a [u8],
    pub(crate) plain: &'a Plain,
    pub(crate) common: &'a CommonFrame,
    pub(crate) flow: &'a Flow,
    pub(crate) brief: &'a Brief,
}

impl<'a> PlainFacts<'a> {
    /// The frame.
    #[inline]
    pub fn frame(self) -> Frame<'a> {
        self.stored.frame(self.number, self.bytes)
    }

    /// When it was recorded, in nanoseconds: plain segments have a time that 64 bits can hold.
    #[inline]
    pub fn nanos(self) -> i64 {
        self.plain.time
    }

    /// Its stream. Wireshark: `tcp.stream`.
    #[inline]
    pub fn stream(self) -> StreamId {
        self.plain.stream
    }

    /// Which half of it.
    #[inline]
    pub fn direction(self) -> Direction {
        self.plain.direction
    }

    /// Raw sequence number. Wireshark: `tcp.seq_raw`.
    #[inline]
    pub fn seq_raw(self) -> SeqNumber {
        self.plain.seq_raw
    }

    /// Sequence number relative to its half's base. Wireshark: `tcp.seq`.
    #[inline]
    pub fn seq_rel(self) -> u32 {
        self.plain.seq_rel
    }

    /// Acknowledgment number relative to the other half's base. Wireshark: `tcp.ack`.
    #[inline]
    pub fn ack_rel(self) -> u32 {
        self.plain.ack_rel
    }

    /// Raw acknowledgment number. Wireshark: `tcp.ack_raw`.
    #[inline]
    pub fn ack_raw(self) -> SeqNumber {
        self.plain.ack_raw
    }

    /// The flags: ACK, perhaps FIN, and neither SYN nor RST.
    #[inline]
    pub fn flags(self) -> TcpFlags {
        self.plain.flags
    }

    /// Payload bytes. Wireshark: `tcp.len`.
    #[inline]
    pub fn payload_len(self) -> u32 {
        self.plain.payload_len
    }

    /// Sender and receiver.
    #[inline]
    pub fn endpoints(self) -> Option<(Endpoint, Endpoint)> {
        self.flow.endpoints()
    }

    /// Since the capture's first frame. Wireshark: `frame.time_relative`.
    #[inline]
    pub fn time_relative(self) -> TimeDelta {
        self.stored.timestamp - *self.start
    }

    /// Everything that its header says.
    #[inline(never)]
    pub fn segment(self) -> Segment {
        let mut segment = Segment::blank();
        // Plain segments have a flow that tells their endpoints.
        let _ = self.brief.write(&self.frame(), *self.common, self.flow, &mut segment);
        segment
    }

    /// Of the analysis: its place, its relative numbers, and that there is no verdict.
    #[inline(never)]
    pub fn analysis(self) -> SegmentAnalysis {
        let Plain { stream, direction, seq_rel, ack_rel, .. } = *self.plain;
        let mut analysis = SegmentAnalysis::blank(stream, direction);
        (analysis.seq_rel, analysis.ack_rel) = (seq_rel, ack_rel);
        analysis
    }

    /// The payload.
    #[inline]
    pub fn payload(self) -> &'a [u8] {
        let segment = self.common.segment(&self.frame());
        segment.get(usize::from(self.common.tcp_len())..).unwrap_or_default()
    }
}
