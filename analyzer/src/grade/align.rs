//! Which frame each row shows.
//!
//! Rows are tied by their number where most numbers agree with what the rows say; else by what
//! they say, in order: rows that fit one or few frames are anchors, the rows between two anchors
//! are placed between their frames, and a row that fits nowhere in order may be found near by.

use std::collections::HashMap;

use super::expected::{ExpectedList, ExpectedRow};
use super::protocol;
use super::wording::{self, Version};
use crate::evidence::{Column, PacketList, PacketRow};

/// Frames that a key may have and still serve as anchor.
const MAX_CANDIDATES: usize = 8;
/// A row whose content agrees less than this with a frame does not show it.
const LEAST: f32 = 0.5;
/// Rows times frames between two anchors that are compared one with another.
const MAX_CELLS: usize = 40_000;
/// How much better a row of a picture fits the frame next to its neighbours' than its own number's,
/// when that number was misread.
const CLEARLY_BETTER: f32 = 0.05;
/// The same, where the rows above and below both name that frame.
const BETTER: f32 = 0.005;
/// Rows below a row in which a number is looked for.
const ROWS_BELOW: usize = 3;
/// What it counts, in likeness, that neighbours show neighbours: it decides between equals.
const BESIDE: f32 = 0.001;
/// Frames around its place in which a row out of order is looked for.
const NEAR: usize = 64;

/// The rows of a list with their frames.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ties {
    /// Frame number of each row; none when no frame has it.
    pub frames: Vec<Option<u64>>,
    /// True when the rows' own numbers are frame numbers.
    pub by_number: bool,
}

/// Ties the rows of a list to frames.
#[must_use]
pub fn tie(list: &PacketList, expected: &ExpectedList, version: Version) -> Ties {
    let numbered: Vec<Option<u64>> =
        list.rows.iter().map(|row| number(row).filter(|n| expected.frame(*n).is_some())).collect();
    let agree = list
        .rows
        .iter()
        .zip(&numbered)
        .filter(|(row, number)| {
            if is_bare(row) {
                return number.is_some();
            }
            let frame = number.and_then(|number| expected.frame(number));
            frame.is_some_and(|frame| likeness(row, frame, version) >= LEAST)
        })
        .count();
    let with_number = list.rows.iter().filter(|row| number(row).is_some()).count();
    if with_number > 0 && agree * 2 >= with_number {
        return Ties { frames: by_number(list, expected, &numbered, version), by_number: true };
    }
    Ties { frames: by_content(list, expected, version), by_number: false }
}

/// The row's own number, look-alikes of digits read as digits.
#[must_use]
pub fn number(row: &PacketRow) -> Option<u64> {
    let digits = |c: char| match c {
        'O' | 'o' => '0',
        'l' | 'I' | '|' => '1',
        other => other,
    };
    row.cell(Column::No)?.text.trim().chars().map(digits).collect::<String>().parse().ok()
}

/// By number; a row whose number leads astray is placed where its neighbours say.
fn by_number(
    list: &PacketList,
    expected: &ExpectedList,
    numbered: &[Option<u64>],
    version: Version,
) -> Vec<Option<u64>> {
    let taken: std::collections::HashSet<u64> = numbered.iter().flatten().copied().collect();
    let mut frames = Vec::with_capacity(list.rows.len());
    for (index, row) in list.rows.iter().enumerate() {
        let own = numbered.get(index).copied().flatten();
        let likes = |n: u64| expected.frame(n).map_or(0.0, |frame| likeness(row, frame, version));
        if is_bare(row) {
            frames.push(own);
            continue;
        }
        let fits = own.is_some_and(|n| likes(n) >= LEAST);
        // A digit of a picture may be misread; then what the row says tells its frame.
        let is_read = row.cell(Column::No).is_some_and(|cell| cell.confidence < 1.0);
        let above = frames.last().copied().flatten().map(|n: u64| n + 1);
        let below = named_from_below(numbered, index);
        let beside = [above, below.filter(|_| is_read)].into_iter().flatten();
        let beside = beside.filter(|n| is_read || !taken.contains(n));
        let best = beside.max_by(|a, b| likes(*a).total_cmp(&likes(*b)));
        // Where both neighbours name the same frame, a single character decides.
        let margin = if above == below { BETTER } else { CLEARLY_BETTER };
        let better = best.filter(|n| {
            let own = own.map_or(0.3, likes);
            (!fits && likes(*n) > own + 0.2) || (is_read && likes(*n) > own + margin)
        });
        frames.push(better.or(own.filter(|n| likes(*n) >= 0.3)));
    }
    frames
}

/// The frame of a row by the number of the nearest row below it that has one.
fn named_from_below(numbered: &[Option<u64>], index: usize) -> Option<u64> {
    let below = numbered.iter().skip(index + 1).take(ROWS_BELOW);
    let (rows, number) = (1..).zip(below).find_map(|(rows, n)| n.map(|n| (rows, n)))?;
    number.checked_sub(rows)
}

/// True when of a row nothing but its number was read yet.
fn is_bare(row: &PacketRow) -> bool {
    row.cells.iter().all(|cell| cell.column == Column::No || cell.text.is_empty())
}

/// How well a row's addresses, protocol, length and Info agree with a frame, 0 to 1. Number and
/// time do not count.
#[must_use]
pub fn likeness(row: &PacketRow, frame: &ExpectedRow, version: Version) -> f32 {
    let length = frame.length.to_string();
    let (mut sum, mut all) = (0.0, 0.0);
    let named = row.cell(Column::Protocol).map_or("", |cell| cell.text.trim());
    let is_beyond = protocol::is_beyond(named, frame);
    for cell in &row.cells {
        if is_beyond && matches!(cell.column, Column::Protocol | Column::Info) {
            continue;
        }
        let (want, weight) = match cell.column {
            Column::No | Column::Time => continue,
            Column::Source => (&*frame.source, 2.0),
            Column::Destination => (&*frame.destination, 2.0),
            Column::Protocol => (frame.protocol, 1.0),
            Column::Length => (&*length, 1.5),
            Column::Info => (&*frame.info, 4.0),
        };
        if cell.text.is_empty() {
            continue;
        }
        let seen = one_dash(&wording::folded(&wording::plain(&cell.text, version)));
        let want = one_dash(&wording::folded(&wording::plain(want, version)));
        all += weight;
        sum += weight * text_likeness(&seen, &want);
    }
    if all == 0.0 { 0.0 } else { sum / all }
}

/// An arrow may be read as two dashes; what follows must not count as moved.
fn one_dash(folded: &str) -> String {
    let mut last = ' ';
    let is_new = |c: &char| {
        let is_new = *c != '-' || last != '-';
        last = *c;
        is_new
    };
    folded.chars().filter(is_new).collect()
}

/// Share of the seen text that stands at the same place in the other; words count for Info.
fn text_likeness(seen: &str, want: &str) -> f32 {
    if seen.is_empty() {
        return 0.0;
    }
    if want.starts_with(seen) {
        return 1.0;
    }
    let same = seen.chars().zip(want.chars()).filter(|(a, b)| a == b).count();
    let share = same as f32 / seen.chars().count() as f32;
    share * share
}

/// What a row has in common with few frames: addresses, length and the beginning of Info.
fn key(source: &str, destination: &str, length: &str, info: &str) -> String {
    let info: String = wording::folded(info).chars().take(36).collect();
    let fold = wording::folded;
    format!("{}|{}|{}|{info}", fold(source), fold(destination), fold(length))
}

fn by_content(list: &PacketList, expected: &ExpectedList, version: Version) -> Vec<Option<u64>> {
    let anchors = anchors(list, expected, version);
    let mut frames: Vec<Option<u64>> = vec![None; list.rows.len()];
    for &(row, frame) in &anchors {
        if let Some(place) = frames.get_mut(row) {
            *place = u64::try_from(frame + 1).ok();
        }
    }
    let mut start = (0, 0);
    let end = (list.rows.len(), expected.rows.len());
    for &(row, frame) in anchors.iter().chain(std::iter::once(&end)) {
        place_between(list, expected, version, (start, (row, frame)), &mut frames);
        start = (row + 1, frame + 1);
    }
    find_out_of_order(list, expected, version, &mut frames);
    frames
}

/// Pairs of row and frame (indices) that go up together, as many as possible.
fn anchors(list: &PacketList, expected: &ExpectedList, version: Version) -> Vec<(usize, usize)> {
    let mut by_key: HashMap<String, Vec<usize>> = HashMap::new();
    for (index, frame) in expected.rows.iter().enumerate() {
        let info = wording::plain(&frame.info, version);
        let key = key(&frame.source, &frame.destination, &frame.length.to_string(), &info);
        by_key.entry(key).or_default().push(index);
    }
    let mut pairs = Vec::new();
    for (index, row) in list.rows.iter().enumerate() {
        let text = |column| row.cell(column).map_or("", |cell| &*cell.text);
        let info = wording::plain(text(Column::Info), version);
        let key = key(text(Column::Source), text(Column::Destination), text(Column::Length), &info);
        let found = by_key.get(&key).filter(|found| found.len() <= MAX_CANDIDATES);
        // From the last to the first, so that of one row's frames only one can be in a rising line.
        pairs.extend(found.into_iter().flatten().rev().map(|frame| (index, *frame)));
    }
    longest_rising(&pairs)
}

/// The longest line of pairs in which both numbers rise (patience sorting).
fn longest_rising(pairs: &[(usize, usize)]) -> Vec<(usize, usize)> {
    let mut tops: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = Vec::with_capacity(pairs.len());
    for (index, (_, frame)) in pairs.iter().enumerate() {
        let frame_at = |pile: &usize| pairs.get(*pile).map_or(0, |pair| pair.1);
        let pile = tops.partition_point(|top| frame_at(top) < *frame);
        before.push(pile.checked_sub(1).and_then(|pile| tops.get(pile)).copied());
        match tops.get_mut(pile) {
            Some(top) => *top = index,
            None => tops.push(index),
        }
    }
    let mut line = Vec::new();
    let mut next = tops.last().copied();
    while let Some(index) = next {
        line.extend(pairs.get(index).copied());
        next = before.get(index).copied().flatten();
    }
    line.reverse();
    line
}

/// Places the rows between two anchors (half-open ranges of rows and frames) in order, so that
/// the sum of their likeness is greatest; of equals, so that neighbours show neighbours.
fn place_between(
    list: &PacketList,
    expected: &ExpectedList,
    version: Version,
    range: ((usize, usize), (usize, usize)),
    frames: &mut [Option<u64>],
) {
    let ((row_start, frame_start), (row_end, frame_end)) = range;
    let rows = list.rows.get(row_start..row_end).unwrap_or(&[]);
    let room = MAX_CELLS.checked_div(rows.len()).unwrap_or(0);
    let is_next = frame_end <= frame_start.saturating_add(room) && row_end < list.rows.len();
    let frame_end = frame_end.min(frame_start.saturating_add(room));
    let candidates = expected.rows.get(frame_start..frame_end).unwrap_or(&[]);
    if rows.is_empty() || candidates.is_empty() {
        return;
    }
    let width = candidates.len() + 1;
    // The best sum up to a row and a frame, and the best of those that tie these two; 0: none.
    let mut best = vec![0.0_f32; (rows.len() + 1) * width];
    let mut tied = vec![0.0_f32; (rows.len() + 1) * width];
    let at = |table: &[f32], index: usize| table.get(index).copied().unwrap_or(0.0);
    for (r, row) in rows.iter().enumerate() {
        for (f, frame) in candidates.iter().enumerate() {
            let like = likeness(row, frame, version);
            let before = at(&tied, r * width + f);
            let is_beside = match (r, f) {
                (0, 0) => row_start > 0,
                _ => before > 0.0,
            };
            let is_last = is_next && r + 1 == rows.len() && f + 1 == candidates.len();
            let apart = at(&best, r * width + f);
            let sum = if is_beside { apart.max(before + BESIDE) } else { apart };
            let place = (r + 1) * width + f + 1;
            let take = sum + like + if is_last { BESIDE } else { 0.0 };
            let take = if like >= LEAST { take } else { 0.0 };
            let skip = at(&best, r * width + f + 1).max(at(&best, place - 1));
            if let (Some(tied), Some(best)) = (tied.get_mut(place), best.get_mut(place)) {
                (*tied, *best) = (take, skip.max(take));
            }
        }
    }
    let (mut r, mut f) = (rows.len(), candidates.len());
    let mut must_take = false;
    while r > 0 && f > 0 {
        let here = r * width + f;
        let take = at(&tied, here);
        if take > 0.0 && (must_take || take >= at(&best, here)) {
            if let Some(place) = frames.get_mut(row_start + r - 1) {
                *place = candidates.get(f - 1).map(|frame| frame.number);
            }
            let beside = here - width - 1;
            must_take = at(&tied, beside) > 0.0 && at(&tied, beside) + BESIDE > at(&best, beside);
            (r, f) = (r - 1, f - 1);
        } else if at(&best, here) <= at(&best, here - width) {
            r -= 1;
        } else {
            f -= 1;
        }
    }
}

/// Looks for rows without a frame among the frames near by that no row has.
fn find_out_of_order(
    list: &PacketList,
    expected: &ExpectedList,
    version: Version,
    frames: &mut [Option<u64>],
) {
    let mut taken: std::collections::HashSet<u64> = frames.iter().flatten().copied().collect();
    for index in 0..frames.len() {
        if frames.get(index).copied().flatten().is_some() {
            continue;
        }
        let Some(row) = list.rows.get(index) else { continue };
        let near = frames.iter().take(index).rev().flatten().next();
        let near = near.or_else(|| frames.iter().skip(index).flatten().next()).copied();
        let middle = usize::try_from(near.unwrap_or(1)).unwrap_or(0);
        let window = middle.saturating_sub(NEAR)..(middle + NEAR).min(expected.rows.len());
        let found = expected.rows.get(window).into_iter().flatten();
        let best = found
            .map(|frame| (likeness(row, frame, version), frame.number))
            .filter(|(like, _)| *like >= 0.8)
            .max_by(|a, b| {
                let free = |n: &u64| !taken.contains(n);
                a.0.total_cmp(&b.0).then(free(&a.1).cmp(&free(&b.1)))
            });
        if let (Some((_, number)), Some(place)) = (best, frames.get_mut(index)) {
            taken.insert(number);
            *place = Some(number);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::named_from_below;

    #[test]
    fn the_nearest_number_below_names_the_frame_of_a_row() {
        let numbered = [Some(2), Some(8), None, Some(5), None, None, None, None, Some(1)];
        for (index, frame) in [(0, Some(7)), (1, Some(3)), (2, Some(4)), (4, None), (7, Some(0))] {
            assert_eq!(named_from_below(&numbered, index), frame, "{index}");
        }
    }
}
