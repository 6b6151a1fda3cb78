//! A lab's manifest (`run.json`) beside captures, logs and packet lists: are they of its run?
//!
//! The manifest knows each connection of its run by the ports of its clients, which no other run
//! has; a piece with at least one of them is of the run, and a piece with others only is not.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use super::error::Error;
use super::model::{GradeReport, Join};
use super::story::{End, Story, from_rows};
use super::submission;
use super::tcp_row;
use super::words::{Lang, joins as words};
use crate::condition::manifest::Run;
use crate::evidence::{Content, Evidence};

/// The name that the generator gives it.
const NAME: &str = "run.json";
/// How much of a file is looked at to see whether it is one.
const HEAD: u64 = 4 << 10;
/// Endpoints that are named in one sentence.
const NAMED: usize = 4;

/// Whether a file is a manifest, by the words at its beginning.
#[must_use]
pub fn is_manifest(path: &Path) -> bool {
    let mut head = Vec::new();
    let read = File::open(path).and_then(|file| file.take(HEAD).read_to_end(&mut head));
    let head = String::from_utf8_lossy(&head);
    let has = |key: &str| head.contains(&format!("\"{key}\""));
    read.is_ok()
        && head.trim_start().starts_with('{')
        && has("version")
        && has("scenario")
        && (has("hosts") || has("outcome"))
}

/// The manifests among files, and those in the folders of the others.
#[must_use]
pub fn manifests<'a>(files: impl IntoIterator<Item = &'a PathBuf>) -> Vec<PathBuf> {
    let mut found = BTreeSet::new();
    for file in files {
        let beside = file.with_file_name(NAME);
        found.extend([file.clone(), beside].into_iter().filter(|path| path.is_file()));
    }
    found.into_iter().filter(|path| is_manifest(path)).collect()
}

/// Adds to a report which captures and pieces of evidence are of a manifest's run.
///
/// # Errors
/// When a manifest or a capture cannot be read.
pub fn join(
    report: &mut GradeReport,
    captures: &[PathBuf],
    evidence: &[Evidence],
    manifests: &[PathBuf],
    lang: Lang,
) -> Result<(), Error> {
    for path in manifests {
        let run = Run::read(path).map_err(|cause| Error::Evidence { file: path.clone(), cause })?;
        let run: Vec<End> = run.connections.iter().map(|told| end(told.client)).collect();
        let manifest = path.display().to_string();
        for capture in captures {
            let story = submission::story(capture)?;
            let file = capture.display().to_string();
            report.joins.extend(one(&run, &clients(&story), &manifest, (file, 1), lang));
        }
        for piece in evidence {
            let place = (piece.file.clone(), piece.line);
            report.joins.extend(one(&run, &of_piece(piece), &manifest, place, lang));
        }
    }
    report.holds &= report.joins.iter().all(|join| join.holds);
    Ok(())
}

fn end(address: std::net::SocketAddr) -> End {
    End { address: address.ip().to_string(), port: address.port() }
}

fn clients(story: &Story) -> Vec<(End, Option<u64>)> {
    let all = story.connections.iter();
    all.map(|told| (told.client.clone(), Some(told.frames.0))).collect()
}

/// The clients that a log or a list knows.
fn of_piece(piece: &Evidence) -> Vec<(End, Option<u64>)> {
    match &piece.content {
        Content::TerminalLog(log) => {
            let clients = log.connections.iter().filter_map(|one| one.client.as_ref());
            clients.map(|end| (End { address: end.host.clone(), port: end.port }, None)).collect()
        }
        Content::PacketList(list) => clients(&from_rows(&tcp_row::read(list))),
        _ => Vec::new(),
    }
}

/// One piece beside a run; none when either tells of no connection.
fn one(
    run: &[End],
    shown: &[(End, Option<u64>)],
    manifest: &str,
    (file, line): (String, u32),
    lang: Lang,
) -> Option<Join> {
    if run.is_empty() || shown.is_empty() {
        return None;
    }
    let is_known = |end: &End| {
        run.iter().any(|told| {
            let is_name = end.address.parse::<std::net::IpAddr>().is_err();
            told.port == end.port && (is_name || told.address == end.address)
        })
    };
    let known: Vec<&(End, Option<u64>)> = shown.iter().filter(|(end, _)| is_known(end)).collect();
    let holds = !known.is_empty();
    let why = if holds {
        words::one_run(lang, &names(known.iter().map(|(end, _)| end)))
    } else {
        words::different_runs(lang, &names(run), &names(shown.iter().map(|(end, _)| end)))
    };
    let frames = shown.iter().filter(|_| !holds).chain(known.into_iter().filter(|_| holds));
    let frames = frames.filter_map(|(_, frame)| *frame).take(NAMED).collect();
    Some(Join { manifest: manifest.to_owned(), file, line, holds, why, frames })
}

/// The first few of some ends.
fn names<'a>(ends: impl IntoIterator<Item = &'a End>) -> String {
    let mut all: Vec<String> = ends.into_iter().map(End::to_string).collect();
    all.dedup();
    let more = if all.len() > NAMED { ", …" } else { "" };
    all.truncate(NAMED);
    all.join(", ") + more
}
