//! Packet lists, typed or in pictures, that show one recording: whose rows have the ports, the
//! lengths and the times of another list's rows, or of a capture's frames.
//!
//! Only where rows share ports are their times compared, and only differences of times count:
//! one shift holds for all rows, whatever the column counts from. What that is worth is told in
//! bits: how many other values the times could have had.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use super::rare::TraitKind;
use super::shared::{Relation, SharedExample, SharedPair, SharedTrait};
use super::trace::Trace;

/// Bits that the times of two lists must be worth together.
const ENOUGH: f64 = 40.0;
/// Most bits of one time: timers of programs and of TCP repeat themselves to some degree.
const MOST_OF_ONE: f64 = 8.0;
/// A machine's path through its own kernel takes as long again within this share.
const JITTER: f64 = 0.1;
/// Fewest rows that must agree.
const FEWEST: usize = 4;
/// Most differences of times that are held against each other for two lists.
const MOST_DIFFERENCES: usize = 2_000_000;

/// A row of a packet list, as far as it is read; a capture's frame has all of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// Row of the list from 1, or frame.
    pub place: u64,
    /// Time in nanoseconds from any moment, the same for all rows.
    pub time: i64,
    /// Nanoseconds of the last digit of the time.
    pub unit: i64,
    /// Source and destination port.
    pub ports: (u16, u16),
    /// Payload bytes on the wire; none when not shown.
    pub payload: Option<u32>,
}

/// The rows of a list or of a capture.
#[derive(Debug, Clone)]
pub struct RowTrace {
    /// What shows them.
    pub file: PathBuf,
    rows: Vec<Row>,
}

impl RowTrace {
    /// Takes in the rows of a list.
    #[must_use]
    pub fn new(file: &Path, rows: Vec<Row>) -> Self {
        Self { file: file.to_owned(), rows }
    }

    /// The rows that a capture's list would have.
    #[must_use]
    pub fn of(trace: &Trace) -> Self {
        let rows = trace.packets.iter().map(|packet| Row {
            place: packet.frame,
            time: packet.time,
            unit: 1,
            ports: packet.ports,
            payload: Some(packet.payload),
        });
        Self { file: trace.file.clone(), rows: rows.collect() }
    }

    /// Its pairs of ports, in one order.
    fn ports(&self) -> HashSet<(u16, u16)> {
        self.rows
            .iter()
            .map(|row| (row.ports.0.min(row.ports.1), row.ports.0.max(row.ports.1)))
            .collect()
    }
}

/// Lists that show the recording of another list or capture. `lists` are the places in `traces`
/// of what is a list; two captures are never compared here.
#[must_use]
pub fn shown_twice(traces: &[RowTrace], lists: &HashSet<usize>) -> Vec<SharedPair> {
    let mut meeting: HashMap<(u16, u16), Vec<usize>> = HashMap::new();
    for (at, trace) in traces.iter().enumerate() {
        for ports in trace.ports() {
            meeting.entry(ports).or_default().push(at);
        }
    }
    let mut candidates: HashSet<(usize, usize)> = HashSet::new();
    for places in meeting.values() {
        for (nth, one) in places.iter().enumerate() {
            let others = places.iter().skip(nth + 1);
            let is_due = |two: &&usize| lists.contains(one) || lists.contains(*two);
            candidates.extend(others.filter(is_due).map(|two| (*one, *two)));
        }
    }
    let mut candidates: Vec<_> = candidates.into_iter().collect();
    candidates.sort_unstable();
    let pair = |(one, two): (usize, usize)| {
        let agreement = Agreement::of(&traces.get(one)?.rows, &traces.get(two)?.rows);
        let is_told = agreement.bits >= ENOUGH && agreement.rows.len() >= FEWEST;
        is_told.then(|| agreement.pair(traces, (one, two))).flatten()
    };
    candidates.into_iter().filter_map(pair).collect()
}

/// Rows of two lists that agree at one shift of the time.
#[derive(Debug, Default)]
struct Agreement {
    rows: Vec<(Row, Row)>,
    shift: i64,
    bits: f64,
}

impl Agreement {
    fn of(one: &[Row], two: &[Row]) -> Self {
        let mut meeting: HashMap<(u16, u16), Vec<&Row>> = HashMap::new();
        for row in two {
            meeting.entry(row.ports).or_default().push(row);
        }
        let mut differences = Vec::new();
        for row in one {
            for other in meeting.get(&row.ports).into_iter().flatten() {
                let is_one = row.payload.zip(other.payload).is_none_or(|(a, b)| a == b);
                if is_one && differences.len() < MOST_DIFFERENCES {
                    differences.push((other.time.saturating_sub(row.time), *row, **other));
                }
            }
        }
        differences.sort_unstable_by_key(|(shift, row, other)| (*shift, row.place, other.place));
        Self::best(&differences)
    }

    /// The shift at which most rows agree, within one unit of the coarser times.
    fn best(differences: &[(i64, Row, Row)]) -> Self {
        let unit = differences.iter().map(|(_, row, other)| row.unit.max(other.unit)).max();
        let unit = unit.unwrap_or(1);
        let (mut end, mut widest) = (0, 0..0);
        for start in 0..differences.len() {
            let shift = |at: usize| differences.get(at).map(|(shift, ..)| *shift);
            while shift(end).zip(shift(start)).is_some_and(|(a, b)| a.saturating_sub(b) <= unit) {
                end += 1;
            }
            if end - start > widest.len() {
                widest = start..end;
            }
        }
        let found = differences.get(widest).unwrap_or_default();
        let mut rows: Vec<(Row, Row)> =
            found.iter().map(|(_, row, other)| (*row, *other)).collect();
        rows.sort_unstable_by_key(|(row, other)| (row.place, other.place));
        rows.dedup_by_key(|(row, _)| row.place);
        let tried = (differences.len().max(1) as f64).log2();
        let bits = worth(&rows, unit) - tried;
        Self { shift: found.first().map_or(0, |(shift, ..)| *shift), rows, bits }
    }

    fn pair(self, traces: &[RowTrace], (index, other_index): (usize, usize)) -> Option<SharedPair> {
        let (one, two) = (traces.get(index)?, traces.get(other_index)?);
        let smaller = one.rows.len().min(two.rows.len()).max(1);
        let time_shift = self.shift as f64 / 1e9;
        let example = |(row, other): &(Row, Row)| SharedExample {
            frame: row.place,
            other_frame: other.place,
            value: format!("{} → {} at {:.6} s", row.ports.0, row.ports.1, row.time as f64 / 1e9),
        };
        let count = self.rows.len();
        let examples = self.rows.iter().take(5).map(example).collect();
        Some(SharedPair {
            file: one.file.display().to_string(),
            other_file: two.file.display().to_string(),
            index,
            other_index,
            similarity: (count as f64 / smaller as f64).min(1.0),
            relation: Relation::OneRecording,
            traits: vec![SharedTrait { kind: TraitKind::RowTimes, count, examples }],
            time_shift,
            changed_payload: Vec::new(),
            why: format!("{count} rows are in both, with the same ports, lengths and times"),
        })
    }
}

/// What the times between rows that follow each other are worth, in bits.
fn worth(rows: &[(Row, Row)], unit: i64) -> f64 {
    let bits = |(one, two): (&(Row, Row), &(Row, Row))| {
        let step = two.0.time.abs_diff(one.0.time) as f64;
        (1.0 + JITTER * step / unit as f64).log2().min(MOST_OF_ONE)
    };
    rows.iter().zip(rows.iter().skip(1)).map(bits).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows between two ports whose times grow by these steps of nanoseconds.
    fn list(name: &str, unit: i64, ports: (u16, u16), steps: &[i64]) -> RowTrace {
        let mut time = 0;
        let rows = (1..).zip(steps).map(|(place, step)| {
            time += step;
            let is_there = place % 2 == 1;
            let ports = if is_there { ports } else { (ports.1, ports.0) };
            Row { place, time: time / unit * unit, unit, ports, payload: Some(0) }
        });
        RowTrace::new(Path::new(name), rows.collect())
    }

    const STEPS: [i64; 9] =
        [0, 31_207, 5_618, 812_345, 44_108, 1_002_345_678, 39_111, 51_872, 207_661];

    fn told(one: RowTrace, two: RowTrace) -> Option<SharedPair> {
        shown_twice(&[one, two], &HashSet::from([0, 1])).pop()
    }

    #[test]
    fn rows_with_the_same_ports_and_times_are_one_recording() {
        let whole = list("a", 1, (40_001, 9000), &STEPS);
        let pair = told(whole.clone(), list("b", 1, (40_001, 9000), &STEPS)).unwrap();
        assert_eq!((pair.traits[0].count, pair.relation), (9, Relation::OneRecording));
        // Later on the clock, and with fewer digits.
        let mut later = STEPS;
        later[0] = 86_400_123_456_789;
        let pair = told(whole.clone(), list("b", 1, (40_001, 9000), &later)).unwrap();
        assert!((pair.time_shift - 86_400.123_456_789).abs() < 1e-6);
        let pair = told(whole, list("b", 1_000, (40_001, 9000), &later));
        assert!(pair.is_none(), "microseconds of so few rows may be chance");
    }

    #[test]
    fn another_run_is_not_named() {
        let whole = list("a", 1, (40_001, 9000), &STEPS);
        let other: Vec<i64> = STEPS.iter().map(|step| step + step / 37).collect();
        assert!(told(whole.clone(), list("b", 1, (40_001, 9000), &other)).is_none());
        assert!(told(whole, list("b", 1, (40_002, 9000), &STEPS)).is_none());
    }

    #[test]
    fn two_captures_are_left_to_those_who_know_more_of_them() {
        let whole = list("a", 1, (40_001, 9000), &STEPS);
        let copy = list("b", 1, (40_001, 9000), &STEPS);
        assert!(shown_twice(&[whole, copy], &HashSet::new()).is_empty());
    }
}
