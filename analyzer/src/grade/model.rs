//! The documented result of grading: `analyzer schema grade` prints the JSON Schema of
//! [`GradeReport`].
//!
//! Names of fields and of verdicts are fixed, because scripts judge by them; fields may be
//! added.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::evidence::{Column, Kind, Region};

/// Version of the model; raised when a field changes its meaning or goes away.
pub const VERSION: u32 = 1;

/// How a cell, or a whole row, stands to the capture.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum CellVerdict {
    /// It shows what the capture has.
    Match,
    /// A true beginning of what the capture has, cut by the column or the page.
    Cut,
    /// What the capture has, but for a slip of the transcription.
    Near,
    /// Too little can be read to say anything.
    Unreadable,
    /// It seems to differ, but one witness alone says so.
    Suspect,
    /// It shows something that the capture does not have.
    Mismatch,
}

/// The recording that a piece of evidence shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// The capture that was handed in.
    ThisCapture,
    /// The same lab, recorded another time.
    AnotherRun,
    /// Something else.
    AnotherCapture,
    /// There is no capture, or too little to say.
    Unknown,
}

/// One cell, judged.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct GradedCell {
    /// Which column.
    pub column: Column,
    /// What the evidence shows.
    pub seen: String,
    /// What the capture has, in full; null when the row has no frame.
    pub expected: Option<String>,
    /// The verdict; null when there is nothing to compare with.
    pub verdict: Option<CellVerdict>,
}

/// One row, judged.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct GradedRow {
    /// Line of the file from 1, or row of the picture from 1.
    pub line: u32,
    /// The frame that it shows; null when no frame of the capture has this row.
    pub frame: Option<u64>,
    /// The worst verdict of its cells; null when there is no capture or no frame.
    pub verdict: Option<CellVerdict>,
    /// Its cells.
    pub cells: Vec<GradedCell>,
}

/// What was done to the order of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ListFindingKind {
    /// Frames that the filter lets through are missing between rows that are shown.
    Removed,
    /// Two rows stand in each other's place.
    Swapped,
    /// A frame is shown more than once.
    Repeated,
    /// Rows stand out of order in some other way.
    Reordered,
}

/// Something wrong with the order of a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ListFinding {
    /// What.
    pub kind: ListFindingKind,
    /// The frames that it concerns.
    pub frames: Vec<u64>,
    /// One sentence for a person.
    pub why: String,
}

/// Evidence that contradicts itself, or another piece of evidence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Contradiction {
    /// What kind of contradiction, in a few words joined by `-`, for example `length-and-len`.
    pub kind: String,
    /// Where: file, line or row, column.
    #[serde(rename = "where")]
    pub place: String,
    /// Both values, and the rule that they break.
    pub why: String,
    /// Frame numbers that the evidence itself shows, or those of the capture.
    pub frames: Vec<u64>,
    /// Where in a picture, when it is below the packet list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<Region>,
}

/// Whether a claim holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ClaimVerdict {
    /// The capture, or the evidence itself, proves it.
    True,
    /// They prove the opposite.
    False,
    /// They show neither.
    Unsupported,
    /// The sentence was not understood.
    NotUnderstood,
}

/// One claim, judged.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct GradedClaim {
    /// The sentence.
    pub text: String,
    /// Line of the file, from 1.
    pub line: u32,
    /// The verdict.
    pub verdict: ClaimVerdict,
    /// Why.
    pub why: String,
    /// The frames that prove it.
    pub frames: Vec<u64>,
}

/// One byte of a dump that is not the frame's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DifferentByte {
    /// Line of the file, from 1.
    pub line: u32,
    /// Offset that the dump gives it.
    pub offset: u64,
    /// What is shown.
    pub seen: u8,
    /// What the frame has there; null beyond its end.
    pub expected: Option<u8>,
    /// The field that the byte belongs to, by Wireshark's name; `frame` where no layer has it.
    pub field: String,
}

/// A dump's bytes, held against a frame.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct GradedBytes {
    /// The frame that has most of them; null when none has any.
    pub frame: Option<u64>,
    /// How many are shown; 0 for details without bytes.
    pub shown: u64,
    /// How many of these are the frame's.
    pub equal: u64,
    /// How many are shown in a picture and cannot be read; left out when there are none.
    #[serde(default, skip_serializing_if = "is_none")]
    pub unreadable: u64,
    /// The others.
    pub differing: Vec<DifferentByte>,
}

#[allow(clippy::trivially_copy_pass_by_ref)] // serde passes a reference
const fn is_none(count: &u64) -> bool {
    *count == 0
}

/// The details pane of a picture, held against a frame line by line.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct GradedDetails {
    /// The frame: that of the selected row, or the one that the first line names.
    pub frame: u64,
    /// How many lines are shown.
    pub shown: u64,
    /// How many of these are the frame's, as far as they are not cut.
    pub equal: u64,
    /// How many say something for which nothing is at hand to hold against it.
    pub not_judged: u64,
    /// How many were read otherwise, or not at all: one reading alone contradicts nothing.
    pub unreadable: u64,
    /// The others: both, what was read and what the characters look like, is not the frame's.
    pub differing: Vec<DifferentLine>,
}

/// A line of a details pane that is not the frame's.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DifferentLine {
    /// What is shown.
    pub seen: String,
    /// What Wireshark shows of the frame.
    pub expected: String,
    /// Where in the picture.
    pub region: Region,
}

/// One piece of evidence, judged.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct GradedEvidence {
    /// The file as named.
    pub file: String,
    /// First line of the part that was judged; 1 for a whole file.
    pub line: u32,
    /// What it is.
    pub kind: Kind,
    /// The capture that it was held against; null when there is none.
    pub capture: Option<String>,
    /// Which recording it shows.
    pub source: Origin,
    /// Why that is said; null when nothing was said.
    pub source_because: Option<String>,
    /// The rows, for packet lists and pictures of them.
    pub rows: Vec<GradedRow>,
    /// Lines within a packet list that were not read as rows; left out when there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unread_lines: Vec<u32>,
    /// The bytes, for frame details and hex dumps beside a capture.
    pub bytes: Option<GradedBytes>,
    /// The details pane of a picture; left out when it shows none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub details: Option<GradedDetails>,
    /// What was done to the order of the list.
    pub list_findings: Vec<ListFinding>,
    /// Contradictions within the evidence, and with other pieces.
    pub contradictions: Vec<Contradiction>,
    /// Claims.
    pub claims: Vec<GradedClaim>,
}

/// One item of a rubric, judged.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct GradedItem {
    /// The item's name in the rubric.
    pub id: String,
    /// Its title in the chosen language.
    pub title: String,
    /// Points given.
    pub points: f64,
    /// Points that were to be had.
    pub max_points: f64,
    /// Whether all of it holds.
    pub holds: bool,
    /// Why, in the chosen language.
    pub why: String,
    /// The frames that prove it.
    pub frames: Vec<u64>,
}

/// A capture or a piece of evidence beside a lab's manifest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Join {
    /// The manifest, as found.
    pub manifest: String,
    /// The capture or the file of evidence.
    pub file: String,
    /// First line of the piece; 1 for a capture.
    pub line: u32,
    /// True when it is of the manifest's run.
    pub holds: bool,
    /// Why that is said.
    pub why: String,
    /// First frames of the connections that show it.
    pub frames: Vec<u64>,
}

/// The result of grading one submission.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct GradeReport {
    /// Version of this model: 1.
    pub version: u32,
    /// Points given; null without a rubric.
    pub score: Option<f64>,
    /// Points that were to be had; null without a rubric.
    pub max_score: Option<f64>,
    /// True when everything that was claimed holds.
    pub holds: bool,
    /// The rubric's items.
    pub items: Vec<GradedItem>,
    /// The pieces of evidence, in the order in which they were named.
    pub evidence: Vec<GradedEvidence>,
    /// What was found beside a lab's manifest (`run.json`); empty when there is none.
    pub joins: Vec<Join>,
}
