//! The segments that no rule is about, which are nearly all: recognised by a few comparisons, so
//! that the rules need not be asked.
//!
//! This adds no rule and takes none away. Each function names the rules that it excludes; that
//! none is missing is a property that the tests try on random states, and debug builds on every
//! segment.

use super::ack::{self, Jump};
use super::{Before, CONTROL, window};
use crate::tcp::{SeqNumber, TcpFlags};

/// True when surely no rule holds; false says nothing.
#[inline(always)]
pub(in crate::tcp) fn is_ordinary(before: &Before<'_>) -> bool {
    is_in_order(before)
        && has_windows(before)
        && says_something_new(before)
        && ack::jump(before) == Jump::None
}

/// Starts at the next expected number, or opens its half-stream. Then it is no keep-alive and
/// follows no hole, and of the retransmissions it can only be a spurious one.
#[inline(always)]
fn is_in_order(before: &Before<'_>) -> bool {
    let (segment, next) = (before.segment, before.sender.next);
    segment.seq_raw.0 == next || (next == 0 && segment.flags.contains(TcpFlags::SYN))
}

/// No window is 0 that matters: neither a zero window nor a probe of one.
#[inline(always)]
fn has_windows(before: &Before<'_>) -> bool {
    let segment = before.segment;
    (segment.window_raw != 0 || segment.flags.intersects(CONTROL))
        && (segment.payload_len != 1 || before.receiver.window() != 0)
}

/// Payload that the receiver has not acknowledged (no spurious retransmission) and that does not
/// end where its window does (not window full); or, without payload, SYN, FIN, RST or another
/// ACK than before (no bare repeat: no window update, duplicate ACK, or answer to a probe).
#[inline(always)]
fn says_something_new(before: &Before<'_>) -> bool {
    let (segment, receiver) = (before.segment, before.receiver);
    if segment.payload_len == 0 {
        return segment.ack_raw.0 != before.sender.last_ack || segment.flags.intersects(CONTROL);
    }
    let (end, last_ack) = (segment.seq_raw + segment.payload_len, SeqNumber(receiver.last_ack));
    let is_new = end != last_ack && !end.is_before(last_ack);
    (is_new || last_ack.0 == 0) && end.0 != window::edge(receiver)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::tcp::analysis::{SoFar, ask, judge, judge_by_rules};
    use crate::tcp::half_stream::{HalfMarks, HalfStream};
    use crate::tcp::segment_tables::parse_segment;
    use crate::tcp::unacked::UnackedPool;
    use crate::tcp::{Direction, Segment, SegmentAnalysis, StreamId};
    use crate::time::Timestamp;

    /// Numbers that meet often, and lie on both sides of every comparison.
    fn number() -> impl Strategy<Value = u32> {
        prop_oneof![
            8 => 0_u32..6,
            2 => (u32::MAX - 3)..=u32::MAX,
            1 => (i32::MAX as u32 - 2)..(i32::MAX as u32 + 4),
            1 => any::<u32>(),
        ]
    }

    fn window() -> impl Strategy<Value = u16> {
        prop_oneof![4 => 0_u16..6, 1 => any::<u16>()]
    }

    fn half() -> impl Strategy<Value = HalfStream> {
        let numbers = (number(), number(), number(), number(), window());
        let rest = (-2_i8..4, any::<u8>(), -1_i32..4, 0_i64..30_000_000);
        (numbers, rest).prop_map(
            |((base, next, max_ack, last_ack, window), (scale, marks, duplicate_acks, time))| {
                let mut half = HalfStream {
                    base,
                    next,
                    max_ack,
                    last_ack,
                    duplicate_acks,
                    next_time: time,
                    last_time: time,
                    scale,
                    ..HalfStream::new()
                };
                half.set_window(window);
                half.marks = HalfMarks::from_bits_truncate(marks);
                half
            },
        )
    }

    fn segment() -> impl Strategy<Value = Segment> {
        let flags = prop_oneof![3 => Just(0x10_u16), 1 => Just(0x02), 1 => 0_u16..0x40];
        let len = prop_oneof![2 => Just(0), 4 => 0_u32..4, 1 => number()];
        (flags, number(), number(), window(), len, 0_i64..30_000_000).prop_map(
            |(flags, seq, ack, window, len, time)| {
                let mut segment = parse_segment(1, "0 > .");
                segment.flags = TcpFlags::from_bits_truncate(flags);
                segment.seq_raw = SeqNumber(seq);
                segment.ack_raw = SeqNumber(ack);
                segment.window_raw = window;
                segment.payload_len = len;
                segment.timestamp = Timestamp::from_nanos(time);
                segment
            },
        )
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4000))]

        #[test]
        fn no_rule_holds_for_an_ordinary_segment(
            sender in half(),
            receiver in half(),
            segment in segment(),
            follows in any::<bool>(),
            initial_rtt in 0_i64..3,
        ) {
            let mut segment = segment;
            if follows {
                segment.seq_raw = SeqNumber(sender.next);
            }
            let before = Before { segment: &segment, sender: &sender, receiver: &receiver, initial_rtt };
            let pool = UnackedPool::new();
            let blank = SegmentAnalysis::blank(StreamId(0), Direction::FromClient);
            let (mut quickly, mut by_rules) = (blank, blank);
            let jumps = (
                judge(&before, &pool, &mut quickly),
                judge_by_rules(&before, &pool, &mut by_rules),
            );
            prop_assert_eq!(jumps.0, jumps.1);
            prop_assert_eq!(quickly, by_rules);
            if is_ordinary(&before) {
                prop_assert_eq!(ask(&before), SoFar::default());
            }
        }
    }

    /// Else the property would hold for nothing.
    #[test]
    fn what_is_usual_is_ordinary() {
        let mut sender = HalfStream { next: 100, last_ack: 500, ..HalfStream::new() };
        sender.set_window(10);
        let receiver = HalfStream { next: 600, max_ack: 600, last_ack: 100, ..sender };
        let is_ordinary = |sender: &HalfStream, receiver: &HalfStream, text: &str| {
            let segment = parse_segment(1, text);
            is_ordinary(&Before { segment: &segment, sender, receiver, initial_rtt: 0 })
        };
        let new = HalfStream::new();
        assert!(is_ordinary(&new, &new, "0 > S seq=99"), "the first SYN");
        assert!(is_ordinary(&new, &sender, "0 < SA seq=7 ack=100"), "its answer");
        for text in ["A len=50 ack=500", "A ack=600", "FA ack=500", "R win=0", "A len=1 ack=500"] {
            assert!(is_ordinary(&sender, &receiver, &format!("0 > {text} seq=100")), "{text}");
        }
        for text in [
            "A seq=100 ack=500",
            "A seq=101 ack=600",
            "A seq=99 ack=600 len=1",
            "A seq=100 ack=601",
            "A seq=100 ack=600 win=0",
            "A seq=100 ack=500 len=10",
        ] {
            assert!(!is_ordinary(&sender, &receiver, &format!("0 > {text}")), "{text}");
        }
    }
}
