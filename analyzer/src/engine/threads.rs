//! How many threads may work on a capture.

use std::num::NonZeroUsize;
use std::thread;

/// How many threads may work on one capture. More than two are never used: the frames of a
/// capture are judged one after the other, and what can be done ahead of that fills one more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Threads(NonZeroUsize);

impl Threads {
    /// Everything on the caller's thread.
    pub const ONE: Self = Self(NonZeroUsize::MIN);

    /// At most so many.
    pub const fn at_most(count: NonZeroUsize) -> Self {
        Self(count)
    }

    /// As many as the processors that this process may use; one when that can't be told.
    pub fn available() -> Self {
        thread::available_parallelism().map_or(Self::ONE, Self)
    }

    pub(super) fn are_many(self) -> bool {
        self.0.get() > 1
    }
}

impl Default for Threads {
    fn default() -> Self {
        Self::available()
    }
}
