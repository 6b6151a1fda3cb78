//! Tunnels that Wireshark recognises by their UDP port. Like Wireshark, the smaller port is
//! tried first.

use super::{by_next_protocol, gre, gtp, l2tp};
use crate::wire::decoder::{Next, Step, Walk};
use crate::wire::link::wlan::ByteOrder;
use crate::wire::span::Span;
use crate::wire::{Protocol, StopReason};

/// System ports for which Wireshark 4.0 has another dissector by default (`tshark -G decodes`),
/// ascending. Its dissectors of higher ports mostly decline what isn't theirs.
#[rustfmt::skip]
const OTHER_PORTS: &[u16] = &[
    0, 7, 13, 19, 37, 49, 53, 67, 68, 69, 88, 111, 123, 137, 138, 161, 162, 173, 177, 213, 269,
    319, 320, 389, 427, 434, 464, 473, 496, 500, 502, 513, 514, 520, 521, 524, 525, 539, 546,
    547, 573, 623, 631, 646, 654, 664, 698, 699, 701, 750, 853, 854, 910, 921, 925, 1001,
];

/// Goes on with a UDP payload when one of its ports belongs to a tunnel.
pub(in crate::wire) fn decode<'a>(
    walk: &mut Walk<'_, 'a>,
    source: u16,
    destination: u16,
    payload: Span<'a>,
) -> Step<'a> {
    let (low, high) = (source.min(destination), source.max(destination));
    if let Some(decoder) = by_port(low) {
        return decoder(walk, payload);
    }
    let decoder = by_port(high)?;
    // A lower port that belongs to another protocol wins.
    if OTHER_PORTS.binary_search(&low).is_ok() {
        return None;
    }
    decoder(walk, payload)
}

/// Decodes what a tunnel's port announces.
type TunnelDecoder = for<'a> fn(&mut Walk<'_, 'a>, Span<'a>) -> Step<'a>;

fn by_port(port: u16) -> Option<TunnelDecoder> {
    Some(match port {
        1701 => l2tp::decode,
        2123 | 2152 | 3386 => gtp::decode,
        3544 => teredo,
        4341 => lisp,
        4500 => udp_encapsulation,
        4754 => gre::decode,
        4789 => vxlan,
        4790 => vxlan_gpe,
        5072 => ayiya,
        5247 => capwap,
        6081 => geneve,
        6635 => mpls,
        37008 => tzsp,
        _ => return None,
    })
}

/// VXLAN (RFC 7348).
fn vxlan<'a>(walk: &mut Walk<'_, 'a>, span: Span<'a>) -> Step<'a> {
    let inner = walk.layer(Protocol::Vxlan, span, 8)?;
    (inner.wire_len > 0).then_some((Next::Ethernet, inner))
}

/// VXLAN with a next-protocol field; Wireshark 4.0 does not list it as a layer.
fn vxlan_gpe<'a>(walk: &mut Walk<'_, 'a>, span: Span<'a>) -> Step<'a> {
    let Some(number) = span.u8(3) else {
        let reason = StopReason::Truncated { needed: 8, captured: span.captured() };
        return walk.stop(Protocol::Vxlan, span, reason);
    };
    by_next_protocol(number, span.skip(8))
}

/// Geneve (RFC 8926).
fn geneve<'a>(walk: &mut Walk<'_, 'a>, span: Span<'a>) -> Step<'a> {
    let words = span.u8(0).unwrap_or(0) & 0x3f;
    let inner = walk.layer(Protocol::Geneve, span, 8 + u32::from(words) * 4)?;
    let kind = span.u16(2)?;
    (inner.wire_len > 0).then_some((Next::NetworkType(kind), inner))
}

/// Teredo (RFC 4380): authentication and origin indications may precede the packet.
fn teredo<'a>(walk: &mut Walk<'_, 'a>, span: Span<'a>) -> Step<'a> {
    let mut header_len = 0;
    if span.u16(0) == Some(1) {
        let lengths = (span.u8(2).unwrap_or(0), span.u8(3).unwrap_or(0));
        header_len += 13 + u32::from(lengths.0) + u32::from(lengths.1);
    }
    if span.u16(header_len as usize) == Some(0) {
        header_len += 8;
    }
    let inner = walk.layer(Protocol::Teredo, span, header_len)?;
    let is_ipv6 = inner.u8(0).is_some_and(|first| first >> 4 == 6);
    is_ipv6.then_some((Next::Ipv6, inner))
}

/// LISP's data plane (RFC 6830, section 5.3).
fn lisp<'a>(walk: &mut Walk<'_, 'a>, span: Span<'a>) -> Step<'a> {
    let inner = walk.layer(Protocol::LispData, span, 8)?;
    (inner.wire_len > 0).then_some((Next::AnyIp, inner))
}

/// ESP and IKE share a port (RFC 3948); neither can be looked into.
fn udp_encapsulation<'a>(walk: &mut Walk<'_, 'a>, span: Span<'a>) -> Step<'a> {
    let inner = walk.layer(Protocol::UdpEncapsulation, span, 0)?;
    let is_keep_alive = span.wire_len == 1;
    let is_key_exchange = span.u32(0) == Some(0);
    if is_keep_alive || is_key_exchange {
        return None;
    }
    walk.layer(Protocol::Esp, inner, 8).and(None)
}

/// MPLS in UDP (RFC 7510).
fn mpls<'a>(_: &mut Walk<'_, 'a>, span: Span<'a>) -> Step<'a> {
    Some((Next::NetworkType(0x8847), span))
}

/// AYIYA: identity, signature and time in front of an IPv6 packet.
fn ayiya<'a>(walk: &mut Walk<'_, 'a>, span: Span<'a>) -> Step<'a> {
    let identity_len = span.u8(0).map_or(0, |byte| 1_u32 << (byte >> 4));
    let signature_len = span.u8(1).map_or(0, |byte| u32::from(byte >> 4) * 4);
    let inner = walk.layer(Protocol::Ayiya, span, 8 + identity_len + signature_len)?;
    let is_forward = span.u8(2)? & 0x0f == 1;
    is_forward.then_some((Next::IpProtocol(span.u8(3)?), inner))
}

/// CAPWAP data (RFC 5415): an 802.11 frame, its control field swapped as Wireshark expects by
/// default, or an Ethernet frame.
fn capwap<'a>(walk: &mut Walk<'_, 'a>, span: Span<'a>) -> Step<'a> {
    let Some([preamble, field_0, field_1, flags]) = span.array::<4>(0) else {
        return walk.layer(Protocol::Capwap, span, 8).and(None);
    };
    if preamble & 0x0f == 1 {
        // DTLS follows.
        return walk.layer(Protocol::Capwap, span, 4).and(None);
    }
    let words = u32::from(field_0 >> 3);
    let inner = walk.layer(Protocol::Capwap, span, (words * 4).max(8))?;
    let is_native = field_1 & 1 != 0;
    let is_fragment = flags & 0x80 != 0;
    let is_keep_alive = flags & 0x08 != 0;
    if is_fragment || is_keep_alive || inner.wire_len == 0 {
        return None;
    }
    Some((if is_native { Next::Wlan(ByteOrder::Swapped) } else { Next::Ethernet }, inner))
}

/// TZSP: tagged fields in front of a recorded frame.
fn tzsp<'a>(walk: &mut Walk<'_, 'a>, span: Span<'a>) -> Step<'a> {
    const PADDING: u8 = 0;
    const END: u8 = 1;
    let mut header_len = 4;
    while let Some(tag) = span.u8(header_len as usize) {
        header_len += 1;
        match tag {
            END => break,
            PADDING => {}
            _ => header_len += 1 + u32::from(span.u8(header_len as usize).unwrap_or(0)),
        }
    }
    let inner = walk.layer(Protocol::Tzsp, span, header_len)?;
    let next = match span.u16(2)? {
        1 => Next::Ethernet,
        18 => Next::Wlan(ByteOrder::Standard),
        _ => return None,
    };
    (inner.wire_len > 0).then_some((next, inner))
}
