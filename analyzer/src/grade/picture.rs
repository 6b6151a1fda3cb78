//! Pictures as evidence: the second witness, who compares characters of the picture with each
//! other instead of reading them.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::align::{self, Ties};
use super::cell::{Look, Witness};
use super::expected::{ExpectedList, ExpectedRow};
use super::format_vote::{self, Vote};
use super::habits::Habits;
use super::wording::{self, Version};
use crate::evidence::screenshot::glyphs::{Distance, Glyphs, Settled};
use crate::evidence::screenshot::{self, Screenshot};
use crate::evidence::{Cell, Column, Content, Cut, Evidence, Kind, PacketRow};

/// A character is clearly another when its samples are nearer by this factor.
const CLEARLY: f32 = 0.8;
/// It leans to another when they are nearer by this factor.
const LEANS: f32 = 0.95;
/// It is what was expected when nothing else is nearer by this factor.
const AS_GOOD: f32 = 1.12;
/// A distance that two samples of the same character do not exceed.
const SAME: f32 = 14.0;

/// Times the usual distance of its kind from which a character is strange to its picture.
const STRANGE: f32 = 1.8;
/// Times the usual distance up to which a character says nothing against what was expected.
const USUAL: f32 = 1.3;
/// The usual distance of a picture without any damage is taken to be this.
const LEAST_USUAL: f32 = 4.0;
/// How sure the recogniser is of a text that it reads without any doubt.
const CLEAR: f32 = 0.4;

/// Largest picture that is read, in bytes.
const MAX_FILE: u64 = 64 << 20;

/// Reads a file that is a picture; none when it is none.
#[must_use]
pub fn read(path: &Path) -> Option<Result<Evidence, String>> {
    let mut file = File::open(path).ok()?;
    let mut bytes = vec![0; 16];
    let begun = file.read(&mut bytes).ok()?;
    bytes.truncate(begun);
    if !screenshot::is_picture(&bytes) {
        return None;
    }
    if let Err(cause) = file.take(MAX_FILE + 1).read_to_end(&mut bytes) {
        return Some(Err(cause.to_string()));
    }
    if bytes.len() as u64 > MAX_FILE {
        return Some(Err(format!("more than {} MiB of picture", MAX_FILE >> 20)));
    }
    let shot = screenshot::shared_recogniser()
        .and_then(|recogniser| screenshot::begin(&bytes, recogniser))
        .map_err(|error| error.to_string());
    Some(shot.map(|shot| Evidence {
        file: path.display().to_string(),
        kind: Kind::Screenshot,
        line: 1,
        content: Content::Screenshot(Box::new(shot)),
    }))
}

/// The witness for one picture and one capture.
pub struct PictureWitness<'s> {
    shot: &'s Screenshot,
    glyphs: Option<Glyphs>,
    habits: Habits,
    shows_hidden: bool,
}

impl<'s> PictureWitness<'s> {
    /// Learns the picture's characters from the cells that agree with the capture.
    #[must_use]
    pub fn new(shot: &'s Screenshot, expected: &ExpectedList, version: Version) -> Self {
        let ties = align::tie(&shot.list, expected, version);
        let settled = settled(shot, expected, &ties);
        let hidden = |frame: &u64| expected.frame(*frame).is_some_and(|row| !row.is_displayed);
        let shows_hidden = ties.frames.iter().flatten().any(hidden);
        let habits = Habits::of(shot, expected, &ties);
        Self { shot, glyphs: Glyphs::learn(shot, &settled), habits, shows_hidden }
    }

    /// True when a row shows a frame that the display filter, as it was read, would hide.
    #[must_use]
    pub const fn shows_hidden(&self) -> bool {
        self.shows_hidden
    }

    /// The picture's characters; none when too few are known.
    pub(super) const fn glyphs(&self) -> Option<&Glyphs> {
        self.glyphs.as_ref()
    }

    fn cell(&self, row: usize, column: Column) -> Option<&Cell> {
        self.shot.list.rows.get(row)?.cell(column)
    }
}

/// The cells whose reading agrees with the capture, with the capture's text.
pub(super) fn settled(shot: &Screenshot, expected: &ExpectedList, ties: &Ties) -> Vec<Settled> {
    let frames = &ties.frames;
    let vote = format_vote::vote(&shot.list, frames, expected);
    let habits = Habits::of(shot, expected, ties);
    let mut settled = Vec::new();
    for (index, (row, frame)) in shot.list.rows.iter().zip(frames).enumerate() {
        let Some(frame) = frame.and_then(|frame| expected.frame(frame)) else { continue };
        for cell in row.cells.iter().filter(|_| row.is_whole) {
            let Some(want) = expected_text(cell.column, frame, vote) else { continue };
            let habit = || habits.explain(cell, &want).map(|shown| beginning(&want, shown));
            if let Some(text) = agreed(cell, &want).or_else(habit) {
                let is_all = cell.cut != Cut::Yes && text == want;
                settled.push(Settled { row: index, column: cell.column, text, is_all });
            }
        }
    }
    settled
}

/// The capture's text as far as the cell shows it, when the reading agrees with it.
fn agreed(cell: &Cell, expected: &str) -> Option<String> {
    let seen = wording::folded(&cell.text);
    let letters = seen.chars().count();
    if letters == 0 {
        return None;
    }
    if seen == wording::folded(expected) {
        return Some(expected.to_owned());
    }
    if letters < 12 || cell.cut == Cut::No || !wording::folded(expected).starts_with(&seen) {
        return None;
    }
    // A cut cell: the text up to the last characters, which the edge may have damaged.
    Some(beginning(expected, letters - 2))
}

/// A text up to so many characters, spaces not counted.
fn beginning(text: &str, mut letters: usize) -> String {
    let take = text.chars().take_while(|character| {
        let counts = wording::fold(*character).is_some();
        let go = letters > 0;
        letters = letters.saturating_sub(usize::from(counts));
        go
    });
    take.collect()
}

/// Whether more of a row's cells were read without being sure of them than otherwise.
pub(super) fn is_unclear(row: &PacketRow) -> bool {
    let written = row.cells.iter().filter(|cell| !cell.text.is_empty());
    let (clear, unclear): (Vec<&Cell>, Vec<&Cell>) =
        written.partition(|cell| cell.confidence >= CLEAR);
    unclear.len() > clear.len()
}

pub(super) fn expected_text(
    column: Column,
    frame: &ExpectedRow,
    vote: Option<Vote>,
) -> Option<String> {
    Some(match column {
        Column::No => frame.number.to_string(),
        Column::Time => vote?.format.text(&frame.times, frame.digits),
        Column::Source => frame.source.clone(),
        Column::Destination => frame.destination.clone(),
        Column::Protocol => frame.protocol.to_owned(),
        Column::Length => frame.length.to_string(),
        Column::Info => frame.info.clone(),
    })
}

impl Witness for PictureWitness<'_> {
    fn look(&self, row: u32, column: Column, expected: &str, seen: &str) -> Look {
        let index = usize::try_from(row).unwrap_or(usize::MAX).saturating_sub(1);
        let is_whole = self.shot.list.rows.get(index).is_some_and(|row| row.is_whole);
        match (&self.glyphs, self.cell(index, column)) {
            (Some(glyphs), Some(cell)) if is_whole => {
                match look((glyphs, &self.habits), index, cell, expected, seen) {
                    Look::Expected => Look::Expected,
                    other if self.shot.is_trusted => other,
                    _ => Look::Undecided,
                }
            }
            _ => Look::Undecided,
        }
    }
}

/// What the characters say of a cell whose reading differs.
fn look(
    (glyphs, habits): (&Glyphs, &Habits),
    row: usize,
    cell: &Cell,
    expected: &str,
    seen: &str,
) -> Look {
    let characters: Vec<char> = expected.chars().collect();
    let places: Vec<usize> = (0..characters.len())
        .filter(|at| characters.get(*at).is_some_and(|c| wording::fold(*c).is_some()))
        .collect();
    let want: Vec<char> = wording::folded(expected).chars().collect();
    let read: Vec<char> = wording::folded(seen).chars().collect();
    let width = glyphs.characters(row, cell.column, &characters).unwrap_or(0.0);
    // A text that is wider than its column is cut, whether or not its ellipsis was read.
    let is_cut = (cell.column == Column::Info
        || cell.cut != Cut::No
        || !glyphs.fits(cell.column, characters.len())
        || glyphs.reaches_edge(row, cell.column))
        && read.len() < want.len() + 2
        && width < characters.len() as f32 - 0.5;
    let pairs = aligned(&read, &want, is_cut);
    let last = pairs.iter().filter_map(|pair| pair.1).max().unwrap_or(0);
    // What stands at a cut edge may be half a character, or an ellipsis.
    let edge = match (is_cut, cell.cut) {
        (false, _) => 0,
        // Its ellipsis was read: what stands before is whole.
        (true, Cut::Yes) => 1,
        (true, _) => 3,
    };
    let end = last.saturating_sub(edge);
    let differing = pairs.iter().filter_map(|&(i, j)| {
        let j = j?;
        let got = i.and_then(|i| read.get(i)).copied();
        (got != want.get(j).copied() && (j <= end)).then_some((j, got))
    });
    let is_clear = cell.confidence >= CLEAR;
    let (mut asked, mut bad, mut good, mut leaning, mut marks) = (0, 0, 0, 0, 0);
    for (at, got) in differing {
        let Some(place) = places.get(at).copied() else { continue };
        let Some(wanted) = characters.get(place).copied() else { continue };
        // `[SYN7` is nothing that Wireshark writes: a mark is misread, not edited. Nor is what is
        // misread again and again.
        if !wanted.is_alphanumeric() || habits.are_known_for(wanted, got) {
            marks += 1;
            continue;
        }
        asked += 1;
        let found = glyphs.compare(row, cell.column, &characters, place);
        let is_odd = is_strange(glyphs, &found, wanted);
        match one(&found, wanted, got) {
            Look::Expected if !is_odd => good += 1,
            // No further from what was expected than its own kind is in this picture: both may be
            // wrong that say otherwise.
            said if is_usual(glyphs, &found, wanted) => {
                leaning += usize::from(said == Look::Seen && is_clear);
            }
            Look::Seen => bad += 1,
            Look::LeansToSeen => leaning += 1,
            // Drawn by another hand: nothing that this picture draws, and clearly read.
            Look::Expected | Look::Undecided if is_clear && is_odd => leaning += 1,
            Look::Expected | Look::Undecided => {}
        }
    }
    let is_other_length = !is_cut && (width - characters.len() as f32).abs() > 0.7;
    if bad > 0 {
        return Look::Seen;
    }
    if is_other_length {
        // The text is longer or shorter than the capture's by what is written, and by what was read.
        let by_text = read.len() as f32 - want.len() as f32;
        let by_ink = width - characters.len() as f32;
        return if by_text * by_ink > 0.0 && (by_text - by_ink).abs() < 1.2 {
            Look::Seen
        } else {
            Look::Undecided
        };
    }
    match (asked, good, leaning) {
        (0, ..) if marks > 0 => Look::Undecided,
        // What differs stands at the edge alone: the cell says neither.
        (0, ..)
            if is_cut
                && !want.starts_with(read.get(..read.len().saturating_sub(1)).unwrap_or(&[])) =>
        {
            Look::Undecided
        }
        (0, ..) => Look::Expected,
        (asked, good, _) if good == asked => Look::Expected,
        // A reading that erred elsewhere in the cell is no witness for this place.
        (asked, _, leaning) if leaning == asked => Look::LeansToSeen,
        _ => Look::Undecided,
    }
}

/// True when a place is no further from what was expected than this picture's damage explains.
fn is_usual(glyphs: &Glyphs, found: &[Distance], wanted: char) -> bool {
    let expected = found.iter().find(|d| wording::fold(d.character) == wording::fold(wanted));
    expected.is_some_and(|d| d.away <= USUAL * glyphs.usual())
}

/// True when a place is further from what was expected than this picture's damage explains.
pub(super) fn is_strange(glyphs: &Glyphs, found: &[Distance], wanted: char) -> bool {
    let expected = found.iter().find(|d| wording::fold(d.character) == wording::fold(wanted));
    expected.is_some_and(|d| d.away > STRANGE * glyphs.usual().max(LEAST_USUAL))
}

/// What one place says, for the character that the capture has and the one that was read (folded).
pub(super) fn one(found: &[Distance], wanted: char, got: Option<char>) -> Look {
    let is = |distance: &&Distance, folded: Option<char>| {
        folded.is_some() && wording::fold(distance.character) == folded
    };
    let folded = wording::fold(wanted);
    let Some(nearest) = found.first() else { return Look::Undecided };
    let expected = found.iter().find(|d| is(d, folded)).map(|d| d.away);
    let seen = found.iter().find(|d| is(d, got)).map(|d| d.away);
    let seen_is_nearest = is(&nearest, got);
    match (expected, seen) {
        (Some(expected), Some(seen)) if seen_is_nearest && seen < CLEARLY * expected => Look::Seen,
        (Some(expected), Some(seen)) if seen < LEANS * expected => Look::LeansToSeen,
        (Some(expected), _) if is(&nearest, folded) || expected < AS_GOOD * nearest.away => {
            Look::Expected
        }
        (None, Some(seen)) if seen_is_nearest && seen < SAME => Look::Seen,
        (None, Some(_)) if seen_is_nearest => Look::LeansToSeen,
        _ => Look::Undecided,
    }
}

/// Pairs of places of two texts that belong together by the least number of changes; with
/// `is_open`, what follows in `want` is left out.
pub(super) fn aligned(
    read: &[char],
    want: &[char],
    is_open: bool,
) -> Vec<(Option<usize>, Option<usize>)> {
    let (read, want) = (read.get(..400).unwrap_or(read), want.get(..400).unwrap_or(want));
    let width = want.len() + 1;
    let mut costs = vec![0_usize; (read.len() + 1) * width];
    let at = |costs: &[usize], i: usize, j: usize| {
        costs.get(i * width + j).copied().unwrap_or(usize::MAX / 2)
    };
    let change = |i: usize, j: usize| usize::from(read.get(i) != want.get(j));
    for i in 0..=read.len() {
        for j in 0..=want.len() {
            let cost = match (i, j) {
                (0, j) => j,
                (i, 0) => i,
                (i, j) => (at(&costs, i - 1, j - 1) + change(i - 1, j - 1))
                    .min(at(&costs, i - 1, j) + 1)
                    .min(at(&costs, i, j - 1) + 1),
            };
            if let Some(place) = costs.get_mut(i * width + j) {
                *place = cost;
            }
        }
    }
    let (mut i, mut j) = (read.len(), want.len());
    if is_open {
        let ends = (0..=want.len()).rev();
        j = ends.min_by_key(|j| at(&costs, read.len(), *j)).unwrap_or(j);
    }
    let mut pairs = Vec::new();
    while i > 0 || j > 0 {
        if i > 0 && j > 0 && at(&costs, i, j) == at(&costs, i - 1, j - 1) + change(i - 1, j - 1) {
            (i, j) = (i - 1, j - 1);
            pairs.push((Some(i), Some(j)));
        } else if j > 0 && at(&costs, i, j) == at(&costs, i, j - 1) + 1 {
            j -= 1;
            pairs.push((None, Some(j)));
        } else {
            i = i.saturating_sub(1);
            pairs.push((Some(i), None));
        }
    }
    pairs.reverse();
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_aligned_with_the_least_changes() {
        let chars = |text: &str| text.chars().collect::<Vec<_>>();
        let pairs = aligned(&chars("acd"), &chars("abcdxyz"), true);
        assert_eq!(
            pairs,
            [(Some(0), Some(0)), (None, Some(1)), (Some(1), Some(2)), (Some(2), Some(3))]
        );
    }

    #[test]
    fn a_row_is_unclear_when_most_of_what_is_written_there_is() {
        let cell = |text: &str, confidence| Cell {
            column: Column::Info,
            text: text.to_owned(),
            cut: Cut::No,
            confidence,
            region: None,
        };
        let row = |cells| PacketRow { cells, ..PacketRow::default() };
        assert!(is_unclear(&row(vec![cell("268", 0.2), cell("S26", 0.3), cell("TCP", 0.9)])));
        assert!(!is_unclear(&row(vec![cell("268", 0.2), cell("TCP", 0.9), cell("", 0.0)])));
    }

    #[test]
    fn a_place_sides_with_the_nearest_samples() {
        let d = |character, away| Distance { character, away };
        let both = [d('8', 5.0), d('3', 20.0)];
        assert_eq!(one(&both, '3', Some('8')), Look::Seen);
        assert_eq!(one(&both, '8', Some('3')), Look::Expected);
        assert_eq!(one(&[d('8', 19.0), d('3', 20.5)], '3', Some('8')), Look::LeansToSeen);
        assert_eq!(one(&[d('8', 60.0)], '3', Some('8')), Look::LeansToSeen);
        assert_eq!(one(&[], '3', Some('8')), Look::Undecided);
    }
}
