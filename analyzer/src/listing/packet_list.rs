//! The packet list: a row per frame with Wireshark's columns, streamed in one pass.
//!
//! A row is made in two steps, because how many digits its time has is known to the source,
//! which lends the frame: [`PacketList::prepare`] reads the facts, [`PacketList::write`]
//! writes the row once the frame is gone. Nothing is allocated per row after the first ones.

use std::fmt::Write as _;
use std::io::{self, Write};

use super::hex_pane;
use super::rows::CellKind::{Number, Text};
use super::rows::{Column, Row, RowFormat};
use crate::facts::FrameFacts;
use crate::info::{self, Describer, column_addresses};
use crate::tcp::{AnalysisFlags, TcpFlags};
use crate::time::{TimeDelta, TimePrecision};

/// The columns of every format but the table for people.
pub const COLUMNS: [Column; 9] = [
    Column { name: "frame", kind: Number, width: 0 },
    Column { name: "time", kind: Number, width: 0 },
    Column { name: "source", kind: Text, width: 0 },
    Column { name: "destination", kind: Text, width: 0 },
    Column { name: "protocol", kind: Text, width: 0 },
    Column { name: "length", kind: Number, width: 0 },
    Column { name: "info", kind: Text, width: 0 },
    Column { name: "protocols", kind: Text, width: 0 },
    Column { name: "frame_len", kind: Number, width: 0 },
];

/// Least widths of the table's columns in front of Info; they grow with what they show.
const WIDTHS: [usize; 6] = [5, 10, 13, 13, 5, 5];
/// Titles of the table's columns.
const TITLES: [&str; 6] = ["No.", "Time", "Source", "Destination", "Proto", "Len"];
/// Least room for Info when lines are cut.
const MIN_INFO: usize = 16;
/// Ends the colour of a row.
const RESET: &str = "\x1b[0m";

/// How the list looks.
#[derive(Debug, Clone, Copy)]
pub struct Look {
    /// Rows for programs, or the table for people.
    pub format: RowFormat,
    /// Adds the bytes of each frame below its row.
    pub has_bytes: bool,
    /// Colours rows by what they are; only for terminals.
    pub is_coloured: bool,
    /// Cuts the table's lines to so many characters; `None` never cuts.
    pub line_width: Option<usize>,
}

/// Writes the packet list.
#[derive(Debug)]
pub struct PacketList {
    look: Look,
    describer: Describer,
    widths: [usize; 6],
    row: Row,
    line: String,
    next: Next,
}

/// What `prepare` keeps for `write`.
#[derive(Debug, Default)]
struct Next {
    number: u64,
    time: TimeDelta,
    source: String,
    destination: String,
    protocol: &'static str,
    length: u32,
    info: String,
    protocols: String,
    colour: Option<&'static str>,
    bytes: Vec<u8>,
}

impl PacketList {
    /// A list without rows.
    pub fn new(look: Look) -> Self {
        let (row, line) = (Row::new(look.format), String::new());
        let describer = Describer::new();
        Self { look, describer, widths: WIDTHS, row, line, next: Next::default() }
    }

    /// Writes the titles.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn write_header(&mut self, out: &mut dyn Write) -> io::Result<()> {
        if self.look.format != RowFormat::Table {
            return self.look.format.write_header(out, &COLUMNS);
        }
        self.line.clear();
        push_cells(&mut self.line, &mut self.widths, TITLES);
        self.line.push_str("Info");
        self.write_line(out, None)
    }

    /// Takes in the facts of the next frame. Every frame must pass here, in order, also the
    /// ones that are not written.
    pub fn prepare(&mut self, facts: &FrameFacts<'_>) {
        let next = &mut self.next;
        next.number = facts.frame.number.0;
        next.time = facts.time_relative;
        next.length = facts.frame.wire_len;
        next.protocol = self.describer.describe(facts, &mut next.info);
        let (source, destination) = column_addresses(&facts.decoded);
        for (text, address) in [(&mut next.source, source), (&mut next.destination, destination)] {
            text.clear();
            // Writing to a String does not fail.
            let _ = write!(text, "{address}");
        }
        next.protocols.clear();
        let _ = facts.decoded.write_protocols(&mut next.protocols);
        if let Some(above) = info::layer_above(facts, next.protocol) {
            next.protocols.push(':');
            next.protocols.push_str(above);
        }
        next.colour = if self.look.is_coloured { colour(facts, next.protocol) } else { None };
        next.bytes.clear();
        if self.look.has_bytes {
            next.bytes.extend_from_slice(facts.frame.bytes);
        }
    }

    /// Writes the row of the frame that was prepared last, its time with the digits that its
    /// interface has.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn write(&mut self, out: &mut dyn Write, precision: TimePrecision) -> io::Result<()> {
        let digits = usize::from(precision.as_digits());
        if self.look.format == RowFormat::Table {
            let next = &self.next;
            let mut time = String::new();
            let _ = write!(time, "{:.digits$}", next.time);
            self.line.clear();
            let (number, length) = (next.number.to_string(), next.length.to_string());
            let cells =
                [&*number, &*time, &*next.source, &*next.destination, next.protocol, &*length];
            push_cells(&mut self.line, &mut self.widths, cells);
            self.line.push_str(&next.info);
            let colour = next.colour;
            self.write_line(out, colour)?;
        } else {
            let (row, next) = (&mut self.row, &self.next);
            row.clear();
            row.add(next.number);
            row.add(format_args!("{:.digits$}", next.time));
            row.add(&*next.source);
            row.add(&*next.destination);
            row.add(next.protocol);
            row.add(next.length);
            row.add(&*next.info);
            row.add(&*next.protocols);
            row.add(next.length);
            self.look.format.write_row(out, &COLUMNS, row)?;
        }
        if self.look.has_bytes {
            hex_pane::write(out, &self.next.bytes)?;
            out.write_all(b"\n")?;
        }
        Ok(())
    }

    /// Writes `line`, cut and coloured.
    fn write_line(&mut self, out: &mut dyn Write, colour: Option<&str>) -> io::Result<()> {
        if let Some(width) = self.look.line_width {
            let least = self.widths.iter().map(|width| width + 1).sum::<usize>() + MIN_INFO;
            cut(&mut self.line, width.max(least));
        }
        match colour {
            Some(colour) => writeln!(out, "{colour}{}{RESET}", self.line),
            None => writeln!(out, "{}", self.line),
        }
    }
}

/// Adds the cells in front of Info, numbers to the right; widths grow where they must.
fn push_cells(line: &mut String, widths: &mut [usize; 6], cells: [&str; 6]) {
    for (index, (cell, width)) in cells.iter().zip(widths).enumerate() {
        let len = cell.chars().count();
        *width = len.max(*width);
        let fill = *width - len;
        let is_number = matches!(index, 0 | 1 | 5);
        let spaces = |line: &mut String, count| line.extend(std::iter::repeat_n(' ', count));
        if is_number {
            spaces(line, fill);
        }
        line.push_str(cell);
        if !is_number {
            spaces(line, fill);
        }
        line.push(' ');
    }
}

/// Shortens a line to so many characters, the last one saying that it was cut.
fn cut(line: &mut String, width: usize) {
    if line.chars().nth(width).is_none() {
        return;
    }
    if let Some((at, _)) = line.char_indices().nth(width.saturating_sub(1)) {
        line.truncate(at);
        line.push('…');
    }
}

/// The colour of a row, after the rules that Wireshark has on by default.
fn colour(facts: &FrameFacts<'_>, protocol: &str) -> Option<&'static str> {
    if let Some(tcp) = &facts.tcp {
        let flags = tcp.analysis.flags;
        if !(flags - AnalysisFlags::WINDOW_UPDATE - AnalysisFlags::TFO_SYN - AnalysisFlags::TFO_ACK)
            .is_empty()
        {
            return Some("\x1b[91m");
        }
        if tcp.segment.flags.contains(TcpFlags::RST) {
            return Some("\x1b[33m");
        }
        if tcp.segment.flags.intersects(TcpFlags::SYN | TcpFlags::FIN) {
            return Some("\x1b[90m");
        }
    }
    match protocol {
        "HTTP" | "HTTP/XML" | "HTTP/JSON" => Some("\x1b[32m"),
        "ARP" => Some("\x1b[93m"),
        "ICMP" | "ICMPv6" => Some("\x1b[95m"),
        "UDP" | "DNS" | "MDNS" | "LLMNR" | "DHCP" | "NTP" | "SSDP" => Some("\x1b[36m"),
        _ => None,
    }
}
