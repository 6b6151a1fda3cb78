//! Segments made of bytes, and what must hold of every verdict and every reassembly.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use analyzer::frame::FrameNumber;
use analyzer::tcp::reassembly::{Piece, Reassembly};
use analyzer::tcp::{
    AnalysisFlags, Endpoint, SackBlock, Segment, SegmentAnalysis, SegmentOptions, SeqNumber,
    StreamTable, TcpFlags,
};
use analyzer::time::Timestamp;

use crate::bytes::Input;
use crate::frames::step;

/// Bytes that may wait behind a hole in the reassemblies here.
const WAITING_LIMIT: usize = 4096;
/// Segments of one input.
pub const MAX_SEGMENTS: u64 = 5_000;

/// Makes segments: a few endpoints, numbers near each other or anywhere.
pub struct Segments<'a> {
    input: Input<'a>,
    frame: u64,
    nanos: i64,
    next: [u32; 8],
}

impl<'a> Segments<'a> {
    /// The first bytes choose the initial sequence numbers.
    pub fn new(bytes: &'a [u8]) -> Self {
        let mut input = Input(bytes);
        let base = input.u32();
        let next = std::array::from_fn(|index| base.wrapping_mul(index as u32 + 1));
        Self { input, frame: 0, nanos: 1_714_552_200_000_000_000, next }
    }
}

impl Iterator for Segments<'_> {
    type Item = Segment;

    fn next(&mut self) -> Option<Segment> {
        if self.input.is_empty() || self.frame >= MAX_SEGMENTS {
            return None;
        }
        self.frame += 1;
        let (who, how) = (self.input.u8(), self.input.u8());
        self.nanos = self.nanos.wrapping_add(step(self.input.u8()));
        let pair = usize::from(who & 3);
        let is_back = who & 4 != 0;
        let (source, destination) = endpoints(pair, is_back);
        let (own, other) = match is_back {
            false => (2 * pair, 2 * pair + 1),
            true => (2 * pair + 1, 2 * pair),
        };
        let flags = match (how & 7, who & 8 != 0) {
            (0 | 1, _) => TcpFlags::ACK,
            (2, _) => TcpFlags::ACK | TcpFlags::PSH,
            (3, false) => TcpFlags::SYN,
            (3, true) => TcpFlags::SYN | TcpFlags::ACK,
            (4, _) => TcpFlags::FIN | TcpFlags::ACK,
            (5, _) => TcpFlags::RST | TcpFlags::ACK,
            (6, _) => TcpFlags::ACK,
            _ => TcpFlags::from_bits_truncate(self.input.u16()),
        };
        let payload_len = match (how >> 3) & 3 {
            0 => 0,
            1 => 1,
            2 => u32::from(self.input.u8()),
            _ => u32::from(self.input.u16()),
        };
        let seq_raw = match (how >> 5) & 3 {
            0 | 1 => self.next[own],
            2 => self.next[own].wrapping_add(i32::from(self.input.u8() as i8).cast_unsigned()),
            _ => self.input.u32(),
        };
        let ack_raw = match who >> 6 {
            0 | 1 => self.next[other],
            2 => self.next[other].wrapping_sub(u32::from(self.input.u8())),
            _ => self.input.u32(),
        };
        let has_more = how & 0x80 != 0;
        let more = if has_more { self.input.u8() } else { 0 };
        let is_length_known = more & 1 == 0;
        let payload_len = if is_length_known { payload_len } else { 0 };
        let segment = Segment {
            frame: FrameNumber(self.frame),
            timestamp: Timestamp::from_nanos(self.nanos),
            source,
            destination,
            seq_raw: SeqNumber(seq_raw),
            ack_raw: SeqNumber(ack_raw),
            flags,
            window_raw: if more & 2 == 0 { 512 } else { self.input.u16() },
            urgent: 0,
            header_len: 20,
            payload_len,
            is_length_known,
            is_header_whole: more & 4 == 0,
            options: options(more, &mut self.input),
        };
        self.next[own] = seq_raw.wrapping_add(segment.sequence_len());
        Some(segment)
    }
}

fn endpoints(pair: usize, is_back: bool) -> (Endpoint, Endpoint) {
    let address = |last| match pair {
        3 => IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, last)),
        _ => IpAddr::V4(Ipv4Addr::new(10, 0, 0, last as u8)),
    };
    let client = Endpoint::new(address(2), 40_000 + pair as u16);
    // The second pair is an endpoint that talks with itself.
    let server = if pair == 1 { client } else { Endpoint::new(address(1), 80) };
    if is_back { (server, client) } else { (client, server) }
}

fn options(more: u8, input: &mut Input<'_>) -> SegmentOptions {
    let mut options = SegmentOptions::default();
    if more & 8 != 0 {
        options.window_scale = Some(input.u8());
    }
    if more & 16 != 0 {
        for _ in 0..input.u8() & 3 {
            let (left, right) = (SeqNumber(input.u32()), SeqNumber(input.u32()));
            options.sack.push(SackBlock { left, right });
        }
    }
    if more & 32 != 0 {
        options.fast_open_cookie_len = Some(input.u8());
    }
    options.has_mptcp = more & 64 != 0;
    options
}

/// Shows all segments to two tables, whose secrets differ, and checks each verdict.
pub fn check_verdicts(bytes: &[u8]) -> Vec<(Segment, SegmentAnalysis)> {
    let (mut table, mut other) = (StreamTable::new(), StreamTable::new());
    let mut judged = Vec::new();
    for segment in Segments::new(bytes) {
        let before = table.len();
        let analysis = match segment.is_length_known {
            true => table.observe(&segment),
            false => {
                table.observe_quoted(&segment);
                other.observe_quoted(&segment);
                assert_eq!(table.len(), other.len());
                continue;
            }
        };
        assert_eq!(analysis, other.observe(&segment), "verdicts must not depend on the hash");
        check_verdict(&segment, &analysis);
        let is_new = table.len() > before;
        assert!(table.len() - before <= 1 && (analysis.stream.0 as usize) < table.len());
        assert!(!is_new || analysis.stream.0 as usize == before, "streams are numbered in order");
        judged.push((segment, analysis));
    }
    for id in 0..table.len() {
        let view = table.stream(analyzer::tcp::StreamId(id as u32)).expect("numbered from 0");
        assert!(view.completeness < 64);
    }
    judged
}

fn check_verdict(segment: &Segment, analysis: &SegmentAnalysis) {
    let flags = analysis.flags;
    let has = |flag| flags.contains(flag);
    if has(AnalysisFlags::FAST_RETRANSMISSION) || has(AnalysisFlags::SPURIOUS_RETRANSMISSION) {
        assert!(has(AnalysisFlags::RETRANSMISSION));
    }
    assert!(!(has(AnalysisFlags::OUT_OF_ORDER) && has(AnalysisFlags::RETRANSMISSION)));
    assert!(!(has(AnalysisFlags::ZERO_WINDOW) && segment.window_raw != 0));
    assert_eq!(has(AnalysisFlags::DUPLICATE_ACK), analysis.duplicate_ack().is_some());
    if let Some(duplicate) = analysis.duplicate_ack() {
        assert!(duplicate.number > 0 && duplicate.of_frame < segment.frame);
        assert_eq!(segment.payload_len, 0);
    }
    if let Some(next) = analysis.next_seq() {
        assert_eq!(next, analysis.seq_rel.wrapping_add(segment.wireshark_len()));
    }
    if let Some(acked) = analysis.acks_frame() {
        assert!(acked <= segment.frame);
    }
    if let Some(flight) = analysis.bytes_in_flight() {
        assert!(flight > 0 && flight < 2_000_000_000 && segment.payload_len > 0);
    }
    assert!(analysis.rto().is_none() || has(AnalysisFlags::RETRANSMISSION));
    assert!(u64::from(analysis.window_scaled) <= u64::from(segment.window_raw) << 14);
}

/// The byte that every sender here has at a sequence number.
fn byte_at(seq: u32) -> u8 {
    (seq.wrapping_mul(0x9e37_79b1) >> 24) as u8
}

/// Puts both directions of the first pair back in order: what comes out is what went in, and
/// what comes out and what is missing add up.
pub fn check_reassembly(judged: &[(Segment, SegmentAnalysis)]) {
    let Some((first, _)) = judged.first() else { return };
    for sender in [first.source, first.destination] {
        let receiver = if sender == first.source { first.destination } else { first.source };
        let of_pair = judged.iter().map(|(segment, _)| segment).filter(|segment| {
            (segment.source, segment.destination) == (sender, receiver)
                || (segment.source, segment.destination) == (receiver, sender)
        });
        check_half(of_pair, sender, receiver);
    }
}

fn check_half<'s>(
    segments: impl Iterator<Item = &'s Segment>,
    sender: Endpoint,
    receiver: Endpoint,
) {
    let mut reassembly = Reassembly::with_waiting_limit(WAITING_LIMIT);
    let mut heard = Heard::default();
    let mut offered = 0;
    for segment in segments {
        if segment.source == receiver && segment.flags.contains(TcpFlags::ACK) {
            reassembly.acknowledge(segment.ack_raw, &mut |piece| heard.take(piece));
        }
        if segment.source != sender {
            continue;
        }
        let start = segment.seq_raw + u32::from(segment.flags.contains(TcpFlags::SYN));
        let payload: Vec<u8> = (0..segment.payload_len).map(|at| byte_at((start + at).0)).collect();
        offered += payload.len() as u64;
        heard.begin(start.0, segment.flags.contains(TcpFlags::SYN));
        reassembly.push(segment, &payload, &mut |piece| heard.take(piece));
        assert_eq!(reassembly.position(), heard.position(), "a position without bytes");
    }
    reassembly.finish(&mut |piece| heard.take(piece));
    assert_eq!(reassembly.position(), heard.position());
    assert!(heard.given <= offered, "{} bytes out, {offered} in", heard.given);
}

/// What a reassembly handed out so far.
#[derive(Debug, Default)]
struct Heard {
    /// The sequence number of the next byte, while that is sure.
    next: Option<u32>,
    has_begun: bool,
    given: u64,
    missing: u64,
}

impl Heard {
    fn position(&self) -> u64 {
        self.given + self.missing
    }

    /// A segment begins here. The first one sets the place; a later SYN may move it as long
    /// as nothing was handed out, and whether it does is the reassembly's business.
    fn begin(&mut self, start: u32, has_syn: bool) {
        if !self.has_begun {
            self.next = Some(start);
        } else if has_syn && self.position() == 0 {
            self.next = None;
        }
        self.has_begun = true;
    }

    /// Checks and counts what is handed out.
    fn take(&mut self, piece: Piece<'_>) {
        match piece {
            Piece::Data(bytes) => {
                assert!(!bytes.is_empty(), "an empty piece");
                self.given += bytes.len() as u64;
                let Some(seq) = &mut self.next else { return };
                for byte in bytes {
                    assert_eq!(*byte, byte_at(*seq), "a byte of another place");
                    *seq = seq.wrapping_add(1);
                }
            }
            Piece::Missing(count) => {
                assert!(count > 0, "an empty hole");
                self.missing += count;
                self.next = self.next.map(|seq| seq.wrapping_add(count as u32));
            }
        }
    }
}
