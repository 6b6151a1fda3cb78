//! What contradicts itself without any capture: numbers of one row, rows of one list, a dump
//! and what stands beside it, logs and rows.
//!
//! A rule speaks only when it must hold for whatever was recorded: cells that may go on are
//! prefixes, frames larger than the link (offload) are data, and rows that a filter may have
//! taken out are no contradiction.

use super::model::Contradiction;
use super::words::Lang;
use crate::evidence::{Evidence, Kind};

mod hex;
mod hex_text;
mod length;
mod log_log;
mod log_rows;
mod options;
mod ports;
mod sequence;
mod time;
mod window;

#[cfg(test)]
mod tests;

pub use log_rows::against as log_against;

use super::tcp_row::TcpRow;

/// One contradiction before it knows its file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Its kind.
    pub kind: &'static str,
    /// Line of the file, or row of the picture.
    pub line: u32,
    /// Where in the line: a column, or part of a log; empty for the whole.
    pub column: &'static str,
    /// Why.
    pub why: String,
    /// Frames.
    pub frames: Vec<u64>,
}

impl Found {
    /// With its place in a file.
    #[must_use]
    pub fn within(self, file: &Evidence) -> Contradiction {
        let Self { kind, line, column, why, frames } = self;
        let name = &file.file;
        let line = if file.kind == Kind::Screenshot {
            format!("{name}: row {line}")
        } else {
            format!("{name}:{line}")
        };
        let place = if column.is_empty() { line } else { format!("{line}, {column}") };
        Contradiction { kind: kind.to_owned(), place, why, frames, region: None }
    }
}

/// Contradictions within the rows of one list.
#[must_use]
pub fn of_rows(rows: &[TcpRow], lang: Lang) -> Vec<Found> {
    let mut found = time::find(rows, lang);
    found.extend(ports::find(rows, lang));
    found.extend(options::find(rows, lang));
    found.extend(window::find(rows, lang));
    let headers = length::Headers::of(rows);
    found.extend(length::find(rows, &headers, lang));
    found.extend(sequence::find(rows, &headers, lang));
    found.sort_by_key(|found| found.line);
    found
}

pub use hex::find as of_bytes;
pub use log_log::find as of_logs;
