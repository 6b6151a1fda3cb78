//! Values that two recordings do not have in common by chance.

use std::collections::{HashMap, HashSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::trace::{Packet, SYN, Trace};

/// Kinds of values that tell a recording from every other.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum TraitKind {
    /// The ISN of a SYN: 32 bits by chance (RFC 9293, section 3.4.1).
    InitialSequence,
    /// Sequence and acknowledgment number of a segment: two ISNs and how far both sides are.
    SequencePair,
    /// TSval and TSecr of a segment: two clocks, each with an offset by chance (RFC 7323).
    TimestampClock,
    /// Identifications of four IPv4 packets in a row, of both sides.
    IpIds,
    /// Times between five segments of a stream in a row, in microseconds.
    Intervals,
    /// Ephemeral ports of two connections in a row.
    EphemeralPorts,
    /// Rows of a packet list with the same ports, lengths, and times but for one shift.
    RowTimes,
}

impl TraitKind {
    /// Worth of one value; two captures are named from 2 on.
    pub(super) const fn weight(self) -> f64 {
        match self {
            Self::InitialSequence | Self::SequencePair | Self::TimestampClock => 1.0,
            Self::IpIds | Self::Intervals => 0.4,
            Self::EphemeralPorts => 0.2,
            Self::RowTimes => 0.1,
        }
    }

    /// Most that all values of a kind are worth together: ports alone never name a pair.
    pub(super) const fn ceiling(self) -> f64 {
        match self {
            Self::InitialSequence | Self::SequencePair | Self::TimestampClock => 100.0,
            Self::IpIds | Self::Intervals => 4.0,
            Self::EphemeralPorts => 0.6,
            Self::RowTimes => 100.0,
        }
    }
}

/// A value of a capture with the frame that first has it.
#[derive(Debug, Clone, Copy)]
pub(super) struct RareTrait {
    pub kind: TraitKind,
    pub value: u64,
    pub frame: u64,
}

/// All such values of a capture, each once.
pub(super) fn rare_traits(trace: &Trace) -> Vec<RareTrait> {
    let mut found = Vec::new();
    for packet in &trace.packets {
        found.extend(of_packet(packet));
    }
    for stream in streams(trace) {
        found.extend(ip_ids(&stream));
        found.extend(intervals(&stream));
    }
    found.extend(ports(trace));
    let mut seen = HashSet::new();
    found.retain(|rare| seen.insert((rare.kind, rare.value)));
    thinned(found)
}

/// At most [`MOST_OF_A_KIND`] of a kind. Every capture drops by the values themselves, so what
/// two captures share stays in both or in neither.
fn thinned(mut all: Vec<RareTrait>) -> Vec<RareTrait> {
    const MOST_OF_A_KIND: usize = 16_384;
    if all.len() <= MOST_OF_A_KIND {
        return all;
    }
    let mixed = |rare: &RareTrait| rare.value.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(32);
    all.sort_by_key(|rare| (rare.kind, mixed(rare)));
    let (mut kind, mut count) = (None, 0);
    all.retain(|rare| {
        count = if kind == Some(rare.kind) { count + 1 } else { 1 };
        kind = Some(rare.kind);
        count <= MOST_OF_A_KIND
    });
    all
}

fn streams(trace: &Trace) -> Vec<Vec<&Packet>> {
    let mut streams = vec![Vec::new(); trace.streams as usize];
    for packet in &trace.packets {
        if let Some(stream) = streams.get_mut(packet.stream as usize) {
            stream.push(packet);
        }
    }
    streams
}

fn of_packet(packet: &Packet) -> impl Iterator<Item = RareTrait> {
    /// A smaller one was chosen by a person or a program, not by chance.
    const LEAST_ISN: u32 = 1 << 20;
    let is_isn = packet.flags & SYN != 0 && packet.sequence >= LEAST_ISN;
    let is_chance = packet.sequence >= LEAST_ISN && packet.acknowledgment >= LEAST_ISN;
    let isn = is_isn.then(|| u64::from(packet.sequence));
    let pair = is_chance.then(|| join(packet.sequence, packet.acknowledgment));
    let clock = packet.clock.and_then(|(value, echo)| {
        echo.filter(|&echo| value >= LEAST_ISN && echo >= LEAST_ISN).map(|echo| join(value, echo))
    });
    let frame = packet.frame;
    [
        (TraitKind::InitialSequence, isn),
        (TraitKind::SequencePair, pair),
        (TraitKind::TimestampClock, clock),
    ]
    .into_iter()
    .filter_map(move |(kind, value)| Some(RareTrait { kind, value: value?, frame }))
}

const fn join(high: u32, low: u32) -> u64 {
    (high as u64) << 32 | low as u64
}

/// Four identifications in a row, when both sides are among them: a counter that one side began
/// at random has 16 bits only.
fn ip_ids(stream: &[&Packet]) -> Vec<RareTrait> {
    let rare = |window: &[&Packet]| {
        let first = window.first()?;
        let is_mixed = window.iter().any(|packet| packet.is_forward != first.is_forward);
        let ids: Option<Vec<u16>> =
            window.iter().map(|packet| packet.ip_id.filter(|&id| id > 255)).collect();
        let value = ids?.iter().fold(0, |value, &id| value << 16 | u64::from(id));
        is_mixed.then_some(RareTrait { kind: TraitKind::IpIds, value, frame: first.frame })
    };
    stream.windows(4).filter_map(rare).collect()
}

/// Four times between segments, when they look like those of a machine: none of them round, not
/// all alike.
fn intervals(stream: &[&Packet]) -> Vec<RareTrait> {
    const ROUND: i64 = 100;
    /// Shorter ones, a machine's path through its own kernel, are much the same in every run.
    const LONG: i64 = 50;
    let micros = |packet: &Packet| packet.time.div_euclid(1000);
    let rare = |window: &[&Packet]| {
        let first = window.first()?;
        let mut deltas = Vec::with_capacity(4);
        for pair in window.windows(2) {
            let [one, two] = pair else { return None };
            deltas.push(micros(two).wrapping_sub(micros(one)));
        }
        let is_alive = deltas.iter().all(|delta| (3..1 << 32).contains(delta));
        let long = deltas.iter().filter(|delta| **delta >= LONG).count();
        let round = deltas.iter().filter(|delta| *delta % ROUND == 0).count();
        let kinds: HashSet<&i64> = deltas.iter().collect();
        if !is_alive || long < 2 || round > 1 || kinds.len() < 3 {
            return None;
        }
        let value = deltas.iter().fold(0_u64, |value, &delta| {
            value.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(17) ^ delta.cast_unsigned()
        });
        Some(RareTrait { kind: TraitKind::Intervals, value, frame: first.frame })
    };
    stream.windows(5).filter_map(rare).collect()
}

/// Client ports of connections that follow each other.
fn ports(trace: &Trace) -> Vec<RareTrait> {
    /// Below it a port was chosen by a person (Linux: net.ipv4.ip_local_port_range).
    const FIRST_EPHEMERAL: u16 = 32_768;
    let mut known = HashMap::new();
    let mut clients = Vec::new();
    for packet in &trace.packets {
        if known.insert(packet.stream, ()).is_none() {
            let port = packet.ports.0.max(packet.ports.1);
            if port >= FIRST_EPHEMERAL {
                clients.push((packet.frame, port));
            }
        }
    }
    clients
        .windows(2)
        .filter_map(|pair| match pair {
            [(frame, one), (_, two)] if one != two => Some(RareTrait {
                kind: TraitKind::EphemeralPorts,
                value: u64::from(*one) << 16 | u64::from(*two),
                frame: *frame,
            }),
            _ => None,
        })
        .collect()
}
