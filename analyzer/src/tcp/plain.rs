//! The great mass of segments, quicker: later than both SYNs, in order, with nothing in the
//! header that matters beyond the numbers and a FIN, and judged by no rule.
//!
//! All steps that a segment takes are in [`super::observe`]. Of a plain one, this file only does
//! what is left of them for whoever does not ask for its analysis: what the segment leaves behind
//! in its stream. It adds no rule, and is free to refuse: a segment that it does not take goes
//! the whole way. That both ways leave the same behind, the tests try on random conversations
//! and on every capture there is.

use super::flow_key::Flow;
use super::half_stream::{HalfMarks, HalfStream};
use super::stream::Stream;
use super::unacked::{Sent, UnackedPool};
use super::{
    Brief, Direction, SeqNumber, StreamId, TcpFlags, completeness, round_trip, window_scale,
};

/// What is told of a plain segment: where it belongs, and what counts of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Plain {
    /// When it came, in nanoseconds.
    pub time: i64,
    /// Its stream.
    pub stream: StreamId,
    /// Sequence number.
    pub seq_raw: SeqNumber,
    /// Sequence number relative to the half-stream's base.
    pub seq_rel: u32,
    /// Acknowledgment number.
    pub ack_raw: SeqNumber,
    /// Acknowledgment number relative to the other half's base.
    pub ack_rel: u32,
    /// Payload bytes.
    pub payload_len: u32,
    /// Its flags.
    pub flags: TcpFlags,
    /// Port of its sender.
    pub source_port: u16,
    /// Which half of the stream it belongs to.
    pub direction: Direction,
}

impl Plain {
    /// That of no segment, to be written over.
    pub const NONE: Self = Self {
        time: 0,
        stream: StreamId(0),
        seq_raw: SeqNumber(0),
        seq_rel: 0,
        ack_raw: SeqNumber(0),
        ack_rel: 0,
        payload_len: 0,
        flags: TcpFlags::empty(),
        source_port: 0,
        direction: Direction::FromClient,
    };
}

/// When a segment came, in nanoseconds, and in which frame.
#[derive(Debug, Clone, Copy)]
pub(super) struct Came {
    pub time: i64,
    pub frame: u32,
}

/// What is settled about the halves of a plain segment's stream, so that it changes few marks.
const USUAL: HalfMarks = HalfMarks::BASE_KNOWN.union(HalfMarks::WINDOW_TOLD);
const ASKED: HalfMarks = USUAL.union(HalfMarks::FLIGHT_UNKNOWN);
const PROBES: HalfMarks = HalfMarks::KEEP_ALIVE.union(HalfMarks::ZERO_WINDOW_PROBE);

/// True when a segment is plain, that has a FIN if `FIN`.
#[inline(always)]
pub(super) fn is_plain<const FIN: bool>(
    sender: &HalfStream,
    receiver: &HalfStream,
    brief: &Brief,
) -> bool {
    const CONTROL: TcpFlags = TcpFlags::SYN.union(TcpFlags::FIN).union(TcpFlags::RST);
    let wanted = if FIN { TcpFlags::ACK.union(TcpFlags::FIN) } else { TcpFlags::ACK };
    let goes_on = brief.seq_raw.0 == sender.next && sender.max_ack == sender.next;
    goes_on
        && brief.flags & CONTROL.union(TcpFlags::ACK) == wanted
        && !brief.has_telling_options()
        && brief.window_raw != 0
        && sender.marks & ASKED.union(PROBES) == USUAL
        && receiver.marks & ASKED == USUAL
        && receiver.max_ack != 0
        && !brief.ack_raw.is_after(SeqNumber(receiver.max_ack))
        && (!FIN || sender.unacked.is_measured_with_room())
        && if brief.payload_len == 0 {
            sender.next != 0 && (FIN || brief.ack_raw.0 != sender.last_ack)
        } else {
            is_new_data(sender, receiver, brief)
        }
}

/// Payload that the receiver has not acknowledged, and that does not end where its window does.
#[inline(always)]
fn is_new_data(sender: &HalfStream, receiver: &HalfStream, brief: &Brief) -> bool {
    let end = brief.seq_raw + brief.payload_len;
    let is_unscaled = receiver.marks.contains(HalfMarks::WINDOW_UNSCALED);
    let shift = if is_unscaled { 0 } else { window_scale::shift(receiver) };
    let edge = u32::from(receiver.window_raw).wrapping_shl(shift);
    // One less than half of the circle: a FIN may follow.
    (1..u32::MAX / 2).contains(&brief.payload_len)
        && (brief.payload_len > 1 || receiver.window_raw != 0)
        && end.0.wrapping_sub(receiver.last_ack).cast_signed() > 0
        && end.0 != receiver.last_ack.wrapping_add(edge)
        && sender.unacked.is_measured_with_room()
}

/// Writes what a plain segment leaves behind; answers what is told of it. Does nothing when it
/// is not plain.
#[inline(always)]
pub(super) fn take(
    (stream, id): (&mut Stream, StreamId),
    pool: &mut UnackedPool,
    flow: &Flow,
    brief: &Brief,
    came: Came,
) -> Option<Plain> {
    match brief.flags.contains(TcpFlags::FIN) {
        false => take_kind::<false>((stream, id), pool, flow, brief, came),
        true => take_fin((stream, id), pool, flow, brief, came),
    }
}

/// The same for one with a FIN: apart, because they are few.
#[inline(never)]
fn take_fin(
    stream: (&mut Stream, StreamId),
    pool: &mut UnackedPool,
    flow: &Flow,
    brief: &Brief,
    came: Came,
) -> Option<Plain> {
    take_kind::<true>(stream, pool, flow, brief, came)
}

#[inline(always)]
fn take_kind<const FIN: bool>(
    (stream, id): (&mut Stream, StreamId),
    pool: &mut UnackedPool,
    flow: &Flow,
    brief: &Brief,
    came: Came,
) -> Option<Plain> {
    let direction = stream.direction(flow.sender);
    let (own, other) = stream.halves_mut(flow.sender);
    if !is_plain::<FIN>(own, other, brief) {
        return None;
    }
    let has_payload = brief.payload_len != 0;
    if has_payload || FIN {
        send::<FIN>(own, pool, brief, came);
    }
    acknowledge(own, other, pool, brief, came);
    let seq_rel = brief.seq_raw.relative_to(SeqNumber(own.base));
    let ack_rel = brief.ack_raw.relative_to(SeqNumber(other.base));
    stream.latest_time = came.time;
    stream.completeness |= completeness::of_plain(has_payload, FIN);
    if !stream.is_rtt_known {
        round_trip::learn_from_ack(stream, came.time);
    }
    Some(Plain {
        time: came.time,
        stream: id,
        seq_raw: brief.seq_raw,
        seq_rel,
        ack_raw: brief.ack_raw,
        ack_rel,
        payload_len: brief.payload_len,
        flags: brief.flags,
        source_port: flow.packed_source_port(),
        direction,
    })
}

/// What its payload and its FIN do: they wait for an ACK, and move the sender's numbers.
#[inline(always)]
fn send<const FIN: bool>(own: &mut HalfStream, pool: &mut UnackedPool, brief: &Brief, came: Came) {
    let start = brief.seq_raw.0;
    let end = start.wrapping_add(brief.payload_len).wrapping_add(u32::from(FIN));
    let Came { time, frame } = came;
    pool.push_with_room(&mut own.unacked, Sent { time, frame, start, end }, own.base);
    (own.next, own.max_ack) = (end, end);
    (own.next_frame, own.next_time) = (frame, time);
    if FIN && brief.payload_len == 0 {
        return;
    }
    let pushed = if own.marks.contains(HalfMarks::PUSHED) { 0 } else { own.push_bytes };
    own.push_bytes = pushed.wrapping_add(brief.payload_len);
    own.marks.set(HalfMarks::PUSHED, brief.flags.contains(TcpFlags::PSH));
}

/// What its acknowledgment number and its window do.
#[inline(always)]
fn acknowledge(
    own: &mut HalfStream,
    other: &mut HalfStream,
    pool: &mut UnackedPool,
    brief: &Brief,
    came: Came,
) {
    if brief.ack_raw.0 != own.last_ack {
        (own.ack_frame, own.duplicate_acks) = (came.frame, 0);
        own.last_ack = brief.ack_raw.0;
    }
    own.marks.remove(HalfMarks::WINDOW_UNSCALED);
    (own.window_raw, own.last_time, own.sacked_bytes) = (brief.window_raw, came.time, 0);
    pool.acknowledge(&mut other.unacked, brief.ack_raw.0, other.base);
}
