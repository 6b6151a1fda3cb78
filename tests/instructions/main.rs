//! The instructions that a frame costs, command by command: a regression shows here however
//! noisy the machine is.
//!
//! `INSTRUCTIONS=1 cargo test -p generator --test instructions` builds the release, counts with
//! valgrind over 200,000 frames of `generator traffic many`, takes off what starting costs, and
//! compares with `counts.toml` beside this file. With `BLESS=1` as well it writes them there.
//! The counts depend on the compiler, so the file has a table for each version that was
//! measured; with any other version nothing is compared, and the test says so.

#![allow(clippy::expect_used, clippy::panic)]

#[path = "../support/callgrind.rs"]
mod callgrind;

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::io::{Write, stderr};
use std::path::{Path, PathBuf};
use std::process::Command;

const FRAMES: u64 = 200_000;
/// How far a count may be from the one in the file.
const TOLERANCE: f64 = 0.03;

/// Each command by its name in the file. One thread: the scheduling of two is not the same twice.
const COMMANDS: [(&str, &[&str]); 4] = [
    ("report", &["report", "--top", "100", "--format", "json"]),
    ("segments", &["segments", "--format", "tsv"]),
    ("conversations", &["conversations", "--format", "tsv"]),
    ("filter", &["segments", "--count", "-Y", "tcp.port == 443 && tcp.analysis.retransmission"]),
];

/// Instructions per frame by command, by version of the compiler.
type Counts = BTreeMap<String, BTreeMap<String, u64>>;

#[test]
fn a_frame_costs_what_it_did() {
    if env::var_os("INSTRUCTIONS").is_none() {
        return say("skipped: instructions are counted with INSTRUCTIONS=1 only");
    }
    if Command::new("valgrind").arg("--version").output().is_err() {
        let is_required = env::var_os("LAB_REQUIRED").is_some()
            || env::var("CI").is_ok_and(|value| value == "true");
        assert!(!is_required, "nothing may be skipped here: valgrind is not installed");
        return say("skipped: valgrind is not installed, so no instructions were counted");
    }
    let programs = build();
    let found = count(&programs);
    let compiler = compiler();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/instructions/counts.toml");
    let mut counts = read(&path);
    if env::var_os("BLESS").is_some_and(|value| !value.is_empty()) {
        counts.insert(compiler, found);
        return write(&path, &counts);
    }
    let Some(expected) = counts.get(&compiler) else {
        return say(&format!(
            "NOT COMPARED: {} has no counts for {compiler}; today's are {found:?}. Count on the \
             last commit that is known to be good, with BLESS=1 as well, to have them there",
            path.display()
        ));
    };
    compare(expected, &found);
}

fn compare(expected: &BTreeMap<String, u64>, found: &BTreeMap<String, u64>) {
    let mut wrong = Vec::new();
    for (name, &count) in found {
        let Some(&known) = expected.get(name) else {
            wrong.push(format!("{name}: {count}, and nothing in the file"));
            continue;
        };
        let change = count as f64 / known as f64 - 1.0;
        say(&format!("{name}: {count} instructions per frame, {:+.1} %", change * 100.0));
        if change.abs() > TOLERANCE {
            wrong.push(format!("{name}: {count} instructions per frame, {known} in the file"));
        }
    }
    assert!(
        wrong.is_empty(),
        "more than {} % off (if that is meant, keep it: INSTRUCTIONS=1 BLESS=1):\n{}",
        TOLERANCE * 100.0,
        wrong.join("\n")
    );
}

/// Builds the release, all of it: one package alone may get other features. Returns its folder.
fn build() -> PathBuf {
    let debug = Path::new(env!("CARGO_BIN_EXE_generator"));
    let target = debug.ancestors().nth(2).expect("target/debug/generator");
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo)
        .args(["build", "--release", "--locked", "--quiet", "--target-dir"])
        .arg(target)
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(".."))
        .status()
        .expect("cargo starts");
    assert!(status.success(), "the release does not build");
    target.join("release")
}

/// Instructions per frame of each command, without those of a capture that has none.
fn count(programs: &Path) -> BTreeMap<String, u64> {
    let folder = tempfile::tempdir().expect("a folder");
    let make = |name: &str, frames: u64| {
        let path = folder.path().join(name);
        let made = Command::new(programs.join("generator"))
            .args(["traffic", "many", "--max-frames", &frames.to_string(), "-o"])
            .arg(&path)
            .output()
            .expect("the generator starts");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        path
    };
    let (many, nothing) = (make("many.pcap", FRAMES), make("nothing.pcap", 0));
    let run = |arguments: &[&str], capture: &Path| {
        let mut command = Command::new(programs.join("analyzer"));
        command.args(arguments).args(["--threads", "1"]).arg(capture);
        let counted = callgrind::instructions(&mut command);
        counted.unwrap_or_else(|error| panic!("{arguments:?}: {error}")).expect("valgrind")
    };
    let per_frame =
        |arguments: &[&str]| (run(arguments, &many) - run(arguments, &nothing)) / FRAMES;
    COMMANDS.iter().map(|(name, arguments)| ((*name).to_owned(), per_frame(arguments))).collect()
}

/// `rustc 1.95.0 x86_64`.
fn compiler() -> String {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc).arg("--version").output().expect("rustc starts");
    let text = String::from_utf8_lossy(&output.stdout);
    let version = text.split_ascii_whitespace().nth(1).expect("a version");
    format!("rustc {version} {}", env::consts::ARCH)
}

fn read(path: &Path) -> Counts {
    let text = fs::read_to_string(path).expect("the file of counts");
    toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn write(path: &Path, counts: &Counts) {
    let head = "# Instructions per frame, net of start-up, on 200,000 frames of\n\
        # `generator traffic many`. Written by\n\
        # INSTRUCTIONS=1 BLESS=1 cargo test -p generator --test instructions\n\n";
    let text = toml::to_string(counts).expect("numbers and names");
    fs::write(path, format!("{head}{text}")).expect("can be written");
}

/// Says something that a test that passes says, too.
fn say(text: &str) {
    let _ = writeln!(stderr(), "instructions: {text}");
}
