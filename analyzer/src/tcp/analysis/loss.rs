//! Rules about holes and about data that was seen, or passed over, before.

use super::Before;
use super::ack::Jump;
use crate::frame::FrameNumber;
use crate::tcp::unacked::UnackedPool;
use crate::tcp::{RetransmissionTimeout, SeqNumber, TcpFlags};
use crate::time::TimeDelta;

/// Longest time between the peer's last segment and a fast retransmission: 20 ms.
const FAST_RETRANSMISSION_NANOS: u64 = 20_000_000;
/// Longest time since the last progress for out-of-order data while no RTT is known: 3 ms.
const OUT_OF_ORDER_NANOS: u64 = 3_000_000;

/// `tcp.analysis.lost_segment`: beyond the next expected number, and not a RST.
pub(super) fn is_lost_segment(before: &Before<'_>) -> bool {
    before.sender.next != 0
        && before.segment.seq_raw.is_after(SeqNumber(before.sender.next))
        && !before.segment.flags.contains(TcpFlags::RST)
}

/// Starts before the next expected number. Data of more than one byte that starts exactly one
/// before it follows a probe and is new.
pub(super) fn is_old(before: &Before<'_>) -> bool {
    let (seq, next) = (before.segment.seq_raw, before.sender.next);
    let follows_probe = before.segment.payload_len > 1 && seq.0 == next.wrapping_sub(1);
    next != 0 && seq.is_before(SeqNumber(next)) && !follows_probe
}

/// `tcp.analysis.spurious_retransmission`: payload that the peer has acknowledged to its end.
pub(super) fn is_spurious_retransmission(before: &Before<'_>) -> bool {
    let end = before.segment.seq_raw + before.segment.payload_len;
    let last_ack = SeqNumber(before.receiver.last_ack);
    before.segment.payload_len > 0
        && last_ack.0 != 0
        && (end == last_ack || end.is_before(last_ack))
}

/// `tcp.analysis.fast_retransmission`: what at least two duplicate ACKs ask for, less than
/// 20 ms after the peer's last segment. When the segment's own ACK, or an earlier one, covers
/// what was never captured, Wireshark's count has no meaning and passes for many.
pub(super) fn is_fast_retransmission(before: &Before<'_>, ack_jump: Jump) -> bool {
    let has_duplicates = match before.receiver.duplicate_acks {
        _ if ack_jump.voids_duplicates() => true,
        count => !(0..2).contains(&count),
    };
    has_duplicates
        && before.receiver.last_ack == before.segment.seq_raw.0
        && before.elapsed_since(before.receiver.last_time) < FAST_RETRANSMISSION_NANOS
}

/// `tcp.analysis.out_of_order`: less than the handshake's RTT (3 ms when unknown) after the
/// highest number last advanced, and not a repetition of exactly its end. A negative RTT has
/// no sign here either.
pub(super) fn is_out_of_order(before: &Before<'_>) -> bool {
    let threshold = match before.initial_rtt {
        0 => OUT_OF_ORDER_NANOS,
        initial_rtt => initial_rtt as u64,
    };
    before.segment_end() != before.sender.next
        && before.elapsed_since(before.sender.next_time) < threshold
}

/// `tcp.analysis.rto` and `rto_frame`: since the oldest segment that waits for its ACK, or
/// since the last progress when none does; `None` when no time has passed.
pub(super) fn timeout(before: &Before<'_>, pool: &UnackedPool) -> Option<RetransmissionTimeout> {
    let mut since = (before.sender.next_time, before.sender.next_frame);
    for sent in pool.iter(before.sender.unacked) {
        since = (sent.time, sent.frame);
    }
    let elapsed = before.segment.timestamp.as_nanos().wrapping_sub(since.0);
    (elapsed != 0).then_some(RetransmissionTimeout {
        elapsed: TimeDelta::from_nanos(elapsed),
        since_frame: FrameNumber(u64::from(since.1)),
    })
}
