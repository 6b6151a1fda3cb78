//! JSON: one document with everything, or one line per connection.

use std::io::{self, BufWriter, Write};

use serde::Serialize;
use serde_json::Serializer;

use self::indented::Indented;

use crate::summary::{CaptureSummary, Connection, VERSION};

mod indented;

/// The document; the same shape as [`crate::summary::Report`], without copying.
#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    captures: &'a [CaptureSummary],
}

/// One line: a connection with the file that it is from.
#[derive(Serialize)]
struct Line<'a> {
    version: u32,
    file: &'a str,
    #[serde(flatten)]
    connection: &'a Connection,
}

/// Writes one indented document and a line feed.
pub(super) fn write_document(summaries: &[CaptureSummary], out: &mut dyn Write) -> io::Result<()> {
    let document = Document { version: VERSION, captures: summaries };
    // Here the compiler knows the writer, and puts the many small pieces into it directly.
    let mut out = BufWriter::with_capacity(1 << 16, out);
    document.serialize(&mut Serializer::with_formatter(&mut out, Indented::default()))?;
    writeln!(out)?;
    out.flush()
}

/// Writes every connection as a line of its own.
pub(super) fn write_lines(summary: &CaptureSummary, out: &mut dyn Write) -> io::Result<()> {
    for connection in summary.every_connection() {
        let line = Line { version: VERSION, file: &summary.capture.file, connection: &connection };
        serde_json::to_writer(&mut *out, &line)?;
        writeln!(out)?;
    }
    Ok(())
}
