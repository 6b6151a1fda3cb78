//! Packets as bytes, with checksums, and a microsecond pcap around them.

/// A frame and how many of its bytes the capture holds.
pub struct Stored {
    pub bytes: Vec<u8>,
    pub captured: usize,
}

impl From<Vec<u8>> for Stored {
    fn from(bytes: Vec<u8>) -> Self {
        Self { captured: bytes.len(), bytes }
    }
}

/// The hosts' Ethernet addresses.
pub const HARDWARE: [[u8; 6]; 2] =
    [[0x02, 0x42, 0xac, 0x10, 0x10, 0x65], [0x02, 0x42, 0xac, 0x10, 0x10, 0x66]];
/// Their IPv4 addresses.
pub const V4: [[u8; 4]; 2] = [[172, 16, 16, 101], [172, 16, 16, 102]];
/// Their IPv6 addresses.
pub const V6: [[u8; 16]; 2] = [
    [0xfd, 0, 0, 0x16, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1],
    [0xfd, 0, 0, 0x16, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2],
];

/// The Internet checksum (RFC 1071).
pub fn checksum(parts: &[&[u8]]) -> u16 {
    let bytes = parts.concat();
    let sum: u32 = bytes
        .chunks(2)
        .map(|pair| u32::from(pair[0]) << 8 | u32::from(*pair.get(1).unwrap_or(&0)))
        .sum();
    let folded = (sum & 0xffff) + (sum >> 16);
    !((folded & 0xffff) + (folded >> 16)) as u16
}

/// An Ethernet frame from one of the hosts to the other.
pub fn ethernet(from: usize, ether_type: u16, payload: &[u8]) -> Vec<u8> {
    let mut frame = [HARDWARE[1 - from], HARDWARE[from]].concat();
    frame.extend(ether_type.to_be_bytes());
    frame.extend(payload);
    frame
}

/// An IPv4 packet with an identification of 1 and a time to live of 64.
pub fn ipv4(from: usize, protocol: u8, payload: &[u8]) -> Vec<u8> {
    let length = (20 + payload.len() as u16).to_be_bytes();
    let mut header = vec![0x45, 0, length[0], length[1], 0, 1, 0x40, 0, 64, protocol, 0, 0];
    header.extend(V4[from]);
    header.extend(V4[1 - from]);
    let sum = checksum(&[&header]);
    header[10..12].copy_from_slice(&sum.to_be_bytes());
    header.extend(payload);
    header
}

/// An IPv6 packet with a hop limit of 255.
pub fn ipv6(from: usize, next: u8, payload: &[u8]) -> Vec<u8> {
    let mut packet = vec![0x60, 0, 0, 0];
    packet.extend((payload.len() as u16).to_be_bytes());
    packet.extend([next, 255]);
    packet.extend(V6[from]);
    packet.extend(V6[1 - from]);
    packet.extend(payload);
    packet
}

fn with_checksum(mut bytes: Vec<u8>, at: usize, pseudo: &[u8]) -> Vec<u8> {
    let sum = checksum(&[pseudo, &bytes]);
    bytes[at..at + 2].copy_from_slice(&sum.to_be_bytes());
    bytes
}

fn pseudo_v4(from: usize, protocol: u8, length: usize) -> Vec<u8> {
    let mut pseudo = [V4[from], V4[1 - from]].concat();
    pseudo.extend([0, protocol]);
    pseudo.extend((length as u16).to_be_bytes());
    pseudo
}

fn pseudo_v6(from: usize, next: u8, length: usize) -> Vec<u8> {
    let mut pseudo = [V6[from], V6[1 - from]].concat();
    pseudo.extend((length as u32).to_be_bytes());
    pseudo.extend([0, 0, 0, next]);
    pseudo
}

/// A UDP datagram in a frame.
pub fn udp(from: usize, ports: [u16; 2], payload: &[u8]) -> Vec<u8> {
    let mut bytes =
        [ports[0], ports[1], 8 + payload.len() as u16, 0].map(u16::to_be_bytes).concat();
    bytes.extend(payload);
    let pseudo = pseudo_v4(from, 17, bytes.len());
    ethernet(from, 0x0800, &ipv4(from, 17, &with_checksum(bytes, 6, &pseudo)))
}

/// An ICMP message in a frame; the checksum is filled in.
pub fn icmp(from: usize, message: &[u8]) -> Vec<u8> {
    ethernet(from, 0x0800, &ipv4(from, 1, &with_checksum(message.to_vec(), 2, &[])))
}

/// An ICMPv6 message in a frame; the checksum is filled in.
pub fn icmpv6(from: usize, message: &[u8]) -> Vec<u8> {
    let pseudo = pseudo_v6(from, 58, message.len());
    ethernet(from, 0x86dd, &ipv6(from, 58, &with_checksum(message.to_vec(), 2, &pseudo)))
}

/// An IGMP message in a frame; the checksum is filled in.
pub fn igmp(from: usize, message: &[u8]) -> Vec<u8> {
    ethernet(from, 0x0800, &ipv4(from, 2, &with_checksum(message.to_vec(), 2, &[])))
}

/// What a TCP header says.
pub struct Header {
    pub ports: [u16; 2],
    pub seq: u32,
    pub ack: u32,
    pub flags: u8,
}

/// A TCP segment with its checksum still zero.
pub fn tcp_bytes(header: &Header, payload: &[u8]) -> Vec<u8> {
    let mut bytes = header.ports.map(u16::to_be_bytes).concat();
    bytes.extend(header.seq.to_be_bytes());
    bytes.extend(header.ack.to_be_bytes());
    bytes.extend([0x50, header.flags, 0xfa, 0xf0, 0, 0, 0, 0]);
    bytes.extend(payload);
    bytes
}

/// A TCP segment in a frame.
pub fn tcp(from: usize, header: &Header, payload: &[u8]) -> Vec<u8> {
    let bytes = tcp_bytes(header, payload);
    let pseudo = pseudo_v4(from, 6, bytes.len());
    ethernet(from, 0x0800, &ipv4(from, 6, &with_checksum(bytes, 16, &pseudo)))
}

/// A little-endian microsecond pcap of Ethernet frames, a millisecond apart.
pub fn pcap(frames: &[Stored]) -> Vec<u8> {
    let mut file = Vec::new();
    file.extend(0xa1b2_c3d4_u32.to_le_bytes());
    file.extend([2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    file.extend([262_144_u32, 1].map(u32::to_le_bytes).concat());
    for (index, frame) in frames.iter().enumerate() {
        let millis = index as u32;
        let seconds = 1_745_452_800 + millis / 1000;
        let lengths = [frame.captured as u32, frame.bytes.len() as u32];
        file.extend([seconds, millis % 1000 * 1000].map(u32::to_le_bytes).concat());
        file.extend(lengths.map(u32::to_le_bytes).concat());
        file.extend(&frame.bytes[..frame.captured]);
    }
    file
}
