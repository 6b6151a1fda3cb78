//! Packet lists from pictures of Wireshark's window.
//!
//! ```text
//! bytes ──► decode ──► header (titles) ──► layout (rows, columns) ──► cells, panes ──► PacketList
//!                         └── recogniser (a trait; PP-OCRv6 run by rten) ──┘
//! ```
//!
//! Reading is slow: [`begin`] reads what is needed to tell the rows' frames, and the rest is
//! compared with what a capture has, see `grade::compared`.
//!
//! [`glyphs`] is the witness that does not read: it compares characters of one picture with
//! each other.

pub use cells::Unread;
pub use decode::is_picture;
pub use error::Error;
pub use recognise::{PpOcr, Reading, Recogniser, name_model, shared_recogniser};

pub mod cells;
mod decode;
pub mod details;
mod error;
pub mod glyphs;
mod header;
pub mod layout;
pub mod pane;
pub mod raster;
mod recognise;
mod repeats;
mod surroundings;
mod terminal;
mod tesseract;
#[cfg(test)]
mod tests;
mod window;

use std::collections::HashSet;
use std::sync::{Arc, OnceLock};

use super::model::{Cell, Column, Cut, PacketList, Region};
use cells::Memory;
use layout::Layout;
use pane::BytesPane;
use raster::{Area, Picture, Strip};

/// A picture with its packet list.
#[derive(Debug, Clone, PartialEq)]
pub struct Screenshot {
    /// The pixels.
    pub picture: Picture,
    /// Where the list is in it.
    pub layout: Layout,
    /// What stands there.
    pub list: PacketList,
    /// The bytes pane, when the picture shows it.
    pub pane: Option<BytesPane>,
    /// Whether it was read well enough to call anything different.
    pub is_trusted: bool,
    unread: Vec<Unread>,
    memory: Memory,
    /// The rows as ink on paper, once they are needed.
    strips: OnceLock<Arc<[Strip]>>,
}

/// How sure a text is that was compared, not read.
const COMPARED: f32 = 0.9;
/// Rows from the top whose short cells are read before anything is known of the others.
const FIRST: usize = 4;
/// Of one in so many of the rows below them the short cells are read, too.
const ONE_IN: usize = 9;
/// Rows from the top whose Info is read: it takes as long as ten others, and what the letters
/// look like is known from a few of them.
const FIRST_INFO: usize = 2;

/// Reads a packet list from the bytes of a picture.
///
/// # Errors
/// When the bytes are no picture, the picture is too large, it holds no packet list, or the
/// recogniser fails.
pub fn read(bytes: &[u8], recogniser: &dyn Recogniser) -> Result<Screenshot, Error> {
    let mut shot = begin(bytes, recogniser)?;
    shot.complete(recogniser)?;
    Ok(shot)
}

/// Reads a part of a packet list: the rows' numbers, a few rows in full, and what looks the same.
/// That is enough to tell their frames; the rest can then be compared instead of being read.
///
/// # Errors
/// As [`read`].
pub fn begin(bytes: &[u8], recogniser: &dyn Recogniser) -> Result<Screenshot, Error> {
    let whole = decode::decode(bytes)?;
    let (picture, header, layout) = match window::find(&whole, recogniser) {
        Err(Error::NoList) => return of_terminal(whole, recogniser),
        found => found?,
    };
    let mut reader = cells::CellReader::new(recogniser, Memory::default());
    let whole = layout.rows.iter().position(|row| row.is_whole).unwrap_or(0);
    let is_wanted = |row: usize, column: Column| {
        let is_whole = layout.rows.get(row).is_some_and(|place| place.is_whole);
        match (is_whole, column) {
            (false, _) => true,
            (_, Column::Info) => row < whole + FIRST_INFO,
            _ => row < whole + FIRST || row.is_multiple_of(ONE_IN),
        }
    };
    let (mut rows, unread) = cells::read_rows(&picture, &layout, &mut reader, &is_wanted)?;
    if let Some(row) = surroundings::selected(&picture, &layout).and_then(|at| rows.get_mut(at)) {
        row.is_selected = true;
    }
    let filter = surroundings::filter(&picture, &header, recogniser)?;
    let pane = pane::read(&picture, &layout, recogniser)?;
    let mut seen = HashSet::new();
    let columns = layout
        .columns
        .iter()
        .filter_map(|place| place.column)
        .filter(|c| seen.insert(*c))
        .collect();
    let list = PacketList {
        columns,
        rows,
        filter: filter.text,
        is_filter_seen: filter.is_seen,
        ..PacketList::default()
    };
    let is_trusted = recogniser.is_trusted();
    let memory = reader.memory;
    let strips = OnceLock::new();
    Ok(Screenshot { picture, layout, list, pane, is_trusted, unread, memory, strips })
}

/// The packet list of a terminal, which confirms only.
fn of_terminal(picture: Picture, recogniser: &dyn Recogniser) -> Result<Screenshot, Error> {
    let list = terminal::read(&picture, recogniser)?.ok_or(Error::NoList)?;
    Ok(Screenshot {
        picture,
        layout: Layout::default(),
        list,
        pane: None,
        is_trusted: false,
        unread: Vec::new(),
        memory: Memory::default(),
        strips: OnceLock::new(),
    })
}

impl Screenshot {
    /// The cells that were not read yet; their text is empty.
    #[must_use]
    pub fn unread(&self) -> &[Unread] {
        &self.unread
    }

    /// Whether it shows a terminal, and no window of Wireshark.
    #[must_use]
    pub const fn is_terminal(&self) -> bool {
        self.layout.columns.is_empty()
    }

    /// An area of the part of the file that was looked at, as a part of the whole.
    #[must_use]
    pub fn region(&self, area: Area) -> Region {
        let size = |side: usize| u32::try_from(side).unwrap_or(u32::MAX);
        let (x, y) = (size(self.layout.left + area.left), size(area.top));
        Region { x, y, width: size(area.width()), height: size(area.height()) }
    }

    /// Where a line of the bytes pane stands, counted from 1.
    #[must_use]
    pub fn bytes_line(&self, line: u32) -> Option<Region> {
        let index = usize::try_from(line).ok()?.checked_sub(1)?;
        Some(self.region(self.pane.as_ref()?.lines.get(index)?.area))
    }

    /// Reads all cells that were not read yet.
    ///
    /// # Errors
    /// When the recogniser fails.
    pub fn complete(&mut self, recogniser: &dyn Recogniser) -> Result<(), Error> {
        let unread = self.unread.clone();
        self.read_cells(&unread, recogniser)
    }

    /// Reads some cells.
    ///
    /// # Errors
    /// When the recogniser fails.
    pub fn read_cells(
        &mut self,
        cells: &[Unread],
        recogniser: &dyn Recogniser,
    ) -> Result<(), Error> {
        let mut reader = cells::CellReader::new(recogniser, std::mem::take(&mut self.memory));
        for at in cells {
            if let Some(cell) = cells::read_cell(&self.picture, &self.layout, &mut reader, *at)? {
                self.fill(*at, |place| *place = cell);
            }
        }
        self.memory = reader.memory;
        self.unread.retain(|at| !cells.contains(at));
        Ok(())
    }

    /// Reads a part of a cell.
    ///
    /// # Errors
    /// When the recogniser fails.
    pub fn read_part(
        &mut self,
        part: &Strip,
        recogniser: &dyn Recogniser,
    ) -> Result<String, Error> {
        let mut reader = cells::CellReader::new(recogniser, std::mem::take(&mut self.memory));
        let reading = reader.read_part(part);
        self.memory = reader.memory;
        Ok(reading?.text)
    }

    /// Takes out the cells that were not read, where nobody needs them any more.
    pub fn drop_unread(&mut self) {
        for at in std::mem::take(&mut self.unread) {
            if let Some(row) = self.list.rows.get_mut(at.row) {
                row.cells.retain(|cell| cell.column != at.column);
            }
        }
    }

    /// Gives a cell the text that its characters were found to show.
    pub fn settle(&mut self, at: Unread, text: String, cut: Cut) {
        self.fill(at, |cell| (cell.text, cell.cut, cell.confidence) = (text, cut, COMPARED));
        self.unread.retain(|other| *other != at);
    }

    fn fill(&mut self, at: Unread, change: impl FnOnce(&mut Cell)) {
        let row = self.list.rows.get_mut(at.row);
        let cells = row.into_iter().flat_map(|row| &mut row.cells);
        if let Some(cell) = cells.into_iter().find(|cell| cell.column == at.column) {
            change(cell);
        }
    }
}
