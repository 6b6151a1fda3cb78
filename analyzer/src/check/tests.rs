//! Hostile cases: any text as `case.toml` is refused or run, and never falls.

use std::fs;
use std::path::PathBuf;

use proptest::prelude::*;

use super::*;

fn capture() -> PathBuf {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let root = root.parent().expect("a workspace");
    root.join("fixtures/task-2-echo/capture.pcapng")
}

fn pieces() -> impl Strategy<Value = String> {
    let words = prop::sample::select(vec![
        "[[expect]]\n",
        "[snapshot]\n",
        "[expect]\n",
        "name = \"a\"\n",
        "text = \"b\"\n",
        "condition = \"true\"\n",
        "condition = \"count('tcp') > 0\"\n",
        "condition = 1\n",
        "connections = 1\n",
        "connections = \">= 0\"\n",
        "echo = \"identical\"\n",
        "echo = []\n",
        "handshake = \"complete\"\n",
        "frames = 1e300\n",
        "frames = -1\n",
        "duration = nan\n",
        "findings = [\"no_tcp\", 1]\n",
        "findings = \"none\"\n",
        "ignore = [\"window\"]\n",
        "within = { time = \"1s\" }\n",
        "capture = \"capture.pcapng\"\n",
        "capture = \"/dev/null\"\n",
        "run = \"run.json\"\n",
        "manifest = \"run.json\"\n",
        "whole = true\n",
        "x = 1\n",
        "\u{0}",
        "= ",
        "\"",
        "[",
        "#",
        "\n",
        "server_port = 9223372036854775807\n",
    ]);
    prop::collection::vec(words, 0..10).prop_map(|words| words.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_case_file_is_refused_or_run(text in prop_oneof![pieces(), ".{0,60}"]) {
        let folder = tempfile::tempdir().expect("a folder");
        fs::copy(capture(), folder.path().join("capture.pcapng")).expect("a copy");
        fs::write(folder.path().join(CASE_FILE), text).expect("a file");
        let compiler = Compiler::default();
        match Case::read(folder.path(), &compiler) {
            Ok(cases) => {
                let reports: Vec<CaseReport> = cases.iter().map(run).collect();
                for report in &reports {
                    prop_assert!(report.holds || report.failures() > 0 || report.error.is_some());
                }
                let report = CheckReport::of(reports);
                let mut out = Vec::new();
                table::write(&report, table::Look::default(), &mut out).expect("memory");
                formats::write_json(&report, &mut out).expect("memory");
                formats::write_junit(&report, &mut out).expect("memory");
                formats::write_tap(&report, &mut out).expect("memory");
            }
            Err(error) => prop_assert!(!error.to_string().is_empty()),
        }
    }
}
