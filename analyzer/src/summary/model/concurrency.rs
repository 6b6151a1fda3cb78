//! Which connections were open at the same time, and whether they were served so.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Moment;

/// Whether connections ran in parallel, as far as the capture shows them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Parallelism {
    /// Fewer than two connections were established: nothing to compare.
    #[default]
    NotApplicable,
    /// One after the other: no two were seen open at the same time. Connections that are older
    /// than the capture may be listed as overlapping nevertheless, when two others began in it.
    Sequential,
    /// Some were open at the same time, but the server served one after the other.
    ConnectedOnly,
    /// Some were open at the same time; nothing shows that both had been answered by then.
    Overlapping,
    /// At some frame two connections were open and both had been answered by their server.
    Parallel,
}

/// What two overlapping connections prove.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OverlapKind {
    /// Both were open, and both had been answered by their server before the first one closed.
    ServedInParallel,
    /// Both were open, but the later one was served only after the earlier one had closed.
    AcceptedButWaiting,
    /// Both were open; nothing more can be said.
    OpenTogether,
}

/// How an overlap is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OverlapEvidence {
    /// Frames of both, or their handshakes, were captured before the first of them closed.
    Seen,
    /// At least one has no handshake in the capture, so it must have been open before the
    /// capture's first frame, although its own frames came later.
    OlderThanCapture,
}

/// Two connections that were established at the same time.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Overlap {
    /// The one that was established first.
    pub first: u32,
    /// The one that was established while the first was open.
    pub second: u32,
    /// The first frame at which both are known to be open: it establishes the second, or is the
    /// capture's first frame when both are older than the capture.
    pub from: Moment,
    /// The frame that ends the overlap: the first FIN or reset of either, or the capture's
    /// last TCP frame when nothing closes them.
    pub until: Moment,
    /// What it proves.
    pub kind: OverlapKind,
    /// How it is known.
    pub evidence: OverlapEvidence,
}

/// Two connections of which one was over before the other was established.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Succession {
    /// The earlier one.
    pub first: u32,
    /// Its first FIN or reset.
    pub closed: Moment,
    /// The next one.
    pub second: u32,
    /// The frame that establishes it.
    pub opened: Moment,
}

/// Accepted by the kernel, but not yet by the program.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Waiting {
    /// The connection that was served meanwhile.
    pub behind: u32,
    /// The client's first data.
    pub asked: Moment,
    /// The server's kernel acknowledges it; null when that is not in the capture.
    pub acknowledged: Option<Moment>,
    /// The other connection closes.
    pub released: Option<Moment>,
    /// The server's first data on this connection; null when none came.
    pub answered: Option<Moment>,
    /// From the client's first data to the answer, or to the connection's last frame.
    pub duration: f64,
}

/// The overlaps of a capture.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Concurrency {
    /// The verdict.
    pub parallelism: Parallelism,
    /// Connections that were established at some time in the capture.
    pub established: u64,
    /// How many of them are older than the capture: no handshake in it, so open from before its
    /// first frame.
    pub older: u64,
    /// Most connections open at the same time, the older ones from the first frame on.
    pub max_open: u64,
    /// The frame at which that many were open for the first time.
    pub max_open_at: Option<Moment>,
    /// The connections that were open there, by stream number; at most 20.
    pub max_open_streams: Vec<u32>,
    /// Pairs of connections that overlap.
    pub overlaps_total: u64,
    /// How many of them were seen; the others must have been open together, because one or both
    /// are older than the capture.
    pub overlaps_seen: u64,
    /// Pairs that are not in `overlaps` because the list was cut.
    pub overlaps_cut: u64,
    /// The first pairs, those that were seen before the others.
    pub overlaps: Vec<Overlap>,
    /// When the verdict is `sequential`: each connection with the next one, which proves it; at
    /// most 20, in the order of their opening.
    pub successions: Vec<Succession>,
    /// Connections that had to wait for another to close.
    pub waiting_total: u64,
}
