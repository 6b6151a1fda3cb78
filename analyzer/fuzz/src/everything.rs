//! One pass that does with every frame whatever any command does, and checks what must hold.

use std::io::{self, Write};

use analyzer::engine::{Engine, Observer};
use analyzer::facts::FrameFacts;
use analyzer::filter::Filter;
use analyzer::frame::Frame;
use analyzer::info::{self, Describer};
use analyzer::listing::conversations::Conversations;
use analyzer::listing::follow::{FollowFormat, FollowLook, FollowOutcome, Follower};
use analyzer::listing::packet_list::{Look, PacketList};
use analyzer::listing::rows::RowFormat;
use analyzer::listing::segments::{COLUMNS, SegmentRows};
use analyzer::report::{self, Format};
use analyzer::summary::{CaptureEnd, CaptureSummary, Collector, Options};
use analyzer::tcp::StreamId;
use analyzer::time::TimePrecision;
use analyzer::wire::{ChecksumVerdict, checksum};

/// Wireshark cuts Info at 4096 bytes; one line more must never come of a frame.
const MAX_INFO: usize = 1 << 16;
/// Row formats of the tables.
const ROW_FORMATS: [RowFormat; 4] =
    [RowFormat::Tsv, RowFormat::Csv, RowFormat::Ndjson, RowFormat::Table];

/// Counts what is written and remembers whether it could harm a terminal.
#[derive(Debug, Default)]
struct Paper {
    lines: u64,
    bytes: u64,
    tabs: u64,
    has_control: bool,
}

impl Write for Paper {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        for &byte in bytes {
            self.lines += u64::from(byte == b'\n');
            self.tabs += u64::from(byte == b'\t');
            self.has_control |= matches!(byte, 0..=8 | 0x0b..=0x1f | 0x7f) && byte != b'\r';
        }
        self.bytes += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The packet list in one format.
struct List {
    list: PacketList,
    format: RowFormat,
    has_bytes: bool,
    paper: Paper,
}

impl List {
    fn new(format: RowFormat, has_bytes: bool, line_width: Option<usize>) -> Self {
        let look = Look { format, has_bytes, is_coloured: false, line_width };
        let mut list = PacketList::new(look);
        let mut paper = Paper::default();
        list.write_header(&mut paper).expect("paper takes everything");
        paper.lines = 0;
        Self { list, format, has_bytes, paper }
    }
}

/// One pass over frames.
pub struct Everything {
    engine: Engine,
    describer: Describer,
    info: String,
    lists: Vec<List>,
    collectors: Vec<Collector>,
    conversations: Conversations,
    filters: Vec<Filter>,
    frames: u64,
    segments: u64,
}

impl Default for Everything {
    fn default() -> Self {
        Self::new()
    }
}

impl Everything {
    /// Before the first frame.
    pub fn new() -> Self {
        let mut lists: Vec<List> =
            ROW_FORMATS.into_iter().map(|format| List::new(format, false, None)).collect();
        lists.push(List::new(RowFormat::Table, true, Some(80)));
        let filters = [
            "tcp.analysis.flags && frame contains 41 && ip.addr == 10.0.0.0/8 || eth[0:3] == 01:02:03",
            "any tcp.options != 01 || tcp.payload matches \"a.*b\" || !udp.port in {53, 100..200}",
        ];
        Self {
            engine: Engine::new(),
            describer: Describer::new(),
            info: String::new(),
            lists,
            collectors: vec![
                Collector::new(Options::default()),
                Collector::new(Options { top: 2, segments: 3, ..Options::default() }),
            ],
            conversations: Conversations::new(),
            filters: filters.map(|text| Filter::parse(text).expect("a right filter")).into(),
            frames: 0,
            segments: 0,
        }
    }

    /// Takes in the next frame, and shows its facts to `also`.
    pub fn frame(&mut self, frame: Frame<'_>, also: &mut dyn FnMut(&FrameFacts<'_>)) {
        self.frames += 1;
        let Self { engine, describer, info, lists, collectors, conversations, .. } = self;
        let facts = engine.examine(frame);
        check_layers(&facts);
        let protocol = describer.describe(&facts, info);
        check_info(info, protocol);
        info.clear();
        info::write_info(&facts, info).expect("a String takes everything");
        check_info(info, info::protocol_column(&facts));
        for list in lists {
            list.list.prepare(&facts);
        }
        let matched = self.filters.iter_mut().filter_map(|filter| filter.matches(&facts).then_some(())).count() > 0;
        for (index, collector) in collectors.iter_mut().enumerate() {
            collector.observe(&facts, matched || index == 0);
        }
        assert!(conversations.frame(&facts).is_continue());
        self.segments += u64::from(facts.tcp.is_some());
        also(&facts);
        drop(facts);
        self.write_rows();
    }

    fn write_rows(&mut self) {
        for list in &mut self.lists {
            let before = list.paper.lines;
            list.list.write(&mut list.paper, TimePrecision::NANOS).expect("paper takes everything");
            let lines = list.paper.lines - before;
            assert!(lines == 1 || list.has_bytes && lines >= 1, "{:?}: {lines} lines", list.format);
            assert!(!list.paper.has_control, "{:?}: a control character", list.format);
        }
    }

    /// Streams so far.
    pub fn streams(&self) -> usize {
        self.engine.streams().len()
    }

    /// Ends the pass: renders every report.
    pub fn finish(self, end: &CaptureEnd) {
        let streams = self.engine.streams();
        for id in 0..streams.len() {
            let view = streams.stream(StreamId(id as u32)).expect("streams are numbered from 0");
            assert!(view.completeness < 64);
        }
        assert!(streams.stream(StreamId(streams.len() as u32)).is_none());
        for format in ROW_FORMATS {
            let mut paper = Paper::default();
            self.conversations.write(&mut paper, format).expect("paper takes everything");
            assert!(!paper.has_control && paper.lines <= 1 + streams.len() as u64);
        }
        for collector in self.collectors {
            let summary = collector.finish(end.clone());
            check_summary(&summary, self.frames, self.segments);
            render(summary);
        }
    }
}

/// Layers lie within the frame, or, reassembled, within themselves.
fn check_layers(facts: &FrameFacts<'_>) {
    let decoded = &facts.decoded;
    let frame_len = facts.frame.bytes.len();
    for (index, layer) in decoded.layers.iter().enumerate() {
        assert!(layer.bytes.len() <= layer.wire_len as usize, "more captured than on the wire");
        if let Some(offset) = layer.offset() {
            assert!(offset as usize + layer.bytes.len() <= frame_len, "a layer leaves its frame");
        }
        let verdict = checksum::transport(decoded, index);
        if let ChecksumVerdict::Bad { expected } = verdict {
            assert!(layer.bytes.len() >= 8, "{expected:#x} of a layer that is not all there");
        }
        let _ = checksum::ipv4_header(layer);
        let _ = decoded.addresses_above(index);
    }
    if let Some(tcp) = &facts.tcp {
        let (segment, analysis) = (&tcp.segment, &tcp.analysis);
        if segment.is_length_known {
            assert!(tcp.payload.len() <= segment.payload_len as usize);
        }
        assert_eq!(segment.frame, facts.frame.number);
        if let Some(acked) = analysis.acks_frame() {
            assert!(acked <= segment.frame);
        }
        if let Some(duplicate) = analysis.duplicate_ack() {
            assert!(duplicate.number > 0 && duplicate.of_frame < segment.frame);
        }
    }
}

/// An Info text is one line without anything that could harm a terminal.
fn check_info(info: &str, protocol: &str) {
    assert!(!protocol.is_empty(), "a row without a protocol");
    assert!(!info.chars().any(char::is_control), "{info:?}");
    assert!(info.len() <= MAX_INFO, "an Info text of {} bytes", info.len());
}

fn check_summary(summary: &CaptureSummary, frames: u64, segments: u64) {
    let capture = &summary.capture;
    assert_eq!(capture.frames, frames);
    assert_eq!(capture.tcp_frames, segments);
    assert_eq!(
        summary.connections_total,
        summary.connections.len() as u64 + summary.connections_cut
    );
    let told: u64 = summary
        .connections
        .iter()
        .map(|connection| connection.from_client.frames + connection.from_server.frames)
        .sum();
    assert!(told <= segments, "{told} frames of connections, {segments} in the capture");
    for connection in &summary.connections {
        let rows = connection.segments.len() as u64;
        assert!(rows + connection.segments_cut == connection.segments_total);
        for flow in [&connection.from_client, &connection.from_server] {
            assert!(flow.application_bytes <= flow.segment_bytes);
        }
        let _ = report::story(connection);
    }
}

fn render(summary: CaptureSummary) {
    let connections = summary.connections_total;
    let summaries = [summary];
    let mut paper = Paper::default();
    report::render(Format::Csv, &summaries, report::Look::default(), &mut paper).expect("paper");
    for (format, width) in [(Format::Table, 80), (Format::Table, 60), (Format::Markdown, 80)] {
        let mut paper = Paper::default();
        let look = report::Look { width, colour: false };
        report::render(format, &summaries, look, &mut paper).expect("paper takes everything");
        assert!(!paper.has_control, "{format:?} holds a control character");
    }
    let mut text = Vec::new();
    report::render(Format::Json, &summaries, report::Look::default(), &mut text).expect("memory");
    serde_json::from_slice::<serde_json::Value>(&text).expect("JSON");
    text.clear();
    report::render(Format::Ndjson, &summaries, report::Look::default(), &mut text).expect("memory");
    let lines: Vec<&[u8]> = text.split_inclusive(|byte| *byte == b'\n').collect();
    assert_eq!(lines.len() as u64, connections, "a line for each connection");
    for line in lines {
        serde_json::from_slice::<serde_json::Value>(line).expect("JSON");
    }
}

/// Renderers that borrow their writer for the whole pass: segments, and one followed stream.
pub fn with_borrowers(
    stream: StreamId,
    body: impl FnOnce(&mut dyn FnMut(&FrameFacts<'_>)),
) -> FollowOutcome {
    let mut papers: [Paper; 7] = Default::default();
    let [tsv, csv, ndjson, table, text, hex, raw] = &mut papers;
    let mut segments: Vec<SegmentRows<'_>> = [tsv, csv, ndjson, table]
        .into_iter()
        .zip(ROW_FORMATS)
        .map(|(paper, format)| SegmentRows::new(paper, format).expect("paper"))
        .collect();
    let formats = [FollowFormat::Text, FollowFormat::Hex, FollowFormat::Raw];
    let mut followers: Vec<Follower<'_>> = [text, hex, raw]
        .into_iter()
        .zip(formats)
        .map(|(paper, format)| {
            Follower::new(paper, FollowLook { stream, from: None, format, is_coloured: false })
        })
        .collect();
    let mut carried = 0;
    body(&mut |facts| {
        carried += u64::from(facts.decoded.tcp_index().is_some());
        for rows in &mut segments {
            assert!(rows.frame(facts).is_continue());
        }
        for follower in &mut followers {
            assert!(follower.frame(facts).is_continue());
        }
    });
    for rows in segments {
        rows.finish().expect("paper takes everything");
    }
    let outcomes: Vec<FollowOutcome> =
        followers.into_iter().map(|follower| follower.finish().expect("paper")).collect();
    let outcome = outcomes[0];
    assert!(outcomes.iter().all(|other| *other == outcome), "formats disagree: {outcomes:?}");
    let [tsv, csv, ndjson, table, text, hex, raw] = papers;
    assert_eq!(tsv.tabs, tsv.lines * (COLUMNS.len() as u64 - 1), "a cell for each column");
    for (paper, header) in [(tsv, 1), (csv, 1), (ndjson, 0), (table, 1)] {
        assert_eq!(paper.lines, carried + header, "a row for each segment");
        assert!(!paper.has_control, "a row with a control character");
    }
    assert!(!text.has_control && !hex.has_control, "a followed stream with a control character");
    assert_eq!(raw.bytes, outcome.bytes, "raw output is nothing but the bytes");
    outcome
}
