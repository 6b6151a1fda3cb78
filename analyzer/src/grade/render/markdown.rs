//! Grading as Markdown, to paste into a document.

use std::io::{self, Write};

use super::{claim_name, finding_name, frames, origin_name, unread, verdict_name};
use crate::grade::model::{CellVerdict, GradeReport, GradedEvidence};
use crate::grade::words::Lang;
use crate::grade::words::bytes::details_pane;

/// Writes the document.
pub(super) fn write(report: &GradeReport, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "# Evidence held against the capture\n")?;
    if let (Some(score), Some(max)) = (report.score, report.max_score) {
        writeln!(out, "**{score} of {max} points**\n")?;
    }
    if !report.items.is_empty() {
        writeln!(out, "| Item | Points | Why | Frames |\n|---|---|---|---|")?;
        for item in &report.items {
            writeln!(
                out,
                "| {} | {} of {} | {} | {} |",
                escaped(&item.title),
                item.points,
                item.max_points,
                escaped(&item.why),
                frames(&item.frames)
            )?;
        }
        writeln!(out)?;
    }
    for piece in &report.evidence {
        write_piece(piece, out)?;
    }
    if !report.joins.is_empty() {
        writeln!(out, "## run.json\n")?;
    }
    for join in &report.joins {
        let mark = if join.holds { "" } else { "**differs**: " };
        let (file, why) = (escaped(&join.file), escaped(&join.why));
        writeln!(out, "- {mark}{file}, line {}: {why}", join.line)?;
    }
    Ok(())
}

fn write_piece(piece: &GradedEvidence, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "## {} (line {})\n", escaped(&piece.file), piece.line)?;
    if let Some(capture) = &piece.capture {
        let because = piece.source_because.as_deref().unwrap_or_default();
        writeln!(
            out,
            "Held against {}: it shows {} ({}).\n",
            escaped(capture),
            origin_name(piece.source),
            escaped(because)
        )?;
    }
    let wrong = piece.rows.iter().flat_map(|row| {
        let cells = row.cells.iter().filter(|cell| cell.verdict >= Some(CellVerdict::Near));
        cells.map(move |cell| (row, cell))
    });
    let mut is_first = true;
    for (row, cell) in wrong {
        if std::mem::take(&mut is_first) {
            writeln!(
                out,
                "| Line | Frame | Column | Shown | Capture | Verdict |\n|---|---|---|---|---|---|"
            )?;
        }
        let frame = row.frame.map(|frame| frame.to_string()).unwrap_or_default();
        writeln!(
            out,
            "| {} | {frame} | {:?} | {} | {} | {} |",
            row.line,
            cell.column,
            escaped(&cell.seen),
            escaped(cell.expected.as_deref().unwrap_or_default()),
            cell.verdict.map_or("", verdict_name)
        )?;
    }
    if !is_first {
        writeln!(out)?;
    }
    if let Some(details) = &piece.details {
        writeln!(out, "- {}", details_pane(Lang::En, details))?;
    }
    if let Some(text) = unread(piece) {
        writeln!(out, "- {text}")?;
    }
    for finding in &piece.list_findings {
        writeln!(out, "- {}: {}", finding_name(finding.kind), escaped(&finding.why))?;
    }
    for found in &piece.contradictions {
        writeln!(out, "- {}: {} ({})", escaped(&found.place), escaped(&found.why), found.kind)?;
    }
    for claim in &piece.claims {
        let (text, why) = (escaped(&claim.text), escaped(&claim.why));
        writeln!(out, "- line {}: “{text}”: **{}**. {why}", claim.line, claim_name(claim.verdict))?;
    }
    writeln!(out)
}

/// Text that Markdown takes as text.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\n' | '\r' => out.push(' '),
            '\\' | '|' | '`' | '*' | '_' | '[' | ']' | '#' => out.extend(['\\', character]),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            other => out.push(other),
        }
    }
    out
}
