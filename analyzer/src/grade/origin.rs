//! Which recording a packet list shows: the capture that was handed in, another run of the same
//! lab, or something else.
//!
//! What runs have in common: addresses, protocols, sizes, the server's ports. What no two runs
//! share: times, ephemeral ports, timestamp options.

use std::collections::{BTreeMap, HashSet};

use super::clock::TimeFormat;
use super::expected::ExpectedList;
use super::format_vote::Vote;
use super::model::{CellVerdict, GradedRow, Origin};
use super::protocol;
use crate::evidence::{Column, PacketList};

/// The origin, and why it is said.
pub type Said = (Origin, String);

/// Says where a list comes from, given its rows judged by the frames that they are tied to.
#[must_use]
pub fn origin(
    list: &PacketList,
    rows: &[GradedRow],
    vote: Option<Vote>,
    expected: &ExpectedList,
) -> Said {
    let all = rows.len();
    if all == 0 {
        return (Origin::Unknown, "it has no rows".into());
    }
    let tied = rows.iter().filter(|row| row.frame.is_some()).count();
    let clean = rows.iter().filter(|row| row.frame.is_some() && !differs(row)).count();
    // A shift that the rows themselves suggest proves nothing.
    let is_plain =
        |vote: &Vote| !matches!(vote.format, TimeFormat::Relative { shift: 1.. | ..=-1 });
    let times_agree =
        vote.filter(is_plain).is_some_and(|vote| vote.is_clear() && vote.rows * 2 >= all);
    if clean * 2 >= all || (times_agree && tied * 2 >= all) {
        let why = match vote {
            Some(vote) if times_agree => {
                format!(
                    "{clean} of {all} rows agree throughout, {} of {} times",
                    vote.agree, vote.rows
                )
            }
            _ => format!("{clean} of {all} rows agree throughout"),
        };
        return (Origin::ThisCapture, why);
    }
    if others(list) * 2 > all {
        let why = "most of its rows are of protocols that are not described here".to_owned();
        return (Origin::Unknown, why);
    }
    let known = known_addresses(list, expected);
    if let Some(port) = foreign_port(list, expected) {
        let why = format!("its connections use port {port}, which does not occur in the capture");
        return (Origin::AnotherCapture, why);
    }
    if known * 2 >= all && tied * 3 >= all {
        let why = format!(
            "addresses and sizes of {tied} of {all} rows occur in the capture, but {}",
            what_differs(rows, vote)
        );
        return (Origin::AnotherRun, why);
    }
    if known * 2 >= all {
        let why = format!(
            "its addresses occur in the capture, but {} of {all} rows have no frame",
            all - tied
        );
        return (Origin::AnotherRun, why);
    }
    let why = format!("only {known} of {all} rows have addresses that occur in the capture");
    (Origin::AnotherCapture, why)
}

/// Rows of protocols of which nothing can be told.
fn others(list: &PacketList) -> usize {
    let named = list.rows.iter().filter_map(|row| row.cell(Column::Protocol));
    named.filter(|cell| protocol::is_other(cell.text.trim())).count()
}

/// A port of the list's connections, when none that more than half of the rows with ports name
/// occurs in the capture: the server's is the same in every run.
fn foreign_port(list: &PacketList, expected: &ExpectedList) -> Option<String> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let mut rows = 0;
    for row in &list.rows {
        let info = row.cell(Column::Info).map_or("", |cell| &*cell.text);
        let ports = ports(info);
        rows += usize::from(!ports.is_empty());
        for port in ports {
            *counts.entry(port).or_default() += 1;
        }
    }
    let usual = counts.into_iter().filter(|(_, count)| rows >= 3 && count * 2 > rows);
    let usual: Vec<&str> = usual.map(|(port, _)| port).collect();
    let is_known = usual.iter().any(|port| has_port(expected, port));
    usual.first().filter(|_| !is_known).map(|port| (*port).to_owned())
}

/// The two ports with which Info begins, after its labels.
fn ports(info: &str) -> Vec<&str> {
    let info = info.rsplit_once("] ").map_or(info, |(labels, rest)| {
        if labels.starts_with('[') && !labels.contains('=') { rest } else { info }
    });
    let mut words = info.split([' ', '→', '>']).filter(|word| !word.is_empty() && *word != "-");
    let is_port = |word: &&str| word.len() <= 5 && word.bytes().all(|byte| byte.is_ascii_digit());
    let pair: Vec<&str> = words.by_ref().take(2).filter(is_port).collect();
    if pair.len() == 2 { pair } else { Vec::new() }
}

fn has_port(expected: &ExpectedList, port: &str) -> bool {
    expected.rows.iter().any(|row| ports(&row.info).contains(&port))
}

/// Whether a row is not clean: a cell differs, or was read and cannot be settled (a picture of
/// another run has few settled characters to compare with).
fn differs(row: &GradedRow) -> bool {
    row.cells.iter().any(|cell| match cell.verdict {
        Some(CellVerdict::Mismatch | CellVerdict::Suspect) => true,
        Some(CellVerdict::Unreadable) => !cell.seen.is_empty() && cell.expected.is_some(),
        _ => false,
    })
}

/// Rows whose source and destination both occur in the capture.
fn known_addresses(list: &PacketList, expected: &ExpectedList) -> usize {
    let known: HashSet<&str> =
        expected.rows.iter().flat_map(|row| [&*row.source, &*row.destination]).collect();
    let is_known =
        |text: Option<&str>| text.is_none_or(|text| text.is_empty() || known.contains(text));
    let cell =
        |row: &crate::evidence::PacketRow, column| row.cell(column).map(|cell| cell.text.clone());
    list.rows
        .iter()
        .filter(|row| {
            is_known(cell(row, Column::Source).as_deref())
                && is_known(cell(row, Column::Destination).as_deref())
        })
        .count()
}

fn what_differs(rows: &[GradedRow], vote: Option<Vote>) -> String {
    let wrong = |column| {
        rows.iter()
            .flat_map(|row| &row.cells)
            .filter(|cell| cell.column == column && cell.verdict == Some(CellVerdict::Mismatch))
            .count()
    };
    let mut parts = Vec::new();
    if let Some(vote) = vote {
        parts.push(format!(
            "{} of {} times are of other moments",
            vote.rows - vote.agree,
            vote.rows
        ));
    }
    let info = wrong(Column::Info);
    if info > 0 {
        parts.push(format!("{info} Info cells name other ports or numbers"));
    }
    if parts.is_empty() { "too few cells agree".into() } else { parts.join(" and ") }
}
