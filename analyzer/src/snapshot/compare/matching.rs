//! Which connections of two captures are the same one: by what they said, then by when.

use std::cmp::Reverse;
use std::collections::{HashMap, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};

use super::super::model::SnapshotConnection;

/// Two connections that belong together, or one without a partner; indices into the lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) struct Pair {
    /// In the expected snapshot.
    pub expected: Option<usize>,
    /// In the actual one.
    pub actual: Option<usize>,
}

/// Pairs of connections that are tried for likeness, when nothing else told them apart.
const MAX_TRIES: usize = 10_000;

/// What must be alike, from everything to little. An empty answer matches nothing.
type Key = fn(&SnapshotConnection) -> Option<u64>;
const KEYS: [Key; 6] = [
    |c| Some(hash(&(both(c), c.port, &c.client, c.segments_total(), ends(c)))),
    |c| Some(hash(&(both(c), c.port, ends(c)))),
    |c| has_both(c).then(|| hash(&(both(c), c.port))),
    |c| has_both(c).then(|| hash(&both(c))),
    |c| (c.client_sent.bytes > 0).then(|| hash(&(c.port, &c.client_sent.sha256))),
    |c| (c.server_sent.bytes > 0).then(|| hash(&(c.port, &c.server_sent.sha256))),
];

/// Matches them, each at most once. Of several that are alike, the first matches the first.
pub(super) fn match_connections(
    expected: &[SnapshotConnection],
    actual: &[SnapshotConnection],
) -> Vec<Pair> {
    let mut partner: Vec<Option<usize>> = vec![None; actual.len()];
    let mut is_taken = vec![false; expected.len()];
    for key in KEYS {
        let mut waiting: HashMap<u64, VecDeque<usize>> = HashMap::new();
        for (at, connection) in expected.iter().enumerate() {
            if let Some(key) = key(connection).filter(|_| is_taken.get(at) == Some(&false)) {
                waiting.entry(key).or_default().push_back(at);
            }
        }
        for (partner, connection) in partner.iter_mut().zip(actual).filter(|(p, _)| p.is_none()) {
            let queue = key(connection).and_then(|key| waiting.get_mut(&key));
            *partner = queue.and_then(VecDeque::pop_front);
            if let Some(is_taken) = partner.and_then(|at| is_taken.get_mut(at)) {
                *is_taken = true;
            }
        }
    }
    match_alike(expected, actual, &mut partner, &mut is_taken);
    let matched = partner.iter().enumerate();
    let mut pairs: Vec<Pair> =
        matched.map(|(at, partner)| Pair { expected: *partner, actual: Some(at) }).collect();
    let left = is_taken.iter().enumerate().filter(|(_, taken)| !**taken);
    pairs.extend(left.map(|(at, _)| Pair { expected: Some(at), actual: None }));
    pairs
}

/// Of those that are left, the most alike first.
fn match_alike(
    expected: &[SnapshotConnection],
    actual: &[SnapshotConnection],
    partner: &mut [Option<usize>],
    is_taken: &mut [bool],
) {
    let mut tries = Vec::new();
    for (i, one) in expected.iter().enumerate().filter(|(at, _)| is_taken.get(*at) == Some(&false))
    {
        for (j, other) in
            actual.iter().enumerate().filter(|(at, _)| partner.get(*at) == Some(&None))
        {
            if tries.len() >= MAX_TRIES {
                break;
            }
            let likeness = likeness(one, other);
            let enough = if one.port == other.port { 20 } else { 60 };
            if likeness >= enough {
                tries.push((Reverse(likeness), i.abs_diff(j), i, j));
            }
        }
    }
    tries.sort_unstable();
    for (_, _, i, j) in tries {
        if let (Some(taken @ false), Some(partner @ None)) =
            (is_taken.get_mut(i), partner.get_mut(j))
        {
            (*taken, *partner) = (true, Some(i));
        }
    }
}

/// How many of a hundred segments both have, wherever they stand.
fn likeness(one: &SnapshotConnection, other: &SnapshotConnection) -> usize {
    let longer = one.segments.len().max(other.segments.len()).max(1);
    let mut counts: HashMap<u64, usize> = HashMap::new();
    let key = |row: &super::super::model::Row| hash(&(row.from, &row.flags, row.len, &row.sha256));
    one.segments.iter().for_each(|row| *counts.entry(key(row)).or_default() += 1);
    let shared = other.segments.iter().filter(|row| match counts.get_mut(&key(row)) {
        Some(count) if *count > 0 => {
            *count -= 1;
            true
        }
        _ => false,
    });
    shared.count() * 100 / longer
}

fn hash(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

fn both(connection: &SnapshotConnection) -> (&str, &str) {
    (&connection.client_sent.sha256, &connection.server_sent.sha256)
}

fn has_both(connection: &SnapshotConnection) -> bool {
    connection.client_sent.bytes > 0 && connection.server_sent.bytes > 0
}

fn ends(connection: &SnapshotConnection) -> (u8, u8, Option<u8>) {
    let by = connection.ending.closed_first.map(|side| side as u8);
    (connection.handshake as u8, connection.ending.outcome as u8, by)
}
