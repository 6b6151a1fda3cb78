//! GTP's user plane (3GPP TS 29.281, TS 29.060): packets of mobile subscribers.

use crate::wire::Protocol;
use crate::wire::decoder::{Next, Step, Walk};
use crate::wire::span::Span;

/// The message type that carries a user's packet.
const USER_PACKET: u8 = 0xff;
/// Extension header, sequence number or N-PDU number present: four bytes more.
const ANY_OPTION: u8 = 0x07;
const EXTENSION: u8 = 0x04;
/// Extension headers followed; more are damage.
const MAX_EXTENSIONS: usize = 32;

/// Decodes a GTP header of version 0 or 1 and goes on with the packet in it.
pub(in crate::wire) fn decode<'a>(walk: &mut Walk<'_, 'a>, span: Span<'a>) -> Step<'a> {
    let (Some(flags), Some(kind)) = (span.u8(0), span.u8(1)) else {
        return walk.layer(Protocol::Gtp, span, 8).and(None);
    };
    let header_len = match flags >> 5 {
        0 => 20,
        1 => header_len(span, flags),
        _ => return walk.layer(Protocol::Gtp, span, 8).and(None),
    };
    // The length counts what follows the part of the header that every message has.
    let fixed_len = if flags >> 5 == 0 { 20 } else { 8 };
    let span = span.limit(fixed_len + u32::from(span.u16(2).unwrap_or(u16::MAX)));
    let payload = walk.layer(Protocol::Gtp, span, header_len)?;
    if kind != USER_PACKET || payload.wire_len == 0 {
        return None;
    }
    // What the session carries is not in the header; like Wireshark, go by its looks.
    match payload.u8(0)? {
        0x45..=0x4e => Some((Next::Ipv4, payload)),
        0x60..=0x6f => Some((Next::Ipv6, payload)),
        _ if matches!(payload.u16(12)?, 0x0800 | 0x0806 | 0x86dd | 0x8100 | 0x88a8) => {
            Some((Next::Ethernet, payload))
        }
        _ => None,
    }
}

fn header_len(span: Span<'_>, flags: u8) -> u32 {
    if flags & ANY_OPTION == 0 {
        return 8;
    }
    let mut len = 12;
    if flags & EXTENSION == 0 {
        return len;
    }
    // Each ends with the type of the next; zero ends the chain.
    for _ in 0..MAX_EXTENSIONS {
        if span.u8(len as usize - 1).unwrap_or(0) == 0 {
            break;
        }
        match span.u8(len as usize) {
            Some(words) if words > 0 => len += u32::from(words) * 4,
            _ => break,
        }
    }
    len
}
