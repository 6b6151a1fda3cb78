//! Segment rows of the largest streams, kept in one pass without knowing which they will be.
//!
//! Every stream starts with a place here, and when the places run out, the smaller half (by
//! payload bytes so far) loses theirs. A stream that outgrows the largest of those evicted
//! gets a place again, and its report says how many rows were missed. Each place holds a
//! bounded number of first and last rows. So memory is bounded, and the rows are complete
//! whenever a capture has no more streams than places.

use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasherDefault, Hasher};

use arrayvec::ArrayVec;

use crate::facts::PlainFacts;
use crate::tcp::{AnalysisFlags, Direction, Segment, SegmentAnalysis, StreamId, TcpFlags};

/// Payload bytes kept of each row.
const HEAD_BYTES: usize = 32;

/// Rows that a stream gets room for with its place.
const FIRST_ROOM: usize = 8;

/// One segment with payload or PSH.
#[derive(Debug, Clone)]
pub(super) struct Row {
    pub(super) frame: u64,
    pub(super) nanos: i64,
    pub(super) from: Direction,
    pub(super) flags: TcpFlags,
    pub(super) seq_rel: u32,
    pub(super) payload_len: u32,
    pub(super) events: AnalysisFlags,
    pub(super) head: ArrayVec<u8, HEAD_BYTES>,
}

/// The rows kept of one stream.
#[derive(Debug, Clone, Default)]
pub(super) struct Rows {
    pub(super) first: Vec<Row>,
    pub(super) last: VecDeque<Row>,
}

/// Spreads stream numbers, which are counted here and so hostile to nobody: one
/// multiplication, asked for every segment with payload.
#[derive(Debug, Default)]
struct StreamHasher(u64);

impl Hasher for StreamHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u32(u32::from(*byte));
        }
    }

    fn write_u32(&mut self, number: u32) {
        let mixed = (self.0 ^ u64::from(number)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.0 = mixed ^ mixed >> 32;
    }
}

/// The places, by stream number.
#[derive(Debug)]
pub(super) struct Details {
    places: HashMap<u32, Rows, BuildHasherDefault<StreamHasher>>,
    capacity: usize,
    first_rows: usize,
    last_rows: usize,
    evicted_up_to: u64,
    has_evicted: bool,
}

impl Details {
    /// For `top` streams told in full with at most `rows` rows each.
    pub(super) fn new(top: usize, rows: usize) -> Self {
        let last_rows = rows / 4;
        let capacity = if top == 0 || rows == 0 { 0 } else { top.saturating_mul(8).max(512) };
        Self {
            places: HashMap::default(),
            capacity,
            first_rows: rows - last_rows,
            last_rows,
            evicted_up_to: if capacity == 0 { u64::MAX } else { 0 },
            has_evicted: false,
        }
    }

    /// False when a stream with that many payload bytes has no place and gets none: whoever
    /// has one is not smaller than the largest that lost theirs.
    #[inline]
    pub(super) fn may_want(&self, bytes: u64) -> bool {
        bytes >= self.evicted_up_to
    }

    /// Keeps the row when the stream has, or deserves, a place. `rank` looks the payload
    /// bytes of streams up.
    #[inline]
    pub(super) fn observe(
        &mut self,
        stream: StreamId,
        row: impl FnOnce() -> Row,
        rank: impl Fn(u32) -> u64,
    ) {
        let (stream, limits) = (stream.0, (self.first_rows, self.last_rows));
        if let Some(rows) = self.places.get_mut(&stream) {
            return rows.keep(limits, row);
        }
        let deserves = !self.has_evicted || rank(stream) > self.evicted_up_to;
        if self.capacity == 0 || !deserves {
            return;
        }
        if self.places.len() >= self.capacity {
            self.evict(rank);
        }
        let first = Vec::with_capacity(self.first_rows.min(FIRST_ROOM));
        let rows = Rows { first, last: VecDeque::new() };
        self.places.entry(stream).or_insert(rows).keep(limits, row);
    }

    /// Takes the rows of a stream out, in capture order.
    pub(super) fn take(&mut self, stream: u32) -> Vec<Row> {
        let rows = self.places.remove(&stream).unwrap_or_default();
        rows.first.into_iter().chain(rows.last).collect()
    }

    fn evict(&mut self, rank: impl Fn(u32) -> u64) {
        let mut order: Vec<(u64, u32)> = self.places.keys().map(|s| (rank(*s), *s)).collect();
        // The larger first; among equals the earlier stream.
        order.sort_unstable_by_key(|(bytes, stream)| (std::cmp::Reverse(*bytes), *stream));
        for (bytes, stream) in order.into_iter().skip(self.capacity / 2) {
            self.places.remove(&stream);
            self.evicted_up_to = self.evicted_up_to.max(bytes);
            self.has_evicted = true;
        }
    }
}

impl Rows {
    /// Keeps one more row, within the numbers of first and last ones.
    #[inline]
    fn keep(&mut self, (first, last): (usize, usize), row: impl FnOnce() -> Row) {
        if self.first.len() < first {
            self.first.push(row());
        } else if last > 0 {
            if self.last.len() >= last {
                self.last.pop_front();
            }
            self.last.push_back(row());
        }
    }
}

impl Row {
    #[inline]
    pub(super) fn of(segment: &Segment, analysis: &SegmentAnalysis, payload: &[u8]) -> Self {
        Self {
            frame: segment.frame.0,
            nanos: segment.timestamp.as_nanos(),
            from: analysis.direction,
            flags: segment.flags,
            seq_rel: analysis.seq_rel,
            payload_len: segment.payload_len,
            events: analysis.flags,
            head: head_of(payload),
        }
    }

    /// The same of a plain segment.
    #[inline]
    pub(super) fn of_plain(facts: &PlainFacts<'_>) -> Self {
        Self {
            frame: facts.number.0,
            nanos: facts.nanos(),
            from: facts.direction(),
            flags: facts.flags(),
            seq_rel: facts.seq_rel(),
            payload_len: facts.payload_len(),
            events: AnalysisFlags::empty(),
            head: head_of(facts.payload()),
        }
    }
}

#[inline]
fn head_of(payload: &[u8]) -> ArrayVec<u8, HEAD_BYTES> {
    let mut head = ArrayVec::new();
    // Always fits: no longer than its capacity.
    let _ = head.try_extend_from_slice(payload.get(..HEAD_BYTES).unwrap_or(payload));
    head
}
