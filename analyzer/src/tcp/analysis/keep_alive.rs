//! Rules about probes that carry nothing new, and their answers.

use super::Before;
use crate::tcp::half_stream::HalfMarks;

/// `tcp.analysis.zero_window_probe`: one byte, in order, though the receiver's window is 0.
pub(super) fn is_zero_window_probe(before: &Before<'_>) -> bool {
    before.segment.payload_len == 1
        && before.segment.seq_raw.0 == before.sender.next
        && before.receiver.window == 0
}

/// `tcp.analysis.keep_alive`: no byte or one, at the last sequence number that was sent.
pub(super) fn is_keep_alive(before: &Before<'_>) -> bool {
    before.segment.payload_len <= 1
        && before.segment.seq_raw.0 == before.sender.next.wrapping_sub(1)
        && !before.is_control()
}

/// `tcp.analysis.keep_alive_ack`: an unchanged ACK, right after the peer's keep-alive.
pub(super) fn is_keep_alive_ack(before: &Before<'_>) -> bool {
    let window = u32::from(before.segment.window_raw);
    window != 0
        && window == before.sender.window
        && before.receiver.marks.contains(HalfMarks::KEEP_ALIVE)
        && before.is_bare_repeat()
}

/// `tcp.analysis.zero_window_probe_ack`: an unchanged ACK, window still 0, right after the
/// peer's zero window probe.
pub(super) fn is_zero_window_probe_ack(before: &Before<'_>) -> bool {
    before.segment.window_raw == 0
        && before.sender.window == 0
        && before.receiver.marks.contains(HalfMarks::ZERO_WINDOW_PROBE)
        && before.is_bare_repeat()
}
