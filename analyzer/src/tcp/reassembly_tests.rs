//! Tables for the reassembly of one direction: segments in, text out.

use std::net::{IpAddr, Ipv4Addr};

use super::*;
use crate::frame::FrameNumber;
use crate::tcp::{Endpoint, SegmentOptions};
use crate::time::Timestamp;

fn segment(seq: u32, flags: TcpFlags, payload_len: usize) -> Segment {
    let endpoint = Endpoint::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 1);
    Segment {
        frame: FrameNumber(1),
        timestamp: Timestamp::default(),
        source: endpoint,
        destination: endpoint,
        seq_raw: SeqNumber(seq),
        ack_raw: SeqNumber(0),
        flags,
        window_raw: 0,
        urgent: 0,
        header_len: 20,
        payload_len: payload_len as u32,
        is_length_known: true,
        is_header_whole: true,
        options: SegmentOptions::default(),
    }
}

/// One step of a table.
enum Step {
    /// Flags ("S", "F", both or none), sequence number, captured payload.
    Seg(&'static str, u32, &'static str),
    /// As `Seg`, with this many payload bytes more on the wire than captured.
    Cut(u32, &'static str, usize),
    /// An acknowledgment of the peer.
    Ack(u32),
}
use Step::{Ack, Cut, Seg};

/// Runs the steps; holes read `[n]`. What only `finish` gives stands behind a `|`.
fn run(steps: &[Step]) -> String {
    run_with(&mut Reassembly::new(), steps)
}

fn run_with(reassembly: &mut Reassembly, steps: &[Step]) -> String {
    let mut text = String::new();
    let mut sink = |piece: Piece<'_>| match piece {
        Piece::Data(bytes) => text.push_str(std::str::from_utf8(bytes).expect("ASCII")),
        Piece::Missing(bytes) => text.push_str(&format!("[{bytes}]")),
    };
    for step in steps {
        match *step {
            Seg(flags, seq, payload) => {
                let mut set = TcpFlags::ACK;
                set.set(TcpFlags::SYN, flags.contains('S'));
                set.set(TcpFlags::FIN, flags.contains('F'));
                let payload = payload.as_bytes();
                reassembly.push(&segment(seq, set, payload.len()), payload, &mut sink);
            }
            Cut(seq, payload, more) => {
                let payload = payload.as_bytes();
                let segment = segment(seq, TcpFlags::ACK, payload.len() + more);
                reassembly.push(&segment, payload, &mut sink);
            }
            Ack(number) => reassembly.acknowledge(SeqNumber(number), &mut sink),
        }
    }
    sink(Piece::Data(b"|"));
    reassembly.finish(&mut sink);
    text.trim_end_matches('|').to_owned()
}

#[test]
fn in_order_data_is_handed_out_at_once() {
    assert_eq!(run(&[Seg("S", 100, ""), Seg("", 101, "abc"), Seg("", 104, "def")]), "abcdef");
    assert_eq!(run(&[Seg("", 500, "mid"), Seg("", 503, "stream")]), "midstream");
    assert_eq!(run(&[Seg("S", 9, "fast"), Seg("", 14, "open")]), "fastopen");
}

#[test]
fn a_second_syn_with_another_number_starts_anew() {
    let steps = [Seg("S", 900, ""), Seg("S", 100, ""), Seg("", 101, "abc"), Seg("S", 7, "")];
    assert_eq!(run(&steps), "abc");
}

#[test]
fn out_of_order_data_is_put_in_order() {
    let steps = [Seg("S", 0, ""), Seg("", 7, "ghi"), Seg("", 4, "def"), Seg("", 1, "abc")];
    assert_eq!(run(&steps), "abcdefghi");
}

#[test]
fn a_hole_is_named_when_the_peer_acknowledges_bytes_behind_it() {
    let start = || [Seg("S", 0, ""), Seg("", 1, "abc"), Seg("", 10, "xyz")];
    let [a, b, c] = start();
    assert_eq!(run(&[a, b, c, Ack(4)]), "abc|[6]xyz");
    let [a, b, c] = start();
    assert_eq!(run(&[a, b, c, Ack(10)]), "abc|[6]xyz");
    let [a, b, c] = start();
    assert_eq!(run(&[a, b, c, Ack(13)]), "abc[6]xyz");
    let [a, b, c] = start();
    assert_eq!(run(&[a, b, c, Ack(13), Seg("", 4, "defghi")]), "abc[6]xyz");
}

#[test]
fn the_first_bytes_of_an_overlap_win() {
    assert_eq!(run(&[Seg("", 1, "abc"), Seg("", 1, "ABCd")]), "abcd");
    assert_eq!(run(&[Seg("", 1, "abc"), Seg("", 2, "B")]), "abc");
    let steps = [Seg("S", 0, ""), Seg("", 4, "def"), Seg("", 2, "BCDEFG"), Seg("", 1, "a")];
    assert_eq!(run(&steps), "aBCdefG");
    let steps = [Seg("S", 0, ""), Seg("", 3, "c"), Seg("", 5, "e"), Seg("", 2, "BCDEF")];
    assert_eq!(run(&steps), "|[1]BcDeF");
}

#[test]
fn a_retransmission_with_more_data_adds_only_the_new_bytes() {
    assert_eq!(run(&[Seg("", 1, "abc"), Seg("", 1, "abcdef"), Seg("", 7, "g")]), "abcdefg");
}

#[test]
fn sequence_numbers_wrap_around() {
    let near = u32::MAX - 2;
    let steps = [Seg("S", near - 1, ""), Seg("", 0, "def"), Seg("", near, "abc"), Seg("", 3, "g")];
    assert_eq!(run(&steps), "abcdefg");
}

#[test]
fn fin_may_carry_data_and_nothing_follows_it() {
    assert_eq!(run(&[Seg("", 1, "abc"), Seg("F", 4, "def")]), "abcdef");
    assert_eq!(run(&[Seg("", 1, "abc"), Seg("F", 4, "def"), Seg("", 8, "late")]), "abcdef");
    assert_eq!(run(&[Seg("", 1, "a"), Seg("F", 4, ""), Seg("", 2, "bcx")]), "abc");
}

#[test]
fn old_bytes_and_keep_alives_are_not_repeated() {
    assert_eq!(run(&[Seg("", 1, "abc"), Seg("", 3, "\0"), Seg("", 4, "d")]), "abcd");
    assert_eq!(run(&[Seg("", 100, "abc"), Seg("", 50, "before")]), "abc");
}

#[test]
fn the_cut_part_of_a_payload_is_a_hole_that_a_resend_may_fill() {
    assert_eq!(run(&[Cut(1, "ab", 4), Seg("", 7, "g"), Ack(8)]), "ab[4]g");
    assert_eq!(run(&[Cut(1, "ab", 4), Seg("", 7, "g"), Seg("", 3, "cdef")]), "abcdefg");
}

#[test]
fn memory_stays_below_the_limit() {
    let mut reassembly = Reassembly::with_waiting_limit(2 * (PIECE_OVERHEAD + 1));
    let steps = [Seg("S", 0, ""), Seg("", 3, "c"), Seg("", 5, "e"), Seg("", 7, "g")];
    assert_eq!(run_with(&mut reassembly, &steps), "[2]c|[1]e[1]g");
}

proptest::proptest! {
    /// A stream cut into pieces, sent in any order, some twice, comes out whole.
    #[test]
    fn any_order_of_complete_segments_gives_the_stream(
        data in proptest::collection::vec(proptest::num::u8::ANY, 1..200),
        cuts in proptest::collection::vec((0_usize..200, 1_usize..50), 0..60),
        base: u32,
    ) {
        let mut reassembly = Reassembly::new();
        let mut out = Vec::new();
        let mut sink = |piece: Piece<'_>| match piece {
            Piece::Data(bytes) => out.extend_from_slice(bytes),
            Piece::Missing(_) => panic!("nothing is missing"),
        };
        reassembly.push(&segment(base, TcpFlags::SYN, 0), b"", &mut sink);
        let whole = (0..data.len()).map(|at| (at, 1));
        for (at, len) in cuts.into_iter().chain(whole) {
            let at = at.min(data.len() - 1);
            let bytes = &data[at..(at + len).min(data.len())];
            let seq = base.wrapping_add(1).wrapping_add(at as u32);
            reassembly.push(&segment(seq, TcpFlags::ACK, bytes.len()), bytes, &mut sink);
        }
        proptest::prop_assert_eq!(out, data);
    }

    /// Whatever the numbers: no panic, and the position never goes back.
    #[test]
    fn any_segments_are_survived(steps in proptest::collection::vec((0_u32.., 0_u16..4096, 0_usize..64, 0_u32..100), 0..100)) {
        let mut reassembly = Reassembly::with_waiting_limit(4096);
        let bytes = [7_u8; 64];
        let mut before = 0;
        for (seq, flags, captured, more) in steps {
            let segment = segment(seq, TcpFlags::from_bits_truncate(flags), captured + more as usize);
            reassembly.push(&segment, &bytes[..captured], &mut |_| ());
            reassembly.acknowledge(SeqNumber(seq.wrapping_add(more)), &mut |_| ());
            proptest::prop_assert!(reassembly.position() >= before);
            proptest::prop_assert!(reassembly.waiting_cost <= 4096);
            before = reassembly.position();
        }
    }
}
