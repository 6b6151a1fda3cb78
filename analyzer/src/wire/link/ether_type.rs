//! What an EtherType announces (IEEE 802 numbers).

use etherparse::EtherType;

use super::ethernet;
use crate::wire::decoder::{Step, Walk};
use crate::wire::span::Span;
use crate::wire::{Protocol, arp, ipv4, ipv6};

/// Goes on with the payload of Ethernet, a tag, LLC/SNAP, Linux cooked or GRE.
#[inline]
pub(in crate::wire) fn decode<'a>(walk: &mut Walk<'a>, number: u16, span: Span<'a>) -> Step<'a> {
    const IPV4: u16 = EtherType::IPV4.0;
    const IPV6: u16 = EtherType::IPV6.0;
    match number {
        IPV4 => ipv4::decode(walk, span),
        IPV6 => ipv6::decode(walk, span),
        _ => decode_other(walk, number, span),
    }
}

fn decode_other<'a>(walk: &mut Walk<'a>, number: u16, span: Span<'a>) -> Step<'a> {
    match number {
        0x0806 => arp::decode(walk, span),
        0x8100 | 0x9100 => ethernet::decode_vlan(walk, Protocol::Vlan, span),
        0x88a8 => ethernet::decode_vlan(walk, Protocol::ServiceVlan, span),
        _ => None,
    }
}
