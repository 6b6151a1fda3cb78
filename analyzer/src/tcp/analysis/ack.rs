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
    /// Beyond what was captured without a hole, and the receiver's `next` is further: told,
    /// and from here on everything up to `next` may be acknowledged.
    IntoHole,
    /// Beyond the highest number that was captured: told.
    BeyondNext,
    /// The same, but after another such ACK: not told again.
    AlreadyTold,
}

impl Jump {
    /// True for those that `tcp.analysis.ack_lost_segment` tells.
    pub const fn is_told(self) -> bool {
        matches!(self, Self::IntoHole | Self::BeyondNext)
    }

    /// True for those that set the receiver's count of duplicates to -1.
    pub const fn voids_duplicates(self) -> bool {
        matches!(self, Self::BeyondNext | Self::AlreadyTold)
    }
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
    } else if SeqNumber(receiver.next).is_after(SeqNumber(receiver.max_ack)) {
        Jump::IntoHole
    } else if receiver.duplicate_acks == 0 {
        Jump::BeyondNext
    } else {
        Jump::AlreadyTold
    }
}
