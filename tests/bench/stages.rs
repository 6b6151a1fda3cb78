//! Benchmarks of each stage, over captures that our maker makes in memory:
//! `cargo bench -p generator --bench stages [NAME]`.
//!
//! A stage that lives on what the one before it found is measured together with it, so what a
//! stage costs by itself is the difference to its neighbour:
//! `decode` < `segments` (decoded, and their TCP headers read), `examine` (decoded, read, and
//! judged) < `collector`, `filter`, `rows`. `stream-table` is the judging alone.

#![allow(clippy::expect_used, missing_docs, reason = "criterion's macros document nothing")]

use std::hint::black_box;
use std::io::{Cursor, sink};
use std::sync::Arc;

use analyzer::engine::{Engine, Observer};
use analyzer::filter::Filter;
use analyzer::frame::Frame;
use analyzer::listing::rows::RowFormat;
use analyzer::listing::segments::SegmentRows;
use analyzer::source::{self, Batch, FrameSource};
use analyzer::summary::{Collector, Options};
use analyzer::tcp::{Segment, SegmentSource, StreamTable};
use analyzer::wire::Decoder;
use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main};
use generator::forge::traffic::{FileFormat, Profile, Traffic, write};

/// Frames of each capture: some megabytes, so that the stages and not the memory are measured.
const FRAMES: u64 = 50_000;

type Group<'c> = BenchmarkGroup<'c, WallTime>;

fn capture(profile: Profile, format: FileFormat) -> Arc<[u8]> {
    let mut bytes = Vec::new();
    let mut traffic = Traffic::new(profile.shape(), 1);
    write(&mut traffic, format, Some(FRAMES), &mut bytes).expect("a capture in memory");
    bytes.into()
}

fn open(capture: &Arc<[u8]>) -> Box<dyn FrameSource> {
    source::from_reader("memory", Cursor::new(Arc::clone(capture))).expect("a capture")
}

/// All frames, as the engine gets them.
fn batches(capture: &Arc<[u8]>) -> Vec<Batch> {
    let mut source = open(capture);
    let mut batches = Vec::new();
    loop {
        let mut batch = Batch::new();
        source.next_batch(&mut batch).expect("readable");
        if batch.is_empty() {
            return batches;
        }
        batches.push(batch);
    }
}

fn each_frame<'b>(batches: &'b [Batch], mut work: impl FnMut(Frame<'b>)) {
    batches.iter().flat_map(Batch::frames).for_each(&mut work);
}

fn read(group: &mut Group<'_>) {
    for (name, format) in [("pcap", FileFormat::Pcap), ("pcapng", FileFormat::Pcapng)] {
        let capture = capture(Profile::Many, format);
        group.bench_function(format!("read/{name}"), |bencher| {
            let mut batch = Batch::new();
            bencher.iter(|| {
                let mut source = open(&capture);
                let mut frames = 0;
                while {
                    source.next_batch(&mut batch).expect("readable");
                    !batch.is_empty()
                } {
                    frames += batch.len();
                }
                assert_eq!(frames as u64, FRAMES);
            });
        });
    }
}

fn decode(group: &mut Group<'_>, name: &str, batches: &[Batch]) {
    group.bench_function(format!("decode/{name}"), |bencher| {
        bencher.iter(|| {
            let mut decoder = Decoder::new();
            each_frame(batches, |frame| {
                black_box(decoder.decode(&frame).tcp_index());
            });
        });
    });
    group.bench_function(format!("segments/{name}"), |bencher| {
        bencher.iter(|| {
            let mut decoder = Decoder::new();
            each_frame(batches, |frame| {
                black_box(segment(&mut decoder, &frame));
            });
        });
    });
}

fn segment(decoder: &mut Decoder, frame: &Frame<'_>) -> Option<Segment> {
    let decoded = decoder.decode(frame);
    SegmentSource::at(&decoded, decoded.tcp_index()?).map(|source| source.read(frame))
}

fn judge(group: &mut Group<'_>, name: &str, batches: &[Batch]) {
    let mut decoder = Decoder::new();
    let mut segments = Vec::new();
    each_frame(batches, |frame| segments.extend(segment(&mut decoder, &frame)));
    group.bench_function(format!("stream-table/{name}"), |bencher| {
        bencher.iter(|| {
            let mut table = StreamTable::new();
            for segment in &segments {
                black_box(table.observe(segment));
            }
            table
        });
    });
    group.bench_function(format!("examine/{name}"), |bencher| {
        bencher.iter(|| {
            let mut engine = Engine::new();
            each_frame(batches, |frame| {
                black_box(engine.examine(frame));
            });
            engine
        });
    });
}

fn observe(group: &mut Group<'_>, name: &str, batches: &[Batch]) {
    group.bench_function(format!("collector/{name}"), |bencher| {
        bencher.iter(|| {
            let (mut engine, mut collector) = (Engine::new(), Collector::new(Options::default()));
            each_frame(batches, |frame| collector.observe(&engine.examine(frame), true));
            (engine, collector)
        });
    });
    let parsed = Filter::parse("tcp.port == 443 && tcp.analysis.retransmission").expect("valid");
    group.bench_function(format!("filter/{name}"), |bencher| {
        bencher.iter(|| {
            let (mut engine, mut filter) = (Engine::new(), parsed.clone());
            let mut count = 0;
            each_frame(batches, |frame| {
                count += u64::from(filter.matches(&engine.examine(frame)));
            });
            (engine, count)
        });
    });
    group.bench_function(format!("rows/{name}"), |bencher| {
        bencher.iter(|| {
            let mut engine = Engine::new();
            let mut out = sink();
            let mut rows = SegmentRows::new(&mut out, RowFormat::Tsv).expect("a header");
            each_frame(batches, |frame| {
                let _ = black_box(rows.frame(&engine.examine(frame)));
            });
            engine
        });
    });
}

fn stages(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("stages");
    group.throughput(Throughput::Elements(FRAMES)).sample_size(10);
    read(&mut group);
    for profile in [Profile::Many, Profile::Mixed] {
        let batches = batches(&capture(profile, FileFormat::Pcapng));
        decode(&mut group, profile.name(), &batches);
        judge(&mut group, profile.name(), &batches);
        observe(&mut group, profile.name(), &batches);
    }
    group.finish();
}

criterion_group!(benches, stages);
criterion_main!(benches);
