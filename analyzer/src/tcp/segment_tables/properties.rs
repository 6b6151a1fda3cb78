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

/// One step of a conversation that is mostly in order: who sends, how far its number lies from
/// the next one, how much it carries, how far its ACK lies from what the other side has sent,
/// its window and its flags.
#[derive(Debug, Clone)]
struct Step {
    is_back: bool,
    seq_shift: i32,
    len: u32,
    ack_shift: i32,
    window: u16,
    flags: TcpFlags,
    millis: i64,
    is_whole: bool,
}

fn step() -> impl Strategy<Value = Step> {
    let shift = || prop_oneof![12 => Just(0), 2 => -30_i32..30, 1 => Just(-1)];
    let len = prop_oneof![3 => Just(0), 5 => 1_u32..20, 1 => Just(1)];
    let window = prop_oneof![8 => Just(1000), 1 => Just(0), 1 => 1_u16..40];
    let ack = TcpFlags::ACK;
    let flags = prop_oneof![
        16 => Just(ack),
        4 => Just(ack | TcpFlags::PSH),
        1 => Just(ack | TcpFlags::FIN),
        1 => Just(TcpFlags::SYN),
        1 => Just(ack | TcpFlags::SYN),
        1 => (0_u16..0x40).prop_map(TcpFlags::from_bits_truncate),
    ];
    let header = (any::<bool>(), shift(), len, shift(), window, flags);
    (header, 0_i64..40, prop::bool::weighted(0.95)).prop_map(|(header, millis, is_whole)| {
        let (is_back, seq_shift, len, ack_shift, window, flags) = header;
        Step { is_back, seq_shift, len, ack_shift, window, flags, millis, is_whole }
    })
}

proptest! {
    /// Explained segments take every step, others skip those that do nothing for plain ones.
    #[test]
    fn plain_segments_get_the_verdicts_that_all_steps_give(
        steps in prop::collection::vec(step(), 1..120),
        first in prop_oneof![Just(100_u32), Just(u32::MAX - 50), any::<u32>()],
    ) {
        let (mut streams, mut explained) = (StreamTable::new(), StreamTable::new());
        let (mut next, mut now) = ([first, first.wrapping_mul(3)], 0);
        for (index, step) in steps.into_iter().enumerate() {
            let (own, peers) = (usize::from(step.is_back), usize::from(!step.is_back));
            let mut segment = parse_segment(1, if step.is_back { "0 < ." } else { "0 > ." });
            now += step.millis * 1_000_000;
            segment.frame = FrameNumber(index as u64 + 1);
            segment.timestamp = Timestamp::from_nanos(now);
            segment.flags = step.flags;
            segment.seq_raw = SeqNumber(next[own].wrapping_add_signed(step.seq_shift));
            segment.ack_raw = SeqNumber(next[peers].wrapping_add_signed(step.ack_shift));
            segment.payload_len = step.len;
            segment.window_raw = step.window;
            segment.is_header_whole = step.is_whole;
            if step.seq_shift >= 0 {
                next[own] = segment.seq_raw.0.wrapping_add(segment.wireshark_len());
            }
            let analysis = streams.observe(&segment);
            let (same, why) = explained.observe_and_explain(&segment);
            prop_assert_eq!(analysis, same);
            prop_assert!(!step.is_whole || why.flags() == analysis.flags);
        }
    }
}
