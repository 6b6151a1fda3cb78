//! One submission: all its pieces of evidence against all its captures.

use std::path::{Path, PathBuf};

use super::bytes::{self, JudgedBytes};
#[cfg(feature = "screenshot")]
use super::compared;
use super::contradiction::Found;
use super::error::Error;
use super::model::{
    CellVerdict, ClaimVerdict, Contradiction, GradeReport, GradedCell, GradedDetails,
    GradedEvidence, GradedRow, Origin, VERSION,
};
use super::profile::Profile;
use super::story::{Story, from_capture};
use super::without_capture::{
    Affinity, Inner, affinity, evidence_with_capture, evidence_without_capture, row_contradictions,
};
use super::wording::Version;
use super::words::Lang;
use super::words::bytes::details_line;
#[cfg(feature = "screenshot")]
use crate::evidence::Content;
use crate::evidence::{Evidence, Kind, PacketList, read_text};
use crate::{source, summary};

mod lists;

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
    let lists = lists::judge(captures, evidence, options)?;
    let pieces = evidence.iter().zip(inner).zip(lists);
    for (at, ((piece, inner), list)) in pieces.enumerate() {
        let mut judged = with_rows(piece, list, options.lang);
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
        judged.contradictions.extend(dump.found.into_iter().map(|found| of_pane(piece, found)));
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

/// What a line of the bytes pane of a picture shows otherwise than its frame.
fn of_pane(piece: &Evidence, found: Found) -> Contradiction {
    let place = format!("{}: bytes pane, line {}", piece.file, found.line);
    #[cfg(feature = "screenshot")]
    let region = match &piece.content {
        Content::Screenshot(shot) => shot.bytes_line(found.line),
        _ => None,
    };
    #[cfg(not(feature = "screenshot"))]
    let region = None;
    Contradiction { place, region, ..found.within(piece) }
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

/// A piece of evidence with the rows of its list, judged if a capture was there.
fn with_rows(piece: &Evidence, judged: lists::BestList<'_>, lang: Lang) -> GradedEvidence {
    let mut graded = blank(piece);
    let list = lists::packet_list(&piece.content);
    graded.unread_lines = list.map_or_else(Vec::new, |list| list.unread.clone());
    match (judged, list) {
        (Some((capture, judged)), _) => {
            graded.capture = Some(capture.display().to_string());
            graded.source = judged.source;
            graded.source_because = Some(judged.because);
            graded.rows = judged.rows;
            graded.unread_lines.extend(judged.unread);
            graded.list_findings = judged.findings;
            graded.contradictions.extend(
                judged.details.iter().flat_map(|details| of_details(&piece.file, details, lang)),
            );
            graded.details = judged.details;
        }
        (None, Some(list)) => graded.rows = unjudged(list),
        (None, None) => {}
    }
    graded
}

/// What the details pane of a picture shows otherwise than its frame.
fn of_details(
    file: &str,
    details: &GradedDetails,
    lang: Lang,
) -> impl Iterator<Item = Contradiction> {
    details.differing.iter().map(move |line| Contradiction {
        kind: "details-and-frame".to_owned(),
        place: format!("{file}: details"),
        why: details_line(lang, details.frame, line),
        frames: vec![details.frame],
        region: Some(line.region),
    })
}

/// Evidence without a capture: of pictures all cells are read, since nothing can be compared.
#[cfg(feature = "screenshot")]
fn completed(evidence: &[Evidence]) -> Result<Vec<Evidence>, Error> {
    let complete = |piece: &Evidence| {
        let mut piece = piece.clone();
        if let Content::Screenshot(shot) = &mut piece.content {
            compared::complete(shot).map_err(|cause| Error::Evidence {
                file: PathBuf::from(&piece.file),
                cause: cause.to_string(),
            })?;
        }
        Ok(piece)
    };
    evidence.iter().map(complete).collect()
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
        unread_lines: Vec::new(),
        bytes: None,
        details: None,
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
