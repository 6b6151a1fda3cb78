//! Numbers that a seed decides, on every machine and for ever.
//!
//! SplitMix64 (Steele, Lea and Flood 2014; public domain). Crates of random numbers promise
//! their streams for one version at best, and a capture must outlive that.

use super::profile::Span;

/// A stream of numbers.
#[derive(Debug, Clone)]
pub(super) struct Random(u64);

impl Random {
    /// The stream of a seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number.
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// The next number, cut to 32 bits.
    pub fn next_u32(&mut self) -> u32 {
        (self.next() >> 32) as u32
    }

    /// The next number, cut to 16 bits.
    pub fn next_u16(&mut self) -> u16 {
        (self.next() >> 48) as u16
    }

    /// A number of the span, all of them alike.
    pub fn within(&mut self, span: Span) -> u64 {
        let count = u128::from(span.most.saturating_sub(span.least)) + 1;
        span.least + ((u128::from(self.next()) * count) >> 64) as u64
    }

    /// True so many times in a million.
    pub fn happens(&mut self, per_million: u32) -> bool {
        per_million != 0 && self.within(Span::new(0, 999_999)) < u64::from(per_million)
    }
}
