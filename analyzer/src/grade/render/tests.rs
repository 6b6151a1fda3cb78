//! Golden text for every format.

use super::*;
use crate::evidence::{Column, Kind};
use crate::grade::model::{
    Contradiction, GradedCell, GradedClaim, GradedEvidence, GradedItem, GradedRow, ListFinding,
    VERSION,
};

fn cell(column: Column, seen: &str, expected: &str, verdict: CellVerdict) -> GradedCell {
    GradedCell {
        column,
        seen: seen.into(),
        expected: Some(expected.into()),
        verdict: Some(verdict),
    }
}

/// One of everything.
fn report() -> GradeReport {
    let rows = vec![
        GradedRow {
            line: 4,
            frame: Some(3),
            verdict: Some(CellVerdict::Mismatch),
            cells: vec![
                cell(Column::No, "3", "3", CellVerdict::Match),
                cell(Column::Length, "118", "112", CellVerdict::Mismatch),
                cell(
                    Column::Info,
                    "5 → 6 [ACK] Seq=1",
                    "5 → 6 [ACK] Seq=1 Ack=1",
                    CellVerdict::Cut,
                ),
            ],
        },
        GradedRow { line: 5, frame: None, verdict: None, cells: Vec::new() },
    ];
    let piece = GradedEvidence {
        file: "report|1.md".into(),
        line: 2,
        kind: Kind::PacketList,
        capture: Some("run.pcapng".into()),
        source: Origin::ThisCapture,
        source_because: Some("11 of 12 rows agree throughout".into()),
        rows,
        bytes: None,
        details: None,
        unread_lines: Vec::new(),
        list_findings: vec![ListFinding {
            kind: ListFindingKind::Removed,
            frames: vec![5],
            why: "frame 5 missing, which the filter shows".into(),
        }],
        contradictions: vec![Contradiction {
            kind: "length-and-len".into(),
            place: "line 7, Length".into(),
            why: "66 bytes cannot hold headers of 66 and Len=32".into(),
            frames: vec![12],
            region: None,
        }],
        claims: vec![GradedClaim {
            text: "There was no *retransmission*".into(),
            line: 40,
            verdict: ClaimVerdict::False,
            why: "frame 9 is one".into(),
            frames: vec![9],
        }],
    };
    GradeReport {
        version: VERSION,
        score: Some(6.5),
        max_score: Some(10.0),
        holds: false,
        items: vec![GradedItem {
            id: "handshake".into(),
            title: "The handshake".into(),
            points: 6.5,
            max_points: 10.0,
            holds: false,
            why: "one of two is complete".into(),
            frames: vec![1, 2, 3],
        }],
        joins: Vec::new(),
        evidence: vec![piece],
    }
}

fn rendered(format: Format) -> String {
    let mut out = Vec::new();
    render(format, &report(), &mut out).expect("memory takes it");
    String::from_utf8(out).expect("text")
}

#[test]
fn every_format_tells_all_of_it() {
    #[cfg(feature = "table")]
    insta::assert_snapshot!("table", rendered(Format::Table { width: 80, colour: false }));
    insta::assert_snapshot!("json", rendered(Format::Json));
    insta::assert_snapshot!("markdown", rendered(Format::Markdown));
    insta::assert_snapshot!("csv", rendered(Format::Csv));
}

#[test]
fn lines_keep_to_the_width() {
    #[cfg(feature = "table")]
    for line in rendered(Format::Table { width: 60, colour: false }).lines() {
        assert!(line.chars().count() <= 60, "{line}");
    }
}
