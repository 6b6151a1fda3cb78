//! Ports that change their address within one connection.

use std::collections::HashMap;

use super::Found;
use crate::grade::tcp_row::TcpRow;
use crate::grade::words::{Lang, contradictions as words};

/// Rows of one pair of ports by their addresses: at the lower port, at the higher port.
type ByAddress<'a> = HashMap<(&'a str, &'a str), Vec<&'a TcpRow>>;

/// Rows whose addresses stand the other way round than in most rows with the same two ports.
pub(super) fn find(rows: &[TcpRow], lang: Lang) -> Vec<Found> {
    let mut pairs: HashMap<(u16, u16), ByAddress<'_>> = HashMap::new();
    for row in rows {
        let (Some(from), Some(to)) = (row.source_port, row.destination_port) else { continue };
        if from == to || row.source.is_empty() || row.destination.is_empty() {
            continue;
        }
        let (ports, addresses) = if from < to {
            ((from, to), (row.source.as_str(), row.destination.as_str()))
        } else {
            ((to, from), (row.destination.as_str(), row.source.as_str()))
        };
        pairs.entry(ports).or_default().entry(addresses).or_default().push(row);
    }
    let mut found = Vec::new();
    for (ports, by_address) in pairs {
        let Some((usual, most)) = by_address.iter().max_by_key(|(_, rows)| rows.len()) else {
            continue;
        };
        let turned = by_address.get(&(usual.1, usual.0)).filter(|turned| turned.len() < most.len());
        for row in turned.into_iter().flatten() {
            let why = words::address_and_port(lang, ports.0, usual.1, usual.0);
            let frames = vec![row.name()];
            let column = "Source";
            found.push(Found { kind: "address-and-port", line: row.line, column, why, frames });
        }
    }
    found
}
