//! What a made capture holds, counted while it is written.

use serde::Serialize;

use super::packet::{ACK, FIN, Packet, RST, Role, SYN};

/// What is among the frames that were written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Truth {
    /// Frames written.
    pub frames: u64,
    /// Their bytes on the wire.
    pub bytes: u64,
    /// Bytes of data, with those that were sent again.
    pub payload_bytes: u64,
    /// Connections with at least one frame.
    pub connections: u64,
    /// Connections that had frames left when a limit ended the capture.
    pub cut_off: u64,
    /// SYN-ACKs.
    pub answered: u64,
    /// Connections that were refused: RST to a SYN.
    pub refused: u64,
    /// SYNs that were sent again.
    pub syn_again: u64,
    /// FINs.
    pub fins: u64,
    /// RSTs that end an open connection.
    pub resets: u64,
    /// Segments with data.
    pub data_segments: u64,
    /// Segments that were lost after they had been seen; each is repaired later.
    pub lost_behind: u64,
    /// Segments that were lost before they could be seen; counted when their repair is seen.
    pub lost_before: u64,
    /// Gaps in the sequence numbers that those left.
    pub gaps: u64,
    /// Segments sent again after three duplicate acknowledgements.
    pub fast_repairs: u64,
    /// Segments sent again after a timeout.
    pub timeout_repairs: u64,
    /// Segments sent again although they had been acknowledged.
    pub spurious: u64,
    /// Segments that were overtaken.
    pub overtaken: u64,
    /// Segments that the network delivered twice.
    pub duplicated: u64,
    /// Acknowledgements that were repeated.
    pub duplicate_acks: u64,
    /// Windows that were closed.
    pub zero_windows: u64,
    /// Keep-alives.
    pub keep_alives: u64,
    /// Connections between the ports of an earlier one.
    pub reused: u64,
    /// Connections over IPv6.
    pub ipv6: u64,
    /// Connections in a VLAN.
    pub vlan: u64,
}

impl Truth {
    /// Counts a frame of `len` bytes.
    pub(super) fn count(&mut self, packet: &Packet, len: usize) {
        self.frames += 1;
        self.bytes += len as u64;
        self.payload_bytes += u64::from(packet.payload_len);
        self.data_segments += u64::from(packet.payload_len > 0);
        self.fins += u64::from(packet.flags & FIN != 0);
        self.answered += u64::from(packet.flags & (SYN | ACK) == SYN | ACK);
        if packet.flags & RST != 0 {
            let is_answer_to_syn = packet.seq == 0;
            self.refused += u64::from(is_answer_to_syn);
            self.resets += u64::from(!is_answer_to_syn);
        }
        match packet.role {
            Role::Regular => {}
            Role::SynAgain => self.syn_again += 1,
            Role::LostBehind => self.lost_behind += 1,
            Role::Overtaken => self.overtaken += 1,
            Role::Duplicate => self.duplicated += 1,
            Role::FastRepair => self.fast_repairs += 1,
            Role::TimeoutRepair => self.timeout_repairs += 1,
            Role::UnseenRepair { begins_gap } => {
                self.lost_before += 1;
                self.gaps += u64::from(begins_gap);
            }
            Role::Spurious => self.spurious += 1,
            Role::DuplicateAck => self.duplicate_acks += 1,
            Role::ZeroWindow => self.zero_windows += 1,
            Role::KeepAlive => self.keep_alives += 1,
        }
    }
}
