//! When connections begin, and the order of frames across them.

use super::super::difference::{Difference, Field, Kind};
use super::super::model::Snapshot;
use super::super::rules::Rules;
use super::capture::entry;
use super::matching::Pair;
use super::words;

/// Connections that begin at another time after the one before them.
pub(super) fn compare_starts(
    expected: &Snapshot,
    actual: &Snapshot,
    pairs: &[Pair],
    rules: &Rules,
    found: &mut Vec<Difference>,
) {
    let mut matched: Vec<_> = pairs
        .iter()
        .filter_map(|pair| {
            Some((expected.connections.get(pair.expected?)?, actual.connections.get(pair.actual?)?))
        })
        .collect();
    matched.sort_by(|(one, _), (other, _)| one.start.total_cmp(&other.start));
    let (mut last, mut owed) = ((0.0, 0.0), 0.0);
    for (was, now) in matched {
        let (old, new) = (was.start - last.0, now.start - last.1);
        last = (was.start, now.start);
        let is_near = rules.is_near(Field::Start, old, new);
        let is_paid = !is_near && owed != 0.0 && rules.is_near(Field::Start, old, new + owed);
        owed = if is_near || is_paid { 0.0 } else { new - old };
        // When its first segments are gone or late, or everything of it is, that was told.
        let is_told = found.iter().any(|d| {
            d.place.connection == Some(now.stream) && d.place.segment.is_some_and(|s| s <= 2)
        });
        if is_near || is_paid || is_told {
            continue;
        }
        let late = Some(new - old);
        let (old, new) = (words::span(old), words::span(new));
        let sentence = format!(
            "connection {}: it begins {new} after what came before it; was {old} (frame {})",
            now.stream,
            now.segments.first().map_or(0, |row| row.frame)
        );
        let mut entry = entry(Field::Start, Kind::Changed, sentence, Some(old), Some(new));
        entry.place.connection = Some(now.stream);
        entry.late = late;
        entry.frames = words::some_frames(now.segments.iter().take(1).map(|row| row.frame));
        entry.expected_frames =
            words::some_frames(was.segments.iter().take(1).map(|row| row.frame));
        found.push(entry);
    }
}

/// One frame of a capture, as its connection (the index of its pair) and its place in it.
type Turn = (usize, usize, u64);

/// The order of frames across connections, when everything in them is the same.
pub(super) fn compare_order(
    expected: &Snapshot,
    actual: &Snapshot,
    pairs: &[Pair],
) -> Option<Difference> {
    let (mut was, mut now): (Vec<Turn>, Vec<Turn>) = (Vec::new(), Vec::new());
    let add = |turns: &mut Vec<Turn>, number: usize, frames: &mut dyn Iterator<Item = u64>| {
        turns.extend(frames.enumerate().map(|(at, frame)| (number, at, frame)));
    };
    for (number, pair) in pairs.iter().enumerate() {
        let one = pair.expected.and_then(|at| expected.connections.get(at))?;
        let other = pair.actual.and_then(|at| actual.connections.get(at))?;
        add(&mut was, number, &mut one.segments.iter().map(|row| row.frame));
        add(&mut now, number, &mut other.segments.iter().map(|row| row.frame));
    }
    add(&mut was, pairs.len(), &mut expected.others.frames.iter().map(|frame| frame.frame));
    add(&mut now, pairs.len(), &mut actual.others.frames.iter().map(|frame| frame.frame));
    was.sort_by_key(|(_, _, frame)| *frame);
    now.sort_by_key(|(_, _, frame)| *frame);
    let differs = |((a, b, _), (c, d, _)): &(&Turn, &Turn)| (a, b) != (c, d);
    let others: Vec<_> = was.iter().zip(&now).filter(differs).collect();
    let (first, last) = (others.first()?, others.last()?);
    let name = |turn: &Turn| match pairs.get(turn.0).and_then(|pair| pair.actual) {
        Some(at) => format!("connection {}", actual.connections.get(at).map_or(0, |c| c.stream)),
        None => "a frame without TCP".to_owned(),
    };
    let text = |turn: &Turn| format!("{} (frame {})", name(turn), turn.2);
    let sentence = if others.len() == 2 {
        format!(
            "frames {} and {} changed places: now {}, then {}",
            first.1.2,
            last.1.2,
            name(first.1),
            name(last.1)
        )
    } else {
        format!(
            "between frame {} and frame {} the connections take turns in another order",
            first.1.2, last.1.2
        )
    };
    let mut entry =
        entry(Field::Order, Kind::Changed, sentence, Some(text(first.0)), Some(text(first.1)));
    entry.expected_frames = words::some_frames(others.iter().map(|(was, _)| was.2));
    entry.frames = words::some_frames(others.iter().map(|(_, now)| now.2));
    Some(entry)
}
