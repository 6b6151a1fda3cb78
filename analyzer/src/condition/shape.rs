//! The loops of CEL (`exists`, `all`, `exists_one`, `map`, `filter`), found again in the tree
//! that the parser has expanded them into.

use cel::common::ast::{CallExpr, ComprehensionExpr, Expr, IdedExpr, operators};

/// A loop as it was written.
#[derive(Debug, Clone, Copy)]
pub enum Loop<'e> {
    /// `list.exists(x, holds)`.
    Exists(&'e IdedExpr),
    /// `list.all(x, holds)`.
    All(&'e IdedExpr),
    /// `list.exists_one(x, holds)`.
    ExistsOne(&'e IdedExpr),
    /// `list.filter(x, holds)`.
    Filter(&'e IdedExpr),
    /// `list.map(x, value)` or `list.map(x, holds, value)`.
    Map(Option<&'e IdedExpr>, &'e IdedExpr),
}

impl<'e> Loop<'e> {
    /// Finds the loop; `None` for a tree that no macro of ours makes.
    pub fn of(comprehension: &'e ComprehensionExpr) -> Option<Self> {
        let step = call(&comprehension.loop_step)?;
        match (step.func_name.as_str(), step.args.as_slice()) {
            (operators::LOGICAL_OR, [_, body]) => Some(Self::Exists(body)),
            (operators::LOGICAL_AND, [_, body]) => Some(Self::All(body)),
            (operators::ADD, [_, added]) => Some(Self::Map(None, only(added)?)),
            (operators::CONDITIONAL, [holds, then, _]) => {
                let [_, added] = call(then)?.args.as_slice() else { return None };
                match &added.expr {
                    Expr::Literal(_) => Some(Self::ExistsOne(holds)),
                    _ => match only(added)? {
                        IdedExpr { expr: Expr::Ident(name), .. }
                            if *name == comprehension.iter_var =>
                        {
                            Some(Self::Filter(holds))
                        }
                        value => Some(Self::Map(Some(holds), value)),
                    },
                }
            }
            _ => None,
        }
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Exists(_) => "exists",
            Self::All(_) => "all",
            Self::ExistsOne(_) => "exists_one",
            Self::Filter(_) => "filter",
            Self::Map(..) => "map",
        }
    }
}

/// The call that an expression is.
pub fn call(expr: &IdedExpr) -> Option<&CallExpr> {
    match &expr.expr {
        Expr::Call(call) => Some(call),
        _ => None,
    }
}

/// The element of a list of one.
fn only(list: &IdedExpr) -> Option<&IdedExpr> {
    match &list.expr {
        Expr::List(list) => list.elements.first(),
        _ => None,
    }
}

/// The expressions directly below one.
pub fn children(expr: &IdedExpr) -> Vec<&IdedExpr> {
    use cel::common::ast::EntryExpr;
    match &expr.expr {
        Expr::Call(call) => call.target.as_deref().into_iter().chain(&call.args).collect(),
        Expr::Comprehension(c) => {
            vec![&c.iter_range, &c.accu_init, &c.loop_cond, &c.loop_step, &c.result]
        }
        Expr::List(list) => list.elements.iter().collect(),
        Expr::Map(map) => {
            let entries = map.entries.iter().map(|entry| &entry.expr);
            entries
                .flat_map(|entry| match entry {
                    EntryExpr::MapEntry(entry) => vec![&entry.key, &entry.value],
                    EntryExpr::StructField(field) => vec![&field.value],
                })
                .collect()
        }
        Expr::Struct(value) => {
            let entries = value.entries.iter().map(|entry| &entry.expr);
            entries
                .flat_map(|entry| match entry {
                    EntryExpr::MapEntry(entry) => vec![&entry.key, &entry.value],
                    EntryExpr::StructField(field) => vec![&field.value],
                })
                .collect()
        }
        Expr::Select(select) => vec![&select.operand],
        Expr::Ident(_) | Expr::Literal(_) | Expr::Unspecified => Vec::new(),
    }
}
