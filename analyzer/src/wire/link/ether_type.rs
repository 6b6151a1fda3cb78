//! What an EtherType announces (IEEE 802 numbers), and the small tags that end in another.

use etherparse::EtherType;

use super::{ethernet, mpls, ppp, wlan};
use crate::wire::decoder::{Next, Step, Walk};
use crate::wire::span::Span;
use crate::wire::{Protocol, arp, ipv4, ipv6, tunnel};

/// Goes on with the payload of Ethernet, a tag, LLC/SNAP, Linux cooked or a tunnel.
#[inline]
pub(in crate::wire) fn decode<'a>(
    walk: &mut Walk<'_, 'a>,
    number: u16,
    span: Span<'a>,
) -> Step<'a> {
    const IPV4: u16 = EtherType::IPV4.0;
    const IPV6: u16 = EtherType::IPV6.0;
    match number {
        IPV4 => ipv4::decode(walk, span),
        IPV6 => ipv6::decode(walk, span),
        _ => decode_other(walk, number, span),
    }
}

fn decode_other<'a>(walk: &mut Walk<'_, 'a>, number: u16, span: Span<'a>) -> Step<'a> {
    match number {
        0x0806 | 0x8035 => arp::decode(walk, span),
        0x22f3 => tunnel::decode_trill(walk, span),
        0x6558 => Some((Next::Ethernet, span)),
        0x8100 | 0x9100 => ethernet::decode_vlan(walk, Protocol::Vlan, span),
        0x8847 | 0x8848 => mpls::decode(walk, span),
        0x8863 => walk.layer(Protocol::PppoeDiscovery, span, 6).and(None),
        0x8864 => ppp::decode_pppoe(walk, span),
        0x8870 => Some((Next::Llc, span)),
        0x88a8 => ethernet::decode_vlan(walk, Protocol::ServiceVlan, span),
        0x88e5 => decode_macsec(walk, span),
        // Instance tag and the customer's addresses, then the customer's EtherType.
        0x88e7 => decode_tag(walk, Protocol::BackboneTag, span, 18),
        0x8909 => decode_tag(walk, Protocol::CiscoMetadata, span, 8),
        0x890d => wlan::decode(walk, span, wlan::ByteOrder::Tdls),
        0x8926 => decode_tag(walk, Protocol::VnTag, span, 6),
        0x892f => {
            let payload = walk.layer(Protocol::Hsr, span, 6)?;
            Some((Next::NetworkType(span.u16(4)?), payload))
        }
        0x893f => decode_tag(walk, Protocol::ETag, span, 8),
        0x894f => tunnel::decode_nsh(walk, span),
        0xf1c1 => decode_tag(walk, Protocol::RedundancyTag, span, 6),
        0x2452 => wlan::decode(walk, span, wlan::ByteOrder::Swapped),
        _ => None,
    }
}

/// A tag of fixed length whose last two bytes are the EtherType of what follows.
fn decode_tag<'a>(
    walk: &mut Walk<'_, 'a>,
    protocol: Protocol,
    span: Span<'a>,
    header_len: u32,
) -> Step<'a> {
    let payload = walk.layer(protocol, span, header_len)?;
    ethernet::after_type(payload, span.u16(header_len as usize - 2)?)
}

/// MACsec (IEEE 802.1AE): goes on when the frame is authenticated but not encrypted.
fn decode_macsec<'a>(walk: &mut Walk<'_, 'a>, span: Span<'a>) -> Step<'a> {
    const INTEGRITY_CHECK: u32 = 16;
    let control = span.u8(0).unwrap_or(0);
    let tag_len: u32 = if control & 0x20 != 0 { 14 } else { 6 };
    let is_encrypted = control & 0x0c != 0;
    if is_encrypted {
        return walk.layer(Protocol::MacSec, span, tag_len).and(None);
    }
    let payload = walk.layer(Protocol::MacSec, span, tag_len + 2)?;
    let payload = payload.limit(payload.wire_len.saturating_sub(INTEGRITY_CHECK));
    ethernet::after_type(payload, span.u16(tag_len as usize)?)
}
