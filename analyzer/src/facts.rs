//! Everything that one pass knows about one frame: the input of filters, Info texts and
//! observers.

use crate::frame::Frame;
use crate::tcp::{Segment, SegmentAnalysis};
use crate::time::TimeDelta;
use crate::wire::Decoded;

/// A frame, its layers, and, when it carries TCP, the segment and the verdict on it.
#[derive(Debug, Clone)]
pub struct FrameFacts<'a> {
    /// The record itself.
    pub frame: Frame<'a>,
    /// Since the capture's first frame. Wireshark: `frame.time_relative`.
    pub time_relative: TimeDelta,
    /// Its layers.
    pub decoded: Decoded<'a>,
    /// The outermost carried TCP segment, when its header could be read.
    pub tcp: Option<TcpFacts<'a>>,
}

/// The TCP part of a frame.
#[derive(Debug, Clone)]
pub struct TcpFacts<'a> {
    /// What the segment says.
    pub segment: Segment,
    /// What the analysis says about it.
    pub analysis: SegmentAnalysis,
    /// The captured payload bytes; shorter than `segment.payload_len` when the frame was cut.
    pub payload: &'a [u8],
}
