//! What grading says about a hand-in, sorted by kind.

use std::collections::BTreeMap;

use analyzer::evidence::Kind;
use analyzer::grade::class::Graded;
use analyzer::grade::model::{CellVerdict, ClaimVerdict, GradedEvidence, Origin};

use super::fault::Fault;

/// What kind of objection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Found {
    /// A log that is not of this capture, or contradicts it.
    Log,
    /// A cell or row that is not what the capture has.
    Row,
    /// Rows removed, swapped, repeated.
    Order,
    /// A false sentence.
    Claim,
    /// A list of another run or another capture.
    Source,
    /// A rubric's item about the traffic itself that does not hold.
    Item,
    /// A sign that the capture was changed.
    Sign,
    /// A capture of one origin with another one's.
    Shared,
}

impl Found {
    /// All, as columns of the table.
    pub const ALL: [Self; 8] = [
        Self::Log,
        Self::Row,
        Self::Order,
        Self::Claim,
        Self::Source,
        Self::Item,
        Self::Sign,
        Self::Shared,
    ];
}

/// Objections, in words, by kind.
pub type Objections = BTreeMap<Found, Vec<String>>;

/// True when the objections name the fault, and do not only happen to be there.
pub fn names(objections: &Objections, fault: Fault) -> bool {
    let fitting: &[Found] = match fault {
        Fault::None => return objections.is_empty(),
        Fault::OtherLog => &[Found::Log],
        Fault::SwappedRoles => &[Found::Claim, Found::Row],
        Fault::NotConcurrent => &[Found::Claim, Found::Item],
        Fault::CutSyn => &[Found::Item, Found::Order],
        Fault::EditedRow => &[Found::Row],
        Fault::EditedCapture => &[Found::Sign, Found::Log],
        Fault::BorrowedCapture => &[Found::Shared],
    };
    fitting.iter().any(|kind| objections.contains_key(kind))
}

/// Everything that a report holds against a hand-in.
pub fn objections(graded: &Graded) -> Objections {
    let mut all = Objections::new();
    let report = graded.report.as_ref().expect("graded");
    for piece in &report.evidence {
        add(piece, &mut all);
    }
    // Items about the pieces of evidence repeat what is said above.
    let about_traffic = |id: &str| !["list", "log", "explanation", "traffic"].contains(&id);
    for item in report.items.iter().filter(|item| !item.holds && about_traffic(&item.id)) {
        all.entry(Found::Item).or_default().push(format!("{}: {}", item.id, item.why));
    }
    for (file, sign) in &graded.signs {
        all.entry(Found::Sign).or_default().push(format!("{file}: {}", sign.what));
    }
    all
}

fn add(piece: &GradedEvidence, all: &mut Objections) {
    let mut say = |kind, what| all.entry(kind).or_default().push(what);
    let is_log = piece.kind == Kind::TerminalLog;
    if matches!(piece.source, Origin::AnotherRun | Origin::AnotherCapture) {
        let kind = if is_log { Found::Log } else { Found::Source };
        say(kind, format!("{:?}: {:?}", piece.source, piece.source_because));
    }
    for row in &piece.rows {
        if row.frame.is_none() {
            say(Found::Row, format!("line {}: in no frame", row.line));
        }
        for cell in &row.cells {
            if cell.verdict >= Some(CellVerdict::Near) {
                say(Found::Row, format!("line {}: {:?} {:?}", row.line, cell.verdict, cell.seen));
            }
        }
    }
    for finding in &piece.list_findings {
        say(Found::Order, finding.why.clone());
    }
    for one in &piece.contradictions {
        say(if is_log { Found::Log } else { Found::Row }, format!("{}: {}", one.place, one.why));
    }
    for claim in piece.claims.iter().filter(|claim| claim.verdict == ClaimVerdict::False) {
        say(Found::Claim, format!("{}: {}", claim.text, claim.why));
    }
}
