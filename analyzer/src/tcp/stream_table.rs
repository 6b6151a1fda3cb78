//! All streams of a capture: finds each segment's stream, numbers new ones like `tcp.stream`,
//! and answers with the verdict.

use super::analysis::update::frame_index;
use super::explanation::Explanation;
use super::flow_key::{Flow, FlowHasher, PackedKey, Side, WideKey};
use super::flow_map::FlowMap;
use super::observe::{Place, known_rtt, observe_and_explain_in, observe_in};
use super::plain::{self, Came, Plain};
use super::stream::{Stream, Touched};
use super::unacked::UnackedPool;
use super::{Brief, Direction, Endpoint, Segment, SegmentAnalysis, StreamId};
use crate::chunked::Chunked;
use crate::frame::FrameNumber;
use crate::time::{TimeDelta, Timestamp};

/// The streams of one capture. Memory: 192 bytes per stream and 16 to 32 for its place in the
/// map, 40 more with IPv6, and at most 96 MiB for segments that wait for their ACK.
#[derive(Debug)]
pub struct StreamTable {
    streams: Chunked<Stream>,
    map: FlowMap,
    hasher: FlowHasher,
    /// The keys of IPv6 streams; those of IPv4 streams stand in the streams.
    wide_keys: Vec<WideKey>,
    unacked: UnackedPool,
    /// See [`Self::replaced`].
    replaced: u32,
}

/// Which stream a flow's next segment belongs to, before the segment was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Guess(u32);

impl Guess {
    /// No stream is known: that is found out when the segment is judged.
    pub const NONE: Self = Self(u32::MAX);

    /// The stream.
    #[inline]
    pub fn stream(self) -> Option<StreamId> {
        (self != Self::NONE).then_some(StreamId(self.0))
    }
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
            streams: Chunked::new(),
            map: FlowMap::new(),
            hasher: FlowHasher::random(),
            wide_keys: Vec::new(),
            unacked: UnackedPool::new(),
            replaced: 0,
        }
    }

    /// Judges the next segment of the capture.
    #[inline]
    pub fn observe(&mut self, segment: &Segment) -> SegmentAnalysis {
        let mut analysis = SegmentAnalysis::blank(StreamId(0), Direction::FromClient);
        self.observe_in_flow(&self.hasher.flow(segment), segment, &mut analysis);
        analysis
    }

    /// The same when the segment's flow, by [`Self::hasher`], is known already; the verdict is
    /// written where it shall stand.
    #[inline]
    pub fn observe_in_flow(
        &mut self,
        flow: &Flow,
        segment: &Segment,
        analysis: &mut SegmentAnalysis,
    ) {
        self.observe_guessed(self.guess(flow), flow, segment, analysis);
    }

    /// The same when the flow was looked up already, and [`Self::replaced`] has not changed
    /// since. Not inlined, so that a profile shows its cost.
    #[inline(never)]
    pub fn observe_guessed(
        &mut self,
        guess: Guess,
        flow: &Flow,
        segment: &Segment,
        analysis: &mut SegmentAnalysis,
    ) {
        let place = self.place(guess, flow, segment);
        if let Some(stream) = self.streams.get_mut(place.id.0 as usize) {
            observe_in(stream, &mut self.unacked, &place, segment, analysis);
        }
    }

    /// Takes in a segment that came in that frame and at that time in nanoseconds, if it is plain,
    /// for whoever does not ask for its analysis. Else does nothing: it goes the way of all
    /// segments.
    #[inline(always)]
    pub(crate) fn take_plain(
        &mut self,
        guess: Guess,
        flow: &Flow,
        brief: &Brief,
        (number, time): (FrameNumber, i64),
    ) -> Option<Plain> {
        let stream = self.streams.get_mut(guess.0 as usize)?;
        if stream.key != flow.key {
            return None;
        }
        let came = Came { time, frame: frame_index(number) };
        plain::take((stream, StreamId(guess.0)), &mut self.unacked, flow, brief, came)
    }

    /// The same, and everything that decided about it.
    pub fn observe_and_explain(&mut self, segment: &Segment) -> (SegmentAnalysis, Explanation) {
        let mut why = Explanation::new();
        let mut analysis = SegmentAnalysis::blank(StreamId(0), Direction::FromClient);
        let flow = self.hasher.flow(segment);
        let place = self.place(self.guess(&flow), &flow, segment);
        if let Some(stream) = self.streams.get_mut(place.id.0 as usize) {
            let unacked = &mut self.unacked;
            observe_and_explain_in(stream, unacked, &place, segment, &mut analysis, &mut why);
        }
        (analysis, why)
    }

    /// What makes the flows for [`Self::observe_in_flow`] and [`Self::touch`].
    pub fn hasher(&self) -> FlowHasher {
        self.hasher
    }

    /// Looks a flow up: the stream that its next segment belongs to, as far as can be told
    /// without the segment. Right as long as [`Self::replaced`] does not change.
    #[inline]
    pub fn guess(&self, flow: &Flow) -> Guess {
        self.map.first(flow.hash).map_or(Guess::NONE, |id| Guess(id.0))
    }

    /// How many streams made way for a later one on the same endpoints.
    #[inline]
    pub fn replaced(&self) -> u32 {
        self.replaced
    }

    /// Reads where [`Self::guess`] is going to look first, and changes nothing. Beyond the cache,
    /// waiting for memory is most of the time; when many frames' places are touched first, those
    /// waits overlap. Answers a number without meaning: hand it to [`std::hint::black_box`], so
    /// that the reads are not optimised away.
    #[inline]
    pub fn touch_place(&self, flow: &Flow) -> u64 {
        self.map.touch(flow.hash)
    }

    /// The same for what [`Self::observe_guessed`] is going to need of a stream; hand what was
    /// read to [`Self::touch_waiting`].
    #[inline]
    pub fn touch(&self, stream: StreamId) -> Touched {
        self.streams.get(stream.0 as usize).map_or(Touched::default(), Stream::touch)
    }

    /// The same for the segments that wait for their ACK in a stream that was touched before.
    #[inline]
    pub fn touch_waiting(&self, touched: &Touched) -> u64 {
        let [low, high] = touched.waiting;
        self.unacked.touch(low) ^ self.unacked.touch(high) ^ u64::from(touched.other)
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
        self.streams.len() == 0
    }

    /// A stream by its number.
    pub fn stream(&self, id: StreamId) -> Option<StreamView> {
        let stream = self.streams.get(id.0 as usize)?;
        let WideKey(low, high) = unpack(stream.key, &self.wide_keys)?;
        let (client, server) = match stream.client {
            Side::Low => (low, high),
            Side::High => (high, low),
        };
        Some(StreamView {
            id,
            client,
            server,
            is_client_seen: stream.is_client_seen,
            completeness: stream.completeness,
            initial_rtt: known_rtt(stream),
            first: Timestamp::from_nanos(stream.first_time),
            latest: Timestamp::from_nanos(stream.latest_time),
        })
    }

    /// What a stream has left behind.
    #[cfg(test)]
    pub(super) fn remembered(&self, id: StreamId) -> String {
        let stream = self.streams.get(id.0 as usize).expect("a stream");
        let waiting = [stream.low.unacked, stream.high.unacked];
        let waiting = waiting.map(|list| self.unacked.sent(list));
        format!("{stream:?} {waiting:?}")
    }

    /// Segments that wait for their ACK in all streams, and places that waited.
    #[cfg(test)]
    pub(super) fn unacked_capacity_used(&self) -> usize {
        self.unacked.capacity_used()
    }

    /// Finds the stream of a segment or opens one. A bare SYN with another ISN than the one
    /// that its half-stream began with opens a new stream on the same endpoints.
    fn place(&mut self, guess: Guess, flow: &Flow, segment: &Segment) -> Place {
        let sender = flow.sender;
        let Some((id, stream)) = self.find(guess, flow, segment) else {
            let id = self.open(flow, segment);
            self.map.insert(flow.hash, id);
            return Place { id, sender, is_new: true, older_base: None };
        };
        let base = stream.halves(sender).0.known_base();
        let older_base = base.filter(|base| segment.is_bare_syn() && *base != segment.seq_raw.0);
        if older_base.is_none() {
            return Place { id, sender, is_new: false, older_base };
        }
        let new = self.open(flow, segment);
        self.map.replace(flow.hash, id, new);
        self.replaced = self.replaced.wrapping_add(1);
        Place { id: new, sender, is_new: true, older_base }
    }

    /// As a rule the guess is right.
    fn find(&self, guess: Guess, flow: &Flow, segment: &Segment) -> Option<(StreamId, &Stream)> {
        let is_its = |stream: &Stream| {
            stream.key == flow.key || is_wide_stream_of(stream, segment, &self.wide_keys)
        };
        let guessed = self.streams.get(guess.0 as usize).filter(|stream| is_its(stream));
        guessed.map(|stream| (StreamId(guess.0), stream)).or_else(|| {
            let with_hash = self.map.with_hash(flow.hash);
            let mut streams =
                with_hash.filter_map(|id| Some((id, self.streams.get(id.0 as usize)?)));
            streams.find(|(_, stream)| is_its(stream))
        })
    }

    fn open(&mut self, flow: &Flow, segment: &Segment) -> StreamId {
        let id = StreamId(u32::try_from(self.streams.len()).unwrap_or(u32::MAX - 1));
        let mut key = flow.key;
        if key == PackedKey::UNKNOWN {
            key = PackedKey(PackedKey::V6, self.wide_keys.len() as u64);
            self.wide_keys.push(WideKey::of(segment));
        }
        self.streams.push(Stream::new(key, flow.sender, segment));
        id
    }
}

#[inline(never)]
fn is_wide_stream_of(stream: &Stream, segment: &Segment, wide_keys: &[WideKey]) -> bool {
    let PackedKey(kind, index) = stream.key;
    kind == PackedKey::V6 && wide_keys.get(index as usize) == Some(&WideKey::of(segment))
}

/// A stream's endpoints, lower one first.
fn unpack(key: PackedKey, wide_keys: &[WideKey]) -> Option<WideKey> {
    if key.0 == PackedKey::V6 {
        return wide_keys.get(key.1 as usize).copied();
    }
    Some(WideKey(Endpoint::from_packed(key.0), Endpoint::from_packed(key.1)))
}
