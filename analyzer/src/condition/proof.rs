//! The frames that prove the value of a part of a condition, and the cells of their rows that
//! show it.

use std::collections::BTreeSet;

use cel::Context;
use cel::common::ast::{Expr, IdedExpr, LiteralValue};
use cel::common::value::Val;

use super::answers::Answers;
use super::value::{self, field, whole};
use super::witness::{Column, Witness};
use super::{bounds, shape};

/// Frames that are named.
const MOST: usize = 8;
/// How deep into an object moments are looked for.
const DEPTH: usize = 4;

/// How many connections there are, and the list that proves it.
const TOTAL: &str = "connections_total";
const LISTED: &str = "connections";

/// A witness that has frames and columns, and nothing else yet.
pub fn of(expr: &IdedExpr, context: &Context<'_, '_>, answers: &Answers) -> Witness {
    let mut frames = BTreeSet::new();
    let mut columns = BTreeSet::new();
    let mut waiting = vec![expr];
    while let Some(expr) = waiting.pop() {
        match &expr.expr {
            Expr::Call(call) if matches!(call.func_name.as_str(), "frames" | "count") => {
                if let Some(filter) = call.args.first().and_then(|filter| string(filter, context)) {
                    let known = answers.known(&filter);
                    let shown = known.iter().flat_map(|selected| selected.frames.iter().copied());
                    frames.extend(shown.take(MOST));
                    columns.extend(columns_of_filter(&filter));
                }
            }
            Expr::Call(call) if call.func_name == "payload" => {
                if let [connection, side] = call.args.as_slice() {
                    data_of(connection, side, context, &mut frames);
                    columns.insert(Column::Info);
                }
            }
            Expr::Select(_) => {
                columns.extend(columns_of_path(expr));
                moments_of_path(expr, context, &mut frames);
            }
            Expr::Comprehension(comprehension) => {
                // What is left of a list of connections proves itself.
                let _ = bounds::look(expr, context, |found| moments(found, DEPTH, &mut frames));
                waiting.push(&comprehension.iter_range);
            }
            Expr::Ident(name) if name == TOTAL => {
                let connections = IdedExpr { id: expr.id, expr: Expr::Ident(LISTED.to_owned()) };
                firsts(&connections, context, &mut frames);
                columns.insert(Column::Info);
            }
            Expr::Ident(_) => {
                let _ = bounds::look(expr, context, |found| moments(found, DEPTH, &mut frames));
            }
            _ => waiting.extend(shape::children(expr)),
        }
        if frames.len() >= MOST {
            break;
        }
    }
    let columns = if frames.is_empty() { BTreeSet::new() } else { columns };
    Witness {
        frames: frames.into_iter().take(MOST).collect(),
        columns: columns.into_iter().collect(),
        ..Witness::default()
    }
}

fn string(expr: &IdedExpr, context: &Context<'_, '_>) -> Option<String> {
    if let Expr::Literal(LiteralValue::String(text)) = &expr.expr {
        return Some(text.inner().to_owned());
    }
    bounds::look(expr, context, |found| value::string(found).map(str::to_owned)).ok()?
}

/// The first and the last frame with data from one side of a connection.
fn data_of(
    connection: &IdedExpr,
    side: &IdedExpr,
    context: &Context<'_, '_>,
    frames: &mut BTreeSet<u64>,
) {
    let flow = match string(side, context).as_deref() {
        Some("server") => "from_server",
        _ => "from_client",
    };
    let _ = bounds::look(connection, context, |connection| {
        let Some(flow) = field(connection, flow) else { return };
        for name in ["first_data", "last_data"] {
            let frame = field(flow, name).and_then(|moment| field(moment, "frame")).and_then(whole);
            frames.extend(frame.and_then(|frame| u64::try_from(frame).ok()));
        }
    });
}

/// The first frame of each connection.
fn firsts(connections: &IdedExpr, context: &Context<'_, '_>, frames: &mut BTreeSet<u64>) {
    let _ = bounds::look(connections, context, |list| {
        for connection in value::elements(list).into_iter().take(MOST) {
            let first = field(connection, "first").and_then(|moment| field(moment, "frame"));
            frames.extend(first.and_then(whole).and_then(|frame| u64::try_from(frame).ok()));
        }
    });
}

/// The first and the last frame of the capture, for what is said of it as a whole.
fn ends(value: &dyn Val, frames: &mut BTreeSet<u64>) {
    let is_capture = field(value, "protocols").is_some() && field(value, "interfaces").is_some();
    let count = field(value, "frames").filter(|_| is_capture).and_then(whole);
    if let Some(count) = count.and_then(|count| u64::try_from(count).ok()).filter(|one| *one > 0) {
        frames.extend([1, count]);
    }
}

/// The moments of the innermost object on a path that has any.
fn moments_of_path(expr: &IdedExpr, context: &Context<'_, '_>, frames: &mut BTreeSet<u64>) {
    let mut next = Some(expr);
    while let Some(expr) = next {
        let before = frames.len();
        let _ = bounds::look(expr, context, |found| {
            moments(found, DEPTH, frames);
            ends(found, frames);
        });
        if frames.len() > before {
            return;
        }
        next = match &expr.expr {
            Expr::Select(select) => Some(&select.operand),
            Expr::Call(call) => call.target.as_deref().or_else(|| call.args.first()),
            _ => None,
        };
    }
}

/// The frames that a value names: `frame` and `frames` in it. Of a connection only its first
/// and last.
fn moments(value: &dyn Val, depth: usize, frames: &mut BTreeSet<u64>) {
    if depth == 0 || frames.len() >= MOST {
        return;
    }
    let frame = |value: &dyn Val| whole(value).and_then(|frame| u64::try_from(frame).ok());
    if field(value, "stream").is_some() && field(value, "first").is_some() {
        for name in ["first", "last"] {
            let moment = field(value, name).and_then(|moment| field(moment, "frame"));
            frames.extend(moment.and_then(frame));
        }
        return;
    }
    if let Some(number) = field(value, "frame").and_then(frame) {
        frames.insert(number);
    }
    if let Some(list) = field(value, "frames") {
        let numbers = value::elements(list).into_iter().filter_map(frame);
        frames.extend(numbers.take(MOST));
    }
    for inner in value::fields(value) {
        moments(inner, depth - 1, frames);
    }
    for element in value::elements(value).into_iter().take(MOST) {
        if value::is_record(element) {
            moments(element, depth - 1, frames);
        }
    }
}

/// The columns that show a field of the model.
fn columns_of_path(expr: &IdedExpr) -> Vec<Column> {
    let path = super::text::expression(expr);
    let parts: Vec<&str> = path.split('.').collect();
    let last = parts.last().copied().unwrap_or_default();
    match last {
        "port" | "address" => vec![Column::Source, Column::Destination, Column::Info],
        "time" | "duration" | "rtt" | "start" => vec![Column::Time],
        "frame" | "frames" => vec![Column::No],
        name if name.ends_with("bytes") => vec![Column::Length, Column::Info],
        _ => vec![Column::Info],
    }
}

/// The columns that show what a display filter asks about.
fn columns_of_filter(filter: &str) -> BTreeSet<Column> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_');
    let mut columns = BTreeSet::new();
    for name in filter.split(|c| !is_name(c)).filter(|name| name.starts_with(char::is_alphabetic)) {
        match name {
            "and" | "or" | "not" | "in" | "contains" | "matches" | "eq" | "ne" | "gt" | "lt"
            | "ge" | "le" => {}
            _ if name.starts_with("frame.time") => _ = columns.insert(Column::Time),
            "frame.len" | "frame.cap_len" => _ = columns.insert(Column::Length),
            "frame.number" => _ = columns.insert(Column::No),
            _ if name.ends_with(".src") || name.ends_with(".src_host") => {
                columns.insert(Column::Source);
            }
            _ if name.ends_with(".dst") || name.ends_with(".dst_host") => {
                columns.insert(Column::Destination);
            }
            _ if name.ends_with(".addr") => {
                columns.extend([Column::Source, Column::Destination]);
            }
            _ if !name.contains('.') => _ = columns.insert(Column::Protocol),
            _ => _ = columns.insert(Column::Info),
        }
    }
    columns
}
