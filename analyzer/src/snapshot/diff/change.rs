//! What was done to packets on their way from one capture to the other.

use schemars::JsonSchema;
use serde::Serialize;

use super::print::Print;
use crate::snapshot::compare::words;

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

impl Change {
    /// In a few words.
    pub(super) fn words(&self) -> String {
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

/// Two times that differ by less are the same, written with microseconds.
const PRECISION_NS: i64 = 1_000;

/// How much later B is, when that is the same for all frames.
pub(super) fn shift_of(pairs: &[(&Print, &Print)]) -> Option<i64> {
    let shifts = || pairs.iter().map(|(a, b)| b.nanos.wrapping_sub(a.nanos));
    let (least, most) = (shifts().min()?, shifts().max()?);
    (most.wrapping_sub(least) <= PRECISION_NS).then_some(least)
}

/// What was done to the packets on the way from A to B.
pub(super) fn changes(pairs: &[(&Print, &Print)]) -> Vec<Change> {
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

/// The ports that are not the same.
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
