//! `dns.resp.*` and what the records say (RFC 1035, section 3.3, and later ones).

use super::dns::{KINDS, TYPES, class_mask, each_question, integer, name};
use super::{Field, Values, number};
use crate::filter::kind::Kind::{self, Boolean, Text, Unsigned};
use crate::filter::value::Value;
use crate::info::Message;
use crate::info::MessageKind::Mdns;
use crate::info::dns_name_end;

/// Records that are read of one message.
const MAX_RECORDS: u64 = 1024;
/// The option record (RFC 6891), whose class and lifetime are something else.
const OPTIONS: u64 = 41;

const fn field(
    name: &'static str,
    kind: Kind,
    read: fn(&Message<'_>, &mut Values<'_>) -> bool,
    meaning: &'static str,
) -> Field {
    Field::message(name, kind, KINDS, read, meaning)
}

pub(super) const FIELDS: &[Field] = &[
    field("dns.resp.name", Text, owners, "the name that a record is about"),
    field("dns.resp.type", Unsigned(16), types, "kind of record").named(TYPES),
    field("dns.resp.class", Unsigned(16), classes, "class, mostly 1"),
    Field::message("dns.resp.cache_flush", Boolean, &[Mdns], flushes, "replaces older records"),
    field("dns.resp.ttl", Unsigned(32), lifetimes, "seconds that a record may be kept"),
    field("dns.resp.len", Unsigned(16), lengths, "bytes of its data"),
    field("dns.rr.udp_payload_size", Unsigned(16), payload_sizes, "largest datagram (EDNS)"),
    field("dns.a", Kind::Ipv4, addresses, "an IPv4 address"),
    field("dns.aaaa", Kind::Ipv6, addresses_6, "an IPv6 address"),
    field("dns.ns", Text, |m, sink| named(m, 2, 0, sink), "a zone's server"),
    field("dns.cname", Text, |m, sink| named(m, 5, 0, sink), "the real name"),
    field("dns.ptr.domain_name", Text, |m, sink| named(m, 12, 0, sink), "name of an address"),
    field("dns.dname", Text, |m, sink| named(m, 39, 0, sink), "the real domain"),
    field("dns.mx.preference", Unsigned(16), |m, sink| part(m, 15, 0, 2, sink), "order of servers"),
    field("dns.mx.mail_exchange", Text, |m, sink| named(m, 15, 2, sink), "server of mail"),
    field("dns.srv.priority", Unsigned(16), |m, sink| part(m, 33, 0, 2, sink), "order of servers"),
    field("dns.srv.weight", Unsigned(16), |m, sink| part(m, 33, 2, 2, sink), "share of a server"),
    field("dns.srv.port", Unsigned(16), |m, sink| part(m, 33, 4, 2, sink), "port of a server"),
    field("dns.srv.target", Text, |m, sink| named(m, 33, 6, sink), "name of a server"),
    field("dns.soa.mname", Text, |m, sink| named(m, 6, 0, sink), "a zone's first server"),
    field("dns.soa.rname", Text, authority_mailbox, "who is responsible"),
    field("dns.soa.serial_number", Unsigned(32), |m, sink| zone(m, 0, sink), "version of a zone"),
    field(
        "dns.soa.refresh_interval",
        Unsigned(32),
        |m, sink| zone(m, 4, sink),
        "seconds to a check",
    ),
    field("dns.soa.retry_interval", Unsigned(32), |m, sink| zone(m, 8, sink), "seconds to another"),
    field("dns.soa.expire_limit", Unsigned(32), |m, sink| zone(m, 12, sink), "seconds to the end"),
    field("dns.soa.minimum_ttl", Unsigned(32), |m, sink| zone(m, 16, sink), "seconds for nothing"),
    field("dns.txt", Text, texts, "a text"),
    field("dns.txt.length", Unsigned(8), text_lens, "its length"),
];

/// A resource record.
struct Record {
    owner: usize,
    kind: u64,
    class: u64,
    lifetime: u64,
    /// Where its data starts and how long it is.
    data: usize,
    len: usize,
}

/// Hands out the records of all sections, as many as are whole.
fn each(message: &[u8], read: &mut dyn FnMut(Record) -> bool) -> bool {
    let Ok(mut at) = each_question(message, &mut |_, _| false) else { return false };
    let count: u64 = [6, 8, 10].into_iter().filter_map(|place| integer(message, place, 2)).sum();
    for _ in 0..count.min(MAX_RECORDS) {
        let Some(record) = record(message, at) else { return false };
        at = record.data + record.len;
        if read(record) {
            return true;
        }
    }
    false
}

fn record(message: &[u8], owner: usize) -> Option<Record> {
    let end = dns_name_end(message, owner)?;
    let len = usize::try_from(integer(message, end + 8, 2)?).ok()?;
    let record = Record {
        owner,
        kind: integer(message, end, 2)?,
        class: integer(message, end + 2, 2)?,
        lifetime: integer(message, end + 4, 4)?,
        data: end + 10,
        len,
    };
    (record.data + len <= message.len()).then_some(record)
}

fn owners(message: &Message<'_>, sink: &mut Values<'_>) -> bool {
    each(message.bytes, &mut |record| {
        name(message.bytes, record.owner, &mut |name| sink(Value::Text(name.as_bytes())))
    })
}

fn types(message: &Message<'_>, sink: &mut Values<'_>) -> bool {
    each(message.bytes, &mut |record| sink(number(record.kind)))
}

fn classes(message: &Message<'_>, sink: &mut Values<'_>) -> bool {
    let mask = class_mask(message);
    each(message.bytes, &mut |r| r.kind != OPTIONS && sink(number(r.class & mask)))
}

fn flushes(message: &Message<'_>, sink: &mut Values<'_>) -> bool {
    each(message.bytes, &mut |record| {
        record.kind != OPTIONS && sink(Value::Boolean(record.class & 0x8000 != 0))
    })
}

fn lifetimes(message: &Message<'_>, sink: &mut Values<'_>) -> bool {
    each(message.bytes, &mut |r| r.kind != OPTIONS && sink(number(r.lifetime)))
}

fn lengths(message: &Message<'_>, sink: &mut Values<'_>) -> bool {
    each(message.bytes, &mut |record| sink(number(record.len as u64)))
}

fn payload_sizes(message: &Message<'_>, sink: &mut Values<'_>) -> bool {
    let mask = class_mask(message);
    each(message.bytes, &mut |r| r.kind == OPTIONS && sink(number(r.class & mask)))
}

fn addresses(message: &Message<'_>, sink: &mut Values<'_>) -> bool {
    each(message.bytes, &mut |record| {
        let address = integer(message.bytes, record.data, 4).and_then(|a| u32::try_from(a).ok());
        let is_one = record.kind == 1 && record.len == 4;
        is_one && address.is_some_and(|address| sink(Value::ipv4(address)))
    })
}

fn addresses_6(message: &Message<'_>, sink: &mut Values<'_>) -> bool {
    each(message.bytes, &mut |record| {
        let address = message.bytes.get(record.data..).and_then(|bytes| bytes.first_chunk());
        let is_one = record.kind == 28 && record.len == 16;
        is_one && address.is_some_and(|bytes| sink(Value::ipv6(u128::from_be_bytes(*bytes))))
    })
}

/// A name at an offset of the data of records of a kind.
fn named(message: &Message<'_>, kind: u64, at: usize, sink: &mut Values<'_>) -> bool {
    each(message.bytes, &mut |record| {
        record.kind == kind
            && name(message.bytes, record.data + at, &mut |name| sink(Value::Text(name.as_bytes())))
    })
}

/// A number at an offset of the data of records of a kind.
fn part(message: &Message<'_>, kind: u64, at: usize, width: usize, sink: &mut Values<'_>) -> bool {
    each(message.bytes, &mut |record| {
        let value = integer(message.bytes, record.data + at, width);
        record.kind == kind && value.is_some_and(|value| sink(number(value)))
    })
}

/// Two names, then numbers (RFC 1035, section 3.3.13).
fn authority_mailbox(message: &Message<'_>, sink: &mut Values<'_>) -> bool {
    each(message.bytes, &mut |record| {
        let mailbox = dns_name_end(message.bytes, record.data).filter(|_| record.kind == 6);
        mailbox.is_some_and(|at| {
            name(message.bytes, at, &mut |name| sink(Value::Text(name.as_bytes())))
        })
    })
}

fn zone(message: &Message<'_>, at: usize, sink: &mut Values<'_>) -> bool {
    each(message.bytes, &mut |record| {
        let mailbox = dns_name_end(message.bytes, record.data).filter(|_| record.kind == 6);
        let numbers = mailbox.and_then(|at| dns_name_end(message.bytes, at));
        let value = numbers.and_then(|numbers| integer(message.bytes, numbers + at, 4));
        value.is_some_and(|value| sink(number(value)))
    })
}

/// The texts of text records: a length before each.
fn each_text(message: &Message<'_>, read: &mut dyn FnMut(&[u8]) -> bool) -> bool {
    each(message.bytes, &mut |record| {
        if record.kind != 16 {
            return false;
        }
        let mut rest = message.bytes.get(record.data..record.data + record.len).unwrap_or(&[]);
        while let Some((len, behind)) = rest.split_first() {
            let (text, behind) =
                behind.split_at_checked(usize::from(*len)).unwrap_or((behind, &[]));
            if read(text) {
                return true;
            }
            rest = behind;
        }
        false
    })
}

fn texts(message: &Message<'_>, sink: &mut Values<'_>) -> bool {
    each_text(message, &mut |text| sink(Value::Text(text)))
}

fn text_lens(message: &Message<'_>, sink: &mut Values<'_>) -> bool {
    each_text(message, &mut |text| sink(number(text.len() as u64)))
}
