//! Pictures of Wireshark's packet list, graded by the program as a student would: honest ones are
//! clean whatever their look, and what was done to the others is found. The truth lies beside the
//! pictures; how they were made tells `fixtures/lab-parallel/pictures/README.md`.
//!
//! Skipped, with the reason, where the recogniser of text is not installed; `OCR_REQUIRED=1` makes
//! that a failure.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used
)]

use std::path::{Path, PathBuf};
use std::process::Command;

use analyzer::evidence::screenshot::PpOcr;
use serde_json::Value;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/lab-parallel")
}

/// Whether pictures can be read here.
fn is_possible() -> bool {
    let Err(error) = PpOcr::find(None) else { return true };
    let is_required = std::env::var_os("OCR_REQUIRED").is_some_and(|value| value == "1");
    assert!(!is_required, "OCR_REQUIRED=1, but {error}");
    eprintln!("skipped: {error}");
    false
}

/// What the program says about a picture, held against the capture.
fn grade(picture: &str) -> Value {
    let output = Command::new(env!("CARGO_BIN_EXE_analyzer"))
        .args(["grade", "--format", "json", "--pcap"])
        .arg(folder().join("capture.pcapng"))
        .arg("--evidence")
        .arg(folder().join("pictures").join(picture))
        .output()
        .expect("the analyzer runs");
    let text = String::from_utf8_lossy(&output.stderr);
    let report: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{picture}: {error}: {text}"));
    report["evidence"][0].clone()
}

/// Cells with a verdict, as frame and column.
fn cells(piece: &Value, verdicts: &[&str]) -> Vec<(u64, String)> {
    let rows = piece["rows"].as_array().expect("rows");
    let cells = rows.iter().flat_map(|row| {
        let cells = row["cells"].as_array().expect("cells");
        cells.iter().map(move |cell| (row["frame"].as_u64().unwrap_or(0), cell))
    });
    cells
        .filter(|(_, cell)| cell["verdict"].as_str().is_some_and(|v| verdicts.contains(&v)))
        .map(|(frame, cell)| (frame, cell["column"].as_str().unwrap_or_default().to_owned()))
        .collect()
}

/// Holds what was said against the truth.
fn check(truth: &Value) {
    let file = truth["file"].as_str().expect("a file");
    let piece = grade(file);
    let differing = cells(&piece, &["mismatch", "suspect"]);
    let frames: Vec<Value> =
        piece["rows"].as_array().expect("rows").iter().map(|row| row["frame"].clone()).collect();
    let findings = &piece["list_findings"];
    let shows = truth["shows"].as_str().expect("what it shows");
    if shows == "another run" {
        assert_eq!(piece["source"], "another-run", "{file}: {piece:#}");
        return;
    }
    assert_eq!(piece["source"], "this-capture", "{file}: {piece:#}");
    assert_eq!(Value::from(frames), truth["frames"], "{file}");
    let unreadable = cells(&piece, &["unreadable"]).len();
    assert!(unreadable <= 4, "{file}: {unreadable} cells could not be read");
    let edited: Vec<(u64, String)> = truth["edited"]
        .as_array()
        .map(|edited| (edited[0].as_u64().unwrap_or(0), edited[1].as_str().unwrap_or("").into()))
        .into_iter()
        .collect();
    assert_eq!(differing, edited, "{file}: {piece:#}");
    match truth["removed"].as_u64() {
        Some(removed) => {
            assert_eq!(findings[0]["kind"], "removed", "{file}: {findings}");
            assert_eq!(findings[0]["frames"], serde_json::json!([removed]), "{file}");
        }
        None => assert_eq!(findings, &serde_json::json!([]), "{file}"),
    }
    if truth["panes"].is_object() {
        check_panes(file, &piece, &truth["panes"]);
    }
}

/// Holds what was said of the lower panes against the truth.
fn check_panes(file: &str, piece: &Value, panes: &Value) {
    let (details, bytes) = (&piece["details"], &piece["bytes"]);
    for (of, equal) in [(details, &panes["details"]), (bytes, &panes["bytes"])] {
        assert_eq!(of["frame"], panes["frame"], "{file}: {of:#}");
        assert_eq!(&of["equal"], equal, "{file}: {of:#}");
    }
    let lines = details["differing"].as_array().expect("lines");
    let offsets = bytes["differing"].as_array().expect("bytes");
    let offsets: Vec<&Value> = offsets.iter().map(|byte| &byte["offset"]).collect();
    match panes["line"].as_str() {
        Some(line) => {
            assert_eq!(lines.len(), 1, "{file}: {details:#}");
            let seen = lines[0]["seen"].as_str().expect("a line");
            assert!(seen.ends_with(line), "{file}: {seen}");
            assert_eq!(offsets, [&panes["offset"]], "{file}: {bytes:#}");
            let kinds = piece["contradictions"].as_array().expect("contradictions");
            assert!(kinds.iter().any(|found| found["kind"] == "details-and-frame"), "{piece:#}");
        }
        None => assert!(lines.is_empty() && offsets.is_empty(), "{file}: {details:#} {bytes:#}"),
    }
}

#[test]
fn a_page_shows_the_piece_of_the_picture_that_is_wrong() {
    if !is_possible() {
        return;
    }
    let place = tempfile::tempdir().expect("a folder");
    let out = place.path().join("page.html");
    let pages = ["edited-port.png", "edited-panes.png", "plain.png"].map(|picture| {
        let status = Command::new(env!("CARGO_BIN_EXE_analyzer"))
            .args(["grade", "--format", "html", "--pcap"])
            .arg(folder().join("capture.pcapng"))
            .arg("--evidence")
            .arg(folder().join("pictures").join(picture))
            .arg("-o")
            .arg(&out)
            .status()
            .expect("the analyzer runs");
        assert_eq!(status.code(), Some(i32::from(picture != "plain.png")));
        std::fs::read_to_string(&out).expect("a page")
    });
    let crops = pages.each_ref().map(|page| page.matches("data:image/").count());
    assert_eq!(crops, [1, 2, 0]);
    let [_, panes, _] = pages;
    assert!(panes.contains("bytes pane, line "), "the line is one of the pane");
}

#[test]
fn pictures_show_what_their_truth_says() {
    let text = std::fs::read_to_string(folder().join("pictures/truth.json")).expect("the truth");
    let truths: Vec<Value> = serde_json::from_str(&text).expect("a list");
    assert!(truths.len() >= 9, "a picture is missing");
    if is_possible() {
        // Two at a time: the recogniser uses all cores, the rest of a reading one.
        let (some, others) = truths.split_at(truths.len() / 2);
        std::thread::scope(|scope| {
            scope.spawn(|| some.iter().for_each(check));
            others.iter().for_each(check);
        });
    }
}
