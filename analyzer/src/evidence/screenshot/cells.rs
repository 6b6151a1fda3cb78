//! The cells of a packet list, read one by one; what looks the same is read once.

use super::error::Error;
use super::layout::{self, ColumnPlace, Layout, RowPlace};
use super::raster::{Picture, Strip};
use super::recognise::{Reading, Recogniser};
use super::repeats::Repeats;
use crate::evidence::model::{Cell, Column, Cut, PacketRow, Region};

/// Two cells are the same when no pixel differs by more.
const SAME: u8 = 36;

/// Reads cells, and remembers what it has read.
pub struct CellReader<'r> {
    recogniser: &'r dyn Recogniser,
    known: Vec<(Strip, Reading)>,
}

impl<'r> CellReader<'r> {
    /// A reader that has read nothing.
    #[must_use]
    pub fn new(recogniser: &'r dyn Recogniser) -> Self {
        Self { recogniser, known: Vec::new() }
    }

    /// Reads a strip.
    ///
    /// # Errors
    /// When the recogniser fails.
    pub fn read(&mut self, strip: &Strip) -> Result<Reading, Error> {
        let Some((left, right)) = strip.extent() else { return Ok(Reading::default()) };
        let trimmed = strip.columns(left, right);
        if let Some((_, reading)) = self.known.iter().find(|(known, _)| is_same(known, &trimmed)) {
            return Ok(reading.clone());
        }
        let reading = self.recogniser.recognise(strip)?;
        self.known.push((trimmed, reading.clone()));
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

/// Reads all rows.
///
/// # Errors
/// When the recogniser fails.
pub fn read_rows(
    picture: &Picture,
    layout: &Layout,
    reader: &mut CellReader<'_>,
) -> Result<Vec<PacketRow>, Error> {
    let right = layout.columns.last().map_or(picture.width, |column| column.right);
    let mut rows = Vec::with_capacity(layout.rows.len());
    let mut repeats: Vec<Repeats> = layout.columns.iter().map(|_| Repeats::default()).collect();
    for (line, place) in (1..).zip(&layout.rows) {
        let strip = layout::strip(picture, place, right);
        let mut cells = Vec::new();
        for (column, repeats) in layout.columns.iter().zip(&mut repeats) {
            if let Some(known) = column.column {
                let part = cell_strip(&strip, column);
                let reading = match repeats.read(&part).filter(|_| place.is_whole) {
                    Some(text) => Reading { text, confidence: 0.9 },
                    None => {
                        let reading = reader.read(&part)?;
                        if is_left_aligned(known) && place.is_whole {
                            repeats.learn(&part, &reading.text);
                        }
                        reading
                    }
                };
                cells.push(cell(known, reading, column, place, &part));
            }
        }
        rows.push(PacketRow { line, cells, is_whole: place.is_whole, is_selected: false });
    }
    Ok(rows)
}

/// Texts that begin at the same pixel column in every row.
fn is_left_aligned(column: Column) -> bool {
    !matches!(column, Column::No | Column::Length)
}

/// A cell from what was read.
fn cell(
    column: Column,
    reading: Reading,
    place: &ColumnPlace,
    row: &RowPlace,
    strip: &Strip,
) -> Cell {
    let (text, has_ellipsis) = without_ellipsis(&reading.text);
    let reaches_edge =
        strip.extent().is_some_and(|(_, right)| right + strip.height / 3 >= strip.width);
    let cut = match (has_ellipsis, reaches_edge && column == Column::Info) {
        (true, _) => Cut::Yes,
        (false, true) => Cut::Maybe,
        (false, false) => Cut::No,
    };
    let size = |side: usize| u32::try_from(side).unwrap_or(u32::MAX);
    let region = Region {
        x: size(place.left),
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
