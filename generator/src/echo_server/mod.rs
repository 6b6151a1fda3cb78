//! The TCP echo server: one socket, three ways to serve it.
//!
//! Every chunk goes back as it arrives. `sequential` is the course's server: one connection at a
//! time, and a queue of one, so that a second client is accepted by the kernel but waits.
//! `threads` gives each connection a thread, `async` a tokio task. All three stop alike: no new
//! connections, and those that are open get [`GRACE`] to finish what is in flight.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use socket2::{Domain, Protocol, Socket, Type};

use crate::error::Error;
use crate::event::{Event, Observer};
use crate::stop::Stop;

mod accept;
mod blocking;
mod tally;
mod tasks;

pub use tally::ServerSummary;

/// After a stop, an open connection may go on for at most this long.
pub const GRACE: Duration = Duration::from_secs(5);
/// After a stop, a connection on which nothing arrives for this long has nothing in flight.
const QUIET: Duration = Duration::from_millis(200);
/// After our FIN, the other end has this long to close its half.
const LINGER: Duration = Duration::from_secs(1);

/// How connections are served.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// A thread for each connection.
    Threads,
    /// One connection after the other, as the course's server does it.
    Sequential,
    /// A tokio task for each connection.
    Async,
}

impl Mode {
    /// The queue length when the user names none: the course's 1 for `sequential`, the usual 128
    /// otherwise.
    pub const fn default_backlog(self) -> u32 {
        match self {
            Self::Sequential => 1,
            Self::Threads | Self::Async => 128,
        }
    }
}

/// What a server is to do.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where to listen; port 0 lets the system choose.
    pub bind: SocketAddr,
    /// Bytes asked for by one read, at least 1.
    pub recv_size: usize,
    /// Connections that may wait to be accepted. Linux lets one more in.
    pub backlog: u32,
    /// How to serve.
    pub mode: Mode,
    /// Stop after serving so many.
    pub max_connections: Option<u64>,
    /// Close a connection on which nothing moves for this long.
    pub idle_timeout: Option<Duration>,
}

/// A server that listens.
#[derive(Debug)]
pub struct EchoServer {
    listener: TcpListener,
    address: SocketAddr,
    settings: Settings,
}

impl EchoServer {
    /// Binds and listens; the kernel completes handshakes from here on.
    ///
    /// # Errors
    /// [`Error::Listen`].
    pub fn bind(settings: Settings) -> Result<Self, Error> {
        let listen = || {
            let domain = Domain::for_address(settings.bind);
            let socket = Socket::new(domain, Type::STREAM, Some(Protocol::TCP))?;
            socket.set_reuse_address(true)?;
            socket.bind(&settings.bind.into())?;
            socket.listen(i32::try_from(settings.backlog).unwrap_or(i32::MAX))?;
            socket.set_nonblocking(true)?;
            let listener = TcpListener::from(socket);
            let address = listener.local_addr()?;
            Ok((listener, address))
        };
        match listen() {
            Ok((listener, address)) => Ok(Self { listener, address, settings }),
            Err(cause) => Err(Error::Listen { address: settings.bind, cause }),
        }
    }

    /// Where it really listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until asked to stop or until it has served as many as it should.
    ///
    /// # Errors
    /// When the listener breaks; what goes wrong with one connection ends up in its record.
    pub fn run(self, stop: &Stop, observer: Arc<dyn Observer>) -> Result<ServerSummary, Error> {
        let Settings { backlog, mode, .. } = self.settings;
        observer.event(&Event::Listening { address: self.address, backlog, mode });
        let result = match mode {
            Mode::Threads | Mode::Sequential => accept::run(self, stop, &*observer),
            Mode::Async => tasks::run(self, stop, observer.clone()),
        };
        observer.event(&Event::Closing { connection: None });
        result
    }
}
