//! Checks a condition before any capture is read: names, fields, types, and the filters inside
//! strings. Finds what would otherwise show only where a capture has such a connection, or,
//! worse, would silently be false (`c.server.port == "80"`).

use cel::common::ast::operators as op;
use cel::common::ast::{
    CallExpr, ComprehensionExpr, Expr, IdedExpr, LiteralValue, SelectExpr, SourceInfo,
};

use super::error::{Error, Span};
use super::language::{FUNCTIONS, Language, OF_CEL, overlaps_type};
use super::near;
use super::shape::Loop;
use super::text;
use super::types::Type;
use crate::filter::Filter;

/// Looks at one condition.
pub struct Checker<'a> {
    text: &'a str,
    places: &'a SourceInfo,
    language: &'a Language,
    scope: Vec<(String, Type)>,
    /// The display filters that it names, in the order of the text.
    pub filters: Vec<String>,
    /// Functions that it calls.
    pub functions: Vec<String>,
    /// Variables of the model that it names.
    pub variables: Vec<String>,
}

type Checked = Result<Type, Error>;

impl<'a> Checker<'a> {
    pub fn new(text: &'a str, places: &'a SourceInfo, language: &'a Language) -> Self {
        let (scope, filters) = (Vec::new(), Vec::new());
        let (functions, variables) = (Vec::new(), Vec::new());
        Self { text, places, language, scope, filters, functions, variables }
    }

    /// The place of an expression in the text.
    pub fn span(&self, expr: &IdedExpr) -> Span {
        span(self.text, self.places, expr)
    }

    fn error(&self, expr: &IdedExpr, message: impl Into<String>) -> Error {
        Error::new(self.text, self.span(expr), message)
    }

    /// The type of an expression whose parts all fit together.
    pub fn check(&mut self, expr: &IdedExpr) -> Checked {
        match &expr.expr {
            Expr::Literal(value) => Ok(literal(value)),
            Expr::Ident(name) => self.ident(expr, name),
            Expr::Select(select) => self.select(expr, select),
            Expr::Call(call) => self.call(expr, call),
            Expr::Comprehension(comprehension) => self.iterate(comprehension),
            Expr::List(list) => {
                let mut of = None;
                for element in &list.elements {
                    let element = self.check(element)?;
                    of = match of {
                        None => Some(element),
                        Some(known) if known == element => Some(known),
                        Some(_) => Some(Type::Any),
                    };
                }
                Ok(Type::list(of.unwrap_or_default()))
            }
            Expr::Map(_) | Expr::Struct(_) => {
                for child in super::shape::children(expr) {
                    self.check(child)?;
                }
                Ok(Type::Any)
            }
            Expr::Unspecified => Ok(Type::Any),
        }
    }

    fn ident(&mut self, expr: &IdedExpr, name: &str) -> Checked {
        let local = self.scope.iter().rev().find(|(known, _)| known == name);
        if let Some((_, of)) = local {
            return Ok(of.clone());
        }
        if let Some(of) = self.language.variable(name) {
            self.variables.push(name.to_owned());
            return Ok(of.clone());
        }
        const TYPES: &[&str] = &["bool", "bytes", "double", "int", "list", "map", "string", "uint"];
        if TYPES.contains(&name) {
            return Ok(Type::Any);
        }
        let locals = self.scope.iter().map(|(name, _)| name.as_str());
        let hint = near::hint(name, self.language.variables().chain(locals));
        Err(self.error(expr, format!("there is no `{name}`")).hint(hint))
    }

    fn select(&mut self, expr: &IdedExpr, select: &SelectExpr) -> Checked {
        let of = self.check(&select.operand)?;
        let field = &select.field;
        let object = match &of {
            Type::Object(object) => object,
            Type::Any => return Ok(if select.test { Type::Bool } else { Type::Any }),
            other => {
                let what = text::expression(&select.operand);
                let message = format!("`{what}` is {}, it has no field `{field}`", other.name());
                let hint = matches!(other, Type::List(_))
                    .then(|| format!("write {what}.exists(x, x.{field} ...) or {what}[0].{field}"));
                return Err(Error::new(self.text, self.field_span(expr, field), message).hint(hint));
            }
        };
        match object.fields.get(field) {
            Some(_) if select.test => Ok(Type::Bool),
            Some(of) => Ok(of.clone()),
            None => {
                let what = text::expression(&select.operand);
                let message = format!("`{what}` ({}) has no field `{field}`", object.name);
                let hint = near::hint(field, object.fields.keys().map(String::as_str));
                Err(Error::new(self.text, self.field_span(expr, field), message).hint(hint))
            }
        }
    }

    /// The place of a field: the node's own place is its dot.
    fn field_span(&self, expr: &IdedExpr, field: &str) -> Span {
        let dot = self.places.offset_for(expr.id).map_or(0, |(start, _)| start as usize);
        let after = self.text.get(dot..).unwrap_or("");
        let start = dot + after.find(field).unwrap_or(0);
        Span { start, end: start + field.len() }
    }

    fn iterate(&mut self, comprehension: &ComprehensionExpr) -> Checked {
        let range = self.check(&comprehension.iter_range)?;
        let element = match &range {
            Type::List(of) => (**of).clone(),
            Type::Any => Type::Any,
            Type::Object(_) => Type::Text(None),
            other => {
                let what = text::expression(&comprehension.iter_range);
                let message = format!("`{what}` is {}, not a list", other.name());
                return Err(self.error(&comprehension.iter_range, message));
            }
        };
        let Some(form) = Loop::of(comprehension) else { return Ok(Type::Any) };
        self.scope.push((comprehension.iter_var.clone(), element.clone()));
        let result = self.body(form, element);
        self.scope.pop();
        result
    }

    fn body(&mut self, form: Loop<'_>, element: Type) -> Checked {
        match form {
            Loop::Exists(holds) | Loop::All(holds) | Loop::ExistsOne(holds) => {
                self.check_truth(holds)?;
                Ok(Type::Bool)
            }
            Loop::Filter(holds) => {
                self.check_truth(holds)?;
                Ok(Type::list(element))
            }
            Loop::Map(holds, value) => {
                if let Some(holds) = holds {
                    self.check_truth(holds)?;
                }
                Ok(Type::list(self.check(value)?))
            }
        }
    }

    /// An expression that must be true or false.
    pub fn check_truth(&mut self, expr: &IdedExpr) -> Result<(), Error> {
        match self.check(expr)? {
            Type::Bool | Type::Any => Ok(()),
            other => {
                let what = text::expression(expr);
                let message = format!("`{what}` is {}, not true or false", other.name());
                Err(self.error(expr, message).hint(Some("compare it with something".to_owned())))
            }
        }
    }

    fn call(&mut self, expr: &IdedExpr, call: &CallExpr) -> Checked {
        let name = call.func_name.as_str();
        match (name, call.args.as_slice()) {
            (op::LOGICAL_AND | op::LOGICAL_OR, [left, right]) => {
                self.check_truth(left)?;
                self.check_truth(right)?;
                Ok(Type::Bool)
            }
            (op::LOGICAL_NOT, [inner]) => self.check_truth(inner).map(|()| Type::Bool),
            (op::CONDITIONAL, [holds, then, otherwise]) => {
                self.check_truth(holds)?;
                let (then, otherwise) = (self.check(then)?, self.check(otherwise)?);
                Ok(if then == otherwise { then } else { Type::Any })
            }
            (op::INDEX, [list, index]) => self.index(list, index),
            (op::NEGATE, [inner]) => self.check(inner),
            (_, [left, right]) if text::binary(name).is_some() => {
                self.operator(expr, name, left, right)
            }
            _ => self.function(expr, call),
        }
    }

    fn index(&mut self, list: &IdedExpr, index: &IdedExpr) -> Checked {
        let (of, _) = (self.check(list)?, self.check(index)?);
        match of {
            Type::List(of) => Ok((*of).clone()),
            Type::Any | Type::Object(_) => Ok(Type::Any),
            other => {
                let what = text::expression(list);
                Err(self.error(list, format!("`{what}` is {}, not a list", other.name())))
            }
        }
    }

    fn operator(
        &mut self,
        expr: &IdedExpr,
        name: &str,
        left: &IdedExpr,
        right: &IdedExpr,
    ) -> Checked {
        let (one, two) = (self.check(left)?, self.check(right)?);
        let sign = text::binary(name).map_or("?", |(sign, _)| sign);
        let refused = |checker: &Self, why: &str| {
            let (a, b) = (text::expression(left), text::expression(right));
            let told = format!("`{a}` is {}, `{b}` is {}: {why}", one.name(), two.name());
            checker.error(expr, told)
        };
        match name {
            op::EQUALS | op::NOT_EQUALS => {
                if !one.may_equal(&two) {
                    return Err(refused(self, "they are never equal"));
                }
                self.word(&one, left, right)?;
                self.word(&two, right, left)?;
                Ok(Type::Bool)
            }
            op::IN => {
                self.words(&one, left, right)?;
                match &two {
                    Type::List(of) if !one.may_equal(of) => {
                        Err(refused(self, "nothing in the list can equal it"))
                    }
                    Type::List(_) | Type::Any | Type::Object(_) => Ok(Type::Bool),
                    _ => Err(refused(self, "`in` needs a list on its right")),
                }
            }
            op::LESS | op::LESS_EQUALS | op::GREATER | op::GREATER_EQUALS => {
                let is_ordered =
                    |of: &Type| matches!(of, Type::Any | Type::Int | Type::Double | Type::Text(_));
                if !is_ordered(&one) || !is_ordered(&two) || !one.may_equal(&two) {
                    return Err(refused(self, &format!("`{sign}` cannot compare them")));
                }
                Ok(Type::Bool)
            }
            _ => match (&one, &two) {
                (Type::Any, _) | (_, Type::Any) => Ok(Type::Any),
                (Type::List(_), Type::List(_)) if name == op::ADD => Ok(one),
                (Type::Text(_), Type::Text(_)) if name == op::ADD => Ok(Type::Text(None)),
                (Type::Bytes, Type::Bytes) if name == op::ADD => Ok(one),
                (Type::Int, Type::Int) => Ok(Type::Int),
                (Type::Double, Type::Double) => Ok(Type::Double),
                (Type::Int | Type::Double, Type::Int | Type::Double) => {
                    Err(refused(self, &format!("`{sign}` needs two of a kind")).hint(Some(
                        "write 2.0 for 2, or double(x) for a whole number x".to_owned(),
                    )))
                }
                _ => Err(refused(self, &format!("`{sign}` cannot join them"))),
            },
        }
    }

    /// A literal that is compared with one of a few words must be one of them.
    fn word(&self, of: &Type, known: &IdedExpr, other: &IdedExpr) -> Result<(), Error> {
        let (Type::Text(Some(words)), Expr::Literal(LiteralValue::String(word))) =
            (of, &other.expr)
        else {
            return Ok(());
        };
        let word = word.inner();
        if words.iter().any(|known| known == word) {
            return Ok(());
        }
        let hint = near::hint(word, words.iter().map(String::as_str));
        let message = if std::ptr::eq(known, other) {
            format!("{} is none of the words that can stand here", text::quoted(word))
        } else {
            format!("`{}` is never {}", text::expression(known), text::quoted(word))
        };
        Err(self.error(other, message).hint(hint))
    }

    /// The same for the literals of a list.
    fn words(&self, of: &Type, known: &IdedExpr, list: &IdedExpr) -> Result<(), Error> {
        match &list.expr {
            Expr::List(list) => list.elements.iter().try_for_each(|one| self.word(of, known, one)),
            _ => Ok(()),
        }
    }

    fn function(&mut self, expr: &IdedExpr, call: &CallExpr) -> Checked {
        let name = call.func_name.as_str();
        let known = FUNCTIONS.iter().find(|function| function.name == name);
        if known.is_none() && !OF_CEL.contains(&name) && !name.starts_with("get") {
            let names = FUNCTIONS.iter().map(|one| one.name).chain(OF_CEL.iter().copied());
            let span = self.function_span(expr, name);
            let message = format!("there is no function `{name}`");
            return Err(Error::new(self.text, span, message).hint(near::hint(name, names)));
        }
        self.functions.push(name.to_owned());
        let mut given = Vec::new();
        if let Some(target) = &call.target {
            given.push(self.check(target)?);
        }
        for argument in &call.args {
            given.push(self.check(argument)?);
        }
        if let Some(known) = known {
            self.arguments(expr, call, known.usage, &given)?;
        }
        Ok(result(name))
    }

    /// The place of a function's name: the node's own place is its bracket or its dot.
    fn function_span(&self, expr: &IdedExpr, name: &str) -> Span {
        let at = self.places.offset_for(expr.id).map_or(0, |(start, _)| start as usize);
        let before = self.text.get(..at).unwrap_or("");
        let start = match self.text.get(at..).and_then(|after| after.find(name)) {
            Some(ahead) if ahead < 2 => at + ahead,
            _ => before.rfind(name).unwrap_or(at),
        };
        Span { start, end: start + name.len() }
    }

    /// Our own functions' arguments.
    fn arguments(
        &mut self,
        expr: &IdedExpr,
        call: &CallExpr,
        usage: &str,
        given: &[Type],
    ) -> Result<(), Error> {
        let name = call.func_name.as_str();
        let fits = match (name, given) {
            ("frames" | "count" | "matches_manifest", [one]) => {
                matches!(one, Type::Text(_) | Type::Any)
            }
            ("payload", [connection, side]) => {
                matches!(connection, Type::Object(_) | Type::Int | Type::Any)
                    && matches!(side, Type::Text(_) | Type::Any)
            }
            ("sha256", [one]) => matches!(one, Type::Text(_) | Type::Bytes | Type::Any),
            ("overlaps", [one]) => matches!(one, Type::List(_) | Type::Any),
            _ => false,
        };
        if !fits {
            let told: Vec<&str> = given.iter().map(Type::name).collect();
            let told = if told.is_empty() { "nothing".to_owned() } else { told.join(" and ") };
            let span = self.function_span(expr, name);
            let message = format!("{name}() cannot take {told}");
            let hint = Some(format!("write {usage}"));
            return Err(Error::new(self.text, span, message).hint(hint));
        }
        match (name, call.args.as_slice()) {
            ("frames" | "count", [filter]) => self.filter(filter),
            ("payload", [_, side]) => {
                let words = ["client".to_owned(), "server".to_owned()];
                self.word(&Type::Text(Some(words.into())), side, side)
            }
            _ => Ok(()),
        }
    }

    /// A display filter that stands in the condition is checked with it.
    fn filter(&mut self, argument: &IdedExpr) -> Result<(), Error> {
        let Expr::Literal(LiteralValue::String(filter)) = &argument.expr else { return Ok(()) };
        let filter = filter.inner();
        if let Err(error) = Filter::parse(filter) {
            let whole = self.span(argument);
            let written = self.text.get(whole.start..whole.end).unwrap_or("");
            // Behind the quotes, unless an escape makes the text longer than what it says.
            let span = match written.find(filter) {
                Some(lead) => {
                    let start = whole.start + lead + error.span().start;
                    Span { start, end: start + (error.span().end - error.span().start) }
                }
                None => whole,
            };
            let message = format!("bad display filter: {}", error.message());
            let hint = error.suggestion().map(str::to_owned);
            return Err(Error::new(self.text, span, message).hint(hint));
        }
        if !self.filters.iter().any(|known| known == filter) {
            self.filters.push(filter.to_owned());
        }
        Ok(())
    }
}

/// What a function gives.
fn result(name: &str) -> Type {
    match name {
        "frames" => Type::list(Type::Int),
        "count" | "size" | "int" => Type::Int,
        "payload" | "bytes" => Type::Bytes,
        "sha256" | "string" => Type::Text(None),
        "overlaps" => overlaps_type(),
        "matches_manifest" | "contains" | "startsWith" | "endsWith" | "matches" | "bool" => {
            Type::Bool
        }
        "double" => Type::Double,
        _ => Type::Any,
    }
}

fn literal(value: &LiteralValue) -> Type {
    match value {
        LiteralValue::Boolean(_) => Type::Bool,
        LiteralValue::Bytes(_) => Type::Bytes,
        LiteralValue::Double(_) => Type::Double,
        LiteralValue::Int(_) | LiteralValue::UInt(_) => Type::Int,
        LiteralValue::Null => Type::Null,
        LiteralValue::String(_) => Type::Text(None),
    }
}

/// The place of an expression: from the first to the last place that any part of it has, the
/// field behind its dot and the brackets that it opens included.
pub fn span(text: &str, places: &SourceInfo, expr: &IdedExpr) -> Span {
    let mut found: Option<Span> = None;
    let mut waiting = vec![expr];
    while let Some(expr) = waiting.pop() {
        if let Some((start, last)) = places.offset_for(expr.id) {
            let one = extended(text, expr, start as usize, last as usize + 1);
            found = Some(match found {
                Some(all) => Span { start: all.start.min(one.start), end: all.end.max(one.end) },
                None => one,
            });
        }
        waiting.extend(super::shape::children(expr));
    }
    let Span { start, end } = found.unwrap_or_default();
    Span { start, end: balanced(text, start, end) }
}

/// A node's own place is its operator, its dot or its bracket: with the name beside that.
fn extended(text: &str, expr: &IdedExpr, start: usize, end: usize) -> Span {
    let after = text.get(start..).unwrap_or("");
    match &expr.expr {
        Expr::Select(select) => {
            let ahead = after.find(&select.field).filter(|ahead| *ahead < 8);
            Span { start, end: ahead.map_or(end, |ahead| start + ahead + select.field.len()) }
        }
        Expr::Call(call) if call.target.is_none() => {
            let before = text.get(..start).unwrap_or("");
            let is_named = before.ends_with(&call.func_name);
            let lead = if is_named { call.func_name.len() } else { 0 };
            Span { start: start - lead, end }
        }
        _ => Span { start, end },
    }
}

/// The end, moved behind the brackets that were opened and not closed.
fn balanced(text: &str, start: usize, end: usize) -> usize {
    let mut open = 0_usize;
    let mut quote = None;
    for (at, c) in text.get(start..).unwrap_or("").char_indices() {
        if start + at >= end && open == 0 {
            break;
        }
        match (quote, c) {
            (Some(known), c) if c == known => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, '(' | '[' | '{') => open += 1,
            (None, ')' | ']' | '}') => {
                open = open.saturating_sub(1);
                if open == 0 && start + at >= end {
                    return start + at + 1;
                }
            }
            _ => {}
        }
    }
    end
}
