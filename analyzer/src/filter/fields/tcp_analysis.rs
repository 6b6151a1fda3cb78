//! `tcp.analysis.*`: the verdicts on the segment that the frame carries.

use super::tcp::{give, judged, span};
use super::{Context, Field, Values, number};
use crate::filter::kind::Kind::{FrameNumber, Label, RelativeTime, Unsigned};
use crate::filter::value::Value;
use crate::tcp::AnalysisFlags;

/// A verdict of the analysis.
macro_rules! verdicts {
    ($($name:literal, $flags:expr, $meaning:literal;)*) => {
        (&[$((concat!("tcp.analysis.", $name), $flags),)*], &[
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
        ])
    };
}

/// Verdicts that count as such; those on fast open are notes of their own.
const FLAGGED: AnalysisFlags = AnalysisFlags::all().difference(
    AnalysisFlags::TFO_SYN.union(AnalysisFlags::TFO_ACK).union(AnalysisFlags::TFO_IGNORED),
);

pub(super) const ANALYSIS: &[Field] = TABLE.1;

/// Names of fields that are there with certain verdicts, and all fields.
const TABLE: (&[(&str, AnalysisFlags)], &[Field]) = verdicts! {
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

impl Field {
    /// The verdicts of which a segment must have one for this field to be there, when that is
    /// all that the field says.
    pub(in crate::filter) fn verdicts(&self) -> Option<AnalysisFlags> {
        TABLE.0.iter().find(|(name, _)| *name == self.name).map(|(_, flags)| *flags)
    }
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
