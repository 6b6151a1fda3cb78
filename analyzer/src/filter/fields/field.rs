//! One field: where its values come from, and how it hands them out.

use super::super::kind::Kind;
use super::super::literal::Names;
use super::super::pass::{Needs, Subject};
use super::super::value::Value;
use super::tcp;
use crate::facts::FrameFacts;
use crate::info::{Message, MessageKind};
use crate::wire::{Layer, Protocol};

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
    pub(in crate::filter) names: Names,
    /// What a pass must remember for it.
    pub(in crate::filter) needs: Needs,
    /// First bytes of the layers that have it; empty for all.
    types: &'static [u8],
    /// Captured bytes that a layer must have for it.
    least: u16,
    first: Source,
    second: Option<Source>,
}

/// Where values come from.
#[derive(Debug, Clone, Copy)]
pub(super) enum Source {
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
pub(super) type ReadMessage = fn(&Message<'_>, &mut Values<'_>) -> bool;

/// How to read values from a layer; what was not captured has no value.
#[derive(Debug, Clone, Copy)]
pub(super) enum Read {
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
pub(super) struct Context<'f, 'a> {
    pub(super) subject: &'f Subject<'f, 'a>,
    pub(super) facts: &'f FrameFacts<'a>,
    pub(super) layer: &'f Layer<'a>,
    pub(super) index: usize,
}

impl Context<'_, '_> {
    /// The layer's big-endian integer at an offset.
    pub(super) fn integer(&self, at: usize, width: usize) -> Option<u64> {
        let bytes = self.layer.bytes.get(at..at + width)?;
        Some(bytes.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte)))
    }
}

impl Field {
    pub(super) const fn new(
        name: &'static str,
        kind: Kind,
        first: Source,
        meaning: &'static str,
    ) -> Self {
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
    pub(super) const fn bits(
        name: &'static str,
        kind: Kind,
        on: Protocol,
        (at, width, mask): (u16, u8, u64),
        meaning: &'static str,
    ) -> Self {
        Self::new(name, kind, Source::Layers(on, Read::Bits { at, width, mask }), meaning)
    }

    /// A whole number of 1, 2 or 4 bytes.
    pub(super) const fn number(
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
    pub(super) const fn flag(
        name: &'static str,
        on: Protocol,
        at: u16,
        mask: u8,
        meaning: &'static str,
    ) -> Self {
        Self::bits(name, Kind::Boolean, on, (at, 1, mask as u64), meaning)
    }

    pub(super) const fn ipv4(
        name: &'static str,
        on: Protocol,
        at: u16,
        meaning: &'static str,
    ) -> Self {
        Self::new(name, Kind::Ipv4, Source::Layers(on, Read::Ipv4(at)), meaning)
    }

    pub(super) const fn ipv6(
        name: &'static str,
        on: Protocol,
        at: u16,
        meaning: &'static str,
    ) -> Self {
        Self::new(name, Kind::Ipv6, Source::Layers(on, Read::Ipv6(at)), meaning)
    }

    pub(super) const fn ether(
        name: &'static str,
        on: Protocol,
        at: u16,
        meaning: &'static str,
    ) -> Self {
        let read = Read::Bytes { at, len: 6 };
        Self::new(name, Kind::Ether, Source::Layers(on, read), meaning)
    }

    /// Values that a function reads from each layer.
    pub(super) const fn call(
        name: &'static str,
        kind: Kind,
        on: Protocol,
        read: fn(&Context<'_, '_>, &mut Values<'_>) -> bool,
        meaning: &'static str,
    ) -> Self {
        Self::new(name, kind, Source::Layers(on, Read::Call(read)), meaning)
    }

    /// Values that a function reads from each message of some kinds.
    pub(super) const fn message(
        name: &'static str,
        kind: Kind,
        kinds: &'static [MessageKind],
        read: ReadMessage,
        meaning: &'static str,
    ) -> Self {
        Self::new(name, kind, Source::Messages(kinds, read), meaning).needing(Needs::MESSAGES)
    }

    /// The same field in a second place.
    pub(super) const fn and(mut self, second: Self) -> Self {
        self.second = Some(second.first);
        self
    }

    /// With words for some of its values.
    pub(super) const fn named(mut self, names: Names) -> Self {
        self.names = names;
        self
    }

    /// Read with the help of what a pass remembers.
    pub(super) const fn needing(mut self, needs: Needs) -> Self {
        self.needs = needs;
        self
    }

    /// Of messages of these types only; the type is the first byte.
    pub(super) const fn of(mut self, types: &'static [u8]) -> Self {
        self.types = types;
        self
    }

    /// Of layers of which at least so many bytes were captured.
    pub(super) const fn from(mut self, least: u16) -> Self {
        self.least = least;
        self
    }

    /// True when a layer's first byte is among the types that have the field, and enough of it
    /// was captured.
    fn fits(&self, layer: &Layer<'_>) -> bool {
        if layer.bytes.len() < usize::from(self.least)
            || (tcp::is_bogus(layer) && !tcp::BEFORE_LENGTH.contains(&self.name))
        {
            return false;
        }
        self.types.is_empty() || layer.bytes.first().is_some_and(|kind| self.types.contains(kind))
    }

    /// Hands out the field's values in a frame, until the sink says stop; true when it did.
    pub(in crate::filter) fn visit(&self, subject: &Subject<'_, '_>, sink: &mut Sink<'_>) -> bool {
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
pub(super) fn number(value: impl Into<u64>) -> Value<'static> {
    Value::Integer(i128::from(value.into()))
}
