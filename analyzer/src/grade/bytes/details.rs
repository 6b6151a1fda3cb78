//! Lines of frame details against the bytes of the frame.

use super::super::contradiction::Found;
use super::super::words::{Lang, bytes as words};
use super::field::Fields;
use super::search::Nearest;
use crate::evidence::FrameBytes;

/// How a line of Wireshark's details begins, and the field whose bytes it shows; ports are those
/// of the protocol that the frame has.
const LABELS: [(&str, &str); 21] = [
    ("Total Length: ", "ip.len"),
    ("Identification: ", "ip.id"),
    ("Time to Live: ", "ip.ttl"),
    ("Time to live: ", "ip.ttl"),
    ("Header Checksum: ", "ip.checksum"),
    ("Header checksum: ", "ip.checksum"),
    ("Payload Length: ", "ipv6.plen"),
    ("Hop Limit: ", "ipv6.hlim"),
    ("Source Port: ", ""),
    ("Destination Port: ", ""),
    ("Sequence Number (raw): ", "tcp.seq_raw"),
    ("Sequence number (raw): ", "tcp.seq_raw"),
    ("Acknowledgment Number (raw): ", "tcp.ack_raw"),
    ("Acknowledgment number (raw): ", "tcp.ack_raw"),
    ("Acknowledgement number (raw): ", "tcp.ack_raw"),
    ("Window: ", "tcp.window_size_value"),
    ("Window size value: ", "tcp.window_size_value"),
    ("Urgent Pointer: ", "tcp.urgent_pointer"),
    ("Urgent pointer: ", "tcp.urgent_pointer"),
    ("Timestamp value: ", "tcp.options.timestamp.tsval"),
    ("Timestamp echo reply: ", "tcp.options.timestamp.tsecr"),
];

/// Lines whose number is not the frame's.
pub(super) fn find(
    dump: &FrameBytes,
    nearest: &Nearest,
    fields: &Fields,
    lang: Lang,
) -> Vec<Found> {
    let lines = dump.details.iter();
    let wrong = lines.filter_map(|(line, text)| {
        let (label, shown, own) = differs(text, nearest, fields)?;
        let why = words::detail(lang, nearest.frame, label.trim_end_matches(": "), shown, own);
        let (kind, frames) = ("details-and-frame", vec![nearest.frame]);
        Some(Found { kind, line: *line, column: "", why, frames })
    });
    wrong.collect()
}

/// The label of a line, its number, and the frame's other one.
fn differs(text: &str, nearest: &Nearest, fields: &Fields) -> Option<(&'static str, u64, u64)> {
    if let Some((name, rest)) = text.strip_prefix("Frame ").and_then(|it| it.split_once(": ")) {
        let shown = name.parse::<u64>().ok().and_then(|_| number(rest))?;
        let own = u64::from(nearest.wire_len);
        return (shown != own).then_some(("Frame", shown, own));
    }
    let (label, field) = LABELS.iter().find(|(label, _)| text.starts_with(label))?;
    let field = match (*field, *label) {
        ("", "Source Port: ") => port(fields, "srcport"),
        ("", _) => port(fields, "dstport"),
        (field, _) => field,
    };
    let range = fields.range(field)?;
    let bytes = nearest.bytes.get(range)?;
    let own = bytes.iter().fold(0_u64, |all, byte| all << 8 | u64::from(*byte));
    let shown = number(text.get(label.len()..)?)?;
    (shown != own).then_some((label, shown, own))
}

/// The port of whichever protocol the frame has.
fn port(fields: &Fields, which: &str) -> &'static str {
    match (fields.range("tcp.srcport").is_some(), which) {
        (true, "srcport") => "tcp.srcport",
        (true, _) => "tcp.dstport",
        (false, "srcport") => "udp.srcport",
        (false, _) => "udp.dstport",
    }
}

/// A number in decimal or, behind 0x, in hexadecimal digits.
fn number(text: &str) -> Option<u64> {
    let word = text.trim().split([' ', '(', ',']).next()?;
    match word.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16).ok(),
        None => word.parse().ok(),
    }
}
