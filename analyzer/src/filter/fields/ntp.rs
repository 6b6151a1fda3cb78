//! `ntp.*` (RFC 5905, section 7.3).

use super::{Field, Values, number};
use crate::filter::kind::Kind::{self, Bytes, Unsigned};
use crate::filter::value::Value;
use crate::info::Message;
use crate::info::MessageKind::Ntp;

const fn field(
    name: &'static str,
    kind: Kind,
    read: fn(&Message<'_>, &mut Values<'_>) -> bool,
    meaning: &'static str,
) -> Field {
    Field::message(name, kind, &[Ntp], read, meaning)
}

pub(super) const FIELDS: &[Field] = &[
    field("ntp.flags", Unsigned(8), |m, sink| bits(m, 0, 0xff, sink), "leap, version, mode"),
    field("ntp.flags.li", Unsigned(8), |m, sink| bits(m, 0, 0xc0, sink), "leap second ahead"),
    field("ntp.flags.vn", Unsigned(8), |m, sink| bits(m, 0, 0x38, sink), "version"),
    field("ntp.flags.mode", Unsigned(8), |m, sink| bits(m, 0, 0x07, sink), "client, server, ..."),
    field("ntp.stratum", Unsigned(8), |m, sink| time_byte(m, 1, sink), "steps to the clock"),
    field("ntp.ppoll", Unsigned(8), |m, sink| time_byte(m, 2, sink), "interval, a power of two"),
    field("ntp.precision", Unsigned(8), |m, sink| time_byte(m, 3, sink), "a power of two"),
    field(
        "ntp.rootdelay",
        Unsigned(32),
        |m, sink| time_word(m, 4, sink),
        "round trip to the clock",
    ),
    field("ntp.rootdispersion", Unsigned(32), |m, sink| time_word(m, 8, sink), "error bound"),
    field("ntp.refid", Bytes, reference, "which clock"),
];

/// Modes 6 and 7 have another layout.
fn is_time(message: &Message<'_>) -> bool {
    message.bytes.first().is_some_and(|first| first & 7 < 6)
}

fn bits(message: &Message<'_>, at: usize, mask: u8, sink: &mut Values<'_>) -> bool {
    let byte = message.bytes.get(at);
    byte.is_some_and(|byte| sink(number((byte & mask) >> mask.trailing_zeros())))
}

fn time_byte(message: &Message<'_>, at: usize, sink: &mut Values<'_>) -> bool {
    is_time(message) && bits(message, at, 0xff, sink)
}

fn time_word(message: &Message<'_>, at: usize, sink: &mut Values<'_>) -> bool {
    let word = message.bytes.get(at..).and_then(|bytes| bytes.first_chunk());
    word.is_some_and(|word| is_time(message) && sink(number(u32::from_be_bytes(*word))))
}

fn reference(message: &Message<'_>, sink: &mut Values<'_>) -> bool {
    let bytes = message.bytes.get(12..16).filter(|_| is_time(message));
    bytes.is_some_and(|bytes| sink(Value::Bytes(bytes)))
}
