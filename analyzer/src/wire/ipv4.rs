//! IPv4 (RFC 791): where its payload starts and ends, and its fragments.
//!
//! Lengths that contradict each other are read as Wireshark reads them: a header or total
//! length that is too small ends the walk, a total length of zero means "as long as the
//! frame" (segmentation offload), one beyond the end of the frame is ignored.

use std::net::Ipv4Addr;

use etherparse::ip_number;

use super::decoder::{Next, Step, Walk};
use super::fragments::{FragmentKey, Piece};
use super::ip_protocol;
use super::span::Span;
use super::{Layer, Protocol, StopReason};

/// Header bytes without options.
const MIN_HEADER: u32 = 20;
/// The "more fragments" bit of the flags and offset field.
const MORE_FRAGMENTS: u16 = 0x2000;
/// The offset's bits in that field; it counts units of 8 bytes.
const OFFSET_MASK: u16 = 0x1fff;

/// An IPv4 header of which at least the first 20 bytes were captured; no getter fails.
#[derive(Debug, Clone, Copy)]
pub struct Ipv4View<'a>(&'a [u8; MIN_HEADER as usize]);

impl<'a> Ipv4View<'a> {
    /// From a layer; `None` when it is not IPv4 or its header was cut.
    #[inline]
    pub fn from_layer(layer: &Layer<'a>) -> Option<Self> {
        if layer.protocol == Protocol::Ipv4 { layer.bytes.first_chunk().map(Self) } else { None }
    }

    /// From the bytes of a header.
    #[inline]
    pub(super) const fn of(header: &'a [u8; MIN_HEADER as usize]) -> Self {
        Self(header)
    }

    /// Wireshark: `ip.version`.
    pub fn version(&self) -> u8 {
        self.0[0] >> 4
    }

    /// Header bytes with options, 0 to 60. Wireshark: `ip.hdr_len`.
    pub fn header_len(&self) -> u8 {
        (self.0[0] & 0x0f) * 4
    }

    /// Wireshark: `ip.dsfield`.
    pub fn traffic_class(&self) -> u8 {
        self.0[1]
    }

    /// Wireshark: `ip.dsfield.dscp`.
    pub fn dscp(&self) -> u8 {
        self.0[1] >> 2
    }

    /// Wireshark: `ip.dsfield.ecn`.
    pub fn ecn(&self) -> u8 {
        self.0[1] & 3
    }

    /// Header and payload in bytes, as the header says. Wireshark: `ip.len`.
    pub fn total_len(&self) -> u16 {
        u16::from_be_bytes([self.0[2], self.0[3]])
    }

    /// Wireshark: `ip.id`.
    pub fn id(&self) -> u16 {
        u16::from_be_bytes([self.0[4], self.0[5]])
    }

    /// The three flag bits: 4 reserved, 2 don't fragment, 1 more fragments.
    /// Wireshark: `ip.flags`.
    pub fn flags(&self) -> u8 {
        self.0[6] >> 5
    }

    /// Of this fragment in its datagram's payload, in bytes. Wireshark: `ip.frag_offset`.
    pub fn fragment_offset(&self) -> u16 {
        (u16::from_be_bytes([self.0[6], self.0[7]]) & OFFSET_MASK) * 8
    }

    /// True for a fragment of a datagram.
    #[inline]
    pub fn is_fragment(&self) -> bool {
        u16::from_be_bytes([self.0[6], self.0[7]]) & (MORE_FRAGMENTS | OFFSET_MASK) != 0
    }

    /// True when a later fragment of the datagram exists. Wireshark: `ip.flags.mf`.
    #[inline]
    pub fn has_more_fragments(&self) -> bool {
        self.0[6] & 0x20 != 0
    }

    /// Wireshark: `ip.ttl`.
    pub fn ttl(&self) -> u8 {
        self.0[8]
    }

    /// Wireshark: `ip.proto`.
    pub fn protocol(&self) -> u8 {
        self.0[9]
    }

    /// Wireshark: `ip.checksum`.
    pub fn checksum(&self) -> u16 {
        u16::from_be_bytes([self.0[10], self.0[11]])
    }

    /// Wireshark: `ip.src`.
    #[inline]
    pub fn source(&self) -> Ipv4Addr {
        Ipv4Addr::new(self.0[12], self.0[13], self.0[14], self.0[15])
    }

    /// Wireshark: `ip.dst`.
    #[inline]
    pub fn destination(&self) -> Ipv4Addr {
        Ipv4Addr::new(self.0[16], self.0[17], self.0[18], self.0[19])
    }

    /// Source and destination as they stand in the header.
    #[inline]
    pub(crate) fn address_bytes(&self) -> &'a [u8; 8] {
        let [_, _, _, _, _, _, _, _, _, _, _, _, addresses @ ..] = self.0;
        addresses
    }
}

/// Decodes a packet that the layer above called IPv4. Version 6 is tolerated, as in Wireshark.
#[inline]
pub(super) fn decode<'a>(walk: &mut Walk<'_, 'a>, span: Span<'a>) -> Step<'a> {
    let Some(fixed) = span.array::<20>(0) else {
        return walk.layer(Protocol::Ipv4, span, MIN_HEADER).and(None);
    };
    let [version_ihl, _, length_0, length_1, _, _, flags_0, flags_1, _, protocol, ..] = fixed;
    let header_len = u32::from(version_ihl & 0x0f) * 4;
    if version_ihl >> 4 != 4 || header_len < MIN_HEADER {
        return decode_odd_version(walk, span, version_ihl);
    }
    let total_len = u32::from(u16::from_be_bytes([length_0, length_1]));
    let span = if total_len >= header_len {
        span.limit(total_len)
    } else if total_len == 0 {
        span
    } else {
        return walk.malformed(
            Protocol::Ipv4,
            span,
            header_len,
            "total length below header length",
        );
    };
    let payload = walk.layer(Protocol::Ipv4, span, header_len)?;
    let flags = u16::from_be_bytes([flags_0, flags_1]);
    if flags & (MORE_FRAGMENTS | OFFSET_MASK) != 0 {
        return decode_fragment(walk, span, payload, &fixed);
    }
    walk.payload_is_fragment = false;
    if payload.wire_len == 0 {
        return None;
    }
    ip_protocol::decode(walk, protocol, payload)
}

/// Decodes a packet of which only "it is IP" is known.
pub(super) fn decode_any<'a>(walk: &mut Walk<'_, 'a>, span: Span<'a>) -> Step<'a> {
    match span.u8(0).map(|first| first >> 4) {
        Some(4) => Some((Next::Ipv4, span)),
        Some(6) => Some((Next::Ipv6, span)),
        Some(_) => None,
        None => walk.stop(Protocol::Ipv4, span, StopReason::Truncated { needed: 1, captured: 0 }),
    }
}

#[cold]
fn decode_odd_version<'a>(walk: &mut Walk<'_, 'a>, span: Span<'a>, version_ihl: u8) -> Step<'a> {
    match version_ihl >> 4 {
        4 => walk.malformed(Protocol::Ipv4, span, MIN_HEADER, "header length below 20 bytes"),
        6 => {
            walk.layer(Protocol::Ipv4, span, 0)?;
            Some((Next::Ipv6, span))
        }
        _ => walk.malformed(Protocol::Ipv4, span, 1, "version is neither 4 nor 6"),
    }
}

/// True for addresses that several networks may use at once. Wireshark joins their fragments
/// only within one VLAN.
fn is_local(address: Ipv4Addr) -> bool {
    address.is_private() || address.is_link_local()
}

/// A fragment: kept until its datagram is complete; the completing one goes on with the whole.
#[cold]
fn decode_fragment<'a>(
    walk: &mut Walk<'_, 'a>,
    span: Span<'a>,
    payload: Span<'a>,
    fixed: &[u8; 20],
) -> Step<'a> {
    let [_, _, length_0, length_1, id_0, id_1, flags_0, flags_1, _, protocol, _, _, rest @ ..] =
        *fixed;
    let flags = u16::from_be_bytes([flags_0, flags_1]);
    let offset = u32::from(flags & OFFSET_MASK) * 8;
    let declared = u32::from(u16::from_be_bytes([length_0, length_1]));
    let has_all = payload.captured() > 0
        && payload.captured() == payload.wire_len
        && (declared == 0 || declared == span.wire_len);
    if has_all {
        let [s0, s1, s2, s3, d0, d1, d2, d3] = rest;
        let (source, destination) = (Ipv4Addr::new(s0, s1, s2, s3), Ipv4Addr::new(d0, d1, d2, d3));
        let key = FragmentKey {
            vlan: if is_local(source) || is_local(destination) { walk.vlan() } else { 0 },
            source: source.into(),
            destination: destination.into(),
            id: u32::from(u16::from_be_bytes([id_0, id_1])),
            protocol,
        };
        let piece = Piece { offset, bytes: payload.bytes, is_last: flags & MORE_FRAGMENTS == 0 };
        let whole = walk.reassemble(key, piece, span, Protocol::Ipv4)?;
        return ip_protocol::decode(walk, protocol, whole);
    }
    if offset != 0 {
        return walk.stop(Protocol::Ipv4, span, StopReason::Fragment);
    }
    walk.payload_is_fragment = flags & MORE_FRAGMENTS != 0;
    if payload.wire_len == 0 || protocol == ip_number::IPV6_NO_NEXT_HEADER.0 {
        return None;
    }
    ip_protocol::decode(walk, protocol, payload)
}
