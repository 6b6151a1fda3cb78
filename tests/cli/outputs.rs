//! Several captures in one call, and results that go to a file.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::{analyzer, fixture, read, stderr, stdout};

#[test]
fn several_unreadable_files_are_each_told_with_their_own_reason() {
    let folder = tempfile::tempdir().expect("a folder");
    let shot = folder.path().join("shot.png");
    fs::write(&shot, b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR").expect("can be written");
    let missing = folder.path().join("missing.pcap");
    let output = analyzer()
        .args(["report", "--format", "csv"])
        .args([&shot, &fixture("task-2-echo"), &missing, &fixture("task-3-file")])
        .output()
        .expect("it starts");
    let talk = stderr(&output);
    assert_eq!(output.status.code(), Some(2), "{talk}");
    let lines: Vec<&str> = talk.lines().collect();
    assert_eq!(lines.len(), 2, "{talk}");
    assert!(lines[0].contains("shot.png") && lines[0].contains("PNG"), "{talk}");
    assert!(lines[1].contains("missing.pcap") && lines[1].contains("No such file"), "{talk}");
    let rows = stdout(&output);
    assert_eq!(rows.matches("file,stream").count(), 1, "one header for both captures:\n{rows}");
    assert_eq!(rows.lines().count(), 4, "{rows}");
}

#[test]
fn several_captures_in_one_call_are_told_as_if_alone() {
    let (first, second) = (fixture("task-2-echo"), fixture("task-3-file"));
    for format in ["table", "markdown", "ndjson"] {
        let alone = |path: &Path| stdout(&read(&["report", "--format", format], path));
        let both = analyzer().args(["report", "--format", format]).args([&first, &second]).output();
        let gap = if format == "ndjson" { "" } else { "\n" };
        assert_eq!(
            stdout(&both.expect("it starts")),
            format!("{}{gap}{}", alone(&first), alone(&second))
        );
    }
}

#[test]
fn an_output_file_appears_when_it_is_complete() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("report.txt");
    fs::write(&path, "an older report").expect("can be written");
    let to_file = |input: &Path| {
        analyzer().arg("report").arg(input).arg("-o").arg(&path).output().expect("it starts")
    };
    let output = to_file(&folder.path().join("missing.pcap"));
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(fs::read(&path).expect("kept"), b"an older report", "nothing to tell, nothing lost");

    let output = to_file(&fixture("task-2-echo"));
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let written = fs::read_to_string(&path).expect("written");
    assert_eq!(written, stdout(&read(&["report"], &fixture("task-2-echo"))));
    let names: Vec<_> = fs::read_dir(folder.path()).expect("readable").flatten().collect();
    assert_eq!(names.len(), 1, "no half-written file is left: {names:?}");
}

#[test]
fn a_disk_that_fills_up_costs_no_older_report_and_leaves_no_rest() {
    let folder = tempfile::tempdir().expect("a folder");
    // A disk of one page, in a mount namespace of its own.
    const SCRIPT: &str = "
        mount -t tmpfs -o size=4096 tmpfs \"$1\" || exit 99
        printf old >\"$1/report.json\"
        \"$2\" report \"$3\" --format json -o \"$1/report.json\"
        code=$?
        cat \"$1/report.json\"; ls -A \"$1\"
        exit $code";
    let output = Command::new("unshare")
        .args(["--user", "--map-root-user", "--mount", "sh", "-c", SCRIPT, "sh"])
        .arg(folder.path())
        .arg(env!("CARGO_BIN_EXE_analyzer"))
        .arg(fixture("task-4-parallel"))
        .output()
        .expect("unshare of util-linux");
    let talk = stderr(&output);
    if output.status.code() != Some(2) && !talk.contains("analyzer:") {
        assert!(std::env::var_os("LAB_REQUIRED").is_none(), "nothing may be skipped: {talk}");
        println!("skipped: no mount namespace here: {talk}");
        return;
    }
    assert_eq!(output.status.code(), Some(2), "{talk}");
    assert!(talk.contains("report.json: No space left"), "{talk}");
    assert_eq!(stdout(&output), "oldreport.json\n");
}

#[test]
fn an_output_that_is_no_regular_file_is_written_directly() {
    let output = read(&["report", "-o", "/dev/full"], &fixture("task-2-echo"));
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("/dev/full: No space left"), "{}", stderr(&output));
    let output = read(&["report", "-o", "/dev/stdout"], &fixture("task-2-echo"));
    assert!(stdout(&output).starts_with("Capture "), "{}", stderr(&output));
}
