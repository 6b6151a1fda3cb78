//! From the frames of a capture to its snapshot, in one pass.

use std::ops::ControlFlow;

use sha2::{Digest, Sha256};

use self::names::Names;
use self::other::Gathered;
use self::stream::StreamRecord;
use super::model::{FindingCount, FoldedConnections, Snapshot, VERSION};
use crate::engine::{self, Observer};
use crate::facts::{FrameFacts, TcpFacts};
use crate::source::{self, FrameSource};
use crate::summary::{CaptureEnd, CaptureSummary, Collector, Finding, FindingKind, Options};

mod fold;
mod names;
mod other;
mod row;
mod stream;

/// Connections kept one by one.
pub const MAX_CONNECTIONS: usize = 1000;
/// Segments kept one by one, of all connections together.
pub const MAX_ROWS: usize = 20_000;
/// Segments kept of one connection, and frames kept that carry no TCP.
pub const ROWS_EACH: usize = 500;

/// Records what a snapshot needs: show it every frame, then give it the summary of the same
/// frames.
#[derive(Debug, Default)]
pub struct Recorder {
    streams: Vec<StreamRecord>,
    rows: usize,
    beyond: Option<Beyond>,
    others: Gathered,
    first: Option<i64>,
}

/// Connections beyond those that are kept.
#[derive(Debug)]
struct Beyond {
    last: u32,
    segments: u64,
    hash: Sha256,
}

impl Snapshot {
    /// Reads a capture to its end, in one pass. `name` is the file, for the messages.
    ///
    /// A damaged capture still gives the snapshot of everything before the damage, and the
    /// error beside it.
    pub fn of(name: &str, source: &mut dyn FrameSource) -> (Self, Option<source::Error>) {
        let mut nobody = |_: &FrameFacts<'_>| ControlFlow::Continue(());
        Self::and(name, source, &mut nobody)
    }

    /// The same, with somebody else who looks at the frames in the same pass.
    pub(super) fn and(
        name: &str,
        source: &mut dyn FrameSource,
        other: &mut dyn Observer,
    ) -> (Self, Option<source::Error>) {
        let options = Options { top: 0, segments: 0, ..Options::default() };
        let (recorder, collector) = (Recorder::default(), Collector::new(options));
        let mut both = Both { recorder, collector, other };
        let error = engine::run(source, options.threads, &mut both).err();
        let end = CaptureEnd {
            file: name.to_owned(),
            format: Some(source.format().to_owned()),
            interfaces: source.interfaces().to_vec(),
            statistics: source.statistics(),
            error: error.as_ref().map(ToString::to_string),
            filter: None,
        };
        (both.recorder.finish(&both.collector.finish(end)), error)
    }
}

struct Both<'o> {
    recorder: Recorder,
    collector: Collector,
    other: &'o mut dyn Observer,
}

impl Observer for Both<'_> {
    fn frame(&mut self, facts: &FrameFacts<'_>) -> ControlFlow<()> {
        self.collector.observe(facts, true);
        self.recorder.observe(facts);
        self.other.frame(facts)
    }

    fn minds_checksums(&self) -> bool {
        true
    }
}

impl Recorder {
    /// Before the first frame.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes in one frame. All frames must be shown, in their order.
    pub fn observe(&mut self, facts: &FrameFacts<'_>) {
        self.first.get_or_insert(facts.frame.timestamp.as_nanos());
        match &facts.tcp {
            Some(tcp) => self.observe_segment(facts, tcp),
            None => self.others.observe(facts),
        }
    }

    /// The snapshot of everything observed. `summary` is that of the same frames, without a
    /// display filter.
    #[must_use]
    pub fn finish(self, summary: &CaptureSummary) -> Snapshot {
        let mut streams: Vec<Option<StreamRecord>> = self.streams.into_iter().map(Some).collect();
        let told = || summary.every_connection().take(MAX_CONNECTIONS);
        let mut names = Names::default();
        told().for_each(|connection| names.learn(&connection));
        let mut connections = Vec::new();
        for connection in told() {
            let record = usize::try_from(connection.stream).ok().and_then(|at| streams.get_mut(at));
            if let Some(record) = record.and_then(Option::take) {
                connections.push(record.finish(&connection, &names, self.first.unwrap_or(0)));
            }
        }
        let others = self.others.finish(&mut names);
        Snapshot {
            version: VERSION,
            frames: summary.capture.frames,
            parallelism: summary.concurrency.parallelism,
            max_open: summary.concurrency.max_open,
            findings: summary.findings.iter().filter_map(finding_count).collect(),
            connections,
            folded_connections: self.beyond.map(Beyond::finish),
            others,
        }
    }

    fn observe_segment(&mut self, facts: &FrameFacts<'_>, tcp: &TcpFacts<'_>) {
        let stream = usize::try_from(tcp.analysis.stream.0).unwrap_or(usize::MAX);
        if stream >= MAX_CONNECTIONS {
            self.beyond.get_or_insert_with(Beyond::new).observe(facts, tcp);
            return;
        }
        // A stream that an ICMP error quotes has a number, and may never have a segment.
        while self.streams.len() <= stream {
            self.streams.push(StreamRecord::default());
        }
        if let Some(record) = self.streams.get_mut(stream) {
            let has_room = self.rows < MAX_ROWS;
            self.rows += usize::from(record.observe(facts, tcp, has_room));
        }
    }
}

impl Beyond {
    fn new() -> Self {
        Self { last: 0, segments: 0, hash: Sha256::new() }
    }

    fn observe(&mut self, facts: &FrameFacts<'_>, tcp: &TcpFacts<'_>) {
        self.last = self.last.max(tcp.analysis.stream.0);
        self.segments += 1;
        self.hash.update(tcp.analysis.stream.0.to_be_bytes());
        // Nobody knows the sides of these: the numbers of the rows have to do.
        fold::hash_row(&mut self.hash, &row::of(facts, tcp));
    }

    fn finish(self) -> FoldedConnections {
        FoldedConnections {
            connections: (u64::from(self.last) + 1).saturating_sub(MAX_CONNECTIONS as u64),
            segments: self.segments,
            sha256: fold::short(self.hash),
        }
    }
}

/// A finding that a new recording of the same thing has too.
fn finding_count(finding: &Finding) -> Option<FindingCount> {
    let is_local = matches!(
        finding.kind,
        FindingKind::OffloadedChecksums
            | FindingKind::SegmentationOffload
            // Times are compared anyway, and jitter may undo or cause it.
            | FindingKind::TimeBackwards
    );
    (!is_local).then_some(FindingCount { kind: finding.kind, count: finding.count })
}
