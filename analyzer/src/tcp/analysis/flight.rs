//! Bytes on their way: `tcp.analysis.bytes_in_flight` and `push_bytes_sent`.

use crate::tcp::half_stream::{HalfMarks, HalfStream};
use crate::tcp::unacked::UnackedPool;
use crate::tcp::{Segment, TcpFlags};

/// More than this is taken for nonsense.
const MAX_IN_FLIGHT: u32 = 2_000_000_000;

/// What is on its way with a segment that carries payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::tcp) struct Flight {
    /// Unacknowledged bytes: from the first to the last unacknowledged number, less what the
    /// receiver's SACK blocks hold and less one for a SYN or FIN; 0 when that makes no sense.
    pub bytes: u32,
    /// Payload bytes since the segment after the last PSH.
    pub pushed: u32,
}

/// Counts what is on its way; `None` without payload, when nothing waits for an ACK, and from
/// a hole until the next ACK. Payload that is not counted here is not counted as pushed.
pub(super) fn count(
    sender: &mut HalfStream,
    receiver: &HalfStream,
    segment: &Segment,
    pool: &UnackedPool,
) -> Option<Flight> {
    if segment.payload_len == 0 || sender.marks.contains(HalfMarks::FLIGHT_UNKNOWN) {
        return None;
    }
    let span = pool.span(&mut sender.unacked, sender.base)?.wrapping_sub(receiver.sacked_bytes);
    let is_sensible = (1..MAX_IN_FLIGHT).contains(&span);
    let bytes = if is_sensible { span - u32::from(segment.has_syn_or_fin()) } else { 0 };
    Some(Flight { bytes, pushed: count_pushed(sender, segment) })
}

fn count_pushed(sender: &mut HalfStream, segment: &Segment) -> u32 {
    let so_far = if sender.marks.contains(HalfMarks::PUSHED) { 0 } else { sender.push_bytes };
    sender.push_bytes = so_far.wrapping_add(segment.payload_len);
    sender.marks.set(HalfMarks::PUSHED, segment.flags.contains(TcpFlags::PSH));
    sender.push_bytes
}
