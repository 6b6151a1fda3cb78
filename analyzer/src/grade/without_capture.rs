//! Evidence held against itself: what shows without any capture.

use super::beside::beside;
use super::contradiction::{self, Found};
use super::model::{Contradiction, GradedClaim};
use super::story::{Story, from_rows};
use super::tcp_row::{self, TcpRow};
use super::words::Lang;
use crate::evidence::{Content, Evidence, FrameBytes, TerminalLog};

/// What was found in one piece of evidence, in the order of the pieces.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Inner {
    /// Contradictions within the piece, and with the pieces beside it.
    pub contradictions: Vec<Contradiction>,
    /// Claims that were found in it, judged.
    pub claims: Vec<GradedClaim>,
}

/// Judges every piece against itself and the pieces beside it.
#[must_use]
pub fn evidence_without_capture(evidence: &[Evidence], lang: Lang) -> Vec<Inner> {
    evidence.iter().map(|piece| judge(evidence, piece, lang)).collect()
}

fn judge(all: &[Evidence], piece: &Evidence, lang: Lang) -> Inner {
    let found = match &piece.content {
        Content::PacketList(list) => contradiction::of_rows(&tcp_row::read(list), lang),
        Content::TerminalLog(log) => of_log(all, piece, log, lang),
        Content::FrameBytes(dump) => of_dump(all, piece, dump, lang),
        Content::Prose(_) => Vec::new(),
        // A character misread in a picture must not become a contradiction.
        #[cfg(feature = "screenshot")]
        Content::Screenshot(_) => Vec::new(),
    };
    let contradictions = found.into_iter().map(|found| found.within(piece)).collect();
    Inner { contradictions, claims: Vec::new() }
}

/// The stories of the lists beside a piece.
#[must_use]
pub fn stories_beside(all: &[Evidence], piece: &Evidence) -> Vec<Story> {
    beside(all, piece)
        .filter_map(|other| match &other.content {
            Content::PacketList(list) => Some(from_rows(&tcp_row::read(list))),
            _ => None,
        })
        .collect()
}

fn of_log(all: &[Evidence], piece: &Evidence, log: &TerminalLog, lang: Lang) -> Vec<Found> {
    let logs: Vec<&TerminalLog> = beside(all, piece)
        .filter_map(|other| match &other.content {
            Content::TerminalLog(log) => Some(log),
            _ => None,
        })
        .collect();
    let mut found = contradiction::of_logs(log, &logs, lang);
    let stories = stories_beside(all, piece);
    // A log that one list confirms is not held against another one.
    let against: Vec<Vec<Found>> =
        stories.iter().map(|story| contradiction::log_against(log, story, lang)).collect();
    if against.iter().all(|found| !found.is_empty()) {
        found.extend(against.into_iter().next().unwrap_or_default());
    }
    found
}

fn of_dump(all: &[Evidence], piece: &Evidence, dump: &FrameBytes, lang: Lang) -> Vec<Found> {
    let row = row_of(all, piece, dump);
    contradiction::of_bytes(dump, row.as_ref(), lang)
}

/// The row of a dump: of the last list above it in its file, by the number that it names.
fn row_of(all: &[Evidence], piece: &Evidence, dump: &FrameBytes) -> Option<TcpRow> {
    let number = dump.frame?;
    let lists =
        beside(all, piece).filter(|other| other.file == piece.file && other.line < piece.line);
    let list = lists.filter_map(|other| match &other.content {
        Content::PacketList(list) => Some(list),
        _ => None,
    });
    tcp_row::read(list.last()?).into_iter().find(|row| row.number == Some(number))
}
