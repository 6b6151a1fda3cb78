//! IEEE 802.2 logical link control and SNAP.

use crate::wire::Protocol;
use crate::wire::decoder::{Next, Step, Walk};
use crate::wire::span::Span;

/// The service access point of SNAP.
const SNAP: u8 = 0xaa;
/// The service access point of IP (RFC 948).
const IP: u8 = 0x06;

/// Decodes an LLC header and, with SNAP, the protocol number after it.
pub(in crate::wire) fn decode<'a>(walk: &mut Walk<'_, 'a>, span: Span<'a>) -> Step<'a> {
    let (Some(destination), Some(source), Some(control)) = (span.u8(0), span.u8(1), span.u8(2))
    else {
        return walk.layer(Protocol::Llc, span, 3).and(None);
    };
    // Only unnumbered frames have a control field of one byte.
    let control_len = if control & 3 == 3 { 1 } else { 2 };
    let is_unnumbered_information = control == 3;
    if destination == SNAP && source == SNAP {
        return decode_snap(walk, span, 2 + control_len);
    }
    let payload = walk.layer(Protocol::Llc, span, 2 + control_len)?;
    match destination {
        IP if is_unnumbered_information && payload.wire_len > 0 => Some((Next::Ipv4, payload)),
        _ => None,
    }
}

fn decode_snap<'a>(walk: &mut Walk<'_, 'a>, span: Span<'a>, at: u32) -> Step<'a> {
    let payload = walk.layer(Protocol::Llc, span, at + 5)?;
    after_snap(payload, span.array(at as usize)?, span.u16(at as usize + 3)?)
}

/// What follows a SNAP header.
pub(super) fn after_snap(payload: Span<'_>, organisation: [u8; 3], kind: u16) -> Step<'_> {
    if payload.wire_len == 0 {
        return None;
    }
    match (organisation, kind) {
        // RFC 1042, and the bridge tunnel of IEEE 802.1H.
        ([0, 0, 0 | 0xf8], _) => Some((Next::NetworkType(kind), payload)),
        // Bridged Ethernet (RFC 2684): two bytes of padding in front.
        ([0, 0x80, 0xc2], 1 | 7) => Some((Next::Ethernet, payload.skip(2))),
        _ => None,
    }
}
