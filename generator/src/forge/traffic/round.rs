//! One round: an end sends some segments, the other acknowledges them, losses are repaired, and
//! both are ready for the next.

use super::connection::Connection;
use super::packet::{ACK, PSH, Packet, Role, Sack, Side};
use super::profile::{PayloadSize, Shape, Span};
use super::receiver::{Answer, Receiver};

/// Nanoseconds between two segments of a round.
const SPACING: Span = Span::new(4_000, 9_000);
/// Nanoseconds that an overtaken segment is late; its successor is not.
const DETOUR: u64 = 15_000;
/// Nanoseconds between the two copies of a duplicated segment.
const TWIN_AFTER: u64 = 2_000;
/// Nanoseconds that the receiver needs to answer.
const ANSWER: u64 = 8_000;
/// Nanoseconds that the sender needs to repair.
const REACTION: u64 = 5_000;
/// Least retransmission timeout, as Linux has it (TCP_RTO_MIN).
const TIMEOUT: u64 = 200_000_000;
/// Duplicate acknowledgements that mean a loss (RFC 5681, section 3.2).
const LOSS_THRESHOLD: usize = 3;

/// A segment that was sent, and what becomes of it.
#[derive(Debug, Clone, Copy)]
struct Sent {
    at: u64,
    seq: u32,
    len: u16,
    pushes: bool,
    fate: Fate,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Arrives,
    ArrivesTwice,
    Overtaken,
    LostBehind,
    LostBefore,
}

/// What happens in the round, in the order in which it is found out.
struct Round<'c> {
    connection: &'c mut Connection,
    from: Side,
    receiver: Receiver,
    packets: Vec<Packet>,
    /// Time and number of the acknowledgements that repeat one.
    repeated: Vec<(u64, u32)>,
    /// The latest time of anything so far.
    last: u64,
}

/// Plays the next round of a connection that has segments left.
pub(super) fn play(connection: &mut Connection, shape: &Shape) {
    let is_from_server = connection.random.happens(shape.from_server);
    let from = if is_from_server { Side::Server } else { Side::Client };
    let last = connection.now;
    let receiver = Receiver::new(connection.next_seq.of(from));
    let count = connection.random.within(shape.round).clamp(1, connection.segments_left);
    connection.segments_left -= count;
    let packets = Vec::with_capacity(2 * count as usize);
    let mut round = Round { connection, from, receiver, packets, repeated: Vec::new(), last };
    let sent = round.send(count, shape);
    round.deliver(&sent);
    round.repair(&sent);
    round.add_oddities(sent.last().copied(), shape);

    let Round { mut packets, last, .. } = round;
    packets.sort_by_key(|packet| packet.at);
    connection.queue.reserve_exact(packets.len());
    connection.queue.extend(packets);
    connection.now = last + connection.random.within(shape.pause_us) * 1000;
}

impl Round<'_> {
    /// Sends all segments; those that pass the capture point are seen.
    fn send(&mut self, count: u64, shape: &Shape) -> Vec<Sent> {
        let mut sent = Vec::with_capacity(count as usize);
        let mut at = self.last;
        for index in 1..=count {
            let is_last = index == count;
            let len = self.payload_len(shape);
            let seq = self.connection.next_seq.of_mut(self.from);
            let first = *seq;
            *seq = seq.wrapping_add(u32::from(len));
            let fate = self.fate(shape);
            sent.push(Sent { at, seq: first, len, pushes: is_last, fate });
            at += self.connection.random.within(SPACING);
        }
        detour(&mut sent);
        for (index, segment) in sent.iter().enumerate() {
            self.see(segment, sent.get(index + 1..).unwrap_or_default());
        }
        sent
    }

    fn payload_len(&mut self, shape: &Shape) -> u16 {
        let most = u64::from(self.connection.max_payload);
        let random = &mut self.connection.random;
        let len = match shape.payload {
            PayloadSize::Bytes(span) => random.within(span),
            PayloadSize::Mixed => match random.within(Span::new(1, 10)) {
                1..=4 => random.within(Span::new(1, 100)),
                5..=6 => random.within(Span::new(101, 600)),
                _ => most,
            },
        };
        len.min(most) as u16
    }

    fn fate(&mut self, shape: &Shape) -> Fate {
        let random = &mut self.connection.random;
        let chances = [
            (shape.lost_behind, Fate::LostBehind),
            (shape.lost_before, Fate::LostBefore),
            (shape.overtaken, Fate::Overtaken),
            (shape.duplicated, Fate::ArrivesTwice),
        ];
        let found = chances.into_iter().find(|&(chance, _)| random.happens(chance));
        found.map_or(Fate::Arrives, |(_, fate)| fate)
    }

    /// Notes what the capture point sees of a segment.
    fn see(&mut self, segment: &Sent, later: &[Sent]) {
        let role = match segment.fate {
            Fate::LostBefore => return,
            Fate::LostBehind => Role::LostBehind,
            Fate::Overtaken => Role::Overtaken,
            Fate::Arrives | Fate::ArrivesTwice => Role::Regular,
        };
        debug_assert!(segment.fate != Fate::Overtaken || !later.is_empty(), "by whom?");
        self.packets.push(self.data(segment, segment.at, role));
        self.last = self.last.max(segment.at);
        if segment.fate == Fate::ArrivesTwice {
            let at = segment.at + TWIN_AFTER;
            self.packets.push(self.data(segment, at, Role::Duplicate));
            self.last = self.last.max(at);
        }
    }

    fn data(&self, segment: &Sent, at: u64, role: Role) -> Packet {
        let flags = if segment.pushes { ACK | PSH } else { ACK };
        let bare = self.connection.bare(at, self.from, flags, role);
        Packet { seq: segment.seq, payload_len: segment.len, ..bare }
    }

    /// Shows the receiver what arrives, in the order in which it arrives.
    fn deliver(&mut self, sent: &[Sent]) {
        let mut arriving: Vec<Sent> = Vec::with_capacity(sent.len() + 1);
        for segment in sent {
            match segment.fate {
                Fate::LostBehind | Fate::LostBefore => {}
                Fate::Arrives | Fate::Overtaken => arriving.push(*segment),
                Fate::ArrivesTwice => {
                    arriving.extend([*segment, Sent { at: segment.at + TWIN_AFTER, ..*segment }]);
                }
            }
        }
        arriving.sort_by_key(|segment| segment.at);
        let count = arriving.len();
        for (index, segment) in arriving.iter().enumerate() {
            self.receive(segment, segment.at, index + 1 == count);
        }
    }

    /// Shows the receiver a segment that passed the capture point at `at`, and its answer to
    /// the capture point.
    fn receive(&mut self, segment: &Sent, at: u64, is_last: bool) {
        let answered = at + 2 * self.connection.delay.of(self.from.other()) + ANSWER;
        match self.receiver.take(segment.seq, segment.len, is_last) {
            Answer::Wait => {}
            Answer::New { ack, sack } => self.acknowledge(answered, ack, sack, Role::Regular),
            Answer::Repeated { ack, sack } => {
                self.repeated.push((answered, ack));
                self.acknowledge(answered, ack, sack, Role::DuplicateAck);
            }
        }
    }

    fn acknowledge(&mut self, at: u64, ack: u32, sack: Sack, role: Role) {
        let bare = self.connection.bare(at, self.from.other(), ACK, role);
        self.packets.push(Packet { ack, sack, ..bare });
        self.last = self.last.max(at);
    }

    /// Sends what was lost once more: after three duplicate acknowledgements, after the answer
    /// to the repair before it, or after a timeout.
    fn repair(&mut self, sent: &[Sent]) {
        let way_to_sender = 2 * self.connection.delay.of(self.from);
        let round_trip = way_to_sender + 2 * self.connection.delay.of(self.from.other());
        let sent_until = sent.iter().map(|segment| segment.at + TWIN_AFTER).max().unwrap_or(0);
        let mut is_fast = None;
        for (index, segment) in sent.iter().enumerate() {
            if !matches!(segment.fate, Fate::LostBehind | Fate::LostBefore) {
                continue;
            }
            let mut repeated = self.repeated.iter().filter(|(_, ack)| *ack == segment.seq);
            let noticed = repeated.nth(LOSS_THRESHOLD - 1).map(|(at, _)| *at);
            let (at, fast) = match (noticed, is_fast) {
                (Some(noticed), None) => {
                    ((noticed + way_to_sender + REACTION).max(sent_until + REACTION), true)
                }
                (_, Some(fast)) => (self.last + way_to_sender + REACTION, fast),
                (None, None) => (self.last + TIMEOUT + round_trip, false),
            };
            is_fast = Some(fast);
            let role = match (segment.fate, fast) {
                (Fate::LostBefore, _) => Role::UnseenRepair { begins_gap: begins_gap(sent, index) },
                (_, true) => Role::FastRepair,
                (_, false) => Role::TimeoutRepair,
            };
            self.packets.push(self.data(segment, at, role));
            self.last = self.last.max(at);
            self.receive(segment, at, true);
        }
    }

    /// What may happen when everything is acknowledged.
    fn add_oddities(&mut self, last: Option<Sent>, shape: &Shape) {
        const MILLISECOND: u64 = 1_000_000;
        if let Some(last) = last
            && self.connection.random.happens(shape.spurious)
        {
            let at = self.last + 3 * MILLISECOND;
            self.packets.push(self.data(&last, at, Role::Spurious));
            self.receive(&last, at, true);
        }
        let to = self.from.other();
        if self.connection.random.happens(shape.zero_window) {
            let at = self.last + 1_000;
            let closed = self.connection.bare(at, to, ACK, Role::ZeroWindow);
            let opened = self.connection.bare(at + 50 * MILLISECOND, to, ACK, Role::Regular);
            self.last = opened.at;
            self.packets.extend([Packet { window: 0, ..closed }, opened]);
        }
        if self.connection.random.happens(shape.keep_alive) {
            let at = self.last + 2_000 * MILLISECOND;
            let probe = self.connection.bare(at, self.from, ACK, Role::KeepAlive);
            let answered = at + 2 * self.connection.delay.of(to) + ANSWER;
            let answer = self.connection.bare(answered, to, ACK, Role::Regular);
            self.last = answered;
            self.packets.extend([Packet { seq: probe.seq.wrapping_sub(1), ..probe }, answer]);
        }
    }
}

/// Delays the segments that are overtaken; one whose successor is not seen on time cannot be.
fn detour(sent: &mut [Sent]) {
    let mut is_successor_seen = false;
    for segment in sent.iter_mut().rev() {
        if segment.fate == Fate::Overtaken {
            if is_successor_seen {
                segment.at += DETOUR;
                is_successor_seen = false;
                continue;
            }
            segment.fate = Fate::Arrives;
        }
        is_successor_seen = segment.fate != Fate::LostBefore;
    }
}

/// True when the unseen segment at `index` is the first of a gap that became visible: something
/// behind it was seen.
fn begins_gap(sent: &[Sent], index: usize) -> bool {
    let is_unseen = |segment: &Sent| segment.fate == Fate::LostBefore;
    let follows_unseen =
        index.checked_sub(1).and_then(|before| sent.get(before)).is_some_and(is_unseen);
    let is_followed = sent.iter().skip(index + 1).any(|segment| !is_unseen(segment));
    !follows_unseen && is_followed
}
