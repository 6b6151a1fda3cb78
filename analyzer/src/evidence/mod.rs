//! What somebody hands in as evidence of a run, read but not yet judged.
//!
//! Reads packet lists (as text, or from pictures of Wireshark's window), frame bytes, terminal
//! logs and written claims into the plain values of [`Evidence`]. Knows nothing of captures:
//! [`crate::grade`] holds these values against one, or against each other.

pub use model::{Cell, Column, Content, Cut, Evidence, Kind, PacketList, PacketRow, Region};
pub use read::{ReadError, read_text, text_evidence};
pub use text_model::{
    ChunkWay, FrameBytes, HexRow, LogChunk, LogConnection, LogEndpoint, Prose, Role, TerminalLog,
};

pub mod claims;
mod frame_bytes;
mod line_class;
mod model;
pub mod packet_list;
mod python_bytes;
mod read;
#[cfg(feature = "screenshot")]
pub mod screenshot;
mod split;
mod terminal_log;
mod text_model;
