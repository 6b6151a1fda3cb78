//! Which frames of two captures are the same segment, and what their times say.

use std::collections::HashMap;

use super::trace::{Packet, Trace};

/// Frames of two captures that are one segment.
#[derive(Debug, Clone, Default)]
pub(super) struct Pairing {
    /// Frame of the one, frame of the other.
    pub frames: Vec<(u64, u64)>,
    /// How much later the other has them: the median, nanoseconds.
    pub shift: i64,
    /// Farthest of nine in ten from that median, nanoseconds.
    pub spread: i64,
    /// Segments whose payload is not the same.
    pub payload_differs: Vec<(u64, u64)>,
}

/// What makes a segment the same in both; one of two ways.
type Key = (bool, u32, u32, u32, u16);

/// Flags that nobody rewrites: FIN, SYN, RST, PSH, ACK, URG.
const FLAGS: u16 = 0x3f;

fn by_sequence(packet: &Packet) -> Option<Key> {
    let (one, two) = (packet.sequence, packet.acknowledgment);
    Some((false, one, two, packet.payload, packet.flags & FLAGS))
}

fn by_clock(packet: &Packet) -> Option<Key> {
    let (value, echo) = packet.clock?;
    Some((true, value, echo?, packet.payload, packet.flags & FLAGS))
}

impl Pairing {
    /// Pairs the segments of two captures: by sequence numbers, or by timestamp options when
    /// more of them agree by those.
    pub fn of(one: &Trace, two: &Trace) -> Self {
        let sequence = pair_by(one, two, by_sequence);
        let clock = pair_by(one, two, by_clock);
        let best = if clock.len() > sequence.len() { clock } else { sequence };
        Self::measured(&best)
    }

    fn measured(pairs: &[(&Packet, &Packet)]) -> Self {
        let differences: Vec<i64> =
            pairs.iter().map(|(one, two)| two.time.wrapping_sub(one.time)).collect();
        let shift = quantile(differences.clone(), 50);
        let distances = differences.iter().map(|d| d.wrapping_sub(shift).saturating_abs());
        let differs = |(one, two): &&(&Packet, &Packet)| {
            let both = one.payload_hash.zip(two.payload_hash);
            both.is_some_and(|(one, two)| one != two)
        };
        let frames = |(one, two): &(&Packet, &Packet)| (one.frame, two.frame);
        Self {
            frames: pairs.iter().map(frames).collect(),
            shift,
            spread: quantile(distances.collect(), 90),
            payload_differs: pairs.iter().filter(differs).map(frames).collect(),
        }
    }
}

/// The value below which `percent` of the values lie; 0 for none.
pub(super) fn quantile(mut values: Vec<i64>, percent: usize) -> i64 {
    values.sort_unstable();
    let at = values.len().saturating_sub(1) * percent / 100;
    values.get(at).copied().unwrap_or_default()
}

fn pair_by<'a>(
    one: &'a Trace,
    two: &'a Trace,
    key: fn(&Packet) -> Option<Key>,
) -> Vec<(&'a Packet, &'a Packet)> {
    let mut places: HashMap<Key, Vec<&Packet>> = HashMap::new();
    for packet in two.packets.iter().rev() {
        if let Some(key) = key(packet) {
            places.entry(key).or_default().push(packet);
        }
    }
    let mut pairs = Vec::new();
    for packet in &one.packets {
        let other = key(packet).and_then(|key| places.get_mut(&key)?.pop());
        pairs.extend(other.map(|other| (packet, other)));
    }
    pairs
}
