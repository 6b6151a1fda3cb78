//! Watches a capture frame by frame and ends as a [`CaptureSummary`].
//!
//! Memory: one [`Record`] per stream, bounded rows for a bounded number of streams
//! ([`super::detail`]), nothing per frame.

use std::ops::ControlFlow;

use super::detail::{Details, Row};
use super::ledger::Ledger;
use super::model::{
    CaptureOverview, CaptureSummary, Completeness, Connection, FilterSummary, InterfaceSummary,
    RecorderCounts, SegmentRow, Side, VERSION,
};
use super::record::{Facts, Record};
use super::tally::Tally;
use super::{event, finding};
use crate::engine::{Observer, Threads};
use crate::facts::{FrameFacts, TcpFacts};
use crate::source::{CaptureStatistics, Interface};
use crate::tcp::{Direction, TcpFlags};
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
    records: Vec<Record>,
    /// Stream number to position in `records`, plus one; streams that no frame carried
    /// (quoted by ICMP errors, inside tunnels) have none.
    slots: Vec<u32>,
    details: Details,
    frames_matched: u64,
}

impl Observer for Collector {
    fn frame(&mut self, facts: &FrameFacts<'_>) -> ControlFlow<()> {
        self.observe(facts, true);
        ControlFlow::Continue(())
    }
}

impl Collector {
    /// Before the first frame.
    pub fn new(options: Options) -> Self {
        Self {
            options,
            tally: Tally::default(),
            records: Vec::new(),
            slots: Vec::new(),
            details: Details::new(options.top, options.segments),
            frames_matched: 0,
        }
    }

    /// Takes in one frame. All frames must be shown; `matched` says whether the display filter
    /// let this one through, and chooses its connection for the report.
    pub fn observe(&mut self, facts: &FrameFacts<'_>, matched: bool) {
        self.tally.observe(facts);
        self.frames_matched += u64::from(matched);
        if let Some(tcp) = &facts.tcp {
            self.observe_segment(tcp, facts.frame.wire_len, matched);
            self.observe_size(facts, tcp);
        }
    }

    /// Frames that matched the filter so far.
    pub fn frames_matched(&self) -> u64 {
        self.frames_matched
    }

    /// The summary of everything observed.
    pub fn finish(mut self, end: CaptureEnd) -> CaptureSummary {
        let start = self.tally.first.unwrap_or_default();
        let records = std::mem::take(&mut self.records);
        let (ledger, outcome) = Ledger::new(records, start);
        let connections = self.told_in_full(&ledger);
        let total = ledger.len() as u64;
        let filter = end.filter.clone().map(|text| FilterSummary {
            text,
            frames_matched: self.frames_matched,
            connections_matched: total,
        });
        CaptureSummary {
            version: VERSION,
            findings: finding::all(&self.tally, &ledger, &end),
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

    fn observe_segment(&mut self, tcp: &TcpFacts<'_>, wire_len: u32, matched: bool) {
        let TcpFacts { segment, analysis, payload } = tcp;
        let stream = analysis.stream.0 as usize;
        if self.slots.len() <= stream {
            self.slots.resize(stream + 1, 0);
        }
        let Some(slot) = self.slots.get_mut(stream) else { return };
        if *slot == 0 {
            self.records.push(Record::new(segment, analysis));
            *slot = u32::try_from(self.records.len()).unwrap_or(u32::MAX);
        }
        let Some(record) = self.records.get_mut(*slot as usize - 1) else { return };
        record.observe(segment, analysis, wire_len);
        if matched {
            record.facts |= Facts::MATCHED;
        }
        // What a RST carries explains it (RFC 9293, section 3.5.3); no application reads it.
        let is_reset = segment.flags.contains(TcpFlags::RST);
        if !is_reset && (segment.payload_len > 0 || segment.flags.contains(TcpFlags::PSH)) {
            let bytes = record.payload_bytes();
            let (records, slots) = (&self.records, &self.slots);
            let rank = |stream: u32| {
                let slot = slots.get(stream as usize).copied().unwrap_or(0) as usize;
                records.get(slot.wrapping_sub(1)).map_or(0, Record::payload_bytes)
            };
            self.details.observe(segment, analysis, payload, bytes, rank);
        }
    }

    /// A payload larger than the receiver's MSS cannot have been one packet (RFC 9293,
    /// section 3.7.1): the sender's or receiver's card cuts or joins.
    fn observe_size(&mut self, facts: &FrameFacts<'_>, tcp: &TcpFacts<'_>) {
        let len = tcp.segment.payload_len;
        let Some(slot) = self.slots.get(tcp.analysis.stream.0 as usize) else { return };
        let Some(record) = self.records.get((*slot as usize).wrapping_sub(1)) else { return };
        let limit = match record.announced_mss(tcp.analysis.direction.reverse()) {
            Some(mss) => u32::from(mss),
            None if tcp.segment.source.address().is_loopback() => u32::from(u16::MAX),
            // Without a handshake: the payload that fits an Ethernet frame.
            None => 1460,
        };
        if len > limit {
            self.tally.oversized.add(facts.frame.number);
            self.tally.largest_payload = self.tally.largest_payload.max(len);
        }
    }

    /// The largest connections, in the order of their stream numbers.
    fn told_in_full(&mut self, ledger: &Ledger) -> Vec<Connection> {
        let entries = ledger.entries();
        let mut order: Vec<usize> = (0..entries.len()).collect();
        let bytes = |index: &usize| entries.get(*index).map_or(0, |e| e.record.payload_bytes());
        order.sort_by_key(|index| (std::cmp::Reverse(bytes(index)), *index));
        order.truncate(self.options.top);
        order.sort_unstable();
        let start = ledger.capture_start();
        let mut connections = Vec::with_capacity(order.len());
        for index in order {
            let Some(entry) = entries.get(index) else { continue };
            let mut connection = super::connect::connection(entry, start);
            connection.overlaps.streams = ledger.partners_of(index, MAX_PARTNERS);
            let is_swapped = entry.record.facts.contains(Facts::SWAPPED);
            let rows = self.details.take(connection.stream);
            connection.segments =
                rows.iter().map(|row| segment_row(row, is_swapped, start)).collect();
            connection.segments_cut -=
                connection.segments_cut.min(connection.segments.len() as u64);
            connections.push(connection);
        }
        connections
    }
}

fn segment_row(row: &Row, is_swapped: bool, start: Timestamp) -> SegmentRow {
    let from = if is_swapped { row.from.reverse() } else { row.from };
    let hex: Vec<String> = row.head.iter().map(|byte| format!("{byte:02x}")).collect();
    let is_printable = |byte: u8| byte.is_ascii_graphic() || byte == b' ';
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
        hex: hex.join(" "),
        text: row
            .head
            .iter()
            .map(|b| if is_printable(*b) { char::from(*b) } else { '.' })
            .collect(),
        is_cut: (row.head.len() as u64) < u64::from(row.payload_len),
        events: event::kinds(row.events).collect(),
    }
}

/// Wireshark's words, low bit first.
fn flag_names(flags: TcpFlags) -> String {
    let names: Vec<&str> = flags
        .iter_names()
        .map(|(name, _)| if name == "RESERVED" { "Reserved" } else { name })
        .collect();
    names.join(", ")
}

fn overview(tally: &Tally, end: &CaptureEnd) -> CaptureOverview {
    CaptureOverview {
        file: end.file.clone(),
        format: end.format.clone(),
        interfaces: end.interfaces.iter().map(interface).collect(),
        frames: tally.frames,
        bytes: tally.bytes,
        captured_bytes: tally.captured_bytes,
        start: tally.first.map(super::utc::rfc3339),
        start_epoch_ns: tally.first.map(Timestamp::as_nanos),
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
