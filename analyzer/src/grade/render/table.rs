//! Grading for people at a terminal: what was found, piece by piece, the good news in one line.

use std::io::{self, Write};

use comfy_table::{
    Cell as TableCell, Color, ContentArrangement, ContentLineStyle, LineStyle, Table, TableStyle,
};

use super::{claim_name, finding_name, frames, origin_name, unread, verdict_name};
use crate::grade::model::{
    CellVerdict, ClaimVerdict, GradeReport, GradedEvidence, GradedRow, Origin,
};
use crate::grade::words::Lang;
use crate::grade::words::bytes::details_pane;

/// Cells that are listed for one piece of evidence.
const MAX_CELLS: usize = 40;
/// Cells that are listed where the whole list shows another recording.
const MAX_ELSEWHERE: usize = 6;

/// Columns without lines between them, a line below the header.
const STYLE: TableStyle = TableStyle::new()
    .header_lines(ContentLineStyle::none())
    .header_separator(LineStyle::none().fill('─').junction('─'))
    .content_lines(ContentLineStyle::none());

/// Writes all pieces, then the points.
pub(super) fn write(
    report: &GradeReport,
    width: u16,
    colour: bool,
    out: &mut dyn Write,
) -> io::Result<()> {
    for piece in &report.evidence {
        write_piece(piece, width, colour, out)?;
    }
    for join in &report.joins {
        let text = format!("{}, line {}: {}", join.file, join.line, join.why);
        let lead = if join.holds { "" } else { "! " };
        write_wrapped(out, lead, &format!("{} and {text}", join.manifest), width)?;
    }
    write_items(report, width, out)?;
    let verdict = if report.holds {
        "Nothing that was shown or claimed is contradicted."
    } else {
        "Not everything that was shown or claimed holds; see above."
    };
    writeln!(out, "{verdict}")
}

fn write_piece(
    piece: &GradedEvidence,
    width: u16,
    colour: bool,
    out: &mut dyn Write,
) -> io::Result<()> {
    let kind = serde_json::to_value(piece.kind).ok();
    let kind = kind.as_ref().and_then(|kind| kind.as_str()).unwrap_or_default().replace('-', " ");
    writeln!(out, "{}, from line {}: {kind}", piece.file, piece.line)?;
    if let Some(capture) = &piece.capture {
        let because = piece.source_because.as_deref().unwrap_or_default();
        let text = match (piece.source, because) {
            (Origin::Unknown, "") if !piece.contradictions.is_empty() => {
                format!("Held against {capture}.")
            }
            (Origin::Unknown, "") => format!("Held against {capture}: nothing speaks against it."),
            (source, because) => {
                format!("Held against {capture}: it shows {} ({because}).", origin_name(source))
            }
        };
        write_wrapped(out, "  ", &text, width)?;
    }
    write_counts(piece, width, out)?;
    write_cells(piece, width, colour, out)?;
    if let Some(details) = &piece.details {
        write_wrapped(out, "  ", &details_pane(Lang::En, details), width)?;
    }
    if let Some(text) = unread(piece) {
        write_wrapped(out, "  ", &text, width)?;
    }
    for finding in &piece.list_findings {
        let text = format!("{}: {}", finding_name(finding.kind), finding.why);
        write_wrapped(out, "  - ", &text, width)?;
    }
    for found in &piece.contradictions {
        write_wrapped(out, "  - ", &format!("{}: {}", found.place, found.why), width)?;
    }
    for claim in &piece.claims {
        let why = if claim.why.is_empty() { String::new() } else { format!(": {}", claim.why) };
        let frames = if claim.frames.is_empty() || claim.verdict == ClaimVerdict::NotUnderstood {
            String::new()
        } else {
            format!(" (frames {})", frames(&claim.frames))
        };
        let text = format!(
            "line {}: “{}”: {}{why}{frames}",
            claim.line,
            claim.text,
            claim_name(claim.verdict).to_uppercase()
        );
        write_wrapped(out, "  - ", &text, width)?;
    }
    writeln!(out)
}

/// How many cells have which verdict, in one line.
fn write_counts(piece: &GradedEvidence, width: u16, out: &mut dyn Write) -> io::Result<()> {
    if piece.rows.is_empty() {
        return Ok(());
    }
    if piece.capture.is_none() {
        return writeln!(
            out,
            "  {} rows; there is no capture to hold them against.",
            piece.rows.len()
        );
    }
    let count = |verdict| {
        piece.rows.iter().flat_map(|row| &row.cells).filter(|c| c.verdict == Some(verdict)).count()
    };
    let verdicts = [
        CellVerdict::Match,
        CellVerdict::Cut,
        CellVerdict::Near,
        CellVerdict::Unreadable,
        CellVerdict::Suspect,
        CellVerdict::Mismatch,
    ];
    let parts: Vec<String> = verdicts
        .into_iter()
        .filter(|verdict| count(*verdict) > 0)
        .map(|verdict| format!("{} {}", count(verdict), verdict_name(verdict)))
        .collect();
    let lost = piece.rows.iter().filter(|row| row.frame.is_none()).count();
    let lost = if lost > 0 {
        format!("; {lost} rows are in no frame of this capture")
    } else {
        String::new()
    };
    let text = format!("{} rows; cells: {}{lost}.", piece.rows.len(), parts.join(", "));
    write_wrapped(out, "  ", &text, width)
}

/// The cells that are not simply right.
fn write_cells(
    piece: &GradedEvidence,
    width: u16,
    colour: bool,
    out: &mut dyn Write,
) -> io::Result<()> {
    let rows = || piece.rows.iter().flat_map(wrong_cells);
    let total = rows().count();
    if total == 0 {
        return Ok(());
    }
    let is_elsewhere = matches!(piece.source, Origin::AnotherRun | Origin::AnotherCapture);
    let shown = if is_elsewhere { MAX_ELSEWHERE } else { MAX_CELLS };
    let mut table = Table::new();
    table.load_style(STYLE).set_width(width).set_content_arrangement(ContentArrangement::Dynamic);
    if !colour {
        table.force_no_tty();
    }
    table.set_header(["  Line", "Frame", "Column", "Shown", "Capture", "Verdict"]);
    for (row, cell) in rows().take(shown) {
        let verdict = cell.verdict.map_or("", verdict_name);
        let mut mark = TableCell::new(verdict);
        if colour && cell.verdict >= Some(CellVerdict::Suspect) {
            mark = mark.fg(Color::Red);
        }
        table.add_row([
            TableCell::new(format!("  {}", row.line)),
            TableCell::new(row.frame.map(|frame| frame.to_string()).unwrap_or_default()),
            TableCell::new(format!("{:?}", cell.column)),
            TableCell::new(&cell.seen),
            TableCell::new(cell.expected.as_deref().unwrap_or_default()),
            mark,
        ]);
    }
    writeln!(out, "{}", table.trim_fmt())?;
    if total > shown {
        writeln!(out, "  … and {} more; --format csv lists all", total - shown)?;
    }
    Ok(())
}

fn wrong_cells(
    row: &GradedRow,
) -> impl Iterator<Item = (&GradedRow, &crate::grade::model::GradedCell)> {
    let cells = row.cells.iter().filter(|cell| cell.verdict >= Some(CellVerdict::Near));
    cells.map(move |cell| (row, cell))
}

fn write_items(report: &GradeReport, width: u16, out: &mut dyn Write) -> io::Result<()> {
    for item in &report.items {
        let head = format!("{} of {}  {}", item.points, item.max_points, item.title);
        write_wrapped(out, "", &head, width)?;
        write_wrapped(out, "    ", &item.why, width)?;
    }
    if let (Some(score), Some(max)) = (report.score, report.max_score) {
        writeln!(out, "\nPoints: {score} of {max}")?;
    }
    Ok(())
}

/// Writes words in lines of at most `width` characters, the later ones indented.
fn write_wrapped(out: &mut dyn Write, lead: &str, text: &str, width: u16) -> io::Result<()> {
    let indent = " ".repeat(lead.chars().count());
    let mut line = lead.to_owned();
    let mut length = lead.chars().count();
    let mut is_empty = true;
    for word in text.split_whitespace() {
        let word_length = word.chars().count();
        if !is_empty && length + 1 + word_length > usize::from(width) {
            writeln!(out, "{line}")?;
            line.clone_from(&indent);
            length = indent.len();
            is_empty = true;
        }
        if !is_empty {
            line.push(' ');
            length += 1;
        }
        line.push_str(word);
        length += word_length;
        is_empty = false;
    }
    writeln!(out, "{line}")
}
