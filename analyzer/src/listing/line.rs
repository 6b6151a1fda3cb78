//! A line of text that every row writes anew, without asking for room at every character.

use std::fmt;

/// Text under way. All of it is UTF-8: only whole strings and ASCII are added.
#[derive(Debug, Default)]
pub struct Line {
    bytes: Vec<u8>,
    len: usize,
}

/// What makes eight digits of eight numbers.
const ZEROS: u64 = 0x3030_3030_3030_3030;

/// The numbers of an IPv4 address as text, and how long each is.
const OCTETS: [([u8; 4], u8); 256] = {
    let mut table = [([b'.'; 4], 0); 256];
    let mut value = 0;
    while value < 256 {
        let (a, b, c) = (value / 100, value / 10 % 10, value % 10);
        let digits = [a as u8 + b'0', b as u8 + b'0', c as u8 + b'0'];
        #[allow(clippy::indexing_slicing, reason = "evaluated by the compiler")]
        {
            table[value] = match (a, b) {
                (0, 0) => ([digits[2], b'.', b'.', b'.'], 1),
                (0, _) => ([digits[1], digits[2], b'.', b'.'], 2),
                _ => ([digits[0], digits[1], digits[2], b'.'], 3),
            };
        }
        value += 1;
    }
    table
};

impl Line {
    /// Empty.
    pub const fn new() -> Self {
        Self { bytes: Vec::new(), len: 0 }
    }

    /// Empties it for the next row.
    #[inline]
    pub fn clear(&mut self) {
        self.len = 0;
    }

    /// Bytes so far.
    #[inline]
    pub fn len(&self) -> usize {
        self.len
    }

    /// True without text.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The text.
    #[inline]
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or(&[])
    }

    /// The text, to be cut into cells.
    pub fn as_str(&self) -> &str {
        str::from_utf8(self.as_bytes()).unwrap_or("")
    }

    /// Appends a string.
    #[inline]
    pub fn push_str(&mut self, text: &str) {
        if self.bytes.len() - self.len < text.len() {
            self.grow(text.len());
        }
        let end = self.len + text.len();
        if let Some(place) = self.bytes.get_mut(self.len..end) {
            place.copy_from_slice(text.as_bytes());
            self.len = end;
        }
    }

    /// Appends an ASCII character.
    #[inline]
    pub fn push(&mut self, letter: u8) {
        debug_assert!(letter.is_ascii(), "anything else comes as a string");
        self.put([letter], 1);
    }

    /// Appends a number.
    #[inline]
    pub fn push_number(&mut self, number: u64) {
        match number {
            0..10 => self.put([b'0' + number as u8], 1),
            10..10_000 => {
                let digits = four_digits(number as u32);
                let zeros = digits.trailing_zeros() & !7;
                let text = ((digits | ZEROS as u32) >> zeros).to_le_bytes();
                self.put(text, 4 - zeros as usize / 8);
            }
            10_000..100_000_000 => {
                let digits = eight_digits(number as u32);
                let zeros = digits.trailing_zeros() & !7;
                self.put(((digits | ZEROS) >> zeros).to_le_bytes(), 8 - zeros as usize / 8);
            }
            _ => self.push_long(number),
        }
    }

    /// Appends a number of more than eight digits. Apart, so that shorter ones save no registers
    /// for it.
    #[inline(never)]
    fn push_long(&mut self, number: u64) {
        self.push_number(number / 100_000_000);
        let digits = eight_digits((number % 100_000_000) as u32);
        self.put((digits | ZEROS).to_le_bytes(), 8);
    }

    /// Appends a point and the nine digits of a fraction in nanoseconds.
    #[inline]
    pub fn push_nanos(&mut self, nanos: u32) {
        let first = (nanos / 100_000_000) as u8;
        self.put([b'.', b'0' + first % 10], 2);
        self.put((eight_digits(nanos % 100_000_000) | ZEROS).to_le_bytes(), 8);
    }

    /// Appends an IPv4 address.
    #[inline]
    pub fn push_ipv4(&mut self, octets: [u8; 4]) {
        for (index, octet) in octets.into_iter().enumerate() {
            let (text, len) = OCTETS.get(usize::from(octet)).copied().unwrap_or_default();
            let point = usize::from(index < 3);
            self.put(text, usize::from(len) + point);
        }
    }

    /// Writes all of `text`, of which the first `count` bytes stay.
    #[inline]
    fn put<const N: usize>(&mut self, text: [u8; N], count: usize) {
        let place = self.bytes.get_mut(self.len..).and_then(|rest| rest.first_chunk_mut());
        let Some(place) = place else { return self.grow_and_put(text, count) };
        *place = text;
        self.len += count;
    }

    #[cold]
    fn grow_and_put<const N: usize>(&mut self, text: [u8; N], count: usize) {
        self.grow(N);
        if let Some(place) = self.bytes.get_mut(self.len..).and_then(|rest| rest.first_chunk_mut())
        {
            *place = text;
            self.len += count;
        }
    }

    #[cold]
    fn grow(&mut self, more: usize) {
        let len = (self.len + more).next_power_of_two().max(1024);
        self.bytes.resize(len, 0);
    }
}

impl fmt::Write for Line {
    #[inline]
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.push_str(text);
        Ok(())
    }
}

/// The eight decimal digits of a number below 100,000,000, the first one in the lowest byte:
/// halves, quarters, and single digits are split side by side in one word.
#[inline]
fn eight_digits(number: u32) -> u64 {
    let halves = u64::from(number / 10_000) | u64::from(number % 10_000) << 32;
    let hundreds = ((halves * 10_486) >> 20) & 0x7f_0000_007f;
    let quarters = hundreds | (halves - hundreds * 100) << 16;
    let tens = ((quarters * 103) >> 10) & 0x000f_000f_000f_000f;
    tens | (quarters - tens * 10) << 8
}

/// The same for four digits of a number below 10,000.
#[inline]
fn four_digits(number: u32) -> u32 {
    let hundreds = number / 100;
    let halves = hundreds | (number - hundreds * 100) << 16;
    let tens = ((halves * 103) >> 10) & 0x000f_000f;
    tens | (halves - tens * 10) << 8
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_quarter_and_octet_is_right() {
        let mut line = Line::new();
        for number in (0..10_000).chain((0..10_000).map(|high| high * 10_000 + 9_999)) {
            line.clear();
            line.push_number(number);
            assert_eq!(line.as_str(), number.to_string());
        }
        for octet in 0..=255 {
            line.clear();
            line.push_ipv4([octet, 0, 10, octet]);
            assert_eq!(line.as_str(), format!("{octet}.0.10.{octet}"));
        }
    }

    proptest! {
        #[test]
        fn text_grows_as_strings_do(
            parts in prop::collection::vec((any::<u64>(), 0_u32..1_000_000_000, ".{0,90}"), 0..60),
        ) {
            let (mut line, mut plain) = (Line::new(), String::new());
            for (number, nanos, text) in parts {
                line.push_number(number);
                line.push_nanos(nanos);
                line.push_str(&text);
                line.push(b';');
                plain.push_str(&format!("{number}.{nanos:09}{text};"));
            }
            prop_assert_eq!(line.as_str(), plain.as_str());
            prop_assert_eq!(line.len(), plain.len());
        }
    }
}
