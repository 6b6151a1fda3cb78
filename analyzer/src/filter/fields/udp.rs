//! `udp.*`.

use super::icmp::CHECKSUM_STATES;
use super::{Context, Field, Values, number};
use crate::filter::kind::Kind::{Bytes, Label, RelativeTime, Unsigned};
use crate::filter::pass::{Datagram, Needs};
use crate::filter::value::Value;
use crate::wire::Protocol::{Udp, UdpLite};

/// A field of both UDP and UDP-Lite.
const fn both(name: &'static str, at: u16, meaning: &'static str) -> Field {
    Field::number(name, Udp, at, 2, meaning).and(Field::number("", UdpLite, at, 2, ""))
}

pub(super) const FIELDS: &[Field] = &[
    both("udp.srcport", 0, "sender's port"),
    both("udp.dstport", 2, "receiver's port"),
    Field::call("udp.port", Unsigned(16), Udp, ports, "either port").and(Field::call(
        "",
        Unsigned(16),
        UdpLite,
        ports,
        "",
    )),
    Field::number("udp.length", Udp, 4, 2, "bytes of header and payload"),
    both("udp.checksum", 6, "checksum"),
    Field::call("udp.checksum.status", Unsigned(8), Udp, checksum_status, "verdict on it")
        .named(CHECKSUM_STATES),
    Field::call(
        "udp.checksum.zero",
        Label,
        UdpLite,
        zero_checksum,
        "there is none where one must be",
    ),
    Field::call("udp.stream", Unsigned(32), Udp, stream, "number of the conversation, from 0")
        .and(Field::call("", Unsigned(32), UdpLite, stream, ""))
        .needing(Needs::UDP_STREAMS),
    Field::call("udp.time_relative", RelativeTime, Udp, since_first, "since its first datagram")
        .and(Field::call("", RelativeTime, UdpLite, since_first, ""))
        .needing(Needs::UDP_STREAMS),
    Field::call("udp.time_delta", RelativeTime, Udp, since_previous, "since its previous datagram")
        .and(Field::call("", RelativeTime, UdpLite, since_previous, ""))
        .needing(Needs::UDP_STREAMS),
    Field::call("udp.possible_traceroute", Label, Udp, traceroute, "to a port of traceroute"),
    Field::call("udp.payload", Bytes, Udp, payload, "what the datagram carries"),
];

fn ports(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    [0, 2].into_iter().any(|at| context.integer(at, 2).is_some_and(|port| sink(number(port))))
}

fn payload(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    let payload = context.layer.payload();
    !payload.is_empty() && sink(Value::Bytes(payload))
}

/// Wireshark leaves checksums of UDP unverified unless asked to check them; zero is none.
fn checksum_status(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    let state = context.integer(6, 2).map(|sum| if sum == 0 { 3_u8 } else { 2 });
    state.is_some_and(|state| sink(number(state)))
}

fn zero_checksum(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    context.integer(6, 2) == Some(0) && sink(Value::Label)
}

fn datagram<'f>(context: &Context<'f, '_>) -> Option<&'f Datagram> {
    context.subject.pass.datagram(context.index)
}

fn stream(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    datagram(context).is_some_and(|datagram| sink(number(datagram.stream)))
}

fn since_first(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    let times = datagram(context).and_then(|datagram| datagram.times);
    times.is_some_and(|(relative, _)| sink(Value::Time(relative.as_nanos().into())))
}

fn since_previous(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    let times = datagram(context).and_then(|datagram| datagram.times);
    times.is_some_and(|(_, delta)| sink(Value::Time(delta.as_nanos().into())))
}

/// The first port that traceroute sends to; each hop gets three.
const TRACEROUTE: u64 = 33_434;

/// The hop and the attempt, from 1, that the port of a traceroute tells.
pub(super) fn probe(context: &Context<'_, '_>) -> Option<(u64, u64)> {
    let count = context.integer(2, 2)?.checked_sub(TRACEROUTE).filter(|count| *count < 64)?;
    Some((count / 3 + 1, count % 3 + 1))
}

fn traceroute(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    probe(context).is_some() && sink(Value::Label)
}
