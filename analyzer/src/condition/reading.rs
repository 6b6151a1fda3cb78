//! One pass over a capture that answers everything that conditions ask of it: the summary, the
//! frames of every display filter, and the bytes of half-streams where somebody wants them.

use std::collections::{BTreeSet, HashMap};
use std::ops::ControlFlow;

use sha2::{Digest, Sha256};

use crate::engine::Observer;
use crate::facts::{FrameFacts, TcpFacts};
use crate::filter::Filter;
use crate::summary::{Collector, Options};
use crate::tcp::reassembly::{Piece, Reassembly, WAITING_LIMIT};
use crate::tcp::{Direction, Endpoint, StreamId, TcpFlags};

/// Connections that conditions see one by one.
pub const MOST_CONNECTIONS: usize = 10_000;
/// Segment rows of each.
const SEGMENTS: usize = 200;
/// Frame numbers that are kept for one filter; all are counted.
pub const MOST_FRAMES: usize = 1_000_000;
/// Payload bytes that are kept, all half-streams together.
pub const MOST_BYTES: usize = 64 << 20;
/// Streams whose segments may wait behind a hole as long as they like.
const PATIENT_STREAMS: usize = 64;
/// Bytes that may wait behind a hole in the streams after those.
const IMPATIENT: usize = 64 << 10;

/// What is asked of a capture.
#[derive(Debug, Clone, Default)]
pub struct Questions {
    /// Display filters, as written.
    pub filters: BTreeSet<String>,
    /// Whether the bytes of half-streams are kept.
    pub wants_bytes: bool,
    /// Whether the SHA-256 of half-streams is worked out.
    pub wants_digests: bool,
}

/// The frames that a filter selects.
#[derive(Debug, Clone, Default)]
pub struct Selected {
    /// The first [`MOST_FRAMES`] numbers.
    pub frames: Vec<u64>,
    /// How many there are.
    pub total: u64,
}

/// What one side sent.
#[derive(Debug, Clone, Default)]
pub struct HalfStream {
    /// The bytes in order, unless they were too many.
    pub bytes: Option<Vec<u8>>,
    /// How many there are.
    pub length: u64,
    /// Bytes among them that are not in the capture.
    pub missing: u64,
    /// The SHA-256 of those that are.
    pub digest: Sha256,
}

/// The half-streams of a capture: by stream number and by who sends.
pub type HalfStreams = HashMap<(u32, Sender), HalfStream>;

/// Who sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Sender {
    /// The client.
    Client,
    /// The server.
    Server,
}

/// Watches a capture.
pub struct Reading {
    /// The summary in the making.
    pub collector: Collector,
    filters: Vec<(String, Filter, Selected)>,
    halves: Option<Halves>,
}

/// Half-streams in the making.
struct Halves {
    streams: HashMap<StreamId, Vec<Half>>,
    wants_bytes: bool,
    wants_digests: bool,
    /// Bytes that may still be kept.
    room: usize,
}

struct Half {
    sender: Endpoint,
    direction: Direction,
    order: Reassembly,
    content: HalfStream,
}

impl Reading {
    /// Before the first frame. The filters must have been checked: one that cannot be read
    /// selects nothing.
    pub fn new(questions: &Questions, numbers_interfaces: bool) -> Self {
        let options = Options { top: MOST_CONNECTIONS, segments: SEGMENTS, ..Options::default() };
        let filters = questions.filters.iter().filter_map(|text| {
            let filter = Filter::parse(text).ok()?;
            let filter = if numbers_interfaces { filter } else { filter.without_interfaces() };
            Some((text.clone(), filter, Selected::default()))
        });
        let wants_any = questions.wants_bytes || questions.wants_digests;
        let halves = wants_any.then(|| Halves {
            streams: HashMap::new(),
            wants_bytes: questions.wants_bytes,
            wants_digests: questions.wants_digests,
            room: MOST_BYTES,
        });
        Self { collector: Collector::new(options), filters: filters.collect(), halves }
    }

    /// The summary, what the filters selected, and the half-streams.
    pub fn finish(self) -> (Collector, HashMap<String, Selected>, HalfStreams) {
        let filters = self.filters.into_iter().map(|(text, _, selected)| (text, selected));
        let halves = self.halves.map(Halves::finish).unwrap_or_default();
        (self.collector, filters.collect(), halves)
    }
}

impl Observer for Reading {
    fn frame(&mut self, facts: &FrameFacts<'_>) -> ControlFlow<()> {
        self.collector.observe(facts, true);
        for (_, filter, selected) in &mut self.filters {
            if filter.matches(facts) {
                selected.add(facts.frame.number.0);
            }
        }
        if let (Some(halves), Some(tcp)) = (&mut self.halves, &facts.tcp) {
            halves.segment(tcp);
        }
        ControlFlow::Continue(())
    }

    fn minds_checksums(&self) -> bool {
        self.collector.minds_checksums()
    }

    fn touch(&self, stream: StreamId) -> u64 {
        self.collector.touch(stream)
    }
}

impl Selected {
    /// One more frame.
    pub fn add(&mut self, frame: u64) {
        self.total += 1;
        if self.frames.len() < MOST_FRAMES {
            self.frames.push(frame);
        }
    }
}

impl Halves {
    fn segment(&mut self, tcp: &TcpFacts<'_>) {
        let patience = if self.streams.len() < PATIENT_STREAMS { WAITING_LIMIT } else { IMPATIENT };
        let (wants_bytes, wants_digests) = (self.wants_bytes, self.wants_digests);
        let room = &mut self.room;
        let mut take = |content: &mut HalfStream, piece: Piece<'_>| match piece {
            Piece::Missing(bytes) => {
                content.missing += bytes;
                content.length += bytes;
            }
            Piece::Data(bytes) => {
                content.length += bytes.len() as u64;
                if wants_digests {
                    content.digest.update(bytes);
                }
                if wants_bytes {
                    content.keep(bytes, room);
                }
            }
        };
        let segment = &tcp.segment;
        let direction = tcp.analysis.direction;
        let halves = self.streams.entry(tcp.analysis.stream).or_default();
        if segment.flags.contains(TcpFlags::ACK)
            && let Some(Half { order, content, .. }) =
                half(halves, segment.destination, direction.reverse(), patience)
        {
            order.acknowledge(segment.ack_raw, &mut |piece| take(content, piece));
        }
        if let Some(Half { order, content, .. }) = half(halves, segment.source, direction, patience)
        {
            order.push(segment, tcp.payload, &mut |piece| take(content, piece));
        }
    }

    fn finish(self) -> HalfStreams {
        let mut room = self.room;
        let mut found = HalfStreams::new();
        for (stream, halves) in self.streams {
            for Half { mut order, mut content, direction, .. } in halves {
                order.finish(&mut |piece| match piece {
                    Piece::Missing(bytes) => {
                        content.missing += bytes;
                        content.length += bytes;
                    }
                    Piece::Data(bytes) => {
                        content.length += bytes.len() as u64;
                        content.digest.update(bytes);
                        content.keep(bytes, &mut room);
                    }
                });
                let sender = match direction {
                    Direction::FromClient => Sender::Client,
                    Direction::FromServer => Sender::Server,
                };
                found.insert((stream.0, sender), content);
            }
        }
        found
    }
}

/// The half that an endpoint sends; made when it speaks, or is spoken to, first.
fn half(
    halves: &mut Vec<Half>,
    sender: Endpoint,
    direction: Direction,
    patience: usize,
) -> Option<&mut Half> {
    let known = halves.iter().position(|half| half.sender == sender);
    if known.is_none() && halves.len() < 2 {
        let content = HalfStream { bytes: Some(Vec::new()), ..HalfStream::default() };
        let order = Reassembly::with_waiting_limit(patience);
        halves.push(Half { sender, direction, order, content });
    }
    let at = known.unwrap_or(halves.len().saturating_sub(1));
    let half = halves.get_mut(at).filter(|half| half.sender == sender)?;
    half.direction = direction;
    Some(half)
}

impl HalfStream {
    /// Keeps bytes while there is room for the whole half-stream.
    fn keep(&mut self, bytes: &[u8], room: &mut usize) {
        let Some(kept) = &mut self.bytes else { return };
        if bytes.len() <= *room {
            *room -= bytes.len();
            kept.extend_from_slice(bytes);
        } else {
            *room += kept.len();
            self.bytes = None;
        }
    }
}
