//! The bytes pane: where its grid of bytes is, and what stands in it.
//!
//! No other text of the window consists of pairs of characters, each pair three characters from
//! the next and one more in the middle of the line. Offsets are grey and need not be read: the
//! lines follow each other, sixteen bytes each, and whoever compares finds where they begin.

mod find;
mod grid;

use super::error::Error;
use super::glyphs::Distance;
use super::layout::Layout;
use super::raster::{Area, Picture, Strip};
use super::recognise::Recogniser;
use super::repeats::{Samples, slot};
use crate::evidence::text_model::{FrameBytes, HexRow};
use find::find;
use grid::Grid;

/// Bytes of a line.
const IN_LINE: usize = 16;
/// Most lines that are read.
const MAX_LINES: usize = 64;
/// Nearest samples whose mean is the distance.
const NEAREST: usize = 3;

/// The bytes pane as it was read.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct BytesPane {
    /// Its lines from top to bottom.
    pub lines: Vec<PaneLine>,
    advance: f32,
    left: f32,
}

/// One line of the bytes pane.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PaneLine {
    /// Its bytes; none where it could not be read.
    pub bytes: Vec<Option<u8>>,
    /// Where its bytes stand.
    pub area: Area,
    strip: Strip,
}

/// Finds and reads the bytes pane; none when the picture shows none.
///
/// # Errors
/// When the recogniser fails.
pub fn read(
    picture: &Picture,
    layout: &Layout,
    recogniser: &dyn Recogniser,
) -> Result<Option<BytesPane>, Error> {
    let Some((grid, places)) = find(picture, layout) else { return Ok(None) };
    let mut pane = BytesPane { lines: Vec::new(), advance: grid.advance, left: grid.left };
    let mut known = KnownDigits::default();
    for (top, bottom) in places.into_iter().take(MAX_LINES) {
        let area = Area { left: 0, top, right: picture.width, bottom };
        let strip = grid.only(picture, area);
        let count = grid.bytes_in(&strip);
        if count == 0 {
            break;
        }
        let bytes = read_line(&grid, &strip, count, &known, recogniser)?;
        known.learn(&grid, &strip, &bytes);
        let (left, right) = grid.range(0, count);
        let area = Area { left, right: right.min(picture.width), ..area };
        pane.lines.push(PaneLine { bytes, area, strip });
        if count < IN_LINE {
            break;
        }
    }
    Ok((!pane.lines.is_empty()).then_some(pane))
}

/// The bytes of a line: those whose digits were read before from what these look like, the others
/// read, the whole line or in fours where that fails or where few are left.
fn read_line(
    grid: &Grid,
    strip: &Strip,
    count: usize,
    known: &KnownDigits,
    recogniser: &dyn Recogniser,
) -> Result<Vec<Option<u8>>, Error> {
    let mut bytes: Vec<Option<u8>> = (0..count).map(|at| known.byte(grid, strip, at)).collect();
    let left = bytes.iter().filter(|byte| byte.is_none()).count();
    if left * 2 > count
        && let Some(whole) = grid.read(strip, 0, count, recogniser)?
    {
        return Ok(whole.into_iter().map(Some).collect());
    }
    for start in (0..count).step_by(4) {
        let end = (start + 4).min(count);
        let Some(four) = bytes.get_mut(start..end) else { continue };
        if four.iter().all(Option::is_some) {
            continue;
        }
        let read = grid.read(strip, start, end, recogniser)?.unwrap_or_default();
        for (index, byte) in four.iter_mut().enumerate() {
            *byte = byte.or(read.get(index).copied());
        }
    }
    Ok(bytes)
}

/// Digits of a pane that were read, as they look there.
#[derive(Debug, Default)]
struct KnownDigits(Samples);

impl KnownDigits {
    fn learn(&mut self, grid: &Grid, strip: &Strip, bytes: &[Option<u8>]) {
        for (at, byte) in bytes.iter().enumerate() {
            let Some(byte) = byte else { continue };
            for (is_low, digit) in [(false, byte >> 4), (true, byte & 15)] {
                let (x, width) = grid.digit(at, is_low);
                let digit = char::from_digit(u32::from(digit), 16).unwrap_or('0');
                self.0.learn(slot(strip, x, width), digit);
            }
        }
    }

    fn byte(&self, grid: &Grid, strip: &Strip, at: usize) -> Option<u8> {
        let digit = |is_low| {
            let (x, width) = grid.digit(at, is_low);
            u8::try_from(self.0.near(strip, x, width)?.to_digit(16)?).ok()
        };
        Some(digit(false)? << 4 | digit(true)?)
    }
}

impl BytesPane {
    /// First pixel column of the pane, about: a column of offsets stands before the bytes.
    #[must_use]
    pub fn left_edge(&self) -> usize {
        (self.left - 7.0 * self.advance).max(0.0) as usize
    }

    /// The bytes that could be read, as a dump whose lines are those of the pane.
    #[must_use]
    pub fn dump(&self) -> FrameBytes {
        let mut rows = Vec::new();
        for (index, line) in self.lines.iter().enumerate() {
            let readable = |(at, byte): (usize, &Option<u8>)| {
                let offset = u32::try_from(index * IN_LINE + at).ok()?;
                let line = u32::try_from(index + 1).ok()?;
                Some(HexRow { line, offset, bytes: vec![(*byte)?], ..HexRow::default() })
            };
            rows.extend(line.bytes.iter().enumerate().filter_map(readable));
        }
        FrameBytes { rows, ..FrameBytes::default() }
    }

    /// Bytes that are shown and could not be read.
    #[must_use]
    pub fn unreadable(&self) -> usize {
        self.lines.iter().flat_map(|line| &line.bytes).filter(|byte| byte.is_none()).count()
    }

    /// How far a digit is from those of the pane's other bytes that are settled, by what they were
    /// read as.
    #[must_use]
    pub fn compare(
        &self,
        offset: usize,
        is_low: bool,
        is_settled: impl Fn(usize) -> bool,
    ) -> Vec<Distance> {
        let Some(patch) = self.patch(offset, is_low) else { return Vec::new() };
        let mut by_digit: Vec<(char, Vec<f32>)> = Vec::new();
        for (index, line) in self.lines.iter().enumerate() {
            for (at, byte) in line.bytes.iter().enumerate() {
                let Some(byte) = byte else { continue };
                let other = index * IN_LINE + at;
                if other == offset || !is_settled(other) {
                    continue;
                }
                for low in [false, true] {
                    let digit = if low { byte & 15 } else { byte >> 4 };
                    let digit = char::from_digit(u32::from(digit), 16).unwrap_or('0');
                    let Some(sample) = self.patch(other, low) else { continue };
                    let away = away(&patch, &sample);
                    match by_digit.iter_mut().find(|(known, _)| *known == digit) {
                        Some((_, all)) => all.push(away),
                        None => by_digit.push((digit, vec![away])),
                    }
                }
            }
        }
        let mean = |(character, mut all): (char, Vec<f32>)| {
            all.sort_unstable_by(f32::total_cmp);
            all.truncate(NEAREST);
            Distance { character, away: all.iter().sum::<f32>() / all.len().max(1) as f32 }
        };
        let mut found: Vec<Distance> = by_digit.into_iter().map(mean).collect();
        found.sort_by(|a, b| a.away.total_cmp(&b.away));
        found
    }

    fn patch(&self, offset: usize, is_low: bool) -> Option<Vec<u8>> {
        let strip = &self.lines.get(offset / IN_LINE)?.strip;
        let grid = Grid { left: self.left, advance: self.advance };
        Some(grid.patch(strip, offset % IN_LINE, is_low))
    }
}

/// The mean difference of two patches.
fn away(one: &[u8], other: &[u8]) -> f32 {
    let sum: u32 = one.iter().zip(other).map(|(a, b)| u32::from(a.abs_diff(*b))).sum();
    sum as f32 / one.len().max(1) as f32
}
