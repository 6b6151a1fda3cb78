//! The capture around its connections: what ran in parallel, findings, a pause of everything,
//! and a capture that ends early.

use super::super::difference::{Difference, Field, Kind, Place};
use super::super::model::Snapshot;
use super::super::rules::Rules;
use super::words;
use crate::summary::FindingKind;

/// An entry about the capture as a whole.
pub(super) fn entry(
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
