//! A file that is written on a thread of its own: a disk that is slow for a moment holds up the
//! recording only when [`CHUNKS`] buffers are waiting for it.

use std::io::{self, Write};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, channel, sync_channel};
use std::thread::{self, JoinHandle};

/// Bytes that go to the thread at once.
const CHUNK: usize = 1 << 20;
/// Chunks that may wait for the disk. They are allocated when they are needed first.
const CHUNKS: usize = 256;

/// Collects bytes and hands them to the thread that writes them.
#[derive(Debug)]
pub struct Background {
    collected: Vec<u8>,
    full: Option<SyncSender<Vec<u8>>>,
    /// Written buffers, to be filled again.
    written: Receiver<Vec<u8>>,
    thread: Option<JoinHandle<io::Result<()>>>,
}

impl Background {
    /// Writes to `out` from now on.
    ///
    /// # Errors
    /// When no thread can be started.
    pub fn new(mut out: Box<dyn Write + Send>) -> io::Result<Self> {
        let (full, to_write) = sync_channel::<Vec<u8>>(CHUNKS);
        let (give_back, written) = channel();
        let work = move || {
            for mut chunk in to_write {
                out.write_all(&chunk)?;
                out.flush()?;
                chunk.clear();
                // Nobody fills it again after the end.
                let _ = give_back.send(chunk);
            }
            Ok(())
        };
        let thread = thread::Builder::new().name("writer".into()).spawn(work)?;
        let collected = Vec::with_capacity(CHUNK);
        Ok(Self { collected, full: Some(full), written, thread: Some(thread) })
    }

    /// Waits until everything is written.
    ///
    /// # Errors
    /// What the writer said, now or earlier.
    pub fn finish(mut self) -> io::Result<()> {
        self.hand_over(true)?;
        self.end()
    }

    /// Hands over what was collected; with a full queue it waits, or else goes on collecting.
    fn hand_over(&mut self, may_wait: bool) -> io::Result<()> {
        let Some(full) = &self.full else { return self.end() };
        if self.collected.is_empty() {
            return Ok(());
        }
        let next = self.written.try_recv().unwrap_or_else(|_| Vec::with_capacity(CHUNK));
        let chunk = std::mem::replace(&mut self.collected, next);
        let sent = match may_wait {
            true => full.send(chunk).map_err(|refused| TrySendError::Disconnected(refused.0)),
            false => full.try_send(chunk),
        };
        match sent {
            Ok(()) => Ok(()),
            Err(TrySendError::Full(chunk)) => {
                self.collected = chunk;
                Ok(())
            }
            Err(TrySendError::Disconnected(_)) => self.end(),
        }
    }

    /// Ends the thread and says what it has to say; once.
    fn end(&mut self) -> io::Result<()> {
        self.full = None;
        match self.thread.take().map(JoinHandle::join) {
            Some(Ok(result)) => result,
            Some(Err(_)) => Err(io::Error::other("the thread that writes has panicked")),
            None => Ok(()),
        }
    }
}

impl Write for Background {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.collected.len() + bytes.len() > CHUNK {
            self.hand_over(true)?;
        }
        self.collected.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    /// Hands over what was collected, unless enough is waiting already. [`Self::finish`] waits.
    fn flush(&mut self) -> io::Result<()> {
        self.hand_over(false)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Shared(Arc<Mutex<Vec<u8>>>);

    impl Write for Shared {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    struct FullDisk;

    impl Write for FullDisk {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::StorageFull.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn bytes_arrive_in_order_and_all_of_them() {
        let disk = Shared::default();
        let mut file = Background::new(Box::new(disk.clone())).unwrap();
        let mut expected = Vec::new();
        for number in 0..400_000_u32 {
            file.write_all(&number.to_le_bytes()).unwrap();
            expected.extend(number.to_le_bytes());
            if number % 70_000 == 0 {
                file.flush().unwrap();
            }
        }
        file.write_all(&vec![7; 3 * CHUNK]).unwrap();
        expected.extend(vec![7; 3 * CHUNK]);
        file.finish().unwrap();
        assert!(*disk.0.lock().unwrap() == expected);
    }

    #[test]
    fn a_full_disk_is_reported() {
        let mut file = Background::new(Box::new(FullDisk)).unwrap();
        let written = (0..10 * CHUNKS).try_for_each(|_| file.write_all(&[0; CHUNK]));
        assert_eq!(written.map_err(|error| error.kind()), Err(io::ErrorKind::StorageFull));
        let mut file = Background::new(Box::new(FullDisk)).unwrap();
        file.write_all(b"a few bytes").unwrap();
        let finished = file.finish().map_err(|error| error.kind());
        assert_eq!(finished, Err(io::ErrorKind::StorageFull));
    }
}
