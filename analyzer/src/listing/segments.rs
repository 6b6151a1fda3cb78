//! The segments table: one row per frame that carries TCP, with Wireshark's numbers.
//!
//! Columns are named after what they hold; the Wireshark field of each stands beside it in
//! [`COLUMNS`]. Rows are written as their frames come, so the first one of a large capture
//! appears at once.

use std::io::{self, Write};
use std::ops::ControlFlow;

use super::line::Line;
use super::rows::CellKind::{Number, Text};
use super::rows::{Cell, Column, Row, RowFormat};
use crate::engine::Observer;
use crate::facts::{FrameFacts, TcpFacts};
use crate::info;
use crate::tcp::{AnalysisFlags, Segment, SegmentAnalysis, TcpFlags};
use crate::wire::Layer;
use crate::wire::tcp::field;
use crate::wire::tcp_options::cut_tsval;

/// Header bytes without options.
const FIXED_HEADER: usize = 20;

const fn column(name: &'static str, kind: super::rows::CellKind, width: usize) -> Column {
    Column { name, kind, width }
}

/// The columns.
pub const COLUMNS: [Column; 41] = [
    column("frame", Number, 6),        // frame.number
    column("time", Number, 13),        // frame.time_relative
    column("src", Text, 15),           // ip.src, ipv6.src
    column("dst", Text, 15),           // ip.dst, ipv6.dst
    column("sport", Number, 5),        // tcp.srcport
    column("dport", Number, 5),        // tcp.dstport
    column("stream", Number, 6),       // tcp.stream
    column("seq", Number, 10),         // tcp.seq
    column("ack", Number, 10),         // tcp.ack
    column("len", Number, 5),          // tcp.len
    column("flags", Text, 6),          // tcp.flags
    column("win", Number, 8),          // tcp.window_size
    column("analysis", Text, 1),       // tcp.analysis.*
    column("completeness", Number, 0), // tcp.completeness
    column("mss", Number, 0),          // tcp.options.mss_val
    column("wscale", Number, 0),       // tcp.options.wscale.shift
    column("frame_len", Number, 0),    // frame.len
    column("cap_len", Number, 0),      // frame.cap_len
    column("hdr_len", Number, 0),      // tcp.hdr_len
    column("seq_raw", Number, 0),      // tcp.seq_raw
    column("ack_raw", Number, 0),      // tcp.ack_raw
    column("next_seq", Number, 0),     // tcp.nxtseq
    column("win_raw", Number, 0),      // tcp.window_size_value
    column("win_factor", Number, 0),   // tcp.window_size_scalefactor
    column("urg", Number, 0),          // tcp.urgent_pointer
    column("opts", Text, 0),           // tcp.option_kind
    column("sack", Text, 0),           // tcp.options.sack_le, sack_re
    column("tsval", Number, 0),        // tcp.options.timestamp.tsval
    column("tsecr", Number, 0),        // tcp.options.timestamp.tsecr
    column("stream_time", Number, 0),  // tcp.time_relative
    column("stream_delta", Number, 0), // tcp.time_delta
    column("acks_frame", Number, 0),   // tcp.analysis.acks_frame
    column("ack_rtt", Number, 0),      // tcp.analysis.ack_rtt
    column("irtt", Number, 0),         // tcp.analysis.initial_rtt
    column("in_flight", Number, 0),    // tcp.analysis.bytes_in_flight
    column("push_sent", Number, 0),    // tcp.analysis.push_bytes_sent
    column("dup_num", Number, 0),      // tcp.analysis.duplicate_ack_num
    column("dup_frame", Number, 0),    // tcp.analysis.duplicate_ack_frame
    column("rto", Number, 0),          // tcp.analysis.rto
    column("rto_frame", Number, 0),    // tcp.analysis.rto_frame
    column("info", Text, 0),           // Info column, as if nothing above TCP were known
];

/// An observer that writes a row for each frame with TCP.
pub struct SegmentRows<'w> {
    out: &'w mut dyn Write,
    format: RowFormat,
    row: Row,
    failure: Option<io::Error>,
}

impl<'w> SegmentRows<'w> {
    /// Writes the header line, and then rows as they are observed. They are pushed out when
    /// the buffer of `out` is full and before each wait for more input.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn new(out: &'w mut dyn Write, format: RowFormat) -> io::Result<Self> {
        format.write_header(out, &COLUMNS)?;
        Ok(Self { out, format, row: Row::new(format), failure: None })
    }

    /// Ends the table.
    ///
    /// # Errors
    /// The writer's first error, which also ended the run.
    pub fn finish(self) -> io::Result<()> {
        match self.failure {
            Some(failure) => Err(failure),
            None => self.out.flush(),
        }
    }

    fn write(&mut self, facts: &FrameFacts<'_>) -> io::Result<()> {
        self.row.clear();
        if !fill(&mut self.row, facts) {
            return Ok(());
        }
        self.format.write_row(self.out, &COLUMNS, &self.row)
    }
}

impl Observer for SegmentRows<'_> {
    fn frame(&mut self, facts: &FrameFacts<'_>) -> ControlFlow<()> {
        match self.write(facts) {
            Ok(()) => ControlFlow::Continue(()),
            Err(failure) => {
                self.failure = Some(failure);
                ControlFlow::Break(())
            }
        }
    }

    fn minds_waits(&self) -> bool {
        true
    }

    fn before_wait(&mut self) {
        if self.failure.is_none() {
            self.failure = self.out.flush().err();
        }
    }
}

/// Fills a row; false when the frame has none.
fn fill(row: &mut Row, facts: &FrameFacts<'_>) -> bool {
    let Some(index) = facts.decoded.tcp_index() else { return false };
    let Some(layer) = facts.decoded.layers.get(index) else { return false };
    let addresses = facts.decoded.addresses_above(index);
    row.add(facts.frame.number);
    row.add(facts.time_relative);
    row.add_some(addresses.map(|(source, _)| source));
    row.add_some(addresses.map(|(_, destination)| destination));
    let has_ports = layer.bytes.len() >= field::DESTINATION_PORT.end;
    row.add_some(u16_at(layer.bytes, field::SOURCE_PORT).filter(|_| has_ports));
    row.add_some(u16_at(layer.bytes, field::DESTINATION_PORT));
    match &facts.tcp {
        Some(tcp) => fill_core(row, facts, tcp),
        None => fill_cut(row, facts),
    }
    let _ = facts.tcp.as_ref().map(|tcp| fill_optional(row, tcp, layer));
    row.add_with(|text| {
        // Writing to a line does not fail.
        let _ = info::write_segment(text, facts);
    });
    true
}

/// The cells of a header that was cut before its window: none but the frame's own.
fn fill_cut(row: &mut Row, facts: &FrameFacts<'_>) {
    for _ in 0..10 {
        row.add_some(None::<u32>);
    }
    row.add(facts.frame.wire_len);
    row.add(facts.frame.captured_len());
    for _ in 0..22 {
        row.add_some(None::<u32>);
    }
}

/// From `stream` to `frame_len`. A header length below 20 ends Wireshark's fields.
fn fill_core(row: &mut Row, facts: &FrameFacts<'_>, tcp: &TcpFacts<'_>) {
    let TcpFacts { segment, analysis, .. } = tcp;
    let is_whole = !is_bogus(segment);
    row.add(analysis.stream);
    row.add(analysis.seq_rel);
    row.add_some(is_whole.then_some(analysis.ack_rel));
    row.add_some(segment.is_length_known.then_some(segment.payload_len));
    row.add_some(is_whole.then_some(FlagBits(segment.flags)));
    row.add_some(is_whole.then_some(analysis.window_scaled));
    row.add_with(|text| write_verdicts(text, analysis.flags));
    row.add(analysis.completeness);
    row.add_some(segment.options.mss);
    row.add_some(segment.options.window_scale);
    row.add(facts.frame.wire_len);
    row.add(facts.frame.captured_len());
}

/// From `hdr_len` to `rto_frame`.
fn fill_optional(row: &mut Row, tcp: &TcpFacts<'_>, layer: &Layer<'_>) {
    let TcpFacts { segment, analysis, .. } = tcp;
    let is_whole = !is_bogus(segment);
    row.add(segment.header_len);
    row.add(segment.seq_raw.0);
    row.add_some(is_whole.then_some(segment.ack_raw.0));
    row.add_some(analysis.next_seq().filter(|_| is_whole));
    row.add_some(is_whole.then_some(segment.window_raw));
    row.add_some(analysis.window_factor().filter(|_| is_whole));
    row.add_some(u16_at(layer.bytes, field::URGENT).filter(|_| is_whole));
    row.add_with(|text| write_option_kinds(text, segment, layer.bytes));
    row.add_with(|text| write_sack(text, segment, analysis));
    let tsval = segment.options.timestamps.map(|(value, _)| value);
    row.add_some(tsval.or_else(|| cut_tsval(layer.bytes)));
    row.add_some(segment.options.timestamps.map(|(_, echo)| echo));
    let has_times = is_whole && layer.bytes.len() >= FIXED_HEADER;
    row.add_some(has_times.then_some(analysis.stream_time()));
    row.add_some(has_times.then_some(analysis.stream_delta()));
    row.add_some(analysis.acks_frame());
    row.add_some(analysis.ack_rtt());
    row.add_some(analysis.initial_rtt());
    row.add_some(analysis.bytes_in_flight());
    row.add_some(analysis.push_bytes_sent());
    row.add_some(analysis.duplicate_ack().map(|duplicate| duplicate.number));
    row.add_some(analysis.duplicate_ack().map(|duplicate| duplicate.of_frame));
    row.add_some(analysis.rto().map(|rto| rto.elapsed));
    row.add_some(analysis.rto().map(|rto| rto.since_frame));
}

/// A header that says it is shorter than its fixed part.
fn is_bogus(segment: &Segment) -> bool {
    usize::from(segment.header_len) < FIXED_HEADER
}

/// The flag bits as Wireshark's fields show them: `0x0018`.
struct FlagBits(TcpFlags);

impl Cell for FlagBits {
    fn write(&self, text: &mut Line) {
        text.push_str("0x");
        for shift in [12, 8, 4, 0] {
            let nibble = u32::from(self.0.bits()) >> shift & 15;
            text.push(b"0123456789abcdef".get(nibble as usize).copied().unwrap_or(b'?'));
        }
    }
}

/// The verdicts by name, separated by commas.
fn write_verdicts(text: &mut Line, flags: AnalysisFlags) {
    if flags.is_empty() {
        return;
    }
    for (index, (name, _)) in flags.iter_names().enumerate() {
        if index > 0 {
            text.push(b',');
        }
        name.bytes().for_each(|letter| text.push(letter.to_ascii_lowercase()));
    }
}

/// The kinds of the options, in wire order, as `tcp.option_kind` lists them: an option that the
/// frame's end cut is there, too, and so are the zeros right after an end of the list.
fn write_option_kinds(text: &mut Line, segment: &Segment, header: &[u8]) {
    let declared = usize::from(segment.header_len);
    let mut at = FIXED_HEADER;
    let mut separator = "";
    while at < declared {
        let Some(&kind) = header.get(at) else { return };
        let len = match kind {
            0 | 1 => 1,
            _ => match header.get(at + 1) {
                Some(&len) => usize::from(len),
                None => return,
            },
        };
        if len == 0 || (kind > 1 && len < 2) || at + len > declared {
            return;
        }
        text.push_str(separator);
        kind.write(text);
        separator = ",";
        at += len;
        if kind == 0 && header.get(at).is_some_and(|next| *next != 0) {
            return;
        }
    }
}

/// SACK blocks relative to the peer's base: `1-10,20-30`.
fn write_sack(text: &mut Line, segment: &Segment, analysis: &SegmentAnalysis) {
    let base = segment.ack_raw - analysis.ack_rel;
    for (index, block) in segment.options.sack.iter().enumerate() {
        if index > 0 {
            text.push(b',');
        }
        block.left.relative_to(base).write(text);
        text.push(b'-');
        block.right.relative_to(base).write(text);
    }
}

fn u16_at(bytes: &[u8], field: std::ops::Range<usize>) -> Option<u16> {
    bytes.get(field)?.try_into().ok().map(u16::from_be_bytes)
}
