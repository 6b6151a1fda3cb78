//! Folds a segment of any kind into its stream's record: handshake, first data, FINs, resets,
//! events, and what is out of order.

use std::net::IpAddr;

use super::coverage::Coverage;
use super::mark::{Mark, Origin, Stamp};
use super::rare::{Body, FULL, OpeningNote, Rare, join, split};
use super::record::{Facts, Half, HalfBits, Record};
use super::turns::Turns;
use super::{event, reset};
use crate::tcp::{AnalysisFlags, Direction, Segment, SegmentAnalysis, SeqNumber, TcpFlags};

/// One step: the segment, where it stands, and where to note what is rare.
struct Step<'a> {
    segment: &'a Segment,
    flags: AnalysisFlags,
    ack_rel: u32,
    from: Direction,
    stamp: Stamp,
    turns: &'a mut Turns,
    rare: &'a mut Rare,
}

/// Begins the record of the stream that this segment opens.
fn open(record: &mut Record, segment: &Segment, direction: Direction, rare: &mut Rare) -> Origin {
    let mut facts = Facts::CARRIED;
    facts.set(Facts::BEGAN_WITH_SYN, segment.is_bare_syn());
    facts.set(Facts::BEGAN_WITH_SYN_ACK, segment.is_syn_ack());
    facts.set(Facts::IPV6, segment.source.address().is_ipv6());
    let origin = Origin::new(segment.frame, segment.timestamp);
    record.begin(origin, facts, rare);
    for (from, end) in [(direction, segment.source), (direction.reverse(), segment.destination)] {
        let half = record.half_mut(from);
        half.port = end.port();
        half.host = match end.address() {
            IpAddr::V4(address) => address.to_bits(),
            IpAddr::V6(address) => {
                rare.hosts.push(address.octets());
                u32::try_from(rare.hosts.len() - 1).unwrap_or(u32::MAX)
            }
        };
    }
    origin
}

/// Folds one segment in, the first one too; `wire_len` is its frame's length.
#[inline(never)]
pub(super) fn observe(
    (record, turns): (&mut Record, &mut Turns),
    segment: &Segment,
    analysis: &SegmentAnalysis,
    wire_len: u32,
    rare: &mut Rare,
) {
    let from = analysis.direction;
    let origin = match record.facts.contains(Facts::CARRIED) {
        false => open(record, segment, from, rare),
        true => record.origin(rare),
    };
    if is_other_way_round(record, segment, from, rare) {
        swap_sides(record, turns, rare);
    }
    let stamp = origin.stamp(segment.frame, segment.timestamp);
    stamp.put(&mut record.last, &mut rare.far);
    let (flags, ack_rel) = (analysis.flags, analysis.ack_rel);
    let mut step = Step { segment, flags, ack_rel, from, stamp, turns, rare };
    if !flags.is_empty() {
        step.count_events(record);
    }
    if segment.flags.contains(TcpFlags::SYN) {
        step.observe_syn(record);
    } else if !segment.flags.contains(TcpFlags::RST) {
        step.observe_ack(record);
    }
    if segment.flags.contains(TcpFlags::RST) {
        step.observe_reset(record);
    } else {
        step.observe_payload(record);
        step.observe_fin(record);
    }
    step.count_frame(record, wire_len);
    record.settle(turns);
}

/// Exchanges client and server, when what was assumed turns out wrong.
pub(super) fn swap_sides(record: &mut Record, turns: &mut Turns, rare: &mut Rare) {
    std::mem::swap(&mut record.client, &mut record.server);
    turns.swap_sides();
    record.facts.toggle(Facts::RESET_BY_SERVER | Facts::SERVER_CLOSED_FIRST);
    rare.swap_sides(record.notes);
}

/// True when the record has the client of this segment as the server.
fn is_other_way_round(record: &Record, segment: &Segment, from: Direction, rare: &Rare) -> bool {
    let (own, other) = (record.half(from), record.half(from.reverse()));
    if own.port == segment.source.port() && own.port != other.port {
        return false;
    }
    let is =
        |half: &Half, end: crate::tcp::Endpoint| super::view::endpoint(record, half, rare) == end;
    !is(own, segment.source) && is(own, segment.destination) && is(other, segment.source)
}

impl Step<'_> {
    fn count_events(&mut self, record: &mut Record) {
        let is_from_client = self.from == Direction::FromClient;
        let offset = self.segment.frame.0.saturating_sub(record.first_frame);
        for kind in event::kinds(self.flags) {
            self.rare.count_event(&mut record.notes, kind, offset, is_from_client);
        }
    }

    fn observe_syn(&mut self, record: &mut Record) {
        let half = record.half_mut(self.from);
        half.note_offer(self.segment);
        if self.flags.contains(AnalysisFlags::REUSED_PORTS) {
            half.bits -= HalfBits::HIGH;
        }
        if self.segment.is_syn_ack() {
            if self.turns.syn_ack.is_set() {
                let count = |note: &mut OpeningNote| {
                    note.more_syn_acks = note.more_syn_acks.saturating_add(1);
                };
                self.rare.change_opening(&mut record.notes, count);
            }
            self.stamp.put_once(&mut self.turns.syn_ack, &mut self.rare.far);
            return;
        }
        if self.from == Direction::FromServer {
            record.facts |= Facts::BOTH_SENT_SYN;
            return;
        }
        self.observe_bare_syn(record);
    }

    fn observe_bare_syn(&mut self, record: &mut Record) {
        let len = self.segment.payload_len;
        if len > 0 {
            let note = |note: &mut OpeningNote| note.payload_len = note.payload_len.max(len);
            self.rare.change_opening(&mut record.notes, note);
        }
        let mut is_second = false;
        if record.facts.contains(Facts::SYN_COUNTED) {
            let count = |note: &mut OpeningNote| {
                is_second = note.more_syns == 0;
                note.more_syns = note.more_syns.saturating_add(1);
            };
            self.rare.change_opening(&mut record.notes, count);
        }
        let is_marked = !self.turns.syn_ack.is_set();
        let is_origin = self.segment.frame.0 == record.first_frame;
        if is_second || (is_marked && !is_origin) {
            self.note_syn(record, is_second, is_marked);
        }
        record.facts |= Facts::SYN_COUNTED;
        record.facts.set(Facts::SYN_MARKED, is_marked || record.facts.contains(Facts::SYN_MARKED));
    }

    /// Notes a SYN that is not the stream's first frame, or is sent again.
    fn note_syn(&mut self, record: &mut Record, is_second: bool, is_marked: bool) {
        let was_marked = record.facts.contains(Facts::SYN_MARKED);
        let origin = record.origin(self.rare).mark();
        let known = self.rare.of(record.notes).find_map(super::rare::syn_marks);
        let (mut at, mut first) = known.unwrap_or_default();
        if is_second && was_marked {
            first = if at.is_set() { at } else { origin };
            at = Mark::default();
        }
        if is_marked {
            self.stamp.put(&mut at, &mut self.rare.far);
        } else if was_marked && !at.is_set() {
            at = first;
        }
        let body = Body::Syn { at: at.halves(), first: first.halves() };
        let pick: fn(&mut Body) -> Option<&mut Body> =
            |body| matches!(body, Body::Syn { .. }).then_some(body);
        self.rare.change(&mut record.notes, pick, || body, |note| *note = body);
    }

    fn observe_ack(&mut self, record: &mut Record) {
        if !self.segment.flags.contains(TcpFlags::ACK) {
            return;
        }
        let far = &mut self.rare.far;
        let acknowledges_data = (2..1 << 31).contains(&self.ack_rel);
        match self.from {
            Direction::FromClient if record.is_role_known(self.turns) => {
                self.stamp.put_once(&mut self.turns.ack, far);
            }
            Direction::FromServer if record.client.first_data.is_set() && acknowledges_data => {
                self.stamp.put_once(&mut self.turns.data_acknowledged, far);
                record.facts |= Facts::DATA_ACKNOWLEDGED;
            }
            _ => {}
        }
        let other = self.from.reverse();
        let end = record.half(other).fin_end;
        let closing = self.turns.closing_mut(other);
        if closing.fin.is_set() && self.segment.ack_raw.0.wrapping_sub(end) <= 1 << 31 {
            self.stamp.put_once(&mut closing.acknowledged, far);
        }
    }

    fn observe_payload(&mut self, record: &mut Record) {
        let (len, from) = (self.segment.payload_len, self.from);
        if len == 0 && self.segment.flags.contains(TcpFlags::PSH) {
            if self.turns.pushes == FULL {
                self.turns.pushes = 1;
                record.facts |= Facts::OVERFLOWN;
                self.rare.carry(&mut record.notes, false, |note| note.pushes += 1);
            } else {
                self.turns.pushes += 1;
            }
        }
        let has_closed = self.turns.has_closed(from);
        // A FIN takes a number of its own: what a closed side sends says nothing about gaps.
        let fresh = if has_closed && len == 0 { 0 } else { self.cover(record) };
        if len == 0 {
            return;
        }
        let is_after_fin = self.turns.has_closed(from.reverse());
        self.count_data(record);
        if is_after_fin && !has_closed {
            let pick: fn(&mut Body) -> Option<&mut [u32; 2]> = |body| match body {
                Body::AfterFin { bytes } => Some(bytes),
                _ => None,
            };
            let more = |bytes: &mut [u32; 2]| *bytes = split(join(*bytes) + u64::from(fresh));
            self.rare.change(&mut record.notes, pick, || Body::AfterFin { bytes: [0; 2] }, more);
        }
    }

    /// Takes in the sequence numbers; returns how many bytes are new.
    fn cover(&mut self, record: &mut Record) -> u32 {
        let len = self.segment.payload_len;
        let is_server = self.from == Direction::FromServer;
        let start = self.segment.seq_raw + u32::from(self.segment.flags.contains(TcpFlags::SYN));
        let half = record.half_mut(self.from);
        let is_known = half.bits.contains(HalfBits::HIGH);
        if len <= 1 << 24 && (!is_known || half.high == start) {
            half.set_high(start + len);
            return len;
        }
        let high = is_known.then_some(half.high);
        let gaps = self.rare.take_gaps(record.notes, is_server);
        let mut coverage = Coverage { gaps, high };
        let fresh = coverage.add(start, len);
        self.rare.put_gaps(&mut record.notes, is_server, coverage.gaps);
        if let Some(high) = coverage.high {
            record.half_mut(self.from).set_high(high);
        }
        if fresh != len {
            let repeat = |note: &mut super::rare::SideNote| note.add_repeated(len, fresh);
            self.rare.change_side(&mut record.notes, is_server, repeat);
        }
        fresh
    }

    fn count_data(&mut self, record: &mut Record) {
        let is_server = self.from == Direction::FromServer;
        let half = record.half_mut(self.from);
        self.stamp.put_once(&mut half.first_data, &mut self.rare.far);
        self.stamp.put(&mut half.last_data, &mut self.rare.far);
        let (bytes, is_over) = half.segment_bytes.overflowing_add(self.segment.payload_len);
        half.segment_bytes = bytes;
        let is_full = half.data_segments == FULL;
        half.data_segments = if is_full { 1 } else { half.data_segments + 1 };
        if is_over || is_full {
            record.facts |= Facts::OVERFLOWN;
            self.rare.carry(&mut record.notes, is_server, |note| {
                note.segment_bytes += u32::from(is_over);
                note.data_segments += u32::from(is_full);
            });
        }
    }

    fn count_frame(&mut self, record: &mut Record, wire_len: u32) {
        let is_server = self.from == Direction::FromServer;
        let half = record.half_mut(self.from);
        let (bytes, is_over) = half.wire_bytes.overflowing_add(wire_len);
        half.wire_bytes = bytes;
        let is_full = half.frames == FULL;
        half.frames = if is_full { 1 } else { half.frames + 1 };
        if is_over || is_full {
            record.facts |= Facts::OVERFLOWN;
            self.rare.carry(&mut record.notes, is_server, |note| {
                note.wire_bytes += u32::from(is_over);
                note.frames += u32::from(is_full);
            });
        }
    }

    fn observe_fin(&mut self, record: &mut Record) {
        let segment = self.segment;
        if !segment.flags.contains(TcpFlags::FIN) {
            return;
        }
        let is_server = self.from == Direction::FromServer;
        let other = self.from.reverse();
        let other_closed = self.turns.has_closed(other);
        let is_aware = segment.flags.contains(TcpFlags::ACK)
            && segment.ack_raw.0.wrapping_sub(record.half(other).fin_end) <= 1 << 31;
        let closing = self.turns.closing_mut(self.from);
        if closing.fin.is_set() {
            let count = |note: &mut super::rare::SideNote| {
                note.more_fins = note.more_fins.saturating_add(1);
            };
            return self.rare.change_side(&mut record.notes, is_server, count);
        }
        self.stamp.put(&mut closing.fin, &mut self.rare.far);
        record.half_mut(self.from).fin_end = (segment.seq_raw + segment.sequence_len()).0;
        if other_closed {
            record.facts.set(Facts::BOTH_CLOSED_UNAWARE, !is_aware);
        } else {
            record.facts.set(Facts::SERVER_CLOSED_FIRST, is_server);
        }
    }

    fn observe_reset(&mut self, record: &mut Record) {
        if !record.facts.contains(Facts::RESET) {
            let cause = reset::cause((record, self.turns), self.rare, self.segment, self.from);
            let mut at = Mark::default();
            self.stamp.put(&mut at, &mut self.rare.far);
            let body = Body::Reset { cause, at: at.halves(), count: 0 };
            self.rare.add(&mut record.notes, body);
            record.facts |= Facts::RESET;
            record.facts.set(Facts::RESET_BY_SERVER, self.from == Direction::FromServer);
        }
        let pick: fn(&mut Body) -> Option<&mut u32> = |body| match body {
            Body::Reset { count, .. } => Some(count),
            _ => None,
        };
        if let Some(count) = self.rare.find(record.notes, pick) {
            *count = count.saturating_add(1);
        }
    }
}

impl Half {
    fn note_offer(&mut self, segment: &Segment) {
        let options = &segment.options;
        let mut bits = HalfBits::SYN_SEEN | (self.bits & HalfBits::HIGH);
        bits.set(HalfBits::MSS, options.mss.is_some());
        bits.set(HalfBits::WINDOW_SCALE, options.window_scale.is_some());
        bits.set(HalfBits::SACK, options.sack_permitted);
        bits.set(HalfBits::TIMESTAMPS, options.timestamps.is_some());
        bits.set(HalfBits::FAST_OPEN, options.fast_open_cookie_len.is_some());
        bits.set(HalfBits::MPTCP, options.has_mptcp);
        self.bits = bits;
        self.window_scale = options.window_scale.unwrap_or(0);
        self.mss = options.mss.unwrap_or(0);
        self.window = segment.window_raw;
    }

    fn set_high(&mut self, high: SeqNumber) {
        self.high = high;
        self.bits |= HalfBits::HIGH;
    }
}
