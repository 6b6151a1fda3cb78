//! `tcp.*`: the header, and what the analysis knows about the segment that the frame
//! carries. A segment that an ICMP error quotes has header fields only.

use arrayvec::ArrayString;

use super::icmp::CHECKSUM_STATES;
use super::{Context, Field, Values, number};
use crate::facts::TcpFacts;
use crate::filter::kind::Kind::{self, Bytes, RelativeTime, Signed, Unsigned};
use crate::filter::value::Value;
use crate::time::TimeDelta;
use crate::wire::Layer;
use crate::wire::Protocol::Tcp;

/// Bytes that Wireshark reads of a header before it shows more than the ports.
const THROUGH_WINDOW: u16 = 16;

/// What is left of a header that says that it is shorter than a header is.
pub(super) const BEFORE_LENGTH: &[&str] = &[
    "tcp",
    "tcp.srcport",
    "tcp.dstport",
    "tcp.port",
    "tcp.stream",
    "tcp.completeness",
    "tcp.len",
    "tcp.seq",
    "tcp.seq_raw",
    "tcp.hdr_len",
];

/// True for a TCP header with a length below the least one: Wireshark reads no further.
pub(super) fn is_bogus(layer: &Layer<'_>) -> bool {
    layer.protocol == Tcp && layer.bytes.get(12).is_some_and(|byte| byte >> 4 < 5)
}

/// A flag of the TCP header.
const fn flag(name: &'static str, mask: u64, meaning: &'static str) -> Field {
    Field::bits(name, Kind::Boolean, Tcp, (12, 2, mask), meaning).from(THROUGH_WINDOW)
}

/// What only the segment has that the frame carries.
pub(super) const fn judged(
    name: &'static str,
    kind: Kind,
    read: fn(&Context<'_, '_>, &mut Values<'_>) -> bool,
    meaning: &'static str,
) -> Field {
    Field::call(name, kind, Tcp, read, meaning)
}

pub(super) const FIELDS: &[Field] = &[
    Field::number("tcp.srcport", Tcp, 0, 2, "sender's port"),
    Field::number("tcp.dstport", Tcp, 2, 2, "receiver's port"),
    Field::number("tcp.port", Tcp, 0, 2, "either port").and(Field::number("", Tcp, 2, 2, "")),
    judged("tcp.stream", Unsigned(32), stream, "number of the connection, from 0"),
    judged("tcp.completeness", Unsigned(8), completeness, "what was seen of the connection"),
    judged("tcp.len", Unsigned(32), len, "payload bytes"),
    judged("tcp.seq", Unsigned(32), seq, "sequence number, relative").from(THROUGH_WINDOW),
    Field::number("tcp.seq_raw", Tcp, 4, 4, "sequence number as sent").from(THROUGH_WINDOW),
    judged("tcp.nxtseq", Unsigned(32), next_seq, "sequence number after this segment"),
    judged("tcp.ack", Unsigned(32), ack, "acknowledgment number, relative").from(THROUGH_WINDOW),
    Field::number("tcp.ack_raw", Tcp, 8, 4, "acknowledgment number as sent").from(THROUGH_WINDOW),
    judged("tcp.hdr_len", Unsigned(8), header_len, "bytes of the header, options included")
        .from(THROUGH_WINDOW),
    Field::bits("tcp.flags", Unsigned(16), Tcp, (12, 2, 0x0fff), "all twelve flags")
        .from(THROUGH_WINDOW),
    flag("tcp.flags.res", 0x0e00, "reserved bits"),
    flag("tcp.flags.ae", 0x0100, "accurate ECN"),
    flag("tcp.flags.cwr", 0x0080, "congestion window reduced"),
    flag("tcp.flags.ece", 0x0040, "ECN echo"),
    flag("tcp.flags.urg", 0x0020, "urgent pointer is valid"),
    flag("tcp.flags.ack", 0x0010, "acknowledgment number is valid"),
    flag("tcp.flags.push", 0x0008, "hand the data over now"),
    flag("tcp.flags.reset", 0x0004, "abort the connection"),
    flag("tcp.flags.syn", 0x0002, "open the connection"),
    flag("tcp.flags.fin", 0x0001, "no more data from the sender"),
    judged("tcp.flags.str", Kind::Text, flags_text, "the flags as letters").from(THROUGH_WINDOW),
    Field::number("tcp.window_size_value", Tcp, 14, 2, "window as sent"),
    judged("tcp.window_size", Unsigned(32), window, "window in bytes, scaled when known"),
    judged("tcp.window_size_scalefactor", Signed(32), factor, "-1 unknown, -2 not used"),
    Field::number("tcp.checksum", Tcp, 16, 2, "checksum"),
    judged("tcp.checksum.status", Unsigned(8), checksum_status, "verdict on the checksum")
        .named(CHECKSUM_STATES),
    Field::number("tcp.urgent_pointer", Tcp, 18, 2, "urgent pointer"),
    judged("tcp.payload", Bytes, payload, "what the segment carries"),
    judged("tcp.time_relative", RelativeTime, stream_time, "since the connection's first frame"),
    judged("tcp.time_delta", RelativeTime, stream_delta, "since its previous frame"),
];

impl<'f, 'a> Context<'f, 'a> {
    /// The verdict, when this layer is the segment that was judged.
    pub(super) fn judged(&self) -> Option<&'f TcpFacts<'a>> {
        let facts = self.facts.tcp.as_ref()?;
        (self.facts.decoded.tcp_index() == Some(self.index)).then_some(facts)
    }
}

pub(super) fn give(value: Option<Value<'_>>, sink: &mut Values<'_>) -> bool {
    value.is_some_and(sink)
}

pub(super) fn span(time: TimeDelta) -> Value<'static> {
    Value::Time(i128::from(time.as_nanos()))
}

fn stream(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    let quoted = context.facts.quoted_tcp.filter(|quoted| quoted.layer == context.index);
    let stream = context.judged().map(|tcp| tcp.analysis.stream);
    give(stream.or(quoted.map(|quoted| quoted.stream)).map(|stream| number(stream.0)), sink)
}

fn completeness(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    give(context.judged().map(|tcp| number(tcp.analysis.completeness)), sink)
}

/// Not of a segment that is shorter than its header says.
fn len(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    if context.layer.header_len > context.layer.wire_len {
        return false;
    }
    give(context.judged().map(|tcp| number(tcp.segment.payload_len)), sink)
}

fn seq(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    let raw = || context.integer(4, 4);
    let value = context.judged().map(|tcp| u64::from(tcp.analysis.seq_rel)).or_else(raw);
    give(value.map(number), sink)
}

fn next_seq(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    give(context.judged().and_then(|tcp| tcp.analysis.next_seq()).map(number), sink)
}

fn ack(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    let raw = || context.integer(8, 4);
    let value = context.judged().map(|tcp| u64::from(tcp.analysis.ack_rel)).or_else(raw);
    give(value.map(number), sink)
}

fn header_len(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    give(context.integer(12, 1).map(|byte| number((byte >> 4) * 4)), sink)
}

/// `·······AP···`: a letter for each flag that is set.
fn flags_text(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    let Some(flags) = context.integer(12, 2) else { return false };
    let mut text = ArrayString::<32>::new();
    for (index, letter) in "RRRACEUAPRSF".chars().enumerate() {
        let is_set = flags >> (11 - index) & 1 != 0;
        if text.try_push(if is_set { letter } else { '·' }).is_err() {
            return false;
        }
    }
    sink(Value::Text(text.as_bytes()))
}

fn window(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    let raw = || context.integer(14, 2);
    let value = context.judged().map(|tcp| u64::from(tcp.analysis.window_scaled)).or_else(raw);
    give(value.map(number), sink)
}

fn factor(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    let factor = context.judged().and_then(|tcp| tcp.analysis.window_factor());
    give(factor.map(|factor| Value::Integer(i128::from(factor))), sink)
}

/// Wireshark leaves checksums unverified unless asked to check them.
fn checksum_status(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    give(context.integer(16, 2).map(|_| number(2_u8)), sink)
}

fn payload(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    let payload = match context.judged() {
        Some(tcp) => tcp.payload,
        None => context.layer.payload(),
    };
    !payload.is_empty() && sink(Value::Bytes(payload))
}

fn stream_time(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    give(context.judged().map(|tcp| span(tcp.analysis.stream_time())), sink)
}

fn stream_delta(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    give(context.judged().map(|tcp| span(tcp.analysis.stream_delta())), sink)
}
