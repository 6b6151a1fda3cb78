//! The link layers of other buses and rings: token ring, FDDI, ARCNET, ATM, InfiniBand.

use crate::wire::Protocol;
use crate::wire::decoder::{Next, Step, Walk};
use crate::wire::span::Span;

/// Token ring (IEEE 802.5): access and frame control, addresses, perhaps a route.
pub(super) fn decode_token_ring<'a>(walk: &mut Walk<'_, 'a>, span: Span<'a>) -> Step<'a> {
    let (Some(frame_control), Some(source)) = (span.u8(1), span.u8(8)) else {
        return walk.layer(Protocol::TokenRing, span, 14).and(None);
    };
    // The first bit of the source address says that a route follows; its first byte has its
    // length.
    let route = if source & 0x80 != 0 { span.u8(14).unwrap_or(2) & 0x1f } else { 0 };
    let payload = walk.layer(Protocol::TokenRing, span, 14 + u32::from(route))?;
    (frame_control & 0xc0 == 0x40 && payload.wire_len > 0).then_some((Next::Llc, payload))
}

/// FDDI: frame control and addresses.
pub(super) fn decode_fddi<'a>(walk: &mut Walk<'_, 'a>, span: Span<'a>) -> Step<'a> {
    let payload = walk.layer(Protocol::Fddi, span, 13)?;
    let is_llc = span.u8(0).is_some_and(|control| (0x50..=0x5f).contains(&control));
    (is_llc && payload.wire_len > 0).then_some((Next::Llc, payload))
}

/// ARCNET (RFC 1201, RFC 1051): the protocol number stands at `at`, later in the headers that
/// Linux records.
pub(super) fn decode_arcnet<'a>(walk: &mut Walk<'_, 'a>, span: Span<'a>, at: u32) -> Step<'a> {
    let Some(number) = span.u8(at as usize) else {
        return walk.layer(Protocol::Arcnet, span, at + 1).and(None);
    };
    // RFC 1051 has no fragmentation; all others have a split flag and a sequence number.
    let header_len = match number {
        0xf0 | 0xf1 => at + 1,
        _ if span.u8(at as usize + 1) == Some(0xff) => at + 8,
        _ => at + 4,
    };
    let payload = walk.layer(Protocol::Arcnet, span, header_len)?;
    let next = match number {
        0xd4 | 0xf0 => Next::Ipv4,
        0xc4 => Next::Ipv6,
        0xd5 | 0xd6 | 0xf1 => Next::NetworkType(0x0806),
        0xcd => Next::Llc,
        _ => return None,
    };
    (payload.wire_len > 0).then_some((next, payload))
}

/// ATM as SunATM records it: flags and virtual circuit.
pub(super) fn decode_sun_atm<'a>(walk: &mut Walk<'_, 'a>, span: Span<'a>) -> Step<'a> {
    let payload = walk.layer(Protocol::Atm, span, 4)?;
    match span.u8(0)? & 0x0f {
        // LAN emulation: a client number, then Ethernet.
        1 if payload.u16(0) != Some(0xff00) => {
            let inner = walk.layer(Protocol::Lane, payload, 2)?;
            Some((Next::Ethernet, inner))
        }
        2 => Some((Next::Llc, payload)),
        _ if payload.array(0) == Some([0xaa, 0xaa, 0x03]) => Some((Next::Llc, payload)),
        _ => None,
    }
}

/// IP over InfiniBand (RFC 4391) behind a global routing header.
pub(super) fn decode_infiniband<'a>(walk: &mut Walk<'_, 'a>, span: Span<'a>) -> Step<'a> {
    let payload = walk.layer(Protocol::IpOverInfiniband, span, 44)?;
    let kind = span.u16(40)?;
    (payload.wire_len > 0).then_some((Next::NetworkType(kind), payload))
}
