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

impl LinkType {
    /// Bytes at the start of each record that the recorder added: Wireshark counts them
    /// neither in `frame.len` nor in `frame.cap_len` (direction, channel, ATM circuit).
    pub const fn pseudo_header_len(self) -> u32 {
        match self.0 {
            // Ethernet, raw IP and the like first: this is asked for every frame.
            ..=122 => 0,
            204 => 1,                   // PPP with direction
            245 => 2,                   // NFC LLCP
            123 | 139 | 201 | 254 => 4, // SunATM, MTP2, Bluetooth H4, Bluetooth monitor
            196 | 209 => 5,             // SITA, I2C
            144 | 177 => 16,            // IrDA, LAPD
            _ => 0,
        }
    }
}

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
    /// Bytes that were on the wire, without the link type's pseudo-header; larger than
    /// [`Self::captured_len`] when a snaplen cut the frame. Wireshark field: `frame.len`.
    pub wire_len: u32,
    /// Link type of the recording interface.
    pub link_type: LinkType,
    /// The recording interface.
    pub interface: InterfaceId,
    /// The bytes that were stored, with the link type's pseudo-header.
    pub bytes: &'a [u8],
}

/// A frame whose bytes stand among those of others: all but its number, which follows from its
/// place.
#[derive(Debug, Clone, Copy)]
pub struct Stored {
    /// When it was recorded.
    pub timestamp: Timestamp,
    /// Where its bytes begin.
    pub at: u32,
    /// How many there are.
    pub captured_len: u32,
    /// See [`Frame::wire_len`].
    pub wire_len: u32,
    /// The recording interface.
    pub interface: InterfaceId,
    /// Its link type.
    pub link_type: LinkType,
}

impl Stored {
    /// The frame; `bytes` are those that it stands among.
    #[inline(always)]
    pub fn frame<'a>(&self, number: FrameNumber, bytes: &'a [u8]) -> Frame<'a> {
        let (from, len) = (self.at as usize, self.captured_len as usize);
        Frame {
            number,
            timestamp: self.timestamp,
            wire_len: self.wire_len,
            link_type: self.link_type,
            interface: self.interface,
            bytes: bytes.get(from..from + len).unwrap_or_default(),
        }
    }
}

impl Frame<'_> {
    /// Bytes stored in the capture, without the link type's pseudo-header.
    /// Wireshark field: `frame.cap_len`.
    pub fn captured_len(&self) -> u32 {
        let stored = u32::try_from(self.bytes.len()).unwrap_or(u32::MAX);
        stored.saturating_sub(self.link_type.pseudo_header_len())
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
