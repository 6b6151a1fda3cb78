//! What is known of a segment before it has bytes.

use arrayvec::ArrayVec;

/// An end of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// The one that connects.
    Client,
    /// The one that is connected to.
    Server,
}

/// One value for each end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Both<T> {
    pub client: T,
    pub server: T,
}

/// Ranges of a selective acknowledgement: first and behind the last sequence number. Three fit
/// beside timestamps (RFC 2018, section 3).
pub(super) type Sack = ArrayVec<(u32, u32), 3>;

/// What a frame is in the story of its connection; decides what [`super::Truth`] counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// As it should be: handshake, data, acknowledgement, teardown.
    Regular,
    /// A SYN that was sent before.
    SynAgain,
    /// Data that nobody will receive.
    LostBehind,
    /// Data that came late: its successors were seen first.
    Overtaken,
    /// The network's second copy.
    Duplicate,
    /// Data sent again after three duplicate acknowledgements.
    FastRepair,
    /// Data sent again after a timeout.
    TimeoutRepair,
    /// Data that is seen for the first time, because it was lost before the capture point. True
    /// when data behind it was seen earlier: a gap, of which this is the first or only segment.
    UnseenRepair { begins_gap: bool },
    /// Data sent again although it had been acknowledged.
    Spurious,
    /// An acknowledgement that repeats the one before.
    DuplicateAck,
    /// The receiver can take no more.
    ZeroWindow,
    /// A probe after a silence.
    KeepAlive,
}

/// A segment on its way past the capture point.
#[derive(Debug, Clone)]
pub(super) struct Packet {
    /// Nanoseconds since the capture began.
    pub at: u64,
    /// Who sent it.
    pub from: Side,
    /// `SYN`, `ACK` and so on.
    pub flags: u8,
    /// What it is.
    pub role: Role,
    /// Raw sequence number.
    pub seq: u32,
    /// Raw acknowledgement number; 0 without `ACK`.
    pub ack: u32,
    /// Bytes of data.
    pub payload_len: u16,
    /// The window field.
    pub window: u16,
    /// What was received out of order.
    pub sack: Sack,
}

pub(super) const FIN: u8 = 0x01;
pub(super) const SYN: u8 = 0x02;
pub(super) const RST: u8 = 0x04;
pub(super) const PSH: u8 = 0x08;
pub(super) const ACK: u8 = 0x10;

impl Side {
    /// The other end.
    pub const fn other(self) -> Self {
        match self {
            Self::Client => Self::Server,
            Self::Server => Self::Client,
        }
    }
}

impl<T: Copy> Both<T> {
    /// The value of an end.
    pub const fn of(&self, side: Side) -> T {
        match side {
            Side::Client => self.client,
            Side::Server => self.server,
        }
    }

    /// The value of an end, to be changed.
    pub const fn of_mut(&mut self, side: Side) -> &mut T {
        match side {
            Side::Client => &mut self.client,
            Side::Server => &mut self.server,
        }
    }
}
