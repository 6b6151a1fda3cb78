//! Cells of a picture that are compared with what the capture has, instead of being read.
//!
//! Reading is slow. Once a few rows were read and agree with their frames, they show what each
//! character looks like in this picture; a cell whose every character looks like the capture's
//! says what the capture says. Where some do not, that part of the cell is read; and where that
//! does not say what the capture says, the whole cell is read, and then judged by both witnesses.

use std::cmp::Reverse;

use super::align;
use super::cell::Look;
use super::doubts::{Doubt, doubts};
use super::expected::ExpectedList;
use super::format_vote;
use super::list;
use super::model::Origin;
use super::order::FilterKnowledge;
use super::picture::{expected_text, is_strange, one, settled};
use super::wording::{self, Version};
use crate::evidence::screenshot::glyphs::Glyphs;
use crate::evidence::screenshot::{self, Error, Screenshot, Unread};
use crate::evidence::{Column, Cut};

/// Cells that are read before the others are compared once more.
const AT_ONCE: usize = 4;
/// Times that the others are compared; then all that are left are read.
const ROUNDS: usize = 16;
/// Characters at a cut edge that are not compared: half a character, or an ellipsis.
const AT_EDGE: usize = 2;

/// Reads all cells of a picture that were not read yet.
///
/// # Errors
/// When the recogniser fails.
pub fn complete(shot: &mut Screenshot) -> Result<(), Error> {
    if shot.unread().is_empty() {
        return Ok(());
    }
    shot.complete(screenshot::shared_recogniser()?)
}

/// The picture with all its cells, those that agree with a capture compared, the others read.
/// Of a picture that shows another recording the texts that take longest stay unread, and are
/// left out: the short ones tell.
///
/// # Errors
/// When the recogniser fails.
pub fn against(
    shot: &Screenshot,
    expected: &ExpectedList,
    version: Version,
) -> Result<Screenshot, Error> {
    let mut shot = shot.clone();
    for round in 0.. {
        if shot.unread().is_empty() {
            break;
        }
        let mut open = compare(&mut shot, expected, version);
        // Those first that show most of what is not known yet; where nothing can be compared, the
        // short ones.
        open.sort_by_key(|open| (Reverse(open.doubts()), open.at.column == Column::Info));
        let is_blind = open.iter().all(|open| open.guess.is_none());
        if is_blind && is_elsewhere(&shot, &open, expected, version) {
            shot.drop_unread();
            break;
        }
        let count = if is_blind || round < ROUNDS { AT_ONCE } else { usize::MAX };
        for next in open.into_iter().take(count) {
            read(&mut shot, next)?;
        }
    }
    Ok(shot)
}

/// Whether all cells but those of Info are read, and they show another recording.
fn is_elsewhere(
    shot: &Screenshot,
    open: &[Open],
    expected: &ExpectedList,
    version: Version,
) -> bool {
    let is_read = open.iter().all(|open| open.at.column == Column::Info);
    is_read && {
        let filter = FilterKnowledge::Unknown;
        let judged = list::judge(&shot.list, expected, filter, version, None);
        matches!(judged.source, Origin::AnotherRun | Origin::AnotherCapture)
    }
}

/// A cell that is neither read nor known to show what the capture has.
struct Open {
    at: Unread,
    guess: Option<Guess>,
}

impl Open {
    /// Characters that must be read, if it is known which.
    fn doubts(&self) -> usize {
        let doubtful = self.guess.as_ref().map(|guess| guess.doubtful.as_slice());
        doubtful.unwrap_or_default().iter().map(Doubt::characters).sum()
    }
}

/// What a cell shows, but for some places that could not be told.
struct Guess {
    text: String,
    cut: Cut,
    doubtful: Vec<Doubt>,
}

/// Reads what is doubtful in a cell; all of it, where that is much, or is not what the capture has.
fn read(shot: &mut Screenshot, open: Open) -> Result<(), Error> {
    let recogniser = screenshot::shared_recogniser()?;
    if let Some(guess) = open.guess {
        let mut is_seen = true;
        for doubt in &guess.doubtful {
            is_seen = is_seen && doubt.is_read(|part| shot.read_part(part, recogniser))?;
        }
        if is_seen {
            shot.settle(open.at, guess.text, guess.cut);
            return Ok(());
        }
    }
    shot.read_cells(&[open.at], recogniser)
}

/// Settles what looks like the capture; the cells that are left.
fn compare(shot: &mut Screenshot, expected: &ExpectedList, version: Version) -> Vec<Open> {
    let ties = align::tie(&shot.list, expected, version);
    let unread = shot.unread().to_vec();
    let settled = settled(shot, expected, &ties);
    let vote = format_vote::vote(&shot.list, &ties.frames, expected).filter(|vote| vote.is_clear());
    let glyphs = Glyphs::learn(shot, &settled).filter(|_| ties.by_number);
    let Some(glyphs) = glyphs else {
        return unread.into_iter().map(|at| Open { at, guess: None }).collect();
    };
    let mut left = Vec::new();
    for at in unread {
        let frame = ties.frames.get(at.row).copied().flatten();
        let text = frame
            .and_then(|frame| expected.frame(frame))
            .and_then(|frame| expected_text(at.column, frame, vote));
        match text.and_then(|text| guess(&glyphs, shot, at, &text)) {
            Some(guess) if guess.doubtful.is_empty() => shot.settle(at, guess.text, guess.cut),
            guess => left.push(Open { at, guess }),
        }
    }
    left
}

/// The text as far as the cell shows it, with the places that do not look like it; none when it
/// has another length, or when most of it does not.
fn guess(glyphs: &Glyphs, shot: &Screenshot, at: Unread, text: &str) -> Option<Guess> {
    let characters: Vec<char> = text.chars().collect();
    let count = characters.len();
    let width = glyphs.characters(at.row, at.column, &characters)?;
    let (end, cut) = if (width - count as f32).abs() <= 0.6 {
        (count, Cut::No)
    } else if width < count as f32 && glyphs.reaches_edge(at.row, at.column) {
        ((width.round() as usize).checked_sub(AT_EDGE).filter(|end| *end > 0)?, Cut::Yes)
    } else {
        return None;
    };
    let is_whole = shot.list.rows.get(at.row).is_some_and(|row| row.is_whole);
    if !is_whole || at.column == Column::No {
        return None;
    }
    let knows_digits = glyphs.knows_digits();
    let looks = |(index, wanted): (usize, &char)| match wanted {
        ' ' => glyphs.is_paper(at.row, at.column, &characters, index),
        wanted => {
            let is_wanted = |known| wording::fold(known) == wording::fold(*wanted);
            let found = glyphs.nearer(at.row, at.column, &characters, index, is_wanted);
            // A digit can be told only where all others are known, and none of them is nearer.
            let is_nearest = || found.first().is_some_and(|first| is_wanted(first.character));
            (!wanted.is_ascii_digit() || knows_digits && is_nearest())
                && one(&found, *wanted, None) == Look::Expected
                && !is_strange(glyphs, &found, *wanted)
        }
    };
    let shown = characters.get(..end)?;
    let unlike = shown.iter().enumerate().filter(|place| !looks(*place)).map(|(index, _)| index);
    let strip = |places: &_| glyphs.part(at.row, at.column, &characters, places);
    let doubtful = doubts(unlike, (&characters, end), strip)?;
    Some(Guess { text: shown.iter().collect(), cut, doubtful })
}
