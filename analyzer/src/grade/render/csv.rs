//! Grading as CSV: one row for each thing that was judged.

use std::io::{self, Write};

use super::{claim_name, finding_name, frames, verdict_name};
use crate::grade::model::GradeReport;

/// The columns.
const HEADER: [&str; 9] =
    ["file", "line", "what", "frame", "column", "seen", "expected", "verdict", "why"];

/// Writes all rows.
pub(super) fn write(report: &GradeReport, out: &mut dyn Write) -> io::Result<()> {
    let mut rows = csv::Writer::from_writer(out);
    rows.write_record(HEADER)?;
    for piece in &report.evidence {
        for row in &piece.rows {
            let frame = row.frame.map(|frame| frame.to_string()).unwrap_or_default();
            for cell in &row.cells {
                let column = format!("{:?}", cell.column).to_lowercase();
                let (line, expected) = (row.line.to_string(), cell.expected.as_deref());
                let verdict = cell.verdict.map_or("", verdict_name);
                let expected = expected.unwrap_or_default();
                rows.write_record([
                    &piece.file,
                    &line,
                    "cell",
                    &frame,
                    &column,
                    &cell.seen,
                    expected,
                    verdict,
                    "",
                ])?;
            }
        }
        for finding in &piece.list_findings {
            let (frames, kind) = (frames(&finding.frames), finding_name(finding.kind));
            let line = piece.line.to_string();
            rows.write_record([
                &piece.file,
                &line,
                "order",
                &frames,
                "",
                "",
                "",
                kind,
                &finding.why,
            ])?;
        }
        for found in &piece.contradictions {
            let frames = frames(&found.frames);
            rows.write_record([
                &piece.file,
                "",
                "contradiction",
                &frames,
                &found.place,
                "",
                "",
                &found.kind,
                &found.why,
            ])?;
        }
        for claim in &piece.claims {
            let (line, frames) = (claim.line.to_string(), frames(&claim.frames));
            let verdict = claim_name(claim.verdict);
            rows.write_record([
                &piece.file,
                &line,
                "claim",
                &frames,
                "",
                &claim.text,
                "",
                verdict,
                &claim.why,
            ])?;
        }
    }
    for join in &report.joins {
        let (line, frames) = (join.line.to_string(), frames(&join.frames));
        let verdict = if join.holds { "one run" } else { "different runs" };
        let (file, manifest) = (&join.file, &join.manifest);
        rows.write_record([file, &line, "join", &frames, manifest, "", "", verdict, &join.why])?;
    }
    for item in &report.items {
        let points = format!("{} of {}", item.points, item.max_points);
        let frames = frames(&item.frames);
        rows.write_record([
            "",
            "",
            "item",
            &frames,
            &item.id,
            &item.title,
            "",
            &points,
            &item.why,
        ])?;
    }
    rows.flush()
}
