//! Finds cases: a folder with a `case.toml`, a folder of such folders, the run folder of a lab.

use std::fs;
use std::path::{Path, PathBuf};

use super::case::{CASE_FILE, Case, Compiler, Error, Expectation, SNAPSHOT_FILE};
use crate::condition::manifest::Run;
use crate::snapshot::Rules;

/// The manifest that makes a folder the run of a lab.
pub const RUN_FILE: &str = "run.json";
/// Folders within folders.
const DEEPEST: usize = 16;

/// A case that was found, or why it is none.
pub type Found = (String, Result<Case, Error>);

/// All cases at or below a path, in the order of their names.
///
/// # Errors
/// When the path cannot be read, or there is no case in it.
pub fn cases(path: &Path, compiler: &Compiler) -> Result<Vec<Found>, Error> {
    let failed = |cause| Error::File { action: "read", path: path.to_owned(), cause };
    let about = fs::metadata(path).map_err(failed)?;
    if !about.is_dir() {
        return file(path, compiler);
    }
    let mut found = Vec::new();
    folder(path, DEEPEST, compiler, &mut found)?;
    if found.is_empty() {
        return Err(Error::NoCase(format!(
            "there is no case in {}; a case is a folder with a {CASE_FILE} and a capture. \
             Start one with: analyzer check --new NAME CAPTURE",
            path.display()
        )));
    }
    Ok(found)
}

fn file(path: &Path, compiler: &Compiler) -> Result<Vec<Found>, Error> {
    let folder = path.parent().filter(|one| !one.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    if path.file_name().is_some_and(|name| name == CASE_FILE) {
        return Ok(of(folder, compiler));
    }
    Err(Error::NoCase(format!(
        "{} is no folder with a {CASE_FILE}. To start a case from a capture: analyzer check --new \
         NAME {}",
        path.display(),
        path.display()
    )))
}

fn of(folder: &Path, compiler: &Compiler) -> Vec<Found> {
    match Case::read(folder, compiler) {
        Ok(cases) => cases.into_iter().map(|case| (case.name.clone(), Ok(case))).collect(),
        Err(error) => vec![(folder.display().to_string(), Err(error))],
    }
}

fn folder(
    path: &Path,
    depth: usize,
    compiler: &Compiler,
    found: &mut Vec<Found>,
) -> Result<(), Error> {
    if path.join(CASE_FILE).is_file() {
        found.extend(of(path, compiler));
        return Ok(());
    }
    if path.join(RUN_FILE).is_file() {
        run(path, compiler, found);
        return Ok(());
    }
    if depth == 0 {
        return Ok(());
    }
    let failed = |cause| Error::File { action: "read", path: path.to_owned(), cause };
    let mut inside: Vec<PathBuf> = Vec::new();
    for entry in fs::read_dir(path).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        // Links are not followed: they may lead in a circle.
        if entry.file_type().map_err(failed)?.is_dir() {
            inside.push(entry.path());
        }
    }
    inside.sort();
    inside.iter().try_for_each(|path| folder(path, depth - 1, compiler, found))
}

/// Each recording of a lab's run is a case: its manifest must be what the capture shows.
fn run(path: &Path, compiler: &Compiler, found: &mut Vec<Found>) {
    let manifest = path.join(RUN_FILE);
    let name = path.display().to_string();
    match Run::read(&manifest) {
        Ok(run) if !run.recordings.is_empty() => {
            found.extend(run.recordings.iter().map(|recording| {
                let capture = path.join(&recording.file);
                (capture.display().to_string(), against(&capture, RUN_FILE, compiler))
            }));
        }
        Ok(_) => found
            .push((name, Err(Error::NoCase(format!("{} names no recording", manifest.display()))))),
        Err(why) => found.push((name, Err(Error::NoCase(why)))),
    }
}

/// The case that a capture shows what a manifest tells. The manifest is relative to the
/// capture's folder, or absolute.
///
/// # Errors
/// None that can happen: the condition is our own.
pub fn against(capture: &Path, manifest: &str, compiler: &Compiler) -> Result<Case, Error> {
    let folder = capture.parent().unwrap_or(Path::new("")).to_owned();
    let condition = compiler.compile("matches_manifest(run)")?;
    let text = Some("every byte and every connection that the programs tell of".to_owned());
    let name = "manifest".to_owned();
    Ok(Case {
        name: capture.display().to_string(),
        folder,
        capture: capture.to_owned(),
        snapshot: capture.with_file_name(SNAPSHOT_FILE),
        description: None,
        run: manifest.to_owned(),
        expectations: vec![Expectation { name, text, condition }],
        rules: Rules::default(),
    })
}
