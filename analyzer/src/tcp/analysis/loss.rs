//! Rules about holes and about data that was seen, or passed over, before.

use super::{Before, SoFar};
use crate::frame::FrameNumber;
use crate::tcp::condition::{Asked, Quantity};
use crate::tcp::unacked::UnackedPool;
use crate::tcp::{AnalysisFlags, SegmentAnalysis, SeqNumber, TcpFlags};

/// Longest time between the peer's last segment and a fast retransmission: 20 ms.
const FAST_RETRANSMISSION_NANOS: u64 = 20_000_000;
/// Longest time since the last progress for out-of-order data while no RTT is known: 3 ms.
const OUT_OF_ORDER_NANOS: u64 = 3_000_000;

/// `tcp.analysis.lost_segment`: beyond the next expected number, and not a RST.
pub(super) fn lost_segment<A: Asked>(before: &Before<'_>, so_far: &SoFar, asked: A) -> A {
    let next = before.sender.next;
    before
        .is_no_probe(so_far, asked)
        .and(
            next != 0 && before.segment.seq_raw.is_after(SeqNumber(next)),
            "it starts after the next expected number",
            || before.seq_against("next expected", next),
        )
        .and(!before.segment.flags.contains(TcpFlags::RST), "it is no RST", || {
            vec![("flags", Quantity::Flags(before.segment.flags))]
        })
}

/// `tcp.analysis.spurious_retransmission`: payload that the peer has acknowledged to its end.
pub(super) fn spurious_retransmission<A: Asked>(
    before: &Before<'_>,
    so_far: &SoFar,
    asked: A,
) -> A {
    let end = before.segment.seq_raw + before.segment.payload_len;
    let last_ack = SeqNumber(before.receiver.last_ack);
    is_no_keep_alive(so_far, asked)
        .and(before.segment.payload_len > 0, "it carries payload", || {
            vec![("payload", Quantity::Bytes(before.segment.payload_len))]
        })
        .and(
            last_ack.0 != 0 && (end == last_ack || end.is_before(last_ack)),
            "the other side has acknowledged all of it before",
            || vec![("end", before.own(end.0)), ("last ACK", before.own_if_set(last_ack.0))],
        )
}

/// `tcp.analysis.fast_retransmission`: what at least two duplicate ACKs ask for, less than
/// 20 ms after the peer's last segment. When the segment's own ACK, or an earlier one, covers
/// what was never captured, Wireshark's count has no meaning and passes for many.
pub(super) fn fast_retransmission<A: Asked>(before: &Before<'_>, so_far: &SoFar, asked: A) -> A {
    let receiver = before.receiver;
    let has_duplicates =
        so_far.ack_jump.voids_duplicates() || !(0..2).contains(&receiver.duplicate_acks);
    let elapsed = before.elapsed_since(receiver.last_time);
    is_old(before, so_far, asked)
        .and(has_duplicates, "the other side asked at least twice, by duplicate ACKs", || {
            vec![("duplicate ACKs", before.duplicates_of_receiver(so_far)), LEAST_DUPLICATES]
        })
        .and(
            receiver.last_ack == before.segment.seq_raw.0,
            "it starts with exactly the byte that they ask for",
            || before.seq_against("last ACK", receiver.last_ack),
        )
        .and(
            elapsed < FAST_RETRANSMISSION_NANOS,
            "it came less than 20 ms after the other side's latest segment",
            || elapsed_against(elapsed, FAST_RETRANSMISSION_NANOS),
        )
}

const LEAST_DUPLICATES: (&str, Quantity) = ("needed", Quantity::Count(2));

/// `tcp.analysis.out_of_order`: less than the handshake's RTT (3 ms when unknown) after the
/// highest number last advanced, and not a repetition of exactly its end. A negative RTT has
/// no sign here either.
pub(super) fn out_of_order<A: Asked>(before: &Before<'_>, so_far: &SoFar, asked: A) -> A {
    let threshold = match before.initial_rtt {
        0 => OUT_OF_ORDER_NANOS,
        initial_rtt => initial_rtt as u64,
    };
    let (end, next) = (before.segment_end(), before.sender.next);
    let elapsed = before.elapsed_since(before.sender.next_time);
    is_old(before, so_far, asked)
        .and(
            !so_far.flags.contains(AnalysisFlags::FAST_RETRANSMISSION),
            "it is no fast retransmission",
            Vec::new,
        )
        .and(end != next, "it does not end where the highest segment so far ended", || {
            vec![("end", before.own(end)), ("next expected", before.own_if_set(next))]
        })
        .and(
            elapsed < threshold,
            "it came sooner after the latest new data than the handshake took (3 ms if unknown)",
            || {
                let mut values = elapsed_against(elapsed, threshold);
                let since = FrameNumber(u64::from(before.sender.next_frame));
                values.push(("since frame", Quantity::Frame(since)));
                values
            },
        )
}

/// `tcp.analysis.retransmission`: old data for which no closer word fits. Wireshark sets the
/// field beside a fast or spurious retransmission, too.
pub(super) fn retransmission<A: Asked>(before: &Before<'_>, so_far: &SoFar, asked: A) -> A {
    let closer = AnalysisFlags::FAST_RETRANSMISSION | AnalysisFlags::SPURIOUS_RETRANSMISSION;
    if so_far.flags.intersects(closer) {
        let claim = "it is a fast or spurious retransmission, which is always a retransmission";
        return asked.and(true, claim, Vec::new);
    }
    is_old(before, so_far, asked).and(
        !so_far.flags.contains(AnalysisFlags::OUT_OF_ORDER),
        "it is not merely out of order",
        Vec::new,
    )
}

/// The common ground of all but spurious ones: takes sequence space and starts before the next
/// expected number. Data of more than one byte that starts exactly one before it follows a
/// probe and is new.
fn is_old<A: Asked>(before: &Before<'_>, so_far: &SoFar, asked: A) -> A {
    let segment = before.segment;
    let (seq, next) = (segment.seq_raw, before.sender.next);
    is_no_keep_alive(so_far, asked)
        .and(
            segment.payload_len > 0 || segment.has_syn_or_fin(),
            "it carries payload, SYN or FIN",
            || {
                let payload = Quantity::Bytes(segment.payload_len);
                vec![("payload", payload), ("flags", Quantity::Flags(segment.flags))]
            },
        )
        .and(
            next != 0 && seq.is_before(SeqNumber(next)),
            "it starts before the next expected number",
            || before.seq_against("next expected", next),
        )
        .and(
            segment.payload_len <= 1 || seq.0 != next.wrapping_sub(1),
            "it is not new data behind a one-byte probe",
            Vec::new,
        )
        .and(
            !so_far.flags.contains(AnalysisFlags::SPURIOUS_RETRANSMISSION),
            "the other side has not acknowledged all of it before",
            Vec::new,
        )
}

fn is_no_keep_alive<A: Asked>(so_far: &SoFar, asked: A) -> A {
    let is_keep_alive = so_far.flags.contains(AnalysisFlags::KEEP_ALIVE);
    asked.and(!is_keep_alive, "it is no keep-alive", Vec::new)
}

/// Times that have no sign: one beyond `i64` is a clock that went back.
fn elapsed_against(elapsed: u64, threshold: u64) -> Vec<(&'static str, Quantity)> {
    let elapsed = ("elapsed", Quantity::nanos(elapsed as i64));
    vec![elapsed, ("threshold", Quantity::nanos(threshold as i64))]
}

/// `tcp.analysis.rto` and `rto_frame`: since the oldest segment that waits for its ACK, or
/// since the last progress when none does; there is none when no time has passed.
pub(super) fn measure_timeout(
    before: &Before<'_>,
    pool: &UnackedPool,
    analysis: &mut SegmentAnalysis,
) {
    let (time, frame) = match pool.oldest(before.sender.unacked) {
        Some(sent) => (sent.time, sent.frame),
        None => (before.sender.next_time, before.sender.next_frame),
    };
    analysis.rto_elapsed = before.segment.timestamp.as_nanos().wrapping_sub(time);
    analysis.rto_since = if analysis.rto_elapsed == 0 { 0 } else { frame };
}
