//! The connections that are told in full: those with the most payload.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::view::View;

/// The largest of the connections so far.
#[derive(Debug)]
pub(super) struct Largest {
    top: usize,
    /// By payload bytes, the least on top; among equals the later stream is less.
    kept: BinaryHeap<Reverse<(u64, Reverse<u32>)>>,
}

impl Largest {
    /// At most `top`.
    pub(super) fn new(top: usize) -> Self {
        Self { top, kept: BinaryHeap::new() }
    }

    /// Takes one more into account.
    pub(super) fn add(&mut self, view: &View<'_>) {
        let rank = (view.payload_bytes(), Reverse(view.stream));
        if self.kept.len() < self.top {
            self.kept.push(Reverse(rank));
        } else if let Some(mut least) = self.kept.peek_mut().filter(|least| least.0 < rank) {
            *least = Reverse(rank);
        }
    }

    /// Their streams, in the order of numbers.
    pub(super) fn streams(self) -> Vec<u32> {
        let kept = self.kept.into_iter();
        let mut streams: Vec<u32> = kept.map(|Reverse((_, Reverse(stream)))| stream).collect();
        streams.sort_unstable();
        streams
    }
}
