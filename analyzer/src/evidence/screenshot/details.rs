//! The details pane: where its lines are.
//!
//! The pane is known by its first line, which begins with `Frame`. The lines of its tree follow
//! each other at one pitch; what stands beside it, the bytes pane, is left out.

use super::error::Error;
use super::layout::Layout;
use super::pane::BytesPane;
use super::raster::{Area, Picture, Strip, distance};
use super::recognise::{Reading, Recogniser};

/// Most lines that are looked at.
const MAX_LINES: usize = 12;
/// Lines below the list of which one must be the first of the pane.
const CANDIDATES: usize = 4;
/// Widest rule at the edge of a pane.
const MAX_RULE: usize = 3;
/// How the first line begins.
const FIRST: &str = "Frame";

/// One line of the details pane.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DetailsLine {
    /// Where it is, from the place where the pane's first line begins to the pane's right edge.
    pub area: Area,
}

/// Finds the details pane; no lines when the picture shows none.
///
/// # Errors
/// When the recogniser fails.
pub fn find(
    picture: &Picture,
    layout: &Layout,
    bytes: Option<&BytesPane>,
    recogniser: &dyn Recogniser,
) -> Result<Vec<DetailsLine>, Error> {
    let Some(below) = layout.rows.last().map(|row| row.bottom) else { return Ok(Vec::new()) };
    let pitch = layout.pitch.max(6);
    let right = right_edge(picture, bytes);
    let places = places(picture, (right, below), pitch);
    let Some((first, left)) = first(picture, &places, (right, pitch), recogniser)? else {
        return Ok(Vec::new());
    };
    let mut lines: Vec<DetailsLine> = Vec::new();
    for (top, bottom) in places.into_iter().skip(first).take(MAX_LINES) {
        if lines.last().is_some_and(|last| bottom > last.area.bottom + pitch * 3 / 2) {
            break;
        }
        let area = Area { left: left.min(right), top, right, bottom };
        lines.push(DetailsLine { area: text_of(picture, area, pitch) });
    }
    Ok(lines)
}

impl DetailsLine {
    /// About how many characters are written there: two are as wide as the line is high.
    #[must_use]
    pub fn characters(self, picture: &Picture) -> usize {
        let width = line(picture, self.area).extent().map_or(0, |(from, to)| to - from);
        width * 2 / self.area.height().max(1)
    }

    /// Its text, without the mark that opens a line of the tree.
    ///
    /// # Errors
    /// When the recogniser fails.
    pub fn read(self, picture: &Picture, recogniser: &dyn Recogniser) -> Result<Reading, Error> {
        let strip = line(picture, self.area);
        let Some((from, to)) = strip.extent() else { return Ok(Reading::default()) };
        let reading = recogniser.recognise(&strip.columns(from.saturating_sub(3), to + 3))?;
        Ok(Reading { text: without_mark(&reading.text).to_owned(), ..reading })
    }
}

/// An area without the frame of a pane or window that stands far right of the text, if it does.
fn text_of(picture: &Picture, area: Area, pitch: usize) -> Area {
    let groups = line(picture, area).groups(pitch);
    let is_rule = |(from, to): &(usize, usize)| to - from <= MAX_RULE;
    let after_text = groups.iter().skip(1).take_while(|group| !is_rule(group)).last();
    let text = after_text.or(groups.first());
    let has_rule = groups.last().zip(text).is_some_and(|(last, text)| last.1 > text.1);
    match text {
        Some((_, end)) if has_rule => {
            Area { right: area.right.min(area.left + end + 3 * pitch), ..area }
        }
        _ => area,
    }
}

/// Where the pane ends at its right: at the bytes pane, when that stands beside it.
fn right_edge(picture: &Picture, bytes: Option<&BytesPane>) -> usize {
    let beside = bytes.map(BytesPane::left_edge).filter(|left| left * 3 > picture.width);
    beside.unwrap_or(picture.width).min(picture.width)
}

/// Runs of pixel rows with ink, those cut into lines that are too high for one: the line that is
/// selected has another paper, and may touch the one above it.
fn places(picture: &Picture, (right, below): (usize, usize), pitch: usize) -> Vec<(usize, usize)> {
    // Frames of panes and windows stand at the edges.
    let (left, right) = (pitch / 2, right.saturating_sub(pitch));
    let has_ink = |y: &usize| {
        let paper = picture.paper(Area { left, top: *y, right, bottom: y + 1 });
        (left..right).filter(|x| distance(picture.at(*x, *y), paper) > 60).count() >= 2
    };
    let mut places = Vec::new();
    let mut y = below;
    while let Some(top) = (y..picture.height).find(has_ink) {
        let bottom = (top..picture.height).find(|y| !has_ink(y)).unwrap_or(picture.height);
        y = bottom;
        let lines = ((bottom - top + pitch / 2) / pitch).max(1);
        let at = |line: usize| top + (bottom - top) * line / lines;
        if bottom - top >= 5 && lines <= MAX_LINES {
            places.extend((0..lines).map(|line| (at(line), at(line + 1))));
        }
    }
    places
}

/// The first line of the pane among the runs of pixel rows, and where its text begins.
fn first(
    picture: &Picture,
    places: &[(usize, usize)],
    (right, pitch): (usize, usize),
    recogniser: &dyn Recogniser,
) -> Result<Option<(usize, usize)>, Error> {
    for (index, (top, bottom)) in places.iter().copied().take(CANDIDATES).enumerate() {
        let strip = line(picture, Area { left: 0, top, right, bottom });
        let groups = strip.groups(pitch * 2 / 5);
        let is_word = |(from, to): &&(usize, usize)| {
            let width = to - from;
            *from < picture.width / 8 && (pitch * 3 / 2..pitch * 5).contains(&width)
        };
        let Some((from, to)) = groups.iter().take(3).find(is_word).copied() else { continue };
        let left = from.saturating_sub(3);
        let read = recogniser.recognise(&strip.columns(left, to + 3))?;
        if read.text.trim().starts_with(FIRST) {
            return Ok(Some((index, left)));
        }
    }
    Ok(None)
}

/// A line as ink on paper, with a little paper above and below.
fn line(picture: &Picture, area: Area) -> Strip {
    let top = area.top.saturating_sub(2);
    let bottom = (area.bottom + 2).min(picture.height);
    picture.strip(Area { top, bottom, ..area })
}

/// The text after the mark that opens or closes a line of the tree.
fn without_mark(text: &str) -> &str {
    text.trim().trim_start_matches(['>', '›', '▸', '▶', '▼', '⌄', '˅', 'ˇ', ' '])
}

#[cfg(test)]
mod tests {
    use super::without_mark;

    #[test]
    fn a_mark_before_a_line_is_no_text() {
        assert_eq!(without_mark("> Ethernet II, Src: a"), "Ethernet II, Src: a");
        assert_eq!(without_mark("[Time: 0]"), "[Time: 0]");
    }
}
