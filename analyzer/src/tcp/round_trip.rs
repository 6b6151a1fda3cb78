//! The handshake's round trip time. Wireshark: `tcp.analysis.initial_rtt`.
//!
//! Measured from the latest bare SYN to the first segment of either side that has ACK and no
//! SYN. A measured 0 counts as not measured, and a SYN at the very epoch as not seen, as in
//! Wireshark.

use super::stream::Stream;
use super::{Segment, TcpFlags};

/// The round trip time in nanoseconds; 0 while it is not known.
#[inline]
pub(super) const fn initial_rtt(stream: &Stream) -> i64 {
    if stream.is_rtt_known { stream.syn_time_or_rtt } else { 0 }
}

/// Takes note of the next segment.
#[inline]
pub(super) fn learn(stream: &mut Stream, segment: &Segment) {
    if stream.is_rtt_known {
        return;
    }
    let now = segment.timestamp.as_nanos();
    if segment.is_bare_syn() {
        stream.syn_time_or_rtt = now;
    }
    if segment.flags & (TcpFlags::SYN | TcpFlags::ACK) == TcpFlags::ACK {
        learn_from_ack(stream, now);
    }
}

/// Takes note of a segment that has ACK and no SYN, and came at that time.
#[inline]
pub(super) fn learn_from_ack(stream: &mut Stream, now: i64) {
    let syn_time = stream.syn_time_or_rtt;
    if !stream.is_rtt_known && syn_time != 0 && syn_time != now {
        (stream.syn_time_or_rtt, stream.is_rtt_known) = (now.wrapping_sub(syn_time), true);
    }
}
