//! L2TP (RFC 2661, RFC 3931).

use crate::wire::Protocol;
use crate::wire::decoder::{Next, Step, Walk};
use crate::wire::span::Span;

/// Bits of the first two bytes.
const CONTROL: u16 = 0x8000;
const LENGTH: u16 = 0x4000;
const SEQUENCE: u16 = 0x0800;
const OFFSET: u16 = 0x0200;

/// L2TP over UDP: version 2 data messages carry PPP.
pub(in crate::wire) fn decode<'a>(walk: &mut Walk<'_, 'a>, span: Span<'a>) -> Step<'a> {
    let Some(flags) = span.u16(0) else {
        return walk.layer(Protocol::L2tp, span, 6).and(None);
    };
    let mut header_len = 6;
    let mut span = span;
    if flags & LENGTH != 0 {
        header_len += 2;
        span = span.limit(u32::from(span.u16(2).unwrap_or(u16::MAX)));
    }
    if flags & SEQUENCE != 0 {
        header_len += 4;
    }
    if flags & OFFSET != 0 {
        header_len += 2 + u32::from(span.u16(header_len as usize).unwrap_or(0));
    }
    let payload = walk.layer(Protocol::L2tp, span, header_len)?;
    let carries_ppp = flags & CONTROL == 0 && flags & 0x0f == 2;
    (carries_ppp && payload.wire_len > 0).then_some((Next::Ppp, payload))
}

/// L2TPv3 directly over IP: a session identifier; what follows is agreed on beforehand.
pub(in crate::wire) fn decode_v3_ip<'a>(walk: &mut Walk<'_, 'a>, span: Span<'a>) -> Step<'a> {
    walk.layer(Protocol::L2tp, span, 4).and(None)
}
