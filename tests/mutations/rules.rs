//! Each rule takes away what it names, and nothing else.

use analyzer::snapshot::{self, Rules, Snapshot};

use crate::capture::{self, Capture};
use crate::frame::{edit, put, tcp};

fn lab_file() -> Capture {
    capture::fixtures().into_iter().find(|(name, _)| name == "lab-file").unwrap().1
}

/// The capture with a change in the segment at a place, from 0.
fn changed(place: usize, change: impl Fn(&mut Vec<u8>, usize)) -> Snapshot {
    let mut capture = lab_file();
    let mut segments = capture.frames.iter_mut().filter(|frame| tcp(frame).is_some());
    let frame = segments.nth(place).unwrap();
    let at = tcp(frame).unwrap().at;
    edit(frame, |bytes| change(bytes, at));
    capture.snapshot()
}

fn late(nanos: i64) -> Snapshot {
    let mut capture = lab_file();
    let count = capture.frames.len();
    capture.frames[count - 3..].iter_mut().for_each(|frame| frame.delay(nanos));
    capture.snapshot()
}

fn told(now: &Snapshot, rules: &str) -> Vec<String> {
    let rules: Rules = toml::from_str(rules).unwrap_or_else(|error| panic!("{rules}: {error}"));
    let differences = snapshot::compare(&lab_file().snapshot(), now, &rules);
    differences.into_iter().map(|difference| difference.sentence).collect()
}

#[test]
fn a_rule_takes_away_what_it_names() {
    let window = changed(4, |bytes, at| put(bytes, at + 14, &100_u16.to_be_bytes()));
    let reset = changed(11, |bytes, at| bytes[at + 13] = 0x14);
    let cases: [(&Snapshot, &str, bool); 14] = [
        (&window, "", true),
        (&window, "ignore = [\"window\"]", false),
        (&window, "ignore = [\"ip\", \"seq\", \"time\"]", true),
        (&window, "within = { window = 1000 }", false),
        (&window, "within = { window = 3 }", true),
        (&window, "within = { window = \"90%\" }", false),
        (&window, "level = \"behaviour\"", false),
        (&late(2_000_000_000), "", true),
        (&late(2_000_000_000), "within = { time = \"3s\" }", false),
        (&late(2_000_000_000), "within = { time = \"1s\" }", true),
        (&late(40_000_000), "", false),
        (&late(40_000_000), "within = { time = \"1ms\" }", true),
        (&reset, "level = \"behaviour\"", true),
        (&reset, "level = \"behaviour\"\none_of = { ending = [\"closed\", \"reset\"] }", false),
    ];
    for (at, (now, rules, is_told)) in cases.into_iter().enumerate() {
        let told = told(now, rules);
        assert_eq!(!told.is_empty(), is_told, "case {at}: {rules}: {told:?}");
    }
}

#[test]
fn an_early_reset_is_told_with_the_bytes_that_came() {
    // The server resets in the middle of its answer, and nothing follows.
    let mut capture = lab_file();
    let answer =
        |frame: &&mut capture::Owned| tcp(frame).is_some_and(|part| part.payload().len() == 32);
    let second = capture.frames.iter_mut().filter(|frame| tcp(frame).is_some());
    let second = second.filter(|frame| answer(frame)).nth(1).unwrap();
    let at = tcp(second).unwrap().at;
    edit(second, |bytes| bytes[at + 13] = 0x14);
    let number = capture
        .frames
        .iter()
        .position(|frame| tcp(frame).is_some_and(|part| frame.bytes[part.at + 13] == 0x14));
    capture.frames.truncate(number.unwrap() + 1);
    let told = told(&capture.snapshot(), "");
    assert_eq!(
        told,
        ["connection 0: now closed by the server with RST after 32 of 67 bytes from the server; \
          was FIN by the client (2 other changes, from frame 10 on)"]
    );
}
