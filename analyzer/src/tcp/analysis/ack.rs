//! Rules about acknowledgments: duplicates, and those that cover what was not captured.

use super::{Before, SoFar};
use crate::tcp::condition::{Asked, Quantity};
use crate::tcp::{AnalysisFlags, SegmentAnalysis, SeqNumber, TcpFlags};

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
    /// True for those that set the receiver's count of duplicates to -1.
    pub const fn voids_duplicates(self) -> bool {
        matches!(self, Self::BeyondNext | Self::AlreadyTold)
    }
}

/// `tcp.analysis.duplicate_ack`: the same ACK with the same, non-zero window. The ACK flag
/// itself is not asked for.
pub(super) fn duplicate_ack<A: Asked>(before: &Before<'_>, so_far: &SoFar, asked: A) -> A {
    let asked = before.is_bare_repeat(before.has_same_window(before.is_no_probe(so_far, asked)));
    asked.and(
        !so_far.flags.contains(AnalysisFlags::KEEP_ALIVE_ACK),
        "it is not the answer to a keep-alive",
        Vec::new,
    )
}

/// `tcp.analysis.duplicate_ack_num` and `duplicate_ack_frame`.
pub(super) fn count_duplicate(before: &Before<'_>, analysis: &mut SegmentAnalysis) {
    let so_far = u32::try_from(before.sender.duplicate_acks).unwrap_or(0);
    analysis.set_duplicate_ack(so_far.saturating_add(1), before.sender.ack_frame);
}

/// The acknowledgment number against the receiver's `max_ack` and `next`.
#[inline(always)]
pub(super) fn jump(before: &Before<'_>) -> Jump {
    let receiver = before.receiver;
    if !is_beyond(before) {
        Jump::None
    } else if SeqNumber(receiver.next).is_after(SeqNumber(receiver.max_ack)) {
        Jump::IntoHole
    } else if receiver.duplicate_acks == 0 {
        Jump::BeyondNext
    } else {
        Jump::AlreadyTold
    }
}

#[inline(always)]
fn is_beyond(before: &Before<'_>) -> bool {
    before.segment.flags.contains(TcpFlags::ACK)
        && before.receiver.max_ack != 0
        && before.segment.ack_raw.is_after(SeqNumber(before.receiver.max_ack))
}

/// `tcp.analysis.ack_lost_segment`: the ACK covers more than the receiver's `max_ack`.
pub(super) fn ack_lost_segment<A: Asked>(before: &Before<'_>, so_far: &SoFar, asked: A) -> A {
    let receiver = before.receiver;
    asked
        .and(before.segment.flags.contains(TcpFlags::ACK), "it has the ACK flag", || {
            vec![("flags", Quantity::Flags(before.segment.flags))]
        })
        .and(
            receiver.max_ack != 0 && before.segment.ack_raw.is_after(SeqNumber(receiver.max_ack)),
            "it acknowledges more than the capture shows of the other side without a hole",
            || {
                vec![
                    ("acknowledgment number", before.peers(before.segment.ack_raw.0)),
                    ("seen up to", before.peers_if_set(receiver.max_ack)),
                ]
            },
        )
        .and(
            so_far.ack_jump != Jump::AlreadyTold,
            "no such acknowledgment was reported since the other side's latest ACK",
            Vec::new,
        )
}
