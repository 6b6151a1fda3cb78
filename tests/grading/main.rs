//! The study: hand-ins made from lab runs, honest ones and ones with one planted fault each,
//! graded as `analyzer grade --batch` grades a class. Prints what was planted against what was
//! found, and holds that nobody honest is accused and that faults are named as what they are.
//!
//! `GRADING_SUBMISSIONS=200 cargo test -p generator --test grading -- --nocapture` makes 200;
//! without it there are two of each kind; `GRADING_KEEP=1` keeps them to look at. Where labs cannot run it is skipped, and says so.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::print_stdout)]

mod fault;
mod found;
mod hand_in;
mod lab;
#[path = "../support/records.rs"]
mod records;

use std::collections::BTreeMap;
use std::path::Path;

use analyzer::grade::Options;
use analyzer::grade::class::{self, Class};
use analyzer::grade::rubric::{Lang, Rubric};
use fault::Fault;
use found::{Found, Objections};
use hand_in::HandIn;
use lab::{Chance, Run, Task};

/// Share of planted faults that must be found.
const LEAST_FOUND: f64 = 0.98;

/// A hand-in of the study: what was planted, and what grading said.
struct Case {
    name: String,
    task: Task,
    fault: Fault,
    /// Who has the same recording, when it is known to be so.
    lender: Option<String>,
    objections: Objections,
}

#[test]
fn planted_faults_are_found_and_nobody_honest_is_accused() {
    let count = std::env::var("GRADING_SUBMISSIONS").ok().and_then(|text| text.parse().ok());
    let mut folder = tempfile::tempdir().expect("a folder");
    if std::env::var_os("GRADING_KEEP").is_some() {
        folder.disable_cleanup(true);
        println!("the hand-ins are in {}", folder.path().display());
    }
    let Some(mut cases) = make(folder.path(), count.unwrap_or(2 * Fault::BLOCK.len())) else {
        return;
    };
    for rubric in ["task-1", "task-2", "task-3", "task-4"] {
        grade(&folder.path().join(rubric), rubric, &mut cases);
    }
    print(&cases);
    let wrong = |is_planted: bool| -> Vec<String> {
        let wrong = cases.iter().filter(|case| {
            (case.fault != Fault::None) == is_planted && !found::names(&case.objections, case.fault)
        });
        wrong.map(said).collect()
    };
    let (accused, missed) = (wrong(false), wrong(true));
    assert!(accused.is_empty(), "honest hand-ins are accused:\n{}", accused.join("\n"));
    let planted = cases.iter().filter(|case| case.fault != Fault::None).count();
    let found = planted - missed.len();
    println!("{found} of {planted} planted faults named; missed:\n{}", missed.join("\n"));
    assert!(found as f64 >= LEAST_FOUND * planted as f64, "{found} of {planted} faults found");
}

/// Makes so many, each in a folder of its own below that of its rubric.
fn make(folder: &Path, count: usize) -> Option<Vec<Case>> {
    let runs = tempfile::tempdir().expect("a folder");
    let mut cases = Vec::with_capacity(count);
    let mut lent: Option<(String, HandIn)> = None;
    for at in 0..count {
        let fault = Fault::BLOCK[at % Fault::BLOCK.len()];
        let tasks = [Task::Four, Task::Two, Task::One, Task::Three];
        let task = match fault {
            Fault::NotConcurrent => Task::FourInTurn,
            _ => tasks[at / Fault::BLOCK.len() % tasks.len()],
        };
        let chance = &mut Chance(at as u64 * 7919);
        let name = format!("student-{at:04}");
        let mut case = Case { name, task, fault, lender: None, objections: Objections::new() };
        let mut made = honest(&lab::run(runs.path(), task, at as u64)?, chance);
        match fault {
            Fault::None => {}
            // Half of the other runs send what this one sends.
            Fault::OtherLog => {
                let seed =
                    if (at / Fault::BLOCK.len()).is_multiple_of(2) { at } else { count + at };
                let folder = runs.path().join("others");
                std::fs::create_dir_all(&folder).expect("a folder");
                made.logs = lab::run(&folder, task, seed as u64)?.logs();
            }
            Fault::SwappedRoles => fault::swap_roles(&mut made, chance),
            Fault::NotConcurrent => made.sentences = hand_in::sentences(&made.rows, true, chance),
            Fault::CutSyn => fault::cut_syn(&mut made, task == Task::One, chance),
            Fault::EditedRow => drop(fault::edit_row(&mut made, chance)),
            Fault::EditedCapture => fault::edit_capture(&mut made, chance),
            Fault::BorrowedCapture => {
                let (name, theirs) = lent.clone().expect("a lender comes first");
                made = theirs;
                fault::disguise(&mut made, chance);
                case.lender = Some(name);
            }
        }
        if at % Fault::BLOCK.len() == 0 {
            lent = Some((case.name.clone(), made.clone()));
        }
        made.write(&folder.join(task.rubric()).join(&case.name), chance);
        cases.push(case);
    }
    Some(cases)
}

/// What somebody hands in who did the task.
fn honest(run: &Run, chance: &mut Chance) -> HandIn {
    let frames = records::records(&run.capture());
    let rows = hand_in::list(&frames, false);
    let sentences = hand_in::sentences(&rows, run.task == Task::Four, chance);
    HandIn { frames, is_pcap: false, rows, logs: run.logs(), sentences }
}

/// Grades a class and keeps what is said of each hand-in.
fn grade(folder: &Path, rubric: &str, cases: &mut [Case]) {
    let Ok(submissions) = class::find(folder) else { return };
    let rubric = Rubric::read(Path::new(rubric)).expect("a rubric");
    let grade = |one| class::grade_one(one, Some(&rubric), Options::default(), Lang::En);
    let class = Class::of(submissions.iter().map(grade).collect(), Lang::En);
    let lenders: BTreeMap<String, Option<String>> =
        cases.iter().map(|case| (case.name.clone(), case.lender.clone())).collect();
    for (at, graded) in class.graded.iter().enumerate() {
        let case = cases.iter_mut().find(|case| case.name == graded.name).expect("a case");
        case.objections = found::objections(graded);
        for (one, two, pair) in class.shared.iter().filter(|(a, b, _)| *a == at || *b == at) {
            let other = &class.graded[if *one == at { *two } else { *one }].name;
            // Who lends a capture is in a pair with the borrower, and that is no objection.
            if lenders[other].as_ref() != Some(&case.name) {
                let said = format!("shares with {other}: {}", pair.why);
                case.objections.entry(Found::Shared).or_default().push(said);
            }
        }
    }
}

fn said(case: &Case) -> String {
    let all: Vec<String> = case
        .objections
        .iter()
        .flat_map(|(kind, all)| all.iter().map(move |one| format!("    {kind:?}: {one}")))
        .collect();
    format!("{} ({:?}, {:?}):\n{}", case.name, case.task, case.fault, all.join("\n"))
}

/// Planted against found; a hand-in can be in several columns.
fn print(cases: &[Case]) {
    let mut table: BTreeMap<Fault, Vec<&Case>> = BTreeMap::new();
    for case in cases {
        table.entry(case.fault).or_default().push(case);
    }
    print!("{:<16}{:>8}{:>8}{:>8}", "planted", "made", "named", "nothing");
    Found::ALL.iter().for_each(|kind| print!("{:>8}", format!("{kind:?}").to_lowercase()));
    println!();
    for (fault, cases) in table {
        let count = |is: &dyn Fn(&Objections) -> bool| {
            cases.iter().filter(|case| is(&case.objections)).count()
        };
        let named = count(&|all| fault != Fault::None && found::names(all, fault));
        let nothing = count(&Objections::is_empty);
        print!("{:<16}{:>8}{named:>8}{nothing:>8}", format!("{fault:?}"), cases.len());
        Found::ALL.iter().for_each(|kind| print!("{:>8}", count(&|all| all.contains_key(kind))));
        println!();
    }
}
