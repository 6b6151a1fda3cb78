//! The facts of one TCP segment, copied out of its frame: small, plain, without judgement.

use std::net::{IpAddr, Ipv4Addr};

use arrayvec::ArrayVec;
use bitflags::bitflags;

use super::{Endpoint, SeqNumber};
use crate::frame::FrameNumber;
use crate::time::Timestamp;

bitflags! {
    /// The twelve flag bits of the TCP header (RFC 9293, section 3.1). Wireshark: `tcp.flags`.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
    pub struct TcpFlags: u16 {
        /// No more data from the sender.
        const FIN = 0x001;
        /// Synchronise sequence numbers.
        const SYN = 0x002;
        /// Reset the connection.
        const RST = 0x004;
        /// Push: hand the data to the application now.
        const PSH = 0x008;
        /// The acknowledgment number is valid.
        const ACK = 0x010;
        /// The urgent pointer is valid.
        const URG = 0x020;
        /// ECN echo (RFC 3168).
        const ECE = 0x040;
        /// Congestion window reduced (RFC 3168).
        const CWR = 0x080;
        /// Accurate ECN, formerly the nonce sum.
        const AE = 0x100;
        /// The three reserved bits.
        const RESERVED = 0xe00;
    }
}

/// A block that a SACK option reports (RFC 2018): bytes `left..right` have arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SackBlock {
    /// First sequence number of the block.
    pub left: SeqNumber,
    /// Sequence number after the block.
    pub right: SeqNumber,
}

/// The options that matter to the analysis; all others stay in the frame.
#[derive(Debug, Clone, Default)]
pub struct SegmentOptions {
    /// Maximum segment size in bytes (kind 2, RFC 9293).
    pub mss: Option<u16>,
    /// Window scale shift (kind 3, RFC 7323), as sent; 14 is the highest that counts.
    pub window_scale: Option<u8>,
    /// SACK permitted (kind 4, RFC 2018).
    pub sack_permitted: bool,
    /// SACK blocks (kind 5, RFC 2018); a full option space holds at most four.
    pub sack: ArrayVec<SackBlock, 4>,
    /// TSval and TSecr (kind 8, RFC 7323).
    pub timestamps: Option<(u32, u32)>,
    /// TCP Fast Open (kind 34, RFC 7413): length of the cookie in bytes, 0 for a request.
    pub fast_open_cookie_len: Option<u8>,
    /// True when a Multipath TCP option is there (kind 30, RFC 8684).
    pub has_mptcp: bool,
}

impl SegmentOptions {
    /// Takes all options away.
    #[inline]
    pub(super) fn clear(&mut self) {
        (self.mss, self.window_scale, self.sack_permitted) = (None, None, false);
        self.sack.clear();
        (self.timestamps, self.fast_open_cookie_len, self.has_mptcp) = (None, None, false);
    }

    /// Bytes in the first three SACK blocks together, overlaps counted twice: what Wireshark
    /// takes off the bytes in flight.
    pub fn sacked_bytes(&self) -> u32 {
        let bytes = self.sack.iter().take(3).map(|block| block.right.relative_to(block.left));
        bytes.fold(0, u32::wrapping_add)
    }
}

/// What one TCP segment says.
#[derive(Debug, Clone)]
pub struct Segment {
    /// The frame that carried it (the completing one when it came in IP fragments).
    pub frame: FrameNumber,
    /// When that frame was recorded.
    pub timestamp: Timestamp,
    /// Sender.
    pub source: Endpoint,
    /// Receiver.
    pub destination: Endpoint,
    /// Raw sequence number. Wireshark: `tcp.seq_raw`.
    pub seq_raw: SeqNumber,
    /// Raw acknowledgment number, meaningful with ACK. Wireshark: `tcp.ack_raw`.
    pub ack_raw: SeqNumber,
    /// All twelve flag bits.
    pub flags: TcpFlags,
    /// Window as sent, unscaled. Wireshark: `tcp.window_size_value`.
    pub window_raw: u16,
    /// Urgent pointer. Wireshark: `tcp.urgent_pointer`.
    pub urgent: u16,
    /// Header bytes with options. Wireshark: `tcp.hdr_len`.
    pub header_len: u8,
    /// Payload bytes on the wire, 0 when [`Self::is_length_known`] is false. Wireshark: `tcp.len`.
    pub payload_len: u32,
    /// False when the IP packet is too short for the header that the segment claims, or when
    /// an ICMP error quotes it: no `tcp.len`, raw numbers, and no verdicts.
    pub is_length_known: bool,
    /// False when the header claims fewer than 20 bytes or was cut before its end: Wireshark
    /// then shows no verdicts, though it takes the segment into account.
    pub is_header_whole: bool,
    /// The options.
    pub options: SegmentOptions,
}

impl Segment {
    /// One that says nothing, to be written over.
    pub(crate) fn blank() -> Self {
        let nowhere = Endpoint::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 0);
        Self {
            frame: FrameNumber(0),
            timestamp: Timestamp::default(),
            source: nowhere,
            destination: nowhere,
            seq_raw: SeqNumber(0),
            ack_raw: SeqNumber(0),
            flags: TcpFlags::empty(),
            window_raw: 0,
            urgent: 0,
            header_len: 0,
            payload_len: 0,
            is_length_known: false,
            is_header_whole: false,
            options: SegmentOptions::default(),
        }
    }

    /// Sequence space that it takes: payload, plus one for SYN and one for FIN
    /// (RFC 9293, section 3.4).
    pub fn sequence_len(&self) -> u32 {
        let control = (self.flags & (TcpFlags::SYN | TcpFlags::FIN)).bits().count_ones();
        self.payload_len.wrapping_add(control)
    }

    /// Sequence space as Wireshark counts it: SYN and FIN in one segment are one, not two.
    pub fn wireshark_len(&self) -> u32 {
        self.payload_len.wrapping_add(u32::from(self.has_syn_or_fin()))
    }

    /// True with SYN or FIN.
    pub fn has_syn_or_fin(&self) -> bool {
        self.flags.intersects(TcpFlags::SYN | TcpFlags::FIN)
    }

    /// True for a SYN without ACK: the first segment of a handshake.
    pub fn is_bare_syn(&self) -> bool {
        self.flags & (TcpFlags::SYN | TcpFlags::ACK) == TcpFlags::SYN
    }

    /// True for a SYN with ACK: the answer in a handshake.
    pub fn is_syn_ack(&self) -> bool {
        self.flags.contains(TcpFlags::SYN | TcpFlags::ACK)
    }
}
