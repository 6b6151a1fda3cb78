//! The order of a list's rows: frames left out under its filter, rows in each other's place,
//! rows shown twice.

use std::collections::HashSet;

use super::expected::ExpectedList;
use super::model::{ListFinding, ListFindingKind};

/// What is known of the display filter that a list was made with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FilterKnowledge {
    /// `ExpectedRow::is_displayed` tells which frames it shows.
    Known,
    /// It was not seen.
    Unknown,
}

/// The frames that rows show, in the order of the rows.
#[derive(Debug, Clone, Copy)]
pub struct Shown<'a> {
    /// The frame of each row; none where it could not be told.
    pub frames: &'a [Option<u64>],
    /// How many lines before each row could not be read as rows.
    pub unread: &'a [usize],
}

/// Everything that is odd in the order of the frames that rows show.
#[must_use]
pub fn findings(
    rows: Shown<'_>,
    expected: &ExpectedList,
    filter: FilterKnowledge,
) -> Vec<ListFinding> {
    let shown: Vec<u64> = rows.frames.iter().flatten().copied().collect();
    let mut found = Vec::new();
    found.extend(repeated(&shown));
    let is_falling = shown.len() > 2 && shown.windows(2).all(|pair| pair.first() > pair.last());
    if !is_falling {
        found.extend(disorder(&shown));
    }
    found.extend(removed(&shown, &rows.holes(), expected, filter));
    found
}

/// Frames between which so many rows stand that were not read, or whose frame is not known.
type Hole = (u64, u64, usize);

impl Shown<'_> {
    fn holes(&self) -> Vec<Hole> {
        let mut holes = Vec::new();
        let (mut before, mut lost) = (None, 0);
        for (frame, unread) in self.frames.iter().zip(self.unread) {
            lost += unread;
            match (*frame, before) {
                (None, _) => lost += 1,
                (Some(frame), Some(before)) if lost > 0 => {
                    holes.push((frame.min(before), frame.max(before), lost));
                }
                _ => {}
            }
            if frame.is_some() {
                (before, lost) = (*frame, 0);
            }
        }
        holes
    }
}

/// Takes out the frames that rows may show which were not read: as many as there are such rows.
fn without_unread(mut missing: Vec<u64>, holes: &[Hole]) -> Vec<u64> {
    for (first, last, lost) in holes {
        let is_there = |frame: &u64| (first..last).contains(&frame);
        if missing.iter().filter(|frame| is_there(frame)).count() <= *lost {
            missing.retain(|frame| !is_there(frame));
        }
    }
    missing
}

fn repeated(shown: &[u64]) -> Option<ListFinding> {
    let mut seen = HashSet::new();
    let mut frames: Vec<u64> = shown.iter().copied().filter(|frame| !seen.insert(*frame)).collect();
    frames.dedup();
    let why = format!("{} shown more than once", name(&frames));
    (!frames.is_empty()).then_some(ListFinding { kind: ListFindingKind::Repeated, frames, why })
}

/// Two rows in each other's place, or rows out of order in another way.
fn disorder(shown: &[u64]) -> Option<ListFinding> {
    let mut sorted = shown.to_vec();
    sorted.sort_unstable();
    let moved: Vec<u64> =
        shown.iter().zip(&sorted).filter(|(a, b)| a != b).map(|(a, _)| *a).collect();
    match moved.as_slice() {
        [] => None,
        [one, other] if one != other => {
            let why = format!("frames {other} and {one} stand in each other's place");
            let mut frames = vec![*one, *other];
            frames.sort_unstable();
            Some(ListFinding { kind: ListFindingKind::Swapped, frames, why })
        }
        _ => {
            let frames = out_of_line(shown);
            let why =
                format!("{} stand out of the order in which they were captured", name(&frames));
            Some(ListFinding { kind: ListFindingKind::Reordered, frames, why })
        }
    }
}

/// The fewest frames without which the rest would rise.
fn out_of_line(shown: &[u64]) -> Vec<u64> {
    let mut tops: Vec<usize> = Vec::new();
    let mut before = Vec::with_capacity(shown.len());
    for (index, frame) in shown.iter().enumerate() {
        let at = |top: &usize| shown.get(*top).copied().unwrap_or(0);
        let pile = tops.partition_point(|top| at(top) < *frame);
        before.push(pile.checked_sub(1).and_then(|pile| tops.get(pile)).copied());
        match tops.get_mut(pile) {
            Some(top) => *top = index,
            None => tops.push(index),
        }
    }
    let mut stays = HashSet::new();
    let mut next = tops.last().copied();
    while let Some(index) = next {
        stays.insert(index);
        next = before.get(index).copied().flatten();
    }
    let moved = shown.iter().enumerate().filter(|(index, _)| !stays.contains(index));
    moved.map(|(_, frame)| *frame).collect()
}

/// Frames that belong between the rows and are not there. Without the filter, only where nearly
/// all frames of the same connections are shown, so that a filter would hardly explain it.
fn removed(
    shown: &[u64],
    holes: &[Hole],
    expected: &ExpectedList,
    filter: FilterKnowledge,
) -> Option<ListFinding> {
    let (first, last) = (*shown.iter().min()?, *shown.iter().max()?);
    let has: HashSet<u64> = shown.iter().copied().collect();
    let streams: HashSet<u32> = shown.iter().filter_map(|n| expected.frame(*n)?.stream).collect();
    let belongs = |number: &u64| {
        expected.frame(*number).is_some_and(|row| match filter {
            FilterKnowledge::Known => row.is_displayed,
            FilterKnowledge::Unknown => row.stream.is_some_and(|stream| streams.contains(&stream)),
        })
    };
    let between: Vec<u64> = (first..=last).filter(belongs).collect();
    let missing: Vec<u64> = between.iter().copied().filter(|n| !has.contains(n)).collect();
    let missing = without_unread(missing, holes);
    if missing.is_empty() {
        return None;
    }
    if filter == FilterKnowledge::Unknown && (shown.len() < 4 || missing.len() * 5 > between.len())
    {
        return None;
    }
    let under = match filter {
        FilterKnowledge::Known => "the filter shows",
        FilterKnowledge::Unknown => "the rows around would make one expect",
    };
    let why = format!("{} missing, which {under}", name(&missing));
    Some(ListFinding { kind: ListFindingKind::Removed, frames: missing, why })
}

/// "frame 3", "frames 3, 4 and 7".
pub(super) fn name(frames: &[u64]) -> String {
    const SHOWN: usize = 8;
    let mut names: Vec<String> = frames.iter().take(SHOWN).map(u64::to_string).collect();
    if frames.len() > SHOWN {
        return format!("{} frames ({}, …)", frames.len(), names.join(", "));
    }
    match (names.pop(), names.is_empty()) {
        (Some(last), false) => format!("frames {} and {last}", names.join(", ")),
        (Some(last), true) => format!("frame {last}"),
        (None, _) => "no frame".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::expected::ExpectedRow;
    use super::*;

    fn capture(frames: u64) -> ExpectedList {
        let row = |number| ExpectedRow {
            number,
            stream: Some(0),
            is_displayed: true,
            ..ExpectedRow::default()
        };
        ExpectedList { rows: (1..=frames).map(row).collect() }
    }

    fn kinds(shown: &[u64], filter: FilterKnowledge) -> Vec<(ListFindingKind, Vec<u64>)> {
        let frames: Vec<Option<u64>> = shown.iter().copied().map(Some).collect();
        let rows = Shown { frames: &frames, unread: &vec![0; frames.len()] };
        let found = findings(rows, &capture(20), filter);
        found.into_iter().map(|finding| (finding.kind, finding.frames)).collect()
    }

    #[test]
    fn each_kind_of_disorder_has_its_name() {
        use ListFindingKind::{Removed, Reordered, Repeated, Swapped};
        let known = FilterKnowledge::Known;
        assert_eq!(kinds(&[3, 4, 5, 6], known), []);
        assert_eq!(kinds(&[6, 5, 4, 3], known), [], "sorted the other way round");
        assert_eq!(kinds(&[3, 4, 6, 7], known), [(Removed, vec![5])]);
        assert_eq!(kinds(&[3, 6, 5, 4, 7], known), [(Swapped, vec![4, 6])]);
        assert_eq!(kinds(&[3, 4, 4, 5], known), [(Repeated, vec![4])]);
        assert_eq!(kinds(&[3, 7, 4, 5, 6], known), [(Reordered, vec![7])]);
    }

    #[test]
    fn a_row_that_was_not_read_may_be_the_one_that_is_missing() {
        let missing = |frames: &[Option<u64>], unread: &[usize]| {
            let rows = Shown { frames, unread };
            let found = findings(rows, &capture(20), FilterKnowledge::Known);
            found.into_iter().flat_map(|finding| finding.frames).collect::<Vec<u64>>()
        };
        let rows = [Some(3), Some(4), Some(6), Some(7)];
        assert_eq!(missing(&rows, &[0, 0, 1, 0]), [0; 0]);
        assert_eq!(missing(&rows, &[0, 1, 0, 1]), [5]);
        assert_eq!(missing(&[Some(3), None, Some(5)], &[0; 3]), [0; 0]);
        assert_eq!(missing(&[Some(3), None, Some(6)], &[0; 3]), [4, 5]);
    }

    #[test]
    fn without_the_filter_only_a_small_gap_is_told() {
        let unknown = FilterKnowledge::Unknown;
        assert_eq!(kinds(&[1, 2, 3, 5, 6, 7], unknown), [(ListFindingKind::Removed, vec![4])]);
        assert_eq!(kinds(&[1, 4, 9, 15], unknown), []);
    }
}
