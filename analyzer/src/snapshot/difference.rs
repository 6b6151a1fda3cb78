//! What two snapshots do not have in common, for people and for programs.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One real change. What merely follows from it is part of its sentence, not another entry.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Difference {
    /// Something new, something gone, or something else than before.
    pub kind: Kind,
    /// One sentence for a person, without a full stop at its end.
    pub sentence: String,
    /// Where it is.
    pub place: Place,
    /// What was expected; null when nothing was.
    pub expected: Option<String>,
    /// What is there; null when nothing is.
    pub actual: Option<String>,
    /// The frames of the expected capture that show it.
    pub expected_frames: Vec<u64>,
    /// The frames of the actual capture that show it.
    pub frames: Vec<u64>,
    /// How many seconds later something comes than it did, when that is all of it.
    #[serde(skip)]
    pub(super) late: Option<f64>,
}

/// Which way it differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Only the actual capture has it.
    Added,
    /// Only the expected capture has it.
    Missing,
    /// Both have it, and it is not the same.
    Changed,
}

/// Where a difference is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Place {
    /// Stream number of the connection in the actual capture, or in the expected one when it is
    /// missing; null for the capture as a whole and for frames without TCP.
    pub connection: Option<u32>,
    /// What of it.
    pub field: Field,
    /// Which segment of the connection, from 1, counted in the actual capture, or in the
    /// expected one when it is missing; null for the connection as a whole.
    pub segment: Option<u32>,
}

/// What can differ; the words of `ignore`, `within` and `one_of` in the rules.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// Connections that are new or gone.
    Connections,
    /// Which host is the client, which the server, across connections.
    Hosts,
    /// The server's port, and a client's well-known one.
    Port,
    /// How it is known who is the client.
    Roles,
    /// Layers below TCP, for example a VLAN tag.
    Layers,
    /// TTL, don't fragment, traffic class.
    Ip,
    /// How far the handshake got.
    Handshake,
    /// TCP options.
    Options,
    /// Segments that are new, gone or moved.
    Segments,
    /// TCP flags.
    Flags,
    /// Relative sequence numbers.
    Seq,
    /// Relative acknowledgment numbers.
    Ack,
    /// Payload lengths.
    Len,
    /// Payload bytes, and the bytes of a direction as a whole.
    Data,
    /// Bytes that a snaplen cut off.
    Captured,
    /// Windows as sent.
    Window,
    /// The urgent pointer.
    Urgent,
    /// Whether TCP's checksum is wrong.
    Checksum,
    /// Retransmissions and the like.
    Events,
    /// Times between frames.
    Time,
    /// When a connection begins, after the one before it.
    Start,
    /// How long a connection lasts.
    Duration,
    /// How a connection ended.
    Ending,
    /// Whether who closed first had all bytes of the other side by then.
    HalfClose,
    /// The order of frames across connections.
    Order,
    /// Which connections ran at the same time.
    Parallelism,
    /// Frames without TCP.
    Others,
    /// What a person should know before trusting the capture.
    Findings,
}

impl Field {
    /// All of them.
    pub const ALL: [Self; 28] = [
        Self::Connections,
        Self::Hosts,
        Self::Port,
        Self::Roles,
        Self::Layers,
        Self::Ip,
        Self::Handshake,
        Self::Options,
        Self::Segments,
        Self::Flags,
        Self::Seq,
        Self::Ack,
        Self::Len,
        Self::Data,
        Self::Captured,
        Self::Window,
        Self::Urgent,
        Self::Checksum,
        Self::Events,
        Self::Time,
        Self::Start,
        Self::Duration,
        Self::Ending,
        Self::HalfClose,
        Self::Order,
        Self::Parallelism,
        Self::Others,
        Self::Findings,
    ];

    /// Its word in the rules.
    #[must_use]
    pub fn name(self) -> String {
        serde_json::to_value(self)
            .ok()
            .and_then(|value| value.as_str().map(str::to_owned))
            .unwrap_or_default()
    }

    /// The field of a word.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.name() == name)
    }
}
