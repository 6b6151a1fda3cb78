//! Any bytes as a capture file: the readers, and everything that is done with what they read.

#![no_main]

use std::io::{self, Read};

use analyzer::source::{self, FrameSource};
use analyzer::summary::CaptureEnd;
use analyzer::tcp::StreamId;
use analyzer_fuzz::everything::{Everything, with_borrowers};
use libfuzzer_sys::fuzz_target;

/// Frames that are looked at: a compressed file may hold millions.
const MAX_FRAMES: usize = 2_000;
/// Bytes of frames that are looked at.
const MAX_BYTES: usize = 1 << 20;

/// Hands out few bytes at a time, as a slow pipe does.
struct Dribble(io::Cursor<Vec<u8>>);

impl Read for Dribble {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let step = 7.min(into.len());
        self.0.read(&mut into[..step])
    }
}

/// What a reader made of a file: lengths and a sum of each frame, and how it ended.
fn outline(opened: source::Result<Box<dyn FrameSource>>) -> (Vec<(usize, u32, u64)>, String) {
    let mut frames = Vec::new();
    let mut source = match opened {
        Ok(source) => source,
        Err(error) => return (frames, error.to_string()),
    };
    let mut bytes = 0;
    loop {
        match source.next() {
            Ok(Some(frame)) => {
                let sum = frame
                    .bytes
                    .iter()
                    .fold(7_u64, |sum, byte| sum.wrapping_mul(31).wrapping_add(u64::from(*byte)));
                bytes += frame.bytes.len();
                frames.push((frame.bytes.len(), frame.wire_len, sum));
            }
            Ok(None) => return (frames, String::new()),
            Err(error) => return (frames, error.to_string()),
        }
        if frames.len() >= MAX_FRAMES || bytes > MAX_BYTES {
            return (frames, "enough".into());
        }
    }
}

/// Everything that any command does with a capture.
fn read_everything(data: &[u8]) {
    let opened = source::from_reader("fuzz", io::Cursor::new(data.to_vec()));
    let mut source = match opened {
        Ok(source) => source,
        Err(error) => {
            assert!(!error.to_string().is_empty());
            return;
        }
    };
    let mut everything = Everything::new();
    let mut error = None;
    let mut frames = 0_u64;
    with_borrowers(StreamId(u32::from(data.last().copied().unwrap_or(0)) % 2), |also| {
        let mut bytes = 0;
        while frames < MAX_FRAMES as u64 && bytes <= MAX_BYTES {
            match source.next() {
                Ok(Some(frame)) => {
                    frames += 1;
                    bytes += frame.bytes.len();
                    assert_eq!(frame.number.0, frames, "frames are numbered from 1");
                    everything.frame(frame, also);
                }
                Ok(None) => break,
                Err(damage) => {
                    error = Some(damage.to_string());
                    assert!(matches!(source.next(), Ok(None)), "an error is the end");
                    break;
                }
            }
            source.comments(&mut |comment| assert!(comment.len() <= 3 * data.len().max(1 << 20)));
        }
    });
    let end = CaptureEnd {
        file: "fuzz\u{1b}[31m".into(),
        format: None,
        interfaces: source.interfaces().to_vec(),
        statistics: source.statistics(),
        error,
        filter: None,
    };
    everything.finish(&end);
}

/// True for pcap's common magic number, and for compressed files, which may hold it: which of
/// the dialects it is, is decided by the records that are there, so that a slow pipe need not
/// wait for more.
fn has_dialects(data: &[u8]) -> bool {
    let is_pcap = data.starts_with(&[0xd4, 0xc3, 0xb2, 0xa1])
        || data.starts_with(&[0x34, 0xcd, 0xb2, 0xa1])
        || data.starts_with(&[0xa1, 0xb2]);
    let packed: [&[u8]; 3] = [&[0x1f, 0x8b], &[0x28, 0xb5, 0x2f, 0xfd], &[0x04, 0x22, 0x4d, 0x18]];
    is_pcap || packed.iter().any(|magic| data.starts_with(magic))
}

fuzz_target!(|data: &[u8]| {
    read_everything(data);
    if data.len() <= 1 << 16 && !has_dialects(data) {
        let whole = outline(source::from_reader("fuzz", io::Cursor::new(data.to_vec())));
        let dribble = Dribble(io::Cursor::new(data.to_vec()));
        let slow = outline(source::from_reader("fuzz", dribble));
        assert_eq!(whole, slow, "how the bytes arrive must not matter");
    }
});
