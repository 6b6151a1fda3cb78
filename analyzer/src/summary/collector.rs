//! Watches a capture frame by frame and ends as a [`CaptureSummary`].
//!
//! Memory: one [`super::record::Record`] per stream, bounded rows for a bounded number of streams
//! ([`super::detail`]), nothing per frame.

use std::ops::ControlFlow;

use super::concurrency::Outcome;
use super::detail::{Details, Row};
use super::finding::Seen;
use super::largest::Largest;
use super::ledger::Ledger;
use super::model::{
    CaptureOverview, CaptureSummary, Completeness, Connection, FilterSummary, InterfaceSummary,
    RecorderCounts, SegmentRow, Side, VERSION,
};
use super::record::{Facts, Record};
use super::store::Store;
use super::tally::Tally;
use super::{event, finding};
use crate::engine::{Observer, PlainRun, Threads};
use crate::facts::{FrameFacts, PlainFacts, SegmentFacts, TcpFacts};
use crate::source::{CaptureStatistics, Interface};
use crate::tcp::{Direction, Segment, SegmentAnalysis, StreamId, TcpFlags};
use crate::time::Timestamp;

/// Streams named per connection that overlap it.
const MAX_PARTNERS: usize = 8;

/// How much to tell, and how to get there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// Connections told in full, the largest by payload bytes first.
    pub top: usize,
    /// Segment rows per connection told in full: three quarters from its start, the rest from
    /// its end.
    pub segments: usize,
    /// Threads that may work on it; the summary is the same with any number.
    pub threads: Threads,
}

impl Default for Options {
    fn default() -> Self {
        Self { top: 20, segments: 20, threads: Threads::default() }
    }
}

/// What only the source knows, told at the end.
#[derive(Debug, Clone, Default)]
pub struct CaptureEnd {
    /// File or interface.
    pub file: String,
    /// File format.
    pub format: Option<String>,
    /// The source's interfaces.
    pub interfaces: Vec<Interface>,
    /// The recorder's counts.
    pub statistics: CaptureStatistics,
    /// Why reading ended early.
    pub error: Option<String>,
    /// The filter as typed, when frames were shown with [`Collector::observe`]'s `matched`.
    pub filter: Option<String>,
}

/// Collects what a report needs.
#[derive(Debug)]
pub struct Collector {
    options: Options,
    tally: Tally,
    store: Store,
    details: Details,
    frames_matched: u64,
}

impl Observer for Collector {
    fn frame(&mut self, facts: &FrameFacts<'_>) -> ControlFlow<()> {
        self.observe(facts, true);
        ControlFlow::Continue(())
    }

    fn minds_checksums(&self) -> bool {
        true
    }

    fn takes_segments(&self) -> bool {
        true
    }

    #[inline]
    fn segment(&mut self, facts: &SegmentFacts<'_>) -> ControlFlow<()> {
        self.observe_whole(facts, true);
        ControlFlow::Continue(())
    }

    fn takes_plain(&self) -> bool {
        true
    }

    #[inline]
    fn plain_run(&mut self, run: &PlainRun<'_>) -> ControlFlow<()> {
        self.observe_plain(run, true);
        ControlFlow::Continue(())
    }

    #[inline]
    fn touch(&self, stream: StreamId) -> u64 {
        self.store.touch(stream.0)
    }

    #[inline]
    fn touch_beside(&self, stream: StreamId, read: u64) -> u64 {
        self.store.touch_beside(stream.0, read)
    }
}

impl Collector {
    /// Before the first frame.
    pub fn new(options: Options) -> Self {
        Self {
            options,
            tally: Tally::default(),
            store: Store::default(),
            details: Details::new(options.top, options.segments),
            frames_matched: 0,
        }
    }

    /// Takes in one frame. All frames must be shown; `matched` says whether the display filter
    /// let this one through, and chooses its connection for the report.
    #[inline]
    pub fn observe(&mut self, facts: &FrameFacts<'_>, matched: bool) {
        self.tally.observe(facts);
        self.frames_matched += u64::from(matched);
        if let Some(tcp) = &facts.tcp {
            let TcpFacts { segment, analysis, payload, .. } = *tcp;
            self.observe_segment(segment, analysis, facts.frame.wire_len, matched, || payload);
        }
    }

    /// The same for a frame that is nothing but a segment with a right checksum.
    #[inline]
    pub(super) fn observe_whole(&mut self, facts: &SegmentFacts<'_>, matched: bool) {
        self.tally.observe_segment(&facts.frame);
        self.frames_matched += u64::from(matched);
        let SegmentFacts { segment, analysis, .. } = *facts;
        self.observe_segment(segment, analysis, facts.frame.wire_len, matched, || facts.payload());
    }

    /// The same for plain segments.
    #[inline(never)]
    pub(super) fn observe_plain(&mut self, run: &PlainRun<'_>, matched: bool) {
        let mut bytes = 0;
        for (index, (plain, frame, wire_len)) in run.numbers().enumerate() {
            bytes += u64::from(wire_len);
            self.tally.observe_nanos(plain.time, frame);
            let Some(record) = self.store.observe_plain(plain, (frame, wire_len)) else {
                self.observe_odd(run.facts(index), matched, false);
                continue;
            };
            if matched {
                record.facts |= Facts::MATCHED;
            }
            let len = plain.payload_len;
            if len == 0 {
                continue;
            }
            let mss = record.announced_mss(plain.direction.reverse());
            let (is_small, bytes) =
                (mss.is_some_and(|mss| len <= mss.into()), record.payload_bytes_at_most());
            if !is_small {
                self.observe_odd(run.facts(index), matched, true);
            } else if self.details.may_want(bytes) {
                self.observe_plain_row(run.facts(index));
            }
        }
        let frames = run.len() as u64;
        self.tally.observe_plain(frames, bytes);
        self.frames_matched += if matched { frames } else { 0 };
    }

    /// The same as [`Self::observe_row`] for a plain segment, which is no RST.
    #[inline(never)]
    fn observe_plain_row(&mut self, facts: Option<PlainFacts<'_>>) {
        let Some(facts) = facts else { return };
        let rank = |stream| self.store.payload_bytes(stream);
        self.details.observe(facts.stream(), || Row::of_plain(&facts), rank);
    }

    /// A plain segment that changes more than counters, or is larger than it should be.
    #[inline(never)]
    fn observe_odd(&mut self, facts: Option<PlainFacts<'_>>, matched: bool, is_counted: bool) {
        let Some(facts) = facts else { return };
        let (segment, analysis) = (facts.segment(), facts.analysis());
        let (wire_len, payload) = (facts.stored.wire_len, || facts.payload());
        if is_counted {
            self.observe_content(&segment, &analysis, payload);
        } else {
            self.observe_segment(&segment, &analysis, wire_len, matched, payload);
        }
    }

    /// True when both have collected the same.
    #[cfg(test)]
    pub(super) fn holds_the_same_as(&self, other: &Self) -> bool {
        let counts = |collector: &Self| {
            format!("{:?} {:?} {}", collector.tally, collector.details, collector.frames_matched)
        };
        self.store == other.store && counts(self) == counts(other)
    }

    /// Frames that matched the filter so far.
    pub fn frames_matched(&self) -> u64 {
        self.frames_matched
    }

    /// The summary of everything observed.
    pub fn finish(mut self, end: CaptureEnd) -> CaptureSummary {
        let start = self.tally.first().unwrap_or_default();
        let (ledger, outcome) = Ledger::new(std::mem::take(&mut self.store), start);
        let (mut largest, mut seen) = (Largest::new(self.options.top), Seen::default());
        for view in ledger.told() {
            largest.add(&view);
            seen.add(&view);
        }
        let connections = self.told_in_full(largest.streams(), &ledger, &outcome);
        let total = ledger.len();
        let filter = end.filter.clone().map(|text| FilterSummary {
            text,
            frames_matched: self.frames_matched,
            connections_matched: total,
        });
        CaptureSummary {
            version: VERSION,
            findings: finding::all(&self.tally, seen, &end),
            capture: overview(&self.tally, &end),
            completeness: Completeness { complete: end.error.is_none(), error: end.error },
            filter,
            concurrency: outcome.concurrency,
            connections_total: total,
            connections_cut: total - connections.len() as u64,
            connections,
            ledger,
        }
    }

    #[inline]
    fn observe_segment<'a>(
        &mut self,
        segment: &Segment,
        analysis: &SegmentAnalysis,
        wire_len: u32,
        matched: bool,
        payload: impl FnOnce() -> &'a [u8],
    ) {
        let Some(record) = self.store.observe(segment, analysis, wire_len) else { return };
        if matched {
            record.facts |= Facts::MATCHED;
        }
        self.observe_content(segment, analysis, payload);
    }

    /// Takes note of a large payload, and keeps the row of one that may be told.
    #[inline]
    fn observe_content<'a>(
        &mut self,
        segment: &Segment,
        analysis: &SegmentAnalysis,
        payload: impl FnOnce() -> &'a [u8],
    ) {
        let Some(record) = self.store.record(analysis.stream.0) else { return };
        let len = segment.payload_len;
        if len > 0 && len > most_payload(record, segment, analysis.direction) {
            self.tally.oversized.add(segment.frame);
            self.tally.largest_payload = self.tally.largest_payload.max(len);
        }
        if (len > 0 || segment.flags.contains(TcpFlags::PSH))
            && self.details.may_want(record.payload_bytes_at_most())
        {
            self.observe_row(segment, analysis, payload());
        }
    }

    /// Keeps the row of a segment that an application or a reader may want.
    #[inline(never)]
    fn observe_row(&mut self, segment: &Segment, analysis: &SegmentAnalysis, payload: &[u8]) {
        // What a RST carries explains it (RFC 9293, section 3.5.3); no application reads it.
        if !segment.flags.contains(TcpFlags::RST) {
            let rank = |stream| self.store.payload_bytes(stream);
            let row = || Row::of(segment, analysis, payload);
            self.details.observe(analysis.stream, row, rank);
        }
    }

    /// Some connections with their rows.
    fn told_in_full(
        &mut self,
        streams: Vec<u32>,
        ledger: &Ledger,
        outcome: &Outcome,
    ) -> Vec<Connection> {
        let start = ledger.capture_start();
        let mut connections = Vec::new();
        for stream in streams {
            let Some(mut connection) = ledger.connection_of(stream) else { continue };
            if connection.overlaps.count > 0 {
                connection.overlaps.streams = outcome.blocks.partners_of(stream, MAX_PARTNERS);
            }
            let is_swapped = ledger.view(stream).is_some_and(|view| view.has(Facts::SWAPPED));
            let rows = self.details.take(stream);
            connection.segments =
                rows.iter().map(|row| segment_row(row, is_swapped, start)).collect();
            connection.segments_cut -=
                connection.segments_cut.min(connection.segments.len() as u64);
            connections.push(connection);
        }
        connections
    }
}

/// The most payload that one packet can carry: no more than the receiver's MSS (RFC 9293,
/// section 3.7.1). In a larger segment the sender's or receiver's card cuts or joins.
#[inline]
fn most_payload(record: &Record, segment: &Segment, from: Direction) -> u32 {
    match record.announced_mss(from.reverse()) {
        Some(mss) => u32::from(mss),
        None if segment.source.address().is_loopback() => u32::from(u16::MAX),
        // Without a handshake: the payload that fits an Ethernet frame.
        None => 1460,
    }
}

fn segment_row(row: &Row, is_swapped: bool, start: Timestamp) -> SegmentRow {
    let from = if is_swapped { row.from.reverse() } else { row.from };
    SegmentRow {
        frame: row.frame,
        time: super::mark::seconds(row.nanos, start.as_nanos()),
        from: match from {
            Direction::FromClient => Side::Client,
            Direction::FromServer => Side::Server,
        },
        flags: flag_names(row.flags),
        seq_rel: row.seq_rel,
        payload_len: row.payload_len,
        hex: hex(&row.head),
        text: printable(&row.head),
        is_cut: (row.head.len() as u64) < u64::from(row.payload_len),
        events: event::kinds(row.events).collect(),
    }
}

/// Two digits each, separated by spaces.
fn hex(bytes: &[u8]) -> String {
    const DIGITS: [u8; 16] = *b"0123456789abcdef";
    let digit = |nibble: u8| DIGITS.get(usize::from(nibble & 15)).copied().unwrap_or(b'?');
    let mut text = vec![b' '; (bytes.len() * 3).saturating_sub(1)];
    for (digits, byte) in text.chunks_mut(3).zip(bytes) {
        if let [high, low, ..] = digits {
            (*high, *low) = (digit(byte >> 4), digit(*byte));
        }
    }
    ascii(text)
}

/// The bytes as they are, with a dot for what is no printable ASCII.
fn printable(bytes: &[u8]) -> String {
    let shown = |byte: &u8| if matches!(byte, b' '..=b'~') { *byte } else { b'.' };
    ascii(bytes.iter().map(shown).collect())
}

/// The text that these bytes are; they must be ASCII.
fn ascii(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_default()
}

/// Wireshark's words, low bit first.
fn flag_names(flags: TcpFlags) -> String {
    let mut names = String::with_capacity(16);
    for (name, _) in flags.iter_names() {
        if !names.is_empty() {
            names.push_str(", ");
        }
        names.push_str(if name == "RESERVED" { "Reserved" } else { name });
    }
    names
}

fn overview(tally: &Tally, end: &CaptureEnd) -> CaptureOverview {
    CaptureOverview {
        file: end.file.clone(),
        format: end.format.clone(),
        interfaces: end.interfaces.iter().map(interface).collect(),
        frames: tally.frames(),
        bytes: tally.bytes(),
        captured_bytes: tally.captured_bytes(),
        start: tally.first().map(super::utc::rfc3339),
        start_epoch_ns: tally.first().map(Timestamp::as_nanos),
        duration: tally.duration(),
        protocols: tally.protocols(),
        tcp_frames: tally.tcp_frames,
        good_checksums: tally.good_checksums,
        recorder: RecorderCounts {
            received: end.statistics.received,
            dropped_by_kernel: end.statistics.dropped_by_kernel,
            dropped_by_interface: end.statistics.dropped_by_interface,
        },
    }
}

fn interface(interface: &Interface) -> InterfaceSummary {
    InterfaceSummary {
        name: interface.name.clone(),
        description: interface.description.clone(),
        link_type: interface.link_type.0,
        snaplen: interface.snaplen,
        timestamp_digits: interface.precision.as_digits(),
    }
}
