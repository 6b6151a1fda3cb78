//! Overlaps proved and refuted, as tables of segments.

use super::model::*;
use super::tests::{ECHO, HANDSHAKE};
use super::{Options, script};

/// Two connections, the second opened at 10 ms; `rest` says the remainder.
fn two(rest: &str) -> CaptureSummary {
    let start = "10 b > S 0 0
        10.1 b < SA 0 1
        10.2 b > A 1 1
        10.3 b > PA 1 1 hello
        10.4 b < A 1 6";
    script::summary(&[HANDSHAKE, ECHO, start, rest].join("\n"), Options::default())
}

#[test]
fn served_in_parallel_when_both_are_answered_while_both_are_open() {
    let summary = two("10.5 b < PA 1 6 hello
        50 a > FA 6 6");
    let concurrency = &summary.concurrency;
    assert_eq!(concurrency.parallelism, Parallelism::Parallel);
    assert_eq!((concurrency.max_open, concurrency.overlaps_total), (2, 1));
    assert_eq!(concurrency.max_open_at.unwrap().frame, 10);
    let pair = concurrency.overlaps[0];
    assert_eq!((pair.first, pair.second, pair.kind), (0, 1, OverlapKind::ServedInParallel));
    assert_eq!((pair.from.frame, pair.until.frame), (10, 14));
    assert_eq!(summary.connections[0].overlaps.streams, [1]);
}

#[test]
fn accepted_but_waiting_when_the_answer_comes_only_after_the_other_closes() {
    let summary = two("50 a > FA 6 6
        50.1 a < FA 6 7
        50.2 b < PA 1 6 hello");
    assert_eq!(summary.concurrency.parallelism, Parallelism::ConnectedOnly);
    let waiting = summary.connections[1].waiting.unwrap();
    assert_eq!(waiting.behind, 0);
    assert_eq!((waiting.asked.frame, waiting.acknowledged.unwrap().frame), (11, 12));
    assert_eq!((waiting.released.unwrap().frame, waiting.answered.unwrap().frame), (13, 15));
    assert_eq!(summary.concurrency.overlaps[0].kind, OverlapKind::AcceptedButWaiting);
}

#[test]
fn waiting_in_vain_while_the_other_is_never_released() {
    let summary = two("500 b > A 6 1");
    let waiting = summary.connections[1].waiting.unwrap();
    assert_eq!((waiting.behind, waiting.answered), (0, None));
    assert_eq!(summary.concurrency.parallelism, Parallelism::ConnectedOnly);
}

/// A lone reset, without a handshake in the capture, shows no open connection.
#[test]
fn a_connection_that_was_never_open_is_nobodys_partner() {
    let summary = two("10.6 c < RA 77 99
        50 a > FA 6 6");
    assert_eq!(summary.connections_total, 3);
    let partners: Vec<_> = summary.connections.iter().map(|c| c.overlaps.streams.clone()).collect();
    assert_eq!(partners, [vec![1], vec![0], vec![]]);
}

#[test]
fn one_after_the_other_is_no_overlap() {
    let script =
        [HANDSHAKE, ECHO, "5 a > FA 6 6", "6 b > S 0 0", "6.1 b < SA 0 1", "6.2 b > A 1 1"];
    let summary = script::summary(&script.join("\n"), Options::default());
    assert_eq!(summary.concurrency.parallelism, Parallelism::Sequential);
    assert_eq!(summary.concurrency.max_open, 1);
}

/// A handshake of connection `b` at 6 ms and one of `c` at 8 ms, with the close of `b` between.
const TWO_IN_A_ROW: &str = "6 b > S 0 0
    6.1 b < SA 0 1
    6.2 b > A 1 1
    6.3 b > FA 1 1
    8 c > S 0 0
    8.1 c < SA 0 1
    8.2 c > A 1 1";

/// Segments before, verdict, pairs in all, pairs seen, most open, successions.
#[test]
fn connections_older_than_the_capture_were_open_before_its_first_frame() {
    use Parallelism::{Overlapping, Parallel, Sequential};
    type Case<'a> = (&'a str, &'a [&'a str], Parallelism, [u64; 3], usize);
    let table: &[Case<'_>] = &[
        ("two in a row", &[TWO_IN_A_ROW], Sequential, [0, 0, 1], 1),
        (
            "two older ones, whose frames do not interleave",
            &["0.1 d > FA 1 1", "0.2 e < PA 1 1 hello", "0.3 e > FA 1 6"],
            Overlapping,
            [1, 0, 2],
            0,
        ),
        (
            "the same, then two that began in the capture",
            &["0.1 d > FA 1 1", "0.2 e < PA 1 1 hello", "0.3 e > FA 1 6", TWO_IN_A_ROW],
            Sequential,
            [1, 0, 2],
            2,
        ),
        (
            "an older one whose first frame comes last",
            &[TWO_IN_A_ROW, "9 c > FA 1 1", "10 d > PA 1 1 hello"],
            Sequential,
            [2, 0, 2],
            1,
        ),
        (
            "two older ones, both answered while both are open",
            &[
                "0.1 d > A 1 1",
                "0.2 d < PA 1 1 hello",
                "0.3 e > A 1 1",
                "0.4 e < PA 1 1 hello",
                "0.5 e > FA 1 6",
            ],
            Parallel,
            [1, 1, 2],
            0,
        ),
        (
            "bare ACKs do not show that a connection was open",
            &["0.1 d > FA 1 1", "0.3 e > A 1 6"],
            Sequential,
            [0, 0, 1],
            1,
        ),
    ];
    for (name, lines, verdict, counts, successions) in table {
        let found = script::summary(&lines.join("\n"), Options::default()).concurrency;
        let pairs = [found.overlaps_total, found.overlaps_seen, found.max_open];
        assert_eq!((found.parallelism, pairs), (*verdict, *counts), "{name}");
        assert_eq!(found.successions.len(), *successions, "{name}");
        assert_eq!(found.overlaps.len() as u64, found.overlaps_total, "{name}");
        let seen = found.overlaps.iter().filter(|o| o.evidence == OverlapEvidence::Seen).count();
        assert_eq!(seen as u64, found.overlaps_seen, "{name}");
    }
}

#[test]
fn an_older_pair_overlaps_from_the_first_frame_to_the_first_close() {
    let lines = "0.1 d < PA 1 1 hello\n0.2 d > FA 1 6\n0.3 e < PA 1 1 hello";
    let summary = script::summary(lines, Options::default());
    let pair = summary.concurrency.overlaps[0];
    assert_eq!((pair.first, pair.second, pair.from.frame, pair.until.frame), (0, 1, 1, 2));
    assert_eq!(pair.evidence, OverlapEvidence::OlderThanCapture);
    assert_eq!(summary.connections[1].overlaps.streams, [0]);
}

proptest::proptest! {
    /// Totals against a comparison of every pair with every other.
    #[test]
    fn counts_agree_with_a_comparison_of_all_pairs(
        plan in proptest::collection::vec((proptest::bool::ANY, 0_u32..20, 1_u32..20), 2..8),
    ) {
        let mut lines: Vec<(u32, String)> = Vec::new();
        for (index, (is_older, start, length)) in plan.iter().enumerate() {
            let name = char::from(b'a' + index as u8);
            if !is_older {
                for (step, flags) in ["> S 0 0", "< SA 0 1", "> A 1 1"].iter().enumerate() {
                    lines.push((start * 10 + step as u32, format!("{name} {flags}")));
                }
            }
            lines.push(((start + length) * 10 + 5, format!("{name} > FA 1 1")));
        }
        lines.sort_by_key(|(time, _)| *time);
        let frame_of = |text: &str| {
            lines.iter().position(|(_, line)| line == text).map(|at| at as u64 + 1)
        };
        let open = |index: usize| {
            let name = char::from(b'a' + index as u8);
            let from = frame_of(&format!("{name} > A 1 1")).unwrap_or(0);
            (from, frame_of(&format!("{name} > FA 1 1")).unwrap_or(u64::MAX))
        };
        let spans: Vec<(u64, u64)> = (0..plan.len()).map(open).collect();
        let overlap = |a: &(u64, u64), b: &(u64, u64)| a.0 < b.1 && b.0 < a.1;
        let mut expected = 0;
        for (index, a) in spans.iter().enumerate() {
            expected += spans.iter().skip(index + 1).filter(|b| overlap(a, b)).count() as u64;
        }
        let text: Vec<String> =
            lines.iter().map(|(time, line)| format!("{time} {line}")).collect();
        let summary = script::summary(&text.join("\n"), Options { top: 8, segments: 4, ..Options::default() });
        proptest::prop_assert_eq!(summary.concurrency.overlaps_total, expected);
        let partners: u64 = summary.connections.iter().map(|c| c.overlaps.count).sum();
        proptest::prop_assert_eq!(partners, 2 * expected);
        let named: usize = summary.connections.iter().map(|c| c.overlaps.streams.len()).sum();
        proptest::prop_assert_eq!(named as u64, 2 * expected);
    }
}
