//! Text read by characters that were read before.
//!
//! In a picture that was neither scaled nor compressed every `3` looks like every other `3`. So
//! once the recogniser has read some rows, most others need no recogniser: each of their
//! characters is, pixel by pixel, one that is known. Where a single one is not, this says nothing
//! and the recogniser is asked.

use super::raster::Strip;

/// Two characters are the same when no pixel differs by more.
const SAME: u8 = 48;
/// Most characters that are kept.
const MAX_KNOWN: usize = 600;
/// Share of a character's width that a text leaves free on both sides together.
const BEARINGS: f32 = 0.22;

/// The characters of one column.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Repeats {
    advance: Option<usize>,
    origin: Option<usize>,
    known: Vec<(Vec<u8>, char, u32)>,
}

impl Repeats {
    /// Takes in a cell that was read; only one whose characters stand on the grid is of use.
    pub fn learn(&mut self, strip: &Strip, text: &str) {
        let Some((left, right)) = strip.extent() else { return };
        let count = text.chars().count();
        if count < 8 {
            return;
        }
        let advance = (right - left) as f32 / (count as f32 - BEARINGS);
        let whole = advance.round();
        if (advance - whole).abs() * count as f32 > 0.6 * whole {
            return;
        }
        let advance = whole as usize;
        if *self.advance.get_or_insert(advance) != advance {
            return;
        }
        let origin = *self.origin.get_or_insert(left.saturating_sub(1));
        let slots: Vec<(Vec<u8>, char)> = text
            .chars()
            .enumerate()
            .map(|(index, character)| (slot(strip, origin + index * advance, advance), character))
            .collect();
        // The spaces must be where nothing is written, and nowhere else.
        if slots.iter().any(|(ink, character)| is_paper(ink) != (*character == ' ')) {
            return;
        }
        for (ink, character) in slots {
            let mut known = self.known.iter_mut();
            if let Some((_, _, times)) =
                known.find(|(other, c, _)| *c == character && is_same(other, &ink))
            {
                *times += 1;
            } else if self.known.len() < MAX_KNOWN {
                self.known.push((ink, character, 1));
            }
        }
    }

    /// The text of a cell, if all its characters are known.
    #[must_use]
    pub fn read(&self, strip: &Strip) -> Option<String> {
        let (advance, origin) = (self.advance?, self.origin?);
        let (left, right) = strip.extent()?;
        if left + 1 < origin || left > origin + advance {
            return None;
        }
        // The edge may cut the last character; the recogniser sees more of it.
        if right + 2 * advance >= strip.width {
            return None;
        }
        let count = (right - origin).div_ceil(advance);
        let mut text = String::with_capacity(count);
        for index in 0..count {
            let ink = slot(strip, origin + index * advance, advance);
            if is_paper(&ink) {
                text.push(' ');
                continue;
            }
            let same = self.known.iter().filter(|(other, ..)| is_same(other, &ink));
            text.push(same.max_by_key(|(_, _, times)| *times)?.1);
        }
        Some(text.trim_end().to_owned())
    }
}

fn slot(strip: &Strip, x: usize, width: usize) -> Vec<u8> {
    (0..strip.height).flat_map(|y| (x..x + width).map(move |x| strip.at(x, y))).collect()
}

fn is_paper(ink: &[u8]) -> bool {
    ink.iter().all(|ink| *ink < 90)
}

fn is_same(one: &[u8], other: &[u8]) -> bool {
    one.len() == other.len() && one.iter().zip(other).all(|(a, b)| a.abs_diff(*b) <= SAME)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Characters of 8 by 8 pixels: as many of them as the digit says are written.
    fn drawn(text: &str) -> Strip {
        let width = 4 + text.len() * 8 + 40;
        let mut strip = Strip { width, height: 9, ink: vec![0; width * 9] };
        for (index, digit) in text.bytes().enumerate().filter(|(_, digit)| *digit != b' ') {
            for x in 0..6 {
                for y in 1..8 {
                    let is_written =
                        x == 0 || x == 5 || (x + y * 3) % 7 < usize::from(digit - b'0');
                    if let Some(ink) = strip.ink.get_mut(y * width + 5 + index * 8 + x) {
                        *ink = if is_written { 255 } else { 0 };
                    }
                }
            }
        }
        strip
    }

    #[test]
    fn known_characters_are_read_and_unknown_ones_are_not() {
        let mut repeats = Repeats::default();
        assert_eq!(repeats.read(&drawn("1231")), None);
        repeats.learn(&drawn("12312 321 12"), "12312 321 12");
        assert_eq!(repeats.read(&drawn("321 33")), Some("321 33".into()));
        assert_eq!(repeats.read(&drawn("321 43")), None);
    }

    #[test]
    fn a_reading_that_does_not_stand_on_the_grid_teaches_nothing() {
        let mut repeats = Repeats::default();
        repeats.learn(&drawn("12312 321 12"), "12312321 12 3");
        assert_eq!(repeats.read(&drawn("321")), None);
    }
}
