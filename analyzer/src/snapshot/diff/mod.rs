//! Two captures held against each other, connection by connection: `analyzer diff`.
//!
//! [`Reading::of`] reads each capture once; [`Diff::of`] says what is different, and first of
//! all whether they are two recordings, or two versions of one ([`Relation`]).

use std::ops::ControlFlow;

use schemars::JsonSchema;
use serde::Serialize;

use super::compare::{self, Pair, Step};
use super::{Difference, Level, Row, Rules, Snapshot, SnapshotConnection};
use crate::engine::Observer;
use crate::facts::FrameFacts;
use crate::source::{self, FrameSource};
use crate::summary::Side;
use print::Prints;

pub use change::Change;
pub use relation::Relation;

mod change;
mod print;
mod relation;
mod table;

/// Version of the document; raised when a field changes its meaning or goes away.
pub const VERSION: u32 = 1;

/// A capture, read for a comparison.
#[derive(Debug)]
pub struct Reading {
    name: String,
    snapshot: Snapshot,
    prints: Prints,
}

/// What is different.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Diff {
    /// Version of the document: 1.
    pub version: u32,
    /// The first capture, the expected one in the differences.
    pub a: Capture,
    /// The second capture, the actual one in the differences.
    pub b: Capture,
    /// How closely they were compared.
    pub level: Level,
    /// True when nothing counts as different.
    pub same: bool,
    /// How the packets of the two captures are related.
    pub relation: Relation,
    /// What is different, each real change once.
    pub differences: Vec<Difference>,
    /// At the level of behaviour: what would count at the level of segments.
    pub beneath: Vec<Difference>,
    /// The connections, those of `b` in their order, then those that only `a` has.
    pub connections: Vec<ConnectionDiff>,
}

/// One of the two captures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Capture {
    /// The file as named.
    pub file: String,
    /// Its frames.
    pub frames: u64,
    /// Its TCP connections.
    pub connections: u64,
}

/// How something of the one stands to the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Both have it, and nothing counts as different.
    Same,
    /// Both have it, and it differs.
    Changed,
    /// Only `b` has it.
    Added,
    /// Only `a` has it.
    Missing,
}

/// A connection in both captures, or in one.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ConnectionDiff {
    /// Whether it differs.
    pub status: Status,
    /// Its stream number in `a`.
    pub a: Option<u32>,
    /// Its stream number in `b`.
    pub b: Option<u32>,
    /// What it is, in half a sentence; as in `b` when both have it.
    pub story: String,
    /// Its segments side by side.
    pub segments: Vec<SegmentPair>,
}

/// A segment in both captures, or in one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SegmentPair {
    /// Whether it is the same segment; times, windows and verdicts are not looked at here.
    pub status: Status,
    /// Its frame in `a`.
    pub a: Option<u64>,
    /// Its frame in `b`.
    pub b: Option<u64>,
    /// Who sent it.
    pub from: Side,
    /// Flags and first bytes; as in `b` when both have it.
    pub text: String,
    /// The same as in `a`, when it is not the same segment.
    pub was: Option<String>,
}

impl Reading {
    /// Reads a capture to its end, in one pass. `name` is the file, for the messages.
    ///
    /// # Errors
    /// Those of the source: a damaged capture is not compared.
    pub fn of(name: &str, source: &mut dyn FrameSource) -> source::Result<Self> {
        let mut prints = Prints::default();
        let (snapshot, error) = Snapshot::and(name, source, &mut prints);
        match error {
            Some(error) => Err(error),
            None => Ok(Self { name: name.to_owned(), snapshot, prints }),
        }
    }

    fn capture(&self) -> Capture {
        let folded = self.snapshot.folded_connections.as_ref();
        Capture {
            file: self.name.clone(),
            frames: self.snapshot.frames,
            connections: self.snapshot.connections.len() as u64
                + folded.map_or(0, |folded| folded.connections),
        }
    }
}

impl Observer for Prints {
    fn frame(&mut self, facts: &FrameFacts<'_>) -> ControlFlow<()> {
        self.observe(facts);
        ControlFlow::Continue(())
    }
}

impl Diff {
    /// Compares two captures. Without a level in `rules`, two versions of one recording are
    /// compared segment by segment, because nothing but an edit explains a difference; two
    /// recordings by behaviour, because no two runs agree on every segment.
    #[must_use]
    pub fn of(a: &Reading, b: &Reading, rules: &Rules, level: Option<Level>) -> Self {
        let relation = Relation::of(&a.prints, &b.prints);
        let level = level.unwrap_or(match relation {
            Relation::Unrelated => Level::Behaviour,
            _ => Level::Segments,
        });
        let at = |level| Rules { level, ..rules.clone() };
        let compared = compare::in_full(&a.snapshot, &b.snapshot, &at(level));
        let beneath = match level {
            Level::Segments => Vec::new(),
            Level::Behaviour => super::compare(&a.snapshot, &b.snapshot, &at(Level::Segments)),
        };
        let changed: Vec<u32> =
            compared.differences.iter().filter_map(|d| d.place.connection).collect();
        let told = compared.pairs.iter().filter_map(|pair| told(a, b, *pair, &changed));
        Self {
            version: VERSION,
            a: a.capture(),
            b: b.capture(),
            level,
            same: compared.differences.is_empty(),
            relation,
            connections: told.collect(),
            differences: compared.differences,
            beneath,
        }
    }

    /// The document, indented, with a line feed at its end.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn write_json(&self, out: &mut dyn std::io::Write) -> std::io::Result<()> {
        serde_json::to_writer_pretty(&mut *out, self)?;
        writeln!(out)
    }
}

/// Writes the JSON Schema of [`Diff`].
///
/// # Errors
/// Those of the writer.
pub fn write_schema(out: &mut dyn std::io::Write) -> std::io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, &schemars::schema_for!(Diff))?;
    writeln!(out)
}

fn told(a: &Reading, b: &Reading, pair: Pair, changed: &[u32]) -> Option<ConnectionDiff> {
    let was = pair.expected.and_then(|at| a.snapshot.connections.get(at));
    let now = pair.actual.and_then(|at| b.snapshot.connections.get(at));
    let status = match (was, now) {
        (Some(_), Some(now)) if changed.contains(&now.stream) => Status::Changed,
        (Some(_), Some(_)) => Status::Same,
        (None, _) => Status::Added,
        (Some(_), None) => Status::Missing,
    };
    let rows = |connection: Option<&SnapshotConnection>| {
        connection.map_or(&[][..], |connection| connection.segments.as_slice()).to_vec()
    };
    let (old, new) = (rows(was), rows(now));
    let steps = compare::steps(&old, &new);
    Some(ConnectionDiff {
        status,
        a: was.map(|connection| connection.stream),
        b: now.map(|connection| connection.stream),
        story: compare::words::story(now.or(was)?),
        segments: steps.into_iter().filter_map(|step| segment(&old, &new, step)).collect(),
    })
}

fn segment(was: &[Row], now: &[Row], step: Step) -> Option<SegmentPair> {
    let (old, new) = match step {
        Step::Pair(i, j) => (was.get(i), now.get(j)),
        Step::Missing(i) => (was.get(i), None),
        Step::Added(j) => (None, now.get(j)),
    };
    let status = match (old, new) {
        (Some(old), Some(new)) if old.is_same_segment(new) => Status::Same,
        (Some(_), Some(_)) => Status::Changed,
        (Some(_), None) => Status::Missing,
        (None, _) => Status::Added,
    };
    let shown = new.or(old)?;
    Some(SegmentPair {
        status,
        a: old.map(|row| row.frame),
        b: new.map(|row| row.frame),
        from: shown.from,
        text: compare::words::content(shown),
        was: old.filter(|_| status == Status::Changed).map(compare::words::content),
    })
}
