//! Hex dumps of real frames, in every layout that people copy, against their capture.

use analyzer::source;
use serde_json::Value;

use super::{capture, grade};

/// A name, and what it makes of bytes.
type Layout = (&'static str, fn(&[u8]) -> String);

/// Ways to write bytes.
const LAYOUTS: [Layout; 5] = [
    ("dump", |bytes| {
        let mut text = Vec::new();
        analyzer::listing::hex_pane::write(&mut text, bytes).expect("written");
        String::from_utf8(text).expect("text")
    }),
    ("xxd", |bytes| {
        let rows = bytes.chunks(16).enumerate().map(|(at, row)| {
            let pairs = row.chunks(2).map(hex).collect::<Vec<_>>().join(" ");
            let text: String = row.iter().map(|byte| printed(*byte)).collect();
            format!("{:08x}: {pairs:<39}  {text}\n", at * 16)
        });
        rows.collect()
    }),
    ("stream", |bytes| hex(bytes) + "\n"),
    ("array", |bytes| {
        let row = |row: &[u8]| {
            let all: Vec<String> = row.iter().map(|byte| format!("0x{byte:02x}")).collect();
            all.join(", ") + ", /* text */\n"
        };
        bytes.chunks(8).map(row).collect()
    }),
    ("escaped", |bytes| {
        let row = |row: &[u8]| {
            let all: String = row.iter().map(|byte| format!("\\x{byte:02x}")).collect();
            format!("\"{all}\" \\\n")
        };
        bytes.chunks(16).map(row).collect()
    }),
];

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn printed(byte: u8) -> char {
    if (0x20..0x7f).contains(&byte) { char::from(byte) } else { '.' }
}

/// The frames of a fixture.
fn frames(name: &str) -> Vec<Vec<u8>> {
    let mut capture = source::open(&capture(name)).expect("a capture");
    let mut all = Vec::new();
    while let Some(frame) = capture.next().expect("a sound capture") {
        all.push(frame.bytes.to_vec());
    }
    all
}

/// The pieces of a graded text.
fn pieces(name: &str, text: &str) -> Vec<Value> {
    let (_, report) = grade(&[&capture(name)], text);
    report["evidence"].as_array().expect("pieces").clone()
}

#[test]
fn honest_dumps_in_every_layout_are_their_frames() {
    for name in ["task-2-echo", "lab-parallel", "lab-file"] {
        let all = frames(name);
        for (layout, write) in LAYOUTS {
            let text: String = all.iter().map(|frame| write(frame) + "\n").collect();
            let pieces = pieces(name, &text);
            assert_eq!(pieces.len(), all.len(), "{name}, {layout}");
            for (piece, frame) in pieces.iter().zip(&all) {
                assert_eq!(piece["kind"], "frame-bytes");
                assert_eq!(piece["source"], "this-capture", "{name}, {layout}: {piece}");
                assert_eq!(piece["bytes"]["equal"], frame.len());
                let found = piece["contradictions"].as_array().expect("a list");
                assert!(found.is_empty(), "{piece}");
                let number = piece["bytes"]["frame"].as_u64().expect("a frame") as usize;
                assert_eq!(&all[number - 1], frame, "{name}, {layout}");
            }
        }
    }
}

#[test]
fn every_edited_byte_is_named_at_its_offset() {
    let name = "task-2-echo";
    let frame = frames(name).into_iter().find(|frame| frame.len() > 90).expect("data");
    let edited: Vec<Vec<u8>> = (0..frame.len())
        .map(|at| {
            let mut edited = frame.clone();
            edited[at] ^= 0x21;
            edited
        })
        .collect();
    let (_, write) = LAYOUTS[0];
    let text: String = edited.iter().map(|frame| write(frame) + "\n").collect();
    let pieces = pieces(name, &text);
    assert_eq!(pieces.len(), frame.len());
    for (at, piece) in pieces.iter().enumerate() {
        let differing = piece["bytes"]["differing"].as_array().expect("a list");
        assert_eq!(differing.len(), 1, "{at}: {piece}");
        assert_eq!(differing[0]["offset"], at);
        assert_eq!(differing[0]["seen"], frame[at] ^ 0x21);
        assert_eq!(differing[0]["expected"], frame[at]);
        assert_eq!(piece["source"], "this-capture");
    }
}

#[test]
fn dumps_of_another_run_are_said_to_be_of_one() {
    let text: String = frames("lab-parallel")
        .iter()
        .filter(|frame| frame.get(23) == Some(&6))
        .map(|frame| LAYOUTS[0].1(frame) + "\n")
        .collect();
    for piece in pieces("task-4-parallel", &text) {
        let source = piece["source"].as_str().expect("a word");
        assert!(["another-run", "another-capture"].contains(&source), "{piece}");
        assert_eq!(piece["contradictions"].as_array().map(Vec::len), Some(0), "{piece}");
    }
}
