//! What a run of the client came to, and the books that lead there.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::record::{ConnectionRecord, EchoVerdict};

/// What was verified, over all connections.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ClientSummary {
    /// Connections that were established.
    pub connections: u64,
    /// Those whose echo was identical.
    pub identical: u64,
    /// Connections that could not be established, or whose payload could not be read.
    pub failed: u64,
    /// The most that were open at the same time, from connected to closing.
    pub most_at_once: u64,
    /// Payload bytes sent in all.
    pub bytes_sent: u64,
    /// Payload bytes received in all.
    pub bytes_received: u64,
    /// SHA-256 of what came back, lower-case hex, when it is the same on all connections and
    /// identical to what was sent.
    pub sha256: Option<String>,
    /// From the first attempt to connect to the last close, in seconds.
    pub seconds: f64,
    /// The first connection whose echo was not identical.
    pub fault: Option<Fault>,
}

/// A connection whose echo was not what it should be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Fault {
    /// Its number.
    pub connection: u64,
    /// What is wrong.
    pub verdict: EchoVerdict,
    /// What the system reported, if anything.
    pub error: Option<String>,
}

/// The summary, and the first error that kept a connection from doing its work.
#[derive(Debug)]
pub struct ClientReport {
    /// What was verified all the same.
    pub summary: ClientSummary,
    /// The first error.
    pub error: Option<Error>,
}

impl fmt::Display for ClientSummary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { connections, identical, bytes_sent, bytes_received, .. } = self;
        let plural = if *connections == 1 { "" } else { "s" };
        if *connections == 0 {
            return write!(f, "not verified: no connection");
        }
        if let Some(Fault { connection, verdict, error }) = &self.fault {
            writeln!(
                f,
                "NOT VERIFIED: {identical} of {connections} connection{plural} echoed identically"
            )?;
            write!(f, "connection {connection}: {verdict}")?;
            if let Some(error) = error {
                write!(f, " ({error})")?;
            }
        } else {
            write!(
                f,
                "verified: {connections} connection{plural}, {bytes_sent} bytes sent, \
                 {bytes_received} bytes came back, identical byte for byte"
            )?;
        }
        if let Some(sha256) = &self.sha256 {
            write!(f, "\nSHA-256: {sha256}")?;
        }
        if *connections > 1 {
            write!(f, "\noverlap: {} connections open at the same time", self.most_at_once)?;
        }
        write!(f, "\ntime: {:.6} s", self.seconds)
    }
}

impl fmt::Display for EchoVerdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Identical => write!(f, "the echo is identical"),
            Self::Differs { offset, expected, got } => write!(
                f,
                "the echo differs first at offset {offset}: expected 0x{expected:02x}, got \
                 0x{got:02x}"
            ),
            Self::Short { expected, got } => {
                write!(f, "the echo is short: {got} of {expected} bytes came back")
            }
            Self::Long { expected, got } => write!(
                f,
                "more came back than was sent: {got} bytes or more, where {expected} were sent"
            ),
        }
    }
}

/// The running totals of all connections.
#[derive(Debug, Default)]
pub(super) struct Books(Mutex<Running>);

#[derive(Debug, Default)]
struct Running {
    open: u64,
    summary: ClientSummary,
    error: Option<Error>,
    /// The digests of identical echoes were not all the same.
    is_mixed: bool,
}

impl Books {
    fn lock(&self) -> MutexGuard<'_, Running> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A connection is established.
    pub(super) fn opened(&self) {
        let mut running = self.lock();
        running.open += 1;
        running.summary.connections += 1;
        running.summary.most_at_once = running.summary.most_at_once.max(running.open);
    }

    /// A connection is about to be closed.
    pub(super) fn closing(&self) {
        let mut running = self.lock();
        running.open = running.open.saturating_sub(1);
    }

    /// A connection is over.
    pub(super) fn closed(&self, record: &ConnectionRecord) {
        let mut running = self.lock();
        let Running { summary, is_mixed, .. } = &mut *running;
        summary.bytes_sent += record.bytes_sent;
        summary.bytes_received += record.bytes_received;
        let Some(verdict) = record.echo else { return };
        if verdict.is_identical() {
            summary.identical += 1;
            let digest = summary.sha256.get_or_insert_with(|| record.sha256_received.clone());
            *is_mixed |= *digest != record.sha256_received;
        } else if summary.fault.is_none() {
            let (connection, error) = (record.connection, record.error.clone());
            summary.fault = Some(Fault { connection, verdict, error });
        }
    }

    /// A connection could not do its work.
    pub(super) fn failed(&self, error: Error) {
        let mut running = self.lock();
        running.summary.failed += 1;
        running.error.get_or_insert(error);
    }

    /// True when some connection could not do its work.
    pub(super) fn has_failed(&self) -> bool {
        self.lock().error.is_some()
    }

    /// The end of the run.
    pub(super) fn report(self, elapsed: Duration) -> ClientReport {
        let Running { mut summary, error, is_mixed, .. } =
            self.0.into_inner().unwrap_or_else(PoisonError::into_inner);
        summary.seconds = elapsed.as_secs_f64();
        if is_mixed {
            summary.sha256 = None;
        }
        ClientReport { summary, error }
    }
}
