//! Link layers but Ethernet: `vlan.*`, `sll.*`, `null.*`, `mpls.*`, `pppoe.*`.

use super::ethernet::ETHER_TYPES;
use super::{Context, Field, Values, number};
use crate::filter::kind::Kind::{Boolean, Bytes, Ether, Unsigned};
use crate::filter::literal::Names;
use crate::filter::value::Value;
use crate::wire::Protocol::{
    LinuxCooked, Mpls, Null, PppoeDiscovery, PppoeSession, ServiceVlan, Vlan,
};

/// Kinds of packets of Linux cooked captures.
const SLL_PACKET_TYPES: Names = &[
    (0, "Unicast to us"),
    (1, "Broadcast"),
    (2, "Multicast"),
    (3, "Unicast to another host"),
    (4, "Sent by us"),
];

/// Bytes of a header of version 2.
const SLL2: u32 = 20;

pub(super) const FIELDS: &[Field] = &[
    Field::bits("vlan.priority", Unsigned(16), Vlan, (0, 2, 0xe000), "priority"),
    Field::bits("vlan.dei", Boolean, Vlan, (0, 2, 0x1000), "may be dropped first"),
    Field::bits("vlan.id", Unsigned(16), Vlan, (0, 2, 0x0fff), "number of the virtual network"),
    Field::number("vlan.etype", Vlan, 2, 2, "protocol of the payload").named(ETHER_TYPES),
    Field::bits("ieee8021ad.priority", Unsigned(16), ServiceVlan, (0, 2, 0xe000), "priority"),
    Field::bits(
        "ieee8021ad.dei",
        Unsigned(16),
        ServiceVlan,
        (0, 2, 0x1000),
        "may be dropped first",
    ),
    Field::bits("ieee8021ad.id", Unsigned(16), ServiceVlan, (0, 2, 0x0fff), "outer network"),
    Field::call("sll.pkttype", Unsigned(16), LinuxCooked, sll_packet_type, "to whom it was sent")
        .named(SLL_PACKET_TYPES),
    Field::call("sll.hatype", Unsigned(16), LinuxCooked, sll_hardware, "kind of the interface"),
    Field::call("sll.halen", Unsigned(16), LinuxCooked, sll_address_len, "bytes of the address"),
    Field::call("sll.src.eth", Ether, LinuxCooked, sll_source, "sender's MAC address"),
    Field::call("sll.unused", Bytes, LinuxCooked, sll_unused, "what is left of the address field"),
    Field::call("sll.ifindex", Unsigned(32), LinuxCooked, sll_interface, "number of the interface"),
    Field::call("sll.etype", Unsigned(16), LinuxCooked, sll_type, "protocol of the payload")
        .named(ETHER_TYPES),
    Field::call("null.family", Unsigned(32), Null, null_family, "address family"),
    Field::bits("mpls.label", Unsigned(32), Mpls, (0, 4, 0xffff_f000), "label"),
    Field::bits("mpls.exp", Unsigned(32), Mpls, (0, 4, 0x0e00), "traffic class"),
    Field::bits("mpls.bottom", Unsigned(32), Mpls, (0, 4, 0x0100), "last label of the stack"),
    Field::bits("mpls.ttl", Unsigned(32), Mpls, (0, 4, 0x00ff), "hops left"),
    Field::number("pppoe.code", PppoeDiscovery, 1, 1, "kind of message").and(Field::number(
        "pppoe.code",
        PppoeSession,
        1,
        1,
        "",
    )),
    Field::number("pppoe.session_id", PppoeDiscovery, 2, 2, "session").and(Field::number(
        "pppoe.session_id",
        PppoeSession,
        2,
        2,
        "",
    )),
];

/// The protocol stands last in version 1 (16 bytes) and first in version 2 (20 bytes).
fn sll_type(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    either(context, (14, 2), (0, 2), sink)
}

/// A number whose place and width depend on the version of the header.
fn either(
    context: &Context<'_, '_>,
    first: (usize, usize),
    second: (usize, usize),
    sink: &mut Values<'_>,
) -> bool {
    let (at, width) = if context.layer.header_len == SLL2 { second } else { first };
    context.integer(at, width).is_some_and(|value| sink(number(value)))
}

fn sll_packet_type(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    either(context, (0, 2), (10, 1), sink)
}

fn sll_hardware(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    either(context, (2, 2), (8, 2), sink)
}

fn sll_address_len(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    either(context, (4, 2), (11, 1), sink)
}

fn sll_interface(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    context.layer.header_len == SLL2
        && context.integer(4, 4).is_some_and(|value| sink(number(value)))
}

/// Where the address stands and how long it says that it is.
fn sll_address(context: &Context<'_, '_>) -> Option<(usize, usize)> {
    let (at, len) = if context.layer.header_len == SLL2 {
        (12, context.integer(11, 1)?)
    } else {
        (6, context.integer(4, 2)?)
    };
    Some((at, usize::try_from(len).ok()?))
}

fn sll_source(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    let Some((at, 6)) = sll_address(context) else { return false };
    context.layer.bytes.get(at..at + 6).is_some_and(|address| sink(Value::Bytes(address)))
}

fn sll_unused(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    let Some((at, len @ 0..8)) = sll_address(context) else { return false };
    context.layer.bytes.get(at + len..at + 8).is_some_and(|rest| sink(Value::Bytes(rest)))
}

/// In the byte order of the recording machine, which only small numbers reveal.
fn null_family(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    let Some(&bytes) = context.layer.bytes.first_chunk::<4>() else { return false };
    let family = u32::from_be_bytes(bytes);
    let family = if family & 0xffff_0000 == 0 { family } else { family.swap_bytes() };
    sink(number(family))
}
