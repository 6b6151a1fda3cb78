//! Time that goes back from one row to the next.

use super::Found;
use crate::grade::tcp_row::TcpRow;
use crate::grade::words::{Lang, contradictions as words};

/// Rows that are earlier than the row before them. A column that goes back often counts from
/// the frame before, or the list is sorted by something else; then nothing is said.
pub(super) fn find(rows: &[TcpRow], lang: Lang) -> Vec<Found> {
    let timed: Vec<(&TcpRow, i64)> =
        rows.iter().filter_map(|row| Some((row, row.nanos?))).collect();
    let mut found = Vec::new();
    for pair in timed.windows(2) {
        let [(before, earlier), (row, nanos)] = pair else { continue };
        let is_in_order = before.number.zip(row.number).is_none_or(|(a, b)| a < b);
        if nanos < earlier && is_in_order {
            let why = words::time(lang, &seconds(*nanos), before.name(), &seconds(*earlier));
            let frames = vec![before.name(), row.name()];
            found.push(Found {
                kind: "time-goes-back",
                line: row.line,
                column: "Time",
                why,
                frames,
            });
        }
    }
    if found.len() * 4 >= timed.len() { Vec::new() } else { found }
}

fn seconds(nanos: i64) -> String {
    format!("{}.{:09}", nanos / 1_000_000_000, nanos % 1_000_000_000)
}
