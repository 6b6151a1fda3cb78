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

use super::change::{Change, changes, shift_of};
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

/// Places where the shorter capture could stand in the longer one that are looked at.
const MAX_PLACES: usize = 64;
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
