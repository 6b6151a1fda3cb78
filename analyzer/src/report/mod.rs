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

/// Writes the summaries, in their order.
///
/// # Errors
/// Those of the writer.
pub fn render(
    format: Format,
    summaries: &[CaptureSummary],
    #[cfg_attr(not(feature = "table"), expect(unused_variables, reason = "only tables have one"))]
    look: Look,
    out: &mut dyn Write,
) -> io::Result<()> {
    match format {
        #[cfg(feature = "table")]
        Format::Table => table::write(summaries, look, out),
        Format::Json => json::write_document(summaries, out),
        Format::Ndjson => json::write_lines(summaries, out),
        Format::Csv => csv::write(summaries, out),
        Format::Markdown => markdown::write(summaries, out),
    }
}
