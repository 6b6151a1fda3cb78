//! What can be told of a frame without the frames before it: work for another thread, and what
//! must be known to fetch a stream before it is needed.

use crate::frame::Frame;
use crate::source::Batch;
use crate::tcp::{Flow, FlowHasher, endpoints_of};
use crate::wire::{ChecksumVerdict, CommonFrame, Ends, checksum};

/// Of one frame.
#[derive(Debug, Clone, Copy)]
pub(super) struct Hint {
    /// Where its headers are, when it is a common TCP frame, and the flow of its segment.
    tcp: Option<(CommonFrame, Flow)>,
    /// True when its segment's checksum was found to be right.
    has_right_checksum: bool,
}

impl Hint {
    /// Nothing.
    pub const NONE: Self = Self { tcp: None, has_right_checksum: false };

    /// Looks at a frame.
    #[inline]
    pub fn of(frame: &Frame<'_>, hasher: &FlowHasher) -> Self {
        Self::look::<false>(frame, hasher)
    }

    /// The same, and at its checksum if so wished.
    #[inline(always)]
    fn look<const SUM: bool>(frame: &Frame<'_>, hasher: &FlowHasher) -> Self {
        let Some((common, Ends { ip, ports })) = CommonFrame::with_ends(frame) else {
            return Self::NONE;
        };
        let (source, destination) = endpoints_of(ip, ports);
        let tcp = Some((common, hasher.flow_between(source, destination)));
        let has_right_checksum = SUM && checksum::is_segment_right(frame, common, ip);
        Self { tcp, has_right_checksum }
    }

    /// Where its headers are.
    #[inline]
    pub fn common(&self) -> Option<CommonFrame> {
        self.tcp.map(|(common, _)| common)
    }

    /// The flow of its segment.
    #[inline]
    pub fn flow(&self) -> Option<&Flow> {
        self.tcp.as_ref().map(|(_, flow)| flow)
    }

    /// The verdict on its checksum, when it is known to be right.
    #[inline]
    pub fn checksum(&self) -> Option<ChecksumVerdict> {
        self.has_right_checksum.then_some(ChecksumVerdict::Good)
    }
}

/// Looks at all frames of a batch, and at their checksums when they are to be summed; the hints
/// replace what was in the list.
pub(super) fn take(batch: &Batch, hasher: &FlowHasher, sums: bool, hints: &mut Vec<Hint>) {
    hints.clear();
    // Batches differ a little in length: room for the next ones, too.
    hints.reserve(batch.len().next_power_of_two());
    match sums {
        true => hints.extend(batch.frames().map(|frame| Hint::look::<true>(&frame, hasher))),
        false => hints.extend(batch.frames().map(|frame| Hint::look::<false>(&frame, hasher))),
    }
}
