//! What is kept of every stream, however many there are: three cache lines.
//!
//! [`Record::observe`] folds one segment into it. Most segments change nothing but counters
//! and the latest marks: [`Record::observe_plain`] takes those, and leaves everything else to
//! [`super::fold`]. What few streams need stands in [`super::rare`].

use super::mark::{Mark, Origin};
use super::rare::{FULL, Link};
use crate::facts::PlainFacts;
use crate::tcp::{Direction, Segment, SegmentAnalysis, SeqNumber, TcpFlags};

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
    pub(super) fin: Mark,
    pub(super) fin_acknowledged: Mark,
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
#[repr(align(64))]
pub(super) struct Record {
    /// The first frame; see [`Self::origin`].
    seconds: i64,
    pub(super) first_frame: u64,
    nanos: u32,
    pub(super) last: Mark,
    pub(super) facts: Facts,
    /// Segments with PSH and no payload.
    pub(super) pushes: u16,
    pub(super) client: Half,
    pub(super) server: Half,
    pub(super) syn_ack: Mark,
    pub(super) ack: Mark,
    /// The server's first acknowledgment of client data.
    pub(super) data_acknowledged: Mark,
    pub(super) notes: Link,
}

/// What a segment says that may change nothing but counters and latest marks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Said {
    /// `None` where eight bytes cannot hold it.
    mark: Option<Mark>,
    from: Direction,
    source_port: u16,
    seq_raw: SeqNumber,
    ack_rel: u32,
    payload_len: u32,
    flags: TcpFlags,
}

impl Said {
    /// By a segment; `None` with a verdict, or with SYN, FIN or RST.
    #[inline]
    pub(super) fn by_segment(
        segment: &Segment,
        analysis: &SegmentAnalysis,
        origin: Origin,
    ) -> Option<Self> {
        const UNUSUAL: TcpFlags = TcpFlags::SYN.union(TcpFlags::FIN).union(TcpFlags::RST);
        let is_usual = analysis.flags.is_empty() && !segment.flags.intersects(UNUSUAL);
        is_usual.then(|| Self {
            mark: origin.near(segment.frame, segment.timestamp),
            from: analysis.direction,
            source_port: segment.source.port(),
            seq_raw: segment.seq_raw,
            ack_rel: analysis.ack_rel,
            payload_len: segment.payload_len,
            flags: segment.flags,
        })
    }

    /// By a plain one.
    #[inline(always)]
    pub(super) fn by_plain(facts: &PlainFacts<'_>, origin: Origin) -> Option<Self> {
        let (source, _) = facts.endpoints()?;
        Some(Self {
            mark: origin.near_nanos(facts.number, facts.nanos()),
            from: facts.direction(),
            source_port: source.port(),
            seq_raw: facts.seq_raw(),
            ack_rel: facts.ack_rel(),
            payload_len: facts.payload_len(),
            flags: facts.flags(),
        })
    }
}

impl Record {
    /// Reads one word of each of its cache lines; they have no meaning together.
    #[inline]
    pub(super) fn touch(&self) -> u64 {
        self.first_frame ^ u64::from(self.client.wire_bytes) ^ u64::from(self.server.wire_bytes)
    }

    /// Folds one segment in that changes nothing but counters and latest marks; does nothing
    /// and answers false when there may be more to it.
    #[inline(always)]
    pub(super) fn observe_plain(&mut self, said: &Said, wire_len: u32) -> bool {
        let is_server = said.from == Direction::FromServer;
        let settled = Facts::CLIENT_SETTLED.bits() << u32::from(is_server);
        let Some(mark) = said.mark else { return false };
        if self.facts.bits() & settled == 0 && !self.settle_by_ack(*said, mark) {
            return false;
        }
        let half = if is_server { &mut self.server } else { &mut self.client };
        if half.high != said.seq_raw || half.port != said.source_port {
            return false;
        }
        let len = said.payload_len;
        let wire_bytes = half.wire_bytes.wrapping_add(wire_len);
        if wire_bytes < wire_len || half.frames == FULL {
            return false;
        }
        if len > 0 {
            let segment_bytes = half.segment_bytes.wrapping_add(len);
            if len > MAX_PLAIN || segment_bytes < len || half.data_segments == FULL {
                return false;
            }
            half.segment_bytes = segment_bytes;
            half.data_segments += 1;
            half.high = said.seq_raw + len;
            half.last_data = mark;
            if !half.first_data.is_set() {
                half.first_data = mark;
                // What acknowledges the client's first data is the first of its kind.
                if !is_server && !self.data_acknowledged.is_set() {
                    self.facts -= Facts::SERVER_SETTLED;
                }
            }
        } else if said.flags.contains(TcpFlags::PSH) {
            return false;
        }
        half.frames += 1;
        half.wire_bytes = wire_bytes;
        self.last = mark;
        true
    }

    /// Takes in the acknowledgment that a side's other segments wait for: of the SYN-ACK, or of
    /// the client's data. Answers true when nothing else than counters is left to change.
    #[inline(never)]
    fn settle_by_ack(&mut self, said: Said, mark: Mark) -> bool {
        let is_server = said.from == Direction::FromServer;
        let acknowledges_data = (2..1 << 31).contains(&said.ack_rel);
        let is_awaited = match said.from {
            Direction::FromClient => !self.ack.is_set() && self.is_role_known(),
            Direction::FromServer => {
                !self.data_acknowledged.is_set()
                    && self.client.first_data.is_set()
                    && acknowledges_data
            }
        };
        // Who is who must be beyond doubt: their ports differ, else neither side is settled.
        let is_own = self.half(said.from).port == said.source_port;
        if !is_awaited || !is_own || !said.flags.contains(TcpFlags::ACK) {
            return false;
        }
        let (ack, data_acknowledged) = (self.ack, self.data_acknowledged);
        *(if is_server { &mut self.data_acknowledged } else { &mut self.ack }) = mark;
        self.settle();
        let own = if is_server { Facts::SERVER_SETTLED } else { Facts::CLIENT_SETTLED };
        let is_settled = self.facts.contains(own);
        if !is_settled {
            (self.ack, self.data_acknowledged) = (ack, data_acknowledged);
        }
        is_settled
    }

    /// Of a stream that begins there.
    pub(super) fn new(origin: Origin, facts: Facts) -> Self {
        let Origin { seconds, frame, nanos } = origin;
        Self { seconds, first_frame: frame, nanos, facts, ..Self::default() }
    }

    /// The first frame. Its parts stand in the record one by one, which saves eight bytes.
    #[inline]
    pub(super) fn origin(&self) -> Origin {
        Origin { seconds: self.seconds, frame: self.first_frame, nanos: self.nanos }
    }

    /// Sees which side's plain segments need no more than [`Self::observe_plain`]: those that
    /// can be the first of no kind, after which nothing else than counters would change.
    pub(super) fn settle(&mut self) {
        let (client, server) = (&self.client, &self.server);
        let has_begun = self.facts.contains(Facts::SYN_MARKED) || self.syn_ack.is_set();
        let is_closing = client.fin.is_set() || server.fin.is_set();
        let is_near = !self.last.is_far() && client.port != server.port && !is_closing;
        let is_settled =
            |half: &Half| is_near && half.bits.contains(HalfBits::HIGH) && !half.last_data.is_far();
        let by_client = is_settled(client) && (self.ack.is_set() || !has_begun);
        let by_server =
            is_settled(server) && (self.data_acknowledged.is_set() || !client.first_data.is_set());
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
    pub(super) fn is_role_known(&self) -> bool {
        self.facts.contains(Facts::SYN_MARKED) || self.syn_ack.is_set()
    }
}

/// A longer payload may reach around half the sequence space.
const MAX_PLAIN: u32 = 1 << 24;

#[cfg(test)]
mod tests {
    use super::*;

    /// A capture of a million connections must fit: the budget per stream.
    #[test]
    fn a_record_stays_within_its_budget() {
        assert!(size_of::<Half>() <= 64, "{} bytes", size_of::<Half>());
        assert!(size_of::<Record>() <= 192, "{} bytes", size_of::<Record>());
    }
}
