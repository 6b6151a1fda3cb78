//! Random walks of a two-sided TCP conversation: what real stacks do, and much that they never
//! do, decided by a seed alone.

use crate::rng::Rng;
use crate::wire::Packet;

pub const FIN: u16 = 0x01;
pub const SYN: u16 = 0x02;
pub const RST: u16 = 0x04;
pub const PSH: u16 = 0x08;
pub const ACK: u16 = 0x10;
pub const URG: u16 = 0x20;
pub const ECE: u16 = 0x40;
pub const CWR: u16 = 0x80;

/// Steps in time, in nanoseconds, around the thresholds that the verdicts know: the 3 ms that
/// stand in for an unknown RTT, the 20 ms of a fast retransmission, and a clock that jumps back.
const STEPS: &[i64] = &[
    0,
    1_000,
    50_000,
    400_000,
    1_000_000,
    2_999_000,
    3_000_000,
    3_001_000,
    9_000_000,
    19_999_000,
    20_000_000,
    25_000_000,
    210_000_000,
    1_500_000_000,
    -1_000_000,
];

/// One end of the walk.
#[derive(Clone)]
struct End {
    isn: u32,
    next: u32,
    window: u16,
    scale: Option<u8>,
    has_timestamps: bool,
    has_fin: bool,
    /// What it has sent: sequence number, length, flags.
    sent: Vec<(u32, u32, u16)>,
}

/// A conversation between two ends, growing step by step.
pub struct Walk {
    ends: [End; 2],
    ports: [u16; 2],
    last: Option<Packet>,
    /// Time of the last packet, in nanoseconds since the capture's start.
    time: i64,
}

impl End {
    fn new(rng: &mut Rng) -> Self {
        let isn = match rng.below(6) {
            0 => 0,
            1 => u32::MAX - rng.below(4000) as u32,
            2 => 0x8000_0000 - rng.below(2000) as u32,
            _ => rng.next() as u32,
        };
        let scale = rng.one_in(3).then(|| rng.below(16) as u8);
        Self {
            isn,
            next: isn,
            window: rng.pick(&[0, 1, 502, 1024, 64_240, 65_535]),
            scale,
            has_timestamps: rng.one_in(2),
            has_fin: false,
            sent: Vec::new(),
        }
    }
}

impl Walk {
    pub fn new(rng: &mut Rng, ports: [u16; 2], time: i64) -> Self {
        Self { ends: [End::new(rng), End::new(rng)], ports, last: None, time }
    }

    /// The whole conversation, at most `steps` packets and a handshake.
    pub fn run(&mut self, rng: &mut Rng, steps: usize) -> Vec<Packet> {
        let mut packets = Vec::new();
        if !rng.one_in(5) {
            self.handshake(rng, &mut packets);
        } else {
            for end in &mut self.ends {
                end.next = end.next.wrapping_add(1);
            }
        }
        for _ in 0..steps {
            self.time += if rng.one_in(40) { -2_000_000 } else { rng.pick(STEPS).max(0) };
            let side = rng.below(2);
            self.step(rng, side, &mut packets);
        }
        packets
    }

    fn handshake(&mut self, rng: &mut Rng, packets: &mut Vec<Packet>) {
        let early = if rng.one_in(12) { rng.below(20) as u32 } else { 0 };
        let ecn = if rng.one_in(8) { ECE | CWR } else { 0 };
        self.send(rng, packets, 0, SYN | ecn, 0, early);
        if rng.one_in(10) {
            self.repeat(packets);
        }
        self.time += rng.pick(&[20_000, 5_000_000, 40_000_000]);
        match rng.below(12) {
            0 => return self.send(rng, packets, 1, RST | ACK, 0, 0),
            1 => self.send(rng, packets, 1, SYN, 0, 0),
            2 => {}
            _ => self.send(rng, packets, 1, SYN | ACK, 0, 0),
        }
        self.time += rng.pick(&[30_000, 1_000_000]);
        if !rng.one_in(10) {
            let len = if rng.one_in(10) { 100 } else { 0 };
            self.send(rng, packets, 0, ACK, 0, len);
        }
    }

    /// One random act of one side.
    fn step(&mut self, rng: &mut Rng, side: usize, packets: &mut Vec<Packet>) {
        let len = rng.pick(&[1, 1, 2, 100, 100, 536, 1460]);
        match rng.below(32) {
            0..=8 => self.send(rng, packets, side, ACK | PSH, 0, len),
            9..=11 => self.send(rng, packets, side, ACK, 0, len),
            12..=16 => self.send(rng, packets, side, ACK, 0, 0),
            17 => self.lose(side, len),
            18..=20 => self.resend(rng, packets, side),
            21 => self.repeat(packets),
            22 => self.change_window(rng, packets, side),
            23 => {
                let len = rng.below(2) as u32;
                self.send(rng, packets, side, ACK, u32::MAX, len);
            }
            24 => self.acknowledge_oddly(rng, packets, side),
            25 => self.duplicate_acks(rng, packets, side),
            26 if rng.one_in(2) => self.close(rng, packets, side),
            27 if rng.one_in(6) => self.send(rng, packets, side, RST | ACK, 0, 0),
            28 if rng.one_in(4) => self.reconnect(rng, packets),
            29 if rng.one_in(4) => {
                let len = rng.below(3) as u32;
                self.send(rng, packets, side, 0, 0, len);
            }
            30 => self.send(rng, packets, side, ACK | URG | PSH, 0, 5),
            _ => self.jump(rng, packets, side),
        }
    }

    /// Sends `len` bytes from `offset` bytes beside the next sequence number.
    fn send(
        &mut self,
        rng: &mut Rng,
        packets: &mut Vec<Packet>,
        side: usize,
        flags: u16,
        offset: u32,
        len: u32,
    ) {
        let peer = self.ends[1 - side].next;
        let end = &mut self.ends[side];
        let seq = end.next.wrapping_add(offset);
        let control = u32::from(flags & SYN != 0) + u32::from(flags & FIN != 0);
        if offset == 0 {
            end.sent.push((seq, len, flags));
            end.next = seq.wrapping_add(len).wrapping_add(control);
        }
        let mut options = Vec::new();
        if flags & SYN != 0 {
            options.extend([2, 4, 5, 0xb4]);
            if let Some(shift) = end.scale {
                options.extend([1, 3, 3, shift]);
            }
        }
        if end.has_timestamps {
            options.extend([1, 1, 8, 10]);
            options.extend(((self.time / 1_000_000) as u32).to_be_bytes());
            options.extend(7_u32.to_be_bytes());
        }
        let packet = Packet {
            time: self.time,
            side,
            ports: self.ports,
            seq,
            ack: if flags & ACK != 0 || rng.one_in(6) { peer } else { 0 },
            flags,
            window: end.window,
            urgent: if flags & URG != 0 { 3 } else { 0 },
            options,
            len,
        };
        self.last = Some(packet.clone());
        packets.push(packet);
    }

    /// Bytes that were sent but are not in the capture.
    fn lose(&mut self, side: usize, len: u32) {
        let end = &mut self.ends[side];
        end.sent.push((end.next, len, ACK));
        end.next = end.next.wrapping_add(len);
    }

    /// An older segment again, sometimes cut, sometimes longer, sometimes from its middle.
    fn resend(&mut self, rng: &mut Rng, packets: &mut Vec<Packet>, side: usize) {
        let recent = self.ends[side].sent.len().min(6);
        if recent == 0 {
            return;
        }
        let at = self.ends[side].sent.len() - 1 - rng.below(recent);
        let (seq, len, flags) = self.ends[side].sent[at];
        let (skip, len) = match rng.below(5) {
            0 if len > 1 => (0, len / 2),
            1 => (0, len + 50),
            2 if len > 2 => (1, len - 1),
            _ => (0, len),
        };
        let offset = seq.wrapping_add(skip).wrapping_sub(self.ends[side].next);
        if offset != 0 {
            self.send(rng, packets, side, flags | ACK, offset, len);
        }
    }

    /// The last packet of either side once more.
    fn repeat(&mut self, packets: &mut Vec<Packet>) {
        if let Some(mut packet) = self.last.clone() {
            packet.time = self.time;
            packets.push(packet);
        }
    }

    fn change_window(&mut self, rng: &mut Rng, packets: &mut Vec<Packet>, side: usize) {
        self.ends[side].window = rng.pick(&[0, 0, 1, 100, 502, 8_192, 65_535]);
        let len = if rng.one_in(4) { 10 } else { 0 };
        self.send(rng, packets, side, ACK, 0, len);
    }

    /// An ACK for less or for more than was seen.
    fn acknowledge_oddly(&mut self, rng: &mut Rng, packets: &mut Vec<Packet>, side: usize) {
        let genuine = self.ends[1 - side].next;
        let shift = rng.pick(&[1_u32, 100, 1460, 5000]);
        self.ends[1 - side].next =
            if rng.one_in(2) { genuine.wrapping_add(shift) } else { genuine.wrapping_sub(shift) };
        self.send(rng, packets, side, ACK, 0, 0);
        self.ends[1 - side].next = genuine;
    }

    /// A hole, the ACKs that complain about it, and the repair at various speeds.
    fn duplicate_acks(&mut self, rng: &mut Rng, packets: &mut Vec<Packet>, side: usize) {
        let hole = self.ends[side].next;
        self.lose(side, 1000);
        self.send(rng, packets, side, ACK, 0, 1000);
        let ahead = self.ends[side].next;
        self.ends[side].next = hole;
        for _ in 0..rng.below(5) {
            self.time += 100_000;
            self.send(rng, packets, 1 - side, ACK, 0, 0);
        }
        self.ends[side].next = ahead;
        self.time += rng.pick(&[1_000_000, 19_999_000, 20_000_000, 30_000_000]);
        self.send(rng, packets, side, ACK, hole.wrapping_sub(ahead), 1000);
    }

    fn close(&mut self, rng: &mut Rng, packets: &mut Vec<Packet>, side: usize) {
        if !self.ends[side].has_fin {
            self.ends[side].has_fin = true;
            let len = if rng.one_in(3) { 30 } else { 0 };
            let flags = if rng.one_in(8) { FIN } else { FIN | ACK };
            self.send(rng, packets, side, flags, 0, len);
        }
    }

    /// The same ports again: with the same or with a new initial sequence number.
    fn reconnect(&mut self, rng: &mut Rng, packets: &mut Vec<Packet>) {
        let has_same_isn = rng.one_in(3);
        for end in &mut self.ends {
            let isn = if has_same_isn { end.isn } else { rng.next() as u32 };
            *end = End { isn, next: isn, sent: Vec::new(), has_fin: false, ..end.clone() };
        }
        self.handshake(rng, packets);
    }

    /// A segment far beside the expected sequence number.
    fn jump(&mut self, rng: &mut Rng, packets: &mut Vec<Packet>, side: usize) {
        let offset = rng.pick(&[1_u32, 2, 1000, 70_000, 0x7fff_ffff, u32::MAX - 1, u32::MAX - 999]);
        let flags = rng.pick(&[ACK, ACK | PSH, RST, FIN | ACK, SYN | ACK]);
        let len = rng.pick(&[0, 0, 1, 100]);
        self.send(rng, packets, side, flags, offset, len);
    }
}
