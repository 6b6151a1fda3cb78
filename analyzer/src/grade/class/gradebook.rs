//! Gradebooks as CSV: one for people with all items, one that Moodle imports, one that Canvas
//! imports.

use std::io::{self, Write};

use super::{Class, Graded};
use crate::grade::page::number;

/// Text that a spreadsheet will not take for a formula.
fn plain(text: &str) -> String {
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    if is_formula { format!("'{text}") } else { text.to_owned() }
}

fn score(graded: &Graded) -> (String, String) {
    let report = graded.report.as_ref().ok();
    let points = |value: Option<f64>| value.map(number).unwrap_or_default();
    (points(report.and_then(|r| r.score)), points(report.and_then(|r| r.max_score)))
}

/// What did not hold, in a line.
fn comment(graded: &Graded) -> String {
    match &graded.report {
        Err(reason) => format!("could not be graded: {reason}"),
        Ok(report) => {
            let failed = report.items.iter().filter(|item| !item.holds);
            let parts: Vec<String> =
                failed.map(|item| format!("{}: {}", item.title, item.why)).collect();
            parts.join("; ")
        }
    }
}

fn columns(class: &Class) -> Vec<String> {
    let items = class.graded.iter().filter_map(|graded| graded.report.as_ref().ok());
    let longest = items.max_by_key(|report| report.items.len());
    longest.map_or_else(Vec::new, |report| report.items.iter().map(|i| i.id.clone()).collect())
}

/// Everything: score, each item, what could not be graded, and shared captures.
pub(super) fn write_all(class: &Class, out: impl Write) -> io::Result<()> {
    let mut csv = csv::Writer::from_writer(out);
    let ids = columns(class);
    let mut head: Vec<String> =
        ["student", "status", "score", "max_score", "holds"].map(String::from).into();
    head.extend(ids.iter().cloned());
    head.extend(["shares_a_capture_with", "signs", "comment"].map(String::from));
    csv.write_record(&head)?;
    for (at, graded) in class.graded.iter().enumerate() {
        let report = graded.report.as_ref().ok();
        let (points, max) = score(graded);
        let status = if report.is_some() { "graded" } else { "not graded" };
        let holds = report.map_or("", |report| if report.holds { "yes" } else { "no" });
        let mut row = vec![plain(&graded.name), status.into(), points, max, holds.into()];
        for id in &ids {
            let item = report.and_then(|report| report.items.iter().find(|item| item.id == *id));
            row.push(item.map(|item| number(item.points)).unwrap_or_default());
        }
        row.push(plain(&partners(class, at).join(", ")));
        row.push(graded.signs.len().to_string());
        row.push(plain(&comment(graded)));
        csv.write_record(&row)?;
    }
    csv.flush()
}

/// Names of the submissions that share a capture with one.
pub(super) fn partners(class: &Class, at: usize) -> Vec<String> {
    let other = |&(one, two, _): &(usize, usize, crate::provenance::SharedPair)| match (
        one == at,
        two == at,
    ) {
        (true, _) => Some(two),
        (_, true) => Some(one),
        _ => None,
    };
    let mut places: Vec<usize> = class.shared.iter().filter_map(other).collect();
    places.sort_unstable();
    places.dedup();
    places.iter().filter_map(|&at| class.graded.get(at)).map(|one| one.name.clone()).collect()
}

/// Columns of the worksheet. Moodle finds them by their names and refuses a file without the
/// identifier, the grade, or the time of the grade (`assignfeedback_offline`).
const MOODLE: [&str; 6] = [
    "Identifier",
    "Full name",
    "Grade",
    "Maximum Grade",
    "Last modified (grade)",
    "Feedback comments",
];

/// Moodle's offline grading worksheet. Folders of Moodle's "download all submissions" are called
/// `Full name_1234_assignsubmission_file`, where 1234 is the participant.
pub(super) fn write_moodle(class: &Class, out: impl Write) -> io::Result<()> {
    let mut csv = csv::Writer::from_writer(out);
    csv.write_record(MOODLE)?;
    for graded in &class.graded {
        let mut parts = graded.name.split('_');
        let (name, number) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        let is_participant = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
        let (identifier, name) = match is_participant {
            true => (format!("Participant {number}"), name),
            false => (plain(&graded.name), graded.name.as_str()),
        };
        let (points, max) = score(graded);
        // As in Moodle's own worksheet for somebody without a grade.
        let modified = String::from("-");
        csv.write_record([
            identifier,
            plain(name),
            points,
            max,
            modified,
            plain(&comment(graded)),
        ])?;
    }
    csv.flush()
}

/// Canvas' gradebook: a column for the assignment, and a row with the highest score under the
/// heading.
pub(super) fn write_canvas(class: &Class, out: impl Write) -> io::Result<()> {
    let mut csv = csv::Writer::from_writer(out);
    csv.write_record(["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Lab"])?;
    let max = class.graded.iter().map(score).map(|(_, max)| max).find(|max| !max.is_empty());
    csv.write_record(["    Points Possible", "", "", "", "", &max.unwrap_or_default()])?;
    for graded in &class.graded {
        let name = plain(&graded.name);
        csv.write_record([&name, "", "", &name, "", &score(graded).0])?;
    }
    csv.flush()
}
