//! The packet lists of a submission, each against the capture that it agrees with best.

use std::path::{Path, PathBuf};

use crate::evidence::{Content, Evidence, PacketList};
use crate::filter::Filter;
use crate::grade::error::Error;
use crate::grade::expected::ExpectedList;
use crate::grade::filter_box;
use crate::grade::list::{self, JudgedList};
use crate::grade::model::{CellVerdict, Origin};
use crate::grade::order::FilterKnowledge;
#[cfg(feature = "screenshot")]
use crate::grade::{compared, details, model::GradedRow, picture, words};

use super::Options;

/// A list as the capture judges it that it agrees with best.
pub(super) type BestList<'a> = Option<(&'a Path, JudgedList)>;

/// Every packet list against every capture. A capture is read once for lists that follow each
/// other under one filter.
pub(super) fn judge<'a>(
    captures: &'a [PathBuf],
    evidence: &[Evidence],
    options: Options<'_>,
) -> Result<Vec<BestList<'a>>, Error> {
    let mut best: Vec<BestList<'a>> = evidence.iter().map(|_| None).collect();
    for capture in captures {
        let mut reader = Expected { capture, read: None };
        for (piece, best) in evidence.iter().zip(&mut best) {
            let Some(list) = packet_list(&piece.content) else { continue };
            let judged = against(&mut reader, &piece.content, list, options)?;
            if best.as_ref().is_none_or(|(_, before)| rank(&judged) > rank(before)) {
                *best = Some((capture, judged));
            }
        }
    }
    Ok(best)
}

/// What a capture's list shows, under the filter that was asked for last.
struct Expected<'a> {
    capture: &'a Path,
    read: Option<(Option<String>, ExpectedList)>,
}

impl Expected<'_> {
    fn under(
        &mut self,
        filter: Option<&Filter>,
        text: Option<&str>,
    ) -> Result<&ExpectedList, Error> {
        let known = self.read.take().filter(|(known, _)| known.as_deref() == text);
        let read = match known {
            Some(read) => read,
            None => (text.map(str::to_owned), ExpectedList::read(self.capture, filter)?),
        };
        Ok(&self.read.insert(read).1)
    }
}

/// The packet list that a piece of evidence holds, as text or as a picture.
pub(super) fn packet_list(content: &Content) -> Option<&PacketList> {
    match content {
        Content::PacketList(list) => Some(list),
        #[cfg(feature = "screenshot")]
        Content::Screenshot(shot) => Some(&shot.list),
        _ => None,
    }
}

/// A packet list against one capture.
fn against(
    capture: &mut Expected<'_>,
    content: &Content,
    list: &PacketList,
    options: Options<'_>,
) -> Result<JudgedList, Error> {
    let (filter, mut knowledge) = filter_box::read(list);
    #[cfg(feature = "screenshot")]
    let path = capture.capture;
    let text = list.filter.as_deref().filter(|_| filter.is_some());
    let expected = capture.under(filter.as_ref(), text)?;
    if filter_box::hides(list, expected, options.version) {
        knowledge = FilterKnowledge::Unknown;
    }
    // Where the filter is not known, the rows tell what it shows.
    let by_rows = |list: &PacketList, expected: &ExpectedList| {
        let mut told = expected.clone();
        filter_box::take_from_rows(list, &mut told, options.version);
        told
    };
    let is_unknown = knowledge == FilterKnowledge::Unknown;
    let told = is_unknown.then(|| by_rows(list, expected));
    let expected = told.as_ref().unwrap_or(expected);
    #[cfg(feature = "screenshot")]
    if let Content::Screenshot(shot) = content {
        let shot = compared::against(shot, expected, options.version);
        let shot = shot.map_err(|cause| Error::Capture { cause: cause.to_string() })?;
        let list = &shot.list;
        let told = is_unknown.then(|| by_rows(list, expected));
        let expected = told.as_ref().unwrap_or(expected);
        let witness = picture::PictureWitness::new(&shot, expected, options.version);
        // A filter that would hide what is shown was not read well.
        let knowledge = if witness.shows_hidden() { FilterKnowledge::Unknown } else { knowledge };
        let mut judged = list::judge(list, expected, knowledge, options.version, Some(&witness));
        // Of a row that the pane's edge cuts through, too little may be seen to tell its frame, or
        // what it shows.
        let of_line = |line: u32| list.rows.iter().find(|row| row.line == line);
        judged.rows.retain(|row| {
            let is_told = row.frame.is_some() && row.verdict != Some(CellVerdict::Unreadable);
            is_told || of_line(row.line).is_some_and(|shown| shown.is_whole || shown.is_selected)
        });
        // Of one that no frame has nothing is known, unless it was read clearly.
        let is_unread = |row: &&GradedRow| {
            row.frame.is_none() && of_line(row.line).is_some_and(picture::is_unclear)
        };
        judged.unread = judged.rows.iter().filter(is_unread).map(|row| row.line).collect();
        judged.rows.retain(|row| !is_unread(&row));
        if judged.source == Origin::ThisCapture {
            let selected = list.rows.iter().find(|row| row.is_selected).map(|row| row.line);
            let of_line = |row: &&GradedRow| Some(row.line) == selected;
            let frame = judged.rows.iter().find(of_line).and_then(|row| row.frame);
            judged.details = details::judge((&shot, &witness), frame, expected, path)
                .map_err(|cause| Error::Capture { cause: cause.to_string() })?;
        }
        if !shot.is_trusted {
            let why = if shot.is_terminal() { words::in_terminal } else { words::read_badly };
            confirm_only(&mut judged, why(options.lang));
        }
        return Ok(judged);
    }
    let _ = content;
    Ok(list::judge(list, expected, knowledge, options.version, None))
}

/// Keeps what a picture confirms, when it was read by one witness, who contradicts nothing.
#[cfg(feature = "screenshot")]
fn confirm_only(judged: &mut JudgedList, why: String) {
    judged.rows.retain(|row| row.frame.is_some());
    judged.findings.clear();
    if judged.source != Origin::ThisCapture {
        judged.source = Origin::Unknown;
        judged.rows.clear();
    }
    judged.because = why;
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
