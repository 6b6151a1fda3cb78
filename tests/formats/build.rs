//! Capture files byte by byte, in every dialect and with every fault, for the readers.

/// Byte order of a section or file.
#[derive(Clone, Copy)]
pub enum Order {
    Little,
    Big,
}
use Order::{Big, Little};

impl Order {
    fn u16(self, value: u16) -> [u8; 2] {
        match self {
            Little => value.to_le_bytes(),
            Big => value.to_be_bytes(),
        }
    }

    fn u32(self, value: u32) -> [u8; 4] {
        match self {
            Little => value.to_le_bytes(),
            Big => value.to_be_bytes(),
        }
    }
}

/// Sixty bytes that stand for a frame.
const DATA: [u8; 60] = [0x11; 60];

/// A pcapng block of a type; the body is padded, both lengths are right.
pub fn block(order: Order, kind: u32, body: &[u8]) -> Vec<u8> {
    let padded = body.len().next_multiple_of(4);
    let total = order.u32(padded as u32 + 12);
    let mut bytes = [order.u32(kind), total].concat();
    bytes.extend(body);
    bytes.resize(8 + padded, 0);
    bytes.extend(total);
    bytes
}

pub fn section(order: Order) -> Vec<u8> {
    let mut body = order.u32(0x1a2b_3c4d).to_vec();
    body.extend(order.u16(1));
    body.extend(order.u16(0));
    body.extend([0xff; 8]);
    block(order, 0x0a0d_0d0a, &body)
}

/// An option of a block: code and value.
pub fn option(order: Order, code: u16, value: &[u8]) -> Vec<u8> {
    let mut bytes = [order.u16(code), order.u16(value.len() as u16)].concat();
    bytes.extend(value);
    bytes.resize(bytes.len().next_multiple_of(4), 0);
    bytes
}

pub fn interface(order: Order, snaplen: u32, options: &[u8]) -> Vec<u8> {
    let mut body = [order.u16(1), [0; 2]].concat();
    body.extend(order.u32(snaplen));
    body.extend(options);
    block(order, 1, &body)
}

/// An enhanced packet of `DATA` on an interface, at a number of ticks.
pub fn enhanced(order: Order, interface: u32, ticks: u64) -> Vec<u8> {
    let [high, low] = [(ticks >> 32) as u32, ticks as u32];
    let mut body: Vec<u8> =
        [interface, high, low, 60, 60].iter().flat_map(|word| order.u32(*word)).collect();
    body.extend(DATA);
    block(order, 6, &body)
}

/// An obsolete packet block; it counts drops.
pub fn obsolete(order: Order, ticks: u64) -> Vec<u8> {
    let mut body = [order.u16(0), order.u16(5)].concat();
    for word in [(ticks >> 32) as u32, ticks as u32, 60, 60] {
        body.extend(order.u32(word));
    }
    body.extend(DATA);
    block(order, 2, &body)
}

/// A simple packet block: no time, only the wire length.
pub fn simple(order: Order, wire_len: u32, data: &[u8]) -> Vec<u8> {
    block(order, 3, &[&order.u32(wire_len), data].concat())
}

/// The file header of a classic pcap.
pub fn pcap(order: Order, magic: u32, version: [u16; 2], network: u32) -> Vec<u8> {
    let mut bytes = order.u32(magic).to_vec();
    bytes.extend(order.u16(version[0]));
    bytes.extend(order.u16(version[1]));
    bytes.extend([0; 8]);
    bytes.extend(order.u32(65_535));
    bytes.extend(order.u32(network));
    bytes
}

/// A record of 60 bytes at 1,600,000,000 s and a fraction; `extra` follows its header.
pub fn record(order: Order, fraction: u32, extra: &[u8]) -> Vec<u8> {
    lengths(order, fraction, 60, 60, extra, &DATA)
}

/// A record with chosen lengths.
pub fn lengths(
    order: Order,
    fraction: u32,
    first: u32,
    second: u32,
    extra: &[u8],
    data: &[u8],
) -> Vec<u8> {
    let head = [1_600_000_000, fraction, first, second];
    let mut bytes: Vec<u8> = head.iter().flat_map(|word| order.u32(*word)).collect();
    bytes.extend(extra);
    bytes.extend(data);
    bytes
}

/// A snoop file (RFC 1761) with two records.
pub fn snoop() -> Vec<u8> {
    let mut bytes = b"snoop\0\0\0".to_vec();
    bytes.extend([2_u32, 4].map(u32::to_be_bytes).concat());
    for fraction in [0_u32, 500] {
        let head = [60, 60, 60 + 24, 0, 1_600_000_000, fraction];
        bytes.extend(head.map(u32::to_be_bytes).concat());
        bytes.extend(DATA);
    }
    bytes
}
