//! From the ticks of a pcapng interface to nanoseconds since the epoch.

use crate::time::{TimePrecision, Timestamp};

const NANOS_PER_SECOND: u64 = 1_000_000_000;

/// How an interface counts time: options if_tsresol and if_tsoffset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Clock {
    unit: Unit,
    offset_seconds: i64,
}

/// Length of a tick.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    /// A whole number of nanoseconds: ticks in a second, nanoseconds in a tick.
    Whole { per_second: u64, nanos: u32 },
    /// Shorter than a nanosecond: so many ticks in one.
    PerNano(u128),
    /// 2 to the power of minus this, in seconds.
    Binary(u32),
}

impl Clock {
    /// Microseconds since the epoch: what holds without options.
    pub(super) const MICROS: Self =
        Self { unit: Unit::Whole { per_second: 1_000_000, nanos: 1000 }, offset_seconds: 0 };

    /// From the value of if_tsresol: the highest bit chooses powers of two.
    pub(super) fn with_resolution(self, resolution: u8) -> Self {
        let exponent = u32::from(resolution & 0x7f);
        let unit = match (resolution & 0x80 != 0, exponent) {
            (true, _) => Unit::Binary(exponent),
            (false, 0..=9) => {
                Unit::Whole { per_second: 10_u64.pow(exponent), nanos: 10_u32.pow(9 - exponent) }
            }
            // 10^-47 s and less: the whole 64 bits are no nanosecond.
            (false, _) => Unit::PerNano(10_u128.checked_pow(exponent - 9).unwrap_or(u128::MAX)),
        };
        Self { unit, ..self }
    }

    /// From the value of if_tsoffset.
    pub(super) fn with_offset(self, offset_seconds: i64) -> Self {
        Self { offset_seconds, ..self }
    }

    /// Digits after the decimal point that its times have.
    pub(super) fn precision(&self) -> TimePrecision {
        match self.unit {
            Unit::Whole { per_second, .. } => TimePrecision::digits(per_second.ilog10() as u8),
            Unit::PerNano(_) => TimePrecision::NANOS,
            // Each decimal digit needs log2(10) = 3.32 bits.
            Unit::Binary(bits) => TimePrecision::digits((bits * 100).div_ceil(332).min(9) as u8),
        }
    }

    /// The time after so many ticks; saturates at the ends of the range.
    pub(super) fn timestamp(&self, ticks: u64) -> Timestamp {
        let per_second = u128::from(NANOS_PER_SECOND);
        let total = match self.unit {
            Unit::Whole { per_second, nanos } => {
                let rest = (ticks % per_second) as u32 * nanos;
                return self.shifted(ticks / per_second, rest);
            }
            Unit::PerNano(per_nano) => u128::from(ticks) / per_nano,
            Unit::Binary(bits) => (u128::from(ticks) * per_second) >> bits,
        };
        self.shifted((total / per_second) as u64, (total % per_second) as u32)
    }

    fn shifted(&self, seconds: u64, nanos: u32) -> Timestamp {
        let seconds = i64::try_from(seconds).unwrap_or(i64::MAX);
        Timestamp::from_parts(seconds.saturating_add(self.offset_seconds), nanos)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nanos(resolution: u8, ticks: u64) -> i64 {
        Clock::MICROS.with_resolution(resolution).timestamp(ticks).as_nanos()
    }

    #[test]
    fn every_resolution_gives_nanoseconds() {
        for (resolution, ticks, expected) in [
            (0, 1_600_000_005, 1_600_000_005_000_000_000),
            (3, 5_123, 5_123_000_000),
            (6, 1, 1_000),
            (9, 7, 7),
            (12, 123_456_789_012, 123_456_789),
            (19, u64::MAX, 1_844_674_407),
            (127, u64::MAX, 0),
            (0x80, 3, 3_000_000_000),
            (0x8a, 1_024 + 1, 1_000_976_562),
            (0xa8, (1 << 40) + (1 << 39), 1_500_000_000),
            (0xbf, 1 << 63, 1_000_000_000),
            (0xff, u64::MAX, 0),
        ] {
            assert_eq!(
                nanos(resolution, ticks),
                expected,
                "if_tsresol {resolution}, {ticks} ticks"
            );
        }
    }

    #[test]
    fn offsets_move_the_time_and_extremes_saturate() {
        let clock = Clock::MICROS.with_offset(-5);
        assert_eq!(clock.timestamp(5_000_001).as_nanos(), 1_000);
        let last = Clock::MICROS.timestamp(u64::MAX);
        assert_eq!(last.as_parts(), (18_446_744_073_709, 551_615_000));
        let latest = Clock::MICROS.with_resolution(0).with_offset(i64::MAX).timestamp(u64::MAX);
        assert_eq!(latest.as_parts(), (i64::MAX, 0));
    }

    #[test]
    fn precision_has_the_digits_of_the_resolution() {
        let digits = |resolution| Clock::MICROS.with_resolution(resolution).precision().as_digits();
        assert_eq!([0, 3, 6, 9, 12, 0x8a, 0xbf].map(digits), [0, 3, 6, 9, 9, 4, 9]);
    }
}
