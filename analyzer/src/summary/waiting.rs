//! Who waited: connections that the server's kernel accepted while its program served another.

use std::net::IpAddr;

use super::connect;
use super::mark::{At, seconds};
use super::model::Waiting;
use super::record::Facts;
use super::store::Store;
use super::sweep::Stretch;
use super::view::View;
use crate::tcp::Direction;
use crate::time::Timestamp;

/// Connections looked at per connection when searching the one that it waited for.
const MAX_PARTNERS: usize = 64;

/// Shortest time without an answer that is called waiting: below it a program may have been
/// merely slow.
const MIN_WAIT_NS: i64 = 1_000_000;

/// Never, as a frame's number in 48 bits.
const NEVER: u64 = (1 << 48) - 1;

/// A connection that was not answered at once.
#[derive(Debug, Clone, Copy)]
struct Asker {
    stream: u32,
    asked: At,
    answered: Option<At>,
}

/// A connection by its server and the frame in which that let go of it; the largest number
/// for never.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Held<S> {
    server: S,
    released: u64,
    stream: u32,
}

/// Connections whose client asked, whose data the server's kernel acknowledged, and that got
/// nothing back until the server was done with another connection to the same endpoint: each
/// with that other one, by stream number. `seen` are those to compare, each up to the frame that
/// released it.
pub(super) fn find(store: &Store, seen: &[Stretch]) -> Vec<(u32, u32)> {
    let views = seen.iter().filter_map(|one| Some((store.view(one.stream)?, one.until)));
    if !views.clone().any(|(view, _)| asker(&view).is_some()) {
        return Vec::new();
    }
    // Those of IPv4 as one number each, which is quicker to sort.
    let (mut narrow, mut wide) = (Vec::new(), Vec::new());
    for (view, released) in views {
        let server = view.endpoint(Direction::FromServer);
        let stream = view.stream;
        match server.address() {
            IpAddr::V4(address) => {
                let server = u64::from(address.to_bits()) << 16 | u64::from(server.port());
                narrow.push(Held { server, released, stream }.packed());
            }
            IpAddr::V6(_) => wide.push(Held { server, released, stream }),
        }
    }
    narrow.sort_unstable();
    wide.sort_unstable();
    let narrow: Vec<_> = narrow.into_iter().map(Held::unpacked).collect();
    let mut waiting = Vec::new();
    find_among(store, &narrow, &mut waiting);
    find_among(store, &wide, &mut waiting);
    waiting.sort_unstable();
    waiting
}

impl Held<u64> {
    /// A number in the same order: 48 bits of the server, 48 of the frame, 32 of the stream. No
    /// capture has so many frames that the largest number could be one.
    fn packed(self) -> u128 {
        let released = self.released.min(NEVER);
        u128::from(self.server) << 80 | u128::from(released) << 32 | u128::from(self.stream)
    }

    fn unpacked(packed: u128) -> Self {
        let released = (packed >> 32) as u64 & NEVER;
        let released = if released == NEVER { u64::MAX } else { released };
        Self { server: (packed >> 80) as u64, released, stream: packed as u32 }
    }
}

/// `all` are in order.
fn find_among<S: Eq>(store: &Store, all: &[Held<S>], waiting: &mut Vec<(u32, u32)>) {
    for group in all.chunk_by(|a, b| a.server == b.server).filter(|group| group.len() > 1) {
        let kept = group.partition_point(|held| held.released < u64::MAX);
        let (let_go, never) = group.split_at(kept);
        for Held { stream, .. } in group {
            let Some(asker) = store.view(*stream).and_then(|view| asker(&view)) else { continue };
            let behind = waits_for(store, &asker, let_go);
            let behind = behind.or_else(|| starves(store, &asker, never));
            waiting.extend(behind.map(|behind| (*stream, behind)));
        }
    }
}

/// A connection as it waited behind another.
pub(super) fn told(view: &View<'_>, behind: &View<'_>, start: Timestamp) -> Option<Waiting> {
    let asked = view.at(view.record.client.first_data)?;
    let answered = view.at(view.record.server.first_data);
    let acknowledged = view.at(view.turns.data_acknowledged);
    let until = answered.unwrap_or(view.ends().1);
    Some(Waiting {
        behind: behind.stream,
        asked: asked.moment(start),
        acknowledged: acknowledged.map(|at| at.moment(start)),
        released: connect::released(behind).map(|at| at.moment(start)),
        answered: answered.map(|at| at.moment(start)),
        duration: seconds(until.nanos, asked.nanos),
    })
}

/// The connection as one that had to wait for its answer, or still does.
fn asker(view: &View<'_>) -> Option<Asker> {
    let record = view.record;
    if !view.has(Facts::DATA_ACKNOWLEDGED) {
        return None;
    }
    let asked = view.at(record.client.first_data)?;
    let answered = view.at(record.server.first_data);
    let until = answered.unwrap_or_else(|| view.ends().1);
    let is_later = answered.is_none_or(|at| at.frame > asked.frame);
    let wait = until.nanos.saturating_sub(asked.nanos);
    (is_later && wait >= MIN_WAIT_NS).then_some(Asker { stream: view.stream, asked, answered })
}

/// The connection behind which this one waited: it was let go between question and answer,
/// and the answer followed soon. `let_go` are in the order of that.
fn waits_for<S>(store: &Store, asker: &Asker, let_go: &[Held<S>]) -> Option<u32> {
    let (asked, answered) = (asker.asked, asker.answered?);
    let wait = answered.nanos.saturating_sub(asked.nanos);
    let below = let_go.partition_point(|held| held.released < answered.frame);
    let candidates = let_go.get(..below)?.iter().rev().take(MAX_PARTNERS);
    let after = candidates.take_while(|held| held.released > asked.frame);
    let mut streams = after.map(|held| held.stream);
    streams.find(|stream| {
        let Some(behind) = store.view(*stream).filter(|_| *stream != asker.stream) else {
            return false;
        };
        let Some(released) = connect::released(&behind) else { return false };
        // The answer must follow the release more closely than the release the question.
        answered.nanos.saturating_sub(released.nanos) < wait / 2
            && connect::open_from(&behind).is_some_and(|frame| frame < asked.frame)
    })
}

/// The connection that is still held while this one was never answered.
fn starves<S>(store: &Store, asker: &Asker, never: &[Held<S>]) -> Option<u32> {
    if asker.answered.is_some() {
        return None;
    }
    let mut streams = never.iter().take(MAX_PARTNERS).map(|held| held.stream);
    streams.find(|stream| {
        let Some(behind) = store.view(*stream).filter(|_| *stream != asker.stream) else {
            return false;
        };
        let first_answer = behind.at(behind.record.server.first_data);
        let was_served = first_answer.is_some_and(|at| at.frame < asker.asked.frame);
        was_served && connect::start(&behind).is_some_and(|at| at.frame < asker.asked.frame)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn held() -> impl Strategy<Value = Held<u64>> {
        let released = prop_oneof![Just(u64::MAX), 0..NEVER, 0_u64..3];
        let server = prop_oneof![0_u64..3, 0_u64..1 << 48];
        (server, released, any::<u32>()).prop_map(|(server, released, stream)| Held {
            server,
            released,
            stream,
        })
    }

    proptest! {
        #[test]
        fn a_packed_one_is_the_same_and_has_its_place(a in held(), b in held()) {
            prop_assert_eq!(Held::unpacked(a.packed()), a);
            prop_assert_eq!(a.packed().cmp(&b.packed()), a.cmp(&b));
        }
    }
}
