//! `udp.*`.

use super::{Context, Field, Values};
use crate::filter::kind::Kind::Bytes;
use crate::filter::value::Value;
use crate::wire::Protocol::Udp;

pub(super) const FIELDS: &[Field] = &[
    Field::number("udp.srcport", Udp, 0, 2, "sender's port"),
    Field::number("udp.dstport", Udp, 2, 2, "receiver's port"),
    Field::number("udp.port", Udp, 0, 2, "either port").and(Field::number("", Udp, 2, 2, "")),
    Field::number("udp.length", Udp, 4, 2, "bytes of header and payload"),
    Field::number("udp.checksum", Udp, 6, 2, "checksum"),
    Field::call("udp.payload", Bytes, Udp, payload, "what the datagram carries"),
];

fn payload(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    let payload = context.layer.payload();
    !payload.is_empty() && sink(Value::Bytes(payload))
}
