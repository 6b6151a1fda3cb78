//! `dns.*`, also of mDNS and LLMNR: the header and the questions (RFC 1035, section 4.1).

use std::fmt::Write;

use arrayvec::ArrayString;

use super::{Field, Values, number};
use crate::filter::kind::Kind::{self, Boolean, FrameNumber, Text, Unsigned};
use crate::filter::literal::Names;
use crate::filter::value::Value;
use crate::info::MessageKind::{self, Dns, DnsOnStream, Llmnr, Mdns};
use crate::info::{DnsName, Message, dns_name_end};

/// Those that share the format.
pub(super) const KINDS: &[MessageKind] = &[Dns, DnsOnStream, Mdns, Llmnr];
/// Bytes of the header.
const HEADER: usize = 12;
/// Longest name that is written out; what is longer ends there.
const MAX_NAME: usize = 4096;

/// Record types by name.
pub(super) const TYPES: Names = &[
    (1, "A"),
    (2, "NS"),
    (5, "CNAME"),
    (6, "SOA"),
    (12, "PTR"),
    (13, "HINFO"),
    (15, "MX"),
    (16, "TXT"),
    (28, "AAAA"),
    (33, "SRV"),
    (35, "NAPTR"),
    (41, "OPT"),
    (43, "DS"),
    (46, "RRSIG"),
    (47, "NSEC"),
    (48, "DNSKEY"),
    (64, "SVCB"),
    (65, "HTTPS"),
    (255, "*"),
];

const RESPONSE_CODES: Names = &[
    (0, "No error"),
    (1, "Format error"),
    (2, "Server failure"),
    (3, "No such name"),
    (4, "Not implemented"),
    (5, "Refused"),
];

const fn field(
    name: &'static str,
    kind: Kind,
    read: fn(&Message<'_>, &mut Values<'_>) -> bool,
    meaning: &'static str,
) -> Field {
    Field::message(name, kind, KINDS, read, meaning)
}

pub(super) const FIELDS: &[Field] = &[
    Field::message("dns.length", Unsigned(16), &[DnsOnStream], length, "bytes, as declared"),
    field("dns.id", Unsigned(16), |m, sink| word(m, 0, sink), "number of the question"),
    field("dns.flags", Unsigned(16), |m, sink| word(m, 2, sink), "all flags"),
    field("dns.flags.response", Boolean, |m, sink| flag(m, 0x8000, sink), "is a response"),
    field("dns.flags.opcode", Unsigned(16), |m, sink| bits(m, 0x7800, sink), "kind of question"),
    field(
        "dns.flags.authoritative",
        Boolean,
        |m, sink| is_response(m) && !is_link_local(m) && flag(m, 0x0400, sink),
        "from the zone's own server",
    ),
    Field::message(
        "dns.flags.conflict",
        Boolean,
        &[Llmnr],
        |m, sink| flag(m, 0x0400, sink),
        "the name is taken",
    ),
    field("dns.flags.truncated", Boolean, |m, sink| flag(m, 0x0200, sink), "did not fit"),
    Field::message(
        "dns.flags.tentative",
        Boolean,
        &[Llmnr],
        |m, sink| flag(m, 0x0100, sink),
        "the name is not yet sure",
    ),
    field(
        "dns.flags.recdesired",
        Boolean,
        |m, sink| !is_link_local(m) && flag(m, 0x0100, sink),
        "the server shall ask others",
    ),
    field(
        "dns.flags.recavail",
        Boolean,
        |m, sink| is_response(m) && !is_link_local(m) && flag(m, 0x0080, sink),
        "the server does ask others",
    ),
    field(
        "dns.flags.z",
        Boolean,
        |m, sink| !is_link_local(m) && flag(m, 0x0040, sink),
        "reserved bit",
    ),
    field(
        "dns.flags.authenticated",
        Boolean,
        |m, sink| is_response(m) && !is_link_local(m) && flag(m, 0x0020, sink),
        "signatures were checked",
    ),
    field(
        "dns.flags.checkdisable",
        Boolean,
        |m, sink| !is_link_local(m) && flag(m, 0x0010, sink),
        "signatures need not be checked",
    ),
    field(
        "dns.flags.rcode",
        Unsigned(16),
        |m, sink| is_response(m) && bits(m, 0x000f, sink),
        "what became of the question",
    )
    .named(RESPONSE_CODES),
    field("dns.count.queries", Unsigned(16), |m, sink| count(m, false, 4, sink), "questions"),
    field("dns.count.zones", Unsigned(16), |m, sink| count(m, true, 4, sink), "zones"),
    field("dns.count.answers", Unsigned(16), |m, sink| count(m, false, 6, sink), "answers"),
    field("dns.count.prerequisites", Unsigned(16), |m, sink| count(m, true, 6, sink), "conditions"),
    field("dns.count.auth_rr", Unsigned(16), |m, sink| count(m, false, 8, sink), "authorities"),
    field("dns.count.updates", Unsigned(16), |m, sink| count(m, true, 8, sink), "updates"),
    field("dns.count.add_rr", Unsigned(16), |m, sink| word(m, 10, sink), "additional records"),
    field("dns.qry.name", Text, query_names, "the name that is asked about"),
    field("dns.qry.name.len", Unsigned(16), query_name_lens, "its length"),
    field("dns.count.labels", Unsigned(16), query_labels, "its parts"),
    field("dns.qry.type", Unsigned(16), |m, sink| questions(m, 0, 0xffff, sink), "what of it")
        .named(TYPES),
    Field::message("dns.qry.class", Unsigned(16), KINDS, query_classes, "class, mostly 1"),
    Field::message(
        "dns.qry.qu",
        Boolean,
        &[Mdns],
        query_unicast,
        "the answer may come to one address",
    ),
    field("dns.response_in", FrameNumber, |_, _| false, "the answer: seen only later"),
];

pub(super) fn integer(bytes: &[u8], at: usize, width: usize) -> Option<u64> {
    let bytes = bytes.get(at..at.checked_add(width)?)?;
    Some(bytes.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte)))
}

fn length(message: &Message<'_>, sink: &mut Values<'_>) -> bool {
    sink(number(message.bytes.len() as u64))
}

fn word(message: &Message<'_>, at: usize, sink: &mut Values<'_>) -> bool {
    integer(message.bytes, at, 2).is_some_and(|value| sink(number(value)))
}

fn flags(message: &Message<'_>) -> u64 {
    integer(message.bytes, 2, 2).unwrap_or(0)
}

fn is_response(message: &Message<'_>) -> bool {
    flags(message) & 0x8000 != 0
}

fn is_link_local(message: &Message<'_>) -> bool {
    message.kind == Llmnr
}

fn flag(message: &Message<'_>, mask: u64, sink: &mut Values<'_>) -> bool {
    message.bytes.len() >= 4 && sink(Value::Boolean(flags(message) & mask != 0))
}

fn bits(message: &Message<'_>, mask: u64, sink: &mut Values<'_>) -> bool {
    message.bytes.len() >= 4 && sink(number((flags(message) & mask) >> mask.trailing_zeros()))
}

/// Updates (RFC 2136) have other words for the same counts.
fn count(message: &Message<'_>, of_update: bool, at: usize, sink: &mut Values<'_>) -> bool {
    let is_update = flags(message) >> 11 & 15 == 5;
    is_update == of_update && word(message, at, sink)
}

/// Hands out where each question's name starts and ends; answers where the questions end.
pub(super) fn each_question(
    message: &[u8],
    read: &mut dyn FnMut(usize, usize) -> bool,
) -> Result<usize, bool> {
    let count = integer(message, 4, 2).unwrap_or(0);
    let mut at = HEADER;
    for _ in 0..count {
        let end = dns_name_end(message, at).filter(|end| end + 4 <= message.len()).ok_or(false)?;
        if read(at, end) {
            return Err(true);
        }
        at = end + 4;
    }
    Ok(at)
}

/// A part of each question behind its name.
fn questions(message: &Message<'_>, at: usize, mask: u64, sink: &mut Values<'_>) -> bool {
    let walk = each_question(message.bytes, &mut |_, end| {
        integer(message.bytes, end + at, 2).is_some_and(|value| sink(number(value & mask)))
    });
    walk == Err(true)
}

/// Multicast DNS has a flag in the class's first bit (RFC 6762, section 18.12).
pub(super) fn class_mask(message: &Message<'_>) -> u64 {
    if message.kind == Mdns { 0x7fff } else { 0xffff }
}

fn query_classes(message: &Message<'_>, sink: &mut Values<'_>) -> bool {
    questions(message, 2, class_mask(message), sink)
}

fn query_unicast(message: &Message<'_>, sink: &mut Values<'_>) -> bool {
    let walk = each_question(message.bytes, &mut |_, end| {
        let class = integer(message.bytes, end + 2, 2);
        class.is_some_and(|class| sink(Value::Boolean(class & 0x8000 != 0)))
    });
    walk == Err(true)
}

/// Writes a name out and hands it on.
pub(super) fn name(message: &[u8], at: usize, read: &mut dyn FnMut(&str) -> bool) -> bool {
    let mut text = ArrayString::<MAX_NAME>::new();
    // What does not fit is not seen.
    let _ = write!(text, "{}", DnsName { message, at });
    read(&text)
}

fn names(message: &Message<'_>, read: &mut dyn FnMut(&str) -> bool) -> bool {
    let walk = each_question(message.bytes, &mut |at, _| name(message.bytes, at, read));
    walk == Err(true)
}

fn query_names(message: &Message<'_>, sink: &mut Values<'_>) -> bool {
    names(message, &mut |name| sink(Value::Text(name.as_bytes())))
}

fn query_name_lens(message: &Message<'_>, sink: &mut Values<'_>) -> bool {
    names(message, &mut |name| sink(number(name.len() as u64)))
}

fn query_labels(message: &Message<'_>, sink: &mut Values<'_>) -> bool {
    names(message, &mut |name| {
        let dots = name.bytes().filter(|byte| *byte == b'.').count() as u64;
        sink(number(if name == "<Root>" { 0 } else { dots + 1 }))
    })
}
