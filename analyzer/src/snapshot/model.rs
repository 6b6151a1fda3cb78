//! The document: plain values, one row per segment.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::summary::{
    EventKind, FindingKind, HandshakeOutcome, Parallelism, ResetCause, RoleBasis, Side,
    SideOptions, TeardownOutcome,
};

/// Version of the document; raised when a field changes its meaning or goes away.
pub const VERSION: u32 = 1;

/// A capture in normalised form.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Snapshot {
    /// Version of the document: 1.
    pub version: u32,
    /// Frames in the capture.
    pub frames: u64,
    /// Whether connections ran in parallel.
    pub parallelism: Parallelism,
    /// Most connections open at the same time.
    pub max_open: u64,
    /// What a person should know before trusting the capture, and how often; what depends on
    /// the recording machine (checksum and segmentation offload) is left out.
    pub findings: Vec<FindingCount>,
    /// The connections, in the order of their stream numbers.
    pub connections: Vec<SnapshotConnection>,
    /// Everything of the connections after the first thousand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub folded_connections: Option<FoldedConnections>,
    /// Frames without a TCP segment.
    pub others: Others,
}

/// A finding, without its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FindingCount {
    /// What.
    pub kind: FindingKind,
    /// Frames or connections that it concerns.
    pub count: u64,
}

/// One TCP connection.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SnapshotConnection {
    /// Stream number in its capture.
    pub stream: u32,
    /// The client's host as a symbol, for example `client#1`; with its port when that is a
    /// well-known one (below 1024).
    pub client: String,
    /// The server's host as a symbol, for example `server`.
    pub server: String,
    /// The server's port.
    pub port: u16,
    /// How it is known who is the client.
    pub roles: RoleBasis,
    /// Seconds from the capture's first frame to its first.
    pub start: f64,
    /// The layers around it, in Wireshark's names, and VLAN numbers.
    pub layers: String,
    /// What the IP headers of the client's first frame say: TTL, don't fragment, traffic class.
    pub client_ip: String,
    /// The same of the server's first frame; empty without one.
    pub server_ip: String,
    /// How far the handshake got.
    pub handshake: HandshakeOutcome,
    /// What the client offered.
    pub client_options: Option<SideOptions>,
    /// What the server offered.
    pub server_options: Option<SideOptions>,
    /// What the client's program sent.
    pub client_sent: Sent,
    /// What the server's program sent.
    pub server_sent: Sent,
    /// How it ended.
    pub ending: Ending,
    /// Seconds from its first frame to its last.
    pub duration: f64,
    /// Its segments, in capture order.
    pub segments: Vec<Row>,
    /// The segments after those.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub folded: Option<Fold>,
}

/// The bytes of one direction, put in order, each once.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Sent {
    /// Bytes.
    pub bytes: u64,
    /// Bytes that are not in the capture.
    #[serde(default, skip_serializing_if = "is_zero_u64")]
    pub missing: u64,
    /// The first 16 hex digits of their SHA-256; empty when there are none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub sha256: String,
}

/// How a connection ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ending {
    /// How.
    pub outcome: TeardownOutcome,
    /// Who sent the first FIN, or the reset when there was none.
    pub closed_first: Option<Side>,
    /// Who sent the first reset.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reset_by: Option<Side>,
    /// Its probable cause.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<ResetCause>,
    /// True when who closed first did so before it had all bytes of the other side: its FIN
    /// acknowledges fewer.
    #[serde(default, skip_serializing_if = "is_false")]
    pub is_half_close: bool,
}

/// One segment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// Frame number: tells people where, is not compared.
    pub frame: u64,
    /// Seconds since the connection's frame before it, to a tenth of a millisecond.
    #[serde(default, skip_serializing_if = "is_zero_f64")]
    pub gap: f64,
    /// Who sent it.
    pub from: Side,
    /// All flags that are set, for example `PSH, ACK`.
    pub flags: String,
    /// Relative sequence number; none when the segment's length is unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seq: Option<u32>,
    /// Relative acknowledgment number; none without ACK.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ack: Option<u32>,
    /// Payload bytes.
    #[serde(default, skip_serializing_if = "is_zero_u32")]
    pub len: u32,
    /// Payload bytes that were captured, when not all of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub captured: Option<u32>,
    /// The first payload bytes as text, everything unprintable as a dot.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub data: String,
    /// The first 16 hex digits of the SHA-256 of the captured payload.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub sha256: String,
    /// Window as sent, unscaled.
    pub window: u16,
    /// Urgent pointer.
    #[serde(default, skip_serializing_if = "is_zero_u16")]
    pub urgent: u16,
    /// The TCP options in their order, without padding and without TSval.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub options: String,
    /// What the IP headers say, when not the same as in its sender's first frame.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub ip: String,
    /// True when its TCP checksum is wrong.
    #[serde(default, skip_serializing_if = "is_false")]
    pub bad_checksum: bool,
    /// What is special about it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<EventKind>,
}

/// Segments, or frames, that are not kept one by one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Fold {
    /// The first and the last frame.
    pub frames: (u64, u64),
    /// How many.
    pub count: u64,
    /// Their payload bytes.
    pub bytes: u64,
    /// The longest time between two of them, in seconds.
    pub longest_gap: f64,
    /// A hash over everything that a row would say, times and events left out.
    pub sha256: String,
}

/// The connections that are not kept one by one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FoldedConnections {
    /// How many.
    pub connections: u64,
    /// Their segments.
    pub segments: u64,
    /// A hash over their rows, times and events left out.
    pub sha256: String,
}

/// Frames without a TCP segment.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Others {
    /// The first ones.
    pub frames: Vec<OtherFrame>,
    /// Those after them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub folded: Option<Fold>,
}

/// One frame without a TCP segment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OtherFrame {
    /// Frame number: tells people where, is not compared.
    pub frame: u64,
    /// Seconds since the frame before it in this list (of the first one, since the capture's
    /// first frame), to a tenth of a millisecond.
    #[serde(default, skip_serializing_if = "is_zero_f64")]
    pub gap: f64,
    /// The layers, in Wireshark's names.
    pub layers: String,
    /// Its sender as a symbol, with its port when that is no ephemeral one.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub from: String,
    /// Its receiver likewise.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub to: String,
    /// What it is, in a few words.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub what: String,
    /// Bytes of the innermost layer on the wire.
    pub len: u32,
    /// The first 16 hex digits of the SHA-256 of what it carries, without what every recording
    /// has of its own; empty when nothing else is left.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub sha256: String,
}

impl Row {
    /// True when the other row is the same segment at the same place of the conversation,
    /// whatever the time, the window and the verdicts.
    pub(super) fn is_same_segment(&self, other: &Self) -> bool {
        (self.from, &self.flags, self.seq, self.ack)
            == (other.from, &other.flags, other.seq, other.ack)
            && (self.len, &self.sha256) == (other.len, &other.sha256)
    }
}

impl SnapshotConnection {
    /// What a side's program sent.
    pub(super) fn sent(&self, side: Side) -> &Sent {
        match side {
            Side::Client => &self.client_sent,
            Side::Server => &self.server_sent,
        }
    }

    /// Segments, folded ones too.
    pub(super) fn segments_total(&self) -> u64 {
        self.segments.len() as u64 + self.folded.as_ref().map_or(0, |fold| fold.count)
    }
}

fn is_zero_f64(number: &f64) -> bool {
    *number == 0.0
}

fn is_zero_u64(number: &u64) -> bool {
    *number == 0
}

fn is_zero_u32(number: &u32) -> bool {
    *number == 0
}

fn is_zero_u16(number: &u16) -> bool {
    *number == 0
}

fn is_false(flag: &bool) -> bool {
    !*flag
}
