//! Captures without connections: addresses, errors, names, leases, and cut frames.

use super::packets::{
    HARDWARE, Header, Stored, V4, V6, ethernet, icmp, icmpv6, igmp, ipv4, ipv6, tcp, tcp_bytes, udp,
};

/// An ARP message between two addresses.
fn arp(opcode: u8, sender: [u8; 4], target_hardware: [u8; 6], target: [u8; 4]) -> Vec<u8> {
    let mut bytes = vec![0, 1, 8, 0, 6, 4, 0, opcode];
    bytes.extend(HARDWARE[0]);
    bytes.extend(sender);
    bytes.extend(target_hardware);
    bytes.extend(target);
    ethernet(0, 0x0806, &bytes)
}

/// ARP, ICMP, ICMPv6 and IGMP.
pub fn neighbours() -> Vec<Stored> {
    let [a, b] = V4;
    let mut frames = vec![
        arp(1, a, [0; 6], b),
        arp(2, a, HARDWARE[1], b),
        arp(1, [0; 4], [0; 6], b),
        arp(1, a, [0; 6], a),
        arp(1, a, [0xff; 6], a),
        arp(2, a, [0xff; 6], a),
        arp(3, a, HARDWARE[1], b),
        arp(4, a, HARDWARE[1], b),
        arp(9, a, HARDWARE[1], b),
    ];
    for seq in 1..4 {
        frames.push(icmp(0, &[8, 0, 0, 0, 0x12, 0x34, 0, seq, b'p', b'i', b'n', b'g']));
        frames.push(icmp(1, &[0, 0, 0, 0, 0x12, 0x34, 0, seq, b'p', b'i', b'n', b'g']));
    }
    frames.push(icmp(1, &[0, 0, 0, 0, 0x12, 0x34, 0, 9, b'l', b'o', b'n', b'e']));
    let quoted = ipv4(0, 17, &[0x9c, 0x40, 0x27, 0x10, 0, 12, 0, 0, b'd', b'a', b't', b'a']);
    for (kind, codes) in [(3, 16), (5, 4), (11, 2), (12, 3)] {
        for code in 0..codes {
            frames.push(icmp(1, &[&[kind, code, 0, 0, 0, 0, 0, 0], quoted.as_slice()].concat()));
        }
    }
    frames.push(icmp(0, &[[13, 0, 0, 0, 0, 1, 0, 2].as_slice(), &[0; 12]].concat()));
    frames.push(icmp(1, &[[14, 0, 0, 0, 0, 1, 0, 2].as_slice(), &[0; 12]].concat()));
    frames.push(icmpv6(0, &[128, 0, 0, 0, 0x12, 0x34, 0, 1, b'p', b'i', b'n', b'g']));
    frames.push(icmpv6(1, &[129, 0, 0, 0, 0x12, 0x34, 0, 1, b'p', b'i', b'n', b'g']));
    let link = |kind: u8, host: usize| [&[kind, 1], HARDWARE[host].as_slice()].concat();
    let about = |start: [u8; 8], option: Vec<u8>| [&start, V6[1].as_slice(), &option].concat();
    frames.push(icmpv6(0, &about([135, 0, 0, 0, 0, 0, 0, 0], link(1, 0))));
    for flags in [0x00, 0x20, 0x60, 0xe0] {
        frames.push(icmpv6(1, &about([136, 0, 0, 0, flags, 0, 0, 0], link(2, 1))));
    }
    frames.push(icmpv6(0, &[&[133, 0, 0, 0, 0, 0, 0, 0], link(1, 0).as_slice()].concat()));
    let router = [134, 0, 0, 0, 64, 0, 7, 8, 0, 0, 0, 0, 0, 0, 0, 0];
    frames.push(icmpv6(1, &[router.as_slice(), &link(1, 1)].concat()));
    let quoted = ipv6(0, 17, &[0x9c, 0x40, 0x27, 0x10, 0, 12, 1, 1, b'd', b'a', b't', b'a']);
    for code in 0..7 {
        frames.push(icmpv6(1, &[&[1, code, 0, 0, 0, 0, 0, 0], quoted.as_slice()].concat()));
    }
    for kind in [0x11, 0x12, 0x16, 0x17] {
        frames.push(igmp(0, &[kind, 100, 0, 0, 239, 1, 2, 3]));
    }
    frames.push(igmp(0, &[0x11, 100, 0, 0, 0, 0, 0, 0]));
    frames.push(igmp(0, &[0x22, 0, 0, 0, 0, 0, 0, 1, 4, 0, 0, 0, 239, 1, 2, 3]));
    frames.push(igmp(0, &[0x22, 0, 0, 0, 0, 0, 0, 1, 3, 0, 0, 0, 239, 1, 2, 3]));
    frames.into_iter().map(Stored::from).collect()
}

/// A DNS message: its flags, a question and its answers.
fn dns(flags: u16, question: &[u8], kind: u16, answers: &[&[u8]]) -> Vec<u8> {
    let mut bytes = [0x1234, flags, 1, answers.len() as u16, 0, 0].map(u16::to_be_bytes).concat();
    bytes.extend(question);
    bytes.extend([kind, 1].map(u16::to_be_bytes).concat());
    for answer in answers {
        // The name is the question's.
        bytes.extend([0xc0, 12]);
        bytes.extend(kind.to_be_bytes());
        bytes.extend([0, 1, 0, 0, 0, 60]);
        bytes.extend((answer.len() as u16).to_be_bytes());
        bytes.extend(*answer);
    }
    bytes
}

/// A DHCP message of a type.
fn dhcp(operation: u8, kind: u8) -> Vec<u8> {
    let mut bytes = vec![operation, 1, 6, 0, 0x3d, 0x1d, 0, 7];
    bytes.resize(236, 0);
    bytes.extend([0x63, 0x82, 0x53, 0x63, 53, 1, kind, 255]);
    bytes
}

/// DNS over UDP and TCP, multicast DNS, DHCP, NTP and plain datagrams.
pub fn names() -> Vec<Stored> {
    let name = b"\x06mesin1\x03lab\x00";
    let mut frames = Vec::new();
    let address = V4[0].as_slice();
    let questions = [(1, address), (28, &V6[0]), (5, b"\x01a\xc0\x0c"), (12, b"\x01a\xc0\x0c")];
    for (kind, answer) in questions {
        frames.push(udp(0, [40_000, 53], &dns(0x0100, name, kind, &[])));
        frames.push(udp(1, [53, 40_000], &dns(0x8180, name, kind, &[answer, answer])));
    }
    for code in [1, 2, 3, 5] {
        frames.push(udp(1, [53, 40_000], &dns(0x8180 | code, name, 1, &[])));
    }
    frames.push(udp(0, [5353, 5353], &dns(0, name, 1, &[])));
    frames.push(udp(1, [5353, 5353], &dns(0x8400, name, 1, &[address])));
    let message = dns(0x0100, name, 1, &[]);
    let framed = [&(message.len() as u16).to_be_bytes(), message.as_slice()].concat();
    let mut seq = 1;
    let whole_then_split = [framed.as_slice(), &framed[..1], &framed[1..9], &framed[9..]];
    for piece in whole_then_split {
        let header = Header { ports: [40_001, 53], seq, ack: 1, flags: 0x18 };
        frames.push(tcp(0, &header, piece));
        seq += piece.len() as u32;
    }
    for (operation, kind) in [(1, 1), (2, 2), (1, 3), (2, 5), (2, 6), (1, 7), (1, 8), (1, 4)] {
        let ports = if operation == 1 { [68, 67] } else { [67, 68] };
        frames.push(udp(usize::from(operation == 2), ports, &dhcp(operation, kind)));
    }
    for first in [0x23, 0x24, 0x1b] {
        frames.push(udp(0, [123, 123], &[[first].as_slice(), &[0; 47]].concat()));
    }
    for (port, payload) in [(10_000, b"x".as_slice()), (32_444, b"hello\n"), (9999, b"")] {
        frames.push(udp(0, [40_002, port], payload));
        frames.push(udp(1, [port, 40_002], payload));
    }
    frames.into_iter().map(Stored::from).collect()
}

/// Frames of all kinds, cut at every length.
pub fn cut() -> Vec<Stored> {
    let segment = |seq| Header { ports: [40_000, 32_444], seq, ack: 5, flags: 0x18 };
    let v6 = ethernet(0, 0x86dd, &ipv6(0, 6, &tcp_bytes(&segment(1), b"")));
    let padded = [tcp(0, &segment(500), b"").as_slice(), &[0; 6]].concat();
    let tagged =
        [[0, 5, 8, 0].as_slice(), &ipv4(0, 6, &tcp_bytes(&segment(900), b"data"))].concat();
    let whole = [
        tcp(0, &segment(100), b"hello world"),
        v6,
        padded,
        ethernet(0, 0x8100, &tagged),
        [arp(1, V4[0], [0; 6], V4[1]).as_slice(), &[0; 18]].concat(),
        icmp(0, &[8, 0, 0, 0, 0x12, 0x34, 0, 1, b'p', b'i', b'n', b'g']),
        igmp(0, &[0x16, 0, 0, 0, 239, 1, 2, 3]),
        udp(0, [40_000, 53], &dns(0x0100, b"\x06mesin1\x03lab\x00", 1, &[])),
        icmpv6(0, &[&[135, 0, 0, 0, 0, 0, 0, 0], V6[1].as_slice()].concat()),
    ];
    let mut frames = Vec::new();
    for bytes in whole {
        frames.extend((1..=bytes.len()).map(|captured| Stored { bytes: bytes.clone(), captured }));
    }
    frames
}
