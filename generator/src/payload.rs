//! The bytes that a client sends, and expects back.
//!
//! Held in memory (a message), read twice from disk (a file), or spooled (anything that can be
//! read only once). Whatever it is, a connection reads it through two cursors: one sends,
//! the other compares, and neither holds more than [`PIECE`] bytes.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use nix::sys::eventfd::EventFd;

use crate::error::Error;
use crate::event::Sending;
use crate::spool::{Spool, Spooled};

/// Bytes that a cursor holds at once.
pub const PIECE: usize = 64 * 1024;

/// What to send.
#[derive(Debug)]
pub struct Payload(Source);

#[derive(Debug)]
enum Source {
    Message(Vec<u8>),
    File { file: File, path: PathBuf, length: u64 },
    Stream { spool: Arc<Spool>, path: PathBuf },
}

impl Payload {
    /// A message in memory.
    pub fn message(message: impl Into<Vec<u8>>) -> Self {
        Self(Source::Message(message.into()))
    }

    /// A file's content, as long as it is now; pipes and devices are streams. `is_reused` says
    /// that more than one connection sends it, which for a stream means to keep all of it.
    ///
    /// # Errors
    /// [`Error::Payload`] when it cannot be read or is a directory.
    pub fn file(path: &Path, is_reused: bool) -> Result<Self, Error> {
        let failed = |cause| Error::Payload { path: path.to_owned(), cause };
        let file = File::open(path).map_err(failed)?;
        let metadata = file.metadata().map_err(failed)?;
        if metadata.is_dir() {
            return Err(failed(io::ErrorKind::IsADirectory.into()));
        }
        if metadata.is_file() {
            let length = metadata.len();
            return Ok(Self(Source::File { file, path: path.to_owned(), length }));
        }
        let spool = Spool::start(file, is_reused).map_err(failed)?;
        Ok(Self(Source::Stream { spool, path: path.to_owned() }))
    }

    /// Standard input until its end.
    ///
    /// # Errors
    /// [`Error::Payload`] when there is no room for a temporary file.
    pub fn stdin(is_reused: bool) -> Result<Self, Error> {
        let path = PathBuf::from("-");
        match Spool::start(io::stdin(), is_reused) {
            Ok(spool) => Ok(Self(Source::Stream { spool, path })),
            Err(cause) => Err(Error::Payload { path, cause }),
        }
    }

    /// Number of bytes, when it is known beforehand.
    pub fn length(&self) -> Option<u64> {
        match &self.0 {
            Source::Message(message) => Some(message.len() as u64),
            Source::File { length, .. } => Some(*length),
            Source::Stream { .. } => None,
        }
    }

    /// How a log words it.
    pub fn sending(&self) -> Sending<'_> {
        match &self.0 {
            Source::Message(message) => Sending::Message(message),
            Source::File { length, .. } => Sending::File(*length),
            Source::Stream { .. } => Sending::Stream,
        }
    }

    /// Opens a cursor at the beginning.
    pub(crate) fn cursor(&self) -> Cursor<'_> {
        Cursor { source: &self.0, offset: 0, buffer: Vec::new(), consumed: 0 }
    }

    /// An event that tells when a stream has more; `None` for what is all there.
    pub(crate) fn subscribe(&self) -> io::Result<Option<Arc<EventFd>>> {
        match &self.0 {
            Source::Stream { spool, .. } => spool.subscribe().map(Some),
            Source::Message(_) | Source::File { .. } => Ok(None),
        }
    }

    /// The bytes before `offset` came back and were compared.
    pub(crate) fn release(&self, offset: u64) {
        if let Source::Stream { spool, .. } = &self.0 {
            spool.release(offset);
        }
    }

    /// A failed read as an error that names the source.
    pub(crate) fn failed(&self, cause: io::Error) -> Error {
        let path = match &self.0 {
            Source::Message(_) => PathBuf::from("the message"),
            Source::File { path, .. } | Source::Stream { path, .. } => path.clone(),
        };
        Error::Payload { path, cause }
    }
}

/// A place in the payload.
pub(crate) struct Cursor<'a> {
    source: &'a Source,
    /// Of the first byte not consumed.
    offset: u64,
    /// Holds the bytes from `offset - consumed` on; not used for messages.
    buffer: Vec<u8>,
    consumed: usize,
}

/// What a cursor finds.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Piece<'a> {
    /// At least one byte.
    Bytes(&'a [u8]),
    /// Nothing yet.
    NotYet,
    /// The payload ends here.
    End,
}

impl Cursor<'_> {
    /// The bytes from here on, as far as they are at hand.
    pub(crate) fn peek(&mut self) -> io::Result<Piece<'_>> {
        if let Source::Message(message) = self.source {
            let rest = usize::try_from(self.offset).ok().and_then(|offset| message.get(offset..));
            return Ok(match rest {
                Some(rest) if !rest.is_empty() => Piece::Bytes(rest),
                _ => Piece::End,
            });
        }
        if self.consumed >= self.buffer.len() {
            match self.fill()? {
                Spooled::Bytes(_) => {}
                Spooled::NotYet => return Ok(Piece::NotYet),
                Spooled::End => return Ok(Piece::End),
            }
        }
        Ok(Piece::Bytes(self.buffer.get(self.consumed..).unwrap_or_default()))
    }

    /// Goes on by `count` bytes, which the last `peek` must have shown.
    pub(crate) fn consume(&mut self, count: usize) {
        self.offset += count as u64;
        self.consumed += count;
    }

    /// Reads the next piece into the empty buffer.
    fn fill(&mut self) -> io::Result<Spooled> {
        self.consumed = 0;
        self.buffer.resize(PIECE, 0);
        let found = match self.source {
            Source::Message(_) => Spooled::End,
            Source::File { file, length, .. } => {
                read_file(file, *length, self.offset, &mut self.buffer)?
            }
            Source::Stream { spool, .. } => spool.read_at(self.offset, &mut self.buffer)?,
        };
        let count = if let Spooled::Bytes(count) = found { count } else { 0 };
        self.buffer.truncate(count);
        Ok(found)
    }
}

/// Reads a file that was `length` bytes long when it was opened.
fn read_file(file: &File, length: u64, offset: u64, buffer: &mut [u8]) -> io::Result<Spooled> {
    let left = length.saturating_sub(offset);
    if left == 0 {
        return Ok(Spooled::End);
    }
    let size = buffer.len().min(usize::try_from(left).unwrap_or(usize::MAX));
    loop {
        match file.read_at(buffer.get_mut(..size).unwrap_or_default(), offset) {
            Ok(0) => {
                return Err(io::Error::new(
                    io::ErrorKind::UnexpectedEof,
                    format!("it was {length} bytes long and now ends at byte {offset}"),
                ));
            }
            Ok(count) => return Ok(Spooled::Bytes(count)),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}
