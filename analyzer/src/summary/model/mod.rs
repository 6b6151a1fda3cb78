//! The documented model of a finished summary: what `analyzer report --format json` prints.
//!
//! Plain owned values, no borrow of the capture, no logic beyond small getters. The names of
//! the fields are the JSON names and the words of the documentation; `analyzer schema report`
//! prints the JSON Schema of [`Report`]. Spans are seconds, sizes are bytes, times are
//! seconds since the capture's first frame.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use capture::{
    CaptureOverview, Completeness, FilterSummary, InterfaceSummary, ProtocolCount, RecorderCounts,
};
pub use concurrency::{
    Concurrency, Overlap, OverlapEvidence, OverlapKind, Parallelism, Succession, Waiting,
};
pub use connection::{
    Connection, ConnectionOverlaps, EndpointSummary, EventCount, EventKind, Flow, Moment,
    PortReuse, RoleBasis, SegmentRow, Side, SideOptions,
};
pub use finding::{Finding, FindingKind, Severity};
pub use lifecycle::{
    Fin, HalfClose, Handshake, HandshakeOutcome, Reset, ResetCause, Teardown, TeardownKind,
    TeardownOutcome,
};

mod capture;
mod concurrency;
mod connection;
mod finding;
mod lifecycle;

/// Version of the model; raised when a field changes its meaning or goes away.
pub const VERSION: u32 = 1;

/// The JSON document: one summary per capture file, in the order in which they were named.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Report {
    /// Version of this model: 1.
    pub version: u32,
    /// One summary per file.
    pub captures: Vec<CaptureSummary>,
}

/// Everything that the report tells about one capture.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CaptureSummary {
    /// Version of this model: 1.
    pub version: u32,
    /// The capture as a whole.
    pub capture: CaptureOverview,
    /// Whether the whole capture could be read.
    pub completeness: Completeness,
    /// The display filter that chose connections, when there was one.
    pub filter: Option<FilterSummary>,
    /// What a person should know about the capture, the most severe first.
    pub findings: Vec<Finding>,
    /// Which connections were open at the same time.
    pub concurrency: Concurrency,
    /// Number of TCP connections (after the filter), told in full or not.
    pub connections_total: u64,
    /// Connections that are not in `connections` because the list was cut.
    pub connections_cut: u64,
    /// The connections told in full, in the order of their stream numbers; when the list was
    /// cut, these are the largest by payload bytes.
    pub connections: Vec<Connection>,
    /// Compact records of all connections, for the formats that stream them all.
    #[serde(skip)]
    pub(crate) ledger: super::Ledger,
}

impl CaptureSummary {
    /// Every connection that the filter let through, in the order of stream numbers, one at a
    /// time and so in constant memory; those beyond the full list come without segment rows.
    pub fn every_connection(&self) -> impl Iterator<Item = Connection> + '_ {
        let full = |stream| {
            let found = self.connections.binary_search_by_key(&stream, |c| c.stream);
            found.ok().and_then(|index| self.connections.get(index)).cloned()
        };
        let ledger = (!self.ledger.is_empty()).then(|| self.ledger.connections());
        let plain = self.ledger.is_empty().then(|| self.connections.iter().cloned());
        ledger
            .into_iter()
            .flatten()
            .map(move |connection| full(connection.stream).unwrap_or(connection))
            .chain(plain.into_iter().flatten())
    }
}
