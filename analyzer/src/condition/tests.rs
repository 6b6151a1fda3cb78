//! Tables: what is refused and how it is told, what holds, and what made it false.

use std::fmt::Write as _;
use std::path::PathBuf;

use super::*;

fn fixture(name: &str) -> PathBuf {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let folder = root.parent().expect("a workspace").join("fixtures").join(name);
    let found = ["capture.pcapng", "capture.pcap"].map(|file| folder.join(file));
    found.into_iter().find(|path| path.exists()).expect("a capture")
}

fn compile(text: &str) -> Condition {
    Condition::compile(text, &Language::captures()).unwrap_or_else(|error| panic!("{error}"))
}

fn evaluate(case: &str, text: &str) -> Result<Outcome, Error> {
    let condition = compile(text);
    let subject = Subject::read(&fixture(case), [&condition]).expect("a readable capture");
    condition.evaluate(&subject)
}

#[test]
fn conditions_hold_or_do_not() {
    let cases = [
        (
            "task-2-echo",
            "connections.exists(c, c.server.port == 10000 && c.handshake.complete && c.teardown.kind == \"fin\")",
            true,
        ),
        ("task-2-echo", "connections_total == 1 && size(connections) == 1", true),
        ("task-2-echo", "connections[0].from_client.application_bytes == 46", true),
        (
            "task-2-echo",
            "payload(connections[0], \"client\") == payload(connections[0], \"server\")",
            true,
        ),
        ("task-2-echo", "sha256(payload(0, 'client')) == sha256(payload(0, 'server'))", true),
        (
            "task-2-echo",
            "sha256('abc') == 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'",
            true,
        ),
        (
            "task-2-echo",
            "count('tcp') == capture.tcp_frames && frames('tcp.flags.syn == 1').size() == 2",
            true,
        ),
        (
            "task-2-echo",
            "frames('tcp.flags.syn == 1')[0] == connections[0].handshake.syn.frame",
            true,
        ),
        ("task-2-echo", "string(payload(0, 'client')).contains('DATA')", true),
        ("task-2-echo", "connections[0].duration < 100 && connections[0].duration > 0.0", true),
        ("task-4-parallel", "overlaps(connections).max == concurrency.max_open", true),
        ("overlapping-clients", "overlaps(connections).max >= 2", true),
        ("overlapping-clients", "overlaps(connections.filter(c, c.stream == 0)).max == 1", true),
        ("loss-and-repair", "count('tcp.analysis.retransmission') == 0", false),
        (
            "loss-and-repair",
            "connections.exists(c, c.events.exists(e, e.kind == 'fast_retransmission'))",
            true,
        ),
        ("loss-and-repair", "['ip.src', 'tcp.port'].all(f, count(f) > 0)", true),
        ("reset-established", "connections.all(c, c.teardown.kind == 'rst')", true),
        (
            "handshake-refused",
            "connections.all(c, c.teardown.kind == 'none' && !c.handshake.complete)",
            true,
        ),
        ("half-close", "connections.all(c, c.teardown.half_close.duration > 0.5)", true),
        ("older-than-capture", "connections.exists_one(c, c.began_before_capture)", true),
        ("zero-window", "has(connections[0].teardown) && connections[0].waiting == null", true),
        ("task-2-echo", "capture.protocols.map(p, p.protocol).exists(p, p == 'tcp')", true),
        ("task-2-echo", "findings.filter(f, f.severity == 'error').size() == 0", true),
    ];
    for (case, text, holds) in cases {
        match evaluate(case, text) {
            Ok(outcome) => assert_eq!(outcome.holds, holds, "{case}: {text}: {outcome:?}"),
            Err(error) => panic!("{case}: {error}"),
        }
    }
}

#[test]
fn overlaps_agree_with_the_summary() {
    let folder =
        fixture("task-2-echo").parent().and_then(|one| one.parent()).expect("above").to_owned();
    for entry in std::fs::read_dir(folder).expect("fixtures") {
        let entry = entry.expect("an entry");
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.path().is_dir() {
            let text = "overlaps(connections).max == concurrency.max_open \
                        && overlaps(connections).total == concurrency.overlaps_total";
            let outcome = evaluate(&name, text).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert!(outcome.holds, "{name}: {outcome:?}");
        }
    }
}

#[test]
fn refusals_show_the_place_and_what_was_meant() {
    let texts = [
        "conections.size() == 1",
        "connections.exists(c, c.servr.port == 32444)",
        "connections.exists(c, c.server.port == \"32444\")",
        "connections.exists(c, c.teardown.kind == \"finn\")",
        "connections.exists(c, c.teardown.kind in [\"fin\", \"rest\"])",
        "connections.exists(c, c.handshake)",
        "connections.server.port == 80",
        "connections[0].duration * 2 < 1",
        "capture.frames + 1",
        "count('tcp.prot == 80') == 0",
        "count('tcp.port == ') == 0",
        "frames(tcp) == []",
        "frame('tcp') == []",
        "payload(connections[0], 'clint') == b'x'",
        "payload('client') == b'x'",
        "connections.all(c, ",
        "connections_total == 1\n  && connections_cut = 0",
        "1 +* 2 == 3",
        "x == 'abc",
        "'äöü' == foo",
        "capture.frames.all(f, f > 1)",
        "capture.frames.size() == 1 && !capture.file",
    ];
    let mut told = String::new();
    for text in texts {
        let error = Condition::compile(text, &Language::captures()).expect_err(text);
        writeln!(told, "{error}\n").expect("memory");
    }
    insta::assert_snapshot!("refusals", told);
}

#[test]
fn what_cannot_be_decided_says_why() {
    let cases = [
        ("handshake-refused", "connections.all(c, c.handshake.rtt < 1.0)"),
        ("task-2-echo", "connections[7].stream == 1"),
        ("task-3-file", "payload(9, 'client') == b''"),
        ("task-2-echo", "count(string(1)) == 0"),
        ("task-2-echo", "capture.frames / 0 == 1"),
        ("task-2-echo", "matches_manifest('nowhere.json')"),
        ("task-2-echo", "matches_manifest(run)"),
        ("task-2-echo", "['a'].all(x, x.matches('('))"),
        ("truncated-frames", "payload(0, 'client') == b''"),
    ];
    let mut told = String::new();
    for (case, text) in cases {
        match evaluate(case, text) {
            Ok(outcome) => writeln!(told, "{case}: {text}\n  {outcome:?}\n"),
            Err(error) => writeln!(told, "{case}: {error}\n"),
        }
        .expect("memory");
    }
    let folder = fixture("task-2-echo").parent().expect("a folder").display().to_string();
    insta::assert_snapshot!("undecided", told.replace(&folder, "FOLDER"));
}

#[test]
fn failures_name_values_and_frames() {
    let cases = [
        ("task-2-echo", "connections_total == 2"),
        ("task-2-echo", "connections.exists(c, c.server.port == 80 && c.handshake.complete)"),
        ("task-4-parallel", "connections.all(c, c.handshake.complete && c.teardown.kind == 'fin')"),
        ("loss-and-repair", "count('tcp.analysis.retransmission') == 0"),
        ("loss-and-repair", "frames('tcp.analysis.fast_retransmission') == [1, 2]"),
        ("task-4-parallel", "overlaps(connections).max >= 9"),
        ("reset-established", "!connections.exists(c, c.teardown.kind == 'rst')"),
        ("task-3-file", "connections.filter(c, c.began_before_capture).size() == 2"),
        ("task-2-echo", "payload(connections[0], 'client') == b'other'"),
        (
            "task-2-echo",
            "connections.all(c, c.from_client.application_bytes == 45 || c.duration < 0.0)",
        ),
        ("task-2-echo", "findings.exists(f, f.kind == 'no_tcp')"),
        ("task-2-echo", "concurrency.parallelism == 'parallel' ? true : capture.frames < 3"),
        ("task-2-echo", "capture.file.contains('other')"),
    ];
    let mut told = String::new();
    for (case, text) in cases {
        let outcome = evaluate(case, text).unwrap_or_else(|error| panic!("{error}"));
        assert!(!outcome.holds, "{case}: {text}");
        writeln!(told, "{case}: {text}").expect("memory");
        for Witness { about, expression, values, frames, columns, .. } in outcome.witnesses {
            let about = about.map(|about| format!("{about}: ")).unwrap_or_default();
            writeln!(told, "  {about}{expression}").expect("memory");
            for (part, value) in values {
                writeln!(told, "    {part} = {value}").expect("memory");
            }
            writeln!(told, "    frames {frames:?} {columns:?}").expect("memory");
        }
        writeln!(told).expect("memory");
    }
    insta::assert_snapshot!("failures", told);
}

#[test]
fn nothing_runs_for_long() {
    let ten = "[1,2,3,4,5,6,7,8,9,10]";
    let mut loops = "x0 == 1".to_owned();
    for depth in (0..9).rev() {
        loops = format!("{ten}.all(x{depth}, {loops})");
    }
    let loops = loops.replace("x0 == 1", "x0 > 0");
    let mut doubling = "'abcdefgh'".to_owned();
    for _ in 0..20 {
        doubling = format!("[{doubling}].map(x, x + x)[0]");
    }
    let hostile = [
        loops.clone(),
        format!("{loops} || true"),
        format!("false && {loops}"),
        format!("!(true || {loops})"),
        format!("1 / 0 == 1 && (true || {loops})"),
        format!("false ? {loops} : 1 / 0 == 1"),
        format!("[false].all(x, x && {loops})"),
        format!("[1].all(x, false && {loops} || 1 / 0 == x)"),
        format!("{doubling} == ''"),
        format!("{doubling} == '' || true"),
        format!("[{}].map(a, [a, a]).map(b, [b, b]) == []", vec!["1"; 900].join(",")),
        "[1].map(a, [a,a]).map(a, [a,a]).map(a, [a,a]).map(a, [a,a]) == [1]".to_owned(),
    ];
    for text in hostile {
        let Ok(condition) = Condition::compile(&text, &Language::captures()) else { continue };
        let subject = Subject::without_capture();
        let told = condition.evaluate(&subject).map(|outcome| outcome.holds);
        if let Err(error) = told {
            let is_told = ["steps", "division"].iter().any(|word| error.message().contains(word));
            assert!(is_told, "{error}");
        }
    }
    let condition = compile(&loops);
    let error = condition.evaluate(&Subject::without_capture()).expect_err("too many steps");
    assert!(error.message().contains("steps"), "{error}");
}

#[test]
fn what_is_too_long_or_too_deep_is_refused() {
    let language = Language::captures();
    let texts = [
        "(".repeat(5000),
        format!("{}1{} == 1", "(".repeat(200), ")".repeat(200)),
        format!("{}1{} == [1]", "[".repeat(60), "]".repeat(60)),
        format!("1{} == 1", " + 1".repeat(1500)),
        format!("true{}", "&&true".repeat(9000)),
        format!("{}true", "!".repeat(8000)),
        format!("connections{} == 1", "[0]".repeat(2000)),
        format!("run{}", ".a".repeat(3000)),
        format!("true{}", " ? true : true".repeat(500)),
    ];
    for text in texts {
        let shown: String = text.chars().take(20).collect();
        if let Ok(condition) = Condition::compile(&text, &language) {
            // What is not refused can be evaluated.
            let _ = condition.evaluate(&Subject::without_capture());
        } else {
            assert!(!shown.is_empty());
        }
    }
}

#[test]
fn other_modules_add_variables() {
    #[derive(serde::Serialize, schemars::JsonSchema)]
    struct Claim {
        verdict: String,
        frames: Vec<u64>,
    }
    let language = Language::captures().with::<Vec<Claim>>("claims");
    let text = "claims.all(c, c.verdict == 'true')";
    let condition = Condition::compile(text, &language).expect("a condition");
    let mut subject = Subject::without_capture();
    let claim = |verdict: &str| Claim { verdict: verdict.to_owned(), frames: vec![3] };
    subject.set("claims", &[claim("true"), claim("false")]);
    let outcome = condition.evaluate(&subject).expect("an outcome");
    assert!(!outcome.holds);
    assert_eq!(outcome.frames(), [3]);
    let error = Condition::compile("claims.all(c, c.verdct == 'x')", &language);
    let error = error.expect_err("no such field");
    assert_eq!(error.suggestion(), Some("did you mean `verdict`?"));
    let text = "connections.size() == 1";
    let condition = Condition::compile(text, &language).expect("a condition");
    let error = condition.evaluate(&Subject::without_capture()).expect_err("no capture");
    assert!(error.message().contains("no capture"), "{error}");
}

mod properties {
    use proptest::prelude::*;

    use super::*;

    fn pieces() -> impl Strategy<Value = String> {
        let words = prop::sample::select(vec![
            "connections",
            ".exists(c, ",
            ".all(c, ",
            ".map(c, ",
            "c",
            ".server",
            ".port",
            "==",
            "&&",
            "||",
            "!",
            "(",
            ")",
            "[",
            "]",
            "1",
            "\"fin\"",
            "count('tcp')",
            "frames('",
            "'",
            "payload(c, 'client')",
            "overlaps(",
            "capture",
            ".frames",
            "+",
            "-",
            "?",
            ":",
            "true",
            "null",
            "{",
            "}",
            ",",
            " in ",
            "sha256(",
            "b'x'",
            ".",
            "0u",
            "1.5",
            "\\",
            "ä",
            "matches_manifest(run)",
            "[1,2]",
            "has(",
            "@result",
            "@weigh(1)",
        ]);
        prop::collection::vec(words, 0..24).prop_map(|words| words.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(400))]

        #[test]
        fn any_text_is_refused_or_evaluated(text in prop_oneof![pieces(), ".{0,80}"]) {
            match Condition::compile(&text, &Language::captures()) {
                Ok(condition) => {
                    let subject = Subject::read(&fixture("task-2-echo"), [&condition]);
                    let subject = subject.expect("a readable capture");
                    if let Err(error) = condition.evaluate(&subject) {
                        prop_assert!(!error.to_string().is_empty());
                    }
                }
                Err(error) => prop_assert!(error.to_string().contains("line")),
            }
        }
    }
}
