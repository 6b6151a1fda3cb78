//! A lab's manifest against captures of its run: the real one, and runs that went wrong.

use std::fs::{self, File};
use std::path::Path;

use analyzer::source::{self, write::PcapWriter};
use analyzer::time::TimePrecision;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{check, is_golden, root, text};

/// The run, with its manifest changed and some frames left out.
fn run(change: impl FnOnce(&mut Value), without: &[u64]) -> TempDir {
    let place = TempDir::new().expect("a folder");
    let original = root().join("tests/check/run");
    let manifest = fs::read_to_string(original.join("run.json")).expect("a manifest");
    let mut manifest: Value = serde_json::from_str(&manifest).expect("JSON");
    change(&mut manifest);
    fs::write(place.path().join("run.json"), manifest.to_string()).expect("a file");
    let capture = "mesin1-eth1.pcapng";
    cut(&original.join(capture), &place.path().join(capture), without);
    place
}

fn cut(from: &Path, to: &Path, without: &[u64]) {
    let mut capture = source::open(from).expect("a capture");
    let out = File::create(to).expect("a file");
    let mut writer: Option<PcapWriter<File>> = None;
    let mut out = Some(out);
    while let Some(frame) = capture.next().expect("a readable capture") {
        let writer = writer.get_or_insert_with(|| {
            let out = out.take().expect("one writer");
            PcapWriter::new(out, frame.link_type, 0x4_0000, TimePrecision::NANOS).expect("a file")
        });
        if !without.contains(&frame.number.0) {
            writer.write(&frame).expect("a frame");
        }
    }
    writer.expect("frames").finish().expect("a file");
}

#[test]
fn the_run_of_a_lab_is_a_case() {
    let place = run(|_| {}, &[]);
    let output = check(place.path(), &["."]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stdout));
    let arguments = ["--manifest", "run.json", "mesin1-eth1.pcapng"];
    assert_eq!(check(place.path(), &arguments).status.code(), Some(0));
}

#[test]
fn what_went_wrong_is_told_with_who_lost_it() {
    const OTHER: &str = "0000000000000000000000000000000000000000000000000000000000000000";
    type Change = fn(&mut Value);
    let changes: [(&str, Change, &[u64]); 8] = [
        (
            "the client sent something else",
            |run| {
                run["connections"][0]["at_client"]["sha256_sent"] = json!(OTHER);
            },
            &[],
        ),
        (
            "the server read less than was sent",
            |run| {
                run["connections"][0]["at_server"]["bytes_received"] = json!(32);
            },
            &[],
        ),
        ("the capture lost the client's data", |_| {}, &[6]),
        ("the capture lost half of the answer", |_| {}, &[8]),
        (
            "the server says that it reset",
            |run| {
                run["connections"][0]["at_server"]["close"]["local"] = json!("rst");
            },
            &[],
        ),
        (
            "both say that the server closed first",
            |run| {
                for end in ["at_client", "at_server"] {
                    run["connections"][0][end]["close"]["first"] = json!("server");
                }
            },
            &[],
        ),
        (
            "another connection was made",
            |run| {
                let mut other = run["connections"][0].clone();
                other["client"] = json!("172.16.16.103:40000");
                run["connections"].as_array_mut().expect("connections").push(other);
            },
            &[],
        ),
        (
            "no program tells of the connection",
            |run| {
                run["connections"] = json!([]);
            },
            &[],
        ),
    ];
    let mut told = String::new();
    for (name, change, without) in changes {
        let place = run(change, without);
        let output = check(place.path(), &["."]);
        assert_eq!(output.status.code(), Some(1), "{name}: {}", text(&output.stdout));
        told.push_str(&format!("## {name}\n{}\n", text(&output.stdout)));
    }
    is_golden("manifest.txt", &told);
}

#[test]
fn a_manifest_that_is_none_is_told_with_its_place() {
    let cases = [
        ("{\"version\": 2, \"connections\": []}", "version is 2"),
        ("{\"version\": 1}", "missing field `connections`"),
        ("[1,", "line 1 column"),
        ("", "EOF"),
    ];
    for (content, expected) in cases {
        let place = run(|_| {}, &[]);
        fs::write(place.path().join("run.json"), content).expect("a file");
        let output = check(place.path(), &["."]);
        assert_eq!(output.status.code(), Some(2), "{content}");
        assert!(text(&output.stdout).contains(expected), "{content}: {}", text(&output.stdout));
    }
}
