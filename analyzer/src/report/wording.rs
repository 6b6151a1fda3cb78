//! How values read in a sentence: spans of time, counts, endpoints, foreign text.

use crate::summary::{EndpointSummary, EventKind, Side};

/// A span in the unit that suits it: `38.1 µs`, `2.31 ms`, `7.995 s`.
pub(super) fn span(seconds: f64) -> String {
    let size = seconds.abs();
    if size == 0.0 {
        "0 s".to_owned()
    } else if size < 999.95e-6 {
        format!("{:.1} µs", seconds * 1e6)
    } else if size < 0.999_995 {
        format!("{:.2} ms", seconds * 1e3)
    } else {
        format!("{seconds:.3} s")
    }
}

/// A number with a comma between groups of three digits.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 byte`, `2,048 bytes`.
pub(super) fn count(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", grouped(number), if number == 1 { one } else { many })
}

/// `67 bytes`.
pub(super) fn bytes(number: u64) -> String {
    count(number, "byte", "bytes")
}

/// `1, 2 and 3`.
pub(super) fn list<T: ToString>(items: &[T]) -> String {
    let texts: Vec<String> = items.iter().map(ToString::to_string).collect();
    match texts.split_last() {
        None => String::new(),
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
    }
}

/// `172.16.16.101:10000`, `[::1]:80`.
pub(super) fn endpoint(endpoint: &EndpointSummary) -> String {
    match endpoint.address.contains(':') {
        true => format!("[{}]:{}", endpoint.address, endpoint.port),
        false => format!("{}:{}", endpoint.address, endpoint.port),
    }
}

/// `client` or `server`.
pub(super) const fn side(side: Side) -> &'static str {
    match side {
        Side::Client => "client",
        Side::Server => "server",
    }
}

/// The other one.
pub(super) const fn other(side: Side) -> Side {
    match side {
        Side::Client => Side::Server,
        Side::Server => Side::Client,
    }
}

/// Text from outside, without what could steer a terminal.
pub(super) fn clean(text: &str) -> String {
    let is_unsafe = |c: char| c.is_control() || ('\u{202a}'..='\u{202e}').contains(&c);
    text.chars().map(|c| if is_unsafe(c) { '\u{fffd}' } else { c }).collect()
}

/// An event in Wireshark's words, for one and for many.
pub(super) const fn event(kind: EventKind) -> (&'static str, &'static str) {
    match kind {
        EventKind::Retransmission => ("retransmission", "retransmissions"),
        EventKind::FastRetransmission => ("fast retransmission", "fast retransmissions"),
        EventKind::SpuriousRetransmission => {
            ("spurious retransmission", "spurious retransmissions")
        }
        EventKind::OutOfOrder => ("out-of-order segment", "out-of-order segments"),
        EventKind::ReusedPorts => ("reused port pair", "reused port pairs"),
        EventKind::LostSegment => {
            ("previous segment not captured", "previous segments not captured")
        }
        EventKind::AckLostSegment => ("ACKed unseen segment", "ACKed unseen segments"),
        EventKind::WindowUpdate => ("window update", "window updates"),
        EventKind::WindowFull => ("full window", "full windows"),
        EventKind::KeepAlive => ("keep-alive", "keep-alives"),
        EventKind::KeepAliveAck => ("keep-alive ACK", "keep-alive ACKs"),
        EventKind::ZeroWindowProbe => ("zero-window probe", "zero-window probes"),
        EventKind::ZeroWindow => ("zero window", "zero windows"),
        EventKind::ZeroWindowProbeAck => ("zero-window probe ACK", "zero-window probe ACKs"),
        EventKind::DuplicateAck => ("duplicate ACK", "duplicate ACKs"),
        EventKind::TfoSyn => ("Fast Open SYN", "Fast Open SYNs"),
        EventKind::TfoAck => ("Fast Open ACK", "Fast Open ACKs"),
        EventKind::TfoIgnored => ("ignored Fast Open", "ignored Fast Opens"),
    }
}

/// Breaks text at spaces into lines of at most `width` characters (a longer word stands
/// alone), each with the indent before it.
#[cfg(feature = "table")]
pub(super) fn wrap(text: &str, width: usize, indent: &str) -> String {
    let room = width.saturating_sub(indent.chars().count()).max(20);
    let mut out = String::new();
    let mut used = 0;
    for word in text.split_whitespace() {
        let len = word.chars().count();
        if used > 0 && used + 1 + len > room {
            out.push('\n');
            used = 0;
        }
        if used == 0 {
            out.push_str(indent);
        } else {
            out.push(' ');
            used += 1;
        }
        out.push_str(word);
        used += len;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_take_the_unit_that_suits() {
        for (seconds, text) in [
            (0.0, "0 s"),
            (0.000_038_1, "38.1 µs"),
            (0.000_999_96, "1.00 ms"),
            (0.002_31, "2.31 ms"),
            (7.994_829, "7.995 s"),
            (-0.001, "-1.00 ms"),
        ] {
            assert_eq!(span(seconds), text);
        }
    }

    #[test]
    fn numbers_lists_and_foreign_text() {
        assert_eq!(grouped(1_234_567), "1,234,567");
        assert_eq!(grouped(999), "999");
        assert_eq!(bytes(1), "1 byte");
        assert_eq!(list(&[1, 2, 3]), "1, 2 and 3");
        assert_eq!(list::<u8>(&[]), "");
        assert_eq!(clean("a\u{1b}[31mb"), "a\u{fffd}[31mb");
        let wrapped = wrap("one two three four five six", 22, "  ");
        assert_eq!(wrapped, "  one two three four\n  five six");
    }
}
