//! One connection on a thread: read a chunk, send it back, until the client closes, nothing
//! moves for too long, or we are asked to stop.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::{Duration, Instant};

use nix::poll::PollFlags;

use super::tally::{Ending, Tally};
use super::{GRACE, LINGER, QUIET, Settings};
use crate::record::HalfClose;
use crate::stop::Stop;
use crate::wait::{Wake, wait};

/// Echoes until the end, closes, and closes the books.
pub(super) fn serve(stream: TcpStream, mut tally: Tally<'_>, settings: &Settings, stop: &Stop) {
    let mut patience = Patience { stop, idle: settings.idle_timeout, grace_end: None };
    let Err(ending) = converse(&stream, &mut tally, settings.recv_size, &mut patience);
    let peer = match &ending {
        Ending::PeerFin | Ending::Failed(_) => ending.peer(),
        // We close first. Leaving unread bytes behind would turn our FIN into a RST
        // (RFC 9293 section 3.6.1), so read on until the client has closed, too.
        Ending::Stopped | Ending::Idle => drain(&stream, &mut tally),
    };
    drop(stream);
    tally.close(&ending, peer);
}

/// The echo loop; ends only with an [`Ending`].
fn converse(
    mut stream: &TcpStream,
    tally: &mut Tally<'_>,
    recv_size: usize,
    patience: &mut Patience<'_>,
) -> Result<std::convert::Infallible, Ending> {
    stream.set_nonblocking(true)?;
    let mut buffer = vec![0; recv_size];
    loop {
        patience.wait(stream, PollFlags::POLLIN)?;
        let count = match stream.read(&mut buffer) {
            Ok(count) => count,
            Err(error) if is_not_yet(&error) => continue,
            Err(error) => return Err(error.into()),
        };
        let data = buffer.get(..count).unwrap_or_default();
        tally.received(data);
        if data.is_empty() {
            return Err(Ending::PeerFin);
        }
        send_back(stream, data, tally, patience)?;
    }
}

/// Sends all of `data`, or accounts for the part that could not be sent.
fn send_back(
    mut stream: &TcpStream,
    mut data: &[u8],
    tally: &mut Tally<'_>,
    patience: &mut Patience<'_>,
) -> Result<(), Ending> {
    while !data.is_empty() {
        let ending = match stream.write(data) {
            Ok(count) => {
                let (sent, rest) = data.split_at_checked(count).unwrap_or((data, &[]));
                tally.sent(sent);
                data = rest;
                continue;
            }
            Err(error) if is_not_yet(&error) => match patience.wait(stream, PollFlags::POLLOUT) {
                Ok(()) => continue,
                Err(ending) => ending,
            },
            Err(error) => error.into(),
        };
        tally.unanswered(data);
        return Err(ending);
    }
    Ok(())
}

/// Sends our FIN and reads until the client's, for [`LINGER`] at most.
fn drain(mut stream: &TcpStream, tally: &mut Tally<'_>) -> HalfClose {
    if stream.shutdown(Shutdown::Write).is_err() {
        return HalfClose::Rst;
    }
    let deadline = Instant::now() + LINGER;
    let mut buffer = [0; 4096];
    loop {
        match wait(stream, PollFlags::POLLIN, None, Some(deadline)) {
            Ok(Wake::Ready) if Instant::now() < deadline => {}
            _ => return HalfClose::Unseen,
        }
        match stream.read(&mut buffer) {
            Ok(0) => return HalfClose::Fin,
            Ok(count) => tally.too_late(buffer.get(..count).unwrap_or_default()),
            Err(error) if is_not_yet(&error) => {}
            Err(_) => return HalfClose::Rst,
        }
    }
}

fn is_not_yet(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted)
}

/// How long a connection is waited for, and what a stop changes about it.
struct Patience<'a> {
    stop: &'a Stop,
    idle: Option<Duration>,
    /// Set once we were asked to stop.
    grace_end: Option<Instant>,
}

impl Patience<'_> {
    fn wait(&mut self, stream: &TcpStream, interest: PollFlags) -> Result<(), Ending> {
        loop {
            let now = Instant::now();
            let Some(grace_end) = self.grace_end else {
                let deadline = self.idle.map(|idle| now + idle);
                match wait(stream, interest, Some(self.stop), deadline)? {
                    Wake::Ready => return Ok(()),
                    Wake::TimedOut => return Err(Ending::Idle),
                    Wake::Stopped => self.grace_end = Some(now + GRACE),
                }
                continue;
            };
            if now >= grace_end {
                return Err(Ending::Stopped);
            }
            // Sending is in flight by definition; for reading, quiet means that nothing is.
            let deadline = match interest {
                PollFlags::POLLIN => grace_end.min(now + QUIET),
                _ => grace_end,
            };
            return match wait(stream, interest, None, Some(deadline))? {
                Wake::Ready => Ok(()),
                Wake::Stopped | Wake::TimedOut => Err(Ending::Stopped),
            };
        }
    }
}
