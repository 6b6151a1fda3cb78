//! A handful of frames, byte by byte, small enough to know by heart:
//!
//! | frame | what |
//! |---|---|
//! | 1 | SYN 192.0.2.1:40000 > 192.0.2.2:80, MSS 1460, window scale 7 |
//! | 2 | SYN-ACK back |
//! | 3 | ACK |
//! | 4 | `GET /index.html HTTP/1.1`, 30 bytes |
//! | 5 | UDP 192.0.2.1:5353 > 192.0.2.53:53, 4 bytes |
//! | 6 | ARP request for 192.0.2.2 |
//! | 7 | IPv6 TCP SYN fe80::1:50000 > 2001:db8::2:443 |
//! | 8 | ICMP port unreachable that quotes frame 5, from 192.0.2.53 |

use std::ops::ControlFlow;

use analyzer::engine::Engine;
use analyzer::facts::FrameFacts;
use analyzer::frame::{Frame, FrameNumber, InterfaceId, LinkType};
use analyzer::time::Timestamp;

/// What frame 4 carries.
pub const REQUEST: &[u8] = b"GET /index.html HTTP/1.1\r\nA: b";

/// The bytes of all frames, in order.
pub fn frames() -> Vec<Vec<u8>> {
    let (client, server) = ([192, 0, 2, 1], [192, 0, 2, 2]);
    let options = [2, 4, 0x05, 0xb4, 1, 3, 3, 7];
    let syn = tcp(40000, 80, 1000, 0, 0x002, &options, &[]);
    let syn_ack = tcp(80, 40000, 5000, 1001, 0x012, &options, &[]);
    let ack = tcp(40000, 80, 1001, 5001, 0x010, &[], &[]);
    let data = tcp(40000, 80, 1001, 5001, 0x018, &[], REQUEST);
    let dns = udp(5353, 53, &[1, 2, 3, 4]);
    let datagram = ipv4(client, [192, 0, 2, 53], 17, &dns);
    let mut unreachable = vec![3, 3, 0, 0, 0, 0, 0, 0];
    unreachable.extend(&datagram);
    let syn6 = tcp(50000, 443, 1, 0, 0x002, &[], &[]);
    vec![
        ethernet(0x0800, &ipv4(client, server, 6, &syn)),
        ethernet(0x0800, &ipv4(server, client, 6, &syn_ack)),
        ethernet(0x0800, &ipv4(client, server, 6, &ack)),
        ethernet(0x0800, &ipv4(client, server, 6, &data)),
        ethernet(0x0800, &datagram),
        ethernet(0x0806, &arp(client, server)),
        ethernet(0x86dd, &ipv6(&syn6)),
        ethernet(0x0800, &ipv4([192, 0, 2, 53], client, 1, &unreachable)),
    ]
}

/// Shows the facts of each frame; they lie half a second apart, from 2020-01-01 00:00:00 UTC.
pub fn examine(frames: &[Vec<u8>], mut observer: impl FnMut(&FrameFacts<'_>) -> ControlFlow<()>) {
    let mut engine = Engine::new();
    for (index, bytes) in frames.iter().enumerate() {
        let nanos = 1_577_836_800_000_000_000 + index as i64 * 500_000_000;
        let frame = Frame {
            number: FrameNumber(index as u64 + 1),
            timestamp: Timestamp::from_nanos(nanos),
            wire_len: bytes.len() as u32,
            link_type: LinkType(1),
            interface: InterfaceId(0),
            bytes,
        };
        if observer(&engine.examine(frame)).is_break() {
            return;
        }
    }
}

fn ethernet(ether_type: u16, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![2, 0x42, 0xac, 0x10, 0x10, 0x66, 2, 0x42, 0xac, 0x10, 0x10, 0x65];
    frame.extend(ether_type.to_be_bytes());
    frame.extend(payload);
    frame
}

fn ipv4(source: [u8; 4], destination: [u8; 4], protocol: u8, payload: &[u8]) -> Vec<u8> {
    let length = (20 + payload.len()) as u16;
    let mut packet = vec![0x45, 0];
    packet.extend(length.to_be_bytes());
    packet.extend([0x12, 0x34, 0x40, 0, 64, protocol, 0, 0]);
    packet.extend(source);
    packet.extend(destination);
    packet.extend(payload);
    packet
}

fn ipv6(payload: &[u8]) -> Vec<u8> {
    let mut packet = vec![0x60, 0, 0, 0];
    packet.extend((payload.len() as u16).to_be_bytes());
    packet.extend([6, 255]);
    packet.extend([0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
    packet.extend([0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2]);
    packet.extend(payload);
    packet
}

fn tcp(
    source: u16,
    destination: u16,
    seq: u32,
    ack: u32,
    flags: u16,
    options: &[u8],
    payload: &[u8],
) -> Vec<u8> {
    let words = (20 + options.len() as u16) / 4;
    let mut segment = Vec::new();
    segment.extend(source.to_be_bytes());
    segment.extend(destination.to_be_bytes());
    segment.extend(seq.to_be_bytes());
    segment.extend(ack.to_be_bytes());
    segment.extend((words << 12 | flags).to_be_bytes());
    segment.extend([0x01, 0xf6, 0x12, 0x34, 0, 0]);
    segment.extend(options);
    segment.extend(payload);
    segment
}

fn udp(source: u16, destination: u16, payload: &[u8]) -> Vec<u8> {
    let mut datagram = Vec::new();
    datagram.extend(source.to_be_bytes());
    datagram.extend(destination.to_be_bytes());
    datagram.extend((8 + payload.len() as u16).to_be_bytes());
    datagram.extend([0, 0]);
    datagram.extend(payload);
    datagram
}

fn arp(source: [u8; 4], target: [u8; 4]) -> Vec<u8> {
    let mut packet = vec![0, 1, 8, 0, 6, 4, 0, 1, 2, 0x42, 0xac, 0x10, 0x10, 0x65];
    packet.extend(source);
    packet.extend([0; 6]);
    packet.extend(target);
    packet
}
