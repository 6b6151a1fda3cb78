//! A stream that can be read only once (standard input, a pipe), made readable at any offset.
//!
//! The echo has to be compared with what was sent, possibly long after. A thread copies the
//! input into an unlinked temporary file, never more than [`AHEAD`] before what is being sent.
//! What has been compared is given back to the file system, so that disk use is what is on its
//! way, and memory use is constant.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::FileExt;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::thread;
use std::time::Duration;

use nix::fcntl::{FallocateFlags, fallocate};
use nix::sys::eventfd::{EfdFlags, EventFd};

/// Bytes read ahead of the fastest sender.
const AHEAD: u64 = 1 << 20;
/// Compared bytes are given back in pieces of at least this size.
const RELEASE_STEP: u64 = 1 << 20;
/// How often the copying thread looks whether anybody still needs the spool.
const LOOK: Duration = Duration::from_millis(100);

/// The spooled stream.
#[derive(Debug)]
pub(crate) struct Spool {
    file: File,
    /// True when the stream is read more than once, so that nothing may be given back.
    is_reused: bool,
    state: Mutex<State>,
    wanted: Condvar,
}

#[derive(Debug, Default)]
struct State {
    length: u64,
    /// How the input ended, once it did: an error's kind and words.
    end: Option<Result<(), (io::ErrorKind, String)>>,
    /// The furthest that anybody has read for sending.
    sent: u64,
    released: u64,
    readers: Vec<Weak<EventFd>>,
}

/// What the spool has at an offset.
pub(crate) enum Spooled {
    /// So many bytes were read.
    Bytes(usize),
    /// Nothing yet; the reader's event tells when.
    NotYet,
    /// The stream ended here.
    End,
}

impl Spool {
    /// Starts to copy `input`.
    pub(crate) fn start(
        input: impl Read + Send + 'static,
        is_reused: bool,
    ) -> io::Result<Arc<Self>> {
        let spool = Arc::new(Self {
            file: tempfile::tempfile()?,
            is_reused,
            state: Mutex::default(),
            wanted: Condvar::new(),
        });
        let weak = Arc::downgrade(&spool);
        // Detached on purpose: it may sit in a read of a terminal that never ends, and holds
        // nothing that outlives the process.
        thread::Builder::new().name("spool".to_owned()).spawn(move || copy(input, &weak))?;
        Ok(spool)
    }

    /// An event that becomes readable when there is more.
    pub(crate) fn subscribe(&self) -> io::Result<Arc<EventFd>> {
        let flags = EfdFlags::EFD_CLOEXEC | EfdFlags::EFD_NONBLOCK;
        let event = Arc::new(EventFd::from_flags(flags)?);
        let mut state = self.lock();
        state.readers.retain(|reader| reader.strong_count() > 0);
        state.readers.push(Arc::downgrade(&event));
        Ok(event)
    }

    /// Reads at `offset` into `buffer`.
    pub(crate) fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<Spooled> {
        let mut state = self.lock();
        if offset > state.sent {
            state.sent = offset;
            self.wanted.notify_all();
        }
        let available = state.length.saturating_sub(offset);
        if available == 0 {
            return match &state.end {
                None => Ok(Spooled::NotYet),
                Some(Ok(())) => Ok(Spooled::End),
                Some(Err((kind, words))) => Err(io::Error::new(*kind, words.clone())),
            };
        }
        drop(state);
        let size = buffer.len().min(usize::try_from(available).unwrap_or(usize::MAX));
        let piece = buffer.get_mut(..size).unwrap_or_default();
        self.file.read_exact_at(piece, offset)?;
        Ok(Spooled::Bytes(size))
    }

    /// Nobody needs the bytes before `offset` any more, unless the stream is reused.
    pub(crate) fn release(&self, offset: u64) {
        let mut state = self.lock();
        if self.is_reused || offset < state.released + RELEASE_STEP {
            return;
        }
        let (start, length) = (state.released, offset - state.released);
        state.released = offset;
        drop(state);
        let flags = FallocateFlags::FALLOC_FL_PUNCH_HOLE | FallocateFlags::FALLOC_FL_KEEP_SIZE;
        // A file system that cannot do it keeps the bytes; only disk space is lost.
        let _ = fallocate(&self.file, flags, start.cast_signed(), length.cast_signed());
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the state and wakes every reader.
    fn update(&self, change: impl FnOnce(&mut State)) {
        let mut state = self.lock();
        change(&mut state);
        for reader in state.readers.iter().filter_map(Weak::upgrade) {
            // Fails only when the counter is full, and then the reader is awake.
            let _ = reader.write(1);
        }
    }

    /// Waits a moment for room to read ahead; true when there is some.
    fn has_room(&self) -> bool {
        let state = self.lock();
        let is_full = |state: &mut State| state.length >= state.sent + AHEAD;
        let waited = self.wanted.wait_timeout_while(state, LOOK, is_full);
        let (state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        state.length < state.sent + AHEAD
    }
}

/// Copies until the input ends or nobody needs the spool any more.
fn copy(mut input: impl Read, spool: &Weak<Spool>) {
    let mut buffer = vec![0; 64 * 1024];
    let mut offset = 0;
    loop {
        match spool.upgrade() {
            None => return,
            Some(spool) if !spool.has_room() => continue,
            Some(_) => {}
        }
        // The spool is not held while reading, so that it can go away meanwhile.
        let read = input.read(&mut buffer);
        let Some(spool) = spool.upgrade() else { return };
        let result = match read {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Ok(0) => return spool.update(|state| state.end = Some(Ok(()))),
            Ok(count) => {
                let piece = buffer.get(..count).unwrap_or_default();
                spool.file.write_all_at(piece, offset).map(|()| offset += count as u64)
            }
            Err(error) => Err(error),
        };
        match result {
            Ok(()) => spool.update(|state| state.length = offset),
            Err(error) => {
                let end = (error.kind(), error.to_string());
                return spool.update(|state| state.end = Some(Err(end)));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_all(spool: &Spool, event: &EventFd) -> io::Result<Vec<u8>> {
        let (mut all, mut buffer) = (Vec::new(), [0; 1000]);
        loop {
            match spool.read_at(all.len() as u64, &mut buffer)? {
                Spooled::Bytes(count) => all.extend(&buffer[..count]),
                Spooled::End => return Ok(all),
                Spooled::NotYet => {
                    let interest = nix::poll::PollFlags::POLLIN;
                    let deadline = std::time::Instant::now() + Duration::from_secs(10);
                    let woken = crate::wait::wait(event, interest, None, Some(deadline))?;
                    assert_eq!(woken, crate::wait::Wake::Ready);
                    event.read().unwrap();
                }
            }
        }
    }

    #[test]
    fn everything_comes_out_as_it_went_in_for_each_reader() {
        let input: Vec<u8> = (0..3_000_000_u32).map(|n| (n % 251) as u8).collect();
        let spool = Spool::start(io::Cursor::new(input.clone()), true).unwrap();
        for _ in 0..2 {
            let event = spool.subscribe().unwrap();
            assert!(read_all(&spool, &event).unwrap() == input);
        }
    }

    #[test]
    fn an_input_that_breaks_is_an_error_after_its_last_good_byte() {
        struct Broken(bool);
        impl Read for Broken {
            fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
                if std::mem::replace(&mut self.0, true) {
                    return Err(io::Error::other("cable cut"));
                }
                buffer[0] = b'x';
                Ok(1)
            }
        }
        let spool = Spool::start(Broken(false), false).unwrap();
        let event = spool.subscribe().unwrap();
        assert_eq!(read_all(&spool, &event).unwrap_err().to_string(), "cable cut");
    }
}
