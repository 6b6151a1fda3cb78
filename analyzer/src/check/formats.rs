//! The result for programs: JSON, JUnit XML, TAP.

use std::io::{self, Write};
use std::time::Duration;

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::model::{CaseReport, CheckReport, ExpectationReport, SnapshotReport};
use super::table;

/// A part of a case as a test: its name, whether it holds, and why not.
struct Part<'a> {
    name: &'a str,
    holds: bool,
    is_error: bool,
    /// Why not, in one line.
    told: String,
    /// All of it.
    why: String,
}

/// Writes the document of `analyzer schema check`.
///
/// # Errors
/// Those of the writer.
pub fn write_json(report: &CheckReport, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, report)?;
    writeln!(out)
}

/// Writes the JSON Schema of that document.
///
/// # Errors
/// Those of the writer.
pub fn write_schema(out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, &schemars::schema_for!(CheckReport))?;
    writeln!(out)
}

/// Writes JUnit XML: a suite for each case, a test for each expectation and the snapshot.
///
/// # Errors
/// Those of the writer.
pub fn write_junit(report: &CheckReport, out: &mut dyn Write) -> io::Result<()> {
    let mut document = Report::new("analyzer check");
    for case in &report.cases {
        let mut suite = TestSuite::new(&*case.name);
        suite.set_time(Duration::try_from_secs_f64(case.seconds).unwrap_or_default());
        for part in parts(case) {
            let mut status = match (part.holds, part.is_error) {
                (true, _) => TestCaseStatus::success(),
                (false, true) => TestCaseStatus::non_success(NonSuccessKind::Error),
                (false, false) => TestCaseStatus::non_success(NonSuccessKind::Failure),
            };
            if !part.holds {
                status.set_message(part.told);
                status.set_description(part.why);
            }
            let mut test = TestCase::new(part.name, status);
            test.set_classname(&*case.name);
            suite.add_test_case(test);
        }
        document.add_test_suite(suite);
    }
    document.serialize(&mut *out).map_err(io::Error::other)
}

/// Writes TAP, version 14 (<https://testanything.org>), with the reason of a failure as YAML.
///
/// # Errors
/// Those of the writer.
pub fn write_tap(report: &CheckReport, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "TAP version 14")?;
    let total: usize = report.cases.iter().map(|case| parts(case).len()).sum();
    writeln!(out, "1..{total}")?;
    let mut number = 0;
    for case in &report.cases {
        for part in parts(case) {
            number += 1;
            let lead = if part.holds { "ok" } else { "not ok" };
            let name = format!("{}: {}", case.name, part.name).replace('\n', " ");
            writeln!(out, "{lead} {number} - {}", name.replace('\\', "\\\\").replace('#', "\\#"))?;
            if !part.holds {
                writeln!(out, "  ---\n  message: |")?;
                part.why.lines().try_for_each(|line| writeln!(out, "    {line}"))?;
                writeln!(out, "  ...")?;
            }
        }
    }
    Ok(())
}

fn parts(case: &CaseReport) -> Vec<Part<'_>> {
    if let Some(error) = &case.error {
        let (told, why) = (first_line(error), error.clone());
        return vec![Part { name: "case", holds: false, is_error: true, told, why }];
    }
    let mut found: Vec<Part<'_>> = case
        .expectations
        .iter()
        .map(|one| Part {
            name: &one.name,
            holds: one.holds,
            is_error: false,
            told: told(one),
            why: if one.holds { String::new() } else { why(one) },
        })
        .collect();
    found.extend(case.snapshot.as_ref().map(|snapshot| Part {
        name: "snapshot",
        holds: snapshot.same,
        is_error: false,
        told: snapshot.differences.first().map_or_else(String::new, |one| one.sentence.clone()),
        why: differences(snapshot),
    }));
    found
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().trim().to_owned()
}

/// Why an expectation does not hold, in one line.
fn told(one: &ExpectationReport) -> String {
    if let Some(undecided) = &one.undecided {
        return first_line(undecided);
    }
    let Some(reason) = one.reasons.first() else { return first_line(&one.condition) };
    let about = reason.about.as_ref().map(|about| format!("{about}: ")).unwrap_or_default();
    match reason.values.first() {
        Some(value) => format!("{about}{} is {}", value.part, value.value),
        None => format!("{about}{} is false", reason.expression),
    }
}

/// Why an expectation does not hold, as the table says it.
fn why(one: &ExpectationReport) -> String {
    let mut text = Vec::new();
    // Writing into memory does not fail.
    let _ = table::write_reasons(one, &mut text);
    let text = String::from_utf8_lossy(&text).trim_end().to_owned();
    if text.is_empty() { one.condition.clone() } else { text }
}

fn differences(snapshot: &SnapshotReport) -> String {
    let sentences: Vec<&str> =
        snapshot.differences.iter().map(|one| one.sentence.as_str()).collect();
    sentences.join("\n")
}
