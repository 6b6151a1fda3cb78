//! GRE (RFC 2784, 2890), version 0 and, for PPTP, version 1 (RFC 2637), and ERSPAN in it.

use crate::wire::Protocol;
use crate::wire::decoder::{Next, Step, Walk};
use crate::wire::link::wlan::ByteOrder;
use crate::wire::span::Span;

/// Checksum present or routing present: four bytes more.
const CHECKSUM_OR_ROUTING: u16 = 0xc000;
const ROUTING: u16 = 0x4000;
const KEY: u16 = 0x2000;
const SEQUENCE: u16 = 0x1000;
/// Of version 1 only.
const ACKNOWLEDGMENT: u16 = 0x0080;

/// Decodes a GRE header and goes on with what it carries.
pub(in crate::wire) fn decode<'a>(walk: &mut Walk<'_, 'a>, span: Span<'a>) -> Step<'a> {
    let (Some(flags), Some(kind)) = (span.u16(0), span.u16(2)) else {
        return walk.layer(Protocol::Gre, span, 4).and(None);
    };
    let header_len = header_len(span, flags);
    let payload = walk.layer(Protocol::Gre, span, header_len)?;
    if payload.wire_len == 0 {
        return None;
    }
    match kind {
        0x88be => decode_erspan(walk, payload, flags & SEQUENCE != 0),
        _ => decode_payload(walk, kind, payload),
    }
}

/// Goes on with what GRE's protocol number announces.
pub(in crate::wire) fn decode_payload<'a>(
    walk: &mut Walk<'_, 'a>,
    kind: u16,
    payload: Span<'a>,
) -> Step<'a> {
    match kind {
        0x6558 | 0x6400 => Some((Next::Ethernet, payload)),
        0x0800 | 0x86dd | 0x0806 | 0x8847 | 0x8848 | 0x8909 | 0x894f => {
            Some((Next::NetworkType(kind), payload))
        }
        0x880b => Some((Next::Ppp, payload)),
        0x6559 => Some((Next::FrameRelay, payload)),
        0x8200..=0x8370 if kind & 0x0f == 0 => Some((Next::Wlan(ByteOrder::Standard), payload)),
        0x883e => after_redirect(payload),
        0x22eb => decode_erspan_3(walk, payload),
        _ => None,
    }
}

fn header_len(span: Span<'_>, flags: u16) -> u32 {
    let optional = [CHECKSUM_OR_ROUTING, KEY, SEQUENCE, ACKNOWLEDGMENT];
    let present = optional.into_iter().filter(|mask| flags & mask != 0).count();
    let mut len = 4 + 4 * u32::try_from(present).unwrap_or(0);
    if flags & ROUTING != 0 {
        // Source routes: family, offset, length, that many bytes; a zero length ends them.
        while let Some(entry_len) = span.u8(len as usize + 3) {
            let is_last = span.u16(len as usize) == Some(0) && entry_len == 0;
            len += 4 + u32::from(entry_len);
            if is_last {
                break;
            }
        }
    }
    len
}

/// A packet that a router redirected with WCCP: version 2 puts four bytes in front.
fn after_redirect(payload: Span<'_>) -> Step<'_> {
    let is_bare = payload.u8(0)? >> 4 == 4;
    Some((Next::Ipv4, if is_bare { payload } else { payload.skip(4) }))
}

/// ERSPAN types I (nothing) and II (eight bytes in front of the mirrored frame).
fn decode_erspan<'a>(walk: &mut Walk<'_, 'a>, span: Span<'a>, has_header: bool) -> Step<'a> {
    let inner = walk.layer(Protocol::Erspan, span, if has_header { 8 } else { 0 })?;
    (inner.wire_len > 0).then_some((Next::Ethernet, inner))
}

/// ERSPAN type III: twelve bytes, eight more with the last bit.
fn decode_erspan_3<'a>(walk: &mut Walk<'_, 'a>, span: Span<'a>) -> Step<'a> {
    let has_platform = span.u8(11).is_some_and(|byte| byte & 1 != 0);
    let inner = walk.layer(Protocol::Erspan, span, if has_platform { 20 } else { 12 })?;
    (inner.wire_len > 0).then_some((Next::Ethernet, inner))
}
