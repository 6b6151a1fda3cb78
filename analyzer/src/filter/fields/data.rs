//! `data.*`, and the parts of messages that TCP shows.

use super::{Field, Values, number};
use crate::filter::kind::Kind::{Bytes, Signed};
use crate::filter::value::Value;
use crate::info::Message;
use crate::info::MessageKind::{Data, Part};

pub(super) const FIELDS: &[Field] = &[
    Field::message("data.data", Bytes, &[Data], bytes, "the bytes of an unrecognised payload"),
    Field::message("data.len", Signed(32), &[Data], len, "their number"),
    Field::message("tcp.segment_data", Bytes, &[Part], bytes, "part of an incomplete message"),
];

fn bytes(message: &Message<'_>, sink: &mut Values<'_>) -> bool {
    sink(Value::Bytes(message.bytes))
}

fn len(message: &Message<'_>, sink: &mut Values<'_>) -> bool {
    sink(number(message.bytes.len() as u64))
}
