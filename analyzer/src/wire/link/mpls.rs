//! MPLS label stacks (RFC 3032) and what Wireshark takes their payload for.

use crate::wire::Protocol;
use crate::wire::decoder::{Next, Step, Walk};
use crate::wire::span::Span;

/// Decodes the whole label stack as one layer.
pub(in crate::wire) fn decode<'a>(walk: &mut Walk<'a>, span: Span<'a>) -> Step<'a> {
    let mut labels = 1;
    // The last entry has its bottom-of-stack bit set.
    while span.u8(labels * 4 - 2).is_some_and(|byte| byte & 1 == 0) {
        labels += 1;
    }
    let payload = walk.layer(Protocol::Mpls, span, u32::try_from(labels * 4).ok()?)?;
    let label = span.u32(labels * 4 - 4)? >> 12;
    if payload.wire_len == 0 {
        return None;
    }
    match (label, payload.u8(0)? >> 4) {
        // Explicit null for IPv4 and IPv6; otherwise the first four bits decide.
        (0, _) | (_, 4) => Some((Next::Ipv4, payload)),
        (2, _) | (_, 6) => Some((Next::Ipv6, payload)),
        (_, 1) => None,
        (_, 0) => {
            let inner = walk.layer(Protocol::PseudowireControlWord, payload, 4)?;
            Some((Next::Ethernet, inner))
        }
        _ => None,
    }
}
