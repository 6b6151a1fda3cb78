//! What can be told of a frame without the frames before it: work for another thread, and what
//! must be known to fetch a stream before it is needed.

use crate::frame::Frame;
use crate::source::Batch;
use crate::tcp::{Brief, Flow, FlowHasher};
use crate::wire::{ChecksumVerdict, CommonFrame, Ends, checksum};

/// Of one frame: one cache line, because a batch has one for each and another thread may read it,
/// and written in place.
#[derive(Debug, Clone, Copy)]
#[repr(align(64))]
pub(super) struct Hint {
    kind: Kind,
    /// True when its segment's checksum was found to be right.
    has_right_checksum: bool,
    /// Where its headers are.
    common: CommonFrame,
    /// Its length on the wire.
    wire_len: u32,
    /// When it came, in nanoseconds.
    time: i64,
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
    /// All but brief, time and length: it is a common TCP frame.
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
        wire_len: 0,
        time: 0,
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
    #[inline]
    fn look<const SUM: bool, const BRIEF: bool>(&mut self, frame: &Frame<'_>, hasher: &FlowHasher) {
        match CommonFrame::with_ends(frame) {
            Some(found) => self.note::<SUM, BRIEF>(frame, hasher, found),
            None => self.kind = Kind::Unknown,
        }
    }

    /// Notes what is wished for of a common frame.
    #[inline(always)]
    fn note<const SUM: bool, const BRIEF: bool>(
        &mut self,
        frame: &Frame<'_>,
        hasher: &FlowHasher,
        (common, ends): (CommonFrame, Ends<'_>),
    ) {
        self.common = common;
        self.flow = hasher.flow_of(&ends);
        self.has_right_checksum = SUM && checksum::is_segment_right(&ends);
        let is_whole = frame.bytes.len() == frame.wire_len as usize;
        let (seconds, _) = frame.timestamp.as_parts();
        let is_settled = BRIEF
            && is_whole
            && (self.has_right_checksum || !SUM)
            && (0..LATEST_SECONDS).contains(&seconds);
        if !is_settled {
            self.kind = Kind::Common;
            return;
        }
        self.kind = Kind::Settled;
        self.brief = Brief::of(&ends, common.tcp_len());
        (self.wire_len, self.time) = (frame.wire_len, frame.timestamp.as_nanos());
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

    /// When it came, in nanoseconds, where there is a [brief](Self::brief).
    #[inline(always)]
    pub fn time(&self) -> i64 {
        self.time
    }

    /// Its length on the wire, where there is a [brief](Self::brief).
    #[inline(always)]
    pub fn wire_len(&self) -> u32 {
        self.wire_len
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
    for (index, (hint, frame)) in hints.iter_mut().zip(batch.frames()).enumerate() {
        match CommonFrame::of_whole(&frame) {
            Some(found) => hint.note::<SUM, BRIEF>(&frame, hasher, found),
            None => look_closer::<SUM, BRIEF>(hint, batch, index, hasher),
        }
    }
}

/// Looks at a frame of any kind, by its place: so those of the loop need none in memory.
#[inline(never)]
fn look_closer<const SUM: bool, const BRIEF: bool>(
    hint: &mut Hint,
    batch: &Batch,
    index: usize,
    hasher: &FlowHasher,
) {
    match batch.frame(index) {
        Some(frame) => hint.look::<SUM, BRIEF>(&frame, hasher),
        None => *hint = Hint::NONE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hint_is_one_cache_line() {
        assert_eq!(size_of::<Hint>(), 64);
    }
}
