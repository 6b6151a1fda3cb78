//! What holds for every text and every expression.

use std::ops::ControlFlow;

use analyzer::filter::{Filter, ast::Expr, parse};
use proptest::prelude::*;

use crate::small_frames::{examine, frames};

/// Pieces that filters are made of, so that random texts get far into the parser.
fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        prop::sample::select(vec![
            "tcp",
            "tcp.port",
            "ip.addr",
            "frame.number",
            "tcp.payload",
            "frame.protocols",
            "and",
            "or",
            "not",
            "xor",
            "in",
            "any",
            "all",
            "==",
            "!=",
            "===",
            "!==",
            "<",
            ">=",
            "contains",
            "matches",
            "&",
            "+",
            "-",
            "*",
            "/",
            "%",
            "(",
            ")",
            "{",
            "}",
            "[",
            "]",
            "[0:2]",
            "[-1]",
            "#1",
            "#[1-2]",
            ",",
            "..",
            "80",
            "0x50",
            "10.0.0.0/8",
            "fe80::1",
            "00:0c:29",
            "\"a\"",
            "r\"\\d\"",
            "'x'",
            "len(",
            "max(",
            ".tcp",
            ":ff",
            "eth.src",
            "tcp.analysis.flags",
        ])
        .prop_map(str::to_owned),
        "\\PC{0,3}",
    ]
}

proptest! {
    #[test]
    fn no_text_makes_the_parser_panic(text in "\\PC{0,60}") {
        let _ = Filter::parse(&text).map_err(|error| error.to_string());
    }

    #[test]
    fn no_pieces_make_parsing_or_matching_panic(pieces in prop::collection::vec(piece(), 0..12)) {
        let text = pieces.join(" ");
        match Filter::parse(&text) {
            Err(error) => prop_assert!(error.to_string().contains('^')),
            Ok(mut filter) => examine(&frames(), |facts| {
                let _ = filter.matches(facts);
                ControlFlow::Continue(())
            }),
        }
    }

    #[test]
    fn what_is_printed_parses_to_the_same(pieces in prop::collection::vec(piece(), 0..10)) {
        if let Ok(expr) = parse(&pieces.join(" ")) {
            let printed = expr.to_string();
            let again: Result<Expr, String> = parse(&printed).map_err(|error| error.to_string());
            prop_assert_eq!(again, Ok(expr));
        }
    }

    #[test]
    fn comparisons_and_their_opposites_share_out_the_frames(port in 0_u16..=u16::MAX) {
        let parse = |text: String| Filter::parse(&text).map_err(|e| TestCaseError::fail(e.to_string()));
        let mut equal = parse(format!("tcp.port == {port}"))?;
        let mut differs = parse(format!("tcp.port != {port}"))?;
        let mut less = parse(format!("tcp.srcport < {port}"))?;
        let mut not_less = parse(format!("tcp.srcport >= {port}"))?;
        let mut results = Vec::new();
        examine(&frames(), |facts| {
            let has_tcp = facts.tcp.is_some();
            results.push((has_tcp, equal.matches(facts), differs.matches(facts)));
            results.push((has_tcp, less.matches(facts), not_less.matches(facts)));
            ControlFlow::Continue(())
        });
        for (has_tcp, one, other) in results {
            prop_assert_eq!(one ^ other, has_tcp);
        }
    }
}
