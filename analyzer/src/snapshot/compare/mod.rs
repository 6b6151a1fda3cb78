//! Two snapshots held against each other.
//!
//! Connections are matched by what they said and when ([`matching`]), the segments of a pair
//! are aligned ([`align`]), and what does not fit is told in as few sentences as there are
//! real changes: what merely follows from a change (verdicts on later segments, another end)
//! goes into its sentence.

use self::capture::{compare_findings, compare_parallelism};
use self::connection::compare_connection;
use self::hosts::compare_hosts;
use self::matching::match_connections;
use self::order::{compare_order, compare_starts};
use self::others::compare_others;
use super::difference::{Difference, Field, Kind, Place};
use super::model::{FoldedConnections, Snapshot, SnapshotConnection};
use super::rules::{Level, Rules};

pub(super) use align::Step;
pub(super) use matching::Pair;
pub(super) use segments::steps;

mod align;
mod behaviour;
mod border;
mod capture;
mod connection;
mod hosts;
mod matching;
mod order;
mod others;
mod pair;
mod segments;
mod sentence;
pub(super) mod words;

/// The differences of two snapshots, connection by connection; none when they are the same by
/// these rules.
#[must_use]
pub fn compare(expected: &Snapshot, actual: &Snapshot, rules: &Rules) -> Vec<Difference> {
    in_full(expected, actual, rules).differences
}

/// Everything that comparing finds.
#[derive(Debug)]
pub(super) struct Comparison {
    /// What counts.
    pub differences: Vec<Difference>,
    /// Which connections belong together, those of the actual snapshot in their order first.
    pub pairs: Vec<Pair>,
}

/// The same with the pairs.
pub(super) fn in_full(expected: &Snapshot, actual: &Snapshot, rules: &Rules) -> Comparison {
    let pairs = match_connections(&expected.connections, &actual.connections);
    let mut found = Vec::new();
    for pair in &pairs {
        let one = pair.expected.and_then(|at| expected.connections.get(at));
        let other = pair.actual.and_then(|at| actual.connections.get(at));
        match (one, other) {
            (Some(one), Some(other)) => {
                found.extend(compare_connection(one, other, rules));
            }
            (Some(gone), None) => found.push(lonely(gone, Kind::Missing)),
            (None, Some(new)) => found.push(lonely(new, Kind::Added)),
            (None, None) => {}
        }
    }
    found.extend(compare_hosts(expected, actual, &pairs));
    let folded = (&expected.folded_connections, &actual.folded_connections);
    if rules.level == Level::Segments {
        found.extend(compare_folded(folded.0.as_ref(), folded.1.as_ref()));
        found.extend(compare_others(&expected.others, &actual.others, rules));
        compare_starts(expected, actual, &pairs, rules, &mut found);
        if found.is_empty() {
            found.extend(compare_order(expected, actual, &pairs));
        }
    }
    found.retain(|difference| is_counted(difference, rules));
    // With the same segments in the same order, only the times can make it another one; and
    // with other connections, it follows from those.
    let is_complete = pairs.iter().all(|pair| pair.expected.is_some() && pair.actual.is_some());
    if rules.level == Level::Behaviour && is_complete {
        found.extend(compare_parallelism(expected, actual, rules));
    }
    found.extend(compare_findings(expected, actual, found.is_empty(), rules));
    found.retain(|difference| is_counted(difference, rules));
    let found = capture::as_one_delay(found);
    Comparison { differences: capture::as_one_cut(found, expected, actual), pairs }
}

fn is_counted(difference: &Difference, rules: &Rules) -> bool {
    let field = difference.place.field;
    let is_allowed = difference.actual.as_deref().is_some_and(|actual| rules.allows(field, actual));
    rules.minds(field) && !is_allowed
}

/// A connection without a partner.
fn lonely(connection: &SnapshotConnection, kind: Kind) -> Difference {
    let (stream, story) = (connection.stream, words::story(connection));
    let frames = words::some_frames(connection.segments.iter().map(|row| row.frame));
    let first = frames.first().copied().unwrap_or(0);
    let sentence = match kind {
        Kind::Missing => format!(
            "a connection is missing: {story} (was connection {stream}, from frame {first})"
        ),
        _ => format!("connection {stream} is new: {story}, from frame {first}"),
    };
    let (expected, actual) = match kind {
        Kind::Missing => (Some(story), None),
        _ => (None, Some(story)),
    };
    let (expected_frames, frames) = match kind {
        Kind::Missing => (frames, Vec::new()),
        _ => (Vec::new(), frames),
    };
    let place = Place { connection: Some(stream), field: Field::Connections, segment: None };
    Difference { kind, sentence, place, expected, actual, expected_frames, frames, late: None }
}

fn compare_folded(
    expected: Option<&FoldedConnections>,
    actual: Option<&FoldedConnections>,
) -> Option<Difference> {
    if expected == actual {
        return None;
    }
    let text = |folded: Option<&FoldedConnections>| {
        folded.map_or_else(
            || "none".to_owned(),
            |folded| {
                format!(
                    "{} with {}",
                    words::count(folded.connections, "connection"),
                    words::count(folded.segments, "segment")
                )
            },
        )
    };
    let (was, now) = (text(expected), text(actual));
    let after = super::MAX_CONNECTIONS;
    let sentence = if was == now {
        format!(
            "something changed in the connections after the first {after}, which are not kept one by one: {now}, as before"
        )
    } else {
        format!("after the first {after} connections there are now {now}; there were {was}")
    };
    Some(Difference {
        kind: Kind::Changed,
        sentence,
        place: Place { connection: None, field: Field::Connections, segment: None },
        expected: Some(format!("{was}, {}", expected.map_or("", |folded| &folded.sha256))),
        actual: Some(format!("{now}, {}", actual.map_or("", |folded| &folded.sha256))),
        expected_frames: Vec::new(),
        frames: Vec::new(),
        late: None,
    })
}
