//! All streams of a capture: finds each segment's stream, numbers new ones like `tcp.stream`,
//! and answers with the verdict.

use super::analysis::ack::Jump;
use super::analysis::update::{self, Effect};
use super::analysis::{self, Before, Verdict};
use super::flow_key::{FlowKey, HashSecret, Side};
use super::flow_map::{FlowMap, Found};
use super::half_stream::HalfStream;
use super::stream::{Client, PackedKey, Stream};
use super::unacked::UnackedPool;
use super::{
    AnalysisFlags, Direction, Endpoint, Segment, SegmentAnalysis, StreamId, completeness,
    fast_open, relative, round_trip, window_scale,
};
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

/// Where a segment belongs.
struct Place {
    id: StreamId,
    sender: Side,
    is_new: bool,
    is_reused: bool,
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

    /// Judges the next segment of the capture.
    pub fn observe(&mut self, segment: &Segment) -> SegmentAnalysis {
        let place = self.place(segment);
        let Self { streams, unacked, .. } = self;
        let Some(stream) = streams.get_mut(place.id.0 as usize) else {
            debug_assert!(false, "a segment is placed in a stream that exists");
            return SegmentAnalysis::unplaced();
        };
        observe_in(stream, unacked, &place, segment)
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
            return Place { id, sender, is_new: true, is_reused: false };
        };
        if segment.is_bare_syn() && self.has_other_base(id, sender, segment) {
            let id = self.open(key, hash, sender, segment);
            return Place { id, sender, is_new: true, is_reused: true };
        }
        Place { id, sender, is_new: false, is_reused: false }
    }

    fn has_other_base(&self, id: StreamId, sender: Side, segment: &Segment) -> bool {
        let base = self.streams.get(id.0 as usize).and_then(|s| s.halves(sender).0.known_base());
        base.is_some_and(|base| base != segment.seq_raw.0)
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

fn unpack(key: PackedKey, wide_keys: &[(Endpoint, Endpoint)]) -> Option<FlowKey> {
    if key.0 != PackedKey::V6 {
        return Some(FlowKey::V4 { low: key.0, high: key.1 });
    }
    wide_keys.get(key.1 as usize).map(|&(low, high)| FlowKey::V6 { low, high })
}

fn known_rtt(stream: &Stream) -> Option<TimeDelta> {
    (stream.initial_rtt != 0).then_some(TimeDelta::from_nanos(stream.initial_rtt))
}

/// The verdict on a segment within its stream, in Wireshark's order of steps.
fn observe_in(
    stream: &mut Stream,
    unacked: &mut UnackedPool,
    place: &Place,
    segment: &Segment,
) -> SegmentAnalysis {
    let now = segment.timestamp.as_nanos();
    let stream_time = TimeDelta::from_nanos(now.wrapping_sub(stream.first_time));
    let stream_delta = TimeDelta::from_nanos(now.wrapping_sub(stream.latest_time));
    stream.latest_time = now;
    stream.learn_client(place.sender, segment);
    let mut flags = AnalysisFlags::empty();
    flags.set(AnalysisFlags::REUSED_PORTS, place.is_reused || renews_base(stream, place, segment));

    if place.is_new {
        stream.completeness = completeness::before_first(place.is_reused);
    }
    let completeness = stream.completeness;
    stream.completeness = match place.is_new {
        true => completeness::after_first(segment, place.is_reused),
        false => completeness::after(completeness, segment),
    };
    let (sender, receiver) = stream.halves_mut(place.sender);
    restart_on_repeated_syn(sender, place, segment);
    relative::learn_bases(sender, receiver, segment);
    sender.sacked_bytes = 0;
    let seq_rel = relative::seq(sender, segment);
    let ack_rel = relative::ack(receiver, segment);
    let window_scaled = window_scale::scaled(sender, segment);
    let window_factor = window_scale::factor(sender, segment);

    let (mut verdict, mut effect) = analyse(stream, unacked, place.sender, segment);
    round_trip::learn_initial_rtt(stream, segment);
    let initial_rtt = known_rtt(stream);

    if !segment.is_header_whole {
        flags = AnalysisFlags::empty();
        (verdict, effect) = (Verdict::default(), Effect::default());
    }
    let (sender, receiver) = stream.halves_mut(place.sender);
    flags |= fast_open::judge(receiver, segment, ack_rel) | verdict.flags;
    fast_open::learn(sender, segment, flags);
    sender.sacked_bytes = segment.options.sacked_bytes();
    window_scale::learn(sender, receiver, segment);

    let has_record = !(flags - AnalysisFlags::TFO_ACK).is_empty()
        || verdict.ack_jump != Jump::None
        || effect.acknowledged.is_some()
        || effect.flight.is_some();
    let flight = effect.flight.filter(|flight| flight.bytes > 0);
    SegmentAnalysis {
        stream: place.id,
        direction: stream.direction(place.sender),
        seq_rel,
        ack_rel,
        next_seq: relative::next_seq(seq_rel, segment),
        window_scaled,
        window_factor,
        flags,
        completeness,
        duplicate_ack: verdict.duplicate_ack,
        rto: verdict.rto,
        acks_frame: effect.acknowledged.map(|(frame, _)| frame),
        ack_rtt: effect.acknowledged.and_then(|(_, round_trip)| round_trip),
        initial_rtt: initial_rtt.filter(|_| has_record),
        bytes_in_flight: flight.map(|flight| flight.bytes),
        push_bytes_sent: flight.map(|flight| flight.pushed),
        stream_time,
        stream_delta,
    }
}

/// A SYN-ACK with another ISN than its half-stream began with: flagged, and the new base.
fn renews_base(stream: &mut Stream, place: &Place, segment: &Segment) -> bool {
    let (sender, _) = stream.halves_mut(place.sender);
    let renews =
        segment.is_syn_ack() && sender.known_base().is_some_and(|base| base != segment.seq_raw.0);
    if renews {
        sender.set_base(segment.seq_raw.0);
    }
    renews
}

/// A bare SYN with the ISN that its half-stream began with takes `next` back to where the data
/// without a hole ends: what a stray RST or ACK raised it to is forgotten.
fn restart_on_repeated_syn(sender: &mut HalfStream, place: &Place, segment: &Segment) {
    if !place.is_new && segment.is_bare_syn() && sender.known_base() == Some(segment.seq_raw.0) {
        sender.next = sender.max_ack;
    }
}

/// Judges the segment on the state before it and writes the state after it; does neither
/// when its length is unknown.
fn analyse(
    stream: &mut Stream,
    unacked: &mut UnackedPool,
    sender: Side,
    segment: &Segment,
) -> (Verdict, Effect) {
    if !segment.is_length_known {
        return (Verdict::default(), Effect::default());
    }
    let initial_rtt = stream.initial_rtt;
    let (from, to) = stream.halves(sender);
    let before = Before { segment, sender: from, receiver: to, initial_rtt };
    let verdict = analysis::judge(&before, unacked);
    let (from, to) = stream.halves_mut(sender);
    let effect = update::apply(from, to, segment, &verdict, unacked);
    (verdict, effect)
}

impl SegmentAnalysis {
    /// The answer to a segment that could not be placed, which does not happen.
    fn unplaced() -> Self {
        Self {
            stream: StreamId(0),
            direction: Direction::FromClient,
            seq_rel: 0,
            ack_rel: 0,
            next_seq: None,
            window_scaled: 0,
            window_factor: None,
            flags: AnalysisFlags::empty(),
            completeness: 0,
            duplicate_ack: None,
            rto: None,
            acks_frame: None,
            ack_rtt: None,
            initial_rtt: None,
            bytes_in_flight: None,
            push_bytes_sent: None,
            stream_time: TimeDelta::default(),
            stream_delta: TimeDelta::default(),
        }
    }
}
