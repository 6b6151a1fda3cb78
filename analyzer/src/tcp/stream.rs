//! One stream: two half-streams, its clock, its handshake, and who is the client.

use super::flow_key::{PackedKey, Side};
use super::half_stream::HalfStream;
use super::{Direction, Segment};

/// What [`StreamTable::touch`](super::StreamTable::touch) read: a word of each cache line.
#[derive(Debug, Clone, Copy, Default)]
pub struct Touched {
    /// The newest segments that wait for their ACK, as their places in the pool.
    pub(super) waiting: [u32; 2],
    /// Without meaning.
    pub(super) other: u32,
}

/// What the table keeps per stream: 192 bytes, three cache lines.
#[derive(Debug, Clone)]
#[repr(align(64))]
pub(super) struct Stream {
    /// Its key.
    pub key: PackedKey,
    /// When its first segment came, in nanoseconds.
    pub first_time: i64,
    /// When its latest segment came, in nanoseconds.
    pub latest_time: i64,
    /// In nanoseconds: the RTT of the handshake, once that is known; before, when its latest
    /// bare SYN came, or 0. See [`super::round_trip`].
    pub syn_time_or_rtt: i64,
    /// Which of both it is.
    pub is_rtt_known: bool,
    /// What it has shown; see [`super::completeness`].
    pub completeness: u8,
    /// The side that opened it.
    pub client: Side,
    /// False while the client is only the sender of the first segment, for want of a SYN; true
    /// when it is the sender of the first SYN, or the one whom the first SYN-ACK answers.
    pub is_client_seen: bool,
    /// The half that the key's lower endpoint sends.
    pub low: HalfStream,
    /// The half that the key's higher endpoint sends.
    pub high: HalfStream,
}

impl Stream {
    /// A stream that begins with a segment from `sender`.
    pub fn new(key: PackedKey, sender: Side, segment: &Segment) -> Self {
        let now = segment.timestamp.as_nanos();
        Self {
            key,
            first_time: now,
            latest_time: now,
            syn_time_or_rtt: 0,
            is_rtt_known: false,
            completeness: 0,
            client: sender,
            is_client_seen: false,
            low: HalfStream::new(),
            high: HalfStream::new(),
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
        let is_request = segment.is_bare_syn();
        if !self.is_client_seen && (is_request || segment.is_syn_ack()) {
            self.client = if is_request { sender } else { sender.other() };
            self.is_client_seen = true;
        }
    }

    /// Which half a side is.
    pub fn direction(&self, sender: Side) -> Direction {
        if self.client == sender { Direction::FromClient } else { Direction::FromServer }
    }

    /// Reads a word of each of its cache lines, and nothing else.
    #[inline]
    pub fn touch(&self) -> Touched {
        let waiting = [self.low.unacked.newest(), self.high.unacked.newest()];
        Touched { waiting, other: self.high.next }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_stays_small() {
        assert!(size_of::<HalfStream>() <= 72, "{}", size_of::<HalfStream>());
        assert!(size_of::<Stream>() <= 192, "{}", size_of::<Stream>());
    }
}
