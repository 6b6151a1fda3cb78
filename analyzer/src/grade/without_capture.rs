//! Evidence held against itself: what shows without any capture.

use super::beside::beside;
use super::claims::{self, Known};
use super::contradiction::{self, Found};
use super::dump;
use super::model::{ClaimVerdict, Contradiction, GradedClaim, Origin};
use super::story::{Story, from_rows};
use super::submission::Options;
use super::tcp_row::{self, TcpRow};
use super::words::{Lang, contradictions as words};
use crate::evidence::{ChunkWay, Content, Evidence, FrameBytes, Prose, TerminalLog};

/// How sure the recogniser must be of each character of a cell.
#[cfg(feature = "screenshot")]
const CLEARLY_READ: f32 = 0.9;

/// What was found in one piece of evidence, in the order of the pieces.
#[derive(Debug, Clone, PartialEq)]
pub struct Inner {
    /// Contradictions within the piece, and with the pieces beside it.
    pub contradictions: Vec<Contradiction>,
    /// Claims that were found in it, judged.
    pub claims: Vec<GradedClaim>,
    /// The capture that it was held against.
    pub capture: Option<String>,
    /// Which recording a log shows.
    pub source: Origin,
    /// Why that is said.
    pub because: Option<String>,
}

impl Inner {
    /// How much of it is wrong.
    #[must_use]
    pub fn wrong(&self) -> usize {
        let is_false = |claim: &&GradedClaim| claim.verdict == ClaimVerdict::False;
        self.contradictions.len() + self.claims.iter().filter(is_false).count()
    }
}

/// Judges every piece against itself and the pieces beside it.
#[must_use]
pub fn evidence_without_capture(evidence: &[Evidence], options: Options<'_>) -> Vec<Inner> {
    evidence.iter().map(|piece| judge(evidence, piece, None, options)).collect()
}

/// The same, with the connections of a capture: logs and claims are held against those.
#[must_use]
pub fn evidence_with_capture(
    evidence: &[Evidence],
    capture: &Story,
    options: Options<'_>,
) -> Vec<Inner> {
    evidence.iter().map(|piece| judge(evidence, piece, Some(capture), options)).collect()
}

fn judge(
    all: &[Evidence],
    piece: &Evidence,
    capture: Option<&Story>,
    options: Options<'_>,
) -> Inner {
    let lang = options.lang;
    let mut claims = Vec::new();
    let found = match &piece.content {
        Content::PacketList(list) => contradiction::of_rows(&tcp_row::read(list), lang),
        Content::TerminalLog(log) => of_log(all, piece, log, capture, options),
        Content::FrameBytes(dump) => of_dump(all, piece, dump, lang),
        Content::Prose(prose) => {
            let known = known(all, piece, capture, options);
            of_prose(prose, &known, &mut claims, options)
        }
        #[cfg(feature = "screenshot")]
        Content::Screenshot(shot) => of_picture(shot, lang),
    };
    let contradictions: Vec<Contradiction> =
        found.into_iter().map(|found| found.within(piece)).collect();
    let (source, because) = capture
        .map_or((Origin::Unknown, None), |story| origin(piece, story, &contradictions, lang));
    Inner { contradictions, claims, capture: None, source, because }
}

/// A character misread in a picture must not become a contradiction: only rows count all of whose
/// cells were read without any doubt.
#[cfg(feature = "screenshot")]
fn of_picture(shot: &crate::evidence::screenshot::Screenshot, lang: Lang) -> Vec<Found> {
    if !shot.is_trusted || !shot.unread().is_empty() {
        return Vec::new();
    }
    let mut list = shot.list.clone();
    list.rows
        .retain(|row| row.is_whole && row.cells.iter().all(|cell| cell.confidence >= CLEARLY_READ));
    contradiction::of_rows(&tcp_row::read(&list), lang)
}

/// The recording that a log shows: one of its clients' ports is in the capture, or none is.
fn origin(
    piece: &Evidence,
    story: &Story,
    contradictions: &[Contradiction],
    lang: Lang,
) -> (Origin, Option<String>) {
    let Content::TerminalLog(log) = &piece.content else { return (Origin::Unknown, None) };
    if let Some(first) = contradictions.iter().find(|one| one.kind == "log-and-rows") {
        return (Origin::AnotherRun, Some(first.why.clone()));
    }
    let mut clients = log.connections.iter().filter_map(|one| one.client.as_ref());
    let known = clients.find(|end| story.of_client_port(end.port).is_some());
    known.map_or((Origin::Unknown, None), |end| {
        let why = words::log_is_of_capture(lang, &format!("{}:{}", end.host, end.port));
        (Origin::ThisCapture, Some(why))
    })
}

/// How much a piece has to do with a capture, most last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Affinity {
    /// It tells of other connections.
    None,
    /// It names none: it may tell of any capture.
    Any,
    /// It tells of the same service.
    Service,
    /// It tells of one of the capture's connections, or stands beside rows that do.
    Connection,
}

/// Whether a capture is the one that a piece tells of: prose belongs to the rows beside it, and
/// those to a capture with one of their connections; a log to one with a client's port, else to
/// one with its server's port.
#[must_use]
pub fn affinity(all: &[Evidence], piece: &Evidence, capture: &Story) -> Affinity {
    let stories = stories_beside(all, piece);
    let mut rows = stories.iter().flat_map(|story| &story.connections).peekable();
    let has_rows = rows.peek().is_some();
    let mut is_beside =
        || rows.any(|row| capture.connections.iter().any(|told| told.ends() == row.ends()));
    match &piece.content {
        Content::Prose(_) if !has_rows => Affinity::Any,
        Content::Prose(_) if is_beside() => Affinity::Connection,
        Content::Prose(_) => Affinity::None,
        Content::TerminalLog(log) => match of_log_to(log, capture) {
            Affinity::Service if is_beside() => Affinity::Connection,
            Affinity::None if !has_rows => Affinity::Any,
            found => found,
        },
        _ => Affinity::Any,
    }
}

fn of_log_to(log: &TerminalLog, capture: &Story) -> Affinity {
    let told = &capture.connections;
    let named = log.connections.iter().filter_map(|one| one.client.as_ref());
    if named.into_iter().any(|end| capture.of_client_port(end.port).is_some()) {
        return Affinity::Connection;
    }
    let server = |port: u16| told.iter().any(|one| one.server.port == port);
    let ports = log.connections.iter().filter_map(|one| one.server.as_ref()).chain(&log.listening);
    let mut ports = ports.map(|end| end.port);
    let mut resolved = log.resolved.iter().map(|(_, end)| &end.host);
    if ports.any(server) || resolved.any(|host| capture.addresses.contains(host)) {
        Affinity::Service
    } else {
        Affinity::None
    }
}

/// Judges the claims of a section; what another connection proves is a contradiction too.
fn of_prose(
    prose: &Prose,
    known: &Known<'_>,
    graded: &mut Vec<GradedClaim>,
    options: Options<'_>,
) -> Vec<Found> {
    let mut found = Vec::new();
    let names = |sentence: &str| address_of(sentence, known, options);
    for claim in crate::evidence::claims::find(prose, &names) {
        let judged = claims::judge(&claim.claim, known, options.lang);
        let (line, text, verdict) = (claim.line, claim.sentence, judged.verdict);
        if judged.is_of_another {
            let (why, frames) = (judged.why.clone(), judged.frames.clone());
            let kind = "close-of-another-connection";
            found.push(Found { kind, line, column: "", why, frames });
        }
        graded.push(GradedClaim { text, line, verdict, why: judged.why, frames: judged.frames });
    }
    found
}

/// The address of the only machine that a sentence names, and where the name stands in it: one
/// that occurs in what the sentence is held against, or the first.
fn address_of(
    sentence: &str,
    known: &Known<'_>,
    options: Options<'_>,
) -> Option<(String, std::ops::Range<usize>)> {
    let (host, place) = options.profile?.named_in(sentence)?;
    let is_seen = |address: &&String| {
        known.stories.iter().any(|story| story.addresses.iter().any(|seen| seen == *address))
    };
    let address = host.addresses.iter().find(is_seen).or(host.addresses.first())?;
    Some((address.clone(), place))
}

/// What stands beside a sentence, and what a capture tells.
fn known<'a>(
    all: &'a [Evidence],
    piece: &'a Evidence,
    capture: Option<&Story>,
    options: Options<'_>,
) -> Known<'a> {
    let mut known = Known::default();
    match capture {
        Some(capture) => known.stories.push(capture.clone()),
        None => {
            let stories = stories_beside(all, piece).into_iter();
            known.stories = stories.map(|story| options.relevant(story)).collect();
        }
    }
    let contents = known.stories.iter().flat_map(|story| &story.connections);
    let contents = contents.flat_map(|told| told.content.iter().flatten());
    known.texts = contents.map(|bytes| String::from_utf8_lossy(bytes).into_owned()).collect();
    for other in beside(all, piece) {
        match &other.content {
            Content::TerminalLog(log) => {
                known.texts.extend(log_texts(log));
                known.logs.push(log);
            }
            Content::FrameBytes(dump) => {
                known.texts.extend(dump_text(dump));
                known.interfaces.extend(interface(dump));
            }
            _ => {}
        }
    }
    // Longer texts last: the nearest one explains best.
    known.texts.sort_by_key(String::len);
    known
}

/// What was read and written, chunk by chunk joined.
fn log_texts(log: &TerminalLog) -> Vec<String> {
    let ways = [ChunkWay::Sent, ChunkWay::Received];
    let contents = log.connections.iter().flat_map(|one| ways.map(|way| one.content(way)));
    contents.flatten().map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).collect()
}

fn dump_text(dump: &FrameBytes) -> Option<String> {
    let bytes = dump.bytes()?;
    let decoded = dump::decode(&bytes, bytes.len())?;
    Some(String::from_utf8_lossy(&decoded.payload).into_owned())
}

/// `on interface eth1, id 0`.
fn interface(dump: &FrameBytes) -> Option<String> {
    let (_, line) = dump.details.iter().find(|(_, line)| line.contains("on interface "))?;
    let name = line.split("on interface ").nth(1)?.split([',', ' ']).next()?;
    (!name.is_empty()).then(|| name.to_owned())
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

fn of_log(
    all: &[Evidence],
    piece: &Evidence,
    log: &TerminalLog,
    capture: Option<&Story>,
    options: Options<'_>,
) -> Vec<Found> {
    let lang = options.lang;
    let host = log.machine.as_deref().and_then(|name| options.profile?.host(name));
    let logs: Vec<&TerminalLog> = beside(all, piece)
        .filter_map(|other| match &other.content {
            Content::TerminalLog(log) => Some(log),
            _ => None,
        })
        .collect();
    let mut found = contradiction::of_logs(log, &logs, lang);
    if let Some(capture) = capture {
        found.extend(contradiction::log_against(log, host, capture, lang));
        return found;
    }
    let stories: Vec<Story> =
        stories_beside(all, piece).into_iter().map(|story| options.relevant(story)).collect();
    // A log that one list confirms is not held against another one.
    let against: Vec<Vec<Found>> =
        stories.iter().map(|story| contradiction::log_against(log, host, story, lang)).collect();
    if against.iter().all(|found| !found.is_empty()) {
        found.extend(against.into_iter().next().unwrap_or_default());
    }
    found
}

fn of_dump(all: &[Evidence], piece: &Evidence, dump: &FrameBytes, lang: Lang) -> Vec<Found> {
    let row = row_of(all, piece, dump);
    contradiction::of_bytes(dump, row.as_ref(), lang)
}

/// What a dump that does not name its frame contradicts in that frame's row.
#[must_use]
pub fn row_contradictions(
    all: &[Evidence],
    piece: &Evidence,
    frame: u64,
    lang: Lang,
) -> Vec<Found> {
    let Content::FrameBytes(dump) = &piece.content else { return Vec::new() };
    if dump.frame.is_some() {
        return Vec::new();
    }
    let named = FrameBytes { frame: Some(frame), ..dump.clone() };
    let Some(row) = row_of(all, piece, &named) else { return Vec::new() };
    let found = contradiction::of_bytes(&named, Some(&row), lang);
    found.into_iter().filter(|found| found.kind == "hex-and-row").collect()
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
