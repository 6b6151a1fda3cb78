//! `frame.*`: the record and its place in the capture.

use std::fmt::Write;

use arrayvec::ArrayString;

use super::{Field, Source, Values, number};
use crate::filter::kind::Kind;
use crate::filter::pass::{Needs, Subject};
use crate::filter::value::Value;
use crate::info;

pub(super) const FIELDS: &[Field] = &[
    frame("frame", Kind::Protocol, whole, "the whole frame"),
    frame("frame.number", Kind::Unsigned(32), frame_number, "position in the capture, from 1"),
    frame("frame.len", Kind::Unsigned(32), wire_len, "bytes on the wire"),
    frame("frame.cap_len", Kind::Unsigned(32), captured_len, "bytes that were captured"),
    frame("frame.time", Kind::AbsoluteTime, time, "when it was recorded"),
    frame("frame.time_epoch", Kind::RelativeTime, time, "seconds since 1970-01-01 UTC"),
    frame("frame.time_relative", Kind::RelativeTime, relative, "seconds since the first frame"),
    frame("frame.time_delta", Kind::RelativeTime, delta, "seconds since the previous frame"),
    frame(
        "frame.time_delta_displayed",
        Kind::RelativeTime,
        delta_displayed,
        "seconds since the previous selected frame",
    ),
    frame(
        "frame.encap_type",
        Kind::Signed(16),
        encapsulation,
        "Wireshark's number of the link type",
    ),
    frame("frame.marked", Kind::Boolean, unmarked, "marked by hand: never here"),
    frame("frame.ignored", Kind::Boolean, unmarked, "set aside by hand: never here"),
    frame("frame.offset_shift", Kind::RelativeTime, no_shift, "time shifted by hand: never here"),
    frame("frame.protocols", Kind::Text, protocols, "the layers' names, outermost first")
        .needing(Needs::MESSAGES),
    frame("frame.interface_id", Kind::Unsigned(32), interface, "number of the interface"),
];

const fn frame(
    name: &'static str,
    kind: Kind,
    read: fn(&Subject<'_, '_>, &mut Values<'_>) -> bool,
    meaning: &'static str,
) -> Field {
    Field::new(name, kind, Source::Frame(read), meaning)
}

fn whole(subject: &Subject<'_, '_>, sink: &mut Values<'_>) -> bool {
    let bytes = subject.facts.frame.bytes;
    sink(Value::Protocol { bytes, own_len: bytes.len() })
}

fn frame_number(subject: &Subject<'_, '_>, sink: &mut Values<'_>) -> bool {
    sink(number(subject.facts.frame.number.0))
}

fn wire_len(subject: &Subject<'_, '_>, sink: &mut Values<'_>) -> bool {
    sink(number(subject.facts.frame.wire_len))
}

fn captured_len(subject: &Subject<'_, '_>, sink: &mut Values<'_>) -> bool {
    sink(number(subject.facts.frame.captured_len()))
}

/// Simple packets of pcapng have no time; they stand at the epoch.
fn has_time(subject: &Subject<'_, '_>) -> bool {
    subject.facts.frame.timestamp.as_nanos() != 0 || !subject.pass.has_interfaces()
}

fn time(subject: &Subject<'_, '_>, sink: &mut Values<'_>) -> bool {
    has_time(subject) && sink(Value::Time(i128::from(subject.facts.frame.timestamp.as_nanos())))
}

fn relative(subject: &Subject<'_, '_>, sink: &mut Values<'_>) -> bool {
    has_time(subject) && sink(Value::Time(i128::from(subject.facts.time_relative.as_nanos())))
}

fn delta(subject: &Subject<'_, '_>, sink: &mut Values<'_>) -> bool {
    has_time(subject) && sink(Value::Time(i128::from(subject.facts.time_delta.as_nanos())))
}

fn interface(subject: &Subject<'_, '_>, sink: &mut Values<'_>) -> bool {
    subject.pass.has_interfaces() && sink(number(subject.facts.frame.interface.0))
}

fn protocols(subject: &Subject<'_, '_>, sink: &mut Values<'_>) -> bool {
    // Every name with its separator and the word `ethertype` fits, times the most layers.
    let mut text = ArrayString::<1024>::new();
    if subject.facts.decoded.write_protocols(&mut text).is_err() {
        return false;
    }
    if let Some(above) = info::layer_above(subject.facts, subject.pass.column()) {
        // What does not fit any more is not shown.
        let _ = write!(text, ":{above}");
    }
    sink(Value::Text(text.as_bytes()))
}

fn delta_displayed(subject: &Subject<'_, '_>, sink: &mut Values<'_>) -> bool {
    let since = subject.pass.last_selected().map(|last| subject.facts.frame.timestamp - last);
    let since = since.map_or(0, |since| i128::from(since.as_nanos()));
    has_time(subject) && sink(Value::Time(since))
}

fn unmarked(_: &Subject<'_, '_>, sink: &mut Values<'_>) -> bool {
    sink(Value::Boolean(false))
}

fn no_shift(subject: &Subject<'_, '_>, sink: &mut Values<'_>) -> bool {
    has_time(subject) && sink(Value::Time(0))
}

/// Link types and Wireshark's own numbers for them (`WTAP_ENCAP_...`).
const ENCAPSULATIONS: &[(u16, i128)] = &[
    (0, 15),
    (1, 1),
    (6, 2),
    (7, 8),
    (9, 4),
    (10, 5),
    (11, 10),
    (12, 7),
    (14, 7),
    (50, 4),
    (51, 4),
    (100, 10),
    (101, 7),
    (104, 28),
    (105, 20),
    (107, 26),
    (108, 15),
    (113, 25),
    (119, 21),
    (123, 13),
    (127, 23),
    (163, 24),
    (166, 19),
    (192, 73),
    (195, 104),
    (228, 129),
    (229, 130),
    (276, 210),
];

fn encapsulation(subject: &Subject<'_, '_>, sink: &mut Values<'_>) -> bool {
    let link_type = subject.facts.frame.link_type.0;
    let number = ENCAPSULATIONS.iter().find(|(known, _)| *known == link_type);
    number.is_some_and(|(_, number)| sink(Value::Integer(*number)))
}
