//! The compact records of all streams, and what only their comparison shows.

use std::net::IpAddr;

use super::concurrency::{self, Outcome};
use super::connect;
use super::mark::At;
use super::model::{Connection, PortReuse, Waiting};
use super::store::Store;
use super::view::View;
use super::waiting;
use crate::tcp::{Direction, Endpoint};
use crate::time::Timestamp;

/// All records of a capture, ready to be told one at a time.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Ledger {
    store: Store,
    /// Streams that are told.
    count: u64,
    capture_start: Timestamp,
    /// The last frame of any stream.
    capture_end: At,
    /// Streams and the one before on the same endpoints, by stream number.
    previous: Vec<(u32, u32)>,
    /// Streams and the one whose handshake shows who their server is, by stream number.
    witnesses: Vec<(u32, u32)>,
    /// Streams and the one behind which they waited, by stream number.
    waiting: Vec<(u32, u32)>,
    /// When streams opened, and when they closed, each in order.
    starts: Vec<u64>,
    ends: Vec<u64>,
}

/// What other records say about one.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Beside {
    /// Connections that were open meanwhile.
    pub(super) partners: u64,
    pub(super) previous: Option<PortReuse>,
    pub(super) waiting: Option<Waiting>,
    /// The stream whose handshake shows who the server is.
    pub(super) role_witness: Option<u32>,
}

impl Ledger {
    /// Compares the records: roles, port reuse, and the overlaps into the outcome.
    pub(super) fn new(mut store: Store, capture_start: Timestamp) -> (Self, Outcome) {
        let Survey { count, capture_end, has_unknown_roles, pairs } = Survey::of(&store);
        let witnesses = if has_unknown_roles { settle_roles(&mut store) } else { Vec::new() };
        let previous = find_port_reuse(&store, &pairs);
        let mut outcome = concurrency::analyse(&store, capture_start, capture_end);
        let waiting = std::mem::take(&mut outcome.waiting);
        let (starts, ends) =
            (std::mem::take(&mut outcome.starts), std::mem::take(&mut outcome.ends));
        let ledger = Self {
            store,
            count,
            capture_start,
            capture_end,
            previous,
            witnesses,
            waiting,
            starts,
            ends,
        };
        (ledger, outcome)
    }

    /// True without a stream.
    pub(crate) fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Number of streams.
    pub(super) fn len(&self) -> u64 {
        self.count
    }

    /// All streams that are told, by stream number.
    pub(super) fn told(&self) -> impl Iterator<Item = View<'_>> {
        self.store.told()
    }

    /// Every connection, without segment rows.
    pub(crate) fn connections(&self) -> impl Iterator<Item = Connection> + '_ {
        self.told().map(|view| self.connection(&view))
    }

    /// One of them.
    pub(super) fn connection_of(&self, stream: u32) -> Option<Connection> {
        Some(self.connection(&self.store.view(stream)?))
    }

    /// One stream.
    pub(super) fn view(&self, stream: u32) -> Option<View<'_>> {
        self.store.view(stream)
    }

    /// The time from which moments count.
    pub(super) fn capture_start(&self) -> Timestamp {
        self.capture_start
    }

    fn connection(&self, view: &View<'_>) -> Connection {
        connect::connection(view, &self.beside(view), self.capture_start)
    }

    fn beside(&self, view: &View<'_>) -> Beside {
        let other = |pairs: &[(u32, u32)]| {
            let found = pairs.binary_search_by_key(&view.stream, |(stream, _)| *stream).ok();
            found.and_then(|index| pairs.get(index)).map(|(_, other)| *other)
        };
        let previous = other(&self.previous).and_then(|stream| {
            let (_, last) = self.store.view(stream)?.ends();
            Some(PortReuse { previous_stream: stream, previous_last_frame: last.frame })
        });
        let behind = other(&self.waiting).and_then(|stream| self.store.view(stream));
        Beside {
            partners: self.partners(view),
            previous,
            waiting: behind.and_then(|behind| waiting::told(view, &behind, self.capture_start)),
            role_witness: other(&self.witnesses),
        }
    }

    /// How many other connections were open while this one was.
    fn partners(&self, view: &View<'_>) -> u64 {
        let Some(span) = connect::span(view, self.capture_end) else { return 0 };
        if span.open_from() >= span.closed_from {
            return 0;
        }
        let began = self.starts.partition_point(|start| *start < span.closed_from);
        let ended = self.ends.partition_point(|end| *end <= span.open_from());
        (began.saturating_sub(ended) as u64).saturating_sub(1)
    }
}

/// What one look at all records shows: they are many, and each look is at memory far away.
struct Survey {
    /// Streams that are told.
    count: u64,
    /// The last frame of those.
    capture_end: At,
    /// True when no handshake shows the roles of some.
    has_unknown_roles: bool,
    /// Which pairs of endpoints may have several.
    pairs: PairMarks,
}

impl Survey {
    fn of(store: &Store) -> Self {
        let mut survey = Self {
            count: 0,
            capture_end: At::default(),
            has_unknown_roles: false,
            pairs: PairMarks::new(store.len()),
        };
        for view in store.views() {
            survey.has_unknown_roles |= !view.is_role_known();
            survey.pairs.add(pair_of(&view));
            if view.is_told() {
                survey.count += 1;
                let (_, last) = view.ends();
                if last.frame >= survey.capture_end.frame {
                    survey.capture_end = last;
                }
            }
        }
        survey
    }
}

/// Where no handshake shows the roles, another connection may: an endpoint that answered a
/// SYN with a SYN-ACK is a server. Answers who showed it for whom.
fn settle_roles(store: &mut Store) -> Vec<(u32, u32)> {
    let unknown = |view: &View<'_>| !view.is_role_known();
    let answered = store.views().filter(|view| view.turns.syn_ack.is_set());
    let mut servers: Vec<(Endpoint, u32)> =
        answered.map(|view| (view.endpoint(Direction::FromServer), view.stream)).collect();
    servers.sort_unstable();
    servers.dedup_by_key(|(server, _)| *server);
    let witness = |end: Endpoint| {
        let index = servers.binary_search_by_key(&end, |(server, _)| *server).ok()?;
        servers.get(index).map(|(_, stream)| *stream)
    };
    let (mut witnesses, mut swapped) = (Vec::new(), Vec::new());
    for view in store.views().filter(unknown) {
        let as_is = witness(view.endpoint(Direction::FromServer));
        let turned = witness(view.endpoint(Direction::FromClient));
        witnesses.extend(as_is.or(turned).map(|witness| (view.stream, witness)));
        if as_is.is_none() && turned.is_some() {
            swapped.push(view.stream);
        }
    }
    for stream in swapped {
        store.swap_sides(stream);
    }
    witnesses
}

/// Streams and the one before on the same endpoints, in the order of stream numbers.
fn find_port_reuse(store: &Store, marks: &PairMarks) -> Vec<(u32, u32)> {
    let mut narrow: Vec<u128> = Vec::new();
    let mut wide: Vec<((Endpoint, Endpoint), u32)> = Vec::new();
    // Most pairs of endpoints have one stream: only those that may not are sorted.
    for view in store.views() {
        match pair_of(&view) {
            pair if !marks.may_be_shared(pair) => {}
            // The stream's number below the pair's 96 bits: one plain sort finds all.
            Pair::Narrow(pair) => narrow.push(pair << 32 | u128::from(view.stream)),
            Pair::Wide(a, b) => wide.push(((a, b), view.stream)),
        }
    }
    narrow.sort_unstable();
    wide.sort_unstable();
    let narrow = narrow.windows(2).filter_map(|pair| match pair {
        [first, second] if first >> 32 == second >> 32 => Some((*second as u32, *first as u32)),
        _ => None,
    });
    let wide = wide.windows(2).filter_map(|pair| match pair {
        [(first, before), (second, after)] if first == second => Some((*after, *before)),
        _ => None,
    });
    let mut previous: Vec<(u32, u32)> = narrow.chain(wide).collect();
    previous.sort_unstable();
    previous
}

/// Two endpoints, the lower one first.
#[derive(Debug, Clone, Copy)]
enum Pair {
    /// IPv4, as 96 bits.
    Narrow(u128),
    Wide(Endpoint, Endpoint),
}

fn pair_of(view: &View<'_>) -> Pair {
    let [a, b] = [Direction::FromClient, Direction::FromServer].map(|end| view.endpoint(end));
    match (packed(a), packed(b)) {
        (Some(a), Some(b)) => Pair::Narrow(a.min(b) << 48 | a.max(b)),
        _ => Pair::Wide(a.min(b), a.max(b)),
    }
}

/// Which IPv4 pairs may have more than one stream: a bit per hash for "seen" and one for "seen
/// again". Pairs that share a hash are only compared in vain.
struct PairMarks {
    seen: Vec<u64>,
    again: Vec<u64>,
}

impl PairMarks {
    /// For so many streams.
    fn new(streams: usize) -> Self {
        let words = (streams / 8).next_power_of_two();
        Self { seen: vec![0; words], again: vec![0; words] }
    }

    fn add(&mut self, pair: Pair) {
        let Pair::Narrow(pair) = pair else { return };
        let (word, bit) = self.place(pair);
        let (Some(seen), Some(again)) = (self.seen.get_mut(word), self.again.get_mut(word)) else {
            return;
        };
        *again |= *seen & bit;
        *seen |= bit;
    }

    /// Always true for IPv6.
    fn may_be_shared(&self, pair: Pair) -> bool {
        let Pair::Narrow(pair) = pair else { return true };
        let (word, bit) = self.place(pair);
        self.again.get(word).is_none_or(|again| again & bit != 0)
    }

    fn place(&self, pair: u128) -> (usize, u64) {
        const MIX: u64 = 0x9e37_79b9_7f4a_7c15;
        let mixed = ((pair >> 48) as u64).wrapping_mul(MIX).rotate_left(29) ^ pair as u64;
        let hash = mixed.wrapping_mul(MIX) >> 16;
        (hash as usize >> 6 & (self.seen.len() - 1), 1 << (hash & 63))
    }
}

/// An IPv4 endpoint as 48 bits.
fn packed(end: Endpoint) -> Option<u128> {
    match end.address() {
        IpAddr::V4(address) => Some(u128::from(address.to_bits()) << 16 | u128::from(end.port())),
        IpAddr::V6(_) => None,
    }
}
