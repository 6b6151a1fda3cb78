//! Why a filter is refused: the place under a caret, what is wrong, and what was probably
//! meant. Filters come from people; nothing in here is about captures.

use std::fmt;

use super::excerpt::{Excerpt, Span};

/// A refused filter. Prints the message, the text with a caret under the place, and a hint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    text: String,
    span: Span,
    message: String,
    hint: Option<String>,
}

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
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "bad filter: {}", self.message)?;
        write!(f, "{}", Excerpt::of(&self.text, self.span))?;
        if let Some(hint) = &self.hint {
            write!(f, "\n  {hint}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}
