//! The sum under Internet checksums (RFC 1071), eight bytes at a time.

/// A one's complement sum. Its size does not matter to the checksum: carries from the top come
/// back in at the bottom (RFC 1071, section 2), so a sum of 64-bit words folds to the sum of
/// their 16-bit parts. Words are read with the lower byte first, on every machine: the bytes of
/// the result are swapped, nothing else.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct InternetSum(u64);

/// Bytes that are added at a time.
const BLOCK: usize = 32;

impl InternetSum {
    /// With the given bytes in front; an odd last byte is the upper half of a word.
    #[inline(always)]
    pub fn add_bytes(mut self, bytes: &[u8]) -> Self {
        let mut rest = bytes;
        if rest.len() >= 2 * BLOCK {
            (self, rest) = self.add_pairs(rest);
        }
        let rest = match rest.split_first_chunk::<BLOCK>() {
            Some((block, rest)) => {
                self = self.add_block(block);
                rest
            }
            None => rest,
        };
        let rest = match rest.split_first_chunk::<16>() {
            Some((block, rest)) => {
                self = self.add_block(block);
                rest
            }
            None => rest,
        };
        let rest = match rest.split_first_chunk::<8>() {
            Some((word, rest)) => {
                self = self.add_block(word);
                rest
            }
            None => rest,
        };
        if rest.is_empty() { self } else { self.add_end(bytes, rest) }
    }

    /// With all pairs of blocks in front; what is left of the bytes.
    #[inline(always)]
    fn add_pairs(mut self, bytes: &[u8]) -> (Self, &[u8]) {
        // Two sums, so that neither waits for the other.
        let (pairs, rest) = bytes.as_chunks::<{ 2 * BLOCK }>();
        let mut other = Self::default();
        for pair in pairs {
            let (first, second) = pair.split_at(BLOCK);
            if let (Some(first), Some(second)) = (first.first_chunk(), second.first_chunk()) {
                self = self.add_block::<BLOCK>(first);
                other = other.add_block::<BLOCK>(second);
            }
        }
        (self.add_word(other.0), rest)
    }

    /// With eight bytes.
    #[inline]
    pub fn add_word(self, word: u64) -> Self {
        let (sum, carry) = self.0.overflowing_add(word);
        Self(sum + u64::from(carry))
    }

    /// With bytes that are a multiple of eight, in one chain of carries.
    #[inline]
    pub fn add_block<const N: usize>(self, block: &[u8; N]) -> Self {
        let (words, _) = block.as_chunks::<8>();
        let (mut sum, mut carry) = (self.0, false);
        for word in words {
            (sum, carry) = sum.carrying_add(u64::from_le_bytes(*word), carry);
        }
        Self(sum).add_word(u64::from(carry))
    }

    /// With the last `rest` of the bytes, fewer than eight, read together with those before.
    #[inline]
    fn add_end(self, bytes: &[u8], rest: &[u8]) -> Self {
        let missing = 8 - rest.len().min(8);
        match bytes.last_chunk() {
            Some(last) => self.add_word(u64::from_le_bytes(*last) >> (8 * missing as u32)),
            None => self.add_few(rest),
        }
    }

    #[cold]
    fn add_few(self, bytes: &[u8]) -> Self {
        let word = bytes.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte));
        self.add_word(word)
    }

    /// True when the bytes have a right checksum among them.
    #[inline]
    pub fn is_right(self) -> bool {
        self.fold() == 0xffff
    }

    /// The 16-bit sum as it would stand in a header. A checksum is the complement of the sum of
    /// all other bytes.
    #[inline]
    pub fn fold(self) -> u16 {
        // The upper half of a number and its halves swapped is their sum, carry included.
        let sum = (self.0.wrapping_add(self.0.rotate_left(32)) >> 32) as u32;
        let sum = (sum.wrapping_add(sum.rotate_left(16)) >> 16) as u16;
        sum.swap_bytes()
    }
}

#[cfg(test)]
mod tests {
    use etherparse::checksum::Sum16BitWords;
    use proptest::prelude::*;

    use super::*;

    /// Bytes that make carries, and any others.
    fn bytes() -> impl Strategy<Value = Vec<u8>> {
        let byte = prop_oneof![4 => Just(0xff_u8), 1 => Just(0), 2 => any::<u8>()];
        prop::collection::vec(byte, 0..300)
    }

    proptest! {
        #[test]
        fn sums_are_those_of_16_bit_words(
            parts in prop::collection::vec(bytes(), 0..3),
            words in prop::collection::vec(prop_oneof![Just(u64::MAX), any::<u64>()], 0..4),
        ) {
            let mut expected = Sum16BitWords::new();
            let mut sum = InternetSum::default();
            for word in words {
                expected = expected.add_8bytes(word.to_le_bytes());
                sum = sum.add_word(word);
            }
            for part in &parts {
                expected = expected.add_slice(part);
                sum = sum.add_bytes(part);
            }
            prop_assert_eq!(sum.fold(), !expected.ones_complement().to_be());
        }
    }
}
