//! Slices and layer numbers: the ranges between brackets, `[0:3]`, `[1-2,-1]`, `#[1]`.

use std::fmt;
use std::ops::Range;

use super::error::Error;
use super::excerpt::Span;

/// One or more parts of a byte sequence, or of the stack of layers. Never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ranges(Vec<Part>);

/// A start, counted from the end when negative, and where the part ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Part {
    start: i32,
    end: End,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// `[a:n]`: so many bytes.
    Length(i32),
    /// `[a-b]`: up to and including this one, counted from the end when negative.
    Inclusive(i32),
    /// `[a:]`
    Open,
}

/// Parts in one pair of brackets; more serve nobody.
const MAX_PARTS: usize = 32;

impl Ranges {
    /// The single number of `name#3`.
    pub(super) fn single(number: i32) -> Self {
        Self(vec![Part { start: number, end: End::Length(1) }])
    }

    /// From the text between the brackets; `span` is where that text stands in `text`.
    pub(super) fn parse(text: &str, span: Span) -> Result<Self, Error> {
        let inside = text.get(span.start..span.end).unwrap_or("");
        let mut offset = span.start;
        let mut parts = Vec::new();
        for piece in inside.split(',') {
            let at = Span::new(offset, offset + piece.len());
            parts.push(parse_part(piece.trim(), at, text)?);
            offset = at.end + 1;
        }
        if parts.len() > MAX_PARTS {
            return Err(Error::new(text, span, format!("more than {MAX_PARTS} ranges")));
        }
        Ok(Self(parts))
    }

    /// The bytes of each part; a part that does not lie wholly within `length` bytes is left
    /// out, as Wireshark does.
    pub(super) fn resolve(&self, length: usize) -> impl Iterator<Item = Range<usize>> + '_ {
        self.0.iter().filter_map(move |part| part.resolve(length))
    }

    /// The only part, when there is just one.
    pub(super) fn is_single(&self) -> bool {
        self.0.len() == 1
    }

    /// True for layer `number` (from 1) of `count`; negative numbers count from the last.
    pub(super) fn has_layer(&self, number: usize, count: usize) -> bool {
        let number = i64::try_from(number).unwrap_or(i64::MAX);
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        self.0.iter().any(|part| {
            let start = i64::from(part.start);
            let number = if start < 0 { number - count - 1 } else { number };
            let is_before_end = match part.end {
                End::Length(length) => number < start + i64::from(length),
                End::Inclusive(last) => number <= i64::from(last),
                End::Open => true,
            };
            start <= number && is_before_end
        })
    }
}

impl Part {
    fn resolve(self, length: usize) -> Option<Range<usize>> {
        let length = i64::try_from(length).ok()?;
        let from_end = |n: i32| if n < 0 { length + i64::from(n) } else { i64::from(n) };
        let start = from_end(self.start);
        let end = match self.end {
            End::Length(n) => start + i64::from(n),
            End::Inclusive(last) => from_end(last) + 1,
            End::Open => length,
        };
        if start < 0 || start >= length || end <= start || end > length {
            return None;
        }
        Some(usize::try_from(start).ok()?..usize::try_from(end).ok()?)
    }
}

fn parse_part(piece: &str, span: Span, text: &str) -> Result<Part, Error> {
    let bad = || {
        Error::new(text, span, format!("`{piece}` is not a range"))
            .hint("write [offset], [offset:length], [first-last], [:length] or [offset:]")
    };
    if let Some((start, length)) = piece.split_once(':') {
        let start = if start.trim().is_empty() { 0 } else { number(start).ok_or_else(bad)? };
        if length.trim().is_empty() {
            return Ok(Part { start, end: End::Open });
        }
        let length = number(length).ok_or_else(bad)?;
        if length <= 0 {
            let message = format!("the length {length} of a range must be at least 1");
            return Err(Error::new(text, span, message));
        }
        return Ok(Part { start, end: End::Length(length) });
    }
    // A minus after the first character separates; one at the front is a sign.
    let Some(dash) = piece.get(1..).and_then(|rest| rest.find('-')).map(|at| at + 1) else {
        return Ok(Part { start: number(piece).ok_or_else(bad)?, end: End::Length(1) });
    };
    let (first, last) = piece.split_at(dash);
    let last = last.strip_prefix('-').unwrap_or(last);
    let first = number(first).ok_or_else(bad)?;
    let last = number(last).ok_or_else(bad)?;
    if (first < 0) != (last < 0) {
        let message = format!("the ends of the range {first}-{last} have different signs");
        return Err(Error::new(text, span, message));
    }
    if first >= last {
        let message = format!("the range {first}-{last} must end after it begins");
        return Err(Error::new(text, span, message));
    }
    Ok(Part { start: first, end: End::Inclusive(last) })
}

/// A whole number, decimal or hexadecimal, with an optional minus.
fn number(text: &str) -> Option<i32> {
    let text = text.trim();
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let value = match digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
        Some(hex) => i32::from_str_radix(hex, 16).ok()?,
        None if digits.bytes().all(|b| b.is_ascii_digit()) => digits.parse().ok()?,
        None => return None,
    };
    (value >= 0).then_some(if negative { -value } else { value })
}

impl fmt::Display for Ranges {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, part) in self.0.iter().enumerate() {
            let comma = if index > 0 { "," } else { "" };
            match part.end {
                End::Length(1) => write!(f, "{comma}{}", part.start)?,
                End::Length(n) => write!(f, "{comma}{}:{n}", part.start)?,
                End::Inclusive(last) => write!(f, "{comma}{}-{last}", part.start)?,
                End::Open => write!(f, "{comma}{}:", part.start)?,
            }
        }
        Ok(())
    }
}
