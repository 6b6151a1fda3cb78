//! The result of grading, written for people and for programs.

use std::io::{self, Write};

use super::model::{
    CellVerdict, ClaimVerdict, GradeReport, GradedEvidence, ListFindingKind, Origin,
};

mod csv;
mod markdown;
#[cfg(feature = "table")]
mod table;
#[cfg(test)]
mod tests;

/// The formats.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Sentences and tables for people at a terminal, lines of at most so many characters.
    #[cfg(feature = "table")]
    Table {
        /// Characters of a line.
        width: u16,
        /// Whether verdicts are coloured.
        colour: bool,
    },
    /// One document; its schema: [`write_schema`].
    Json,
    /// For people, to paste into a document.
    Markdown,
    /// A row for each cell, claim, contradiction and finding.
    Csv,
}

/// Writes the result.
///
/// # Errors
/// Those of the writer.
pub fn render(format: Format, report: &GradeReport, out: &mut dyn Write) -> io::Result<()> {
    match format {
        #[cfg(feature = "table")]
        Format::Table { width, colour } => table::write(report, width, colour, out),
        Format::Json => {
            serde_json::to_writer_pretty(&mut *out, report)?;
            out.write_all(b"\n")
        }
        Format::Markdown => markdown::write(report, out),
        Format::Csv => csv::write(report, out),
    }
}

/// Writes the JSON Schema of the result.
///
/// # Errors
/// Those of the writer.
pub fn write_schema(out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, &schemars::schema_for!(GradeReport))?;
    out.write_all(b"\n")
}

/// The verdict as the JSON names it.
const fn verdict_name(verdict: CellVerdict) -> &'static str {
    match verdict {
        CellVerdict::Match => "match",
        CellVerdict::Cut => "cut",
        CellVerdict::Near => "near",
        CellVerdict::Unreadable => "unreadable",
        CellVerdict::Suspect => "suspect",
        CellVerdict::Mismatch => "mismatch",
    }
}

const fn origin_name(origin: Origin) -> &'static str {
    match origin {
        Origin::ThisCapture => "this capture",
        Origin::AnotherRun => "another run of the same lab",
        Origin::AnotherCapture => "another capture",
        Origin::Unknown => "not known",
    }
}

const fn claim_name(verdict: ClaimVerdict) -> &'static str {
    match verdict {
        ClaimVerdict::True => "true",
        ClaimVerdict::False => "false",
        ClaimVerdict::Unsupported => "unsupported",
        ClaimVerdict::NotUnderstood => "not understood",
    }
}

const fn finding_name(kind: ListFindingKind) -> &'static str {
    match kind {
        ListFindingKind::Removed => "removed",
        ListFindingKind::Swapped => "swapped",
        ListFindingKind::Repeated => "repeated",
        ListFindingKind::Reordered => "reordered",
    }
}

/// Frame numbers in one cell.
fn frames(frames: &[u64]) -> String {
    const SHOWN: usize = 8;
    let mut text = frames.iter().take(SHOWN).map(u64::to_string).collect::<Vec<_>>().join(", ");
    if frames.len() > SHOWN {
        text.push_str(", …");
    }
    text
}

/// That lines within a list were not read as rows, and which; none when all were.
fn unread(piece: &GradedEvidence) -> Option<String> {
    let lines: Vec<u64> = piece.unread_lines.iter().copied().map(u64::from).collect();
    match lines.as_slice() {
        [] => None,
        [line] => Some(format!("Line {line} within the list could not be read as a row.")),
        all => {
            let count = all.len();
            Some(format!(
                "{count} lines within the list could not be read as rows: {}.",
                frames(all)
            ))
        }
    }
}
