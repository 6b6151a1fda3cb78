//! For each analysis flag a conversation that sets it, and one that just does not: what decides.

use std::fmt::Write as _;

use serde_json::Value;

use super::words::{field_name, sentence, short_name};
use crate::tcp::segment_tables::parse_segment;
use crate::tcp::{AnalysisFlags, RuleAnswer, StreamTable};

/// The handshake in front of most cases: 10.0.0.1:1000 asks, 10.0.0.2:80 accepts.
const OPENED: &[&str] = &["0.0 > S seq=100", "0.1 < SA seq=300 ack=101", "0.2 > A seq=101 ack=301"];
const TEN_BYTES: &str = "1.000 > PA seq=101 ack=301 len=10";
const AFTER_A_HOLE: &str = "1.001 > PA seq=121 ack=301 len=10";
const ACK_OF_TEN: &str = "1.1 < A seq=301 ack=111 win=500";
const CLOSED_WINDOW: &str = "1.0 < A seq=301 ack=101 win=0";
const PROBE: &str = "2.0 > A seq=101 ack=301 len=1";

/// A flag, the segments before (behind the handshake, unless they begin with a SYN), the
/// segment that has the flag, and one in its place that has not.
struct Case {
    flag: AnalysisFlags,
    before: &'static [&'static str],
    set: &'static str,
    not_set: &'static str,
}

const fn case(
    flag: AnalysisFlags,
    before: &'static [&'static str],
    set: &'static str,
    not_set: &'static str,
) -> Case {
    Case { flag, before, set, not_set }
}

const CASES: &[Case] = &[
    case(
        AnalysisFlags::RETRANSMISSION,
        &[TEN_BYTES],
        "2.0 > PA seq=101 ack=301 len=10",
        "2.0 > PA seq=111 ack=301 len=10",
    ),
    case(
        AnalysisFlags::FAST_RETRANSMISSION,
        &[
            TEN_BYTES,
            AFTER_A_HOLE,
            "1.1 < A seq=301 ack=111",
            "1.2 < A seq=301 ack=111",
            "1.3 < A seq=301 ack=111",
            "1.4 < A seq=301 ack=111",
        ],
        "1.41 > PA seq=111 ack=301 len=10",
        "1.45 > PA seq=111 ack=301 len=10",
    ),
    case(
        AnalysisFlags::SPURIOUS_RETRANSMISSION,
        &[TEN_BYTES, ACK_OF_TEN],
        "2.0 > PA seq=101 ack=301 len=10",
        "2.0 > PA seq=101 ack=301 len=11",
    ),
    case(
        AnalysisFlags::OUT_OF_ORDER,
        &[TEN_BYTES, AFTER_A_HOLE],
        "1.002 > PA seq=111 ack=301 len=10",
        "1.302 > PA seq=111 ack=301 len=10",
    ),
    case(AnalysisFlags::REUSED_PORTS, &[], "9.0 > S seq=900", "9.0 > S seq=100"),
    case(
        AnalysisFlags::LOST_SEGMENT,
        &[TEN_BYTES],
        "1.1 > PA seq=112 ack=301 len=10",
        "1.1 > PA seq=111 ack=301 len=10",
    ),
    case(
        AnalysisFlags::ACK_LOST_SEGMENT,
        &[TEN_BYTES],
        "1.1 < A seq=301 ack=112",
        "1.1 < A seq=301 ack=111",
    ),
    case(
        AnalysisFlags::WINDOW_UPDATE,
        &[TEN_BYTES, ACK_OF_TEN],
        "1.2 < A seq=301 ack=111 win=501",
        "1.2 < A seq=301 ack=111 win=500",
    ),
    case(
        AnalysisFlags::WINDOW_FULL,
        &["1.0 < A seq=301 ack=101 win=10"],
        "1.1 > PA seq=101 ack=301 len=10",
        "1.1 > PA seq=101 ack=301 len=9",
    ),
    case(AnalysisFlags::KEEP_ALIVE, &[], "9.0 > A seq=100 ack=301", "9.0 > A seq=101 ack=301"),
    case(
        AnalysisFlags::KEEP_ALIVE_ACK,
        &["9.0 > A seq=100 ack=301"],
        "9.1 < A seq=301 ack=101",
        "9.1 < A seq=301 ack=101 win=999",
    ),
    case(
        AnalysisFlags::ZERO_WINDOW_PROBE,
        &[CLOSED_WINDOW],
        PROBE,
        "2.0 > A seq=101 ack=301 len=2",
    ),
    case(AnalysisFlags::ZERO_WINDOW, &[], CLOSED_WINDOW, "1.0 < A seq=301 ack=101 win=1"),
    case(
        AnalysisFlags::ZERO_WINDOW_PROBE_ACK,
        &[CLOSED_WINDOW, PROBE],
        "2.1 < A seq=301 ack=101 win=0",
        "2.1 < A seq=301 ack=102 win=0",
    ),
    case(
        AnalysisFlags::DUPLICATE_ACK,
        &[TEN_BYTES, ACK_OF_TEN],
        "1.2 < A seq=301 ack=111 win=500",
        "1.2 < A seq=301 ack=111 win=499",
    ),
    case(
        AnalysisFlags::TFO_SYN,
        &["0.0 < S seq=300"],
        "0.1 > S seq=100 len=10 tfo=8",
        "0.1 > S seq=100 len=10",
    ),
    case(
        AnalysisFlags::TFO_ACK,
        &["0.0 > S seq=100 len=10 tfo=8"],
        "0.1 < SA seq=300 ack=111",
        "0.1 < SA seq=300 ack=101",
    ),
    case(
        AnalysisFlags::TFO_IGNORED,
        &["0.0 > S seq=100 len=10 tfo=8"],
        "0.1 < SA seq=300 ack=101",
        "0.1 < SA seq=300 ack=111",
    ),
];

/// What is answered about a flag of the last segment.
fn ask(case: &Case, last: &str) -> RuleAnswer {
    let has_syn = case.before.first().is_some_and(|line| line.contains(" S "));
    let opened = if has_syn { &[] } else { OPENED };
    let mut streams = StreamTable::new();
    let lines = opened.iter().chain(case.before).chain(std::iter::once(&last));
    let mut told = None;
    for (index, line) in lines.enumerate() {
        let segment = parse_segment(index as u64 + 1, line);
        let (analysis, why) = streams.observe_and_explain(&segment);
        assert_eq!(why.flags(), analysis.flags, "explained as judged: {line}");
        told = why.answer(case.flag).cloned();
    }
    told.expect("every flag has an answer")
}

#[test]
fn each_flag_names_the_comparison_that_decides() {
    let mut text = String::new();
    for case in CASES {
        writeln!(text, "{}", field_name(case.flag)).expect("fits");
        let (set, not_set) = (ask(case, case.set), ask(case, case.not_set));
        writeln!(text, "  set:     {}", case.set).expect("fits");
        assert!(set.holds(), "{set:#?}");
        for condition in &set.conditions {
            writeln!(text, "    yes  {}", sentence(condition)).expect("fits");
        }
        writeln!(text, "  not set: {}", case.not_set).expect("fits");
        assert!(!not_set.holds(), "{not_set:#?}");
        for condition in not_set.conditions.iter().filter(|condition| !condition.holds) {
            writeln!(text, "    NO   {}", sentence(condition)).expect("fits");
        }
        text.push('\n');
    }
    insta::assert_snapshot!("decisions", text);
}

#[test]
fn each_flag_has_a_case_that_one_comparison_decides() {
    for flag in AnalysisFlags::all().iter() {
        let of_flag: Vec<_> = CASES.iter().filter(|case| case.flag == flag).collect();
        let [case] = of_flag.as_slice() else { panic!("{} cases of {flag:?}", of_flag.len()) };
        let failed = ask(case, case.not_set);
        let failed: Vec<_> = failed.conditions.iter().filter(|c| !c.holds).collect();
        assert_eq!(failed.len(), 1, "{}: {failed:#?}", short_name(flag));
        assert!(!failed[0].values.is_empty(), "{}: nothing was compared", short_name(flag));
    }
}

#[test]
fn a_flag_is_found_by_each_of_its_spellings() {
    for flag in AnalysisFlags::all().iter() {
        let name = short_name(flag);
        for spelling in [name.clone(), name.replace('_', "-"), name.replace('_', " ")] {
            assert_eq!(super::flag_named(&spelling), Some(flag), "{spelling}");
        }
        assert_eq!(super::flag_named(&field_name(flag).to_uppercase()), Some(flag));
    }
    assert_eq!(super::flag_named("retransmit"), None);
}

/// Which parts of a document its schema does not know, or misses.
fn differences(schema: &Value, here: &Value, document: &Value, place: &str) -> Vec<String> {
    let target = here["$ref"].as_str().and_then(|name| name.strip_prefix('#'));
    let here = target.and_then(|name| schema.pointer(name)).unwrap_or(here);
    match document {
        Value::Array(items) => {
            let each = items.iter().map(|item| differences(schema, &here["items"], item, place));
            each.flatten().collect()
        }
        Value::Object(fields) if here["properties"].is_object() && here["oneOf"].is_null() => {
            let known = here["properties"].as_object().expect("an object");
            let mut wrong: Vec<_> = fields.keys().filter(|key| !known.contains_key(*key)).collect();
            let missing = here["required"].as_array().map(Vec::as_slice).unwrap_or_default();
            let named = missing.iter().filter_map(Value::as_str).map(str::to_owned);
            let missing: Vec<_> = named.filter(|name| !fields.contains_key(name)).collect();
            wrong.extend(&missing);
            let own = wrong.iter().map(|key| format!("{place}.{key}"));
            let below = fields.iter().flat_map(|(key, value)| {
                differences(schema, &known[key], value, &format!("{place}.{key}"))
            });
            own.chain(below).collect()
        }
        _ => Vec::new(),
    }
}

#[test]
fn a_document_is_what_its_schema_says() {
    let mut text = Vec::new();
    super::document::write_schema(&mut text).expect("memory");
    let schema: Value = serde_json::from_slice(&text).expect("JSON");
    let file = include_bytes!("../../../fixtures/loss-and-repair/capture.pcapng");
    for frame in [5, 10, 15] {
        let mut capture = crate::source::from_reader("fixture", file.as_slice()).expect("opens");
        let answer = super::explain(&mut *capture, frame).expect("readable");
        let super::Answer::Explained(explained) = answer else { panic!("frame {frame} is TCP") };
        let mut text = Vec::new();
        let expected = Some(AnalysisFlags::RETRANSMISSION);
        explained.write_json(&mut text, "fixture", expected).expect("memory");
        let document: Value = serde_json::from_slice(&text).expect("JSON");
        assert_eq!(differences(&schema, &schema, &document, ""), Vec::<String>::new());
        assert!(document["rules"][0]["conditions"][0]["sentence"].is_string());
    }
    let undocumented = schema["properties"].as_object().expect("an object").iter();
    let undocumented = undocumented.filter(|(_, field)| field["description"].is_null());
    assert_eq!(undocumented.count(), 0, "each field has a description");
}
