//! The rows of `analyzer capture`, shown as the frames come: the packet list's look.

use std::io::{self, BufWriter, Stdout, Write, stdout};

use analyzer::facts::FrameFacts;
use analyzer::listing::packet_list::{Look, PacketList};
use analyzer::listing::rows::RowFormat;
use analyzer::time::TimePrecision;

use crate::cli::terminal;

/// Writes one row per frame to standard output; shown when flushed.
pub struct LiveRows {
    list: PacketList,
    out: BufWriter<Stdout>,
}

impl LiveRows {
    /// Writes the titles.
    ///
    /// # Errors
    /// Those of standard output.
    pub fn new() -> io::Result<Self> {
        let mut list = PacketList::new(Look {
            format: RowFormat::Table,
            has_bytes: false,
            is_coloured: terminal::wants_colour(),
            line_width: terminal::width(),
        });
        let mut out = BufWriter::new(stdout());
        list.write_header(&mut out)?;
        out.flush()?;
        Ok(Self { list, out })
    }

    /// Adds a row.
    ///
    /// # Errors
    /// Those of standard output.
    pub fn show(&mut self, facts: &FrameFacts<'_>) -> io::Result<()> {
        self.list.prepare(facts);
        self.list.write(&mut self.out, TimePrecision::NANOS)
    }

    /// Shows the rows so far.
    ///
    /// # Errors
    /// Those of standard output.
    pub fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
