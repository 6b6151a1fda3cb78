//! Link layers: `eth.*`, `vlan.*`, `sll.*` and others, and `arp.*`.

use super::{Context, Field, Values, number};
use crate::filter::kind::Kind::{Boolean, Ipv4, Unsigned};
use crate::filter::literal::Names;
use crate::wire::Protocol::{
    Arp, Ethernet, LinuxCooked, Mpls, PppoeDiscovery, PppoeSession, ServiceVlan, Vlan,
};

/// EtherTypes by the words that Wireshark has for them.
const ETHER_TYPES: Names = &[
    (0x0800, "IPv4"),
    (0x0806, "ARP"),
    (0x8100, "802.1Q Virtual LAN"),
    (0x86dd, "IPv6"),
    (0x8847, "MPLS label switched packet"),
    (0x8863, "PPPoE Discovery"),
    (0x8864, "PPPoE Session"),
    (0x88a8, "802.1ad Provider Bridge (Q-in-Q)"),
];

const ARP_OPERATIONS: Names = &[
    (1, "request"),
    (2, "reply"),
    (3, "reverse request"),
    (4, "reverse reply"),
    (8, "inverse request"),
    (9, "inverse reply"),
];

pub(super) const FIELDS: &[Field] = &[
    Field::ether("eth.dst", Ethernet, 0, "receiver's address"),
    Field::ether("eth.src", Ethernet, 6, "sender's address"),
    Field::ether("eth.addr", Ethernet, 0, "either address")
        .and(Field::ether("eth.addr", Ethernet, 6, "")),
    Field::flag("eth.dst.ig", Ethernet, 0, 0x01, "receiver is a group"),
    Field::flag("eth.dst.lg", Ethernet, 0, 0x02, "receiver's address is local"),
    Field::flag("eth.src.ig", Ethernet, 6, 0x01, "sender is a group"),
    Field::flag("eth.src.lg", Ethernet, 6, 0x02, "sender's address is local"),
    Field::flag("eth.ig", Ethernet, 0, 0x01, "either address is a group")
        .and(Field::flag("eth.ig", Ethernet, 6, 0x01, "")),
    Field::flag("eth.lg", Ethernet, 0, 0x02, "either address is local")
        .and(Field::flag("eth.lg", Ethernet, 6, 0x02, "")),
    Field::bits("eth.dst.oui", Unsigned(24), Ethernet, (0, 3, 0xff_ffff), "receiver's vendor"),
    Field::bits("eth.src.oui", Unsigned(24), Ethernet, (6, 3, 0xff_ffff), "sender's vendor"),
    Field::call("eth.type", Unsigned(16), Ethernet, ether_type, "protocol of the payload")
        .named(ETHER_TYPES),
    Field::call("eth.len", Unsigned(16), Ethernet, ether_len, "payload bytes (IEEE 802.3)"),
    Field::bits("vlan.priority", Unsigned(16), Vlan, (0, 2, 0xe000), "priority"),
    Field::bits("vlan.dei", Boolean, Vlan, (0, 2, 0x1000), "may be dropped first"),
    Field::bits("vlan.id", Unsigned(16), Vlan, (0, 2, 0x0fff), "number of the virtual network"),
    Field::number("vlan.etype", Vlan, 2, 2, "protocol of the payload").named(ETHER_TYPES),
    Field::bits("ieee8021ad.priority", Unsigned(16), ServiceVlan, (0, 2, 0xe000), "priority"),
    Field::bits("ieee8021ad.dei", Boolean, ServiceVlan, (0, 2, 0x1000), "may be dropped first"),
    Field::bits("ieee8021ad.id", Unsigned(16), ServiceVlan, (0, 2, 0x0fff), "outer network"),
    Field::call("sll.etype", Unsigned(16), LinuxCooked, sll_type, "protocol of the payload")
        .named(ETHER_TYPES),
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
    Field::number("arp.hw.type", Arp, 0, 2, "kind of hardware address"),
    Field::number("arp.proto.type", Arp, 2, 2, "kind of protocol address").named(ETHER_TYPES),
    Field::number("arp.hw.size", Arp, 4, 1, "bytes of a hardware address"),
    Field::number("arp.proto.size", Arp, 5, 1, "bytes of a protocol address"),
    Field::number("arp.opcode", Arp, 6, 2, "request or reply").named(ARP_OPERATIONS),
    Field::call("arp.src.hw_mac", crate::filter::Kind::Ether, Arp, src_mac, "sender's MAC address"),
    Field::call("arp.src.proto_ipv4", Ipv4, Arp, src_ip, "sender's IPv4 address"),
    Field::call("arp.dst.hw_mac", crate::filter::Kind::Ether, Arp, dst_mac, "target's MAC address"),
    Field::call("arp.dst.proto_ipv4", Ipv4, Arp, dst_ip, "target's IPv4 address"),
    Field::call("arp.isgratuitous", Boolean, Arp, gratuitous, "announces the sender itself"),
];

fn ether_type(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    context.integer(12, 2).filter(|value| *value > 1500).is_some_and(|value| sink(number(value)))
}

fn ether_len(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    context.integer(12, 2).filter(|value| *value <= 1500).is_some_and(|value| sink(number(value)))
}

/// The protocol stands last in version 1 (16 bytes) and first in version 2 (20 bytes).
fn sll_type(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    let at = if context.layer.header_len == 20 { 0 } else { 14 };
    context.integer(at, 2).is_some_and(|value| sink(number(value)))
}

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
    address.is_some_and(|address| sink(crate::filter::Value::Bytes(address)))
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
    ipv4(context, 1).is_some_and(|address| sink(crate::filter::Value::ipv4(address)))
}

fn dst_ip(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    ipv4(context, 3).is_some_and(|address| sink(crate::filter::Value::ipv4(address)))
}

/// Wireshark marks a request or reply in which sender and target address are the same.
fn gratuitous(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    let own = ipv4(context, 1).is_some_and(|own| Some(own) == ipv4(context, 3));
    own && sink(crate::filter::Value::Boolean(true))
}
