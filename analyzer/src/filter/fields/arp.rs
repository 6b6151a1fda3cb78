//! `arp.*`.

use super::ethernet::ETHER_TYPES;
use super::{Context, Field, Values};
use crate::filter::kind::Kind::{Boolean, Bytes, Ether, Ipv4};
use crate::filter::literal::Names;
use crate::filter::value::Value;
use crate::wire::Protocol::Arp;

const ARP_OPERATIONS: Names = &[
    (1, "request"),
    (2, "reply"),
    (3, "reverse request"),
    (4, "reverse reply"),
    (8, "inverse request"),
    (9, "inverse reply"),
];

pub(super) const FIELDS: &[Field] = &[
    Field::number("arp.hw.type", Arp, 0, 2, "kind of hardware address"),
    Field::number("arp.proto.type", Arp, 2, 2, "kind of protocol address").named(ETHER_TYPES),
    Field::number("arp.hw.size", Arp, 4, 1, "bytes of a hardware address"),
    Field::number("arp.proto.size", Arp, 5, 1, "bytes of a protocol address"),
    Field::number("arp.opcode", Arp, 6, 2, "request or reply").named(ARP_OPERATIONS),
    Field::call("arp.src.hw_mac", Ether, Arp, src_mac, "sender's MAC address"),
    Field::call("arp.src.proto_ipv4", Ipv4, Arp, src_ip, "sender's IPv4 address"),
    Field::call("arp.dst.hw_mac", Ether, Arp, dst_mac, "target's MAC address"),
    Field::call("arp.dst.proto_ipv4", Ipv4, Arp, dst_ip, "target's IPv4 address"),
    Field::call("arp.isgratuitous", Boolean, Arp, gratuitous, "announces the sender itself"),
    Field::call("arp.src.hw", Bytes, Arp, src_hardware, "sender's address of another kind"),
    Field::call("arp.dst.hw", Bytes, Arp, dst_hardware, "target's address of another kind"),
    Field::call("arp.src.proto", Bytes, Arp, src_protocol, "sender's address, not IPv4"),
    Field::call("arp.dst.proto", Bytes, Arp, dst_protocol, "target's address, not IPv4"),
    Field::call("arp.isprobe", Boolean, Arp, probe, "asks whether an address is free"),
    Field::call("arp.isannouncement", Boolean, Arp, announcement, "tells its own address"),
];

/// The four addresses follow one another, each as long as the header says.
fn arp_address<'c>(context: &Context<'_, 'c>, index: usize) -> Option<&'c [u8]> {
    let bytes = context.layer.bytes;
    let sizes = (usize::from(*bytes.get(4)?), usize::from(*bytes.get(5)?));
    let (start, len) = match index {
        0 => (0, sizes.0),
        1 => (sizes.0, sizes.1),
        2 => (sizes.0 + sizes.1, sizes.0),
        _ => (2 * sizes.0 + sizes.1, sizes.1),
    };
    bytes.get(8 + start..8 + start + len)
}

fn mac(context: &Context<'_, '_>, index: usize, sink: &mut Values<'_>) -> bool {
    let address = arp_address(context, index).filter(|address| address.len() == 6);
    address.is_some_and(|address| sink(Value::Bytes(address)))
}

fn ipv4(context: &Context<'_, '_>, index: usize) -> Option<u32> {
    let address = arp_address(context, index)?;
    <[u8; 4]>::try_from(address).ok().map(u32::from_be_bytes)
}

fn src_mac(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    mac(context, 0, sink)
}

fn dst_mac(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    mac(context, 2, sink)
}

fn src_ip(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    ipv4(context, 1).is_some_and(|address| sink(Value::ipv4(address)))
}

fn dst_ip(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    ipv4(context, 3).is_some_and(|address| sink(Value::ipv4(address)))
}

/// Wireshark marks a request or reply in which sender and target address are the same.
fn gratuitous(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    let own = ipv4(context, 1).is_some_and(|own| Some(own) == ipv4(context, 3));
    own && sink(Value::Boolean(true))
}

/// An address that is not of the usual kind and length.
fn other(context: &Context<'_, '_>, index: usize, usual: usize, sink: &mut Values<'_>) -> bool {
    let address = arp_address(context, index);
    let address = address.filter(|address| !address.is_empty() && address.len() != usual);
    address.is_some_and(|address| sink(Value::Bytes(address)))
}

fn src_hardware(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    other(context, 0, 6, sink)
}

fn dst_hardware(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    other(context, 2, 6, sink)
}

fn src_protocol(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    other(context, 1, 4, sink)
}

fn dst_protocol(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    other(context, 3, 4, sink)
}

/// A request (RFC 5227, section 1.1) without a sender's address.
fn probe(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    let is_probe = context.integer(6, 2) == Some(1)
        && ipv4(context, 1) == Some(0)
        && ipv4(context, 3).is_some_and(|target| target != 0);
    is_probe && sink(Value::Boolean(true))
}

/// A request for the sender's own address.
fn announcement(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    let is_own = ipv4(context, 1).is_some_and(|own| own != 0 && Some(own) == ipv4(context, 3));
    is_own && context.integer(6, 2) == Some(1) && sink(Value::Boolean(true))
}
