//! The life of a connection: handshake, rounds of data, teardown.

use std::collections::VecDeque;

use super::packet::{ACK, Both, FIN, Packet, RST, Role, SYN, Sack, Side};
use super::profile::{Shape, Span};
use super::random::Random;
use super::round;

/// A window that is wide open, as each end writes it after its handshake.
const WINDOW: Both<u16> = Both { client: 502, server: 509 };
/// The windows of SYN and SYN-ACK, which are not scaled.
const FIRST_WINDOW: Both<u16> = Both { client: 64_240, server: 65_160 };
/// Nanoseconds that an end needs to answer.
const REACTION: u64 = 15_000;
const SECOND: u64 = 1_000_000_000;

/// A connection and what is left of it.
#[derive(Debug)]
pub(super) struct Connection {
    /// Decides addresses and ports.
    pub number: u64,
    pub random: Random,
    /// Nanoseconds between the capture point and each end.
    pub delay: Both<u64>,
    /// When the next stage begins.
    pub now: u64,
    /// The sequence number that each end uses next.
    pub next_seq: Both<u32>,
    /// Data that fits into a segment.
    pub max_payload: u16,
    /// Data segments that will be sent.
    pub segments_left: u64,
    /// Packets of this stage that are still to come, in order of time.
    pub queue: VecDeque<Packet>,
    /// What its headers carry.
    pub headers: Headers,
    /// True once a frame of it was written.
    pub is_seen: bool,
    stage: Stage,
}

/// What the headers of a connection have in common, and the counters in them.
#[derive(Debug, Clone)]
pub(super) struct Headers {
    pub is_ipv6: bool,
    pub has_vlan: bool,
    pub has_timestamps: bool,
    pub has_sack: bool,
    /// The last identification that each end used.
    pub identification: Both<u16>,
    /// Each end's timestamp clock when the capture begins; it ticks in milliseconds.
    pub clock: Both<u32>,
    /// The last timestamp that each end has sent.
    pub latest: Both<u32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Begin,
    Talk,
    End,
    Over,
}

impl Connection {
    /// Decides all that is decided beforehand. `queue` is an empty one to be used again.
    pub fn new(
        number: u64,
        mut random: Random,
        now: u64,
        shape: &Shape,
        queue: VecDeque<Packet>,
    ) -> Self {
        let one_way = random.within(shape.round_trip_us) * 1000 / 2;
        let near = one_way / 10;
        // A connection that uses the ports of an earlier one again runs in the same place.
        let mut place = Random::new(number);
        let headers = Headers {
            is_ipv6: place.happens(shape.ipv6),
            has_vlan: place.happens(shape.vlan),
            has_timestamps: random.happens(shape.timestamps),
            has_sack: random.happens(shape.sack),
            identification: Both { client: random.next_u16(), server: random.next_u16() },
            clock: Both { client: random.next_u32(), server: random.next_u32() },
            latest: Both { client: 0, server: 0 },
        };
        Self {
            number,
            delay: Both { client: near, server: one_way - near },
            now,
            next_seq: Both { client: random.next_u32(), server: random.next_u32() },
            max_payload: headers.max_segment() - if headers.has_timestamps { 12 } else { 0 },
            segments_left: random.within(shape.segments),
            queue,
            headers,
            is_seen: false,
            stage: Stage::Begin,
            random,
        }
    }

    /// When its next packet passes the capture point; `None` when it is over.
    pub fn next_time(&mut self, shape: &Shape) -> Option<u64> {
        while self.queue.is_empty() {
            match self.stage {
                Stage::Begin => self.begin(shape),
                Stage::Talk if self.segments_left > 0 => round::play(self, shape),
                Stage::Talk => self.stage = Stage::End,
                Stage::End => self.end(shape),
                Stage::Over => return None,
            }
        }
        self.queue.front().map(|packet| packet.at)
    }

    /// A packet without data.
    pub fn bare(&self, at: u64, from: Side, flags: u8, role: Role) -> Packet {
        let ack = if flags & ACK == 0 { 0 } else { self.next_seq.of(from.other()) };
        let seq = self.next_seq.of(from);
        let window = WINDOW.of(from);
        Packet { at, from, flags, role, seq, ack, payload_len: 0, window, sack: Sack::new() }
    }

    /// Moves an end past its SYN or FIN.
    fn consume_one(&mut self, side: Side) {
        let seq = self.next_seq.of_mut(side);
        *seq = seq.wrapping_add(1);
    }

    fn begin(&mut self, shape: &Shape) {
        self.stage = Stage::Over;
        let syn = Packet {
            window: FIRST_WINDOW.client,
            ..self.bare(self.now, Side::Client, SYN, Role::Regular)
        };
        let again = |after: u64| Packet { at: syn.at + after, role: Role::SynAgain, ..syn.clone() };
        if self.random.happens(shape.syn_only) {
            self.queue.extend([syn.clone(), again(SECOND), again(3 * SECOND)]);
            return;
        }
        let answer_delay = 2 * self.delay.server + REACTION;
        if self.random.happens(shape.refused) {
            self.consume_one(Side::Client);
            let refusal = self.bare(syn.at + answer_delay, Side::Server, RST | ACK, Role::Regular);
            self.queue.extend([syn, Packet { seq: 0, window: 0, ..refusal }]);
            return;
        }
        self.stage = Stage::Talk;
        if self.random.happens(shape.midstream) {
            self.consume_one(Side::Client);
            self.consume_one(Side::Server);
            return;
        }
        let mut at = syn.at;
        self.queue.push_back(syn.clone());
        if self.random.happens(shape.syn_again) {
            at += SECOND;
            self.queue.push_back(again(SECOND));
        }
        at += answer_delay;
        self.consume_one(Side::Client);
        let syn_ack = self.bare(at, Side::Server, SYN | ACK, Role::Regular);
        self.queue.push_back(Packet { window: FIRST_WINDOW.server, ..syn_ack });
        at += 2 * self.delay.client + REACTION;
        self.consume_one(Side::Server);
        self.queue.push_back(self.bare(at, Side::Client, ACK, Role::Regular));
        self.now = at + self.random.within(Span::new(10_000, 200_000));
    }

    fn end(&mut self, shape: &Shape) {
        self.stage = Stage::Over;
        if self.random.happens(shape.unfinished) {
            return;
        }
        let is_server_first = self.random.happens(500_000);
        let first = if is_server_first { Side::Server } else { Side::Client };
        let second = first.other();
        let mut at = self.now;
        if self.random.happens(shape.reset) {
            let reset = self.bare(at, first, RST | ACK, Role::Regular);
            self.queue.push_back(Packet { window: 0, ..reset });
            return;
        }
        self.queue.push_back(self.bare(at, first, FIN | ACK, Role::Regular));
        self.consume_one(first);
        at += 2 * self.delay.of(second) + REACTION;
        if self.random.happens(500_000) {
            // The other end still has something to do before it closes as well.
            self.queue.push_back(self.bare(at, second, ACK, Role::Regular));
            at += self.random.within(Span::new(20_000, 3_000_000));
        }
        self.queue.push_back(self.bare(at, second, FIN | ACK, Role::Regular));
        self.consume_one(second);
        at += 2 * self.delay.of(first) + REACTION;
        self.queue.push_back(self.bare(at, first, ACK, Role::Regular));
    }
}

impl Headers {
    /// The MSS option: what 1500 bytes leave behind the headers.
    pub fn max_segment(&self) -> u16 {
        if self.is_ipv6 { 1440 } else { 1460 }
    }
}
