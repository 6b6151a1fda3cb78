//! One stream: two half-streams, its clock, its handshake, and who is the client.

use super::flow_key::Side;
use super::half_stream::HalfStream;
use super::{Direction, Segment};

/// What the table keeps per stream; about 220 bytes.
#[derive(Debug, Clone)]
pub(super) struct Stream {
    /// Its key, packed by the table.
    pub key: PackedKey,
    /// The half that the key's lower endpoint sends.
    pub low: HalfStream,
    /// The half that the key's higher endpoint sends.
    pub high: HalfStream,
    /// When its first segment came, in nanoseconds.
    pub first_time: i64,
    /// When its latest segment came, in nanoseconds.
    pub latest_time: i64,
    /// When its latest bare SYN came, in nanoseconds; 0 (the epoch itself) when none did.
    pub syn_time: i64,
    /// RTT of the handshake in nanoseconds; 0 while unknown.
    pub initial_rtt: i64,
    /// What it has shown; see [`super::completeness`].
    pub completeness: u8,
    /// The side that opened it.
    pub client: Client,
}

/// A flow key in sixteen bytes: the two packed IPv4 endpoints, or, with [`PackedKey::V6`] in
/// the first place, the index of a pair of IPv6 endpoints in the table's own list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PackedKey(pub u64, pub u64);

impl PackedKey {
    /// No packed IPv4 endpoint: those have 48 bits.
    pub const V6: u64 = u64::MAX;
}

/// The client of a stream, and how sure that is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Client {
    /// The sender of the first segment, for want of a SYN.
    Assumed(Side),
    /// The sender of the first SYN, or the one whom the first SYN-ACK answers.
    Seen(Side),
}

impl Client {
    /// The side.
    pub const fn side(self) -> Side {
        match self {
            Self::Assumed(side) | Self::Seen(side) => side,
        }
    }
}

impl Stream {
    /// A stream that begins with a segment from `sender`.
    pub fn new(key: PackedKey, sender: Side, segment: &Segment) -> Self {
        let now = segment.timestamp.as_nanos();
        Self {
            key,
            low: HalfStream::new(),
            high: HalfStream::new(),
            first_time: now,
            latest_time: now,
            syn_time: 0,
            initial_rtt: 0,
            completeness: 0,
            client: Client::Assumed(sender),
        }
    }

    /// The sender's half and the receiver's.
    pub fn halves(&self, sender: Side) -> (&HalfStream, &HalfStream) {
        match sender {
            Side::Low => (&self.low, &self.high),
            Side::High => (&self.high, &self.low),
        }
    }

    /// The same, to write to.
    pub fn halves_mut(&mut self, sender: Side) -> (&mut HalfStream, &mut HalfStream) {
        match sender {
            Side::Low => (&mut self.low, &mut self.high),
            Side::High => (&mut self.high, &mut self.low),
        }
    }

    /// Learns from a SYN or SYN-ACK who the client is; the first one counts.
    pub fn learn_client(&mut self, sender: Side, segment: &Segment) {
        if let Client::Assumed(_) = self.client {
            if segment.is_bare_syn() {
                self.client = Client::Seen(sender);
            } else if segment.is_syn_ack() {
                self.client = Client::Seen(sender.other());
            }
        }
    }

    /// Which half a side is.
    pub fn direction(&self, sender: Side) -> Direction {
        if self.client.side() == sender { Direction::FromClient } else { Direction::FromServer }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_stays_small() {
        assert!(size_of::<HalfStream>() <= 80, "{}", size_of::<HalfStream>());
        assert!(size_of::<Stream>() <= 240, "{}", size_of::<Stream>());
    }
}
