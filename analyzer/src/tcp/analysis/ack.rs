//! Rules about acknowledgments: duplicates, and those that cover what was not captured.

use super::Before;
use crate::frame::FrameNumber;
use crate::tcp::{DuplicateAck, SeqNumber, TcpFlags};

/// What an acknowledgment number does to the receiver's half.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::tcp) enum Jump {
    /// Nothing: it covers only what was captured.
    #[default]
    None,
    /// "ACKed unseen segment"; its repetitions are not told again.
    Unseen,
    /// The same, and the receiver's `max_ack` stood beyond its `next`: pull it back.
    BackToNext,
    /// Beyond what was captured, but that was told before.
    AlreadyTold,
}

/// `tcp.analysis.duplicate_ack`: the same ACK with the same, non-zero window. The ACK flag
/// itself is not asked for.
pub(super) fn is_duplicate(before: &Before<'_>) -> bool {
    let window = u32::from(before.segment.window_raw);
    window != 0 && window == before.sender.window && before.is_bare_repeat()
}

/// `tcp.analysis.duplicate_ack_num` and `duplicate_ack_frame`.
pub(super) fn duplicate(before: &Before<'_>) -> DuplicateAck {
    let so_far = u32::try_from(before.sender.duplicate_acks).unwrap_or(0);
    DuplicateAck {
        number: so_far.saturating_add(1),
        of_frame: FrameNumber(u64::from(before.sender.ack_frame)),
    }
}

/// `tcp.analysis.ack_lost_segment`: the ACK covers more than the receiver's `max_ack`.
pub(super) fn jump(before: &Before<'_>) -> Jump {
    let receiver = before.receiver;
    let is_beyond = before.segment.flags.contains(TcpFlags::ACK)
        && receiver.max_ack != 0
        && before.segment.ack_raw.is_after(SeqNumber(receiver.max_ack));
    if !is_beyond {
        Jump::None
    } else if receiver.max_ack > receiver.next {
        Jump::BackToNext
    } else if receiver.duplicate_acks == 0 {
        Jump::Unseen
    } else {
        Jump::AlreadyTold
    }
}
