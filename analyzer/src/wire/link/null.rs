//! Links that hardly have a header: bare IP packets, and BSD loopback (LINKTYPE_NULL and LINKTYPE_LOOP): a 32-bit address family in front of the
//! packet, in the byte order of the machine that recorded it.

use crate::wire::Protocol;
use crate::wire::decoder::{Next, Step, Walk};
use crate::wire::span::Span;

/// LINKTYPE_NULL: the byte order of the recorder.
pub(in crate::wire) fn decode<'a>(walk: &mut Walk<'_, 'a>, span: Span<'a>) -> Step<'a> {
    if span.u16(0) == Some(0xff03) {
        walk.layer(Protocol::Null, span, 0)?;
        return Some((Next::Ppp, span));
    }
    let payload = walk.layer(Protocol::Null, span, 4)?;
    let big_endian = span.u32(0)?;
    // Families are small: a number with the upper half set is in the other byte order, or in
    // the upper half only.
    let family = match big_endian {
        0..=0xffff => big_endian,
        0x1_0000..=0x5_ffff => big_endian >> 16,
        _ => big_endian.swap_bytes(),
    };
    match family {
        0x0600..=0xffff if payload.wire_len > 0 => {
            Some((Next::NetworkType(u16::try_from(family).ok()?), payload))
        }
        _ => by_family(family, payload),
    }
}

/// LINKTYPE_LOOP: network byte order.
pub(in crate::wire) fn decode_loop<'a>(walk: &mut Walk<'_, 'a>, span: Span<'a>) -> Step<'a> {
    let payload = walk.layer(Protocol::Null, span, 4)?;
    by_family(span.u32(0)?, payload)
}

fn by_family(family: u32, payload: Span<'_>) -> Step<'_> {
    let next = match family {
        2 => Next::Ipv4,
        // AF_INET6 of NetBSD and OpenBSD, of FreeBSD, of Darwin.
        24 | 28 | 30 => Next::Ipv6,
        _ => return None,
    };
    (payload.wire_len > 0).then_some((next, payload))
}

/// LINKTYPE_RAW: IP, unless what some Linux drivers put in front is there.
pub(in crate::wire) fn decode_raw<'a>(walk: &mut Walk<'_, 'a>, span: Span<'a>) -> Step<'a> {
    const PPP: u16 = 0xff03;
    walk.layer(Protocol::Raw, span, 0)?;
    // PPP at once, behind a made-up MAC address, or behind one byte.
    for at in [0, 6, 1] {
        if span.u16(at as usize) == Some(PPP) {
            return Some((Next::Ppp, span.skip(at)));
        }
    }
    if span.array(0) == Some([0; 10]) {
        return Some((Next::Ipv4, span.skip(10)));
    }
    Some((Next::AnyIp, span))
}
