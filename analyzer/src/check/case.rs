//! `case.toml`: what must hold of a capture.

use std::collections::BTreeMap;
use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use serde::Deserialize;
use toml::Spanned;

use super::captures::{self, Named};
use super::find::RUN_FILE;
use super::short::{self, SHORT_FORMS, ShortValue};
use crate::condition::{self, Condition, Language};
use crate::snapshot::Rules;

/// The file that makes a folder a case.
pub const CASE_FILE: &str = "case.toml";
/// The blessed snapshot beside it.
pub const SNAPSHOT_FILE: &str = "snapshot.json";
/// Largest `case.toml` in bytes.
const LARGEST: u64 = 4 << 20;
/// Most expectations of one case.
const MOST_EXPECTATIONS: usize = 1000;

/// A case, ready to run.
#[derive(Debug, Clone)]
pub struct Case {
    /// Its folder, as named or found.
    pub name: String,
    /// The folder.
    pub folder: PathBuf,
    /// The capture.
    pub capture: PathBuf,
    /// What it is for.
    pub description: Option<String>,
    /// The manifest of a lab run, relative to the folder; empty when there is none.
    pub run: String,
    /// What must hold, in the order of the file.
    pub expectations: Vec<Expectation>,
    /// Where its blessed snapshot stands, or would stand.
    pub snapshot: PathBuf,
    /// What counts as a difference from the blessed snapshot.
    pub rules: Rules,
}

/// Something that must hold.
#[derive(Debug, Clone)]
pub struct Expectation {
    /// Its name, or the short form as it was written.
    pub name: String,
    /// What it is for.
    pub text: Option<String>,
    /// The condition.
    pub condition: Arc<Condition>,
}

/// The file as it is written.
#[derive(Debug, Deserialize)]
struct CaseFile {
    capture: Option<Named>,
    description: Option<String>,
    run: Option<String>,
    #[serde(default)]
    expect: Vec<ExpectTable>,
    #[serde(default)]
    snapshot: Option<Rules>,
    #[serde(flatten)]
    short: BTreeMap<String, toml::Value>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ExpectTable {
    name: String,
    text: Option<String>,
    condition: Spanned<String>,
}

/// Why a case cannot be run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file or folder cannot be read or written.
    #[error("cannot {action} {}: {cause}", path.display())]
    File {
        /// What was to be done.
        action: &'static str,
        /// With which file.
        path: PathBuf,
        /// Why not.
        cause: std::io::Error,
    },
    /// `case.toml` is not as it should be.
    #[error("{}, line {line}: {message}", path.display())]
    Case {
        /// The file.
        path: PathBuf,
        /// Line, from 1.
        line: usize,
        /// What is wrong, with the place.
        message: String,
    },
    /// There is no case.
    #[error("{0}")]
    NoCase(String),
    /// A capture cannot be opened.
    #[error(transparent)]
    Capture(#[from] crate::source::Error),
    /// A condition is wrong.
    #[error(transparent)]
    Condition(#[from] condition::Error),
    /// The blessed snapshot cannot be read.
    #[error("{}: {cause}", path.display())]
    Snapshot {
        /// The file.
        path: PathBuf,
        /// Why not.
        cause: crate::snapshot::Error,
    },
}

/// Compiles conditions, each text once however many cases have it.
#[derive(Debug, Default)]
pub struct Compiler {
    language: Language,
    known: Mutex<HashMap<String, Arc<Condition>>>,
}

impl Compiler {
    /// The condition of a text.
    ///
    /// # Errors
    /// Those of [`Condition::compile`].
    pub fn compile(&self, text: &str) -> Result<Arc<Condition>, condition::Error> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner).get(text).cloned();
        if let Some(known) = known {
            return Ok(known);
        }
        let compiled = Arc::new(Condition::compile(text, &self.language)?);
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(text.to_owned(), Arc::clone(&compiled));
        Ok(compiled)
    }
}

impl Case {
    /// Reads the case of a folder: one for each of its captures.
    ///
    /// # Errors
    /// When its `case.toml` cannot be read, with line and column, or there is no capture.
    pub fn read(folder: &Path, compiler: &Compiler) -> Result<Vec<Self>, Error> {
        let path = folder.join(CASE_FILE);
        let text = read_text(&path, LARGEST)?;
        let file: CaseFile = toml::from_str(&text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start);
            Error::Case { path: path.clone(), line: line(&text, at), message: told(&error) }
        })?;
        let mut expectations = Vec::new();
        for (name, value) in &file.short {
            expectations.push(short_form(name, value, &path, &text, compiler)?);
        }
        expectations.sort_by_key(|one: &(usize, Expectation)| one.0);
        let mut expectations: Vec<Expectation> =
            expectations.into_iter().map(|(_, expectation)| expectation).collect();
        for table in &file.expect {
            expectations.push(written_out(table, &path, &text, compiler)?);
        }
        if expectations.len() > MOST_EXPECTATIONS {
            let message = format!("more than {MOST_EXPECTATIONS} expectations");
            return Err(Error::Case { path, line: 1, message });
        }
        let captures = captures::of(folder, file.capture.as_ref())?;
        let is_only = captures.len() == 1;
        let run = file.run.unwrap_or_else(|| match folder.join(RUN_FILE).is_file() {
            true => RUN_FILE.to_owned(),
            false => String::new(),
        });
        let rules = file.snapshot.unwrap_or_default();
        let case = |capture: PathBuf| Self {
            name: if is_only { folder } else { &capture }.display().to_string(),
            folder: folder.to_owned(),
            snapshot: snapshot_of(folder, &capture, is_only),
            capture,
            description: file.description.clone(),
            run: run.clone(),
            expectations: expectations.clone(),
            rules: rules.clone(),
        };
        Ok(captures.into_iter().map(case).collect())
    }
}

/// Where the snapshot of a capture stands: in the folder that has one, beside each of several.
fn snapshot_of(folder: &Path, capture: &Path, is_only: bool) -> PathBuf {
    if is_only {
        return folder.join(SNAPSHOT_FILE);
    }
    let mut name = capture.file_name().unwrap_or_default().to_owned();
    name.push(".");
    name.push(SNAPSHOT_FILE);
    capture.with_file_name(name)
}

/// Refuses what is no regular file: a pipe would keep the check waiting for ever.
///
/// # Errors
/// When it is none, or not there.
pub(super) fn regular(path: &Path) -> Result<(), Error> {
    let failed = |cause| Error::File { action: "read", path: path.to_owned(), cause };
    let about = fs::metadata(path).map_err(failed)?;
    if about.is_file() {
        return Ok(());
    }
    Err(failed(std::io::Error::other("it is not a regular file")))
}

/// Reads a file of a person, if it is not too large for that.
///
/// # Errors
/// When it is, or cannot be read.
pub(super) fn read_text(path: &Path, largest: u64) -> Result<String, Error> {
    use std::io::Read;
    regular(path)?;
    let failed = |cause| Error::File { action: "read", path: path.to_owned(), cause };
    let file = fs::File::open(path).map_err(failed)?;
    let mut text = String::new();
    file.take(largest + 1).read_to_string(&mut text).map_err(failed)?;
    if text.len() as u64 > largest {
        let cause = std::io::Error::other(format!("it is larger than {} MiB", largest >> 20));
        return Err(failed(cause));
    }
    Ok(text)
}

fn line(text: &str, at: usize) -> usize {
    text.get(..at).unwrap_or("").matches('\n').count() + 1
}

/// toml's own error has the place and a caret; its first line repeats what we say.
fn told(error: &toml::de::Error) -> String {
    let text = error.to_string();
    let text = text.strip_prefix("TOML parse error at ").unwrap_or(&text).trim_end();
    let is_placed = text.starts_with("line ");
    let text = if is_placed { text.split_once(", ").map_or(text, |(_, rest)| rest) } else { text };
    text.to_owned()
}

/// The line on which a key at the top of the file stands, and its offset.
fn key_at(text: &str, name: &str) -> (usize, usize) {
    let mut at = 0;
    for (index, row) in text.split_inclusive('\n').enumerate() {
        let key = row.split('=').next().unwrap_or("").trim().trim_matches(['"', '\'']);
        if row.contains('=') && key == name {
            return (index + 1, at);
        }
        at += row.len();
    }
    (1, 0)
}

fn short_form(
    name: &str,
    value: &toml::Value,
    path: &Path,
    text: &str,
    compiler: &Compiler,
) -> Result<(usize, Expectation), Error> {
    let (line, at) = key_at(text, name);
    let wrong = |message: String| Error::Case { path: path.to_owned(), line, message };
    let Some(form) = short::named(name) else {
        let own = ["capture", "description", "run", "expect", "snapshot"];
        let names = own.into_iter().chain(SHORT_FORMS.iter().map(|form| form.name));
        let hint = condition::near(name, names).unwrap_or_default();
        return Err(wrong(format!("there is no `{name}`\n  {hint}")));
    };
    let value: ShortValue = value
        .clone()
        .try_into()
        .map_err(|_| wrong(format!("`{name}` cannot have this value; write {}", form.usage)))?;
    let stands_for = form.condition(&value).map_err(wrong)?;
    let compiled = compiler.compile(&stands_for).map_err(|error| {
        wrong(format!("`{name}` cannot have this value; write {}\n{error}", form.usage))
    })?;
    let written = text.get(at..).and_then(|rest| rest.lines().next()).unwrap_or(name).trim();
    let written = written.split(" #").next().unwrap_or(written).trim();
    Ok((at, Expectation { name: written.to_owned(), text: None, condition: compiled }))
}

fn written_out(
    table: &ExpectTable,
    path: &Path,
    text: &str,
    compiler: &Compiler,
) -> Result<Expectation, Error> {
    let condition = table.condition.get_ref();
    let compiled = compiler.compile(condition).map_err(|error| {
        let line = line(text, table.condition.span().start);
        let message = format!("expectation \"{}\": {error}", table.name);
        Error::Case { path: path.to_owned(), line, message }
    })?;
    let (name, text) = (table.name.clone(), table.text.clone());
    Ok(Expectation { name, text, condition: compiled })
}
