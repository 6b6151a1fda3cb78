//! Captures that were changed after they were recorded, as people change them.
//! Included by several tests, none of which needs all of it.

#![allow(dead_code)]

use std::fs::File;
use std::io::BufWriter;
use std::path::Path;

use analyzer::frame::{Frame, FrameNumber, InterfaceId, LinkType};
use analyzer::source::write::{PcapWriter, PcapngWriter};
use analyzer::source::{self, Interface, Section};
use analyzer::time::{TimePrecision, Timestamp};

/// A frame that can be changed.
#[derive(Debug, Clone)]
pub struct Record {
    /// Nanoseconds since the epoch.
    pub time: i64,
    /// The stored bytes.
    pub bytes: Vec<u8>,
    /// Bytes on the wire.
    pub wire_len: u32,
}

/// All frames of an Ethernet capture.
pub fn records(path: &Path) -> Vec<Record> {
    let mut capture = source::open(path).expect("a capture");
    let mut all = Vec::new();
    while let Some(frame) = capture.next().expect("a sound capture") {
        let (time, wire_len) = (frame.timestamp.as_nanos(), frame.wire_len);
        all.push(Record { time, bytes: frame.bytes.to_vec(), wire_len });
    }
    all
}

/// Writes them as pcapng with nanoseconds, or as pcap with microseconds.
pub fn write(records: &[Record], path: &Path, is_pcap: bool) {
    let out = BufWriter::new(File::create(path).expect("a file"));
    if is_pcap {
        let mut writer =
            PcapWriter::new(out, LinkType(1), 0, TimePrecision::MICROS).expect("a writer");
        for (at, record) in records.iter().enumerate() {
            writer.write(&record.frame(at)).expect("written");
        }
        writer.finish().expect("written");
    } else {
        let mut writer = PcapngWriter::new(out, &Section::default()).expect("a writer");
        let interface = Interface {
            name: None,
            description: None,
            link_type: LinkType(1),
            snaplen: 0,
            precision: TimePrecision::NANOS,
        };
        writer.add_interface(&interface, None, None).expect("written");
        for (at, record) in records.iter().enumerate() {
            writer.write(&record.frame(at)).expect("written");
        }
        writer.finish(&[]).expect("written");
    }
}

impl Record {
    fn frame(&self, at: usize) -> Frame<'_> {
        Frame {
            number: FrameNumber(at as u64 + 1),
            timestamp: Timestamp::from_nanos(self.time),
            wire_len: self.wire_len,
            link_type: LinkType(1),
            interface: InterfaceId(0),
            bytes: &self.bytes,
        }
    }

    /// True when the record is TCP over IPv4 without VLAN tags.
    pub fn is_tcp(&self) -> bool {
        self.bytes.get(12..14) == Some(&[8, 0]) && self.bytes.get(23) == Some(&6)
    }

    /// Offset of the TCP header.
    pub fn tcp(&self) -> usize {
        14 + usize::from(self.bytes[14] & 15) * 4
    }

    /// Cuts it as a snaplen does.
    pub fn cut(&mut self, snaplen: usize) {
        self.bytes.truncate(snaplen);
    }

    /// Replaces the last octets of its addresses, without a look at the checksums.
    pub fn move_address(&mut self, by: u8) {
        for at in [29, 33] {
            self.bytes[at] = self.bytes[at].wrapping_add(by);
        }
    }

    /// Replaces every port above 32767 by another.
    pub fn move_ports(&mut self, by: u16) {
        let tcp = self.tcp();
        for at in [tcp, tcp + 2] {
            let port = u16::from_be_bytes([self.bytes[at], self.bytes[at + 1]]);
            if port > 32_767 {
                let moved = 32_768 | port.wrapping_add(by);
                self.bytes[at..at + 2].copy_from_slice(&moved.to_be_bytes());
            }
        }
    }

    /// Adds to sequence and acknowledgment number, as anonymisers do.
    pub fn move_sequence(&mut self, by: u32) {
        let tcp = self.tcp();
        for at in [tcp + 4, tcp + 8] {
            let number = u32::from_be_bytes(self.bytes[at..at + 4].try_into().expect("four"));
            let moved = number.wrapping_add(by);
            self.bytes[at..at + 4].copy_from_slice(&moved.to_be_bytes());
        }
    }

    /// Gives IP header and TCP segment the checksums that fit their bytes.
    pub fn fit_checksums(&mut self) {
        let tcp = self.tcp();
        let total = u16::from_be_bytes([self.bytes[16], self.bytes[17]]);
        let end = (14 + usize::from(total)).min(self.bytes.len());
        self.bytes[24..26].fill(0);
        let header = checksum(&self.bytes[14..tcp], 0);
        self.bytes[24..26].copy_from_slice(&header.to_be_bytes());
        self.bytes[tcp + 16..tcp + 18].fill(0);
        let pseudo = 6 + (end - tcp) as u32 + sum(&self.bytes[26..34]);
        let segment = checksum(&self.bytes[tcp..end], pseudo);
        self.bytes[tcp + 16..tcp + 18].copy_from_slice(&segment.to_be_bytes());
    }
}

/// The sum of 16-bit words (RFC 1071).
fn sum(bytes: &[u8]) -> u32 {
    let word = |pair: &[u8]| u32::from(pair[0]) << 8 | pair.get(1).map_or(0, |low| (*low).into());
    bytes.chunks(2).map(word).sum()
}

/// The ones' complement checksum of bytes and of what was added up before.
fn checksum(bytes: &[u8], before: u32) -> u16 {
    let mut all = sum(bytes) + before;
    while all > 0xffff {
        all = (all & 0xffff) + (all >> 16);
    }
    !(all as u16)
}
