//! `analyzer check` at the command line and from Rust: outputs against golden files, exit codes,
//! starting and blessing cases, manifests, and watching.
//!
//! `BLESS=1 cargo test -p analyzer --test check` rewrites the golden files.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod manifest;
mod watching;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

/// A case of which nothing holds, in every way in which that can be.
const NOTHING_HOLDS: &str = r#"description = "an echo whose expectations were written for another one"
handshake = "refused"
closed_by = "server"
connections = 2
client_bytes = ">= 100"
retransmissions = 1
echo = "different"

[[expect]]
name = "served on 32444"
text = "the port of the course"
condition = '''connections.exists(c, c.server.port == 32444 && c.handshake.complete
  && c.teardown.kind == "fin")'''

[[expect]]
name = "round trip"
condition = "connections.all(c, c.waiting.duration < 1.0)"

[[expect]]
name = "no SYN"
condition = "frames('tcp.flags.syn == 1').size() == 0 && count('ip.src == 10.0.0.1') == 3"
"#;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace").to_owned()
}

fn fixture(name: &str) -> PathBuf {
    root().join("fixtures").join(name).join("capture.pcapng")
}

/// `analyzer check` in a folder.
fn check(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_analyzer"));
    command.arg("check").args(arguments).current_dir(folder).env_remove("NO_COLOR");
    command.output().expect("it starts")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A folder with one case.
fn case(name: &str, capture: &str, toml: &str) -> TempDir {
    let place = TempDir::new().expect("a folder");
    let folder = place.path().join(name);
    fs::create_dir(&folder).expect("a folder");
    fs::copy(fixture(capture), folder.join("capture.pcapng")).expect("a copy");
    fs::write(folder.join("case.toml"), toml).expect("a file");
    place
}

/// Compares with a golden file, or rewrites it.
fn is_golden(name: &str, found: &str) {
    let path = root().join("tests/check/expected").join(name);
    if std::env::var_os("BLESS").is_some() {
        fs::write(&path, found).expect("a golden file");
        return;
    }
    let expected = fs::read_to_string(&path).expect("a golden file; BLESS=1 writes it");
    assert_eq!(found, expected, "{name}: BLESS=1 rewrites it");
}

/// Seconds that a case took are never the same.
fn without_times(text: &str) -> String {
    let mut kept = String::new();
    for line in text.lines() {
        let line = match (line.find("\"seconds\": "), line.find(" time=\"")) {
            (Some(at), _) => format!("{}\"seconds\": 0.0", &line[..at]),
            (_, Some(at)) => {
                let rest = &line[at + 7..];
                let end = rest.find('"').map_or(0, |end| end + 1);
                format!("{} time=\"0.000\"{}", &line[..at], &rest[end..])
            }
            _ => line.to_owned(),
        };
        kept.push_str(&line);
        kept.push('\n');
    }
    kept
}

#[test]
fn every_format_tells_why_nothing_holds() {
    let place = case("echo", "task-2-echo", NOTHING_HOLDS);
    let formats = [
        ("failing.txt", "table"),
        ("failing.json", "json"),
        ("failing.xml", "junit"),
        ("failing.tap", "tap"),
    ];
    for (golden, format) in formats {
        let output = check(place.path(), &["echo", "--format", format]);
        assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
        assert_eq!(text(&output.stderr), "");
        is_golden(golden, &without_times(&text(&output.stdout)));
    }
}

#[test]
fn every_format_tells_that_all_holds() {
    let place = case("echo", "task-2-echo", "handshake = \"complete\"\necho = \"identical\"\n");
    let formats = [
        ("holding.txt", "table"),
        ("holding.json", "json"),
        ("holding.xml", "junit"),
        ("holding.tap", "tap"),
    ];
    for (golden, format) in formats {
        let output = check(place.path(), &["echo", "--verbose", "--format", format]);
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        is_golden(golden, &without_times(&text(&output.stdout)));
    }
}

#[test]
fn show_prints_what_short_forms_stand_for() {
    let place = case("echo", "task-2-echo", NOTHING_HOLDS);
    let output = check(place.path(), &["--show", "echo"]);
    assert_eq!(output.status.code(), Some(0));
    is_golden("show.txt", &text(&output.stdout));
}

#[test]
fn a_case_that_cannot_be_read_says_where_and_the_others_are_checked() {
    let wrong = [
        ("a", "handshak = \"complete\"\n"),
        ("b", "[[expect]]\nname = \"x\"\ncondition = \"\"\"\nconections.size() == 1\"\"\"\n"),
        ("c", "\nhandshake = \"complet\"\n"),
        ("d", "resets = [1]\n"),
        ("e", "resets = = 0\n"),
        ("f", "capture = \"nowhere.pcapng\"\nresets = 0\n"),
        ("g", "[[expect]]\nname = \"a\"\nconditon = \"true\"\n"),
        ("i", "findings = \"nothing\"\nconnections = \"two\"\n"),
        ("j", "capture = \"case.toml\"\n"),
        ("z", "resets = 0\n"),
    ];
    let place = TempDir::new().expect("a folder");
    for (name, toml) in wrong {
        let folder = place.path().join("cases").join(name);
        fs::create_dir_all(&folder).expect("a folder");
        fs::copy(fixture("task-2-echo"), folder.join("capture.pcapng")).expect("a copy");
        fs::write(folder.join("case.toml"), toml).expect("a file");
    }
    let output = check(place.path(), &["cases"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("9 cases could not be checked"));
    is_golden("wrong.txt", &text(&output.stdout));
}

#[test]
fn a_wrong_rule_is_told_with_its_place() {
    let place = case("echo", "task-2-echo", "[snapshot]\nignore = [\"windows\"]\n");
    let output = check(place.path(), &["echo"]);
    assert_eq!(output.status.code(), Some(2));
    let told = text(&output.stdout);
    assert!(told.contains("echo/case.toml, line 2: column 11"), "{told}");
    assert!(told.contains("unknown variant `windows`"), "{told}");
}

#[test]
fn what_is_no_case_says_what_to_do() {
    let place = TempDir::new().expect("a folder");
    let output = check(place.path(), &["."]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("analyzer check --new NAME CAPTURE"));
    let capture = fixture("task-2-echo").display().to_string();
    let output = check(place.path(), &[&capture]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("--new NAME"), "{}", text(&output.stderr));
    let output = check(place.path(), &["nowhere"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("cannot read nowhere"), "{}", text(&output.stderr));
}

#[test]
fn a_started_case_holds_and_a_blessed_one_notices_a_change() {
    let place = TempDir::new().expect("a folder");
    let capture = fixture("task-2-echo").display().to_string();
    let output = check(place.path(), &["--new", "mine", &capture]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let read = |name: &str| fs::read_to_string(place.path().join("mine").join(name));
    is_golden("new-case.toml", &read("case.toml").expect("a case"));
    is_golden("new-README.md", &read("README.md").expect("a README"));
    let again = check(place.path(), &["--new", "mine", &capture]);
    assert_eq!(again.status.code(), Some(2), "it would overwrite");
    assert_eq!(check(place.path(), &["mine"]).status.code(), Some(0));
    assert_eq!(check(place.path(), &["--bless", "mine"]).status.code(), Some(0));
    assert!(read("snapshot.json").expect("a snapshot").contains("\"version\": 1"));
    assert_eq!(check(place.path(), &["mine"]).status.code(), Some(0));
    let other = place.path().join("mine/capture.pcapng");
    fs::copy(fixture("reset-established"), other).expect("a copy");
    let output = check(place.path(), &["mine"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stdout).contains("not as blessed"), "{}", text(&output.stdout));
    assert!(text(&output.stdout).contains("RST"), "{}", text(&output.stdout));
    // A snapshot that is none is an error, not a difference.
    fs::write(place.path().join("mine/snapshot.json"), "{}").expect("a file");
    let output = check(place.path(), &["mine"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stdout).contains("--bless"), "{}", text(&output.stdout));
}

#[test]
fn many_cases_share_one_process_and_keep_their_order() {
    let place = TempDir::new().expect("a folder");
    for number in 0..200 {
        let folder = place.path().join(format!("case-{number:03}"));
        fs::create_dir(&folder).expect("a folder");
        fs::copy(fixture("task-2-echo"), folder.join("capture.pcapng")).expect("a copy");
        let toml = format!("connections = {}\n", if number == 150 { 2 } else { 1 });
        fs::write(folder.join("case.toml"), toml).expect("a file");
    }
    let output = check(place.path(), &[".", "--jobs", "4", "--format", "json"]);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!((report["passed"].as_u64(), report["failed"].as_u64()), (Some(199), Some(1)));
    let names: Vec<&str> = report["cases"]
        .as_array()
        .expect("cases")
        .iter()
        .filter_map(|c| c["name"].as_str())
        .collect();
    assert!(names.is_sorted(), "{names:?}");
    let table = check(place.path(), &["."]);
    assert_eq!(text(&table.stdout).lines().filter(|line| line.starts_with("ok")).count(), 0);
    assert!(text(&table.stdout).contains("200 cases: 199 hold, 1 does not"));
}

#[test]
fn links_in_a_circle_are_not_followed() {
    let place = case("echo", "task-2-echo", "connections = 1\n");
    let link = place.path().join("echo-again");
    std::os::unix::fs::symlink(place.path(), link).expect("a link");
    assert_eq!(check(place.path(), &["."]).status.code(), Some(0));
}

#[test]
fn a_pipe_is_refused_before_it_can_keep_the_check_waiting() {
    for name in ["capture.pcapng", "snapshot.json"] {
        let place = case("echo", "task-2-echo", "connections = 1\n");
        let path = place.path().join("echo").join(name);
        let _ = fs::remove_file(&path);
        let made = Command::new("mkfifo").arg(&path).status().expect("mkfifo");
        assert!(made.success());
        let output = check(place.path(), &["echo"]);
        assert_eq!(output.status.code(), Some(2), "{name}");
        let told = text(&output.stdout);
        assert!(told.contains("not a regular file") || told.contains("no capture"), "{told}");
    }
}

#[test]
fn rust_tests_read_the_same_words() {
    let failure = analyzer::check::capture(fixture("task-2-echo"))
        .expect("one connection", "connections_total == 1")
        .expect("reset", "connections.all(c, c.teardown.kind == \"rst\")")
        .run()
        .expect_err("it was closed with FIN");
    let told = failure.to_string();
    assert!(told.contains("connection 0: c.teardown.kind is \"fin\""), "{told}");
    assert!(told.contains("[FIN, "), "{told}");
    let error = analyzer::check::capture("nowhere.pcapng").expect("x", "true").run();
    assert!(matches!(error, Err(analyzer::check::Failure::Error(_))));
    let error = analyzer::check::capture(fixture("task-2-echo")).expect("x", "tru").run();
    assert!(error.expect_err("no such name").to_string().contains("there is no `tru`"));
}

#[test]
fn a_folder_of_captures_is_a_case_of_each() {
    let place = TempDir::new().expect("a folder");
    let echo = |name: &str| fs::copy(fixture("task-2-echo"), place.path().join(name));
    echo("a.pcapng").expect("a copy");
    echo("b.pcap").expect("a copy");
    fs::create_dir(place.path().join("more")).expect("a folder");
    fs::copy(fixture("task-4-parallel"), place.path().join("more/c.pcapng")).expect("a copy");
    let told = |toml: &str, arguments: &[&str]| {
        fs::write(place.path().join("case.toml"), toml).expect("a file");
        let output = check(place.path(), arguments);
        (output.status.code(), text(&output.stdout) + &text(&output.stderr))
    };
    let (code, said) = told("connections = 1\n", &[".", "--verbose"]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("./a.pcapng") && said.contains("./b.pcap"), "{said}");
    let named = "capture = [\"a.pcapng\", \"more\"]\nconnections = 1\n";
    let (code, said) = told(named, &["."]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("more/c.pcapng: 1 of 1"), "{said}");
    // Each has a snapshot of its own.
    assert_eq!(told("connections = 1\n", &[".", "--bless"]).0, Some(0));
    for name in ["a.pcapng.snapshot.json", "b.pcap.snapshot.json"] {
        assert!(place.path().join(name).is_file(), "{name}");
    }
    fs::copy(fixture("task-4-parallel"), place.path().join("b.pcap")).expect("a copy");
    let (code, said) = told("frames = \"> 0\"\n", &["."]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("b.pcap") && !said.contains("a.pcapng:"), "{said}");
    let (code, said) = told("capture = [\"none.pcapng\"]\nframes = 1\n", &["."]);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("none.pcapng"), "{said}");
}
