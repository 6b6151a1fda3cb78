//! Why a condition is refused, or could not be decided: the place under a caret, what is wrong,
//! and what was probably meant. Conditions come from people; nothing in here is about captures.

use std::fmt;

pub use crate::filter::Span;
use crate::filter::excerpt::Excerpt;

/// A refused condition. Prints the message with line and column, the line with a caret under
/// the place, and a hint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    text: String,
    span: Span,
    message: String,
    hint: Option<String>,
    is_undecided: bool,
}

impl Error {
    /// A refusal at a place of `text`; of what lies outside of it, its end.
    pub(crate) fn new(text: &str, span: Span, message: impl Into<String>) -> Self {
        let start = text.floor_char_boundary(span.start);
        let span = Span::new(start, text.ceil_char_boundary(span.end).max(start));
        Self {
            text: text.to_owned(),
            span,
            message: message.into(),
            hint: None,
            is_undecided: false,
        }
    }

    /// With a line that says what to write instead, when something comes to mind.
    pub(crate) fn hint(mut self, hint: Option<String>) -> Self {
        self.hint = hint.or(self.hint);
        self
    }

    /// The condition is as it should be, but this capture does not let it be decided.
    pub(crate) fn undecided(mut self) -> Self {
        self.is_undecided = true;
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

    /// Line and column of the place, both from 1, the column in characters.
    pub fn place(&self) -> (usize, usize) {
        let before = self.text.get(..self.span.start).unwrap_or(&self.text);
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let column = before.get(line_start..).unwrap_or("").chars().count() + 1;
        (before.matches('\n').count() + 1, column)
    }

    /// The line of the place, with the place marked.
    fn excerpt(&self) -> Excerpt {
        let before = self.text.get(..self.span.start).unwrap_or(&self.text);
        let start = before.rfind('\n').map_or(0, |at| at + 1);
        let line = self.text.get(start..).unwrap_or("").lines().next().unwrap_or("");
        let within = |at: usize| at.saturating_sub(start).min(line.len());
        Excerpt::of(line, Span::new(within(self.span.start), within(self.span.end)))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (number, column) = self.place();
        let lead = if self.is_undecided { "cannot be decided" } else { "bad condition" };
        writeln!(f, "{lead}, line {number}, column {column}: {}", self.message)?;
        write!(f, "{}", self.excerpt())?;
        if let Some(hint) = &self.hint {
            write!(f, "\n  {hint}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}
