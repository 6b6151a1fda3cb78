//! Any text as a display filter; what is a filter is asked about frames of every kind.

#![no_main]

use std::sync::OnceLock;

use analyzer::engine::Engine;
use analyzer::filter::Filter;
use analyzer::frame::{Frame, FrameNumber, InterfaceId, LinkType};
use analyzer::source;
use analyzer::time::Timestamp;
use libfuzzer_sys::fuzz_target;

/// Captures whose frames are asked about.
const CAPTURES: &[&[u8]] = &[
    include_bytes!("../../../fixtures/handshake-refused/capture.pcapng"),
    include_bytes!("../../../fixtures/ipv6-echo/capture.pcapng"),
    include_bytes!("../../../fixtures/vlan-echo/capture.pcap"),
    include_bytes!("../../../fixtures/truncated-frames/capture.pcapng"),
    include_bytes!("../../../fixtures/zero-window/capture.pcapng"),
];
/// Frames of each capture that are asked about.
const FRAMES: usize = 8;

/// A frame that outlives its source.
struct Kept {
    bytes: Vec<u8>,
    wire_len: u32,
    link_type: LinkType,
    timestamp: Timestamp,
}

fn frames() -> &'static [Vec<Kept>] {
    static KEPT: OnceLock<Vec<Vec<Kept>>> = OnceLock::new();
    KEPT.get_or_init(|| CAPTURES.iter().map(|capture| read(capture)).collect())
}

fn read(capture: &'static [u8]) -> Vec<Kept> {
    let mut source = source::from_reader("fixture", capture).expect("a capture");
    let mut kept = Vec::new();
    while let Some(frame) = source.next().expect("whole").filter(|_| kept.len() < FRAMES) {
        kept.push(Kept {
            bytes: frame.bytes.to_vec(),
            wire_len: frame.wire_len,
            link_type: frame.link_type,
            timestamp: frame.timestamp,
        });
    }
    kept
}

/// Shows the facts of all frames.
fn ask(filters: &[&Filter], mut answer: impl FnMut(&[bool])) {
    let mut answers = vec![false; filters.len()];
    for capture in frames() {
        let mut engine = Engine::new();
        let mut filters: Vec<Filter> = filters.iter().map(|filter| (*filter).clone()).collect();
        for (index, kept) in capture.iter().enumerate() {
            let facts = engine.examine(Frame {
                number: FrameNumber(index as u64 + 1),
                timestamp: kept.timestamp,
                wire_len: kept.wire_len,
                link_type: kept.link_type,
                interface: InterfaceId(0),
                bytes: &kept.bytes,
            });
            for (filter, place) in filters.iter_mut().zip(&mut answers) {
                *place = filter.matches(&facts);
            }
            answer(&answers);
        }
    }
}

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    match Filter::parse(text) {
        Ok(filter) => {
            let negated = Filter::parse(&format!("not ({text})")).ok();
            let doubled = Filter::parse(&format!("({text}) and ({text})")).ok();
            let same = doubled.as_ref().unwrap_or(&filter);
            match &negated {
                Some(negated) => ask(&[&filter, same, negated], |answers| {
                    assert_eq!(answers[0], answers[1], "both sides of an and");
                    assert_ne!(answers[0], answers[2], "a filter and its negation");
                }),
                None => ask(&[&filter, same], |answers| assert_eq!(answers[0], answers[1])),
            }
        }
        Err(error) => {
            let span = error.span();
            assert!(span.start <= span.end && span.end <= text.len(), "{span:?}");
            assert!(text.get(span.start..span.end).is_some(), "{span:?} cuts a character");
            assert!(!error.message().is_empty());
            let shown = error.to_string();
            assert!(shown.len() < 4096 + 3 * text.len(), "an endless message");
        }
    }
});
