//! What came out of a check: plain values, documented for programs
//! (`analyzer check --format json`, `analyzer schema check`).

use schemars::JsonSchema;
use serde::Serialize;

use crate::condition::Column;

/// Version of the document; raised when a field changes its meaning or goes away.
pub const VERSION: u32 = 1;

/// The result of checking cases.
#[derive(Debug, Clone, Default, PartialEq, Serialize, JsonSchema)]
pub struct CheckReport {
    /// Version of this document: 1.
    pub version: u32,
    /// Cases of which everything holds.
    pub passed: usize,
    /// Cases of which something does not hold.
    pub failed: usize,
    /// Cases that could not be checked.
    pub errors: usize,
    /// The cases, in the order in which they were named or found.
    pub cases: Vec<CaseReport>,
}

/// One case.
#[derive(Debug, Clone, Default, PartialEq, Serialize, JsonSchema)]
pub struct CaseReport {
    /// Its folder, as named or found.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// The capture.
    pub capture: Option<String>,
    /// Whether everything holds.
    pub holds: bool,
    /// Why it could not be checked at all; null when it was.
    pub error: Option<String>,
    /// The expectations, in the order of the case.
    pub expectations: Vec<ExpectationReport>,
    /// The comparison with the blessed snapshot; null when there is none.
    pub snapshot: Option<SnapshotReport>,
    /// How long it took, in seconds.
    pub seconds: f64,
}

/// One expectation.
#[derive(Debug, Clone, Default, PartialEq, Serialize, JsonSchema)]
pub struct ExpectationReport {
    /// Its name, or the short form as it was written.
    pub name: String,
    /// What it is for.
    pub text: Option<String>,
    /// The condition in CEL.
    pub condition: String,
    /// Whether it holds.
    pub holds: bool,
    /// Why that cannot be decided; null when it could be.
    pub undecided: Option<String>,
    /// Why it does not hold.
    pub reasons: Vec<Reason>,
    /// Reasons that are not told, because they are many.
    pub more_reasons: usize,
}

/// One reason why a condition does not hold.
#[derive(Debug, Clone, Default, PartialEq, Serialize, JsonSchema)]
pub struct Reason {
    /// Which element of a list it is about, for example `connection 2`; null outside of lists.
    pub about: Option<String>,
    /// The part of the condition that decided.
    pub expression: String,
    /// Its parts with their values.
    pub values: Vec<PartValue>,
    /// What else is known, for example what a manifest tells otherwise.
    pub notes: Vec<String>,
    /// The frames that prove it.
    pub frames: Vec<u64>,
    /// Their rows in the packet list.
    pub rows: Vec<FrameRow>,
}

/// A part of a condition and its value.
#[derive(Debug, Clone, Default, PartialEq, Serialize, JsonSchema)]
pub struct PartValue {
    /// The part.
    pub part: String,
    /// Its value, as text.
    pub value: String,
}

/// A row of the packet list.
#[derive(Debug, Clone, Default, PartialEq, Serialize, JsonSchema)]
pub struct FrameRow {
    /// `No.`
    pub frame: u64,
    /// `Time`: seconds since the first frame.
    pub time: String,
    /// `Source`
    pub source: String,
    /// `Destination`
    pub destination: String,
    /// `Protocol`
    pub protocol: String,
    /// `Length`
    pub length: u32,
    /// `Info`
    pub info: String,
    /// The cells that show what decided, by the names of the fields above.
    pub marked: Vec<&'static str>,
}

/// The comparison with the blessed snapshot.
#[derive(Debug, Clone, Default, PartialEq, Serialize, JsonSchema)]
pub struct SnapshotReport {
    /// Whether it is the same, by the rules of the case.
    pub same: bool,
    /// What is different, in sentences.
    pub differences: Vec<SnapshotDifference>,
}

/// Something that is different from the blessed snapshot.
#[derive(Debug, Clone, Default, PartialEq, Serialize, JsonSchema)]
pub struct SnapshotDifference {
    /// One sentence.
    pub sentence: String,
    /// The word that `ignore` in the rules would take out.
    pub field: String,
    /// The frames that show it.
    pub frames: Vec<u64>,
    /// Their rows in the packet list.
    pub rows: Vec<FrameRow>,
}

impl CheckReport {
    /// Of these cases.
    #[must_use]
    pub fn of(cases: Vec<CaseReport>) -> Self {
        let passed = cases.iter().filter(|case| case.holds).count();
        let errors = cases.iter().filter(|case| case.error.is_some()).count();
        Self { version: VERSION, passed, failed: cases.len() - passed - errors, errors, cases }
    }

    /// True when everything holds of every case.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.passed == self.cases.len()
    }
}

impl CaseReport {
    /// The parts that were checked: expectations, and the snapshot when there is one.
    #[must_use]
    pub fn parts(&self) -> usize {
        self.expectations.len() + usize::from(self.snapshot.is_some())
    }

    /// How many of them do not hold.
    #[must_use]
    pub fn failures(&self) -> usize {
        let expectations = self.expectations.iter().filter(|one| !one.holds).count();
        expectations + usize::from(self.snapshot.as_ref().is_some_and(|one| !one.same))
    }
}

/// The name of a column's field in [`FrameRow`].
pub(super) fn cell_name(column: Column) -> &'static str {
    match column {
        Column::No => "frame",
        Column::Time => "time",
        Column::Source => "source",
        Column::Destination => "destination",
        Column::Protocol => "protocol",
        Column::Length => "length",
        Column::Info => "info",
    }
}
