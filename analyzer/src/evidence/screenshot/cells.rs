//! The cells of a packet list, read one by one; what looks the same is read once.

use super::error::Error;
use super::layout::{ColumnPlace, Layout, RowPlace};
use super::raster::{Picture, Strip};
use super::recognise::{Reading, Recogniser};
use super::repeats::Repeats;
use crate::evidence::model::{Cell, Column, Cut, PacketRow, Region};

/// Two cells are the same when no pixel differs by more.
const SAME: u8 = 36;

/// What was read so far.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Memory {
    known: Vec<(Strip, Reading)>,
    repeats: [Repeats; Column::ALL.len()],
}

/// Reads cells, and remembers what it has read.
pub struct CellReader<'r> {
    recogniser: &'r dyn Recogniser,
    /// What it remembers.
    pub memory: Memory,
}

impl<'r> CellReader<'r> {
    /// A reader that has read what it remembers.
    #[must_use]
    pub const fn new(recogniser: &'r dyn Recogniser, memory: Memory) -> Self {
        Self { recogniser, memory }
    }

    /// The reading of a strip that looks like one that was read, or that holds nothing.
    fn remembered(&mut self, strip: &Strip, column: Column, is_whole: bool) -> Option<Reading> {
        let Some((left, right)) = strip.extent() else { return Some(Reading::default()) };
        let trimmed = strip.columns(left, right);
        let mut known = self.memory.known.iter();
        if let Some((_, reading)) = known.find(|(known, _)| is_same(known, &trimmed)) {
            return Some(reading.clone());
        }
        let text = if is_left_aligned(column) {
            self.repeats(column)?.read(strip)
        } else {
            // The digits of the other columns are those of numbers.
            self.memory.repeats.iter().find_map(|repeats| repeats.read_number(strip))
        };
        Some(Reading { text: text.filter(|_| is_whole)?, confidence: 0.9 })
    }

    /// Reads a part of a cell, or remembers one that looks the same.
    ///
    /// # Errors
    /// When the recogniser fails.
    pub fn read_part(&mut self, part: &Strip) -> Result<Reading, Error> {
        let Some((left, right)) = part.extent() else { return Ok(Reading::default()) };
        let trimmed = part.columns(left, right);
        let mut known = self.memory.known.iter();
        if let Some((_, reading)) = known.find(|(known, _)| is_same(known, &trimmed)) {
            return Ok(reading.clone());
        }
        let reading = self.recogniser.recognise(part)?;
        self.memory.known.push((trimmed, reading.clone()));
        Ok(reading)
    }

    fn repeats(&mut self, column: Column) -> Option<&mut Repeats> {
        self.memory.repeats.get_mut(Column::ALL.iter().position(|known| *known == column)?)
    }

    /// Reads a strip.
    ///
    /// # Errors
    /// When the recogniser fails.
    fn read(&mut self, strip: &Strip, column: Column, is_whole: bool) -> Result<Reading, Error> {
        if let Some(reading) = self.remembered(strip, column, is_whole) {
            return Ok(reading);
        }
        let reading = self.read_part(strip)?;
        if is_left_aligned(column)
            && is_whole
            && let Some(repeats) = self.repeats(column)
        {
            repeats.learn(strip, &reading.text);
        }
        Ok(reading)
    }
}

fn is_same(one: &Strip, other: &Strip) -> bool {
    one.width == other.width
        && one.height == other.height
        && one.ink.iter().zip(&other.ink).all(|(a, b)| a.abs_diff(*b) <= SAME)
}

/// The part of a row's strip that a cell covers, without the lines that mark a conversation.
#[must_use]
pub fn cell_strip(row: &Strip, place: &ColumnPlace) -> Strip {
    let mut strip = row.columns(place.left, place.right);
    if place.column == Some(Column::No) {
        let groups = strip.groups(strip.height * 2 / 5);
        if let Some((left, _)) = groups.last().copied() {
            for y in 0..strip.height {
                for x in 0..left {
                    if let Some(ink) = strip.ink.get_mut(y * strip.width + x) {
                        *ink = 0;
                    }
                }
            }
        }
    }
    strip
}

/// Reads the rows: the cells that `is_wanted` names by row and column, the numbers, and what looks
/// like something that was read. The rest is left empty, and named.
///
/// # Errors
/// When the recogniser fails.
pub fn read_rows(
    picture: &Picture,
    layout: &Layout,
    reader: &mut CellReader<'_>,
    is_wanted: &dyn Fn(usize, Column) -> bool,
) -> Result<(Vec<PacketRow>, Vec<Unread>), Error> {
    let mut rows = Vec::with_capacity(layout.rows.len());
    let mut unread = Vec::new();
    for (line, place) in (1..).zip(&layout.rows) {
        let strip = layout.strip(picture, place);
        let mut cells = Vec::new();
        // The number last: the other cells show what its digits look like.
        let numbers = layout.columns.iter().filter(|column| column.column == Some(Column::No));
        let others = layout.columns.iter().filter(|column| column.column != Some(Column::No));
        for column in others.chain(numbers) {
            let Some(known) = column.column else { continue };
            let part = cell_strip(&strip, column);
            let is_due = known == Column::No || is_wanted(rows.len(), known);
            let reading = if is_due {
                reader.read(&part, known, place.is_whole)?
            } else if let Some(reading) = reader.remembered(&part, known, place.is_whole) {
                reading
            } else {
                unread.push(Unread { row: rows.len(), column: known });
                Reading::default()
            };
            cells.push((column.left, cell(known, reading, column, (place, layout.left), &part)));
        }
        cells.sort_by_key(|(left, _)| *left);
        let cells = cells.into_iter().map(|(_, cell)| cell).collect();
        rows.push(PacketRow { line, cells, is_whole: place.is_whole, is_selected: false });
    }
    Ok((rows, unread))
}

/// A cell that was not read yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unread {
    /// Index of the row.
    pub row: usize,
    /// The column.
    pub column: Column,
}

/// Reads one cell; none when there is no such cell.
///
/// # Errors
/// When the recogniser fails.
pub fn read_cell(
    picture: &Picture,
    layout: &Layout,
    reader: &mut CellReader<'_>,
    at: Unread,
) -> Result<Option<Cell>, Error> {
    let mut columns = layout.columns.iter();
    let column = columns.find(|place| place.column == Some(at.column));
    let (Some(column), Some(place)) = (column, layout.rows.get(at.row)) else { return Ok(None) };
    let part = cell_strip(&layout.strip(picture, place), column);
    let reading = reader.read(&part, at.column, place.is_whole)?;
    Ok(Some(cell(at.column, reading, column, (place, layout.left), &part)))
}

/// Texts that begin at the same pixel column in every row.
fn is_left_aligned(column: Column) -> bool {
    !matches!(column, Column::No | Column::Length)
}

/// A cell from what was read in a row, given what the file has left of the part looked at.
fn cell(
    column: Column,
    reading: Reading,
    place: &ColumnPlace,
    (row, before): (&RowPlace, usize),
    strip: &Strip,
) -> Cell {
    let (mut text, mut has_ellipsis) = without_ellipsis(&reading.text);
    // Of a number that has no room nothing but the ellipsis is shown, which reads as a dash.
    if matches!(column, Column::No | Column::Length) && !text.chars().any(char::is_alphanumeric)
        || text == "一"
    {
        text.clear();
        has_ellipsis = true;
    }
    let reaches_edge =
        strip.extent().is_some_and(|(_, right)| right + strip.height / 3 >= strip.width);
    let cut = match (has_ellipsis, reaches_edge && is_left_aligned(column)) {
        (true, _) => Cut::Yes,
        (false, true) => Cut::Maybe,
        (false, false) => Cut::No,
    };
    let size = |side: usize| u32::try_from(side).unwrap_or(u32::MAX);
    let region = Region {
        x: size(before + place.left),
        y: size(row.top),
        width: size(place.right - place.left),
        height: size(row.bottom - row.top),
    };
    Cell { column, text, cut, confidence: reading.confidence.min(0.999), region: Some(region) }
}

/// The text before an ellipsis at its end, and whether there was one.
fn without_ellipsis(text: &str) -> (String, bool) {
    let text = text.trim();
    if let Some((before, after)) = text.rsplit_once('…')
        && !after.contains(char::is_alphanumeric)
    {
        return (before.trim_end_matches(['.', '·', ' ', '…']).to_owned(), true);
    }
    let trimmed = text.trim_end_matches(['.', '·', ' ']);
    if text.len() >= trimmed.len() + 2 && text.ends_with("..") {
        return (trimmed.to_owned(), true);
    }
    (text.to_owned(), false)
}

#[cfg(test)]
mod tests {
    use super::without_ellipsis;

    #[test]
    fn an_ellipsis_ends_a_text() {
        for (text, before, is_cut) in [
            ("fe80::b070:57f…", "fe80::b070:57f", true),
            ("TSecr=...", "TSecr=", true),
            ("mesin1.lab", "mesin1.lab", false),
            ("Len=4…]", "Len=4", true),
        ] {
            let (seen, cut) = without_ellipsis(text);
            assert_eq!((&*seen, cut), (before, is_cut), "{text}");
        }
    }
}
