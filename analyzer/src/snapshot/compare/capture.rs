//! The capture around its connections: other frames, order, what ran in parallel, findings,
//! and a capture that ends early.

use super::super::difference::{Difference, Field, Kind, Place};
use super::super::model::{OtherFrame, Others, Snapshot};
use super::super::rules::Rules;
use super::align::{LONELY, Step, align};
use super::matching::Pair;
use super::words;
use crate::summary::FindingKind;

/// Other frames told one by one.
const MAX_TOLD: usize = 8;

fn entry(
    field: Field,
    kind: Kind,
    sentence: String,
    was: Option<String>,
    now: Option<String>,
) -> Difference {
    let place = Place { connection: None, field, segment: None };
    let (expected_frames, frames) = (Vec::new(), Vec::new());
    Difference {
        kind,
        sentence,
        place,
        expected: was,
        actual: now,
        expected_frames,
        frames,
        late: None,
    }
}

/// Frames without TCP that are gone, new, or not the same.
pub(super) fn compare_others(was: &Others, now: &Others, rules: &Rules) -> Vec<Difference> {
    let steps = align(was.frames.len(), now.frames.len(), &|i, j| {
        was.frames.get(i).zip(now.frames.get(j)).map(|(one, other)| cost(one, other))
    });
    let mut found = Vec::new();
    let mut times = Times::default();
    for step in steps {
        match step {
            // What comes before moved the border of what is folded.
            Step::Missing(i) if i + 1 == was.frames.len() && now.folded.is_some() => {}
            Step::Added(j) if j + 1 == now.frames.len() && was.folded.is_some() => {}
            Step::Missing(i) => {
                found.extend(was.frames.get(i).map(|frame| alone(frame, Kind::Missing)))
            }
            Step::Added(j) => {
                found.extend(now.frames.get(j).map(|frame| alone(frame, Kind::Added)))
            }
            Step::Pair(i, j) => {
                let both = was.frames.get(i).zip(now.frames.get(j));
                found.extend(both.and_then(|(one, other)| changed(one, other)));
                let late = times.late((was, now), (i, j), rules);
                found
                    .extend(both.and_then(|(one, other)| late.map(|late| moved(one, other, late))));
            }
        }
    }
    swaps(&mut found);
    if found.len() > MAX_TOLD {
        let rest = words::count((found.len() - MAX_TOLD) as u64, "more change");
        found.truncate(MAX_TOLD);
        if let Some(last) = found.last_mut() {
            last.sentence.push_str(&format!(", and {rest} among the frames without TCP"));
        }
    }
    let is_same_fold = was.folded.as_ref().map(|fold| (fold.count, &fold.sha256))
        == now.folded.as_ref().map(|fold| (fold.count, &fold.sha256));
    if found.is_empty() && !is_same_fold {
        let text = |others: &Others| {
            others
                .folded
                .as_ref()
                .map_or("none".to_owned(), |f| format!("{} {}", f.count, f.sha256))
        };
        let sentence = format!(
            "something changed among the frames without TCP after the first {}",
            now.frames.len()
        );
        found.push(entry(Field::Others, Kind::Changed, sentence, Some(text(was)), Some(text(now))));
    }
    found
}

fn cost(was: &OtherFrame, now: &OtherFrame) -> u32 {
    if was.layers != now.layers {
        return 2 * LONELY;
    }
    let is_other = |differs: bool, cost: u32| if differs { cost } else { 0 };
    is_other((was.len, &was.sha256) != (now.len, &now.sha256), 4)
        + is_other((&was.from, &was.to) != (&now.from, &now.to), 4)
        + is_other(was.what != now.what, 4)
}

fn alone(frame: &OtherFrame, kind: Kind) -> Difference {
    let (text, number) = (words::other(frame), frame.frame);
    if kind == Kind::Missing {
        let sentence = format!("{text} is missing (was frame {number})");
        let mut entry = entry(Field::Others, kind, sentence, Some(text), None);
        entry.expected_frames = vec![number];
        return entry;
    }
    let mut entry =
        entry(Field::Others, kind, format!("{text} is new (frame {number})"), None, Some(text));
    entry.frames = vec![number];
    entry
}

fn changed(was: &OtherFrame, now: &OtherFrame) -> Option<Difference> {
    let (old, new) = (words::other(was), words::other(now));
    if cost(was, now) == 0 {
        return None;
    }
    let sentence = if old != new {
        format!("frame {}: now {new}; was {old}", now.frame)
    } else if was.len != now.len {
        format!("frame {}: {new} now has {} bytes; was {}", now.frame, now.len, was.len)
    } else {
        format!("frame {}: {new} carries other bytes than before", now.frame)
    };
    let text = |frame: &OtherFrame, words: String| {
        format!("{words}, {} bytes {}", frame.len, frame.sha256)
    };
    let mut entry =
        entry(Field::Others, Kind::Changed, sentence, Some(text(was, old)), Some(text(now, new)));
    (entry.expected_frames, entry.frames) = (vec![was.frame], vec![now.frame]);
    Some(entry)
}

fn moved(was: &OtherFrame, now: &OtherFrame, (old, new): (f64, f64)) -> Difference {
    let late = Some(new - old);
    let (old, new) = (words::span(old), words::span(new));
    let sentence = format!(
        "frame {}: {} comes {new} after the frame without TCP before it; was {old}",
        now.frame,
        words::other(now)
    );
    let mut entry = entry(Field::Time, Kind::Changed, sentence, Some(old), Some(new));
    (entry.expected_frames, entry.frames) = (vec![was.frame], vec![now.frame]);
    entry.late = late;
    entry
}

/// Times between frames that belong together.
#[derive(Default)]
struct Times {
    last: Option<(usize, usize)>,
    owed: f64,
}

impl Times {
    /// Both times since the pair before, when they are not near each other; a frame that alone
    /// comes late is told once.
    fn late(
        &mut self,
        (was, now): (&Others, &Others),
        (i, j): (usize, usize),
        rules: &Rules,
    ) -> Option<(f64, f64)> {
        let (k, l) = self.last.replace((i, j)).map_or((0, 0), |(k, l)| (k + 1, l + 1));
        let gap = |others: &Others, from: usize, to: usize| -> f64 {
            others.frames.get(from..=to).unwrap_or_default().iter().map(|frame| frame.gap).sum()
        };
        let (old, new) = (gap(was, k, i), gap(now, l, j));
        let is_near = rules.is_near(Field::Time, old, new);
        let is_paid =
            !is_near && self.owed != 0.0 && rules.is_near(Field::Time, old, new + self.owed);
        self.owed = if is_near || is_paid { 0.0 } else { new - old };
        (!is_near && !is_paid).then_some((old, new))
    }
}

/// A frame that is gone and comes back as the only other change has moved.
fn swaps(found: &mut Vec<Difference>) {
    let at = found.windows(2).position(|pair| match pair {
        [one, other] => {
            let said = |d: &Difference| d.expected.clone().or_else(|| d.actual.clone());
            one.kind != other.kind
                && one.kind != Kind::Changed
                && other.kind != Kind::Changed
                && said(one) == said(other)
        }
        _ => false,
    });
    let Some(at) = at else { return };
    let other = found.remove(at + 1);
    let Some(one) = found.get_mut(at) else { return };
    let frames = |a: &[u64], b: &[u64]| [a, b].concat();
    one.expected_frames = frames(&one.expected_frames, &other.expected_frames);
    one.frames = frames(&one.frames, &other.frames);
    let text = one.expected.clone().or_else(|| one.actual.clone()).unwrap_or_default();
    (one.kind, one.expected, one.actual) =
        (Kind::Changed, Some("in its place".to_owned()), Some("elsewhere".to_owned()));
    one.sentence = format!(
        "{text} stands elsewhere among the frames without TCP: now {}; was {}",
        words::frames(&one.frames),
        words::frames(&one.expected_frames)
    );
}

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

/// What ran at the same time.
pub(super) fn compare_parallelism(
    expected: &Snapshot,
    actual: &Snapshot,
    rules: &Rules,
) -> Option<Difference> {
    let word = |snapshot: &Snapshot| {
        let word = serde_json::to_value(snapshot.parallelism).ok();
        word.and_then(|word| word.as_str().map(|word| word.replace('_', " "))).unwrap_or_default()
    };
    let text = |snapshot: &Snapshot| {
        format!(
            "{}, at most {} open at the same time",
            word(snapshot),
            words::count(snapshot.max_open, "connection")
        )
    };
    let (was, now) = (text(expected), text(actual));
    if was == now
        || rules.is_fine(Field::Parallelism, &word(expected), &word(actual))
            && expected.max_open == actual.max_open
    {
        return None;
    }
    let sentence = format!("the connections now run like this: {now}; was {was}");
    Some(entry(Field::Parallelism, Kind::Changed, sentence, Some(was), Some(now)))
}

/// Findings that nothing else explains; damage always.
pub(super) fn compare_findings(
    expected: &Snapshot,
    actual: &Snapshot,
    is_alone: bool,
    rules: &Rules,
) -> Vec<Difference> {
    let count = |snapshot: &Snapshot, kind: FindingKind| {
        snapshot.findings.iter().find(|finding| finding.kind == kind).map_or(0, |f| f.count)
    };
    let mut kinds: Vec<FindingKind> = Vec::new();
    for finding in expected.findings.iter().chain(&actual.findings) {
        if !kinds.contains(&finding.kind) {
            kinds.push(finding.kind);
        }
    }
    let is_damage =
        |kind: FindingKind| matches!(kind, FindingKind::DamagedFile | FindingKind::CaptureDrops);
    let is_behaviour = rules.level == super::Level::Behaviour;
    kinds.retain(|kind| is_damage(*kind) || (is_alone && !is_behaviour));
    let counted = kinds.into_iter().map(|kind| (kind, count(expected, kind), count(actual, kind)));
    let changed = counted.filter(|(_, was, now)| was != now);
    changed
        .map(|(kind, was, now)| {
            let name = serde_json::to_value(kind).ok();
            let name =
                name.and_then(|n| n.as_str().map(|n| n.replace('_', " "))).unwrap_or_default();
            let sentence =
                format!("the capture now has {now} × \"{name}\" among its findings; was {was}");
            entry(
                Field::Findings,
                Kind::Changed,
                sentence,
                Some(was.to_string()),
                Some(now.to_string()),
            )
        })
        .collect()
}

/// When all that comes late comes late by the same time, one pause before the first of it is
/// the one change.
pub(super) fn as_one_delay(mut found: Vec<Difference>) -> Vec<Difference> {
    let delays: Vec<f64> = found.iter().filter_map(|difference| difference.late).collect();
    let (Some(first), true) = (delays.first().copied(), delays.len() > 1) else { return found };
    if !delays.iter().all(|late| (late - first).abs() <= first.abs() * 0.05 + 0.001) {
        return found;
    }
    let is_late = |difference: &Difference| difference.late.is_some();
    let frame = |difference: &Difference| difference.frames.first().copied().unwrap_or(u64::MAX);
    let Some(at) = (0..found.len())
        .filter(|at| found.get(*at).is_some_and(is_late))
        .min_by_key(|at| found.get(*at).map_or(u64::MAX, frame))
    else {
        return found;
    };
    let mut all = found.swap_remove(at);
    let way = if first < 0.0 { "earlier" } else { "later" };
    let from = frame(&all);
    let span = words::span(first.abs());
    let sentence = std::mem::take(&mut all.sentence);
    all.sentence =
        format!("from frame {from} on, what follows comes {span} {way} than it did ({sentence})");
    found.retain(|difference| !is_late(difference));
    found.push(all);
    found
}

/// When nothing but the last frames is gone, the capture ends early, and that is one change.
pub(super) fn as_one_cut(
    found: Vec<Difference>,
    expected: &Snapshot,
    actual: &Snapshot,
) -> Vec<Difference> {
    let mut gone: Vec<u64> = found.iter().flat_map(|d| d.expected_frames.iter().copied()).collect();
    gone.sort_unstable();
    gone.dedup();
    let lost = expected.frames.saturating_sub(actual.frames);
    let is_end = !gone.is_empty()
        && gone.len() as u64 == lost
        && gone.first() == Some(&(actual.frames + 1))
        && gone.last() == Some(&expected.frames);
    if found.len() < 2 || !is_end || !found.iter().all(|d| d.kind == Kind::Missing) {
        return found;
    }
    let parts: Vec<&str> = found.iter().map(|d| d.sentence.as_str()).collect();
    let sentence = format!(
        "the capture ends after frame {}: its last {} are missing ({})",
        actual.frames,
        words::count(lost, "frame"),
        parts.join("; ")
    );
    let (was, now) =
        (Some(words::count(expected.frames, "frame")), Some(words::count(actual.frames, "frame")));
    let mut cut = entry(Field::Segments, Kind::Missing, sentence, was, now);
    cut.expected_frames = words::some_frames(gone.into_iter());
    vec![cut]
}
