//! `frame.*`: the record and its place in the capture.

use arrayvec::ArrayString;

use super::{Field, Source, Values, number};
use crate::facts::FrameFacts;
use crate::filter::kind::Kind;
use crate::filter::value::Value;

pub(super) const FIELDS: &[Field] = &[
    frame("frame", Kind::Protocol, whole, "the whole frame"),
    frame("frame.number", Kind::Unsigned(32), frame_number, "position in the capture, from 1"),
    frame("frame.len", Kind::Unsigned(32), wire_len, "bytes on the wire"),
    frame("frame.cap_len", Kind::Unsigned(32), captured_len, "bytes that were captured"),
    frame("frame.time", Kind::AbsoluteTime, time, "when it was recorded"),
    frame("frame.time_epoch", Kind::RelativeTime, time, "seconds since 1970-01-01 UTC"),
    frame("frame.time_relative", Kind::RelativeTime, relative, "seconds since the first frame"),
    frame("frame.time_delta", Kind::RelativeTime, delta, "seconds since the previous frame"),
    frame("frame.protocols", Kind::Text, protocols, "the layers' names, outermost first"),
    frame("frame.interface_id", Kind::Unsigned(32), interface, "number of the interface"),
];

const fn frame(
    name: &'static str,
    kind: Kind,
    read: fn(&FrameFacts<'_>, &mut Values<'_>) -> bool,
    meaning: &'static str,
) -> Field {
    Field::new(name, kind, Source::Frame(read), meaning)
}

fn whole(facts: &FrameFacts<'_>, sink: &mut Values<'_>) -> bool {
    let bytes = facts.frame.bytes;
    sink(Value::Protocol { bytes, own_len: bytes.len() })
}

fn frame_number(facts: &FrameFacts<'_>, sink: &mut Values<'_>) -> bool {
    sink(number(facts.frame.number.0))
}

fn wire_len(facts: &FrameFacts<'_>, sink: &mut Values<'_>) -> bool {
    sink(number(facts.frame.wire_len))
}

fn captured_len(facts: &FrameFacts<'_>, sink: &mut Values<'_>) -> bool {
    sink(number(facts.frame.captured_len()))
}

fn time(facts: &FrameFacts<'_>, sink: &mut Values<'_>) -> bool {
    sink(Value::Time(i128::from(facts.frame.timestamp.as_nanos())))
}

fn relative(facts: &FrameFacts<'_>, sink: &mut Values<'_>) -> bool {
    sink(Value::Time(i128::from(facts.time_relative.as_nanos())))
}

fn delta(facts: &FrameFacts<'_>, sink: &mut Values<'_>) -> bool {
    sink(Value::Time(i128::from(facts.time_delta.as_nanos())))
}

fn interface(facts: &FrameFacts<'_>, sink: &mut Values<'_>) -> bool {
    sink(number(facts.frame.interface.0))
}

fn protocols(facts: &FrameFacts<'_>, sink: &mut Values<'_>) -> bool {
    // Every name with its separator and the word `ethertype` fits, times the most layers.
    let mut text = ArrayString::<1024>::new();
    if facts.decoded.write_protocols(&mut text).is_err() {
        return false;
    }
    sink(Value::Text(text.as_bytes()))
}
