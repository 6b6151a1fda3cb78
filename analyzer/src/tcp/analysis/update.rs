//! What a judged segment leaves behind in the state of its stream.

use super::Verdict;
use super::ack::Jump;
use super::flight::{self, Flight};
use crate::frame::FrameNumber;
use crate::tcp::half_stream::{HalfMarks, HalfStream};
use crate::tcp::unacked::{Sent, UnackedPool};
use crate::tcp::{AnalysisFlags, Segment, SeqNumber, TcpFlags};
use crate::time::TimeDelta;

/// What writing the state found out besides.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::tcp) struct Effect {
    /// Frame and age of the segment that this one acknowledges.
    pub acknowledged: Option<(FrameNumber, Option<TimeDelta>)>,
    /// Bytes in flight and since the last PSH, when they could be counted.
    pub flight: Option<Flight>,
}

/// Writes the state after a segment.
pub(in crate::tcp) fn apply(
    sender: &mut HalfStream,
    receiver: &mut HalfStream,
    segment: &Segment,
    verdict: &Verdict,
    pool: &mut UnackedPool,
) -> Effect {
    count_duplicates(sender, segment, verdict);
    match verdict.ack_jump {
        Jump::IntoHole => receiver.max_ack = receiver.next,
        Jump::BeyondNext | Jump::AlreadyTold => receiver.duplicate_acks = -1,
        Jump::None => {}
    }
    if verdict.flags.contains(AnalysisFlags::LOST_SEGMENT) {
        sender.marks.insert(HalfMarks::FLIGHT_UNKNOWN);
    }
    let end = remember_sent(sender, segment, pool);
    if !verdict.flags.contains(AnalysisFlags::ZERO_WINDOW_PROBE) {
        advance(sender, segment, end);
    }
    remember_latest(sender, segment, verdict);
    let acknowledged = acknowledge(receiver, segment, pool);
    let flight = flight::count(sender, receiver, segment, pool);
    Effect { acknowledged, flight }
}

/// A new acknowledgment number starts the count again; a duplicate advances it.
fn count_duplicates(sender: &mut HalfStream, segment: &Segment, verdict: &Verdict) {
    if let Some(duplicate) = verdict.duplicate_ack {
        sender.duplicate_acks = i32::try_from(duplicate.number).unwrap_or(i32::MAX);
    }
    if segment.ack_raw.0 != sender.last_ack {
        sender.ack_frame = frame_index(segment.frame);
        sender.duplicate_acks = 0;
    }
}

/// Puts a segment that must be acknowledged on the list. Returns the sequence number after
/// it; SYN and FIN count only when it was put there.
fn remember_sent(sender: &mut HalfStream, segment: &Segment, pool: &mut UnackedPool) -> u32 {
    let takes_space = segment.payload_len > 0 || segment.has_syn_or_fin();
    if !takes_space || !sender.unacked.has_room() {
        return segment.seq_raw.0.wrapping_add(segment.payload_len);
    }
    let end = segment.seq_raw.0.wrapping_add(segment.wireshark_len());
    let sent = Sent {
        time: segment.timestamp.as_nanos(),
        frame: frame_index(segment.frame),
        start: segment.seq_raw.0,
        end,
    };
    pool.push(&mut sender.unacked, sent, sender.base);
    end
}

/// Moves the highest number seen, and how far the peer may acknowledge.
fn advance(sender: &mut HalfStream, segment: &Segment, end: u32) {
    if sender.next == 0 || SeqNumber(end).is_after(SeqNumber(sender.next)) {
        sender.next = end;
        sender.next_frame = frame_index(segment.frame);
        sender.next_time = segment.timestamp.as_nanos();
    }
    if sender.max_ack == 0 || segment.seq_raw.0 == sender.max_ack {
        sender.max_ack = sender.next;
    }
}

fn remember_latest(sender: &mut HalfStream, segment: &Segment, verdict: &Verdict) {
    sender.window = u32::from(segment.window_raw);
    sender.last_ack = segment.ack_raw.0;
    sender.last_time = segment.timestamp.as_nanos();
    let flags = verdict.flags;
    sender.marks.set(HalfMarks::KEEP_ALIVE, flags.contains(AnalysisFlags::KEEP_ALIVE));
    sender
        .marks
        .set(HalfMarks::ZERO_WINDOW_PROBE, flags.contains(AnalysisFlags::ZERO_WINDOW_PROBE));
    if segment.flags.contains(TcpFlags::SYN) {
        sender.marks.insert(HalfMarks::WINDOW_UNSCALED);
    } else if segment.flags.contains(TcpFlags::ACK) {
        sender.marks.remove(HalfMarks::WINDOW_UNSCALED);
    }
}

/// Takes what the segment acknowledges off the receiver's list.
/// `tcp.analysis.acks_frame` and, unless it is 0, `tcp.analysis.ack_rtt`.
fn acknowledge(
    receiver: &mut HalfStream,
    segment: &Segment,
    pool: &mut UnackedPool,
) -> Option<(FrameNumber, Option<TimeDelta>)> {
    if segment.flags.contains(TcpFlags::ACK) {
        receiver.marks.remove(HalfMarks::FLIGHT_UNKNOWN);
    }
    let sent = pool.acknowledge(&mut receiver.unacked, segment.ack_raw.0, receiver.base)?;
    let round_trip = segment.timestamp.as_nanos().wrapping_sub(sent.time);
    let shown = (round_trip != 0).then_some(TimeDelta::from_nanos(round_trip));
    Some((FrameNumber(u64::from(sent.frame)), shown))
}

/// A frame's number in the 32 bits that the state has for it.
fn frame_index(frame: FrameNumber) -> u32 {
    u32::try_from(frame.0).unwrap_or(u32::MAX)
}
