//! Waiting for a socket, a stop and a deadline at once.

use std::io;
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use crate::stop::Stop;

/// Why waiting ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wake {
    /// The socket is ready, or has an error to fetch.
    Ready,
    /// Somebody asked to stop.
    Stopped,
    /// The deadline passed.
    TimedOut,
}

/// Waits until `socket` is ready for `interest`, `stop` is asked for or `deadline` is reached.
/// A stop is reported before readiness.
pub(crate) fn wait(
    socket: impl AsFd,
    interest: PollFlags,
    stop: Option<&Stop>,
    deadline: Option<Instant>,
) -> io::Result<Wake> {
    let socket = socket.as_fd();
    loop {
        let mut both = [
            PollFd::new(socket, interest),
            PollFd::new(stop.map_or(socket, Stop::as_fd), PollFlags::POLLIN),
        ];
        let (only, _) = both.split_at_mut(1);
        let fds = if stop.is_some() { &mut both[..] } else { only };
        match poll(fds, poll_timeout(deadline)) {
            Ok(0) if deadline.is_some_and(|deadline| Instant::now() >= deadline) => {
                return Ok(Wake::TimedOut);
            }
            Ok(0) | Err(Errno::EINTR) => {}
            Ok(_) if fds.get(1).is_some_and(is_ready) => return Ok(Wake::Stopped),
            Ok(_) => return Ok(Wake::Ready),
            Err(errno) => return Err(errno.into()),
        }
    }
}

/// True when poll reported anything for this descriptor.
pub(crate) fn is_ready(fd: &PollFd<'_>) -> bool {
    fd.revents().is_some_and(|events| !events.is_empty())
}

/// How long poll may sleep: until the deadline rounded up to a millisecond, a minute at most.
pub(crate) fn poll_timeout(deadline: Option<Instant>) -> PollTimeout {
    let Some(deadline) = deadline else { return PollTimeout::NONE };
    let left = deadline.saturating_duration_since(Instant::now());
    let millis = left.min(Duration::from_secs(60)).as_micros().div_ceil(1000);
    u16::try_from(millis).map_or(PollTimeout::MAX, PollTimeout::from)
}
