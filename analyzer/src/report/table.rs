//! The report for people at a terminal: sentences and comfy-table tables, readable at 80
//! columns, coloured only when the caller says so.

use std::io::{self, Write};

use comfy_table::{
    Attribute, Cell, CellAlignment, Color, ColumnConstraint, ContentArrangement, ContentLineStyle,
    LineStyle, Table, TableStyle, Width,
};

use super::Look;
use super::facts::{data, endpoints, handshake, options, overlaps, teardown};
use super::overview::{cut, lines, nothing, severity, witnesses};
use super::parallel::{self, verdict};
use super::story::story;
use super::wording::{clean, count, endpoint, event, grouped, side, wrap};
use crate::summary::{
    CaptureSummary, Connection, Parallelism, SegmentRow, Severity, TeardownOutcome,
};

/// Longest line of running text, however wide the terminal is.
const MAX_TEXT_WIDTH: usize = 100;

/// Columns without lines between them, a line below the header.
const STYLE: TableStyle = TableStyle::new()
    .header_lines(ContentLineStyle::none())
    .header_separator(LineStyle::none().fill('─').junction('─'))
    .content_lines(ContentLineStyle::none());

/// Writes one summary.
pub(super) fn write(summary: &CaptureSummary, look: Look, out: &mut dyn Write) -> io::Result<()> {
    Page { look, out }.summary(summary)
}

/// A writer with a width.
struct Page<'a> {
    look: Look,
    out: &'a mut dyn Write,
}

impl Page<'_> {
    fn summary(&mut self, summary: &CaptureSummary) -> io::Result<()> {
        self.heading(&format!("Capture {}", clean(&summary.capture.file)))?;
        for line in lines(summary) {
            self.text(&line, "  ")?;
        }
        self.findings(summary)?;
        if let Some(reason) = nothing(summary) {
            writeln!(self.out)?;
            return self.text(&reason, "");
        }
        self.concurrency(summary)?;
        self.connections(summary)?;
        for connection in &summary.connections {
            self.connection(connection)?;
        }
        Ok(())
    }

    fn heading(&mut self, text: &str) -> io::Result<()> {
        let text = wrap(text, usize::from(self.look.width), "");
        match self.look.colour {
            true => writeln!(self.out, "\u{1b}[1m{text}\u{1b}[0m"),
            false => writeln!(self.out, "{text}"),
        }
    }

    fn text(&mut self, text: &str, indent: &str) -> io::Result<()> {
        let width = usize::from(self.look.width).min(MAX_TEXT_WIDTH);
        writeln!(self.out, "{}", wrap(text, width, indent))
    }

    fn findings(&mut self, summary: &CaptureSummary) -> io::Result<()> {
        if summary.findings.is_empty() {
            return Ok(());
        }
        writeln!(self.out)?;
        self.heading("Before you trust it")?;
        for finding in &summary.findings {
            let word = severity(finding.severity);
            let frames = witnesses(&finding.frames, finding.count);
            let width = usize::from(self.look.width).min(MAX_TEXT_WIDTH);
            let line = format!("{word}: {}{frames}", clean(&finding.text));
            let wrapped = wrap(&line, width, "  ");
            let colour = match finding.severity {
                Severity::Error => "\u{1b}[31m",
                Severity::Warning => "\u{1b}[33m",
                Severity::Note => "\u{1b}[36m",
            };
            let painted = match self.look.colour {
                true => wrapped.replacen(word, &format!("{colour}{word}\u{1b}[0m"), 1),
                false => wrapped,
            };
            writeln!(self.out, "{painted}")?;
        }
        Ok(())
    }

    fn concurrency(&mut self, summary: &CaptureSummary) -> io::Result<()> {
        let concurrency = &summary.concurrency;
        if concurrency.parallelism == Parallelism::NotApplicable {
            return Ok(());
        }
        writeln!(self.out)?;
        self.heading("In parallel?")?;
        self.text(&verdict(concurrency), "  ")?;
        for line in parallel::witnesses(concurrency) {
            self.text(&line, "    ")?;
        }
        Ok(())
    }

    fn connections(&mut self, summary: &CaptureSummary) -> io::Result<()> {
        writeln!(self.out)?;
        self.heading(&count(summary.connections_total, "connection", "connections"))?;
        let mut table = self.new_table(&["#", "Client → server", "Handshake", "Data", "End"]);
        // Addresses are to be copied, so they stay whole unless they take half of the line.
        if let Some(column) = table.column_mut(1) {
            let half = Width::Percentage(50);
            column.set_constraint(match self.has_short_endpoints(summary) {
                true => ColumnConstraint::ContentWidth,
                false => ColumnConstraint::UpperBoundary(half),
            });
        }
        for connection in &summary.connections {
            table.add_row(vec![
                Cell::new(connection.stream).set_alignment(CellAlignment::Right),
                Cell::new(endpoints(connection).join("\n")),
                Cell::new(handshake(connection).join("\n")),
                Cell::new(data(connection).join("\n")),
                self.end_cell(connection),
            ]);
        }
        self.table(&table)?;
        if summary.connections.iter().any(|c| c.roles == crate::summary::RoleBasis::Assumed) {
            self.text("? the roles are assumed: the start is not in the capture", "  ")?;
        }
        match cut(summary) {
            Some(text) => self.text(&text, "  "),
            None => Ok(()),
        }
    }

    fn has_short_endpoints(&self, summary: &CaptureSummary) -> bool {
        let widths = summary.connections.iter().flat_map(endpoints).map(|e| e.chars().count());
        widths.max().unwrap_or(0) <= usize::from(self.look.width) / 2
    }

    fn end_cell(&self, connection: &Connection) -> Cell {
        let cell = Cell::new(teardown(connection).join("\n"));
        match connection.teardown.outcome {
            TeardownOutcome::Reset | TeardownOutcome::NeverOpened => cell.fg(Color::Red),
            TeardownOutcome::Open | TeardownOutcome::HalfClosed => cell.fg(Color::Yellow),
            TeardownOutcome::Closed | TeardownOutcome::ClosedUnacknowledged => cell,
        }
    }

    fn connection(&mut self, connection: &Connection) -> io::Result<()> {
        writeln!(self.out)?;
        self.heading(&format!(
            "Connection {}: {} → {}",
            connection.stream,
            endpoint(&connection.client),
            endpoint(&connection.server)
        ))?;
        self.text(&story(connection), "  ")?;
        if let Some(offered) = options(connection) {
            self.text(&format!("Offered: {offered}."), "  ")?;
        }
        if let Some(others) = overlaps(connection) {
            self.text(&format!("Open meanwhile: {others}."), "  ")?;
        }
        if connection.segments_total > 0 {
            self.segments(connection)?;
        }
        Ok(())
    }

    fn segments(&mut self, connection: &Connection) -> io::Result<()> {
        writeln!(self.out)?;
        let rows = &connection.segments;
        let room = SegmentRoom::for_rows(rows, self.look.width);
        let header = ["Frame", "Time", "From", "Flags", "Bytes", "First bytes", ""];
        let mut table = self.new_table(&header);
        for column in table.column_iter_mut() {
            column.set_padding((0, 1));
        }
        let mut cut = connection.segments_cut;
        for (index, row) in rows.iter().enumerate() {
            if cut > 0 && is_after_cut(rows.len(), index) {
                table.add_row(cut_row(cut));
                cut = 0;
            }
            table.add_row(room.cells(row));
        }
        if cut > 0 {
            table.add_row(cut_row(cut));
        }
        self.table(&table)
    }

    fn new_table(&self, header: &[&str]) -> Table {
        let mut table = Table::new();
        table
            .load_style(STYLE)
            .set_content_arrangement(ContentArrangement::Dynamic)
            .set_width(self.look.width.saturating_sub(2));
        if self.look.colour {
            table.enforce_styling();
        } else {
            table.force_no_tty();
        }
        let bold = |text: &&str| Cell::new(text).add_attribute(Attribute::Bold);
        table.set_header(header.iter().map(bold).collect::<Vec<_>>());
        table
    }

    fn table(&mut self, table: &Table) -> io::Result<()> {
        for line in table.lines() {
            writeln!(self.out, "  {}", line.trim_end())?;
        }
        Ok(())
    }
}

/// True for the first of the last rows: three quarters of the rows are from the start.
fn is_after_cut(kept: usize, index: usize) -> bool {
    index == kept - kept / 4
}

fn cut_row(cut: u64) -> Vec<Cell> {
    let empty = || Cell::new("");
    let text = format!("{} not shown", grouped(cut));
    vec![
        Cell::new("…").set_alignment(CellAlignment::Right),
        empty(),
        empty(),
        empty(),
        empty(),
        Cell::new(text),
    ]
}

/// How many bytes of each payload fit the line.
struct SegmentRoom {
    hex_bytes: usize,
    text_chars: usize,
}

impl SegmentRoom {
    fn for_rows(rows: &[SegmentRow], width: u16) -> Self {
        let widest = |len: &dyn Fn(&SegmentRow) -> usize, header: usize| {
            rows.iter().map(len).max().unwrap_or(0).max(header)
        };
        let fixed = widest(&|row| row.frame.to_string().len(), 5)
            + widest(&|row| format!("{:.6}", row.time).len(), 4)
            + widest(&|row| flags(row).lines().map(str::len).max().unwrap_or(0), 5)
            + widest(&|row| row.payload_len.to_string().len(), 5)
            + "client".len();
        // Seven columns with a space behind each, a character between two, the page's indent.
        let free = usize::from(width).saturating_sub(fixed + 7 + 6 + 2);
        // Half of the room for hex, three characters a byte and a mark that there is more.
        let hex_bytes = (free / 6).clamp(4, 32);
        Self { hex_bytes, text_chars: free.saturating_sub(hex_bytes * 3 + 1).clamp(8, 32) }
    }

    fn cells(&self, row: &SegmentRow) -> Vec<Cell> {
        let right = |text: String| Cell::new(text).set_alignment(CellAlignment::Right);
        let mut hex: String = row.hex.chars().take(self.hex_bytes * 3 - 1).collect();
        let shown = row.hex.split_whitespace().count().min(self.hex_bytes);
        if row.payload_len as usize > shown && shown > 0 {
            hex.push_str(" …");
        }
        vec![
            right(row.frame.to_string()),
            right(format!("{:.6}", row.time)),
            Cell::new(side(row.from)),
            Cell::new(flags(row)),
            right(row.payload_len.to_string()),
            Cell::new(hex),
            Cell::new(row.text.chars().take(self.text_chars).collect::<String>()),
        ]
    }
}

/// Flags, and below them what is special about the segment.
fn flags(row: &SegmentRow) -> String {
    let events = row.events.iter().map(|kind| event(*kind).0);
    std::iter::once(row.flags.as_str()).chain(events).collect::<Vec<_>>().join("\n")
}
