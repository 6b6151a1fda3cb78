//! Which hosts talk: symbols may be given in another order, as long as each still stands for
//! one host.

use std::collections::HashMap;

use super::super::difference::{Difference, Field, Kind, Place};
use super::super::model::{Snapshot, SnapshotConnection};
use super::matching::Pair;

/// Connections that now run between other hosts than those beside them.
pub(super) fn compare_hosts(
    expected: &Snapshot,
    actual: &Snapshot,
    pairs: &[Pair],
) -> Vec<Difference> {
    let (mut forward, mut back) = (HashMap::new(), HashMap::new());
    let mut found = Vec::new();
    for pair in pairs {
        let one = pair.expected.and_then(|at| expected.connections.get(at));
        let other = pair.actual.and_then(|at| actual.connections.get(at));
        let (Some(was), Some(now)) = (one, other) else { continue };
        let ends = [(host(&was.client), host(&now.client)), (&*was.server, &*now.server)];
        let is_same = ends.iter().all(|(was, now)| {
            *forward.entry(*was).or_insert(*now) == *now
                && *back.entry(*now).or_insert(*was) == *was
        });
        if !is_same {
            found.push(entry(was, now));
        }
    }
    found
}

fn entry(was: &SnapshotConnection, now: &SnapshotConnection) -> Difference {
    let ends = |c: &SnapshotConnection| format!("{} to {}", host(&c.client), c.server);
    let (old, new) = (ends(was), ends(now));
    let frame = |c: &SnapshotConnection| c.segments.iter().take(1).map(|row| row.frame).collect();
    Difference {
        kind: Kind::Changed,
        sentence: format!(
            "connection {}: it runs between other hosts than before, seen beside the other \
             connections: now {new}; was {old}",
            now.stream
        ),
        place: Place { connection: Some(now.stream), field: Field::Hosts, segment: None },
        expected: Some(old),
        actual: Some(new),
        expected_frames: frame(was),
        frames: frame(now),
        late: None,
    }
}

/// A host's symbol without its port.
fn host(end: &str) -> &str {
    end.split_once(':').map_or(end, |(host, _)| host)
}
