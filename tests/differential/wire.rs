//! Packets as bytes, and a nanosecond pcap around them. Checksums stay zero: neither side of
//! the comparison verifies them.

/// One TCP segment of a walk.
#[derive(Clone)]
pub struct Packet {
    pub time: i64,
    pub side: usize,
    pub ports: [u16; 2],
    pub seq: u32,
    pub ack: u32,
    pub flags: u16,
    pub window: u16,
    pub urgent: u16,
    pub options: Vec<u8>,
    pub len: u32,
}

const EPOCH: i64 = 1_745_452_800;

impl Packet {
    /// The packet as a raw IPv4 packet; the lower side has the lower address on odd ports, so
    /// that both orders of the pair occur.
    fn bytes(&self) -> Vec<u8> {
        let swapped = self.ports[0] % 2 == 1;
        let address = |side: usize| [10, 0, 0, if (side == 0) ^ swapped { 1 } else { 2 }];
        let header_len = 20 + self.options.len();
        let total = 20 + header_len + self.len as usize;
        let mut bytes = vec![0x45, 0, 0, 0, 0, 1, 0x40, 0, 64, 6, 0, 0];
        bytes[2..4].copy_from_slice(&(total as u16).to_be_bytes());
        bytes.extend(address(self.side));
        bytes.extend(address(1 - self.side));
        bytes.extend(self.ports[self.side].to_be_bytes());
        bytes.extend(self.ports[1 - self.side].to_be_bytes());
        bytes.extend(self.seq.to_be_bytes());
        bytes.extend(self.ack.to_be_bytes());
        bytes.extend((((header_len / 4) as u16) << 12 | self.flags).to_be_bytes());
        bytes.extend(self.window.to_be_bytes());
        bytes.extend([0, 0]);
        bytes.extend(self.urgent.to_be_bytes());
        bytes.extend(&self.options);
        bytes.resize(total, b'x');
        bytes
    }
}

/// A little-endian nanosecond pcap of raw IP packets (link type 101).
pub fn pcap(packets: &[Packet]) -> Vec<u8> {
    let mut file = Vec::new();
    file.extend(0xa1b2_3c4d_u32.to_le_bytes());
    file.extend([2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    file.extend(262_144_u32.to_le_bytes());
    file.extend(101_u32.to_le_bytes());
    for packet in packets {
        let bytes = packet.bytes();
        let time = EPOCH * 1_000_000_000 + packet.time;
        file.extend(((time / 1_000_000_000) as u32).to_le_bytes());
        file.extend(((time % 1_000_000_000) as u32).to_le_bytes());
        file.extend((bytes.len() as u32).to_le_bytes());
        file.extend((bytes.len() as u32).to_le_bytes());
        file.extend(bytes);
    }
    file
}
