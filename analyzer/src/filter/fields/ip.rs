//! `ip.*`.

use std::fmt::Write;

use arrayvec::ArrayString;

use super::icmp::{CHECKSUM_STATES, unknown_yet};
use super::{Context, Field, Values, number};
use crate::filter::kind::Kind::{Bytes, FrameNumber, Label, Text, Unsigned};
use crate::filter::literal::Names;
use crate::filter::value::Value;
use crate::wire::Protocol::{Ipv4, Ipv6};

/// IP protocol numbers by the words that Wireshark has for them.
pub(super) const PROTOCOLS: Names = &[
    (0, "IPv6 Hop-by-Hop Option"),
    (1, "ICMP"),
    (2, "IGMP"),
    (4, "IPIP"),
    (6, "TCP"),
    (17, "UDP"),
    (41, "IPv6"),
    (43, "Routing Header for IPv6"),
    (44, "Fragment Header for IPv6"),
    (47, "Generic Routing Encapsulation"),
    (50, "Encap Security Payload"),
    (51, "Authentication Header"),
    (58, "ICMPv6"),
    (132, "SCTP"),
];

pub(super) const FIELDS: &[Field] = &[
    Field::ipv4("ip.src", Ipv4, 12, "sender"),
    Field::ipv4("ip.dst", Ipv4, 16, "receiver"),
    Field::ipv4("ip.addr", Ipv4, 12, "sender or receiver").and(Field::ipv4("", Ipv4, 16, "")),
    Field::bits("ip.version", Unsigned(8), Ipv4, (0, 1, 0xf0), "version of the header")
        .and(Field::bits("", Unsigned(8), Ipv6, (0, 1, 0xf0), "")),
    Field::call("ip.hdr_len", Unsigned(8), Ipv4, header_len, "bytes of the header"),
    Field::number("ip.dsfield", Ipv4, 1, 1, "differentiated services byte"),
    Field::bits("ip.dsfield.dscp", Unsigned(8), Ipv4, (1, 1, 0xfc), "service class"),
    Field::bits("ip.dsfield.ecn", Unsigned(8), Ipv4, (1, 1, 0x03), "congestion marks"),
    Field::number("ip.len", Ipv4, 2, 2, "bytes of header and payload"),
    Field::number("ip.id", Ipv4, 4, 2, "number of the datagram"),
    Field::bits("ip.flags", Unsigned(8), Ipv4, (6, 1, 0xe0), "the three flags"),
    Field::flag("ip.flags.rb", Ipv4, 6, 0x80, "reserved bit"),
    Field::flag("ip.flags.df", Ipv4, 6, 0x40, "must not be fragmented"),
    Field::flag("ip.flags.mf", Ipv4, 6, 0x20, "more fragments follow"),
    Field::bits("ip.frag_offset", Unsigned(16), Ipv4, (6, 2, 0x1fff), "place of the fragment"),
    Field::number("ip.ttl", Ipv4, 8, 1, "hops left"),
    Field::number("ip.proto", Ipv4, 9, 1, "protocol of the payload").named(PROTOCOLS),
    Field::number("ip.checksum", Ipv4, 10, 2, "header checksum"),
    Field::call("ip.checksum.status", Unsigned(8), Ipv4, checksum_status, "verdict on it")
        .named(CHECKSUM_STATES),
    Field::call("ip.src_host", Text, Ipv4, source_text, "sender as text"),
    Field::call("ip.dst_host", Text, Ipv4, destination_text, "receiver as text"),
    Field::call("ip.host", Text, Ipv4, source_text, "sender or receiver as text").and(Field::call(
        "",
        Text,
        Ipv4,
        destination_text,
        "",
    )),
    Field::call("ip.ttl.lncb", Label, Ipv4, odd_local_ttl, "unusual for an address of the link"),
    Field::call("ip.ttl.too_small", Label, Ipv4, too_small_ttl, "few hops left"),
    Field::call("ip.fragments", Bytes, Ipv4, whole, "the datagram that this fragment completes"),
    Field::call("ip.reassembled.length", Unsigned(32), Ipv4, whole_len, "its bytes"),
    Field::call("ip.reassembled.data", Bytes, Ipv4, whole, "its bytes themselves"),
    Field::call(
        "ip.reassembled_in",
        FrameNumber,
        Ipv4,
        unknown_yet,
        "completed where: seen only later",
    ),
];

/// Wireshark shows bytes, the header holds words of four.
fn header_len(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    context.integer(0, 1).is_some_and(|byte| sink(number((byte & 0x0f) * 4)))
}

/// Wireshark leaves checksums of IP unverified unless asked to check them.
fn checksum_status(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    context.integer(10, 2).is_some() && sink(number(2_u8))
}

/// Without name resolution a host is called what its address is.
fn host(address: Option<&[u8]>, sink: &mut Values<'_>) -> bool {
    let Some(&address) = address.and_then(|bytes| bytes.first_chunk::<4>()) else { return false };
    let mut text = ArrayString::<16>::new();
    write!(text, "{}", std::net::Ipv4Addr::from(address)).is_ok()
        && sink(Value::Text(text.as_bytes()))
}

fn source_text(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    host(context.layer.bytes.get(12..16), sink)
}

fn destination_text(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    host(context.layer.bytes.get(16..20), sink)
}

/// The payload put together from fragments, in the frame with the last one.
pub(super) fn reassembled<'c>(context: &Context<'_, 'c>) -> Option<&'c [u8]> {
    let next = context.facts.decoded.layers.get(context.index + 1)?;
    let is_whole = context.layer.offset().is_some() && next.offset().is_none();
    is_whole.then_some(next.bytes)
}

pub(super) fn whole(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    reassembled(context).is_some_and(|bytes| sink(Value::Bytes(bytes)))
}

pub(super) fn whole_len(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    reassembled(context).is_some_and(|bytes| sink(number(bytes.len() as u64)))
}

/// The TTL that a packet to 224.0.0.0/24 should have and has not.
pub(super) fn wrong_local_ttl(context: &Context<'_, '_>) -> Option<u8> {
    let bytes = context.layer.bytes;
    let &[224, 0, 0, host] = bytes.get(16..)?.first_chunk()? else { return None };
    let wanted = match host {
        // LLMNR has any.
        252 => return None,
        // VRRP, GLBP, mDNS.
        18 | 102 | 251 => 255,
        _ => 1,
    };
    let ttl = *bytes.get(8)?;
    (ttl != wanted).then_some(wanted)
}

/// The TTL of a packet that will not come far.
pub(super) fn small_ttl(context: &Context<'_, '_>) -> Option<u8> {
    let bytes = context.layer.bytes;
    let is_multicast = matches!(bytes.get(16)?, 224..=239);
    // OSPF and PIM are for neighbours.
    let is_local = matches!(bytes.get(9)?, 89 | 103);
    bytes.get(8).copied().filter(|ttl| *ttl < 5 && !is_multicast && !is_local)
}

fn odd_local_ttl(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    wrong_local_ttl(context).is_some() && sink(Value::Label)
}

fn too_small_ttl(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    small_ttl(context).is_some() && sink(Value::Label)
}
