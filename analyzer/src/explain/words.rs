//! The words for flags, values and segments.

use std::fmt::Write as _;

use crate::tcp::{AnalysisFlags, Condition, Quantity, Segment, SegmentAnalysis, TcpFlags};

/// Name of a flag's Wireshark field.
pub fn field_name(flag: AnalysisFlags) -> String {
    format!("tcp.analysis.{}", short_name(flag))
}

/// The field's last part.
pub(super) fn short_name(flag: AnalysisFlags) -> String {
    flag.iter_names().next().map_or_else(String::new, |(name, _)| name.to_lowercase())
}

/// The flag that a person names, with or without `tcp.analysis.`, with `-`, `_` or a space.
pub fn flag_named(text: &str) -> Option<AnalysisFlags> {
    let name = text.trim().to_uppercase().replace(['-', ' '], "_");
    let name = name.strip_prefix("TCP.ANALYSIS.").unwrap_or(&name);
    AnalysisFlags::from_name(name)
}

/// What a flag means, for somebody who sees it for the first time.
pub(super) fn meaning(flag: AnalysisFlags) -> &'static str {
    match flag {
        AnalysisFlags::RETRANSMISSION => {
            "Bytes that were passed before are sent again, because they seem to be lost."
        }
        AnalysisFlags::FAST_RETRANSMISSION => {
            "Duplicate ACKs asked for these bytes, and the sender did not wait for its timer."
        }
        AnalysisFlags::SPURIOUS_RETRANSMISSION => {
            "These bytes are sent again although the other side has acknowledged them already."
        }
        AnalysisFlags::OUT_OF_ORDER => {
            "This segment comes late: later bytes overtook it, too recently for a resend."
        }
        AnalysisFlags::REUSED_PORTS => {
            "A new connection between the same addresses and ports as an earlier one."
        }
        AnalysisFlags::LOST_SEGMENT => {
            "There is a hole before this segment: the capture misses what comes before it."
        }
        AnalysisFlags::ACK_LOST_SEGMENT => {
            "The receiver has bytes that the capture does not show: the recorder missed them."
        }
        AnalysisFlags::WINDOW_UPDATE => {
            "The only news is another amount of free buffer space at the sender of this segment."
        }
        AnalysisFlags::WINDOW_FULL => {
            "With this segment the receiver's buffer is full; the sender must now wait."
        }
        AnalysisFlags::KEEP_ALIVE => {
            "A question whether the other side is still there; it carries nothing new."
        }
        AnalysisFlags::KEEP_ALIVE_ACK => "The answer to a keep-alive: still here.",
        AnalysisFlags::ZERO_WINDOW_PROBE => {
            "One byte, to learn whether the receiver with its full buffer can take more."
        }
        AnalysisFlags::ZERO_WINDOW => {
            "The sender of this segment has no free buffer: the other side must stop sending."
        }
        AnalysisFlags::ZERO_WINDOW_PROBE_ACK => {
            "The answer to a zero window probe: the buffer is still full."
        }
        AnalysisFlags::DUPLICATE_ACK => {
            "The same ACK again: something arrived, but not the byte that is waited for."
        }
        AnalysisFlags::TFO_SYN => "The SYN asks for Fast Open: it may carry data.",
        AnalysisFlags::TFO_ACK => "The server took the data that came with the SYN.",
        AnalysisFlags::TFO_IGNORED => "The server did not take the data that came with the SYN.",
        _ => "",
    }
}

/// A condition in one line: its claim and its numbers.
pub(super) fn sentence(condition: &Condition) -> String {
    let mut text = String::from(condition.claim);
    for (index, (name, value)) in condition.values.iter().enumerate() {
        let _ = write!(text, "{} {name} {}", if index == 0 { ":" } else { "," }, quantity(value));
    }
    text
}

/// A value with its unit.
pub(super) fn quantity(value: &Quantity) -> String {
    match value {
        Quantity::Sequence { raw, relative: Some(relative) } => format!("{relative} (raw {raw})"),
        Quantity::Sequence { raw, relative: None } => format!("raw {raw}"),
        Quantity::Unknown => "not known".into(),
        Quantity::Bytes(1) => "1 byte".into(),
        Quantity::Bytes(bytes) => format!("{bytes} bytes"),
        Quantity::Count(count) => count.to_string(),
        Quantity::Time(time) => format!("{time} s"),
        Quantity::Frame(frame) => format!("{frame}"),
        Quantity::Flags(flags) => flag_list(*flags),
    }
}

pub(super) fn flag_list(flags: TcpFlags) -> String {
    if flags.is_empty() {
        return "none".into();
    }
    flags.iter_names().map(|(name, _)| name).collect::<Vec<_>>().join(",")
}

/// What a segment is when nothing is remarkable about it.
pub(super) fn what_it_is(segment: &Segment, analysis: &SegmentAnalysis) -> String {
    let flags = segment.flags;
    let mut text = if flags.contains(TcpFlags::RST) {
        String::from("It breaks the connection off (RST)")
    } else if segment.is_bare_syn() {
        String::from("It asks for a connection (SYN)")
    } else if segment.is_syn_ack() {
        String::from("It accepts a connection (SYN-ACK)")
    } else if segment.payload_len > 0 {
        let (first, bytes) = (analysis.seq_rel, segment.payload_len);
        let unit = if bytes == 1 { "byte" } else { "bytes" };
        format!("It carries {bytes} {unit} of new data, from sequence number {first}, in order")
    } else if flags.contains(TcpFlags::FIN) {
        String::from("It says that its sender has no more data (FIN)")
    } else {
        format!("It acknowledges everything before {}", analysis.ack_rel)
    };
    if let Some(frame) = analysis.acks_frame() {
        let _ = write!(text, "; it acknowledges frame {frame}");
    }
    text.push('.');
    text
}
