//! Snapshots of every fixture: the same capture gives the same text, the text gives the same
//! snapshot, and nothing differs from itself.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::print_stdout)]

use std::fs;
use std::path::{Path, PathBuf};

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
