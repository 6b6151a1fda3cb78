//! TCP's header (RFC 9293, section 3.1) as a view.

use super::decoder::{Step, Walk, too_short};
use super::span::Span;
use super::tcp_options::TcpOptions;
use super::{Layer, Protocol, StopReason};

/// Header bytes without options.
pub const MIN_HEADER: usize = 20;

/// Where each field stands, for those who read a header that was cut.
pub mod field {
    use std::ops::Range;

    /// Source port.
    pub const SOURCE_PORT: Range<usize> = 0..2;
    /// Destination port.
    pub const DESTINATION_PORT: Range<usize> = 2..4;
    /// Sequence number.
    pub const SEQUENCE: Range<usize> = 4..8;
    /// Acknowledgment number.
    pub const ACKNOWLEDGMENT: Range<usize> = 8..12;
    /// Data offset (4 bits), reserved (3), flags (9).
    pub const OFFSET_FLAGS: Range<usize> = 12..14;
    /// Window.
    pub const WINDOW: Range<usize> = 14..16;
    /// Checksum.
    pub const CHECKSUM: Range<usize> = 16..18;
    /// Urgent pointer.
    pub const URGENT: Range<usize> = 18..20;
}

/// A TCP header of which at least the first 20 bytes were captured; no getter fails.
#[derive(Debug, Clone, Copy)]
pub struct TcpView<'a> {
    fixed: &'a [u8; MIN_HEADER],
    rest: &'a [u8],
}

impl<'a> TcpView<'a> {
    /// From bytes that start with a TCP header; `None` below 20 bytes.
    #[inline]
    pub fn new(bytes: &'a [u8]) -> Option<Self> {
        let (fixed, rest) = bytes.split_first_chunk()?;
        Some(Self { fixed, rest })
    }

    /// From a layer; `None` when it is not TCP or its header was cut.
    #[inline]
    pub fn from_layer(layer: &Layer<'a>) -> Option<Self> {
        if layer.protocol == Protocol::Tcp { Self::new(layer.bytes) } else { None }
    }

    /// Wireshark: `tcp.srcport`.
    #[inline]
    pub fn source_port(&self) -> u16 {
        u16::from_be_bytes([self.fixed[0], self.fixed[1]])
    }

    /// Wireshark: `tcp.dstport`.
    #[inline]
    pub fn destination_port(&self) -> u16 {
        u16::from_be_bytes([self.fixed[2], self.fixed[3]])
    }

    /// Wireshark: `tcp.seq_raw`.
    #[inline]
    pub fn sequence(&self) -> u32 {
        u32::from_be_bytes([self.fixed[4], self.fixed[5], self.fixed[6], self.fixed[7]])
    }

    /// Wireshark: `tcp.ack_raw`.
    #[inline]
    pub fn acknowledgment(&self) -> u32 {
        u32::from_be_bytes([self.fixed[8], self.fixed[9], self.fixed[10], self.fixed[11]])
    }

    /// Header bytes that the data offset declares, 0 to 60. Below 20 is malformed.
    /// Wireshark: `tcp.hdr_len`.
    #[inline]
    pub fn header_len(&self) -> u8 {
        (self.fixed[12] >> 4) * 4
    }

    /// The twelve bits after the data offset. Wireshark: `tcp.flags`.
    #[inline]
    pub fn flags(&self) -> u16 {
        u16::from_be_bytes([self.fixed[12], self.fixed[13]]) & 0x0fff
    }

    /// Wireshark: `tcp.window_size_value`.
    #[inline]
    pub fn window(&self) -> u16 {
        u16::from_be_bytes([self.fixed[14], self.fixed[15]])
    }

    /// Wireshark: `tcp.checksum`.
    #[inline]
    pub fn checksum(&self) -> u16 {
        u16::from_be_bytes([self.fixed[16], self.fixed[17]])
    }

    /// Wireshark: `tcp.urgent_pointer`.
    #[inline]
    pub fn urgent(&self) -> u16 {
        u16::from_be_bytes([self.fixed[18], self.fixed[19]])
    }

    /// The captured option bytes; fewer than the header length says when the frame was cut.
    #[inline]
    pub fn option_bytes(&self) -> &'a [u8] {
        let declared = usize::from(self.header_len()).saturating_sub(MIN_HEADER);
        self.rest.get(..declared).unwrap_or(self.rest)
    }

    /// The options, in wire order.
    #[inline]
    pub fn options(&self) -> TcpOptions<'a> {
        TcpOptions::new(self.option_bytes())
    }
}

/// Notes the TCP layer; TCP is where decoding ends.
#[inline]
pub(super) fn decode<'a>(walk: &mut Walk<'_, 'a>, span: Span<'a>) -> Step<'a> {
    const MIN: u32 = MIN_HEADER as u32;
    // The data offset counts as soon as it is there, even when the header is cut after it.
    let declared = span.u8(12).map_or(MIN, |byte| u32::from(byte >> 4) * 4);
    if span.captured() < MIN {
        walk.layer(Protocol::Tcp, span, declared);
        let reason = too_short(span, declared.max(MIN));
        return walk.stop(Protocol::Tcp, span, reason);
    }
    walk.layer(Protocol::Tcp, span, declared)?;
    if declared < MIN {
        let how = StopReason::Malformed("data offset below 20 bytes");
        return walk.stop(Protocol::Tcp, span, how);
    }
    None
}
