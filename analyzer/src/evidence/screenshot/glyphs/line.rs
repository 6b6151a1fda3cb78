//! A line outside the packet list whose characters are as those of the list: Wireshark draws its
//! three panes in one font.

use std::ops::Range;

use super::super::raster::{Picture, Strip, WRITTEN};
use super::{Area, Distance, Glyphs, Patch, bearing};

/// Characters by which it is found out where exactly a line stands.
const TO_PLACE: usize = 8;
/// Pixels by which the first character may begin elsewhere.
const SIDEWAYS: i8 = 3;
/// Pixels by which characters may be wider or narrower than in the list, whose arrows are of
/// another width and share in its measure.
const STRETCH: f32 = 0.02;
const STRETCHES: i8 = 8;
/// Characters at the edge of a pane that may be free when it has cut a line.
const EDGE: f32 = 2.5;
/// Samples of a character that are looked at to place it.
const SAMPLES: usize = 6;

/// Where a line stands, to the pixel, when a certain text is written there.
#[derive(Debug, Clone)]
pub struct LineGlyphs<'g> {
    glyphs: &'g Glyphs,
    strip: Strip,
    height: usize,
    origin: f32,
    advance: f32,
    down: usize,
}

impl Glyphs {
    /// The line of an area, placed where what is written looks most like a text, and how far its
    /// characters are from their kind there, on the average; none when too few of them are known,
    /// or nothing is written.
    #[must_use]
    pub fn line(
        &self,
        picture: &Picture,
        area: Area,
        text: &[char],
    ) -> Option<(f32, LineGlyphs<'_>)> {
        let height = self.strips.iter().map(|strip| strip.height).max()?;
        let margin = height.saturating_sub(area.height()).max(2);
        let around = Area {
            top: area.top.saturating_sub(margin),
            bottom: (area.bottom + margin).min(picture.height),
            ..area
        };
        let strip = picture.strip(around);
        let (left, right) = strip.extent()?;
        let begin = left as f32 - bearing(text.first().copied()) * self.advance;
        let advance = self.advance;
        let mut line = LineGlyphs { glyphs: self, strip, height, origin: begin, advance, down: 0 };
        let seen = ((right as f32 - begin) / advance) as usize;
        let shown = text.iter().copied().enumerate().take(seen);
        let known: Vec<(usize, char)> = shown.filter(|(_, c)| self.knows(*c)).collect();
        if known.len() < TO_PLACE {
            return None;
        }
        line.place(begin, known.get(..TO_PLACE).unwrap_or(&known));
        line.stretch(&known);
        line.place(line.origin, &known);
        Some((line.away(&known), line))
    }
}

impl LineGlyphs<'_> {
    /// Moves the line to where some characters look most like their kind.
    fn place(&mut self, begin: f32, known: &[(usize, char)]) {
        let mut best = (f32::MAX, begin, 0);
        for sideways in -SIDEWAYS..=SIDEWAYS {
            for down in 0..=self.strip.height.saturating_sub(self.height) {
                (self.origin, self.down) = (begin + f32::from(sideways), down);
                let away = self.away(known);
                if away < best.0 {
                    best = (away, self.origin, down);
                }
            }
        }
        (self.origin, self.down) = (best.1, best.2);
    }

    /// Takes the width of a character at which they look most like their kind.
    fn stretch(&mut self, known: &[(usize, char)]) {
        let mut best = (f32::MAX, self.advance);
        for step in -STRETCHES..=STRETCHES {
            self.advance = self.glyphs.advance + f32::from(step) * STRETCH;
            let away = self.away(known);
            if away < best.0 {
                best = (away, self.advance);
            }
        }
        self.advance = best.1;
    }

    /// How far some characters are from their kind, on the average.
    fn away(&self, known: &[(usize, char)]) -> f32 {
        let sum: f32 = known.iter().map(|(at, wanted)| self.from(*at, *wanted)).sum();
        sum / known.len().max(1) as f32
    }

    /// Characters that would fill the line from its first to the last that is written, and whether
    /// the last reaches the area's edge.
    #[must_use]
    pub fn characters(&self) -> (f32, bool) {
        let right = self.strip.extent().map_or(0, |(_, right)| right);
        let reaches_edge = right as f32 + EDGE * self.advance >= self.strip.width as f32;
        ((right as f32 - self.origin) / self.advance + super::BEARING, reaches_edge)
    }

    /// Whether nothing is written at a character's place.
    #[must_use]
    pub fn is_paper(&self, index: usize) -> bool {
        let width = self.width();
        let patch = self.patch(index, 0.0);
        let inner = patch.ink().iter().enumerate().filter(|(at, _)| {
            let x = at % width.max(1);
            x > 0 && x + 1 < width
        });
        inner.into_iter().all(|(_, ink)| *ink < WRITTEN)
    }

    /// The part of the line in which some characters stand.
    #[must_use]
    pub fn part(&self, places: &Range<usize>) -> Strip {
        let x =
            |index: usize| (self.origin + index as f32 * self.advance).round().max(0.0) as usize;
        let strip = self.strip.columns(x(places.start), x(places.end));
        strip.rows(self.down, self.down + self.height)
    }

    /// How far the character at a place is from the samples of each character, the nearest first.
    #[must_use]
    pub fn compare(&self, index: usize) -> Vec<Distance> {
        let patches: Vec<Patch> = self.glyphs.shifts().map(|shift| self.patch(index, shift)).into();
        self.glyphs.samples.distances(&patches, |_| true)
    }

    /// How far a place is from the nearest sample of a character.
    fn from(&self, index: usize, wanted: char) -> f32 {
        let patch = self.patch(index, 0.0);
        let samples = self.glyphs.samples.of(wanted).iter().take(SAMPLES);
        samples.map(|sample| patch.away(&sample.patch)).fold(255.0, f32::min)
    }

    fn width(&self) -> usize {
        self.glyphs.advance.round() as usize
    }

    fn patch(&self, index: usize, shift: f32) -> Patch {
        let x = self.origin + index as f32 * self.advance + shift;
        self.glyphs.pixels(&self.strip, x, self.down..self.down + self.height)
    }
}
