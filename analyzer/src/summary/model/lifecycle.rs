//! How a connection began and how it ended.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Moment, Side};

/// How far the handshake got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum HandshakeOutcome {
    /// SYN, SYN-ACK and ACK were captured.
    Complete,
    /// Both sides sent a SYN and met (RFC 9293, section 3.5, figure 7).
    SimultaneousOpen,
    /// A reset answered the SYN: nothing listens there.
    Refused,
    /// No answer to the SYN was captured.
    Unanswered,
    /// SYN and SYN-ACK, but the client's ACK is missing.
    NotAcknowledged,
    /// SYN and SYN-ACK, then the client withdrew with a reset.
    Abandoned,
    /// The SYN is in the capture and the connection went on, but the SYN-ACK is missing.
    SynAckMissing,
    /// The SYN is missing, the SYN-ACK is there.
    SynMissing,
    /// Nothing of it: the connection is older than the capture, or its start was lost.
    NotCaptured,
}

/// The three-way handshake (RFC 9293, section 3.5).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Handshake {
    /// How far it got.
    pub outcome: HandshakeOutcome,
    /// True when the whole of it was captured: `outcome` is `complete` or `simultaneous_open`.
    #[serde(default)]
    pub complete: bool,
    /// The client's SYN (the last one before the SYN-ACK, when it was sent again).
    pub syn: Option<Moment>,
    /// The server's SYN-ACK.
    pub syn_ack: Option<Moment>,
    /// The client's ACK; it may carry data.
    pub ack: Option<Moment>,
    /// From SYN to ACK in seconds, Wireshark's `tcp.analysis.initial_rtt`.
    pub rtt: Option<f64>,
    /// How many SYNs the client sent.
    pub syn_count: u32,
    /// The client's first SYN, when it sent several.
    pub first_syn: Option<Moment>,
    /// How many SYN-ACKs the server sent.
    pub syn_ack_count: u32,
    /// Payload bytes in the SYN.
    pub syn_payload_len: u32,
    /// The reset that refused or ended the attempt.
    pub refused_by: Option<Moment>,
}

/// How the connection ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TeardownOutcome {
    /// Both sides sent a FIN and both were acknowledged.
    Closed,
    /// Both sides sent a FIN; the ACK of at least one is missing.
    ClosedUnacknowledged,
    /// Only one side sent a FIN.
    HalfClosed,
    /// A reset ended it.
    Reset,
    /// No FIN, no reset: still open when the capture ended.
    Open,
    /// It was never established, so there was nothing to close.
    NeverOpened,
}

/// How the connection ended, in one word: [`TeardownOutcome`] without its shades.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TeardownKind {
    /// Each side sent a FIN, acknowledged or not.
    Fin,
    /// A reset ended it.
    Rst,
    /// Only one side sent a FIN.
    Half,
    /// No FIN, no reset: still open when the capture ended.
    Open,
    /// It was never established, so there was nothing to close.
    #[default]
    None,
}

impl From<TeardownOutcome> for TeardownKind {
    fn from(outcome: TeardownOutcome) -> Self {
        match outcome {
            TeardownOutcome::Closed | TeardownOutcome::ClosedUnacknowledged => Self::Fin,
            TeardownOutcome::HalfClosed => Self::Half,
            TeardownOutcome::Reset => Self::Rst,
            TeardownOutcome::Open => Self::Open,
            TeardownOutcome::NeverOpened => Self::None,
        }
    }
}

/// One side's FIN.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Fin {
    /// The first FIN of this side.
    pub sent: Moment,
    /// The first segment of the other side that acknowledges it.
    pub acknowledged: Option<Moment>,
    /// How often it was sent.
    pub count: u32,
}

/// The time between the two FINs, in which one side may still send.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct HalfClose {
    /// Who closed its direction first.
    pub by: Side,
    /// The first FIN.
    pub from: Moment,
    /// The other side's FIN or the reset; null when the capture ended before.
    pub until: Option<Moment>,
    /// Its length in seconds, up to the end of the connection's frames when it stayed.
    pub duration: f64,
    /// Application bytes that the other side sent meanwhile.
    pub bytes_after_fin: u64,
}

/// The probable cause of a reset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ResetCause {
    /// It answers a SYN: nothing listens on that port.
    Refused,
    /// The client withdrew after the SYN-ACK, as scanners and programs that gave up do.
    HandshakeAbandoned,
    /// The last data came from the other side: the program closed before it had read it, or
    /// aborted on purpose.
    UnreadData,
    /// The program aborted on purpose (SO_LINGER 0): no data of the other side was waiting.
    Aborted,
    /// Data reached a side that had already closed its socket.
    DataAfterClose,
    /// It came after both FINs and changes nothing.
    AfterClose,
    /// It answers a segment that belongs to no connection the sender knows.
    StraySegment,
    /// It came in the middle of a transfer, without a sign of the reason.
    MidStream,
}

/// The first reset of a connection.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Reset {
    /// Where it is.
    pub at: Moment,
    /// Who sent it.
    pub by: Side,
    /// Why, probably.
    pub cause: ResetCause,
    /// Resets in this connection.
    pub count: u32,
}

/// The end of a connection.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Teardown {
    /// How it ended.
    pub outcome: TeardownOutcome,
    /// The same in one word.
    #[serde(default)]
    pub kind: TeardownKind,
    /// Who sent the first FIN, or the reset when there was none.
    pub closed_first: Option<Side>,
    /// True when each side sent its FIN before it had seen the other's.
    pub is_simultaneous: bool,
    /// The client's FIN.
    pub client_fin: Option<Fin>,
    /// The server's FIN.
    pub server_fin: Option<Fin>,
    /// The time between the FINs.
    pub half_close: Option<HalfClose>,
    /// The first reset.
    pub reset: Option<Reset>,
}
