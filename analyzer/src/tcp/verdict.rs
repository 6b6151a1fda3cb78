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

/// In the place of a window's shift: Wireshark shows no factor.
pub(super) const NO_FACTOR: i8 = i8::MIN;

/// The verdict on one segment: what one pass over the capture knows when it gets there.
///
/// Written for every segment and read by few, so what is not there is kept as a plain number
/// that the value cannot have; the methods tell it as `None`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SegmentAnalysis {
    /// The stream. Wireshark: `tcp.stream`.
    pub stream: StreamId,
    /// Which half of it, as far as is known at this frame.
    pub direction: Direction,
    /// What the conversation had shown before this frame: 1 SYN, 2 SYN-ACK, 4 ACK, 8 data,
    /// 16 FIN, 32 RST. Wireshark: `tcp.completeness` in one pass.
    pub completeness: u8,
    /// Verdicts.
    pub flags: AnalysisFlags,
    /// Sequence number relative to the half-stream's base. Wireshark: `tcp.seq`.
    pub seq_rel: u32,
    /// Acknowledgment number relative to the other half's base; 0 or raw where Wireshark
    /// prints that (no ACK flag). Wireshark: `tcp.ack`.
    pub ack_rel: u32,
    /// Window in bytes, scaled where the scale is known. Wireshark: `tcp.window_size`.
    pub window_scaled: u32,
    pub(super) has_next_seq: bool,
    pub(super) next_seq: u32,
    /// The shift, -1 or -2; [`NO_FACTOR`] where there is none.
    pub(super) window_shift: i8,
    pub(super) bytes_in_flight: u32,
    pub(super) push_bytes_sent: u32,
    pub(super) duplicate_number: u32,
    /// Frame of the repeated ACK; frame numbers are from 1.
    pub(super) duplicate_of: u32,
    pub(super) rto_since: u32,
    pub(super) acks_frame: u32,
    /// Spans in nanoseconds.
    pub(super) rto_elapsed: i64,
    pub(super) ack_rtt: i64,
    pub(super) initial_rtt: i64,
    pub(super) stream_time: i64,
    pub(super) stream_delta: i64,
}

impl SegmentAnalysis {
    /// Says nothing yet but where the segment belongs.
    pub(crate) const fn blank(stream: StreamId, direction: Direction) -> Self {
        Self {
            stream,
            direction,
            completeness: 0,
            flags: AnalysisFlags::empty(),
            seq_rel: 0,
            ack_rel: 0,
            window_scaled: 0,
            has_next_seq: false,
            next_seq: 0,
            window_shift: NO_FACTOR,
            bytes_in_flight: 0,
            push_bytes_sent: 0,
            duplicate_number: 0,
            duplicate_of: 0,
            rto_since: 0,
            acks_frame: 0,
            rto_elapsed: 0,
            ack_rtt: 0,
            initial_rtt: 0,
            stream_time: 0,
            stream_delta: 0,
        }
    }

    /// Makes it a duplicate ACK: the `number`th repetition, from 1, of the one in a frame.
    pub(crate) const fn set_duplicate_ack(&mut self, number: u32, of_frame: u32) {
        (self.duplicate_number, self.duplicate_of) = (number, of_frame);
    }

    /// Relative number after this segment. Wireshark: `tcp.nxtseq`; `None` where it has none.
    pub fn next_seq(&self) -> Option<u32> {
        self.has_next_seq.then_some(self.next_seq)
    }

    /// -1 unknown, -2 no scaling, else the multiplier. Wireshark:
    /// `tcp.window_size_scalefactor`; `None` where it has none (SYN).
    pub fn window_factor(&self) -> Option<i32> {
        match self.window_shift {
            NO_FACTOR => None,
            unscaled if unscaled < 0 => Some(i32::from(unscaled)),
            shift => Some(1 << shift),
        }
    }

    /// For a duplicate ACK: which one.
    pub fn duplicate_ack(&self) -> Option<DuplicateAck> {
        let of_frame = FrameNumber(u64::from(self.duplicate_of));
        let duplicate = DuplicateAck { number: self.duplicate_number, of_frame };
        (self.duplicate_number != 0).then_some(duplicate)
    }

    /// For a retransmission: the time waited.
    pub fn rto(&self) -> Option<RetransmissionTimeout> {
        let since_frame = FrameNumber(u64::from(self.rto_since));
        span(self.rto_elapsed).map(|elapsed| RetransmissionTimeout { elapsed, since_frame })
    }

    /// Frame of the segment that this one acknowledges. Wireshark: `tcp.analysis.acks_frame`.
    pub fn acks_frame(&self) -> Option<FrameNumber> {
        (self.acks_frame != 0).then_some(FrameNumber(u64::from(self.acks_frame)))
    }

    /// Time since that frame. Wireshark: `tcp.analysis.ack_rtt`.
    pub fn ack_rtt(&self) -> Option<TimeDelta> {
        span(self.ack_rtt)
    }

    /// RTT of the handshake. Wireshark: `tcp.analysis.initial_rtt`, on the rows that show it.
    pub fn initial_rtt(&self) -> Option<TimeDelta> {
        span(self.initial_rtt)
    }

    /// Unacknowledged bytes with this segment. Wireshark: `tcp.analysis.bytes_in_flight`.
    pub fn bytes_in_flight(&self) -> Option<u32> {
        (self.bytes_in_flight != 0).then_some(self.bytes_in_flight)
    }

    /// Bytes since the last PSH. Wireshark: `tcp.analysis.push_bytes_sent`.
    pub fn push_bytes_sent(&self) -> Option<u32> {
        self.bytes_in_flight().map(|_| self.push_bytes_sent)
    }

    /// Since the stream's first frame. Wireshark: `tcp.time_relative`.
    pub fn stream_time(&self) -> TimeDelta {
        TimeDelta::from_nanos(self.stream_time)
    }

    /// Since the stream's previous frame. Wireshark: `tcp.time_delta`.
    pub fn stream_delta(&self) -> TimeDelta {
        TimeDelta::from_nanos(self.stream_delta)
    }
}

/// A span in nanoseconds that 0 stands for the absence of.
fn span(nanos: i64) -> Option<TimeDelta> {
    (nanos != 0).then_some(TimeDelta::from_nanos(nanos))
}
