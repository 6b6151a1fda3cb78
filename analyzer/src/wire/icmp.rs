//! ICMP (RFC 792), ICMPv6 (RFC 4443) and IGMP, and the packets that errors quote.

use super::decoder::{Next, Step, Walk};
use super::span::Span;
use super::{Layer, Protocol};

/// Bytes in front of a quoted packet, and of most messages.
const HEADER: u32 = 8;
/// The ICMPv6 type of a redirect.
const REDIRECT: u8 = 137;

/// Type and code of an ICMP, ICMPv6 or IGMP message; no getter fails.
#[derive(Debug, Clone, Copy)]
pub struct IcmpView<'a> {
    bytes: &'a [u8],
    start: &'a [u8; 4],
}

impl<'a> IcmpView<'a> {
    /// From a layer; `None` when it is none of the three or was cut within 4 bytes.
    pub fn from_layer(layer: &Layer<'a>) -> Option<Self> {
        let is_icmp = matches!(layer.protocol, Protocol::Icmp | Protocol::Icmpv6 | Protocol::Igmp);
        if !is_icmp {
            return None;
        }
        layer.bytes.first_chunk().map(|start| Self { bytes: layer.bytes, start })
    }

    /// Wireshark: `icmp.type`, `icmpv6.type`, `igmp.type`.
    pub fn kind(&self) -> u8 {
        self.start[0]
    }

    /// Wireshark: `icmp.code`, `icmpv6.code`; `igmp.max_resp`.
    pub fn code(&self) -> u8 {
        self.start[1]
    }

    /// Wireshark: `icmp.checksum`, `icmpv6.checksum`, `igmp.checksum`.
    pub fn checksum(&self) -> u16 {
        u16::from_be_bytes([self.start[2], self.start[3]])
    }

    /// Identifier and sequence number of an echo message, as captured. Wireshark:
    /// `icmp.ident` and `icmp.seq`, `icmpv6.echo.identifier` and `.sequence_number`.
    pub fn echo(&self) -> Option<(u16, u16)> {
        let &[i0, i1, s0, s1] = self.bytes.get(4..)?.first_chunk()?;
        Some((u16::from_be_bytes([i0, i1]), u16::from_be_bytes([s0, s1])))
    }

    /// Everything after type, code and checksum, as captured.
    pub fn body(&self) -> &'a [u8] {
        self.bytes.get(4..).unwrap_or(&[])
    }
}

/// ICMP: errors go on with the packet that they quote.
pub(super) fn decode_v4<'a>(walk: &mut Walk<'_, 'a>, span: Span<'a>) -> Step<'a> {
    let payload = walk.layer(Protocol::Icmp, span, HEADER)?;
    // Destination unreachable, source quench, redirect, time exceeded, parameter problem.
    match span.u8(0) {
        Some(3 | 4 | 11 | 12) => quote(walk, Next::Ipv4, payload),
        // Of what a redirect quotes, Wireshark reads the IP header and eight bytes more.
        Some(5) => {
            let ip_header = payload.u8(0).map_or(0, |first| u32::from(first & 0x0f) * 4);
            quote(walk, Next::Ipv4, payload.limit(ip_header + 8))
        }
        _ => None,
    }
}

/// ICMPv6: the types below 128 are errors and quote (RFC 4443, section 2.1).
pub(super) fn decode_v6<'a>(walk: &mut Walk<'_, 'a>, span: Span<'a>) -> Step<'a> {
    if span.u8(0) == Some(REDIRECT) {
        return decode_redirect(walk, span);
    }
    let is_error = span.u8(0).is_some_and(|kind| (1..=4).contains(&kind));
    let header_len = if is_error { HEADER } else { 4 };
    let payload = walk.layer(Protocol::Icmpv6, span, header_len)?;
    if is_error { quote(walk, Next::Ipv6, payload) } else { None }
}

/// A redirect (RFC 4861, section 4.5) quotes in an option, after its two addresses.
fn decode_redirect<'a>(walk: &mut Walk<'_, 'a>, span: Span<'a>) -> Step<'a> {
    const REDIRECTED_HEADER: u8 = 4;
    let mut option = walk.layer(Protocol::Icmpv6, span, 40)?;
    while let (Some(kind), Some(units)) = (option.u8(0), option.u8(1)) {
        if units == 0 {
            return None;
        }
        let len = u32::from(units) * 8;
        if kind == REDIRECTED_HEADER {
            return quote(walk, Next::Ipv6, option.limit(len).skip(8));
        }
        option = option.skip(len);
    }
    None
}

/// IGMP, all versions.
pub(super) fn decode_igmp<'a>(walk: &mut Walk<'_, 'a>, span: Span<'a>) -> Step<'a> {
    walk.layer(Protocol::Igmp, span, HEADER).and(None)
}

fn quote<'a>(walk: &mut Walk<'_, 'a>, next: Next, payload: Span<'a>) -> Step<'a> {
    if payload.wire_len == 0 {
        return None;
    }
    walk.is_quoted = true;
    Some((next, payload))
}
