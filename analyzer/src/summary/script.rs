//! Captures as text, for tests: one line per segment.
//!
//! ```text
//! TIME CONNECTION DIRECTION FLAGS SEQ ACK [PAYLOAD | *LEN]
//! 0.1  a          >         PA    1   1   hello
//! ```
//!
//! Time is in milliseconds; connections `a`, `b`, ... come from ports 40000, 40001, ... of
//! 10.0.0.2, 10.0.0.3, ... and go to 10.0.0.1:80 (`>` from the client); numbers are relative
//! to the initial ones 1000 and 5000; `*100` stands for 100 bytes of `x`.

use super::{CaptureEnd, CaptureSummary, Collector, Options};
use crate::engine::Engine;
use crate::facts::FrameFacts;
use crate::frame::{Frame, FrameNumber, InterfaceId, LinkType};
use crate::time::Timestamp;

/// 2024-05-01T08:30:00Z.
const START_NS: i64 = 1_714_552_200_000_000_000;

/// LINKTYPE_RAW: frames begin with the IP header.
const RAW_IP: LinkType = LinkType(101);

/// MSS 1460, window scale 7, one NOP.
const SYN_OPTIONS: [u8; 8] = [2, 4, 0x05, 0xb4, 3, 3, 7, 1];

/// The summary of a script, under the name `script`.
pub(crate) fn summary(script: &str, options: Options) -> CaptureSummary {
    let mut collector = Collector::new(options);
    examine(script, |facts| collector.observe(facts, true));
    collector.finish(CaptureEnd { file: "script".into(), ..CaptureEnd::default() })
}

/// Shows every frame of a script.
pub(super) fn examine(script: &str, mut show: impl FnMut(&FrameFacts<'_>)) {
    let mut engine = Engine::new();
    let lines = script.lines().map(str::trim).filter(|line| !line.is_empty());
    for (index, line) in lines.enumerate() {
        let (nanos, bytes) = packet(line);
        let frame = Frame {
            number: FrameNumber(index as u64 + 1),
            timestamp: Timestamp::from_nanos(START_NS + nanos),
            wire_len: bytes.len() as u32,
            link_type: RAW_IP,
            interface: InterfaceId(0),
            bytes: &bytes,
        };
        show(&engine.examine(frame));
    }
}

/// Time since the start in nanoseconds, and the bytes of the IPv4 packet.
fn packet(line: &str) -> (i64, Vec<u8>) {
    let mut words = line.splitn(7, ' ').filter(|word| !word.is_empty());
    let mut word = || words.next().unwrap_or_default();
    let (time, connection, direction) = (word(), word(), word());
    let (flags, seq, ack, payload) = (word(), word(), word(), word());
    let payload = match payload.strip_prefix('*') {
        Some(len) => "x".repeat(len.parse().expect("a length")),
        None => payload.to_owned(),
    };
    let index = connection.as_bytes()[0] - b'a';
    let client = ([10, 0, 0, 2 + index], 40_000 + u16::from(index), 1000_u32);
    let server = ([10, 0, 0, 1], 80_u16, 5000_u32);
    let (from, to) = if direction == ">" { (client, server) } else { (server, client) };
    let flags = flags.chars().map(flag).sum::<u8>();
    let number = |text: &str| text.parse::<u32>().unwrap_or(0);
    let ack = if flags & 0x10 == 0 { 0 } else { to.2 + number(ack) };
    let options: &[u8] = if flags & 0x02 == 0 { &[] } else { &SYN_OPTIONS };
    let window: u16 = if flags & 0x02 == 0 { 502 } else { 64_240 };
    let mut tcp = Vec::new();
    tcp.extend(from.1.to_be_bytes());
    tcp.extend(to.1.to_be_bytes());
    tcp.extend((from.2 + number(seq)).to_be_bytes());
    tcp.extend(ack.to_be_bytes());
    tcp.extend([(5 + options.len() as u8 / 4) << 4, flags]);
    tcp.extend(window.to_be_bytes());
    tcp.extend([0; 4]);
    tcp.extend(options);
    tcp.extend(payload.as_bytes());
    let mut covered = [from.0.as_slice(), &to.0, &[0, 6]].concat();
    covered.extend((tcp.len() as u16).to_be_bytes());
    covered.extend(&tcp);
    tcp[16..18].copy_from_slice(&checksum(&covered).to_be_bytes());
    let millis: f64 = time.parse().expect("a time");
    ((millis * 1e6) as i64, [ip_header(from.0, to.0, tcp.len()), tcp].concat())
}

fn ip_header(from: [u8; 4], to: [u8; 4], payload_len: usize) -> Vec<u8> {
    let mut ip = vec![0x45, 0];
    ip.extend((20 + payload_len as u16).to_be_bytes());
    ip.extend([0, 0, 0x40, 0, 64, 6, 0, 0]);
    ip.extend(from);
    ip.extend(to);
    let sum = checksum(&ip);
    ip[10..12].copy_from_slice(&sum.to_be_bytes());
    ip
}

/// The Internet checksum (RFC 1071).
fn checksum(bytes: &[u8]) -> u16 {
    let word = |pair: &[u8]| u32::from(pair[0]) << 8 | u32::from(*pair.get(1).unwrap_or(&0));
    let mut sum: u32 = bytes.chunks(2).map(word).sum();
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !(sum as u16)
}

fn flag(letter: char) -> u8 {
    match letter {
        'F' => 0x01,
        'S' => 0x02,
        'R' => 0x04,
        'P' => 0x08,
        'A' => 0x10,
        _ => panic!("no flag {letter}"),
    }
}
