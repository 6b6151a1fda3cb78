//! What holds for every sequence of segments, sensible or not.

use proptest::prelude::*;

use super::parse_segment;
use crate::frame::FrameNumber;
use crate::tcp::{Endpoint, Segment, SeqNumber, StreamTable, TcpFlags};
use crate::time::Timestamp;

/// Numbers around which comparisons turn.
fn number() -> impl Strategy<Value = u32> {
    prop_oneof![
        0_u32..40,
        (u32::MAX - 20)..=u32::MAX,
        (i32::MAX as u32 - 20)..(i32::MAX as u32 + 20),
        any::<u32>(),
    ]
}

fn segment() -> impl Strategy<Value = Segment> {
    let header = (any::<bool>(), 0_u16..0x1000, number(), number(), 0_u16..4);
    let rest = (number(), any::<i64>(), any::<Option<u8>>(), any::<bool>(), any::<bool>());
    (header, rest).prop_map(
        |((is_back, flags, seq, ack, port), (len, time, scale, known, whole))| {
            let mut segment = parse_segment(1, if is_back { "0 < ." } else { "0 > ." });
            segment.timestamp = Timestamp::from_nanos(time);
            let source = segment.source;
            segment.source = Endpoint::new(source.address(), source.port().wrapping_add(port));
            segment.flags = TcpFlags::from_bits_truncate(flags);
            segment.seq_raw = SeqNumber(seq);
            segment.ack_raw = SeqNumber(ack);
            segment.payload_len = if known { len } else { 0 };
            segment.is_length_known = known;
            segment.is_header_whole = whole;
            segment.options.window_scale = scale;
            segment
        },
    )
}

proptest! {
    #[test]
    fn no_segments_upset_the_table(segments in prop::collection::vec(segment(), 1..200)) {
        let mut streams = StreamTable::new();
        let mut explained = StreamTable::new();
        for (index, mut segment) in segments.into_iter().enumerate() {
            segment.frame = FrameNumber(index as u64 + 1);
            let before = streams.len();
            let analysis = streams.observe(&segment);
            let (same, why) = explained.observe_and_explain(&segment);
            prop_assert_eq!(analysis, same);
            prop_assert_eq!(why.flags(), analysis.flags);
            prop_assert!((analysis.stream.0 as usize) < streams.len());
            prop_assert!(streams.len() <= before + 1);
            let stream = streams.stream(analysis.stream).expect("a stream that was just named");
            let ends = [stream.client, stream.server];
            prop_assert!(ends.contains(&segment.source) && ends.contains(&segment.destination));
        }
    }
}

#[test]
fn segments_that_nobody_acknowledges_take_bounded_memory() {
    let mut streams = StreamTable::new();
    for frame in 1..=11_000_u64 {
        let mut segment = parse_segment(frame, "0 > A seq=1 ack=1 len=10");
        segment.seq_raw = segment.seq_raw + (frame as u32) * 10;
        segment.timestamp = Timestamp::from_nanos(frame as i64);
        streams.observe(&segment);
    }
    assert_eq!(streams.unacked_capacity_used(), 10_000);
}
