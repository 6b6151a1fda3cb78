//! The fields that filters can name, under Wireshark's names, with their types and meanings.
//!
//! A field knows the protocol that it belongs to and how to read its values from a layer;
//! reading borrows from the frame and allocates nothing. Names are resolved once, when a
//! filter is parsed.

use crate::facts::FrameFacts;
use crate::info::{Message, MessageKind};
use crate::wire::{Layer, Protocol};

use super::kind::Kind;
use super::literal::Names;
use super::pass::{Needs, Subject};
use super::value::Value;

pub use nearest::nearest;

mod absent;
mod application;
mod arp;
mod data;
mod dhcp;
mod dns;
mod dns_records;
mod ethernet;
mod expert;
mod frame;
mod http;
mod icmp;
mod icmpv6;
mod igmp;
mod ip;
mod ip_options;
mod ipv6;
mod link;
mod mptcp;
mod nearest;
mod ntp;
mod tcp;
mod tcp_options;
mod tls;
mod tls_hello;
mod tunnel;
mod udp;

/// Takes one value and the number of the layer that it is from (from 1, counted per
/// protocol); answers whether to stop.
pub type Sink<'s> = dyn FnMut(Value<'_>, usize) -> bool + 's;

/// Takes one value; answers whether to stop.
pub type Values<'s> = dyn FnMut(Value<'_>) -> bool + 's;

/// One field.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// Wireshark's name, for example `tcp.flags.syn`.
    pub name: &'static str,
    /// Its type.
    pub kind: Kind,
    /// What it says, in a few words.
    pub meaning: &'static str,
    /// Words for some of its values.
    pub(super) names: Names,
    /// What a pass must remember for it.
    pub(super) needs: Needs,
    /// First bytes of the layers that have it; empty for all.
    types: &'static [u8],
    /// Captured bytes that a layer must have for it.
    least: u16,
    first: Source,
    second: Option<Source>,
}

/// Where values come from.
#[derive(Debug, Clone, Copy)]
enum Source {
    /// Each layer of a protocol.
    Layers(Protocol, Read),
    /// Each message of some kinds above TCP and UDP.
    Messages(&'static [MessageKind], ReadMessage),
    /// What the packet list calls the frame.
    Column(&'static str),
    /// The frame as a whole.
    Frame(fn(&Subject<'_, '_>, &mut Values<'_>) -> bool),
}

/// Reads values from a message.
type ReadMessage = fn(&Message<'_>, &mut Values<'_>) -> bool;

/// How to read values from a layer; what was not captured has no value.
#[derive(Debug, Clone, Copy)]
enum Read {
    /// The layer itself.
    Presence,
    /// Big-endian bits of the header: `width` bytes from `at`, of them `mask`.
    Bits { at: u16, width: u8, mask: u64 },
    /// An IPv4 address at an offset.
    Ipv4(u16),
    /// An IPv6 address at an offset.
    Ipv6(u16),
    /// Bytes at an offset.
    Bytes { at: u16, len: u16 },
    /// Anything else.
    Call(fn(&Context<'_, '_>, &mut Values<'_>) -> bool),
}

/// A layer together with the frame around it.
struct Context<'f, 'a> {
    subject: &'f Subject<'f, 'a>,
    facts: &'f FrameFacts<'a>,
    layer: &'f Layer<'a>,
    index: usize,
}

impl Context<'_, '_> {
    /// The layer's big-endian integer at an offset.
    fn integer(&self, at: usize, width: usize) -> Option<u64> {
        let bytes = self.layer.bytes.get(at..at + width)?;
        Some(bytes.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte)))
    }
}

/// All fields, area by area.
const TABLES: &[&[Field]] = &[
    frame::FIELDS,
    ethernet::FIELDS,
    link::FIELDS,
    arp::FIELDS,
    ip::FIELDS,
    ip_options::FIELDS,
    ipv6::FIELDS,
    icmp::FIELDS,
    icmp::ROUTERS,
    icmpv6::FIELDS,
    igmp::FIELDS,
    udp::FIELDS,
    tcp::FIELDS,
    tcp::ANALYSIS,
    tcp::EVENTS,
    tcp_options::FIELDS,
    mptcp::FIELDS,
    mptcp::NUMBERS,
    tunnel::FIELDS,
    application::FIELDS,
    data::FIELDS,
    dns::FIELDS,
    dns_records::FIELDS,
    dhcp::FIELDS,
    dhcp::OPTIONS,
    dhcp::MESSAGE_TYPE,
    http::FIELDS,
    http::HEADERS,
    ntp::FIELDS,
    tls::FIELDS,
    tls_hello::FIELDS,
    application::BY_COLUMN,
    expert::FIELDS,
    absent::FIELDS,
];

/// Every field, layers' presence included, in the order of the tables.
pub fn all() -> impl Iterator<Item = Field> {
    let tables = TABLES.iter().flat_map(|table| table.iter().copied());
    tables.chain(Protocol::ALL.iter().map(|protocol| presence(*protocol)))
}

/// Old names of protocols that Wireshark still understands, also in front of a dot.
const ALIASES: &[(&str, &str)] = &[("ssl", "tls"), ("bootp", "dhcp")];

/// The field of a name.
pub fn find(name: &str) -> Option<Field> {
    for (old, new) in ALIASES {
        let rest = name.strip_prefix(old).filter(|rest| rest.is_empty() || rest.starts_with('.'));
        if let Some(rest) = rest {
            return all().find(|field| field.name.strip_prefix(new) == Some(rest));
        }
    }
    all().find(|field| field.name == name)
}

/// The presence of a layer, under the protocol's own name.
fn presence(protocol: Protocol) -> Field {
    let read = Source::Layers(protocol, Read::Presence);
    Field::new(protocol.name(), Kind::Protocol, read, "the layer itself")
}

impl Field {
    const fn new(name: &'static str, kind: Kind, first: Source, meaning: &'static str) -> Self {
        Self {
            name,
            kind,
            meaning,
            names: &[],
            needs: Needs::empty(),
            types: &[],
            least: 0,
            first,
            second: None,
        }
    }

    /// Bits of a header; `kind` says how they are shown.
    const fn bits(
        name: &'static str,
        kind: Kind,
        on: Protocol,
        (at, width, mask): (u16, u8, u64),
        meaning: &'static str,
    ) -> Self {
        Self::new(name, kind, Source::Layers(on, Read::Bits { at, width, mask }), meaning)
    }

    /// A whole number of 1, 2 or 4 bytes.
    const fn number(
        name: &'static str,
        on: Protocol,
        at: u16,
        width: u8,
        meaning: &'static str,
    ) -> Self {
        let mask = if width >= 8 { u64::MAX } else { (1 << (width * 8)) - 1 };
        Self::bits(name, Kind::Unsigned(width * 8), on, (at, width, mask), meaning)
    }

    /// One bit of a byte.
    const fn flag(
        name: &'static str,
        on: Protocol,
        at: u16,
        mask: u8,
        meaning: &'static str,
    ) -> Self {
        Self::bits(name, Kind::Boolean, on, (at, 1, mask as u64), meaning)
    }

    const fn ipv4(name: &'static str, on: Protocol, at: u16, meaning: &'static str) -> Self {
        Self::new(name, Kind::Ipv4, Source::Layers(on, Read::Ipv4(at)), meaning)
    }

    const fn ipv6(name: &'static str, on: Protocol, at: u16, meaning: &'static str) -> Self {
        Self::new(name, Kind::Ipv6, Source::Layers(on, Read::Ipv6(at)), meaning)
    }

    const fn ether(name: &'static str, on: Protocol, at: u16, meaning: &'static str) -> Self {
        let read = Read::Bytes { at, len: 6 };
        Self::new(name, Kind::Ether, Source::Layers(on, read), meaning)
    }

    /// Values that a function reads from each layer.
    const fn call(
        name: &'static str,
        kind: Kind,
        on: Protocol,
        read: fn(&Context<'_, '_>, &mut Values<'_>) -> bool,
        meaning: &'static str,
    ) -> Self {
        Self::new(name, kind, Source::Layers(on, Read::Call(read)), meaning)
    }

    /// Values that a function reads from each message of some kinds.
    const fn message(
        name: &'static str,
        kind: Kind,
        kinds: &'static [MessageKind],
        read: ReadMessage,
        meaning: &'static str,
    ) -> Self {
        Self::new(name, kind, Source::Messages(kinds, read), meaning).needing(Needs::MESSAGES)
    }

    /// The same field in a second place.
    const fn and(mut self, second: Self) -> Self {
        self.second = Some(second.first);
        self
    }

    /// With words for some of its values.
    const fn named(mut self, names: Names) -> Self {
        self.names = names;
        self
    }

    /// Read with the help of what a pass remembers.
    const fn needing(mut self, needs: Needs) -> Self {
        self.needs = needs;
        self
    }

    /// Of messages of these types only; the type is the first byte.
    const fn of(mut self, types: &'static [u8]) -> Self {
        self.types = types;
        self
    }

    /// Of layers of which at least so many bytes were captured.
    const fn from(mut self, least: u16) -> Self {
        self.least = least;
        self
    }

    /// True when a layer's first byte is among the types that have the field, and enough of it
    /// was captured.
    fn fits(&self, layer: &Layer<'_>) -> bool {
        if layer.bytes.len() < usize::from(self.least) {
            return false;
        }
        self.types.is_empty() || layer.bytes.first().is_some_and(|kind| self.types.contains(kind))
    }

    /// Hands out the field's values in a frame, until the sink says stop; true when it did.
    pub(super) fn visit(&self, subject: &Subject<'_, '_>, sink: &mut Sink<'_>) -> bool {
        self.visit_source(&self.first, subject, sink)
            || self.second.as_ref().is_some_and(|second| self.visit_source(second, subject, sink))
    }

    fn visit_source(
        &self,
        source: &Source,
        subject: &Subject<'_, '_>,
        sink: &mut Sink<'_>,
    ) -> bool {
        let facts = subject.facts;
        let (protocol, read) = match source {
            Source::Frame(read) => return read(subject, &mut |value| sink(value, 1)),
            Source::Messages(kinds, read) => {
                let messages = subject.pass.messages().filter(|m| kinds.contains(&m.kind));
                return messages
                    .zip(1..)
                    .any(|(message, number)| read(&message, &mut |value| sink(value, number)));
            }
            Source::Column(column) => {
                return subject.pass.column() == *column
                    && sink(Value::Protocol { bytes: &[], own_len: 0 }, 1);
            }
            Source::Layers(protocol, read) => (*protocol, read),
        };
        let mut number = 0;
        facts.decoded.layers.iter().enumerate().any(|(index, layer)| {
            if layer.protocol != protocol {
                return false;
            }
            number += 1;
            if !self.fits(layer) || is_replaced(facts, index, read) {
                return false;
            }
            let context = Context { subject, facts, layer, index };
            self.visit_layer(read, &context, &mut |value| sink(value, number))
        })
    }

    fn visit_layer(&self, read: &Read, context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
        let layer = context.layer;
        let bytes = |at: u16, len: u16| {
            let at = usize::from(at);
            layer.bytes.get(at..at + usize::from(len))
        };
        let value = match *read {
            Read::Call(call) => return call(context, sink),
            Read::Presence => Some(layer_value(layer)),
            Read::Bits { at, width, mask } => {
                context.integer(usize::from(at), usize::from(width)).map(|whole| {
                    let bits = (whole & mask) >> mask.trailing_zeros();
                    match self.kind {
                        Kind::Boolean => Value::Boolean(bits != 0),
                        _ => Value::Integer(i128::from(bits)),
                    }
                })
            }
            Read::Ipv4(at) => bytes(at, 4)
                .and_then(|b| b.first_chunk())
                .map(|address| Value::ipv4(u32::from_be_bytes(*address))),
            Read::Ipv6(at) => bytes(at, 16)
                .and_then(|b| b.first_chunk())
                .map(|address| Value::ipv6(u128::from_be_bytes(*address))),
            Read::Bytes { at, len } => bytes(at, len).map(Value::Bytes),
        };
        value.is_some_and(sink)
    }
}

/// True for an Ethernet header that FabricPath has replaced by its own: Wireshark shows no
/// field of it.
fn is_replaced(facts: &FrameFacts<'_>, index: usize, read: &Read) -> bool {
    let mut layers = facts.decoded.layers.iter().skip(index).map(|layer| layer.protocol);
    !matches!(read, Read::Presence)
        && layers.next() == Some(Protocol::Ethernet)
        && layers.next() == Some(Protocol::FabricPath)
}

/// A layer as a value. Of most protocols only the header is the layer's own; Wireshark
/// gives TCP, ICMP and ARP everything up to the end.
fn layer_value<'a>(layer: &Layer<'a>) -> Value<'a> {
    let own_len = match layer.protocol {
        Protocol::Tcp | Protocol::Icmp | Protocol::Icmpv6 | Protocol::Arp | Protocol::Igmp => {
            layer.bytes.len()
        }
        _ => (layer.header_len as usize).min(layer.bytes.len()),
    };
    Value::Protocol { bytes: layer.bytes, own_len }
}

/// An unsigned number as a value.
fn number(value: impl Into<u64>) -> Value<'static> {
    Value::Integer(i128::from(value.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_every_field_has_a_meaning() {
        let mut names: Vec<_> = all().map(|field| field.name).collect();
        names.sort_unstable();
        let twice: Vec<_> = names.windows(2).filter(|pair| pair[0] == pair[1]).collect();
        assert!(twice.is_empty(), "{twice:?}");
        assert!(all().all(|field| !field.meaning.is_empty()));
    }
}
