//! The words of the sentences.

use super::super::model::{OtherFrame, Row, SnapshotConnection};
use crate::summary::{HandshakeOutcome, Side, TeardownOutcome};

/// Frames named as witnesses.
const WITNESSES: usize = 8;

/// The first few.
pub(in super::super) fn some_frames(frames: impl Iterator<Item = u64>) -> Vec<u64> {
    frames.take(WITNESSES).collect()
}

/// `client` or `server`.
pub(in super::super) const fn side(side: Side) -> &'static str {
    match side {
        Side::Client => "client",
        Side::Server => "server",
    }
}

/// `1 byte`, `2 bytes`.
pub(in super::super) fn count(number: u64, thing: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {thing}{plural}")
}

/// `frame 3`, `frames 3 to 5`, `frames 3, 5 and 9`.
pub(in super::super) fn frames(frames: &[u64]) -> String {
    let is_run = frames.windows(2).all(|pair| matches!(pair, [a, b] if *b == a + 1));
    match frames {
        [] => "no frame".to_owned(),
        [one] => format!("frame {one}"),
        [first, .., last] if is_run && frames.len() > 2 => format!("frames {first} to {last}"),
        [most @ .., last] => {
            let shown: Vec<String> = most.iter().take(WITNESSES).map(u64::to_string).collect();
            let dots = if most.len() > WITNESSES { ", …" } else { "" };
            format!("frames {}{dots} and {last}", shown.join(", "))
        }
    }
}

/// `the client's PSH, ACK with 32 bytes "INI ADALAH"`.
pub(super) fn segment(row: &Row) -> String {
    format!("the {}'s {}", side(row.from), content(row))
}

/// `PSH, ACK with 32 bytes "INI ADALAH"`.
pub(in super::super) fn content(row: &Row) -> String {
    match row.len {
        0 => row.flags.clone(),
        len => format!("{} with {} {}", row.flags, count(u64::from(len), "byte"), quoted(row)),
    }
}

/// Where to begin to quote, so that the first difference of two texts is in it.
pub(super) fn difference_at(was: &Row, now: &Row) -> usize {
    let same = was.data.chars().zip(now.data.chars()).take_while(|(one, other)| one == other);
    let same = same.count();
    if same < 16 { 0 } else { same.min(was.data.chars().count()).saturating_sub(8) }
}

/// The bytes from a place in quotation marks.
pub(super) fn quoted_from(row: &Row, start: usize) -> String {
    if start == 0 {
        return quoted(row);
    }
    let part: String = row.data.chars().skip(start).take(20).collect();
    let is_end = u64::from(row.len) == (start + part.chars().count()) as u64;
    format!("\"…{part}{}\"", if is_end { "" } else { "…" })
}

/// Its first bytes in quotation marks.
pub(super) fn quoted(row: &Row) -> String {
    let start: String = row.data.chars().take(20).collect();
    let is_all = u64::from(row.len) == start.chars().count() as u64;
    format!("\"{start}{}\"", if is_all { "" } else { "…" })
}

/// `a query from client#1 to server:53 (42 bytes)`, as far as it is known.
pub(super) fn other(frame: &OtherFrame) -> String {
    let name = frame.layers.rsplit(':').next().unwrap_or_default();
    let name = name.split('(').next().unwrap_or_default().to_uppercase();
    let ends = match (frame.from.as_str(), frame.to.as_str()) {
        ("", "") => String::new(),
        (from, to) => format!(" from {from} to {to}"),
    };
    let what = if frame.what.is_empty() { String::new() } else { format!(" ({})", frame.what) };
    format!("{name}{ends}{what}")
}

/// A time for people: three digits and a unit.
pub(in super::super) fn span(seconds: f64) -> String {
    let sign = if seconds < 0.0 { "-" } else { "" };
    let seconds = seconds.abs();
    let (value, unit) = match seconds {
        ..0.000_05 => return "under 0.1 ms".to_owned(),
        ..0.9995 => (seconds * 1e3, "ms"),
        _ => (seconds, "s"),
    };
    let decimals = match value {
        ..9.995 => 2,
        ..99.95 => 1,
        _ => 0,
    };
    let text = format!("{value:.decimals$}");
    let text =
        if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    format!("{sign}{text} {unit}")
}

/// How a connection ended: `closed by the client with FIN`.
pub(super) fn ending(connection: &SnapshotConnection) -> String {
    let ending = connection.ending;
    let by = |who: Option<Side>| who.map_or(String::new(), |who| format!(" by the {}", side(who)));
    match ending.outcome {
        TeardownOutcome::Closed => format!("closed{} with FIN", by(ending.closed_first)),
        TeardownOutcome::ClosedUnacknowledged => {
            format!("closed{} with FIN, not all acknowledged", by(ending.closed_first))
        }
        TeardownOutcome::HalfClosed => {
            format!("closed one way only,{} with FIN", by(ending.closed_first))
        }
        TeardownOutcome::Reset => format!("closed{} with RST", by(ending.reset_by)),
        TeardownOutcome::Open => "still open at the end".to_owned(),
        TeardownOutcome::NeverOpened => "never opened".to_owned(),
    }
}

/// When a side closes its direction, after or before it has everything.
pub(super) const fn half_close(is_half_close: bool) -> &'static str {
    if is_half_close { "before it has all" } else { "after it has all" }
}

/// How a connection ended now, with the bytes that came short of what was expected:
/// `closed by the server with RST after 3 of 67 bytes`.
pub(super) fn ending_after(expected: &SnapshotConnection, actual: &SnapshotConnection) -> String {
    let mut text = ending(actual);
    let short: Vec<String> = [Side::Server, Side::Client]
        .into_iter()
        .filter_map(|from| {
            let (was, now) = (expected.sent(from).bytes, actual.sent(from).bytes);
            (now < was).then(|| format!("{now} of {} from the {}", count(was, "byte"), side(from)))
        })
        .collect();
    if !short.is_empty() {
        text = format!("{text} after {}", short.join(" and "));
    }
    text
}

/// How far a handshake got.
pub(super) const fn handshake(outcome: HandshakeOutcome) -> &'static str {
    match outcome {
        HandshakeOutcome::Complete => "complete",
        HandshakeOutcome::SimultaneousOpen => "opened from both sides at once",
        HandshakeOutcome::Refused => "refused",
        HandshakeOutcome::Unanswered => "unanswered",
        HandshakeOutcome::NotAcknowledged => "not acknowledged by the client",
        HandshakeOutcome::Abandoned => "abandoned by the client",
        HandshakeOutcome::SynAckMissing => "without its SYN, ACK",
        HandshakeOutcome::SynMissing => "without its SYN",
        HandshakeOutcome::NotCaptured => "not captured",
    }
}

/// A connection in half a sentence: `client#1 to server:80, 32 bytes there and 32 back, closed
/// by the client with FIN`.
pub(in super::super) fn story(connection: &SnapshotConnection) -> String {
    let SnapshotConnection { client, server, port, client_sent, server_sent, .. } = connection;
    let (there, back) = (count(client_sent.bytes, "byte"), server_sent.bytes);
    let said = match (client_sent.bytes, back) {
        (0, 0) => "nothing said".to_owned(),
        _ => format!("{there} there and {back} back"),
    };
    let how = match connection.handshake {
        HandshakeOutcome::Complete => ending(connection),
        other => format!("handshake {}, {}", handshake(other), ending(connection)),
    };
    format!("{client} to {server}:{port}, {said}, {how}")
}
