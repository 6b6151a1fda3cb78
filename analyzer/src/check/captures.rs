//! The captures of a case: those it names, or those beside its `case.toml`.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::case::{CASE_FILE, Error};
use super::find::RUN_FILE;
use crate::condition::manifest::Run;

/// Looked for first when a case names none; such a folder has this one capture.
const USUAL: [&str; 4] = ["capture.pcapng", "capture.pcap", "capture.pcapng.gz", "capture.cap"];
/// Endings of capture files, and of what they may be packed with.
const ENDINGS: [&str; 3] = ["pcapng", "pcap", "cap"];
const PACKED: [&str; 3] = ["gz", "zst", "lz4"];
/// Most captures of one case.
const MOST: usize = 100_000;

/// What `capture` in a `case.toml` says: a file, a folder of them, or several of either.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub(super) enum Named {
    /// One path.
    One(PathBuf),
    /// Several.
    More(Vec<PathBuf>),
}

/// The captures of the case in `folder`, in the order named; those of a folder by name.
///
/// # Errors
/// When there is none, or a folder cannot be read.
pub(super) fn of(folder: &Path, named: Option<&Named>) -> Result<Vec<PathBuf>, Error> {
    let paths = match named {
        Some(Named::One(path)) => std::slice::from_ref(path),
        Some(Named::More(paths)) => paths.as_slice(),
        None => return beside(folder),
    };
    let mut found = Vec::new();
    for path in paths {
        let path = folder.join(path);
        match fs::metadata(&path) {
            Ok(about) if about.is_dir() => found.extend(inside(&path)?),
            _ => found.push(path),
        }
    }
    if found.is_empty() || found.len() > MOST {
        return Err(none(folder, "there is no capture in what `capture` names"));
    }
    Ok(found)
}

/// The captures beside a `case.toml` that names none.
fn beside(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    if let Some(usual) = USUAL.iter().map(|name| folder.join(name)).find(|path| path.is_file()) {
        return Ok(vec![usual]);
    }
    let manifest = folder.join(RUN_FILE);
    let recordings = match manifest.is_file() {
        true => Run::read(&manifest).map_err(Error::NoCase)?.recordings,
        false => Vec::new(),
    };
    let mut found: Vec<PathBuf> = recordings.iter().map(|one| folder.join(&one.file)).collect();
    if found.is_empty() {
        found = inside(folder)?;
    }
    if found.is_empty() || found.len() > MOST {
        let advice = "no capture here; put a capture.pcapng beside it, or name one: \
                      capture = \"FILE\"";
        return Err(none(folder, advice));
    }
    Ok(found)
}

/// The capture files of a folder, by name.
fn inside(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let failed = |cause| Error::File { action: "read", path: folder.to_owned(), cause };
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if is_capture(&path) && path.is_file() {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

fn is_capture(path: &Path) -> bool {
    let ends = |path: &Path, endings: &[&str]| {
        path.extension().is_some_and(|one| endings.iter().any(|ending| one == *ending))
    };
    let name = if ends(path, &PACKED) { path.with_extension("") } else { path.to_owned() };
    ends(&name, &ENDINGS)
}

fn none(folder: &Path, message: &str) -> Error {
    Error::Case { path: folder.join(CASE_FILE), line: 1, message: message.to_owned() }
}
