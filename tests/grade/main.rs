//! The command `analyzer grade` on packet lists as people hand them in.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::print_stdout)]

mod class;
mod frame_bytes;
mod lab;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures")
}

/// Every fixture's capture.
fn captures() -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(fixtures()).expect("the fixtures") {
        let folder = entry.expect("an entry").path();
        found.extend(
            ["capture.pcap", "capture.pcapng"]
                .map(|name| folder.join(name))
                .into_iter()
                .filter(|path| path.exists()),
        );
    }
    assert!(found.len() > 20, "the fixtures were not found");
    found.sort();
    found
}

fn capture(name: &str) -> PathBuf {
    fixtures().join(name).join("capture.pcapng")
}

fn analyzer(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_analyzer")).args(args).output().expect("the program")
}

fn path(path: &Path) -> &str {
    path.to_str().expect("UTF-8")
}

/// The packet list of a capture as text.
fn list(capture: &Path, format: &str, cut: Option<usize>) -> String {
    let output = analyzer(&["frames", path(capture), "--two-pass", "--format", format]);
    let text = String::from_utf8(output.stdout).expect("text");
    let cut = cut.unwrap_or(usize::MAX);
    text.lines().map(|line| line.chars().take(cut).collect::<String>() + "\n").collect()
}

/// Grades a text against a capture: exit code and JSON.
fn grade(captures: &[&Path], text: &str) -> (i32, Value) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("evidence.txt");
    fs::write(&file, text).expect("written");
    let mut args = vec!["grade", "--evidence", path(&file), "--format", "json"];
    for capture in captures {
        args.extend(["--pcap", path(capture)]);
    }
    let output = analyzer(&args);
    let code = output.status.code().expect("an exit code");
    let told = String::from_utf8_lossy(&output.stderr);
    let json = serde_json::from_slice(&output.stdout);
    (code, json.unwrap_or_else(|error| panic!("{error}: {told}")))
}

#[test]
fn an_honest_list_holds_in_every_format() {
    for capture in captures() {
        for (format, cut) in [("table", None), ("table", Some(92)), ("tsv", None), ("csv", None)] {
            let (code, json) = grade(&[&capture], &list(&capture, format, cut));
            let place = format!("{} as {format}, cut at {cut:?}", capture.display());
            assert_eq!(code, 0, "{place}: {json:#}");
            let piece = &json["evidence"][0];
            assert_eq!(piece["kind"], "packet-list", "{place}");
            assert_eq!(piece["source"], "this-capture", "{place}");
            assert!(!piece["rows"].as_array().expect("rows").is_empty(), "{place}");
        }
    }
}

#[test]
fn an_edited_cell_is_shown_with_what_the_capture_has() {
    let capture = capture("lab-parallel");
    let honest = list(&capture, "tsv", None);
    let edited = honest.replacen("\tTCP\t133\t", "\tTCP\t138\t", 1);
    assert_ne!(honest, edited, "the list has such a row");
    let (code, json) = grade(&[&capture], &edited);
    assert_eq!(code, 1);
    let rows = json["evidence"][0]["rows"].as_array().expect("rows");
    let wrong: Vec<&Value> = rows
        .iter()
        .flat_map(|row| row["cells"].as_array().expect("cells"))
        .filter(|cell| cell["verdict"] == "mismatch")
        .collect();
    assert_eq!(wrong.len(), 1, "{wrong:?}");
    let found = ["column", "seen", "expected"].map(|key| wrong[0][key].as_str());
    assert_eq!(found, [Some("length"), Some("138"), Some("133")]);
}

#[test]
fn of_several_captures_the_one_that_a_list_shows_is_named() {
    let (one, other) = (capture("lab-echo"), capture("lab-parallel"));
    let (code, json) = grade(&[&one, &other], &list(&other, "tsv", None));
    assert_eq!(code, 0);
    assert_eq!(json["evidence"][0]["capture"], path(&other));
    let (code, json) = grade(&[&one], &list(&other, "tsv", None));
    assert_eq!(code, 1);
    assert_eq!(json["evidence"][0]["source"], "another-capture", "other ports");
}

#[test]
fn what_cannot_be_graded_is_an_error_with_a_reason() {
    let folder = tempfile::tempdir().expect("a folder");
    let large = folder.path().join("large.txt");
    fs::File::create(&large).expect("a file").set_len(200 << 20).expect("room");
    let missing = folder.path().join("missing.txt");
    for (evidence, word) in [(&large, "more than 16 MiB"), (&missing, "No such file")] {
        let output = analyzer(&["grade", "--evidence", path(evidence)]);
        let told = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{told}");
        assert!(told.contains(word) && told.contains(path(evidence)), "{told}");
    }
}

/// What the programs of `lab-parallel` printed.
const SERVER_LOG: &str = "\
mesin1$ generator server --bind 0.0.0.0:32444 --mode threads
INFO:root:starting up on ('0.0.0.0', 32444)
INFO:root:waiting for a connection
INFO:root:connection from ('172.16.16.102', 37024)
INFO:root:connection from ('172.16.16.103', 53456)
INFO:root:received b'INI ADALAH DATA YANG DIKIRIM ABC'
INFO:root:sending back data
INFO:root:received b'Ini adalah isi file dari client.'
INFO:root:sending back data
INFO:root:received b'\\nFile ini akan dikirim via socke'
INFO:root:sending back data
INFO:root:received b't.\\n'
INFO:root:sending back data
INFO:root:received b''
INFO:root:received b''
INFO:root:closing
";
const CLIENT_LOG: &str = "\
mesin3$ generator client --to 172.16.16.101:32444 --message 'INI ADALAH DATA YANG DIKIRIM ABC'
INFO:root:connecting to ('172.16.16.101', 32444)
INFO:root:sending INI ADALAH DATA YANG DIKIRIM ABC
INFO:root:b'INI ADALAH DATA YANG DIKIRIM ABC'
INFO:root:closing
";

#[test]
fn logs_of_clients_that_were_served_side_by_side_are_not_held_against_one_of_them() {
    let capture = capture("lab-parallel");
    for log in [SERVER_LOG, CLIENT_LOG] {
        let (code, json) = grade(&[&capture], log);
        assert_eq!(code, 0, "{json:#}");
        assert_eq!(json["evidence"][0]["kind"], "terminal-log", "{json:#}");
    }
}

#[test]
fn a_log_of_another_run_is_told_by_its_port() {
    let log = SERVER_LOG.replace("37024", "41414");
    let (code, json) = grade(&[&capture("lab-parallel")], &log);
    assert_eq!(code, 1);
    assert_eq!(json["evidence"][0]["source"], "another-run", "{json:#}");
}
