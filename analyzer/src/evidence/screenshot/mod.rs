//! Packet lists from pictures of Wireshark's window.
//!
//! ```text
//! bytes ──► decode ──► header (titles) ──► layout (rows, columns) ──► cells, panes ──► PacketList
//!                         └── recogniser (a trait; PP-OCRv6 run by rten) ──┘
//! ```
//!
//! [`glyphs`] is the witness that does not read: it compares characters of one picture with
//! each other.

pub use decode::is_picture;
pub use error::Error;
pub use recognise::{PpOcr, Reading, Recogniser, name_model, shared_recogniser};

pub mod cells;
mod decode;
mod error;
pub mod glyphs;
mod header;
pub mod layout;
pub mod raster;
mod recognise;
mod repeats;
mod surroundings;
#[cfg(test)]
mod tests;

use std::collections::HashSet;

use super::model::PacketList;
use layout::Layout;
use raster::Picture;

/// A picture with its packet list.
#[derive(Debug, Clone, PartialEq)]
pub struct Screenshot {
    /// The pixels.
    pub picture: Picture,
    /// Where the list is in it.
    pub layout: Layout,
    /// What stands there.
    pub list: PacketList,
}

/// Reads a packet list from the bytes of a picture.
///
/// # Errors
/// When the bytes are no picture, the picture is too large, it holds no packet list, or the
/// recogniser fails.
pub fn read(bytes: &[u8], recogniser: &dyn Recogniser) -> Result<Screenshot, Error> {
    let picture = decode::decode(bytes)?;
    let header = header::find(&picture, recogniser)?;
    let layout = layout::find(&picture, &header).ok_or(Error::NoList)?;
    let mut reader = cells::CellReader::new(recogniser);
    let mut rows = cells::read_rows(&picture, &layout, &mut reader)?;
    if let Some(row) = surroundings::selected(&picture, &layout).and_then(|at| rows.get_mut(at)) {
        row.is_selected = true;
    }
    let filter = surroundings::filter(&picture, &header, recogniser)?;
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
    Ok(Screenshot { picture, layout, list })
}
