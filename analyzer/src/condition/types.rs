//! What a name in a condition stands for, read from the JSON Schema of the model, so that a
//! wrong field is an error before any capture is read, and the words of the documentation are
//! the words of the check.

use std::collections::BTreeMap;
use std::sync::Arc;

use schemars::{JsonSchema, schema_for};
use serde_json::Value as Json;

/// The type of a value.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Type {
    /// Nothing is known of it.
    #[default]
    Any,
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool,
    /// A whole number.
    Int,
    /// A number with a fraction.
    Double,
    /// A string; with the words that it can be, when they are known.
    Text(Option<Arc<[String]>>),
    /// Bytes.
    Bytes,
    /// A list.
    List(Arc<Type>),
    /// Named fields.
    Object(Arc<Object>),
}

/// An object of the model.
#[derive(Debug, Default, PartialEq)]
pub struct Object {
    /// Its name in the schema, `Connection` for example.
    pub name: String,
    /// Its fields.
    pub fields: BTreeMap<String, Type>,
}

/// Depth at which a model that contains itself is cut.
const DEEPEST: usize = 12;

impl Type {
    /// The type that a model has in JSON.
    pub fn of<T: JsonSchema>() -> Self {
        let schema = schema_for!(T).to_value();
        Self::read(&schema, &schema, 0)
    }

    /// A list of this.
    pub fn list(of: Self) -> Self {
        Self::List(Arc::new(of))
    }

    /// An object with these fields.
    pub fn object(name: &str, fields: impl IntoIterator<Item = (&'static str, Self)>) -> Self {
        let fields = fields.into_iter().map(|(name, of)| (name.to_owned(), of)).collect();
        Self::Object(Arc::new(Object { name: name.to_owned(), fields }))
    }

    /// What a person calls it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Any => "a value",
            Self::Null => "null",
            Self::Bool => "true or false",
            Self::Int => "a whole number",
            Self::Double => "a number",
            Self::Text(_) => "a string",
            Self::Bytes => "bytes",
            Self::List(_) => "a list",
            Self::Object(_) => "an object",
        }
    }

    /// False when no value of the one can equal a value of the other.
    pub fn may_equal(&self, other: &Self) -> bool {
        use Type::{Any, Bool, Bytes, Double, Int, List, Null, Object, Text};
        match (self, other) {
            (Any | Null, _) | (_, Any | Null) => true,
            (Int | Double, Int | Double) => true,
            (Bool, Bool) | (Bytes, Bytes) | (Object(_), Object(_)) => true,
            (Text(_), Text(_)) => true,
            (List(one), List(two)) => one.may_equal(two),
            _ => false,
        }
    }

    fn read(schema: &Json, root: &Json, depth: usize) -> Self {
        if depth > DEEPEST {
            return Self::Any;
        }
        if let Some(name) = schema.get("$ref").and_then(Json::as_str) {
            let name = name.rsplit('/').next().unwrap_or_default();
            let target = root.get("$defs").and_then(|defs| defs.get(name));
            return target.map_or(Self::Any, |target| {
                Self::named(name, Self::read(target, root, depth + 1))
            });
        }
        if let Some(all) = schema.get("allOf").and_then(Json::as_array) {
            return all.first().map_or(Self::Any, |one| Self::read(one, root, depth + 1));
        }
        for key in ["anyOf", "oneOf"] {
            if let Some(choices) = schema.get(key).and_then(Json::as_array) {
                return Self::choice(choices, root, depth);
            }
        }
        Self::plain(schema, root, depth)
    }

    /// Gives an object its name.
    fn named(name: &str, of: Self) -> Self {
        match of {
            Self::Object(object) => Self::Object(Arc::new(Object {
                name: name.to_owned(),
                fields: object.fields.clone(),
            })),
            other => other,
        }
    }

    /// One of several: the words of an enumeration, or the one that is not null.
    fn choice(choices: &[Json], root: &Json, depth: usize) -> Self {
        let types: Vec<Self> = choices
            .iter()
            .map(|one| Self::read(one, root, depth + 1))
            .filter(|one| *one != Self::Null)
            .collect();
        let words: Option<Vec<String>> = types
            .iter()
            .map(|one| match one {
                Self::Text(Some(words)) => Some(words.to_vec()),
                _ => None,
            })
            .collect::<Option<Vec<_>>>()
            .map(|words| words.concat());
        match (words, types.as_slice()) {
            (Some(words), [_, ..]) => Self::Text(Some(words.into())),
            (None, [one]) => one.clone(),
            _ => Self::Any,
        }
    }

    fn plain(schema: &Json, root: &Json, depth: usize) -> Self {
        if let Some(word) = schema.get("const").and_then(Json::as_str) {
            return Self::Text(Some([word.to_owned()].into()));
        }
        if let Some(words) = schema.get("enum").and_then(Json::as_array) {
            let words: Vec<String> =
                words.iter().filter_map(Json::as_str).map(str::to_owned).collect();
            return Self::Text(Some(words.into()));
        }
        let name = match schema.get("type") {
            Some(Json::String(name)) => name.as_str(),
            Some(Json::Array(names)) => {
                names.iter().filter_map(Json::as_str).find(|name| *name != "null").unwrap_or("null")
            }
            _ => return Self::Any,
        };
        match name {
            "null" => Self::Null,
            "boolean" => Self::Bool,
            "integer" => Self::Int,
            "number" => Self::Double,
            "string" => Self::Text(None),
            "array" => Self::list(
                schema.get("items").map_or(Self::Any, |items| Self::read(items, root, depth + 1)),
            ),
            "object" => Self::fields(schema, root, depth),
            _ => Self::Any,
        }
    }

    fn fields(schema: &Json, root: &Json, depth: usize) -> Self {
        let Some(properties) = schema.get("properties").and_then(Json::as_object) else {
            return Self::Any;
        };
        let name = schema.get("title").and_then(Json::as_str).unwrap_or("object").to_owned();
        let fields = properties
            .iter()
            .map(|(name, schema)| (name.clone(), Self::read(schema, root, depth + 1)))
            .collect();
        Self::Object(Arc::new(Object { name, fields }))
    }
}
