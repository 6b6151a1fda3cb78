//! The sides of a comparison, ready to run: fields, literals, and what is made of them. Each
//! hands out its values one by one.

use std::cmp::Ordering;

use arrayvec::{ArrayString, ArrayVec};

use super::ast::Arithmetic;
use super::fields::{Field, Values};
use super::pass::Subject;
use super::range::Ranges;
use super::value::{Literal, Value};

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
