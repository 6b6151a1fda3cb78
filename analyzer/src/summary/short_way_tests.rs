//! Frames that are taken as mere segments against the same frames with all their layers: every
//! number of every segment, and all that is collected of them.

use std::fs;
use std::path::{Path, PathBuf};

use super::*;
use crate::engine::Threads;
use crate::summary::Options;
use crate::tcp::{Segment, SegmentAnalysis};
use crate::time::TimeDelta;
use crate::wire::{ChecksumVerdict, checksum};

/// A collector, and what was told of each segment.
struct Told {
    collector: Collector,
    takes_segments: bool,
    /// Whether plain ones may come as such.
    takes_plain: bool,
    /// Whether it asks for the layers after all.
    wants_layers: bool,
    /// How many came as segments, and as plain ones.
    short: u64,
    plain: u64,
    segments: Vec<String>,
    /// Of each segment what is told of plain ones, too.
    numbers: Vec<String>,
    /// Times and number of layers, of frames that came with them.
    frames: Vec<(TimeDelta, TimeDelta, usize)>,
}

impl Told {
    fn tell(
        &mut self,
        segment: &Segment,
        analysis: &SegmentAnalysis,
        checksum: Option<ChecksumVerdict>,
        payload: &[u8],
    ) {
        self.segments.push(format!("{segment:?} {analysis:?} {checksum:?} {payload:02x?}"));
        let SegmentAnalysis { stream, direction, seq_rel, ack_rel, .. } = *analysis;
        let place = format!("{stream} {direction:?} {seq_rel} {ack_rel} {:?}", analysis.flags);
        self.numbers.push(format!("{segment:?} {place} {payload:02x?}"));
    }
}

impl Observer for Told {
    fn frame(&mut self, facts: &FrameFacts<'_>) -> ControlFlow<()> {
        self.frames.push((facts.time_relative, facts.time_delta, facts.decoded.layers.len()));
        if let Some(tcp) = &facts.tcp {
            let sum = facts.decoded.tcp_index().map(|at| checksum::transport(&facts.decoded, at));
            self.tell(tcp.segment, tcp.analysis, sum, tcp.payload);
        }
        self.collector.frame(facts)
    }

    fn takes_segments(&self) -> bool {
        self.takes_segments
    }

    fn takes_plain(&self) -> bool {
        self.takes_plain
    }

    fn plain_run(&mut self, run: &PlainRun<'_>) -> ControlFlow<()> {
        self.plain += run.len() as u64;
        for facts in (0..run.len()).map(|index| run.facts(index).expect("one of the run")) {
            let (segment, analysis) = (facts.segment(), facts.analysis());
            assert_eq!(segment.timestamp.as_nanos(), facts.nanos());
            assert_eq!(Some((segment.source, segment.destination)), facts.endpoints());
            assert_eq!(segment.source.port(), facts.plain.source_port);
            self.tell(&segment, &analysis, Some(ChecksumVerdict::Good), facts.payload());
        }
        self.collector.plain_run(run)
    }

    fn minds_checksums(&self) -> bool {
        true
    }

    fn wants_layers(&self, _: &SegmentFacts<'_>) -> bool {
        self.wants_layers
    }

    fn segment(&mut self, facts: &SegmentFacts<'_>) -> ControlFlow<()> {
        self.short += 1;
        self.tell(facts.segment, facts.analysis, facts.checksum, facts.payload());
        self.collector.segment(facts)
    }
}

/// What a capture tells, up to where it may be damaged.
fn read(path: &Path, takes_segments: bool, takes_plain: bool, wants_layers: bool) -> Told {
    let mut source = source::open(path).expect("it was opened before");
    let collector = Collector::new(Options { segments: 4, ..Options::default() });
    let mut told = Told {
        collector,
        takes_segments,
        takes_plain,
        wants_layers,
        short: 0,
        plain: 0,
        segments: Vec::new(),
        numbers: Vec::new(),
        frames: Vec::new(),
    };
    let _ = engine::run(&mut *source, Threads::ONE, &mut told);
    told
}

/// Panics unless all ways tell the same; answers how many segments came the short way, and how
/// many of them may come as plain ones.
fn compare(path: &Path) -> (u64, u64) {
    let (short, long) = (read(path, true, false, false), read(path, false, false, false));
    let name = path.display();
    assert_eq!(long.short, 0, "{name}");
    for (ours, theirs) in short.segments.iter().zip(&long.segments) {
        assert_eq!(ours, theirs, "{name}");
    }
    assert_eq!(short.segments.len(), long.segments.len(), "{name}");
    assert!(short.collector.holds_the_same_as(&long.collector), "{name}");
    let late = read(path, true, false, true);
    assert_eq!((late.short, &late.segments), (0, &long.segments), "{name}");
    assert_eq!(late.frames, long.frames, "{name}");
    let plain = read(path, true, true, false);
    for (ours, theirs) in plain.numbers.iter().zip(&long.numbers) {
        assert_eq!(ours, theirs, "{name}");
    }
    assert_eq!(plain.numbers.len(), long.numbers.len(), "{name}");
    assert_eq!(plain.short + plain.plain, short.short, "{name}");
    assert!(plain.collector.holds_the_same_as(&long.collector), "{name}");
    (short.short, plain.plain)
}

/// The captures in a folder and those below it.
fn captures(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a readable folder") {
        let path = entry.expect("a readable entry").path();
        if path.is_dir() {
            captures(&path, found);
        } else if source::open(&path).is_ok() {
            found.push(path);
        }
    }
}

#[test]
fn the_short_way_tells_the_same_of_every_capture_there_is() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let shared = ["../shared/corpus", "../shared/hostile"].map(|folder| root.join(folder));
    let folders = [root.join("fixtures")].into_iter().chain(shared);
    let mut paths = Vec::new();
    for folder in folders.filter(|folder| folder.is_dir()) {
        captures(&folder, &mut paths);
    }
    let (mut short, mut plain) = (0, 0);
    for path in &paths {
        let (more_short, more_plain) = compare(path);
        (short, plain) = (short + more_short, plain + more_plain);
    }
    // The fixtures alone have 218 and 13.
    assert!(short > 100 && plain > 10, "{short} segments came the short way, {plain} as plain");
    let captures = paths.len();
    println!("{short} segments of {captures} captures came the short way, {plain} as plain");
}
