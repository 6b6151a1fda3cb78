//! What the roles tell while they work, and who listens.
//!
//! Events borrow; an observer that wants to keep something copies it. Observers are called from
//! the thread where it happens, several at once, and must not block for long: the connection
//! waits for them.

use std::net::SocketAddr;

use crate::echo_server::Mode;
use crate::record::ConnectionRecord;
use crate::target::Target;

/// One thing that happened. `connection` numbers are those of
/// [`ConnectionRecord::connection`].
#[derive(Debug, Clone, Copy)]
pub enum Event<'a> {
    /// The server listens; from here on clients can connect. The port is the real one.
    Listening {
        /// The bound address.
        address: SocketAddr,
        /// Length of the queue asked of the kernel.
        backlog: u32,
        /// How it serves.
        mode: Mode,
    },
    /// The server waits for the next connection.
    Waiting,
    /// The server accepted a connection.
    Accepted {
        /// Its number.
        connection: u64,
        /// The client's endpoint.
        client: SocketAddr,
        /// Our endpoint.
        server: SocketAddr,
    },
    /// The server got bytes; none means EOF.
    Received {
        /// The connection's number.
        connection: u64,
        /// What one read gave.
        data: &'a [u8],
    },
    /// The server is about to send the bytes back.
    SendingBack {
        /// The connection's number.
        connection: u64,
        /// How many bytes.
        bytes: usize,
    },
    /// The client is about to connect.
    Connecting {
        /// The connection's number.
        connection: u64,
        /// Where to, as the user wrote it.
        target: &'a Target,
    },
    /// The client is connected.
    Connected {
        /// The connection's number.
        connection: u64,
        /// Our endpoint.
        client: SocketAddr,
        /// The server's endpoint.
        server: SocketAddr,
    },
    /// The client starts to send.
    Sending {
        /// The connection's number.
        connection: u64,
        /// What it sends.
        what: Sending<'a>,
    },
    /// The client handed bytes to the system.
    Sent {
        /// The connection's number.
        connection: u64,
        /// How many.
        bytes: usize,
    },
    /// The client got a piece of the echo; none means EOF.
    EchoReceived {
        /// The connection's number.
        connection: u64,
        /// What one read gave.
        data: &'a [u8],
        /// What is being sent, for logs that word it differently.
        what: Sending<'a>,
    },
    /// Something failed; the program goes on or ends by itself.
    Failed {
        /// The connection, if it concerns one.
        connection: Option<u64>,
        /// What the system said.
        error: &'a std::io::Error,
    },
    /// The client closes a connection, or the server its listener (`None`).
    Closing {
        /// The connection, if it is one.
        connection: Option<u64>,
    },
    /// A connection is over.
    Closed(&'a ConnectionRecord),
}

/// What a client sends, as far as a log words it.
#[derive(Debug, Clone, Copy)]
pub enum Sending<'a> {
    /// A message given on the command line.
    Message(&'a [u8]),
    /// A file's content of so many bytes.
    File(u64),
    /// Standard input, whose length nobody knows yet.
    Stream,
}

/// Someone who wants to know.
pub trait Observer: Send + Sync {
    /// Called for every event, on the thread where it happened.
    fn event(&self, event: &Event<'_>);
}

/// Nobody listens.
impl Observer for () {
    fn event(&self, _: &Event<'_>) {}
}

/// Everybody in the list listens, in its order.
impl Observer for Vec<Box<dyn Observer>> {
    fn event(&self, event: &Event<'_>) {
        for observer in self {
            observer.event(event);
        }
    }
}

/// A shared observer listens like the one it shares.
impl<T: Observer + ?Sized> Observer for std::sync::Arc<T> {
    fn event(&self, event: &Event<'_>) {
        (**self).event(event);
    }
}
