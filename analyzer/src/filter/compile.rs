//! An [`Expr`] to a [`Node`]: names are resolved, types are checked, literals are read as
//! what they are compared with. What passes here cannot fail when it runs.

use std::cell::Cell;

use regex::bytes::RegexBuilder;

use super::ast::{Arithmetic, Compare, Expr, Operand, OperandKind, Quantifier, SetItem};
use super::error::Error;
use super::excerpt::Span;
use super::fields;
use super::kind::Kind;
use super::literal::{self, Names, Written};
use super::operand::Source;
use super::pass::Needs;
use super::program::{Element, Node, Relation};
use super::unknown;
use super::value::{Literal, Value};

mod functions;

/// Memory that one compiled pattern may take.
const MAX_PATTERN: usize = 1 << 20;

/// Checks a whole filter; answers also what must be remembered to run it.
pub fn compile(text: &str, expr: &Expr) -> Result<(Node, Needs), Error> {
    let compiler = Compiler { text, needs: Cell::new(Needs::empty()) };
    let node = compiler.node(expr)?;
    Ok((node, compiler.needs.get()))
}

struct Compiler<'t> {
    text: &'t str,
    needs: Cell<Needs>,
}

/// An operand that has a type of its own.
struct Typed {
    source: Source,
    kind: Kind,
    names: Names,
}

impl Compiler<'_> {
    fn error(&self, span: Span, message: impl Into<String>) -> Error {
        Error::new(self.text, span, message)
    }

    fn node(&self, expr: &Expr) -> Result<Node, Error> {
        let all = |parts: &[Expr]| -> Result<Vec<Node>, Error> {
            parts.iter().map(|part| self.node(part)).collect()
        };
        match expr {
            Expr::Or(parts) => all(parts).map(Node::Or),
            Expr::Xor(parts) => all(parts).map(Node::Xor),
            Expr::And(parts) => all(parts).map(Node::And),
            Expr::Not(inner) => Ok(Node::Not(Box::new(self.node(inner)?))),
            Expr::Test { quantifier, first, rest } => self.test(*quantifier, first, rest),
            Expr::In { quantifier, subject, set } => self.set(*quantifier, subject, set),
            Expr::Exists(operand) => self.exists(operand),
        }
    }

    fn exists(&self, operand: &Operand) -> Result<Node, Error> {
        let typed = self.left_side(operand)?;
        match operand.kind {
            OperandKind::Call(..) => Err(self
                .error(operand.span, "a function alone says nothing")
                .hint("compare its result, for example len(tcp.payload) > 10")),
            OperandKind::Arithmetic(..) => Ok(Node::IsNonzero(typed.source)),
            _ => Ok(Node::Exists(typed.source)),
        }
    }

    /// `a < b < c` means `a < b and b < c`.
    fn test(
        &self,
        quantifier: Option<Quantifier>,
        first: &Operand,
        rest: &[(Compare, Operand)],
    ) -> Result<Node, Error> {
        let mut left = first;
        let mut nodes = Vec::new();
        for (op, right) in rest {
            nodes.push(self.comparison(quantifier, left, *op, right)?);
            left = right;
        }
        match nodes.pop() {
            Some(only) if nodes.is_empty() => Ok(only),
            Some(last) => {
                nodes.push(last);
                Ok(Node::And(nodes))
            }
            None => Err(self.error(first.span, "a comparison is missing")),
        }
    }

    fn comparison(
        &self,
        quantifier: Option<Quantifier>,
        left: &Operand,
        op: Compare,
        right: &Operand,
    ) -> Result<Node, Error> {
        let typed = self.left_side(left)?;
        self.check_operator(&typed, left, op)?;
        let every = quantifier == Some(Quantifier::All);
        if op == Compare::Matches {
            return self.pattern(typed, right, every);
        }
        let right = if op == Compare::Contains {
            self.needle(&typed, left, right)?
        } else {
            self.right_side(&typed, left, right)?
        };
        let (relation, every) = match (op, quantifier) {
            (Compare::AnyEqual, None) => (Relation::Equal, false),
            (Compare::AllEqual, None) => (Relation::NotDifferent, true),
            (Compare::AllDiffer, None) => (Relation::NotEqual, true),
            (Compare::AnyDiffer, None) => (Relation::Different, false),
            (Compare::AnyEqual | Compare::AllEqual, Some(Quantifier::All)) => {
                (Relation::NotDifferent, true)
            }
            (Compare::AllDiffer | Compare::AnyDiffer, Some(Quantifier::All)) => {
                (Relation::NotEqual, true)
            }
            (Compare::AnyEqual | Compare::AllEqual, _) => (Relation::Equal, false),
            (Compare::AllDiffer | Compare::AnyDiffer, _) => (Relation::Different, false),
            (Compare::Greater, _) => (Relation::Greater, every),
            (Compare::GreaterOrEqual, _) => (Relation::GreaterOrEqual, every),
            (Compare::Less, _) => (Relation::Less, every),
            (Compare::LessOrEqual, _) => (Relation::LessOrEqual, every),
            (Compare::Contains | Compare::Matches, _) => (Relation::Contains, every),
        };
        Ok(Node::Compare { left: typed.source, relation, every, right })
    }

    fn check_operator(&self, typed: &Typed, left: &Operand, op: Compare) -> Result<(), Error> {
        let fits = match op {
            Compare::Contains | Compare::Matches => typed.kind.is_searchable(),
            _ => typed.kind != Kind::Label,
        };
        if fits {
            return Ok(());
        }
        let message = format!("`{left}` ({}) cannot be used with `{}`", typed.kind, op.sign());
        let hint = match typed.kind {
            Kind::Label => format!("a label is there or not: write {left}, or !{left}"),
            _ => "contains and matches search text, bytes and protocols".to_owned(),
        };
        Err(self.error(left.span, message).hint(hint))
    }

    fn pattern(&self, left: Typed, right: &Operand, every: bool) -> Result<Node, Error> {
        let OperandKind::Text(bytes) = &right.kind else {
            return Err(self.error(right.span, "matches needs a pattern in double quotes"));
        };
        let pattern = pattern_text(bytes);
        let built = RegexBuilder::new(&pattern)
            .case_insensitive(true)
            .unicode(false)
            .size_limit(MAX_PATTERN)
            .dfa_size_limit(MAX_PATTERN)
            .nest_limit(64)
            .build();
        let pattern = built.map_err(|cause| {
            let why = cause.to_string();
            let why = why.lines().last().unwrap_or("").trim().trim_start_matches("error: ");
            self.error(right.span, format!("this is not a pattern: {why}"))
                .hint("look-around and back-references are not supported")
        })?;
        Ok(Node::Matches { left: left.source, pattern, every })
    }

    fn set(
        &self,
        quantifier: Option<Quantifier>,
        subject: &Operand,
        set: &[SetItem],
    ) -> Result<Node, Error> {
        let typed = self.left_side(subject)?;
        self.check_operator(&typed, subject, Compare::AnyEqual)?;
        let one = |operand| self.right_side(&typed, subject, operand);
        let elements = set.iter().map(|item| match item {
            SetItem::One(value) => Ok(Element::One(one(value)?)),
            SetItem::Range(low, high) => Ok(Element::Range(one(low)?, one(high)?)),
        });
        let set = elements.collect::<Result<_, Error>>()?;
        Ok(Node::In { left: typed.source, set, every: quantifier == Some(Quantifier::All) })
    }

    /// An operand that must have a type of its own.
    fn left_side(&self, operand: &Operand) -> Result<Typed, Error> {
        match self.typed(operand)? {
            Some(typed) => Ok(typed),
            None => match &operand.kind {
                OperandKind::Word(word) if !word.starts_with(|c: char| c.is_ascii_digit()) => {
                    Err(unknown::name(self.text, operand.span, word))
                }
                _ => Err(self
                    .error(operand.span, "a field must stand here, not a value")
                    .hint("write the field on the left: tcp.port == 80")),
            },
        }
    }

    /// An operand with a type of its own; `None` for a value, which takes the type of what it
    /// is compared with.
    fn typed(&self, operand: &Operand) -> Result<Option<Typed>, Error> {
        let typed = match &operand.kind {
            OperandKind::Word(name) => match fields::find(name) {
                Some(field) => self.field(field),
                None => return Ok(None),
            },
            OperandKind::Identifier(name) => match fields::find(name) {
                Some(field) => self.field(field),
                None => return Err(unknown::name(self.text, operand.span, name)),
            },
            OperandKind::Literal(_) | OperandKind::Text(_) | OperandKind::Char(_) => {
                return Ok(None);
            }
            OperandKind::Layered(base, ranges) => {
                let typed = self.left_side(base)?;
                let Source::Field(field, _) = typed.source else {
                    return Err(self.error(operand.span, "only fields have layers"));
                };
                Typed { source: Source::Field(field, Some(ranges.clone())), ..typed }
            }
            OperandKind::Slice(base, ranges) => {
                let typed = self.left_side(base)?;
                if !typed.kind.is_sliceable() {
                    let message = format!("`{base}` ({}) has no bytes to slice", typed.kind);
                    return Err(self.error(operand.span, message));
                }
                let source = Source::Slice(Box::new(typed.source), ranges.clone());
                Typed { source, kind: Kind::Bytes, names: &[] }
            }
            OperandKind::Call(name, arguments) => self.call(operand.span, name, arguments)?,
            OperandKind::Negate(inner) => match self.typed(inner)? {
                Some(typed) => self.negated(inner, typed)?,
                None => return Ok(None),
            },
            OperandKind::Arithmetic(op, left, right) => {
                return self.arithmetic(operand.span, *op, left, right);
            }
        };
        Ok(Some(typed))
    }

    fn field(&self, field: fields::Field) -> Typed {
        self.needs.set(self.needs.get() | field.needs);
        Typed { source: Source::Field(field, None), kind: field.kind, names: field.names }
    }

    fn negated(&self, inner: &Operand, typed: Typed) -> Result<Typed, Error> {
        if !typed.kind.is_integer() && !typed.kind.is_time() {
            let message = format!("`{inner}` ({}) has no sign", typed.kind);
            return Err(self.error(inner.span, message));
        }
        Ok(Typed { source: Source::Negate(Box::new(typed.source)), ..typed })
    }

    fn arithmetic(
        &self,
        span: Span,
        op: Arithmetic,
        left: &Operand,
        right: &Operand,
    ) -> Result<Option<Typed>, Error> {
        let (a, b) = (self.typed(left)?, self.typed(right)?);
        let Some(kind) = a.as_ref().or(b.as_ref()).map(|typed| typed.kind) else {
            return Ok(None);
        };
        self.check_arithmetic(span, op, kind)?;
        let source = |typed: Option<Typed>, operand: &Operand| match typed {
            Some(typed) if typed.kind.is_comparable_with(kind) => Ok(typed.source),
            Some(typed) => {
                let message = format!("{kind} and {} do not go together", typed.kind);
                Err(self.error(operand.span, message))
            }
            None => self.value(operand, kind, &[], false),
        };
        let (a, b) = (source(a, left)?, source(b, right)?);
        let source = Source::Arithmetic(op, Box::new(a), Box::new(b));
        // Of bytes, & leaves a number.
        let kind = if kind == Kind::Bytes { Kind::Unsigned(64) } else { kind };
        Ok(Some(Typed { source, kind, names: &[] }))
    }

    fn check_arithmetic(&self, span: Span, op: Arithmetic, kind: Kind) -> Result<(), Error> {
        let fits = match op {
            Arithmetic::BitAnd => {
                kind.is_integer() || matches!(kind, Kind::Ipv4 | Kind::Ipv6 | Kind::Bytes)
            }
            Arithmetic::Add | Arithmetic::Subtract => kind.is_integer() || kind.is_time(),
            _ => kind.is_integer(),
        };
        if fits {
            return Ok(());
        }
        Err(self.error(span, format!("`{}` cannot be used here: {kind}", op.sign())))
    }

    /// The right side of a comparison: a field that fits, or a value of the left side's type.
    fn right_side(&self, left: &Typed, at: &Operand, right: &Operand) -> Result<Source, Error> {
        if let Some(typed) = self.typed(right)? {
            if left.kind.is_comparable_with(typed.kind) {
                return Ok(typed.source);
            }
            let message =
                format!("`{at}` ({}) and `{right}` ({}) cannot be compared", left.kind, typed.kind);
            return Err(self.error(at.span.to(right.span), message));
        }
        let is_exact = matches!(left.source, Source::Field(..));
        self.value(right, left.kind, left.names, is_exact)
    }

    /// The right side of `contains`: bytes of any length.
    fn needle(&self, left: &Typed, at: &Operand, right: &Operand) -> Result<Source, Error> {
        let kind = match left.kind {
            Kind::Ether if !matches!(right.kind, OperandKind::Text(_)) => Kind::Bytes,
            kind => kind,
        };
        let left = Typed { source: left.source.clone(), kind, names: &[] };
        self.right_side(&left, at, right)
    }

    /// A value of a type. With `is_exact` a negative number for an unsigned field is allowed
    /// and equals nothing, as in Wireshark.
    fn value(
        &self,
        operand: &Operand,
        kind: Kind,
        names: Names,
        is_exact: bool,
    ) -> Result<Source, Error> {
        let written = match &operand.kind {
            OperandKind::Word(word) => Written::Word(word),
            OperandKind::Literal(word) if kind.is_bytes() || kind == Kind::Protocol => {
                Written::Word(word)
            }
            OperandKind::Literal(_) => {
                let message = format!("a colon in front is for bytes, not for {kind}");
                return Err(self.error(operand.span, message));
            }
            OperandKind::Text(bytes) => Written::Text(bytes),
            OperandKind::Char(byte) => Written::Char(*byte),
            OperandKind::Negate(inner) => return self.negative(inner, kind, is_exact),
            OperandKind::Arithmetic(op, left, right) => {
                self.check_arithmetic(operand.span, *op, kind)?;
                let left = self.value(left, kind, &[], false)?;
                let right = self.value(right, kind, &[], false)?;
                return Ok(Source::Arithmetic(*op, Box::new(left), Box::new(right)));
            }
            _ => return Err(self.error(operand.span, "a value must stand here")),
        };
        literal::read(written, kind, names).map(Source::Literal).map_err(|message| {
            let error = self.error(operand.span, message);
            match written {
                Written::Word(word) => error.maybe_hint(unknown::hint(word)),
                _ => error,
            }
        })
    }

    fn negative(&self, inner: &Operand, kind: Kind, is_exact: bool) -> Result<Source, Error> {
        if !kind.is_integer() && !kind.is_time() {
            return Err(self.error(inner.span, format!("{kind}: there is no negative one")));
        }
        let source = match kind {
            // The lowest signed number has no positive twin of the same size.
            Kind::Signed(bits) => self.value(inner, Kind::Signed(bits + 1), &[], false)?,
            _ => self.value(inner, kind, &[], false)?,
        };
        let is_zero = matches!(source, Source::Literal(Literal::Plain(Value::Integer(0))));
        if is_exact && !is_zero && matches!(kind, Kind::Unsigned(_) | Kind::FrameNumber) {
            return Ok(Source::Literal(Literal::Plain(Value::Never)));
        }
        Ok(Source::Negate(Box::new(source)))
    }
}

/// A pattern may hold any byte; those that are not ASCII are written as escapes, so that one
/// byte of the pattern is one byte of the traffic.
fn pattern_text(bytes: &[u8]) -> String {
    let mut pattern = String::with_capacity(bytes.len());
    for byte in bytes {
        if byte.is_ascii() {
            pattern.push(char::from(*byte));
        } else {
            pattern.push_str(&format!("\\x{byte:02x}"));
        }
    }
    pattern
}
