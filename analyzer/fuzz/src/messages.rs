//! Frames with right headers around bytes of a fuzzer: what dissectors above TCP and UDP get
//! to see. A frame's form in the input:
//!
//! ```text
//! who    (1 byte): bit 0 from the server, 1-2 which connection, 3-4 IPv6 and UDP, 5 cut short,
//!                  6 the same numbers again, 7 a hole in front
//! what   (1 byte): the port of the first frame of a connection; flags: bit 0 SYN, 1 FIN, 2 RST
//! length (2 bytes, 11 bits), then the payload
//! ```

use analyzer::tcp::Segment;

use crate::bytes::Input;

/// Ports whose payload somebody looks into, and one that nobody knows.
const PORTS: [u16; 24] = [
    80, 443, 53, 8080, 10_000, 21, 22, 23, 25, 7, 110, 143, 6667, 3306, 6379, 1883, 5222, 67, 137,
    1900, 5353, 123, 631, 12_345,
];
const LENGTH: u16 = 0x07ff;
/// 2024-05-01T08:30:00Z in nanoseconds.
const START: i64 = 1_714_552_200_000_000_000;
const PUSH_ACK: u8 = 0x18;

/// A frame that owns its bytes.
#[derive(Debug)]
pub struct Kept {
    /// What was captured.
    pub bytes: Vec<u8>,
    /// Bytes on the wire.
    pub wire_len: u32,
    /// When, in nanoseconds since 1970.
    pub nanos: i64,
}

/// Both ends of one connection.
#[derive(Debug, Clone, Copy, Default)]
struct Ends {
    port: u16,
    next: [u32; 2],
}

/// The frames of four connections, mixed.
pub struct Messages<'a> {
    input: Input<'a>,
    connections: [Ends; 4],
    count: i64,
}

impl<'a> Messages<'a> {
    /// Frames from what is left of an input.
    pub fn new(input: Input<'a>) -> Self {
        Self { input, connections: [Ends::default(); 4], count: 0 }
    }
}

impl Iterator for Messages<'_> {
    type Item = Kept;

    fn next(&mut self) -> Option<Kept> {
        if self.input.is_empty() {
            return None;
        }
        let (who, what) = (self.input.u8(), self.input.u8());
        let length = self.input.u16() & LENGTH;
        let payload = self.input.take(usize::from(length));
        let (own, index) = (usize::from(who & 1), usize::from(who >> 1 & 3));
        let ends = &mut self.connections[index];
        if ends.port == 0 {
            ends.port = PORTS[usize::from(what >> 3) % PORTS.len()];
        }
        let client = 40_000 + index as u16;
        let ports = if own == 0 { [client, ends.port] } else { [ends.port, client] };
        let (is_v6, is_udp) = (who & 8 != 0, who & 16 != 0);
        let transport = if is_udp {
            udp(ports, payload)
        } else {
            let flags =
                [0x02, 0x01, 0x04].iter().enumerate().fold(PUSH_ACK, |flags, (bit, flag)| {
                    flags | if what >> bit & 1 != 0 { *flag } else { 0 }
                });
            let len = payload.len() as u32 + u32::from(what & 1) + u32::from(what >> 1 & 1);
            if who & 0x80 != 0 {
                ends.next[own] = ends.next[own].wrapping_add(100);
            }
            let seq = ends.next[own].wrapping_sub(if who & 0x40 != 0 { len } else { 0 });
            let ack = ends.next[1 - own];
            ends.next[own] = seq.wrapping_add(len);
            tcp(ports, [seq, ack], flags, payload)
        };
        let protocol = if is_udp { 17 } else { 6 };
        let mut bytes = packet(is_v6, own as u8, protocol, &transport);
        let wire_len = bytes.len() as u32;
        if who & 0x20 != 0 {
            let stored = bytes.len() - payload.len() / 2;
            bytes.truncate(stored);
        }
        self.count += 1;
        Some(Kept { bytes, wire_len, nanos: START + self.count * 3_000_000 })
    }
}

fn udp(ports: [u16; 2], payload: &[u8]) -> Vec<u8> {
    let length = (8 + payload.len()) as u16;
    let header = [ports[0], ports[1], length, 0].map(u16::to_be_bytes).concat();
    [&header, payload].concat()
}

fn tcp(ports: [u16; 2], numbers: [u32; 2], flags: u8, payload: &[u8]) -> Vec<u8> {
    let ports = ports.map(u16::to_be_bytes).concat();
    let numbers = numbers.map(u32::to_be_bytes).concat();
    let rest = [0x50, flags, 0xfa, 0xf0, 0, 0, 0, 0];
    [&ports, &numbers, rest.as_slice(), payload].concat()
}

/// Ethernet and IP around a transport header.
fn packet(is_v6: bool, from: u8, protocol: u8, transport: &[u8]) -> Vec<u8> {
    let hosts = if from == 0 { [1, 2] } else { [2, 1] };
    let mut bytes = vec![2, 0, 0, 0, 0, hosts[1], 2, 0, 0, 0, 0, hosts[0]];
    let len = transport.len() as u16;
    if is_v6 {
        bytes.extend([0x86, 0xdd, 0x60, 0, 0, 0]);
        bytes.extend(len.to_be_bytes());
        bytes.extend([protocol, 64]);
        for host in hosts {
            bytes.extend([0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, host]);
        }
    } else {
        bytes.extend([8, 0, 0x45, 0]);
        bytes.extend((20 + len).to_be_bytes());
        bytes.extend([0, 0, 0, 0, 64, protocol, 0, 0, 10, 0, 0, hosts[0], 10, 0, 0, hosts[1]]);
    }
    bytes.extend(transport);
    bytes
}

/// Writes the payloads of real segments in the form that [`Messages`] reads, behind what the
/// target `render` takes off the front: two bytes, and five empty texts.
#[derive(Debug)]
pub struct Recorder {
    out: Vec<u8>,
}

impl Default for Recorder {
    fn default() -> Self {
        Self::new()
    }
}

impl Recorder {
    /// Without frames.
    pub fn new() -> Self {
        Self { out: vec![1, 0, 0, 0, 0, 0, 0] }
    }

    /// Adds a segment; all share one connection, on a known port where the segment has one.
    pub fn add(&mut self, segment: &Segment, payload: &[u8]) {
        let (source, destination) = (segment.source.port(), segment.destination.port());
        let known = |port: u16| PORTS.iter().position(|known| *known == port);
        let index = known(destination).or_else(|| known(source)).unwrap_or(PORTS.len() - 1);
        let is_from_server = known(source).is_some() || source < destination;
        let payload = payload.get(..usize::from(LENGTH)).unwrap_or(payload);
        let flags = (segment.flags.bits() & 7) as u8;
        let what = flags >> 1 & 1 | (flags & 1) << 1 | flags & 4;
        self.out.extend([u8::from(is_from_server), (index as u8) << 3 | what]);
        self.out.extend((payload.len() as u16).to_le_bytes());
        self.out.extend(payload);
    }

    /// The input.
    pub fn into_bytes(self) -> Vec<u8> {
        self.out
    }
}
