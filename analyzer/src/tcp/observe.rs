//! One segment within its stream, in Wireshark's order of steps: clock, roles, completeness,
//! numbers, verdicts, and what it leaves behind.

use super::analysis::{self, Before, ack::Jump, update};
use super::condition::{Asked, Silent, Told};
use super::explanation::{self, Explanation};
use super::flow_key::Side;
use super::half_stream::HalfStream;
use super::stream::Stream;
use super::unacked::UnackedPool;
use super::{
    AnalysisFlags, Segment, SegmentAnalysis, StreamId, TcpFlags, completeness, fast_open, relative,
    round_trip, window_scale,
};
use crate::time::TimeDelta;

/// Where a segment belongs.
pub(super) struct Place {
    /// Its stream.
    pub id: StreamId,
    /// Who sent it.
    pub sender: Side,
    /// True when it is the stream's first segment.
    pub is_new: bool,
    /// What the sender began with in an older stream, when this one reuses its ports.
    pub older_base: Option<u32>,
}

/// The RTT of a stream's handshake.
pub(super) fn known_rtt(stream: &Stream) -> Option<TimeDelta> {
    let rtt = round_trip::initial_rtt(stream);
    (rtt != 0).then_some(TimeDelta::from_nanos(rtt))
}

/// Writes the verdict on a segment within its stream.
pub(super) fn observe_in(
    stream: &mut Stream,
    unacked: &mut UnackedPool,
    place: &Place,
    segment: &Segment,
    analysis: &mut SegmentAnalysis,
) {
    enter(stream, place, segment, analysis);
    judge(stream, unacked, place.sender, segment, analysis);
}

/// The same; `why` takes what decided it.
pub(super) fn observe_and_explain_in(
    stream: &mut Stream,
    unacked: &mut UnackedPool,
    place: &Place,
    segment: &Segment,
    analysis: &mut SegmentAnalysis,
    why: &mut Explanation,
) {
    let known_base = base_before(stream, place);
    let told = explanation::reused_ports(segment, known_base, Told::default());
    why.add(AnalysisFlags::REUSED_PORTS, told);
    enter(stream, place, segment, analysis);
    explain(stream, place, segment, analysis.ack_rel, why);
    judge(stream, unacked, place.sender, segment, analysis);
}

/// What is settled before the judgement: clock, roles, completeness and relative numbers.
#[inline(always)]
fn enter(stream: &mut Stream, place: &Place, segment: &Segment, analysis: &mut SegmentAnalysis) {
    let is_syn = segment.flags.contains(TcpFlags::SYN);
    if is_syn {
        stream.learn_client(place.sender, segment);
    }
    *analysis = SegmentAnalysis::blank(place.id, stream.direction(place.sender));
    tick(stream, segment, analysis);
    if is_syn {
        analysis.flags = judge_reuse(stream, place, segment);
    }
    analysis.completeness = count_completeness(stream, place, segment);
    let (sender, receiver) = stream.halves_mut(place.sender);
    if is_syn {
        restart_on_repeated_syn(sender, place, segment);
    }
    relative::learn_bases(sender, receiver, segment);
    analysis.seq_rel = relative::seq(sender, segment);
    analysis.ack_rel = relative::ack(receiver, segment);
    analysis.has_next_seq = segment.is_length_known;
    analysis.next_seq = relative::next_seq(analysis.seq_rel, segment);
    analysis.window_scaled = window_scale::scaled(sender, segment);
    analysis.window_shift = window_scale::factor(sender, segment);
}

/// Judges the segment on the state before it and writes the state after it, unless its length
/// is unknown; then what counts from the next segment on.
#[inline(always)]
fn judge(
    stream: &mut Stream,
    unacked: &mut UnackedPool,
    sender_side: Side,
    segment: &Segment,
    analysis: &mut SegmentAnalysis,
) {
    let initial_rtt = round_trip::initial_rtt(stream);
    let (sender, receiver) = stream.halves_mut(sender_side);
    let mut has_record = false;
    if segment.is_length_known {
        let before = Before { segment, sender, receiver, initial_rtt };
        let jump = analysis::judge(&before, unacked, analysis);
        has_record = update::apply(sender, receiver, segment, jump, unacked, analysis);
        has_record |= jump != Jump::None;
    }
    if !segment.is_header_whole {
        withhold(analysis);
        has_record = false;
    }
    if segment.flags.contains(TcpFlags::SYN) {
        analysis.flags |= fast_open::judge(receiver, segment, analysis.ack_rel);
        fast_open::learn(sender, segment, analysis.flags);
    }
    sender.sacked_bytes = segment.options.sacked_bytes();
    window_scale::learn(sender, receiver, segment);
    round_trip::learn(stream, segment);
    has_record |= !(analysis.flags - AnalysisFlags::TFO_ACK).is_empty();
    analysis.initial_rtt = if has_record { round_trip::initial_rtt(stream) } else { 0 };
}

/// Takes all verdicts back: Wireshark shows none when the header is not whole.
#[cold]
fn withhold(analysis: &mut SegmentAnalysis) {
    let blank = SegmentAnalysis::blank(analysis.stream, analysis.direction);
    *analysis = SegmentAnalysis {
        completeness: analysis.completeness,
        seq_rel: analysis.seq_rel,
        ack_rel: analysis.ack_rel,
        window_scaled: analysis.window_scaled,
        has_next_seq: analysis.has_next_seq,
        next_seq: analysis.next_seq,
        window_shift: analysis.window_shift,
        stream_time: analysis.stream_time,
        stream_delta: analysis.stream_delta,
        ..blank
    };
}

/// Notes the time since the stream's first and since its previous segment.
fn tick(stream: &mut Stream, segment: &Segment, analysis: &mut SegmentAnalysis) {
    let now = segment.timestamp.as_nanos();
    analysis.stream_time = now.wrapping_sub(stream.first_time);
    analysis.stream_delta = now.wrapping_sub(stream.latest_time);
    stream.latest_time = now;
}

/// The base of the sender's half, or of the one that it had in the stream whose ports this one
/// reuses.
fn base_before(stream: &Stream, place: &Place) -> Option<u32> {
    place.older_base.or(stream.halves(place.sender).0.known_base())
}

/// A SYN in a new stream on the ports of an older one, or a SYN-ACK with another ISN than its
/// half-stream began with: flagged, and the new base.
fn judge_reuse(stream: &mut Stream, place: &Place, segment: &Segment) -> AnalysisFlags {
    let known_base = base_before(stream, place);
    if !explanation::reused_ports(segment, known_base, Silent::new()).holds() {
        return AnalysisFlags::empty();
    }
    if !place.is_new {
        stream.halves_mut(place.sender).0.set_base(segment.seq_raw.0);
    }
    AnalysisFlags::REUSED_PORTS
}

/// What the stream had shown before the segment; counts the segment, too.
fn count_completeness(stream: &mut Stream, place: &Place, segment: &Segment) -> u8 {
    let is_reused = place.older_base.is_some();
    let before = match place.is_new {
        true => completeness::before_first(is_reused),
        false => stream.completeness,
    };
    stream.completeness = match place.is_new {
        true => completeness::after_first(segment, is_reused),
        false => completeness::after(before, segment),
    };
    before
}

/// A bare SYN with the ISN that its half-stream began with takes `next` back to where the data
/// without a hole ends: what a stray RST or ACK raised it to is forgotten.
fn restart_on_repeated_syn(sender: &mut HalfStream, place: &Place, segment: &Segment) {
    if !place.is_new && segment.is_bare_syn() && sender.known_base() == Some(segment.seq_raw.0) {
        sender.next = sender.max_ack;
    }
}

/// Asks every rule for its conditions, on the state before the segment.
fn explain(stream: &Stream, place: &Place, segment: &Segment, ack_rel: u32, why: &mut Explanation) {
    let (sender, receiver) = stream.halves(place.sender);
    let before = Before { segment, sender, receiver, initial_rtt: round_trip::initial_rtt(stream) };
    why.remember_state(&before);
    if !segment.is_header_whole {
        why.unjudged = Some("its TCP header is malformed or was cut by the capture");
        why.answers.clear();
    } else if !segment.is_length_known {
        why.unjudged = Some("its IP packet is too short for the header that it claims");
    } else {
        why.answers.extend(analysis::explain(&before));
    }
    why.add_fast_open(&before, ack_rel);
}
