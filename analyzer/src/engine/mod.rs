//! Drives a capture through decoding and analysis, frame by frame, in file order.
//!
//! [`Engine::examine`] turns one frame into its [`FrameFacts`]; [`run`] does that for every
//! frame of a source and hands the facts to an [`Observer`]. Nothing here prints, and nothing
//! is kept per frame.

use std::ops::ControlFlow;

use crate::facts::FrameFacts;
use crate::frame::Frame;
use crate::source::{self, Batch, FrameSource};
use crate::tcp::{Explanation, StreamTable};
use crate::time::Timestamp;
use crate::wire::Decoder;
use segments::Latest;

mod ahead;
mod segments;
mod threads;

pub use threads::Threads;

/// Batches that are read before a second thread is worth its start.
const BATCHES_ALONE: u32 = 4;

/// Looks at the facts of each frame of a capture.
pub trait Observer {
    /// One frame; [`ControlFlow::Break`] ends the run.
    fn frame(&mut self, facts: &FrameFacts<'_>) -> ControlFlow<()>;

    /// True when it wants to be told before each wait, see [`Self::before_wait`]. Asked once.
    fn minds_waits(&self) -> bool {
        false
    }

    /// The next frame may be long in coming: the time to show what is held back.
    fn before_wait(&mut self) {}
}

impl<F: FnMut(&FrameFacts<'_>) -> ControlFlow<()>> Observer for F {
    fn frame(&mut self, facts: &FrameFacts<'_>) -> ControlFlow<()> {
        self(facts)
    }
}

/// The state of one pass over one capture.
#[derive(Debug, Default)]
pub struct Engine {
    decoder: Decoder,
    streams: StreamTable,
    latest: Latest,
    first: Option<Timestamp>,
    previous: Option<Timestamp>,
}

impl Engine {
    /// Before the first frame.
    pub fn new() -> Self {
        Self::default()
    }

    /// Before the first frame of a second pass over the capture that `first` has read: each
    /// frame tells what its stream finally shows, as in Wireshark's window and with tshark's
    /// `-2`. Differs in `tcp.completeness` and `tcp.analysis.initial_rtt`.
    pub fn second_pass(first: Self) -> Self {
        Self { latest: Latest::of_second_pass(first.streams), ..Self::default() }
    }

    /// Decodes and judges the next frame of the capture.
    pub fn examine<'a>(&'a mut self, frame: Frame<'a>) -> FrameFacts<'a> {
        let mut facts = FrameFacts::unexamined(frame);
        self.examine_in_place(&mut facts, None);
        facts
    }

    /// The same, and why its outermost segment has the verdicts that it has; `None` when it
    /// carries none.
    pub fn examine_and_explain<'a>(
        &'a mut self,
        frame: Frame<'a>,
    ) -> (FrameFacts<'a>, Option<Explanation>) {
        let mut why = None;
        let mut facts = FrameFacts::unexamined(frame);
        self.examine_in_place(&mut facts, Some(&mut why));
        (facts, why)
    }

    /// The same where the facts stand: they are too large to be moved for every frame.
    #[inline]
    fn examine_in_place<'a>(
        &'a mut self,
        facts: &mut FrameFacts<'a>,
        why: Option<&mut Option<Explanation>>,
    ) {
        let now = facts.frame.timestamp;
        facts.time_relative = now - *self.first.get_or_insert(now);
        facts.time_delta = now - self.previous.replace(now).unwrap_or(now);
        self.decoder.decode_into(&facts.frame, &mut facts.decoded);
        segments::observe(&mut self.streams, &mut self.latest, facts, why);
    }

    /// Examines the frames of a batch and shows each to the observer.
    fn show(&mut self, batch: &Batch, observer: &mut (impl Observer + ?Sized)) -> ControlFlow<()> {
        for frame in batch.frames() {
            let mut facts = FrameFacts::unexamined(frame);
            self.examine_in_place(&mut facts, None);
            observer.frame(&facts)?;
        }
        ControlFlow::Continue(())
    }

    /// The streams so far; after the last frame, what is finally known of them.
    pub fn streams(&self) -> &StreamTable {
        &self.streams
    }
}

/// Runs a source to its end, or until the observer breaks off.
///
/// # Errors
/// Those of the source; every frame before the damage has been observed.
pub fn run(
    source: &mut dyn FrameSource,
    threads: Threads,
    observer: &mut (impl Observer + ?Sized),
) -> source::Result<()> {
    run_with(&mut Engine::new(), source, threads, observer)
}

/// The same with an engine that the caller keeps, to ask its streams afterwards.
///
/// # Errors
/// Those of the source; every frame before the damage has been observed.
pub fn run_with(
    engine: &mut Engine,
    source: &mut dyn FrameSource,
    threads: Threads,
    observer: &mut (impl Observer + ?Sized),
) -> source::Result<()> {
    let minds_waits = observer.minds_waits();
    let mut batch = Batch::new();
    let mut batches = 0;
    loop {
        if threads.are_many() && batches == BATCHES_ALONE && source.may_run_ahead() {
            return ahead::for_each_batch(source, |batch| engine.show(batch, observer));
        }
        if minds_waits && source.may_wait() {
            observer.before_wait();
        }
        let end = source.next_batch(&mut batch);
        if engine.show(&batch, observer).is_break() {
            return Ok(());
        }
        end?;
        if batch.is_empty() {
            return Ok(());
        }
        batches += 1;
    }
}
