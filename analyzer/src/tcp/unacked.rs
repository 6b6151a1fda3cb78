//! Segments that nobody has acknowledged yet: one pool for all half-streams.
//!
//! Each half-stream owns a list, newest first, linked by indices into the shared pool; freed
//! nodes are reused, so that a long capture allocates nothing once its streams are warm.

use super::SeqNumber;

/// Segments kept per half-stream; further ones are judged but not remembered, as in Wireshark.
pub(super) const MAX_PER_HALF: u32 = 10_000;

/// Segments kept over all half-streams (32 bytes each): a bound on memory for captures that
/// hold one direction only.
pub(super) const MAX_IN_POOL: usize = 1 << 22;

/// End of a list.
const NONE: u32 = u32::MAX;

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

/// A half-stream's list in the pool, and the span of sequence numbers that it covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct UnackedList {
    newest: u32,
    oldest: u32,
    /// Lowest start, relative to the half-stream's base.
    low: u32,
    /// Highest end, relative to the half-stream's base.
    high: u32,
    len: u16,
    /// False when `low` and `high` must be taken from the segments again: the base moved.
    is_measured: bool,
    /// False while some segment's end is below its start when both are relative to the base.
    is_regular: bool,
}

#[derive(Debug, Clone, Copy)]
struct Node {
    sent: Sent,
    older: u32,
}

/// The nodes of all lists.
#[derive(Debug)]
pub(super) struct UnackedPool {
    nodes: Vec<Node>,
    free: u32,
}

impl UnackedList {
    /// A list without segments.
    pub const EMPTY: Self = Self {
        newest: NONE,
        oldest: NONE,
        low: u32::MAX,
        high: 0,
        len: 0,
        is_measured: true,
        is_regular: true,
    };

    /// True when one more segment would be remembered.
    pub fn has_room(&self) -> bool {
        u32::from(self.len) < MAX_PER_HALF
    }

    /// What the numbers are relative to has changed.
    pub fn forget_span(&mut self) {
        self.is_measured = self.newest == NONE;
    }

    fn widen(&mut self, sent: &Sent, base: u32) {
        let start = SeqNumber(sent.start).relative_to(SeqNumber(base));
        let end = SeqNumber(sent.end).relative_to(SeqNumber(base));
        self.low = self.low.min(start);
        self.high = self.high.max(end);
        self.is_regular &= end > start;
    }

    /// True when an ACK surely covers nothing here: it is not after the lowest start, and all
    /// numbers lie on the same half of the circle after it.
    fn is_untouched_by(&self, ack: u32, base: u32) -> bool {
        let half = 1_u32 << 31;
        let ack = SeqNumber(ack).relative_to(SeqNumber(base));
        self.is_measured
            && self.is_regular
            && self.low.wrapping_sub(ack) < half
            && self.high.wrapping_sub(self.low) < half
            && self.high.wrapping_sub(ack) < half
    }
}

impl UnackedPool {
    /// An empty pool.
    pub const fn new() -> Self {
        Self { nodes: Vec::new(), free: NONE }
    }

    /// Remembers a segment as the newest; forgets it when list or pool are full. `base` is what
    /// the half-stream's relative numbers are relative to.
    pub fn push(&mut self, list: &mut UnackedList, sent: Sent, base: u32) {
        if !list.has_room() {
            return;
        }
        let node = Node { sent, older: list.newest };
        let index = self.free;
        if let Some(slot) = self.nodes.get_mut(index as usize) {
            self.free = slot.older;
            *slot = node;
            list.newest = index;
        } else {
            if self.nodes.len() >= MAX_IN_POOL {
                return;
            }
            list.newest = self.nodes.len() as u32;
            self.nodes.push(node);
        }
        if list.len == 0 {
            list.oldest = list.newest;
        }
        list.len += 1;
        list.widen(&sent, base);
    }

    /// Drops what `ack` covers and trims what it covers in part. Returns the oldest dropped
    /// segment that ends exactly there.
    pub fn acknowledge(&mut self, list: &mut UnackedList, ack: u32, base: u32) -> Option<Sent> {
        if list.is_untouched_by(ack, base) {
            return None;
        }
        let ack = SeqNumber(ack);
        let mut left = UnackedList { newest: list.newest, len: list.len, ..UnackedList::EMPTY };
        let mut exact = None;
        let mut newer = NONE;
        let mut index = list.newest;
        while let Some(node) = self.nodes.get_mut(index as usize) {
            let older = node.older;
            let (start, end) = (SeqNumber(node.sent.start), SeqNumber(node.sent.end));
            if end == ack {
                exact = Some(node.sent);
            } else if end.is_after(ack) {
                if ack.is_after(start) {
                    node.sent.start = ack.0;
                }
                left.widen(&node.sent, base);
                left.oldest = index;
                newer = index;
                index = older;
                continue;
            }
            self.unlink(&mut left, newer, index, older);
            index = older;
        }
        *list = left;
        exact
    }

    /// From the lowest start to the highest end, relative to the base; `None` without segments.
    pub fn span(&self, list: &mut UnackedList, base: u32) -> Option<u32> {
        if !list.is_measured {
            let mut measured = UnackedList { low: u32::MAX, high: 0, is_regular: true, ..*list };
            for sent in self.iter(*list) {
                measured.widen(&sent, base);
            }
            *list = UnackedList { is_measured: true, ..measured };
        }
        (list.newest != NONE).then(|| list.high.wrapping_sub(list.low))
    }

    /// The segment that has waited longest.
    pub fn oldest(&self, list: UnackedList) -> Option<Sent> {
        self.nodes.get(list.oldest as usize).map(|node| node.sent)
    }

    /// Gives the node at `index` back; `newer` is the one that points at it.
    fn unlink(&mut self, list: &mut UnackedList, newer: u32, index: u32, older: u32) {
        match self.nodes.get_mut(newer as usize) {
            Some(node) => node.older = older,
            None => list.newest = older,
        }
        if let Some(node) = self.nodes.get_mut(index as usize) {
            node.older = self.free;
            self.free = index;
        }
        list.len = list.len.saturating_sub(1);
    }

    /// Nodes that are or were in use.
    #[cfg(test)]
    pub fn capacity_used(&self) -> usize {
        self.nodes.len()
    }

    /// The list's segments, newest first.
    fn iter(&self, list: UnackedList) -> impl Iterator<Item = Sent> + '_ {
        let mut index = list.newest;
        std::iter::from_fn(move || {
            let node = self.nodes.get(index as usize)?;
            index = node.older;
            Some(node.sent)
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sent(frame: u32, start: u32, end: u32) -> Sent {
        Sent { time: i64::from(frame), frame, start, end }
    }

    #[test]
    fn an_ack_drops_trims_and_finds_the_oldest_exact_end() {
        let mut pool = UnackedPool::new();
        let mut list = UnackedList::EMPTY;
        for (frame, start, end) in [(1, 10, 20), (2, 20, 30), (3, 10, 20), (4, 30, 40)] {
            pool.push(&mut list, sent(frame, start, end), 0);
        }
        assert_eq!(pool.acknowledge(&mut list, 20, 0).map(|s| s.frame), Some(1));
        assert_eq!(pool.iter(list).map(|s| s.frame).collect::<Vec<_>>(), [4, 2]);
        assert_eq!(pool.acknowledge(&mut list, 25, 0), None, "inside a segment");
        assert_eq!(pool.iter(list).map(|s| s.start).collect::<Vec<_>>(), [30, 25]);
        assert_eq!(pool.acknowledge(&mut list, 100, 0), None, "beyond everything");
        assert_eq!(list, UnackedList::EMPTY);
    }

    #[test]
    fn freed_nodes_are_reused() {
        let mut pool = UnackedPool::new();
        let mut list = UnackedList::EMPTY;
        for round in 0..1000_u32 {
            let start = round * 10;
            pool.push(&mut list, sent(round, start, start + 10), 0);
            pool.push(&mut list, sent(round, start, start + 10), 0);
            pool.acknowledge(&mut list, start + 10, 0);
        }
        assert_eq!(pool.nodes.len(), 2);
    }

    #[test]
    fn a_list_keeps_ten_thousand_segments() {
        let mut pool = UnackedPool::new();
        let mut list = UnackedList::EMPTY;
        for frame in 0..20_000 {
            pool.push(&mut list, sent(frame, frame, frame + 1), 0);
        }
        assert_eq!(pool.iter(list).count(), 10_000);
        assert_eq!(pool.iter(list).next().map(|s| s.frame), Some(9_999));
    }

    /// The same list, kept in the plainest way: every answer by looking at every segment.
    #[derive(Default)]
    struct Plain(Vec<Sent>);

    impl Plain {
        fn acknowledge(&mut self, ack: u32) -> Option<Sent> {
            let ack = SeqNumber(ack);
            let exact = self.0.iter().find(|sent| sent.end == ack.0).copied();
            self.0.retain(|sent| SeqNumber(sent.end).is_after(ack));
            for sent in self.0.iter_mut().filter(|sent| ack.is_after(SeqNumber(sent.start))) {
                sent.start = ack.0;
            }
            exact
        }

        fn span(&self, base: u32) -> Option<u32> {
            let low = self.0.iter().map(|sent| sent.start.wrapping_sub(base)).min()?;
            let high = self.0.iter().map(|sent| sent.end.wrapping_sub(base)).max()?;
            Some(high.wrapping_sub(low))
        }
    }

    #[derive(Debug, Clone)]
    enum Step {
        Push(u32, u32),
        Acknowledge(u32),
        Rebase(u32),
    }

    /// Numbers that lie near each other, across the wrap and across the half circle.
    fn number() -> impl Strategy<Value = u32> {
        let near = |centre: u32| (0_u32..60).prop_map(move |at| centre.wrapping_add(at) - 30);
        prop_oneof![4 => near(1000), 1 => near(1 << 31), 1 => any::<u32>(), 2 => (0_u32..30)
            .prop_map(|at| at.wrapping_sub(15))]
    }

    fn step() -> impl Strategy<Value = Step> {
        let len = prop_oneof![8 => 1_u32..20, 1 => any::<u32>()];
        prop_oneof![
            6 => (number(), len).prop_map(|(start, len)| Step::Push(start, len)),
            4 => number().prop_map(Step::Acknowledge),
            1 => number().prop_map(Step::Rebase),
        ]
    }

    proptest! {
        #[test]
        fn a_list_answers_like_one_that_looks_at_everything(
            steps in prop::collection::vec(step(), 1..120),
        ) {
            let mut pool = UnackedPool::new();
            let (mut list, mut plain, mut base) = (UnackedList::EMPTY, Plain::default(), 990);
            for (frame, step) in steps.into_iter().enumerate() {
                match step {
                    Step::Push(start, len) => {
                        let sent = sent(frame as u32, start, start.wrapping_add(len));
                        pool.push(&mut list, sent, base);
                        plain.0.push(sent);
                    }
                    Step::Acknowledge(ack) => prop_assert_eq!(
                        pool.acknowledge(&mut list, ack, base),
                        plain.acknowledge(ack)
                    ),
                    Step::Rebase(to) => {
                        base = to;
                        list.forget_span();
                    }
                }
                prop_assert_eq!(pool.span(&mut list, base), plain.span(base));
                prop_assert_eq!(pool.oldest(list), plain.0.first().copied());
                let newest_first: Vec<_> = plain.0.iter().rev().copied().collect();
                prop_assert_eq!(pool.iter(list).collect::<Vec<_>>(), newest_first);
            }
        }
    }
}
