//! Which format a list's Time column has: the one that most rows agree with.

use std::collections::HashMap;

use super::clock::{self, SeenTime, Shape, TimeFormat};
use super::expected::{ExpectedList, ExpectedRow};
use crate::evidence::{Column, PacketList};

/// Zones lie a multiple of so many seconds from UTC.
const ZONE_STEP: i64 = 900;
/// Seconds of a day.
const DAY: i64 = 86_400;
/// Nanoseconds of a second.
const SECOND: i64 = 1_000_000_000;

/// The outcome of a vote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Vote {
    /// The format with most votes.
    pub format: TimeFormat,
    /// Rows whose time is that of their frame in this format.
    pub agree: usize,
    /// Rows that have a readable time and a frame.
    pub rows: usize,
}

impl Vote {
    /// Whether the times as a whole are those of the frames.
    #[must_use]
    pub fn is_clear(&self) -> bool {
        self.agree * 5 >= self.rows * 3
    }
}

/// Lets the rows vote; none when no row has both a readable time and a frame.
#[must_use]
pub fn vote(list: &PacketList, frames: &[Option<u64>], expected: &ExpectedList) -> Option<Vote> {
    let seen: Vec<(SeenTime, &ExpectedRow)> = list
        .rows
        .iter()
        .zip(frames)
        .filter_map(|(row, frame)| {
            let time = clock::read(&row.cell(Column::Time)?.text)?;
            Some((time, expected.frame((*frame)?)?))
        })
        .collect();
    let count = |format: TimeFormat| {
        seen.iter().filter(|(time, row)| format.fits(&row.times, time)).count()
    };
    let candidates = candidates(&seen);
    let votes = candidates.into_iter().map(|format| (format, count(format)));
    // The first of those with most votes: the plainer format stands before.
    let (format, agree) =
        votes.fold(None, |best: Option<(TimeFormat, usize)>, next| match best {
            Some(best) if best.1 >= next.1 => Some(best),
            _ => Some(next),
        })?;
    (!seen.is_empty()).then_some(Vote { format, agree, rows: seen.len() })
}

fn candidates(seen: &[(SeenTime, &ExpectedRow)]) -> Vec<TimeFormat> {
    let shape = most(seen.iter().map(|(time, _)| time.shape)).unwrap_or(Shape::Seconds);
    let zones = seen.iter().filter(|(time, _)| time.shape == shape).filter_map(|(time, row)| {
        let away = time.nanos.div_euclid(SECOND) - row.times.epoch.div_euclid(SECOND);
        let zone = if shape == Shape::Clock { centred(away) } else { away };
        (zone.abs() <= 14 * 3_600 && zone % ZONE_STEP == 0).then_some(zone)
    });
    let zone = most(zones).unwrap_or(0);
    match shape {
        Shape::Clock => vec![TimeFormat::Absolute { zone }],
        Shape::Date => vec![TimeFormat::AbsoluteWithDate { zone }],
        Shape::Seconds => {
            let mut formats = vec![
                TimeFormat::Relative { shift: 0 },
                TimeFormat::Delta,
                TimeFormat::DeltaDisplayed,
                TimeFormat::Epoch,
            ];
            formats.extend(shift(seen).map(|shift| TimeFormat::Relative { shift }));
            formats
        }
    }
}

/// A shift that at least three rows agree upon to a microsecond; they come from a recording of
/// the same packets that began at another time.
fn shift(seen: &[(SeenTime, &ExpectedRow)]) -> Option<i64> {
    let mut by_micros: HashMap<i64, (usize, i64)> = HashMap::new();
    for (time, row) in seen {
        let shift = time.nanos - row.times.relative;
        by_micros.entry(shift.div_euclid(1_000)).or_insert((0, shift)).0 += 1;
    }
    let (count, shift) = by_micros.into_values().max()?;
    (count >= 3 && count * 5 >= seen.len() * 3).then_some(shift)
}

/// Seconds between two times of day, at most half a day either way.
fn centred(seconds: i64) -> i64 {
    let in_day = seconds.rem_euclid(DAY);
    if in_day > DAY / 2 { in_day - DAY } else { in_day }
}

/// The value that comes most often.
fn most<T: Copy + Eq + std::hash::Hash>(values: impl Iterator<Item = T>) -> Option<T> {
    let mut counts: HashMap<T, usize> = HashMap::new();
    for value in values {
        *counts.entry(value).or_default() += 1;
    }
    counts.into_iter().max_by_key(|(_, count)| *count).map(|(value, _)| value)
}
