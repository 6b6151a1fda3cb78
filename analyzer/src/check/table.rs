//! The result for people: what does not hold, why, and the rows that prove it.

use std::io::{self, Write};

use super::model::{CaseReport, CheckReport, ExpectationReport, FrameRow, Reason};

/// Cases above which those that hold are only counted.
const MOST_GOOD_CASES: usize = 40;
/// Titles of the rows' columns.
const TITLES: [&str; 7] = ["No.", "Time", "Source", "Destination", "Proto", "Len", "Info"];
/// The same columns by the names of the fields.
const FIELDS: [&str; 7] = ["frame", "time", "source", "destination", "protocol", "length", "info"];
/// Least room for Info.
const LEAST_INFO: usize = 20;

/// How the result looks.
#[derive(Debug, Clone, Copy)]
pub struct Look {
    /// Characters of a line.
    pub width: usize,
    /// Colours; only for terminals. Without, marked cells have a row of carets below.
    pub colour: bool,
    /// Shows the expectations that hold, too, and each condition in CEL.
    pub shows_all: bool,
}

impl Default for Look {
    fn default() -> Self {
        Self { width: 80, colour: false, shows_all: false }
    }
}

/// Writes the result.
///
/// # Errors
/// Those of the writer.
pub fn write(report: &CheckReport, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let tells_good = look.shows_all || report.cases.len() <= MOST_GOOD_CASES;
    for case in &report.cases {
        if !case.holds || tells_good {
            write_case(case, look, out)?;
        }
    }
    if report.cases.len() > 1 {
        writeln!(out, "{}", total(report))?;
    }
    Ok(())
}

/// `24 cases: 23 hold, 1 does not`.
fn total(report: &CheckReport) -> String {
    let mut parts = vec![format!("{} {}", report.passed, verb(report.passed, "holds", "hold"))];
    if report.failed > 0 {
        parts.push(format!("{} {}", report.failed, verb(report.failed, "does not", "do not")));
    }
    if report.errors > 0 {
        parts.push(format!("{} could not be checked", report.errors));
    }
    format!("{} cases: {}", report.cases.len(), parts.join(", "))
}

fn verb<'w>(count: usize, one: &'w str, many: &'w str) -> &'w str {
    if count == 1 { one } else { many }
}

fn painted(look: Look, colour: &str, text: &str) -> String {
    if look.colour { format!("\x1b[{colour}m{text}\x1b[0m") } else { text.to_owned() }
}

/// Writes one case.
///
/// # Errors
/// Those of the writer.
pub(super) fn write_case(case: &CaseReport, look: Look, out: &mut dyn Write) -> io::Result<()> {
    if let Some(error) = &case.error {
        writeln!(out, "{} {}", painted(look, "31", "ERROR"), case.name)?;
        return indented(out, 2, error);
    }
    let mut parts = format!(
        "{} {}",
        case.expectations.len(),
        verb(case.expectations.len(), "expectation", "expectations")
    );
    if case.snapshot.is_some() {
        parts.push_str(", snapshot");
    }
    if case.holds {
        writeln!(out, "{} {} ({parts})", painted(look, "32", "ok   "), case.name)?;
    } else {
        let failures = case.failures();
        let told = verb(failures, "does not hold", "do not hold");
        writeln!(
            out,
            "{} {}: {failures} of {} {told}",
            painted(look, "31", "FAIL "),
            case.name,
            case.parts()
        )?;
        if let Some(description) = &case.description {
            wrapped(out, look, 2, description.trim())?;
        }
    }
    for expectation in case.expectations.iter().filter(|one| look.shows_all || !one.holds) {
        write_expectation(expectation, look, out)?;
    }
    let Some(snapshot) = case.snapshot.as_ref().filter(|snapshot| !snapshot.same) else {
        return Ok(());
    };
    writeln!(out, "  {} as blessed", painted(look, "31", "not"))?;
    for difference in &snapshot.differences {
        wrapped(out, look, 4, &difference.sentence)?;
        write_rows(&difference.rows, look, out)?;
    }
    Ok(())
}

fn write_expectation(one: &ExpectationReport, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let lead = match (one.holds, &one.undecided) {
        (true, _) => painted(look, "32", "holds"),
        (false, None) => painted(look, "31", "not"),
        (false, Some(_)) => painted(look, "31", "undecided"),
    };
    writeln!(out, "  {lead} {}", one.name)?;
    if let Some(text) = &one.text {
        wrapped(out, look, 4, text.trim())?;
    }
    write_why(one, look, 4, out)
}

/// Why an expectation does not hold, in plain text.
///
/// # Errors
/// Those of the writer.
pub(super) fn write_reasons(one: &ExpectationReport, out: &mut dyn Write) -> io::Result<()> {
    write_why(one, Look { width: 100, ..Look::default() }, 0, out)
}

fn write_why(
    one: &ExpectationReport,
    look: Look,
    indent: usize,
    out: &mut dyn Write,
) -> io::Result<()> {
    if let Some(undecided) = &one.undecided {
        return indented(out, indent, undecided);
    }
    for line in one.condition.trim().lines() {
        if indent + line.chars().count() <= look.width {
            writeln!(out, "{:indent$}{line}", "")?;
        } else {
            wrapped(out, look, indent, line)?;
        }
    }
    for reason in &one.reasons {
        write_reason(reason, look, out)?;
    }
    if one.more_reasons > 0 {
        writeln!(out, "      and {} more like these", one.more_reasons)?;
    }
    Ok(())
}

fn write_reason(reason: &Reason, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let about = reason.about.as_ref().map(|about| format!("{about}: ")).unwrap_or_default();
    match reason.values.as_slice() {
        [] => wrapped(out, look, 6, &format!("{about}{} is false", reason.expression))?,
        [only] if reason.expression.len() < 40 || reason.expression.contains(&only.part) => {
            let value = painted(look, "1;33", &only.value);
            wrapped(out, look, 6, &format!("{about}{} is {value}", only.part))?;
        }
        values => {
            wrapped(out, look, 6, &format!("{about}{}", reason.expression))?;
            for one in values {
                let value = painted(look, "1;33", &one.value);
                wrapped(out, look, 8, &format!("{} is {value}", one.part))?;
            }
        }
    }
    for note in &reason.notes {
        wrapped(out, look, 8, note)?;
    }
    write_rows(&reason.rows, look, out)
}

/// Lines of a text, moved to the right.
fn indented(out: &mut dyn Write, by: usize, text: &str) -> io::Result<()> {
    text.lines().try_for_each(|line| writeln!(out, "{:by$}{line}", ""))
}

/// A text in lines that are not longer than the screen is wide.
fn wrapped(out: &mut dyn Write, look: Look, by: usize, text: &str) -> io::Result<()> {
    let room = look.width.saturating_sub(by).max(20);
    let mut line = String::new();
    for word in text.split_whitespace() {
        let length = line.chars().count() + word.chars().count() + 1;
        if !line.is_empty() && length > room {
            writeln!(out, "{:by$}{line}", "")?;
            line.clear();
            line.push_str("  ");
        }
        if !line.trim().is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    writeln!(out, "{:by$}{line}", "")
}

fn cells(row: &FrameRow) -> [String; 7] {
    [
        row.frame.to_string(),
        row.time.clone(),
        row.source.clone(),
        row.destination.clone(),
        row.protocol.clone(),
        row.length.to_string(),
        row.info.clone(),
    ]
}

/// Rows of the packet list under their titles. Marked cells are bright on a terminal and have
/// carets below everywhere else.
fn write_rows(rows: &[FrameRow], look: Look, out: &mut dyn Write) -> io::Result<()> {
    const INDENT: usize = 4;
    if rows.is_empty() {
        return Ok(());
    }
    let table: Vec<[String; 7]> = rows.iter().map(cells).collect();
    let mut widths = TITLES.map(|title| title.chars().count());
    for row in &table {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let before: usize = widths.iter().take(6).map(|width| width + 1).sum();
    let room = look.width.saturating_sub(INDENT + before).max(LEAST_INFO);
    if let Some(info) = widths.last_mut() {
        *info = (*info).min(room);
    }
    let titles = TITLES.map(str::to_owned);
    write_row(out, INDENT, &titles, &widths, &|_, cell| cell)?;
    for (row, cells) in rows.iter().zip(&table) {
        let is_marked =
            |index: usize| FIELDS.get(index).is_some_and(|field| row.marked.contains(field));
        write_row(out, INDENT, cells, &widths, &|index, cell| match is_marked(index) {
            true => painted(look, "1;33", &cell),
            false => cell,
        })?;
        if !look.colour && !row.marked.is_empty() {
            let carets: Vec<String> = cells
                .iter()
                .enumerate()
                .map(|(index, cell)| {
                    let width = widths.get(index).copied().unwrap_or(0);
                    let length = if is_marked(index) { cell.chars().count().min(width) } else { 0 };
                    "^".repeat(length)
                })
                .collect();
            let carets: [String; 7] = carets.try_into().unwrap_or_default();
            write_row(out, INDENT, &carets, &widths, &|_, cell| cell)?;
        }
    }
    Ok(())
}

fn write_row(
    out: &mut dyn Write,
    indent: usize,
    cells: &[String; 7],
    widths: &[usize; 7],
    paint: &dyn Fn(usize, String) -> String,
) -> io::Result<()> {
    let mut line = " ".repeat(indent);
    let mut waiting = String::new();
    for (index, (cell, width)) in cells.iter().zip(widths).enumerate() {
        let shown = cut(cell, *width);
        let fill = " ".repeat(width.saturating_sub(shown.chars().count()));
        let is_number = matches!(index, 0 | 1 | 5);
        if is_number {
            waiting.push_str(&fill);
        }
        if !shown.is_empty() {
            line.push_str(&waiting);
            waiting.clear();
            line.push_str(&paint(index, shown));
        }
        if !is_number {
            waiting.push_str(&fill);
        }
        waiting.push(' ');
    }
    writeln!(out, "{line}")
}

/// At most so many characters; the last one says that there were more.
fn cut(text: &str, width: usize) -> String {
    if text.chars().nth(width).is_none() {
        return text.to_owned();
    }
    let kept: String = text.chars().take(width.saturating_sub(1)).collect();
    format!("{kept}…")
}
