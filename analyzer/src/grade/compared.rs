//! Cells of a picture that are compared with what the capture has, instead of being read.
//!
//! Reading is slow. Once a few rows were read and agree with their frames, they show what each
//! character looks like in this picture; a cell whose every character looks like the capture's
//! says what the capture says. Only where one does not is the cell read, and then judged by both
//! witnesses.

use super::align;
use super::cell::Look;
use super::expected::ExpectedList;
use super::format_vote;
use super::picture::{expected_text, is_strange, one, settled};
use super::wording::Version;
use crate::evidence::screenshot::glyphs::Glyphs;
use crate::evidence::screenshot::{self, Error, Screenshot, Unread};
use crate::evidence::{Column, Cut};

/// Cells that are read before the others are compared once more, at first.
const FIRST_READ: usize = 4;
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
///
/// # Errors
/// When the recogniser fails.
pub fn against(
    shot: &Screenshot,
    expected: &ExpectedList,
    version: Version,
) -> Result<Screenshot, Error> {
    let mut shot = shot.clone();
    let mut count = FIRST_READ;
    while !shot.unread().is_empty() {
        let open = compare(&mut shot, expected, version);
        let Some(next) = open.get(..count.min(open.len())).filter(|next| !next.is_empty()) else {
            break;
        };
        shot.read_cells(next, screenshot::shared_recogniser()?)?;
        count *= 2;
    }
    Ok(shot)
}

/// Settles what looks like the capture; the cells that are left.
fn compare(shot: &mut Screenshot, expected: &ExpectedList, version: Version) -> Vec<Unread> {
    let ties = align::tie(&shot.list, expected, version);
    let unread = shot.unread().to_vec();
    let settled = settled(shot, expected, &ties);
    let vote = format_vote::vote(&shot.list, &ties.frames, expected).filter(|vote| vote.is_clear());
    let glyphs = Glyphs::learn(shot, &settled).filter(|_| ties.by_number);
    let Some(glyphs) = glyphs else { return unread };
    let mut left = Vec::new();
    for at in unread {
        let frame = ties.frames.get(at.row).copied().flatten();
        let text = frame
            .and_then(|frame| expected.frame(frame))
            .and_then(|frame| expected_text(at.column, frame, vote));
        match text.and_then(|text| shown(&glyphs, shot, at, &text)) {
            Some((text, cut)) => shot.settle(at, text, cut),
            None => left.push(at),
        }
    }
    left
}

/// The text, as far as the cell shows it, if every character looks like it.
fn shown(glyphs: &Glyphs, shot: &Screenshot, at: Unread, text: &str) -> Option<(String, Cut)> {
    let characters: Vec<char> = text.chars().collect();
    let count = characters.len();
    let width = glyphs.characters(at.row, at.column)?;
    let (end, cut) = if (width - count as f32).abs() <= 0.6 {
        (count, Cut::No)
    } else if width < count as f32 && glyphs.reaches_edge(at.row, at.column) {
        ((width.round() as usize).checked_sub(AT_EDGE).filter(|end| *end > 0)?, Cut::Yes)
    } else {
        return None;
    };
    let looks = |(index, wanted): (usize, &char)| match wanted {
        ' ' => glyphs.is_paper(at.row, at.column, count, index),
        wanted => {
            let found = glyphs.compare(at.row, at.column, count, index);
            // A digit can be told only where all others are known.
            let digits = found.iter().filter(|d| d.character.is_ascii_digit()).count();
            (digits == 10 || !wanted.is_ascii_digit())
                && one(&found, *wanted, None) == Look::Expected
                && !is_strange(glyphs, &found, *wanted)
        }
    };
    let shown = characters.get(..end)?;
    let is_whole = shot.list.rows.get(at.row).is_some_and(|row| row.is_whole);
    let all = is_whole && at.column != Column::No && shown.iter().enumerate().all(looks);
    all.then(|| (shown.iter().collect(), cut))
}
