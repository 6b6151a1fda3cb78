//! What holds for every sequence of segments, sensible or not.

use proptest::prelude::*;

use super::parse_segment;
use crate::frame::FrameNumber;
use crate::tcp::{Brief, Endpoint, Plain, Segment, SeqNumber, StreamTable, TcpFlags};
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

impl Step {
    const EMPTY: Self = Self {
        is_back: false,
        seq_shift: 0,
        len: 0,
        ack_shift: 0,
        window: 1000,
        flags: TcpFlags::ACK,
        millis: 1,
        is_whole: true,
    };
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
    /// Explained segments ask every rule, others none when they are ordinary; and plain ones may
    /// take no step at all but leave behind what all steps leave.
    #[test]
    fn segments_of_every_kind_are_judged_and_remembered_alike(
        steps in prop::collection::vec(step(), 1..120),
        first in prop_oneof![Just(100_u32), Just(u32::MAX - 50), any::<u32>()],
        begins in any::<bool>(),
    ) {
        let (mut streams, mut explained) = (StreamTable::new(), StreamTable::new());
        let mut quick = StreamTable::new();
        let (mut next, mut now) = ([first, first.wrapping_mul(3)], 0);
        let opening = [(false, TcpFlags::SYN), (true, TcpFlags::SYN | TcpFlags::ACK)];
        let opening = opening.into_iter().map(|(is_back, flags)| Step {
            is_back,
            flags,
            ..Step::EMPTY
        });
        let steps = opening.filter(|_| begins).chain(steps);
        for (index, step) in steps.enumerate() {
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
            match take_plain(&mut quick, &segment) {
                None => prop_assert_eq!(quick.observe(&segment), analysis),
                Some(plain) => {
                    prop_assert!(analysis.flags.is_empty());
                    prop_assert_eq!(
                        (plain.stream, plain.direction, plain.seq_rel, plain.ack_rel),
                        (analysis.stream, analysis.direction, analysis.seq_rel, analysis.ack_rel)
                    );
                }
            }
            prop_assert_eq!(quick.remembered(analysis.stream), streams.remembered(analysis.stream));
        }
    }
}

/// Takes a segment in if it is plain.
fn take_plain(streams: &mut StreamTable, segment: &Segment) -> Option<Plain> {
    let flow = streams.hasher().flow(segment);
    let (guess, brief) = (streams.guess(&flow), Brief::of_segment(segment));
    let came = (segment.frame, segment.timestamp.as_nanos());
    if segment.is_header_whole { streams.take_plain(guess, &flow, &brief, came) } else { None }
}

/// Else the property would hold for nothing.
#[test]
fn what_is_usual_is_plain() {
    let mut streams = StreamTable::new();
    let conversation = [
        ("0.0 > S seq=99", false),
        ("0.1 < SA seq=499 ack=100", false),
        ("0.2 > A seq=100 ack=500", true),
        ("0.3 > PA seq=100 ack=500 len=50", true),
        ("0.4 < A seq=500 ack=150", true),
        ("0.5 < PA seq=500 ack=150 len=1", true),
        ("0.6 > A seq=150 ack=501 len=20", true),
        ("0.7 > A seq=150 ack=501 len=20", false),
        ("0.8 < A seq=501 ack=170 win=0", false),
        ("0.9 < FA seq=501 ack=170", true),
        ("1.0 > FPA seq=170 ack=502 len=3", true),
        ("1.1 < A seq=502 ack=174", true),
        ("1.2 > R seq=174", false),
    ];
    for (index, (text, is_plain)) in conversation.into_iter().enumerate() {
        let segment = parse_segment(index as u64 + 1, text);
        let plain = take_plain(&mut streams, &segment);
        assert_eq!(plain.is_some(), is_plain, "{text}");
        if plain.is_none() {
            streams.observe(&segment);
        }
    }
}
