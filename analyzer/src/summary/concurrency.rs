//! Overlap in time: who was open together with whom, and was it served meanwhile?
//!
//! A connection counts as open from the end of its handshake to the first FIN or reset of either
//! side (the end of the capture when there is none). One that is older than the capture has been
//! *seen* open from its first captured frame on, but *must have been* open from before the
//! capture's first frame. The verdict rests on what was seen; pairs that must have overlapped
//! are told as such. Frame numbers decide, not times, so that a clock that jumps cannot create
//! or hide an overlap. Everything is two sorts and two sweeps: O(n log n) for n connections.

use std::collections::{BTreeSet, HashMap};

use super::mark::{At, seconds};
use super::model::{
    Concurrency, Moment, Overlap, OverlapEvidence, OverlapKind, Parallelism, Succession, Waiting,
};
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
    /// True when it is older than the capture: open from before the first frame, although
    /// seen only from `start` on.
    pub(super) is_older: bool,
    /// Established here; the first captured frame when it is older.
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
    /// The first frame at which it was seen open.
    fn seen_from(&self) -> u64 {
        self.start.frame
    }

    /// The first frame at which it must have been open; 0 stands for before the capture.
    fn open_from(&self) -> u64 {
        if self.is_older { 0 } else { self.start.frame }
    }

    /// True when both must have been open at some time.
    pub(super) fn is_open_with(&self, other: &Self) -> bool {
        self.open_from() < other.closed_from && other.open_from() < self.closed_from
    }

    /// True when both were seen open at some frame.
    fn is_seen_with(&self, other: &Self) -> bool {
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
        if span.open_from() >= span.closed_from {
            return 0;
        }
        let began = self.starts.partition_point(|start| *start < span.closed_from);
        let ended = self.ends.partition_point(|end| *end <= span.open_from());
        (began.saturating_sub(ended) as u64).saturating_sub(1)
    }
}

/// Compares all established connections.
pub(super) fn analyse(mut spans: Vec<Span>, capture_start: Timestamp) -> Outcome {
    let established = spans.len() as u64;
    let older = spans.iter().filter(|span| span.is_older).count() as u64;
    // A connection whose handshake ends with the frame that closes it was never open.
    spans.retain(|span| span.open_from() < span.closed_from);
    let mut seen = spans.clone();
    seen.retain(|span| span.start.frame < span.closed_from);
    seen.sort_unstable_by_key(|span| (span.start.frame, span.stream));
    spans.sort_unstable_by_key(|span| (span.open_from(), span.stream));
    let waiting = find_waiting(&seen, capture_start);
    let mut overlaps = Vec::new();
    let seen_sweep = sweep(&seen, Span::seen_from, |first, second| {
        let kind = kind_of(first, second, &waiting);
        overlaps.push(pair(first, second, kind, OverlapEvidence::Seen, capture_start));
        overlaps.len() < MAX_PAIRS
    });
    let whole = sweep(&spans, Span::open_from, |first, second| {
        let has_room = overlaps.len() < MAX_PAIRS;
        if has_room && !first.is_seen_with(second) {
            let (kind, evidence) = (OverlapKind::OpenTogether, OverlapEvidence::OlderThanCapture);
            overlaps.push(pair(first, second, kind, evidence, capture_start));
        }
        has_room
    });
    let parallelism = match () {
        () if established < 2 => Parallelism::NotApplicable,
        () if are_two_served_together(&seen) => Parallelism::Parallel,
        () if !waiting.is_empty() => Parallelism::ConnectedOnly,
        () if seen_sweep.pairs > 0 => Parallelism::Overlapping,
        // What the capture shows from start to end decides, when it shows two such connections.
        () if whole.pairs > 0 && established - older < 2 => Parallelism::Overlapping,
        () => Parallelism::Sequential,
    };
    let concurrency = Concurrency {
        parallelism,
        established,
        older,
        max_open: whole.most,
        max_open_at: whole.most_at.map(|span| opening(span, capture_start)),
        max_open_streams: whole.most_at.map_or_else(Vec::new, |span| open_at(&spans, span)),
        overlaps_total: whole.pairs,
        overlaps_seen: seen_sweep.pairs,
        overlaps_cut: whole.pairs - overlaps.len() as u64,
        overlaps,
        successions: match parallelism {
            Parallelism::Sequential => successions(&spans, capture_start),
            _ => Vec::new(),
        },
        waiting_total: waiting.len() as u64,
    };
    let mut starts: Vec<u64> = spans.iter().map(Span::open_from).collect();
    starts.sort_unstable();
    let mut ends: Vec<u64> = spans.iter().map(|span| span.closed_from).collect();
    ends.sort_unstable();
    Outcome { concurrency, waiting, starts, ends }
}

/// Each connection with the next one, where that began after it was over.
fn successions(spans: &[Span], capture_start: Timestamp) -> Vec<Succession> {
    let both = spans.windows(2).filter_map(|pair| match pair {
        [first, second] if first.closed_from <= second.open_from() => Some((first, second)),
        _ => None,
    });
    both.take(MAX_PAIRS)
        .map(|(first, second)| Succession {
            first: first.stream,
            closed: first.end.moment(capture_start),
            second: second.stream,
            opened: second.start.moment(capture_start),
        })
        .collect()
}

/// What one pass over the connections counts.
struct Sweep<'a> {
    pairs: u64,
    most: u64,
    /// The connection with whose opening the most were open.
    most_at: Option<&'a Span>,
}

/// Counts the pairs that are open together, each connection from the frame that `from` gives
/// on; `spans` are in that order. `visit` sees the pairs until it returns false.
fn sweep<'a>(
    spans: &'a [Span],
    from: fn(&Span) -> u64,
    mut visit: impl FnMut(&Span, &Span) -> bool,
) -> Sweep<'a> {
    let mut result = Sweep { pairs: 0, most: 0, most_at: None };
    // Open connections by their end, for the partners that stay longest.
    let mut open: BTreeSet<(u64, usize)> = BTreeSet::new();
    let mut is_visiting = true;
    for (index, span) in spans.iter().enumerate() {
        while open.first().is_some_and(|(end, _)| *end <= from(span)) {
            open.pop_first();
        }
        result.pairs += open.len() as u64;
        for (_, partner) in open.iter().rev().take(MAX_PARTNERS) {
            let Some(first) = spans.get(*partner).filter(|_| is_visiting) else { break };
            is_visiting = visit(first, span);
        }
        open.insert((span.closed_from, index));
        if open.len() as u64 > result.most {
            result.most = open.len() as u64;
            result.most_at = Some(span);
        }
    }
    result
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

/// The connections that are open when `opened` is.
fn open_at(spans: &[Span], opened: &Span) -> Vec<u32> {
    let at = opened.open_from();
    let open = spans.iter().filter(|span| span.open_from() <= at && span.closed_from > at);
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

fn pair(
    first: &Span,
    second: &Span,
    kind: OverlapKind,
    evidence: OverlapEvidence,
    capture_start: Timestamp,
) -> Overlap {
    let until = if first.end.frame < second.end.frame { first.end } else { second.end };
    let from = match evidence {
        OverlapEvidence::Seen => second.start.moment(capture_start),
        OverlapEvidence::OlderThanCapture => opening(second, capture_start),
    };
    let (first, second) = (first.stream, second.stream);
    Overlap { first, second, from, until: until.moment(capture_start), kind, evidence }
}

/// From when on it must have been open, at the earliest from the capture's first frame.
fn opening(span: &Span, capture_start: Timestamp) -> Moment {
    match span.is_older {
        true => Moment { frame: 1, time: 0.0 },
        false => span.start.moment(capture_start),
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
            && behind.open_from() < asked.frame;
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
