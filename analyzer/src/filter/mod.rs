//! Display filters: Wireshark 4.0's language, over the facts of one frame.
//!
//! ```text
//! text -> lexer -> parser -> Expr -> compile -> Node -> holds(&FrameFacts)
//! ```
//!
//! [`Filter::parse`] resolves names and checks types, so that [`Filter::matches`] can neither
//! fail nor allocate. A filter is text from outside: its length, its depth and the size of
//! its patterns are bounded.

pub use error::{Error, Span};
pub use fields::Field;
pub use kind::Kind;
pub use value::Value;

use crate::facts::FrameFacts;

pub mod ast;
mod compile;
mod error;
pub mod fields;
mod kind;
mod lexer;
mod literal;
mod parser;
mod program;
mod range;
mod time_literal;
mod unknown;
mod value;

#[cfg(test)]
mod tests;

/// A checked filter.
#[derive(Debug, Clone)]
pub struct Filter {
    program: program::Node,
}

impl Filter {
    /// Reads and checks a filter in the language of Wireshark 4.0 (wireshark-filter(4)).
    ///
    /// # Errors
    /// When the text breaks the grammar, names no known field, or compares what cannot be
    /// compared; the error shows the place.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let expr = parser::parse(text)?;
        Ok(Self { program: compile::compile(text, &expr)? })
    }

    /// Does the frame pass? Allocates nothing.
    pub fn matches(&self, facts: &FrameFacts<'_>) -> bool {
        self.program.holds(facts)
    }
}

/// The shape of a filter, without looking at its names and types.
///
/// # Errors
/// When the text breaks the grammar.
pub fn parse(text: &str) -> Result<ast::Expr, Error> {
    parser::parse(text)
}
