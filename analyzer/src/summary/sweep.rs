//! Connections as stretches of frames: how many are open together, and which pairs.

use std::collections::BTreeSet;

/// Connections looked at per connection when listing pairs.
const MAX_PARTNERS: usize = 64;

/// Stretches per block of a [`Blocks`].
const BLOCK: usize = 64;

/// A connection from the frame in which it opens up to the one in which it is open no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Stretch {
    pub(super) from: u64,
    pub(super) stream: u32,
    pub(super) until: u64,
}

/// What one pass over the connections counts.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Count {
    /// Pairs that are open together.
    pub(super) pairs: u64,
    /// Most that are open at the same time.
    pub(super) most: u64,
    /// The one with whose opening that many are open.
    pub(super) most_at: Option<Stretch>,
}

/// Stretches in the order of stream numbers, and the hull of every few.
#[derive(Debug, Default)]
pub(super) struct Blocks {
    stretches: Vec<Stretch>,
    hulls: Vec<(u64, u64)>,
}

impl Stretch {
    /// Where it stands in the order of beginnings, and of streams among those: one number, which
    /// is quicker to sort by than three. No stream has two stretches.
    pub(super) fn place(&self) -> u128 {
        u128::from(self.from) << 32 | u128::from(self.stream)
    }

    /// True when both are open at some frame.
    fn meets(&self, other: &Self) -> bool {
        self.from < other.until && other.from < self.until
    }
}

impl Blocks {
    /// Of stretches in the order of stream numbers.
    pub(super) fn new(stretches: Vec<Stretch>) -> Self {
        let hull = |block: &[Stretch]| {
            let from = block.iter().map(|one| one.from).min().unwrap_or(u64::MAX);
            (from, block.iter().map(|one| one.until).max().unwrap_or(0))
        };
        let hulls = stretches.chunks(BLOCK).map(hull).collect();
        Self { stretches, hulls }
    }

    /// The first streams, at most `limit`, that are open together with this one.
    pub(super) fn partners_of(&self, stream: u32, limit: usize) -> Vec<u32> {
        let own = self.stretches.binary_search_by_key(&stream, |one| one.stream);
        let Some(own) = own.ok().and_then(|index| self.stretches.get(index)) else {
            return Vec::new();
        };
        let blocks = self.stretches.chunks(BLOCK).zip(&self.hulls);
        let near = blocks.filter(|(_, (from, until))| *from < own.until && own.from < *until);
        let partners = near.flat_map(|(block, _)| block).filter(|one| one.meets(own));
        partners.map(|one| one.stream).filter(|other| *other != stream).take(limit).collect()
    }
}

/// Counts the pairs that are open together; `stretches` are in order, and so are their `ends`.
pub(super) fn count(stretches: &[Stretch], ends: &[u64]) -> Count {
    let mut result = Count::default();
    let mut closed = ends.iter().peekable();
    let mut open: u64 = 0;
    for stretch in stretches {
        while closed.next_if(|end| **end <= stretch.from).is_some() {
            open -= 1;
        }
        result.pairs += open;
        open += 1;
        if open > result.most {
            result.most = open;
            result.most_at = Some(*stretch);
        }
    }
    result
}

/// Shows `visit` pairs that are open together, for each connection those first that stay open
/// longest, until it answers false; `stretches` are in order.
pub(super) fn for_each_pair(
    stretches: &[Stretch],
    mut visit: impl FnMut(&Stretch, &Stretch) -> bool,
) {
    let mut open: BTreeSet<(u64, usize)> = BTreeSet::new();
    for (index, stretch) in stretches.iter().enumerate() {
        while open.first().is_some_and(|(end, _)| *end <= stretch.from) {
            open.pop_first();
        }
        for (_, partner) in open.iter().rev().take(MAX_PARTNERS) {
            let Some(first) = stretches.get(*partner) else { continue };
            if !visit(first, stretch) {
                return;
            }
        }
        open.insert((stretch.until, index));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Against the comparison of everybody with everybody.
        #[test]
        fn counts_and_partners_are_those_of_a_plain_comparison(
            list in prop::collection::vec((0_u64..200, 1_u64..60), 0..200),
        ) {
            let of = |(stream, (from, len)): (u32, (u64, u64))| {
                Stretch { from, stream, until: from + len }
            };
            let plain: Vec<Stretch> = (0..).zip(list).map(of).collect();
            let mut sorted = plain.clone();
            sorted.sort_unstable();
            let mut ends: Vec<u64> = plain.iter().map(|one| one.until).collect();
            ends.sort_unstable();
            let all = |one: &Stretch| -> Vec<u32> {
                let others = plain.iter().filter(|other| other.stream != one.stream);
                others.filter(|other| other.meets(one)).map(|other| other.stream).collect()
            };
            let pairs: usize = plain.iter().map(|one| all(one).len()).sum();
            let open_at = |at: u64| plain.iter().filter(|o| o.from <= at && at < o.until).count();
            let most = plain.iter().map(|one| open_at(one.from)).max().unwrap_or(0);
            let counted = count(&sorted, &ends);
            prop_assert_eq!((counted.pairs, counted.most), (pairs as u64 / 2, most as u64));
            prop_assert_eq!(counted.most_at.map(|one| open_at(one.from)).unwrap_or(0), most);
            let blocks = Blocks::new(plain.clone());
            for one in &plain {
                let mut partners = all(one);
                partners.truncate(8);
                prop_assert_eq!(blocks.partners_of(one.stream, 8), partners);
            }
        }
    }
}
