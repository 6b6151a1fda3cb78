//! Are two captures two recordings, or two versions of one?
//!
//! What a recording has of its own tells: the raw sequence numbers (each ISN is drawn from 32
//! bits), TSval, and the times between frames to the microsecond. When the frames of one stand
//! in the other one after the other, and one of these agrees, they are the same packets,
//! whatever else was rewritten. When at least half of the segments are the same byte for byte,
//! one capture was made from the other and changed.

use std::collections::HashMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::print::{Print, Prints};
use crate::snapshot::compare::words;

/// How the packets of two captures, A and B, are related.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Relation {
    /// The same packets; what was done to them.
    SamePackets {
        /// Frames that both have.
        frames: u64,
        /// What differs between the versions; nothing when they are the same byte for byte.
        changes: Vec<Change>,
    },
    /// One was made from the other: many segments are the same byte for byte, others are not.
    SameRecording {
        /// Segments that both have, byte for byte from the IP header on.
        shared: u64,
        /// Segments of the shorter one.
        of: u64,
    },
    /// Two recordings.
    Unrelated,
}

/// What was done to packets.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum Change {
    /// All frames of B are so many seconds later (earlier when negative).
    MovedInTime {
        /// Seconds.
        seconds: f64,
    },
    /// The times between frames differ.
    TimesRewritten,
    /// The sequence numbers were shifted.
    SequenceNumbersRenumbered,
    /// Other IP identifications.
    IdentificationsRenumbered,
    /// Other TSval.
    TimestampsRewritten,
    /// Other IP addresses.
    AddressesRewritten,
    /// Other ports.
    PortsRewritten {
        /// The first ports that were rewritten, as in A and as in B; at most four.
        examples: Vec<(u16, u16)>,
    },
    /// Other MAC addresses, or another link layer.
    StationsRewritten,
    /// Frames were cut to a length.
    CutToLength {
        /// The capture whose frames are shorter: `a` or `b`.
        of: String,
        /// Its longest frame, in stored bytes.
        stored: u32,
    },
    /// Frames at the start are missing.
    HeadCut {
        /// The capture that lacks them.
        of: String,
        /// How many.
        frames: u64,
    },
    /// Frames at the end are missing.
    TailCut {
        /// The capture that lacks them.
        of: String,
        /// How many.
        frames: u64,
    },
    /// Frames in between are missing, as after a filter.
    FramesLeftOut {
        /// The capture that lacks them.
        of: String,
        /// How many.
        frames: u64,
    },
}

/// Places where the shorter capture could stand in the longer one that are looked at.
const MAX_PLACES: usize = 64;
/// Two times that differ by less are the same, written with microseconds.
const PRECISION_NS: i64 = 1_000;
/// Times between frames that agree before that proves anything.
const ENOUGH_GAPS: usize = 4;

impl Relation {
    pub(super) fn of(a: &Prints, b: &Prints) -> Self {
        let (a, b) = (a.frames.as_slice(), b.frames.as_slice());
        let (short, long, is_b_short) =
            if b.len() <= a.len() { (b, a, true) } else { (a, b, false) };
        if short.is_empty() {
            return Self::Unrelated;
        }
        let name = |is_b: bool| if is_b { "b" } else { "a" }.to_owned();
        for start in places(short, long).into_iter().take(MAX_PLACES) {
            let part = long.get(start..start + short.len()).unwrap_or_default();
            let pairs: Vec<(&Print, &Print)> = match is_b_short {
                true => part.iter().zip(short).collect(),
                false => short.iter().zip(part).collect(),
            };
            if !is_proved(&pairs) {
                continue;
            }
            let mut changes = changes(&pairs);
            let (head, tail) = (start as u64, (long.len() - short.len() - start) as u64);
            if head > 0 {
                changes.push(Change::HeadCut { of: name(is_b_short), frames: head });
            }
            if tail > 0 {
                changes.push(Change::TailCut { of: name(is_b_short), frames: tail });
            }
            return Self::SamePackets { frames: short.len() as u64, changes };
        }
        by_bytes(short, long, name(is_b_short), is_b_short)
    }

    /// A sentence for people; none for two recordings.
    #[must_use]
    pub fn sentence(&self) -> Option<String> {
        match self {
            Self::Unrelated => None,
            Self::SameRecording { shared, of } => Some(format!(
                "A and B are versions of one recording: {shared} of {} are the same byte for byte",
                words::count(*of, "segment")
            )),
            Self::SamePackets { changes, .. } if changes.is_empty() => {
                Some("A and B are the same packets, byte for byte, at the same times".to_owned())
            }
            Self::SamePackets { frames, changes } => {
                let told: Vec<String> = changes.iter().map(Change::words).collect();
                Some(format!(
                    "A and B are the same packets ({}): {}",
                    words::count(*frames, "frame"),
                    told.join("; ")
                ))
            }
        }
    }
}

impl Change {
    fn words(&self) -> String {
        let file = |of: &String| of.to_uppercase();
        let count = |frames: &u64| words::count(*frames, "frame");
        match self {
            Self::MovedInTime { seconds } if *seconds < 0.0 => {
                format!("moved in time, B is {} earlier", long_span(-seconds))
            }
            Self::MovedInTime { seconds } => {
                format!("moved in time, B is {} later", long_span(*seconds))
            }
            Self::TimesRewritten => "the times between frames are not the same".to_owned(),
            Self::SequenceNumbersRenumbered => "sequence numbers renumbered".to_owned(),
            Self::IdentificationsRenumbered => "IP identifications renumbered".to_owned(),
            Self::TimestampsRewritten => "TCP timestamps rewritten".to_owned(),
            Self::AddressesRewritten => "IP addresses rewritten".to_owned(),
            Self::StationsRewritten => "MAC addresses rewritten".to_owned(),
            Self::PortsRewritten { examples } => {
                let ports: Vec<String> =
                    examples.iter().map(|(was, now)| format!("{was} is now {now}")).collect();
                format!("ports rewritten ({})", ports.join(", "))
            }
            Self::CutToLength { of, stored } => {
                format!("{} cut its frames to {stored} bytes (snaplen)", file(of))
            }
            Self::HeadCut { of, frames } => {
                format!("{} lacks the first {}", file(of), count(frames))
            }
            Self::TailCut { of, frames } => {
                format!("{} lacks the last {}", file(of), count(frames))
            }
            Self::FramesLeftOut { of, frames } => {
                format!("{} lacks {} from among the others", file(of), count(frames))
            }
        }
    }
}

/// Days and hours are easier to read than many seconds.
fn long_span(seconds: f64) -> String {
    match seconds {
        ..600.0 => words::span(seconds),
        ..172_800.0 => format!("{seconds:.0} s ({:.1} hours)", seconds / 3600.0),
        _ => format!("{seconds:.0} s ({:.1} days)", seconds / 86_400.0),
    }
}

/// Where the shorter list stands in the longer one, by what rewriting keeps (Knuth, Morris and
/// Pratt: the work is the sum of the lengths, plus a check at each place that is found).
fn places(short: &[Print], long: &[Print]) -> Vec<usize> {
    let mut borders = vec![0_usize; short.len()];
    let mut border = 0;
    let shape = |list: &[Print], at: usize| list.get(at).map(|print| print.shape);
    for at in 1..short.len() {
        while border > 0 && shape(short, at) != shape(short, border) {
            border = borders.get(border - 1).copied().unwrap_or(0);
        }
        border += usize::from(shape(short, at) == shape(short, border));
        if let Some(place) = borders.get_mut(at) {
            *place = border;
        }
    }
    let (mut found, mut matched) = (Vec::new(), 0);
    for at in 0..long.len() {
        while matched > 0 && (matched == short.len() || shape(long, at) != shape(short, matched)) {
            matched = borders.get(matched - 1).copied().unwrap_or(0);
        }
        matched += usize::from(shape(long, at) == shape(short, matched));
        if matched == short.len() && found.len() < MAX_PLACES {
            let start = at + 1 - matched;
            let part = long.get(start..=at).unwrap_or_default();
            if part.iter().zip(short).all(|(one, other)| one.is_like(other)) {
                found.push(start);
            }
        }
    }
    found
}

/// True when something agrees that only the same recording has.
fn is_proved(pairs: &[(&Print, &Print)]) -> bool {
    let tcp = || pairs.iter().filter(|(a, b)| a.is_tcp && b.is_tcp);
    let has_same_numbers = tcp().count() > 0
        && tcp().all(|(a, b)| (a.seq, a.ack) == (b.seq, b.ack))
        && tcp().any(|(a, _)| a.seq > 1 || a.ack.is_some_and(|ack| ack > 1));
    let has_tsval = tcp().filter(|(a, _)| a.tsval.is_some()).count() > 1
        && tcp().all(|(a, b)| a.tsval == b.tsval);
    has_same_numbers || has_tsval || has_same_gaps(pairs)
}

/// True when the times between frames agree, and are not just a regular beat.
fn has_same_gaps(pairs: &[(&Print, &Print)]) -> bool {
    let gaps: Vec<i64> = pairs
        .windows(2)
        .filter_map(|two| match two {
            [(one, _), (next, _)] => Some(next.nanos.wrapping_sub(one.nanos)),
            _ => None,
        })
        .collect();
    let is_beat =
        gaps.windows(2).all(|two| matches!(two, [one, next] if one.abs_diff(*next) <= 2_000));
    gaps.len() >= ENOUGH_GAPS && !is_beat && shift_of(pairs).is_some()
}

/// How much later B is, when that is the same for all frames.
fn shift_of(pairs: &[(&Print, &Print)]) -> Option<i64> {
    let shifts = || pairs.iter().map(|(a, b)| b.nanos.wrapping_sub(a.nanos));
    let (least, most) = (shifts().min()?, shifts().max()?);
    (most.wrapping_sub(least) <= PRECISION_NS).then_some(least)
}

/// What was done to the packets on the way from A to B.
fn changes(pairs: &[(&Print, &Print)]) -> Vec<Change> {
    let differs = |of: &dyn Fn(&Print) -> u64| pairs.iter().any(|(a, b)| of(a) != of(b));
    let mut found = Vec::new();
    match shift_of(pairs) {
        Some(shift) if shift.unsigned_abs() <= PRECISION_NS.unsigned_abs() => {}
        Some(shift) => found.push(Change::MovedInTime { seconds: shift as f64 / 1e9 }),
        None => found.push(Change::TimesRewritten),
    }
    let rewritten = [
        (differs(&|print| u64::from(print.seq)), Change::SequenceNumbersRenumbered),
        (differs(&|print| print.id.map_or(0, u64::from)), Change::IdentificationsRenumbered),
        (differs(&|print| print.tsval.map_or(0, u64::from)), Change::TimestampsRewritten),
        (differs(&|print| print.addresses), Change::AddressesRewritten),
        (differs(&|print| print.stations), Change::StationsRewritten),
    ];
    found.extend(rewritten.into_iter().filter(|(is_so, _)| *is_so).map(|(_, change)| change));
    found.extend(ports(pairs));
    for (name, is_cut) in [("a", cut(pairs, |(a, b)| (a, b))), ("b", cut(pairs, |(a, b)| (b, a)))] {
        found.extend(is_cut.map(|stored| Change::CutToLength { of: name.to_owned(), stored }));
    }
    found
}

/// The longest frame of the first of two, when some of its frames are shorter than the second's.
fn cut<'p>(
    pairs: &[(&'p Print, &'p Print)],
    order: impl Fn((&'p Print, &'p Print)) -> (&'p Print, &'p Print),
) -> Option<u32> {
    let ordered = || pairs.iter().map(|pair| order(*pair));
    let is_cut = ordered().any(|(one, other)| one.stored < other.stored);
    is_cut.then(|| ordered().map(|(one, _)| one.stored).max().unwrap_or(0))
}

fn ports(pairs: &[(&Print, &Print)]) -> Option<Change> {
    let mut examples: Vec<(u16, u16)> = Vec::new();
    for (a, b) in pairs {
        let (Some(was), Some(now)) = (a.ports, b.ports) else { continue };
        for pair in [(was.0, now.0), (was.1, now.1)] {
            if pair.0 != pair.1 && !examples.contains(&pair) && examples.len() < 4 {
                examples.push(pair);
            }
        }
    }
    (!examples.is_empty()).then_some(Change::PortsRewritten { examples })
}

/// Frames of the shorter capture that stand in the longer one byte for byte, in order.
fn by_bytes(short: &[Print], long: &[Print], name: String, is_b_short: bool) -> Relation {
    let mut at: HashMap<u64, Vec<usize>> = HashMap::new();
    for (index, print) in long.iter().enumerate() {
        at.entry(print.exact).or_default().push(index);
    }
    let (mut pairs, mut next) = (Vec::new(), 0);
    for print in short {
        let list = at.get(&print.exact).map_or(&[][..], Vec::as_slice);
        let found = list.get(list.partition_point(|index| *index < next)).copied();
        if let Some((index, other)) = found.and_then(|index| Some((index, long.get(index)?))) {
            pairs.push(if is_b_short { (other, print) } else { (print, other) });
            next = index + 1;
        }
    }
    let of = short.iter().filter(|print| print.is_tcp).count();
    let shared = pairs.iter().filter(|(a, _)| a.is_tcp).count();
    if pairs.len() == short.len() && is_proved(&pairs) {
        let mut changes = changes(&pairs);
        let frames = (long.len() - short.len()) as u64;
        changes.push(Change::FramesLeftOut { of: name, frames });
        return Relation::SamePackets { frames: short.len() as u64, changes };
    }
    if shared >= 2 && shared * 2 >= of {
        return Relation::SameRecording { shared: shared as u64, of: of as u64 };
    }
    Relation::Unrelated
}

#[cfg(test)]
mod tests {
    use super::*;

    fn print(shape: u64, nanos: i64, seq: u32) -> Print {
        Print {
            shape,
            payload: shape,
            captured: 4,
            exact: shape ^ u64::from(seq) << 8,
            is_tcp: true,
            nanos,
            stored: 60,
            seq,
            ack: Some(seq + 1),
            tsval: None,
            id: Some(1),
            ports: Some((1, 2)),
            addresses: 1,
            stations: 1,
        }
    }

    fn prints(seq: u32, step: i64) -> Prints {
        let frames = (0..8).map(|at| print(at % 3, at as i64 * at as i64 * step, seq)).collect();
        Prints { frames }
    }

    #[test]
    fn a_shifted_and_renumbered_copy_is_the_same_packets() {
        let a = prints(7, 1_000_000);
        let mut b = prints(99, 1_000_000);
        b.frames.iter_mut().for_each(|print| print.nanos += 5_000_000_000);
        let Relation::SamePackets { changes, frames: 8 } = Relation::of(&a, &b) else { panic!() };
        assert_eq!(
            changes,
            [Change::MovedInTime { seconds: 5.0 }, Change::SequenceNumbersRenumbered]
        );
    }

    #[test]
    fn another_recording_with_the_same_shapes_is_not() {
        assert_eq!(
            Relation::of(&prints(7, 1_000_000), &prints(99, 1_100_000)),
            Relation::Unrelated
        );
        assert_eq!(Relation::of(&Prints::default(), &prints(1, 1)), Relation::Unrelated);
    }

    #[test]
    fn cut_ends_and_frames_that_were_left_out_are_counted() {
        let a = prints(7, 1_000_000);
        let b = Prints { frames: a.frames[2..7].to_vec() };
        let Relation::SamePackets { changes, frames: 5 } = Relation::of(&a, &b) else { panic!() };
        let of = || "b".to_owned();
        assert_eq!(
            changes,
            [Change::HeadCut { of: of(), frames: 2 }, Change::TailCut { of: of(), frames: 1 }]
        );
        let mut c = prints(7, 1_000_000);
        c.frames.remove(4);
        let Relation::SamePackets { changes, .. } = Relation::of(&c, &a) else { panic!() };
        assert_eq!(changes, [Change::FramesLeftOut { of: "a".to_owned(), frames: 1 }]);
    }
}
