//! The analyzer at the command line: exit codes, what goes to which stream, and what it says
//! when the input is wrong in every way that people get it wrong.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::print_stdout)]

mod outputs;

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// Commands that read one capture.
const READERS: &[&[&str]] = &[
    &["report"],
    &["report", "--format", "json"],
    &["report", "--format", "ndjson"],
    &["report", "--format", "csv"],
    &["report", "--format", "markdown"],
    &["frames"],
    &["frames", "--format", "tsv"],
    &["segments", "--format", "tsv"],
    &["conversations", "--format", "tsv"],
    &["follow", "--stream", "0"],
    &["conversations", "-Y", "tcp"],
];

fn analyzer() -> Command {
    Command::new(env!("CARGO_BIN_EXE_analyzer"))
}

fn fixture(name: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace");
    root.join("fixtures").join(name).join("capture.pcapng")
}

/// Runs a reading command on a file.
fn read(command: &[&str], file: &Path) -> Output {
    let (name, options) = command.split_first().expect("a command");
    analyzer().arg(name).arg(file).args(options).stdin(Stdio::null()).output().expect("it starts")
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn a_good_capture_gives_data_on_stdout_silence_on_stderr_and_zero() {
    for command in READERS {
        let output = read(command, &fixture("task-2-echo"));
        assert_eq!(output.status.code(), Some(0), "{command:?}: {}", stderr(&output));
        assert!(!output.stdout.is_empty(), "{command:?} printed nothing");
        assert_eq!(stderr(&output), "", "{command:?} talks about a good capture");
    }
}

#[test]
fn an_unreadable_input_is_named_explained_and_ends_with_two() {
    let folder = tempfile::tempdir().expect("a folder");
    let make = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        fs::write(&path, bytes).expect("can be written");
        path
    };
    let cases = [
        (folder.path().join("missing.pcap"), "No such file"),
        (folder.path().to_path_buf(), "directory"),
        (make("empty.pcap", b""), "empty"),
        (make("shot.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01"), "PNG"),
        (make("notes.txt", b"these are my notes about the lab\n"), "not a capture"),
    ];
    for (path, reason) in cases {
        for command in READERS {
            let output = read(command, &path);
            let talk = stderr(&output);
            assert_eq!(output.status.code(), Some(2), "{command:?} {}: {talk}", path.display());
            assert!(talk.contains(&*path.to_string_lossy()), "{command:?}: no path in: {talk}");
            assert!(talk.contains(reason), "{command:?}: no `{reason}` in: {talk}");
        }
    }
}

#[test]
fn a_cut_capture_is_reported_up_to_the_cut() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("cut.pcapng");
    let whole = fs::read(fixture("task-2-echo")).expect("the fixture");
    fs::write(&path, &whole[..whole.len() - 150]).expect("can be written");
    for command in READERS {
        let output = read(command, &path);
        let talk = stderr(&output);
        assert_eq!(output.status.code(), Some(2), "{command:?}: {talk}");
        assert!(talk.contains("byte"), "{command:?} does not say where: {talk}");
        assert!(!output.stdout.is_empty(), "{command:?} lost the frames before the cut");
    }
    let rows = stdout(&read(&["frames", "--format", "tsv"], &path));
    assert!(rows.lines().count() >= 10, "the frames before the cut are missing:\n{rows}");
}

#[test]
fn a_filter_that_matches_nothing_is_a_negative_verdict() {
    let commands = [&["report"][..], &["frames"], &["segments", "--format", "tsv"]];
    for command in commands {
        let mut arguments = command.to_vec();
        arguments.extend(["-Y", "tcp.port == 9"]);
        let output = read(&arguments, &fixture("task-2-echo"));
        assert_eq!(output.status.code(), Some(1), "{command:?}: {}", stderr(&output));
    }
}

#[test]
fn a_bad_filter_is_shown_with_a_caret_and_a_proposal() {
    let output = read(&["frames", "-Y", "tcp.prot == 80"], &fixture("task-2-echo"));
    let talk = stderr(&output);
    assert_eq!(output.status.code(), Some(2), "{talk}");
    assert!(talk.contains('^') && talk.contains("tcp.port"), "{talk}");
    assert_eq!(stdout(&output), "");
}

#[test]
fn a_filter_selects_frames_and_keeps_their_numbers() {
    let output =
        read(&["frames", "--format", "tsv", "-Y", "tcp.flags.fin == 1"], &fixture("task-2-echo"));
    let rows = stdout(&output);
    let numbers: Vec<&str> =
        rows.lines().skip(1).map(|row| row.split('\t').next().unwrap_or("")).collect();
    assert_eq!(numbers, ["10", "11"], "{rows}");
}

#[test]
fn a_count_is_the_number_of_rows_that_would_have_been_printed() {
    let capture = fixture("task-2-echo");
    for command in ["frames", "segments"] {
        for filter in ["frame", "tcp.len > 0", "tcp.port == 1", "arp"] {
            let rows = read(&[command, "-Y", filter, "--format", "tsv"], &capture);
            let count = read(&[command, "-Y", filter, "--count"], &capture);
            let header = 1;
            assert_eq!(stdout(&count).trim().parse(), Ok(stdout(&rows).lines().count() - header));
            assert_eq!(count.status.code(), rows.status.code(), "{command} {filter}");
        }
    }
}

#[test]
fn a_stream_that_is_not_there_is_a_negative_verdict() {
    let output = read(&["follow", "--stream", "7"], &fixture("task-2-echo"));
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
}

#[test]
fn usage_errors_end_with_two() {
    for arguments in [&["rport"][..], &["report"], &["follow", "x", "--stream", "minus"]] {
        let output = analyzer().args(arguments).output().expect("it starts");
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(!output.stderr.is_empty());
    }
}

#[test]
fn standard_input_is_read_like_a_file() {
    let capture = fixture("task-4-parallel");
    for command in READERS {
        let from_file = read(command, &capture);
        let (name, options) = command.split_first().expect("a command");
        let piped = analyzer()
            .args([*name, "-"])
            .args(options)
            .stdin(File::open(&capture).expect("the fixture"))
            .output()
            .expect("it starts");
        assert_eq!(piped.status.code(), Some(0), "{command:?}: {}", stderr(&piped));
        let named = stdout(&from_file).replace(&*capture.to_string_lossy(), "-");
        if !command.contains(&"json") && command[0] != "report" {
            assert_eq!(stdout(&piped), named, "{command:?}");
        }
    }
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    for command in READERS {
        let (name, options) = command.split_first().expect("a command");
        let mut child = analyzer()
            .arg(name)
            .arg(fixture("task-2-echo"))
            .args(options)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it starts");
        drop(child.stdout.take());
        let output = child.wait_with_output().expect("it ends");
        assert_eq!(output.status.code(), Some(0), "{command:?}: {}", stderr(&output));
        assert_eq!(stderr(&output), "", "{command:?}");
    }
}

#[test]
fn a_full_disk_is_an_error() {
    let Ok(full) = File::options().write(true).open("/dev/full") else {
        println!("skipped: no /dev/full on this system");
        return;
    };
    for command in READERS {
        let (name, options) = command.split_first().expect("a command");
        let output = analyzer()
            .arg(name)
            .arg(fixture("task-2-echo"))
            .args(options)
            .stdout(full.try_clone().expect("a second handle"))
            .output()
            .expect("it starts");
        let talk = stderr(&output);
        assert_eq!(output.status.code(), Some(2), "{command:?}: {talk}");
        assert!(talk.contains("No space left"), "{command:?}: {talk}");
    }
}

#[test]
fn no_colour_without_a_terminal() {
    for command in READERS {
        let output = read(command, &fixture("task-2-echo"));
        assert!(!output.stdout.contains(&0x1b), "{command:?} prints escape sequences");
    }
}

#[test]
fn an_unknown_interface_is_named_with_those_there_are() {
    let output = analyzer()
        .args(["capture", "-i", "nosuch0", "--duration", "1s"])
        .stdin(Stdio::null())
        .output()
        .expect("it starts");
    let talk = stderr(&output);
    assert_eq!(output.status.code(), Some(2), "{talk}");
    assert!(talk.contains("nosuch0"), "{talk}");
}

#[test]
fn an_output_file_that_cannot_be_made_is_an_error() {
    let output = read(&["report", "-o", "/nosuch/report.txt"], &fixture("task-2-echo"));
    let talk = stderr(&output);
    assert_eq!(output.status.code(), Some(2), "{talk}");
    assert!(talk.contains("/nosuch/report.txt"), "{talk}");
}

#[test]
fn a_slow_pipe_shows_each_row_as_soon_as_its_frame_is_there() {
    let mut child = analyzer()
        .args(["frames", "-", "--format", "tsv"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("it starts");
    let capture = fs::read(fixture("task-2-echo")).expect("the fixture");
    let mut input = child.stdin.take().expect("a pipe");
    input.write_all(&capture[..capture.len() - 400]).expect("the front goes in");
    input.flush().expect("flushes");
    let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
    let header = lines.next().expect("a header").expect("readable");
    assert!(header.starts_with("frame\ttime"), "{header}");
    let first = lines.next().expect("the first row, while input is still open").expect("readable");
    assert!(first.contains("[SYN]"), "{first}");
    input.write_all(&capture[capture.len() - 400..]).expect("the rest goes in");
    drop(input);
    assert_eq!(lines.count(), 11);
    assert!(child.wait().expect("it ends").success());
}

#[test]
fn explain_says_what_is_missing_and_ends_with_one_or_two() {
    let cases: &[(&[&str], i32, &str)] = &[
        (&["explain", "--frame", "1"], 0, ""),
        (&["explain", "--frame", "9999"], 1, "has no frame 9999"),
        (&["explain", "--frame", "0"], 2, "0 is not in 1.."),
        (&["explain", "--frame", "1", "--expect", "zero_window"], 1, "no tcp.analysis.zero_window"),
        (&["explain", "--frame", "1", "--expect", "zero_windw"], 2, "did you mean tcp.analysis"),
        (&["explain", "--frame", "1", "--expect", "nonsense"], 2, "there are retransmission,"),
        (&["conversations", "-Y", "udp"], 1, ""),
        (&["conversations", "-Y", "tcp.prt"], 2, "tcp.port"),
    ];
    for (command, code, says) in cases {
        let output = read(command, &fixture("task-2-echo"));
        let talk = stderr(&output);
        assert_eq!(output.status.code(), Some(*code), "{command:?}: {talk}");
        assert!(talk.contains(says), "{command:?}: no `{says}` in: {talk}");
    }
}

#[test]
fn every_flag_can_be_expected_and_is_told_why_not() {
    let refused =
        read(&["explain", "--frame", "4", "--expect", "nonsense"], &fixture("task-2-echo"));
    let talk = stderr(&refused);
    let names = talk.split("there are ").nth(1).and_then(|rest| rest.lines().next());
    let names: Vec<_> = names.expect("a list of names").split(", ").collect();
    assert_eq!(names.len(), 18, "{names:?}");
    for name in names {
        let arguments = ["explain", "--frame", "4", "--expect", name];
        let output = read(&arguments, &fixture("task-2-echo"));
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert_eq!(output.status.code(), Some(1), "{name}: {text}");
        assert!(text.contains(&format!("tcp.analysis.{name} is not set")), "{text}");
        assert!(text.contains("The first condition that does not hold: "), "{text}");
        assert!(stderr(&output).contains(&format!("no tcp.analysis.{name}")));
    }
}

#[test]
fn two_passes_need_a_file() {
    let mut child = analyzer()
        .args(["segments", "-", "--two-pass"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    assert_eq!(child.wait().expect("it ends").code(), Some(2));
    let output = read(
        &["frames", "--two-pass", "-Y", "tcp.completeness == 31", "--format", "tsv"],
        &fixture("task-2-echo"),
    );
    let selected = String::from_utf8_lossy(&output.stdout).lines().count();
    let once = read(&["frames", "-Y", "tcp.completeness == 31"], &fixture("task-2-echo"));
    let at_the_end = String::from_utf8_lossy(&once.stdout).lines().count();
    assert!(selected > at_the_end + 5, "{selected} frames in two passes, {at_the_end} in one");
}
