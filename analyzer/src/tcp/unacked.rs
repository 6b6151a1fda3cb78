//! Segments that nobody has acknowledged yet: one pool for all half-streams.
//!
//! Each half-stream owns a list, newest first, linked by indices into the shared pool; freed
//! nodes are reused, so that a long capture allocates nothing once its streams are warm.

use super::SeqNumber;

/// Segments kept per half-stream; further ones are judged but not remembered, as in Wireshark.
pub(super) const MAX_PER_HALF: u32 = 10_000;

/// Segments kept over all half-streams (24 bytes each): a bound on memory for captures that
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

/// A half-stream's list in the pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct UnackedList {
    newest: u32,
    len: u32,
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
    pub const EMPTY: Self = Self { newest: NONE, len: 0 };

    /// True when one more segment would be remembered.
    pub fn has_room(&self) -> bool {
        self.len < MAX_PER_HALF
    }
}

impl UnackedPool {
    /// An empty pool.
    pub const fn new() -> Self {
        Self { nodes: Vec::new(), free: NONE }
    }

    /// Remembers a segment as the newest; forgets it when list or pool are full.
    pub fn push(&mut self, list: &mut UnackedList, sent: Sent) {
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
        list.len += 1;
    }

    /// Drops what `ack` covers and trims what it covers in part. Returns the oldest dropped
    /// segment that ends exactly there.
    pub fn acknowledge(&mut self, list: &mut UnackedList, ack: u32) -> Option<Sent> {
        let ack = SeqNumber(ack);
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
                newer = index;
                index = older;
                continue;
            }
            self.unlink(list, newer, index, older);
            index = older;
        }
        exact
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
    pub fn iter(&self, list: UnackedList) -> impl Iterator<Item = Sent> + '_ {
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
    use super::*;

    fn sent(frame: u32, start: u32, end: u32) -> Sent {
        Sent { time: i64::from(frame), frame, start, end }
    }

    #[test]
    fn an_ack_drops_trims_and_finds_the_oldest_exact_end() {
        let mut pool = UnackedPool::new();
        let mut list = UnackedList::EMPTY;
        for (frame, start, end) in [(1, 10, 20), (2, 20, 30), (3, 10, 20), (4, 30, 40)] {
            pool.push(&mut list, sent(frame, start, end));
        }
        assert_eq!(pool.acknowledge(&mut list, 20).map(|s| s.frame), Some(1));
        assert_eq!(pool.iter(list).map(|s| s.frame).collect::<Vec<_>>(), [4, 2]);
        assert_eq!(pool.acknowledge(&mut list, 25), None, "inside a segment");
        assert_eq!(pool.iter(list).map(|s| s.start).collect::<Vec<_>>(), [30, 25]);
        assert_eq!(pool.acknowledge(&mut list, 100), None, "beyond everything");
        assert_eq!(list, UnackedList::EMPTY);
    }

    #[test]
    fn freed_nodes_are_reused() {
        let mut pool = UnackedPool::new();
        let mut list = UnackedList::EMPTY;
        for round in 0..1000_u32 {
            let start = round * 10;
            pool.push(&mut list, sent(round, start, start + 10));
            pool.push(&mut list, sent(round, start, start + 10));
            pool.acknowledge(&mut list, start + 10);
        }
        assert_eq!(pool.nodes.len(), 2);
    }

    #[test]
    fn a_list_keeps_ten_thousand_segments() {
        let mut pool = UnackedPool::new();
        let mut list = UnackedList::EMPTY;
        for frame in 0..20_000 {
            pool.push(&mut list, sent(frame, frame, frame + 1));
        }
        assert_eq!(pool.iter(list).count(), 10_000);
        assert_eq!(pool.iter(list).next().map(|s| s.frame), Some(9_999));
    }
}
