//! What is kept of every stream, however many there are: a fixed-size record.
//!
//! [`Record::observe`] folds one segment into it; nothing is allocated unless something
//! unusual happens (a gap, an analysis event, a SYN sent again). Turning a record into the
//! documented [`super::model::Connection`] is the business of `finish`.

use super::coverage::Coverage;
use super::mark::{Mark, Origin};
use super::model::{EventKind, ResetCause};
use super::{event, reset};
use crate::tcp::{
    AnalysisFlags, Direction, Endpoint, Segment, SegmentAnalysis, StreamId, TcpFlags,
};

/// Witness frames kept per kind of event.
const EVENT_FRAMES: usize = 4;

bitflags::bitflags! {
    /// Yes-or-no facts of a stream.
    #[derive(Debug, Clone, Copy, Default, PartialEq)]
    pub(super) struct Facts: u16 {
        /// Its first frame is a bare SYN.
        const BEGAN_WITH_SYN = 1;
        /// Its first frame is a SYN-ACK.
        const BEGAN_WITH_SYN_ACK = 1 << 1;
        /// Both sides sent a bare SYN.
        const BOTH_SENT_SYN = 1 << 2;
        /// The second FIN did not acknowledge the first.
        const BOTH_CLOSED_UNAWARE = 1 << 3;
        /// The first reset came from the server.
        const RESET_BY_SERVER = 1 << 4;
        /// The server's FIN came first (or, with one FIN, is the only one).
        const SERVER_CLOSED_FIRST = 1 << 5;
        /// At least one frame matched the filter.
        const MATCHED = 1 << 6;
        /// The port pair had been used before.
        const REUSED_PORTS = 1 << 7;
        /// Client and server were exchanged after the last frame.
        const SWAPPED = 1 << 9;
        /// The last segment with payload came from the server.
        const LAST_DATA_BY_SERVER = 1 << 8;
    }
}

/// What one side offered in its SYN; all zero when it was not seen.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Offer {
    pub(super) bits: OfferBits,
    pub(super) window_scale: u8,
    pub(super) mss: u16,
    pub(super) window: u16,
}

bitflags::bitflags! {
    /// Which options a SYN carried.
    #[derive(Debug, Clone, Copy, Default, PartialEq)]
    pub(super) struct OfferBits: u8 {
        const SEEN = 1;
        const MSS = 1 << 1;
        const WINDOW_SCALE = 1 << 2;
        const SACK = 1 << 3;
        const TIMESTAMPS = 1 << 4;
        const FAST_OPEN = 1 << 5;
        const MPTCP = 1 << 6;
    }
}

/// One direction of a stream.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct HalfRecord {
    pub(super) wire_bytes: u64,
    pub(super) segment_bytes: u64,
    pub(super) coverage: Coverage,
    pub(super) frames: u32,
    pub(super) data_segments: u32,
    pub(super) first_data: Mark,
    pub(super) last_data: Mark,
    pub(super) fin: Mark,
    pub(super) fin_acknowledged: Mark,
    pub(super) fin_end: u32,
    pub(super) fin_count: u16,
    pub(super) offer: Offer,
}

/// What few streams need.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Rare {
    pub(super) first_syn: Mark,
    pub(super) events: Vec<EventTally>,
}

/// How often something happened.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct EventTally {
    pub(super) kind: EventKind,
    pub(super) count: u32,
    pub(super) from_client: u32,
    pub(super) frames: [u64; EVENT_FRAMES],
}

/// The record of one stream.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Record {
    pub(super) origin: Origin,
    pub(super) stream: StreamId,
    pub(super) client: Endpoint,
    pub(super) server: Endpoint,
    pub(super) facts: Facts,
    pub(super) from_client: HalfRecord,
    pub(super) from_server: HalfRecord,
    pub(super) last: Mark,
    pub(super) syn: Mark,
    pub(super) syn_ack: Mark,
    pub(super) ack: Mark,
    pub(super) reset: Mark,
    /// The server's first acknowledgment of client data.
    pub(super) data_acknowledged: Mark,
    pub(super) syn_count: u16,
    pub(super) syn_ack_count: u16,
    pub(super) syn_payload_len: u32,
    pub(super) reset_count: u32,
    pub(super) reset_cause: Option<ResetCause>,
    /// Segments with payload or PSH.
    pub(super) rows: u32,
    pub(super) bytes_after_fin: u64,
    pub(super) rare: Option<Box<Rare>>,
}

impl Record {
    /// For the stream that this segment opens.
    pub(super) fn new(segment: &Segment, analysis: &SegmentAnalysis) -> Self {
        let (client, server) = orient(segment, analysis.direction);
        let mut facts = Facts::empty();
        facts.set(Facts::BEGAN_WITH_SYN, segment.is_bare_syn());
        facts.set(Facts::BEGAN_WITH_SYN_ACK, segment.is_syn_ack());
        Self {
            origin: Origin { frame: segment.frame, time: segment.timestamp },
            stream: analysis.stream,
            client,
            server,
            facts,
            from_client: HalfRecord::default(),
            from_server: HalfRecord::default(),
            last: Mark::default(),
            syn: Mark::default(),
            syn_ack: Mark::default(),
            ack: Mark::default(),
            reset: Mark::default(),
            data_acknowledged: Mark::default(),
            syn_count: 0,
            syn_ack_count: 0,
            syn_payload_len: 0,
            reset_count: 0,
            reset_cause: None,
            rows: 0,
            bytes_after_fin: 0,
            rare: None,
        }
    }

    /// Folds one segment in; `wire_len` is its frame's length.
    pub(super) fn observe(&mut self, segment: &Segment, analysis: &SegmentAnalysis, wire_len: u32) {
        let (client, server) = orient(segment, analysis.direction);
        if client != self.client && client == self.server && server == self.client {
            self.swap_sides();
        }
        let mark = self.origin.mark(segment.frame, segment.timestamp);
        let from = analysis.direction;
        self.last = mark;
        self.count_events(segment, analysis);
        if segment.flags.contains(TcpFlags::SYN) {
            self.observe_syn(segment, analysis, mark);
        } else if !segment.flags.contains(TcpFlags::RST) {
            self.observe_ack(segment, analysis, mark);
        }
        if segment.flags.contains(TcpFlags::RST) {
            self.observe_reset(segment, from, mark);
        } else {
            self.observe_payload(segment, from, mark);
            self.observe_fin(segment, from, mark);
        }
        let half = self.half_mut(from);
        half.frames = half.frames.saturating_add(1);
        half.wire_bytes += u64::from(wire_len);
    }

    /// One direction.
    pub(super) fn half(&self, from: Direction) -> &HalfRecord {
        match from {
            Direction::FromClient => &self.from_client,
            Direction::FromServer => &self.from_server,
        }
    }

    fn half_mut(&mut self, from: Direction) -> &mut HalfRecord {
        match from {
            Direction::FromClient => &mut self.from_client,
            Direction::FromServer => &mut self.from_server,
        }
    }

    /// Payload bytes of both directions, repeated ones included: the rank of a connection.
    pub(super) fn payload_bytes(&self) -> u64 {
        self.from_client.segment_bytes.saturating_add(self.from_server.segment_bytes)
    }

    /// The MSS that one side announced, when its SYN was captured.
    pub(super) fn announced_mss(&self, from: Direction) -> Option<u16> {
        let offer = self.half(from).offer;
        offer.bits.contains(OfferBits::MSS).then_some(offer.mss)
    }

    /// Exchanges client and server, when what was assumed turns out wrong.
    pub(super) fn swap_sides(&mut self) {
        std::mem::swap(&mut self.client, &mut self.server);
        std::mem::swap(&mut self.from_client, &mut self.from_server);
        let flip = Facts::RESET_BY_SERVER | Facts::SERVER_CLOSED_FIRST | Facts::LAST_DATA_BY_SERVER;
        self.facts.toggle(flip);
        for tally in self.rare.iter_mut().flat_map(|rare| &mut rare.events) {
            tally.from_client = tally.count - tally.from_client;
        }
    }

    fn count_events(&mut self, segment: &Segment, analysis: &SegmentAnalysis) {
        if analysis.flags.is_empty() {
            return;
        }
        let from_client = u32::from(analysis.direction == Direction::FromClient);
        if analysis.flags.contains(AnalysisFlags::REUSED_PORTS) {
            self.facts |= Facts::REUSED_PORTS;
        }
        let events = &mut self.rare.get_or_insert_default().events;
        for kind in event::kinds(analysis.flags) {
            let index = events.iter().position(|tally| tally.kind == kind);
            let index = index.unwrap_or_else(|| {
                events.push(EventTally { kind, count: 0, from_client: 0, frames: [0; 4] });
                events.len() - 1
            });
            let Some(tally) = events.get_mut(index) else { continue };
            if let Some(slot) = tally.frames.get_mut(tally.count as usize) {
                *slot = segment.frame.0;
            }
            tally.count = tally.count.saturating_add(1);
            tally.from_client = tally.from_client.saturating_add(from_client);
        }
    }

    fn observe_syn(&mut self, segment: &Segment, analysis: &SegmentAnalysis, mark: Mark) {
        let from = analysis.direction;
        let half = self.half_mut(from);
        half.offer = Offer::of(segment);
        if analysis.flags.contains(AnalysisFlags::REUSED_PORTS) {
            half.coverage.rebase();
        }
        if segment.is_syn_ack() {
            self.syn_ack_count = self.syn_ack_count.saturating_add(1);
            self.syn_ack.set_once(mark);
            return;
        }
        if from == Direction::FromServer {
            self.facts |= Facts::BOTH_SENT_SYN;
            return;
        }
        self.syn_count = self.syn_count.saturating_add(1);
        self.syn_payload_len = self.syn_payload_len.max(segment.payload_len);
        if self.syn_count == 2 {
            self.rare.get_or_insert_default().first_syn = self.syn;
        }
        if !self.syn_ack.is_set() {
            self.syn = mark;
        }
    }

    fn observe_ack(&mut self, segment: &Segment, analysis: &SegmentAnalysis, mark: Mark) {
        if !segment.flags.contains(TcpFlags::ACK) {
            return;
        }
        let from = analysis.direction;
        let began = self.syn.is_set() || self.syn_ack.is_set();
        if from == Direction::FromClient && began {
            self.ack.set_once(mark);
        }
        let acknowledges_data = (2..1 << 31).contains(&analysis.ack_rel);
        if from == Direction::FromServer
            && acknowledges_data
            && self.from_client.first_data.is_set()
        {
            self.data_acknowledged.set_once(mark);
        }
        let other = self.half_mut(from.reverse());
        if other.fin.is_set() && !segment.ack_raw.0.wrapping_sub(other.fin_end).gt(&(1 << 31)) {
            other.fin_acknowledged.set_once(mark);
        }
    }

    fn observe_payload(&mut self, segment: &Segment, from: Direction, mark: Mark) {
        let has_payload = segment.payload_len > 0;
        if has_payload || segment.flags.contains(TcpFlags::PSH) {
            self.rows = self.rows.saturating_add(1);
        }
        let start = segment.seq_raw + u32::from(segment.flags.contains(TcpFlags::SYN));
        let is_after_fin = self.half(from.reverse()).fin.is_set();
        let half = self.half_mut(from);
        let has_closed = half.fin.is_set();
        // A FIN takes a number of its own: what a closed side sends says nothing about gaps.
        let fresh = if has_closed && !has_payload {
            0
        } else {
            half.coverage.add(start, segment.payload_len)
        };
        if !has_payload {
            return;
        }
        half.segment_bytes += u64::from(segment.payload_len);
        half.data_segments = half.data_segments.saturating_add(1);
        half.first_data.set_once(mark);
        half.last_data = mark;
        self.facts.set(Facts::LAST_DATA_BY_SERVER, from == Direction::FromServer);
        if is_after_fin && !has_closed {
            self.bytes_after_fin += u64::from(fresh);
        }
    }

    fn observe_fin(&mut self, segment: &Segment, from: Direction, mark: Mark) {
        if !segment.flags.contains(TcpFlags::FIN) {
            return;
        }
        let other = self.half(from.reverse());
        let other_closed = other.fin.is_set();
        let is_aware = segment.flags.contains(TcpFlags::ACK)
            && segment.ack_raw.0.wrapping_sub(other.fin_end) <= 1 << 31;
        let half = self.half_mut(from);
        half.fin_count = half.fin_count.saturating_add(1);
        if half.fin.is_set() {
            return;
        }
        half.fin = mark;
        half.fin_end = (segment.seq_raw + segment.sequence_len()).0;
        if other_closed {
            self.facts.set(Facts::BOTH_CLOSED_UNAWARE, !is_aware);
        } else {
            self.facts.set(Facts::SERVER_CLOSED_FIRST, from == Direction::FromServer);
        }
    }

    fn observe_reset(&mut self, segment: &Segment, from: Direction, mark: Mark) {
        self.reset_count = self.reset_count.saturating_add(1);
        if self.reset.is_set() {
            return;
        }
        self.reset_cause = Some(reset::cause(self, segment, from));
        self.reset = mark;
        self.facts.set(Facts::RESET_BY_SERVER, from == Direction::FromServer);
    }
}

impl Offer {
    fn of(segment: &Segment) -> Self {
        let options = &segment.options;
        let mut bits = OfferBits::SEEN;
        bits.set(OfferBits::MSS, options.mss.is_some());
        bits.set(OfferBits::WINDOW_SCALE, options.window_scale.is_some());
        bits.set(OfferBits::SACK, options.sack_permitted);
        bits.set(OfferBits::TIMESTAMPS, options.timestamps.is_some());
        bits.set(OfferBits::FAST_OPEN, options.fast_open_cookie_len.is_some());
        bits.set(OfferBits::MPTCP, options.has_mptcp);
        Self {
            bits,
            window_scale: options.window_scale.unwrap_or(0),
            mss: options.mss.unwrap_or(0),
            window: segment.window_raw,
        }
    }
}

/// Client and server by the direction of a segment.
fn orient(segment: &Segment, direction: Direction) -> (Endpoint, Endpoint) {
    match direction {
        Direction::FromClient => (segment.source, segment.destination),
        Direction::FromServer => (segment.destination, segment.source),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A capture of a million connections must fit: the budget per stream.
    #[test]
    fn a_record_stays_within_its_budget() {
        assert!(size_of::<Record>() <= 400, "{} bytes", size_of::<Record>());
    }
}
