//! Frames that follow each other in a batch, and runs of plain segments among them.

use super::hint::Hint;
use crate::facts::PlainFacts;
use crate::frame::{Frame, FrameNumber, Stored};
use crate::tcp::Plain;
use crate::time::Timestamp;

/// Some frames that follow each other in a batch, and what was told of them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Window<'a> {
    /// Number of the first.
    pub number: u64,
    pub stored: &'a [Stored],
    /// The bytes of the batch.
    pub bytes: &'a [u8],
    pub hints: &'a [Hint],
}

/// Plain segments that follow each other, each the only thing in its frame.
#[derive(Debug, Clone, Copy)]
pub struct PlainRun<'a> {
    /// Begins with the first of them.
    pub(super) window: Window<'a>,
    /// When the capture's first frame was recorded.
    pub(super) start: &'a Timestamp,
    pub(super) plain: &'a [Plain],
}

impl<'a> Window<'a> {
    /// The same without its first frames.
    #[inline(always)]
    pub fn without(&self, frames: usize) -> Self {
        Self {
            number: self.number + frames as u64,
            stored: self.stored.get(frames..).unwrap_or_default(),
            hints: self.hints.get(frames..).unwrap_or_default(),
            bytes: self.bytes,
        }
    }

    /// Its first frame.
    #[inline(always)]
    pub fn first(&self) -> Option<(&'a Hint, Frame<'a>)> {
        let (hint, stored) = (self.hints.first()?, self.stored.first()?);
        Some((hint, stored.frame(FrameNumber(self.number), self.bytes)))
    }
}

impl<'a> PlainRun<'a> {
    /// How many there are.
    #[inline]
    pub fn len(&self) -> usize {
        self.plain.len()
    }

    /// True without any.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.plain.is_empty()
    }

    /// What counts of each, its frame, and the frame's length on the wire.
    #[inline(always)]
    pub(crate) fn numbers(&self) -> impl Iterator<Item = (&'a Plain, FrameNumber, u32)> + use<'a> {
        let frames = self.window.hints.iter().zip((self.window.number..).map(FrameNumber));
        let both = self.plain.iter().zip(frames);
        both.map(|(plain, (hint, number))| (plain, number, hint.wire_len()))
    }

    /// Everything about one of them.
    #[inline(never)]
    pub fn facts(&self, index: usize) -> Option<PlainFacts<'a>> {
        let Window { number, stored, bytes, hints } = self.window;
        let (common, flow, brief) = hints.get(index)?.brief()?;
        let (stored, plain) = (stored.get(index)?, self.plain.get(index)?);
        let number = FrameNumber(number + index as u64);
        Some(PlainFacts { number, stored, start: self.start, bytes, plain, common, flow, brief })
    }
}
