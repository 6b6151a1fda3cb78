//! The TCP client: connects, sends, compares the echo byte for byte, closes as told.
//!
//! Connections of a round run in parallel, a thread each, and meet at a `gate` so that
//! they overlap; rounds follow one another.

use std::io;
use std::net::SocketAddr;
use std::os::fd::OwnedFd;
use std::thread;
use std::time::{Duration, Instant};

use crate::error::{Error, said};
use crate::event::{Event, Observer};
use crate::payload::Payload;
use crate::record::{Close, ConnectionRecord, EchoVerdict, Role, WallTime, hex};
use crate::stop::Stop;
use crate::target::Target;
use crate::wait::wait;
use nix::poll::PollFlags;

mod close;
mod compare;
mod connect;
mod exchange;
mod explain;
mod gate;
mod summary;

pub use connect::Origin;
pub use summary::{ClientReport, ClientSummary, Fault};

use close::close;
use exchange::{Exchange, Halt};
use explain::{Standstill, explain};
use gate::Gate;
use sha2::Digest;
use summary::Books;

/// Stack of a connection's thread; its buffers are on the heap.
const STACK_BYTES: usize = 256 * 1024;

/// How the client closes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CloseMode {
    /// FIN once the echo is complete.
    Fin,
    /// RST once the echo is complete (SO_LINGER with zero seconds).
    Rst,
    /// FIN with the last segment of what is sent (after it, where the length is not known
    /// before); then the rest of the echo, until the server's FIN.
    HalfClose,
    /// Not at all: wait for the server to close first, which an echo server never does.
    Hold,
}

/// What the client is to do.
#[derive(Debug)]
pub struct Plan {
    /// Where to connect to.
    pub to: Target,
    /// Where from.
    pub origin: Origin,
    /// What to send on each connection.
    pub payload: Payload,
    /// Bytes asked for by one read, at least 1.
    pub recv_size: usize,
    /// Connections of one round, open at the same time.
    pub parallel: usize,
    /// Rounds, one after the other, each with new connections.
    pub repeat: u64,
    /// How to close.
    pub close: CloseMode,
    /// Give up when nothing moves for this long: connecting, sending, receiving.
    pub timeout: Option<Duration>,
    /// Keep each connection open for so long after its echo is complete, before closing it.
    pub stay_open: Option<Duration>,
    /// Once connected, send only when this becomes readable or ends (it is never read): a
    /// barrier that clients in several processes share.
    pub sign: Option<OwnedFd>,
}

/// What every connection of a run shares.
struct Run<'a> {
    plan: &'a Plan,
    addresses: &'a [SocketAddr],
    stop: &'a Stop,
    observer: &'a dyn Observer,
    books: &'a Books,
}

/// Runs the plan; what went wrong is in the report.
pub fn run(plan: &Plan, stop: &Stop, observer: &dyn Observer) -> ClientReport {
    let started = Instant::now();
    let books = Books::default();
    match addresses(plan) {
        Err(error) => books.failed(error),
        Ok(addresses) => {
            let run = Run { plan, addresses: &addresses, stop, observer, books: &books };
            for round in 0..plan.repeat {
                run.round(round);
                if books.has_failed() || stop.is_requested() {
                    break;
                }
            }
        }
    }
    books.report(started.elapsed())
}

/// The target's addresses that can be reached from the origin's address family.
fn addresses(plan: &Plan) -> Result<Vec<SocketAddr>, Error> {
    let mut addresses = plan.to.addresses()?;
    if let Some(from) = plan.origin.address {
        addresses.retain(|address| address.is_ipv4() == from.is_ipv4());
        if addresses.is_empty() {
            let cause = io::Error::other("the host has no address of that family");
            return Err(Error::From { address: from, cause });
        }
    }
    Ok(addresses)
}

impl Run<'_> {
    /// Starts the connections of one round together and waits for all of them.
    fn round(&self, round: u64) {
        let first = round.saturating_mul(self.plan.parallel as u64).saturating_add(1);
        if self.plan.parallel == 1 {
            let gate = Gate::default();
            gate.open(1);
            return self.connection(first, &gate);
        }
        let gate = &Gate::default();
        thread::scope(|scope| {
            let mut started = 0;
            for number in (first..).take(self.plan.parallel) {
                let thread = thread::Builder::new().stack_size(STACK_BYTES);
                match thread.spawn_scoped(scope, move || self.connection(number, gate)) {
                    Ok(_) => started += 1,
                    Err(cause) => {
                        self.books.failed(Error::System { task: "start a thread", cause });
                        break;
                    }
                }
            }
            gate.open(started);
        });
    }

    /// One connection from the first SYN to the record.
    fn connection(&self, connection: u64, gate: &Gate) {
        let connected = self.connect(connection, gate);
        gate.arrive();
        let error = match connected {
            Ok(exchange) => {
                gate.wait_arrived(self.stop);
                self.wait_for_sign();
                return self.converse(exchange);
            }
            Err(error) => error,
        };
        if let Error::Connect { cause, .. } = &error {
            self.observer.event(&Event::Failed { connection: Some(connection), error: cause });
        }
        self.observer.event(&Event::Closing { connection: Some(connection) });
        self.books.failed(error);
    }

    /// Lets the connection rest, as long as the plan says and nobody asks to stop.
    fn stay_open(&self) {
        if let Some(time) = self.plan.stay_open {
            // Whoever cannot wait closes at once.
            let _ = wait(self.stop, PollFlags::POLLIN, None, Some(Instant::now() + time));
        }
    }

    /// Waits for the sign to send, if one was agreed on, for as long as the plan is patient.
    fn wait_for_sign(&self) {
        let Some(sign) = &self.plan.sign else { return };
        let deadline = self.plan.timeout.map(|timeout| Instant::now() + timeout);
        // Whoever cannot wait sends at once.
        let _ = wait(sign, PollFlags::POLLIN, Some(self.stop), deadline);
    }

    /// Tries the addresses in order, once everybody is ready to.
    fn connect(&self, connection: u64, gate: &Gate) -> Result<Exchange<'_>, Error> {
        let Plan { origin, to: target, timeout, .. } = self.plan;
        let mut last = None;
        for (index, &to) in self.addresses.iter().enumerate() {
            let socket = connect::prepare(origin, to);
            if index == 0 {
                gate.wait_open();
                self.observer.event(&Event::Connecting { connection, target });
            }
            match socket.and_then(|s| connect::connect(s, to, target, *timeout, self.stop)) {
                Ok(stream) => return self.open(connection, stream),
                Err(error) => last = Some(error),
            }
        }
        let none = || Error::Connect {
            target: target.clone(),
            cause: io::Error::other("the resolver gave no address"),
        };
        Err(last.unwrap_or_else(none))
    }

    fn open(&self, connection: u64, stream: std::net::TcpStream) -> Result<Exchange<'_>, Error> {
        let exchange = Exchange::new(stream, connection, self.plan, self.observer)
            .map_err(|cause| Error::System { task: "set up a connection", cause })?;
        self.books.opened();
        let Exchange { client, server, .. } = exchange;
        self.observer.event(&Event::Connected { connection, client, server });
        Ok(exchange)
    }

    /// Moves the bytes, closes, and writes the record.
    fn converse(&self, mut exchange: Exchange<'_>) {
        let connection = exchange.connection;
        let halt = exchange.pump(self.stop);
        if matches!(halt, Halt::Complete) {
            self.stay_open();
        }
        let waiting = matches!(halt, Halt::TimedOut).then(|| {
            explain(&Standstill {
                close: self.plan.close,
                is_all_sent: exchange.is_all_sent,
                sent: exchange.sent,
                received: exchange.received,
            })
        });
        let timed_out = io::Error::from(io::ErrorKind::TimedOut);
        match &halt {
            Halt::TimedOut => self.tell_failure(connection, &timed_out),
            Halt::Broken(error) => self.tell_failure(connection, error),
            _ => {}
        }
        self.observer.event(&Event::Closing { connection: Some(connection) });
        self.books.closing();
        // What comes after giving up comes too late to count as an echo.
        let given_up = match halt {
            Halt::TimedOut | Halt::Stopped => Some(exchange.verdict(&halt)),
            _ => None,
        };
        let close = close(self.plan.close, &mut exchange, &halt);
        let echo = given_up.unwrap_or_else(|| exchange.verdict(&halt));
        let record = record(exchange, &halt, close, echo, waiting);
        self.books.closed(&record);
        self.observer.event(&Event::Closed(&record));
        if let Halt::Payload(cause) = halt {
            self.books.failed(self.plan.payload.failed(cause));
        }
    }

    fn tell_failure(&self, connection: u64, error: &io::Error) {
        self.observer.event(&Event::Failed { connection: Some(connection), error });
    }
}

/// Drops the stream, which closes it, and writes down what is known of it.
fn record(
    exchange: Exchange<'_>,
    halt: &Halt,
    close: Close,
    echo: EchoVerdict,
    waiting: Option<String>,
) -> ConnectionRecord {
    let error = match halt {
        Halt::TimedOut => Some("timed out".to_owned()),
        Halt::Broken(error) | Halt::Payload(error) => Some(said(error)),
        Halt::Complete | Halt::Eof | Halt::Fault | Halt::Stopped => None,
    };
    drop(exchange.stream);
    ConnectionRecord {
        role: Role::Client,
        connection: exchange.connection,
        client: exchange.client,
        server: exchange.server,
        bytes_sent: exchange.sent,
        bytes_received: exchange.received,
        sha256_sent: hex(&exchange.sent_hash.finalize()),
        sha256_received: hex(&exchange.received_hash.finalize()),
        opened_at: exchange.opened_at,
        closed_at: WallTime::now(),
        close,
        error,
        echo: Some(echo),
        waiting,
    }
}
