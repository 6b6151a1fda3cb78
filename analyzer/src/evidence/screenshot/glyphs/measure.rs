//! How wide the characters of a picture are, and where the texts of its columns begin.
//!
//! The arrow between two ports comes from another font than the letters around it, and is
//! narrower or wider than they are: what follows it is moved.

use super::{BEARING, Column, Glyphs, Settled, bearing, median, stands_right};

/// The character that is as wide as its own font wants.
const ARROW: char = '→';
/// Columns free of ink, in characters, from which two words are apart.
const APART: f32 = 0.75;
/// Characters that a text must have, from its first to its last word, to be measured.
const LEAST_LONG: usize = 12;
/// Steps by which the advance is refined, and how many on both sides.
const STEP: f32 = 0.005;
const STEPS: i8 = 10;
/// An advance so near to a whole number of pixels is taken to be one.
const NEARLY_WHOLE: f32 = 0.1;

/// A word of a settled text, and where it begins in the picture.
#[derive(Debug, Clone, Copy)]
struct Word {
    index: usize,
    first: char,
    arrows: usize,
    left: f32,
}

impl Glyphs {
    /// Measures the advance, the arrow, and where each column's texts begin; none when they
    /// cannot be measured.
    pub(super) fn measure(&mut self, settled: &[Settled]) -> Option<()> {
        self.advance = self.rough_advance(settled)?;
        self.measure_words(settled);
        self.find_origins(settled);
        self.refine(settled);
        self.find_origins(settled);
        Some(())
    }

    /// The advance of texts by their inked width.
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

    /// The advance by where words begin on one side of an arrow, and the arrow's width by where
    /// they begin on both.
    fn measure_words(&mut self, settled: &[Settled]) {
        let texts = settled.iter().filter(|text| text.column == Column::Info);
        let texts: Vec<Vec<Word>> = texts.filter_map(|text| self.words(text)).collect();
        let place = |word: &Word| word.index as f32 + bearing(Some(word.first));
        let spans: Vec<(&Word, &Word)> = texts
            .iter()
            .filter_map(|words| {
                let last = words.last()?;
                Some((words.iter().find(|word| word.arrows == last.arrows)?, last))
            })
            .collect();
        // The longer, the less it matters that words begin at whole pixels.
        let length = |(first, last): &(&Word, &Word)| last.index - first.index;
        let longest = spans.iter().map(length).max().unwrap_or(0);
        let long = spans.iter().filter(|span| length(span) >= LEAST_LONG.max(longest * 2 / 3));
        let mut advances: Vec<f32> = long
            .map(|(first, last)| (last.left - first.left) / (place(last) - place(first)))
            .collect();
        let Some(advance) = median(&mut advances) else { return };
        let mut arrows: Vec<f32> = texts
            .iter()
            .filter_map(|words| {
                let before = words.iter().find(|word| word.arrows == 0)?;
                let after = words.iter().find(|word| word.arrows == 1)?;
                Some(after.left - before.left - (place(after) - place(before)) * advance)
            })
            .collect();
        self.advance = advance;
        let arrow = median(&mut arrows).unwrap_or(0.0);
        self.arrow = if arrow.abs() < advance { arrow } else { 0.0 };
    }

    /// The words of a text; none when what is written has another number of them.
    fn words(&self, text: &Settled) -> Option<Vec<Word>> {
        let place = self.place(text.column)?;
        let strip = super::cell_strip(self.strips.get(text.row)?, place);
        let groups = strip.groups((self.advance * APART) as usize);
        let characters: Vec<char> = text.text.chars().collect();
        let mut words = Vec::new();
        let mut arrows = 0;
        for (index, character) in characters.iter().enumerate() {
            let begins =
                index.checked_sub(1).and_then(|at| characters.get(at)).is_none_or(|c| *c == ' ');
            if *character == ARROW {
                arrows += 1;
            }
            if begins && *character != ' ' {
                let (left, _) = groups.get(words.len())?;
                let left = (place.left + left) as f32;
                words.push(Word { index, first: *character, arrows, left });
            }
        }
        let is_right = if text.is_all { groups.len() == words.len() } else { true };
        words.retain(|word| word.first != ARROW);
        is_right.then_some(words)
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
            (-STEPS..=STEPS).map(|step| rough + f32::from(step) * STEP).collect();
        if (whole - rough).abs() < NEARLY_WHOLE {
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
            let characters: Vec<char> = text.text.chars().collect();
            for index in (1..characters.len()).rev().take(40) {
                let Some(x) = self.x_of(text.column, &characters, index) else { continue };
                // The pixels half of which lie before it, and half behind.
                let x = (x - 0.5).max(0.0);
                let (left, part) = (x as usize, x.fract());
                let ink =
                    |x: usize| (0..strip.height).map(|y| f32::from(strip.at(x, y))).sum::<f32>();
                sum += (1.0 - part) * ink(left) + part * ink(left + 1);
                count += 1.0;
            }
        }
        sum / f32::max(count, 1.0)
    }

    /// Pixels by which the arrows in a text move what follows them.
    pub(super) fn moved(&self, text: &[char]) -> f32 {
        self.arrow * text.iter().filter(|character| **character == ARROW).count() as f32
    }

    /// Where a character of a text begins, in the picture.
    pub(super) fn x_of(&self, column: Column, text: &[char], index: usize) -> Option<f32> {
        let (_, origin) = self.origins.iter().find(|(known, _)| *known == column)?;
        Some(if stands_right(column) {
            origin - text.len().checked_sub(index)? as f32 * self.advance
        } else {
            let before = text.get(..index).unwrap_or(text);
            origin + index as f32 * self.advance + self.moved(before)
        })
    }
}
