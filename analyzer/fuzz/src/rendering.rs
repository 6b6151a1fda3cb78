//! Renderers that are no part of a pass over frames: explanations, dumps, and the texts that a
//! capture file brings along.

use std::io;

use analyzer::explain::{self, Answer};
use analyzer::frame::LinkType;
use analyzer::listing::hex_pane;
use analyzer::source;
use analyzer::source::Interface;
use analyzer::summary::CaptureEnd;
use analyzer::tcp::AnalysisFlags;
use analyzer::time::TimePrecision;

use crate::bytes::Input;
use crate::messages::Kept;

/// A file whose name, interface, damage and filter are foreign text.
pub fn capture_end(input: &mut Input<'_>) -> CaptureEnd {
    let mut text = || {
        let length = usize::from(input.u8() & 31);
        String::from_utf8_lossy(input.take(length)).into_owned()
    };
    let (file, name, description, error, filter) = (text(), text(), text(), text(), text());
    let interface = Interface {
        name: Some(name),
        description: Some(description),
        link_type: LinkType(1),
        snaplen: 0,
        precision: TimePrecision::NANOS,
    };
    let optional = |text: String| Some(text).filter(|text| !text.is_empty());
    CaptureEnd {
        file,
        interfaces: vec![interface],
        error: optional(error),
        filter: optional(filter),
        ..CaptureEnd::default()
    }
}

/// The frames as a pcap file with nanoseconds.
fn pcap(frames: &[Kept]) -> Vec<u8> {
    let mut file = [0xa1b2_3c4d_u32, 0x0004_0002, 0, 0, 0x4_0000, 1].map(u32::to_le_bytes).concat();
    for frame in frames {
        let (seconds, nanos) = (frame.nanos / 1_000_000_000, frame.nanos % 1_000_000_000);
        let lengths = [frame.bytes.len() as u32, frame.wire_len];
        for number in [seconds as u32, nanos as u32, lengths[0], lengths[1]] {
            file.extend(number.to_le_bytes());
        }
        file.extend(&frame.bytes);
    }
    file
}

/// Explains one of the frames, as text and as JSON, with a flag that somebody expects.
pub fn explain_one(frames: &[Kept], asked: u64, flag: u8) {
    let number = 1 + asked % (frames.len() as u64 + 1);
    let file = io::Cursor::new(pcap(frames));
    let mut capture = source::from_reader("fuzz", file).expect("a pcap file");
    let flags: Vec<AnalysisFlags> = AnalysisFlags::all().iter().collect();
    let expected = flags.get(usize::from(flag)).copied();
    match explain::explain(&mut *capture, number).expect("a whole file") {
        Answer::NotThere(count) => assert!(count < number && count == frames.len() as u64),
        Answer::NotTcp(protocol, info) => {
            assert!(!protocol.is_empty() && !info.chars().any(char::is_control), "{info:?}");
        }
        Answer::Explained(explained) => {
            assert_eq!(
                explained.why.flags(),
                explained.analysis.flags,
                "other rules than verdicts"
            );
            let mut text = Vec::new();
            explained.write_text(&mut text, "fuzz", expected).expect("memory");
            let text = String::from_utf8(text).expect("an explanation is text");
            assert!(!text.chars().any(|letter| letter.is_control() && letter != '\n'), "{text:?}");
            let mut json = Vec::new();
            explained.write_json(&mut json, "fuzz", expected).expect("memory");
            let json: serde_json::Value = serde_json::from_slice(&json).expect("JSON");
            assert_eq!(json["frame"], number);
        }
    }
}

/// The bytes pane of any bytes, with offsets of any width.
pub fn check_dump(bytes: &[u8], how: u8) {
    let mut dump = Vec::new();
    let first = u64::MAX >> (how & 0x3f);
    hex_pane::write_at(&mut dump, bytes, first, usize::from(how >> 4)).expect("memory");
    let text = String::from_utf8(dump).expect("a dump is ASCII");
    assert_eq!(text.lines().count(), bytes.len().div_ceil(16), "a line for sixteen bytes");
    assert!(text.bytes().all(|byte| byte == b'\n' || (0x20..0x7f).contains(&byte)));
}
