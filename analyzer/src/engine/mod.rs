//! Drives a capture through decoding and analysis, frame by frame, in file order.
//!
//! [`Engine::examine`] turns one frame into its [`FrameFacts`]; [`run`] does that for every
//! frame of a source and hands the facts to an [`Observer`]. Nothing here prints, and nothing
//! is kept per frame.

use std::hint::black_box;
use std::ops::ControlFlow;

use crate::facts::{FrameFacts, PlainFacts, SegmentFacts};
use crate::frame::{Frame, FrameNumber};
use crate::source::{self, Batch, FrameSource};
use crate::tcp::{Explanation, Guess, Plain, StreamId, StreamTable, Touched};
use crate::time::Timestamp;
use crate::wire::Decoder;
use segments::Latest;

use self::hint::{Hint, Wishes};
use self::run::Window;

mod ahead;
mod hint;
mod run;
mod segments;
mod threads;

pub use run::PlainRun;
pub use threads::Threads;

/// Frames whose streams are fetched into the cache together.
const WINDOW: usize = 32;

/// Streams that surely fit into the cache without being fetched ahead.
const MANY_STREAMS: usize = 2048;

/// Batches that are read before a second thread is worth its start.
const BATCHES_ALONE: u32 = 4;

/// Looks at the facts of each frame of a capture.
pub trait Observer {
    /// One frame; [`ControlFlow::Break`] ends the run.
    fn frame(&mut self, facts: &FrameFacts<'_>) -> ControlFlow<()>;

    /// True when it is going to ask for the checksum of every segment: they may be worked out
    /// ahead, see [`TcpFacts::checksum`](crate::facts::TcpFacts::checksum). Asked once.
    fn minds_checksums(&self) -> bool {
        false
    }

    /// True when it takes a frame that is nothing but a TCP segment by [`Self::segment`] as well
    /// as by [`Self::frame`]: that is quicker, because such a frame then needs no layers. Asked
    /// once.
    fn takes_segments(&self) -> bool {
        false
    }

    /// False when it can do without the layers of a frame that is nothing but this segment: then
    /// it is shown that by [`Self::segment`], else by [`Self::frame`].
    fn wants_layers(&self, facts: &SegmentFacts<'_>) -> bool {
        let _ = facts;
        false
    }

    /// The same as [`Self::frame`] for a frame that is nothing but a TCP segment.
    fn segment(&mut self, facts: &SegmentFacts<'_>) -> ControlFlow<()> {
        let _ = facts;
        ControlFlow::Continue(())
    }

    /// True when it can do without the analysis of a plain segment, and takes it by
    /// [`Self::plain`] instead of [`Self::segment`]: that is quicker still. Asked once, and only
    /// when it takes segments.
    fn takes_plain(&self) -> bool {
        false
    }

    /// The same as [`Self::segment`] for a plain one.
    fn plain(&mut self, facts: &PlainFacts<'_>) -> ControlFlow<()> {
        let _ = facts;
        ControlFlow::Continue(())
    }

    /// The same as [`Self::plain`] for each of a run: quicker for whoever needs little of them.
    #[inline]
    fn plain_run(&mut self, run: &PlainRun<'_>) -> ControlFlow<()> {
        (0..run.len()).filter_map(|index| run.facts(index)).try_for_each(|facts| self.plain(&facts))
    }

    /// Reads, without effect, what it keeps of a stream whose next segment it will see soon: see
    /// [`StreamTable::touch`]. What it answers goes to [`Self::touch_beside`].
    fn touch(&self, stream: StreamId) -> u64 {
        let _ = stream;
        0
    }

    /// The same, a little later, for what depends on what was read then. The number has no
    /// meaning.
    fn touch_beside(&self, stream: StreamId, read: u64) -> u64 {
        let _ = stream;
        read
    }

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
        let hint = Hint::of(&frame, &self.streams.hasher());
        let mut facts = FrameFacts::unexamined(frame);
        self.examine_in_place(&mut facts, &hint, None);
        facts
    }

    /// The same, and why its outermost segment has the verdicts that it has; `None` when it
    /// carries none.
    pub fn examine_and_explain<'a>(
        &'a mut self,
        frame: Frame<'a>,
    ) -> (FrameFacts<'a>, Option<Explanation>) {
        let mut why = None;
        let hint = Hint::of(&frame, &self.streams.hasher());
        let mut facts = FrameFacts::unexamined(frame);
        self.examine_in_place(&mut facts, &hint, Some(&mut why));
        (facts, why)
    }

    /// The same where the facts stand: they are too large to be moved for every frame.
    #[inline]
    fn examine_in_place<'a>(
        &'a mut self,
        facts: &mut FrameFacts<'a>,
        hint: &Hint,
        why: Option<&mut Option<Explanation>>,
    ) {
        let now = facts.frame.timestamp;
        facts.time_relative = now - *self.first.get_or_insert(now);
        facts.time_delta = now - self.previous.replace(now).unwrap_or(now);
        self.decoder.decode_known(&facts.frame, hint.common(), &mut facts.decoded);
        segments::observe(&mut self.streams, &mut self.latest, facts, hint, why);
    }

    /// Examines the frames of a batch and shows each to the observer, in the shortest way that
    /// it takes and that nothing speaks against.
    fn show(
        &mut self,
        batch: &Batch,
        hints: &[Hint],
        takes: Takes,
        observer: &mut (impl Observer + ?Sized),
    ) -> ControlFlow<()> {
        let mut number = batch.first_number();
        let mut run = [Plain::NONE; WINDOW];
        for (hints, stored) in hints.chunks(WINDOW).zip(batch.stored().chunks(WINDOW)) {
            let guesses = self.guess(hints, observer);
            let window = Window { number, stored, bytes: batch.bytes(), hints };
            self.show_window(&window, guesses, &mut run, takes, observer)?;
            number += hints.len() as u64;
        }
        ControlFlow::Continue(())
    }

    /// The same for a few of them: plain ones in runs, all others one by one.
    fn show_window(
        &mut self,
        window: &Window<'_>,
        mut guesses: [Guess; WINDOW],
        run: &mut [Plain; WINDOW],
        takes: Takes,
        observer: &mut (impl Observer + ?Sized),
    ) -> ControlFlow<()> {
        let replaced = self.streams.replaced();
        let mut rest = *window;
        loop {
            let place = rest.number - window.number;
            let guesses_left = guesses.get(place as usize..).unwrap_or_default();
            if takes.plain {
                let len = self.take_plain(&rest, guesses_left, run);
                if let (Some(start), Some(plain @ [_, ..])) = (&self.first, run.get(..len)) {
                    observer.plain_run(&PlainRun { window: rest, start, plain })?;
                    rest = rest.without(len);
                }
            }
            let place = (rest.number - window.number) as usize;
            let Some((hint, frame)) = rest.first() else { return ControlFlow::Continue(()) };
            let guess = guesses.get(place).copied().unwrap_or(Guess::NONE);
            self.show_one(frame, hint, guess, takes, observer)?;
            if self.streams.replaced() != replaced {
                guesses = [Guess::NONE; WINDOW];
            }
            rest = rest.without(1);
        }
    }

    /// Takes in plain segments until one is not; answers how many, and what is told of them.
    #[inline(never)]
    fn take_plain(
        &mut self,
        window: &Window<'_>,
        guesses: &[Guess],
        run: &mut [Plain; WINDOW],
    ) -> usize {
        let mut len = 0_usize;
        for (hint, (guess, told)) in window.hints.iter().zip(guesses.iter().zip(run)) {
            let Some((_, flow, brief)) = hint.brief() else { break };
            let came = (FrameNumber(window.number + len as u64), hint.time());
            let Some(plain) = self.streams.take_plain(*guess, flow, brief, came) else { break };
            *told = plain;
            len += 1;
        }
        if let Some(stored) = window.stored.get(len.wrapping_sub(1)) {
            self.previous = Some(stored.timestamp);
        }
        len
    }

    /// Shows a frame that is not plain, or not known to be.
    #[inline(always)]
    fn show_one(
        &mut self,
        frame: Frame<'_>,
        hint: &Hint,
        guess: Guess,
        takes: Takes,
        observer: &mut (impl Observer + ?Sized),
    ) -> ControlFlow<()> {
        if takes.segments
            && let Some(facts) = self.examine_segment(&frame, hint, guess)
        {
            return match observer.wants_layers(&facts) {
                true => observer.frame(&facts.with_layers()),
                false => observer.segment(&facts),
            };
        }
        let mut facts = FrameFacts::unexamined(frame);
        self.examine_in_place(&mut facts, hint, None);
        observer.frame(&facts)
    }

    /// Judges the segment of a frame that is nothing else; `None`, and nothing done, when there
    /// may be more to it.
    #[inline(always)]
    fn examine_segment<'a>(
        &'a mut self,
        frame: &Frame<'a>,
        hint: &Hint,
        guess: Guess,
    ) -> Option<SegmentFacts<'a>> {
        let (common, flow, brief) = hint.brief()?;
        let start = *self.first.get_or_insert(frame.timestamp);
        let Engine { streams, latest, previous, .. } = self;
        let (segment, analysis) = latest.judge(streams, frame, (*common, flow, brief), guess)?;
        let (frame, checksum, common) = (*frame, hint.checksum(), *common);
        let previous = previous.replace(frame.timestamp).unwrap_or(frame.timestamp);
        Some(SegmentFacts { frame, start, segment, analysis, checksum, common, previous })
    }

    /// Finds the streams of a window's frames as far as they are known, and fetches what the
    /// frames are going to need into the cache: step by step for all of them, so that the waits
    /// for memory overlap. The first step asks nothing of what it reads: a wrong guess about the
    /// answer would end the overlap.
    #[inline(never)]
    fn guess(&self, window: &[Hint], observer: &(impl Observer + ?Sized)) -> [Guess; WINDOW] {
        let mut guesses = [Guess::NONE; WINDOW];
        if self.streams.len() < MANY_STREAMS {
            self.guess_each(window, &mut guesses);
            return guesses;
        }
        let mut read = 0;
        for flow in window.iter().filter_map(Hint::flow) {
            read ^= self.streams.touch_place(flow);
        }
        self.guess_each(window, &mut guesses);
        let mut touched = [(Touched::default(), 0); WINDOW];
        for (guess, touched) in guesses.iter().zip(&mut touched) {
            if let Some(stream) = guess.stream() {
                *touched = (self.streams.touch(stream), observer.touch(stream));
            }
        }
        for (guess, (touched, observed)) in guesses.iter().zip(&touched) {
            if let Some(stream) = guess.stream() {
                read ^= self.streams.touch_waiting(touched);
                read ^= observer.touch_beside(stream, *observed);
            }
        }
        black_box(read);
        guesses
    }

    #[inline(always)]
    fn guess_each(&self, window: &[Hint], guesses: &mut [Guess; WINDOW]) {
        for (guess, hint) in guesses.iter_mut().zip(window) {
            if let Some(flow) = hint.flow() {
                *guess = self.streams.guess(flow);
            }
        }
    }

    /// The streams so far; after the last frame, what is finally known of them.
    pub fn streams(&self) -> &StreamTable {
        &self.streams
    }
}

/// Which ways an observer takes a frame besides the long one.
#[derive(Debug, Clone, Copy)]
struct Takes {
    segments: bool,
    plain: bool,
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
    let segments = observer.takes_segments() && !engine.latest.is_second_pass();
    let takes = Takes { segments, plain: segments && observer.takes_plain() };
    let wishes = Wishes { sums: observer.minds_checksums(), briefs: segments };
    let hasher = engine.streams.hasher();
    let (mut batch, mut hints) = (Batch::new(), Vec::new());
    let mut batches = 0;
    loop {
        if threads.are_many() && batches == BATCHES_ALONE && source.may_run_ahead() {
            let reader = ahead::Reader { source, hasher, wishes };
            return ahead::for_each_batch(reader, |batch, hints| {
                engine.show(batch, hints, takes, observer)
            });
        }
        if minds_waits && source.may_wait() {
            observer.before_wait();
        }
        let end = source.next_batch(&mut batch);
        hint::take(&batch, &hasher, wishes, &mut hints);
        if engine.show(&batch, &hints, takes, observer).is_break() {
            return Ok(());
        }
        end?;
        if batch.is_empty() {
            return Ok(());
        }
        batches += 1;
    }
}
