//! The analyzer against an installed tshark 4.0, on random walks of TCP conversations.
//!
//! Each seed is a capture of conversations that lose, repeat, reorder, probe, reset, reuse and
//! travel in time; every row of `analyzer segments` is compared with tshark's fields, column by
//! column. `DIFFERENTIAL_CONVERSATIONS` says how many conversations to walk (default 600),
//! `DIFFERENTIAL_SEED` where to start. Walks that once found a difference stay as cases: their
//! segments in the library's segment tables, their seeds in [`KEPT`].
//! Without tshark 4.0 the test says so and compares nothing.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::print_stdout)]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

mod rng;
mod walk;
mod wire;

use rng::Rng;
use walk::Walk;

/// Conversations in one capture.
const PER_CAPTURE: usize = 100;

/// Seeds that are walked wherever the others start. While the rules were written, the walks of
/// 5 (a repeated SYN after a stray number; a handshake whose clock goes back) and of 2 (window
/// scales that one side offers alone) differed. A seed names its walk only as long as `walk.rs`
/// stays as it is, so what they found is kept in segment tables, too.
const KEPT: &[u64] = &[5, 2];

/// Column of `analyzer segments` and the tshark field it equals.
const COLUMNS: &[(&str, &str)] = &[
    ("frame", "frame.number"),
    ("stream", "tcp.stream"),
    ("seq", "tcp.seq"),
    ("ack", "tcp.ack"),
    ("len", "tcp.len"),
    ("next_seq", "tcp.nxtseq"),
    ("win", "tcp.window_size"),
    ("win_factor", "tcp.window_size_scalefactor"),
    ("completeness", "tcp.completeness"),
    ("stream_time", "tcp.time_relative"),
    ("stream_delta", "tcp.time_delta"),
    ("acks_frame", "tcp.analysis.acks_frame"),
    ("ack_rtt", "tcp.analysis.ack_rtt"),
    ("irtt", "tcp.analysis.initial_rtt"),
    ("in_flight", "tcp.analysis.bytes_in_flight"),
    ("push_sent", "tcp.analysis.push_bytes_sent"),
    ("dup_num", "tcp.analysis.duplicate_ack_num"),
    ("dup_frame", "tcp.analysis.duplicate_ack_frame"),
    ("rto", "tcp.analysis.rto"),
    ("rto_frame", "tcp.analysis.rto_frame"),
    ("info", "_ws.col.Info"),
];

const FLAGS: &str = "retransmission fast_retransmission spurious_retransmission out_of_order \
    reused_ports lost_segment ack_lost_segment window_update window_full keep_alive \
    keep_alive_ack zero_window_probe zero_window zero_window_probe_ack duplicate_ack tfo_syn \
    tfo_ack tfo_ignored";

/// A capture with `PER_CAPTURE` conversations, some of them interleaved.
fn capture(seed: u64) -> Vec<u8> {
    let mut rng = Rng(seed);
    let mut packets = Vec::new();
    let mut start = 0;
    for conversation in 0..PER_CAPTURE {
        let ports = [20_000 + conversation as u16, 40_000 + rng.below(3) as u16];
        let steps = 5 + rng.below(60);
        let mut walked = Walk::new(&mut rng, ports, start).run(&mut rng, steps);
        if !rng.one_in(4) {
            start = walked.last().map_or(start, |packet| packet.time + 1_000_000).max(0);
        }
        packets.append(&mut walked);
    }
    // Interleaved by time where conversations overlap; a stable sort would undo the jumps back
    // in time, so only whole runs are shuffled.
    if rng.one_in(2) {
        let mut queues: BTreeMap<u16, Vec<_>> = BTreeMap::new();
        for packet in packets.drain(..) {
            queues.entry(packet.ports[0] % 3).or_default().push(packet);
        }
        let mut queues: Vec<_> = queues.into_values().map(Vec::into_iter).collect();
        while !queues.is_empty() {
            let at = rng.below(queues.len());
            match queues[at].next() {
                Some(packet) => packets.push(packet),
                None => drop(queues.remove(at)),
            }
        }
    }
    wire::pcap(&packets)
}

/// Runs tshark on a capture; the rows as maps from our column names.
fn tshark_rows(path: &Path) -> Vec<BTreeMap<String, String>> {
    let mut command = Command::new("tshark");
    command.args(["-n", "-r"]).arg(path).args(["-T", "fields", "-E", "occurrence=f"]);
    for (_, field) in COLUMNS {
        command.args(["-e", field]);
    }
    for flag in FLAGS.split_whitespace() {
        command.args(["-e", &format!("tcp.analysis.{flag}")]);
    }
    let output = command.env("LC_ALL", "C.UTF-8").env("TZ", "UTC").output().expect("tshark runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.lines()
        .map(|line| {
            let cells: Vec<&str> = line.split('\t').collect();
            let mut row = BTreeMap::new();
            for ((name, _), cell) in COLUMNS.iter().zip(&cells) {
                row.insert((*name).to_string(), (*cell).to_string());
            }
            let flags = FLAGS.split_whitespace().zip(&cells[COLUMNS.len()..]);
            let mut set: Vec<_> = flags.filter(|(_, c)| !c.is_empty()).map(|(f, _)| f).collect();
            set.sort_unstable();
            row.insert("analysis".into(), set.join(","));
            row
        })
        .collect()
}

/// Runs the analyzer on a capture; the rows as maps from the header's names.
fn our_rows(path: &Path) -> Vec<BTreeMap<String, String>> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_analyzer"));
    let output = command.arg("segments").arg(path).args(["--format", "tsv"]).output();
    let output = output.expect("the analyzer runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next().expect("a header").split('\t').collect();
    lines
        .map(|line| {
            let mut row: BTreeMap<String, String> = header
                .iter()
                .zip(line.split('\t'))
                .map(|(name, cell)| ((*name).into(), if cell == "-" { "" } else { cell }.into()))
                .collect();
            let mut flags: Vec<&str> = row["analysis"].split(',').collect();
            flags.sort_unstable();
            let flags = flags.join(",");
            row.insert("analysis".into(), flags);
            row
        })
        .collect()
}

/// Differences of one seed, a line each.
fn differences(seed: u64) -> (usize, Vec<String>) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("walk.pcap");
    fs::write(&path, capture(seed)).expect("can be written");
    let (theirs, ours) = (tshark_rows(&path), our_rows(&path));
    let mut found = Vec::new();
    if theirs.len() != ours.len() {
        found.push(format!("seed {seed}: {} rows, tshark has {}", ours.len(), theirs.len()));
    }
    let names = COLUMNS.iter().map(|(name, _)| *name).chain(["analysis"]);
    for (their, our) in theirs.iter().zip(&ours) {
        for name in names.clone() {
            let (a, b) = (&their[name], our.get(name).map_or("<missing>", String::as_str));
            if a != b {
                let frame = &their["frame"];
                found.push(format!("seed {seed} frame {frame} {name}: tshark {a:?}, ours {b:?}"));
            }
        }
    }
    if let (false, Some(folder)) = (found.is_empty(), std::env::var_os("DIFFERENTIAL_KEEP")) {
        let kept = Path::new(&folder).join(format!("seed-{seed}.pcap"));
        fs::copy(&path, kept).expect("can be kept");
    }
    (theirs.len(), found)
}

fn has_tshark() -> bool {
    let version = Command::new("tshark").arg("--version").output();
    version.is_ok_and(|out| String::from_utf8_lossy(&out.stdout).contains("(Wireshark) 4.0."))
}

fn number(variable: &str, default: u64) -> u64 {
    std::env::var(variable).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

#[test]
fn random_walks_get_the_verdicts_that_tshark_gives() {
    if !has_tshark() {
        assert!(std::env::var_os("LAB_REQUIRED").is_none(), "tshark 4.0 is required here");
        println!("skipped: tshark 4.0 is not installed");
        return;
    }
    let start = number("DIFFERENTIAL_SEED", 1);
    let captures = number("DIFFERENTIAL_CONVERSATIONS", 600).div_ceil(PER_CAPTURE as u64);
    let mut wrong = Vec::new();
    let mut rows = 0;
    for seed in KEPT.iter().copied().chain(start..start + captures) {
        let (count, mut found) = differences(seed);
        rows += count;
        wrong.append(&mut found);
        if wrong.len() > 2000 {
            break;
        }
    }
    println!("{rows} rows compared");
    let shown = wrong.iter().take(40).cloned().collect::<Vec<_>>().join("\n");
    assert!(wrong.is_empty(), "{} cells differ:\n{shown}", wrong.len());
}
