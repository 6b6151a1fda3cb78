//! Where a stream turns: the marks of its handshake, of its teardown, and of the first
//! acknowledgments. One cache line behind each [`super::record::Record`], which most segments
//! leave alone.

use super::mark::Mark;
use crate::tcp::Direction;

/// One side's FIN.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Closing {
    /// The first one.
    pub(super) fin: Mark,
    /// What acknowledged it first.
    pub(super) acknowledged: Mark,
}

/// The marks of one stream; its index is the stream's number.
#[derive(Debug, Clone, Default, PartialEq)]
#[repr(align(64))]
pub(super) struct Turns {
    pub(super) client: Closing,
    pub(super) server: Closing,
    pub(super) syn_ack: Mark,
    /// The client's first acknowledgment.
    pub(super) ack: Mark,
    /// The server's first acknowledgment of client data.
    pub(super) data_acknowledged: Mark,
    /// Segments with PSH and no payload.
    pub(super) pushes: u16,
}

impl Turns {
    /// Reads a word of its cache line.
    #[inline]
    pub(super) fn touch(&self) -> u64 {
        u64::from(self.pushes)
    }

    /// How a side closed.
    pub(super) fn closing(&self, from: Direction) -> &Closing {
        match from {
            Direction::FromClient => &self.client,
            Direction::FromServer => &self.server,
        }
    }

    /// The same, to change it.
    pub(super) fn closing_mut(&mut self, from: Direction) -> &mut Closing {
        match from {
            Direction::FromClient => &mut self.client,
            Direction::FromServer => &mut self.server,
        }
    }

    /// True when a side has sent a FIN.
    pub(super) fn has_closed(&self, from: Direction) -> bool {
        self.closing(from).fin.is_set()
    }

    /// True when either side has.
    pub(super) fn is_any_closed(&self) -> bool {
        self.client.fin.is_set() || self.server.fin.is_set()
    }

    /// Exchanges client and server.
    pub(super) fn swap_sides(&mut self) {
        std::mem::swap(&mut self.client, &mut self.server);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_marks_of_a_stream_take_one_cache_line() {
        assert_eq!(size_of::<Turns>(), 64);
    }
}
