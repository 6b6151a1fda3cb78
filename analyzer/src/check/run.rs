//! Runs cases: one pass over the capture for all expectations, another for the snapshot when
//! there is one, and a third for the rows of a failure.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::Path;
use std::time::Instant;

use rayon::iter::{IntoParallelIterator, ParallelIterator};

use super::case::{Case, Error, Expectation, read_text, regular};
use super::find::Found;
use super::model::{
    CaseReport, CheckReport, ExpectationReport, FrameRow, PartValue, Reason, SnapshotDifference,
    SnapshotReport, cell_name,
};
use super::rows;
use crate::condition::{self, Column, Outcome, Subject, Witness};
use crate::snapshot::{self, Difference, Snapshot};
use crate::source;

/// Differences from a snapshot that are told.
const MOST_DIFFERENCES: usize = 50;
/// Largest snapshot in bytes.
const LARGEST_SNAPSHOT: u64 = 256 << 20;
/// Stack of each thread that runs cases.
const STACK: usize = 8 << 20;

/// Runs cases on so many threads (0: as many as there are processors); `done` is told of each
/// as soon as it is over. The report has them in their own order.
///
/// # Errors
/// When the threads cannot be started.
pub fn run_all(
    cases: Vec<Found>,
    jobs: usize,
    done: &(dyn Fn(&CaseReport) + Sync),
) -> io::Result<CheckReport> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(jobs).stack_size(STACK);
    let pool = pool.build().map_err(io::Error::other)?;
    let run_one = |(name, case): Found| {
        let report = match case {
            Ok(case) => run(&case),
            Err(error) => failed(name, None, &error),
        };
        done(&report);
        report
    };
    let reports = pool.install(|| cases.into_par_iter().map(run_one).collect());
    Ok(CheckReport::of(reports))
}

/// Runs one case. What cannot be checked is part of the report.
#[must_use]
pub fn run(case: &Case) -> CaseReport {
    let started = Instant::now();
    // One deep stack for all conditions of the case.
    let checked = condition::on_deep_stack(|| check(case)).unwrap_or_else(|| {
        Err(Error::NoCase("the system gave no thread to check it on".to_owned()))
    });
    let mut report = match checked {
        Ok(report) => report,
        Err(error) => failed(case.name.clone(), Some(case), &error),
    };
    report.seconds = started.elapsed().as_secs_f64();
    report
}

fn failed(name: String, case: Option<&Case>, error: &Error) -> CaseReport {
    CaseReport {
        name,
        description: case.and_then(|case| case.description.clone()),
        capture: case.map(|case| case.capture.display().to_string()),
        error: Some(error.to_string()),
        ..CaseReport::default()
    }
}

fn check(case: &Case) -> Result<CaseReport, Error> {
    regular(&case.capture)?;
    let conditions = case.expectations.iter().map(|one| &*one.condition);
    let mut subject = Subject::read(&case.capture, conditions)?;
    subject.set("run", &case.run);
    let mut proof = Proof::default();
    let mut expectations: Vec<ExpectationReport> =
        case.expectations.iter().map(|one| expectation(one, &subject, &mut proof)).collect();
    let mut snapshot = against_snapshot(case, &mut proof)?;
    proof.fill(&case.capture, &mut expectations, snapshot.as_mut());
    let holds = expectations.iter().all(|one| one.holds)
        && snapshot.as_ref().is_none_or(|snapshot| snapshot.same);
    Ok(CaseReport {
        name: case.name.clone(),
        description: case.description.clone(),
        capture: Some(case.capture.display().to_string()),
        holds,
        error: None,
        expectations,
        snapshot,
        seconds: 0.0,
    })
}

/// The frames whose rows are wanted.
#[derive(Default)]
struct Proof {
    frames: BTreeSet<u64>,
}

fn expectation(one: &Expectation, subject: &Subject, proof: &mut Proof) -> ExpectationReport {
    let mut report = ExpectationReport {
        name: one.name.clone(),
        text: one.text.clone(),
        condition: one.condition.text().to_owned(),
        ..ExpectationReport::default()
    };
    match one.condition.evaluate(subject) {
        Ok(Outcome { holds, witnesses, more }) => {
            report.holds = holds;
            report.more_reasons = more;
            report.reasons = witnesses.into_iter().map(|witness| reason(witness, proof)).collect();
        }
        Err(error) => report.undecided = Some(error.to_string()),
    }
    report
}

/// A reason; its rows know already which of their cells are marked.
fn reason(witness: Witness, proof: &mut Proof) -> Reason {
    let Witness { about, expression, values, notes, frames, columns } = witness;
    proof.frames.extend(&frames);
    let marked: Vec<&'static str> = columns.iter().map(|column| cell_name(*column)).collect();
    let rows = frames.iter().map(|frame| FrameRow {
        frame: *frame,
        marked: marked.clone(),
        ..FrameRow::default()
    });
    Reason {
        about,
        expression,
        values: values.into_iter().map(|(part, value)| PartValue { part, value }).collect(),
        notes,
        rows: rows.collect(),
        frames,
    }
}

fn against_snapshot(case: &Case, proof: &mut Proof) -> Result<Option<SnapshotReport>, Error> {
    let path = case.snapshot.clone();
    if fs::symlink_metadata(&path).is_err() {
        return Ok(None);
    }
    let text = read_text(&path, LARGEST_SNAPSHOT)?;
    let expected = Snapshot::from_json(&text).map_err(|cause| Error::Snapshot { path, cause })?;
    let actual = snapshot_of(&case.capture)?;
    let mut differences = snapshot::compare(&expected, &actual, &case.rules);
    let more = differences.len().saturating_sub(MOST_DIFFERENCES);
    differences.truncate(MOST_DIFFERENCES);
    let mut told: Vec<SnapshotDifference> =
        differences.into_iter().map(|one| difference(one, proof)).collect();
    let same = told.is_empty();
    if more > 0 {
        let sentence = format!("and {more} more differences");
        told.push(SnapshotDifference { sentence, ..SnapshotDifference::default() });
    }
    Ok(Some(SnapshotReport { same, differences: told }))
}

fn difference(one: Difference, proof: &mut Proof) -> SnapshotDifference {
    let frames: Vec<u64> = one.frames.iter().copied().take(8).collect();
    proof.frames.extend(&frames);
    let rows = frames.iter().map(|frame| FrameRow {
        frame: *frame,
        marked: vec![cell_name(Column::Info)],
        ..FrameRow::default()
    });
    SnapshotDifference {
        sentence: one.sentence,
        field: one.place.field.name(),
        rows: rows.collect(),
        frames: one.frames,
    }
}

/// The snapshot of a capture as it is now. Damage is part of it.
///
/// # Errors
/// When it cannot be opened.
pub fn snapshot_of(capture: &Path) -> Result<Snapshot, Error> {
    let name = capture.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
    let mut source = source::open(capture)?;
    let (snapshot, _damage) = Snapshot::of(&name, &mut *source);
    Ok(snapshot)
}

impl Proof {
    /// Reads the rows and puts them where they are wanted.
    fn fill(
        self,
        capture: &Path,
        expectations: &mut [ExpectationReport],
        snapshot: Option<&mut SnapshotReport>,
    ) {
        if self.frames.is_empty() {
            return;
        }
        let read = rows::read(capture, &self.frames);
        let fill = |rows: &mut Vec<FrameRow>| {
            rows.retain(|row| read.contains_key(&row.frame));
            for row in rows {
                let marked = std::mem::take(&mut row.marked);
                if let Some(found) = read.get(&row.frame) {
                    *row = FrameRow { marked, ..found.clone() };
                }
            }
        };
        let reasons = expectations.iter_mut().flat_map(|one| &mut one.reasons);
        reasons.for_each(|reason| fill(&mut reason.rows));
        let differences = snapshot.into_iter().flat_map(|snapshot| &mut snapshot.differences);
        differences.for_each(|difference| fill(&mut difference.rows));
    }
}
