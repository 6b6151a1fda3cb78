//! The header that Juniper routers put in front of what they record.

use crate::wire::decoder::{Next, Step, Walk};
use crate::wire::span::Span;
use crate::wire::{Protocol, StopReason};

/// First bytes of the header.
const MAGIC: [u8; 3] = *b"MGC";
/// No link layer was recorded; a protocol number says what follows.
const FLAG_NO_LINK_LAYER: u8 = 0x02;
/// Extensions follow.
const FLAG_EXTENSIONS: u8 = 0x80;

/// Decodes the header and goes on as the link type or the header says.
pub(super) fn decode<'a>(walk: &mut Walk<'_, 'a>, link_type: u16, span: Span<'a>) -> Step<'a> {
    if span.array(0) != Some(MAGIC) {
        let how = StopReason::Malformed("does not start with Juniper's magic number");
        walk.layer(Protocol::Juniper, span, 4)?;
        return walk.stop(Protocol::Juniper, span, how);
    }
    let flags = span.u8(3).unwrap_or(0);
    let header_len =
        if flags & FLAG_EXTENSIONS != 0 { 6 + u32::from(span.u16(4).unwrap_or(0)) } else { 4 };
    if flags & FLAG_NO_LINK_LAYER != 0 {
        let payload = walk.layer(Protocol::Juniper, span, header_len + 4)?;
        let number = u32::from_le_bytes(span.array(header_len as usize)?);
        return Some((by_protocol(number)?, payload));
    }
    let payload = walk.layer(Protocol::Juniper, span, header_len)?;
    let next = match link_type {
        178 => Next::Ethernet,
        // Two bytes of framing in front of PPP.
        179 => return (payload.wire_len > 2).then_some((Next::BarePpp, payload.skip(2))),
        183 => Next::Ipv4,
        180 => Next::FrameRelay,
        181 => Next::CiscoHdlc,
        _ => return None,
    };
    (payload.wire_len > 0).then_some((next, payload))
}

/// Juniper's own numbers for what follows its header.
fn by_protocol(number: u32) -> Option<Next> {
    Some(match number {
        2 | 3 => Next::Ipv4,
        6 | 7 => Next::Ipv6,
        4 | 5 | 8 | 32 => Next::NetworkType(0x8847),
        200 => Next::Ppp,
        202 | 203 => Next::Llc,
        204 => Next::Ethernet,
        207 => Next::FrameRelay,
        208 => Next::CiscoHdlc,
        _ => return None,
    })
}
