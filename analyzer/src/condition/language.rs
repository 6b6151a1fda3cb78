//! The names that conditions may use: the variables of the model with their types, and the
//! functions.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use cel::Env;
use schemars::JsonSchema;

use super::bounds;
use super::types::Type;
use crate::summary::CaptureSummary;

/// A function of a condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Function {
    /// Its name.
    pub name: &'static str,
    /// How it is called.
    pub usage: &'static str,
    /// What it gives.
    pub about: &'static str,
}

/// The functions that captures add to CEL's own.
pub const FUNCTIONS: &[Function] = &[
    Function {
        name: "frames",
        usage: "frames('DISPLAY FILTER')",
        about: "the numbers of the frames that the filter selects, in order",
    },
    Function {
        name: "count",
        usage: "count('DISPLAY FILTER')",
        about: "how many frames the filter selects",
    },
    Function {
        name: "payload",
        usage: "payload(connection, \"client\")",
        about: "the bytes that one side sent, in order and without what was sent again",
    },
    Function {
        name: "sha256",
        usage: "sha256(bytes or string)",
        about: "their SHA-256 as 64 lower-case hex digits",
    },
    Function {
        name: "overlaps",
        usage: "overlaps(connections)",
        about: "how these connections were open together: max, at, pairs, frames",
    },
    Function {
        name: "matches_manifest",
        usage: "matches_manifest(run)",
        about: "true when the capture shows what the lab's run.json tells",
    },
];

/// Functions and macros of CEL itself that take part.
pub(super) const OF_CEL: &[&str] = &[
    "all",
    "exists",
    "exists_one",
    "filter",
    "has",
    "map",
    "size",
    "string",
    "int",
    "uint",
    "double",
    "bool",
    "bytes",
    "dyn",
    "type",
    "duration",
    "timestamp",
    "contains",
    "startsWith",
    "endsWith",
    "matches",
    "min",
    "max",
];

/// The names that a condition may use.
///
/// [`Language::captures`] is what `analyzer check` offers; other modules add their own
/// variables with [`Language::with`].
#[derive(Debug, Clone)]
pub struct Language {
    variables: Arc<BTreeMap<String, Type>>,
}

static CAPTURES: LazyLock<Arc<BTreeMap<String, Type>>> = LazyLock::new(|| {
    let mut variables = match Type::of::<CaptureSummary>() {
        Type::Object(object) => object.fields.clone(),
        _ => BTreeMap::new(),
    };
    variables.insert("run".to_owned(), Type::Text(None));
    Arc::new(variables)
});

static ENV: LazyLock<Arc<Env>> = LazyLock::new(|| Arc::new(bounds::environment()));

/// CEL's standard environment, made once.
pub(super) fn env() -> Arc<Env> {
    Arc::clone(&ENV)
}

impl Default for Language {
    fn default() -> Self {
        Self::captures()
    }
}

impl Language {
    /// Everything of [`CaptureSummary`] at the top level, and `run`, the manifest of a lab.
    #[must_use]
    pub fn captures() -> Self {
        Self { variables: Arc::clone(&CAPTURES) }
    }

    /// With one more variable, whose value has the shape of `T` in JSON.
    #[must_use]
    pub fn with<T: JsonSchema>(self, name: &str) -> Self {
        let mut variables = Arc::unwrap_or_clone(self.variables);
        variables.insert(name.to_owned(), Type::of::<T>());
        Self { variables: Arc::new(variables) }
    }

    /// The variables' names.
    pub fn variables(&self) -> impl Iterator<Item = &str> + Clone {
        self.variables.keys().map(String::as_str)
    }

    pub(super) fn variable(&self, name: &str) -> Option<&Type> {
        self.variables.get(name)
    }
}

/// What `overlaps` gives.
pub(super) fn overlaps_type() -> Type {
    let moment = Type::object("Moment", [("frame", Type::Int), ("time", Type::Double)]);
    let pair = Type::object(
        "pair of overlaps()",
        [
            ("first", Type::Int),
            ("second", Type::Int),
            ("from", moment.clone()),
            ("until", moment.clone()),
        ],
    );
    Type::object(
        "result of overlaps()",
        [
            ("max", Type::Int),
            ("at", moment),
            ("total", Type::Int),
            ("pairs", Type::list(pair)),
            ("frames", Type::list(Type::Int)),
        ],
    )
}
