//! The titles over the packet list: which columns there are, and where.

use super::error::Error;
use super::raster::{Area, Picture, Strip, WRITTEN, distance};
use super::recognise::Recogniser;
use crate::evidence::model::Column;

/// Pixels of a row that differ from its paper, from which it may belong to a line of titles.
const LEAST_INK: usize = 10;
/// Groups of a line that are read before it is given up.
const TRIED: usize = 5;
/// Titles that make a line the header.
const LEAST_TITLES: usize = 4;
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
        let is_text = ink >= LEAST_INK && ink * 3 < right;
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
    let margin = ((bottom - top) / 4).max(2);
    let area = Area {
        left: 0,
        top: top.saturating_sub(margin),
        right: picture.width,
        bottom: (bottom + margin).min(picture.height),
    };
    let strip = without_rules(picture.strip(area));
    let groups = strip.groups((bottom - top) / 2);
    let groups: Vec<_> = groups.into_iter().filter(|(left, right)| right - left >= 4).collect();
    if groups.len() < LEAST_TITLES {
        return Ok(None);
    }
    let mut titles = Vec::new();
    for (index, (left, right)) in groups.into_iter().take(40).enumerate() {
        let known = titles.iter().filter(|title: &&Title| title.column.is_some()).count();
        if index >= TRIED && known == 0 {
            return Ok(None);
        }
        let word = strip.columns(left.saturating_sub(3), right + 3);
        let column = named(&recogniser.recognise(&word)?.text);
        titles.push(Title { column, left });
    }
    fill_in(&mut titles);
    // Arrows and buttons of scroll bars stand right of the last title.
    while titles.last().is_some_and(|title| title.column.is_none())
        && titles.iter().any(|title| title.column == Some(Column::Info))
    {
        titles.pop();
    }
    let known = titles.iter().filter(|title| title.column.is_some()).count();
    Ok((known >= LEAST_TITLES).then_some(Header { titles, top, bottom }))
}

/// Takes out the upright rules between titles: columns written from top to bottom.
fn without_rules(mut strip: Strip) -> Strip {
    for x in 0..strip.width {
        let written = (0..strip.height).filter(|y| strip.at(x, *y) >= WRITTEN / 3).count();
        if written * 10 >= strip.height * 9 {
            for y in 0..strip.height {
                if let Some(ink) = strip.ink.get_mut(y * strip.width + x) {
                    *ink = 0;
                }
            }
        }
    }
    strip
}

/// A title that was not read, between two that were, is the one that stands between them.
fn fill_in(titles: &mut [Title]) {
    let place = |column: Option<Column>| {
        column.and_then(|column| Column::ALL.iter().position(|known| *known == column))
    };
    for index in 1..titles.len().saturating_sub(1) {
        let before = titles.get(index - 1).and_then(|title| place(title.column));
        let after = titles.get(index + 1).and_then(|title| place(title.column));
        if let (Some(title), Some(before), Some(after)) = (titles.get_mut(index), before, after)
            && title.column.is_none()
            && after == before + 2
        {
            title.column = Column::ALL.get(before + 1).copied();
        }
    }
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
