//! The Time column: how Wireshark writes a frame's time, and which of its formats a list uses.
//!
//! Source of the formats: Wireshark's menu View, Time Display Format, and tshark's option `-t`.

use std::fmt::Write as _;

/// Seconds of a day.
const DAY: i64 = 86_400;
/// Nanoseconds of a second.
const SECOND: i64 = 1_000_000_000;

/// What the Time column counts from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TimeFormat {
    /// Seconds since the capture's first frame, plus a shift in nanoseconds: 0, or what a list
    /// from a longer or shorter recording of the same packets has.
    Relative {
        /// What is added to the time since the first frame.
        shift: i64,
    },
    /// Seconds since the frame before.
    Delta,
    /// Seconds since the frame shown before.
    DeltaDisplayed,
    /// Seconds since 1970.
    Epoch,
    /// Time of day, so many seconds east of UTC.
    Absolute {
        /// Offset of the zone in seconds.
        zone: i64,
    },
    /// Date and time of day.
    AbsoluteWithDate {
        /// Offset of the zone in seconds.
        zone: i64,
    },
}

/// A time as the column shows it, read back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SeenTime {
    /// Which family of formats has this shape.
    pub shape: Shape,
    /// Nanoseconds since what the shape counts from.
    pub nanos: i64,
    /// Digits after the point.
    pub digits: usize,
}

/// What a time looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Shape {
    /// A number of seconds.
    Seconds,
    /// `hh:mm:ss`.
    Clock,
    /// `yyyy-mm-dd hh:mm:ss`.
    Date,
}

/// The times of one frame, in nanoseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FrameTimes {
    /// Since 1970.
    pub epoch: i64,
    /// Since the first frame.
    pub relative: i64,
    /// Since the frame before.
    pub delta: i64,
    /// Since the frame before among those that the filter shows.
    pub delta_displayed: i64,
}

impl TimeFormat {
    /// The frame's time in this format with so many digits.
    #[must_use]
    pub fn text(self, times: &FrameTimes, digits: usize) -> String {
        match self {
            Self::Relative { shift } => seconds(times.relative.saturating_add(shift), digits),
            Self::Delta => seconds(times.delta, digits),
            Self::DeltaDisplayed => seconds(times.delta_displayed, digits),
            Self::Epoch => seconds(times.epoch, digits),
            Self::Absolute { zone } => clock(times.epoch, zone, digits),
            Self::AbsoluteWithDate { zone } => {
                let local = times.epoch.div_euclid(SECOND).saturating_add(zone);
                format!("{} {}", date(local.div_euclid(DAY)), clock(times.epoch, zone, digits))
            }
        }
    }

    /// Whether a time that was seen is this frame's: all digits that it has are equal; one unit
    /// of the last digit is forgiven after a shift, where cutting goes another way.
    #[must_use]
    pub fn fits(self, times: &FrameTimes, seen: &SeenTime) -> bool {
        let unit = 10_i64.pow(9_u32.saturating_sub(seen.digits as u32));
        let (value, slack) = match self {
            Self::Relative { shift } => {
                (times.relative.saturating_add(shift), i64::from(shift != 0))
            }
            Self::Delta => (times.delta, 0),
            Self::DeltaDisplayed => (times.delta_displayed, 0),
            Self::Epoch => (times.epoch, 0),
            Self::Absolute { zone } => {
                let local = times.epoch.saturating_add(zone.saturating_mul(SECOND));
                (local.rem_euclid(DAY * SECOND), 0)
            }
            Self::AbsoluteWithDate { zone } => {
                (times.epoch.saturating_add(zone.saturating_mul(SECOND)), 0)
            }
        };
        let has_shape = match self {
            Self::Absolute { .. } => seen.shape == Shape::Clock,
            Self::AbsoluteWithDate { .. } => seen.shape == Shape::Date,
            _ => seen.shape == Shape::Seconds,
        };
        has_shape && (value / unit).abs_diff(seen.nanos / unit) <= slack.unsigned_abs()
    }
}

/// Reads a cell of the Time column; letters that look like digits count as such.
#[must_use]
pub fn read(text: &str) -> Option<SeenTime> {
    let text: String = text.trim().trim_end_matches('Z').chars().map(digit_for).collect();
    let (date, rest) = match text.split_once([' ', 'T']).or_else(|| without_space(&text)) {
        Some((date, rest)) => (Some(days(date)?), rest.trim().to_owned()),
        None => (None, text),
    };
    if rest.contains(':') {
        let mut parts = rest.splitn(3, ':');
        let (hours, minutes) = (whole(parts.next()?)?, whole(parts.next()?)?);
        let (nanos, digits) = fraction(parts.next()?)?;
        let in_day = hours.checked_mul(3_600)?.checked_add(minutes.checked_mul(60)?)?;
        let total = date.unwrap_or(0).checked_mul(DAY)?.checked_add(in_day)?;
        let nanos = total.checked_mul(SECOND)?.checked_add(nanos)?;
        let shape = if date.is_some() { Shape::Date } else { Shape::Clock };
        return Some(SeenTime { shape, nanos, digits });
    }
    if date.is_some() {
        return None;
    }
    let (is_negative, rest) = rest.strip_prefix('-').map_or((false, &*rest), |rest| (true, rest));
    let (nanos, digits) = fraction(rest)?;
    let nanos = if is_negative { -nanos } else { nanos };
    Some(SeenTime { shape: Shape::Seconds, nanos, digits })
}

/// A date and a time of day between which the space was not read.
fn without_space(text: &str) -> Option<(&str, &str)> {
    const DATE: usize = "2026-11-28".len();
    let is_dated = text.as_bytes().get(4) == Some(&b'-') && text.contains(':');
    is_dated.then(|| text.split_at_checked(DATE))?
}

/// The digit that a look-alike stands for.
fn digit_for(character: char) -> char {
    match character {
        'O' | 'o' => '0',
        'l' | 'I' | '|' => '1',
        ',' => '.',
        other => other,
    }
}

fn whole(text: &str) -> Option<i64> {
    (!text.is_empty() && text.len() <= 11 && text.bytes().all(|byte| byte.is_ascii_digit()))
        .then(|| text.parse().ok())
        .flatten()
}

/// Nanoseconds of a decimal number of seconds, and how many digits follow its point.
fn fraction(text: &str) -> Option<(i64, usize)> {
    let (seconds, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = fraction.len();
    if digits > 9 || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let nanos: i64 = format!("{fraction:0<9}").parse().ok()?;
    Some((whole(seconds)?.checked_mul(SECOND)?.checked_add(nanos)?, digits))
}

/// Days since 1970 of `yyyy-mm-dd` (proleptic Gregorian calendar).
fn days(text: &str) -> Option<i64> {
    let mut parts = text.splitn(3, ['-', '/']);
    let (year, month, day) = (whole(parts.next()?)?, whole(parts.next()?)?, whole(parts.next()?)?);
    if !(1_900..=9_999).contains(&year) || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    // Years begin in March here, so that the leap day is the last of a year.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let of_year = (153 * month + 2) / 5 + day - 1;
    Some(year * 365 + year / 4 - year / 100 + year / 400 + of_year - 719_468)
}

fn date(days: i64) -> String {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let (year, month) =
        if month < 10 { (year + era * 400, month + 3) } else { (year + era * 400 + 1, month - 9) };
    format!("{year:04}-{month:02}-{day:02}")
}

fn clock(epoch: i64, zone: i64, digits: usize) -> String {
    let local = epoch.div_euclid(SECOND).saturating_add(zone);
    let of_day = local.rem_euclid(DAY);
    let mut text = format!("{:02}:{:02}:{:02}", of_day / 3_600, of_day / 60 % 60, of_day % 60);
    push_fraction(&mut text, epoch.rem_euclid(SECOND), digits);
    text
}

fn seconds(nanos: i64, digits: usize) -> String {
    let sign = if nanos < 0 { "-" } else { "" };
    let (whole, rest) = ((nanos / SECOND).abs(), (nanos % SECOND).abs());
    let mut text = format!("{sign}{whole}");
    push_fraction(&mut text, rest, digits);
    text
}

fn push_fraction(text: &mut String, nanos: i64, digits: usize) {
    if digits > 0 {
        let all = format!("{nanos:09}");
        // Writing to a String does not fail.
        let _ = write!(text, ".{}", all.get(..digits.min(9)).unwrap_or(&all));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_is_read_back_as_it_was_written() {
        let times = FrameTimes {
            epoch: 1_793_534_462_123_456_789,
            relative: 2_307_131_755,
            delta: 25_028,
            delta_displayed: 31_000,
        };
        for format in [
            TimeFormat::Relative { shift: 0 },
            TimeFormat::Relative { shift: -1_000 },
            TimeFormat::Delta,
            TimeFormat::DeltaDisplayed,
            TimeFormat::Epoch,
            TimeFormat::Absolute { zone: 25_200 },
            TimeFormat::AbsoluteWithDate { zone: 0 },
        ] {
            for digits in [0, 3, 6, 9] {
                let text = format.text(&times, digits);
                let seen = read(&text).unwrap_or_else(|| panic!("{text}: not read"));
                assert_eq!(seen.digits, digits, "{text}");
                assert!(format.fits(&times, &seen), "{format:?}: {text}");
            }
        }
    }

    #[test]
    fn dates_are_those_of_the_calendar() {
        for (days_since, text) in [
            (0, "1970-01-01"),
            (11_016, "2000-02-29"),
            (19_782, "2024-02-29"),
            (20_453, "2025-12-31"),
        ] {
            assert_eq!(date(days_since), text);
            assert_eq!(days(text), Some(days_since));
        }
        assert_eq!(days("2026-13-01"), None);
    }

    #[test]
    fn what_is_no_time_is_not_read() {
        for text in ["", "abc", "1.2.3", "12:3x:01", "1.1234567890", "99999999999999"] {
            assert_eq!(read(text), None, "{text}");
        }
        let whole = read("2026-11-28 12:52:10.381778842");
        assert_eq!(read("2026-11-2812:52:10.381778842"), whole, "a space that was not read");
        assert_eq!(read("O.00l").map(|seen| seen.nanos), Some(1_000_000));
    }
}
