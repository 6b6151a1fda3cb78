//! Reading on a thread of its own, a few batches ahead of the analysis.
//!
//! The batches go round: read on one thread, looked at on the other, sent back to be filled
//! again. So memory is bounded, nothing is allocated once they have their size, and the frames
//! come in file order whatever the threads do.

use std::ops::ControlFlow;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use super::hint::{self, Hint, Wishes};
use crate::source::{self, Batch, FrameSource};
use crate::tcp::FlowHasher;

/// Batches under way: one being read, one being looked at, two that even out their pace.
const BATCHES: usize = 4;

/// The work that is done ahead.
pub(super) struct Reader<'s> {
    /// Reads from here,
    pub source: &'s mut dyn FrameSource,
    /// finds out the flow of each segment,
    pub hasher: FlowHasher,
    /// and what else is wished for.
    pub wishes: Wishes,
}

/// What one reading gave: frames, what was told of each, and after them perhaps an error.
struct Load {
    frames: Frames,
    end: source::Result<()>,
}

#[derive(Default)]
struct Frames {
    batch: Batch,
    hints: Vec<Hint>,
}

/// Shows every batch of a source to `look`, until it breaks off or the source ends.
///
/// # Errors
/// Those of the source, after its last batch.
pub(super) fn for_each_batch(
    reader: Reader<'_>,
    mut look: impl FnMut(&Batch, &[Hint]) -> ControlFlow<()>,
) -> source::Result<()> {
    let (send, receive) = sync_channel(BATCHES);
    let (give_back, take_back) = sync_channel(BATCHES);
    for _ in 0..BATCHES {
        // The channel has room for all of them and both its ends are here.
        let _ = give_back.send(Frames::default());
    }
    // The closure owns its ends of the channels: when it returns early they are gone, and the
    // reader stops.
    thread::scope(move |scope| {
        scope.spawn(move || reader.read(&take_back, &send));
        for Load { frames, end } in receive {
            if look(&frames.batch, &frames.hints).is_break() {
                return Ok(());
            }
            end?;
            // Nobody takes it any more once the source has ended.
            let _ = give_back.send(frames);
        }
        Ok(())
    })
}

impl Reader<'_> {
    /// Fills batches until the source ends or nobody wants them.
    fn read(self, empty: &Receiver<Frames>, full: &SyncSender<Load>) {
        for mut frames in empty {
            let Frames { batch, hints } = &mut frames;
            let end = self.source.next_batch(batch);
            hint::take(batch, &self.hasher, self.wishes, hints);
            let is_last = batch.is_empty() || end.is_err();
            if full.send(Load { frames, end }).is_err() || is_last {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use crate::engine::{BATCHES_ALONE, Engine, Threads, run_with};
    use crate::facts::FrameFacts;
    use crate::frame::{Frame, FrameNumber, InterfaceId, LinkType};
    use crate::source::{Error, FrameSource, Interface, Result};
    use crate::time::Timestamp;
    use std::ops::ControlFlow;

    /// Frames without bytes, a thousand a batch, and damage at the end if so wished.
    struct Frames {
        next: u64,
        last: u64,
        is_damaged: bool,
    }

    impl FrameSource for Frames {
        fn next(&mut self) -> Result<Option<Frame<'_>>> {
            self.next += 1;
            if self.next > self.last {
                let path = PathBuf::from("frames");
                let damage =
                    Error::Damaged { path, offset: 9, frames: self.last, reason: String::new() };
                return if std::mem::take(&mut self.is_damaged) { Err(damage) } else { Ok(None) };
            }
            Ok(Some(Frame {
                number: FrameNumber(self.next),
                timestamp: Timestamp::default(),
                wire_len: 0,
                link_type: LinkType(1),
                interface: InterfaceId(0),
                bytes: &[],
            }))
        }

        fn may_wait(&self) -> bool {
            false
        }

        fn may_run_ahead(&self) -> bool {
            true
        }

        fn interfaces(&self) -> &[Interface] {
            &[]
        }

        fn format(&self) -> &'static str {
            "frames"
        }
    }

    /// How many frames came, all in order, and whether an error followed.
    fn seen(last: u64, is_damaged: bool, stop_after: u64, threads: usize) -> (u64, bool) {
        let mut seen = 0;
        let mut count = |facts: &FrameFacts<'_>| {
            seen += 1;
            assert_eq!(facts.frame.number, FrameNumber(seen));
            if seen == stop_after { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        let mut source = Frames { next: 0, last, is_damaged };
        let threads = Threads::at_most(threads.try_into().unwrap());
        let end = run_with(&mut Engine::new(), &mut source, threads, &mut count);
        (seen, end.is_err())
    }

    #[test]
    fn two_threads_show_what_one_shows() {
        let alone = u64::from(BATCHES_ALONE) * 1024;
        for last in [0, 1, alone - 1, alone, alone + 1, alone * 5 + 77] {
            for (is_damaged, stop_after) in [(false, 0), (true, 0), (true, 3), (true, alone + 5)] {
                let one = seen(last, is_damaged, stop_after, 1);
                assert_eq!(seen(last, is_damaged, stop_after, 2), one, "{last} {stop_after}");
                let is_stopped = (1..=last).contains(&stop_after);
                let expected = if is_stopped { stop_after } else { last };
                assert_eq!(one, (expected, is_damaged && !is_stopped));
            }
        }
    }
}
