//! What all file formats share: the buffer, the place in the file, the error for it, and the
//! bounds on what a record may claim.

use std::io;
use std::path::PathBuf;

use super::batch::Batch;
use super::buffer::RollingBuffer;
use super::compressed::Corrupt;
use super::{Error, Result};
use crate::frame::{Frame, FrameNumber, InterfaceId, LinkType};
use crate::time::Timestamp;

/// A file that is being read: its bytes, its name, and the number of frames so far.
pub(super) struct Reading {
    pub(super) buffer: RollingBuffer,
    path: PathBuf,
    is_regular_file: bool,
    frames: u64,
    ended: bool,
}

/// A record whose bytes were just consumed from the buffer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Record {
    /// How far behind the position its first byte lies.
    pub(super) back: usize,
    /// Bytes stored.
    pub(super) captured_len: usize,
    /// Bytes on the wire, as recorded.
    pub(super) wire_len: u32,
    /// When it was recorded.
    pub(super) timestamp: Timestamp,
    /// What its first byte is the start of.
    pub(super) link_type: LinkType,
    /// Index over the whole capture.
    pub(super) interface: InterfaceId,
}

impl Reading {
    /// Starts at the first byte.
    pub(super) fn new(path: PathBuf, is_regular_file: bool, buffer: RollingBuffer) -> Self {
        Self { buffer, path, is_regular_file, frames: 0, ended: false }
    }

    /// True when it waits for the disk only, not for whoever writes into a pipe.
    pub(super) fn is_regular_file(&self) -> bool {
        self.is_regular_file
    }

    /// True after the end or an error: nothing more is handed out.
    #[inline]
    pub(super) fn has_ended(&self) -> bool {
        self.ended
    }

    /// Notes that nothing more comes.
    pub(super) fn end(&mut self) {
        self.ended = true;
    }

    /// Reads until `wanted` bytes are there; returns how many there are, fewer only at the
    /// end of the file.
    ///
    /// # Errors
    /// [`Error::Io`], or [`Error::Damaged`] when a compressed file cannot be unpacked.
    #[inline]
    pub(super) fn fill(&mut self, wanted: usize) -> Result<usize> {
        match self.buffer.fill(wanted) {
            Ok(here) => Ok(here),
            Err(cause) => Err(self.failed(cause)),
        }
    }

    /// Passes over bytes; returns how many there were.
    ///
    /// # Errors
    /// As [`Self::fill`].
    pub(super) fn skip(&mut self, count: u64) -> Result<u64> {
        match self.buffer.skip(count) {
            Ok(skipped) => Ok(skipped),
            Err(cause) => Err(self.failed(cause)),
        }
    }

    /// The frame of a record; counts it.
    #[inline]
    pub(super) fn frame(&mut self, record: Record) -> Frame<'_> {
        self.frames += 1;
        Frame {
            number: FrameNumber(self.frames),
            timestamp: record.timestamp,
            wire_len: believable(record.wire_len, record.link_type.pseudo_header_len()),
            link_type: record.link_type,
            interface: record.interface,
            bytes: self.buffer.behind(record.back, record.captured_len),
        }
    }

    /// Puts a record whose bytes were just consumed into a batch; counts it. Between the first
    /// one and [`Self::hand_over`] nothing may be read.
    #[inline]
    pub(super) fn put(&mut self, record: Record, batch: &mut Batch) {
        self.frames += 1;
        let wire_len = believable(record.wire_len, record.link_type.pseudo_header_len());
        batch.push(&Record { wire_len, ..record }, self.buffer.place() - record.back);
    }

    /// Moves past records that were put into a batch by their places.
    pub(super) fn pass(&mut self, bytes: usize, frames: u64) {
        self.buffer.consume(bytes);
        self.frames += frames;
    }

    /// Makes a batch ready for the frames that come next.
    pub(super) fn begin(&self, batch: &mut Batch) {
        batch.clear(self.frames + 1);
    }

    /// Gives the batch the bytes of its frames.
    pub(super) fn hand_over(&mut self, batch: &mut Batch) {
        if !batch.is_empty() {
            self.buffer.hand_over(&mut batch.bytes);
        }
    }

    /// The file is damaged at `offset`; ends the reading.
    #[cold]
    pub(super) fn damaged(&mut self, offset: u64, reason: String) -> Error {
        self.ended = true;
        Error::Damaged { path: self.path.clone(), offset, frames: self.frames, reason }
    }

    /// The file ends inside something that began at `offset`.
    #[cold]
    pub(super) fn cut(&mut self, offset: u64, what: &str, needed: u64, here: u64) -> Error {
        let reason = format!("cut short: {what} needs {needed} bytes, the file ends after {here}");
        self.damaged(offset, reason)
    }

    #[cold]
    fn failed(&mut self, cause: io::Error) -> Error {
        self.ended = true;
        let is_corrupt = cause.get_ref().is_some_and(|inner| inner.is::<Corrupt>());
        if !is_corrupt {
            return Error::Io { path: self.path.clone(), cause };
        }
        let offset = self.buffer.position() + self.buffer.available().len() as u64;
        self.damaged(offset, cause.to_string())
    }
}

/// Longest record that is believed, in bytes. Wireshark's limit per link type: 256 KiB, and
/// more for the buses whose frames are that large.
pub(super) fn max_record_len(link_type: LinkType) -> u32 {
    const DBUS: u16 = 231;
    const USBPCAP: u16 = 249;
    const EBHSCR: u16 = 279;
    match link_type.0 {
        DBUS | USBPCAP => 128 * 1024 * 1024,
        EBHSCR => 32 * 1024 * 1024,
        _ => 256 * 1024,
    }
}

/// Wireshark keeps wire lengths in a signed integer, so `frame.len` is never above its
/// maximum, and leaves out pseudo-headers.
#[inline]
pub(super) fn believable(wire_len: u32, pseudo_header_len: u32) -> u32 {
    wire_len.min(i32::MAX as u32).saturating_sub(pseudo_header_len)
}
