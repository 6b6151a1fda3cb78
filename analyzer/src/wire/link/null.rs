//! BSD loopback (LINKTYPE_NULL and LINKTYPE_LOOP): a 32-bit address family in front of the
//! packet, in the byte order of the machine that recorded it.

use crate::wire::Protocol;
use crate::wire::decoder::{Next, Step, Walk};
use crate::wire::span::Span;

/// Decodes the address family and goes on with the packet.
pub(in crate::wire) fn decode<'a>(walk: &mut Walk<'a>, span: Span<'a>) -> Step<'a> {
    let payload = walk.layer(Protocol::Null, span, 4)?;
    if payload.wire_len == 0 {
        return None;
    }
    let big_endian = span.u32(0)?;
    // Families are small: a number with the upper half set is in the other byte order.
    let family = if big_endian >> 16 != 0 { big_endian.swap_bytes() } else { big_endian };
    match family {
        2 => Some((Next::Ipv4, payload)),
        // AF_INET6 of NetBSD and OpenBSD, FreeBSD, Darwin, and Linux or Windows.
        24 | 28 | 30 | 10 | 23 => Some((Next::Ipv6, payload)),
        0x0600..=0xffff => Some((Next::EtherType(u16::try_from(family).ok()?), payload)),
        _ => None,
    }
}
