//! GRE (RFC 2784, 2890), version 0 and, for PPTP, version 1 (RFC 2637).

use crate::wire::Protocol;
use crate::wire::decoder::{Next, Step, Walk};
use crate::wire::span::Span;

/// Decodes a GRE header and goes on with what it carries.
pub(in crate::wire) fn decode<'a>(walk: &mut Walk<'a>, span: Span<'a>) -> Step<'a> {
    let (Some(flags), Some(kind)) = (span.u16(0), span.u16(2)) else {
        return walk.layer(Protocol::Gre, span, 4).and(None);
    };
    // Checksum or routing present, then key, sequence number, and version 1's acknowledgment.
    let optional = [(0xc000, 4), (0x2000, 4), (0x1000, 4), (0x0080, 4)];
    let present = optional.iter().filter(|(mask, _)| flags & mask != 0);
    let header_len = 4 + present.map(|(_, len)| len).sum::<u32>();
    let payload = walk.layer(Protocol::Gre, span, header_len)?;
    if payload.wire_len == 0 {
        return None;
    }
    match kind {
        0x6558 => Some((Next::Ethernet, payload)),
        0x0800 => Some((Next::Ipv4, payload)),
        0x86dd => Some((Next::Ipv6, payload)),
        _ => None,
    }
}
