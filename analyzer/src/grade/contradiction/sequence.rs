//! Sequence and acknowledgment numbers against what the rows above send (RFC 9293 section 3.4).

use std::collections::HashMap;

use super::Found;
use super::length::Headers;
use crate::grade::tcp_row::{Number, TcpRow};
use crate::grade::words::{Lang, contradictions as words};

/// Marks of segments whose numbers need not follow.
const MARKED: [&str; 10] = [
    "Retransmission]",
    "[TCP Out-Of-Order]",
    "[TCP Keep-Alive",
    "[TCP ZeroWindowProbe",
    "[TCP Previous segment",
    "[TCP ACKed unseen",
    "[TCP ACKed lost",
    "[TCP Port numbers reused]",
    "[TCP Dup ACK",
    "[TCP Spurious",
];

/// What one end has sent so far.
#[derive(Debug, Clone, Copy)]
struct Sent<'a> {
    /// Where the next byte goes: by Len and by Length, the lower and the higher.
    ends: (u64, u64),
    /// The last row.
    row: &'a TcpRow,
    /// Its index.
    at: usize,
    /// The last row that should carry data.
    pushed: &'a TcpRow,
}

type Half<'a> = (&'a str, u16, &'a str, u16);

/// Rows whose numbers do not follow from the rows above them.
pub(super) fn find(rows: &[TcpRow], headers: &Headers<'_>, lang: Lang) -> Vec<Found> {
    let mut sent: HashMap<Half<'_>, Sent<'_>> = HashMap::new();
    let mut found = Vec::new();
    for (at, row) in rows.iter().enumerate() {
        let Some((own, other)) = halves(row) else {
            // Its ports are not shown: it may carry data of any connection between the two, or,
            // where its labels hide the flags, begin one.
            let (source, destination) = (row.source.as_str(), row.destination.as_str());
            let has_flags = row.info.contains("reassembled PDU");
            sent.retain(|half, _| {
                let is_answer = (half.0, half.2) == (destination, source);
                (half.0, half.2) != (source, destination) && (has_flags || !is_answer)
            });
            continue;
        };
        let is_marked = row.is_marked(&MARKED);
        if row.flag().syn && !row.flag().ack {
            // A new connection, maybe on the same ports.
            sent.remove(&own);
            sent.remove(&other);
        }
        if let Some(theirs) = sent.get_mut(&other) {
            let is_whole = nothing_between(rows, theirs.at, at);
            found.extend(acknowledged(row, theirs, is_whole && !is_marked, headers, lang));
        }
        if let Some(mine) = sent.get(&own).filter(|mine| nothing_between(rows, mine.at, at)) {
            found.extend(follows(row, mine, is_marked, lang));
        }
        remember(&mut sent, own, row, at, headers);
    }
    found
}

fn halves(row: &TcpRow) -> Option<(Half<'_>, Half<'_>)> {
    let (from, to) = (row.source_port?, row.destination_port?);
    let (source, destination) = (row.source.as_str(), row.destination.as_str());
    Some(((source, from, destination, to), (destination, to, source, from)))
}

/// Whether the numbers of the rows between two say that none was left out.
fn nothing_between(rows: &[TcpRow], from: usize, to: usize) -> bool {
    let number = |at: usize| rows.get(at).and_then(|row| row.number);
    number(from).zip(number(to)).is_some_and(|(a, b)| b.checked_sub(a) == Some((to - from) as u64))
}

/// Bytes that a row sends, by Len and by Length, lower and higher; SYN and FIN count as one.
fn carried(row: &TcpRow, headers: &Headers<'_>) -> (u64, u64) {
    let flags = row.flag();
    let more = u64::from(flags.syn) + u64::from(flags.fin);
    let by_length = headers.data(row);
    let by_len = row.len.and_then(Number::exact);
    if flags.syn && by_len.is_none() {
        // How long the options of a SYN are, no other row tells: it may carry data.
        return (more, u64::MAX);
    }
    let low = by_length.into_iter().chain(by_len).min();
    let high = by_length.into_iter().chain(by_len).max();
    // A row that tells neither may carry anything.
    (low.unwrap_or(0) + more, high.map_or(u64::MAX, |high| high.saturating_add(more)))
}

fn remember<'a>(
    sent: &mut HashMap<Half<'a>, Sent<'a>>,
    own: Half<'a>,
    row: &'a TcpRow,
    at: usize,
    headers: &Headers<'_>,
) {
    let Some(seq) = row.seq.and_then(Number::exact) else {
        // What follows cannot be told.
        sent.remove(&own);
        return;
    };
    let (low, high) = carried(row, headers);
    let ends = (seq.saturating_add(low), seq.saturating_add(high));
    let is_push = row.flag().psh || high > 0;
    match sent.get_mut(&own) {
        Some(before) => {
            before.ends = (before.ends.0.max(ends.0), before.ends.1.max(ends.1));
            before.row = row;
            before.at = at;
            if is_push {
                before.pushed = row;
            }
        }
        None => {
            sent.insert(own, Sent { ends, row, at, pushed: row });
        }
    }
}

/// An acknowledgment of more than was sent.
fn acknowledged(
    row: &TcpRow,
    theirs: &mut Sent<'_>,
    is_whole: bool,
    headers: &Headers<'_>,
    lang: Lang,
) -> Option<Found> {
    let ack = row.ack.and_then(Number::exact)?;
    let end = theirs.ends.1;
    if ack <= end {
        return None;
    }
    // What was acknowledged was sent; later rows are held against that.
    theirs.ends = (ack, ack);
    if !is_whole {
        return None;
    }
    let pushed = theirs.pushed;
    let frames = vec![pushed.name(), row.name()];
    let missing = ack - end;
    let is_short = pushed.flag().psh && headers.data(pushed) == Some(0);
    Some(match pushed.length.filter(|_| is_short) {
        Some(length) => {
            let why = words::length_and_ack(lang, length, row.name(), ack, missing);
            Found { kind: "length-and-ack", line: pushed.line, column: "Length", why, frames }
        }
        None => {
            let why = words::ack_and_sent(lang, row.name(), ack, end);
            Found { kind: "ack-and-sent", line: row.line, column: "Info", why, frames }
        }
    })
}

/// A sequence number that does not follow the row before.
fn follows(row: &TcpRow, mine: &Sent<'_>, is_marked: bool, lang: Lang) -> Option<Found> {
    let seq = row.seq.and_then(Number::exact)?;
    let (low, high) = mine.ends;
    let carries = row.flag().psh || row.flag().fin;
    let is_behind = seq < low && carries;
    if is_marked || (seq <= high && !is_behind) {
        return None;
    }
    let why = words::seq_and_sent(lang, seq, mine.row.name(), if is_behind { low } else { high });
    let frames = vec![mine.row.name(), row.name()];
    Some(Found { kind: "seq-and-sent", line: row.line, column: "Info", why, frames })
}
