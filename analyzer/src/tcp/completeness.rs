//! How much of a connection's life the capture shows. Wireshark: `tcp.completeness`.

use super::{Segment, TcpFlags};

/// A bare SYN opened the conversation.
const SYN: u8 = 1;
/// A SYN-ACK.
const SYN_ACK: u8 = 2;
/// An ACK without SYN and without payload, from either side (RST-ACK and FIN-ACK count).
const ACK: u8 = 4;
/// Payload, beside an ACK.
const DATA: u8 = 8;
/// FIN together with ACK.
const FIN: u8 = 16;
/// RST.
const RST: u8 = 32;

/// What a new conversation shows before its first segment: Wireshark already counts the SYN
/// when that SYN reuses the ports of an older one.
pub(super) fn before_first(is_reused: bool) -> u8 {
    if is_reused { SYN } else { 0 }
}

/// What a conversation shows with its first segment: only a bare SYN counts, and its data
/// unless the ports are reused.
pub(super) fn after_first(segment: &Segment, is_reused: bool) -> u8 {
    if !segment.is_bare_syn() {
        return 0;
    }
    if segment.payload_len > 0 && !is_reused { SYN | DATA } else { SYN }
}

/// What it shows after a later segment. Data counts with ACK and without SYN only.
pub(super) fn after(shown: u8, segment: &Segment) -> u8 {
    let flags = segment.flags;
    let mut shown = shown;
    if segment.is_syn_ack() {
        shown |= SYN_ACK;
    }
    if flags & (TcpFlags::SYN | TcpFlags::ACK) == TcpFlags::ACK {
        shown |= of_plain(segment.payload_len > 0, false);
    }
    if flags.contains(TcpFlags::FIN | TcpFlags::ACK) {
        shown |= FIN;
    }
    if flags.contains(TcpFlags::RST) {
        shown |= RST;
    }
    shown
}

/// What a later segment adds that has ACK and neither SYN nor RST.
#[inline]
pub(super) const fn of_plain(has_payload: bool, has_fin: bool) -> u8 {
    (if has_payload { DATA } else { ACK }) | (if has_fin { FIN } else { 0 })
}
