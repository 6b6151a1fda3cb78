//! The JSON Schema of the report.

use std::io::{self, Write};

use crate::summary::Report;

/// Writes the JSON Schema (draft 2020-12) of the document that [`super::Format::Json`] gives.
///
/// # Errors
/// Those of the writer.
pub fn write_schema(out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, &schemars::schema_for!(Report))?;
    writeln!(out)
}
