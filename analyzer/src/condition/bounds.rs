//! What keeps a hostile condition from taking forever: limits before it is parsed, and a
//! counter of steps woven into its loops before it is evaluated.
//!
//! `cel` bounds nothing itself. Its language cannot run forever, but nested loops multiply, and
//! what they build can double at each step. So each list that a loop goes through, each element
//! that a list or map keeps and each value that an operator or function makes is weighed first;
//! above [`STEPS`] the evaluation stops. Time plays no part: the same condition over the same
//! capture always ends the same way.

use std::cell::Cell;

use cel::common::ast::operators as op;
use cel::common::ast::{CallExpr, ComprehensionExpr, EntryExpr, Expr, IdedExpr};
use cel::common::value::{CowVal, Val};
use cel::{Context, Env, ExecutionError, Value};

use super::error::{Error, Span};
use super::shape;
use super::value;

/// Longest condition in bytes.
pub const LONGEST: usize = 8 * 1024;
/// Deepest nesting of brackets.
pub const DEEPEST: usize = 24;
/// Deepest tree of operators, fields and calls.
pub const DEEPEST_TREE: usize = 200;
/// Most steps that one evaluation may take: elements that loops go through and parts of the
/// values that it builds.
pub const STEPS: u64 = 1_000_000;
/// Stack for parsing and evaluating: the parser's frames are large, and the nesting is bounded.
const STACK: usize = 64 << 20;

/// Wraps the list that a loop goes through.
const RANGE: &str = "@range";
/// Wraps a value that is kept or was built.
const WEIGH: &str = "@weigh";

thread_local! {
    static LEFT: Cell<u64> = const { Cell::new(0) };
    static IS_DEEP: Cell<bool> = const { Cell::new(false) };
}

/// Runs something whose recursion is bounded, but whose frames are large: on a thread of its
/// own, unless this one has such a stack already. `None` when the system gives no thread.
pub(crate) fn on_deep_stack<T: Send>(work: impl FnOnce() -> T + Send) -> Option<T> {
    if IS_DEEP.get() {
        return Some(work());
    }
    std::thread::scope(|scope| {
        let work = || {
            IS_DEEP.set(true);
            work()
        };
        let thread = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work);
        thread.ok()?.join().ok()
    })
}

/// Refuses what is too long or too deep to be parsed.
///
/// # Errors
/// With the place where it became too deep.
pub fn check_text(text: &str) -> Result<(), Error> {
    if text.len() > LONGEST {
        let message = format!("{} bytes are too long, {LONGEST} are the most", text.len());
        return Err(Error::new(text, Span { start: LONGEST, end: LONGEST + 1 }, message));
    }
    let mut depth = 0_usize;
    let mut quote: Option<char> = None;
    let mut is_escaped = false;
    for (at, c) in text.char_indices() {
        match quote {
            Some(_) if is_escaped => is_escaped = false,
            Some(_) if c == '\\' => is_escaped = true,
            Some(open) if c == open => quote = None,
            Some(_) => {}
            None => match c {
                '"' | '\'' => quote = Some(c),
                '(' | '[' | '{' => depth += 1,
                ')' | ']' | '}' => depth = depth.saturating_sub(1),
                _ => {}
            },
        }
        if depth > DEEPEST {
            let message = format!("more than {DEEPEST} brackets within each other");
            return Err(Error::new(text, Span { start: at, end: at + c.len_utf8() }, message));
        }
    }
    Ok(())
}

/// True when a tree is not too deep to be walked.
pub fn is_shallow(expr: &IdedExpr) -> bool {
    let mut level = vec![expr];
    for _ in 0..DEEPEST_TREE {
        level = level.into_iter().flat_map(shape::children).collect();
        if level.is_empty() {
            return true;
        }
    }
    false
}

/// Adds the counting functions to CEL's own.
pub fn environment() -> Env {
    let mut env = Env::stdlib();
    // Neither name can be written in a condition, nor is it taken.
    let any = || vec![cel::common::types::DYN_TYPE];
    let _ = env.add_overload(RANGE, RANGE, any(), range);
    let _ = env.add_overload(WEIGH, WEIGH, any(), weigh);
    env
}

/// The same tree, counting its steps.
pub fn counted(expr: &IdedExpr) -> IdedExpr {
    let inner = match &expr.expr {
        Expr::Call(call) => Expr::Call(counted_call(call)),
        Expr::Select(select) => {
            let mut select = select.clone();
            *select.operand = counted(&select.operand);
            Expr::Select(select)
        }
        Expr::List(list) => {
            let mut list = list.clone();
            list.elements = list.elements.iter().map(|one| wrapped(WEIGH, counted(one))).collect();
            Expr::List(list)
        }
        Expr::Map(map) => {
            let mut map = map.clone();
            for entry in &mut map.entries {
                if let EntryExpr::MapEntry(entry) = &mut entry.expr {
                    entry.key = wrapped(WEIGH, counted(&entry.key));
                    entry.value = wrapped(WEIGH, counted(&entry.value));
                }
            }
            Expr::Map(map)
        }
        Expr::Comprehension(comprehension) => {
            Expr::Comprehension(Box::new(counted_loop(comprehension)))
        }
        other => other.clone(),
    };
    let is_built = match &expr.expr {
        Expr::Call(call) => !is_constant(&call.func_name),
        _ => false,
    };
    let counted = IdedExpr { id: expr.id, expr: inner };
    if is_built { wrapped(WEIGH, counted) } else { counted }
}

fn counted_call(call: &CallExpr) -> CallExpr {
    CallExpr {
        func_name: call.func_name.clone(),
        target: call.target.as_ref().map(|target| Box::new(counted(target))),
        args: call.args.iter().map(counted).collect(),
    }
}

/// The step of a loop keeps its shape: the interpreter knows it, and appends in place.
fn counted_loop(comprehension: &ComprehensionExpr) -> ComprehensionExpr {
    let mut counted_one = comprehension.clone();
    counted_one.iter_range = wrapped(RANGE, counted(&comprehension.iter_range));
    counted_one.loop_step = counted_step(&comprehension.loop_step);
    counted_one
}

fn counted_step(step: &IdedExpr) -> IdedExpr {
    let Expr::Call(call) = &step.expr else { return counted(step) };
    let args = match (call.func_name.as_str(), call.args.as_slice()) {
        (op::CONDITIONAL, [holds, then, otherwise]) => {
            vec![counted(holds), counted_step(then), otherwise.clone()]
        }
        (op::ADD | op::LOGICAL_AND | op::LOGICAL_OR, [accumulator, added]) => {
            vec![accumulator.clone(), counted(added)]
        }
        _ => return counted(step),
    };
    let func_name = call.func_name.clone();
    IdedExpr { id: step.id, expr: Expr::Call(CallExpr { func_name, target: None, args }) }
}

fn wrapped(name: &str, inner: IdedExpr) -> IdedExpr {
    let id = inner.id;
    let call = CallExpr { func_name: name.to_owned(), target: None, args: vec![inner] };
    IdedExpr { id, expr: Expr::Call(call) }
}

/// True for operators whose result has a fixed size.
fn is_constant(function: &str) -> bool {
    matches!(
        function,
        op::EQUALS
            | op::NOT_EQUALS
            | op::LESS
            | op::LESS_EQUALS
            | op::GREATER
            | op::GREATER_EQUALS
            | op::IN
            | op::LOGICAL_AND
            | op::LOGICAL_OR
            | op::LOGICAL_NOT
            | op::NOT_STRICTLY_FALSE
            | op::CONDITIONAL
            | op::INDEX
    )
}

/// Evaluates a part of a condition, counting its steps, and looks at what it gives. Parts that
/// the whole never came to (`false && ...`) may be as large as any other.
///
/// # Errors
/// Those of the part; once the steps are used up, always.
pub fn look<T>(
    expr: &IdedExpr,
    context: &Context<'_, '_>,
    look: impl FnOnce(&dyn Val) -> T,
) -> Result<T, ExecutionError> {
    take(1)?;
    let counted = counted(expr);
    let value = Value::resolve_val(&counted, context)?;
    // What `||` made of an error of exhaustion is worth nothing.
    take(0)?;
    Ok(look(&*value))
}

/// Starts counting on this thread.
pub fn start() {
    LEFT.set(STEPS);
}

/// True when the steps were not enough: whatever came out is worth nothing.
pub fn is_exhausted() -> bool {
    LEFT.get() == 0
}

/// Counts steps; an error when there are none left. Once exhausted, always exhausted.
///
/// # Errors
/// When there are no steps left.
pub fn take(steps: u64) -> Result<(), ExecutionError> {
    let left = LEFT.get().saturating_sub(steps);
    LEFT.set(left);
    if left == 0 {
        return Err(ExecutionError::function_error("evaluation", "too many steps"));
    }
    Ok(())
}

fn range<'b, 'v>(args: Vec<CowVal<'b, 'v>>) -> Result<CowVal<'b, 'v>, ExecutionError> {
    let list = one(args)?;
    let shared = list.as_sizer().map_or(0, |sizer| *sizer.size().inner());
    let steps = value::weight(&*list, LEFT.get()).max(u64::try_from(shared).unwrap_or(0));
    take(steps + 1)?;
    Ok(list)
}

fn weigh<'b, 'v>(args: Vec<CowVal<'b, 'v>>) -> Result<CowVal<'b, 'v>, ExecutionError> {
    let kept = one(args)?;
    take(value::weight(&*kept, LEFT.get()))?;
    Ok(kept)
}

fn one<'b, 'v>(args: Vec<CowVal<'b, 'v>>) -> Result<CowVal<'b, 'v>, ExecutionError> {
    args.into_iter().next().ok_or_else(ExecutionError::missing_argument_or_target)
}
