//! Bytes on their way: `tcp.analysis.bytes_in_flight` and `push_bytes_sent`.

use crate::tcp::half_stream::{HalfMarks, HalfStream};
use crate::tcp::unacked::UnackedPool;
use crate::tcp::{Segment, SegmentAnalysis, TcpFlags};

/// More than this is taken for nonsense.
const MAX_IN_FLIGHT: u32 = 2_000_000_000;

/// Notes what is on its way with a segment that carries payload: the unacknowledged bytes (from
/// the first to the last unacknowledged number, less what the receiver's SACK blocks hold and
/// less one for a SYN or FIN; none when that makes no sense), and the payload bytes since the
/// segment after the last PSH.
///
/// False when nothing is counted: without payload, when nothing waits for an ACK, and from a
/// hole until the next ACK. Payload that is not counted here is not counted as pushed.
pub(super) fn count(
    sender: &mut HalfStream,
    receiver: &HalfStream,
    segment: &Segment,
    pool: &UnackedPool,
    analysis: &mut SegmentAnalysis,
) -> bool {
    if segment.payload_len == 0 || sender.marks.contains(HalfMarks::FLIGHT_UNKNOWN) {
        return false;
    }
    let Some(span) = pool.span(&mut sender.unacked, sender.base) else { return false };
    let span = span.wrapping_sub(receiver.sacked_bytes);
    let pushed = count_pushed(sender, segment);
    if (1..MAX_IN_FLIGHT).contains(&span) {
        analysis.bytes_in_flight = span - u32::from(segment.has_syn_or_fin());
        analysis.push_bytes_sent = if analysis.bytes_in_flight == 0 { 0 } else { pushed };
    }
    true
}

fn count_pushed(sender: &mut HalfStream, segment: &Segment) -> u32 {
    let so_far = if sender.marks.contains(HalfMarks::PUSHED) { 0 } else { sender.push_bytes };
    sender.push_bytes = so_far.wrapping_add(segment.payload_len);
    sender.marks.set(HalfMarks::PUSHED, segment.flags.contains(TcpFlags::PSH));
    sender.push_bytes
}
