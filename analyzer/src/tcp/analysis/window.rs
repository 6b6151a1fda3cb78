//! Rules about receive windows, all on raw values as sent.

use super::{Before, SoFar};
use crate::tcp::condition::{Asked, Quantity};
use crate::tcp::half_stream::{HalfMarks, HalfStream, scale};
use crate::tcp::window_scale;

/// `tcp.analysis.zero_window`: the sender's window is 0 and no SYN, FIN or RST is set.
pub(super) fn zero_window<A: Asked>(before: &Before<'_>, so_far: &SoFar, asked: A) -> A {
    let window = before.segment.window_raw;
    let asked = before.is_no_probe(so_far, asked).and(window == 0, "its window is 0", || {
        vec![("window", Quantity::Bytes(u32::from(window)))]
    });
    before.is_no_control(asked)
}

/// `tcp.analysis.window_update`: nothing but another, non-zero window than before.
pub(super) fn window_update<A: Asked>(before: &Before<'_>, so_far: &SoFar, asked: A) -> A {
    let window = u32::from(before.segment.window_raw);
    let asked = before.is_no_probe(so_far, asked).and(
        window != 0 && window != before.sender.window(),
        "its window is not 0 and not the one before",
        || before.windows(),
    );
    before.is_bare_repeat(asked)
}

/// `tcp.analysis.window_full`: payload that ends exactly where the receiver's last window
/// does. Needs the receiver's scale; its SYN's own window counts unscaled.
pub(super) fn window_full<A: Asked>(before: &Before<'_>, so_far: &SoFar, asked: A) -> A {
    let receiver = before.receiver;
    let payload_len = before.segment.payload_len;
    let end = before.segment.seq_raw.0.wrapping_add(payload_len);
    let edge = edge(receiver);
    let asked = before
        .is_no_probe(so_far, asked)
        .and(payload_len > 0, "it carries payload", || {
            vec![("payload", Quantity::Bytes(payload_len))]
        })
        .and(
            receiver.scale != scale::UNKNOWN,
            "the other side's window scale is known from its handshake",
            Vec::new,
        )
        .and(end == edge, "it ends exactly where the other side's window ends", || {
            vec![("end", before.own(end)), ("end of the window", before.own(edge))]
        });
    before.is_no_control(asked)
}

/// The sequence number at which a half's latest window ends.
#[inline(always)]
pub(super) fn edge(receiver: &HalfStream) -> u32 {
    let shift = match receiver.marks.contains(HalfMarks::WINDOW_UNSCALED) {
        true => 0,
        false => window_scale::shift(receiver),
    };
    receiver.last_ack.wrapping_add(receiver.window().wrapping_shl(shift))
}
