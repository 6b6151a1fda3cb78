//! Golden output: every format on the same three summaries, and the schema against the JSON.

use serde_json::Value;

use super::{Format, Look, render};
use crate::summary::{CaptureSummary, Options, script};

/// A clean echo.
const ECHO: &str = "
    0.0 a > S 0 0
    0.1 a < SA 0 1
    0.2 a > A 1 1
    0.3 a > PA 1 1 hello|<b>`
    0.4 a < A 1 11
    0.5 a < PA 1 11 hello|<b>`
    0.6 a > A 11 11
    1.0 a > FA 11 11
    1.2 a < FA 11 12
    1.3 a > A 12 12";

/// A sequential server: the second client waits until the first has left.
const WAITING: &str = "
    0.0 a > S 0 0
    0.1 a < SA 0 1
    0.2 a > A 1 1
    0.3 a > PA 1 1 first
    0.4 a < A 1 6
    0.5 a < PA 1 6 first
    0.6 a > A 6 6
    9.0 b > S 0 0
    9.1 b < SA 0 1
    9.2 b > A 1 1
    9.3 b > PA 1 1 second
    9.4 b < A 1 7
    50.0 a > FA 6 6
    50.1 a < FA 6 7
    50.2 a > A 7 7
    50.3 b < PA 1 7 second
    50.4 b > RA 7 1";

/// Older than the capture, refused, unanswered, sent again.
const TROUBLE: &str = "
    0.0 a < PA 1 1 tail
    0.1 a > FA 1 5
    1.0 b > S 0 0
    1.1 b < RA 0 1
    2.0 c > S 0 0
    1002.0 c > S 0 0
    2000.0 d > S 0 0
    2000.1 d < SA 0 1
    2000.2 d > A 1 1
    2000.3 d > PA 1 1 again
    2300.3 d > PA 1 1 again";

fn summaries() -> Vec<CaptureSummary> {
    let scripts = [ECHO, WAITING, TROUBLE];
    scripts.into_iter().map(|text| script::summary(text, Options::default())).collect()
}

fn rendered(format: Format, look: Look) -> String {
    let mut out = Vec::new();
    render(format, &summaries(), look, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn table() {
    let text = rendered(Format::Table, Look::default());
    let widest = text.lines().map(|line| line.chars().count()).max();
    assert!(widest <= Some(80), "{widest:?} columns");
    assert!(!text.contains('\u{1b}'));
    insta::assert_snapshot!(text);
}

#[test]
fn colour_adds_nothing_but_escapes() {
    let coloured = rendered(Format::Table, Look { colour: true, ..Look::default() });
    let mut plain = String::new();
    let mut rest = coloured.as_str();
    while let Some((before, after)) = rest.split_once('\u{1b}') {
        plain.push_str(before);
        rest = after.split_once('m').unwrap().1;
    }
    plain.push_str(rest);
    let trimmed = |text: &str| text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n");
    assert_ne!(plain, coloured);
    assert_eq!(trimmed(&plain), trimmed(&rendered(Format::Table, Look::default())));
}

#[test]
fn json() {
    insta::assert_snapshot!(rendered(Format::Json, Look::default()));
}

#[test]
fn ndjson() {
    insta::assert_snapshot!(rendered(Format::Ndjson, Look::default()));
}

#[test]
fn csv() {
    let text = rendered(Format::Csv, Look::default());
    let columns = text.lines().map(|line| line.split(',').count());
    assert!(columns.clone().all(|count| Some(count) == columns.clone().next()));
    insta::assert_snapshot!(text.replace("\r\n", "\n"));
}

#[test]
fn markdown() {
    insta::assert_snapshot!(rendered(Format::Markdown, Look::default()));
}

#[test]
fn json_reads_back_as_the_same_model() {
    let text = rendered(Format::Json, Look::default());
    let report: crate::summary::Report = serde_json::from_str(&text).unwrap();
    assert_eq!(report.version, 1);
    assert_eq!(report.captures.len(), 3);
    let mut again = Vec::new();
    render(Format::Json, &report.captures, Look::default(), &mut again).unwrap();
    assert_eq!(String::from_utf8(again).unwrap(), text);
}

/// Walks the document along its schema: required keys are there, no key is unknown, types fit,
/// words are among the allowed ones.
fn check(schema: &Value, definitions: &Value, value: &Value, path: &str) {
    if let Some(name) = schema["$ref"].as_str() {
        let name = name.rsplit('/').next().unwrap();
        return check(&definitions[name], definitions, value, path);
    }
    if let Some(choices) = schema["anyOf"].as_array() {
        let chosen = choices.iter().find(|c| (c["type"] == "null") == value.is_null());
        return check(chosen.expect(path), definitions, value, path);
    }
    if let Some(choices) = schema["oneOf"].as_array() {
        let words: Vec<&Value> = choices.iter().map(|choice| &choice["const"]).collect();
        return assert!(words.contains(&value), "{path}: {value} is not one of {words:?}");
    }
    let types = match &schema["type"] {
        Value::Array(types) => types.clone(),
        single => vec![single.clone()],
    };
    let found = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let fits = types.iter().any(|t| t == found || (t == "number" && found == "integer"));
    assert!(fits, "{path}: {found} where the schema has {types:?}");
    for (index, item) in value.as_array().into_iter().flatten().enumerate() {
        check(&schema["items"], definitions, item, &format!("{path}[{index}]"));
    }
    let Some(object) = value.as_object() else { return };
    for (key, inner) in object {
        let property = &schema["properties"][key];
        assert!(property.is_object(), "{path}.{key} is not in the schema");
        check(property, definitions, inner, &format!("{path}.{key}"));
    }
    for key in schema["required"].as_array().into_iter().flatten() {
        assert!(object.contains_key(key.as_str().unwrap()), "{path}: {key} is missing");
    }
}

#[test]
fn the_document_keeps_to_its_schema() {
    let mut printed = Vec::new();
    super::write_schema(&mut printed).unwrap();
    let schema: Value = serde_json::from_slice(&printed).unwrap();
    let document: Value = serde_json::from_str(&rendered(Format::Json, Look::default())).unwrap();
    check(&schema, &schema["$defs"], &document, "report");
    assert!(schema["$defs"]["Connection"]["required"].as_array().unwrap().len() > 15);
}
