//! What a person should know about a capture before trusting it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How much a finding matters.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Something is damaged or missing; conclusions may be wrong.
    Error,
    /// Something is unusual; keep it in mind.
    Warning,
    /// Looks odd, is normal.
    Note,
}

/// What was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FindingKind {
    /// The file could not be read to its end.
    DamagedFile,
    /// The recorder lost frames.
    CaptureDrops,
    /// A snaplen cut frames.
    TruncatedFrames,
    /// A header contradicts itself or the layer around it.
    MalformedFrames,
    /// TCP checksums that are wrong.
    BadChecksums,
    /// TCP checksums left to the network card: the bare pseudo-header sum.
    OffloadedChecksums,
    /// Segments larger than a packet can be: GSO or GRO.
    SegmentationOffload,
    /// Timestamps that go backwards.
    TimeBackwards,
    /// Connections that are older than the capture.
    BeganBeforeCapture,
    /// Data that must have been sent but is not in the capture.
    MissingData,
    /// Connections of which only one direction was captured.
    OneSided,
    /// IP fragments that could not be put together.
    Fragments,
    /// Frames that carry no TCP.
    OtherTraffic,
    /// There is no TCP in the capture.
    NoTcp,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// How much it matters.
    pub severity: Severity,
    /// What it is.
    pub kind: FindingKind,
    /// One or two sentences for a person.
    pub text: String,
    /// How many frames or connections it concerns.
    pub count: u64,
    /// The first frames as witnesses, at most eight; empty where a frame says nothing.
    pub frames: Vec<u64>,
}
