//! Packet lists of different submissions that show one recording.

use std::collections::HashSet;
use std::path::Path;

use super::Graded;
use crate::evidence::{Cell, Column, Cut, Kind, PacketList, PacketRow};
use crate::grade::clock;
use crate::grade::model::{GradedEvidence, GradedRow};
use crate::grade::tcp_row::{self, Number, TcpRow};
use crate::provenance::{Row, RowTrace, SharedPair, Trace, shown_twice};

/// The pairs of submissions of which one's list shows what the other's list or capture shows.
/// Those that `known` names already, by their captures, are left out.
pub(super) fn shared(
    graded: &[Graded],
    captures: &[(usize, &Trace)],
    known: &HashSet<(usize, usize)>,
) -> Vec<(usize, usize, SharedPair)> {
    let (mut owners, mut traces, mut lists) = (Vec::new(), Vec::new(), HashSet::new());
    for (at, one) in graded.iter().enumerate() {
        for piece in one.report.iter().flat_map(|report| &report.evidence).filter(is_list) {
            lists.insert(traces.len());
            owners.push(at);
            traces.push(rows_of(piece));
        }
    }
    for (owner, trace) in captures {
        owners.push(*owner);
        traces.push(RowTrace::of(trace));
    }
    let owner = |index: usize| owners.get(index).copied().unwrap_or_default();
    let mut named = known.clone();
    let mut pairs = shown_twice(&traces, &lists);
    pairs.sort_by(|one, two| two.similarity.total_cmp(&one.similarity));
    let pairs = pairs.into_iter().map(|pair| (owner(pair.index), owner(pair.other_index), pair));
    pairs
        .filter(|(one, two, _)| one != two && named.insert((*one.min(two), *one.max(two))))
        .collect()
}

fn is_list(piece: &&GradedEvidence) -> bool {
    matches!(piece.kind, Kind::PacketList | Kind::Screenshot)
}

/// The rows of a graded list that show a segment and its time.
fn rows_of(piece: &GradedEvidence) -> RowTrace {
    let list =
        PacketList { rows: piece.rows.iter().map(as_seen).collect(), ..PacketList::default() };
    let mut rows: Vec<Row> = Vec::new();
    for (row, segment) in list.rows.iter().zip(tcp_row::read(&list)) {
        rows.extend(row_of(row, &segment));
    }
    if !is_sorted(&rows) {
        add_up(&mut rows);
    }
    RowTrace::new(Path::new(&piece.file), rows)
}

fn as_seen(row: &GradedRow) -> PacketRow {
    let cell = |cell: &crate::grade::model::GradedCell| Cell {
        column: cell.column,
        text: cell.seen.clone(),
        cut: if cell.column == Column::Info { Cut::Maybe } else { Cut::No },
        confidence: 1.0,
        region: None,
    };
    let cells = row.cells.iter().map(cell).collect();
    PacketRow { line: row.line, cells, is_whole: true, is_selected: false }
}

fn row_of(row: &PacketRow, segment: &TcpRow) -> Option<Row> {
    let time = clock::read(&row.cell(Column::Time)?.text)?;
    let unit = 10_i64.checked_pow(9 - u32::try_from(time.digits).ok()?.min(9))?;
    let payload = segment.len.and_then(Number::exact).and_then(|len| u32::try_from(len).ok());
    let ports = (segment.source_port?, segment.destination_port?);
    Some(Row { place: u64::from(row.line), time: time.nanos, unit, ports, payload })
}

/// Times of a recording rise, or fall in a list that is sorted the other way.
fn is_sorted(rows: &[Row]) -> bool {
    rows.is_sorted_by_key(|row| row.time) || rows.iter().rev().is_sorted_by_key(|row| row.time)
}

/// Times since the row before become times since the first row.
fn add_up(rows: &mut [Row]) {
    let mut sum = 0_i64;
    for row in rows {
        sum = sum.saturating_add(row.time);
        row.time = sum;
    }
}
