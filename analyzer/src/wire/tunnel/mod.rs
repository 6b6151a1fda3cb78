//! Packets in packets.

use super::Protocol;
use super::decoder::{Next, Step, Walk};
use super::span::Span;

pub(super) mod gre;
pub(super) mod gtp;
pub(super) mod l2tp;
pub(super) mod over_udp;

#[cfg(test)]
mod tests;

/// EtherIP (RFC 3378): an Ethernet frame in an IP packet.
pub(super) fn decode_ether_ip<'a>(walk: &mut Walk<'_, 'a>, span: Span<'a>) -> Step<'a> {
    let payload = walk.layer(Protocol::EtherIp, span, 2)?;
    (payload.wire_len > 0).then_some((Next::Ethernet, payload))
}

/// TRILL (RFC 6325): six bytes, options, then an Ethernet frame.
pub(super) fn decode_trill<'a>(walk: &mut Walk<'_, 'a>, span: Span<'a>) -> Step<'a> {
    let words = span.u16(0).map_or(0, |field| u32::from(field >> 6 & 0x1f));
    let payload = walk.layer(Protocol::Trill, span, 6 + words * 4)?;
    (payload.wire_len > 0).then_some((Next::Ethernet, payload))
}

/// Network service header (RFC 8300).
pub(super) fn decode_nsh<'a>(walk: &mut Walk<'_, 'a>, span: Span<'a>) -> Step<'a> {
    let words = span.u8(1).unwrap_or(0) & 0x3f;
    let payload = walk.layer(Protocol::Nsh, span, (u32::from(words) * 4).max(8))?;
    by_next_protocol(span.u8(3)?, payload)
}

/// The numbers that NSH and VXLAN-GPE share for what they carry.
fn by_next_protocol(number: u8, payload: Span<'_>) -> Step<'_> {
    let next = match number {
        1 => Next::Ipv4,
        2 => Next::Ipv6,
        3 => Next::Ethernet,
        4 => Next::NetworkType(0x894f),
        5 => Next::NetworkType(0x8847),
        _ => return None,
    };
    (payload.wire_len > 0).then_some((next, payload))
}

/// PIM (RFC 7761): a register message carries the packet that started a group's traffic.
pub(super) fn decode_pim<'a>(walk: &mut Walk<'_, 'a>, span: Span<'a>) -> Step<'a> {
    const REGISTER: u8 = 0x21;
    if span.u8(0) != Some(REGISTER) {
        return walk.layer(Protocol::Pim, span, 4).and(None);
    }
    let payload = walk.layer(Protocol::Pim, span, 8)?;
    (payload.wire_len > 0).then_some((Next::AnyIp, payload))
}
