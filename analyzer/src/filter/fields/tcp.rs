//! `tcp.*`: the header, and what the analysis knows about the segment that the frame
//! carries. A segment that an ICMP error quotes has header fields only.

use std::fmt::Write;

use arrayvec::ArrayString;

use super::icmp::{CHECKSUM_STATES, unknown_yet};
use super::{Context, Field, Values, number};
use crate::facts::TcpFacts;
use crate::filter::kind::Kind::{self, Bytes, FrameNumber, Label, RelativeTime, Signed, Unsigned};
use crate::filter::pass::{Needs, Subject};
use crate::filter::value::Value;
use crate::tcp::{AnalysisFlags, TcpFlags};
use crate::time::TimeDelta;
use crate::wire::Protocol::Tcp;

/// Bytes that Wireshark reads of a header before it shows more than the ports.
const THROUGH_WINDOW: u16 = 16;

/// A flag of the TCP header.
const fn flag(name: &'static str, mask: u64, meaning: &'static str) -> Field {
    Field::bits(name, Kind::Boolean, Tcp, (12, 2, mask), meaning).from(THROUGH_WINDOW)
}

/// What only the segment has that the frame carries.
const fn judged(
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

/// A verdict of the analysis.
macro_rules! verdicts {
    ($($name:literal, $flags:expr, $meaning:literal;)*) => {
        &[
            $(judged(
                concat!("tcp.analysis.", $name),
                Label,
                |context, sink| has_flags(context, $flags, sink),
                $meaning,
            ),)*
            judged("tcp.analysis", Label, any_analysis, "the analysis says something"),
            judged("tcp.analysis.acks_frame", FrameNumber, acks_frame, "acknowledges this frame"),
            judged("tcp.analysis.ack_rtt", RelativeTime, ack_rtt, "time since that frame"),
            judged("tcp.analysis.initial_rtt", RelativeTime, initial_rtt, "RTT of the handshake"),
            judged("tcp.analysis.bytes_in_flight", Unsigned(32), in_flight, "not yet acknowledged"),
            judged("tcp.analysis.push_bytes_sent", Unsigned(32), push_bytes, "since the last PSH"),
            judged("tcp.analysis.rto", RelativeTime, rto, "waited before sending again"),
            judged("tcp.analysis.rto_frame", FrameNumber, rto_frame, "where the wait began"),
            judged("tcp.analysis.duplicate_ack_num", Unsigned(32), dup_num, "which repetition"),
            judged("tcp.analysis.duplicate_ack_frame", FrameNumber, dup_frame, "of which ACK"),
        ]
    };
}

/// Verdicts that count as such; those on fast open are notes of their own.
const FLAGGED: AnalysisFlags = AnalysisFlags::all().difference(
    AnalysisFlags::TFO_SYN.union(AnalysisFlags::TFO_ACK).union(AnalysisFlags::TFO_IGNORED),
);

pub(super) const ANALYSIS: &[Field] = verdicts! {
    "flags", FLAGGED, "there is a verdict";
    "retransmission", AnalysisFlags::RETRANSMISSION, "sent again";
    "fast_retransmission", AnalysisFlags::FAST_RETRANSMISSION, "sent again after duplicate ACKs";
    "spurious_retransmission", AnalysisFlags::SPURIOUS_RETRANSMISSION, "sent again for nothing";
    "out_of_order", AnalysisFlags::OUT_OF_ORDER, "arrived late";
    "reused_ports", AnalysisFlags::REUSED_PORTS, "new connection on the same ports";
    "lost_segment", AnalysisFlags::LOST_SEGMENT, "the previous segment was not captured";
    "ack_lost_segment", AnalysisFlags::ACK_LOST_SEGMENT, "acknowledges what was not captured";
    "window_update", AnalysisFlags::WINDOW_UPDATE, "only the window changed";
    "window_full", AnalysisFlags::WINDOW_FULL, "fills the receiver's window";
    "keep_alive", AnalysisFlags::KEEP_ALIVE, "asks whether the peer is there";
    "keep_alive_ack", AnalysisFlags::KEEP_ALIVE_ACK, "the peer is there";
    "zero_window_probe", AnalysisFlags::ZERO_WINDOW_PROBE, "asks whether the window opened";
    "zero_window", AnalysisFlags::ZERO_WINDOW, "cannot take more data";
    "zero_window_probe_ack", AnalysisFlags::ZERO_WINDOW_PROBE_ACK, "the window is still closed";
    "duplicate_ack", AnalysisFlags::DUPLICATE_ACK, "acknowledges the same again";
    "tfo_syn", AnalysisFlags::TFO_SYN, "fast open with a cookie";
    "tfo_ack", AnalysisFlags::TFO_ACK, "fast open data was accepted";
    "tfo_ignored", AnalysisFlags::TFO_IGNORED, "fast open data was ignored";
};

/// What Wireshark notes of a segment that opens or closes a connection.
pub(super) const EVENTS: &[Field] = &[
    judged("tcp.connection.syn", Label, opens, "asks for a connection"),
    judged("tcp.connection.synack", Label, accepts, "accepts a connection"),
    judged("tcp.connection.fin", Label, finishes, "no more data from the sender"),
    judged("tcp.connection.fin_active", Label, finishes_first, "closes first")
        .needing(Needs::CLOSINGS),
    judged("tcp.connection.fin_passive", Label, finishes_second, "closes after the other side")
        .needing(Needs::CLOSINGS),
    judged("tcp.connection.rst", Label, aborts, "aborts the connection"),
    judged("tcp.reassembled_in", FrameNumber, unknown_yet, "completed where: seen only later"),
    judged("tcp.reset_cause", Kind::Text, reset_cause, "what a reset says in its payload"),
];

/// The flags that a FIN, SYN or RST is told from.
fn flags(context: &Context<'_, '_>) -> u64 {
    context.integer(12, 2).unwrap_or(0)
}

fn opens(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    flags(context) & 0x12 == 0x02 && sink(Value::Label)
}

fn accepts(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    flags(context) & 0x12 == 0x12 && sink(Value::Label)
}

fn finishes(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    flags(context) & 0x01 != 0 && sink(Value::Label)
}

fn aborts(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    flags(context) & 0x04 != 0 && sink(Value::Label)
}

/// What opening and closing a connection is worth a note: whether it is more than chat, and
/// its text.
pub(super) fn connection_notes(
    subject: &Subject<'_, '_>,
    read: &mut dyn FnMut(bool, &str) -> bool,
) -> bool {
    let Some(tcp) = &subject.facts.tcp else { return false };
    let flags = tcp.segment.flags;
    if flags.contains(TcpFlags::SYN) {
        let (what, server) = match flags.contains(TcpFlags::ACK) {
            true => ("acknowledge (SYN+ACK)", tcp.segment.source),
            false => ("request (SYN)", tcp.segment.destination),
        };
        let mut text = ArrayString::<80>::new();
        // The text is shorter than the buffer.
        let _ = write!(text, "Connection establish {what}: server port {}", server.port());
        if read(false, &text) {
            return true;
        }
    }
    if !flags.contains(TcpFlags::FIN) {
        return false;
    }
    let note = match subject.pass.closes_first() {
        Some(true) => "This frame initiates the connection closing",
        _ => "This frame undergoes the connection closing",
    };
    read(false, "Connection finish (FIN)") || read(true, note)
}

fn closes_first(context: &Context<'_, '_>) -> Option<bool> {
    context.subject.pass.closes_first().filter(|_| context.judged().is_some())
}

fn finishes_first(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    closes_first(context) == Some(true) && sink(Value::Label)
}

fn finishes_second(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    closes_first(context) == Some(false) && sink(Value::Label)
}

fn reset_cause(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    let payload = context.layer.payload();
    flags(context) & 0x04 != 0 && !payload.is_empty() && sink(Value::Text(payload))
}

impl<'f, 'a> Context<'f, 'a> {
    /// The verdict, when this layer is the segment that was judged.
    pub(super) fn judged(&self) -> Option<&'f TcpFacts<'a>> {
        let facts = self.facts.tcp.as_ref()?;
        (self.facts.decoded.tcp_index() == Some(self.index)).then_some(facts)
    }
}

fn give(value: Option<Value<'_>>, sink: &mut Values<'_>) -> bool {
    value.is_some_and(sink)
}

fn span(time: TimeDelta) -> Value<'static> {
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

fn has_flags(context: &Context<'_, '_>, flags: AnalysisFlags, sink: &mut Values<'_>) -> bool {
    let has = context.judged().is_some_and(|tcp| tcp.analysis.flags.intersects(flags));
    has && sink(Value::Label)
}

fn any_analysis(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    let Some(tcp) = context.judged() else { return false };
    let analysis = &tcp.analysis;
    let has = analysis.flags.intersects(FLAGGED)
        || analysis.acks_frame().is_some()
        || analysis.initial_rtt().is_some()
        || analysis.bytes_in_flight().is_some()
        || analysis.push_bytes_sent().is_some();
    has && sink(Value::Label)
}

fn acks_frame(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    give(context.judged().and_then(|tcp| tcp.analysis.acks_frame()).map(|f| number(f.0)), sink)
}

fn ack_rtt(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    give(context.judged().and_then(|tcp| tcp.analysis.ack_rtt()).map(span), sink)
}

fn initial_rtt(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    give(context.judged().and_then(|tcp| tcp.analysis.initial_rtt()).map(span), sink)
}

fn in_flight(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    give(context.judged().and_then(|tcp| tcp.analysis.bytes_in_flight()).map(number), sink)
}

fn push_bytes(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    give(context.judged().and_then(|tcp| tcp.analysis.push_bytes_sent()).map(number), sink)
}

fn rto(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    give(context.judged().and_then(|tcp| tcp.analysis.rto()).map(|rto| span(rto.elapsed)), sink)
}

fn rto_frame(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    let rto = context.judged().and_then(|tcp| tcp.analysis.rto());
    give(rto.map(|rto| number(rto.since_frame.0)), sink)
}

fn dup_num(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    let duplicate = context.judged().and_then(|tcp| tcp.analysis.duplicate_ack());
    give(duplicate.map(|duplicate| number(duplicate.number)), sink)
}

fn dup_frame(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    let duplicate = context.judged().and_then(|tcp| tcp.analysis.duplicate_ack());
    give(duplicate.map(|duplicate| number(duplicate.of_frame.0)), sink)
}
