//! `icmpv6.*`: errors, echo, neighbour discovery (RFC 4861) and listeners (RFC 2710, 3810).

use super::icmp::{CHECKSUM_STATES, unknown_yet};
use super::{Context, Field, Values, number};
use crate::filter::kind::Kind::{self, Boolean, Bytes, FrameNumber, Label, Unsigned};
use crate::filter::value::Value;
use crate::wire::Protocol::Icmpv6;

const ECHO: &[u8] = &[128, 129];
const ROUTER_ADVERTISEMENT: &[u8] = &[134];
const NEIGHBOR_ADVERTISEMENT: &[u8] = &[136];
/// Listener query, report and done of version 1, and the query of version 2.
const LISTENER: &[u8] = &[130, 131, 132];
const REPORT_2: u8 = 143;

/// A field of the options behind some messages.
const fn option(
    name: &'static str,
    kind: Kind,
    read: fn(&Context<'_, '_>, &mut Values<'_>) -> bool,
    meaning: &'static str,
) -> Field {
    Field::call(name, kind, Icmpv6, read, meaning).of(&[133, 134, 135, 136, 137])
}

const fn router_flag(name: &'static str, mask: u8, meaning: &'static str) -> Field {
    Field::flag(name, Icmpv6, 5, mask, meaning).of(ROUTER_ADVERTISEMENT)
}

const fn neighbor_flag(name: &'static str, mask: u8, meaning: &'static str) -> Field {
    Field::bits(name, Boolean, Icmpv6, (4, 4, (mask as u64) << 24), meaning)
        .of(NEIGHBOR_ADVERTISEMENT)
}

pub(super) const FIELDS: &[Field] = &[
    Field::number("icmpv6.type", Icmpv6, 0, 1, "kind of message"),
    Field::number("icmpv6.code", Icmpv6, 1, 1, "kind within the kind"),
    Field::number("icmpv6.checksum", Icmpv6, 2, 2, "checksum"),
    Field::call("icmpv6.checksum.status", Unsigned(8), Icmpv6, checksum_status, "verdict on it")
        .named(CHECKSUM_STATES),
    Field::call("icmpv6.reserved", Bytes, Icmpv6, reserved, "bytes without a meaning")
        .of(&[1, 3, 130, 131, 132, 133, 135, 137, 143]),
    Field::number("icmpv6.mtu", Icmpv6, 4, 4, "largest packet that fits").of(&[2]),
    Field::number("icmpv6.pointer", Icmpv6, 4, 4, "place of the fault").of(&[4]),
    Field::number("icmpv6.echo.identifier", Icmpv6, 4, 2, "who asked").of(ECHO),
    Field::number("icmpv6.echo.sequence_number", Icmpv6, 6, 2, "which echo").of(ECHO),
    Field::call("icmpv6.resp_in", FrameNumber, Icmpv6, unknown_yet, "the answer: seen only later"),
    Field::call("icmpv6.no_resp", Label, Icmpv6, unknown_yet, "no answer came: seen only later"),
    Field::number("icmpv6.nd.ra.cur_hop_limit", Icmpv6, 4, 1, "hop limit to use")
        .of(ROUTER_ADVERTISEMENT),
    Field::number("icmpv6.nd.ra.flag", Icmpv6, 5, 1, "flags of a router").of(ROUTER_ADVERTISEMENT),
    router_flag("icmpv6.nd.ra.flag.m", 0x80, "addresses come by DHCP"),
    router_flag("icmpv6.nd.ra.flag.o", 0x40, "other settings come by DHCP"),
    router_flag("icmpv6.nd.ra.flag.h", 0x20, "is a home agent"),
    Field::bits("icmpv6.nd.ra.flag.prf", Unsigned(8), Icmpv6, (5, 1, 0x18), "preference")
        .of(ROUTER_ADVERTISEMENT),
    router_flag("icmpv6.nd.ra.flag.p", 0x04, "is a proxy"),
    Field::bits("icmpv6.nd.ra.flag.rsv", Unsigned(8), Icmpv6, (5, 1, 0x03), "reserved bits")
        .of(ROUTER_ADVERTISEMENT),
    Field::number("icmpv6.nd.ra.router_lifetime", Icmpv6, 6, 2, "seconds as default router")
        .of(ROUTER_ADVERTISEMENT),
    Field::number("icmpv6.nd.ra.reachable_time", Icmpv6, 8, 4, "milliseconds of reachability")
        .of(ROUTER_ADVERTISEMENT),
    Field::number("icmpv6.nd.ra.retrans_timer", Icmpv6, 12, 4, "milliseconds between requests")
        .of(ROUTER_ADVERTISEMENT),
    Field::ipv6("icmpv6.nd.ns.target_address", Icmpv6, 8, "whom it asks for").of(&[135]),
    Field::ipv6("icmpv6.nd.na.target_address", Icmpv6, 8, "of whom it tells")
        .of(NEIGHBOR_ADVERTISEMENT),
    Field::number("icmpv6.nd.na.flag", Icmpv6, 4, 4, "flags of a neighbour")
        .of(NEIGHBOR_ADVERTISEMENT),
    neighbor_flag("icmpv6.nd.na.flag.r", 0x80, "is a router"),
    neighbor_flag("icmpv6.nd.na.flag.s", 0x40, "was asked"),
    neighbor_flag("icmpv6.nd.na.flag.o", 0x20, "replaces what was known"),
    Field::bits(
        "icmpv6.nd.na.flag.rsv",
        Unsigned(32),
        Icmpv6,
        (4, 4, 0x1fff_ffff),
        "reserved bits",
    )
    .of(NEIGHBOR_ADVERTISEMENT),
    Field::ipv6("icmpv6.nd.rd.target_address", Icmpv6, 8, "the better next hop").of(&[137]),
    Field::ipv6("icmpv6.rd.na.destination_address", Icmpv6, 24, "for which receiver").of(&[137]),
    Field::number("icmpv6.mld.maximum_response_delay", Icmpv6, 4, 2, "milliseconds to answer")
        .of(&[131, 132])
        .and(Field::call("", Unsigned(16), Icmpv6, response_delay, "")),
    Field::call(
        "icmpv6.mld.maximum_response_code",
        Unsigned(16),
        Icmpv6,
        response_code,
        "the same, coded",
    ),
    Field::ipv6("icmpv6.mld.multicast_address", Icmpv6, 8, "the group").of(LISTENER),
    Field::call("icmpv6.mld.flag", Unsigned(8), Icmpv6, query_flags, "flags of a query"),
    Field::call("icmpv6.mld.flag.s", Boolean, Icmpv6, query_suppress, "stay silent"),
    Field::call("icmpv6.mld.flag.qrv", Unsigned(8), Icmpv6, query_robustness, "robustness"),
    Field::call("icmpv6.mld.qqi", Unsigned(8), Icmpv6, query_interval, "querier's interval"),
    Field::call("icmpv6.mld.nb_sources", Unsigned(16), Icmpv6, query_sources, "number of sources"),
    Field::number("icmpv6.mldr.nb_mcast_records", Icmpv6, 6, 2, "number of records")
        .of(&[REPORT_2]),
    Field::call("icmpv6.mldr.mar", Label, Icmpv6, record_there, "a record").of(&[REPORT_2]),
    Field::call("icmpv6.mldr.mar.record_type", Unsigned(8), Icmpv6, record_kind, "what is asked")
        .of(&[REPORT_2]),
    Field::call("icmpv6.mldr.mar.aux_data_len", Unsigned(8), Icmpv6, record_extra, "further words")
        .of(&[REPORT_2]),
    Field::call("icmpv6.mldr.mar.nb_sources", Unsigned(16), Icmpv6, record_sources, "sources")
        .of(&[REPORT_2]),
    Field::call(
        "icmpv6.mldr.mar.multicast_address",
        Kind::Ipv6,
        Icmpv6,
        record_group,
        "a record's group",
    )
    .of(&[REPORT_2]),
    option("icmpv6.opt", Label, option_there, "an option"),
    option("icmpv6.opt.type", Unsigned(8), option_kind, "an option's kind"),
    option("icmpv6.opt.length", Unsigned(8), option_units, "its length in units of 8 bytes"),
    option("icmpv6.opt.linkaddr", Bytes, link_address, "either link-layer address"),
    option("icmpv6.opt.src_linkaddr", Bytes, source_link, "sender's link-layer address"),
    option("icmpv6.opt.target_linkaddr", Bytes, target_link, "target's link-layer address"),
    option("icmpv6.opt.prefix.length", Unsigned(8), prefix_len, "bits of a prefix"),
    option("icmpv6.opt.prefix.flag", Unsigned(8), prefix_flags, "flags of a prefix"),
    option("icmpv6.opt.prefix.flag.l", Boolean, prefix_on_link, "is on this link"),
    option("icmpv6.opt.prefix.flag.a", Boolean, prefix_autonomous, "may be used for addresses"),
    option("icmpv6.opt.prefix.flag.r", Boolean, prefix_router, "holds the router's address"),
    option("icmpv6.opt.prefix.valid_lifetime", Unsigned(32), prefix_valid, "seconds valid"),
    option(
        "icmpv6.opt.prefix.preferred_lifetime",
        Unsigned(32),
        prefix_preferred,
        "seconds preferred",
    ),
    option("icmpv6.opt.prefix", Kind::Ipv6, prefix, "a prefix"),
    option("icmpv6.opt.mtu", Unsigned(32), option_mtu, "largest packet of the link"),
    option("icmpv6.opt.rdnss.lifetime", Unsigned(32), resolver_lifetime, "seconds valid"),
    option("icmpv6.opt.rdnss", Kind::Ipv6, resolvers, "a DNS server"),
    option("icmpv6.opt.nonce", Bytes, nonce, "a random number"),
];

/// The sum over the message and the pseudo-header; not over one that is cut.
fn checksum_status(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    let layer = context.layer;
    if layer.bytes.len() < 4 {
        return false;
    }
    let addresses = context.facts.decoded.addresses_above(context.index);
    let (Some((std::net::IpAddr::V6(source), std::net::IpAddr::V6(destination))), false) =
        (addresses, layer.is_quoted || layer.bytes.len() < layer.wire_len as usize)
    else {
        return sink(number(2_u8));
    };
    let mut pseudo = [0; 40];
    let parts = source.octets().into_iter().chain(destination.octets());
    let rest = layer.wire_len.to_be_bytes().into_iter().chain([0, 0, 0, 58]);
    for (place, byte) in pseudo.iter_mut().zip(parts.chain(rest)) {
        *place = byte;
    }
    let (a, b) = (super::icmp::sum(&pseudo), super::icmp::sum(layer.bytes));
    let sum = u32::from(a) + u32::from(b);
    sink(number(u8::from((sum & 0xffff) + (sum >> 16) == 0xffff)))
}

fn reserved(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    let range = match context.layer.bytes.first() {
        Some(130..=132) => 6..8,
        Some(143) => 4..6,
        _ => 4..8,
    };
    context.layer.bytes.get(range).is_some_and(|bytes| sink(Value::Bytes(bytes)))
}

/// Bytes of a listener query of version 2 or more (RFC 3810, section 8.1).
const QUERY_2: usize = 28;

fn is_query(context: &Context<'_, '_>, is_second: bool) -> bool {
    context.layer.bytes.first() == Some(&130) && (context.layer.bytes.len() >= QUERY_2) == is_second
}

fn in_query(
    context: &Context<'_, '_>,
    (at, width, mask): (usize, usize, u64),
    sink: &mut Values<'_>,
) -> bool {
    let value = context.integer(at, width).filter(|_| is_query(context, true));
    value.is_some_and(|value| sink(number((value & mask) >> mask.trailing_zeros())))
}

fn response_delay(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    let value = context.integer(4, 2).filter(|_| is_query(context, false));
    value.is_some_and(|value| sink(number(value)))
}

fn response_code(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    in_query(context, (4, 2, 0xffff), sink)
}

fn query_flags(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    in_query(context, (24, 1, 0xff), sink)
}

fn query_suppress(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    let value = context.integer(24, 1).filter(|_| is_query(context, true));
    value.is_some_and(|value| sink(Value::Boolean(value & 8 != 0)))
}

fn query_robustness(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    in_query(context, (24, 1, 0x07), sink)
}

fn query_interval(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    in_query(context, (25, 1, 0xff), sink)
}

fn query_sources(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    in_query(context, (26, 2, 0xffff), sink)
}

/// The records of a report of version 2 (RFC 3810, section 5.2): their heads and groups.
fn records<'c>(context: &Context<'_, 'c>) -> impl Iterator<Item = &'c [u8; 20]> + use<'c> {
    let mut rest = context.layer.bytes.get(8..).unwrap_or(&[]);
    let count = context.integer(6, 2).unwrap_or(0);
    let next = move || {
        let head: &[u8; 20] = rest.first_chunk()?;
        let sources = usize::from(u16::from_be_bytes([head[2], head[3]]));
        rest = rest.get(20 + 16 * sources + 4 * usize::from(head[1])..).unwrap_or(&[]);
        Some(head)
    };
    std::iter::from_fn(next).take(usize::try_from(count).unwrap_or(0))
}

fn record_there(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    records(context).any(|_| sink(Value::Label))
}

fn record_kind(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    records(context).any(|head| sink(number(head[0])))
}

fn record_extra(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    records(context).any(|head| sink(number(head[1])))
}

fn record_sources(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    records(context).any(|head| sink(number(u16::from_be_bytes([head[2], head[3]]))))
}

fn record_group(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    records(context).any(|head| head.last_chunk().is_some_and(|group| address(group, sink)))
}

fn address(bytes: &[u8; 16], sink: &mut Values<'_>) -> bool {
    sink(Value::ipv6(u128::from_be_bytes(*bytes)))
}

/// The options of neighbour discovery (RFC 4861, section 4.6): kind, units, all bytes.
fn options<'c>(context: &Context<'_, 'c>) -> impl Iterator<Item = &'c [u8]> + use<'c> {
    let start = match context.layer.bytes.first() {
        Some(133) => 8,
        Some(134) => 16,
        Some(137) => 40,
        _ => 24,
    };
    let mut rest = context.layer.bytes.get(start..).unwrap_or(&[]);
    std::iter::from_fn(move || {
        let units = usize::from(*rest.get(1).filter(|units| **units > 0)?);
        let (option, behind) = rest.split_at_checked(units * 8).unwrap_or((rest, &[]));
        rest = behind;
        Some(option)
    })
}

/// Hands out a part of each option of a kind.
fn part(context: &Context<'_, '_>, kind: u8, read: &mut dyn FnMut(&[u8]) -> bool) -> bool {
    options(context).any(|option| option.first() == Some(&kind) && read(option))
}

fn integer(option: &[u8], at: usize, width: usize) -> Option<Value<'static>> {
    let bytes = option.get(at..at + width)?;
    Some(Value::Integer(bytes.iter().fold(0, |sum, byte| sum << 8 | i128::from(*byte))))
}

fn option_there(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    options(context).any(|_| sink(Value::Label))
}

fn option_kind(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    options(context).any(|option| integer(option, 0, 1).is_some_and(&mut *sink))
}

fn option_units(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    options(context).any(|option| integer(option, 1, 1).is_some_and(&mut *sink))
}

fn source_link(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    part(context, 1, &mut |option| option.get(2..).is_some_and(|b| sink(Value::Bytes(b))))
}

fn target_link(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    part(context, 2, &mut |option| option.get(2..).is_some_and(|b| sink(Value::Bytes(b))))
}

fn link_address(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    source_link(context, sink) || target_link(context, sink)
}

fn prefix_len(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    part(context, 3, &mut |option| integer(option, 2, 1).is_some_and(&mut *sink))
}

fn prefix_flags(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    part(context, 3, &mut |option| integer(option, 3, 1).is_some_and(&mut *sink))
}

fn prefix_flag(context: &Context<'_, '_>, mask: u8, sink: &mut Values<'_>) -> bool {
    part(context, 3, &mut |option| {
        option.get(3).is_some_and(|flags| sink(Value::Boolean(flags & mask != 0)))
    })
}

fn prefix_on_link(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    prefix_flag(context, 0x80, sink)
}

fn prefix_autonomous(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    prefix_flag(context, 0x40, sink)
}

fn prefix_router(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    prefix_flag(context, 0x20, sink)
}

fn prefix_valid(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    part(context, 3, &mut |option| integer(option, 4, 4).is_some_and(&mut *sink))
}

fn prefix_preferred(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    part(context, 3, &mut |option| integer(option, 8, 4).is_some_and(&mut *sink))
}

fn prefix(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    part(context, 3, &mut |option| {
        option.get(16..).and_then(|b| b.first_chunk()).is_some_and(|b| address(b, sink))
    })
}

fn option_mtu(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    part(context, 5, &mut |option| integer(option, 4, 4).is_some_and(&mut *sink))
}

fn resolver_lifetime(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    part(context, 25, &mut |option| integer(option, 4, 4).is_some_and(&mut *sink))
}

fn resolvers(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    part(context, 25, &mut |option| {
        let (addresses, _) = option.get(8..).unwrap_or(&[]).as_chunks::<16>();
        addresses.iter().any(|bytes| address(bytes, sink))
    })
}

fn nonce(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    part(context, 14, &mut |option| option.get(2..).is_some_and(|b| sink(Value::Bytes(b))))
}
