//! One TCP connection, as the report tells it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Handshake, Teardown, Waiting};

/// A frame and when it was recorded.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Moment {
    /// Frame number, from 1.
    pub frame: u64,
    /// Seconds since the capture's first frame.
    pub time: f64,
}

/// One of the two ends of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// The one that asked for the connection.
    Client,
    /// The one that was asked.
    Server,
}

/// Address and port.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EndpointSummary {
    /// IP address as text.
    pub address: String,
    /// TCP port.
    pub port: u16,
}

/// How it is known who is the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RoleBasis {
    /// A SYN or SYN-ACK was captured.
    Handshake,
    /// The start was not captured: an assumption, see `roles_because`.
    Assumed,
}

/// What one side asked for in its SYN or SYN-ACK.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SideOptions {
    /// Maximum segment size in bytes that it wants to receive.
    pub mss: Option<u16>,
    /// Window scale as a shift; null when it did not offer scaling.
    pub window_scale: Option<u8>,
    /// Offered selective acknowledgments.
    pub sack_permitted: bool,
    /// Offered timestamps.
    pub timestamps: bool,
    /// Sent a TCP Fast Open option.
    pub fast_open: bool,
    /// Sent a Multipath TCP option.
    pub mptcp: bool,
    /// Window in its SYN or SYN-ACK, in bytes, never scaled.
    pub window: u16,
}

/// One direction of a connection.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Flow {
    /// Frames.
    pub frames: u64,
    /// Bytes of those frames on the wire, headers included.
    pub wire_bytes: u64,
    /// Payload bytes of all segments together, repeated ones included.
    pub segment_bytes: u64,
    /// Payload bytes without what was sent again: what the application sent.
    pub application_bytes: u64,
    /// Payload bytes that must have been sent but are not in the capture.
    pub missing_bytes: u64,
    /// Segments with payload.
    pub data_segments: u64,
    /// The first segment with payload.
    pub first_data: Option<Moment>,
    /// The last segment with payload.
    pub last_data: Option<Moment>,
}

/// One segment that carried payload or asked for delivery (PSH).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SegmentRow {
    /// Frame number.
    pub frame: u64,
    /// Seconds since the capture's first frame.
    pub time: f64,
    /// Who sent it.
    pub from: Side,
    /// Flags in Wireshark's words, for example `PSH, ACK`.
    pub flags: String,
    /// Relative sequence number.
    pub seq_rel: u32,
    /// Payload bytes.
    pub payload_len: u32,
    /// The first payload bytes, two hex digits each, separated by spaces.
    pub hex: String,
    /// The same bytes as text: printable ASCII, everything else a dot.
    pub text: String,
    /// True when `hex` and `text` do not show the whole payload.
    pub is_cut: bool,
    /// What is special about it.
    pub events: Vec<EventKind>,
}

/// Things that happen to segments, in Wireshark's words (`tcp.analysis.*`).
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// Sent again, and none of the three kinds below.
    Retransmission,
    /// Sent again after duplicate ACKs.
    FastRetransmission,
    /// Sent again although it had been acknowledged.
    SpuriousRetransmission,
    /// Came later than its place in the stream.
    OutOfOrder,
    /// Same addresses and ports as an earlier connection.
    ReusedPorts,
    /// A segment before this one is not in the capture.
    LostSegment,
    /// Acknowledges data that is not in the capture.
    AckLostSegment,
    /// Changes nothing but the window.
    WindowUpdate,
    /// Fills the receiver's window to the last byte.
    WindowFull,
    /// Asks whether the other side is still there.
    KeepAlive,
    /// Answers that question.
    KeepAliveAck,
    /// Tries with one byte whether the closed window has opened.
    ZeroWindowProbe,
    /// Says that the receiver has no room.
    ZeroWindow,
    /// Answers a probe.
    ZeroWindowProbeAck,
    /// Repeats an ACK.
    DuplicateAck,
    /// TCP Fast Open: a SYN with a cookie.
    TfoSyn,
    /// TCP Fast Open: its data was accepted.
    TfoAck,
    /// TCP Fast Open: its data was not accepted.
    TfoIgnored,
}

/// How often something happened, with the first frames as witnesses.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct EventCount {
    /// What happened.
    pub kind: EventKind,
    /// How often.
    pub count: u64,
    /// How many of them were sent by the client.
    pub from_client: u64,
    /// The first frames, at most four.
    pub frames: Vec<u64>,
}

/// The earlier connection between the same two endpoints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PortReuse {
    /// Its stream number.
    pub previous_stream: u32,
    /// Its last frame.
    pub previous_last_frame: u64,
}

/// Which other connections were open while this one was.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ConnectionOverlaps {
    /// How many.
    pub count: u64,
    /// The first of them, by stream number; at most eight.
    pub streams: Vec<u32>,
}

/// One TCP connection.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Connection {
    /// Stream number, Wireshark's `tcp.stream`.
    pub stream: u32,
    /// Who asked for the connection.
    pub client: EndpointSummary,
    /// Who was asked.
    pub server: EndpointSummary,
    /// How that is known.
    pub roles: RoleBasis,
    /// What the assumption rests on; null when the handshake says it.
    pub roles_because: Option<String>,
    /// True when its first captured frame is not the start of a handshake.
    pub began_before_capture: bool,
    /// Its first frame.
    pub first: Moment,
    /// Its last frame.
    pub last: Moment,
    /// Seconds from its first to its last frame.
    pub duration: f64,
    /// How it began.
    pub handshake: Handshake,
    /// Options in the client's SYN; null when it was not captured.
    pub client_options: Option<SideOptions>,
    /// Options in the server's SYN-ACK; null when it was not captured.
    pub server_options: Option<SideOptions>,
    /// What the client sent.
    pub from_client: Flow,
    /// What the server sent.
    pub from_server: Flow,
    /// How it ended.
    pub teardown: Teardown,
    /// Retransmissions and the like.
    pub events: Vec<EventCount>,
    /// The earlier connection with the same addresses and ports, if there was one.
    pub port_reuse: Option<PortReuse>,
    /// Which other connections were open meanwhile.
    pub overlaps: ConnectionOverlaps,
    /// Set when the server's kernel accepted it but its program served another one first.
    pub waiting: Option<Waiting>,
    /// Segments with payload or PSH, in capture order: the first ones and the last ones.
    pub segments: Vec<SegmentRow>,
    /// Number of such segments in the capture.
    pub segments_total: u64,
    /// How many of them are not in `segments`.
    pub segments_cut: u64,
}
