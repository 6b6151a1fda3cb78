//! The wish to stop, from a signal or from code, in a form that waiting threads wake up on.
//!
//! A pipe that becomes readable and stays so: every thread that waits on a socket also waits on
//! it, and nobody ever reads it, so no wake-up can be missed or stolen.

use std::io::{self, PipeReader, PipeWriter, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use signal_hook::consts::{SIGINT, SIGTERM};

/// Set once, seen by everybody who has a clone.
#[derive(Debug, Clone)]
pub struct Stop(Arc<Ends>);

#[derive(Debug)]
struct Ends {
    reader: PipeReader,
    writer: PipeWriter,
}

impl Stop {
    /// A wish that nobody has made yet.
    ///
    /// # Errors
    /// When the system has no file descriptors left.
    pub fn new() -> io::Result<Self> {
        let (reader, writer) = io::pipe()?;
        Ok(Self(Arc::new(Ends { reader, writer })))
    }

    /// Stops on the first SIGINT or SIGTERM. A second one ends the process at once with exit
    /// code 2, for the impatient and for the stuck.
    ///
    /// # Errors
    /// When the handlers cannot be installed.
    pub fn on_signals(&self) -> io::Result<()> {
        let asked_before = Arc::new(AtomicBool::new(false));
        for signal in [SIGINT, SIGTERM] {
            // Order matters: the first signal must not yet find the flag set.
            signal_hook::flag::register_conditional_shutdown(signal, 2, asked_before.clone())?;
            signal_hook::flag::register(signal, asked_before.clone())?;
            signal_hook::low_level::pipe::register(signal, self.0.writer.try_clone()?)?;
        }
        Ok(())
    }

    /// Asks to stop.
    pub fn request(&self) {
        // Can only fail when the pipe is full, and then the wish was made long ago.
        let _ = (&self.0.writer).write(&[1]);
    }

    /// True when somebody asked.
    pub fn is_requested(&self) -> bool {
        let mut fds = [PollFd::new(self.as_fd(), PollFlags::POLLIN)];
        matches!(poll(&mut fds, PollTimeout::ZERO), Ok(ready) if ready > 0)
    }
}

/// Readable once somebody asked; to be polled, never read.
impl AsFd for Stop {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.reader.as_fd()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wish_once_made_stays_for_everybody() {
        let stop = Stop::new().unwrap();
        let other = stop.clone();
        assert!(!stop.is_requested());
        other.request();
        other.request();
        assert!(stop.is_requested() && other.is_requested() && stop.is_requested());
    }
}
