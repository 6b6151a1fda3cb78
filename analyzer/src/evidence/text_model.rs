//! Terminal logs, frame bytes and prose as plain values.

use serde::{Deserialize, Serialize};

/// Which part a program plays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// It connects.
    Client,
    /// It listens.
    Server,
}

/// A host and a port as a program printed them; the host may be a name.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct LogEndpoint {
    /// Address or name.
    pub host: String,
    /// Port.
    pub port: u16,
}

/// Which way a chunk went, as seen by the program that printed it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChunkWay {
    /// It read the bytes.
    Received,
    /// It wrote the bytes.
    Sent,
}

/// Bytes that a program says it read or wrote in one go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogChunk {
    /// Line of the file, from 1.
    pub line: u32,
    /// Which way.
    pub way: ChunkWay,
    /// Number of bytes.
    pub len: u64,
    /// The bytes from the first on, as far as the line shows them; none when it shows only
    /// their number.
    pub bytes: Option<Vec<u8>>,
}

/// One connection as a program saw it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogConnection {
    /// Line of the file where it begins, from 1.
    pub line: u32,
    /// The client's endpoint, where the log has it.
    pub client: Option<LogEndpoint>,
    /// The server's endpoint, where the log has it.
    pub server: Option<LogEndpoint>,
    /// What was read and written, in order.
    pub chunks: Vec<LogChunk>,
    /// Line that says that the peer was done: `received b''`.
    pub end_of_stream: Option<u32>,
    /// Line that says that the program closed: `closing`.
    pub closing: Option<u32>,
}

impl LogConnection {
    /// Bytes that went one way.
    #[must_use]
    pub fn total(&self, way: ChunkWay) -> u64 {
        self.chunks.iter().filter(|chunk| chunk.way == way).map(|chunk| chunk.len).sum()
    }

    /// The bytes that went one way, when every chunk shows all of its bytes.
    #[must_use]
    pub fn content(&self, way: ChunkWay) -> Option<Vec<u8>> {
        let mut all = Vec::new();
        for chunk in self.chunks.iter().filter(|chunk| chunk.way == way) {
            let bytes = chunk.bytes.as_ref().filter(|bytes| bytes.len() as u64 == chunk.len)?;
            all.extend_from_slice(bytes);
        }
        Some(all)
    }
}

/// What one program printed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TerminalLog {
    /// The machine named above the log: `(mesin1)`.
    pub machine: Option<String>,
    /// What was called, for example `server.py`.
    pub program: Option<String>,
    /// Its part, where the log tells.
    pub role: Option<Role>,
    /// Where a server listens.
    pub listening: Option<LogEndpoint>,
    /// Its connections, in order.
    pub connections: Vec<LogConnection>,
    /// Addresses that it printed without connecting to them, as `getaddrinfo` returns them.
    pub resolved: Vec<(u32, LogEndpoint)>,
    /// Every line with its number, from 1.
    pub lines: Vec<(u32, String)>,
}

impl TerminalLog {
    /// True when a connection began before the one above it had ended: the lines after that may
    /// be of either, so their bytes cannot be counted for one of them.
    #[must_use]
    pub fn is_interleaved(&self) -> bool {
        self.connections.windows(2).any(|pair| {
            let [before, after] = pair else { return false };
            let end = before.end_of_stream.or(before.closing);
            end.is_none_or(|end| end > after.line)
        })
    }
}

/// One row of a hex dump.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HexRow {
    /// Line of the file, from 1.
    pub line: u32,
    /// Offset of its first byte.
    pub offset: u32,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Its text column as it stands; empty when there is none.
    pub text: String,
}

/// The details and the bytes of one frame.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrameBytes {
    /// Frame number, when the details name it.
    pub frame: Option<u64>,
    /// Lines of the details with their numbers, from 1, without marks of the tree.
    pub details: Vec<(u32, String)>,
    /// Rows of the dump.
    pub rows: Vec<HexRow>,
}

impl FrameBytes {
    /// All bytes in order, when the offsets leave no gap.
    #[must_use]
    pub fn bytes(&self) -> Option<Vec<u8>> {
        let mut all = Vec::new();
        for row in &self.rows {
            if row.offset as usize != all.len() {
                return None;
            }
            all.extend_from_slice(&row.bytes);
        }
        (!all.is_empty()).then_some(all)
    }
}

/// What somebody wrote in a section of a text.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prose {
    /// The heading of its task and its line; none before the first one.
    pub heading: Option<(u32, String)>,
    /// Its lines with their numbers, from 1, as they stand.
    pub lines: Vec<(u32, String)>,
}
