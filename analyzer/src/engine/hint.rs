//! What can be told of a frame without the frames before it: work for another thread, and what
//! must be known to fetch a stream before it is needed.

use crate::frame::Frame;
use crate::source::Batch;
use crate::tcp::{Brief, Flow, FlowHasher};
use crate::wire::{ChecksumVerdict, CommonFrame, checksum};

/// Of one frame: small, because a batch has one for each, and written in place.
#[derive(Debug, Clone, Copy)]
pub(super) struct Hint {
    kind: Kind,
    /// True when its segment's checksum was found to be right.
    has_right_checksum: bool,
    /// Where its headers are.
    common: CommonFrame,
    /// What its TCP header says.
    brief: Brief,
    /// The flow of its segment.
    flow: Flow,
}

/// How much of a [`Hint`] is true.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Nothing.
    Unknown,
    /// All but the brief: it is a common TCP frame.
    Common,
    /// Everything, and there is nothing more to know: the frame was captured whole, its checksum
    /// is right or nobody asked, and its time is no odd one.
    Settled,
}

/// From here on, times may be too large for 64 bits of nanoseconds.
const LATEST_SECONDS: i64 = i64::MAX / 1_000_000_000;

/// What is to be found out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Wishes {
    /// Whether checksums are right.
    pub sums: bool,
    /// What the TCP headers say.
    pub briefs: bool,
}

impl Hint {
    /// Nothing.
    pub const NONE: Self = Self {
        kind: Kind::Unknown,
        has_right_checksum: false,
        common: CommonFrame::NONE,
        brief: Brief::NONE,
        flow: Flow::NONE,
    };

    /// Looks at a frame.
    #[inline]
    pub fn of(frame: &Frame<'_>, hasher: &FlowHasher) -> Self {
        let mut hint = Self::NONE;
        hint.look::<false, false>(frame, hasher);
        hint
    }

    /// The same, and at its checksum and its TCP header if so wished.
    #[inline(always)]
    fn look<const SUM: bool, const BRIEF: bool>(&mut self, frame: &Frame<'_>, hasher: &FlowHasher) {
        let Some((common, ends)) = CommonFrame::with_ends(frame) else {
            self.kind = Kind::Unknown;
            return;
        };
        self.common = common;
        self.flow = hasher.flow_of(&ends);
        self.has_right_checksum = SUM && checksum::is_segment_right(&ends);
        let is_whole = frame.bytes.len() == frame.wire_len as usize;
        let (seconds, _) = frame.timestamp.as_parts();
        let is_settled = BRIEF
            && is_whole
            && (self.has_right_checksum || !SUM)
            && (0..LATEST_SECONDS).contains(&seconds);
        self.kind = if is_settled { Kind::Settled } else { Kind::Common };
        if is_settled {
            self.brief = Brief::of(&ends, common.tcp_len());
        }
    }

    /// Where its headers are.
    #[inline]
    pub fn common(&self) -> Option<CommonFrame> {
        (self.kind != Kind::Unknown).then_some(self.common)
    }

    /// The flow of its segment.
    #[inline]
    pub fn flow(&self) -> Option<&Flow> {
        (self.kind != Kind::Unknown).then_some(&self.flow)
    }

    /// What its segment says, when nothing else about the frame is of any interest.
    #[inline]
    pub fn brief(&self) -> Option<(&CommonFrame, &Flow, &Brief)> {
        (self.kind == Kind::Settled).then_some((&self.common, &self.flow, &self.brief))
    }

    /// The verdict on its checksum, when it is known to be right.
    #[inline]
    pub fn checksum(&self) -> Option<ChecksumVerdict> {
        let is_right = self.kind != Kind::Unknown && self.has_right_checksum;
        is_right.then_some(ChecksumVerdict::Good)
    }
}

/// Looks at all frames of a batch; the hints replace what was in the list.
pub(super) fn take(batch: &Batch, hasher: &FlowHasher, wishes: Wishes, hints: &mut Vec<Hint>) {
    // Batches differ a little in length: room for the next ones, too.
    hints.reserve(batch.len().next_power_of_two().saturating_sub(hints.len()));
    hints.resize(batch.len(), Hint::NONE);
    match wishes {
        Wishes { sums: true, briefs: true } => fill::<true, true>(batch, hasher, hints),
        Wishes { sums: true, briefs: false } => fill::<true, false>(batch, hasher, hints),
        Wishes { sums: false, briefs: true } => fill::<false, true>(batch, hasher, hints),
        Wishes { sums: false, briefs: false } => fill::<false, false>(batch, hasher, hints),
    }
}

fn fill<const SUM: bool, const BRIEF: bool>(
    batch: &Batch,
    hasher: &FlowHasher,
    hints: &mut [Hint],
) {
    for (hint, frame) in hints.iter_mut().zip(batch.frames()) {
        hint.look::<SUM, BRIEF>(&frame, hasher);
    }
}
