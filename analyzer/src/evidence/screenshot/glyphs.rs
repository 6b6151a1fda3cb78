//! The witness that does not read: characters of a picture compared with characters of the same
//! picture whose text is settled.
//!
//! No font files, and no idea of what a letter looks like: a settled cell shows what its
//! characters look like here, after this zoom, this smoothing and this compression. Works where
//! all characters are equally wide, as in Wireshark's list; elsewhere it says nothing.

mod line;

use std::collections::HashMap;
use std::ops::Range;

use super::Screenshot;
use super::cells::cell_strip;
use super::layout::{self, ColumnPlace};
use super::raster::{Area, Strip, WRITTEN};
use crate::evidence::model::Column;

pub use line::LineGlyphs;

/// Samples without which nothing is said.
const LEAST_SAMPLES: usize = 40;
/// Share of a character's width that is paper before it begins, on the average.
const BEARING: f32 = 0.11;
/// Nearest samples whose mean is the distance.
const NEAREST: usize = 3;
/// Samples of a character that are kept.
const MAX_SAMPLES: usize = 48;

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

/// What a character looks like at one place.
#[derive(Debug, Clone)]
struct Sample {
    character: char,
    row: usize,
    column: Column,
    ink: Vec<u8>,
}

/// The characters of a picture.
#[derive(Debug, Clone)]
pub struct Glyphs {
    strips: Vec<Strip>,
    places: Vec<ColumnPlace>,
    advance: f32,
    origins: Vec<(Column, f32)>,
    samples: Vec<Sample>,
    usual: f32,
}

/// How far a place is from the samples of a character: 0 is the same, 255 the opposite.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Distance {
    /// The character.
    pub character: char,
    /// The distance.
    pub away: f32,
}

impl Glyphs {
    /// Learns from settled texts; none when there are too few, or when the characters are not
    /// equally wide.
    #[must_use]
    pub fn learn(shot: &Screenshot, settled: &[Settled]) -> Option<Self> {
        let right = shot.layout.columns.last()?.right;
        let rows = &shot.layout.rows;
        let strips = rows.iter().map(|row| layout::strip(&shot.picture, row, right)).collect();
        let places = shot.layout.columns.clone();
        let mut glyphs = Self {
            strips,
            places,
            advance: 0.0,
            origins: Vec::new(),
            samples: Vec::new(),
            usual: 0.0,
        };
        glyphs.advance = glyphs.rough_advance(settled)?;
        glyphs.find_origins(settled);
        glyphs.refine(settled);
        glyphs.find_origins(settled);
        let mut counts = HashMap::new();
        for text in settled {
            for (index, character) in text.text.chars().enumerate() {
                let count = text.text.chars().count();
                let times = counts.entry(character).or_insert(0_usize);
                if character == ' ' || *times >= MAX_SAMPLES {
                    continue;
                }
                *times += 1;
                if let Some(ink) = glyphs.patch(text.row, text.column, count, index, 0) {
                    let (row, column) = (text.row, text.column);
                    glyphs.samples.push(Sample { character, row, column, ink });
                }
            }
        }
        glyphs.usual = glyphs.usual_distance();
        (glyphs.samples.len() >= LEAST_SAMPLES).then_some(glyphs)
    }

    /// The distance from others of its kind that nine of ten samples do not exceed.
    fn usual_distance(&self) -> f32 {
        let step = (self.samples.len() / 150).max(1);
        let of_kind = |one: &Sample| {
            let others = self.samples.iter().filter(|other| {
                other.character == one.character
                    && (other.row, other.column) != (one.row, one.column)
            });
            nearest(others.map(|other| away(&one.ink, &other.ink)).collect())
        };
        let mut all: Vec<f32> = self.samples.iter().step_by(step).filter_map(of_kind).collect();
        all.sort_unstable_by(f32::total_cmp);
        all.get(all.len() * 9 / 10).copied().unwrap_or(f32::MAX)
    }

    /// The distance from its own kind that hardly any character of this picture exceeds.
    #[must_use]
    pub const fn usual(&self) -> f32 {
        self.usual
    }

    /// Whether a cell's place for a character is free of ink.
    #[must_use]
    pub fn is_paper(&self, row: usize, column: Column, count: usize, index: usize) -> bool {
        let width = self.advance.round() as usize;
        self.patch(row, column, count, index, 0).is_some_and(|ink| {
            let inner = ink.iter().enumerate().filter(|(at, _)| {
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

    /// Characters that would fill what is written in a cell.
    #[must_use]
    pub fn characters(&self, row: usize, column: Column) -> Option<f32> {
        let (left, right) = self.extent(row, column)?;
        Some((right - left) / self.advance + 2.0 * BEARING)
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
        let is_near = edge as usize + strip.height / 3 >= place.right;
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

    fn rough_advance(&self, settled: &[Settled]) -> Option<f32> {
        let of = |least: usize, all: bool| -> Vec<f32> {
            let long = settled.iter().filter(|text| all || text.column == Column::Info);
            let long = long.filter(|text| text.is_all);
            long.filter_map(|text| {
                let count = text.text.chars().count();
                let (left, right) = self.extent(text.row, text.column)?;
                (count >= least).then(|| (right - left) / (count as f32 - 2.0 * BEARING))
            })
            .collect()
        };
        let mut found = of(25, false);
        if found.len() < 2 {
            found = of(20, true);
        }
        if found.len() < 2 {
            found = of(8, true);
        }
        median(&mut found).filter(|advance| (3.0..60.0).contains(advance))
    }

    /// Where the texts of each column begin, or end where they stand at the right.
    fn find_origins(&mut self, settled: &[Settled]) {
        self.origins.clear();
        for column in Column::ALL {
            let texts = settled.iter().filter(|text| text.column == column);
            let mut found: Vec<f32> = texts
                .filter_map(|text| {
                    let (left, right) = self.extent(text.row, column)?;
                    Some(if stands_right(column) {
                        right + BEARING * self.advance
                    } else {
                        left - bearing(text.text.chars().next()) * self.advance
                    })
                })
                .collect();
            if let Some(origin) = median(&mut found) {
                self.origins.push((column, origin));
            }
        }
    }

    /// The advance at which least ink stands between characters.
    fn refine(&mut self, settled: &[Settled]) {
        let rough = self.advance;
        let whole = rough.round();
        let mut steps: Vec<f32> =
            (-10_i16..=10).map(|step| rough + f32::from(step) * 0.01).collect();
        if (whole - rough).abs() < 0.1 {
            steps.push(whole);
        }
        let mut best = (f32::MAX, rough);
        for advance in steps {
            self.advance = advance;
            let ink = self.ink_between(settled);
            if ink < best.0 || (ink <= best.0 * 1.02 && advance == whole) {
                best = (ink, advance);
            }
        }
        self.advance = best.1;
    }

    fn ink_between(&self, settled: &[Settled]) -> f32 {
        let (mut sum, mut count) = (0.0, 0.0);
        for text in settled.iter().filter(|text| text.column == Column::Info) {
            let Some(strip) = self.strips.get(text.row) else { continue };
            let length = text.text.chars().count();
            for index in (1..length).rev().take(40) {
                let Some(x) = self.x_of(text.column, length, index) else { continue };
                let x = x.round().max(0.0) as usize;
                sum += (0..strip.height).map(|y| f32::from(strip.at(x, y))).sum::<f32>();
                count += 1.0;
            }
        }
        sum / f32::max(count, 1.0)
    }

    /// Where a character begins, in the picture.
    fn x_of(&self, column: Column, count: usize, index: usize) -> Option<f32> {
        let (_, origin) = self.origins.iter().find(|(known, _)| *known == column)?;
        Some(if stands_right(column) {
            origin - count.checked_sub(index)? as f32 * self.advance
        } else {
            origin + index as f32 * self.advance
        })
    }

    /// The part of a cell in which some characters of a text stand.
    #[must_use]
    pub fn part(
        &self,
        row: usize,
        column: Column,
        count: usize,
        places: &Range<usize>,
    ) -> Option<Strip> {
        let place = self.place(column)?;
        let strip = cell_strip(self.strips.get(row)?, place);
        let inside = |x: f32| (x.round().max(0.0) as usize).saturating_sub(place.left);
        let left = inside(self.x_of(column, count, places.start)?);
        let right =
            inside(self.x_of(column, count, places.start)? + places.len() as f32 * self.advance);
        Some(strip.columns(left, right))
    }

    /// The pixels of a character, one column moved by `shift`.
    fn patch(
        &self,
        row: usize,
        column: Column,
        count: usize,
        index: usize,
        shift: i8,
    ) -> Option<Vec<u8>> {
        let strip = self.strips.get(row)?;
        let x = self.x_of(column, count, index)?.round() + f32::from(shift);
        if x < 0.0 {
            return None;
        }
        let (x, width) = (x as usize, self.advance.round() as usize);
        let place = self.place(column)?;
        if x + width > place.right + 2 {
            return None;
        }
        let height = self.strips.iter().map(|strip| strip.height).max()?;
        let mut ink = Vec::with_capacity(width * height);
        for y in 0..height {
            ink.extend((x..x + width).map(|x| strip.at(x, y)));
        }
        Some(ink)
    }

    /// How far the character at `index` of a text of `count` characters is from the samples of
    /// each character, the nearest first. Samples of the same cell do not count.
    #[must_use]
    pub fn compare(&self, row: usize, column: Column, count: usize, index: usize) -> Vec<Distance> {
        let patches: Vec<Vec<u8>> = (-1..=1)
            .filter_map(|shift| self.patch(row, column, count, index, shift))
            .filter(|patch| patch.iter().any(|ink| *ink >= WRITTEN))
            .collect();
        self.distances(&patches, |sample| sample.row != row || sample.column != column)
    }

    /// How far some patches, one place a little moved, are from the samples of each character,
    /// the nearest first.
    fn distances(&self, patches: &[Vec<u8>], counts: impl Fn(&Sample) -> bool) -> Vec<Distance> {
        let mut by_character: Vec<(char, Vec<f32>)> = Vec::new();
        for sample in self.samples.iter().filter(|sample| counts(sample)) {
            let nearest = patches.iter().map(|patch| away(patch, &sample.ink));
            let Some(nearest) = nearest.min_by(f32::total_cmp) else { continue };
            match by_character.iter_mut().find(|(known, _)| *known == sample.character) {
                Some((_, all)) => all.push(nearest),
                None => by_character.push((sample.character, vec![nearest])),
            }
        }
        let mut found: Vec<Distance> = by_character
            .into_iter()
            .map(|(character, all)| Distance { character, away: nearest(all).unwrap_or(f32::MAX) })
            .collect();
        found.sort_by(|a, b| a.away.total_cmp(&b.away));
        found
    }
}

/// The mean of the nearest distances; none of none.
fn nearest(mut all: Vec<f32>) -> Option<f32> {
    all.sort_unstable_by(f32::total_cmp);
    all.truncate(NEAREST);
    (!all.is_empty()).then(|| all.iter().sum::<f32>() / all.len() as f32)
}

fn stands_right(column: Column) -> bool {
    matches!(column, Column::No | Column::Length)
}

/// The mean difference of two patches.
fn away(one: &[u8], other: &[u8]) -> f32 {
    let sum: u32 = one.iter().zip(other).map(|(a, b)| u32::from(a.abs_diff(*b))).sum();
    sum as f32 / one.len().max(1) as f32
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
