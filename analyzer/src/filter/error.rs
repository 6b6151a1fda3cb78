//! Why a filter is refused: the place under a caret, what is wrong, and what was probably
//! meant. Filters come from people; nothing in here is about captures.

use std::fmt;

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

/// A refused filter. Prints the message, the text with a caret under the place, and a hint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    text: String,
    span: Span,
    message: String,
    hint: Option<String>,
}

/// Characters of the filter that are shown on each side of the caret.
const SHOWN: usize = 60;
/// Longest row of carets.
const LONGEST_UNDERLINE: usize = 40;

impl Error {
    /// A refusal at a place of `text`.
    pub(super) fn new(text: &str, span: Span, message: impl Into<String>) -> Self {
        Self { text: text.to_owned(), span, message: message.into(), hint: None }
    }

    /// With a line that says what to write instead.
    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// With a hint when there is one.
    pub(super) fn maybe_hint(mut self, hint: Option<String>) -> Self {
        self.hint = hint.or(self.hint);
        self
    }

    /// What is wrong, on one line.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Where, in bytes of the text.
    pub fn span(&self) -> Span {
        self.span
    }

    /// What to do instead, when something comes to mind.
    pub fn suggestion(&self) -> Option<&str> {
        self.hint.as_deref()
    }

    /// The part of the text around the place, and where in it, in characters, the place is.
    fn excerpt(&self) -> (String, usize, usize) {
        let before: Vec<char> = self.text.get(..self.span.start).unwrap_or("").chars().collect();
        let marked = self.text.get(self.span.start..self.span.end).unwrap_or("").chars().count();
        let skipped = before.len().saturating_sub(SHOWN);
        let mut line = String::from(if skipped > 0 { "..." } else { "" });
        let lead = line.len();
        line.extend(before.iter().skip(skipped).map(|c| plain(*c)));
        let column = lead + before.len() - skipped;
        let after = self.text.get(self.span.start..).unwrap_or("");
        line.extend(after.chars().take(SHOWN).map(plain));
        if after.chars().count() > SHOWN {
            line.push_str("...");
        }
        (line, column, marked.clamp(1, LONGEST_UNDERLINE))
    }
}

/// Control characters would move the caret, or worse, the terminal.
fn plain(c: char) -> char {
    match c {
        '\t' | '\n' | '\r' => ' ',
        c if c.is_control() => '\u{fffd}',
        c => c,
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (line, column, width) = self.excerpt();
        writeln!(f, "bad filter: {}", self.message)?;
        writeln!(f, "  {line}")?;
        write!(f, "  {:column$}{:^<width$}", "", "^")?;
        if let Some(hint) = &self.hint {
            write!(f, "\n  {hint}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}
