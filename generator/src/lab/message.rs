//! What the command and the supervisor inside the lab say to each other: JSON lines.
//!
//! The command writes one [`Order`] to the supervisor's standard input and keeps it open; its
//! end means "stop". The supervisor answers with [`Event`]s on its standard output.

use std::io::{self, BufRead, Write};
use std::path::PathBuf;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::manifest::Run;

/// Longest line that is accepted, in bytes.
const LINE_LIMIT: u64 = 64 << 20;

/// What the supervisor is to do.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Order {
    /// Where the scenario's text came from, for errors.
    pub source: String,
    /// The scenario's text.
    pub scenario: String,
    /// The run folder, which exists.
    pub folder: PathBuf,
    /// Whether the lab stays after the run until it is told to stop.
    pub keep: bool,
}

/// What the supervisor reports.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Event {
    /// The supervisor runs; its pid outside.
    Started(u32),
    /// Hosts, bridges and cables are there.
    Built,
    /// The run is over, for better or worse.
    Finished(Box<Run>),
    /// It could not be run.
    Failed(String),
}

/// Writes one message and flushes it.
///
/// # Errors
/// When the other side is gone.
pub fn send(message: &impl Serialize, output: &mut impl Write) -> io::Result<()> {
    let mut line = serde_json::to_vec(message)?;
    line.push(b'\n');
    output.write_all(&line)?;
    output.flush()
}

/// Reads one message; `None` at the end.
///
/// # Errors
/// When the line is not such a message.
pub fn receive<T: DeserializeOwned>(input: &mut impl BufRead) -> io::Result<Option<T>> {
    let mut line = Vec::new();
    let length = io::Read::take(&mut *input, LINE_LIMIT).read_until(b'\n', &mut line)?;
    if length == 0 {
        return Ok(None);
    }
    Ok(Some(serde_json::from_slice(&line)?))
}
