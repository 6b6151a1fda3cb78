//! Getting connected: source address, interface, deadline, and every address of the name.

use std::io;
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::poll::PollFlags;
use socket2::{Domain, Protocol, Socket, Type};

use crate::error::Error;
use crate::stop::Stop;
use crate::target::Target;
use crate::wait::{Wake, wait};

/// Where from, besides where to.
#[derive(Debug, Clone, Default)]
pub struct Origin {
    /// Source address; port 0 lets the system choose.
    pub address: Option<SocketAddr>,
    /// The device to send through (SO_BINDTODEVICE).
    pub interface: Option<String>,
}

/// A socket that is bound as `origin` says and not yet connected.
pub(super) fn prepare(origin: &Origin, to: SocketAddr) -> Result<Socket, Error> {
    let create = || {
        let socket = Socket::new(Domain::for_address(to), Type::STREAM, Some(Protocol::TCP))?;
        socket.set_nonblocking(true)?;
        Ok(socket)
    };
    let socket = create().map_err(|cause| Error::System { task: "open a socket", cause })?;
    if let Some(interface) = &origin.interface {
        socket
            .bind_device(Some(interface.as_bytes()))
            .map_err(|cause| Error::Interface { interface: interface.clone(), cause })?;
    }
    if let Some(address) = origin.address {
        let bind = || {
            // A port that this machine used a moment ago may be taken again.
            socket.set_reuse_address(true)?;
            socket.bind(&address.into())
        };
        bind().map_err(|cause| Error::From { address, cause })?;
    }
    Ok(socket)
}

/// Connects a prepared socket.
pub(super) fn connect(
    socket: Socket,
    to: SocketAddr,
    target: &Target,
    timeout: Option<Duration>,
    stop: &Stop,
) -> Result<TcpStream, Error> {
    match finish(&socket, to, timeout, stop) {
        Ok(()) => Ok(socket.into()),
        Err(cause) => Err(Error::Connect { target: target.clone(), cause }),
    }
}

fn finish(
    socket: &Socket,
    to: SocketAddr,
    timeout: Option<Duration>,
    stop: &Stop,
) -> io::Result<()> {
    match socket.connect(&to.into()) {
        Err(error) if error.raw_os_error() == Some(Errno::EINPROGRESS as i32) => {
            let deadline = timeout.map(|timeout| Instant::now() + timeout);
            match wait(socket, PollFlags::POLLOUT, Some(stop), deadline)? {
                Wake::Ready => {}
                Wake::TimedOut => return Err(io::ErrorKind::TimedOut.into()),
                Wake::Stopped => return Err(io::Error::other("asked to stop")),
            }
            if let Some(error) = socket.take_error()? {
                return Err(error);
            }
        }
        result => result?,
    }
    // A connection to a free port in the ephemeral range can meet itself (simultaneous open,
    // RFC 9293 section 3.5); nobody listens there all the same.
    let is_itself = socket.local_addr()?.as_socket() == socket.peer_addr()?.as_socket();
    if is_itself { Err(Errno::ECONNREFUSED.into()) } else { Ok(()) }
}
