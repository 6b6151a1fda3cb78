//! The promise that reading, decoding, judging, collecting and writing rows allocate nothing for
//! a frame once everything has its size, whatever the frames come from. Counted by the
//! allocator, over all threads; so this is one test, alone in its process.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::print_stdout)]
#![allow(unsafe_code, reason = "a global allocator cannot be written without it")]

mod counting;
#[path = "../support/flood.rs"]
#[allow(dead_code, reason = "the benchmark uses all of it")]
mod flood;
#[path = "../support/veth.rs"]
#[allow(dead_code, reason = "other tests use the rest")]
mod veth;

use std::env;
use std::fs::{self, File};
use std::io::{Write, sink};
use std::ops::ControlFlow;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;

use analyzer::engine::{self, Engine, Observer, Threads};
use analyzer::facts::FrameFacts;
use analyzer::listing::rows::RowFormat;
use analyzer::listing::segments::SegmentRows;
use analyzer::source::live::{LiveOptions, Stop};
use analyzer::source::{self, FrameSource};
use analyzer::summary::{Collector, Options};
use flood::{Flood, Pace};
use generator::forge::traffic::{FileFormat, Profile, Traffic, write};

/// Frames of each capture: one connection with losses and reorderings.
const FRAMES: u64 = 30_000;
/// Frames after which everything has its size.
const WARM: u64 = 12_000;
/// A thread that waits at a channel for the first time makes an entry for itself, and room for it
/// in the channel's list: two threads, two channels with two ends each. Whether they have waited
/// before the warm-up is over is up to the scheduler.
const FIRST_WAITS: u64 = 6;
/// Says that this process is to count over its standard input.
const OVER_STDIN: &str = "ALLOC_OVER_STDIN";

#[test]
fn no_source_allocates_for_a_frame() {
    if env::var_os(OVER_STDIN).is_some() {
        return assert_nothing_in_one_thread("standard input", Path::new("-"));
    }
    let folder = tempfile::tempdir().expect("a folder");
    let make = |name: &str, format| {
        let path = folder.path().join(name);
        let mut bytes = Vec::new();
        let mut traffic = Traffic::new(Profile::One.shape(), 1);
        write(&mut traffic, format, Some(FRAMES), &mut bytes).expect("a capture in memory");
        fs::write(&path, bytes).expect("can be written");
        path
    };
    let plain = make("one.pcap", FileFormat::Pcap);
    let packed = pack(folder.path(), &plain);
    for path in [&plain, &make("one.pcapng", FileFormat::Pcapng)].into_iter().chain(&packed) {
        let name = path.file_name().expect("a name").to_string_lossy();
        assert_nothing_in_one_thread(&name, path);
        assert_nothing_in_two_threads(&name, path);
    }
    over_stdin(&plain);
    live();
}

/// Everything that is done for a frame of a report and of the table of segments.
struct Work<'w> {
    collector: Collector,
    rows: SegmentRows<'w>,
    frames: u64,
    when_warm: u64,
}

impl<'w> Work<'w> {
    fn new(out: &'w mut dyn Write) -> Self {
        Self {
            collector: Collector::new(Options::default()),
            rows: SegmentRows::new(out, RowFormat::Tsv).expect("a header"),
            frames: 0,
            when_warm: 0,
        }
    }

    /// At most so much was allocated since the warm-up, by any thread.
    fn assert_at_most(&self, most: u64, what: &str) {
        let made = counting::of_all() - self.when_warm;
        assert_eq!(self.frames, FRAMES, "{what}: frames");
        assert!(made <= most, "{what}: {made} allocations for {} frames", FRAMES - WARM);
    }
}

impl Observer for Work<'_> {
    fn frame(&mut self, facts: &FrameFacts<'_>) -> ControlFlow<()> {
        self.collector.observe(facts, true);
        assert!(self.rows.frame(facts).is_continue());
        self.frames += 1;
        if self.frames == WARM {
            self.when_warm = counting::of_all();
        }
        ControlFlow::Continue(())
    }
}

fn assert_nothing_in_one_thread(what: &str, path: &Path) {
    let mut source = source::open(path).expect("a capture");
    let mut out = sink();
    let mut work = Work::new(&mut out);
    let mut engine = Engine::new();
    while let Some(frame) = source.next().expect("readable") {
        assert!(work.frame(&engine.examine(frame)).is_continue());
    }
    work.assert_at_most(0, what);
}

/// The same as the programs do it: reading runs ahead on a thread of its own. Its end and the
/// end of its thread are not part of the promise, so the last frame counts.
fn assert_nothing_in_two_threads(what: &str, path: &Path) {
    let mut source = source::open(path).expect("a capture");
    let mut out = sink();
    let mut work = Work::new(&mut out);
    let mut count = 0;
    let mut observer = |facts: &FrameFacts<'_>| {
        let step = work.frame(facts);
        count += 1;
        if count == FRAMES {
            work.assert_at_most(FIRST_WAITS, &format!("{what} on two threads"));
        }
        step
    };
    let threads = Threads::at_most(2.try_into().expect("not zero"));
    engine::run(&mut *source, threads, &mut observer).expect("readable");
    assert_eq!(count, FRAMES);
}

/// The capture in each kind of compression that can be read.
fn pack(folder: &Path, plain: &Path) -> Vec<std::path::PathBuf> {
    let bytes = fs::read(plain).expect("a capture");
    let create = |name: &str| File::create(folder.join(name)).expect("can be created");
    let mut gzip =
        flate2::write::GzEncoder::new(create("one.pcap.gz"), flate2::Compression::fast());
    gzip.write_all(&bytes).and_then(|()| gzip.finish().map(drop)).expect("packed");
    zstd::stream::copy_encode(&*bytes, create("one.pcap.zst"), 1).expect("packed");
    let mut lz4 = lz4_flex::frame::FrameEncoder::new(create("one.pcap.lz4"));
    lz4.write_all(&bytes).expect("packed");
    lz4.finish().expect("packed");
    ["one.pcap.gz", "one.pcap.zst", "one.pcap.lz4"].map(|name| folder.join(name)).into()
}

/// Runs this test again in a process whose standard input is the capture.
fn over_stdin(plain: &Path) {
    let output = Command::new(env::current_exe().expect("this program"))
        .args(["--exact", "no_source_allocates_for_a_frame"])
        .env(OVER_STDIN, "1")
        .stdin(Stdio::from(File::open(plain).expect("a capture")))
        .output()
        .expect("it starts");
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && told.contains("1 passed"), "{told}");
}

/// A recording of a flood; the frames are sent by a thread that allocates nothing either.
fn live() {
    let outcome = thread::spawn(|| {
        veth::enter()?;
        let options = LiveOptions { filter: Some("tcp".into()), ..LiveOptions::default() };
        let mut source = options.open("eth1", Stop::new()).map_err(|error| error.to_string())?;
        let mut flood = Flood::onto("eth2", 100).map_err(|error| error.to_string())?;
        let sender = thread::spawn(move || {
            flood.run(Pace { per_second: Some(50_000), frames: FRAMES }).expect("it sends");
            // The thread's end allocates.
            thread::park();
        });
        let mut out = sink();
        let mut work = Work::new(&mut out);
        let mut engine = Engine::new();
        while work.frames < FRAMES {
            let frame = source.next().expect("readable").expect("not stopped");
            assert!(work.frame(&engine.examine(frame)).is_continue());
        }
        work.assert_at_most(0, "live");
        sender.thread().unpark();
        sender.join().map_err(|_| "the sender has panicked".to_owned())
    });
    if let Err(reason) = outcome.join().expect("nothing was allocated") {
        let is_required = env::var_os("LAB_REQUIRED").is_some()
            || env::var("CI").is_ok_and(|value| value == "true");
        // An ordinary user cannot become root; that is no failure of the machine.
        let is_root = nix::unistd::geteuid().is_root();
        assert!(!(is_required && is_root), "nothing may be skipped here: {reason}");
        println!("skipped: live source: {reason}");
    }
}
