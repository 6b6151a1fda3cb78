//! What most segments change of a stream, however many streams there are: two cache lines.
//!
//! Most segments change nothing but counters and the latest marks: [`Record::observe_plain`]
//! takes those, and leaves everything else to [`super::fold`]. What only handshake and teardown
//! change stands in [`super::turns`], what few streams need in [`super::rare`].

use super::mark::{At, Mark, Origin};
use super::rare::{Body, FULL, Link, Rare};
use super::turns::Turns;
use crate::frame::FrameNumber;
use crate::tcp::{Direction, Plain, Segment, SegmentAnalysis, SeqNumber, TcpFlags};
use crate::time::Timestamp;

bitflags::bitflags! {
    /// Yes-or-no facts of a stream.
    #[derive(Debug, Clone, Copy, Default, PartialEq)]
    pub(super) struct Facts: u32 {
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
        /// Client and server were exchanged after the last frame.
        const SWAPPED = 1 << 9;
        /// A frame carried it: without, the record is a mere place.
        const CARRIED = 1 << 10;
        /// The client sent a SYN.
        const SYN_COUNTED = 1 << 11;
        /// It came before any SYN-ACK; where, see [`Record`].
        const SYN_MARKED = 1 << 12;
        /// Some counter outgrew its place; the rest stands in the notes.
        const OVERFLOWN = 1 << 13;
        /// There was a reset; it stands in the notes.
        const RESET = 1 << 14;
        /// The endpoints are IPv6: [`Half::host`] is an index.
        const IPV6 = 1 << 15;
        /// A plain segment of the client changes counters and latest marks only.
        const CLIENT_SETTLED = 1 << 16;
        /// The same for the server; the bit above the client's.
        const SERVER_SETTLED = 1 << 17;
        /// The server has acknowledged client data.
        const DATA_ACKNOWLEDGED = 1 << 18;
        /// 64 bits of nanoseconds cannot hold when it began; that stands in the notes.
        const ODD_START = 1 << 19;
    }
}

bitflags::bitflags! {
    /// Which options a SYN carried, and whether [`Half::high`] is known.
    #[derive(Debug, Clone, Copy, Default, PartialEq)]
    pub(super) struct HalfBits: u8 {
        const SYN_SEEN = 1;
        const MSS = 1 << 1;
        const WINDOW_SCALE = 1 << 2;
        const SACK = 1 << 3;
        const TIMESTAMPS = 1 << 4;
        const FAST_OPEN = 1 << 5;
        const MPTCP = 1 << 6;
        const HIGH = 1 << 7;
    }
}

/// One side of a stream and what it sent.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Half {
    pub(super) last_data: Mark,
    pub(super) first_data: Mark,
    pub(super) wire_bytes: u32,
    /// Payload bytes, repeated ones included.
    pub(super) segment_bytes: u32,
    /// Sequence number after the last byte seen, where `bits` say so.
    pub(super) high: SeqNumber,
    /// Sequence number after the first FIN.
    pub(super) fin_end: u32,
    pub(super) frames: u16,
    pub(super) data_segments: u16,
    /// IPv4 address, or index of an IPv6 address.
    pub(super) host: u32,
    pub(super) port: u16,
    /// Offered in its SYN, with the next two.
    pub(super) mss: u16,
    pub(super) window: u16,
    pub(super) window_scale: u8,
    pub(super) bits: HalfBits,
}

/// The record of one stream; its index is the stream's number. The SYN is the first frame
/// where no note says otherwise.
#[derive(Debug, Clone, Default, PartialEq)]
#[repr(C, align(64))]
pub(super) struct Record {
    /// When the first frame came; see [`Self::origin`].
    nanos: i64,
    pub(super) first_frame: u64,
    pub(super) last: Mark,
    pub(super) facts: Facts,
    pub(super) notes: Link,
    pub(super) client: Half,
    pub(super) server: Half,
}

/// What counts of a segment that may be told like a plain one; `None` with a verdict, with SYN or
/// RST, or at a time that 64 bits of nanoseconds cannot hold.
#[inline]
pub(super) fn as_plain(segment: &Segment, analysis: &SegmentAnalysis) -> Option<Plain> {
    const UNUSUAL: TcpFlags = TcpFlags::SYN.union(TcpFlags::RST);
    let is_usual = analysis.flags.is_empty() && !segment.flags.intersects(UNUSUAL);
    let time = segment.timestamp.as_nanos();
    (is_usual && Timestamp::from_nanos(time) == segment.timestamp).then(|| Plain {
        time,
        stream: analysis.stream,
        seq_raw: segment.seq_raw,
        seq_rel: analysis.seq_rel,
        ack_raw: segment.ack_raw,
        ack_rel: analysis.ack_rel,
        payload_len: segment.payload_len,
        flags: segment.flags,
        source_port: segment.source.port(),
        direction: analysis.direction,
    })
}

impl Half {
    /// Counts a segment that is next in its direction; does nothing and answers false when a
    /// counter would overflow.
    #[inline(always)]
    pub(super) fn count(&mut self, plain: &Plain, wire_len: u32) -> bool {
        let len = plain.payload_len;
        let wire_bytes = self.wire_bytes.wrapping_add(wire_len);
        if wire_bytes < wire_len || self.frames == FULL {
            return false;
        }
        if len > 0 {
            let segment_bytes = self.segment_bytes.wrapping_add(len);
            if segment_bytes < len || self.data_segments == FULL {
                return false;
            }
            self.segment_bytes = segment_bytes;
            self.data_segments += 1;
            self.high = plain.seq_raw + len;
        }
        self.frames += 1;
        self.wire_bytes = wire_bytes;
        true
    }

    /// True when a segment of the other side acknowledges its FIN.
    pub(super) fn is_end_covered(&self, plain: &Plain) -> bool {
        plain.ack_raw.0.wrapping_sub(self.fin_end) <= 1 << 31
    }
}

impl Record {
    /// Reads one word of each of its cache lines.
    #[inline]
    pub(super) fn touch(&self) -> u64 {
        u64::from(self.facts.bits()) | u64::from(self.server.wire_bytes) << 32
    }

    /// True when plain segments of either side, but for FINs, change nothing but the record; by
    /// what [`Self::touch`] has read of it.
    #[inline]
    pub(super) fn is_settled(read: u64) -> bool {
        const BOTH: Facts = Facts::CLIENT_SETTLED.union(Facts::SERVER_SETTLED);
        Facts::from_bits_truncate(read as u32).contains(BOTH)
    }

    /// Folds one segment in that changes nothing but counters, latest marks, and the stream's
    /// `turns`. Does nothing and answers false when there may be more to it.
    #[inline(always)]
    pub(super) fn observe_plain(
        &mut self,
        turns: &mut Turns,
        plain: &Plain,
        (frame, wire_len): (FrameNumber, u32),
    ) -> bool {
        const SPECIAL: TcpFlags = TcpFlags::FIN.union(TcpFlags::PSH);
        let Some(mark) = Mark::near(self.start(), frame, plain.time) else {
            return false;
        };
        let is_server = plain.direction == Direction::FromServer;
        let settled = Facts::CLIENT_SETTLED.bits() << u32::from(is_server);
        let is_special = plain.flags.intersects(SPECIAL)
            && (plain.payload_len == 0 || plain.flags.contains(TcpFlags::FIN));
        if self.facts.bits() & settled == 0 || is_special {
            return self.observe_turn(turns, plain, mark, wire_len);
        }
        let half = if is_server { &mut self.server } else { &mut self.client };
        let is_next = half.high == plain.seq_raw && half.port == plain.source_port;
        if !is_next || plain.payload_len > MAX_PLAIN || !half.count(plain, wire_len) {
            return false;
        }
        if plain.payload_len > 0 {
            half.last_data = mark;
            if !half.first_data.is_set() {
                half.first_data = mark;
                // What acknowledges the client's first data is the first of its kind.
                if !is_server && !self.facts.contains(Facts::DATA_ACKNOWLEDGED) {
                    self.facts -= Facts::SERVER_SETTLED;
                }
            }
        }
        self.last = mark;
        true
    }

    /// Notes where its stream begins, and what that shows.
    pub(super) fn begin(&mut self, origin: Origin, facts: Facts, rare: &mut Rare) {
        (self.nanos, self.first_frame) = (origin.start().nanos, origin.frame);
        self.facts |= facts;
        if self.near_origin() != origin {
            self.facts |= Facts::ODD_START;
            rare.add(&mut self.notes, Body::start(origin));
        }
    }

    /// The first frame.
    #[inline]
    pub(super) fn start(&self) -> At {
        At { frame: self.first_frame, nanos: self.nanos }
    }

    /// The same, whatever time it has.
    #[inline]
    pub(super) fn origin(&self, rare: &Rare) -> Origin {
        match self.facts.contains(Facts::ODD_START) {
            false => self.near_origin(),
            true => self.odd_origin(rare),
        }
    }

    /// The first frame of a stream that begins at a usual time.
    #[inline]
    fn near_origin(&self) -> Origin {
        Origin::new(FrameNumber(self.first_frame), Timestamp::from_nanos(self.nanos))
    }

    #[cold]
    fn odd_origin(&self, rare: &Rare) -> Origin {
        let start = rare.of(self.notes).find_map(|body| body.as_start(self.first_frame));
        start.unwrap_or_else(|| self.near_origin())
    }

    /// Sees which side's plain segments need no more than [`Self::observe_plain`]: those that
    /// can be the first of no kind, after which nothing else than counters would change.
    pub(super) fn settle(&mut self, turns: &Turns) {
        let (client, server) = (&self.client, &self.server);
        let has_begun = self.is_role_known(turns);
        let is_odd = self.facts.contains(Facts::ODD_START) || turns.is_any_closed();
        let is_near = !self.last.is_far() && client.port != server.port && !is_odd;
        let is_settled =
            |half: &Half| is_near && half.bits.contains(HalfBits::HIGH) && !half.last_data.is_far();
        let by_client = is_settled(client) && (turns.ack.is_set() || !has_begun);
        let by_server =
            is_settled(server) && (turns.data_acknowledged.is_set() || !client.first_data.is_set());
        self.facts.set(Facts::CLIENT_SETTLED, by_client);
        self.facts.set(Facts::SERVER_SETTLED, by_server);
    }

    /// Payload bytes of both directions, repeated ones included; the largest number where the
    /// notes have to be asked.
    #[inline]
    pub(super) fn payload_bytes_at_most(&self) -> u64 {
        if self.facts.contains(Facts::OVERFLOWN) {
            return u64::MAX;
        }
        u64::from(self.client.segment_bytes) + u64::from(self.server.segment_bytes)
    }

    /// What a side sent.
    pub(super) fn half(&self, from: Direction) -> &Half {
        match from {
            Direction::FromClient => &self.client,
            Direction::FromServer => &self.server,
        }
    }

    /// The same, to change it.
    pub(super) fn half_mut(&mut self, from: Direction) -> &mut Half {
        match from {
            Direction::FromClient => &mut self.client,
            Direction::FromServer => &mut self.server,
        }
    }

    /// The MSS that one side announced, when its SYN was captured.
    #[inline]
    pub(super) fn announced_mss(&self, from: Direction) -> Option<u16> {
        let half = self.half(from);
        half.bits.contains(HalfBits::MSS).then_some(half.mss)
    }

    /// True when a SYN or SYN-ACK shows who is the client.
    pub(super) fn is_role_known(&self, turns: &Turns) -> bool {
        self.facts.contains(Facts::SYN_MARKED) || turns.syn_ack.is_set()
    }
}

/// A longer payload may reach around half the sequence space.
pub(super) const MAX_PLAIN: u32 = 1 << 24;

#[cfg(test)]
mod tests {
    use super::*;

    /// A capture of a million connections must fit: the budget per stream.
    #[test]
    fn a_record_stays_within_its_budget() {
        assert_eq!((size_of::<Half>(), size_of::<Record>()), (48, 128));
    }
}
