//! All streams of a capture: finds each segment's stream, numbers new ones like `tcp.stream`,
//! and answers with the verdict.

use super::explanation::Explanation;
use super::flow_key::{FlowKey, HashSecret, Side};
use super::flow_map::{FlowMap, Found};
use super::observe::{Place, known_rtt, observe_and_explain_in, observe_in};
use super::stream::{Client, PackedKey, Stream};
use super::unacked::UnackedPool;
use super::{Direction, Endpoint, Segment, SegmentAnalysis, StreamId};
use crate::time::{TimeDelta, Timestamp};

/// The streams of one capture. Memory: about 250 bytes per stream, and at most 96 MiB for
/// segments that wait for their ACK.
#[derive(Debug)]
pub struct StreamTable {
    streams: Vec<Stream>,
    map: FlowMap,
    secret: HashSecret,
    /// IPv6 pairs, lower endpoint first; the keys of IPv4 streams stand in the streams.
    wide_keys: Vec<(Endpoint, Endpoint)>,
    unacked: UnackedPool,
}

/// What is known of a stream so far, or, after the last frame, finally.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StreamView {
    /// Its number.
    pub id: StreamId,
    /// The sender of the first SYN, else of the first segment.
    pub client: Endpoint,
    /// The other endpoint.
    pub server: Endpoint,
    /// False when the client was only assumed, because neither SYN nor SYN-ACK was seen.
    pub is_client_seen: bool,
    /// What it has shown. Wireshark: `tcp.completeness`, as in its window and with `-2`.
    pub completeness: u8,
    /// RTT of the handshake.
    pub initial_rtt: Option<TimeDelta>,
    /// When its first segment came.
    pub first: Timestamp,
    /// When its latest segment came.
    pub latest: Timestamp,
}

impl Default for StreamTable {
    fn default() -> Self {
        Self::new()
    }
}

impl StreamTable {
    /// Without streams.
    pub fn new() -> Self {
        Self {
            streams: Vec::new(),
            map: FlowMap::new(),
            secret: HashSecret::random(),
            wide_keys: Vec::new(),
            unacked: UnackedPool::new(),
        }
    }

    /// Judges the next segment of the capture. Not inlined, so that a profile shows its cost.
    #[inline(never)]
    pub fn observe(&mut self, segment: &Segment) -> SegmentAnalysis {
        let place = self.place(segment);
        match self.streams.get_mut(place.id.0 as usize) {
            Some(stream) => observe_in(stream, &mut self.unacked, &place, segment),
            None => unplaced(&place),
        }
    }

    /// The same, and everything that decided about it.
    pub fn observe_and_explain(&mut self, segment: &Segment) -> (SegmentAnalysis, Explanation) {
        let mut why = Explanation::new();
        let place = self.place(segment);
        let analysis = match self.streams.get_mut(place.id.0 as usize) {
            Some(stream) => {
                observe_and_explain_in(stream, &mut self.unacked, &place, segment, &mut why)
            }
            None => unplaced(&place),
        };
        (analysis, why)
    }

    /// Takes note of a segment that an ICMP error quotes: it takes a stream number and counts
    /// for completeness, clock and window scale, but has no length and so no verdicts.
    pub fn observe_quoted(&mut self, segment: &Segment) -> StreamId {
        debug_assert!(!segment.is_length_known, "a quoted segment has no known length");
        self.observe(segment).stream
    }

    /// Number of streams so far.
    pub fn len(&self) -> usize {
        self.streams.len()
    }

    /// True before the first stream.
    pub fn is_empty(&self) -> bool {
        self.streams.is_empty()
    }

    /// A stream by its number.
    pub fn stream(&self, id: StreamId) -> Option<StreamView> {
        let stream = self.streams.get(id.0 as usize)?;
        let (low, high) = self.unpack(stream.key)?.endpoints();
        let (client, server) = match stream.client.side() {
            Side::Low => (low, high),
            Side::High => (high, low),
        };
        Some(StreamView {
            id,
            client,
            server,
            is_client_seen: matches!(stream.client, Client::Seen(_)),
            completeness: stream.completeness,
            initial_rtt: known_rtt(stream),
            first: Timestamp::from_nanos(stream.first_time),
            latest: Timestamp::from_nanos(stream.latest_time),
        })
    }

    /// Segments that wait for their ACK in all streams, and places that waited.
    #[cfg(test)]
    pub(super) fn unacked_capacity_used(&self) -> usize {
        self.unacked.capacity_used()
    }

    /// Finds the stream of a segment or opens one. A bare SYN with another ISN than the one
    /// that its half-stream began with opens a new stream on the same endpoints.
    fn place(&mut self, segment: &Segment) -> Place {
        let (key, sender) = FlowKey::of(segment.source, segment.destination);
        let hash = self.secret.hash(&key);
        let found = self.map.find(hash, |id| self.is_key_of(id, &key));
        let Found::Stream(id) = found else {
            let id = self.open(key, hash, sender, segment);
            return Place { id, sender, is_new: true, older_base: None };
        };
        if let Some(older_base) = self.other_base(id, sender, segment) {
            let id = self.open(key, hash, sender, segment);
            return Place { id, sender, is_new: true, older_base: Some(older_base) };
        }
        Place { id, sender, is_new: false, older_base: None }
    }

    /// What the sender's half began with, when a bare SYN begins with something else.
    fn other_base(&self, id: StreamId, sender: Side, segment: &Segment) -> Option<u32> {
        if !segment.is_bare_syn() {
            return None;
        }
        let base = self.streams.get(id.0 as usize).and_then(|s| s.halves(sender).0.known_base());
        base.filter(|base| *base != segment.seq_raw.0)
    }

    fn open(&mut self, key: FlowKey, hash: u64, sender: Side, segment: &Segment) -> StreamId {
        if self.map.is_full() {
            let Self { map, streams, secret, wide_keys, .. } = self;
            map.grow(|id| {
                let key = streams.get(id.0 as usize).and_then(|s| unpack(s.key, wide_keys));
                key.map_or(0, |key| secret.hash(&key))
            });
        }
        let id = StreamId(u32::try_from(self.streams.len()).unwrap_or(u32::MAX - 1));
        let packed = self.pack(key);
        self.streams.push(Stream::new(packed, sender, segment));
        let Self { map, streams, wide_keys, .. } = self;
        map.point(hash, id, |other| {
            streams.get(other.0 as usize).and_then(|s| unpack(s.key, wide_keys)) == Some(key)
        });
        id
    }

    fn is_key_of(&self, id: StreamId, key: &FlowKey) -> bool {
        let Some(stream) = self.streams.get(id.0 as usize) else { return false };
        match *key {
            FlowKey::V4 { low, high } => stream.key == PackedKey(low, high),
            FlowKey::V6 { .. } => self.unpack(stream.key) == Some(*key),
        }
    }

    fn pack(&mut self, key: FlowKey) -> PackedKey {
        match key {
            FlowKey::V4 { low, high } => PackedKey(low, high),
            FlowKey::V6 { low, high } => {
                self.wide_keys.push((low, high));
                PackedKey(PackedKey::V6, self.wide_keys.len() as u64 - 1)
            }
        }
    }

    fn unpack(&self, key: PackedKey) -> Option<FlowKey> {
        unpack(key, &self.wide_keys)
    }
}

/// The answer to a segment that could not be placed, which does not happen.
#[cold]
fn unplaced(place: &Place) -> SegmentAnalysis {
    debug_assert!(false, "a segment is placed in a stream that exists");
    SegmentAnalysis::blank(place.id, Direction::FromClient)
}

fn unpack(key: PackedKey, wide_keys: &[(Endpoint, Endpoint)]) -> Option<FlowKey> {
    if key.0 != PackedKey::V6 {
        return Some(FlowKey::V4 { low: key.0, high: key.1 });
    }
    wide_keys.get(key.1 as usize).map(|&(low, high)| FlowKey::V6 { low, high })
}
