//! The shape of a filter before any name in it is resolved, and its normalised text.
//!
//! Printing an [`Expr`] and parsing the result gives an equal [`Expr`]; spans do not count
//! in comparisons.

use std::fmt;

use super::excerpt::Span;
use super::range::Ranges;

/// A logical expression.
#[derive(Debug, Clone, PartialEq)]
pub enum Expr {
    /// `a or b or c`
    Or(Vec<Expr>),
    /// `a xor b`
    Xor(Vec<Expr>),
    /// `a and b and c`
    And(Vec<Expr>),
    /// `not a`
    Not(Box<Expr>),
    /// `first op operand op operand ...`: true when each neighbouring pair is.
    Test {
        /// `any` or `all` in front, when written.
        quantifier: Option<Quantifier>,
        /// The leftmost operand.
        first: Operand,
        /// At least one operator with its right operand.
        rest: Vec<(Compare, Operand)>,
    },
    /// `subject in {..}`
    In {
        /// `any` or `all` in front, when written.
        quantifier: Option<Quantifier>,
        /// What is looked for.
        subject: Operand,
        /// The set, never empty.
        set: Vec<SetItem>,
    },
    /// An operand alone: does it exist (or, for `&` and the like, is it not zero)?
    Exists(Operand),
}

/// How many values of a field must satisfy a test.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quantifier {
    /// At least one.
    Any,
    /// Every one, and there is one.
    All,
}

/// Comparison operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compare {
    /// `==`, `eq`, `any_eq`
    AnyEqual,
    /// `===`, `all_eq`
    AllEqual,
    /// `!=`, `ne`, `all_ne`
    AllDiffer,
    /// `!==`, `~=`, `any_ne`
    AnyDiffer,
    /// `>`, `gt`
    Greater,
    /// `>=`, `ge`
    GreaterOrEqual,
    /// `<`, `lt`
    Less,
    /// `<=`, `le`
    LessOrEqual,
    /// `contains`
    Contains,
    /// `matches`, `~`
    Matches,
}

/// Arithmetic operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arithmetic {
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
    /// `%`
    Modulo,
    /// `&`, `bitwise_and`
    BitAnd,
}

/// Something that has values. Comparing ignores where it stood.
#[derive(Debug, Clone)]
pub struct Operand {
    /// What it is.
    pub kind: OperandKind,
    /// Where it stands in the text.
    pub span: Span,
}

impl PartialEq for Operand {
    fn eq(&self, other: &Self) -> bool {
        self.kind == other.kind
    }
}

/// The kinds of operands.
#[derive(Debug, Clone, PartialEq)]
pub enum OperandKind {
    /// A bare word: a field's name or a value, whichever fits.
    Word(String),
    /// `.name`: a field's name and nothing else.
    Identifier(String),
    /// `:value`: a value and nothing else, without its colon.
    Literal(String),
    /// `"text"` or `r"text"`, escapes resolved.
    Text(Vec<u8>),
    /// `'c'`
    Char(u8),
    /// `name#1`, `name#[1-2]`
    Layered(Box<Operand>, Ranges),
    /// `operand[ranges]`
    Slice(Box<Operand>, Ranges),
    /// `name(arguments)`
    Call(String, Vec<Operand>),
    /// `-operand`
    Negate(Box<Operand>),
    /// `left op right`
    Arithmetic(Arithmetic, Box<Operand>, Box<Operand>),
}

/// An element of a set.
#[derive(Debug, Clone, PartialEq)]
pub enum SetItem {
    /// `a`
    One(Operand),
    /// `a..b`, both included
    Range(Operand, Operand),
}

impl Compare {
    /// The sign.
    pub const fn sign(self) -> &'static str {
        match self {
            Self::AnyEqual => "==",
            Self::AllEqual => "===",
            Self::AllDiffer => "!=",
            Self::AnyDiffer => "!==",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Contains => "contains",
            Self::Matches => "matches",
        }
    }
}

impl Arithmetic {
    /// The sign.
    pub const fn sign(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::Modulo => "%",
            Self::BitAnd => "&",
        }
    }
}

impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Or(parts) => join(f, parts, " || "),
            Self::Xor(parts) => join(f, parts, " ^^ "),
            Self::And(parts) => join(f, parts, " && "),
            Self::Not(inner) => write!(f, "!{}", Grouped(inner)),
            Self::Test { quantifier, first, rest } => {
                write!(f, "{}{first}", prefix(*quantifier))?;
                rest.iter().try_for_each(|(op, right)| write!(f, " {} {right}", op.sign()))
            }
            Self::In { quantifier, subject, set } => {
                write!(f, "{}{subject} in {{", prefix(*quantifier))?;
                for (index, item) in set.iter().enumerate() {
                    let comma = if index > 0 { ", " } else { "" };
                    match item {
                        SetItem::One(value) => write!(f, "{comma}{value}")?,
                        SetItem::Range(low, high) => write!(f, "{comma}{low} .. {high}")?,
                    }
                }
                f.write_str("}")
            }
            Self::Exists(operand) => operand.fmt(f),
        }
    }
}

fn prefix(quantifier: Option<Quantifier>) -> &'static str {
    match quantifier {
        None => "",
        Some(Quantifier::Any) => "any ",
        Some(Quantifier::All) => "all ",
    }
}

fn join(f: &mut fmt::Formatter<'_>, parts: &[Expr], sign: &str) -> fmt::Result {
    for (index, part) in parts.iter().enumerate() {
        write!(f, "{}{}", if index > 0 { sign } else { "" }, Grouped(part))?;
    }
    Ok(())
}

/// An expression, in parentheses when it is made of several.
struct Grouped<'e>(&'e Expr);

impl fmt::Display for Grouped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Expr::Not(_) | Expr::Exists(_) => self.0.fmt(f),
            inner => write!(f, "({inner})"),
        }
    }
}

impl fmt::Display for Operand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            OperandKind::Word(word) => f.write_str(word),
            OperandKind::Identifier(name) => write!(f, ".{name}"),
            OperandKind::Literal(value) => write!(f, ":{value}"),
            OperandKind::Text(bytes) => quoted(f, bytes, '"'),
            OperandKind::Char(byte) => quoted(f, &[*byte], '\''),
            OperandKind::Layered(base, ranges) => write!(f, "{base}#[{ranges}]"),
            OperandKind::Slice(base, ranges) => write!(f, "{base}[{ranges}]"),
            OperandKind::Call(name, arguments) => {
                write!(f, "{name}(")?;
                for (index, argument) in arguments.iter().enumerate() {
                    write!(f, "{}{argument}", if index > 0 { ", " } else { "" })?;
                }
                f.write_str(")")
            }
            OperandKind::Negate(inner) => write!(f, "{{-{inner}}}"),
            OperandKind::Arithmetic(op, left, right) => {
                write!(f, "{{{left} {} {right}}}", op.sign())
            }
        }
    }
}

/// Bytes as the lexer reads them back.
fn quoted(f: &mut fmt::Formatter<'_>, bytes: &[u8], quote: char) -> fmt::Result {
    write!(f, "{quote}")?;
    for byte in bytes {
        match byte {
            b'"' | b'\'' | b'\\' => write!(f, "\\{}", char::from(*byte))?,
            0x20..=0x7e => write!(f, "{}", char::from(*byte))?,
            _ => write!(f, "\\x{byte:02x}")?,
        }
    }
    write!(f, "{quote}")
}
