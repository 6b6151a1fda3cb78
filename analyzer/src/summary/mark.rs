//! A frame and its time in twelve bytes, relative to the stream's first frame.

use super::model::Moment;
use crate::frame::FrameNumber;
use crate::time::Timestamp;

/// The first frame of a stream: what its [`Mark`]s count from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Origin {
    pub(super) frame: FrameNumber,
    pub(super) time: Timestamp,
}

/// A frame and its time as offsets from an [`Origin`]; the default is "none". Saturates for
/// streams longer than four thousand million frames.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Mark {
    frame_plus_one: u32,
    time_high: i32,
    time_low: u32,
}

/// A mark in absolute terms.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct At {
    pub(super) frame: u64,
    pub(super) nanos: i64,
}

impl Origin {
    /// The mark for a frame of the stream.
    pub(super) fn mark(self, frame: FrameNumber, time: Timestamp) -> Mark {
        let offset = frame.0.saturating_sub(self.frame.0);
        let nanos = (time - self.time).as_nanos();
        Mark {
            frame_plus_one: u32::try_from(offset).unwrap_or(u32::MAX).saturating_add(1),
            time_high: (nanos >> 32) as i32,
            time_low: nanos as u32,
        }
    }

    /// The absolute meaning of a mark, `None` for "none".
    pub(super) fn at(self, mark: Mark) -> Option<At> {
        if !mark.is_set() {
            return None;
        }
        let nanos = (i64::from(mark.time_high) << 32) | i64::from(mark.time_low);
        Some(At {
            frame: self.frame.0 + u64::from(mark.frame_plus_one - 1),
            nanos: self.time.as_nanos().saturating_add(nanos),
        })
    }

    /// The origin itself.
    pub(super) fn start(self) -> At {
        At { frame: self.frame.0, nanos: self.time.as_nanos() }
    }
}

impl Mark {
    /// False for "none".
    pub(super) fn is_set(self) -> bool {
        self.frame_plus_one != 0
    }

    /// Sets it when it is not set yet.
    pub(super) fn set_once(&mut self, mark: Self) {
        if !self.is_set() {
            *self = mark;
        }
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

    #[test]
    fn marks_survive_the_packing() {
        let origin = Origin { frame: FrameNumber(1_000), time: Timestamp::from_nanos(-5) };
        for (frame, nanos) in [(1_000, -5), (1_001, 7_000_000_000), (2_000_000, -9_000_000_000)] {
            let mark = origin.mark(FrameNumber(frame), Timestamp::from_nanos(nanos));
            assert_eq!(origin.at(mark), Some(At { frame, nanos }));
        }
        assert_eq!(origin.at(Mark::default()), None);
        assert_eq!(size_of::<Mark>(), 12);
    }
}
