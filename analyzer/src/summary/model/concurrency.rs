//! Which connections were open at the same time, and whether they were served so.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Moment;

/// Whether connections ran in parallel.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Parallelism {
    /// Fewer than two connections were established: nothing to compare.
    #[default]
    NotApplicable,
    /// No two connections were open at the same time: one after the other.
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

/// Two connections that were established at the same time.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Overlap {
    /// The one that was established first.
    pub first: u32,
    /// The one that was established while the first was open.
    pub second: u32,
    /// The frame that establishes the second.
    pub from: Moment,
    /// The frame that ends the overlap: the first FIN or reset of either, or the capture's
    /// last TCP frame when nothing closes them.
    pub until: Moment,
    /// What it proves.
    pub kind: OverlapKind,
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
    /// How many of them are older than the capture: before it, they may have overlapped
    /// unseen.
    pub older: u64,
    /// Most connections open at the same time.
    pub max_open: u64,
    /// The frame at which that many were open for the first time.
    pub max_open_at: Option<Moment>,
    /// The connections that were open there, by stream number; at most 20.
    pub max_open_streams: Vec<u32>,
    /// Pairs of connections that overlap.
    pub overlaps_total: u64,
    /// Pairs that are not in `overlaps` because the list was cut.
    pub overlaps_cut: u64,
    /// The first pairs.
    pub overlaps: Vec<Overlap>,
    /// Connections that had to wait for another to close.
    pub waiting_total: u64,
}
