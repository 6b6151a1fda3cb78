//! What the pieces of evidence come to, in numbers that conditions can compare.

use schemars::JsonSchema;
use serde::Serialize;

use crate::evidence::Kind;
use crate::grade::model::{CellVerdict, ClaimVerdict, GradedEvidence, Origin};

/// Sums over all pieces of evidence.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Shown {
    /// Pieces of evidence.
    pub pieces: u64,
    /// Packet lists and pictures of them.
    pub packet_lists: u64,
    /// Terminal logs.
    pub terminal_logs: u64,
    /// Rows of packet lists.
    pub rows: u64,
    /// Rows that are a frame of the capture.
    pub rows_found: u64,
    /// Cells that show something else than the capture.
    pub mismatches: u64,
    /// Things done to the order of a list.
    pub list_findings: u64,
    /// Contradictions.
    pub contradictions: u64,
    /// Contradictions in packet lists.
    pub list_contradictions: u64,
    /// Contradictions in terminal logs.
    pub log_contradictions: u64,
    /// Claims that are true.
    pub true_claims: u64,
    /// Claims that are false.
    pub false_claims: u64,
    /// Pieces that show this capture.
    pub of_this_capture: u64,
    /// Pieces that show another run or another capture.
    pub of_another: u64,
    /// Packet lists among them.
    pub lists_of_another: u64,
    /// Terminal logs among them.
    pub logs_of_another: u64,
}

impl Shown {
    pub(super) fn of(evidence: &[GradedEvidence]) -> Self {
        let mut shown = Self::default();
        for piece in evidence {
            shown.add(piece);
        }
        shown
    }

    fn add(&mut self, piece: &GradedEvidence) {
        self.pieces += 1;
        self.packet_lists += u64::from(matches!(piece.kind, Kind::PacketList | Kind::Screenshot));
        self.terminal_logs += u64::from(piece.kind == Kind::TerminalLog);
        self.rows += piece.rows.len() as u64;
        self.rows_found += piece.rows.iter().filter(|row| row.frame.is_some()).count() as u64;
        let cells = piece.rows.iter().flat_map(|row| &row.cells);
        let is_wrong = |verdict: Option<CellVerdict>| verdict == Some(CellVerdict::Mismatch);
        self.mismatches += cells.filter(|cell| is_wrong(cell.verdict)).count() as u64;
        self.list_findings += piece.list_findings.len() as u64;
        self.contradictions += piece.contradictions.len() as u64;
        let claims = |verdict| piece.claims.iter().filter(|c| c.verdict == verdict).count() as u64;
        self.true_claims += claims(ClaimVerdict::True);
        self.false_claims += claims(ClaimVerdict::False);
        self.of_this_capture += u64::from(piece.source == Origin::ThisCapture);
        let is_other = matches!(piece.source, Origin::AnotherRun | Origin::AnotherCapture);
        self.of_another += u64::from(is_other);
        let odd = piece.contradictions.len() as u64;
        match piece.kind {
            Kind::PacketList | Kind::Screenshot => {
                self.list_contradictions += odd;
                self.lists_of_another += u64::from(is_other);
            }
            Kind::TerminalLog => {
                self.log_contradictions += odd;
                self.logs_of_another += u64::from(is_other);
            }
            Kind::FrameBytes | Kind::Claims => {}
        }
    }
}
