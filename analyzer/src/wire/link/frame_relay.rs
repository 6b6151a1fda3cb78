//! Frame relay (RFC 2427), the encapsulation that Wireshark assumes by default.

use crate::wire::Protocol;
use crate::wire::decoder::{Next, Step, Walk};
use crate::wire::span::Span;

/// Decodes address, control and network layer protocol number.
pub(in crate::wire) fn decode<'a>(walk: &mut Walk<'_, 'a>, span: Span<'a>) -> Step<'a> {
    // Address bytes go on until one has its last bit set.
    let Some(address_len) =
        (2..=4_u32).find(|&len| span.u8(len as usize - 1).is_some_and(|byte| byte & 1 != 0))
    else {
        return walk.layer(Protocol::FrameRelay, span, 4).and(None);
    };
    const UNNUMBERED_INFORMATION: u8 = 0x03;
    if span.u8(address_len as usize) != Some(UNNUMBERED_INFORMATION) {
        return decode_ether_type(walk, span, address_len);
    }
    let padding = u32::from(span.u8(address_len as usize + 1) == Some(0));
    let header_len = address_len + padding + 2;
    let Some(number) = span.u8(header_len as usize - 1) else {
        return walk.layer(Protocol::FrameRelay, span, header_len).and(None);
    };
    let next = match number {
        0xcc => Next::Ipv4,
        0x8e => Next::Ipv6,
        0xcf => Next::BarePpp,
        0x80 => return decode_snap(walk, span, header_len),
        _ => return walk.layer(Protocol::FrameRelay, span, header_len).and(None),
    };
    let payload = walk.layer(Protocol::FrameRelay, span, header_len)?;
    (payload.wire_len > 0).then_some((next, payload))
}

/// An EtherType after the address, as Cisco has it.
fn decode_ether_type<'a>(walk: &mut Walk<'_, 'a>, span: Span<'a>, at: u32) -> Step<'a> {
    let payload = walk.layer(Protocol::FrameRelay, span, at + 2)?;
    let kind = span.u16(at as usize)?;
    (kind >= 0x0600 && payload.wire_len > 0).then_some((Next::NetworkType(kind), payload))
}

/// Organisation and protocol number, as in LLC's SNAP.
fn decode_snap<'a>(walk: &mut Walk<'_, 'a>, span: Span<'a>, at: u32) -> Step<'a> {
    let payload = walk.layer(Protocol::FrameRelay, span, at + 5)?;
    let (organisation, kind) = (span.array(at as usize)?, span.u16(at as usize + 3)?);
    if organisation == [0, 0x80, 0xc2] && matches!(kind, 1 | 7) && payload.wire_len > 0 {
        // Without LLC there is no padding in front of a bridged frame.
        return Some((Next::Ethernet, payload));
    }
    super::llc::after_snap(payload, organisation, kind)
}
