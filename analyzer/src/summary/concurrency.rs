//! Overlap in time: who was open together with whom, and was it served meanwhile?
//!
//! A connection counts as open from the end of its handshake (its first frame when that is
//! older than the capture) to the first FIN or reset of either side (the end of the capture
//! when there is none). Frame numbers decide, not times, so that a clock that jumps cannot create
//! or hide an overlap. Everything is one sort and one sweep: O(n log n) for n connections.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap, HashMap};

use super::mark::{At, seconds};
use super::model::{Concurrency, Moment, Overlap, OverlapKind, Parallelism, Waiting};
use crate::tcp::Endpoint;
use crate::time::Timestamp;

/// Pairs listed.
const MAX_PAIRS: usize = 20;

/// Open connections named at the moment of the maximum.
const MAX_STREAMS: usize = 20;

/// Connections looked at per connection when searching the one that it waited for.
const MAX_PARTNERS: usize = 64;

/// Shortest time without an answer that is called waiting: below it a program may have been
/// merely slow.
const MIN_WAIT_NS: i64 = 1_000_000;

/// What this module needs to know of an established connection.
#[derive(Debug, Clone, Copy)]
pub(super) struct Span {
    pub(super) stream: u32,
    pub(super) server: Endpoint,
    /// True when it is older than the capture.
    pub(super) is_older: bool,
    /// Established here.
    pub(super) start: At,
    /// First FIN or reset, or the capture's end.
    pub(super) end: At,
    /// The first frame at which it does not count as open any more: `end`, or the largest
    /// number when nothing closes the connection.
    pub(super) closed_from: u64,
    /// The first FIN or reset: the server's program is done with the connection, or learns that
    /// the client is.
    pub(super) released: Option<At>,
    pub(super) last: At,
    pub(super) asked: Option<At>,
    pub(super) acknowledged: Option<At>,
    pub(super) first_answer: Option<At>,
}

/// The result: the capture's part, and who waited.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    pub(super) concurrency: Concurrency,
    pub(super) waiting: HashMap<u32, Waiting>,
    starts: Vec<u64>,
    ends: Vec<u64>,
}

impl Span {
    /// True when both are open at some frame.
    pub(super) fn is_open_with(&self, other: &Self) -> bool {
        self.start.frame < other.closed_from && other.start.frame < self.closed_from
    }

    /// True when at some frame both are open and both have been answered: a server that takes
    /// one connection at a time cannot do that.
    fn is_served_with(&self, other: &Self) -> bool {
        let (Some(own), Some(others)) = (self.first_answer, other.first_answer) else {
            return false;
        };
        own.frame.max(others.frame) < self.closed_from.min(other.closed_from)
    }
}

impl Outcome {
    /// How many other connections were open while this one was.
    pub(super) fn partners(&self, span: &Span) -> u64 {
        if span.start.frame >= span.closed_from {
            return 0;
        }
        let began = self.starts.partition_point(|start| *start < span.closed_from);
        let ended = self.ends.partition_point(|end| *end <= span.start.frame);
        (began.saturating_sub(ended) as u64).saturating_sub(1)
    }
}

/// Sweeps over all established connections.
pub(super) fn analyse(mut spans: Vec<Span>, capture_start: Timestamp) -> Outcome {
    let established = spans.len() as u64;
    let older = spans.iter().filter(|span| span.is_older).count() as u64;
    // A connection whose first frame closes it was never seen open.
    spans.retain(|span| span.start.frame < span.closed_from);
    spans.sort_unstable_by_key(|span| (span.start.frame, span.stream));
    let waiting = find_waiting(&spans, capture_start);
    let mut outcome = sweep(&spans, &waiting, capture_start);
    let concurrency = &mut outcome.concurrency;
    concurrency.established = established;
    concurrency.older = older;
    concurrency.waiting_total = waiting.len() as u64;
    concurrency.parallelism = match () {
        () if established < 2 => Parallelism::NotApplicable,
        () if concurrency.overlaps_total == 0 => Parallelism::Sequential,
        () if are_two_served_together(&spans) => Parallelism::Parallel,
        () if !waiting.is_empty() => Parallelism::ConnectedOnly,
        () => Parallelism::Overlapping,
    };
    outcome.starts = spans.iter().map(|span| span.start.frame).collect();
    outcome.ends = spans.iter().map(|span| span.closed_from).collect();
    outcome.ends.sort_unstable();
    outcome.waiting = waiting;
    outcome
}

fn sweep(spans: &[Span], waiting: &HashMap<u32, Waiting>, capture_start: Timestamp) -> Outcome {
    let mut concurrency = Concurrency::default();
    let mut ends: BinaryHeap<Reverse<u64>> = BinaryHeap::new();
    // Open connections by their end, for the partners that stay longest.
    let mut open: BTreeSet<(u64, usize)> = BTreeSet::new();
    for (index, span) in spans.iter().enumerate() {
        while ends.peek().is_some_and(|Reverse(end)| *end <= span.start.frame) {
            ends.pop();
        }
        while open.first().is_some_and(|(end, _)| *end <= span.start.frame) {
            open.pop_first();
        }
        concurrency.overlaps_total += ends.len() as u64;
        let room = MAX_PAIRS.saturating_sub(concurrency.overlaps.len());
        for (_, partner) in open.iter().rev().take(room) {
            let Some(first) = spans.get(*partner) else { continue };
            let kind = kind_of(first, span, waiting);
            concurrency.overlaps.push(pair(first, span, kind, capture_start));
        }
        ends.push(Reverse(span.closed_from));
        open.insert((span.closed_from, index));
        if ends.len() as u64 > concurrency.max_open {
            concurrency.max_open = ends.len() as u64;
            concurrency.max_open_at = Some(span.start.moment(capture_start));
        }
    }
    concurrency.overlaps_cut = concurrency.overlaps_total - concurrency.overlaps.len() as u64;
    concurrency.max_open_streams = open_at(spans, concurrency.max_open_at);
    Outcome { concurrency, ..Outcome::default() }
}

/// True when [`Span::is_served_with`] holds for any two: when two of the intervals from the
/// first answer to the end meet.
fn are_two_served_together(spans: &[Span]) -> bool {
    let served = |span: &Span| {
        span.first_answer.map(|at| (at.frame, span.closed_from)).filter(|(from, end)| from < end)
    };
    let mut intervals: Vec<(u64, u64)> = spans.iter().filter_map(served).collect();
    intervals.sort_unstable();
    intervals.windows(2).any(|pair| matches!(pair, [(_, end), (from, _)] if from < end))
}

fn open_at(spans: &[Span], at: Option<Moment>) -> Vec<u32> {
    let Some(at) = at else { return Vec::new() };
    let open = spans.iter().filter(|s| s.start.frame <= at.frame && s.closed_from > at.frame);
    let mut streams: Vec<u32> = open.map(|span| span.stream).take(MAX_STREAMS).collect();
    streams.sort_unstable();
    streams
}

fn kind_of(first: &Span, second: &Span, waiting: &HashMap<u32, Waiting>) -> OverlapKind {
    if first.is_served_with(second) {
        OverlapKind::ServedInParallel
    } else if waiting.get(&second.stream).is_some_and(|wait| wait.behind == first.stream) {
        OverlapKind::AcceptedButWaiting
    } else {
        OverlapKind::OpenTogether
    }
}

fn pair(first: &Span, second: &Span, kind: OverlapKind, capture_start: Timestamp) -> Overlap {
    let until = if first.end.frame < second.end.frame { first.end } else { second.end };
    Overlap {
        first: first.stream,
        second: second.stream,
        from: second.start.moment(capture_start),
        until: until.moment(capture_start),
        kind,
    }
}

/// Connections whose client asked, whose data the server's kernel acknowledged, and that got
/// nothing back until the server was done with another connection to the same endpoint.
fn find_waiting(spans: &[Span], capture_start: Timestamp) -> HashMap<u32, Waiting> {
    let mut by_server: HashMap<Endpoint, Vec<&Span>> = HashMap::new();
    for span in spans {
        by_server.entry(span.server).or_default().push(span);
    }
    let mut waiting = HashMap::new();
    for mut group in by_server.into_values().filter(|group| group.len() > 1) {
        // By the frame in which the server lets go; those that it never lets go last.
        group.sort_unstable_by_key(|s| (s.released.map_or(u64::MAX, |at| at.frame), s.stream));
        let never: Vec<&Span> =
            group.iter().filter(|s| s.released.is_none()).take(MAX_PARTNERS).copied().collect();
        for span in &group {
            let Some(asked) = span.asked else { continue };
            let behind = waits_for(span, asked, &group).or_else(|| starves(span, asked, &never));
            if let Some(behind) = behind {
                waiting.insert(span.stream, wait(span, asked, behind, capture_start));
            }
        }
    }
    waiting
}

fn wait(span: &Span, asked: At, behind: &Span, capture_start: Timestamp) -> Waiting {
    let until = span.first_answer.unwrap_or(span.last);
    Waiting {
        behind: behind.stream,
        asked: asked.moment(capture_start),
        acknowledged: span.acknowledged.map(|at| at.moment(capture_start)),
        released: behind.released.map(|at| at.moment(capture_start)),
        answered: span.first_answer.map(|at| at.moment(capture_start)),
        duration: seconds(until.nanos, asked.nanos),
    }
}

/// The connection behind which this one waited: it was let go between question and answer,
/// and the answer followed soon.
fn waits_for<'a>(span: &Span, asked: At, group: &[&'a Span]) -> Option<&'a Span> {
    let answered = span.first_answer?;
    let wait = answered.nanos.saturating_sub(asked.nanos);
    if answered.frame <= asked.frame || wait < MIN_WAIT_NS || span.acknowledged.is_none() {
        return None;
    }
    let below = group.partition_point(|s| s.released.is_some_and(|at| at.frame < answered.frame));
    let candidates = group.get(..below)?.iter().rev().take(MAX_PARTNERS);
    candidates.copied().find(|behind| {
        let Some(released) = behind.released else { return false };
        let is_behind = behind.stream != span.stream
            && released.frame > asked.frame
            && behind.start.frame < asked.frame;
        // The answer must follow the release more closely than the release the question.
        is_behind && answered.nanos.saturating_sub(released.nanos) < wait / 2
    })
}

/// The connection that is still held while this one was never answered.
fn starves<'a>(span: &Span, asked: At, never_released: &[&'a Span]) -> Option<&'a Span> {
    let is_starving = span.first_answer.is_none() && span.acknowledged.is_some();
    if !is_starving || span.last.nanos.saturating_sub(asked.nanos) < MIN_WAIT_NS {
        return None;
    }
    never_released.iter().copied().find(|behind| {
        let was_served = behind.first_answer.is_some_and(|at| at.frame < asked.frame);
        behind.stream != span.stream && was_served && behind.start.frame < asked.frame
    })
}
