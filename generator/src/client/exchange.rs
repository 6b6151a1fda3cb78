//! One connected exchange: both directions at once on one thread, compared byte for byte.
//!
//! Whenever the socket takes bytes it gets them, and whenever it has some they are read, so that
//! full buffers on either side cannot block both. Memory: one piece to send, one to compare, and
//! one read.

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::os::fd::AsFd;
use std::sync::Arc;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::eventfd::EventFd;
use sha2::{Digest, Sha256};
use socket2::SockRef;

use super::compare::compare;
use super::{CloseMode, Plan};
use crate::event::{Event, Observer};
use crate::payload::{Cursor, Piece};
use crate::record::{EchoVerdict, WallTime};
use crate::stop::Stop;
use crate::wait::{is_ready, poll_timeout};

/// Why the exchange stopped moving bytes.
#[derive(Debug)]
pub(super) enum Halt {
    /// Everything came back, and the way to close does not wait for more.
    Complete,
    /// The server closed its half.
    Eof,
    /// The echo is wrong; see [`Exchange::fault`].
    Fault,
    /// Nothing moved for the plan's timeout.
    TimedOut,
    /// Somebody asked to stop.
    Stopped,
    /// The connection broke.
    Broken(io::Error),
    /// The payload could not be read.
    Payload(io::Error),
}

/// What an attempt to send came to.
enum Sent {
    Some,
    Full,
    NotYet,
    All,
}

/// The state of one connection while it moves bytes.
pub(super) struct Exchange<'a> {
    pub(super) stream: TcpStream,
    pub(super) connection: u64,
    pub(super) client: SocketAddr,
    pub(super) server: SocketAddr,
    pub(super) opened_at: WallTime,
    plan: &'a Plan,
    observer: &'a dyn Observer,
    outgoing: Cursor<'a>,
    expected: Cursor<'a>,
    more: Option<Arc<EventFd>>,
    buffer: Vec<u8>,
    pub(super) sent: u64,
    pub(super) received: u64,
    pub(super) sent_hash: Sha256,
    pub(super) received_hash: Sha256,
    pub(super) is_all_sent: bool,
    /// Our FIN is on its way.
    pub(super) is_fin_sent: bool,
    pub(super) fault: Option<EchoVerdict>,
    /// Sending failed; what the server sent before may still be read.
    send_failure: Option<io::Error>,
    last_move: Instant,
}

impl<'a> Exchange<'a> {
    pub(super) fn new(
        stream: TcpStream,
        connection: u64,
        plan: &'a Plan,
        observer: &'a dyn Observer,
    ) -> io::Result<Self> {
        Ok(Self {
            client: stream.local_addr()?,
            server: stream.peer_addr()?,
            stream,
            connection,
            opened_at: WallTime::now(),
            plan,
            observer,
            outgoing: plan.payload.cursor(),
            expected: plan.payload.cursor(),
            more: plan.payload.subscribe()?,
            buffer: vec![0; plan.recv_size],
            sent: 0,
            received: 0,
            sent_hash: Sha256::new(),
            received_hash: Sha256::new(),
            is_all_sent: false,
            is_fin_sent: false,
            fault: None,
            send_failure: None,
            last_move: Instant::now(),
        })
    }

    /// Moves bytes until there is a reason to stop.
    pub(super) fn pump(&mut self, stop: &Stop) -> Halt {
        self.last_move = Instant::now();
        let what = self.plan.payload.sending();
        self.observer.event(&Event::Sending { connection: self.connection, what });
        loop {
            let moved = match self.send_some() {
                Ok(moved) => moved,
                Err(halt) => return halt,
            };
            let ends_here = matches!(self.plan.close, CloseMode::Fin | CloseMode::Rst);
            if self.is_all_sent && self.received == self.sent && ends_here {
                return Halt::Complete;
            }
            if let Err(halt) = self.wait(&moved, stop).and_then(|()| self.receive_some()) {
                return halt;
            }
        }
    }

    /// Sends our FIN, then reads until the server's, for `limit` at most. Whatever still comes is
    /// one byte too many.
    pub(super) fn close_gently(&mut self, limit: Duration) -> Option<Halt> {
        if let Err(error) = self.send_fin() {
            return Some(Halt::Broken(error));
        }
        let deadline = Instant::now() + limit;
        loop {
            let woken = crate::wait::wait(&self.stream, PollFlags::POLLIN, None, Some(deadline));
            if !matches!(woken, Ok(crate::wait::Wake::Ready)) || Instant::now() >= deadline {
                return None;
            }
            match self.receive_some() {
                Ok(()) | Err(Halt::Fault) => {}
                Err(halt) => return Some(halt),
            }
        }
    }

    /// Closes our half; a server that reset the connection meanwhile is an error.
    pub(super) fn send_fin(&mut self) -> io::Result<()> {
        if !self.is_fin_sent {
            self.stream.shutdown(Shutdown::Write)?;
            self.is_fin_sent = true;
        }
        Ok(())
    }

    /// Hands the next piece to the system, if there is one and it takes it.
    fn send_some(&mut self) -> Result<Sent, Halt> {
        if self.is_all_sent || self.send_failure.is_some() {
            return Ok(Sent::All);
        }
        let written = match self.outgoing.peek().map_err(Halt::Payload)? {
            Piece::NotYet => return Ok(Sent::NotYet),
            Piece::End => {
                self.is_all_sent = true;
                if self.plan.close == CloseMode::HalfClose {
                    self.send_failure = self.send_fin().err();
                }
                return Ok(Sent::All);
            }
            Piece::Bytes(piece) => match write(&self.stream, piece, self.plan, self.sent) {
                Ok(count) => {
                    self.sent_hash.update(piece.get(..count).unwrap_or_default());
                    Ok(count)
                }
                Err(error) => Err(error),
            },
        };
        match written {
            Ok(bytes) => {
                self.outgoing.consume(bytes);
                self.sent += bytes as u64;
                self.last_move = Instant::now();
                self.observer.event(&Event::Sent { connection: self.connection, bytes });
                Ok(Sent::Some)
            }
            Err(error) if is_not_yet(&error) => Ok(Sent::Full),
            Err(error) => {
                self.send_failure = Some(error);
                Ok(Sent::All)
            }
        }
    }

    /// Waits until there is something to do; does not sleep when bytes were just sent.
    fn wait(&self, moved: &Sent, stop: &Stop) -> Result<(), Halt> {
        let interest = match moved {
            Sent::Full => PollFlags::POLLIN | PollFlags::POLLOUT,
            Sent::Some | Sent::NotYet | Sent::All => PollFlags::POLLIN,
        };
        let deadline = self.plan.timeout.map(|timeout| self.last_move + timeout);
        // Without a stream to wait for, the stop is simply listed twice.
        let more = match (&self.more, moved) {
            (Some(more), Sent::NotYet) => more.as_fd(),
            _ => stop.as_fd(),
        };
        let mut fds = [
            PollFd::new(self.stream.as_fd(), interest),
            PollFd::new(stop.as_fd(), PollFlags::POLLIN),
            PollFd::new(more, PollFlags::POLLIN),
        ];
        let patience = match moved {
            Sent::Some => PollTimeout::ZERO,
            _ => poll_timeout(deadline),
        };
        let ready = match poll(&mut fds, patience) {
            Ok(ready) => ready,
            Err(Errno::EINTR) => return Ok(()),
            Err(errno) => return Err(Halt::Broken(errno.into())),
        };
        let [_, asked, refilled] = &fds;
        if is_ready(asked) {
            return Err(Halt::Stopped);
        }
        if let (Some(more), true) = (&self.more, is_ready(refilled)) {
            // Only resets the counter; it is non-blocking and may be at zero already.
            let _ = more.read();
        }
        if ready == 0 && deadline.is_some_and(|deadline| Instant::now() >= deadline) {
            return Err(Halt::TimedOut);
        }
        Ok(())
    }

    /// Reads once and compares; having nothing to read is fine.
    fn receive_some(&mut self) -> Result<(), Halt> {
        let count = match self.stream.read(&mut self.buffer) {
            Ok(count) => count,
            Err(error) if is_not_yet(&error) => return Ok(()),
            Err(error) => return Err(Halt::Broken(self.send_failure.take().unwrap_or(error))),
        };
        let data = self.buffer.get(..count).unwrap_or_default();
        let what = self.plan.payload.sending();
        self.observer.event(&Event::EchoReceived { connection: self.connection, data, what });
        if data.is_empty() {
            return Err(self.send_failure.take().map_or(Halt::Eof, Halt::Broken));
        }
        self.last_move = Instant::now();
        self.received_hash.update(data);
        let start = self.received;
        self.received += count as u64;
        if self.fault.is_none() {
            self.fault =
                compare(&mut self.expected, data, start, self.sent).map_err(Halt::Payload)?;
            self.plan.payload.release(self.received);
        }
        if self.fault.is_some() { Err(Halt::Fault) } else { Ok(()) }
    }

    /// The verdict on what came back, given why the exchange ended.
    pub(super) fn verdict(&self, halt: &Halt) -> EchoVerdict {
        if let Some(fault) = self.fault {
            return fault;
        }
        let known = self.plan.payload.length();
        // A stream of unknown length that the server or an error cut off is short by something.
        let is_cut = !self.is_all_sent && !matches!(halt, Halt::Stopped);
        let expected = known.unwrap_or(self.sent.max(self.received + u64::from(is_cut)));
        if self.received < expected {
            EchoVerdict::Short { expected, got: self.received }
        } else {
            EchoVerdict::Identical
        }
    }
}

/// Hands `piece` to the system. The end of a payload that is followed by a half-close is kept
/// back until the FIN (`TCP_CORK` of tcp(7)), which then rides on the last segment: the FIN is
/// never overtaken by the answer, and a capture shows a half-close whoever is quicker.
fn write(mut stream: &TcpStream, piece: &[u8], plan: &Plan, sent: u64) -> io::Result<usize> {
    let end = sent + piece.len() as u64;
    if plan.close == CloseMode::HalfClose && plan.payload.length() == Some(end) {
        SockRef::from(stream).set_tcp_cork(true)?;
    }
    stream.write(piece)
}

fn is_not_yet(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted)
}
