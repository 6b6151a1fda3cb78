//! A frame and its time in eight bytes, relative to the stream's first frame.
//!
//! Enough for streams that span fewer than 16 million frames and 17 minutes; a mark further
//! away is kept whole in a list beside the records ([`Far`]), and the eight bytes say where.

use super::model::Moment;
use crate::frame::FrameNumber;
use crate::time::Timestamp;

/// Bits of a mark that hold the time.
const TIME_BITS: u32 = 40;

/// What a mark's frame bits say when it stands in the list of those far away.
const FAR: u64 = (1 << (64 - TIME_BITS)) - 1;

/// Whole seconds that a mark may lie before the stream's first frame (clocks go backwards).
const SECONDS_BEFORE: i64 = 64;

/// Whole seconds from [`SECONDS_BEFORE`] on that fit: one more would not leave room for the
/// nanoseconds.
const SECONDS: u64 = (1 << TIME_BITS) / 1_000_000_000 - 2;

/// The first frame of a stream: what its [`Mark`]s count from.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Origin {
    pub(super) seconds: i64,
    pub(super) frame: u64,
    pub(super) nanos: u32,
}

/// A frame and its time as offsets from an [`Origin`]; the default is "none".
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Mark(u64);

/// The marks that eight bytes cannot hold.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Far(Vec<At>);

/// A mark in absolute terms.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct At {
    pub(super) frame: u64,
    pub(super) nanos: i64,
}

/// A frame of a stream, ready to be noted as a [`Mark`].
#[derive(Debug, Clone, Copy)]
pub(super) struct Stamp {
    /// Not set when eight bytes cannot hold it.
    near: Mark,
    origin: Origin,
    frame: FrameNumber,
    time: Timestamp,
}

impl Origin {
    /// At a frame.
    pub(super) fn new(frame: FrameNumber, time: Timestamp) -> Self {
        let (seconds, nanos) = time.as_parts();
        Self { seconds, frame: frame.0, nanos }
    }

    /// The mark for a frame of the stream, `None` when eight bytes cannot hold it.
    #[inline]
    pub(super) fn near(self, frame: FrameNumber, time: Timestamp) -> Option<Mark> {
        let (seconds, nanos) = time.as_parts();
        let seconds = seconds.wrapping_sub(self.seconds).wrapping_add(SECONDS_BEFORE) as u64;
        let frames = frame.0.wrapping_sub(self.frame);
        if seconds >= SECONDS || frames >= FAR - 1 {
            return None;
        }
        let time = (seconds + 1) * 1_000_000_000 + u64::from(nanos) - u64::from(self.nanos);
        Some(Mark((frames << TIME_BITS) + (1 << TIME_BITS) + time))
    }

    /// The mark of the origin itself.
    pub(super) fn mark(self) -> Mark {
        self.near(FrameNumber(self.frame), self.time()).unwrap_or_default()
    }

    /// A frame of the stream.
    pub(super) fn stamp(self, frame: FrameNumber, time: Timestamp) -> Stamp {
        Stamp { near: self.near(frame, time).unwrap_or_default(), origin: self, frame, time }
    }

    /// The origin itself.
    pub(super) fn start(self) -> At {
        At { frame: self.frame, nanos: self.time().as_nanos() }
    }

    fn time(self) -> Timestamp {
        Timestamp::from_parts(self.seconds, self.nanos)
    }
}

impl Stamp {
    /// Notes it in a mark.
    pub(super) fn put(&self, mark: &mut Mark, far: &mut Far) {
        if !mark.is_far() && self.near.is_set() {
            *mark = self.near;
            return;
        }
        // A mark that was far once keeps its place, so that places are bounded.
        if !mark.is_far() {
            let Some(place) = Mark::far(far.0.len()) else { return };
            *mark = place;
            far.0.push(At::default());
        }
        if let Some(place) = far.0.get_mut(mark.far_index()) {
            *place = self.at();
        }
    }

    /// Notes it in a mark that is not set yet.
    #[inline]
    pub(super) fn put_once(&self, mark: &mut Mark, far: &mut Far) {
        if !mark.is_set() {
            self.put(mark, far);
        }
    }

    fn at(&self) -> At {
        let span = (self.time - self.origin.time()).as_nanos();
        At {
            frame: self.frame.0.max(self.origin.frame),
            nanos: self.origin.time().as_nanos().saturating_add(span),
        }
    }
}

impl Mark {
    /// What [`Origin::near`] gives for an origin and a time in nanoseconds; `None` more often.
    #[inline(always)]
    pub(super) fn near(origin: At, frame: FrameNumber, nanos: i64) -> Option<Self> {
        const BIAS: u64 = (SECONDS_BEFORE as u64 + 1) * 1_000_000_000;
        const SPAN: u64 = (SECONDS - SECONDS_BEFORE as u64 - 1) * 1_000_000_000;
        let time = nanos.wrapping_sub(origin.nanos) as u64;
        let frames = frame.0.wrapping_sub(origin.frame);
        let is_near = time < SPAN && frames < FAR - 1;
        is_near.then(|| Self((frames << TIME_BITS) + (1 << TIME_BITS) + BIAS + time))
    }

    /// False for "none".
    #[inline]
    pub(super) fn is_set(self) -> bool {
        self.0 != 0
    }

    /// Its absolute meaning, by that of its origin; `None` for "none".
    #[inline]
    pub(super) fn at(self, origin: At, far: &Far) -> Option<At> {
        if !self.is_set() {
            return None;
        }
        if self.is_far() {
            return far.0.get(self.far_index()).copied();
        }
        let bias = (SECONDS_BEFORE + 1) * 1_000_000_000;
        let nanos = (self.0 & ((1 << TIME_BITS) - 1)) as i64 - bias;
        Some(At {
            frame: origin.frame.saturating_add((self.0 >> TIME_BITS) - 1),
            nanos: origin.nanos.saturating_add(nanos),
        })
    }

    /// Takes another mark unless it is set.
    #[inline]
    pub(super) fn set_once(&mut self, mark: Self) {
        if !self.is_set() {
            *self = mark;
        }
    }

    /// True when it stands in the list of those far away.
    #[inline]
    pub(super) fn is_far(self) -> bool {
        self.0 >> TIME_BITS == FAR
    }

    /// As two halves, for places that are not aligned to eight bytes.
    pub(super) fn halves(self) -> [u32; 2] {
        [(self.0 >> 32) as u32, self.0 as u32]
    }

    /// From [`Self::halves`].
    pub(super) fn from_halves([high, low]: [u32; 2]) -> Self {
        Self(u64::from(high) << 32 | u64::from(low))
    }

    fn far(index: usize) -> Option<Self> {
        let index = u64::try_from(index).ok().filter(|index| index >> TIME_BITS == 0)?;
        Some(Self(FAR << TIME_BITS | index))
    }

    fn far_index(self) -> usize {
        (self.0 & ((1 << TIME_BITS) - 1)) as usize
    }
}

impl At {
    /// With the time counted from the capture's first frame.
    pub(super) fn moment(self, capture_start: Timestamp) -> Moment {
        Moment { frame: self.frame, time: seconds(self.nanos, capture_start.as_nanos()) }
    }
}

/// Seconds from one point in nanoseconds to another.
pub(super) fn seconds(later_nanos: i64, earlier_nanos: i64) -> f64 {
    later_nanos.saturating_sub(earlier_nanos) as f64 / 1e9
}

#[cfg(test)]
mod tests {
    use super::*;

    const LAST_FRAME: u64 = 1_000 + FAR - 2;
    const LAST_NANOS: i64 = (SECONDS as i64 - SECONDS_BEFORE) * 1_000_000_000 - 1;

    #[test]
    fn marks_survive_the_packing() {
        let origin = Origin::new(FrameNumber(1_000), Timestamp::from_nanos(0));
        let mut far = Far::default();
        for (frame, nanos, is_far) in [
            (1_000, 0, false),
            (1_001, 7_000_000_000, false),
            (LAST_FRAME, LAST_NANOS, false),
            (1_002, -64_000_000_000, false),
            (LAST_FRAME + 1, 5, true),
            (1_002, LAST_NANOS + 1, true),
            (1_002, -64_000_000_001, true),
            (u64::MAX / 2, i64::MAX, true),
        ] {
            let mut mark = Mark::default();
            let stamp = origin.stamp(FrameNumber(frame), Timestamp::from_nanos(nanos));
            stamp.put(&mut mark, &mut far);
            assert_eq!(mark.is_far(), is_far, "{frame} {nanos}");
            assert_eq!(mark.at(origin.start(), &far), Some(At { frame, nanos }));
            assert_eq!(Mark::from_halves(mark.halves()), mark);
        }
        assert_eq!(Mark::default().at(origin.start(), &far), None);
        assert_eq!(origin.mark().at(origin.start(), &far), Some(origin.start()));
    }

    #[test]
    fn a_mark_that_moves_takes_one_place_at_most() {
        let origin = Origin::new(FrameNumber(1), Timestamp::from_nanos(900_000_000));
        let (mut mark, mut far) = (Mark::default(), Far::default());
        for round in 0..10_i64 {
            for nanos in [round, i64::MAX - round] {
                let stamp = origin.stamp(FrameNumber(2), Timestamp::from_nanos(nanos));
                stamp.put(&mut mark, &mut far);
                assert_eq!(mark.at(origin.start(), &far), Some(At { frame: 2, nanos }));
            }
        }
        assert_eq!(far.0.len(), 1);
    }
}
