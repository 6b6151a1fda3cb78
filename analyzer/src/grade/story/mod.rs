//! What is known of the connections, from rows or from a capture: the facts that logs and claims
//! are held against.

use crate::evidence::Role;

pub use from_capture::from_capture;
pub use from_rows::from_rows;

mod from_capture;
mod from_rows;

/// An address and a port.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct End {
    /// Address as it is written.
    pub address: String,
    /// Port.
    pub port: u16,
}

impl std::fmt::Display for End {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.address, self.port)
    }
}

/// One connection.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Told {
    /// The end that opened it, or seems to.
    pub client: End,
    /// The other end.
    pub server: End,
    /// Whether a SYN or SYN, ACK proves who opened it.
    pub are_roles_sure: bool,
    /// Frame of the SYN.
    pub syn: Option<u64>,
    /// Frame of the SYN, ACK.
    pub syn_ack: Option<u64>,
    /// Frame of the ACK that ends the handshake.
    pub ack: Option<u64>,
    /// Frames with a FIN: the client's, the server's.
    pub fins: [Option<u64>; 2],
    /// Frame of the first RST.
    pub reset: Option<u64>,
    /// First and last frame.
    pub frames: (u64, u64),
    /// Time of the first and of the last frame in nanoseconds, where known.
    pub times: Option<(i64, i64)>,
    /// Application bytes sent by the client and by the server, as far as seen.
    pub bytes: [u64; 2],
    /// Whether all of the connection's bytes can be counted: from its handshake on, nothing left
    /// out between.
    pub is_countable: bool,
    /// What the client and the server sent, where the bytes are known from the first on.
    pub content: [Option<Vec<u8>>; 2],
    /// Frames that were sent again.
    pub retransmissions: Vec<u64>,
}

impl Told {
    /// Whether it began before the first frame.
    #[must_use]
    pub fn began_before(&self) -> bool {
        self.syn.is_none() && self.syn_ack.is_none()
    }

    /// Whether both ends closed.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.fins.iter().all(Option::is_some)
    }

    /// The two ends.
    #[must_use]
    pub fn ends(&self) -> [&End; 2] {
        [&self.client, &self.server]
    }

    /// Whether one of its ends has this port.
    #[must_use]
    pub fn has_port(&self, port: u16) -> bool {
        self.ends().iter().any(|end| end.port == port)
    }

    /// The part that an address plays in it.
    #[must_use]
    pub fn role_of(&self, address: &str) -> Option<Role> {
        if self.client.address == address {
            Some(Role::Client)
        } else {
            (self.server.address == address).then_some(Role::Server)
        }
    }

    /// Whether both were open at one time, as far as the frames tell; none without times.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> Option<bool> {
        let (mine, theirs) = (self.times?, other.times?);
        let starts = |told: &Self, at: i64| if told.began_before() { i64::MIN } else { at };
        // One that is not seen to end may be open for ever.
        let ends = |told: &Self, at: i64| {
            if told.is_closed() || told.reset.is_some() { at } else { i64::MAX }
        };
        Some(
            starts(self, mine.0) <= ends(other, theirs.1)
                && starts(other, theirs.0) <= ends(self, mine.1),
        )
    }
}

/// Everything that is known.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Story {
    /// What it is told from: a capture, or rows.
    pub is_capture: bool,
    /// The connections, in order of their first frames.
    pub connections: Vec<Told>,
    /// Every address that is seen.
    pub addresses: Vec<String>,
    /// Whether nothing was left out: rows with consecutive numbers, or a complete capture.
    pub is_whole: bool,
    /// Names of the interfaces, where known.
    pub interfaces: Vec<String>,
    /// Frames by flag: PSH, FIN, RST, SYN.
    pub flagged: Flagged,
}

/// Frames that show a flag.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Flagged {
    /// PSH.
    pub psh: Vec<u64>,
    /// FIN.
    pub fin: Vec<u64>,
    /// RST.
    pub rst: Vec<u64>,
    /// SYN.
    pub syn: Vec<u64>,
}

impl Story {
    /// The connection whose client has this port.
    #[must_use]
    pub fn of_client_port(&self, port: u16) -> Option<&Told> {
        self.connections.iter().find(|told| told.client.port == port)
    }
}
