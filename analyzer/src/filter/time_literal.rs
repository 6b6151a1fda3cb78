//! Times in filters: spans in seconds, dates with or without time of day and zone. A date
//! without a zone is UTC here; Wireshark takes the machine's zone, which would let the same
//! filter select different frames on different machines.

/// Nanoseconds of a span in seconds: `1`, `1.5`, `1.5e-3`.
pub fn relative(word: &str) -> Result<i128, String> {
    let bad = || format!("`{word}` is not a time in seconds; write 1.5");
    let (whole, fraction) = word.split_once('.').unwrap_or((word, ""));
    if !whole.is_empty() && whole.bytes().chain(fraction.bytes()).all(|b| b.is_ascii_digit()) {
        let seconds: i64 = whole.parse().map_err(|_| bad())?;
        return Ok(i128::from(seconds) * 1_000_000_000 + nanos(fraction));
    }
    let seconds: f64 = word.parse().map_err(|_| bad())?;
    // 292 years are the range of time stamps.
    if !word.starts_with(|c: char| c.is_ascii_digit())
        || !seconds.is_finite()
        || seconds.abs() >= 9.3e9
    {
        return Err(bad());
    }
    Ok((seconds * 1e9).round() as i128)
}

/// The digits after a decimal point as nanoseconds; digits beyond the ninth do not count.
fn nanos(fraction: &str) -> i128 {
    let digits = fraction.bytes().chain(std::iter::repeat(b'0')).take(9);
    digits.fold(0, |sum, digit| sum * 10 + i128::from(digit.saturating_sub(b'0')))
}

/// Nanoseconds since the epoch of a date: `2011-07-04 12:34:56.5`, `2011-07-04T12:34:56Z`,
/// `Nov 12, 1999 08:55:44.123`.
pub fn absolute(text: &str) -> Result<i128, String> {
    parse_absolute(text.trim()).ok_or_else(|| {
        format!(
            "{text:?} is not a date; write \"2011-07-04 12:34:56\" or \"Nov 12, 1999 08:55:44.123\""
        )
    })
}

fn parse_absolute(text: &str) -> Option<i128> {
    let (date, rest) = match text.as_bytes().first()? {
        b'0'..=b'9' => iso_date(text)?,
        _ => named_date(text)?,
    };
    let (year, month, day) = date;
    let days = days_since_epoch(year, month, day)?;
    let (seconds, offset) = if rest.is_empty() { (0, 0) } else { clock_and_zone(rest)? };
    Some((i128::from(days) * 86_400 - i128::from(offset)) * 1_000_000_000 + seconds)
}

type Date = (i64, u32, u32);

fn iso_date(text: &str) -> Option<(Date, &str)> {
    let (date, rest) = text.split_at_checked(10)?;
    let mut parts = date.split('-');
    let date = (whole(parts.next()?)?, whole(parts.next()?)?, whole(parts.next()?)?);
    let rest = rest.strip_prefix(['T', ' ']).map_or(rest, str::trim_start);
    parts.next().is_none().then_some((date, rest))
}

/// `Nov 12, 1999`
fn named_date(text: &str) -> Option<(Date, &str)> {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let (name, rest) = text.split_once(' ')?;
    let month = MONTHS.iter().position(|month| name.eq_ignore_ascii_case(month))?;
    let (day, rest) = rest.trim_start().split_once(',')?;
    let rest = rest.trim_start();
    let (year, rest) = rest.split_once(' ').unwrap_or((rest, ""));
    let date = (whole(year)?, u32::try_from(month).ok()? + 1, whole(day)?);
    Some((date, rest.trim_start()))
}

fn whole<T: std::str::FromStr>(text: &str) -> Option<T> {
    text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok())?
}

/// Nanoseconds of the day, and the zone's offset in seconds.
fn clock_and_zone(text: &str) -> Option<(i128, i64)> {
    let clock_len = text.bytes().take_while(|b| b.is_ascii_digit() || matches!(b, b':' | b'.'));
    let (clock, zone) = text.split_at_checked(clock_len.count())?;
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, ""));
    let mut parts = clock.split(':');
    let hours: i64 = whole(parts.next()?)?;
    let minutes: i64 = whole(parts.next()?)?;
    let seconds: i64 = parts.next().map_or(Some(0), whole)?;
    if parts.next().is_some() || hours > 23 || minutes > 59 || seconds > 60 {
        return None;
    }
    let fraction = fraction.bytes().all(|b| b.is_ascii_digit()).then(|| nanos(fraction))?;
    let seconds = i128::from(hours * 3600 + minutes * 60 + seconds);
    Some((seconds * 1_000_000_000 + fraction, zone_offset(zone.trim())?))
}

fn zone_offset(zone: &str) -> Option<i64> {
    let (sign, digits) = match zone.as_bytes().first() {
        None => return Some(0),
        Some(b'+') => (1, zone.get(1..)?),
        Some(b'-') => (-1, zone.get(1..)?),
        Some(_) => return matches!(zone, "Z" | "UTC").then_some(0),
    };
    let (hours, minutes) = match digits.split_once(':') {
        Some(parts) => parts,
        None => digits.split_at_checked(2)?,
    };
    let minutes = if minutes.is_empty() { "0" } else { minutes };
    let (hours, minutes): (i64, i64) = (whole(hours)?, whole(minutes)?);
    (hours <= 14 && minutes <= 59).then_some(sign * (hours * 3600 + minutes * 60))
}

/// Days from 1970-01-01 in the Gregorian calendar; `None` when there is no such day.
fn days_since_epoch(year: i64, month: u32, day: u32) -> Option<i64> {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let lengths = [31, if leap { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let index = usize::try_from(month.checked_sub(1)?).ok()?;
    let length = *lengths.get(index)?;
    if day == 0 || day > length || !(1600..=2400).contains(&year) {
        return None;
    }
    let before = year - 1;
    let leap_days = before / 4 - before / 100 + before / 400;
    let passed: u32 = lengths.iter().take(index).sum();
    // 719162 days lie between 0001-01-01 and the epoch.
    Some(before * 365 + leap_days + i64::from(passed) + i64::from(day) - 1 - 719_162)
}
