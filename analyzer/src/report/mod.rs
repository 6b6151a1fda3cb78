//! Renderers: finished summaries in, a writer out.
//!
//! [`render`] writes any number of summaries in one [`Format`]. Nothing here looks at a
//! capture, opens a file or knows about terminals: the caller says in [`Look`] how wide the
//! paper is and whether it takes colour.

use std::io::{self, Write};

use crate::summary::CaptureSummary;

pub use schema::write_schema;
pub use story::story;

mod csv;
mod ending;
mod facts;
mod json;
mod markdown;
mod overview;
mod parallel;
mod schema;
mod story;
#[cfg(feature = "table")]
mod table;
#[cfg(test)]
mod tests;
mod wording;

/// How a report is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For people at a terminal.
    #[cfg(feature = "table")]
    Table,
    /// One document with everything: [`crate::summary::Report`].
    Json,
    /// One line per connection, all of them.
    Ndjson,
    /// One row per connection, all of them.
    Csv,
    /// For people, to paste into a document.
    Markdown,
}

/// The paper that a table is drawn on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// Characters per line.
    pub width: u16,
    /// True when ANSI colours are welcome.
    pub colour: bool,
}

impl Default for Look {
    fn default() -> Self {
        Self { width: 80, colour: false }
    }
}

impl Format {
    /// True when every capture can be written as soon as it is read; false for a document that
    /// holds all of them.
    pub const fn is_streamed(self) -> bool {
        !matches!(self, Self::Json)
    }
}

/// Writes the summaries, in their order.
///
/// # Errors
/// Those of the writer.
pub fn render(
    format: Format,
    summaries: &[CaptureSummary],
    look: Look,
    out: &mut dyn Write,
) -> io::Result<()> {
    if !format.is_streamed() {
        return json::write_document(summaries, out);
    }
    for (index, summary) in summaries.iter().enumerate() {
        render_next(format, summary, index == 0, look, out)?;
    }
    Ok(())
}

/// Writes one summary behind those before it, for captures that are read one by one. A format
/// that is not streamed gets a document of its own.
///
/// # Errors
/// Those of the writer.
pub fn render_next(
    format: Format,
    summary: &CaptureSummary,
    is_first: bool,
    #[cfg_attr(not(feature = "table"), expect(unused_variables, reason = "only tables have one"))]
    look: Look,
    out: &mut dyn Write,
) -> io::Result<()> {
    let is_prose = !matches!(format, Format::Json | Format::Ndjson | Format::Csv);
    if is_prose && !is_first {
        writeln!(out)?;
    }
    match format {
        #[cfg(feature = "table")]
        Format::Table => table::write(summary, look, out),
        Format::Json => json::write_document(std::slice::from_ref(summary), out),
        Format::Ndjson => json::write_lines(summary, out),
        Format::Csv => csv::write(summary, is_first, out),
        Format::Markdown => markdown::write(summary, out),
    }
}
