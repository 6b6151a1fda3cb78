//! Spans of time as people type them, in the words that the generator uses too.

use std::time::Duration;

/// `10` and `2.5` are seconds, `500ms` and `1m 30s` say so.
///
/// # Errors
/// What is wrong with the text, and what would be right.
pub fn parse(text: &str) -> Result<Duration, String> {
    let parsed = match text.parse::<f64>() {
        Ok(seconds) => Duration::try_from_secs_f64(seconds).map_err(|error| error.to_string()),
        Err(_) => humantime::parse_duration(text).map_err(|error| error.to_string()),
    };
    match parsed {
        Ok(span) if span > Duration::from_secs(366 * 24 * 3600) => {
            Err("more than a year; leave the option out to go on until Ctrl-C".to_owned())
        }
        Ok(span) if span.is_zero() => Err("must be more than zero".to_owned()),
        Ok(span) => Ok(span),
        Err(reason) => Err(format!("{reason}; write seconds (10, 2.5) or units (500ms, 1m 30s)")),
    }
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn durations_are_seconds_or_have_units() {
        for (text, millis) in [("1", 1000), ("2.5", 2500), ("500ms", 500), ("1m 30s", 90_000)] {
            assert_eq!(parse(text).unwrap().as_millis(), millis, "{text}");
        }
        for text in ["", "0", "-1", "nan", "inf", "1e300", "1 fortnight", "99999d"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
