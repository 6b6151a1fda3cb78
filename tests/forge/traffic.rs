//! Traffic in bulk is what it claims to be: tshark finds nothing wrong with its frames, and the
//! analyzer finds each fault that was put in.

use std::collections::BTreeMap;
use std::fs;
use std::io::Cursor;
use std::path::Path;
use std::process::Command;

use analyzer::engine::{Engine, Observer};
use analyzer::listing::rows::RowFormat;
use analyzer::listing::segments::SegmentRows;
use analyzer::source;
use generator::forge::traffic::{FileFormat, Profile, Shape, Traffic, Truth, write};

/// All frames of a small number of connections.
fn made(profile: Profile, connections: u64, format: FileFormat) -> (Vec<u8>, Truth) {
    let shape = profile.shape();
    let shape = Shape { connections, open: shape.open.min(connections), ..shape };
    let mut traffic = Traffic::new(shape, 11);
    let mut bytes = Vec::new();
    write(&mut traffic, format, None, &mut bytes).expect("a capture in memory");
    (bytes, traffic.truth())
}

/// How often each verdict stands in the rows of `analyzer segments`.
fn verdicts(capture: Vec<u8>) -> BTreeMap<String, u64> {
    let mut rows = Vec::new();
    let mut source = source::from_reader("made", Cursor::new(capture)).expect("a capture");
    let mut observer = SegmentRows::new(&mut rows, RowFormat::Tsv).expect("a header");
    let mut engine = Engine::new();
    while let Some(frame) = source.next().expect("readable to its end") {
        assert!(observer.frame(&engine.examine(frame)).is_continue());
    }
    drop(observer);
    let text = String::from_utf8(rows).expect("text");
    let mut lines = text.lines();
    let mut titles = lines.next().expect("titles").split('\t');
    let column = titles.position(|title| title == "analysis").expect("a column");
    let mut counts = BTreeMap::new();
    for cell in lines.filter_map(|line| line.split('\t').nth(column)) {
        for verdict in cell.split(',').filter(|verdict| *verdict != "-") {
            *counts.entry(verdict.to_owned()).or_default() += 1;
        }
    }
    counts
}

/// A segment that was seen before, or is seen late, is a retransmission or out of order, and
/// nothing else is. Data beyond a gap, or beyond a segment that was overtaken, tells of a loss.
#[test]
fn the_analyzer_finds_what_was_put_in() {
    let (capture, truth) = made(Profile::Many, 600, FileFormat::Pcap);
    let counts = verdicts(capture);
    let count = |verdict: &str| counts.get(verdict).copied().unwrap_or(0);
    let put_in = truth.syn_again
        + truth.fast_repairs
        + truth.timeout_repairs
        + truth.lost_before
        + truth.spurious
        + truth.overtaken
        + truth.duplicated;
    // The repair of a tail that was never seen looks like any other segment.
    let invisible = truth.lost_before - truth.gaps;
    let found = count("retransmission") + count("out_of_order");
    assert!((put_in - invisible..=put_in).contains(&found), "{found} of {put_in}: {counts:?}");
    assert!(truth.gaps + truth.overtaken > 30, "{truth:?}");
    let lost = count("lost_segment");
    assert!(lost.abs_diff(truth.gaps + truth.overtaken) <= 2, "{lost}: {truth:?}");
    assert!(count("spurious_retransmission") >= truth.spurious, "{counts:?}");
    let duplicates = count("duplicate_ack");
    assert!(duplicates <= truth.duplicate_acks && duplicates * 10 >= truth.duplicate_acks * 7);
}

#[test]
fn mixed_traffic_has_the_verdicts_of_real_networks() {
    let (capture, truth) = made(Profile::Mixed, 2_000, FileFormat::Pcapng);
    let counts = verdicts(capture);
    let count = |verdict: &str| counts.get(verdict).copied().unwrap_or(0);
    assert_eq!(count("zero_window"), truth.zero_windows);
    // One byte that is sent again looks like a keep-alive.
    assert!(count("keep_alive") >= truth.keep_alives.max(1), "{counts:?}");
    assert_eq!(count("keep_alive_ack"), truth.keep_alives);
    let reused = count("reused_ports");
    assert!(reused > 10 && reused.abs_diff(truth.reused) <= 4, "{reused}: {truth:?}");
}

#[test]
fn tshark_finds_nothing_malformed() {
    if !Command::new("tshark").arg("--version").output().is_ok_and(|found| found.status.success()) {
        println!("skipped: tshark is not installed");
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    for (profile, format, name) in [
        (Profile::Many, FileFormat::Pcap, "many.pcap"),
        (Profile::Mixed, FileFormat::Pcapng, "mixed.pcapng"),
    ] {
        let (bytes, truth) = made(profile, 200, format);
        let path = folder.path().join(name);
        fs::write(&path, bytes).expect("can be written");
        let seen = |filter: &str| rows_of_tshark(&path, filter);
        assert_eq!(seen("tcp.checksum.status == 1"), truth.frames, "{name}");
        let wrong = "_ws.malformed || tcp.checksum.status == 0 || ip.checksum.status == 0";
        assert_eq!(seen(wrong), 0, "{name}");
    }
}

/// Frames that a display filter selects. The data is text on every port, so nothing above TCP is
/// to be put together.
fn rows_of_tshark(path: &Path, filter: &str) -> u64 {
    let output = Command::new("tshark")
        .args(["-n", "-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE"])
        .args(["-o", "tcp.desegment_tcp_streams:FALSE", "-T", "fields", "-e", "frame.number"])
        .args(["-Y", filter, "-r"])
        .arg(path)
        .output()
        .expect("tshark starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).lines().count() as u64
}

#[test]
fn the_command_makes_the_same_file_twice_and_counts_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let make = |name: &str| {
        let (capture, truth) = (folder.path().join(name), folder.path().join("truth.json"));
        let output = Command::new(env!("CARGO_BIN_EXE_generator"))
            .args(["traffic", "many", "--connections", "50", "--max-frames", "1000", "--seed", "4"])
            .arg("--truth")
            .arg(&truth)
            .arg("-o")
            .arg(&capture)
            .output()
            .expect("the generator starts");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        (fs::read(capture).expect("a capture"), fs::read_to_string(truth).expect("the truth"))
    };
    let (first, truth) = make("one.pcap");
    assert_eq!((&first, &truth), (&make("two.pcap").0, &truth));
    assert!(truth.contains("\"frames\": 1000,"), "{truth}");
    assert!(make("three.pcapng").0.starts_with(&[0x0a, 0x0d, 0x0d, 0x0a]));
}
