//! A checked filter, ready to run: fields are resolved, literals have their type, patterns
//! are compiled. Running it reads the fields that it needs from the frame's facts, stops at
//! the first value that decides, and allocates nothing.

use std::cmp::Ordering;

use regex::bytes::Regex;

use super::fields::Values;
use super::operand::Source;
use super::pass::Subject;
use super::value::{Value, contains};

/// A logical step.
#[derive(Debug, Clone)]
pub enum Node {
    /// All of them.
    And(Vec<Node>),
    /// One of them.
    Or(Vec<Node>),
    /// An odd number of them.
    Xor(Vec<Node>),
    /// Not it.
    Not(Box<Node>),
    /// There is a value.
    Exists(Source),
    /// There is a value other than zero.
    IsNonzero(Source),
    /// A comparison of values.
    Compare {
        /// The left side.
        left: Source,
        /// What must hold.
        relation: Relation,
        /// For one pair of values or for all pairs.
        every: bool,
        /// The right side.
        right: Source,
    },
    /// A value matches a pattern.
    Matches {
        /// What is searched.
        left: Source,
        /// The pattern.
        pattern: Regex,
        /// One value or all.
        every: bool,
    },
    /// A value is in a set.
    In {
        /// What is looked for.
        left: Source,
        /// The set.
        set: Vec<Element>,
        /// One value or all.
        every: bool,
    },
}

/// An element of a set.
#[derive(Debug, Clone)]
pub enum Element {
    /// One value.
    One(Source),
    /// From the first to the second, both included.
    Range(Source, Source),
}

/// What must hold between two values. Values that cannot be compared satisfy none but
/// [`Relation::NotEqual`] and [`Relation::NotDifferent`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    /// They are equal.
    Equal,
    /// They are different.
    Different,
    /// They are not equal.
    NotEqual,
    /// They are not different.
    NotDifferent,
    /// Left is greater.
    Greater,
    /// Left is not less.
    GreaterOrEqual,
    /// Left is less.
    Less,
    /// Left is not greater.
    LessOrEqual,
    /// Right occurs in left.
    Contains,
}

impl Node {
    /// Does it hold for a frame?
    pub fn holds(&self, subject: &Subject<'_, '_>) -> bool {
        match self {
            Self::And(parts) => parts.iter().all(|part| part.holds(subject)),
            Self::Or(parts) => parts.iter().any(|part| part.holds(subject)),
            Self::Xor(parts) => parts.iter().filter(|part| part.holds(subject)).count() % 2 == 1,
            Self::Not(inner) => !inner.holds(subject),
            Self::Exists(source) => source.visit(subject, &mut |_| true),
            Self::IsNonzero(source) => source.visit(subject, &mut |value| value.is_nonzero()),
            // Nearly every comparison is with a literal: the one value that it has is always there.
            Self::Compare { left, relation, every, right: Source::Literal(literal) } => {
                let right = literal.value();
                holds_for(left, *every, subject, &mut |value| relation.holds(value, right))
            }
            Self::Compare { left, relation, every, right } => {
                holds_for(left, *every, subject, &mut |a| {
                    holds_for(right, *every, subject, &mut |b| relation.holds(a, b))
                })
            }
            Self::Matches { left, pattern, every } => {
                holds_for(left, *every, subject, &mut |value| {
                    value.all_bytes().is_some_and(|bytes| pattern.is_match(bytes))
                })
            }
            // With `all`, every value must fit the same element: that is what Wireshark does.
            Self::In { left, set, every } => set.iter().any(|element| {
                holds_for(left, *every, subject, &mut |value| element.has(value, subject))
            }),
        }
    }
}

/// True when the test holds for one value, or, with `every`, for all of at least one.
fn holds_for(
    source: &Source,
    every: bool,
    subject: &Subject<'_, '_>,
    test: &mut Values<'_>,
) -> bool {
    if !every {
        return source.visit(subject, test);
    }
    let mut there = false;
    let failed = source.visit(subject, &mut |value| {
        there = true;
        !test(value)
    });
    there && !failed
}

impl Element {
    fn has(&self, value: Value<'_>, subject: &Subject<'_, '_>) -> bool {
        match self {
            Self::One(one) => one.visit(subject, &mut |other| Relation::Equal.holds(value, other)),
            Self::Range(low, high) => {
                low.visit(subject, &mut |low| Relation::GreaterOrEqual.holds(value, low))
                    && high.visit(subject, &mut |high| Relation::LessOrEqual.holds(value, high))
            }
        }
    }
}

impl Relation {
    fn holds(self, left: Value<'_>, right: Value<'_>) -> bool {
        if self == Self::Contains {
            return match (left.all_bytes(), right.own_bytes()) {
                (Some(haystack), Some(needle)) => contains(haystack, needle),
                _ => false,
            };
        }
        let order = left.compare(right);
        match self {
            Self::Equal => order == Some(Ordering::Equal),
            Self::NotEqual => order != Some(Ordering::Equal),
            Self::Different => order.is_some_and(Ordering::is_ne),
            Self::NotDifferent => !order.is_some_and(Ordering::is_ne),
            Self::Greater => order.is_some_and(Ordering::is_gt),
            Self::GreaterOrEqual => order.is_some_and(Ordering::is_ge),
            Self::Less => order.is_some_and(Ordering::is_lt),
            Self::LessOrEqual => order.is_some_and(Ordering::is_le),
            Self::Contains => false,
        }
    }
}
