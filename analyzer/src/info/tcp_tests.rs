//! Tables for the TCP line; the expected texts are what tshark 4.0.17 printed for the same
//! bytes.

use std::net::{IpAddr, Ipv4Addr};

use super::*;
use crate::frame::{Frame, FrameNumber, InterfaceId, LinkType};
use crate::tcp::*;
use crate::time::{TimeDelta, Timestamp};
use crate::wire::{Decoded, Protocol};

/// A header with the given options; ports 1000 to 2000, window 1000.
fn header(flags: u16, options: &[u8], payload: &[u8]) -> Vec<u8> {
    let mut options = options.to_vec();
    while !options.len().is_multiple_of(4) {
        options.push(0);
    }
    let words = u8::try_from(5 + options.len() / 4).expect("options fit");
    let [high, low] = flags.to_be_bytes();
    let mut bytes = vec![3, 232, 7, 208, 0, 0, 0, 100, 0, 0, 0, 0, (words << 4) | high, low];
    bytes.extend([3, 232, 0, 0, 0, 7]);
    bytes.extend(options);
    bytes.extend(payload);
    bytes
}

/// The facts that the engine would make of a TCP layer, with these verdicts.
fn facts<'a>(
    bytes: &'a [u8],
    wire_len: u32,
    verdicts: AnalysisFlags,
    duplicate_ack: Option<DuplicateAck>,
) -> FrameFacts<'a> {
    let flags = bytes.get(12..14).map_or(0, |b| u16::from_be_bytes([b[0], b[1]]) & 0xfff);
    let header_len = bytes.get(12).map_or(0, |b| u32::from(b >> 4) * 4);
    let mut decoded = Decoded::default();
    let header = header_len.min(bytes.len() as u32);
    let layer = Layer::new(Protocol::Tcp, bytes, header, wire_len, 0);
    decoded.layers.push(layer).unwrap();
    let endpoint = |port| Endpoint::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port);
    let segment = Segment {
        frame: FrameNumber(1),
        timestamp: Timestamp::default(),
        source: endpoint(1000),
        destination: endpoint(2000),
        seq_raw: SeqNumber(100),
        ack_raw: SeqNumber(1000),
        flags: TcpFlags::from_bits_truncate(flags),
        window_raw: 1000,
        urgent: 7,
        header_len: header_len as u8,
        payload_len: wire_len.saturating_sub(header_len),
        is_length_known: wire_len >= header_len,
        is_header_whole: true,
        options: SegmentOptions::default(),
    };
    let mut analysis = SegmentAnalysis::blank(StreamId(0), Direction::FromClient);
    (analysis.ack_rel, analysis.window_scaled) = (1, 1000);
    analysis.flags = verdicts;
    if let Some(duplicate) = duplicate_ack {
        analysis.set_duplicate_ack(duplicate.number, duplicate.of_frame.0 as u32);
    }
    let frame = Frame {
        number: FrameNumber(1),
        timestamp: Timestamp::default(),
        wire_len,
        link_type: LinkType(101),
        interface: InterfaceId(0),
        bytes,
    };
    let (segment, analysis) = (Box::leak(Box::new(segment)), Box::leak(Box::new(analysis)));
    let tcp =
        (bytes.len() >= 16).then_some(TcpFacts { segment, analysis, checksum: None, payload: &[] });
    FrameFacts {
        frame,
        time_relative: TimeDelta::default(),
        time_delta: TimeDelta::default(),
        decoded,
        tcp,
        quoted_tcp: None,
    }
}

fn text(facts: &FrameFacts<'_>) -> String {
    let mut out = String::new();
    write_segment(&mut out, facts).expect("a String takes everything");
    out
}

fn whole(bytes: &[u8]) -> String {
    text(&facts(bytes, bytes.len() as u32, AnalysisFlags::empty(), None))
}

#[test]
fn options_print_in_wire_order() {
    const SYN: &str = "1000 → 2000 [SYN] Seq=0 Win=1000 Len=0";
    let table: &[(&[u8], &str)] = &[
        (
            &[2, 4, 5, 0xb4, 4, 2, 8, 10, 0, 0, 0, 9, 0, 0, 0, 0, 1, 3, 3, 7],
            " MSS=1460 SACK_PERM TSval=9 TSecr=0 WS=128",
        ),
        (&[3, 3, 255], " WS=16384"),
        (&[2, 3, 1, 2, 4, 1, 5, 1], " MSS=261"),
        (&[2, 4, 1, 1, 2, 4, 2, 2], " MSS=257 MSS=514"),
        (&[0, 2, 4, 2, 2, 1, 1, 1], ""),
        (&[2, 0, 1, 1], ""),
        (&[8, 30, 1, 1], ""),
        (&[1, 1, 1, 8], ""),
        (&[6, 6, 1, 2, 3, 4], " ECHO=16909060"),
        (&[11, 6, 1, 2, 3, 4], " CC=16909060"),
        (&[34, 2], " TFO=R"),
        (&[34, 6, 1, 2, 3, 4], " TFO=C"),
        (&[254, 4, 0xf9, 0x89], " TFO=R"),
        (&[254, 5, 0xac, 0xce, 1], " ExID=ACCE"),
        (&[19, 18, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], " MD5"),
        (&[29, 4, 1, 2], "TCP AO"),
        (&[28, 4, 1, 2], " USER_TO=258"),
        (&[27, 8, 1, 0, 0, 0, 0, 0], " QSresp=80 Kbit/s"),
        (&[27, 8, 5, 0, 0, 0, 0, 0], " QSresp=1.28 Mbit/s"),
        (&[27, 8, 15, 0, 0, 0, 0, 0], " QSresp=1.31072 Gbit/s"),
        (&[20, 4, 0x88, 7], " SCPS[BETS, NLTS] Connection ID=7"),
        (&[5, 2, 2, 4, 1, 1, 1, 1], "[Malformed Packet]"),
        (&[5, 10, 0, 0, 0, 150, 0, 0, 0, 160], " SLE=150 SRE=160"),
    ];
    for (options, expected) in table {
        assert_eq!(whole(&header(2, options, b"")), format!("{SYN}{expected}"), "{options:?}");
    }
}

#[test]
fn sack_blocks_are_relative_to_the_peer() {
    let options = [1, 1, 5, 10, 0, 0, 4, 0x4c, 0, 0, 4, 0xb0];
    let expected = "1000 → 2000 [ACK] Seq=0 Ack=1 Win=1000 Len=0 SLE=101 SRE=201";
    assert_eq!(whole(&header(0x10, &options, b"")), expected);
}

#[test]
fn flags_have_names_and_none_has_one_too() {
    let line = |flags, names| {
        assert!(whole(&header(flags, b"", b"")).contains(&format!(" → 2000 {names} Seq=0")));
    };
    line(0, "[<None>]");
    line(0x12, "[SYN, ACK]");
    line(0xc2, "[SYN, ECE, CWR]");
    line(0x200, "[Reserved]");
    line(0xfff, "[FIN, SYN, RST, PSH, ACK, URG, ECE, CWR, AE, Reserved]");
    assert!(whole(&header(0x38, b"", b"abc")).ends_with("Win=1000 Urg=7 Len=3"));
}

#[test]
fn cut_headers_say_so_where_they_end() {
    let full = header(2, &[2, 4, 1, 1, 3, 3, 7, 1], b"0123456789");
    let numbers = "1000 → 2000 [SYN] Seq=0 Win=1000";
    let cases = [
        (3, String::new()),
        (4, "1000 → 2000[Packet size limited during capture]".into()),
        (15, "1000 → 2000[Packet size limited during capture]".into()),
        (16, format!("{numbers}[Packet size limited during capture]")),
        (20, format!("{numbers} Len=10[Packet size limited during capture]")),
        (23, format!("{numbers} Len=10[Packet size limited during capture]")),
        (24, format!("{numbers} Len=10 MSS=257[Packet size limited during capture]")),
        (27, format!("{numbers} Len=10 MSS=257 WS=128[Packet size limited during capture]")),
        (28, format!("{numbers} Len=10 MSS=257 WS=128")),
        (30, format!("{numbers} Len=10 MSS=257 WS=128")),
    ];
    for (captured, expected) in cases {
        let facts = facts(&full[..captured], full.len() as u32, AnalysisFlags::empty(), None);
        assert_eq!(text(&facts), expected, "{captured} bytes captured");
    }
}

#[test]
fn packets_too_short_for_their_header_are_malformed() {
    let full = header(2, &[2, 4, 1, 1, 3, 3, 7, 1], b"");
    let numbers = "1000 → 2000 [SYN] Seq=0 Win=1000";
    let contained =
        "[Malformed Packet: length of contained item exceeds length of containing item]";
    let cases = [
        (15, "1000 → 2000[Malformed Packet]".into()),
        (20, format!("{numbers}[Malformed Packet]")),
        (21, format!("{numbers}[Malformed Packet]")),
        (22, format!("{numbers}{contained}")),
        (24, format!("{numbers} MSS=257[Malformed Packet]")),
        (26, format!("{numbers} MSS=257{contained}")),
        (27, format!("{numbers} MSS=257 WS=128[Malformed Packet]")),
    ];
    for (there, expected) in cases {
        assert_eq!(whole(&full[..there]), expected, "{there} bytes in the packet");
    }
    let mut bogus = header(2, b"", b"");
    bogus[12] = 0x30;
    let expected = format!("{numbers}, bogus TCP header length (12, must be at least 20)");
    assert_eq!(whole(&bogus), expected);
}

#[test]
fn tags_stand_in_wiresharks_order() {
    let bytes = header(0x10, b"", b"");
    let all = AnalysisFlags::all()
        - AnalysisFlags::SPURIOUS_RETRANSMISSION
        - AnalysisFlags::FAST_RETRANSMISSION;
    let duplicate = DuplicateAck { number: 3, of_frame: FrameNumber(20) };
    let line = text(&facts(&bytes, 20, all, Some(duplicate)));
    let expected = "[TCP ZeroWindowProbeAck] [TCP ZeroWindow] [TCP ZeroWindowProbe] \
        [TCP Dup ACK 20#3] [TCP Keep-Alive ACK] [TCP Keep-Alive] [TCP Window Full] \
        [TCP Window Update] [TCP ACKed unseen segment] [TCP Previous segment not captured] \
        [TCP Out-Of-Order] [TCP Retransmission] [TCP Port numbers reused] 1000 → 2000 [ACK]";
    assert!(line.starts_with(expected), "{line}");
    for (flag, tag) in [
        (AnalysisFlags::SPURIOUS_RETRANSMISSION, "[TCP Spurious Retransmission] 1000"),
        (AnalysisFlags::FAST_RETRANSMISSION, "[TCP Fast Retransmission] 1000"),
    ] {
        let verdicts = flag | AnalysisFlags::RETRANSMISSION;
        assert!(text(&facts(&bytes, 20, verdicts, None)).starts_with(tag));
    }
}

proptest::proptest! {
    #[test]
    fn any_bytes_give_one_line(bytes: Vec<u8>, more: u16) {
        let wire_len = u32::try_from(bytes.len()).unwrap_or(0) + u32::from(more);
        let line = text(&facts(&bytes, wire_len, AnalysisFlags::all(), None));
        proptest::prop_assert!(!line.chars().any(char::is_control));
    }
}
