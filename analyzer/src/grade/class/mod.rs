//! A class: a folder with one folder per submission, graded side by side.
//!
//! [`find`] lists the submissions, [`grade_one`] grades one of them, [`Class::of`] puts them
//! together with the captures that some of them share, and [`Class::write`] writes the
//! gradebooks, a page for each student, and the summary. A submission that cannot be graded is
//! a row with the reason.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::joins;
use super::model::GradeReport;
use super::rubric::{Lang, Rubric};
use super::submission::{self, Options};
use crate::evidence::Evidence;
use crate::provenance::{SharedPair, Sign, Trace, examine, shared_pairs};
use crate::source;

mod gradebook;
mod lists;
mod summary;
#[cfg(test)]
mod tests;
mod write;

/// Most files of one submission.
const MOST_FILES: usize = 200;
/// How deep folders within a submission are searched.
const DEEPEST: usize = 4;

/// One folder, before it is graded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submission {
    /// Name of the folder: the student's, as the course's system calls it.
    pub name: String,
    /// The folder.
    pub folder: PathBuf,
    /// Its captures.
    pub captures: Vec<PathBuf>,
    /// Everything else.
    pub evidence: Vec<PathBuf>,
    /// True when there were more files than are looked at.
    pub is_cut: bool,
}

/// One submission, graded.
#[derive(Debug)]
pub struct Graded {
    /// Name of the folder.
    pub name: String,
    /// The report, or why there is none.
    pub report: Result<GradeReport, String>,
    /// The evidence as it was read, piece by piece as in the report.
    pub evidence: Vec<Evidence>,
    /// Files that are no evidence, with the reason.
    pub skipped: Vec<String>,
    /// Signs that a capture was changed.
    pub signs: Vec<(String, Sign)>,
    traces: Vec<Trace>,
}

/// All of them.
#[derive(Debug)]
pub struct Class {
    /// The submissions, by name.
    pub graded: Vec<Graded>,
    /// Pairs of captures or packet lists of different submissions with one origin, with the places
    /// of both submissions.
    pub shared: Vec<(usize, usize, SharedPair)>,
    /// The language of the pages.
    pub lang: Lang,
}

/// The submissions in a folder, by name. Hidden folders are left out.
///
/// # Errors
/// When it cannot be listed, or has no folder in it.
pub fn find(folder: &Path) -> io::Result<Vec<Submission>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.file_type()?.is_dir() && !name.starts_with('.') {
            found.push(Submission::of(&entry.path(), name));
        }
    }
    if found.is_empty() {
        let reason = "there is no folder in it; a class has one folder per submission";
        return Err(io::Error::new(io::ErrorKind::NotFound, reason));
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(found)
}

impl Submission {
    fn of(folder: &Path, name: String) -> Self {
        let (captures, evidence) = (Vec::new(), Vec::new());
        let mut submission =
            Self { name, folder: folder.to_owned(), captures, evidence, is_cut: false };
        submission.add(folder, 0);
        submission
    }

    /// A message that names files as the submission does, not as this computer does.
    fn without_folder(&self, message: &str) -> String {
        message.replace(&format!("{}/", self.folder.display()), "")
    }

    /// Links are not followed: a hand-in shows its own files only.
    fn add(&mut self, folder: &Path, depth: usize) {
        let Ok(entries) = fs::read_dir(folder) else { return };
        let mut entries: Vec<_> = entries.filter_map(Result::ok).collect();
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            let Ok(kind) = entry.file_type() else { continue };
            if entry.file_name().to_string_lossy().starts_with('.') {
                continue;
            }
            if self.captures.len() + self.evidence.len() >= MOST_FILES {
                self.is_cut = true;
                return;
            }
            if kind.is_dir() && depth < DEEPEST {
                self.add(&entry.path(), depth + 1);
            } else if kind.is_file() {
                let path = entry.path();
                match source::open(&path) {
                    Ok(_) => self.captures.push(path),
                    Err(_) => self.evidence.push(path),
                }
            }
        }
    }
}

/// Grades one submission.
#[must_use]
pub fn grade_one(
    submission: &Submission,
    rubric: Option<&Rubric>,
    options: Options<'_>,
    lang: Lang,
) -> Graded {
    let mut graded = Graded {
        name: submission.name.clone(),
        report: Err(String::new()),
        evidence: Vec::new(),
        skipped: Vec::new(),
        signs: Vec::new(),
        traces: Vec::new(),
    };
    for path in &submission.evidence {
        match submission::read_evidence(path) {
            Ok(pieces) => graded.evidence.extend(pieces),
            Err(error) => graded.skipped.push(submission.without_folder(&error.to_string())),
        }
    }
    let mut sound = submission.clone();
    sound.captures.retain(|path| match Trace::read(path) {
        Ok(trace) => {
            graded.add_trace(trace);
            true
        }
        Err(error) => {
            graded.skipped.push(submission.without_folder(&error.to_string()));
            false
        }
    });
    graded.report = judge(&sound, &graded, rubric, options, lang);
    if let Ok(report) = &mut graded.report {
        let manifests = joins::manifests(sound.captures.iter().chain(&sound.evidence));
        let joined = joins::join(report, &sound.captures, &graded.evidence, &manifests, lang);
        let refused = joined.err().map(|error| submission.without_folder(&error.to_string()));
        graded.skipped.extend(refused);
    }
    graded
}

fn judge(
    submission: &Submission,
    graded: &Graded,
    rubric: Option<&Rubric>,
    options: Options<'_>,
    lang: Lang,
) -> Result<GradeReport, String> {
    if submission.captures.is_empty() && graded.evidence.is_empty() {
        let mut reasons = vec![String::from("no capture and no evidence is in the folder")];
        reasons.extend(graded.skipped.iter().cloned());
        return Err(reasons.join("; "));
    }
    let report = submission::grade(&submission.captures, &graded.evidence, options);
    let mut report = report.map_err(|error| error.to_string())?;
    if let Some(rubric) = rubric {
        let judged = rubric.judge(&submission.captures, &mut report, options.profile, lang);
        judged.map_err(|error| error.to_string())?;
    }
    Ok(report)
}

impl Graded {
    fn add_trace(&mut self, trace: Trace) {
        let file = trace.file.file_name().map_or_else(String::new, |f| f.to_string_lossy().into());
        self.signs.extend(examine(&trace).into_iter().map(|sign| (file.clone(), sign)));
        self.traces.push(trace);
    }
}

impl Class {
    /// Puts graded submissions together and looks for captures that they share, and for packet
    /// lists that show what another one's list or capture shows.
    #[must_use]
    pub fn of(mut graded: Vec<Graded>, lang: Lang) -> Self {
        let (mut owners, mut traces) = (Vec::new(), Vec::new());
        for (at, one) in graded.iter_mut().enumerate() {
            for trace in one.traces.drain(..) {
                owners.push(at);
                traces.push(trace);
            }
        }
        let owner = |index: usize| owners.get(index).copied().unwrap_or_default();
        let pairs = shared_pairs(&traces).into_iter();
        let mut shared: Vec<_> = pairs
            .map(|pair| (owner(pair.index), owner(pair.other_index), pair))
            .filter(|(one, two, _)| one != two)
            .collect();
        let known = shared.iter().map(|(one, two, _)| (*one.min(two), *one.max(two))).collect();
        let captures: Vec<_> = owners.iter().copied().zip(&traces).collect();
        shared.extend(lists::shared(&graded, &captures, &known));
        Self { graded, shared, lang }
    }
}
