//! Points in time and spans between them, as captures know them.
//!
//! A [`Timestamp`] is what a capture file says about a frame; nothing here reads a clock.
//! Both types count nanoseconds, because that is the finest resolution in use; coarser
//! files (classic pcap has microseconds) remember theirs in [`TimePrecision`], so that a
//! packet list can show as many digits as the file has.

use std::fmt;
use std::ops::Sub;

/// Nanoseconds since 1970-01-01T00:00:00Z, as recorded. Wireshark field: `frame.time_epoch`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(i64);

/// Nanoseconds between two [`Timestamp`]s; negative when the capture's clock went backwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct TimeDelta(i64);

/// How many digits after the decimal point a source's timestamps carry (0 to 9).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TimePrecision(u8);

impl Timestamp {
    /// From nanoseconds since the epoch.
    pub const fn from_nanos(nanos: i64) -> Self {
        Self(nanos)
    }

    /// From whole seconds and a fraction in nanoseconds; saturates at the ends of the range
    /// (years 1677 and 2262), which only damaged captures reach.
    pub const fn from_parts(seconds: i64, nanos: u32) -> Self {
        Self(seconds.saturating_mul(1_000_000_000).saturating_add(nanos as i64))
    }

    /// Nanoseconds since the epoch.
    pub const fn as_nanos(self) -> i64 {
        self.0
    }
}

impl Sub for Timestamp {
    type Output = TimeDelta;

    fn sub(self, earlier: Self) -> TimeDelta {
        TimeDelta(self.0.saturating_sub(earlier.0))
    }
}

impl TimeDelta {
    /// From nanoseconds.
    pub const fn from_nanos(nanos: i64) -> Self {
        Self(nanos)
    }

    /// Nanoseconds.
    pub const fn as_nanos(self) -> i64 {
        self.0
    }

    /// Seconds as a floating point number, for statistics and JSON.
    pub fn as_seconds(self) -> f64 {
        self.0 as f64 / 1e9
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

/// Seconds with nine decimals, as tshark prints `frame.time_relative`.
impl fmt::Display for TimeDelta {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = f.precision().unwrap_or(9).min(9);
        let sign = if self.0 < 0 { "-" } else { "" };
        let magnitude = self.0.unsigned_abs();
        let (seconds, nanos) = (magnitude / 1_000_000_000, magnitude % 1_000_000_000);
        if digits == 0 {
            return write!(f, "{sign}{seconds}");
        }
        let fraction = nanos / 10_u64.pow(9 - digits as u32);
        write!(f, "{sign}{seconds}.{fraction:0digits$}")
    }
}

/// Seconds since the epoch with nine decimals, as tshark prints `frame.time_epoch`.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&TimeDelta(self.0), f)
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
    fn parts_saturate_instead_of_overflowing() {
        assert_eq!(Timestamp::from_parts(i64::MAX, 999_999_999).as_nanos(), i64::MAX);
        let span = Timestamp::from_nanos(i64::MAX) - Timestamp::from_nanos(i64::MIN);
        assert_eq!(span.as_nanos(), i64::MAX);
    }
}
