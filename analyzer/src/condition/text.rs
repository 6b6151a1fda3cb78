//! A condition's tree as text again, for telling which part of it failed.

use cel::common::ast::operators as op;
use cel::common::ast::{CallExpr, ComprehensionExpr, EntryExpr, Expr, IdedExpr, LiteralValue};

use super::shape::Loop;

/// Operators with their text and how tightly they bind.
const BINARY: &[(&str, &str, u8)] = &[
    (op::LOGICAL_OR, "||", 2),
    (op::LOGICAL_AND, "&&", 3),
    (op::EQUALS, "==", 4),
    (op::NOT_EQUALS, "!=", 4),
    (op::LESS, "<", 4),
    (op::LESS_EQUALS, "<=", 4),
    (op::GREATER, ">", 4),
    (op::GREATER_EQUALS, ">=", 4),
    (op::IN, "in", 4),
    (op::ADD, "+", 5),
    (op::SUBSTRACT, "-", 5),
    (op::MULTIPLY, "*", 6),
    (op::DIVIDE, "/", 6),
    (op::MODULO, "%", 6),
];

/// How tightly `a ? b : c` binds.
const CONDITIONAL: u8 = 1;
/// How tightly `!a` and `-a` bind.
const UNARY: u8 = 7;
/// How tightly calls, fields and indices bind.
const MEMBER: u8 = 8;

/// The operator of a call with two arguments, as it is written, and how tightly it binds.
pub fn binary(name: &str) -> Option<(&'static str, u8)> {
    BINARY.iter().find(|(function, ..)| *function == name).map(|(_, text, level)| (*text, *level))
}

/// The expression as one would write it.
pub fn expression(expr: &IdedExpr) -> String {
    let mut text = String::new();
    write(&mut text, expr, 0);
    text
}

fn write(out: &mut String, expr: &IdedExpr, around: u8) {
    match &expr.expr {
        Expr::Unspecified => {}
        Expr::Ident(name) => out.push_str(name),
        Expr::Literal(value) => out.push_str(&literal(value)),
        Expr::Select(select) if select.test => {
            out.push_str("has(");
            write(out, &select.operand, MEMBER);
            out.push('.');
            out.push_str(&select.field);
            out.push(')');
        }
        Expr::Select(select) => {
            write(out, &select.operand, MEMBER);
            out.push('.');
            out.push_str(&select.field);
        }
        Expr::List(list) => {
            out.push('[');
            sequence(out, &list.elements);
            out.push(']');
        }
        Expr::Map(map) => entries(out, map.entries.iter().map(|entry| &entry.expr)),
        Expr::Struct(value) => {
            out.push_str(&value.type_name);
            entries(out, value.entries.iter().map(|entry| &entry.expr));
        }
        Expr::Call(call) => write_call(out, call, around),
        Expr::Comprehension(comprehension) => write_loop(out, comprehension),
    }
}

fn sequence(out: &mut String, exprs: &[IdedExpr]) {
    for (index, expr) in exprs.iter().enumerate() {
        if index > 0 {
            out.push_str(", ");
        }
        write(out, expr, 0);
    }
}

fn entries<'e>(out: &mut String, entries: impl Iterator<Item = &'e EntryExpr>) {
    out.push('{');
    for (index, entry) in entries.enumerate() {
        if index > 0 {
            out.push_str(", ");
        }
        match entry {
            EntryExpr::MapEntry(entry) => {
                write(out, &entry.key, 0);
                out.push_str(": ");
                write(out, &entry.value, 0);
            }
            EntryExpr::StructField(field) => {
                out.push_str(&field.field);
                out.push_str(": ");
                write(out, &field.value, 0);
            }
        }
    }
    out.push('}');
}

fn write_call(out: &mut String, call: &CallExpr, around: u8) {
    let name = call.func_name.as_str();
    match (name, &call.target, call.args.as_slice()) {
        (op::CONDITIONAL, None, [holds, then, otherwise]) => {
            bracketed(out, around, CONDITIONAL, |out| {
                write(out, holds, CONDITIONAL + 1);
                out.push_str(" ? ");
                write(out, then, CONDITIONAL + 1);
                out.push_str(" : ");
                write(out, otherwise, CONDITIONAL);
            })
        }
        (op::INDEX, None, [list, index]) => {
            write(out, list, MEMBER);
            out.push('[');
            write(out, index, 0);
            out.push(']');
        }
        (op::LOGICAL_NOT | op::NEGATE, None, [inner]) => bracketed(out, around, UNARY, |out| {
            out.push(if name == op::NEGATE { '-' } else { '!' });
            write(out, inner, UNARY);
        }),
        (_, None, [left, right]) if let Some((sign, level)) = binary(name) => {
            bracketed(out, around, level, |out| {
                write(out, left, level);
                out.push(' ');
                out.push_str(sign);
                out.push(' ');
                write(out, right, level + 1);
            });
        }
        (_, target, args) => {
            if let Some(target) = target {
                write(out, target, MEMBER);
                out.push('.');
            }
            out.push_str(name);
            out.push('(');
            sequence(out, args);
            out.push(')');
        }
    }
}

fn bracketed(out: &mut String, around: u8, level: u8, inside: impl FnOnce(&mut String)) {
    if level < around {
        out.push('(');
        inside(out);
        out.push(')');
    } else {
        inside(out);
    }
}

fn write_loop(out: &mut String, comprehension: &ComprehensionExpr) {
    write(out, &comprehension.iter_range, MEMBER);
    let Some(form) = Loop::of(comprehension) else {
        out.push_str(".(loop)");
        return;
    };
    out.push('.');
    out.push_str(form.name());
    out.push('(');
    out.push_str(&comprehension.iter_var);
    let parts = match form {
        Loop::Map(Some(holds), value) => vec![holds, value],
        Loop::Map(None, body) => vec![body],
        Loop::Exists(body) | Loop::All(body) | Loop::ExistsOne(body) | Loop::Filter(body) => {
            vec![body]
        }
    };
    for part in parts {
        out.push_str(", ");
        write(out, part, 0);
    }
    out.push(')');
}

fn literal(value: &LiteralValue) -> String {
    match value {
        LiteralValue::Boolean(value) => value.inner().to_string(),
        LiteralValue::Bytes(value) => format!("b{:?}", String::from_utf8_lossy(value.inner())),
        LiteralValue::Double(value) => format!("{:?}", value.inner()),
        LiteralValue::Int(value) => value.inner().to_string(),
        LiteralValue::Null => "null".to_owned(),
        LiteralValue::String(value) => quoted(value.inner()),
        LiteralValue::UInt(value) => format!("{}u", value.inner()),
    }
}

/// A string in the quotes that need no escapes.
pub fn quoted(text: &str) -> String {
    if text.contains('"') && !text.contains(['\'', '\\']) && !text.contains(char::is_control) {
        format!("'{text}'")
    } else {
        format!("{text:?}")
    }
}
