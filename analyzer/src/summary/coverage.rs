//! How many different payload bytes one direction carried: each byte of sequence space counts
//! once, however often it was sent.
//!
//! Keeps the highest sequence number seen and the gaps below it. Streams without loss, which
//! are nearly all, have no gaps at all; the others keep at most [`MAX_GAPS`].

use crate::tcp::SeqNumber;

/// Gaps kept per direction; beyond it, the oldest is counted as missing for good.
const MAX_GAPS: usize = 64;

/// A jump further than the largest window (RFC 7323, section 2.3) cannot be loss: the numbers
/// belong to another connection.
const MAX_JUMP: u32 = 1 << 30;

/// The part of sequence space that one direction has shown.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Coverage {
    pub(super) gaps: Gaps,
    /// After the last byte seen; `None` before the first segment.
    pub(super) high: Option<SeqNumber>,
}

/// What lies below the highest number and was not seen.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Gaps {
    ranges: Vec<(SeqNumber, SeqNumber)>,
    forgotten_bytes: u64,
}

impl Coverage {
    /// Takes in a segment whose payload starts at `start` (after a SYN: one later); returns
    /// how many of its bytes are new.
    pub(super) fn add(&mut self, start: SeqNumber, len: u32) -> u32 {
        let end = start + len;
        let high = match self.high {
            Some(high) if distance(high, start) <= MAX_JUMP => high,
            _ => start,
        };
        let filled = if start.is_before(high) { self.fill(start, earlier(end, high)) } else { 0 };
        if start.is_after(high) {
            self.open_gap(high, start);
        }
        let beyond = if end.is_after(high) { end.relative_to(later(start, high)) } else { 0 };
        self.high = Some(later(end, high));
        filled.saturating_add(beyond)
    }

    fn open_gap(&mut self, from: SeqNumber, to: SeqNumber) {
        let gaps = &mut self.gaps;
        if gaps.ranges.len() >= MAX_GAPS {
            let (a, b) = gaps.ranges.remove(0);
            gaps.forgotten_bytes += u64::from(b.relative_to(a));
        }
        gaps.ranges.push((from, to));
    }

    /// Removes `start..end` from the gaps; returns how many bytes that closed.
    fn fill(&mut self, start: SeqNumber, end: SeqNumber) -> u32 {
        let gaps = &mut self.gaps;
        if gaps.ranges.is_empty() {
            return 0;
        }
        let ranges = &mut gaps.ranges;
        let (mut filled, mut at) = (0_u32, 0);
        while let Some(gap) = ranges.get_mut(at) {
            let (a, b) = *gap;
            let (from, to) = (later(a, start), earlier(b, end));
            if !from.is_before(to) {
                at += 1;
                continue;
            }
            filled = filled.saturating_add(to.relative_to(from));
            let (before, behind) = ((a, from), (to, b));
            match (a.is_before(from), to.is_before(b)) {
                (false, false) => {
                    ranges.remove(at);
                    continue;
                }
                (true, false) => *gap = before,
                (false, true) => *gap = behind,
                (true, true) => {
                    *gap = before;
                    at += 1;
                    ranges.insert(at, behind);
                }
            }
            at += 1;
        }
        ranges.truncate(MAX_GAPS);
        filled
    }
}

impl Gaps {
    /// True when nothing is or was missing.
    pub(super) fn is_empty(&self) -> bool {
        self.ranges.is_empty() && self.forgotten_bytes == 0
    }

    /// True when it has memory that others can use.
    pub(super) fn has_room(&self) -> bool {
        self.ranges.capacity() > 0
    }

    /// Bytes that are not in the capture.
    pub(super) fn missing(&self) -> u64 {
        let open: u64 = self.ranges.iter().map(|(a, b)| u64::from(b.relative_to(*a))).sum();
        open.saturating_add(self.forgotten_bytes)
    }

    #[cfg(test)]
    pub(super) fn of(ranges: &[(u32, u32)]) -> Self {
        let ranges = ranges.iter().map(|(a, b)| (SeqNumber(*a), SeqNumber(*b))).collect();
        Self { ranges, forgotten_bytes: 0 }
    }
}

fn later(a: SeqNumber, b: SeqNumber) -> SeqNumber {
    if a.is_before(b) { b } else { a }
}

fn earlier(a: SeqNumber, b: SeqNumber) -> SeqNumber {
    if a.is_before(b) { a } else { b }
}

/// Distance on the shorter way around the circle.
fn distance(a: SeqNumber, b: SeqNumber) -> u32 {
    let forward = b.relative_to(a);
    forward.min(forward.wrapping_neg())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Segments as (start, len), the bytes seen and the bytes missing after them.
    #[test]
    fn each_byte_counts_once() {
        let near_wrap = u32::MAX - 9;
        for (name, segments, bytes, missing) in [
            ("in order", vec![(0, 10), (10, 10)], 20, 0),
            ("sent twice", vec![(0, 10), (0, 10)], 10, 0),
            ("overlap", vec![(0, 10), (5, 10)], 15, 0),
            ("hole", vec![(0, 10), (20, 10)], 20, 10),
            ("hole filled", vec![(0, 10), (20, 10), (10, 10)], 30, 0),
            ("hole half filled", vec![(0, 10), (20, 10), (12, 4)], 24, 6),
            ("hole filled twice", vec![(0, 10), (20, 10), (10, 10), (10, 10)], 30, 0),
            ("fill and beyond", vec![(0, 10), (20, 10), (10, 30)], 40, 0),
            ("wrap", vec![(near_wrap, 20), (10, 5)], 25, 0),
            ("keep-alive byte", vec![(0, 10), (9, 1)], 10, 0),
            ("an ACK shows the hole", vec![(0, 10), (30, 0)], 10, 20),
            ("another connection's numbers", vec![(0, 10), (1 << 31, 10)], 20, 0),
        ] {
            let mut coverage = Coverage::default();
            let mut seen = 0;
            for (start, len) in segments {
                seen += coverage.add(SeqNumber(start), len);
            }
            assert_eq!((seen, coverage.gaps.missing()), (bytes, missing), "{name}");
        }
    }

    proptest! {
        /// Against a plain set of byte positions, few enough holes that none is forgotten.
        #[test]
        fn agrees_with_a_set_of_bytes(
            base in any::<u32>(),
            segments in prop::collection::vec((0_u32..400, 0_u32..40), 1..40),
        ) {
            let mut coverage = Coverage::default();
            coverage.add(SeqNumber(base), 0);
            let mut seen = std::collections::BTreeSet::new();
            let (mut high, mut fresh) = (0, 0);
            for (start, len) in segments {
                fresh += coverage.add(SeqNumber(base.wrapping_add(start)), len) as usize;
                seen.extend(start..start + len);
                high = high.max(start + len);
            }
            prop_assert_eq!(fresh, seen.len());
            prop_assert_eq!(coverage.gaps.missing(), u64::from(high) - seen.len() as u64);
        }
    }
}
