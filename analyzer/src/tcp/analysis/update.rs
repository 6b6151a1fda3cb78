//! What a judged segment leaves behind in the state of its stream.

use super::ack::Jump;
use super::flight;
use crate::frame::FrameNumber;
use crate::tcp::half_stream::{HalfMarks, HalfStream};
use crate::tcp::unacked::{Sent, UnackedPool};
use crate::tcp::{AnalysisFlags, Segment, SegmentAnalysis, SeqNumber, TcpFlags};

/// Writes the state after a segment, and notes what that finds out: which segment it
/// acknowledges, and what is on its way. True when it found out any of both.
#[inline(always)]
pub(in crate::tcp) fn apply(
    sender: &mut HalfStream,
    receiver: &mut HalfStream,
    segment: &Segment,
    jump: Jump,
    pool: &mut UnackedPool,
    analysis: &mut SegmentAnalysis,
) -> bool {
    let flags = analysis.flags;
    count_duplicates(sender, segment, analysis.duplicate_number);
    match jump {
        Jump::None => {}
        Jump::IntoHole => receiver.max_ack = receiver.next,
        Jump::BeyondNext | Jump::AlreadyTold => receiver.duplicate_acks = -1,
    }
    if flags.contains(AnalysisFlags::LOST_SEGMENT) {
        sender.marks.insert(HalfMarks::FLIGHT_UNKNOWN);
    }
    let end = remember_sent(sender, segment, pool);
    if !flags.contains(AnalysisFlags::ZERO_WINDOW_PROBE) {
        advance(sender, segment, end);
    }
    remember_latest(sender, segment, flags);
    let acknowledges = acknowledge(receiver, segment, pool, analysis);
    let is_counted = flight::count(sender, receiver, segment, pool, analysis);
    acknowledges | is_counted
}

/// A new acknowledgment number starts the count again; a duplicate advances it.
#[inline(always)]
fn count_duplicates(sender: &mut HalfStream, segment: &Segment, repetition: u32) {
    if repetition != 0 {
        sender.duplicate_acks = i32::try_from(repetition).unwrap_or(i32::MAX);
    }
    if segment.ack_raw.0 != sender.last_ack {
        sender.ack_frame = frame_index(segment.frame);
        sender.duplicate_acks = 0;
    }
}

/// Puts a segment that must be acknowledged on the list. Returns the sequence number after
/// it; SYN and FIN count only when it was put there.
#[inline(always)]
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
#[inline(always)]
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

#[inline(always)]
fn remember_latest(sender: &mut HalfStream, segment: &Segment, flags: AnalysisFlags) {
    sender.set_window(segment.window_raw);
    sender.last_ack = segment.ack_raw.0;
    sender.last_time = segment.timestamp.as_nanos();
    let mut marks = sender.marks - HalfMarks::KEEP_ALIVE - HalfMarks::ZERO_WINDOW_PROBE;
    if segment.flags.contains(TcpFlags::SYN) {
        marks.insert(HalfMarks::WINDOW_UNSCALED);
    } else if segment.flags.contains(TcpFlags::ACK) {
        marks.remove(HalfMarks::WINDOW_UNSCALED);
    }
    if !flags.is_empty() {
        marks.set(HalfMarks::KEEP_ALIVE, flags.contains(AnalysisFlags::KEEP_ALIVE));
        let is_probe = flags.contains(AnalysisFlags::ZERO_WINDOW_PROBE);
        marks.set(HalfMarks::ZERO_WINDOW_PROBE, is_probe);
    }
    sender.marks = marks;
}

/// Takes what the segment acknowledges off the receiver's list. Notes which segment it is whose
/// end it acknowledges exactly, and when that was sent; true when there is one.
#[inline(always)]
fn acknowledge(
    receiver: &mut HalfStream,
    segment: &Segment,
    pool: &mut UnackedPool,
    analysis: &mut SegmentAnalysis,
) -> bool {
    if segment.flags.contains(TcpFlags::ACK) {
        receiver.marks.remove(HalfMarks::FLIGHT_UNKNOWN);
    }
    let index = pool.acknowledge(&mut receiver.unacked, segment.ack_raw.0, receiver.base);
    let Some(sent) = index.and_then(|index| pool.at(index)) else { return false };
    analysis.acks_frame = sent.frame;
    analysis.ack_rtt = segment.timestamp.as_nanos().wrapping_sub(sent.time);
    true
}

/// A frame's number in the 32 bits that the state has for it.
#[inline(always)]
pub(in crate::tcp) fn frame_index(frame: FrameNumber) -> u32 {
    u32::try_from(frame.0).unwrap_or(u32::MAX)
}
