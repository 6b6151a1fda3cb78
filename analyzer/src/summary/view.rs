//! A record read together with its notes: plain figures, absolute marks.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::mark::{At, Mark};
use super::model::{EventKind, ResetCause};
use super::rare::{self, Body, CarryNote, FULL, OpeningNote, Rare, SideNote};
use super::record::{Facts, Half, Record};
use super::turns::Turns;
use crate::tcp::{Direction, Endpoint};

/// One stream's record and notes.
#[derive(Debug, Clone, Copy)]
pub(super) struct View<'a> {
    pub(super) stream: u32,
    pub(super) record: &'a Record,
    pub(super) turns: &'a Turns,
    rare: &'a Rare,
}

/// What one side sent, in figures that do not overflow.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Sent {
    pub(super) frames: u64,
    pub(super) wire_bytes: u64,
    /// Payload bytes, repeated ones included.
    pub(super) segment_bytes: u64,
    /// Different payload bytes.
    pub(super) application_bytes: u64,
    pub(super) missing_bytes: u64,
    pub(super) data_segments: u64,
    pub(super) fin_count: u32,
}

/// The first reset.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct FirstReset {
    pub(super) at: At,
    pub(super) cause: ResetCause,
    /// Resets in the stream.
    pub(super) count: u32,
}

/// How often something happened.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct EventTally {
    pub(super) kind: EventKind,
    pub(super) count: u64,
    pub(super) from_client: u64,
    /// The first ones.
    pub(super) frames: Vec<u64>,
}

/// One end of a record's stream.
pub(super) fn endpoint(record: &Record, half: &Half, rare: &Rare) -> Endpoint {
    let address = match record.facts.contains(Facts::IPV6) {
        true => {
            let octets = rare.hosts.get(half.host as usize).copied().unwrap_or_default();
            IpAddr::V6(Ipv6Addr::from_octets(octets))
        }
        false => IpAddr::V4(Ipv4Addr::from_bits(half.host)),
    };
    Endpoint::new(address, half.port)
}

/// Payload bytes of both directions, repeated ones included: the rank of a connection.
pub(super) fn payload_bytes(record: &Record, rare: &Rare) -> u64 {
    let bytes = u64::from(record.client.segment_bytes) + u64::from(record.server.segment_bytes);
    if !record.facts.contains(Facts::OVERFLOWN) {
        return bytes;
    }
    let carried = rare.of(record.notes).filter_map(carry);
    bytes + carried.map(|note| u64::from(note.segment_bytes) << 32).sum::<u64>()
}

fn carry(body: &Body) -> Option<&CarryNote> {
    match body {
        Body::Carry(note) => Some(note),
        _ => None,
    }
}

impl<'a> View<'a> {
    /// Of the stream with this number.
    pub(super) fn new(
        stream: u32,
        (record, turns): (&'a Record, &'a Turns),
        rare: &'a Rare,
    ) -> Self {
        Self { stream, record, turns, rare }
    }

    /// The absolute meaning of a mark, `None` for "none".
    pub(super) fn at(&self, mark: Mark) -> Option<At> {
        mark.at(self.record.start(), &self.rare.far)
    }

    /// First and last frame.
    pub(super) fn ends(&self) -> (At, At) {
        let first = self.record.start();
        (first, self.at(self.record.last).unwrap_or(first))
    }

    /// One end.
    pub(super) fn endpoint(&self, of: Direction) -> Endpoint {
        endpoint(self.record, self.record.half(of), self.rare)
    }

    /// True when a SYN or SYN-ACK shows who is the client.
    pub(super) fn is_role_known(&self) -> bool {
        self.record.is_role_known(self.turns)
    }

    /// Payload bytes of both directions, repeated ones included.
    pub(super) fn payload_bytes(&self) -> u64 {
        payload_bytes(self.record, self.rare)
    }

    /// True when the filter let a frame through.
    pub(super) fn is_told(&self) -> bool {
        self.has(Facts::MATCHED)
    }

    /// True for a yes-or-no fact.
    pub(super) fn has(&self, fact: Facts) -> bool {
        self.record.facts.contains(fact)
    }

    /// The SYN and, where there are several, the first one.
    pub(super) fn syns(&self) -> (Option<At>, Option<At>) {
        let (at, first) = self.notes().find_map(rare::syn_marks).unwrap_or_default();
        let syn = self.at(at).unwrap_or_else(|| self.record.start());
        (self.has(Facts::SYN_MARKED).then_some(syn), self.at(first))
    }

    /// What is unusual about the SYNs.
    pub(super) fn opening(&self) -> OpeningNote {
        let note = self.notes().find_map(|body| match body {
            Body::Opening(note) => Some(*note),
            _ => None,
        });
        note.unwrap_or_default()
    }

    /// The first reset.
    pub(super) fn reset(&self) -> Option<FirstReset> {
        if !self.has(Facts::RESET) {
            return None;
        }
        self.notes().find_map(|body| match *body {
            Body::Reset { cause, at, count } => {
                Some(FirstReset { at: self.at(Mark::from_halves(at))?, cause, count })
            }
            _ => None,
        })
    }

    /// What one side sent.
    pub(super) fn sent(&self, from: Direction) -> Sent {
        let half = self.record.half(from);
        let mut sent = Sent {
            frames: u64::from(half.frames),
            wire_bytes: u64::from(half.wire_bytes),
            segment_bytes: u64::from(half.segment_bytes),
            data_segments: u64::from(half.data_segments),
            fin_count: u32::from(self.turns.has_closed(from)),
            ..Sent::default()
        };
        for note in self.carries().filter(|note| is_of(from, note.is_server)) {
            sent.frames += times_full(note.frames);
            sent.data_segments += times_full(note.data_segments);
            sent.wire_bytes += u64::from(note.wire_bytes) << 32;
            sent.segment_bytes += u64::from(note.segment_bytes) << 32;
        }
        sent.application_bytes = sent.segment_bytes;
        if let Some(side) = self.side(from) {
            sent.application_bytes = sent.segment_bytes.wrapping_sub(side.repeated());
            sent.missing_bytes = self.rare.missing(side);
            sent.fin_count = sent.fin_count.saturating_add(side.more_fins);
        }
        sent
    }

    /// Bytes of one direction that are not in the capture.
    pub(super) fn missing_bytes(&self, from: Direction) -> u64 {
        self.side(from).map_or(0, |side| self.rare.missing(side))
    }

    /// Segments with payload or PSH.
    pub(super) fn rows(&self) -> u64 {
        let record = self.record;
        let counters =
            [record.client.data_segments, record.server.data_segments, self.turns.pushes];
        let rows: u64 = counters.into_iter().map(u64::from).sum();
        let carried =
            self.carries().map(|note| times_full(note.data_segments) + times_full(note.pushes));
        rows + carried.sum::<u64>()
    }

    /// Application bytes that one side sent after the other's FIN.
    pub(super) fn bytes_after_fin(&self) -> u64 {
        let note = self.notes().find_map(|body| match body {
            Body::AfterFin { bytes } => Some(rare::join(*bytes)),
            _ => None,
        });
        note.unwrap_or(0)
    }

    /// All kinds of events, in the order of kinds.
    pub(super) fn events(&self) -> Vec<EventTally> {
        let mut tallies: Vec<EventTally> = Vec::new();
        for body in self.notes() {
            let Body::Event(note) = body else { continue };
            let frame = |offset: u64| self.record.first_frame.saturating_add(offset);
            let mut frames: Vec<u64> = note.offsets().map(frame).collect();
            let (count, from_client) = (u64::from(note.count), u64::from(note.from_client));
            match tallies.iter_mut().find(|tally| tally.kind == note.kind) {
                // Notes come latest first.
                Some(tally) => {
                    tally.count += count;
                    tally.from_client += from_client;
                    frames.append(&mut tally.frames);
                    frames.truncate(rare::EVENT_FRAMES);
                    tally.frames = frames;
                }
                None => tallies.push(EventTally { kind: note.kind, count, from_client, frames }),
            }
        }
        tallies.sort_unstable_by_key(|tally| tally.kind);
        tallies
    }

    fn side(&self, from: Direction) -> Option<&'a SideNote> {
        self.notes().find_map(|body| match body {
            Body::Side(note) if is_of(from, note.is_server) => Some(note),
            _ => None,
        })
    }

    fn carries(&self) -> impl Iterator<Item = &'a CarryNote> {
        let notes = self.has(Facts::OVERFLOWN).then(|| self.notes());
        notes.into_iter().flatten().filter_map(carry)
    }

    fn notes(&self) -> impl Iterator<Item = &'a Body> + use<'a> {
        self.rare.of(self.record.notes)
    }
}

fn is_of(from: Direction, is_server: bool) -> bool {
    is_server == (from == Direction::FromServer)
}

/// What a counter that went over [`FULL`] that often has to add.
fn times_full(carried: u32) -> u64 {
    u64::from(carried) * u64::from(FULL - 1)
}
