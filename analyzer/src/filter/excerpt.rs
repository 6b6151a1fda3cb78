//! The place of a text that an error is about: the part around it, and a caret below.

use std::fmt;

/// Characters of the text that are shown on each side of the caret.
const SHOWN: usize = 60;
/// Longest row of carets.
const LONGEST_UNDERLINE: usize = 40;

/// Bytes `start..end` of the filter's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Span {
    /// Offset of the first byte.
    pub start: usize,
    /// Offset after the last byte.
    pub end: usize,
}

impl Span {
    /// From `start` up to, not including, `end`.
    pub const fn new(start: usize, end: usize) -> Self {
        Self { start, end }
    }

    /// The smallest span that holds both.
    pub fn to(self, other: Self) -> Self {
        Self { start: self.start.min(other.start), end: self.end.max(other.end) }
    }
}

/// Two lines, indented by two: the text around a place, and carets under the place.
#[derive(Debug)]
pub(crate) struct Excerpt {
    line: String,
    /// Where the place begins in `line`, in characters.
    column: usize,
    /// Carets.
    width: usize,
}

impl Excerpt {
    /// Of a text that is shown as one line, cut where it is long.
    pub(crate) fn of(text: &str, span: Span) -> Self {
        let before: Vec<char> = text.get(..span.start).unwrap_or("").chars().collect();
        let marked = text.get(span.start..span.end).unwrap_or("").chars().count();
        let skipped = before.len().saturating_sub(SHOWN);
        let mut line = String::from(if skipped > 0 { "..." } else { "" });
        let lead = line.len();
        line.extend(before.iter().skip(skipped).map(|c| plain(*c)));
        let after = text.get(span.start..).unwrap_or("");
        line.extend(after.chars().take(SHOWN).map(plain));
        if after.chars().count() > SHOWN {
            line.push_str("...");
        }
        let column = lead + before.len() - skipped;
        Self { line, column, width: marked.clamp(1, LONGEST_UNDERLINE) }
    }
}

impl fmt::Display for Excerpt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (column, width) = (self.column, self.width);
        writeln!(f, "  {}", self.line)?;
        write!(f, "  {:column$}{:^<width$}", "", "^")
    }
}

/// Control characters would move the caret, or worse, the terminal.
pub(crate) fn plain(c: char) -> char {
    match c {
        '\t' | '\n' | '\r' => ' ',
        c if c.is_control() => '\u{fffd}',
        c => c,
    }
}
