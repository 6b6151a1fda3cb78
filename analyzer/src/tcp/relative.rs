//! Relative sequence and acknowledgment numbers.
//!
//! Wireshark: preference "Relative sequence numbers" (`tcp.relative_sequence_numbers`).

use super::half_stream::HalfStream;
use super::{Segment, SeqNumber, TcpFlags};

/// Sets the bases that this segment is the first to tell: the sender's is its ISN when it has
/// SYN, else one below its sequence number, so that a stream captured from the middle begins
/// at 1; the receiver's is one below the acknowledgment number. A segment of unknown length
/// tells none.
#[inline]
pub(super) fn learn_bases(sender: &mut HalfStream, receiver: &mut HalfStream, segment: &Segment) {
    let are_known = sender.known_base().is_some() && receiver.known_base().is_some();
    if !are_known && segment.is_length_known {
        learn_missing_bases(sender, receiver, segment);
    }
}

fn learn_missing_bases(sender: &mut HalfStream, receiver: &mut HalfStream, segment: &Segment) {
    if sender.known_base().is_none() {
        let base = if segment.flags.contains(TcpFlags::SYN) {
            segment.seq_raw
        } else {
            segment.seq_raw - 1
        };
        sender.set_base(base.0);
    }
    if receiver.known_base().is_none() && segment.flags.contains(TcpFlags::ACK) {
        receiver.set_base((segment.ack_raw - 1).0);
    }
}

/// `tcp.seq`: relative to the sender's base; raw when the segment's length is unknown.
pub(super) fn seq(sender: &HalfStream, segment: &Segment) -> u32 {
    match sender.known_base() {
        Some(base) if segment.is_length_known => segment.seq_raw.relative_to(SeqNumber(base)),
        _ => segment.seq_raw.0,
    }
}

/// `tcp.ack`: relative to the receiver's base; raw without ACK or with an unknown length.
pub(super) fn ack(receiver: &HalfStream, segment: &Segment) -> u32 {
    match receiver.known_base() {
        Some(base) if segment.is_length_known && segment.flags.contains(TcpFlags::ACK) => {
            segment.ack_raw.relative_to(SeqNumber(base))
        }
        _ => segment.ack_raw.0,
    }
}

/// `tcp.nxtseq`: the relative number after this segment, SYN and FIN counted as one together.
/// Meaningless when the segment's length is unknown.
pub(super) fn next_seq(seq_rel: u32, segment: &Segment) -> u32 {
    if segment.is_length_known { seq_rel.wrapping_add(segment.wireshark_len()) } else { 0 }
}
