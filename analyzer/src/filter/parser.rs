//! Tokens to an [`Expr`], by Wireshark 4.0's grammar: `not` binds tighter than `and`, `and`
//! than `xor`, `xor` than `or`; comparisons tighter than all of these; `&` looser than `+`,
//! `+` looser than `*`. Parentheses group logic, braces group arithmetic.

use super::ast::{Arithmetic, Compare, Expr, Operand, OperandKind, Quantifier, SetItem};
use super::error::Error;
use super::excerpt::Span;
use super::lexer::{Token, TokenKind, tokens};
use super::range::Ranges;

/// Longest accepted text in bytes.
pub const MAX_TEXT: usize = 16 * 1024;
/// Deepest accepted nesting of groups, signs and operators.
pub const MAX_DEPTH: usize = 64;

/// Most arithmetic operators and slices; each may nest the one before.
pub const MAX_OPERATORS: usize = 256;

/// Reads a filter.
///
/// # Errors
/// When the text does not follow the grammar, is too long or too deeply nested.
pub fn parse(text: &str) -> Result<Expr, Error> {
    if text.len() > MAX_TEXT {
        let message = format!("the filter has {} bytes, the limit is {MAX_TEXT}", text.len());
        return Err(Error::new("", Span::default(), message));
    }
    let mut parser = Parser { text, tokens: tokens(text)?, position: 0, depth: 0, operators: 0 };
    let expr = parser.or()?;
    match parser.peek() {
        TokenKind::End => Ok(expr),
        _ => Err(parser.unexpected("the end, or and, or")),
    }
}

struct Parser<'t> {
    text: &'t str,
    tokens: Vec<Token>,
    position: usize,
    depth: usize,
    operators: usize,
}

impl<'t> Parser<'t> {
    fn peek(&self) -> &TokenKind {
        self.tokens.get(self.position).map_or(&TokenKind::End, |token| &token.kind)
    }

    fn peek_after(&self) -> &TokenKind {
        self.tokens.get(self.position + 1).map_or(&TokenKind::End, |token| &token.kind)
    }

    fn span(&self) -> Span {
        let end = Span::new(self.text.len(), self.text.len());
        self.tokens.get(self.position).map_or(end, |token| token.span)
    }

    fn advance(&mut self) {
        self.position += 1;
    }

    fn eat(&mut self, kind: &TokenKind) -> bool {
        let found = self.peek() == kind;
        if found {
            self.advance();
        }
        found
    }

    fn expect(&mut self, kind: &TokenKind, expected: &str) -> Result<(), Error> {
        if self.eat(kind) { Ok(()) } else { Err(self.unexpected(expected)) }
    }

    fn slice(&self, span: Span) -> &'t str {
        self.text.get(span.start..span.end).unwrap_or("")
    }

    fn unexpected(&self, expected: &str) -> Error {
        let span = self.span();
        let message = match self.peek() {
            TokenKind::End => format!("the filter ends where {expected} is expected"),
            _ => format!("`{}` stands where {expected} is expected", self.slice(span)),
        };
        Error::new(self.text, span, message)
    }

    /// Runs a rule one level deeper.
    fn nested<T>(&mut self, rule: impl Fn(&mut Self) -> Result<T, Error>) -> Result<T, Error> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            let message = format!("nested more than {MAX_DEPTH} deep");
            return Err(Error::new(self.text, self.span(), message));
        }
        let result = rule(self);
        self.depth -= 1;
        result
    }

    fn or(&mut self) -> Result<Expr, Error> {
        self.series(&TokenKind::Or, Expr::Or, Self::xor)
    }

    fn xor(&mut self) -> Result<Expr, Error> {
        self.series(&TokenKind::Xor, Expr::Xor, Self::and)
    }

    fn and(&mut self) -> Result<Expr, Error> {
        self.series(&TokenKind::And, Expr::And, Self::not)
    }

    /// One or more parts with the same sign between them.
    fn series(
        &mut self,
        sign: &TokenKind,
        build: fn(Vec<Expr>) -> Expr,
        part: fn(&mut Self) -> Result<Expr, Error>,
    ) -> Result<Expr, Error> {
        let first = part(self)?;
        if self.peek() != sign {
            return Ok(first);
        }
        let mut parts = vec![first];
        while self.eat(sign) {
            parts.push(part(self)?);
        }
        Ok(build(parts))
    }

    fn not(&mut self) -> Result<Expr, Error> {
        if self.eat(&TokenKind::Not) {
            return Ok(Expr::Not(Box::new(self.nested(Self::not)?)));
        }
        if self.eat(&TokenKind::OpenParenthesis) {
            let inner = self.nested(Self::or)?;
            self.expect(&TokenKind::CloseParenthesis, "and, or, )")?;
            return Ok(inner);
        }
        self.test()
    }

    fn test(&mut self) -> Result<Expr, Error> {
        let quantifier = match self.peek() {
            TokenKind::Any => Some(Quantifier::Any),
            TokenKind::All => Some(Quantifier::All),
            _ => None,
        };
        if quantifier.is_some() {
            self.advance();
        }
        let first = self.operand()?;
        if self.eat(&TokenKind::In) {
            return self.set(quantifier, first);
        }
        if *self.peek() == TokenKind::Not && *self.peek_after() == TokenKind::In {
            self.advance();
            self.advance();
            return Ok(Expr::Not(Box::new(self.set(quantifier, first)?)));
        }
        let mut rest = Vec::new();
        while let TokenKind::Compare(op) = *self.peek() {
            self.advance();
            rest.push((op, self.compared(op)?));
        }
        match (rest.is_empty(), quantifier) {
            (true, None) => Ok(Expr::Exists(first)),
            (true, Some(_)) => Err(self.unexpected("a comparison (any and all need one)")),
            (false, _) => Ok(Expr::Test { quantifier, first, rest }),
        }
    }

    /// The right side of a comparison.
    fn compared(&mut self, op: Compare) -> Result<Operand, Error> {
        if op == Compare::Matches && !matches!(self.peek(), TokenKind::Text(_)) {
            let error = self.unexpected("a pattern in double quotes");
            return Err(error.hint("write matches \"...\""));
        }
        self.operand()
    }

    fn set(&mut self, quantifier: Option<Quantifier>, subject: Operand) -> Result<Expr, Error> {
        self.expect(&TokenKind::OpenBrace, "a set in braces")?;
        let mut set = Vec::new();
        loop {
            let low = self.sign()?;
            set.push(if self.eat(&TokenKind::DotDot) {
                SetItem::Range(low, self.sign()?)
            } else {
                SetItem::One(low)
            });
            if self.eat(&TokenKind::CloseBrace) {
                return Ok(Expr::In { quantifier, subject, set });
            }
            if !self.eat(&TokenKind::Comma) {
                let error = self.unexpected("a comma or }");
                return Err(error.hint("separate the elements of a set by commas: {80, 443, 1..9}"));
            }
        }
    }

    fn operand(&mut self) -> Result<Operand, Error> {
        self.chain(&[(TokenKind::Ampersand, Arithmetic::BitAnd)], Self::sum)
    }

    fn sum(&mut self) -> Result<Operand, Error> {
        let signs = [(TokenKind::Plus, Arithmetic::Add), (TokenKind::Minus, Arithmetic::Subtract)];
        self.chain(&signs, Self::product)
    }

    fn product(&mut self) -> Result<Operand, Error> {
        let signs = [
            (TokenKind::Star, Arithmetic::Multiply),
            (TokenKind::Slash, Arithmetic::Divide),
            (TokenKind::Percent, Arithmetic::Modulo),
        ];
        self.chain(&signs, Self::sign)
    }

    /// Left-associative operators of one precedence.
    fn chain(
        &mut self,
        signs: &[(TokenKind, Arithmetic)],
        part: fn(&mut Self) -> Result<Operand, Error>,
    ) -> Result<Operand, Error> {
        let mut left = part(self)?;
        loop {
            let Some((_, op)) = signs.iter().find(|(sign, _)| sign == self.peek()) else {
                return Ok(left);
            };
            self.count_operator()?;
            self.advance();
            let right = part(self)?;
            let span = left.span.to(right.span);
            let kind = OperandKind::Arithmetic(*op, Box::new(left), Box::new(right));
            left = Operand { kind, span };
        }
    }

    fn count_operator(&mut self) -> Result<(), Error> {
        self.operators += 1;
        if self.operators <= MAX_OPERATORS {
            return Ok(());
        }
        let message = format!("more than {MAX_OPERATORS} arithmetic operators and slices");
        Err(Error::new(self.text, self.span(), message))
    }

    fn sign(&mut self) -> Result<Operand, Error> {
        let start = self.span();
        if self.eat(&TokenKind::Minus) {
            let inner = self.nested(Self::sign)?;
            let span = start.to(inner.span);
            return Ok(Operand { kind: OperandKind::Negate(Box::new(inner)), span });
        }
        if self.eat(&TokenKind::Plus) {
            return self.nested(Self::sign);
        }
        self.atom()
    }

    fn atom(&mut self) -> Result<Operand, Error> {
        let span = self.span();
        let kind = match self.peek().clone() {
            TokenKind::OpenBrace => {
                self.advance();
                let inner = self.nested(Self::operand)?;
                self.expect(&TokenKind::CloseBrace, "an operator or }")?;
                return Ok(inner);
            }
            TokenKind::Word if *self.peek_after() == TokenKind::OpenParenthesis => {
                let call = self.call()?;
                return self.brackets(call);
            }
            TokenKind::Word => OperandKind::Word(self.slice(span).to_owned()),
            TokenKind::Identifier => OperandKind::Identifier(self.slice(span).to_owned()),
            TokenKind::Literal => OperandKind::Literal(self.slice(span).to_owned()),
            TokenKind::Text(bytes) => OperandKind::Text(bytes),
            TokenKind::Char(byte) => OperandKind::Char(byte),
            _ => return Err(self.unexpected("a field or a value")),
        };
        self.advance();
        let operand = self.layer(Operand { kind, span })?;
        self.brackets(operand)
    }

    fn call(&mut self) -> Result<Operand, Error> {
        let start = self.span();
        let name = self.slice(start).to_owned();
        self.advance();
        self.advance();
        let mut arguments = Vec::new();
        if *self.peek() != TokenKind::CloseParenthesis {
            arguments.push(self.nested(Self::operand)?);
            while self.eat(&TokenKind::Comma) {
                arguments.push(self.nested(Self::operand)?);
            }
        }
        let span = start.to(self.span());
        self.expect(&TokenKind::CloseParenthesis, "a comma or )")?;
        Ok(Operand { kind: OperandKind::Call(name, arguments), span })
    }

    /// `#1` or `#[..]` after a field's name.
    fn layer(&mut self, base: Operand) -> Result<Operand, Error> {
        let span = self.span();
        let ranges = match self.peek() {
            TokenKind::Layer => {
                let number = self
                    .slice(span)
                    .parse()
                    .map_err(|_| Error::new(self.text, span, "no frame has so many layers"))?;
                Ranges::single(number)
            }
            TokenKind::LayerBrackets => Ranges::parse(self.text, span)?,
            _ => return Ok(base),
        };
        self.advance();
        let span = base.span.to(span);
        Ok(Operand { kind: OperandKind::Layered(Box::new(base), ranges), span })
    }

    /// Any number of slices after an operand.
    fn brackets(&mut self, base: Operand) -> Result<Operand, Error> {
        let mut operand = base;
        loop {
            if *self.peek() != TokenKind::Brackets {
                return Ok(operand);
            }
            self.count_operator()?;
            let inside = self.span();
            let ranges = Ranges::parse(self.text, inside)?;
            self.advance();
            let span = operand.span.to(Span::new(inside.start, inside.end + 1));
            operand = Operand { kind: OperandKind::Slice(Box::new(operand), ranges), span };
        }
    }
}
