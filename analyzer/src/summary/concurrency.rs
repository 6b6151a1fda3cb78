//! Overlap in time: who was open together with whom, and was it served meanwhile?
//!
//! A connection counts as open from the end of its handshake to the first FIN or reset of either
//! side (the end of the capture when there is none). One that is older than the capture has been
//! *seen* open from its first captured frame on, but *must have been* open from before the
//! capture's first frame. The verdict rests on what was seen; pairs that must have overlapped
//! are told as such. Frame numbers decide, not times, so that a clock that jumps cannot create
//! or hide an overlap. Everything is sorts and sweeps over short entries, O(n log n) for n
//! connections; what a verdict needs besides is read from the records.

use super::connect;
use super::mark::At;
use super::model::{
    Concurrency, Moment, Overlap, OverlapEvidence, OverlapKind, Parallelism, Succession,
};
use super::radix;
use super::store::Store;
use super::sweep::{self, Blocks, Count, Stretch};
use super::waiting;
use crate::time::Timestamp;

/// Pairs listed.
const MAX_PAIRS: usize = 20;

/// Open connections named at the moment of the maximum.
const MAX_STREAMS: usize = 20;

/// What this module needs to know of an established connection.
#[derive(Debug, Clone, Copy)]
pub(super) struct Span {
    pub(super) stream: u32,
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
    pub(super) first_answer: Option<At>,
}

/// The result: the capture's part, and what is told of single connections.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    pub(super) concurrency: Concurrency,
    /// Streams and the one behind which they waited, by stream number.
    pub(super) waiting: Vec<(u32, u32)>,
    /// When streams opened, and when they closed, each in order.
    pub(super) starts: Vec<u64>,
    pub(super) ends: Vec<u64>,
    /// The stretches in which they were open.
    pub(super) blocks: Blocks,
}

/// The established connections.
#[derive(Debug, Default)]
struct Established {
    count: u64,
    older: u64,
    /// When each must have been open, by stream number.
    whole: Vec<Stretch>,
    /// When those that are older than the capture were seen open.
    seen_of_older: Vec<Stretch>,
    served: Served,
}

/// From the first answer of each connection to its end, until two of them meet.
#[derive(Debug, Default)]
struct Served {
    stretches: Vec<(u64, u64)>,
    longest: (u64, u64),
    is_parallel: bool,
}

/// Reads spans and tells pairs.
struct Teller<'a> {
    store: &'a Store,
    capture_start: Timestamp,
    capture_end: At,
}

impl Span {
    /// The first frame at which it must have been open; 0 stands for before the capture.
    pub(super) fn open_from(&self) -> u64 {
        if self.is_older { 0 } else { self.start.frame }
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

/// Compares all established connections.
pub(super) fn analyse(store: &Store, capture_start: Timestamp, capture_end: At) -> Outcome {
    let teller = Teller { store, capture_start, capture_end };
    let Established { count: established, older, whole: by_stream, seen_of_older, served } =
        teller.established();
    let mut whole = by_stream.clone();
    // They are in the order of streams already.
    radix::sort_by_key(&mut whole, |one| one.from);
    let seen = seen(&whole, seen_of_older);
    let ends_of_whole = ends(&whole);
    let count = sweep::count(&whole, &ends_of_whole);
    let seen_count = seen.as_ref().map_or(count, |seen| sweep::count(seen, &ends(seen)));
    let seen = seen.as_deref().unwrap_or(&whole);
    let waiting = waiting::find(store, seen);
    let mut overlaps = Vec::new();
    if seen_count.pairs > 0 {
        teller.list_seen(seen, &waiting, &mut overlaps);
    }
    if count.pairs > seen_count.pairs && overlaps.len() < MAX_PAIRS {
        teller.list_older(&whole, &mut overlaps);
    }
    let parallelism = match () {
        () if established < 2 => Parallelism::NotApplicable,
        () if served.are_two_together() => Parallelism::Parallel,
        () if !waiting.is_empty() => Parallelism::ConnectedOnly,
        () if seen_count.pairs > 0 => Parallelism::Overlapping,
        // What the capture shows from start to end decides, when it shows two such connections.
        () if count.pairs > 0 && established - older < 2 => Parallelism::Overlapping,
        () => Parallelism::Sequential,
    };
    let Count { pairs, most, most_at } = count;
    let concurrency = Concurrency {
        parallelism,
        established,
        older,
        max_open: most,
        max_open_at: most_at.and_then(|one| teller.opening(one.stream)),
        max_open_streams: most_at.map_or_else(Vec::new, |one| open_at(&whole, one.from)),
        overlaps_total: pairs,
        overlaps_seen: seen_count.pairs,
        overlaps_cut: pairs - overlaps.len() as u64,
        overlaps,
        successions: match parallelism {
            Parallelism::Sequential => teller.successions(&whole),
            _ => Vec::new(),
        },
        waiting_total: waiting.len() as u64,
    };
    let starts = whole.iter().map(|one| one.from).collect();
    Outcome { concurrency, waiting, starts, ends: ends_of_whole, blocks: Blocks::new(by_stream) }
}

/// When connections were seen open, in order; `None` when that is when they were open.
fn seen(whole: &[Stretch], seen_of_older: Vec<Stretch>) -> Option<Vec<Stretch>> {
    // One that is older is open from frame 0 on, and no other.
    let younger = whole.partition_point(|one| one.from == 0);
    if younger == 0 {
        return None;
    }
    let mut seen = seen_of_older;
    seen.extend(whole.get(younger..).unwrap_or(&[]));
    seen.sort_unstable_by_key(Stretch::place);
    Some(seen)
}

fn ends(stretches: &[Stretch]) -> Vec<u64> {
    let (mut ends, mut never) = (Vec::with_capacity(stretches.len()), 0);
    for stretch in stretches {
        match stretch.until {
            u64::MAX => never += 1,
            until => ends.push(until),
        }
    }
    radix::sort_by_key(&mut ends, |end| *end);
    ends.extend(std::iter::repeat_n(u64::MAX, never));
    ends
}

/// The connections that are open at a frame.
fn open_at(whole: &[Stretch], at: u64) -> Vec<u32> {
    let open = whole.iter().take_while(|one| one.from <= at).filter(|one| one.until > at);
    let mut streams: Vec<u32> = open.map(|one| one.stream).take(MAX_STREAMS).collect();
    streams.sort_unstable();
    streams
}

impl Served {
    fn add(&mut self, span: &Span) {
        let Some(answer) = span.first_answer.filter(|_| !self.is_parallel) else { return };
        let (from, until) = (answer.frame, span.closed_from);
        if from >= until {
            return;
        }
        if from < self.longest.1 && self.longest.0 < until {
            self.is_parallel = true;
            self.stretches = Vec::new();
            return;
        }
        if until > self.longest.1 {
            self.longest = (from, until);
        }
        self.stretches.push((from, until));
    }

    /// True when [`Span::is_served_with`] holds for any two.
    fn are_two_together(mut self) -> bool {
        self.stretches.sort_unstable();
        let mut pairs = self.stretches.windows(2);
        self.is_parallel || pairs.any(|pair| matches!(pair, [(_, end), (from, _)] if from < end))
    }
}

impl Teller<'_> {
    fn span(&self, stream: u32) -> Option<Span> {
        connect::span(&self.store.view(stream)?, self.capture_end)
    }

    fn established(&self) -> Established {
        let mut found = Established::default();
        for view in self.store.told() {
            let Some(span) = connect::span(&view, self.capture_end) else { continue };
            found.count += 1;
            found.older += u64::from(span.is_older);
            let (stream, until) = (span.stream, span.closed_from);
            // A connection whose handshake ends with the frame that closes it was never open.
            if span.open_from() < until {
                found.whole.push(Stretch { from: span.open_from(), stream, until });
                if span.start.frame < until {
                    found.served.add(&span);
                    if span.open_from() == 0 {
                        found.seen_of_older.push(Stretch { from: span.start.frame, stream, until });
                    }
                }
            }
        }
        found
    }

    /// The first pairs that were seen open together.
    fn list_seen(&self, seen: &[Stretch], waiting: &[(u32, u32)], list: &mut Vec<Overlap>) {
        sweep::for_each_pair(seen, |first, second| {
            if let (Some(first), Some(second)) = (self.span(first.stream), self.span(second.stream))
            {
                let kind = kind_of(&first, &second, waiting);
                let from = second.start.moment(self.capture_start);
                list.push(self.pair(&first, &second, from, kind, OverlapEvidence::Seen));
            }
            list.len() < MAX_PAIRS
        });
    }

    /// The first pairs that must have been open together, but were not seen so.
    fn list_older(&self, whole: &[Stretch], list: &mut Vec<Overlap>) {
        sweep::for_each_pair(whole, |first, second| {
            if let (Some(first), Some(second)) = (self.span(first.stream), self.span(second.stream))
                && !first.is_seen_with(&second)
            {
                let (kind, evidence) =
                    (OverlapKind::OpenTogether, OverlapEvidence::OlderThanCapture);
                let from = self.opening_of(&second);
                list.push(self.pair(&first, &second, from, kind, evidence));
            }
            list.len() < MAX_PAIRS
        });
    }

    fn pair(
        &self,
        first: &Span,
        second: &Span,
        from: Moment,
        kind: OverlapKind,
        evidence: OverlapEvidence,
    ) -> Overlap {
        let until = if first.end.frame < second.end.frame { first.end } else { second.end };
        let until = until.moment(self.capture_start);
        Overlap { first: first.stream, second: second.stream, from, until, kind, evidence }
    }

    /// Each connection with the next one, where that began after it was over.
    fn successions(&self, whole: &[Stretch]) -> Vec<Succession> {
        let both = whole.windows(2).filter_map(|pair| match pair {
            [first, second] if first.until <= second.from => {
                Some((self.span(first.stream)?, self.span(second.stream)?))
            }
            _ => None,
        });
        both.take(MAX_PAIRS)
            .map(|(first, second)| Succession {
                first: first.stream,
                closed: first.end.moment(self.capture_start),
                second: second.stream,
                opened: second.start.moment(self.capture_start),
            })
            .collect()
    }

    fn opening(&self, stream: u32) -> Option<Moment> {
        self.span(stream).map(|span| self.opening_of(&span))
    }

    /// From when on it must have been open, at the earliest from the capture's first frame.
    fn opening_of(&self, span: &Span) -> Moment {
        match span.is_older {
            true => Moment { frame: 1, time: 0.0 },
            false => span.start.moment(self.capture_start),
        }
    }
}

fn kind_of(first: &Span, second: &Span, waiting: &[(u32, u32)]) -> OverlapKind {
    let behind = waiting.binary_search_by_key(&second.stream, |(stream, _)| *stream);
    let behind = behind.ok().and_then(|index| waiting.get(index)).map(|(_, behind)| *behind);
    if first.is_served_with(second) {
        OverlapKind::ServedInParallel
    } else if behind == Some(first.stream) {
        OverlapKind::AcceptedButWaiting
    } else {
        OverlapKind::OpenTogether
    }
}
