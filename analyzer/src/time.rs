//! Points in time and spans between them, as captures know them.
//!
//! A [`Timestamp`] is what a capture file says about a frame; nothing here reads a clock.
//! Both types count nanoseconds, because that is the finest resolution in use; coarser
//! files (classic pcap has microseconds) remember theirs in [`TimePrecision`], so that a
//! packet list can show as many digits as the file has.

use std::fmt;
use std::ops::Sub;

/// A point in time as recorded, in nanoseconds since 1970-01-01T00:00:00Z.
/// Wireshark field: `frame.time_epoch`.
///
/// Seconds and nanoseconds are kept apart because damaged or odd captures hold times that
/// 64 bits of nanoseconds (years 1677 to 2262) cannot hold, and Wireshark shows them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(Parts);

/// The span between two [`Timestamp`]s; negative when the capture's clock went backwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct TimeDelta(Parts);

/// Seconds and the nanoseconds to add to them, 0 to 999,999,999, also for negative values: so
/// their order is that of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
struct Parts {
    seconds: i64,
    nanos: u32,
}

const NANOS_PER_SECOND: u32 = 1_000_000_000;

/// How many digits after the decimal point a source's timestamps carry (0 to 9).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TimePrecision(u8);

impl Parts {
    #[inline]
    const fn from_nanos(nanos: i64) -> Self {
        let per_second = NANOS_PER_SECOND as i64;
        Self { seconds: nanos.div_euclid(per_second), nanos: nanos.rem_euclid(per_second) as u32 }
    }

    const fn total(self) -> i128 {
        self.seconds as i128 * NANOS_PER_SECOND as i128 + self.nanos as i128
    }
}

impl Timestamp {
    /// From nanoseconds since the epoch.
    pub const fn from_nanos(nanos: i64) -> Self {
        Self(Parts::from_nanos(nanos))
    }

    /// From whole seconds and nanoseconds, which may be more than a second.
    #[inline]
    pub const fn from_parts(seconds: i64, nanos: u32) -> Self {
        if nanos < NANOS_PER_SECOND {
            return Self(Parts { seconds, nanos });
        }
        let carried = (nanos / NANOS_PER_SECOND) as i64;
        Self(Parts { seconds: seconds.saturating_add(carried), nanos: nanos % NANOS_PER_SECOND })
    }

    /// Nanoseconds since the epoch; wraps for times outside the years 1677 to 2262, so that
    /// the wrapping difference of two times that are near each other is right always.
    pub const fn as_nanos(self) -> i64 {
        self.0.total() as i64
    }

    /// Whole seconds since the epoch, rounded down, and the nanoseconds after them.
    pub const fn as_parts(self) -> (i64, u32) {
        (self.0.seconds, self.0.nanos)
    }
}

impl Sub for Timestamp {
    type Output = TimeDelta;

    #[inline]
    fn sub(self, earlier: Self) -> TimeDelta {
        let (difference, borrows) = self.0.nanos.overflowing_sub(earlier.0.nanos);
        let borrowed = if borrows { NANOS_PER_SECOND } else { 0 };
        let nanos = difference.wrapping_add(borrowed);
        let seconds = self.0.seconds.checked_sub(earlier.0.seconds);
        let seconds = seconds.and_then(|seconds| seconds.checked_sub(i64::from(borrows)));
        let seconds = seconds.unwrap_or_else(|| farthest(self, earlier, borrows));
        TimeDelta(Parts { seconds, nanos })
    }
}

/// Seconds between points in time that 64 bits of seconds cannot tell apart: as many as they can.
#[cold]
fn farthest(later: Timestamp, earlier: Timestamp, borrows: bool) -> i64 {
    let seconds = later.0.seconds.saturating_sub(earlier.0.seconds);
    seconds.saturating_sub(i64::from(borrows))
}

impl TimeDelta {
    /// From nanoseconds.
    pub const fn from_nanos(nanos: i64) -> Self {
        Self(Parts::from_nanos(nanos))
    }

    /// Nanoseconds; the nearest that 64 bits can hold (292 years either way).
    pub const fn as_nanos(self) -> i64 {
        let total = self.0.total();
        if total > i64::MAX as i128 {
            i64::MAX
        } else if total < i64::MIN as i128 {
            i64::MIN
        } else {
            total as i64
        }
    }

    /// Seconds as a floating point number, for statistics and JSON.
    pub fn as_seconds(self) -> f64 {
        self.0.total() as f64 / 1e9
    }
}

impl TimeDelta {
    /// True when negative; whole seconds and nanoseconds of the span without its sign.
    #[inline]
    pub const fn magnitude(self) -> (bool, u64, u32) {
        let Parts { seconds, nanos } = self.0;
        match (seconds < 0, nanos) {
            (true, 1..) => (true, seconds.unsigned_abs() - 1, NANOS_PER_SECOND - nanos),
            (is_negative, _) => (is_negative, seconds.unsigned_abs(), nanos),
        }
    }
}

impl TimePrecision {
    /// Microseconds: classic pcap.
    pub const MICROS: Self = Self(6);
    /// Nanoseconds: nanosecond pcap, most pcapng written today.
    pub const NANOS: Self = Self(9);

    /// As many digits as given, at most nine.
    pub const fn digits(count: u8) -> Self {
        Self(if count > 9 { 9 } else { count })
    }

    /// Number of digits after the decimal point.
    pub const fn as_digits(self) -> u8 {
        self.0
    }
}

impl fmt::Display for Parts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = f.precision().unwrap_or(9).min(9);
        let total = self.total();
        let sign = if total < 0 { "-" } else { "" };
        let magnitude = total.unsigned_abs();
        let per_second = u128::from(NANOS_PER_SECOND);
        let (seconds, nanos) = (magnitude / per_second, magnitude % per_second);
        if digits == 0 {
            return write!(f, "{sign}{seconds}");
        }
        let fraction = nanos / 10_u128.pow(9 - digits as u32);
        write!(f, "{sign}{seconds}.{fraction:0digits$}")
    }
}

/// Seconds with nine decimals, as tshark prints `frame.time_relative`.
impl fmt::Display for TimeDelta {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Seconds since the epoch with nine decimals, as tshark prints `frame.time_epoch`.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delta_prints_like_frame_time_relative() {
        assert_eq!(TimeDelta::from_nanos(20_280).to_string(), "0.000020280");
        assert_eq!(TimeDelta::from_nanos(-1_000_000).to_string(), "-0.001000000");
        assert_eq!(format!("{:.6}", TimeDelta::from_nanos(282_417_433_626)), "282.417433");
        assert_eq!(format!("{:.0}", TimeDelta::from_nanos(1_999_999_999)), "1");
    }

    #[test]
    fn times_beyond_64_bits_of_nanoseconds_are_kept() {
        let late = Timestamp::from_parts(18_446_744_073_204, 126_329_000);
        let start = Timestamp::from_parts(1_422_527_998, 578_402_281);
        assert_eq!((late - start).to_string(), "18445321545205.547926719");
        assert_eq!((start - late).to_string(), "-18445321545205.547926719");
        assert!(start < late && late - start > start - start);
        let later = Timestamp::from_parts(18_446_744_073_204, 126_338_000);
        assert_eq!(later.as_nanos().wrapping_sub(late.as_nanos()), 9_000);
    }

    #[test]
    fn extremes_saturate_instead_of_overflowing() {
        let (first, last) =
            (Timestamp::from_parts(i64::MIN, 0), Timestamp::from_parts(i64::MAX, 9));
        assert_eq!((last - first).as_nanos(), i64::MAX);
        assert_eq!((first - last).as_nanos(), i64::MIN);
        assert_eq!(Timestamp::from_nanos(-1).as_parts(), (-1, 999_999_999));
        assert_eq!(Timestamp::from_parts(5, u32::MAX).as_parts(), (9, 294_967_295));
    }
}
