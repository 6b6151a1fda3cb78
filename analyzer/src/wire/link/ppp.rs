//! PPP (RFC 1661) and the framings that lead to it: HDLC-like, PPPoE; and Cisco's HDLC.

use crate::wire::Protocol;
use crate::wire::decoder::{Next, Step, Walk};
use crate::wire::span::Span;

/// Cisco HDLC's addresses, where HDLC-like PPP has 0xff.
const CISCO_ADDRESSES: [u8; 2] = [0x0f, 0x8f];

/// PPP with or without the HDLC-like address and control bytes (RFC 1662).
pub(in crate::wire) fn decode_hdlc<'a>(walk: &mut Walk<'_, 'a>, span: Span<'a>) -> Step<'a> {
    match span.u8(0) {
        Some(address) if CISCO_ADDRESSES.contains(&address) => {
            walk.layer(Protocol::Ppp, span, 0)?;
            decode_cisco_hdlc(walk, span)
        }
        Some(0xff) => decode(walk, span, 2),
        _ => decode(walk, span, 0),
    }
}

/// PPP without framing.
pub(in crate::wire) fn decode_bare<'a>(walk: &mut Walk<'_, 'a>, span: Span<'a>) -> Step<'a> {
    decode(walk, span, 0)
}

/// The protocol field at `at`: one byte when its last bit is set (protocol field compression).
fn decode<'a>(walk: &mut Walk<'_, 'a>, span: Span<'a>, at: u32) -> Step<'a> {
    let Some(first) = span.u8(at as usize) else {
        return walk.layer(Protocol::Ppp, span, at + 2).and(None);
    };
    let (number, len) = if first & 1 != 0 {
        (u16::from(first), 1)
    } else {
        (span.u16(at as usize).unwrap_or(0), 2)
    };
    let payload = walk.layer(Protocol::Ppp, span, at + len)?;
    if payload.wire_len == 0 {
        return None;
    }
    match number {
        0x0021 => Some((Next::Ipv4, payload)),
        0x0800 => Some((Next::Ipv4, payload)),
        0x0031 => decode_bridged(walk, payload),
        0x004b => Some((Next::Llc, payload)),
        0x0057 | 0x86dd => Some((Next::Ipv6, payload)),
        0x0281 | 0x0283 => Some((Next::NetworkType(0x8847), payload)),
        _ => None,
    }
}

/// Bridged frames (RFC 3518): flags, the kind of LAN, perhaps its number.
fn decode_bridged<'a>(walk: &mut Walk<'_, 'a>, span: Span<'a>) -> Step<'a> {
    let has_lan = span.u8(0).is_some_and(|flags| flags & 0x40 != 0);
    let header_len = if has_lan { 6 } else { 2 };
    let payload = walk.layer(Protocol::BridgedPpp, span, header_len)?;
    (span.u8(1) == Some(1)).then_some((Next::Ethernet, payload))
}

/// PPPoE session (RFC 2516): its length field cuts the padding off.
pub(in crate::wire) fn decode_pppoe<'a>(walk: &mut Walk<'_, 'a>, span: Span<'a>) -> Step<'a> {
    let payload = walk.layer(Protocol::PppoeSession, span, 6)?;
    let payload = payload.limit(u32::from(span.u16(4)?));
    (payload.wire_len > 0).then_some((Next::BarePpp, payload))
}

/// Cisco HDLC: address, control, EtherType.
pub(in crate::wire) fn decode_cisco_hdlc<'a>(walk: &mut Walk<'_, 'a>, span: Span<'a>) -> Step<'a> {
    let payload = walk.layer(Protocol::CiscoHdlc, span, 4)?;
    let number = span.u16(2)?;
    let is_known = matches!(number, 0x0800 | 0x86dd | 0x8847 | 0x8848 | 0x6558);
    (is_known && payload.wire_len > 0).then_some((Next::NetworkType(number), payload))
}
