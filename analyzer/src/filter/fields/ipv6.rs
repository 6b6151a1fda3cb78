//! `ipv6.*`: the fixed header and the extension headers.

use std::fmt::Write;

use arrayvec::ArrayString;

use super::icmp::unknown_yet;
use super::ip::{PROTOCOLS, whole, whole_len};
use super::{Context, Field, Values, number};
use crate::filter::kind::Kind::{Boolean, Bytes, FrameNumber, Label, Text, Unsigned};
use crate::filter::value::Value;
use crate::wire::Protocol::{Ipv6, Ipv6Destination, Ipv6Fragment, Ipv6HopByHop, Ipv6Routing};

pub(super) const FIELDS: &[Field] = &[
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
    Field::call("ipv6.src_host", Text, Ipv6, source_text, "sender as text"),
    Field::call("ipv6.dst_host", Text, Ipv6, destination_text, "receiver as text"),
    Field::call("ipv6.host", Text, Ipv6, source_text, "sender or receiver as text")
        .and(Field::call("", Text, Ipv6, destination_text, "")),
    Field::number("ipv6.fraghdr.nxt", Ipv6Fragment, 0, 1, "next header").named(PROTOCOLS),
    Field::number("ipv6.fraghdr.reserved_octet", Ipv6Fragment, 1, 1, "reserved byte"),
    Field::bits(
        "ipv6.fraghdr.reserved_bits",
        Unsigned(16),
        Ipv6Fragment,
        (2, 2, 0x0006),
        "reserved bits",
    ),
    Field::call("ipv6.fragments", Label, Ipv6Fragment, completes, "completes a datagram"),
    Field::call("ipv6.reassembled.length", Unsigned(32), Ipv6Fragment, whole_len, "its bytes"),
    Field::call("ipv6.reassembled.data", Bytes, Ipv6Fragment, whole, "its bytes themselves"),
    Field::call(
        "ipv6.reassembled.in",
        FrameNumber,
        Ipv6Fragment,
        unknown_yet,
        "completed where: seen only later",
    ),
    Field::number("ipv6.hopopts.nxt", Ipv6HopByHop, 0, 1, "next header").named(PROTOCOLS),
    Field::number("ipv6.hopopts.len", Ipv6HopByHop, 1, 1, "units of 8 bytes after the first"),
    Field::call("ipv6.hopopts.len_oct", Unsigned(16), Ipv6HopByHop, len, "bytes"),
    Field::number("ipv6.dstopts.nxt", Ipv6Destination, 0, 1, "next header").named(PROTOCOLS),
    Field::number("ipv6.dstopts.len", Ipv6Destination, 1, 1, "units of 8 bytes after the first"),
    Field::call("ipv6.dstopts.len_oct", Unsigned(16), Ipv6Destination, len, "bytes"),
    Field::number("ipv6.routing.nxt", Ipv6Routing, 0, 1, "next header").named(PROTOCOLS),
    Field::number("ipv6.routing.len", Ipv6Routing, 1, 1, "units of 8 bytes after the first"),
    Field::call("ipv6.routing.len_oct", Unsigned(16), Ipv6Routing, len, "bytes"),
    Field::number("ipv6.routing.type", Ipv6Routing, 2, 1, "kind of route"),
    Field::number("ipv6.routing.segleft", Ipv6Routing, 3, 1, "stations left"),
    options(Label, "ipv6.opt", option_there, "an option")
        .and(options_of_receiver(Label, option_there)),
    options(Unsigned(8), "ipv6.opt.type", option_kind, "its kind")
        .and(options_of_receiver(Unsigned(8), option_kind)),
    options(Unsigned(8), "ipv6.opt.length", option_len, "its bytes")
        .and(options_of_receiver(Unsigned(8), option_len)),
    options(Label, "ipv6.opt.pad1", pad_one, "one byte of padding")
        .and(options_of_receiver(Label, pad_one)),
    options(Bytes, "ipv6.opt.padn", padding, "bytes of padding")
        .and(options_of_receiver(Bytes, padding)),
    options(Unsigned(16), "ipv6.opt.router_alert", router_alert, "routers must look at it")
        .and(options_of_receiver(Unsigned(16), router_alert)),
    options(Unsigned(32), "ipv6.opt.jumbo", jumbo, "payload bytes of a jumbogram")
        .and(options_of_receiver(Unsigned(32), jumbo)),
];

const fn options(
    kind: crate::filter::Kind,
    name: &'static str,
    read: fn(&Context<'_, '_>, &mut Values<'_>) -> bool,
    meaning: &'static str,
) -> Field {
    Field::call(name, kind, Ipv6HopByHop, read, meaning)
}

const fn options_of_receiver(
    kind: crate::filter::Kind,
    read: fn(&Context<'_, '_>, &mut Values<'_>) -> bool,
) -> Field {
    Field::call("", kind, Ipv6Destination, read, "")
}

fn completes(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    super::ip::reassembled(context).is_some() && sink(Value::Label)
}

fn host(address: Option<&[u8]>, sink: &mut Values<'_>) -> bool {
    let Some(&address) = address.and_then(|bytes| bytes.first_chunk::<16>()) else { return false };
    let mut text = ArrayString::<48>::new();
    write!(text, "{}", std::net::Ipv6Addr::from(address)).is_ok()
        && sink(Value::Text(text.as_bytes()))
}

fn source_text(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    host(context.layer.bytes.get(8..24), sink)
}

fn destination_text(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    host(context.layer.bytes.get(24..40), sink)
}

fn len(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    context.integer(1, 1).is_some_and(|units| sink(number((units + 1) * 8)))
}

/// The options of a header (RFC 8200, section 4.2): kind and data, none of the one-byte kind.
fn each(context: &Context<'_, '_>, read: &mut dyn FnMut(u8, Option<&[u8]>) -> bool) -> bool {
    let mut rest = context.layer.header().get(2..).unwrap_or(&[]);
    while let Some((&kind, behind)) = rest.split_first() {
        if kind == 0 {
            rest = behind;
            if read(kind, None) {
                return true;
            }
            continue;
        }
        let Some((&len, behind)) = behind.split_first() else { return false };
        let (data, behind) = behind.split_at_checked(usize::from(len)).unwrap_or((behind, &[]));
        rest = behind;
        if read(kind, Some(data)) {
            return true;
        }
    }
    false
}

fn option_there(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    each(context, &mut |_, _| sink(Value::Label))
}

fn option_kind(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    each(context, &mut |kind, _| sink(number(kind)))
}

fn option_len(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    each(context, &mut |_, data| data.is_some_and(|data| sink(number(data.len() as u64))))
}

fn pad_one(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    each(context, &mut |kind, _| kind == 0 && sink(Value::Label))
}

fn padding(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    each(context, &mut |kind, data| kind == 1 && data.is_some_and(|data| sink(Value::Bytes(data))))
}

fn router_alert(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    each(context, &mut |kind, data| match data {
        Some(&[high, low]) if kind == 5 => sink(number(u16::from_be_bytes([high, low]))),
        _ => false,
    })
}

fn jumbo(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    each(context, &mut |kind, data| match data {
        Some(&[a, b, c, d]) if kind == 0xc2 => sink(number(u32::from_be_bytes([a, b, c, d]))),
        _ => false,
    })
}
