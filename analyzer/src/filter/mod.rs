//! Display filters: Wireshark 4.0's language, over the facts of one frame.
//!
//! ```text
//! text -> lexer -> parser -> Expr -> compile -> Node -> holds(&FrameFacts)
//! ```
//!
//! [`Filter::parse`] resolves names and checks types, so that [`Filter::matches`] cannot fail.
//! What only the frames before can tell (messages across segments, stream numbers of UDP) is
//! kept in a `Pass`, and only for the fields that the filter names: one that stays with
//! the layers up to TCP remembers and allocates nothing. A filter is text from outside: its
//! length, its depth and the size of its patterns are bounded.

pub use error::Error;
pub use excerpt::Span;
pub use fields::Field;
pub use kind::Kind;
pub use value::Value;

use crate::facts::{FrameFacts, SegmentFacts};

pub mod ast;
mod compile;
mod error;
pub(crate) mod excerpt;
pub mod fields;
mod gate;
mod kind;
mod lexer;
mod literal;
mod operand;
mod parser;
mod pass;
mod program;
mod range;
mod time_literal;
mod unknown;
mod value;

#[cfg(test)]
mod tests;

/// A checked filter.
///
/// It goes along with one pass over one capture; a clone of an unused one goes with the next.
#[derive(Debug, Clone)]
pub struct Filter {
    program: program::Node,
    pass: pass::Pass,
    /// What turns frames away that need not be looked at.
    gate: Option<gate::Gate>,
}

impl Filter {
    /// Reads and checks a filter in the language of Wireshark 4.0 (wireshark-filter(4)).
    ///
    /// # Errors
    /// When the text breaks the grammar, names no known field, or compares what cannot be
    /// compared; the error shows the place.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let expr = parser::parse(text)?;
        let (program, needs) = compile::compile(text, &expr)?;
        // What must be remembered of each frame needs its layers.
        let gate = if needs.is_empty() { gate::Gate::before(&program) } else { None };
        Ok(Self { program, pass: pass::Pass::new(needs), gate })
    }

    /// For a capture whose format numbers no interfaces, such as classic pcap: fields of
    /// interfaces are not there, then.
    #[must_use]
    pub fn without_interfaces(mut self) -> Self {
        self.pass.has_no_interfaces();
        self
    }

    /// True when [`Self::may_match`] can say no.
    pub fn has_gate(&self) -> bool {
        self.gate.is_some()
    }

    /// True when the frame of a segment without a verdict surely does not pass.
    pub fn needs_verdict(&self) -> bool {
        self.gate.as_ref().is_some_and(gate::Gate::needs_verdict)
    }

    /// False when the frame surely does not pass, as far as its segment alone tells: it need not
    /// be shown then.
    #[inline]
    pub fn may_match(&self, facts: &SegmentFacts<'_>) -> bool {
        let gate = self.gate.as_ref();
        gate.is_none_or(|gate| gate.admits(facts.segment, facts.analysis))
    }

    /// Does the frame pass? Every frame of the capture must be shown, once and in order, but for
    /// those that [`Self::may_match`] turned away.
    /// Allocates nothing, except that fields above TCP and UDP keep their messages.
    pub fn matches(&mut self, facts: &FrameFacts<'_>) -> bool {
        self.pass.observe(facts);
        let selected = self.program.holds(&pass::Subject { facts, pass: &self.pass });
        if selected {
            self.pass.select(facts);
        }
        selected
    }
}

/// The shape of a filter, without looking at its names and types.
///
/// # Errors
/// When the text breaks the grammar.
pub fn parse(text: &str) -> Result<ast::Expr, Error> {
    parser::parse(text)
}
