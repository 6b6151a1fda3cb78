//! What is kept of each frame to see whether two captures hold the same packets.

use std::hash::{DefaultHasher, Hash, Hasher};

use crate::facts::FrameFacts;
use crate::wire::{EthernetView, IpView, TcpView};

/// Frames of a capture that are looked at.
pub(super) const MAX_PRINTS: usize = 200_000;

/// The frames of a capture.
#[derive(Debug, Default)]
pub(super) struct Prints {
    pub frames: Vec<Print>,
}

/// One frame: what rewriting keeps, and what it changes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Print {
    /// Lengths, flags, windows and protocols: kept by all rewriting.
    pub shape: u64,
    /// The payload as captured, and its length.
    pub payload: u64,
    pub captured: u32,
    /// Everything from the IP header on.
    pub exact: u64,
    pub is_tcp: bool,
    pub nanos: i64,
    /// Bytes stored of the frame.
    pub stored: u32,
    pub seq: u32,
    pub ack: Option<u32>,
    pub tsval: Option<u32>,
    pub id: Option<u16>,
    pub ports: Option<(u16, u16)>,
    pub addresses: u64,
    pub stations: u64,
}

impl Prints {
    pub fn observe(&mut self, facts: &FrameFacts<'_>) {
        if self.frames.len() < MAX_PRINTS {
            self.frames.push(of(facts));
        }
    }
}

fn of(facts: &FrameFacts<'_>) -> Print {
    let layers = &facts.decoded.layers;
    let ip = layers.iter().position(|layer| layer.protocol.is_ip());
    let view = ip.and_then(|at| layers.get(at)).and_then(IpView::from_layer);
    let inner = layers.innermost_carried();
    let segment = facts.tcp.as_ref().map(|tcp| tcp.segment);
    let header =
        facts.decoded.tcp_index().and_then(|at| layers.get(at)).and_then(TcpView::from_layer);
    let payload = inner.map_or(&[][..], |layer| layer.payload());
    let shape = match segment {
        Some(segment) => hash(&(
            segment.flags,
            segment.header_len,
            segment.payload_len,
            segment.window_raw,
            segment.urgent,
        )),
        None => hash(&inner.map(|layer| (layer.protocol, layer.wire_len))),
    };
    let exact = ip.and_then(|at| layers.get(at)).or(inner).map_or(0, |layer| hash(&layer.bytes));
    let ethernet = layers.first().and_then(EthernetView::from_layer);
    Print {
        shape,
        payload: hash(&payload),
        captured: u32::try_from(payload.len()).unwrap_or(u32::MAX),
        exact,
        is_tcp: segment.is_some(),
        nanos: facts.frame.timestamp.as_nanos(),
        stored: facts.frame.captured_len(),
        seq: segment.map_or(0, |segment| segment.seq_raw.0),
        ack: header
            .filter(|header| header.flags() & 0x10 != 0)
            .map(|header| header.acknowledgment()),
        tsval: segment.and_then(|segment| segment.options.timestamps).map(|(value, _)| value),
        id: match view {
            Some(IpView::V4(ip)) => Some(ip.id()),
            _ => None,
        },
        ports: header.map(|header| (header.source_port(), header.destination_port())),
        addresses: view.map_or(0, |view| hash(&view.addresses())),
        stations: ethernet.map_or(0, |ethernet| hash(&(ethernet.source(), ethernet.destination()))),
    }
}

impl Print {
    /// True when the other frame may be the same packet, rewritten or cut.
    pub fn is_like(&self, other: &Self) -> bool {
        self.shape == other.shape
            && (self.captured != other.captured || self.payload == other.payload)
    }
}

fn hash(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}
