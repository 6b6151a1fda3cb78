//! IPv6 (RFC 8200): its fixed header.

use std::net::Ipv6Addr;

use super::decoder::{Step, Walk};
use super::ip_protocol;
use super::span::Span;
use super::{Layer, Protocol, StopReason};

/// Bytes of the fixed header.
pub(super) const HEADER: u32 = 40;

/// An IPv6 fixed header; no getter fails.
#[derive(Debug, Clone, Copy)]
pub struct Ipv6View<'a>(&'a [u8; HEADER as usize]);

impl<'a> Ipv6View<'a> {
    /// From a layer; `None` when it is not IPv6 or its header was cut.
    #[inline]
    pub fn from_layer(layer: &Layer<'a>) -> Option<Self> {
        if layer.protocol == Protocol::Ipv6 { layer.bytes.first_chunk().map(Self) } else { None }
    }

    /// From the bytes of a header.
    #[inline]
    pub(super) const fn of(header: &'a [u8; 40]) -> Self {
        Self(header)
    }

    /// Wireshark: `ipv6.version`.
    pub fn version(&self) -> u8 {
        self.0[0] >> 4
    }

    /// Wireshark: `ipv6.tclass`.
    pub fn traffic_class(&self) -> u8 {
        self.0[0] << 4 | self.0[1] >> 4
    }

    /// Wireshark: `ipv6.flow`.
    pub fn flow_label(&self) -> u32 {
        u32::from_be_bytes([0, self.0[1] & 0x0f, self.0[2], self.0[3]])
    }

    /// Bytes after the fixed header, as it says. Wireshark: `ipv6.plen`.
    pub fn payload_len(&self) -> u16 {
        u16::from_be_bytes([self.0[4], self.0[5]])
    }

    /// Wireshark: `ipv6.nxt`.
    pub fn next_header(&self) -> u8 {
        self.0[6]
    }

    /// Wireshark: `ipv6.hlim`.
    pub fn hop_limit(&self) -> u8 {
        self.0[7]
    }

    /// Wireshark: `ipv6.src`.
    pub fn source(&self) -> Ipv6Addr {
        self.address::<8>()
    }

    /// Wireshark: `ipv6.dst`.
    pub fn destination(&self) -> Ipv6Addr {
        self.address::<24>()
    }

    /// Source and destination as they stand in the header.
    #[inline]
    pub(super) fn address_bytes(&self) -> &'a [u8; 32] {
        let [_, _, _, _, _, _, _, _, addresses @ ..] = self.0;
        addresses
    }

    fn address<const AT: usize>(&self) -> Ipv6Addr {
        let octets: Option<&[u8; 16]> = self.0.get(AT..).and_then(<[u8]>::first_chunk);
        octets.map_or(Ipv6Addr::UNSPECIFIED, |&octets| octets.into())
    }
}

/// Decodes a packet that the layer above called IPv6.
#[inline]
pub(super) fn decode<'a>(walk: &mut Walk<'_, 'a>, span: Span<'a>) -> Step<'a> {
    let Some([version, _, _, _, length_0, length_1, next_header, _]) = span.array::<8>(0) else {
        return walk.layer(Protocol::Ipv6, span, HEADER).and(None);
    };
    if version >> 4 != 6 {
        // Wireshark does not even call it IPv6.
        return walk.stop(Protocol::Ipv6, span, StopReason::Malformed("version is not 6"));
    }
    let payload_len = u32::from(u16::from_be_bytes([length_0, length_1]));
    // A length of zero is a jumbogram or segmentation offload: as long as the frame.
    let span = if payload_len == 0 { span } else { span.limit(payload_len + HEADER) };
    let payload = walk.layer(Protocol::Ipv6, span, HEADER)?;
    walk.payload_is_fragment = false;
    if payload.wire_len == 0 {
        return None;
    }
    ip_protocol::decode(walk, next_header, payload)
}
