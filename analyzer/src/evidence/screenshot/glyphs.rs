//! The witness that does not read: characters of a picture compared with characters of the same
//! picture whose text is settled.
//!
//! No font files, and no idea of what a letter looks like: a settled cell shows what its
//! characters look like here, after this zoom, this smoothing and this compression. Works where
//! all characters are equally wide, as in Wireshark's list; elsewhere it says nothing.

mod line;
mod measure;
mod samples;
#[cfg(test)]
mod tests;

use std::ops::Range;
use std::sync::Arc;

use super::Screenshot;
use super::cells::cell_strip;
use super::layout::{ColumnPlace, RowPlace};
use super::raster::{Area, Strip, WRITTEN};
use crate::evidence::model::Column;

use samples::{Patch, Sample, Samples};

pub use line::LineGlyphs;
pub use samples::Distance;

/// Samples without which nothing is said.
const LEAST_SAMPLES: usize = 40;
/// Share of a character's width that is paper before it begins, on the average.
const BEARING: f32 = 0.11;
/// The same before and after a colon, with which addresses begin and end.
const COLON: f32 = 0.38;
/// How far from a whole number of pixels an advance must be for characters to stand between them.
const WHOLE: f32 = 0.02;

/// A text of which both witnesses are sure, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settled {
    /// Index of the row.
    pub row: usize,
    /// The column.
    pub column: Column,
    /// The text.
    pub text: String,
    /// Whether that is all that is written there; false when it is cut behind the text.
    pub is_all: bool,
}

/// The characters of a picture.
#[derive(Debug, Clone)]
pub struct Glyphs {
    strips: Arc<[Strip]>,
    /// The same, so that all rows stand alike between pixels.
    level: Arc<[Strip]>,
    places: Vec<ColumnPlace>,
    advance: f32,
    /// Pixels by which an arrow is wider than other characters.
    arrow: f32,
    /// Whether characters stand between pixels, as in a picture that was made smaller.
    is_scaled: bool,
    origins: Vec<(Column, f32)>,
    samples: Samples,
    usual: f32,
}

impl Glyphs {
    /// Learns from settled texts; none when there are too few, or when the characters are not
    /// equally wide.
    #[must_use]
    pub fn learn(shot: &Screenshot, settled: &[Settled]) -> Option<Self> {
        let strips = Arc::clone(shot.strips.get_or_init(|| strips(shot).into()));
        let places = shot.layout.columns.clone();
        let mut glyphs = Self {
            level: Arc::clone(&strips),
            strips,
            places,
            advance: 0.0,
            arrow: 0.0,
            is_scaled: false,
            origins: Vec::new(),
            samples: Samples::default(),
            usual: 0.0,
        };
        glyphs.measure(settled)?;
        glyphs.take_samples(settled);
        let mut tried = glyphs.samples.tried();
        if (glyphs.advance - glyphs.advance.round()).abs() > WHOLE {
            let mut scaled = Self { is_scaled: true, ..glyphs.clone() };
            if let Some(phases) = phases(&shot.layout.rows) {
                let rows = glyphs.strips.iter().zip(phases);
                scaled.level = rows.map(|(strip, phase)| strip.lowered(phase)).collect();
            }
            scaled.take_samples(settled);
            let tried_scaled = scaled.samples.tried();
            if tried_scaled.told_apart() > tried.told_apart() {
                (glyphs, tried) = (scaled, tried_scaled);
            }
        }
        glyphs.usual = tried.usual();
        (glyphs.samples.count() >= LEAST_SAMPLES).then_some(glyphs)
    }

    fn take_samples(&mut self, settled: &[Settled]) {
        let mut samples = Samples::default();
        for Settled { row, column, text, .. } in settled {
            let (row, column) = (*row, *column);
            let characters: Vec<char> = text.chars().collect();
            for (index, character) in characters.iter().copied().enumerate() {
                if character == ' ' || samples.is_full(character) {
                    continue;
                }
                if let Some(patch) = self.patch(row, column, &characters, index, 0.0) {
                    samples.push(character, Sample { row, column, patch });
                }
            }
        }
        self.samples = samples;
    }

    /// The distance from its own kind that hardly any character of this picture exceeds.
    #[must_use]
    pub const fn usual(&self) -> f32 {
        self.usual
    }

    /// Whether a cell's place for a character is free of ink.
    #[must_use]
    pub fn is_paper(&self, row: usize, column: Column, text: &[char], index: usize) -> bool {
        let width = self.advance.round() as usize;
        self.patch(row, column, text, index, 0.0).is_some_and(|patch| {
            let inner = patch.ink().iter().enumerate().filter(|(at, _)| {
                let x = at % width.max(1);
                x > 0 && x + 1 < width
            });
            inner.into_iter().all(|(_, ink)| *ink < WRITTEN)
        })
    }

    fn place(&self, column: Column) -> Option<&ColumnPlace> {
        self.places.iter().find(|place| place.column == Some(column))
    }

    /// First written pixel column of a cell and the first after the last, in the picture.
    fn extent(&self, row: usize, column: Column) -> Option<(f32, f32)> {
        let place = self.place(column)?;
        let (left, right) = cell_strip(self.strips.get(row)?, place).extent()?;
        Some(((place.left + left) as f32, (place.left + right) as f32))
    }

    /// Characters that would fill what is written in a cell, if it is a certain text.
    #[must_use]
    pub fn characters(&self, row: usize, column: Column, text: &[char]) -> Option<f32> {
        let (left, right) = self.extent(row, column)?;
        let beside = |end: Option<&char>| if end == Some(&':') { COLON } else { BEARING };
        let free = beside(text.first()) + beside(text.last());
        Some((right - left - self.moved(text)) / self.advance + free)
    }

    /// Whether a text of so many characters has room in a column.
    #[must_use]
    pub fn fits(&self, column: Column, count: usize) -> bool {
        let text = count as f32 * self.advance;
        self.place(column).is_none_or(|place| text <= (place.right - place.left) as f32)
    }

    /// Whether what is written in a cell reaches the edge at its right.
    #[must_use]
    pub fn reaches_edge(&self, row: usize, column: Column) -> bool {
        let strip = self.strips.get(row);
        let (Some(strip), Some(place)) = (strip, self.place(column)) else { return false };
        let edge = self.extent(row, column).map_or(0.0, |(_, right)| right);
        // A text is cut where it would not leave room for one character more.
        let is_near = edge + (1.0 + BEARING) * self.advance >= place.right as f32;
        !stands_right(column) && (is_near || self.ends_in_dots(strip, place, edge as usize))
    }

    /// Whether the last character is an ellipsis: several dots, low in the line.
    fn ends_in_dots(&self, strip: &Strip, place: &ColumnPlace, edge: usize) -> bool {
        let part = strip.columns(place.left, edge);
        let is_inked = |y: &usize| (0..part.width).any(|x| part.at(x, *y) >= WRITTEN);
        let rows: Vec<usize> = (0..part.height).filter(is_inked).collect();
        let (Some(top), Some(bottom)) = (rows.first(), rows.last()) else { return false };
        let last =
            part.columns(part.width.saturating_sub(self.advance.round() as usize), part.width);
        let dots = last.groups(0);
        let is_low = |x: usize| {
            (0..last.height).filter(|y| last.at(x, *y) >= WRITTEN).all(|y| 2 * y > top + bottom)
        };
        dots.len() >= 2 && (0..last.width).all(is_low)
    }

    /// The part of a cell in which some characters of a text stand.
    #[must_use]
    pub fn part(
        &self,
        row: usize,
        column: Column,
        text: &[char],
        places: &Range<usize>,
    ) -> Option<Strip> {
        let place = self.place(column)?;
        let strip = cell_strip(self.strips.get(row)?, place);
        let inside = |x: f32| (x.round().max(0.0) as usize).saturating_sub(place.left);
        let left = inside(self.x_of(column, text, places.start)?);
        let right = inside(self.x_of(column, text, places.end)?);
        Some(strip.columns(left, right))
    }

    /// The pixels of a character, one column moved by `shift`.
    fn patch(
        &self,
        row: usize,
        column: Column,
        text: &[char],
        index: usize,
        shift: f32,
    ) -> Option<Patch> {
        let strip = self.level.get(row)?;
        let x = self.x_of(column, text, index)? + shift;
        let width = self.advance.round() as usize;
        let place = self.place(column)?;
        if x.round() < 0.0 || x.round() as usize + width > place.right + 2 {
            return None;
        }
        let height = self.strips.iter().map(|strip| strip.height).max()?;
        Some(self.pixels(strip, x, 0..height))
    }

    /// The pixels of one character that begins at `x`, of some rows of a strip.
    fn pixels(&self, strip: &Strip, x: f32, rows: Range<usize>) -> Patch {
        let x = if self.is_scaled { x } else { x.round() }.max(0.0);
        let (left, part) = (x as usize, x.fract());
        let width = self.advance.round() as usize;
        let ink = |x: usize, y: usize| f32::from(strip.at(x, y));
        let mut pixels = Vec::with_capacity(width * rows.len());
        for y in rows {
            pixels.extend((left..left + width).map(|x| match part {
                0.0 => strip.at(x, y),
                part => ((1.0 - part) * ink(x, y) + part * ink(x + 1, y)).round() as u8,
            }));
        }
        Patch::new(pixels)
    }

    /// How far the character at `index` of a text is from the samples of
    /// each character, the nearest first. Samples of the same cell do not count.
    #[must_use]
    pub fn compare(
        &self,
        row: usize,
        column: Column,
        text: &[char],
        index: usize,
    ) -> Vec<Distance> {
        let patches = self.patches(row, column, text, index);
        self.samples.distances(&patches, |sample| sample.row != row || sample.column != column)
    }

    /// How far that character is from the samples of what is wanted, and of those characters that
    /// it is nearer to; what is further away is left out.
    #[must_use]
    pub fn nearer(
        &self,
        row: usize,
        column: Column,
        text: &[char],
        index: usize,
        is_wanted: impl Fn(char) -> bool,
    ) -> Vec<Distance> {
        let patches = self.patches(row, column, text, index);
        let counts = |sample: &Sample| sample.row != row || sample.column != column;
        self.samples.nearer(&patches, counts, is_wanted)
    }

    /// Whether a sample of each digit is there.
    #[must_use]
    pub fn knows_digits(&self) -> bool {
        ('0'..='9').all(|digit| self.knows(digit))
    }

    /// Whether a sample of a character is there.
    #[must_use]
    pub fn knows(&self, character: char) -> bool {
        !self.samples.of(character).is_empty()
    }

    /// The pixels of a character, a little moved; none where hardly anything is written.
    fn patches(&self, row: usize, column: Column, text: &[char], index: usize) -> Vec<Patch> {
        let shifts = self.shifts().into_iter();
        shifts
            .filter_map(|shift| self.patch(row, column, text, index, shift))
            .filter(|patch| patch.ink().iter().any(|ink| *ink >= WRITTEN))
            .collect()
    }

    /// Pixels by which a character may stand elsewhere than it should.
    const fn shifts(&self) -> [f32; 3] {
        if self.is_scaled { [-0.5, 0.0, 0.5] } else { [-1.0, 0.0, 1.0] }
    }
}

fn stands_right(column: Column) -> bool {
    matches!(column, Column::No | Column::Length)
}

/// The rows as ink on paper.
fn strips(shot: &Screenshot) -> Vec<Strip> {
    let rows = shot.layout.rows.iter();
    rows.map(|row| shot.layout.strip(&shot.picture, row)).collect()
}

/// By how much of a pixel each row stands lower than the pixel that it begins with, where rows do
/// not stand whole pixels apart.
fn phases(rows: &[RowPlace]) -> Option<Vec<f32>> {
    let whole: Vec<(f32, f32)> = rows
        .iter()
        .enumerate()
        .filter(|(_, row)| row.is_whole)
        .map(|(index, row)| (index as f32, row.top as f32))
        .collect();
    let count = whole.len() as f32;
    let (sum_x, sum_y) = whole.iter().fold((0.0, 0.0), |sum, at| (sum.0 + at.0, sum.1 + at.1));
    let (x, y) = (sum_x / count, sum_y / count);
    let over = whole.iter().map(|at| (at.0 - x) * (at.1 - y)).sum::<f32>();
    let under = whole.iter().map(|at| (at.0 - x) * (at.0 - x)).sum::<f32>();
    if whole.len() < 3 || under <= 0.0 {
        return None;
    }
    let pitch = over / under;
    let phase = |(index, row): (usize, &RowPlace)| {
        let phase = y + (index as f32 - x) * pitch - row.top as f32;
        if row.is_whole { phase } else { 0.0 }
    };
    let phases: Vec<f32> = rows.iter().enumerate().map(phase).collect();
    let is_between = (pitch - pitch.round()).abs() * count > 0.5;
    (is_between && phases.iter().all(|phase| phase.abs() <= 1.2)).then_some(phases)
}

/// Share of its width that a character leaves free before it.
fn bearing(character: Option<char>) -> f32 {
    match character {
        Some('1' | 'I') => 0.17,
        Some('[' | '(') => 0.34,
        Some('M' | 'W') => 0.0,
        Some('T' | '4') => 0.05,
        _ => BEARING,
    }
}

fn median(values: &mut [f32]) -> Option<f32> {
    values.sort_unstable_by(f32::total_cmp);
    values.get(values.len() / 2).copied()
}
