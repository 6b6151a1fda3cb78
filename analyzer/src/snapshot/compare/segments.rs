//! What happened to the segments of a connection: gone, new, moved, repeated, changed.

use std::ops::Range;

use super::super::model::{Row, SnapshotConnection};
use super::super::rules::Rules;
use super::align::{Step, align};
use super::pair::{self, FieldChange};

/// One change; indices into the rows of the expected (`gone`) and of the actual connection.
#[derive(Debug)]
pub(super) enum Change {
    /// Rows without a counterpart, one after the other.
    Missing { gone: Range<usize> },
    /// New rows, one after the other.
    Added { new: Range<usize> },
    /// A new row that says what another one says.
    Repeated { original: usize, copy: usize },
    /// Two neighbours in each other's place, by the first of them.
    Swapped { first: usize },
    /// A row at another place.
    Moved { gone: usize, new: usize },
    /// Some rows instead of others.
    Replaced { gone: Range<usize>, new: Range<usize> },
    /// The same row with other values.
    Fields { gone: usize, new: usize, fields: Vec<FieldChange> },
}

impl Change {
    /// True for a change of one kind that one sentence tells completely.
    pub fn is_plain(&self) -> bool {
        !matches!(self, Self::Replaced { .. })
    }
}

/// The steps through the segments of both.
pub(in super::super) fn steps(expected: &[Row], actual: &[Row]) -> Vec<Step> {
    align(expected.len(), actual.len(), &|i, j| {
        expected.get(i).zip(actual.get(j)).and_then(|(one, other)| cost(one, other))
    })
}

/// How unlike two segments are; none when one comes from the other side.
fn cost(expected: &Row, actual: &Row) -> Option<u32> {
    if expected.from != actual.from {
        return None;
    }
    let is_other = |differs: bool, cost: u32| if differs { cost } else { 0 };
    Some(
        is_other(expected.flags != actual.flags, 2)
            + is_other((expected.len, &expected.sha256) != (actual.len, &actual.sha256), 3)
            + is_other(expected.seq != actual.seq, 1)
            + is_other(expected.ack != actual.ack, 1),
    )
}

/// The changes from one connection to the other, in the order of the segments.
pub(super) fn changes(
    expected: &SnapshotConnection,
    actual: &SnapshotConnection,
    rules: &Rules,
) -> Vec<Change> {
    let (was, now) = (&expected.segments, &actual.segments);
    let steps = steps(was, now);
    let mut found =
        Finder { was, now, steps: &steps, is_done: vec![false; steps.len()], changes: Vec::new() };
    found.swaps();
    found.moves();
    found.repeats();
    found.runs();
    let Finder { is_done, mut changes, .. } = found;
    changes.retain(|change| !is_border(change, expected, actual));
    let pairs: Vec<(usize, usize)> = steps
        .iter()
        .zip(&is_done)
        .filter_map(|(step, is_done)| match step {
            Step::Pair(i, j) if !is_done => Some((*i, *j)),
            _ => None,
        })
        .collect();
    let has_others = !changes.is_empty();
    changes.extend(pair::field_changes((was, now), &pairs, has_others, rules));
    changes.sort_by_key(Change::place);
    changes
}

impl Change {
    /// Where it is, for the order of the sentences.
    fn place(&self) -> usize {
        match self {
            Self::Missing { gone } | Self::Replaced { gone, .. } => gone.start,
            Self::Added { new } => new.start,
            Self::Repeated { copy, .. } => *copy,
            Self::Swapped { first } => *first,
            Self::Moved { new, .. } | Self::Fields { new, .. } => *new,
        }
    }
}

/// True for rows at the end of the kept ones that have no counterpart only because the other
/// capture folded it: what comes before them moved the border.
fn is_border(change: &Change, expected: &SnapshotConnection, actual: &SnapshotConnection) -> bool {
    match change {
        Change::Missing { gone } => gone.end == expected.segments.len() && actual.folded.is_some(),
        Change::Added { new } => new.end == actual.segments.len() && expected.folded.is_some(),
        _ => false,
    }
}

/// Finds the kinds of changes one after the other, and marks the steps that they explain.
struct Finder<'a> {
    was: &'a [Row],
    now: &'a [Row],
    steps: &'a [Step],
    is_done: Vec<bool>,
    changes: Vec<Change>,
}

impl Finder<'_> {
    fn is_same(&self, i: usize, j: usize) -> bool {
        self.was.get(i).zip(self.now.get(j)).is_some_and(|(a, b)| a.is_same_segment(b))
    }

    fn done(&mut self, at: usize) {
        if let Some(is_done) = self.is_done.get_mut(at) {
            *is_done = true;
        }
    }

    fn is_open(&self, at: usize) -> bool {
        self.is_done.get(at) == Some(&false)
    }

    /// Two pairs that would each be right with the other's partner.
    fn swaps(&mut self) {
        for (at, steps) in self.steps.windows(2).enumerate() {
            let &[Step::Pair(i, j), Step::Pair(k, l)] = steps else { continue };
            let is_crossed = self.is_same(i, l) && self.is_same(k, j);
            if is_crossed && !self.is_same(i, j) && self.is_open(at) {
                self.done(at);
                self.done(at + 1);
                self.changes.push(Change::Swapped { first: j });
            }
        }
    }

    /// A row that is gone here and new there.
    fn moves(&mut self) {
        for (at, step) in self.steps.iter().enumerate() {
            let &Step::Missing(i) = step else { continue };
            let there = self.steps.iter().enumerate().find_map(|(there, step)| match step {
                &Step::Added(j) if self.is_open(there) && self.is_same(i, j) => Some((there, j)),
                _ => None,
            });
            let Some((there, j)) = there else { continue };
            self.done(at);
            self.done(there);
            let is_next = there.abs_diff(at) == 2;
            self.changes.push(match is_next {
                true => Change::Swapped { first: if there < at { j } else { j.saturating_sub(1) } },
                false => Change::Moved { gone: i, new: j },
            });
        }
    }

    /// A new row that says what a row near it says.
    fn repeats(&mut self) {
        for at in 0..self.steps.len() {
            let Some(&Step::Added(copy)) = self.steps.get(at) else { continue };
            if !self.is_open(at) {
                continue;
            }
            let Some(row) = self.now.get(copy) else { continue };
            let pairs = self.steps.iter().filter_map(|step| match step {
                Step::Pair(_, j) => Some(*j),
                _ => None,
            });
            let alike = pairs.filter(|j| self.now.get(*j).is_some_and(|r| r.is_same_segment(row)));
            let Some(other) = alike.min_by_key(|j| j.abs_diff(copy)) else { continue };
            self.done(at);
            let (original, copy) = (other.min(copy), other.max(copy));
            self.changes.push(Change::Repeated { original, copy });
        }
    }

    /// What is left without a partner, run by run.
    fn runs(&mut self) {
        let mut at = 0;
        while at < self.steps.len() {
            let (mut gone, mut new): (Vec<usize>, Vec<usize>) = (Vec::new(), Vec::new());
            while let Some(step) = self.steps.get(at).filter(|_| self.is_open(at)) {
                match step {
                    Step::Missing(i) => gone.push(*i),
                    Step::Added(j) => new.push(*j),
                    Step::Pair(..) => break,
                }
                self.done(at);
                at += 1;
            }
            let range = |list: &[usize]| {
                let start = list.first().copied().unwrap_or(0);
                start..list.last().map_or(start, |last| last + 1)
            };
            match (gone.is_empty(), new.is_empty()) {
                (true, true) => at += 1,
                (false, true) => self.changes.push(Change::Missing { gone: range(&gone) }),
                (true, false) => self.changes.push(Change::Added { new: range(&new) }),
                (false, false) => {
                    self.changes.push(Change::Replaced { gone: range(&gone), new: range(&new) })
                }
            }
        }
    }
}
