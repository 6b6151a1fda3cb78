//! What a recogniser misreads all over a picture.
//!
//! A font whose `q` looks like an `a`, or whose brackets lose their feet, is misread in every
//! row alike. An edit changes one place. So a character that is read as one and the same other
//! mostly where the capture has it is taken for what the capture has, and its looks are learnt; a
//! digit never is, since numbers are what is edited.

use std::collections::HashMap;

use super::align::Ties;
use super::expected::ExpectedList;
use super::picture::{aligned, expected_text};
use super::wording;
use crate::evidence::screenshot::Screenshot;
use crate::evidence::{Cell, Column};

/// Cells that must show a misreading.
const LEAST: usize = 3;

/// A character of the capture, and what stands in the reading for it, folded.
type Slip = (char, Option<char>);

/// The misreadings of a picture.
#[derive(Debug, Default)]
pub(super) struct Habits {
    /// Those that most places of a character show.
    usual: Vec<Slip>,
    /// Those that several cells show.
    frequent: Vec<Slip>,
}

impl Habits {
    /// The habits that the Info cells of tied rows show.
    pub(super) fn of(shot: &Screenshot, expected: &ExpectedList, ties: &Ties) -> Self {
        let mut slips: HashMap<Slip, usize> = HashMap::new();
        let mut all: HashMap<char, usize> = HashMap::new();
        for (row, frame) in shot.list.rows.iter().zip(&ties.frames) {
            let frame = frame.and_then(|frame| expected.frame(frame));
            let info = frame.and_then(|frame| expected_text(Column::Info, frame, None));
            let (Some(info), Some(cell)) = (info, row.cell(Column::Info)) else { continue };
            let Some(pairs) = pairs(cell, &info) else { continue };
            for (want, got) in pairs {
                *all.entry(want).or_default() += 1;
                *slips.entry((want, got)).or_default() += usize::from(got != wording::fold(want));
            }
        }
        let is_habit = |(slip, count): &(Slip, usize)| {
            let times = all.get(&slip.0).copied().unwrap_or(0);
            *count >= LEAST && count * 10 >= times * 6
        };
        let mut frequent: Vec<(Slip, usize)> = slips.into_iter().collect();
        frequent.retain(|(_, count)| *count >= LEAST);
        let usual = frequent.iter().copied().filter(is_habit).map(|(slip, _)| slip).collect();
        Self { usual, frequent: frequent.into_iter().map(|(slip, _)| slip).collect() }
    }

    /// Whether several cells of the picture show a character of the capture, no digit, read as
    /// this one (folded): then its being read so in one of them says nothing.
    pub(super) fn are_known_for(&self, wanted: char, got: Option<char>) -> bool {
        self.frequent.contains(&(wanted, got))
    }

    /// How many folded characters of the expected text a cell shows, when it differs from it by
    /// habits alone.
    pub(super) fn explain(&self, cell: &Cell, expected: &str) -> Option<usize> {
        if self.usual.is_empty() {
            return None;
        }
        let pairs = pairs(cell, expected)?;
        let is_explained =
            |slip: &Slip| slip.1 == wording::fold(slip.0) || self.usual.contains(slip);
        pairs.iter().all(is_explained).then_some(pairs.len())
    }
}

/// The expected text's folded characters with those that were read for them, up to the end of
/// the reading; none when they differ in digits, or in more than a few places.
fn pairs(cell: &Cell, expected: &str) -> Option<Vec<Slip>> {
    // The last characters may be half ones, or an ellipsis.
    let mut read: Vec<char> = wording::folded(&cell.text).chars().collect();
    read.truncate(read.len().saturating_sub(2));
    let want: Vec<(char, char)> =
        expected.chars().filter_map(|c| Some((wording::fold(c)?, c))).collect();
    let folded: Vec<char> = want.iter().map(|(folded, _)| *folded).collect();
    let mut slips = Vec::new();
    let mut differing = 0;
    for (i, j) in aligned(&read, &folded, true) {
        let got = i.and_then(|i| read.get(i)).copied();
        let (wanted, plain) = j.and_then(|j| want.get(j)).copied()?;
        if got != Some(wanted) {
            differing += 1;
            if plain.is_ascii_digit() {
                return None;
            }
        }
        slips.push((plain, got));
    }
    (slips.len() >= 12 && differing * 5 <= slips.len()).then_some(slips)
}
