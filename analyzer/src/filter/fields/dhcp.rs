//! `dhcp.*` (RFC 2131, RFC 2132).

use super::dns::integer;
use super::{Field, Values, number};
use crate::filter::kind::Kind::{self, Boolean, Bytes, Ether, Ipv4, Label, Text, Unsigned};
use crate::filter::literal::Names;
use crate::filter::value::Value;
use crate::info::Message;
use crate::info::MessageKind::Dhcp;

/// Where the options start, behind their magic number.
const OPTIONS_AT: usize = 240;
const COOKIE: u64 = 0x6382_5363;

const OPERATIONS: Names = &[(1, "Boot Request"), (2, "Boot Reply")];
const MESSAGES: Names = &[
    (1, "Discover"),
    (2, "Offer"),
    (3, "Request"),
    (4, "Decline"),
    (5, "ACK"),
    (6, "NAK"),
    (7, "Release"),
    (8, "Inform"),
];

const fn field(
    name: &'static str,
    kind: Kind,
    read: fn(&Message<'_>, &mut Values<'_>) -> bool,
    meaning: &'static str,
) -> Field {
    Field::message(name, kind, &[Dhcp], read, meaning)
}

pub(super) const FIELDS: &[Field] = &[
    field("dhcp.type", Unsigned(8), |m, sink| part(m, 0, 1, sink), "request or reply")
        .named(OPERATIONS),
    field("dhcp.hw.type", Unsigned(8), |m, sink| part(m, 1, 1, sink), "kind of hardware"),
    field("dhcp.hw.len", Unsigned(8), |m, sink| part(m, 2, 1, sink), "bytes of its address"),
    field("dhcp.hops", Unsigned(8), |m, sink| part(m, 3, 1, sink), "relays passed"),
    field("dhcp.id", Unsigned(32), |m, sink| part(m, 4, 4, sink), "number of the transaction"),
    field("dhcp.secs", Unsigned(16), |m, sink| sink(number(seconds(m))), "seconds since it began"),
    field("dhcp.secs_le", Label, swapped, "seconds in the wrong byte order"),
    field("dhcp.flags", Unsigned(16), |m, sink| part(m, 10, 2, sink), "flags"),
    field("dhcp.flags.bc", Boolean, broadcast, "the answer must be a broadcast"),
    field("dhcp.flags.reserved", Unsigned(16), reserved, "reserved bits"),
    field("dhcp.ip.client", Ipv4, |m, sink| address(m, 12, sink), "the client's address"),
    field("dhcp.ip.your", Ipv4, |m, sink| address(m, 16, sink), "the address it is given"),
    field("dhcp.ip.server", Ipv4, |m, sink| address(m, 20, sink), "the server"),
    field("dhcp.ip.relay", Ipv4, |m, sink| address(m, 24, sink), "the relay"),
    field("dhcp.hw.mac_addr", Ether, hardware, "the client's MAC address"),
    field("dhcp.hw.addr_padding", Bytes, hardware_rest, "what is left of its field"),
    field("dhcp.server", Text, |m, sink| text(m, 44, 64, sink), "the server's name"),
    field("dhcp.file", Text, |m, sink| text(m, 108, 128, sink), "the file to start from"),
    field("dhcp.cookie", Ipv4, cookie, "the number in front of the options"),
    field("dhcp.option.type", Unsigned(8), option_types, "kind of option"),
    field("dhcp.option.length", Unsigned(8), option_lens, "its bytes"),
    field("dhcp.option.end", Unsigned(8), option_end, "the end of the options"),
];

/// Options of which the data are one thing or several of the same.
macro_rules! options {
    ($($name:literal, $number:literal, $kind:expr, $read:ident, $meaning:literal;)*) => {
        &[$(field($name, $kind, |m, sink| $read(m, $number, sink), $meaning),)*]
    };
}

pub(super) const OPTIONS: &[Field] = options! {
    "dhcp.option.subnet_mask", 1, Ipv4, addresses, "mask of the network";
    "dhcp.option.router", 3, Ipv4, addresses, "a router";
    "dhcp.option.time_server", 4, Ipv4, addresses, "a time server";
    "dhcp.option.domain_name_server", 6, Ipv4, addresses, "a DNS server";
    "dhcp.option.log_server", 7, Ipv4, addresses, "a log server";
    "dhcp.option.hostname", 12, TEXT, string, "the client's name";
    "dhcp.option.domain_name", 15, TEXT, string, "the domain";
    "dhcp.option.interface_mtu", 26, Unsigned(16), value, "largest packet of the link";
    "dhcp.option.broadcast_address", 28, Ipv4, addresses, "the network's broadcast";
    "dhcp.option.ntp_server", 42, Ipv4, addresses, "an NTP server";
    "dhcp.option.netbios_over_tcpip_name_server", 44, Ipv4, addresses, "a NetBIOS name server";
    "dhcp.option.requested_ip_address", 50, Ipv4, addresses, "the address that is asked for";
    "dhcp.option.ip_address_lease_time", 51, Unsigned(32), value, "seconds that it is lent";
    "dhcp.option.option_overload", 52, Unsigned(8), value, "options elsewhere";
    "dhcp.option.dhcp_server_id", 54, Ipv4, addresses, "the server";
    "dhcp.option.request_list_item", 55, Unsigned(8), items, "an option that is asked for";
    "dhcp.option.message", 56, TEXT, string, "what is wrong";
    "dhcp.option.dhcp_max_message_size", 57, Unsigned(16), value, "largest answer";
    "dhcp.option.renewal_time_value", 58, Unsigned(32), value, "seconds to asking again";
    "dhcp.option.rebinding_time_value", 59, Unsigned(32), value, "seconds to asking anybody";
    "dhcp.option.tftp_server_name", 66, TEXT, string, "server of the file to start from";
    "dhcp.option.bootfile_name", 67, TEXT, string, "the file to start from";
    "dhcp.client_id", 61, Bytes, identifier, "the client's identifier";
};

/// The message type is an option with names.
pub(super) const MESSAGE_TYPE: &[Field] =
    &[field("dhcp.option.dhcp", Unsigned(8), |m, sink| value(m, 53, sink), "kind of message")
        .named(MESSAGES)];

const TEXT: Kind = Text;

fn part(message: &Message<'_>, at: usize, width: usize, sink: &mut Values<'_>) -> bool {
    integer(message.bytes, at, width).is_some_and(|value| sink(number(value)))
}

fn address(message: &Message<'_>, at: usize, sink: &mut Values<'_>) -> bool {
    let bytes = message.bytes.get(at..).and_then(|bytes| bytes.first_chunk());
    bytes.is_some_and(|bytes| sink(Value::ipv4(u32::from_be_bytes(*bytes))))
}

/// Some clients send the seconds with the low byte first.
pub(super) fn has_swapped_seconds(message: &Message<'_>) -> bool {
    matches!(message.bytes.get(8..10), Some(&[1..=255, 0]))
}

fn seconds(message: &Message<'_>) -> u64 {
    let at = if has_swapped_seconds(message) { (8, 1) } else { (8, 2) };
    integer(message.bytes, at.0, at.1).unwrap_or(0)
}

fn swapped(message: &Message<'_>, sink: &mut Values<'_>) -> bool {
    has_swapped_seconds(message) && sink(Value::Label)
}

fn broadcast(message: &Message<'_>, sink: &mut Values<'_>) -> bool {
    let flags = message.bytes.get(10);
    flags.is_some_and(|flags| sink(Value::Boolean(flags & 0x80 != 0)))
}

fn reserved(message: &Message<'_>, sink: &mut Values<'_>) -> bool {
    integer(message.bytes, 10, 2).is_some_and(|flags| sink(number(flags & 0x7fff)))
}

fn has_mac(message: &Message<'_>) -> bool {
    message.bytes.get(1..3) == Some(&[1, 6])
}

fn hardware(message: &Message<'_>, sink: &mut Values<'_>) -> bool {
    let bytes = message.bytes.get(28..34).filter(|_| has_mac(message));
    bytes.is_some_and(|bytes| sink(Value::Bytes(bytes)))
}

fn hardware_rest(message: &Message<'_>, sink: &mut Values<'_>) -> bool {
    let len = usize::from(message.bytes.get(2).copied().unwrap_or(0));
    let bytes = message.bytes.get(28 + len..44).filter(|bytes| len > 0 && !bytes.is_empty());
    bytes.is_some_and(|bytes| sink(Value::Bytes(bytes)))
}

/// A text that ends with a zero; an empty one says that nothing is given.
fn text(message: &Message<'_>, at: usize, len: usize, sink: &mut Values<'_>) -> bool {
    let Some(bytes) = message.bytes.get(at..at + len) else { return false };
    let text = bytes.split(|byte| *byte == 0).next().unwrap_or(&[]);
    sink(Value::Text(text))
}

fn has_options(message: &Message<'_>) -> bool {
    integer(message.bytes, OPTIONS_AT - 4, 4) == Some(COOKIE)
}

fn cookie(message: &Message<'_>, sink: &mut Values<'_>) -> bool {
    has_options(message) && address(message, OPTIONS_AT - 4, sink)
}

/// Hands out each option: its kind and its data; padding and the end have none.
fn each(message: &Message<'_>, read: &mut dyn FnMut(u8, Option<&[u8]>) -> bool) -> bool {
    if !has_options(message) {
        return false;
    }
    let mut rest = message.bytes.get(OPTIONS_AT..).unwrap_or(&[]);
    while let Some((&kind, behind)) = rest.split_first() {
        let data = match (kind, behind.split_first()) {
            (0 | 255, _) => None,
            (_, Some((len, data))) => data.get(..usize::from(*len)),
            (_, None) => return false,
        };
        if kind != 0 && kind != 255 && data.is_none() {
            return false;
        }
        if kind != 0 && read(kind, data) {
            return true;
        }
        if kind == 255 {
            return false;
        }
        rest = behind.get(data.map_or(0, |data| data.len() + 1)..).unwrap_or(&[]);
    }
    false
}

fn option_types(message: &Message<'_>, sink: &mut Values<'_>) -> bool {
    // Wireshark shows the end of the options as one of type 0.
    each(message, &mut |kind, _| sink(number(if kind == 255 { 0 } else { kind })))
}

fn option_lens(message: &Message<'_>, sink: &mut Values<'_>) -> bool {
    each(message, &mut |_, data| data.is_some_and(|data| sink(number(data.len() as u64))))
}

fn option_end(message: &Message<'_>, sink: &mut Values<'_>) -> bool {
    each(message, &mut |kind, _| kind == 255 && sink(number(255_u8)))
}

/// Hands out the data of the options of a kind.
fn data(message: &Message<'_>, wanted: u8, read: &mut dyn FnMut(&[u8]) -> bool) -> bool {
    each(message, &mut |kind, data| kind == wanted && data.is_some_and(&mut *read))
}

fn addresses(message: &Message<'_>, wanted: u8, sink: &mut Values<'_>) -> bool {
    data(message, wanted, &mut |data| {
        let (addresses, _) = data.as_chunks::<4>();
        addresses.iter().any(|bytes| sink(Value::ipv4(u32::from_be_bytes(*bytes))))
    })
}

fn string(message: &Message<'_>, wanted: u8, sink: &mut Values<'_>) -> bool {
    data(message, wanted, &mut |data| {
        sink(Value::Text(data.split(|byte| *byte == 0).next().unwrap_or(&[])))
    })
}

/// An identifier that is neither a hardware address nor of a kind with parts of its own.
fn identifier(message: &Message<'_>, wanted: u8, sink: &mut Values<'_>) -> bool {
    data(message, wanted, &mut |data| {
        let has_parts = matches!(data, [0 | 255, ..] | [1..48, _, _, _, _, _, _]);
        !has_parts && data.get(1..).is_some_and(|bytes| sink(Value::Bytes(bytes)))
    })
}

fn value(message: &Message<'_>, wanted: u8, sink: &mut Values<'_>) -> bool {
    data(message, wanted, &mut |data| {
        let width = data.len().min(4);
        integer(data, 0, width).is_some_and(|value| width > 0 && sink(number(value)))
    })
}

fn items(message: &Message<'_>, wanted: u8, sink: &mut Values<'_>) -> bool {
    data(message, wanted, &mut |data| data.iter().any(|item| sink(number(*item))))
}
