//! Cells of a picture that are compared with what the capture has, instead of being read.
//!
//! Reading is slow. Once a few rows were read and agree with their frames, they show what each
//! character looks like in this picture; a cell whose every character looks like the capture's
//! says what the capture says. Where some do not, that part of the cell is read; and where that
//! does not say what the capture says, the whole cell is read, and then judged by both witnesses.

use std::cmp::Reverse;
use std::ops::Range;

use super::align;
use super::cell::Look;
use super::expected::ExpectedList;
use super::format_vote;
use super::list;
use super::model::Origin;
use super::order::FilterKnowledge;
use super::picture::{expected_text, is_strange, one, settled};
use super::wording::{self, Version};
use crate::evidence::screenshot::glyphs::Glyphs;
use crate::evidence::screenshot::raster::Strip;
use crate::evidence::screenshot::{self, Error, Screenshot, Unread};
use crate::evidence::{Column, Cut};

/// Cells that are read before the others are compared once more.
const AT_ONCE: usize = 4;
/// Times that the others are compared; then all that are left are read.
const ROUNDS: usize = 16;
/// Characters on each side of a doubtful one that are read with it.
const AROUND: usize = 2;
/// The same where these did not help.
const MORE_AROUND: usize = 8;
/// A text of which more than one in so many characters are doubtful is read as a whole.
const MOST_DOUBTFUL: usize = 2;
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
        let parts = doubtful.unwrap_or_default().iter().filter_map(|doubt| doubt.parts.first());
        parts.map(|part| part.wanted.chars().count()).sum()
    }
}

/// What a cell shows, but for some places that could not be told.
struct Guess {
    text: String,
    cut: Cut,
    doubtful: Vec<Doubt>,
}

/// Characters of a text that could not be told by what they look like, with a few around them,
/// and with more.
struct Doubt {
    parts: [Part; 2],
}

/// A part of a cell, and what must be read there.
struct Part {
    wanted: String,
    strip: Strip,
}

/// Reads what is doubtful in a cell; all of it, where that is much, or is not what the capture has.
fn read(shot: &mut Screenshot, open: Open) -> Result<(), Error> {
    let recogniser = screenshot::shared_recogniser()?;
    if let Some(guess) = open.guess {
        let mut is_seen = true;
        for doubt in &guess.doubtful {
            is_seen = is_seen && is_read(shot, doubt)?;
        }
        if is_seen {
            shot.settle(open.at, guess.text, guess.cut);
            return Ok(());
        }
    }
    shot.read_cells(&[open.at], recogniser)
}

/// Whether what is doubtful is read as what the capture has. At the ends of a part a piece of the
/// next character may be seen, or of its own be missing.
fn is_read(shot: &mut Screenshot, doubt: &Doubt) -> Result<bool, Error> {
    let recogniser = screenshot::shared_recogniser()?;
    for part in &doubt.parts {
        let wanted = wording::folded(&part.wanted);
        let seen = wording::folded(&shot.read_part(&part.strip, recogniser)?);
        if !wanted.is_empty() && seen.contains(&wanted) {
            return Ok(true);
        }
    }
    Ok(false)
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
    let spans = spans(unlike, end);
    let doubtful = spans.iter().map(Range::len).sum::<usize>();
    if doubtful * MOST_DOUBTFUL > end {
        return None;
    }
    let part = |places: Range<usize>| {
        let strip = glyphs.part(at.row, at.column, &characters, &places)?;
        // The outermost are there to be cut through.
        let from = places.start + usize::from(places.start > 0);
        let to = places.end - usize::from(places.end < end);
        let wanted = characters.get(from..to)?.iter().collect();
        Some(Part { wanted, strip })
    };
    let doubt = |places: Range<usize>| {
        let more = MORE_AROUND - AROUND;
        let wider = places.start.saturating_sub(more)..(places.end + more).min(end);
        Some(Doubt { parts: [part(places)?, part(wider)?] })
    };
    let doubtful = spans.into_iter().map(doubt).collect::<Option<Vec<Doubt>>>()?;
    Some(Guess { text: shown.iter().collect(), cut, doubtful })
}

/// Places with some others around them, so that a recogniser has a word to read.
fn spans(places: impl Iterator<Item = usize>, end: usize) -> Vec<Range<usize>> {
    let mut spans: Vec<Range<usize>> = Vec::new();
    for place in places {
        let (from, to) = (place.saturating_sub(AROUND), (place + AROUND + 1).min(end));
        match spans.last_mut().filter(|last| from <= last.end + AROUND) {
            Some(last) => last.end = to,
            None => spans.push(from..to),
        }
    }
    spans
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_read_with_their_neighbours() {
        assert_eq!(spans([4, 5, 20].into_iter(), 40), [2..8, 18..23]);
        assert_eq!(spans([0, 7, 39].into_iter(), 40), [0..10, 37..40]);
        assert!(spans(std::iter::empty(), 40).is_empty());
    }
}
