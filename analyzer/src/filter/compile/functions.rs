//! `len`, `count`, `upper`, `lower`, `string`, `abs`, `max` and `min`: what they take and what
//! they give.

use std::cmp::Ordering;

use super::super::ast::Operand;
use super::super::error::Error;
use super::super::excerpt::Span;
use super::super::kind::Kind;
use super::super::operand::{Map, Notation, Source};
use super::{Compiler, Typed};

impl Compiler<'_> {
    pub(super) fn call(
        &self,
        span: Span,
        name: &str,
        arguments: &[Operand],
    ) -> Result<Typed, Error> {
        let [first, more @ ..] = arguments else {
            return Err(
                self.error(span, format!("`{name}` needs something between its parentheses"))
            );
        };
        match name {
            "max" | "min" => return self.extreme(span, name, arguments),
            "len" | "count" | "upper" | "lower" | "string" | "abs" => {}
            _ => {
                return Err(self
                    .error(span, format!("there is no function `{name}`"))
                    .hint("functions are len, count, upper, lower, string, max, min, abs"));
            }
        }
        if !more.is_empty() {
            return Err(self.error(span, format!("`{name}` takes one argument")));
        }
        let typed = self.left_side(first)?;
        let refuse = |needed: &str| {
            let message = format!("`{name}` takes {needed}, not `{first}` ({})", typed.kind);
            Err(self.error(first.span, message))
        };
        let is_field = matches!(typed.source, Source::Field(..));
        let (map, kind) = match name {
            "len" | "count" if !is_field => return refuse("a field"),
            "count" => {
                let source = Source::Count(Box::new(typed.source));
                return Ok(Typed { source, kind: Kind::Unsigned(32), names: &[] });
            }
            "len" => (Map::Len(typed.kind.width()), Kind::Unsigned(32)),
            "upper" | "lower" if typed.kind != Kind::Text => return refuse("text"),
            "upper" => (Map::Upper, Kind::Text),
            "lower" => (Map::Lower, Kind::Text),
            "abs" if !typed.kind.is_integer() && typed.kind != Kind::RelativeTime => {
                return refuse("a number");
            }
            "abs" => (Map::Abs, typed.kind),
            _ => match typed.kind {
                Kind::Ether => (Map::Text(Notation::Ether), Kind::Text),
                kind if kind.is_integer() || matches!(kind, Kind::Ipv4 | Kind::Ipv6) => {
                    (Map::Text(Notation::Plain), Kind::Text)
                }
                _ => return refuse("a number or an address"),
            },
        };
        Ok(Typed { source: Source::Map(map, Box::new(typed.source)), kind, names: &[] })
    }

    fn extreme(&self, span: Span, name: &str, arguments: &[Operand]) -> Result<Typed, Error> {
        let mut kind = None;
        for argument in arguments {
            kind = kind.or(self.typed(argument)?.map(|typed| typed.kind));
        }
        let Some(kind) = kind else {
            return Err(self.error(span, format!("`{name}` needs at least one field")));
        };
        let mut sources = Vec::new();
        for argument in arguments {
            sources.push(match self.typed(argument)? {
                Some(typed) if kind.is_comparable_with(typed.kind) => typed.source,
                Some(typed) => {
                    let message = format!("{kind} and {} do not go together", typed.kind);
                    return Err(self.error(argument.span, message));
                }
                None => self.value(argument, kind, &[], false)?,
            });
        }
        let wanted = if name == "max" { Ordering::Greater } else { Ordering::Less };
        Ok(Typed { source: Source::Extreme(wanted, sources), kind, names: &[] })
    }
}
