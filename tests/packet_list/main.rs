//! The packet list against tshark's: captures that the test forges, byte by byte and always
//! the same, and the rows that tshark 4.0 printed for them.
//!
//! `NAME.tsv` beside this file is made by tshark only (`BLESS_TSHARK=1 cargo test -p analyzer
//! --test packet_list`), never by us. Where the installed tshark is another version, or none,
//! the stored rows are compared alone.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::print_stdout)]

mod captures;
mod conversations;
mod packets;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The columns of the packet list, as tshark names them.
const COLUMNS: &[&str] = &[
    "frame.number",
    "_ws.col.Time",
    "_ws.col.Source",
    "_ws.col.Destination",
    "_ws.col.Protocol",
    "_ws.col.Length",
    "_ws.col.Info",
];

/// Writes the capture where both programs can read it.
fn write_capture(name: &str, frames: &[packets::Stored]) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("packet-list-{name}.pcap"));
    fs::write(&path, packets::pcap(frames)).expect("the capture can be written");
    path
}

fn tshark(capture: &Path) -> Option<String> {
    let version = Command::new("tshark").arg("--version").output().ok()?;
    if !String::from_utf8_lossy(&version.stdout).contains("TShark (Wireshark) 4.0.") {
        return None;
    }
    let mut command = Command::new("tshark");
    command.arg("-n").arg("-r").arg(capture).args(["-T", "fields"]);
    for column in COLUMNS {
        command.args(["-e", column]);
    }
    let output = command.env("LC_ALL", "C.UTF-8").env("TZ", "UTC").output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

fn ours(capture: &Path) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_analyzer"))
        .args(["frames", "--format", "tsv"])
        .arg(capture)
        .output()
        .expect("the analyzer starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8_lossy(&output.stdout);
    let rows = text.lines().skip(1);
    rows.map(|row| row.split('\t').take(COLUMNS.len()).collect::<Vec<_>>().join("\t") + "\n")
        .collect()
}

/// An empty column, which we write as a dash.
fn without_dash(column: &str) -> &str {
    if column == "-" { "" } else { column }
}

/// Compares every row of a capture with tshark's.
fn compare(name: &str, frames: &[packets::Stored]) {
    let capture = write_capture(name, frames);
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../tests/packet_list")
        .join(format!("{name}.tsv"));
    let fresh = tshark(&capture);
    if let (Some(fresh), true) = (&fresh, std::env::var_os("BLESS_TSHARK").is_some()) {
        fs::write(&path, fresh).expect("can be written");
    }
    let stored = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(stored.lines().count(), frames.len(), "{}: run BLESS_TSHARK=1", path.display());
    match fresh {
        Some(fresh) => assert_eq!(stored, fresh, "the installed tshark answers differently"),
        None => println!("skipped in part: no tshark 4.0 here, compared with its stored rows"),
    }
    let ours = ours(&capture);
    assert_eq!(ours.lines().count(), frames.len());
    let differing: Vec<String> = stored
        .lines()
        .zip(ours.lines())
        .filter(|(theirs, ours)| !theirs.split('\t').eq(ours.split('\t').map(without_dash)))
        .map(|(theirs, ours)| format!("  tshark: {theirs}\n  ours:   {ours}"))
        .collect();
    assert!(differing.is_empty(), "{} rows differ:\n{}", differing.len(), differing.join("\n"));
}

#[test]
fn address_and_error_protocols() {
    compare("neighbours", &captures::neighbours());
}

#[test]
fn names_and_leases() {
    compare("names", &captures::names());
}

#[test]
fn frames_cut_at_every_length() {
    compare("cut", &captures::cut());
}

#[test]
fn http_in_any_pieces() {
    compare("http", &conversations::http());
}

#[test]
fn tls_and_what_is_none() {
    compare("tls", &conversations::tls());
}

#[test]
fn tiny_payloads_on_the_ports_of_a_lab() {
    compare("ports", &conversations::ports());
}

#[test]
fn segments_lost_repeated_and_out_of_order() {
    compare("order", &conversations::order());
}

#[test]
fn small_services_on_their_ports() {
    compare("services", &conversations::services());
}

#[test]
fn messages_cut_by_the_snaplen() {
    compare("snapped", &conversations::snapped());
}

#[test]
fn connections_that_go_on_in_another_protocol() {
    compare("upgrades", &conversations::upgrades());
}
