//! Options of a SYN against the frame's length, and values that no option can have.
//!
//! Sizes: RFC 9293 section 3.1 (MSS 4), RFC 7323 (window scale 3, timestamps 10), RFC 2018
//! (SACK permitted 2); the header is a multiple of 4.

use super::Found;
use crate::grade::tcp_row::TcpRow;
use crate::grade::words::{Lang, contradictions as words};

/// Ethernet, IPv4 and TCP headers without options: no SYN on Ethernet is shorter.
const LEAST: u64 = 54;
/// Largest segment that fits an IPv4 packet.
const LARGEST_MSS: u64 = 65_495;

/// SYNs that contradict their options.
pub(super) fn find(rows: &[TcpRow], lang: Lang) -> Vec<Found> {
    let mut found = Vec::new();
    for row in rows.iter().filter(|row| row.flag().syn) {
        let mut add = |kind, column, why| {
            found.push(Found { kind, line: row.line, column, why, frames: vec![row.name()] });
        };
        let shown: u64 = [("MSS=", 4), ("WS=", 3), ("SACK_PERM", 2), ("TSval=", 10)]
            .into_iter()
            .filter(|(name, _)| row.info.contains(name))
            .map(|(_, size)| size)
            .sum();
        let least = LEAST + shown.next_multiple_of(4);
        // Anything but Ethernet is told by its shorter frames.
        let is_ethernet = rows.iter().all(|row| row.length.is_none_or(|length| length >= LEAST));
        if let Some(length) = row.length.filter(|length| is_ethernet && *length < least) {
            add("syn-and-options", "Length", words::syn_and_options(lang, length, least));
        }
        let is_v4 = row.source.parse::<std::net::Ipv4Addr>().is_ok();
        if let Some(mss) = row.mss.filter(|mss| is_v4 && mss.value > LARGEST_MSS) {
            add("mss-too-large", "Info", words::mss(lang, mss.value));
        }
    }
    found
}
