//! `make bench-scaling`: CPU time per frame and memory as streams and frames grow.
//!
//! Pipes traffic of each size into `analyzer report`, so that no disk has to hold it, and writes
//! `SCALING.md` and `scaling.svg` into `tests/bench`.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::print_stderr)]

#[path = "../measure.rs"]
#[allow(dead_code, reason = "nothing is compared here")]
mod measure;
mod plot;
#[path = "../programs.rs"]
#[allow(dead_code, reason = "there are no peers here")]
mod programs;

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};

use measure::{Work, median};

/// Traffic of so many connections.
struct Case {
    connections: u64,
    /// Data segments of each.
    segments: &'static str,
    max_frames: Option<u64>,
}

/// What was measured.
#[derive(Clone, Copy)]
pub struct Point {
    streams: u64,
    frames: u64,
    bytes: u64,
    cpu: f64,
    peak: u64,
}

const fn streams(connections: u64, segments: &'static str) -> Case {
    Case { connections, segments, max_frames: None }
}

const fn frames(connections: u64, frames: u64) -> Case {
    Case { connections, segments: "10-46", max_frames: Some(frames) }
}

/// As many frames as the number of streams allows, but no fewer than some millions.
const BY_STREAMS: [Case; 5] = [
    streams(1_000, "2400"),
    streams(10_000, "240"),
    streams(100_000, "22"),
    streams(1_000_000, "1-2"),
    streams(4_000_000, "1"),
];
const BY_FRAMES: [Case; 3] =
    [frames(21_000, 1_000_000), frames(210_000, 10_000_000), frames(1_050_000, 50_000_000)];

/// Runs of a case with fewer than [`LARGE`] frames.
const ROUNDS: usize = 3;
const LARGE: u64 = 5_000_000;

fn main() -> io::Result<()> {
    fs::create_dir_all(programs::folder())?;
    let measured = |cases: &[Case]| cases.iter().map(measure_case).collect::<io::Result<Vec<_>>>();
    let by_streams = measured(&BY_STREAMS)?;
    let by_frames = measured(&BY_FRAMES)?;
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/bench");
    plot::draw(&folder.join("scaling.svg"), &by_streams, &by_frames)?;
    fs::write(folder.join("SCALING.md"), text(&by_streams, &by_frames))
}

fn measure_case(case: &Case) -> io::Result<Point> {
    let first = run(case)?;
    let mut points = vec![first];
    while points.len() < ROUNDS && points[0].frames < LARGE {
        points.push(run(case)?);
    }
    let point = Point {
        cpu: median(points.iter().map(|point| point.cpu)),
        peak: points.iter().map(|point| point.peak).max().unwrap_or(0),
        ..points[0]
    };
    eprint!("{}", row(&point));
    Ok(point)
}

/// Pipes the traffic into the report; what the maker costs is not counted.
fn run(case: &Case) -> io::Result<Point> {
    let truth = programs::folder().join("scaling.json");
    let mut make = Command::new(programs::generator());
    make.args(["traffic", "many", "--payload", "1-40", "--segments", case.segments]);
    make.args(["--connections", &case.connections.to_string()]);
    if let Some(frames) = case.max_frames {
        make.args(["--max-frames", &frames.to_string()]);
    }
    make.args(["-o", "-", "--truth"]).arg(&truth).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut maker = make.spawn()?;
    let traffic = maker.stdout.take().expect("a pipe");
    let report =
        Work::new(programs::analyzer(), &["report", "-", "--top", "100", "--format", "json"]);
    let cost = report.cost_reading(traffic.into())?;
    let status = maker.wait()?;
    if !status.success() {
        return Err(io::Error::other(format!("the traffic was not made: {status}")));
    }
    let truth: serde_json::Value = serde_json::from_str(&fs::read_to_string(truth)?)?;
    let number = |key: &str| truth[key].as_u64().expect("a number that the maker counted");
    Ok(Point {
        streams: number("connections"),
        frames: number("frames"),
        bytes: number("bytes"),
        cpu: cost.cpu,
        peak: cost.peak,
    })
}

impl Point {
    /// CPU time of a frame in nanoseconds.
    fn nanos_per_frame(&self) -> f64 {
        self.cpu * 1e9 / self.frames as f64
    }

    /// Peak of memory in MiB.
    fn peak_mib(&self) -> f64 {
        self.peak as f64 / 1024.0 / 1024.0
    }
}

fn row(point: &Point) -> String {
    format!(
        "| {} | {} | {:.2} GB | {:.2} s | {:.0} ns | {:.0} MiB | {:.0} B |\n",
        point.streams,
        point.frames,
        point.bytes as f64 / 1e9,
        point.cpu,
        point.nanos_per_frame(),
        point.peak_mib(),
        point.peak as f64 / point.streams as f64,
    )
}

fn text(by_streams: &[Point], by_frames: &[Point]) -> String {
    let mut text = String::from(
        "# How the report scales\n\n\
        Written by `make bench-scaling`: CPU time (user and system, default threads) and peak of\n\
        resident memory of `analyzer report - --top 100 --format json` that reads\n\
        `generator traffic many --payload 1-40` from a pipe. Medians of three runs, one run from\n\
        5 million frames on. Times are those of the machine that wrote this, whatever else it\n\
        did; what they are good for is the comparison with each other.\n\n\
        ![CPU time per frame and memory by streams and by frames](scaling.svg)\n",
    );
    let head = "| streams | frames | bytes | CPU | CPU per frame | peak memory | of it per stream |\n\
        |---|---|---|---|---|---|---|\n";
    for (title, points) in [("More streams", by_streams), ("More frames", by_frames)] {
        let rows: String = points.iter().map(row).collect();
        let _ = write!(text, "\n## {title}\n\n{head}{rows}");
    }
    text
}
