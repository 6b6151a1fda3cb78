//! Sequence numbers that count from another beginning.
//!
//! Relative numbers begin where a recording meets a connection. A list of a longer recording
//! shows other numbers for the same frames, each half-stream's by one and the same distance;
//! windows differ by one power of two, where the longer recording knows the handshake. A list
//! with relative numbers turned off is as far away as the ISN. Rows that agree on a distance
//! show what the capture has; a single one that does not shows another number.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use super::expected::{ExpectedList, ExpectedRow};
use crate::evidence::{Column, PacketList};

/// Numbers that must agree on a distance.
const LEAST: usize = 2;
/// Largest shift of a window (RFC 7323, section 2.3).
const MAX_SHIFT: u32 = 14;
/// Numbers of the sender's half, and of the other one (edges of SACK blocks, too).
const OWN: &[&str] = &[" Seq="];
const OTHER: &[&str] = &[" Ack=", " SLE=", " SRE="];

/// One half of a stream: the stream, and its sender's address and port.
type Half<'e> = (u32, &'e str, &'e str);

/// How far the numbers of a list are from the capture's, half-stream by half-stream.
#[derive(Debug, Default)]
pub struct Numbering<'e> {
    distance: HashMap<Half<'e>, u32>,
    shift: HashMap<Half<'e>, u32>,
}

/// How often each value was seen for a half.
type Votes<'e> = HashMap<Half<'e>, HashMap<u32, usize>>;

impl<'e> Numbering<'e> {
    /// The distances on which the rows of a list agree, given their frames.
    #[must_use]
    pub fn of(list: &PacketList, frames: &[Option<u64>], expected: &'e ExpectedList) -> Self {
        let (mut distances, mut shifts) = (Votes::new(), Votes::new());
        let mut bases: HashMap<Half<'e>, u32> = HashMap::new();
        for (row, frame) in list.rows.iter().zip(frames) {
            let Some(frame) = frame.and_then(|number| expected.frame(number)) else { continue };
            let (Some((own, other)), Some(cell)) = (halves(frame), row.cell(Column::Info)) else {
                continue;
            };
            bases.extend(frame.base.map(|base| (own, base)));
            for (half, label) in [(own, " Seq="), (other, " Ack=")] {
                let numbers = number(&cell.text, label).zip(number(&frame.info, label));
                if let Some((seen, want)) = numbers {
                    vote(&mut distances, half, seen.wrapping_sub(want));
                }
            }
            let windows = number(&cell.text, " Win=").zip(number(&frame.info, " Win="));
            if let Some((seen, want)) = windows.filter(|(_, want)| *want > 0) {
                let shift =
                    (0..=MAX_SHIFT).find(|shift| u64::from(want) << shift == u64::from(seen));
                vote(&mut shifts, own, shift.unwrap_or(u32::MAX));
            }
        }
        let begun = begun(expected);
        let mut distance = agreed(distances);
        distance.retain(|half, by| !begun.contains(&half.0) || bases.get(half) == Some(by));
        let mut shift = agreed(shifts);
        shift.retain(|half, by| !begun.contains(&half.0) && *by <= MAX_SHIFT);
        Self { distance, shift }
    }

    /// True when some numbers count from another beginning.
    #[must_use]
    pub fn is_other(&self) -> bool {
        !self.distance.is_empty()
    }

    /// What Info of a frame is in the numbers of the list.
    #[must_use]
    pub fn info<'r>(&self, frame: &'r ExpectedRow) -> Cow<'r, str> {
        let Some((own, other)) = halves(frame) else { return Cow::Borrowed(&frame.info) };
        let mut info = Cow::Borrowed(&*frame.info);
        for (half, labels) in [(own, OWN), (other, OTHER)] {
            let Some(by) = self.distance.get(&half) else { continue };
            for label in labels {
                change(info.to_mut(), label, |number| number.wrapping_add(*by));
            }
        }
        if let Some(shift) = self.shift.get(&own) {
            change(info.to_mut(), " Win=", |number| number.checked_shl(*shift).unwrap_or(number));
        }
        info
    }
}

fn vote<'e>(votes: &mut Votes<'e>, half: Half<'e>, value: u32) {
    *votes.entry(half).or_default().entry(value).or_default() += 1;
}

/// The value of each half on which more than half of its numbers agree, if it is not zero.
fn agreed(votes: Votes<'_>) -> HashMap<Half<'_>, u32> {
    let clear = |counts: HashMap<u32, usize>| {
        let all: usize = counts.values().sum();
        let (value, count) = counts.into_iter().max_by_key(|(_, count)| *count)?;
        (count >= LEAST && count * 2 > all && value != 0).then_some(value)
    };
    votes.into_iter().filter_map(|(half, counts)| Some((half, clear(counts)?))).collect()
}

/// The streams whose handshake the capture has: their relative numbers have one beginning only.
fn begun(expected: &ExpectedList) -> HashSet<u32> {
    let rows = expected.rows.iter().filter(|row| row.info.contains("[SYN"));
    rows.filter_map(|row| row.stream).collect()
}

/// The sender's half and the other one, of a row that shows a TCP segment.
fn halves(frame: &ExpectedRow) -> Option<(Half<'_>, Half<'_>)> {
    let stream = frame.stream.filter(|_| frame.info.contains(" Seq="))?;
    let mut before = frame.info.split(" → ");
    let from = before.next()?.rsplit(' ').next()?;
    let to = before.next()?.split(' ').next()?;
    Some(((stream, &frame.source, from), (stream, &frame.destination, to)))
}

/// The number behind a label, when something follows it: the last one may have been cut.
fn number(info: &str, label: &str) -> Option<u32> {
    let rest = info.get(info.find(label)? + label.len()..)?;
    let end = rest.find(|c: char| !c.is_ascii_digit())?;
    rest.get(..end)?.parse().ok()
}

/// Changes every number behind a label.
fn change(info: &mut String, label: &str, to: impl Fn(u32) -> u32) {
    let mut from = 0;
    while let Some(at) = info.get(from..).and_then(|rest| rest.find(label)) {
        let start = from + at + label.len();
        let digits = info.get(start..).unwrap_or_default().bytes();
        let end = start + digits.take_while(u8::is_ascii_digit).count();
        let number = info.get(start..end).and_then(|text| text.parse().ok());
        if let Some(number) = number {
            info.replace_range(start..end, &to(number).to_string());
        }
        from = start;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::packet_list;
    use crate::grade::model::{CellVerdict, Origin};
    use crate::grade::{FilterKnowledge, Version, judge};

    /// A piece of a connection that began before the capture, or in it.
    fn capture(syn: bool) -> ExpectedList {
        let infos = [
            if syn {
                "10 → 20 [SYN] Seq=0 Win=500 Len=0"
            } else {
                "10 → 20 [ACK] Seq=1 Win=5 Len=0"
            },
            "10 → 20 [PSH, ACK] Seq=1 Ack=1 Win=501 Len=4",
            "20 → 10 [ACK] Seq=1 Ack=5 Win=502 Len=0 SLE=7 SRE=9",
            "20 → 10 [PSH, ACK] Seq=1 Ack=5 Win=502 Len=8",
            "10 → 20 [ACK] Seq=5 Ack=9 Win=501 Len=0",
            "10 → 20 [PSH, ACK] Seq=5 Ack=9 Win=501 Len=4",
        ];
        let row = |(at, info): (usize, &&str)| ExpectedRow {
            number: at as u64 + 1,
            source: if info.starts_with("10") { "1.1.1.1" } else { "2.2.2.2" }.into(),
            destination: if info.starts_with("10") { "2.2.2.2" } else { "1.1.1.1" }.into(),
            protocol: "TCP",
            length: 66,
            info: (*info).to_owned(),
            stream: Some(0),
            base: Some(if info.starts_with("10") { 7000 } else { 90_000 }),
            is_displayed: true,
            ..ExpectedRow::default()
        };
        ExpectedList { rows: infos.iter().enumerate().map(row).collect() }
    }

    /// The rows as another recording shows them: moved by so much, windows shifted.
    fn shown(capture: &ExpectedList, by: [u32; 2], shift: u32) -> Vec<String> {
        let rows = capture.rows.iter().skip(1).map(|row| {
            let is_first = row.source == "1.1.1.1";
            let (own, other) = if is_first { (by[0], by[1]) } else { (by[1], by[0]) };
            let mut info = row.info.clone();
            change(&mut info, " Seq=", |number| number.wrapping_add(own));
            OTHER.iter().for_each(|label| change(&mut info, label, |n| n.wrapping_add(other)));
            change(&mut info, " Win=", |number| number << shift);
            format!("{}\t{}\t{}\tTCP\t66\t{info}", row.number + 40, row.source, row.destination)
        });
        rows.collect()
    }

    fn judged(capture: &ExpectedList, lines: &[String]) -> crate::grade::JudgedList {
        let lines: Vec<(u32, &str)> =
            lines.iter().enumerate().map(|(at, line)| (at as u32 + 1, &**line)).collect();
        let list = packet_list::read(&lines).unwrap();
        judge(&list, capture, FilterKnowledge::Unknown, Version::Unknown, None)
    }

    #[test]
    fn a_longer_recording_shows_the_same_rows_with_other_numbers() {
        let capture = capture(false);
        let lines = shown(&capture, [71_412, u32::MAX - 3], 7);
        let judged = judged(&capture, &lines);
        assert_eq!(judged.source, Origin::ThisCapture, "{judged:#?}");
        for row in &judged.rows {
            assert_eq!(row.verdict, Some(CellVerdict::Match), "{row:#?}");
        }
    }

    #[test]
    fn a_number_that_does_not_move_with_the_others_is_another_number() {
        let capture = capture(false);
        let mut lines = shown(&capture, [71_412, 400], 0);
        lines[3] = lines[3].replace("Seq=71417", "Seq=71418");
        let judged = judged(&capture, &lines);
        let wrong: Vec<u32> = judged
            .rows
            .iter()
            .filter(|row| row.verdict == Some(CellVerdict::Mismatch))
            .map(|row| row.line)
            .collect();
        assert_eq!(wrong, [4]);
    }

    #[test]
    fn a_handshake_in_the_capture_leaves_only_raw_numbers() {
        let capture = capture(true);
        let moved = judged(&capture, &shown(&capture, [71_412, 400], 0));
        assert!(moved.rows.iter().all(|row| row.verdict == Some(CellVerdict::Mismatch)));
        let raw = judged(&capture, &shown(&capture, [7000, 90_000], 0));
        assert!(raw.rows.iter().all(|row| row.verdict == Some(CellVerdict::Match)), "{raw:#?}");
    }
}
