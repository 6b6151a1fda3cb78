//! A packet list against a capture: rows to frames, cells to texts, order, origin.

use super::align::{self, Ties};
use super::cell::{Judge, Witness};
use super::expected::{ExpectedList, ExpectedRow};
use super::format_vote::{self, Vote};
use super::model::{CellVerdict, GradedCell, GradedDetails, GradedRow, ListFinding, Origin};
use super::numbering::Numbering;
use super::order::{self, FilterKnowledge, Shown};
use super::origin;
use super::protocol;
use super::wording::{self, Version};
use crate::evidence::{Cell, Column, PacketList, PacketRow};

/// A column of which at least this share of rows (in tenths) differs, while the rows as a whole
/// are those of the capture, was read in the wrong place.
const LAYOUT_FAILURE_TENTHS: usize = 9;

/// A packet list, judged.
#[derive(Debug, Clone, PartialEq)]
pub struct JudgedList {
    /// The rows.
    pub rows: Vec<GradedRow>,
    /// What is odd in their order.
    pub findings: Vec<ListFinding>,
    /// Which recording it shows.
    pub source: Origin,
    /// Why.
    pub because: String,
    /// Rows of a picture that could not be read, by their line.
    pub unread: Vec<u32>,
    /// The details pane of a picture.
    pub details: Option<GradedDetails>,
}

/// Judges a list. With a witness the list was read from a picture.
#[must_use]
pub fn judge(
    list: &PacketList,
    expected: &ExpectedList,
    filter: FilterKnowledge,
    version: Version,
    witness: Option<&dyn Witness>,
) -> JudgedList {
    let judge = Judge { version, witness };
    let Ties { frames, by_number } = align::tie(list, expected, version);
    let vote = format_vote::vote(list, &frames, expected);
    let numbering = Numbering::of(list, &frames, expected);
    let mut rows: Vec<GradedRow> = list
        .rows
        .iter()
        .zip(&frames)
        .map(|(row, frame)| {
            let frame = frame.and_then(|number| expected.frame(number));
            judge_row(&judge, row, frame, (vote, &numbering), by_number)
        })
        .collect();
    let (source, mut because) = origin::origin(list, &rows, vote, expected);
    if witness.is_some() && source == Origin::ThisCapture {
        forgive_layout(&mut rows);
    }
    if numbering.is_other() {
        because.push_str(
            "; its sequence numbers count from another beginning, all by the same distance",
        );
    }
    let findings = if source == Origin::ThisCapture {
        let frames: Vec<Option<u64>> = rows.iter().map(|row| row.frame).collect();
        let rows = Shown { frames: &frames, unread: &unread_before(list) };
        order::findings(rows, expected, filter)
    } else {
        Vec::new()
    };
    JudgedList { rows, findings, source, because, unread: Vec::new(), details: None }
}

/// How many lines before each row were not read as rows.
fn unread_before(list: &PacketList) -> Vec<usize> {
    let mut first = 0;
    let until = |row: &PacketRow| {
        let next = list.unread.partition_point(|line| *line < row.line);
        let count = next.saturating_sub(first);
        first = next;
        count
    };
    list.rows.iter().map(until).collect()
}

fn judge_row(
    judge: &Judge<'_>,
    row: &PacketRow,
    frame: Option<&ExpectedRow>,
    known: (Option<Vote>, &Numbering<'_>),
    by_number: bool,
) -> GradedRow {
    let named = row.cell(Column::Protocol).map_or("", |cell| cell.text.trim());
    let is_beyond = frame.is_some_and(|frame| protocol::is_beyond(named, frame));
    let untold = |cell: &Cell| is_beyond && matches!(cell.column, Column::Protocol | Column::Info);
    let mut cells: Vec<GradedCell> = row
        .cells
        .iter()
        .map(|cell| match frame.filter(|_| !untold(cell)) {
            Some(frame) => judge_cell(judge, row.line, cell, frame, known, by_number),
            None => GradedCell {
                column: cell.column,
                seen: cell.text.clone(),
                expected: None,
                verdict: None,
            },
        })
        .collect();
    if judge.witness.is_some() {
        forgive_edges(&mut cells);
    }
    let verdict = cells.iter().filter_map(|cell| cell.verdict).max();
    GradedRow { line: row.line, frame: frame.map(|frame| frame.number), verdict, cells }
}

fn judge_cell(
    judge: &Judge<'_>,
    line: u32,
    cell: &Cell,
    frame: &ExpectedRow,
    (vote, numbering): (Option<Vote>, &Numbering<'_>),
    by_number: bool,
) -> GradedCell {
    let plain = |expected: String| {
        let verdict = judge.judge(line, cell, &expected);
        (Some(expected), Some(verdict))
    };
    let (expected, verdict) = match cell.column {
        Column::No if !by_number => (Some(frame.number.to_string()), None),
        Column::No => plain(frame.number.to_string()),
        Column::Time => match vote {
            Some(vote) => {
                let format = vote.format;
                let (expected, verdict) = judge.judge_time(line, cell, frame, format);
                (Some(expected), Some(verdict))
            }
            None => (None, Some(CellVerdict::Unreadable)),
        },
        Column::Source => plain(frame.source.clone()),
        Column::Destination => plain(frame.destination.clone()),
        Column::Protocol => plain(frame.protocol.to_owned()),
        Column::Length => plain(frame.length.to_string()),
        Column::Info if wording::is_part(&cell.text) && wording::has_data(&frame.info) => {
            (Some(frame.info.clone()), Some(CellVerdict::Match))
        }
        Column::Info => plain(numbering.info(frame).into_owned()),
    };
    GradedCell { column: cell.column, seen: cell.text.clone(), expected, verdict }
}

/// Two neighbours that together say what the capture has were cut apart at a wrong place.
fn forgive_edges(cells: &mut [GradedCell]) {
    let doubtful = |cell: &GradedCell| cell.verdict.is_some_and(|v| v >= CellVerdict::Unreadable);
    for at in 1..cells.len() {
        let Some([left, right]) = cells.get_mut(at - 1..=at) else { continue };
        let (Some(a), Some(b)) = (&left.expected, &right.expected) else { continue };
        if (doubtful(left) || doubtful(right))
            && wording::folded(&format!("{}{}", left.seen, right.seen))
                == wording::folded(&format!("{a}{b}"))
        {
            (left.verdict, right.verdict) = (Some(CellVerdict::Match), Some(CellVerdict::Match));
        }
    }
}

/// A picture's column that differs in nearly every row was not read where it stands.
fn forgive_layout(rows: &mut [GradedRow]) {
    for column in Column::ALL {
        let cells = || rows.iter().flat_map(|row| &row.cells).filter(|cell| cell.column == column);
        let judged = cells().filter(|cell| cell.verdict.is_some()).count();
        let wrong = cells()
            .filter(|cell| {
                matches!(cell.verdict, Some(CellVerdict::Mismatch | CellVerdict::Suspect))
            })
            .count();
        if judged < 3 || wrong * 10 < judged * LAYOUT_FAILURE_TENTHS {
            continue;
        }
        for row in rows.iter_mut() {
            for cell in row.cells.iter_mut().filter(|cell| cell.column == column) {
                cell.verdict = cell.verdict.map(|_| CellVerdict::Unreadable);
            }
            row.verdict = row.cells.iter().filter_map(|cell| cell.verdict).max();
        }
    }
}
