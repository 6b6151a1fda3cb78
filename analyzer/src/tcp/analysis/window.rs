//! Rules about receive windows, all on raw values as sent.

use super::Before;
use crate::tcp::half_stream::{HalfMarks, scale};
use crate::tcp::window_scale;

/// `tcp.analysis.zero_window`: the sender's window is 0 and no SYN, FIN or RST is set.
pub(super) fn is_zero_window(before: &Before<'_>) -> bool {
    before.segment.window_raw == 0 && !before.is_control()
}

/// `tcp.analysis.window_update`: nothing but another, non-zero window than before.
pub(super) fn is_window_update(before: &Before<'_>) -> bool {
    let window = u32::from(before.segment.window_raw);
    window != 0 && window != before.sender.window && before.is_bare_repeat()
}

/// `tcp.analysis.window_full`: payload that ends exactly where the receiver's last window
/// does. Needs the receiver's scale; its SYN's own window counts unscaled.
pub(super) fn is_window_full(before: &Before<'_>) -> bool {
    let receiver = before.receiver;
    if before.segment.payload_len == 0 || receiver.scale == scale::UNKNOWN || before.is_control() {
        return false;
    }
    let shift = match receiver.marks.contains(HalfMarks::WINDOW_UNSCALED) {
        true => 0,
        false => window_scale::shift(receiver),
    };
    let end = before.segment.seq_raw.0.wrapping_add(before.segment.payload_len);
    end == receiver.last_ack.wrapping_add(receiver.window.wrapping_shl(shift))
}
