//! Rules about probes that carry nothing new, and their answers.

use super::{Before, SoFar};
use crate::tcp::condition::{Asked, Quantity};
use crate::tcp::half_stream::HalfMarks;

/// `tcp.analysis.zero_window_probe`: one byte, in order, though the receiver's window is 0.
pub(super) fn zero_window_probe<A: Asked>(before: &Before<'_>, _: &SoFar, asked: A) -> A {
    let (segment, sender) = (before.segment, before.sender);
    asked
        .and(segment.payload_len == 1, "it carries exactly one byte", || {
            vec![("payload", Quantity::Bytes(segment.payload_len))]
        })
        .and(segment.seq_raw.0 == sender.next, "it starts at the next expected number", || {
            before.seq_against("next expected", sender.next)
        })
        .and(before.receiver.window() == 0, "the other side's last window was 0", || {
            vec![("its last window", Before::window_of(before.receiver))]
        })
}

/// `tcp.analysis.keep_alive`: no byte or one, at the last sequence number that was sent.
pub(super) fn keep_alive<A: Asked>(before: &Before<'_>, so_far: &SoFar, asked: A) -> A {
    let (segment, last) = (before.segment, before.sender.next.wrapping_sub(1));
    let asked = before
        .is_no_probe(so_far, asked)
        .and(segment.payload_len <= 1, "it carries no byte or one", || {
            vec![("payload", Quantity::Bytes(segment.payload_len))]
        })
        .and(
            segment.seq_raw.0 == last,
            "it starts exactly one before the next expected number",
            || before.seq_against("next expected", before.sender.next),
        );
    before.is_no_control(asked)
}

/// `tcp.analysis.keep_alive_ack`: an unchanged ACK, right after the peer's keep-alive.
pub(super) fn keep_alive_ack<A: Asked>(before: &Before<'_>, so_far: &SoFar, asked: A) -> A {
    let asked = before.has_same_window(before.is_no_probe(so_far, asked)).and(
        before.receiver.marks.contains(HalfMarks::KEEP_ALIVE),
        "the other side's latest segment was a keep-alive",
        Vec::new,
    );
    before.is_bare_repeat(asked)
}

/// `tcp.analysis.zero_window_probe_ack`: an unchanged ACK, window still 0, right after the
/// peer's zero window probe.
pub(super) fn zero_window_probe_ack<A: Asked>(before: &Before<'_>, so_far: &SoFar, asked: A) -> A {
    let asked = before
        .is_no_probe(so_far, asked)
        .and(
            before.segment.window_raw == 0 && before.sender.window() == 0,
            "its window is 0, as it was before",
            || before.windows(),
        )
        .and(
            before.receiver.marks.contains(HalfMarks::ZERO_WINDOW_PROBE),
            "the other side's latest segment was a zero window probe",
            Vec::new,
        );
    before.is_bare_repeat(asked)
}
