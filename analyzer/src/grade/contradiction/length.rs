//! Length against Len: the headers of a connection's frames have one size.
//!
//! Which size, the rows themselves tell: Ethernet 14 + IPv4 20 + TCP 20, with timestamps 32. Only
//! SACK blocks (RFC 2018: 8 bytes each, 4 for their option) make the header of an ACK longer, and
//! a reset often has no options.

use std::collections::HashMap;

use super::Found;
use crate::grade::tcp_row::{Number, TcpRow};
use crate::grade::words::{Lang, contradictions as words};

/// Ethernet frames are filled up to 60 bytes, with a VLAN tag to 64.
const FILLED: [u64; 2] = [60, 64];
/// Above this, none is filled up.
const SHORTEST: u64 = 64;

type Connection<'a> = (&'a str, u16, &'a str, u16);

/// Bytes of headers in the frames of every connection.
#[derive(Debug, Default)]
pub(super) struct Headers<'a> {
    by_connection: HashMap<Connection<'a>, u64>,
    of_list: Option<u64>,
}

impl<'a> Headers<'a> {
    /// Counts the rows.
    pub(super) fn of(rows: &'a [TcpRow]) -> Self {
        let mut votes: HashMap<Connection<'a>, Vec<u64>> = HashMap::new();
        let mut all = Vec::new();
        for row in rows {
            let Some((connection, headers)) = connection(row).zip(vote(row)) else { continue };
            votes.entry(connection).or_default().push(headers);
            all.push(headers);
        }
        let by_connection =
            votes.into_iter().filter_map(|(key, votes)| Some((key, most(&votes)?))).collect();
        Self { by_connection, of_list: most(&all) }
    }

    /// Bytes of headers in a row's frame, as its neighbours have them.
    pub(super) fn for_row(&self, row: &'a TcpRow) -> Option<u64> {
        let own = connection(row).and_then(|key| self.by_connection.get(&key).copied());
        own.or(self.of_list)
    }

    /// Bytes of data that the Length leaves.
    pub(super) fn data(&self, row: &'a TcpRow) -> Option<u64> {
        if row.flag().syn {
            return Some(0);
        }
        let headers = self.for_row(row)?;
        let length = row.length?;
        let may_be_filled = headers < SHORTEST && length <= SHORTEST;
        (!may_be_filled).then(|| length.checked_sub(headers)).flatten()
    }
}

fn connection(row: &TcpRow) -> Option<Connection<'_>> {
    let from = (row.source.as_str(), row.source_port?);
    let to = (row.destination.as_str(), row.destination_port?);
    let (first, second) = if from <= to { (from, to) } else { (to, from) };
    Some((first.0, first.1, second.0, second.1))
}

/// What a row says about the size of headers: Length less Len; a bare ACK without a Len has no
/// data where it is short.
fn vote(row: &TcpRow) -> Option<u64> {
    let flags = row.flag();
    if flags.syn || flags.rst || row.info.contains("SLE=") {
        return None;
    }
    let length = row.length.filter(|length| !FILLED.contains(length))?;
    match row.len.and_then(Number::exact) {
        Some(len) => length.checked_sub(len),
        None if row.len.is_none() && flags.ack && !flags.psh && !flags.fin && length <= 86 => {
            Some(length)
        }
        None => None,
    }
}

/// The value that at least two rows have, and more rows than any other.
fn most(votes: &[u64]) -> Option<u64> {
    let count = |value: u64| votes.iter().filter(|vote| **vote == value).count();
    let best = votes.iter().copied().max_by_key(|value| (count(*value), u64::MAX - *value))?;
    let is_alone = votes.iter().all(|vote| *vote == best || count(*vote) < count(best));
    (count(best) >= 2 && is_alone).then_some(best)
}

/// Rows whose Length and Len do not fit each other.
pub(super) fn find(rows: &[TcpRow], headers: &Headers<'_>, lang: Lang) -> Vec<Found> {
    let mut found = Vec::new();
    for row in rows {
        let (Some(length), Some(len)) = (row.length, row.len) else { continue };
        let Some(usual) = headers.for_row(row) else { continue };
        if !fits(row, length, len, usual) {
            let why = words::length_and_len(lang, length, len.value, usual);
            let frames = vec![row.name()];
            let column = "Length, Len";
            found.push(Found { kind: "length-and-len", line: row.line, column, why, frames });
        }
    }
    found
}

fn fits(row: &TcpRow, length: u64, len: Number, usual: u64) -> bool {
    let flags = row.flag();
    if flags.syn || flags.rst || (usual < SHORTEST && length <= SHORTEST) {
        return true;
    }
    let Some(data) = length.checked_sub(usual) else { return false };
    // One to three SACK blocks beside timestamps, four without.
    let may_have_sack =
        !flags.psh && !flags.fin && (row.info_may_go_on || row.info.contains("SLE="));
    let with_sack = may_have_sack
        && [12, 20, 28, 36]
            .iter()
            .any(|more| data.checked_sub(*more).is_some_and(|d| len.may_be(d)));
    len.may_be(data) || with_sack
}
