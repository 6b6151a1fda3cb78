//! What the analysis says about one segment, under Wireshark's names.

use bitflags::bitflags;

use super::{Direction, StreamId};
use crate::frame::FrameNumber;
use crate::time::TimeDelta;

bitflags! {
    /// Verdicts on one segment; each is the Wireshark field `tcp.analysis.` plus the name.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
    pub struct AnalysisFlags: u32 {
        /// `retransmission`; also set with fast and spurious, as Wireshark's expert field is.
        const RETRANSMISSION = 1;
        /// `fast_retransmission`
        const FAST_RETRANSMISSION = 1 << 1;
        /// `spurious_retransmission`
        const SPURIOUS_RETRANSMISSION = 1 << 2;
        /// `out_of_order`
        const OUT_OF_ORDER = 1 << 3;
        /// `reused_ports`
        const REUSED_PORTS = 1 << 4;
        /// `lost_segment`: "Previous segment not captured"
        const LOST_SEGMENT = 1 << 5;
        /// `ack_lost_segment`: "ACKed unseen segment"
        const ACK_LOST_SEGMENT = 1 << 6;
        /// `window_update`
        const WINDOW_UPDATE = 1 << 7;
        /// `window_full`
        const WINDOW_FULL = 1 << 8;
        /// `keep_alive`
        const KEEP_ALIVE = 1 << 9;
        /// `keep_alive_ack`
        const KEEP_ALIVE_ACK = 1 << 10;
        /// `zero_window_probe`
        const ZERO_WINDOW_PROBE = 1 << 11;
        /// `zero_window`
        const ZERO_WINDOW = 1 << 12;
        /// `zero_window_probe_ack`
        const ZERO_WINDOW_PROBE_ACK = 1 << 13;
        /// `duplicate_ack`
        const DUPLICATE_ACK = 1 << 14;
        /// `tfo_syn`
        const TFO_SYN = 1 << 15;
        /// `tfo_ack`
        const TFO_ACK = 1 << 16;
        /// `tfo_ignored`
        const TFO_IGNORED = 1 << 17;
    }
}

/// Which repetition of which ACK a duplicate is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DuplicateAck {
    /// First, second, ... repetition. Wireshark: `tcp.analysis.duplicate_ack_num`.
    pub number: u32,
    /// Frame of the ACK that it repeats. Wireshark: `tcp.analysis.duplicate_ack_frame`.
    pub of_frame: FrameNumber,
}

/// How long the sender waited before it sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetransmissionTimeout {
    /// Time since the segment was first sent. Wireshark: `tcp.analysis.rto`.
    pub elapsed: TimeDelta,
    /// That segment's frame. Wireshark: `tcp.analysis.rto_frame`.
    pub since_frame: FrameNumber,
}

/// The verdict on one segment: what one pass over the capture knows when it gets there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SegmentAnalysis {
    /// The stream. Wireshark: `tcp.stream`.
    pub stream: StreamId,
    /// Which half of it, as far as is known at this frame.
    pub direction: Direction,
    /// Sequence number relative to the half-stream's base. Wireshark: `tcp.seq`.
    pub seq_rel: u32,
    /// Acknowledgment number relative to the other half's base; 0 or raw where Wireshark
    /// prints that (no ACK flag). Wireshark: `tcp.ack`.
    pub ack_rel: u32,
    /// Relative number after this segment. Wireshark: `tcp.nxtseq`; `None` where it has none.
    pub next_seq: Option<u32>,
    /// Window in bytes, scaled where the scale is known. Wireshark: `tcp.window_size`.
    pub window_scaled: u32,
    /// -1 unknown, -2 no scaling, else the multiplier. Wireshark:
    /// `tcp.window_size_scalefactor`; `None` where it has none (SYN).
    pub window_factor: Option<i32>,
    /// Verdicts.
    pub flags: AnalysisFlags,
    /// What the conversation had shown before this frame: 1 SYN, 2 SYN-ACK, 4 ACK, 8 data,
    /// 16 FIN, 32 RST. Wireshark: `tcp.completeness` in one pass.
    pub completeness: u8,
    /// For a duplicate ACK: which one.
    pub duplicate_ack: Option<DuplicateAck>,
    /// For a retransmission: the time waited.
    pub rto: Option<RetransmissionTimeout>,
    /// Frame of the segment that this one acknowledges. Wireshark: `tcp.analysis.acks_frame`.
    pub acks_frame: Option<FrameNumber>,
    /// Time since that frame. Wireshark: `tcp.analysis.ack_rtt`.
    pub ack_rtt: Option<TimeDelta>,
    /// RTT of the handshake. Wireshark: `tcp.analysis.initial_rtt`, on the rows that show it.
    pub initial_rtt: Option<TimeDelta>,
    /// Unacknowledged bytes with this segment. Wireshark: `tcp.analysis.bytes_in_flight`.
    pub bytes_in_flight: Option<u32>,
    /// Bytes since the last PSH. Wireshark: `tcp.analysis.push_bytes_sent`.
    pub push_bytes_sent: Option<u32>,
    /// Since the stream's first frame. Wireshark: `tcp.time_relative`.
    pub stream_time: TimeDelta,
    /// Since the stream's previous frame. Wireshark: `tcp.time_delta`.
    pub stream_delta: TimeDelta,
}
