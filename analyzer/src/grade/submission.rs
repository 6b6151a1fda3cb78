//! One submission: all its pieces of evidence against all its captures.

use std::path::{Path, PathBuf};

use super::bytes::{self, JudgedBytes};
use super::error::Error;
use super::expected::ExpectedList;
use super::list::{self, JudgedList};
use super::model::{
    CellVerdict, ClaimVerdict, Contradiction, GradeReport, GradedCell, GradedEvidence, GradedRow,
    Origin, VERSION,
};
use super::order::FilterKnowledge;
use super::profile::Profile;
use super::story::{Story, from_capture};
use super::without_capture::{
    Affinity, Inner, affinity, evidence_with_capture, evidence_without_capture, row_contradictions,
};
use super::wording::Version;
use super::words::Lang;
use crate::evidence::{Content, Evidence, Kind, PacketList, read_text};
use crate::filter::Filter;
use crate::{source, summary};

/// Connections of a capture that logs and claims are held against, and rows of each.
const TOLD: usize = 1_000;
const SEGMENTS: usize = 200;

/// How to grade.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options<'a> {
    /// The version of Wireshark that made the evidence.
    pub version: Version,
    /// The language of reasons.
    pub lang: Lang,
    /// What is known of the lab.
    pub profile: Option<&'a Profile>,
}

impl Options<'_> {
    /// A story without the traffic that counts for nothing.
    pub(super) fn relevant(&self, story: Story) -> Story {
        match self.profile {
            Some(profile) => profile.relevant(story),
            None => story,
        }
    }
}

/// Grades evidence, already read, against captures.
///
/// # Errors
/// When a capture cannot be read.
pub fn grade(
    captures: &[PathBuf],
    evidence: &[Evidence],
    options: Options<'_>,
) -> Result<GradeReport, Error> {
    #[cfg(feature = "screenshot")]
    let complete = if captures.is_empty() { Some(completed(evidence)?) } else { None };
    #[cfg(feature = "screenshot")]
    let evidence = complete.as_deref().unwrap_or(evidence);
    let mut graded = Vec::with_capacity(evidence.len());
    let inner = inner(captures, evidence, options)?;
    let mut dumps = bytes::judge(captures, evidence, options.lang)?;
    for (at, (piece, inner)) in evidence.iter().zip(inner).enumerate() {
        let mut judged = grade_piece(captures, piece, options)?;
        if let Some(dump) = dumps.remove(&at) {
            add_bytes(&mut judged, evidence, piece, dump, options.lang);
        }
        if judged.capture.is_none() && piece.kind == Kind::TerminalLog {
            judged.capture = inner.capture;
            judged.source = inner.source;
            judged.source_because = inner.because;
        }
        let odd = inner.contradictions.into_iter().filter(|found| !is_in_capture(&judged, found));
        let odd: Vec<Contradiction> = odd.collect();
        judged.contradictions.extend(odd);
        judged.claims.extend(inner.claims);
        graded.push(judged);
    }
    let holds = graded.iter().all(holds);
    Ok(GradeReport {
        version: VERSION,
        score: None,
        max_score: None,
        holds,
        items: Vec::new(),
        evidence: graded,
        joins: Vec::new(),
    })
}

/// What holding a dump against the captures told, and what its row says when only the capture
/// knows its number.
fn add_bytes(
    judged: &mut GradedEvidence,
    all: &[Evidence],
    piece: &Evidence,
    dump: JudgedBytes,
    lang: Lang,
) {
    if piece.kind == Kind::Screenshot {
        // The list tells which recording it is; the pane shows one frame of it.
        judged.bytes = Some(dump.bytes);
        judged.contradictions.extend(dump.found.into_iter().map(|found| found.within(piece)));
        return;
    }
    let frame = dump.bytes.frame.filter(|_| dump.source == Origin::ThisCapture);
    let of_row = frame.map(|frame| row_contradictions(all, piece, frame, lang));
    judged.capture = Some(dump.capture.display().to_string());
    judged.source = dump.source;
    judged.source_because = Some(dump.because);
    judged.bytes = Some(dump.bytes);
    let found = dump.found.into_iter().chain(of_row.into_iter().flatten());
    judged.contradictions.extend(found.map(|found| found.within(piece)));
}

/// True when what is odd about a row is so in the capture, too: then it is odd traffic, and the
/// evidence shows it rightly.
fn is_in_capture(judged: &GradedEvidence, found: &Contradiction) -> bool {
    let bytes = judged.bytes.as_ref().filter(|bytes| bytes.shown > 0);
    if found.kind == "hex-checksum" && bytes.is_some_and(|bytes| bytes.differing.is_empty()) {
        return judged.source == Origin::ThisCapture;
    }
    let place = found.place.strip_prefix(&judged.file).and_then(|rest| rest.strip_prefix(':'));
    let line: Option<u32> =
        place.and_then(|place| place.split(',').next()).and_then(|line| line.parse().ok());
    let mut rows = judged.rows.iter().filter(|row| Some(row.line) == line);
    judged.source == Origin::ThisCapture
        && rows.any(|row| row.verdict.is_some_and(|verdict| verdict <= CellVerdict::Cut))
}

/// What shows without rows being held against frames: for every piece by the capture that it
/// belongs to and agrees with best, or alone when it belongs to none.
fn inner(
    captures: &[PathBuf],
    evidence: &[Evidence],
    options: Options<'_>,
) -> Result<Vec<Inner>, Error> {
    let alone = evidence_without_capture(evidence, options).into_iter();
    let mut best: Vec<(Affinity, Inner)> = alone.map(|inner| (Affinity::None, inner)).collect();
    for capture in captures {
        let story = options.relevant(story(capture)?);
        let with = evidence_with_capture(evidence, &story, options);
        for ((piece, mut found), before) in evidence.iter().zip(with).zip(&mut best) {
            // Where there is one capture only, there is no other that it could belong to.
            let least = if captures.len() == 1 { Affinity::Any } else { Affinity::None };
            let affinity = affinity(evidence, piece, &story).max(least);
            let is_closer = affinity > before.0;
            if is_closer || (affinity == before.0 && is_judged_better(&found, &before.1)) {
                found.capture = Some(capture.display().to_string());
                *before = (affinity, found);
            }
        }
    }
    Ok(best.into_iter().map(|(_, inner)| inner).collect())
}

/// Whether one capture fits better than another one to which a piece belongs as much.
fn is_judged_better(found: &Inner, before: &Inner) -> bool {
    before.capture.is_some() && found.wrong() < before.wrong()
}

/// The connections of a capture. A damaged file tells those before the damage.
pub(super) fn story(capture: &Path) -> Result<Story, Error> {
    let mut source =
        source::open(capture).map_err(|cause| Error::Capture { cause: cause.to_string() })?;
    let options = summary::Options { top: TOLD, segments: SEGMENTS, ..summary::Options::default() };
    let (summary, _) = summary::summarise(&capture.display().to_string(), &mut *source, options);
    Ok(from_capture(&summary))
}

fn grade_piece(
    captures: &[PathBuf],
    piece: &Evidence,
    options: Options<'_>,
) -> Result<GradedEvidence, Error> {
    let mut graded = blank(piece);
    let Some(list) = packet_list(&piece.content) else { return Ok(graded) };
    let mut best: Option<(&Path, JudgedList)> = None;
    for capture in captures {
        let judged = against(capture, &piece.content, list, options)?;
        if best.as_ref().is_none_or(|(_, before)| rank(&judged) > rank(before)) {
            best = Some((capture, judged));
        }
    }
    match best {
        Some((capture, judged)) => {
            graded.capture = Some(capture.display().to_string());
            graded.source = judged.source;
            graded.source_because = Some(judged.because);
            graded.rows = judged.rows;
            graded.list_findings = judged.findings;
        }
        None => graded.rows = unjudged(list),
    }
    Ok(graded)
}

/// Evidence without a capture: of pictures all cells are read, since nothing can be compared.
#[cfg(feature = "screenshot")]
fn completed(evidence: &[Evidence]) -> Result<Vec<Evidence>, Error> {
    let complete = |piece: &Evidence| {
        let mut piece = piece.clone();
        if let Content::Screenshot(shot) = &mut piece.content {
            super::compared::complete(shot).map_err(|cause| Error::Evidence {
                file: PathBuf::from(&piece.file),
                cause: cause.to_string(),
            })?;
        }
        Ok(piece)
    };
    evidence.iter().map(complete).collect()
}

/// The packet list that a piece of evidence holds, as text or as a picture.
fn packet_list(content: &Content) -> Option<&PacketList> {
    match content {
        Content::PacketList(list) => Some(list),
        #[cfg(feature = "screenshot")]
        Content::Screenshot(shot) => Some(&shot.list),
        _ => None,
    }
}

/// A packet list against one capture.
fn against(
    capture: &Path,
    content: &Content,
    list: &PacketList,
    options: Options<'_>,
) -> Result<JudgedList, Error> {
    let filter = list.filter.as_deref().map(Filter::parse).transpose();
    let knowledge = match &filter {
        Ok(Some(_)) => FilterKnowledge::Known,
        Ok(None) if list.is_filter_seen => FilterKnowledge::Known,
        _ => FilterKnowledge::Unknown,
    };
    let expected = ExpectedList::read(capture, filter.ok().flatten().as_ref())?;
    #[cfg(feature = "screenshot")]
    if let Content::Screenshot(shot) = content {
        let shot = super::compared::against(shot, &expected, options.version);
        let shot = shot.map_err(|cause| Error::Capture { cause: cause.to_string() })?;
        let list = &shot.list;
        let witness = super::picture::PictureWitness::new(&shot, &expected, options.version);
        // A filter that would hide what is shown was not read well.
        let knowledge = if witness.shows_hidden() { FilterKnowledge::Unknown } else { knowledge };
        let mut judged = list::judge(list, &expected, knowledge, options.version, Some(&witness));
        // Of a row that the pane's edge cuts through, too little may be seen to tell its frame.
        let is_whole = |line: u32| list.rows.iter().any(|row| row.line == line && row.is_whole);
        judged.rows.retain(|row| row.frame.is_some() || is_whole(row.line));
        if !shot.is_trusted {
            confirm_only(&mut judged, options.lang);
        }
        return Ok(judged);
    }
    let _ = content;
    Ok(list::judge(list, &expected, knowledge, options.version, None))
}

/// Keeps what a picture confirms, when it was read too badly to contradict anything.
#[cfg(feature = "screenshot")]
fn confirm_only(judged: &mut JudgedList, lang: Lang) {
    judged.rows.retain(|row| row.frame.is_some());
    judged.findings.clear();
    if judged.source != Origin::ThisCapture {
        judged.source = Origin::Unknown;
        judged.rows.clear();
    }
    judged.because = super::words::read_badly(lang);
}

/// Which of two captures a list rather shows.
fn rank(judged: &JudgedList) -> (u8, usize) {
    let origin = match judged.source {
        Origin::ThisCapture => 3,
        Origin::AnotherRun => 2,
        Origin::AnotherCapture => 1,
        Origin::Unknown => 0,
    };
    let clean = judged
        .rows
        .iter()
        .filter(|row| row.verdict.is_some_and(|v| v <= CellVerdict::Near))
        .count();
    (origin, clean)
}

/// A piece of evidence about which nothing is known yet.
fn blank(piece: &Evidence) -> GradedEvidence {
    GradedEvidence {
        file: piece.file.clone(),
        line: piece.line,
        kind: piece.kind,
        capture: None,
        source: Origin::Unknown,
        source_because: None,
        rows: Vec::new(),
        bytes: None,
        list_findings: Vec::new(),
        contradictions: Vec::new(),
        claims: Vec::new(),
    }
}

/// The rows of a list without a capture.
fn unjudged(list: &PacketList) -> Vec<GradedRow> {
    let cell = |cell: &crate::evidence::Cell| GradedCell {
        column: cell.column,
        seen: cell.text.clone(),
        expected: None,
        verdict: None,
    };
    let row = |row: &crate::evidence::PacketRow| GradedRow {
        line: row.line,
        frame: None,
        verdict: None,
        cells: row.cells.iter().map(cell).collect(),
    };
    list.rows.iter().map(row).collect()
}

/// True when nothing in a piece of evidence was found wrong. What could not be told is not wrong.
#[must_use]
pub fn holds(graded: &GradedEvidence) -> bool {
    let has_mismatch = graded
        .rows
        .iter()
        .any(|row| row.verdict == Some(CellVerdict::Mismatch) || is_in_no_frame(graded, row));
    let has_false_claim = graded.claims.iter().any(|claim| claim.verdict == ClaimVerdict::False);
    let is_elsewhere = matches!(graded.source, Origin::AnotherRun | Origin::AnotherCapture);
    !has_mismatch
        && !has_false_claim
        && !is_elsewhere
        && graded.list_findings.is_empty()
        && graded.contradictions.is_empty()
}

/// True for a row that was held against a capture and is in none of its frames.
fn is_in_no_frame(graded: &GradedEvidence, row: &GradedRow) -> bool {
    graded.capture.is_some() && row.frame.is_none() && !row.cells.is_empty()
}

/// Reads a file of evidence, by its content.
///
/// # Errors
/// When the file cannot be read, or holds nothing that is evidence.
pub fn read_evidence(path: &Path) -> Result<Vec<Evidence>, Error> {
    let failed = |cause: String| Error::Evidence { file: path.to_owned(), cause };
    // A manifest is held against everything else, see `join`.
    if super::joins::is_manifest(path) {
        return Ok(Vec::new());
    }
    #[cfg(feature = "screenshot")]
    if let Some(evidence) = super::picture::read(path) {
        return evidence.map(|piece| vec![piece]).map_err(failed);
    }
    let evidence = read_text(path).map_err(|error| failed(error.to_string()))?;
    if evidence.is_empty() {
        return Err(failed("nothing in it is a packet list, a log, frame bytes or a claim".into()));
    }
    Ok(evidence)
}
