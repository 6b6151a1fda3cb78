//! Snapshots of every fixture: the same capture gives the same text, the text gives the same
//! snapshot, and nothing differs from itself. And what `analyzer diff` prints.
//!
//! `BLESS=1 cargo test -p analyzer --test snapshot` rewrites `tests/snapshot/expected` and the
//! snapshots of the fixtures; read the difference before you commit it.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::print_stdout)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use analyzer::snapshot::{self, Level, Rules, Snapshot};

/// The captures of the fixtures, by name.
fn fixtures() -> Vec<(String, PathBuf)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace");
    let mut found = Vec::new();
    for entry in fs::read_dir(root.join("fixtures")).expect("the fixtures") {
        let folder = entry.expect("a readable entry").path();
        let capture = folder.join("capture.pcapng");
        if capture.exists() {
            let name = folder.file_name().expect("a name").to_string_lossy().into_owned();
            found.push((name, capture));
        }
    }
    found.sort();
    assert!(found.len() >= 20, "only {} fixtures", found.len());
    found
}

fn snapshot_of(path: &Path) -> Snapshot {
    let mut capture = analyzer::source::open(path).expect("a capture");
    let (snapshot, damage) = Snapshot::of(&path.display().to_string(), &mut *capture);
    assert!(damage.is_none(), "{}: {damage:?}", path.display());
    snapshot
}

#[test]
fn a_snapshot_is_the_same_as_itself_and_as_its_text() {
    for (name, capture) in fixtures() {
        let snapshot = snapshot_of(&capture);
        let text = snapshot.to_json();
        assert_eq!(text, snapshot_of(&capture).to_json(), "{name}");
        let read = Snapshot::from_json(&text).expect(&name);
        assert_eq!(read, snapshot, "{name}");
        for level in [Level::Segments, Level::Behaviour] {
            let rules = Rules { level, ..Rules::default() };
            let differences = snapshot::compare(&read, &snapshot, &rules);
            assert!(differences.is_empty(), "{name}: {differences:?}");
        }
    }
}

#[test]
fn no_two_fixtures_are_the_same() {
    let all: Vec<(String, Snapshot)> =
        fixtures().into_iter().map(|(name, path)| (name, snapshot_of(&path))).collect();
    for (at, (one, was)) in all.iter().enumerate() {
        for (other, now) in all.iter().skip(at + 1) {
            let differences = snapshot::compare(was, now, &Rules::default());
            assert!(!differences.is_empty(), "{one} and {other}");
            let told = &differences[0].sentence;
            assert!(!told.is_empty() && !told.ends_with('.'), "{one} and {other}: {told}");
        }
    }
}

#[test]
fn what_is_no_snapshot_is_told_with_its_place() {
    let error =
        Snapshot::from_json("{\n  \"version\": 1,\n  \"frame\": 3\n}").expect_err("no snapshot");
    assert!(error.to_string().contains("line 3"), "{error}");
    let error = Snapshot::from_json("{\"version\": 7}").expect_err("another version");
    assert!(error.to_string().contains("version 7"), "{error}");
}

/// Compares with the kept text, or keeps it.
fn assert_kept(path: &Path, actual: &str) {
    if std::env::var_os("BLESS").is_some_and(|value| !value.is_empty()) {
        fs::write(path, actual).expect("can be written");
        return;
    }
    let expected = fs::read_to_string(path).unwrap_or_default();
    let differs = expected.lines().zip(actual.lines()).find(|(one, other)| one != other);
    assert!(expected == actual, "{}: first difference: {differs:?}", path.display());
}

/// A kept output of `analyzer diff`.
fn kept(file: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace");
    root.join("tests/snapshot/expected").join(file)
}

#[test]
fn the_text_of_a_snapshot_is_the_one_beside_its_capture() {
    for (_, capture) in fixtures() {
        let beside = capture.with_file_name("snapshot.json");
        assert_kept(&beside, &snapshot_of(&capture).to_json());
    }
}

/// Runs `analyzer diff` among the fixtures.
fn diff(arguments: &[&str]) -> (Option<i32>, String, String) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace");
    let output = Command::new(env!("CARGO_BIN_EXE_analyzer"))
        .arg("diff")
        .args(arguments)
        .current_dir(root.join("fixtures"))
        .output()
        .expect("the analyzer starts");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

#[test]
fn differences_are_told_as_they_are_kept() {
    let cases: &[(&str, &[&str], i32)] = &[
        ("same", &["lab-file/capture.pcapng", "lab-file/capture.pcapng"], 0),
        ("close", &["half-close/capture.pcapng", "reset-after-fin/capture.pcapng"], 1),
        ("hold", &["lab-file/capture.pcapng", "lab-hold/capture.pcapng"], 1),
        (
            "hold-by-segments",
            &["lab-file/capture.pcapng", "lab-hold/capture.pcapng", "--level", "segments"],
            1,
        ),
        ("parallel", &["lab-parallel/capture.pcapng", "lab-file/capture.pcapng"], 1),
        (
            "within",
            &["lab-file/capture.pcapng", "lab-hold/capture.pcapng", "--within", "time=5s"],
            0,
        ),
        (
            "one-of",
            &[
                "half-close/capture.pcapng",
                "reset-after-fin/capture.pcapng",
                "--one-of",
                "ending=half_closed,reset",
                "--group",
                "retransmission,duplicate_ack",
            ],
            1,
        ),
    ];
    for (name, arguments, code) in cases {
        let (actual, text, stderr) = diff(arguments);
        assert_eq!(actual, Some(*code), "{name}: {text}{stderr}");
        assert_kept(&kept(&format!("diff-{name}.txt")), &text);
        let (_, json, _) = diff(&[arguments, &["--format", "json"][..]].concat());
        if *name != "within" {
            assert_kept(&kept(&format!("diff-{name}.json")), &json);
        }
        let value: serde_json::Value = serde_json::from_str(&json).expect("JSON");
        assert_eq!(value["same"], *code == 0, "{name}");
    }
}

#[test]
fn what_cannot_be_compared_is_an_error() {
    let file = "lab-file/capture.pcapng";
    let cases: &[(&[&str], &str)] = &[
        (&[file, "no-such-file"], "no-such-file"),
        (&[file, "lab-file/README.md"], "README.md"),
        (&[file, file, "--ignore", "windows"], "no field has this name"),
        (&[file, file, "--within", "flags=1"], "is no number"),
        (&[file, file, "--within", "time=fast"], "is no tolerance"),
        (&[file, file, "--one-of", "ending"], "FIELD=VALUE"),
        (&[file, file, "--group", "duplicate_ack,late"], "unknown variant `late`"),
        (&["-", "-"], "not both"),
    ];
    for (arguments, wanted) in cases {
        let (code, _, stderr) = diff(arguments);
        assert_eq!(code, Some(2), "{arguments:?}: {stderr}");
        assert!(stderr.contains(wanted), "{arguments:?}: {stderr}");
    }
}
