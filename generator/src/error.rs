//! What stops a role before or beside its work, with the reason and what to do next.
//!
//! A connection that ends badly is not an error here but a [`crate::record::ConnectionRecord`].

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use crate::target::Target;

/// Why a role could not do its work.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The server could not listen.
    #[error("cannot listen on {address}: {}{}", said(cause), listen_hint(cause))]
    Listen {
        /// Where it should have.
        address: SocketAddr,
        /// What the system said.
        cause: io::Error,
    },
    /// The listener broke while serving.
    #[error("cannot accept connections on {address}: {}", said(cause))]
    Accept {
        /// Where the server listens.
        address: SocketAddr,
        /// What the system said.
        cause: io::Error,
    },
    /// The name has no address.
    #[error(
        "cannot resolve {host}: {}; check the spelling and this machine's resolver",
        said(cause)
    )]
    Resolve {
        /// The name.
        host: String,
        /// What the resolver said.
        cause: io::Error,
    },
    /// The client got no connection.
    #[error("cannot connect to {target}: {}{}", said(cause), connect_hint(cause))]
    Connect {
        /// Where to.
        target: Target,
        /// What the system said.
        cause: io::Error,
    },
    /// The client could not take the source address it was told to take.
    #[error("cannot send from {address}: {}{}", said(cause), listen_hint(cause))]
    From {
        /// The source address.
        address: SocketAddr,
        /// What the system said.
        cause: io::Error,
    },
    /// The client could not be tied to an interface.
    #[error("cannot use interface {interface}: {}{}", said(cause), interface_hint(cause))]
    Interface {
        /// Its name.
        interface: String,
        /// What the system said.
        cause: io::Error,
    },
    /// The bytes to send could not be read.
    #[error("cannot read {}: {}", path.display(), said(cause))]
    Payload {
        /// The file; `-` for standard input.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// The system would not give what every program needs: threads, descriptors, handlers.
    #[error("cannot {task}: {}", said(cause))]
    System {
        /// What was tried, as a verb phrase.
        task: &'static str,
        /// What the system said.
        cause: io::Error,
    },
    /// Output could not be written.
    #[error("cannot write {what}: {cause}")]
    Output {
        /// What was to be written.
        what: String,
        /// What the system said; the cause of causes, so that a closed pipe can be told.
        #[source]
        cause: io::Error,
    },
}

/// The system's words without Rust's "(os error N)".
pub fn said(cause: &io::Error) -> String {
    let text = cause.to_string();
    match text.find(" (os error ") {
        Some(end) => text.get(..end).unwrap_or(&text).to_owned(),
        None => text,
    }
}

fn listen_hint(cause: &io::Error) -> &'static str {
    match cause.kind() {
        io::ErrorKind::AddrInUse => {
            "; another program has that port (`ss -ltnp` shows which): stop it or take another port"
        }
        io::ErrorKind::AddrNotAvailable => {
            "; no interface of this machine has that address (`ip address` shows them)"
        }
        io::ErrorKind::PermissionDenied => {
            "; ports below 1024 need root or CAP_NET_BIND_SERVICE: take a port from 1024 up"
        }
        _ => "",
    }
}

fn connect_hint(cause: &io::Error) -> &'static str {
    match cause.kind() {
        io::ErrorKind::ConnectionRefused => {
            "; nobody listens on that port there: start the server first, or check the port"
        }
        io::ErrorKind::TimedOut => {
            "; no answer came: the host is off, a firewall drops the packets, or the server's \
             queue is full"
        }
        io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => {
            "; no route leads there, or nobody answers ARP: check the address and `ip route`"
        }
        _ => "",
    }
}

fn interface_hint(cause: &io::Error) -> &'static str {
    match cause.kind() {
        io::ErrorKind::PermissionDenied => "; binding to a device needs root or CAP_NET_RAW",
        _ if cause.raw_os_error() == Some(nix::errno::Errno::ENODEV as i32) => {
            "; `ip link` lists the interfaces of this machine"
        }
        _ => "",
    }
}

/// The error as Python words an `OSError`: `[Errno 111] Connection refused`, and `timed out` for
/// a socket's own timeout.
pub fn python_words(cause: &io::Error) -> String {
    match cause.raw_os_error() {
        Some(number) => format!("[Errno {number}] {}", said(cause)),
        None if cause.kind() == io::ErrorKind::TimedOut => "timed out".to_owned(),
        None => said(cause),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_worded_as_python_words_them() {
        for (cause, expected) in [
            (io::Error::from_raw_os_error(111), "[Errno 111] Connection refused"),
            (io::Error::from_raw_os_error(98), "[Errno 98] Address already in use"),
            (io::Error::from_raw_os_error(104), "[Errno 104] Connection reset by peer"),
            (io::Error::from(io::ErrorKind::TimedOut), "timed out"),
        ] {
            assert_eq!(python_words(&cause), expected);
        }
    }
}
