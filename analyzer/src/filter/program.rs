//! A checked filter, ready to run: fields are resolved, literals have their type, patterns
//! are compiled. Running it reads the fields that it needs from the frame's facts, stops at
//! the first value that decides, and allocates nothing.

use std::cmp::Ordering;

use arrayvec::{ArrayString, ArrayVec};
use regex::bytes::Regex;

use super::ast::Arithmetic;
use super::fields::{Field, Values};
use super::pass::Subject;
use super::range::Ranges;
use super::value::{Literal, Value, contains};

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

/// Something that yields values.
#[derive(Debug, Clone)]
pub enum Source {
    /// A field, perhaps of some layers only.
    Field(Field, Option<Ranges>),
    /// A value from the filter's text.
    Literal(Literal),
    /// Parts of the bytes of each value.
    Slice(Box<Source>, Ranges),
    /// Each value, negated.
    Negate(Box<Source>),
    /// Each pair of values.
    Arithmetic(Arithmetic, Box<Source>, Box<Source>),
    /// A function of each value of its argument.
    Map(Map, Box<Source>),
    /// The number of values.
    Count(Box<Source>),
    /// The greatest or least of all values of all arguments.
    Extreme(Ordering, Vec<Source>),
}

/// Functions of one value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Map {
    /// Length in bytes; values of fixed size have this one.
    Len(usize),
    /// Upper case.
    Upper,
    /// Lower case.
    Lower,
    /// Without its sign.
    Abs,
    /// As text, in this notation.
    Text(Notation),
}

/// How `string()` writes a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notation {
    /// Numbers in decimal, addresses as usual.
    Plain,
    /// Six bytes with colons.
    Ether,
}

/// Longest text that `upper`, `lower` and joined slices work on; the rest is not seen.
const MAX_CHANGED: usize = 16 * 1024;

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

impl Source {
    /// Hands out the values, until the sink says stop; true when it did.
    pub fn visit(&self, subject: &Subject<'_, '_>, sink: &mut Values<'_>) -> bool {
        match self {
            Self::Field(field, None) => field.visit(subject, &mut |value, _| sink(value)),
            Self::Field(field, Some(layers)) => visit_layers(field, layers, subject, sink),
            Self::Literal(literal) => sink(literal.value()),
            Self::Slice(inner, ranges) => {
                inner.visit(subject, &mut |value| visit_slice(value, ranges, sink))
            }
            Self::Negate(inner) => inner.visit(subject, &mut |value| match value {
                Value::Integer(number) => sink(Value::Integer(-number)),
                Value::Time(nanos) => sink(Value::Time(-nanos)),
                _ => false,
            }),
            Self::Arithmetic(op, left, right) => left.visit(subject, &mut |a| {
                right.visit(subject, &mut |b| calculate(*op, a, b).is_some_and(&mut *sink))
            }),
            Self::Map(map, inner) => inner.visit(subject, &mut |value| map.apply(value, sink)),
            Self::Count(inner) => {
                let mut count = 0;
                inner.visit(subject, &mut |_| {
                    count += 1;
                    false
                });
                count > 0 && sink(Value::Integer(count))
            }
            Self::Extreme(wanted, inner) => visit_extreme(*wanted, inner, subject, sink),
        }
    }
}

fn visit_layers(
    field: &Field,
    layers: &Ranges,
    subject: &Subject<'_, '_>,
    sink: &mut Values<'_>,
) -> bool {
    let mut count = 0;
    field.visit(subject, &mut |_, number| {
        count = count.max(number);
        false
    });
    field.visit(subject, &mut |value, number| layers.has_layer(number, count) && sink(value))
}

fn visit_slice(value: Value<'_>, ranges: &Ranges, sink: &mut Values<'_>) -> bool {
    let (v4, v6);
    let bytes = match value {
        Value::Ipv4(address, _) => {
            v4 = address.to_be_bytes();
            &v4[..]
        }
        Value::Ipv6(address, _) => {
            v6 = address.to_be_bytes();
            &v6[..]
        }
        _ => match value.own_bytes() {
            Some(bytes) => bytes,
            None => return false,
        },
    };
    if ranges.is_single() {
        let part = ranges.resolve(bytes.len()).next().and_then(|range| bytes.get(range));
        return part.is_some_and(|part| sink(Value::Bytes(part)));
    }
    let mut joined = ArrayVec::<u8, MAX_CHANGED>::new();
    for range in ranges.resolve(bytes.len()) {
        let part = bytes.get(range).unwrap_or(&[]);
        let room = joined.remaining_capacity().min(part.len());
        joined.extend(part.iter().take(room).copied());
    }
    !joined.is_empty() && sink(Value::Bytes(&joined))
}

/// The result of an operation; `None` for a division by zero and beyond the range.
fn calculate(op: Arithmetic, left: Value<'_>, right: Value<'_>) -> Option<Value<'static>> {
    let whole = |a: i128, b: i128| match op {
        Arithmetic::Add => a.checked_add(b),
        Arithmetic::Subtract => a.checked_sub(b),
        Arithmetic::Multiply => a.checked_mul(b),
        Arithmetic::Divide => a.checked_div(b),
        Arithmetic::Modulo => a.checked_rem(b),
        Arithmetic::BitAnd => Some(a & b),
    };
    match (left, right) {
        (Value::Integer(a), Value::Integer(b)) => whole(a, b).map(Value::Integer),
        (Value::Time(a), Value::Time(b)) => whole(a, b).map(Value::Time),
        (Value::Ipv4(a, _), Value::Ipv4(b, mask)) => Some(Value::ipv4(a & b & mask)),
        (Value::Ipv6(a, _), Value::Ipv6(b, mask)) => Some(Value::ipv6(a & b & mask)),
        (Value::Bytes(a), Value::Bytes(b)) => bitwise_bytes(a, b),
        _ => None,
    }
}

/// `tcp[13] & 2`: of byte sequences only those of equal length can be combined, and what
/// counts is whether a bit is left.
fn bitwise_bytes(left: &[u8], right: &[u8]) -> Option<Value<'static>> {
    if left.len() != right.len() || left.len() > 15 {
        return None;
    }
    let combined = left.iter().zip(right).fold(0, |sum, (a, b)| sum << 8 | i128::from(a & b));
    Some(Value::Integer(combined))
}

impl Map {
    fn apply(self, value: Value<'_>, sink: &mut Values<'_>) -> bool {
        match self {
            Self::Len(width) => sink(Value::Integer(value.len(width) as i128)),
            Self::Abs => match value {
                Value::Integer(number) => sink(Value::Integer(number.abs())),
                Value::Time(nanos) => sink(Value::Time(nanos.abs())),
                _ => false,
            },
            Self::Upper | Self::Lower => {
                let Some(text) = value.own_bytes() else { return false };
                let change = |byte: &u8| match self {
                    Self::Upper => byte.to_ascii_uppercase(),
                    _ => byte.to_ascii_lowercase(),
                };
                let changed: ArrayVec<u8, MAX_CHANGED> =
                    text.iter().take(MAX_CHANGED).map(change).collect();
                sink(Value::Text(&changed))
            }
            Self::Text(notation) => {
                let mut text = ArrayString::<64>::new();
                notation.write(value, &mut text).is_ok() && sink(Value::Text(text.as_bytes()))
            }
        }
    }
}

impl Notation {
    fn write(self, value: Value<'_>, out: &mut dyn std::fmt::Write) -> std::fmt::Result {
        match value {
            Value::Integer(number) => write!(out, "{number}"),
            Value::Ipv4(address, _) => write!(out, "{}", std::net::Ipv4Addr::from(address)),
            Value::Ipv6(address, _) => write!(out, "{}", std::net::Ipv6Addr::from(address)),
            Value::Bytes(bytes) if self == Self::Ether => {
                bytes.iter().enumerate().try_for_each(|(index, byte)| {
                    write!(out, "{}{byte:02x}", if index > 0 { ":" } else { "" })
                })
            }
            _ => Err(std::fmt::Error),
        }
    }
}

/// Finds the extreme in two passes, because a value cannot be kept beyond its visit: the
/// first counts how many values stay behind each one; the winner is the one that no other
/// beats.
fn visit_extreme(
    wanted: Ordering,
    inner: &[Source],
    subject: &Subject<'_, '_>,
    sink: &mut Values<'_>,
) -> bool {
    inner.iter().any(|candidates| {
        candidates.visit(subject, &mut |candidate| {
            let is_beaten = inner.iter().any(|others| {
                others.visit(subject, &mut |other| other.compare(candidate) == Some(wanted))
            });
            !is_beaten && sink(candidate)
        })
    })
}
