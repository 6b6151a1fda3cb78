//! Sorting by a number of a few digits: a pass for each digit instead of comparisons.
//!
//! Frames and streams are counted from the start of the capture, so as numbers they are small:
//! two or three passes sort hundreds of thousands of connections.

/// Bits of a digit.
const BITS: u32 = 11;
const DIGITS: usize = 1 << BITS;

/// With fewer values than this, comparing them is quicker than counting digits.
const FEW: usize = 512;

/// Sorts by a number; values with the same one keep their order.
pub(super) fn sort_by_key<T: Copy>(values: &mut Vec<T>, key: impl Fn(&T) -> u64) {
    if values.len() < FEW {
        return values.sort_by_key(key);
    }
    let largest = values.iter().map(&key).max().unwrap_or(0);
    let mut sorted = values.clone();
    let mut shift = 0;
    while shift < u64::BITS && largest >> shift != 0 {
        let digit = |value: &T| (key(value) >> shift) as usize & (DIGITS - 1);
        sort_by_digit(values, &mut sorted, digit);
        std::mem::swap(values, &mut sorted);
        shift += BITS;
    }
}

/// Writes the values where they belong by one digit, in their order.
fn sort_by_digit<T: Copy>(values: &[T], sorted: &mut [T], digit: impl Fn(&T) -> usize) {
    let mut places = [0_usize; DIGITS];
    for value in values {
        if let Some(count) = places.get_mut(digit(value)) {
            *count += 1;
        }
    }
    let mut next = 0;
    for place in &mut places {
        next += std::mem::replace(place, next);
    }
    for value in values {
        if let Some(place) = places.get_mut(digit(value)) {
            if let Some(slot) = sorted.get_mut(*place) {
                *slot = *value;
            }
            *place += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_order_is_that_of_a_plain_sort(
            start in prop::collection::vec(any::<u64>(), 0..40),
            bits in 0_u32..64,
            len in prop_oneof![0..FEW, FEW..3 * FEW],
        ) {
            let keys = start.iter().copied().cycle().zip(0_u64..).take(len);
            let mix = |(number, index): (u64, u64)| number.rotate_left(index as u32 * 7) ^ index;
            let mut values: Vec<(u64, usize)> =
                keys.map(mix).map(|key| key >> bits).zip(0..).collect();
            let mut expected = values.clone();
            expected.sort_by_key(|(key, _)| *key);
            sort_by_key(&mut values, |(key, _)| *key);
            prop_assert_eq!(values, expected);
        }
    }
}
