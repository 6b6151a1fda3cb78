//! Frames by the hundred: one buffer of captured bytes and an entry per frame in it.
//!
//! A [`Batch`] owns its bytes, so it can be filled on one thread and looked at on another, and
//! it is filled again and again, so that nothing is allocated once it has its size.

use super::reading::Record;
use crate::frame::{Frame, FrameNumber, Stored};

/// Frames that one call of [`FrameSource::next_batch`](super::FrameSource::next_batch) found.
#[derive(Debug, Clone, Default)]
pub struct Batch {
    pub(super) bytes: Vec<u8>,
    entries: Vec<Stored>,
    /// Number of the first frame.
    first: u64,
}

impl Batch {
    /// Without frames.
    pub fn new() -> Self {
        Self::default()
    }

    /// Number of frames.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// True without a frame: after [`FrameSource::next_batch`](super::FrameSource::next_batch)
    /// this is the end.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The frames in file order.
    #[inline]
    pub fn frames(&self) -> impl Iterator<Item = Frame<'_>> {
        let numbered = self.entries.iter().zip(self.first..);
        numbered.map(|(stored, number)| stored.frame(FrameNumber(number), &self.bytes))
    }

    /// One of them, by its place in the batch.
    pub(crate) fn frame(&self, index: usize) -> Option<Frame<'_>> {
        let number = FrameNumber(self.first + index as u64);
        self.entries.get(index).map(|stored| stored.frame(number, &self.bytes))
    }

    /// All of them as they stand in [`Self::bytes`].
    #[inline]
    pub(crate) fn stored(&self) -> &[Stored] {
        &self.entries
    }

    /// The bytes of all frames.
    #[inline]
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Number of the first frame.
    #[inline]
    pub(crate) fn first_number(&self) -> u64 {
        self.first
    }

    /// Forgets all frames; the next one will be number `first`.
    pub(super) fn clear(&mut self, first: u64) {
        self.entries.clear();
        self.first = first;
    }

    /// Adds a record whose bytes will begin at `at`; its wire length is believable already.
    #[inline]
    pub(super) fn push(&mut self, record: &Record, at: usize) {
        self.entries.push(stored(record, at));
    }

    /// The same for many.
    #[inline]
    pub(super) fn extend(&mut self, records: impl Iterator<Item = (Record, usize)>) {
        self.entries.extend(records.map(|(record, at)| stored(&record, at)));
    }

    /// Adds a copy of a frame that lives elsewhere.
    pub(super) fn push_copy(&mut self, frame: &Frame<'_>) {
        if self.entries.is_empty() {
            self.bytes.clear();
            self.first = frame.number.0;
        }
        let at = self.bytes.len();
        self.bytes.extend_from_slice(frame.bytes);
        self.entries.push(Stored {
            timestamp: frame.timestamp,
            at: u32::try_from(at).unwrap_or(u32::MAX),
            captured_len: u32::try_from(frame.bytes.len()).unwrap_or(u32::MAX),
            wire_len: frame.wire_len,
            interface: frame.interface,
            link_type: frame.link_type,
        });
    }
}

#[inline]
fn stored(record: &Record, at: usize) -> Stored {
    Stored {
        timestamp: record.timestamp,
        at: u32::try_from(at).unwrap_or(u32::MAX),
        captured_len: record.captured_len as u32,
        wire_len: record.wire_len,
        interface: record.interface,
        link_type: record.link_type,
    }
}
