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
    /// Whether it asks for the layers after all.
    wants_layers: bool,
    /// How many came as segments.
    short: u64,
    segments: Vec<String>,
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
fn read(path: &Path, takes_segments: bool, wants_layers: bool) -> Told {
    let mut source = source::open(path).expect("it was opened before");
    let collector = Collector::new(Options { segments: 4, ..Options::default() });
    let (segments, frames) = (Vec::new(), Vec::new());
    let mut told = Told { collector, takes_segments, wants_layers, short: 0, segments, frames };
    let _ = engine::run(&mut *source, Threads::ONE, &mut told);
    told
}

/// Panics unless both ways tell the same; answers how many segments came the short way.
fn compare(path: &Path) -> u64 {
    let (short, long) = (read(path, true, false), read(path, false, false));
    let name = path.display();
    assert_eq!(long.short, 0, "{name}");
    for (ours, theirs) in short.segments.iter().zip(&long.segments) {
        assert_eq!(ours, theirs, "{name}");
    }
    assert_eq!(short.segments.len(), long.segments.len(), "{name}");
    assert!(short.collector.holds_the_same_as(&long.collector), "{name}");
    let late = read(path, true, true);
    assert_eq!((late.short, &late.segments), (0, &long.segments), "{name}");
    assert_eq!(late.frames, long.frames, "{name}");
    short.short
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
    let short: u64 = paths.iter().map(|path| compare(path)).sum();
    assert!(short > 100, "{short} segments came the short way");
    println!("{short} segments of {} captures came the short way", paths.len());
}
