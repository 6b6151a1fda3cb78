//! What each character of a picture looks like, wherever it is known to stand.

use std::mem;
use std::slice;

use crate::evidence::model::Column;

/// Nearest samples whose mean is the distance.
const NEAREST: usize = 3;
/// Samples of a character that are kept.
const MAX_SAMPLES: usize = 48;
/// Samples by which the samples themselves are judged.
const TRIED: usize = 150;
/// A character is told from another when it is nearer to its kind by this factor.
const CLEARER: f32 = 0.8;

/// How far a place is from the samples of a character: 0 is the same, 255 the opposite.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Distance {
    /// The character.
    pub character: char,
    /// The distance.
    pub away: f32,
}

/// The pixels of one character.
#[derive(Debug, Clone)]
pub(super) struct Patch {
    ink: Vec<u8>,
    mean: f32,
}

impl Patch {
    pub(super) fn new(ink: Vec<u8>) -> Self {
        let sum: u32 = ink.iter().copied().map(u32::from).sum();
        let mean = sum as f32 / ink.len().max(1) as f32;
        Self { ink, mean }
    }

    pub(super) fn ink(&self) -> &[u8] {
        &self.ink
    }

    /// The mean difference of two patches.
    pub(super) fn away(&self, other: &Self) -> f32 {
        let pairs = self.ink.iter().zip(&other.ink);
        let sum: u32 = pairs.map(|(a, b)| u32::from(a.abs_diff(*b))).sum();
        sum as f32 / self.ink.len().max(1) as f32
    }

    /// What that cannot be less than.
    fn least_away(&self, other: &Self) -> f32 {
        (self.mean - other.mean).abs()
    }
}

/// What a character looks like at one place.
#[derive(Debug, Clone)]
pub(super) struct Sample {
    pub(super) row: usize,
    pub(super) column: Column,
    pub(super) patch: Patch,
}

impl Sample {
    fn is_beside(&self, other: &Self) -> bool {
        (self.row, self.column) == (other.row, other.column)
    }
}

/// A character with its samples.
#[derive(Debug, Clone)]
struct Kind {
    character: char,
    samples: Vec<Sample>,
}

impl Kind {
    /// The mean of the least distances of some patches, one place a little moved, from those
    /// samples that count; none when none does.
    fn away(&self, patches: &[Patch], counts: impl Fn(&Sample) -> bool) -> Option<f32> {
        let mut nearest = [f32::MAX; NEAREST];
        let mut count = 0;
        for sample in self.samples.iter().filter(|sample| counts(sample)) {
            let away = patches.iter().map(|patch| patch.away(&sample.patch));
            let mut away = away.min_by(f32::total_cmp)?;
            count += 1;
            for known in &mut nearest {
                if away < *known {
                    mem::swap(known, &mut away);
                }
            }
        }
        let known = nearest.get(..count.min(NEAREST)).filter(|known| !known.is_empty())?;
        Some(known.iter().sum::<f32>() / known.len() as f32)
    }

    fn distance(&self, patches: &[Patch], counts: impl Fn(&Sample) -> bool) -> Option<Distance> {
        let away = self.away(patches, counts)?;
        Some(Distance { character: self.character, away })
    }

    /// Whether any sample may be nearer than a distance.
    fn may_be_nearer(&self, patches: &[Patch], away: f32) -> bool {
        self.samples.iter().any(|sample| {
            let near = |patch: &&Patch| patch.least_away(&sample.patch) < away;
            patches.iter().filter(near).any(|patch| patch.away(&sample.patch) < away)
        })
    }
}

/// The samples of all characters.
#[derive(Debug, Clone, Default)]
pub(super) struct Samples {
    kinds: Vec<Kind>,
}

impl Samples {
    fn kind(&self, character: char) -> Option<&Kind> {
        self.kinds.iter().find(|kind| kind.character == character)
    }

    /// Whether there are enough of a character.
    pub(super) fn is_full(&self, character: char) -> bool {
        self.kind(character).is_some_and(|kind| kind.samples.len() >= MAX_SAMPLES)
    }

    pub(super) fn push(&mut self, character: char, sample: Sample) {
        match self.kinds.iter_mut().find(|kind| kind.character == character) {
            Some(kind) => kind.samples.push(sample),
            None => self.kinds.push(Kind { character, samples: vec![sample] }),
        }
    }

    pub(super) fn count(&self) -> usize {
        self.kinds.iter().map(|kind| kind.samples.len()).sum()
    }

    /// The samples of a character.
    pub(super) fn of(&self, character: char) -> &[Sample] {
        self.kind(character).map_or(&[], |kind| &kind.samples)
    }

    /// How far some patches, one place a little moved, are from the samples of each character,
    /// the nearest first.
    pub(super) fn distances(
        &self,
        patches: &[Patch],
        counts: impl Fn(&Sample) -> bool,
    ) -> Vec<Distance> {
        let of_kind = |kind: &Kind| kind.distance(patches, &counts);
        sorted(self.kinds.iter().filter_map(of_kind).collect())
    }

    /// The same for what is wanted and for what is nearer than that, the others left out.
    pub(super) fn nearer(
        &self,
        patches: &[Patch],
        counts: impl Fn(&Sample) -> bool,
        is_wanted: impl Fn(char) -> bool,
    ) -> Vec<Distance> {
        let of_kind = |kind: &Kind| kind.distance(patches, &counts);
        let wanted = self.kinds.iter().filter(|kind| is_wanted(kind.character));
        let mut found: Vec<Distance> = wanted.filter_map(of_kind).collect();
        let Some(away) = found.iter().map(|found| found.away).min_by(f32::total_cmp) else {
            return found;
        };
        let others = self.kinds.iter().filter(|kind| !is_wanted(kind.character));
        let others = others.filter(|kind| kind.may_be_nearer(patches, away));
        found.extend(others.filter_map(of_kind));
        sorted(found)
    }

    /// Some of the samples held against those of the other cells.
    pub(super) fn tried(&self) -> Tried {
        let step = (self.count() / TRIED).max(1);
        let all = self.kinds.iter();
        let all = all.flat_map(|kind| kind.samples.iter().map(|one| (kind.character, one)));
        let tried = all.step_by(step).map(|(character, one)| {
            (character, self.distances(slice::from_ref(&one.patch), |other| !other.is_beside(one)))
        });
        Tried(tried.collect())
    }
}

fn sorted(mut found: Vec<Distance>) -> Vec<Distance> {
    found.sort_by(|a, b| a.away.total_cmp(&b.away));
    found
}

/// Samples, each with how far it is from those of each character.
pub(super) struct Tried(Vec<(char, Vec<Distance>)>);

impl Tried {
    /// The distance from others of its kind that nine of ten samples do not exceed.
    pub(super) fn usual(&self) -> f32 {
        let own = |(character, found): &(char, Vec<Distance>)| {
            found.iter().find(|distance| distance.character == *character).map(|own| own.away)
        };
        let mut all: Vec<f32> = self.0.iter().filter_map(own).collect();
        all.sort_unstable_by(f32::total_cmp);
        all.get(all.len() * 9 / 10).copied().unwrap_or(f32::MAX)
    }

    /// The share of samples that are clearly nearer to their own kind than to any other.
    pub(super) fn told_apart(&self) -> f32 {
        let (mut told, mut all) = (0.0, 0.0);
        for (character, found) in &self.0 {
            let own = found.iter().find(|distance| distance.character == *character);
            let other = found.iter().find(|distance| distance.character != *character);
            if let (Some(own), Some(other)) = (own, other) {
                all += 1.0;
                told += f32::from(u8::from(own.away < CLEARER * other.away));
            }
        }
        told / f32::max(all, 1.0)
    }
}
