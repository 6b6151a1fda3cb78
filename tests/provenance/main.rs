//! Captures of one recording are recognised whatever was done to them, and captures of two runs
//! never are; a changed capture shows it, and an untouched one does not.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::print_stdout)]

#[path = "../support/records.rs"]
mod records;

use std::path::{Path, PathBuf};

use analyzer::provenance::{Relation, SignKind, Trace, compare, examine, shared_pairs};
use records::{Record, records};

/// Captures of runs that were really made, each a run of its own.
const RUNS: [&str; 8] = [
    "lab-echo",
    "lab-file",
    "lab-hold",
    "lab-parallel",
    "task-1-mesin1",
    "task-2-echo",
    "task-3-file",
    "task-4-parallel",
];

/// A name, and what it does to a recording.
type Disguise = (&'static str, fn(&mut Vec<Record>));

/// Ways to make a capture look like another one.
const DISGUISES: [Disguise; 10] = [
    ("nothing", |_| {}),
    ("time shift", |all| all.iter_mut().for_each(|r| r.time += 86_400_123_456_789)),
    ("cut head", |all| drop(all.drain(..all.len() / 3))),
    ("cut tail", |all| all.truncate(all.len() / 2)),
    ("snaplen", |all| all.iter_mut().for_each(|r| r.cut(60))),
    ("addresses", |all| all.iter_mut().filter(|r| r.is_tcp()).for_each(|r| r.move_address(40))),
    ("ports", |all| all.iter_mut().filter(|r| r.is_tcp()).for_each(|r| r.move_ports(777))),
    ("sequence numbers", |all| {
        all.iter_mut().filter(|r| r.is_tcp()).for_each(|r| r.move_sequence(0x1234_5678));
    }),
    ("filter", |all| all.retain(|r| r.is_tcp() && r.wire_len > 66)),
    ("everything", |all| {
        all.drain(..2);
        for record in all.iter_mut().filter(|r| r.is_tcp()) {
            record.time += 3_600_000_000_000;
            record.move_address(9);
            record.move_ports(3);
            record.move_sequence(99_999);
        }
    }),
];

/// Where the fixture of a name is.
fn fixture(name: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a workspace");
    root.join("fixtures").join(name).join("capture.pcapng")
}

/// The trace of records, through a file.
fn trace_of(records: &[Record], is_pcap: bool) -> Trace {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(if is_pcap { "capture.pcap" } else { "capture.pcapng" });
    records::write(records, &path, is_pcap);
    Trace::read(&path).expect("a capture")
}

#[test]
fn a_disguised_capture_is_recognised() {
    for name in RUNS {
        let original = records(&fixture(name));
        let one = trace_of(&original, false);
        for (disguise, change) in DISGUISES {
            for is_pcap in [false, true] {
                let mut changed = original.clone();
                change(&mut changed);
                let pair = compare(&one, &trace_of(&changed, is_pcap));
                let pair = pair.unwrap_or_else(|| panic!("{name}: {disguise} hides it"));
                assert!(pair.similarity > 0.4, "{name}, {disguise}: {pair:?}");
                assert_eq!(pair.relation, Relation::OneRecording, "{name}, {disguise}: {pair:?}");
                assert!(!pair.traits.is_empty() && !pair.traits[0].examples.is_empty());
            }
        }
    }
}

#[test]
fn two_runs_are_never_named() {
    let traces: Vec<Trace> =
        RUNS.iter().map(|name| Trace::read(&fixture(name)).expect("a capture")).collect();
    assert_eq!(shared_pairs(&traces), []);
}

#[test]
fn two_recorders_of_one_run_are_told_from_one_recording() {
    let original = records(&fixture("lab-echo"));
    let mut elsewhere = original.clone();
    for (at, record) in elsewhere.iter_mut().enumerate() {
        record.time += 4_000 + (at as i64 * 7_919) % 23_000;
    }
    let pair = compare(&trace_of(&original, false), &trace_of(&elsewhere, false)).expect("one run");
    assert_eq!(pair.relation, Relation::OneRun, "{pair:?}");
}

#[test]
fn a_pair_shows_frames_and_values() {
    let original = records(&fixture("task-2-echo"));
    let mut later = original.clone();
    later.drain(..1);
    later.iter_mut().for_each(|record| record.time += 5_000_000_000);
    let pair = compare(&trace_of(&original, false), &trace_of(&later, false)).expect("a pair");
    assert!((pair.time_shift - 5.0).abs() < 1e-6);
    let example = &pair.traits[0].examples[0];
    assert_eq!(example.other_frame + 1, example.frame, "{example:?}");
    assert!(pair.why.contains("shifted by 5.000000 s"), "{}", pair.why);
}

#[test]
fn an_untouched_capture_has_no_signs() {
    for name in RUNS {
        let signs = examine(&Trace::read(&fixture(name)).expect("a capture"));
        assert_eq!(signs, [], "{name}");
    }
}

#[test]
fn changes_leave_signs_at_their_frames() {
    let original = records(&fixture("lab-parallel"));
    let data = original.len() / 2;
    let kinds = |all: &[Record]| -> Vec<(SignKind, Vec<u64>)> {
        examine(&trace_of(all, false)).into_iter().map(|sign| (sign.kind, sign.frames)).collect()
    };

    let mut earlier = original.clone();
    earlier[data].time -= 700_000_000;
    let found = kinds(&earlier);
    let number = data as u64 + 1;
    assert!(found.contains(&(SignKind::Clock, vec![number])), "{found:?}");
    assert!(found.contains(&(SignKind::TimeOrder, vec![number])), "{found:?}");

    let mut gone = original.clone();
    gone.remove(data);
    let found = kinds(&gone);
    assert!(found.iter().any(|(kind, _)| *kind == SignKind::IpIdGap), "{found:?}");

    let mut moved = original;
    moved.iter_mut().filter(|r| r.is_tcp()).for_each(|r| r.move_address(40));
    let found = kinds(&moved);
    assert!(found.iter().any(|(kind, _)| *kind == SignKind::Checksum), "{found:?}");
}

/// What the observations are worth, on other people's captures when they lie beside the
/// repository. Most that have signs were merged, filtered or sanitized, and their files say so.
#[test]
fn other_peoples_captures_are_read_without_a_fault() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpus/dev");
    let Ok(folder) = std::fs::read_dir(root.join("captures")) else { return };
    let (mut traces, mut with_signs) = (Vec::new(), 0);
    for entry in folder {
        let path = entry.expect("an entry").path();
        let Ok(trace) = Trace::read(&path) else { continue };
        if trace.is_empty() {
            continue;
        }
        let signs = examine(&trace);
        with_signs += usize::from(!signs.is_empty());
        for sign in &signs {
            println!("{}: {:?}: {}", path.display(), sign.kind, sign.what);
        }
        traces.push(trace);
    }
    for pair in shared_pairs(&traces) {
        println!("{} ~ {}: {:.2} {}", pair.file, pair.other_file, pair.similarity, pair.why);
    }
    println!("{} captures with TCP, {with_signs} with signs", traces.len());
    assert!(traces.is_empty() || with_signs * 4 < traces.len());
}
