//! Rows of cells, streamed: one buffer that every row reuses, and the formats that write it.
//!
//! Used by the tables that have a row per segment or per stream and may be millions of lines
//! long; nothing is allocated per row. [`Cell`] says how values are written.

use std::io::{self, Write};

pub use super::cell::Cell;
use super::line::Line;

/// How rows are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowFormat {
    /// Tab-separated, a header line, `-` for what is not there.
    Tsv,
    /// Comma-separated (RFC 4180), a header line, nothing for what is not there.
    Csv,
    /// One JSON object per line, `null` for what is not there.
    Ndjson,
    /// Aligned columns for people, a header line.
    Table,
}

/// A column: its name, whether its cells are numbers, and its width in [`RowFormat::Table`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// Header, and key in JSON.
    pub name: &'static str,
    /// What its cells hold.
    pub kind: CellKind,
    /// Least width of a cell in a table for people; 0 leaves the column out there.
    pub width: usize,
}

/// What the cells of a column hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CellKind {
    /// A number: bare in JSON, to the right in tables.
    Number,
    /// Text: quoted in JSON, to the left in tables.
    Text,
}

/// The cells of one row; cleared and filled again for the next.
#[derive(Debug)]
pub struct Row {
    format: RowFormat,
    /// The cells one after the other; for tab-separated rows the line itself, with a tab
    /// behind every cell.
    line: Line,
    /// Where the last cell began.
    start: usize,
    ends: Vec<usize>,
}

impl Row {
    /// Without cells, for this format.
    pub const fn new(format: RowFormat) -> Self {
        Self { format, line: Line::new(), start: 0, ends: Vec::new() }
    }

    /// Empties the row for the next one.
    pub fn clear(&mut self) {
        self.line.clear();
        self.start = 0;
        self.ends.clear();
    }

    /// Adds a cell.
    #[inline]
    pub fn add(&mut self, value: impl Cell) {
        value.write(&mut self.line);
        self.close();
    }

    /// Adds a cell, or an absent one.
    #[inline]
    pub fn add_some(&mut self, value: Option<impl Cell>) {
        if let Some(value) = value {
            value.write(&mut self.line);
        }
        self.close();
    }

    /// Adds a cell that `fill` appends to the text; an empty one counts as absent.
    #[inline]
    pub fn add_with(&mut self, fill: impl FnOnce(&mut Line)) {
        fill(&mut self.line);
        self.close();
    }

    /// Ends a cell.
    #[inline]
    fn close(&mut self) {
        if self.format != RowFormat::Tsv {
            self.ends.push(self.line.len());
            return;
        }
        if self.line.len() == self.start {
            self.line.push(b'-');
        }
        self.line.push(b'\t');
        self.start = self.line.len();
    }

    fn cells(&self) -> impl Iterator<Item = &str> {
        let (text, mut start) = (self.line.as_str(), 0);
        self.ends.iter().map(move |&end| {
            let cell = text.get(start..end).unwrap_or("");
            start = end;
            cell
        })
    }
}

impl RowFormat {
    /// Writes the header line, where the format has one.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn write_header(self, out: &mut dyn Write, columns: &[Column]) -> io::Result<()> {
        if self == Self::Ndjson {
            return Ok(());
        }
        let mut header = Row::new(self);
        for column in columns {
            header.add(column.name);
        }
        self.write_row(out, columns, &header)
    }

    /// Writes a row that was made for this format.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn write_row(self, out: &mut dyn Write, columns: &[Column], row: &Row) -> io::Result<()> {
        match self {
            Self::Tsv => write_tsv(out, row),
            Self::Csv => write_csv(out, row),
            Self::Ndjson => write_ndjson(out, columns, row),
            Self::Table => write_aligned(out, columns, row),
        }
    }
}

fn write_tsv(out: &mut dyn Write, row: &Row) -> io::Result<()> {
    let (_, line) = row.line.as_bytes().split_last().unwrap_or((&b'\t', &[]));
    out.write_all(line)?;
    out.write_all(b"\n")
}

fn write_csv(out: &mut dyn Write, row: &Row) -> io::Result<()> {
    for (index, cell) in row.cells().enumerate() {
        if index > 0 {
            out.write_all(b",")?;
        }
        if !cell.contains([',', '"', '\n', '\r']) {
            out.write_all(cell.as_bytes())?;
            continue;
        }
        out.write_all(b"\"")?;
        for (part, text) in cell.split('"').enumerate() {
            if part > 0 {
                out.write_all(b"\"\"")?;
            }
            out.write_all(text.as_bytes())?;
        }
        out.write_all(b"\"")?;
    }
    out.write_all(b"\r\n")
}

fn write_ndjson(out: &mut dyn Write, columns: &[Column], row: &Row) -> io::Result<()> {
    out.write_all(b"{")?;
    for (index, (column, cell)) in columns.iter().zip(row.cells()).enumerate() {
        let comma = if index > 0 { "," } else { "" };
        write!(out, "{comma}\"{}\":", column.name)?;
        match column.kind {
            _ if cell.is_empty() => out.write_all(b"null")?,
            CellKind::Number => out.write_all(cell.as_bytes())?,
            CellKind::Text => serde_json::to_writer(&mut *out, cell)?,
        }
    }
    out.write_all(b"}\n")
}

fn write_aligned(out: &mut dyn Write, columns: &[Column], row: &Row) -> io::Result<()> {
    let mut is_first = true;
    for (column, cell) in columns.iter().zip(row.cells()).filter(|(column, _)| column.width > 0) {
        if !is_first {
            out.write_all(b"  ")?;
        }
        is_first = false;
        let cell = if cell.is_empty() { "-" } else { cell };
        match column.kind {
            CellKind::Number => write!(out, "{cell:>width$}", width = column.width)?,
            CellKind::Text => write!(out, "{cell:<width$}", width = column.width)?,
        }
    }
    out.write_all(b"\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: [Column; 3] = [
        Column { name: "frame", kind: CellKind::Number, width: 5 },
        Column { name: "secret", kind: CellKind::Number, width: 0 },
        Column { name: "info", kind: CellKind::Text, width: 6 },
    ];

    fn written(format: RowFormat) -> String {
        let mut out = Vec::new();
        let mut row = Row::new(format);
        format.write_header(&mut out, &COLUMNS).expect("a vector takes it");
        row.add(7_u32);
        row.add_some(None::<u32>);
        row.add("a \"b\", c");
        format.write_row(&mut out, &COLUMNS, &row).expect("a vector takes it");
        row.clear();
        row.add(12_u32);
        row.add_some(Some(3_i32));
        row.add_with(|line| line.push(b'x'));
        format.write_row(&mut out, &COLUMNS, &row).expect("a vector takes it");
        String::from_utf8(out).expect("text")
    }

    #[test]
    fn every_format_writes_absent_and_awkward_cells() {
        assert_eq!(written(RowFormat::Tsv), "frame\tsecret\tinfo\n7\t-\ta \"b\", c\n12\t3\tx\n");
        assert_eq!(
            written(RowFormat::Csv),
            "frame,secret,info\r\n7,,\"a \"\"b\"\", c\"\r\n12,3,x\r\n"
        );
        assert_eq!(
            written(RowFormat::Ndjson),
            "{\"frame\":7,\"secret\":null,\"info\":\"a \\\"b\\\", c\"}\n{\"frame\":12,\"secret\":3,\"info\":\"x\"}\n"
        );
        assert_eq!(written(RowFormat::Table), "frame  info  \n    7  a \"b\", c\n   12  x     \n");
    }
}
