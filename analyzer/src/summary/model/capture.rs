//! The capture as a whole: where it came from, how much there is, how far it could be read.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The capture as a whole.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CaptureOverview {
    /// File name as given, `-` for standard input, or the interface's name.
    pub file: String,
    /// `pcap`, `pcapng`, `snoop`, or `live` for an interface; null when the source did not say.
    pub format: Option<String>,
    /// The recording interfaces, by their number in the capture.
    pub interfaces: Vec<InterfaceSummary>,
    /// Number of frames read.
    pub frames: u64,
    /// Bytes on the wire, all frames together.
    pub bytes: u64,
    /// Bytes stored; smaller than `bytes` when a snaplen cut frames.
    pub captured_bytes: u64,
    /// Time of the first frame, UTC, as RFC 3339 with nanoseconds.
    pub start: Option<String>,
    /// Time of the first frame in nanoseconds since the epoch.
    pub start_epoch_ns: Option<i64>,
    /// From the earliest to the latest frame, in seconds.
    pub duration: f64,
    /// Frames per protocol, by the innermost layer that could be read, most frames first.
    pub protocols: Vec<ProtocolCount>,
    /// Frames that carried TCP.
    pub tcp_frames: u64,
    /// TCP segments whose checksum is right; `findings` count the wrong and the offloaded
    /// ones, and the rest could not be checked (cut frames).
    pub good_checksums: u64,
    /// What the recorder counted.
    pub recorder: RecorderCounts,
}

/// An interface as the capture describes it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct InterfaceSummary {
    /// Name on the recording machine.
    pub name: Option<String>,
    /// Free text.
    pub description: Option<String>,
    /// LINKTYPE_ number, 1 for Ethernet.
    pub link_type: u16,
    /// Longest stored frame in bytes; 0 when unlimited.
    pub snaplen: u32,
    /// Digits of its timestamps after the second: 6 for microseconds, 9 for nanoseconds.
    pub timestamp_digits: u8,
}

/// Frames whose innermost readable layer is this protocol.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ProtocolCount {
    /// Wireshark's short name, for example `tcp` or `arp`.
    pub protocol: String,
    /// Number of frames.
    pub frames: u64,
    /// Their bytes on the wire.
    pub bytes: u64,
}

/// What the recorder counted; null where it did not say.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RecorderCounts {
    /// Frames that passed the capture filter.
    pub received: Option<u64>,
    /// Frames lost because the recorder was too slow.
    pub dropped_by_kernel: Option<u64>,
    /// Frames lost at the interface.
    pub dropped_by_interface: Option<u64>,
}

/// Whether the whole capture could be read.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Completeness {
    /// False when reading ended before the capture did.
    pub complete: bool,
    /// Why reading ended early: file, byte offset and reason.
    pub error: Option<String>,
}

/// The display filter that chose connections: one is told, from all of its frames, when at
/// least one of its frames matched.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FilterSummary {
    /// The filter as typed.
    pub text: String,
    /// Frames of any kind that matched.
    pub frames_matched: u64,
    /// Connections with at least one matching frame.
    pub connections_matched: u64,
}
