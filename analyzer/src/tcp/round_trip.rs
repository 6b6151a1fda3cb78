//! The handshake's round trip time. Wireshark: `tcp.analysis.initial_rtt`.

use super::stream::Stream;
use super::{Segment, TcpFlags};

/// Remembers the latest bare SYN, and measures from there to the first segment of either side
/// that has ACK and no SYN. A measured 0 counts as not
/// measured, and a SYN at the very epoch as not seen.
pub(super) fn learn_initial_rtt(stream: &mut Stream, segment: &Segment) {
    let now = segment.timestamp.as_nanos();
    if segment.is_bare_syn() {
        stream.syn_time = now;
    }
    if segment.flags & (TcpFlags::SYN | TcpFlags::ACK) == TcpFlags::ACK
        && stream.initial_rtt == 0
        && stream.syn_time != 0
    {
        stream.initial_rtt = now.wrapping_sub(stream.syn_time);
    }
}
