//! The conversations of UDP, numbered as Wireshark numbers them (`udp.stream`), and the times
//! of their datagrams.

use std::collections::HashMap;
use std::net::IpAddr;

use arrayvec::ArrayVec;

use crate::facts::FrameFacts;
use crate::time::{TimeDelta, Timestamp};
use crate::wire::{Decoded, Protocol};

/// Conversations that are told apart; later ones have no number.
const MAX_STREAMS: usize = 1 << 20;
/// UDP headers of one frame that have a number.
const MAX_HEADERS: usize = 8;
/// Length of a UDP header.
const HEADER: usize = 8;

/// Both ends of a conversation, the lower one first.
type Ends = [(IpAddr, u16); 2];

/// What is known of a conversation.
#[derive(Debug, Clone, Copy)]
struct Stream {
    number: u32,
    first: Timestamp,
    latest: Timestamp,
}

/// A UDP header in its conversation.
#[derive(Debug, Clone, Copy)]
pub struct Datagram {
    layer: usize,
    /// Number of the conversation, from 0.
    pub stream: u32,
    /// Since its first datagram, and since its previous one; `None` for a quoted header.
    pub times: Option<(TimeDelta, TimeDelta)>,
}

/// The conversations so far, and the headers of the frame that was observed last.
#[derive(Debug, Default)]
pub(super) struct UdpStreams {
    streams: HashMap<Ends, Stream>,
    current: ArrayVec<Datagram, MAX_HEADERS>,
}

impl UdpStreams {
    /// Takes in the next frame.
    pub fn observe(&mut self, facts: &FrameFacts<'_>) {
        self.current.clear();
        for (layer, header) in facts.decoded.layers.iter().enumerate() {
            if !matches!(header.protocol, Protocol::Udp | Protocol::UdpLite)
                || header.bytes.len() < HEADER
                || self.current.is_full()
            {
                continue;
            }
            let Some(ends) = ends(&facts.decoded, layer) else { continue };
            let Some(mut datagram) = self.find(ends, facts.frame.timestamp) else { continue };
            if header.is_quoted {
                datagram.times = None;
            }
            self.current.push(Datagram { layer, ..datagram });
        }
    }

    fn find(&mut self, ends: Ends, now: Timestamp) -> Option<Datagram> {
        let count = self.streams.len();
        if count >= MAX_STREAMS && !self.streams.contains_key(&ends) {
            return None;
        }
        let new = Stream { number: u32::try_from(count).ok()?, first: now, latest: now };
        let stream = self.streams.entry(ends).or_insert(new);
        let times = Some((now - stream.first, now - stream.latest));
        stream.latest = now;
        Some(Datagram { layer: 0, stream: stream.number, times })
    }

    /// The header at an index of the frame's layers.
    pub fn datagram(&self, layer: usize) -> Option<&Datagram> {
        self.current.iter().find(|datagram| datagram.layer == layer)
    }
}

/// Who talks to whom, in one order for both directions.
fn ends(decoded: &Decoded<'_>, layer: usize) -> Option<Ends> {
    let (source, destination) = decoded.addresses_above(layer)?;
    let &[a, b, c, d] = decoded.layers.get(layer)?.bytes.first_chunk()?;
    let sender = (source, u16::from_be_bytes([a, b]));
    let receiver = (destination, u16::from_be_bytes([c, d]));
    Some(if sender <= receiver { [sender, receiver] } else { [receiver, sender] })
}
