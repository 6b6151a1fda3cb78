//! Sequence numbers: 32 bits that wrap around (RFC 9293, section 3.4).

use std::ops::{Add, Sub};

/// A sequence or acknowledgment number as it stands in the header. Compared modulo 2^32;
/// every operation is total.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct SeqNumber(pub u32);

impl SeqNumber {
    /// True when `self` comes before `other` on the shorter way around the circle.
    pub const fn is_before(self, other: Self) -> bool {
        (self.0.wrapping_sub(other.0) as i32) < 0
    }

    /// True when `self` comes after `other` on the shorter way around the circle.
    pub const fn is_after(self, other: Self) -> bool {
        other.is_before(self)
    }

    /// The number relative to a base, unsigned: Wireshark's relative sequence number.
    pub const fn relative_to(self, base: Self) -> u32 {
        self.0.wrapping_sub(base.0)
    }
}

impl Add<u32> for SeqNumber {
    type Output = Self;

    fn add(self, bytes: u32) -> Self {
        Self(self.0.wrapping_add(bytes))
    }
}

impl Sub<u32> for SeqNumber {
    type Output = Self;

    fn sub(self, bytes: u32) -> Self {
        Self(self.0.wrapping_sub(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_survives_the_wrap() {
        assert!(SeqNumber(0xffff_fff0).is_before(SeqNumber(5)));
        assert!(SeqNumber(5).is_after(SeqNumber(0xffff_fff0)));
        assert!(!SeqNumber(7).is_before(SeqNumber(7)));
        assert_eq!((SeqNumber(0xffff_ffff) + 2).0, 1);
        assert_eq!(SeqNumber(1).relative_to(SeqNumber(0xffff_ffff)), 2);
    }
}
