//! Segments that nobody has acknowledged yet: one pool for all half-streams.
//!
//! Each half-stream owns a ring in the shared pool: the list knows its newest segment, every
//! segment the next newer one, and the newest the oldest. Freed nodes are reused, so that a long
//! capture allocates nothing once its streams are warm.
//!
//! As a rule each segment starts where the one before it ended or later: such a list is
//! *sorted*, and an ACK then looks at the segments that it covers and at no other; one that
//! covers all of them looks at the newest only.

use bitflags::bitflags;

use super::SeqNumber;

/// Segments kept per half-stream; further ones are judged but not remembered, as in Wireshark.
pub(super) const MAX_PER_HALF: u32 = 10_000;

/// Segments kept over all half-streams (24 bytes each): a bound on memory for captures that
/// hold one direction only.
pub(super) const MAX_IN_POOL: usize = 1 << 22;

/// No node.
const NONE: u32 = u32::MAX;

/// Half of the circle of sequence numbers.
const HALF: u32 = 1 << 31;

/// A segment that was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sent {
    /// When, in nanoseconds.
    pub time: i64,
    /// In which frame.
    pub frame: u32,
    /// First sequence number that is still unacknowledged.
    pub start: u32,
    /// Sequence number after it.
    pub end: u32,
}

bitflags! {
    /// What is known of a list without looking at its segments.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    struct Shape: u8 {
        /// `low` and `high` are right. Else the base moved, and they and the other marks must
        /// be taken from the segments again.
        const MEASURED = 1;
        /// Every segment's end is above its start when both are relative to the base.
        const REGULAR = 1 << 1;
        /// Regular, no segment starts below the end of an older one, and all lie within half
        /// of the circle.
        const SORTED = 1 << 2;
    }
}

/// A half-stream's list in the pool, and the span of sequence numbers that it covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct UnackedList {
    newest: u32,
    /// Lowest start, relative to the half-stream's base.
    low: u32,
    /// Highest end, relative to the half-stream's base.
    high: u32,
    len: u16,
    shape: Shape,
}

/// A segment in the pool; not a [`Sent`] and a link, which would be a third larger.
#[derive(Debug, Clone, Copy)]
struct Node {
    time: i64,
    frame: u32,
    start: u32,
    end: u32,
    /// The next newer segment of the same list; for the newest one, the oldest. In the list of
    /// free nodes, the next free one.
    newer: u32,
}

/// The nodes of all lists.
#[derive(Debug)]
pub(super) struct UnackedPool {
    nodes: Vec<Node>,
    free: u32,
}

impl Node {
    const fn sent(&self) -> Sent {
        Sent { time: self.time, frame: self.frame, start: self.start, end: self.end }
    }
}

impl UnackedList {
    /// A list without segments.
    pub const EMPTY: Self =
        Self { newest: NONE, low: u32::MAX, high: 0, len: 0, shape: Shape::all() };

    /// Place of its newest segment in the pool; none is there when it is empty.
    #[inline]
    pub fn newest(&self) -> u32 {
        self.newest
    }

    /// True when one more segment would be remembered.
    pub fn has_room(&self) -> bool {
        u32::from(self.len) < MAX_PER_HALF
    }

    /// The same, and its span is known.
    #[inline(always)]
    pub fn is_measured_with_room(&self) -> bool {
        self.has_room() && self.shape.contains(Shape::MEASURED)
    }

    /// What the numbers are relative to has changed.
    pub fn forget_span(&mut self) {
        self.shape.set(Shape::MEASURED, self.newest == NONE);
    }

    /// Takes the numbers of one more segment, newer than all others, into the span.
    #[inline(always)]
    fn widen(&mut self, start: u32, end: u32, base: u32) {
        let (start, end) = (start.wrapping_sub(base), end.wrapping_sub(base));
        let low = self.low.min(start);
        if end <= start {
            self.shape -= Shape::REGULAR | Shape::SORTED;
        } else if start < self.high || end - low >= HALF {
            self.shape -= Shape::SORTED;
        }
        self.low = low;
        self.high = self.high.max(end);
    }

    /// True when an ACK surely covers nothing here: it is not after the lowest start, and all
    /// numbers lie on the same half of the circle after it.
    fn is_untouched_by(&self, ack: u32, base: u32) -> bool {
        let ack = ack.wrapping_sub(base);
        self.shape.contains(Shape::MEASURED | Shape::REGULAR)
            && self.low.wrapping_sub(ack) < HALF
            && self.high.wrapping_sub(self.low) < HALF
            && self.high.wrapping_sub(ack) < HALF
    }
}

impl UnackedPool {
    /// An empty pool.
    pub const fn new() -> Self {
        Self { nodes: Vec::new(), free: NONE }
    }

    /// Remembers a segment as the newest; forgets it when list or pool are full. `base` is what
    /// the half-stream's relative numbers are relative to.
    #[inline(always)]
    pub fn push(&mut self, list: &mut UnackedList, sent: Sent, base: u32) {
        if list.has_room() {
            self.push_with_room(list, sent, base);
        }
    }

    /// The same for a list that [has room](UnackedList::has_room).
    #[inline(always)]
    pub fn push_with_room(&mut self, list: &mut UnackedList, sent: Sent, base: u32) {
        if self.free == NONE && !self.add_free() {
            return;
        }
        let index = self.free;
        let newer = match self.nodes.get_mut(list.newest as usize) {
            Some(newest) => std::mem::replace(&mut newest.newer, index),
            None => index,
        };
        let Sent { time, frame, start, end } = sent;
        if let Some(slot) = self.nodes.get_mut(index as usize) {
            self.free = slot.newer;
            *slot = Node { time, frame, start, end, newer };
        }
        list.newest = index;
        list.len += 1;
        list.widen(start, end, base);
    }

    /// Adds a free node; false when the pool is full.
    #[cold]
    fn add_free(&mut self) -> bool {
        if self.nodes.len() >= MAX_IN_POOL {
            return false;
        }
        self.free = self.nodes.len() as u32;
        self.nodes.push(Node { time: 0, frame: 0, start: 0, end: 0, newer: NONE });
        true
    }

    /// Drops what `ack` covers and trims what it covers in part. Returns the oldest dropped
    /// segment that ends exactly there, as its place in the pool: until the next push, [`Self::at`]
    /// tells it.
    #[inline(always)]
    pub fn acknowledge(&mut self, list: &mut UnackedList, ack: u32, base: u32) -> Option<u32> {
        if list.newest == NONE {
            return None;
        }
        if list.shape.contains(Shape::MEASURED | Shape::SORTED) {
            let span = list.high.wrapping_sub(list.low);
            let covered = ack.wrapping_sub(base).wrapping_sub(list.low);
            if covered < HALF && covered >= span {
                return self.drop_all(list, ack);
            }
            if covered != 0 && covered < span {
                return self.drop_oldest(list, ack, base);
            }
        }
        if list.is_untouched_by(ack, base) { None } else { self.drop_covered(list, ack, base) }
    }

    /// From the lowest start to the highest end, relative to the base; `None` without segments.
    #[inline]
    pub fn span(&self, list: &mut UnackedList, base: u32) -> Option<u32> {
        if list.newest == NONE {
            return None;
        }
        if !list.shape.contains(Shape::MEASURED) {
            self.measure(list, base);
        }
        Some(list.high.wrapping_sub(list.low))
    }

    /// The segment at a place in the pool.
    #[inline]
    pub fn at(&self, index: u32) -> Option<Sent> {
        self.nodes.get(index as usize).map(Node::sent)
    }

    /// Reads something of a list's newest segment and of its oldest one, without effect.
    #[inline]
    pub fn touch(&self, newest: u32) -> u64 {
        let newest = self.nodes.get(newest as usize);
        let oldest = newest.and_then(|newest| self.nodes.get(newest.newer as usize));
        oldest.map_or(0, |oldest| u64::from(oldest.end))
    }

    /// The segment that has waited longest.
    pub fn oldest(&self, list: UnackedList) -> Option<Sent> {
        self.iter(list).next()
    }

    /// Makes a node the newest of a list.
    fn append(&mut self, list: &mut UnackedList, index: u32) {
        let oldest = match self.nodes.get_mut(list.newest as usize) {
            Some(newest) => std::mem::replace(&mut newest.newer, index),
            None => index,
        };
        if let Some(node) = self.nodes.get_mut(index as usize) {
            node.newer = oldest;
        }
        list.newest = index;
        list.len += 1;
    }

    /// Drops a sorted list whose last end is not after `ack`: no other ends there.
    #[inline(always)]
    fn drop_all(&mut self, list: &mut UnackedList, ack: u32) -> Option<u32> {
        let index = list.newest;
        let newest = self.nodes.get_mut(index as usize)?;
        self.free = std::mem::replace(&mut newest.newer, self.free);
        *list = UnackedList::EMPTY;
        (newest.end == ack).then_some(index)
    }

    /// Drops the oldest segments of a sorted list up to `ack`, which lies between its first
    /// start and its last end.
    #[inline(never)]
    fn drop_oldest(&mut self, list: &mut UnackedList, ack: u32, base: u32) -> Option<u32> {
        let ack_rel = ack.wrapping_sub(base);
        let oldest = self.nodes.get(list.newest as usize)?.newer;
        let (mut index, mut latest_dropped, mut latest_end) = (oldest, NONE, 0);
        for dropped in 0..list.len {
            let node = self.nodes.get_mut(index as usize)?;
            let end = node.end.wrapping_sub(base);
            if end > ack_rel {
                list.low = ack_rel.max(node.start.wrapping_sub(base));
                node.start = list.low.wrapping_add(base);
                list.len -= dropped;
                break;
            }
            (latest_dropped, latest_end, index) = (index, end, node.newer);
        }
        if let Some(node) = self.nodes.get_mut(latest_dropped as usize) {
            node.newer = std::mem::replace(&mut self.free, oldest);
            self.nodes.get_mut(list.newest as usize)?.newer = index;
            return (latest_end == ack_rel).then_some(latest_dropped);
        }
        None
    }

    /// The same for any list, by looking at every segment.
    #[inline(never)]
    fn drop_covered(&mut self, list: &mut UnackedList, ack: u32, base: u32) -> Option<u32> {
        let ack = SeqNumber(ack);
        let mut left = UnackedList::EMPTY;
        let mut exact = None;
        let mut index = self.nodes.get(list.newest as usize)?.newer;
        for _ in 0..list.len {
            let node = self.nodes.get_mut(index as usize)?;
            let (this, end) = (index, SeqNumber(node.end));
            index = node.newer;
            if end != ack && end.is_after(ack) {
                if ack.is_after(SeqNumber(node.start)) {
                    node.start = ack.0;
                }
                left.widen(node.start, node.end, base);
                self.append(&mut left, this);
                continue;
            }
            if end == ack && exact.is_none() {
                exact = Some(this);
            }
            node.newer = std::mem::replace(&mut self.free, this);
        }
        *list = left;
        exact
    }

    /// Takes the span and the shape from the segments.
    #[cold]
    fn measure(&self, list: &mut UnackedList, base: u32) {
        let mut measured = UnackedList::EMPTY;
        for sent in self.iter(*list) {
            measured.widen(sent.start, sent.end, base);
        }
        *list = UnackedList { newest: list.newest, len: list.len, ..measured };
    }

    /// All segments of a list.
    #[cfg(test)]
    pub fn sent(&self, list: UnackedList) -> Vec<Sent> {
        self.iter(list).collect()
    }

    /// Nodes that are or were in use.
    #[cfg(test)]
    pub fn capacity_used(&self) -> usize {
        self.nodes.len()
    }

    /// The list's segments, oldest first.
    fn iter(&self, list: UnackedList) -> impl Iterator<Item = Sent> + '_ {
        let mut newer = self.nodes.get(list.newest as usize).map_or(NONE, |newest| newest.newer);
        (0..list.len).map_while(move |_| {
            let node = self.nodes.get(newer as usize)?;
            newer = node.newer;
            Some(node.sent())
        })
    }
}

#[cfg(test)]
#[path = "unacked_tests.rs"]
mod tests;
