//! The bookkeeping of one connection and of the whole server: the same for every mode.

use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::error::said;
use crate::event::{Event, Observer};
use crate::record::{Close, ConnectionRecord, EndReason, HalfClose, Role, WallTime, hex};

/// How serving a connection ended, before it is closed.
#[derive(Debug)]
pub(super) enum Ending {
    /// The client closed its half.
    PeerFin,
    /// We were asked to stop, and nothing is in flight any more or the grace is over.
    Stopped,
    /// Nothing moved for the idle timeout.
    Idle,
    /// The system reported an error.
    Failed(io::Error),
}

impl From<io::Error> for Ending {
    fn from(error: io::Error) -> Self {
        Self::Failed(error)
    }
}

impl Ending {
    /// The ending as the error that Python would report, if it is one.
    pub(super) fn as_error(&self) -> Option<io::Error> {
        match self {
            Self::PeerFin | Self::Stopped => None,
            Self::Idle => Some(io::ErrorKind::TimedOut.into()),
            Self::Failed(error) => Some(match error.raw_os_error() {
                Some(number) => io::Error::from_raw_os_error(number),
                None => io::Error::new(error.kind(), error.to_string()),
            }),
        }
    }

    /// How the connection was closed, given how the client closed its half.
    pub(super) fn close(&self, peer: HalfClose) -> Close {
        let (first, local, reason) = match self {
            Self::PeerFin => (Some(Role::Client), HalfClose::Fin, EndReason::Done),
            Self::Stopped => (Some(Role::Server), HalfClose::Fin, EndReason::Stopped),
            Self::Idle => (Some(Role::Server), HalfClose::Fin, EndReason::TimedOut),
            Self::Failed(_) if peer == HalfClose::Rst => {
                (Some(Role::Client), HalfClose::Unseen, EndReason::PeerClosed)
            }
            Self::Failed(_) => (Some(Role::Server), HalfClose::Fin, EndReason::Failed),
        };
        Close { first, local, peer, reason }
    }

    /// How the client closed, as far as the ending itself tells.
    pub(super) fn peer(&self) -> HalfClose {
        match self {
            Self::PeerFin => HalfClose::Fin,
            Self::Failed(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe
                ) =>
            {
                HalfClose::Rst
            }
            _ => HalfClose::Unseen,
        }
    }
}

/// Counts and hashes one connection, tells the observer, and writes the record.
pub(super) struct Tally<'a> {
    pub(super) connection: u64,
    observer: &'a dyn Observer,
    totals: &'a Totals,
    client: SocketAddr,
    server: SocketAddr,
    opened_at: WallTime,
    received: u64,
    sent: u64,
    /// Over what went back; what came in is the same bytes and at most a few more.
    sent_hash: Sha256,
    /// Over everything that came in, once something came in that did not go back.
    received_hash: Option<Sha256>,
}

impl<'a> Tally<'a> {
    /// Starts the books of a connection just accepted.
    pub(super) fn open(
        totals: &'a Totals,
        observer: &'a dyn Observer,
        connection: u64,
        client: SocketAddr,
        server: SocketAddr,
    ) -> Self {
        let opened_at = WallTime::now();
        totals.opened();
        observer.event(&Event::Accepted { connection, client, server });
        Self {
            connection,
            observer,
            totals,
            client: canonical(client),
            server: canonical(server),
            opened_at,
            received: 0,
            sent: 0,
            sent_hash: Sha256::new(),
            received_hash: None,
        }
    }

    /// One read gave `data`; it is about to go back unless it is EOF.
    pub(super) fn received(&mut self, data: &[u8]) {
        let connection = self.connection;
        self.received += data.len() as u64;
        self.observer.event(&Event::Received { connection, data });
        if !data.is_empty() {
            self.observer.event(&Event::SendingBack { connection, bytes: data.len() });
        }
    }

    /// The system took `data` to send.
    pub(super) fn sent(&mut self, data: &[u8]) {
        self.sent += data.len() as u64;
        self.sent_hash.update(data);
    }

    /// `data`, already counted as received, will not go back. Nothing may be sent after this.
    pub(super) fn unanswered(&mut self, data: &[u8]) {
        self.received_hash.get_or_insert_with(|| self.sent_hash.clone()).update(data);
    }

    /// `data` came in after our FIN; it is counted and cannot go back.
    pub(super) fn too_late(&mut self, data: &[u8]) {
        self.received += data.len() as u64;
        self.unanswered(data);
    }

    /// Closes the books: tells the observer and the totals.
    pub(super) fn close(self, ending: &Ending, peer: HalfClose) {
        let error = ending.as_error();
        if let Some(error) = &error {
            self.observer.event(&Event::Failed { connection: Some(self.connection), error });
        }
        let sha256_sent = hex(&self.sent_hash.clone().finalize());
        let sha256_received =
            self.received_hash.map_or_else(|| sha256_sent.clone(), |hash| hex(&hash.finalize()));
        let record = ConnectionRecord {
            role: Role::Server,
            connection: self.connection,
            client: self.client,
            server: self.server,
            bytes_sent: self.sent,
            bytes_received: self.received,
            sha256_sent,
            sha256_received,
            opened_at: self.opened_at,
            closed_at: WallTime::now(),
            close: ending.close(peer),
            error: error.as_ref().map(said),
            echo: None,
            waiting: None,
        };
        self.totals.closed(&record);
        self.observer.event(&Event::Closed(&record));
    }
}

/// IPv4 addresses that a dual-stack socket shows as `::ffff:a.b.c.d` are the IPv4 addresses that
/// stand in the packets.
fn canonical(address: SocketAddr) -> SocketAddr {
    match address.ip().to_canonical() {
        IpAddr::V4(ip) => SocketAddr::new(ip.into(), address.port()),
        IpAddr::V6(_) => address,
    }
}

/// What a server did, when it is done.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerSummary {
    /// Connections served to their end.
    pub connections: u64,
    /// Those of them that ended with an error, a timeout or a reset.
    pub failed: u64,
    /// The most that were open at the same time, between accept and close.
    pub most_at_once: u64,
    /// Payload bytes received in all.
    pub bytes_received: u64,
    /// Payload bytes sent back in all.
    pub bytes_sent: u64,
}

impl fmt::Display for ServerSummary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = if self.connections == 1 { "" } else { "s" };
        write!(
            f,
            "served {} connection{plural} ({} failed), at most {} at the same time: {} bytes \
             received, {} bytes sent back",
            self.connections, self.failed, self.most_at_once, self.bytes_received, self.bytes_sent
        )
    }
}

/// The server's running totals.
#[derive(Debug, Default)]
pub(super) struct Totals(Mutex<Running>);

#[derive(Debug, Default)]
struct Running {
    open: u64,
    summary: ServerSummary,
}

impl Totals {
    fn lock(&self) -> MutexGuard<'_, Running> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn opened(&self) {
        let mut running = self.lock();
        running.open += 1;
        running.summary.most_at_once = running.summary.most_at_once.max(running.open);
    }

    fn closed(&self, record: &ConnectionRecord) {
        let mut running = self.lock();
        running.open = running.open.saturating_sub(1);
        let summary = &mut running.summary;
        summary.connections += 1;
        summary.failed += u64::from(record.error.is_some());
        summary.bytes_received += record.bytes_received;
        summary.bytes_sent += record.bytes_sent;
    }

    pub(super) fn summary(&self) -> ServerSummary {
        self.lock().summary.clone()
    }
}

/// A pause after the system ran out of descriptors or memory, before trying again.
pub(super) const EXHAUSTED_PAUSE: Duration = Duration::from_millis(50);

/// What to do about a failed accept.
pub(super) enum AcceptFailure {
    /// That one connection is gone already, or nobody is there; go on.
    Skip,
    /// The system is out of descriptors or memory; pause, then go on.
    Exhausted,
    /// The listener is broken.
    Fatal,
}

impl AcceptFailure {
    /// As accept(2) tells, section "Error handling".
    pub(super) fn of(error: &io::Error) -> Self {
        use nix::errno::Errno;
        match Errno::from_raw(error.raw_os_error().unwrap_or(0)) {
            Errno::EAGAIN | Errno::EINTR | Errno::ECONNABORTED | Errno::EPROTO | Errno::EPERM => {
                Self::Skip
            }
            Errno::ENETDOWN | Errno::EHOSTDOWN | Errno::EHOSTUNREACH | Errno::ENETUNREACH => {
                Self::Skip
            }
            Errno::EMFILE | Errno::ENFILE | Errno::ENOBUFS | Errno::ENOMEM => Self::Exhausted,
            _ => Self::Fatal,
        }
    }
}
