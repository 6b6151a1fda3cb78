//! The conditions of a rule, one by one, with the values that they compared.
//!
//! A rule is written once, as a chain of [`Asked::and`]. In the pass over a capture it is asked
//! with [`Silent`], which keeps one bit; when somebody wants to know why, the same rule is asked
//! with [`Told`], which evaluates every condition and keeps its claim and its numbers.

use super::{SeqNumber, TcpFlags};
use crate::frame::FrameNumber;
use crate::time::TimeDelta;

/// One condition of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// What must hold, as a statement.
    pub claim: &'static str,
    /// What was compared: a name and a value each.
    pub values: Vec<(&'static str, Quantity)>,
    /// Whether it holds.
    pub holds: bool,
}

/// A value that a condition compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quantity {
    /// A sequence or acknowledgment number.
    Sequence {
        /// As in the header.
        raw: u32,
        /// Relative to its half-stream's base, when that is known.
        relative: Option<u32>,
    },
    /// Nothing was seen that could tell it.
    Unknown,
    /// Bytes.
    Bytes(u32),
    /// How many.
    Count(u32),
    /// A span of time.
    Time(TimeDelta),
    /// An earlier frame.
    Frame(FrameNumber),
    /// TCP flags.
    Flags(TcpFlags),
}

/// A chain of conditions, joined by "and".
pub(super) trait Asked: Sized {
    /// One more condition. `claim` and `values` are looked at only when somebody listens.
    fn and(
        self,
        holds: bool,
        claim: &'static str,
        values: impl FnOnce() -> Vec<(&'static str, Quantity)>,
    ) -> Self;

    /// True when every condition so far holds.
    fn holds(&self) -> bool;
}

/// Keeps the answer only.
#[derive(Debug, Clone, Copy)]
pub(super) struct Silent(bool);

/// Keeps every condition.
#[derive(Debug, Clone, Default)]
pub(super) struct Told(pub Vec<Condition>);

impl Silent {
    /// A rule without conditions yet.
    pub const fn new() -> Self {
        Self(true)
    }
}

impl Asked for Silent {
    #[inline]
    fn and(
        self,
        holds: bool,
        _: &'static str,
        _: impl FnOnce() -> Vec<(&'static str, Quantity)>,
    ) -> Self {
        Self(self.0 && holds)
    }

    #[inline]
    fn holds(&self) -> bool {
        self.0
    }
}

impl Asked for Told {
    fn and(
        mut self,
        holds: bool,
        claim: &'static str,
        values: impl FnOnce() -> Vec<(&'static str, Quantity)>,
    ) -> Self {
        self.0.push(Condition { claim, values: values(), holds });
        self
    }

    fn holds(&self) -> bool {
        self.0.iter().all(|condition| condition.holds)
    }
}

impl Quantity {
    /// A sequence number, relative to `base` when that is known; 0 is "not set" where the
    /// analysis uses it so.
    pub(super) fn sequence(raw: u32, base: Option<u32>) -> Self {
        let relative = base.map(|base| SeqNumber(raw).relative_to(SeqNumber(base)));
        Self::Sequence { raw, relative }
    }

    /// The same for a number that is 0 as long as nothing set it.
    pub(super) fn sequence_if_set(raw: u32, base: Option<u32>) -> Self {
        if raw == 0 { Self::Unknown } else { Self::sequence(raw, base) }
    }

    /// Nanoseconds.
    pub(super) fn nanos(nanos: i64) -> Self {
        Self::Time(TimeDelta::from_nanos(nanos))
    }
}
