//! `ip.*` and `ipv6.*`.

use super::{Context, Field, Values, number};
use crate::filter::kind::Kind::{Boolean, Unsigned};
use crate::filter::literal::Names;
use crate::wire::Protocol::{Ipv4, Ipv6, Ipv6Fragment};

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
    Field::ipv6("ipv6.src", Ipv6, 8, "sender"),
    Field::ipv6("ipv6.dst", Ipv6, 24, "receiver"),
    Field::ipv6("ipv6.addr", Ipv6, 8, "sender or receiver").and(Field::ipv6("", Ipv6, 24, "")),
    Field::bits("ipv6.version", Unsigned(8), Ipv6, (0, 1, 0xf0), "version of the header"),
    Field::bits("ipv6.tclass", Unsigned(32), Ipv6, (0, 4, 0x0ff0_0000), "traffic class"),
    Field::bits("ipv6.tclass.dscp", Unsigned(32), Ipv6, (0, 4, 0x0fc0_0000), "service class"),
    Field::bits("ipv6.tclass.ecn", Unsigned(32), Ipv6, (0, 4, 0x0030_0000), "congestion marks"),
    Field::bits("ipv6.flow", Unsigned(24), Ipv6, (0, 4, 0x000f_ffff), "flow label"),
    Field::number("ipv6.plen", Ipv6, 4, 2, "payload bytes, extension headers included"),
    Field::number("ipv6.nxt", Ipv6, 6, 1, "next header").named(PROTOCOLS),
    Field::number("ipv6.hlim", Ipv6, 7, 1, "hops left"),
    Field::bits(
        "ipv6.fraghdr.offset",
        Unsigned(16),
        Ipv6Fragment,
        (2, 2, 0xfff8),
        "place of the fragment",
    ),
    Field::bits(
        "ipv6.fraghdr.more",
        Boolean,
        Ipv6Fragment,
        (2, 2, 0x0001),
        "more fragments follow",
    ),
    Field::number("ipv6.fraghdr.ident", Ipv6Fragment, 4, 4, "number of the datagram"),
];

/// Wireshark shows bytes, the header holds words of four.
fn header_len(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    context.integer(0, 1).is_some_and(|byte| sink(number((byte & 0x0f) * 4)))
}
