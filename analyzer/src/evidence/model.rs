//! Evidence as plain values: what was seen, where, and how well.
//!
//! Every reader (text, picture) fills the same values, so that whoever judges them need not
//! know where they come from.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::text_model::{FrameBytes, Prose, TerminalLog};

/// What a file turned out to be, by its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A picture of Wireshark's window, or of its packet list.
    Screenshot,
    /// A packet list as text: copied, transcribed, or printed by tshark.
    PacketList,
    /// Frame details or a hex dump.
    FrameBytes,
    /// What programs printed in a terminal.
    TerminalLog,
    /// Sentences that claim something.
    Claims,
}

/// A column of the packet list; the names are those of the JSON output.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Column {
    /// `No.`: the frame number.
    No,
    /// `Time`, in any of Wireshark's formats.
    Time,
    /// `Source`.
    Source,
    /// `Destination`.
    Destination,
    /// `Protocol`.
    Protocol,
    /// `Length`: bytes on the wire.
    Length,
    /// `Info`.
    Info,
}

impl Column {
    /// All seven, in Wireshark's order.
    pub const ALL: [Self; 7] = [
        Self::No,
        Self::Time,
        Self::Source,
        Self::Destination,
        Self::Protocol,
        Self::Length,
        Self::Info,
    ];
}

/// Whether a cell shows its whole text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Cut {
    /// Nothing says that it is cut.
    #[default]
    No,
    /// It may be cut: it ends at the edge of the column or of the page.
    Maybe,
    /// It is cut: an ellipsis stands at its end, or the edge runs through a character.
    Yes,
}

/// A rectangle in a picture, in pixels from its upper left corner.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Region {
    /// Left edge.
    pub x: u32,
    /// Upper edge.
    pub y: u32,
    /// Width.
    pub width: u32,
    /// Height.
    pub height: u32,
}

/// One cell as it was seen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Cell {
    /// Its column.
    pub column: Column,
    /// Its text, without an ellipsis at its end; empty where nothing stands.
    pub text: String,
    /// Whether the text goes on.
    pub cut: Cut,
    /// How sure the reader is of the text, 0 to 1; 1 for text that was text before.
    pub confidence: f32,
    /// Where it stands in the picture; none for text.
    pub region: Option<Region>,
}

/// One row of a packet list.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct PacketRow {
    /// Line of the file from 1, or row of the picture from 1.
    pub line: u32,
    /// Its cells, in the order of [`PacketList::columns`]; a missing cell is left out.
    pub cells: Vec<Cell>,
    /// False when the pane's edge cuts through the row.
    pub is_whole: bool,
    /// True for the row that the window shows in detail.
    pub is_selected: bool,
}

impl PacketRow {
    /// The cell of a column, if the row has it.
    #[must_use]
    pub fn cell(&self, column: Column) -> Option<&Cell> {
        self.cells.iter().find(|cell| cell.column == column)
    }
}

/// A packet list, with what stands around it in the window.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct PacketList {
    /// The display filter that stands over it; none when it is empty or could not be read.
    pub filter: Option<String>,
    /// True when the filter box was seen (so that no filter means that there was none).
    pub is_filter_seen: bool,
    /// The columns that it shows, from left to right.
    pub columns: Vec<Column>,
    /// Its rows, from top to bottom.
    pub rows: Vec<PacketRow>,
    /// Lines of the file between its first row and its last that are neither rows nor parts of
    /// any: each of them may be a row that could not be read.
    pub unread: Vec<u32>,
}

/// What was read from a piece of evidence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Content {
    /// A packet list, from text or from a picture.
    PacketList(PacketList),
    /// What a program printed in a terminal.
    TerminalLog(TerminalLog),
    /// Details and bytes of a frame.
    FrameBytes(FrameBytes),
    /// Sentences; claims are found in them.
    Prose(Prose),
    /// A picture with a packet list; its pixels stay at hand for a second look.
    #[cfg(feature = "screenshot")]
    #[serde(skip)]
    Screenshot(Box<super::screenshot::Screenshot>),
}

/// One piece of evidence: a file, or a part of one that holds several kinds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// The file as named by the user.
    pub file: String,
    /// What it is.
    pub kind: Kind,
    /// First line of the part within the file, from 1; 1 for a picture.
    pub line: u32,
    /// What was read.
    pub content: Content,
}
