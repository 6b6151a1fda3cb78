//! Bytes on their way: `tcp.analysis.bytes_in_flight` and `push_bytes_sent`.

use crate::tcp::half_stream::{HalfMarks, HalfStream};
use crate::tcp::unacked::UnackedPool;
use crate::tcp::{Segment, SeqNumber};

/// More than this is taken for nonsense.
const MAX_IN_FLIGHT: u32 = 2_000_000_000;

/// Bytes that the sender has in flight with this segment: from the first to the last
/// unacknowledged number, less what the receiver's SACK blocks hold and less one for a SYN or
/// FIN; `None` without payload, after a hole, or when the sum makes no sense.
pub(super) fn bytes_in_flight(
    sender: &HalfStream,
    receiver: &HalfStream,
    segment: &Segment,
    pool: &UnackedPool,
) -> Option<u32> {
    if segment.payload_len == 0 || sender.marks.contains(HalfMarks::FLIGHT_UNKNOWN) {
        return None;
    }
    let base = SeqNumber(sender.base);
    let mut ends: Option<(u32, u32)> = None;
    for sent in pool.iter(sender.unacked) {
        let start = SeqNumber(sent.start).relative_to(base);
        let end = SeqNumber(sent.end).relative_to(base);
        ends = Some(ends.map_or((start, end), |(low, high)| (low.min(start), high.max(end))));
    }
    let (low, high) = ends?;
    let span = high.wrapping_sub(low).wrapping_sub(receiver.sacked_bytes);
    let control = u32::from(segment.has_syn_or_fin());
    Some(span.wrapping_sub(control)).filter(|bytes| (1..MAX_IN_FLIGHT).contains(bytes))
}
