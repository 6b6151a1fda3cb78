//! A connection with more segments than a snapshot keeps one by one, and a capture with more
//! connections: what is folded still tells that something changed.

use analyzer::snapshot::{self, MAX_CONNECTIONS, ROWS_EACH, Rules, Snapshot};

use crate::capture::{self, Capture};
use crate::frame::{add, edit, put, tcp};

fn lab_echo() -> Capture {
    capture::fixtures().into_iter().find(|(name, _)| name == "lab-echo").unwrap().1
}

/// The client's first data again and again, each behind the one before.
fn long() -> Capture {
    let mut capture = lab_echo();
    let at = capture.frames.iter().position(|frame| frame.bytes.len() > 80).unwrap();
    let part = tcp(&capture.frames[at]).unwrap();
    let len = u32::try_from(part.payload().len()).unwrap();
    let more = (1..1200).map(|number: u32| {
        let mut frame = capture.frames[at].clone();
        edit(&mut frame, |bytes| add(bytes, part.at + 4, number * len));
        frame.delay(i64::from(number) * 1000);
        frame
    });
    let more: Vec<_> = more.collect();
    capture.frames.truncate(at + 1);
    capture.frames.extend(more);
    capture
}

/// The echo from as many ports.
fn many() -> Capture {
    let one = lab_echo();
    let mut capture = one.clone();
    for number in 1..=MAX_CONNECTIONS + 10 {
        for frame in &one.frames {
            let Some(part) = tcp(frame) else { continue };
            let mut frame = frame.clone();
            let port = 1025 + u16::try_from(number).unwrap();
            let is_server = frame.bytes[part.at..part.at + 2] == 10_000_u16.to_be_bytes();
            let place = if is_server { part.at + 2 } else { part.at };
            edit(&mut frame, |bytes| put(bytes, place, &port.to_be_bytes()));
            frame.delay(i64::try_from(number).unwrap() * 1_000_000);
            capture.frames.push(frame);
        }
    }
    capture
}

fn told(was: &Snapshot, now: &Snapshot) -> Vec<String> {
    let differences = snapshot::compare(was, now, &Rules::default());
    differences.into_iter().map(|difference| difference.sentence).collect()
}

#[test]
fn a_change_behind_the_kept_segments_is_noticed() {
    let original = long();
    let was = original.snapshot();
    assert_eq!(was.connections[0].segments.len(), ROWS_EACH);
    assert!(was.to_json().len() < 200_000, "the text is bounded");
    assert_eq!(told(&was, &was), Vec::<String>::new());
    let mut changed = original.clone();
    let last = changed.frames.len() - 100;
    edit(&mut changed.frames[last], |bytes| *bytes.last_mut().unwrap() ^= 1);
    let [sentence] = &told(&was, &changed.snapshot())[..] else { panic!() };
    assert!(sentence.contains("after its first 500 segments"), "{sentence}");
    let mut dropped = original.clone();
    dropped.frames.remove(last);
    let [sentence] = &told(&was, &dropped.snapshot())[..] else { panic!() };
    assert!(sentence.contains("were 7"), "{sentence}");
    // A change in front moves the border, and is told alone.
    let mut early = original;
    early.frames.remove(20);
    let [sentence] = &told(&was, &early.snapshot())[..] else { panic!() };
    assert!(sentence.contains("is missing (was frame 21)"), "{sentence}");
}

#[test]
fn a_change_behind_the_kept_connections_is_noticed() {
    let original = many();
    let was = original.snapshot();
    assert_eq!(was.connections.len(), MAX_CONNECTIONS);
    assert_eq!(was.folded_connections.as_ref().unwrap().connections, 11);
    let mut changed = original;
    let last = changed.frames.len() - 1;
    edit(&mut changed.frames[last], |bytes| *bytes.last_mut().unwrap() ^= 0);
    assert_eq!(told(&was, &changed.snapshot()), Vec::<String>::new());
    changed.frames.remove(last);
    let [sentence] = &told(&was, &changed.snapshot())[..] else { panic!() };
    assert!(sentence.contains("after the first 1000 connections"), "{sentence}");
}
