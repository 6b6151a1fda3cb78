//! Windows against the scale that the SYN of the same side names (RFC 7323 section 2).

use super::Found;
use crate::grade::tcp_row::{Number, TcpRow};
use crate::grade::words::{Lang, contradictions as words};

/// Largest window of the header.
const LARGEST: u64 = 65_535;

/// Windows that no header times the scale gives. The scale holds only when both sides named one.
pub(super) fn find(rows: &[TcpRow], lang: Lang) -> Vec<Found> {
    let mut found = Vec::new();
    for (at, row) in rows.iter().enumerate().filter(|(_, row)| !row.flag().syn) {
        let before = rows.get(..at).unwrap_or_default();
        let syn = |from: &TcpRow, turned: bool| {
            before.iter().rev().find(|syn| syn.flag().syn && is_from(syn, from, turned))
        };
        let (Some(own), Some(_)) = (
            syn(row, false).and_then(|syn| factor(syn.scale?)),
            syn(row, true).and_then(|syn| factor(syn.scale?)),
        ) else {
            continue;
        };
        let Some(window) = row.window.and_then(Number::exact) else { continue };
        let is_possible = own == 0 || (window.is_multiple_of(own) && window / own <= LARGEST);
        if !is_possible {
            let why = words::window_and_scale(lang, window, own);
            let frames = vec![row.name()];
            let column = "Info";
            found.push(Found { kind: "window-and-scale", line: row.line, column, why, frames });
        }
    }
    found
}

/// A scale's factor, also when digits may follow, if only one power of two begins like this.
fn factor(seen: Number) -> Option<u64> {
    let mut factors = (0..=14).map(|shift| 1u64 << shift).filter(|factor| seen.may_be(*factor));
    let only = factors.next()?;
    factors.next().is_none().then_some(only)
}

/// Whether a row comes from the same end as another, or from the other end.
fn is_from(row: &TcpRow, other: &TcpRow, turned: bool) -> bool {
    let own = (&row.source, row.source_port, &row.destination, row.destination_port);
    let same = (&other.source, other.source_port, &other.destination, other.destination_port);
    let back = (&other.destination, other.destination_port, &other.source, other.source_port);
    row.source_port.is_some() && own == if turned { back } else { same }
}
