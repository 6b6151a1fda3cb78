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
/// Pixels by which two measures of a character's width may differ.
const SAME_WIDTH: f32 = 0.2;

/// Characters as they look, with how often they were seen.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Samples(Vec<(Vec<u8>, char, u32)>);

impl Samples {
    /// Takes in what stands at a place.
    pub fn learn(&mut self, ink: Vec<u8>, character: char) {
        let mut known = self.0.iter_mut();
        if let Some((_, _, times)) =
            known.find(|(other, c, _)| *c == character && is_same(other, &ink))
        {
            *times += 1;
        } else if self.0.len() < MAX_KNOWN {
            self.0.push((ink, character, 1));
        }
    }

    /// The character that was seen most often as what stands near a place: a pixel more or less
    /// is how a width that is no whole number of pixels is rounded.
    #[must_use]
    pub fn near(&self, strip: &Strip, x: usize, width: usize) -> Option<char> {
        let places = [Some(x), x.checked_sub(1), Some(x + 1)];
        let inks: Vec<Vec<u8>> =
            places.into_iter().flatten().map(|x| slot(strip, x, width)).collect();
        let same = self.0.iter().filter(|(other, ..)| inks.iter().any(|ink| is_same(other, ink)));
        same.max_by_key(|(_, _, times)| *times).map(|(_, character, _)| *character)
    }

    /// The same for a digit; none when it may be two.
    fn digit(&self, strip: &Strip, x: usize, width: usize) -> Option<char> {
        let ink = slot(strip, x, width);
        let digits = self.0.iter().filter(|(_, digit, _)| digit.is_ascii_digit());
        let mut same =
            digits.filter(|(other, ..)| is_same(other, &ink)).map(|(_, digit, _)| *digit);
        let first = same.next()?;
        same.all(|other| other == first).then_some(first)
    }
}

/// The characters of one column.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Repeats {
    /// Width of a character, and how many characters it was measured with.
    advance: Option<(f32, usize)>,
    origin: Option<usize>,
    known: Samples,
}

impl Repeats {
    /// Takes in a cell that was read; only one whose characters stand on the grid is of use.
    pub fn learn(&mut self, strip: &Strip, text: &str) {
        let Some((left, right)) = strip.extent() else { return };
        let count = text.chars().count();
        if count < 8 {
            return;
        }
        let measured = (right - left) as f32 / (count as f32 - BEARINGS);
        let (advance, by) = *self.advance.get_or_insert((measured, count));
        if (advance - measured).abs() > SAME_WIDTH {
            return;
        }
        let advance = if count > by { measured } else { advance };
        let origin = *self.origin.get_or_insert(left.saturating_sub(1));
        let width = advance as usize;
        let slots: Vec<(Vec<u8>, char)> = text
            .chars()
            .enumerate()
            .map(|(index, character)| (slot(strip, at(origin, index, advance), width), character))
            .collect();
        // The spaces must be where nothing is written, and nowhere else.
        if slots.iter().any(|(ink, character)| is_paper(ink) != (*character == ' ')) {
            return;
        }
        self.advance = Some((advance, by.max(count)));
        for (ink, character) in slots {
            self.known.learn(ink, character);
        }
    }

    /// The text of a cell, if all its characters are known.
    #[must_use]
    pub fn read(&self, strip: &Strip) -> Option<String> {
        let ((advance, by), origin) = (self.advance?, self.origin?);
        let (left, right) = strip.extent()?;
        if left + 1 < origin || left as f32 > origin as f32 + advance {
            return None;
        }
        // The edge may cut the last character; the recogniser sees more of it.
        if right as f32 + 2.0 * advance >= strip.width as f32 {
            return None;
        }
        let count = ((right - origin) as f32 / advance).ceil() as usize;
        // Of a text that is much longer than all that were measured, the end is not where it
        // seems to be.
        if count > by * 2 {
            return None;
        }
        let mut text = String::with_capacity(count);
        for index in 0..count {
            let x = at(origin, index, advance);
            if is_paper(&slot(strip, x, advance as usize)) {
                text.push(' ');
            } else {
                text.push(self.known.near(strip, x, advance as usize)?);
            }
        }
        Some(text.trim_end().to_owned())
    }

    /// A number of known digits, wherever it begins; none when it may be two numbers.
    #[must_use]
    pub fn read_number(&self, strip: &Strip) -> Option<String> {
        let (advance, _) = self.advance?;
        let (left, right) = strip.extent()?;
        let starts = left.saturating_sub(advance as usize / 2)..=left;
        let mut found = starts.filter_map(|start| self.digits(strip, start, right, advance));
        let number = found.next()?;
        found.all(|other| other == number).then_some(number)
    }

    /// The digits from `start` on, if nothing but digits stands there.
    fn digits(&self, strip: &Strip, start: usize, right: usize, advance: f32) -> Option<String> {
        let count = (right.checked_sub(start)? as f32 / advance).ceil() as usize;
        let width = advance as usize;
        let digit = |index: usize| {
            let x = at(start, index, advance);
            let places = [Some(x), x.checked_sub(1), Some(x + 1)];
            let places = places.into_iter().flatten().take(if index == 0 { 1 } else { 3 });
            places.map(|x| self.known.digit(strip, x, width)).find(Option::is_some)?
        };
        (count > 0).then(|| (0..count).map(digit).collect())?
    }
}

/// Where a character of a text begins.
fn at(origin: usize, index: usize, advance: f32) -> usize {
    origin + (index as f32 * advance).round() as usize
}

/// The pixels of a place.
#[must_use]
pub fn slot(strip: &Strip, x: usize, width: usize) -> Vec<u8> {
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
    fn a_number_is_read_wherever_it_begins() {
        let mut repeats = Repeats::default();
        repeats.learn(&drawn("12312 321 12"), "12312 321 12");
        let moved = |text: &str, left: usize| drawn(text).columns(left, 200);
        assert_eq!(repeats.read_number(&moved("321", 0)), Some("321".into()));
        assert_eq!(repeats.read_number(&moved("321", 3)), Some("321".into()));
        assert_eq!(repeats.read_number(&moved("345", 3)), None);
    }

    #[test]
    fn a_reading_that_does_not_stand_on_the_grid_teaches_nothing() {
        let mut repeats = Repeats::default();
        repeats.learn(&drawn("12312 321 12"), "12312321 12 3");
        assert_eq!(repeats.read(&drawn("321")), None);
    }
}
