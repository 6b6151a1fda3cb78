//! Frame details and hex dumps against a capture: which frame it is, which bytes differ, and the
//! field that each of them belongs to.
//!
//! A frame whose sequence numbers, IP identification and timestamps are those of the dump is the
//! dump's frame, and every other byte is an edit or a slip. Where they differ, the bytes are of
//! another run, or of another capture when not even the addresses occur.

use std::borrow::Cow;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

use super::contradiction::Found;
use super::error::Error;
use super::model::{DifferentByte, GradedBytes, Origin};
use super::words::{Lang, bytes as words};
use crate::evidence::{Content, Evidence, FrameBytes};
use field::Fields;
use search::{Nearest, Place, Shown, search, shown};

mod details;
mod field;
#[cfg(feature = "screenshot")]
mod pictured;
mod search;
#[cfg(test)]
mod tests;

/// Values that no two runs have in common.
const OF_ONE_RUN: [&str; 5] = [
    "tcp.seq_raw",
    "tcp.ack_raw",
    "ip.id",
    "tcp.options.timestamp.tsval",
    "tcp.options.timestamp.tsecr",
];
/// Runs of differing bytes that are told one by one.
const TOLD: usize = 12;

/// A dump, held against the capture that it agrees with best.
#[derive(Debug, Clone, PartialEq)]
pub struct JudgedBytes {
    /// Which capture.
    pub capture: PathBuf,
    /// What agrees and what does not.
    pub bytes: GradedBytes,
    /// The recording that it shows.
    pub source: Origin,
    /// Why.
    pub because: String,
    /// What differs, in sentences.
    pub found: Vec<Found>,
}

/// Holds all dumps of a submission against its captures; the result has the place of each dump
/// among the evidence.
///
/// # Errors
/// When a capture cannot be opened.
pub fn judge(
    captures: &[PathBuf],
    evidence: &[Evidence],
    lang: Lang,
) -> Result<HashMap<usize, JudgedBytes>, Error> {
    let dumps: Vec<(usize, Cow<'_, FrameBytes>)> = evidence
        .iter()
        .enumerate()
        .filter_map(|(at, piece)| match &piece.content {
            Content::FrameBytes(dump) => Some((at, Cow::Borrowed(dump))),
            #[cfg(feature = "screenshot")]
            Content::Screenshot(shot) => Some((at, Cow::Owned(pictured::dump(shot)?))),
            _ => None,
        })
        .collect();
    let mut best: HashMap<usize, JudgedBytes> = HashMap::new();
    if dumps.is_empty() {
        return Ok(best);
    }
    let all: Vec<&FrameBytes> = dumps.iter().map(|(_, dump)| &**dump).collect();
    for capture in captures {
        let places = search(&all, capture)?;
        for ((at, dump), (nearest, has_addresses)) in dumps.iter().zip(places) {
            let piece = evidence.get(*at).map(|piece| &piece.content);
            let judged = one(dump, piece, (nearest, has_addresses), capture, lang);
            let Some(judged) = judged else { continue };
            let is_better = best.get(at).is_none_or(|before| rank(&judged) > rank(before));
            if is_better {
                best.insert(*at, judged);
            }
        }
    }
    Ok(best)
}

fn rank(judged: &JudgedBytes) -> (bool, u64) {
    (judged.source == Origin::ThisCapture, judged.bytes.equal)
}

/// One dump beside its nearest frame; none when nothing of it can be held against anything.
fn one(
    dump: &FrameBytes,
    piece: Option<&Content>,
    (nearest, has_addresses): Place,
    capture: &Path,
    lang: Lang,
) -> Option<JudgedBytes> {
    let shown = shown(dump);
    let capture = capture.to_owned();
    let Some(nearest) = nearest else {
        let bytes = GradedBytes { frame: None, shown: shown.len() as u64, ..Default::default() };
        let (source, because) = (Origin::AnotherCapture, words::no_frame(lang));
        let judged = JudgedBytes { capture, bytes, source, because, found: Vec::new() };
        return (!shown.is_empty()).then_some(judged);
    };
    if shown.is_empty() {
        return Some(of_details(dump, &nearest, capture, lang));
    }
    let fields = Fields::of(&nearest.bytes, nearest.link_type);
    let differing = differing(&shown, &nearest, &fields);
    let bytes = GradedBytes {
        frame: Some(nearest.frame),
        shown: shown.len() as u64,
        equal: nearest.equal as u64,
        unreadable: 0,
        differing,
    };
    let bytes = looked_at(piece, bytes)?;
    let (frame, equal, of) = (nearest.frame, nearest.equal, shown.len());
    if !is_of_frame(&shown, &nearest, &fields) {
        let source = if has_addresses { Origin::AnotherRun } else { Origin::AnotherCapture };
        let because = words::of_another(lang, frame, equal, of, &names(&bytes.differing));
        return Some(JudgedBytes { capture, bytes, source, because, found: Vec::new() });
    }
    let mut found = told(&bytes, lang);
    if let Some(named) = dump.frame.filter(|named| *named != frame) {
        let line = shown.first().map_or(1, |one| one.line);
        let why = words::of_another_frame(lang, named, frame);
        let frames = vec![named, frame];
        found.push(Found { kind: "bytes-of-another-frame", line, column: "", why, frames });
    }
    found.extend(details::find(dump, &nearest, &fields, lang));
    let because = words::of_frame(lang, frame, equal, of);
    Some(JudgedBytes { capture, bytes, source: Origin::ThisCapture, because, found })
}

/// What is left of differing bytes when a picture is looked at again; none when too little of it
/// can be read.
#[cfg(feature = "screenshot")]
fn looked_at(piece: Option<&Content>, mut bytes: GradedBytes) -> Option<GradedBytes> {
    if let Some(Content::Screenshot(shot)) = piece {
        pictured::look_again(shot, &mut bytes)?;
    }
    Some(bytes)
}

/// A text shows what it shows.
#[cfg(not(feature = "screenshot"))]
fn looked_at(_: Option<&Content>, bytes: GradedBytes) -> Option<GradedBytes> {
    Some(bytes)
}

/// Details without bytes, against the frame that they name.
fn of_details(dump: &FrameBytes, nearest: &Nearest, capture: PathBuf, lang: Lang) -> JudgedBytes {
    let fields = Fields::of(&nearest.bytes, nearest.link_type);
    let found = details::find(dump, nearest, &fields, lang);
    let bytes = GradedBytes { frame: Some(nearest.frame), ..GradedBytes::default() };
    let source = if found.is_empty() { Origin::ThisCapture } else { Origin::Unknown };
    let because = words::details_of(lang, nearest.frame, found.len());
    JudgedBytes { capture, bytes, source, because, found }
}

/// Shown bytes that the frame does not have, with their fields.
fn differing(shown: &[Shown], nearest: &Nearest, fields: &Fields) -> Vec<DifferentByte> {
    let byte = |one: &Shown| nearest.bytes.get(nearest.start + one.offset).copied();
    let wrong = shown.iter().filter(|one| byte(one) != Some(one.byte));
    wrong
        .map(|one| DifferentByte {
            line: one.line,
            offset: one.offset as u64,
            seen: one.byte,
            expected: byte(one),
            field: fields.at(nearest.start + one.offset).to_owned(),
        })
        .collect()
}

/// Whether the dump is this frame, edited or not: most values of one run are there. Frames
/// without such values must agree in nine bytes of ten.
fn is_of_frame(shown: &[Shown], nearest: &Nearest, fields: &Fields) -> bool {
    let (mut agree, mut all) = (0, 0);
    for name in OF_ONE_RUN {
        let Some(range) = fields.range(name) else { continue };
        let own = nearest.bytes.get(range.clone()).unwrap_or_default();
        let is_in = |one: &&Shown| range.contains(&(nearest.start + one.offset));
        let seen: Vec<u8> = shown.iter().filter(is_in).map(|one| one.byte).collect();
        // A SYN has no acknowledgment number, and some packets no identification.
        let is_told = |bytes: &[u8]| bytes.iter().any(|byte| *byte != 0);
        if seen.len() == own.len() && (is_told(&seen) || is_told(own)) {
            all += 1;
            agree += usize::from(seen == own);
        }
    }
    if all > 0 { agree * 2 >= all } else { nearest.equal * 10 >= shown.len() * 9 }
}

/// The fields that differ, each once.
fn names(differing: &[DifferentByte]) -> String {
    const SHOWN: usize = 5;
    let mut names: Vec<&str> = Vec::new();
    for one in differing {
        if !names.contains(&one.field.as_str()) {
            names.push(&one.field);
        }
    }
    let more = if names.len() > SHOWN { ", …" } else { "" };
    names.truncate(SHOWN);
    names.join(", ") + more
}

/// A sentence for each run of differing bytes of one field.
fn told(bytes: &GradedBytes, lang: Lang) -> Vec<Found> {
    let mut found = Vec::new();
    let frame = bytes.frame.unwrap_or_default();
    let is_run = |one: &DifferentByte, two: &DifferentByte| {
        one.offset + 1 == two.offset && one.field == two.field
    };
    let runs: Vec<&[DifferentByte]> = bytes.differing.chunk_by(is_run).collect();
    for run in runs.iter().take(TOLD) {
        let Some(first) = run.first() else { continue };
        let hex = |byte: Option<u8>| byte.map_or("--".to_owned(), |byte| format!("{byte:02x}"));
        let seen: Vec<String> = run.iter().map(|one| hex(Some(one.seen))).collect();
        let own: Vec<String> = run.iter().map(|one| hex(one.expected)).collect();
        let (offset, field) = (first.offset, &first.field);
        let why = words::differ(lang, frame, offset, field, &seen.join(" "), &own.join(" "));
        let (kind, line, frames) = ("bytes-and-frame", first.line, vec![frame]);
        found.push(Found { kind, line, column: "", why, frames });
    }
    if let Some(next) = runs.get(TOLD).and_then(|run| run.first()) {
        let why = words::differ_more(lang, frame, runs.len() - TOLD);
        let (kind, line, frames) = ("bytes-and-frame", next.line, vec![frame]);
        found.push(Found { kind, line, column: "", why, frames });
    }
    found
}
