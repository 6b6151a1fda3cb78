//! Why a condition is false: the comparisons that made it so, with the values that they
//! compared, for each connection or other element that decided, and the frames that prove it.

use cel::common::ast::operators as op;
use cel::common::ast::{ComprehensionExpr, Expr, IdedExpr, LiteralValue};
use cel::common::value::Val;
use cel::{Context, ExecutionError};

use super::answers::Answers;
use super::manifest::Difference;
use super::shape::{self, Loop};
use super::{bounds, proof, text, value};

/// Witnesses that are told.
const MOST: usize = 12;
/// Elements of a loop that are told.
const MOST_ELEMENTS: usize = 4;
/// Elements of a loop that are looked at.
const MOST_LOOKED_AT: usize = 1000;

/// A column of the packet list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Column {
    /// `No.`
    No,
    /// `Time`
    Time,
    /// `Source`
    Source,
    /// `Destination`
    Destination,
    /// `Protocol`
    Protocol,
    /// `Length`
    Length,
    /// `Info`
    Info,
}

/// The part of a condition that fails with an error; the error in plain words, and what to do.
pub type Blame<'e> = (Option<&'e IdedExpr>, (String, Option<String>));

/// One reason.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Witness {
    /// Which element it is about: `connection 2`; none outside of loops.
    pub about: Option<String>,
    /// The part of the condition, as it was written.
    pub expression: String,
    /// The parts of it that have values of their own, with those.
    pub values: Vec<(String, String)>,
    /// What else is known, each with a word in front that says what kind of thing it is.
    pub notes: Vec<String>,
    /// The frames that prove the values; empty where a frame says nothing.
    pub frames: Vec<u64>,
    /// The cells of those frames' rows that show it.
    pub columns: Vec<Column>,
}

/// Finds witnesses in one condition.
struct Finder<'a> {
    answers: &'a Answers,
    found: Vec<Witness>,
    more: usize,
}

/// The reasons why a condition is false, and how many more there are.
pub fn find(
    tree: &IdedExpr,
    context: &Context<'_, '_>,
    answers: &Answers,
) -> (Vec<Witness>, usize) {
    bounds::start();
    let mut finder = Finder { answers, found: Vec::new(), more: 0 };
    finder.explain(tree, context, true, None);
    (finder.found, finder.more)
}

impl Finder<'_> {
    /// Tells why an expression is not `wanted`, which it is not.
    fn explain(
        &mut self,
        expr: &IdedExpr,
        context: &Context<'_, '_>,
        wanted: bool,
        about: Option<&str>,
    ) {
        match &expr.expr {
            Expr::Call(call) => match (call.func_name.as_str(), call.args.as_slice()) {
                (op::LOGICAL_NOT, [inner]) => self.explain(inner, context, !wanted, about),
                (op::LOGICAL_AND | op::LOGICAL_OR, [left, right]) => {
                    for side in [left, right] {
                        if evaluate(side, context) == Some(!wanted) {
                            self.explain(side, context, wanted, about);
                        }
                    }
                }
                (op::CONDITIONAL, [holds, then, otherwise]) => {
                    let is_then = evaluate(holds, context) == Some(true);
                    let taken = if is_then { then } else { otherwise };
                    self.explain(taken, context, wanted, about);
                }
                _ => self.leaf(expr, context, about),
            },
            Expr::Comprehension(comprehension) => {
                self.iterate(expr, comprehension, context, wanted, about);
            }
            _ => self.leaf(expr, context, about),
        }
    }

    fn iterate(
        &mut self,
        expr: &IdedExpr,
        comprehension: &ComprehensionExpr,
        context: &Context<'_, '_>,
        wanted: bool,
        about: Option<&str>,
    ) {
        let body = match Loop::of(comprehension) {
            Some(Loop::Exists(body) | Loop::All(body)) => body,
            _ => return self.leaf(expr, context, about),
        };
        let Ok(elements) = elements(&comprehension.iter_range, context) else { return };
        if elements.is_empty() {
            return self.empty(expr, &comprehension.iter_range, context, about);
        }
        // The elements that decided, those that came nearest first.
        let mut failing: Vec<(usize, usize)> = Vec::new();
        for (index, element) in elements.iter().enumerate().take(MOST_LOOKED_AT) {
            let inner = bound(context, comprehension, &**element);
            if evaluate(body, &inner) == Some(!wanted) {
                failing.push((failures(body, &inner, wanted), index));
            }
        }
        failing.sort_unstable();
        let untold = elements.len().saturating_sub(MOST_LOOKED_AT);
        self.more += failing.len().saturating_sub(MOST_ELEMENTS) + untold;
        for (_, index) in failing.into_iter().take(MOST_ELEMENTS) {
            let Some(element) = elements.get(index) else { continue };
            let inner = bound(context, comprehension, &**element);
            let told = match value::is_record(&**element) {
                true => value::told(&**element),
                false => format!("{} = {}", comprehension.iter_var, value::told(&**element)),
            };
            let told = match about {
                Some(outer) if outer != told => format!("{outer}, {told}"),
                _ => told,
            };
            self.explain(body, &inner, wanted, Some(&told));
        }
    }

    /// A loop over nothing.
    fn empty(
        &mut self,
        expr: &IdedExpr,
        range: &IdedExpr,
        context: &Context<'_, '_>,
        about: Option<&str>,
    ) {
        self.push(Witness {
            about: about.map(str::to_owned),
            expression: text::expression(expr),
            values: vec![(text::expression(range), "[] (empty)".to_owned())],
            ..proof::of(range, context, self.answers)
        });
    }

    /// A comparison, or whatever else has no parts of its own.
    fn leaf(&mut self, expr: &IdedExpr, context: &Context<'_, '_>, about: Option<&str>) {
        let parts = match shape::call(expr) {
            Some(call) if text::binary(&call.func_name).is_some() => call.args.iter().collect(),
            Some(call) if is_asking(&call.func_name) => {
                call.target.as_deref().into_iter().chain(&call.args).collect()
            }
            _ => vec![expr],
        };
        let mut values = Vec::new();
        for part in parts {
            if is_written_out(part) {
                continue;
            }
            if let Ok(found) = bounds::look(part, context, value::told) {
                values.push((text::expression(part), found));
            }
        }
        let differences = self.manifest(expr, context);
        let mut witness = Witness {
            about: about.map(str::to_owned),
            expression: text::expression(expr),
            values,
            ..proof::of(expr, context, self.answers)
        };
        for Difference { lost, text, frames, .. } in differences {
            witness.notes.push(format!("{}: {text}", lost.name()));
            witness.frames.extend(frames.iter().take(MOST.saturating_sub(witness.frames.len())));
            witness.columns = vec![Column::Info];
        }
        witness.frames.sort_unstable();
        witness.frames.dedup();
        self.push(witness);
    }

    /// What a manifest and the capture disagree on.
    fn manifest(&self, expr: &IdedExpr, context: &Context<'_, '_>) -> Vec<Difference> {
        let Some(call) = shape::call(expr) else { return Vec::new() };
        let ("matches_manifest", [file]) = (call.func_name.as_str(), call.args.as_slice()) else {
            return Vec::new();
        };
        let text = |file: &dyn Val| value::string(file).map(str::to_owned);
        let Ok(Some(file)) = bounds::look(file, context, text) else { return Vec::new() };
        let mut differences = self.answers.manifest(&file).unwrap_or_default();
        differences.truncate(MOST);
        differences
    }

    fn push(&mut self, witness: Witness) {
        if self.found.len() < MOST {
            self.found.push(witness);
        } else {
            self.more += 1;
        }
    }
}

/// True for what stands in the condition with its value.
fn is_written_out(expr: &IdedExpr) -> bool {
    match &expr.expr {
        Expr::Literal(_) => true,
        Expr::List(list) => list.elements.iter().all(is_written_out),
        _ => false,
    }
}

/// Functions that ask something of their target.
fn is_asking(name: &str) -> bool {
    matches!(name, "contains" | "startsWith" | "endsWith" | "matches")
}

/// The scope inside of a loop, at one of its elements.
pub(super) fn bound<'b, 'v>(
    context: &'b Context<'_, 'v>,
    comprehension: &ComprehensionExpr,
    element: &(dyn Val + '_),
) -> Context<'b, 'v> {
    let mut inner = context.new_inner_scope();
    inner.add_variable_as_val(&comprehension.iter_var, owned(element));
    inner
}

/// A copy that borrows nothing. Text and bytes of the model are owned already.
fn owned<'v>(element: &(dyn Val + '_)) -> Box<dyn Val + 'v> {
    value::own(element)
}

/// Copies of the elements of a list.
fn elements(
    list: &IdedExpr,
    context: &Context<'_, '_>,
) -> Result<Vec<Box<dyn Val>>, ExecutionError> {
    bounds::look(list, context, |list| value::elements(list).into_iter().map(value::own).collect())
}

/// The error of an expression, if it has one.
fn failure(expr: &IdedExpr, context: &Context<'_, '_>) -> Option<ExecutionError> {
    bounds::look(expr, context, |_| ()).err()
}

/// The truth of an expression; none when it has none.
fn evaluate(expr: &IdedExpr, context: &Context<'_, '_>) -> Option<bool> {
    bounds::look(expr, context, value::truth).ok()?
}

/// How many of the parts that `&&` or `||` join are not as wanted.
fn failures(expr: &IdedExpr, context: &Context<'_, '_>, wanted: bool) -> usize {
    if let Some(call) = shape::call(expr)
        && let (op::LOGICAL_AND | op::LOGICAL_OR, [left, right]) =
            (call.func_name.as_str(), call.args.as_slice())
    {
        return failures(left, context, wanted) + failures(right, context, wanted);
    }
    usize::from(evaluate(expr, context) != Some(wanted))
}

/// The smallest part of a condition that fails with an error, and the error in plain words with
/// what to do about it.
pub fn blame<'e>(
    tree: &'e IdedExpr,
    context: &Context<'_, '_>,
    error: &ExecutionError,
) -> Blame<'e> {
    if let Expr::Comprehension(comprehension) = &tree.expr {
        if failure(&comprehension.iter_range, context).is_some() {
            return blame(&comprehension.iter_range, context, error);
        }
        if let Some(found) = blame_element(comprehension, context) {
            return found;
        }
        return (Some(tree), plain(tree, context, error));
    }
    for child in shape::children(tree) {
        if let Some(inner) = failure(child, context) {
            return blame(child, context, &inner);
        }
    }
    (Some(tree), plain(tree, context, error))
}

/// The first element of a loop that fails.
fn blame_element<'e>(
    comprehension: &'e ComprehensionExpr,
    context: &Context<'_, '_>,
) -> Option<Blame<'e>> {
    let bodies = match Loop::of(comprehension)? {
        Loop::Map(Some(holds), body) => vec![holds, body],
        Loop::Map(None, body) => vec![body],
        Loop::Exists(body) | Loop::All(body) | Loop::ExistsOne(body) | Loop::Filter(body) => {
            vec![body]
        }
    };
    let elements = elements(&comprehension.iter_range, context).ok()?;
    for element in elements.iter().take(MOST_LOOKED_AT) {
        let inner = bound(context, comprehension, &**element);
        for body in &bodies {
            if let Some(error) = failure(body, &inner) {
                let (part, (told, hint)) = blame(body, &inner, &error);
                let about = value::told(&**element);
                return Some((part, (format!("{told} ({about})"), hint)));
            }
        }
    }
    None
}

/// The interpreter's error in plain words.
fn plain(
    expr: &IdedExpr,
    context: &Context<'_, '_>,
    error: &ExecutionError,
) -> (String, Option<String>) {
    let null = shape::children(expr).into_iter().find(|child| {
        !matches!(child.expr, Expr::Literal(LiteralValue::Null))
            && bounds::look(child, context, value::told).is_ok_and(|told| told == "null")
    });
    if let Some(null) = null {
        let name = text::expression(null);
        let hint = format!("write {name} != null && ... where it may be null");
        return (format!("`{name}` is null"), Some(hint));
    }
    let told = match error {
        ExecutionError::FunctionError { function, message } => {
            let message = message.split_whitespace().collect::<Vec<_>>().join(" ");
            match function.starts_with(char::is_alphabetic) {
                true => format!("{function}(): {message}"),
                false => message,
            }
        }
        ExecutionError::DivisionByZero(_) | ExecutionError::RemainderByZero(_) => {
            "division by zero".to_owned()
        }
        ExecutionError::NoSuchOverload(overload) => {
            let sign = text::binary(overload.function()).map_or(overload.function(), |one| one.0);
            format!("`{sign}` cannot take {}", overload.argument_types().join(" and "))
        }
        other => other.to_string().chars().take(200).collect(),
    };
    (told, None)
}
