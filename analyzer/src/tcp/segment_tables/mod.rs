//! Tables of segments and the verdicts on them, as text: one line per segment.
//!
//! ```text
//! seconds direction flags [key=value]... => verdicts [key=value]...
//! 0.000   >         S     seq=100        => -        stream=0
//! ```
//!
//! Directions: `>` from 10.0.0.1:1000 to 10.0.0.2:80, `<` back. Flags: letters of FSRPAU, `.`
//! for none. Keys left: seq, ack (raw), len, win (1000), ws, mss, tfo (cookie bytes), sack
//! (a-b). Right: verdicts as in the corpus (`-` none), then what is asked for: stream, seq, ack,
//! win, next, comp, dup (number#frame), rto (seconds@frame), acks (frame@seconds), irtt,
//! flight, pushed, dir (c or s); `-` where there must be nothing.

use std::net::{IpAddr, Ipv4Addr};

use super::{
    AnalysisFlags, Direction, Endpoint, SackBlock, Segment, SegmentAnalysis, SegmentOptions,
    SeqNumber, StreamTable, TcpFlags,
};
use crate::frame::FrameNumber;
use crate::time::{TimeDelta, Timestamp};

mod ack_cases;
mod loss_cases;
mod probe_cases;
mod properties;
mod stream_cases;
mod window_cases;

/// Second 0 of the tables, away from the epoch, which counts as "no time".
const START: i64 = 1_700_000_000_000_000_000;

/// Runs a table; panics with the line that differs.
pub(super) fn check(table: &str) {
    let mut streams = StreamTable::new();
    let mut explained = StreamTable::new();
    let lines = table.lines().map(str::trim).filter(|line| !line.is_empty());
    for (index, line) in lines.enumerate() {
        let (said, expected) = line.split_once("=>").expect("a line has =>");
        let segment = parse_segment(index as u64 + 1, said);
        let analysis = streams.observe(&segment);
        let (same, why) = explained.observe_and_explain(&segment);
        assert_eq!(analysis, same, "explaining changes nothing: {line}");
        assert_eq!(why.flags(), analysis.flags, "explained as judged: {line}");
        let mut expected = expected.split_whitespace();
        let verdicts = expected.next().expect("verdicts after =>");
        assert_eq!(names(analysis.flags), sorted(verdicts), "frame {}: {line}", index + 1);
        for pair in expected {
            let (key, value) = pair.split_once('=').expect("key=value");
            assert_eq!(show(&analysis, key), value, "{key} of frame {}: {line}", index + 1);
        }
    }
}

/// The segment that one line says.
pub(crate) fn parse_segment(frame: u64, text: &str) -> Segment {
    let mut words = text.split_whitespace();
    let seconds: f64 = words.next().expect("a time").parse().expect("seconds");
    let endpoint = |host, port| Endpoint::new(IpAddr::V4(Ipv4Addr::from([10, 0, 0, host])), port);
    let (first, second) = (endpoint(1, 1000), endpoint(2, 80));
    let (source, destination) = match words.next() {
        Some(">") => (first, second),
        Some("<") => (second, first),
        other => panic!("direction {other:?}"),
    };
    let mut segment = Segment {
        frame: FrameNumber(frame),
        timestamp: Timestamp::from_nanos(START + (seconds * 1e9).round() as i64),
        source,
        destination,
        seq_raw: SeqNumber(0),
        ack_raw: SeqNumber(0),
        flags: words.next().expect("flags").chars().map(parse_flag).collect(),
        window_raw: 1000,
        urgent: 0,
        header_len: 20,
        payload_len: 0,
        is_length_known: true,
        is_header_whole: true,
        options: SegmentOptions::default(),
    };
    for pair in words {
        let (key, value) = pair.split_once('=').expect("key=value");
        set(&mut segment, key, value);
    }
    segment
}

fn parse_flag(letter: char) -> TcpFlags {
    match letter {
        'F' => TcpFlags::FIN,
        'S' => TcpFlags::SYN,
        'R' => TcpFlags::RST,
        'P' => TcpFlags::PSH,
        'A' => TcpFlags::ACK,
        'U' => TcpFlags::URG,
        '.' => TcpFlags::empty(),
        other => panic!("flag {other}"),
    }
}

fn set(segment: &mut Segment, key: &str, value: &str) {
    if key == "sack" {
        let (left, right) = value.split_once('-').expect("left-right");
        let edge = |text: &str| SeqNumber(text.parse().expect("a number"));
        segment.options.sack.push(SackBlock { left: edge(left), right: edge(right) });
        return;
    }
    let number: u32 = value.parse().expect("a number");
    match key {
        "seq" => segment.seq_raw = SeqNumber(number),
        "ack" => segment.ack_raw = SeqNumber(number),
        "len" => segment.payload_len = number,
        "win" => segment.window_raw = number as u16,
        "ws" => segment.options.window_scale = Some(number as u8),
        "mss" => segment.options.mss = Some(number as u16),
        "tfo" => segment.options.fast_open_cookie_len = Some(number as u8),
        other => panic!("key {other}"),
    }
}

fn names(flags: AnalysisFlags) -> String {
    let text: Vec<_> = flags.iter_names().map(|(name, _)| name.to_lowercase()).collect();
    if text.is_empty() { "-".into() } else { sorted(&text.join(",")) }
}

fn sorted(list: &str) -> String {
    let mut names: Vec<_> = list.split(',').collect();
    names.sort_unstable();
    names.join(",")
}

fn show(analysis: &SegmentAnalysis, key: &str) -> String {
    let short = |time: TimeDelta| format!("{}", time.as_seconds());
    let or_none = |text: Option<String>| text.unwrap_or_else(|| "-".into());
    match key {
        "stream" => analysis.stream.to_string(),
        "seq" => analysis.seq_rel.to_string(),
        "ack" => analysis.ack_rel.to_string(),
        "win" => analysis.window_scaled.to_string(),
        "factor" => or_none(analysis.window_factor().map(|f| f.to_string())),
        "next" => or_none(analysis.next_seq().map(|n| n.to_string())),
        "comp" => analysis.completeness.to_string(),
        "dup" => or_none(analysis.duplicate_ack().map(|d| format!("{}#{}", d.of_frame, d.number))),
        "rto" => or_none(analysis.rto().map(|r| format!("{}@{}", short(r.elapsed), r.since_frame))),
        "acks" => or_none(analysis.acks_frame().map(|frame| frame.to_string())),
        "rtt" => or_none(analysis.ack_rtt().map(short)),
        "irtt" => or_none(analysis.initial_rtt().map(short)),
        "flight" => or_none(analysis.bytes_in_flight().map(|b| b.to_string())),
        "pushed" => or_none(analysis.push_bytes_sent().map(|b| b.to_string())),
        "dir" => match analysis.direction {
            Direction::FromClient => "c".into(),
            Direction::FromServer => "s".into(),
        },
        other => panic!("key {other}"),
    }
}
