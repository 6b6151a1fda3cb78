//! What is known of the lab beforehand: its machines by name, and a run's manifest.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use super::{analyzer, capture, list, path};

/// Grades files of a folder; exit code and JSON.
fn grade(folder: &Path, files: &[(&str, &str)], capture: &Path, more: &[&str]) -> (i32, Value) {
    let mut args = vec!["grade", "--format", "json", "--pcap", path(capture)];
    args.extend(more);
    let names: Vec<_> = files.iter().map(|(name, _)| folder.join(name)).collect();
    for (name, (_, text)) in names.iter().zip(files) {
        fs::write(name, text).expect("written");
        args.extend(["--evidence", path(name)]);
    }
    let output = analyzer(&args);
    let talk = String::from_utf8_lossy(&output.stderr);
    let report = serde_json::from_slice(&output.stdout);
    (output.status.code().expect("a code"), report.unwrap_or_else(|_| panic!("{talk}")))
}

fn verdicts(report: &Value) -> Vec<String> {
    let pieces = report["evidence"].as_array().expect("pieces").iter();
    let claims = pieces.flat_map(|piece| piece["claims"].as_array().expect("claims"));
    claims.map(|claim| claim["verdict"].as_str().expect("a word").to_owned()).collect()
}

#[test]
fn sentences_can_call_machines_by_their_names() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = "Mesin1 adalah server.\nMachine 2 is the client here.\nMesin3 berperan sebagai \
        server.\nMesin1 menerima koneksi dari client.\n";
    let files = [("notes.txt", text)];
    let capture = capture("lab-parallel");
    let (_, report) = grade(folder.path(), &files, &capture, &["--profile", "course"]);
    assert_eq!(verdicts(&report), ["true", "true", "false", "not-understood"]);
    let (_, report) = grade(folder.path(), &files, &capture, &[]);
    assert!(verdicts(&report).iter().all(|verdict| verdict == "not-understood"));
}

#[test]
fn a_log_is_held_against_the_machine_that_it_is_named_after() {
    let folder = tempfile::tempdir().expect("a folder");
    let log = "INFO:root:connecting to ('172.16.16.101', 10000)\nINFO:root:closing\n";
    for (machine, kinds) in [("mesin2", vec![]), ("mesin3", vec!["log-of-another-machine"])] {
        let text = format!("({machine})\n```\n{log}```\n");
        let files = [("log.md", text.as_str())];
        let more = ["--profile", "course"];
        let (_, report) = grade(folder.path(), &files, &capture("lab-echo"), &more);
        let found = report["evidence"][0]["contradictions"].as_array().expect("a list");
        let seen: Vec<&str> = found.iter().filter_map(|one| one["kind"].as_str()).collect();
        assert_eq!(seen, kinds, "{report}");
    }
}

#[test]
fn rubrics_can_call_machines_and_services_by_their_names() {
    let folder = tempfile::tempdir().expect("a folder");
    let rubric = folder.path().join("rubric.toml");
    let text = r#"
version = 1
[[item]]
id = "server"
points = 1
condition = '''connections.exists(c, hosts.exists(h, h.name == "mesin1" && c.server.address in h.addresses)
  && services.exists(s, s.name == "echo" && s.port == c.server.port))'''
"#;
    fs::write(&rubric, text).expect("written");
    let files = [("notes.txt", "Nothing.")];
    let capture = capture("lab-echo");
    let score = |more: &[&str]| {
        let mut all = vec!["--rubric", path(&rubric)];
        all.extend(more);
        grade(folder.path(), &files, &capture, &all).1["score"].as_f64()
    };
    assert_eq!(score(&["--profile", "course"]), Some(1.0));
    assert_eq!(score(&[]), Some(0.0));
}

#[test]
fn ignored_traffic_is_held_against_nobody() {
    let folder = tempfile::tempdir().expect("a folder");
    let profile = folder.path().join("lab.toml");
    fs::write(&profile, "version = 1\n[ignore]\nports = [32444]\n").expect("written");
    let files = [("notes.txt", "The connection was closed properly.")];
    let capture = capture("lab-echo");
    let judge =
        |profile: &Path| grade(folder.path(), &files, &capture, &["--profile", path(profile)]);
    assert_eq!(verdicts(&judge(&profile).1), ["true"]);
    fs::write(&profile, "version = 1\n[ignore]\nports = [10000]\n").expect("written");
    assert_eq!(verdicts(&judge(&profile).1), ["unsupported"]);
}

#[test]
fn a_manifest_tells_which_run_everything_is_of() {
    let folder = tempfile::tempdir().expect("a folder");
    let list = list(&capture("lab-echo"), "table", None);
    let port: u16 = list
        .lines()
        .find(|line| line.contains("[SYN]"))
        .and_then(|line| {
            line.split_whitespace().find_map(|word| word.parse().ok().filter(|p| *p > 32_767))
        })
        .expect("a port");
    let run = |port: u16| {
        let told =
            json!({ "client": format!("172.16.16.102:{port}"), "server": "172.16.16.101:10000" });
        json!({ "version": 1, "scenario": { "name": "echo" }, "outcome": "complete", "hosts": [],
            "connections": [told] })
        .to_string()
    };
    let (own, other) = (run(port), run(38_090));
    for (manifest, expected) in [(&own, true), (&other, false)] {
        let files = [("list.txt", list.as_str()), ("run.json", manifest.as_str())];
        let (code, report) = grade(folder.path(), &files, &capture("lab-echo"), &[]);
        let joins = report["joins"].as_array().expect("a list");
        assert_eq!(joins.len(), 2, "{report}");
        assert!(joins.iter().all(|join| join["holds"] == expected), "{report}");
        assert_eq!(code, i32::from(!expected));
        let why = joins[0]["why"].as_str().expect("a sentence");
        assert!(
            expected || why.contains("172.16.16.102:38090") && why.contains("different runs"),
            "{why}"
        );
        assert_eq!(report["evidence"].as_array().map(Vec::len), Some(1), "a manifest is no piece");
    }
}
