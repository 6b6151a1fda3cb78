//! MPLS label stacks (RFC 3032) and what Wireshark takes their payload for.

use crate::wire::Protocol;
use crate::wire::decoder::{Next, Step, Walk};
use crate::wire::span::Span;

/// Decodes the whole label stack as one layer.
pub(in crate::wire) fn decode<'a>(walk: &mut Walk<'_, 'a>, span: Span<'a>) -> Step<'a> {
    let mut labels = 1;
    // The last entry has its bottom-of-stack bit set.
    while span.u8(labels * 4 - 2).is_some_and(|byte| byte & 1 == 0) {
        labels += 1;
    }
    let payload = walk.layer(Protocol::Mpls, span, u32::try_from(labels * 4).ok()?)?;
    if payload.wire_len == 0 {
        return None;
    }
    match payload.u8(0)? >> 4 {
        4 => Some((Next::Ipv4, payload)),
        6 => Some((Next::Ipv6, payload)),
        0 => decode_pseudowire(walk, payload),
        _ => None,
    }
}

/// An Ethernet frame with or without a control word in front. Wireshark asks whether both
/// addresses are of known makers; here the EtherType decides, at the one place or the other.
fn decode_pseudowire<'a>(walk: &mut Walk<'_, 'a>, span: Span<'a>) -> Step<'a> {
    const CONTROL_WORD: u32 = 4;
    walk.layer(Protocol::PseudowireGuess, span, 0)?;
    let is_type = |kind: u16| matches!(kind, 0x0800 | 0x0806 | 0x86dd | 0x8100 | 0x88a8 | 0x8847);
    let is_bare = span.u16(12).is_some_and(is_type) && !span.u16(16).is_some_and(is_type);
    let inner = if is_bare {
        walk.layer(Protocol::PseudowireBare, span, 0)?
    } else {
        walk.layer(Protocol::PseudowireControlWord, span, CONTROL_WORD)?
    };
    (inner.wire_len > 0).then_some((Next::Ethernet, inner))
}
