//! The titles over the packet list: which columns there are, and where.

use std::ops::Range;

use super::error::Error;
use super::raster::{Area, Picture, Strip, WRITTEN, distance};
use super::recognise::{Reading, Recogniser};
use crate::evidence::model::Column;

/// Pixels of a row that differ from its paper, from which it may belong to a line of titles.
const LEAST_INK: usize = 10;
/// Groups of a line that are read before it is given up.
const TRIED: usize = 5;
/// Titles that make a line the header.
const LEAST_TITLES: usize = 4;
/// How sure the recogniser is of a title that it reads without any doubt.
const CLEAR: f32 = 0.9;
/// Most lines that are tried.
const MAX_LINES: usize = 40;

/// A title: its column, none when it is none of the seven, and where it begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Title {
    /// The column, if it is one of the seven.
    pub column: Option<Column>,
    /// First written pixel column.
    pub left: usize,
}

/// The line of titles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// The titles from left to right.
    pub titles: Vec<Title>,
    /// First pixel row of the text.
    pub top: usize,
    /// First pixel row below the text.
    pub bottom: usize,
}

/// Finds the titles.
///
/// # Errors
/// When there are none, or the recogniser fails.
pub fn find(picture: &Picture, recogniser: &dyn Recogniser) -> Result<Header, Error> {
    for (top, bottom) in lines(picture).into_iter().take(MAX_LINES) {
        if let Some(header) = read(picture, recogniser, top, bottom)? {
            return Ok(header);
        }
    }
    Err(Error::NoList)
}

/// Runs of pixel rows that may be a line of text over the whole width.
fn lines(picture: &Picture) -> Vec<(usize, usize)> {
    let mut runs = Vec::new();
    let mut start = None;
    // The map of the capture and the scroll bars stand at the right.
    let right = picture.width * 7 / 10;
    for y in 0..picture.height {
        let row = Area { left: 0, top: y, right, bottom: y + 1 };
        let paper = picture.paper(row);
        let ink = (0..right).filter(|x| distance(picture.at(*x, y), paper) > 45).count();
        let is_text = ink >= LEAST_INK && ink * 5 < right * 3;
        match (is_text, start) {
            (true, None) => start = Some(y),
            (false, Some(top)) => {
                if (5..=48).contains(&(y - top)) {
                    runs.push((top, y));
                }
                start = None;
            }
            _ => {}
        }
    }
    runs
}

fn read(
    picture: &Picture,
    recogniser: &dyn Recogniser,
    top: usize,
    bottom: usize,
) -> Result<Option<Header>, Error> {
    let Some((top, bottom)) = text_of(picture, top, bottom) else { return Ok(None) };
    let margin = ((bottom - top) / 4).max(2);
    let area = Area {
        left: 0,
        top: top.saturating_sub(margin),
        right: picture.width,
        bottom: (bottom + margin).min(picture.height),
    };
    let strip = without_rules(picture.strip(area), top - area.top..bottom - area.top);
    let groups = strip.groups((bottom - top) / 2);
    let groups: Vec<_> = groups.into_iter().filter(|(left, right)| right - left >= 4).collect();
    if groups.len() < LEAST_TITLES {
        return Ok(None);
    }
    let mut titles = Vec::new();
    let (mut unread, mut rights) = (Vec::new(), Vec::new());
    for (index, (left, right)) in groups.into_iter().take(40).enumerate() {
        let known = titles.iter().filter(|title: &&Title| title.column.is_some()).count();
        if index >= TRIED && known == 0 {
            return Ok(None);
        }
        // No title is as narrow as an icon or an arrow.
        let is_word = right - left > bottom - top;
        let word = strip.columns(left.saturating_sub(3), right + 3);
        let reading = if is_word { recogniser.recognise(&word)? } else { Reading::default() };
        let column = named(&reading.text);
        if let Some((first, second, (end, start))) = two(&strip, (left, right), &reading.text) {
            titles.extend([
                Title { column: Some(first), left },
                Title { column: Some(second), left: start },
            ]);
            rights.extend([end, right]);
            unread.extend([false, false]);
            continue;
        }
        unread.push(column.is_none() && reading.confidence < CLEAR);
        titles.push(Title { column, left });
        rights.push(right);
    }
    fill_in(&mut titles, &unread);
    join(&mut titles, &rights, bottom - top);
    // Arrows and buttons of scroll bars stand right of the last title.
    while titles.last().is_some_and(|title| title.column.is_none())
        && titles.iter().any(|title| title.column == Some(Column::Info))
    {
        titles.pop();
    }
    let known = titles.iter().filter(|title| title.column.is_some()).count();
    Ok((known >= LEAST_TITLES).then_some(Header { titles, top, bottom }))
}

/// The pixel rows of a line's text without the upright rules between titles, which are often
/// taller than it.
fn text_of(picture: &Picture, top: usize, bottom: usize) -> Option<(usize, usize)> {
    let height = bottom - top;
    let strip = picture.strip(Area { left: 0, top, right: picture.width, bottom });
    let right = strip.width * 7 / 10;
    let strip = without_tall_rules(strip, right);
    let strip = without_rules(strip, 0..height);
    let has_text = |y: &usize| (0..right).filter(|x| strip.at(*x, *y) >= WRITTEN / 2).count() >= 6;
    let first = (0..height).find(has_text)?;
    let last = (0..height).rev().find(has_text)?;
    (last - first >= 4).then_some((top + first, top + last + 1))
}

/// Takes out what is written from top to bottom, where nothing else reaches the top or the bottom:
/// rules that are taller than the text.
fn without_tall_rules(mut strip: Strip, right: usize) -> Strip {
    let (width, height) = (strip.width, strip.height);
    let is_full: Vec<bool> = (0..width)
        .map(|x| {
            let inked = (0..height).filter(|y| strip.at(x, *y) >= WRITTEN / 3).count();
            inked * 20 >= height * 19
        })
        .collect();
    let is_rule = |x: usize| is_full.get(x).copied().unwrap_or(false);
    let is_bare = |y: usize| (0..right).all(|x| strip.at(x, y) < WRITTEN / 2 || is_rule(x));
    if height < 8 || !is_bare(0) || !is_bare(height - 1) {
        return strip;
    }
    for (at, ink) in strip.ink.iter_mut().enumerate() {
        if is_rule(at % width.max(1)) {
            *ink = 0;
        }
    }
    strip
}

/// Takes out the upright rules between titles: what is written from top to bottom, and what is
/// written all along the text's height with nothing near by at either side.
fn without_rules(mut strip: Strip, text: Range<usize>) -> Strip {
    let height = text.len();
    let is_full = |strip: &Strip, x: usize| {
        text.clone().filter(|y| strip.at(x, *y) >= WRITTEN / 3).count() * 20 >= height * 19
    };
    let is_free = |strip: &Strip, x: usize| text.clone().all(|y| strip.at(x, y) < WRITTEN / 3);
    // Strokes of small letters stand a pixel apart.
    let wide = (height / 4).max(2);
    let stands_alone = |strip: &Strip, x: usize| {
        let away = |x: &usize| !is_full(strip, *x);
        let left = (0..x).rev().find(away).map_or(0, |x| x + 1);
        let right = (x..strip.width).find(away).unwrap_or(strip.width);
        right - left <= 3
            && (left.saturating_sub(wide)..left).all(|x| is_free(strip, x))
            && (right..right + wide).all(|x| is_free(strip, x))
    };
    let is_rule = |x: &usize| {
        let written = (0..strip.height).filter(|y| strip.at(*x, *y) >= WRITTEN / 3).count();
        let is_tall = strip.height > height && written * 10 >= strip.height * 9;
        is_tall || (is_full(&strip, *x) && stands_alone(&strip, *x))
    };
    let rules: Vec<usize> = (0..strip.width).filter(is_rule).collect();
    for x in rules {
        for y in 0..strip.height {
            if let Some(ink) = strip.ink.get_mut(y * strip.width + x) {
                *ink = 0;
            }
        }
    }
    strip
}

/// Each column stands once: of titles that begin alike, those that go on with another word close
/// by are columns that a user added ("Source Port").
fn join(titles: &mut Vec<Title>, rights: &[usize], height: usize) {
    let times = |titles: &[Title], column| titles.iter().filter(|t| t.column == column).count();
    let mut index = 0;
    let mut at = 0;
    while index < titles.len() {
        let next = titles.get(index + 1).copied();
        let right = rights.get(at).copied().unwrap_or(usize::MAX);
        let goes_on = next
            .is_some_and(|next| next.column.is_none() && next.left.saturating_sub(right) < height);
        let repeats = titles
            .get(index)
            .copied()
            .is_some_and(|title| title.column.is_some() && times(titles, title.column) > 1);
        let is_second = titles.get(index).copied().is_some_and(|title| {
            titles.iter().take(index).any(|other| other.column == title.column)
        });
        if repeats && (goes_on || is_second) {
            if let Some(title) = titles.get_mut(index) {
                title.column = None;
            }
            if goes_on {
                titles.remove(index + 1);
                at += 1;
            }
        }
        index += 1;
        at += 1;
    }
}

/// A title that was not read, between two that were, is the one that stands between them; one
/// that was read clearly is a column that a user added.
fn fill_in(titles: &mut [Title], unread: &[bool]) {
    let place = |column: Option<Column>| {
        column.and_then(|column| Column::ALL.iter().position(|known| *known == column))
    };
    for index in 1..titles.len().saturating_sub(1) {
        let before = titles.get(index - 1).and_then(|title| place(title.column));
        let after = titles.get(index + 1).and_then(|title| place(title.column));
        if let (Some(title), Some(before), Some(after)) = (titles.get_mut(index), before, after)
            && unread.get(index).is_some_and(|is_unread| *is_unread)
            && after == before + 2
        {
            title.column = Column::ALL.get(before + 1).copied();
        }
    }
}

/// Two titles that stand so close that they were taken for one, and the paper between them.
fn two(
    strip: &Strip,
    (left, right): (usize, usize),
    text: &str,
) -> Option<(Column, Column, (usize, usize))> {
    let letters: Vec<char> = text.chars().filter(|c| c.is_alphanumeric()).collect();
    let split = |at: usize| {
        let (first, second) = letters.split_at_checked(at)?;
        let name = |part: &[char]| named(&part.iter().collect::<String>());
        Some((name(first)?, name(second)?))
    };
    // The title of Time, with a slip, is in too many words.
    let (first, second) = (letters.len() >= 8)
        .then(|| (4..letters.len().saturating_sub(3)).find_map(split))
        .flatten()?;
    let (mut widest, mut start) = ((0, left), left);
    for x in left..right {
        if strip.is_written(x) {
            start = x + 1;
        } else if x + 1 - start > widest.0 {
            widest = (x + 1 - start, start);
        }
    }
    let (width, end) = widest;
    (width > 0 && named(text).is_none()).then_some((first, second, (end, end + width)))
}

/// The column of a title, a slip forgiven.
fn named(text: &str) -> Option<Column> {
    let text: String =
        text.chars().filter(|c| c.is_alphanumeric()).collect::<String>().to_lowercase();
    Some(match &*text {
        "no" | "n0" | "nо" => Column::No,
        text if slips(text, "time") <= 1 => Column::Time,
        text if slips(text, "source") <= 2 => Column::Source,
        text if slips(text, "destination") <= 3 => Column::Destination,
        text if slips(text, "protocol") <= 2 => Column::Protocol,
        text if slips(text, "length") <= 2 => Column::Length,
        text if slips(text, "info") <= 1 => Column::Info,
        _ => return None,
    })
}

/// Characters to change, add or take away.
fn slips(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut above: Vec<usize> = (0..=other.len()).collect();
    for (index, a) in one.chars().take(64).enumerate() {
        let mut line = vec![index + 1];
        for (at, b) in other.iter().enumerate() {
            let get =
                |row: &[usize], place: usize| row.get(place).copied().unwrap_or(usize::MAX / 2);
            let best = (get(&above, at) + usize::from(a != *b))
                .min(get(&above, at + 1) + 1)
                .min(get(&line, at) + 1);
            line.push(best);
        }
        above = line;
    }
    above.last().copied().unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_are_known_with_a_slip() {
        for (text, column) in [
            ("No.", Some(Column::No)),
            ("|Time", Some(Column::Time)),
            ("Sourcc", Some(Column::Source)),
            ("Lenqth", Some(Column::Length)),
            ("lnfo", Some(Column::Info)),
            ("Edit", None),
            ("Tools", None),
            ("", None),
        ] {
            assert_eq!(named(text), column, "{text}");
        }
    }
}
