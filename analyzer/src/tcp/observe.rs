//! One segment within its stream, in Wireshark's order of steps: clock, roles, completeness,
//! numbers, verdicts, and what it leaves behind.

use super::analysis::ack::Jump;
use super::analysis::update::{self, Effect};
use super::analysis::{self, Before, Verdict};
use super::condition::{Asked, Silent, Told};
use super::explanation::{self, Explanation};
use super::flow_key::Side;
use super::half_stream::HalfStream;
use super::stream::Stream;
use super::unacked::UnackedPool;
use super::{
    AnalysisFlags, Direction, Segment, SegmentAnalysis, StreamId, completeness, fast_open,
    relative, round_trip, window_scale,
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
    (stream.initial_rtt != 0).then_some(TimeDelta::from_nanos(stream.initial_rtt))
}

/// The verdict on a segment within its stream; `why`, when given, takes what decided it.
pub(super) fn observe_in(
    stream: &mut Stream,
    unacked: &mut UnackedPool,
    place: &Place,
    segment: &Segment,
    mut why: Option<&mut Explanation>,
) -> SegmentAnalysis {
    let (stream_time, stream_delta) = tick(stream, segment);
    stream.learn_client(place.sender, segment);
    let reused = judge_reuse(stream, place, segment, why.as_deref_mut());
    let completeness = count_completeness(stream, place, segment);
    let (sender, receiver) = stream.halves_mut(place.sender);
    restart_on_repeated_syn(sender, place, segment);
    relative::learn_bases(sender, receiver, segment);
    sender.sacked_bytes = 0;
    let seq_rel = relative::seq(sender, segment);
    let ack_rel = relative::ack(receiver, segment);
    let window_scaled = window_scale::scaled(sender, segment);
    let window_factor = window_scale::factor(sender, segment);
    if let Some(why) = why {
        explain(stream, place, segment, ack_rel, why);
    }

    let mut judged = analyse(stream, unacked, place.sender, segment);
    round_trip::learn_initial_rtt(stream, segment);
    let mut flags = judged.verdict.flags | reused;
    if !segment.is_header_whole {
        (judged, flags) = (Judged::default(), AnalysisFlags::empty());
    }
    let (sender, receiver) = stream.halves_mut(place.sender);
    flags |= fast_open::judge(receiver, segment, ack_rel);
    fast_open::learn(sender, segment, flags);
    sender.sacked_bytes = segment.options.sacked_bytes();
    window_scale::learn(sender, receiver, segment);

    let Judged { verdict, effect } = judged;
    let flight = effect.flight.filter(|flight| flight.bytes > 0);
    SegmentAnalysis {
        stream: place.id,
        direction: stream.direction(place.sender),
        seq_rel,
        ack_rel,
        next_seq: relative::next_seq(seq_rel, segment),
        window_scaled,
        window_factor,
        flags,
        completeness,
        duplicate_ack: verdict.duplicate_ack,
        rto: verdict.rto,
        acks_frame: effect.acknowledged.map(|(frame, _)| frame),
        ack_rtt: effect.acknowledged.and_then(|(_, round_trip)| round_trip),
        initial_rtt: known_rtt(stream).filter(|_| judged.has_record(flags)),
        bytes_in_flight: flight.map(|flight| flight.bytes),
        push_bytes_sent: flight.map(|flight| flight.pushed),
        stream_time,
        stream_delta,
    }
}

/// A verdict, and what writing the state found out besides.
#[derive(Clone, Copy, Default)]
struct Judged {
    verdict: Verdict,
    effect: Effect,
}

impl Judged {
    /// True when Wireshark keeps a record of its analysis for the segment.
    fn has_record(&self, flags: AnalysisFlags) -> bool {
        !(flags - AnalysisFlags::TFO_ACK).is_empty()
            || self.verdict.ack_jump != Jump::None
            || self.effect.acknowledged.is_some()
            || self.effect.flight.is_some()
    }
}

/// The time since the stream's first and since its previous segment.
fn tick(stream: &mut Stream, segment: &Segment) -> (TimeDelta, TimeDelta) {
    let now = segment.timestamp.as_nanos();
    let since_first = TimeDelta::from_nanos(now.wrapping_sub(stream.first_time));
    let since_latest = TimeDelta::from_nanos(now.wrapping_sub(stream.latest_time));
    stream.latest_time = now;
    (since_first, since_latest)
}

/// A SYN in a new stream on the ports of an older one, or a SYN-ACK with another ISN than its
/// half-stream began with: flagged, and the new base.
fn judge_reuse(
    stream: &mut Stream,
    place: &Place,
    segment: &Segment,
    why: Option<&mut Explanation>,
) -> AnalysisFlags {
    let (sender, _) = stream.halves_mut(place.sender);
    let known_base = place.older_base.or(sender.known_base());
    if let Some(why) = why {
        let told = explanation::reused_ports(segment, known_base, Told::default());
        why.add(AnalysisFlags::REUSED_PORTS, told);
    }
    if !explanation::reused_ports(segment, known_base, Silent::new()).holds() {
        return AnalysisFlags::empty();
    }
    if !place.is_new {
        sender.set_base(segment.seq_raw.0);
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

/// Judges the segment on the state before it and writes the state after it; does neither
/// when its length is unknown.
fn analyse(
    stream: &mut Stream,
    unacked: &mut UnackedPool,
    sender: Side,
    segment: &Segment,
) -> Judged {
    if !segment.is_length_known {
        return Judged::default();
    }
    let initial_rtt = stream.initial_rtt;
    let (from, to) = stream.halves(sender);
    let before = Before { segment, sender: from, receiver: to, initial_rtt };
    let verdict = analysis::judge(&before, unacked);
    let (from, to) = stream.halves_mut(sender);
    let effect = update::apply(from, to, segment, &verdict, unacked);
    Judged { verdict, effect }
}

/// Asks every rule for its conditions, on the state before the segment.
fn explain(stream: &Stream, place: &Place, segment: &Segment, ack_rel: u32, why: &mut Explanation) {
    let (sender, receiver) = stream.halves(place.sender);
    let before = Before { segment, sender, receiver, initial_rtt: stream.initial_rtt };
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

impl SegmentAnalysis {
    /// The answer to a segment that could not be placed, which does not happen.
    pub(super) fn unplaced() -> Self {
        Self {
            stream: StreamId(0),
            direction: Direction::FromClient,
            seq_rel: 0,
            ack_rel: 0,
            next_seq: None,
            window_scaled: 0,
            window_factor: None,
            flags: AnalysisFlags::empty(),
            completeness: 0,
            duplicate_ack: None,
            rto: None,
            acks_frame: None,
            ack_rtt: None,
            initial_rtt: None,
            bytes_in_flight: None,
            push_bytes_sent: None,
            stream_time: TimeDelta::default(),
            stream_delta: TimeDelta::default(),
        }
    }
}
