//! Where the characters of the bytes pane stand, and what stands there.

use super::super::error::Error;
use super::super::raster::{Area, Picture, Strip};
use super::super::recognise::Recogniser;
use super::IN_LINE;

/// Where the characters of the pane stand.
#[derive(Debug, Clone, Copy)]
pub(super) struct Grid {
    pub(super) left: f32,
    pub(super) advance: f32,
}

impl Grid {
    /// First pixel column of a byte.
    pub(super) fn x(&self, byte: usize) -> f32 {
        let characters = byte * 3 + usize::from(byte >= IN_LINE / 2);
        self.left + characters as f32 * self.advance
    }

    /// Where a digit stands, and how wide it is, what may be its neighbour's left out.
    pub(super) fn digit(&self, byte: usize, is_low: bool) -> (usize, usize) {
        let x = self.x(byte) + if is_low { self.advance } else { 0.0 };
        (x.round().max(0.0) as usize, self.advance as usize)
    }

    /// The pixels of a digit.
    pub(super) fn patch(&self, strip: &Strip, byte: usize, is_low: bool) -> Vec<u8> {
        let x = self.x(byte) + if is_low { self.advance } else { 0.0 };
        let (x, width) = (x.round().max(0.0) as usize, self.advance.round() as usize);
        (0..strip.height).flat_map(|y| (x..x + width).map(move |x| strip.at(x, y))).collect()
    }

    pub(super) fn range(&self, start: usize, end: usize) -> (usize, usize) {
        let margin = self.advance * 0.4;
        let left = (self.x(start) - margin).max(0.0) as usize;
        let right = self.x(end.saturating_sub(1)) + 2.0 * self.advance + margin;
        (left, right.round() as usize)
    }

    /// The line's strip, its paper taken from the bytes alone.
    pub(super) fn only(&self, picture: &Picture, area: Area) -> Strip {
        let (left, right) = self.range(0, IN_LINE);
        let part = picture.strip(Area { left, right: right.min(picture.width), ..area });
        let mut ink = Vec::with_capacity(area.width() * part.height);
        for y in 0..part.height {
            ink.extend((0..picture.width).map(|x| match x.checked_sub(left) {
                Some(x) => part.at(x, y),
                None => 0,
            }));
        }
        Strip { width: picture.width, height: part.height, ink }
    }

    /// How many bytes a line has: as many as are written, if nothing stands between them.
    pub(super) fn bytes_in(&self, strip: &Strip) -> usize {
        let is_written = |from: f32, to: f32| {
            (from.round() as usize..to.round() as usize).any(|x| strip.is_written(x))
        };
        let byte = |at: usize| is_written(self.x(at), self.x(at) + 2.0 * self.advance);
        let count = (0..IN_LINE).take_while(|at| byte(*at)).count();
        let is_free = |at: usize| {
            let from = self.x(at) + 2.0 * self.advance;
            !is_written(from + self.advance * 0.25, from + self.advance * 0.75)
        };
        if (0..count).all(is_free) { count } else { 0 }
    }

    /// Reads some bytes; none when the characters that were read are not two for each.
    pub(super) fn read(
        &self,
        strip: &Strip,
        start: usize,
        end: usize,
        recogniser: &dyn Recogniser,
    ) -> Result<Option<Vec<u8>>, Error> {
        let (left, right) = self.range(start, end);
        let text = recogniser.recognise(&strip.columns(left, right))?.text;
        let nibbles: Option<Vec<u8>> =
            text.chars().filter(|c| c.is_alphanumeric()).map(nibble).collect();
        let nibbles = nibbles.filter(|nibbles| nibbles.len() == (end - start) * 2);
        Ok(nibbles.map(|nibbles| {
            let pair = |pair: &[u8]| pair.iter().fold(0, |byte, nibble| (byte << 4) | nibble);
            nibbles.chunks(2).map(pair).collect()
        }))
    }
}

/// The value of a character, look-alikes read as what can only stand there.
fn nibble(character: char) -> Option<u8> {
    let character = match character {
        'o' | 'O' | 'Q' | 'D' => '0',
        'l' | 'I' | 'i' | 'L' => '1',
        'z' | 'Z' => '2',
        's' | 'S' => '5',
        'G' => '6',
        'g' | 'q' => '9',
        other => other,
    };
    u8::try_from(character.to_digit(16)?).ok()
}

#[cfg(test)]
mod tests {
    use super::nibble;

    #[test]
    fn look_alikes_are_digits() {
        let read: Option<Vec<u8>> =
            "O2 4z ac lO".chars().filter(|c| *c != ' ').map(nibble).collect();
        assert_eq!(read, Some(vec![0, 2, 4, 2, 10, 12, 1, 0]));
        assert_eq!(nibble('x'), None);
    }
}
