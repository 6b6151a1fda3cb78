//! One captured record, before anything in it is understood.
//!
//! A [`Frame`] borrows its bytes from the source that read it and dies at the source's next
//! read, so the hot path copies nothing. Whatever must live longer is copied out by whoever
//! needs it.

use std::fmt;

use crate::time::Timestamp;

/// Position of a frame in its capture, from 1. Wireshark field: `frame.number`.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    serde::Serialize,
    serde::Deserialize,
    schemars::JsonSchema,
)]
#[serde(transparent)]
pub struct FrameNumber(pub u64);

/// What the first byte of a frame is the start of: the LINKTYPE_ value of the file
/// (<https://www.tcpdump.org/linktypes.html>), for example 1 for Ethernet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct LinkType(pub u16);

/// Index of the interface that recorded a frame, counted over the whole capture (0 in
/// classic pcap). Points into [`crate::source::FrameSource::interfaces`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InterfaceId(pub u32);

/// One record of a capture.
#[derive(Debug, Clone, Copy)]
pub struct Frame<'a> {
    /// Position in the capture, from 1.
    pub number: FrameNumber,
    /// When it was recorded; the epoch when the record has no time (pcapng simple packets).
    pub timestamp: Timestamp,
    /// Bytes that were on the wire; larger than `bytes.len()` when a snaplen cut the frame.
    /// Wireshark field: `frame.len`.
    pub wire_len: u32,
    /// Link type of the recording interface.
    pub link_type: LinkType,
    /// The recording interface.
    pub interface: InterfaceId,
    /// The bytes that were stored.
    pub bytes: &'a [u8],
}

impl Frame<'_> {
    /// Bytes stored in the capture. Wireshark field: `frame.cap_len`.
    pub fn captured_len(&self) -> u32 {
        u32::try_from(self.bytes.len()).unwrap_or(u32::MAX)
    }

    /// True when a snaplen cut the frame.
    pub fn is_truncated(&self) -> bool {
        self.captured_len() < self.wire_len
    }
}

impl fmt::Display for FrameNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
