//! Frames cut from a fuzzer's input, and the same form made from real frames.
//!
//! ```text
//! link type (2 bytes), then per frame: header (2 bytes), time step (1 byte), the frame's bytes
//! header: bits 0-10 length, 11-12 how the length on the wire differs, 13-15 unused
//! ```

use analyzer::frame::{Frame, FrameNumber, InterfaceId, LinkType};
use analyzer::time::Timestamp;

use crate::bytes::Input;

const LENGTH: u16 = 0x07ff;
const CUT_SHIFT: u16 = 11;
/// 2024-05-01T08:30:00Z in nanoseconds.
const START: i64 = 1_714_552_200_000_000_000;

/// Frames of one link type, cut from bytes.
pub struct Frames<'a> {
    input: Input<'a>,
    link_type: LinkType,
    number: u64,
    nanos: i64,
}

impl<'a> Frames<'a> {
    /// The link type is the first two bytes.
    pub fn new(bytes: &'a [u8]) -> Self {
        let mut input = Input(bytes);
        let link_type = LinkType(input.u16());
        Self { input, link_type, number: 0, nanos: START }
    }
}

impl<'a> Iterator for Frames<'a> {
    type Item = Frame<'a>;

    fn next(&mut self) -> Option<Frame<'a>> {
        if self.input.is_empty() {
            return None;
        }
        let header = self.input.u16();
        self.nanos = self.nanos.wrapping_add(step(self.input.u8()));
        self.number += 1;
        let bytes = self.input.take(usize::from(header & LENGTH));
        let stored = bytes.len() as u32;
        let wire_len = match (header >> CUT_SHIFT) & 3 {
            0 | 1 => stored,
            2 => stored + 100,
            _ => stored / 2,
        };
        Some(Frame {
            number: FrameNumber(self.number),
            timestamp: Timestamp::from_nanos(self.nanos),
            wire_len: wire_len.saturating_sub(self.link_type.pseudo_header_len()),
            link_type: self.link_type,
            interface: InterfaceId(0),
            bytes,
        })
    }
}

/// Nanoseconds for a byte: mostly forwards, from one to hours, sometimes back.
pub fn step(byte: u8) -> i64 {
    let size = 1_i64 << (byte & 0x3f).min(44);
    match byte >> 6 {
        0 => i64::from(byte) * 1_000_000,
        1 => i64::from(byte) * 1_000,
        2 => size,
        _ => -size,
    }
}

/// Appends a real frame in the form that [`Frames`] reads.
pub fn encode(frame: &Frame<'_>, milliseconds: u8, out: &mut Vec<u8>) {
    let stored = frame.bytes.len().min(usize::from(LENGTH));
    let is_cut = frame.is_truncated() || stored < frame.bytes.len();
    let header = stored as u16 | if is_cut { 2 << CUT_SHIFT } else { 0 };
    out.extend(header.to_le_bytes());
    out.push(milliseconds.min(0x3f));
    out.extend(&frame.bytes[..stored]);
}
