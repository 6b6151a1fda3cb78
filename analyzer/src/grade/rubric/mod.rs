//! What a teacher wants to see: items with points, texts in several languages, and conditions
//! over the capture and over what grading found.
//!
//! A rubric is a TOML file. Its conditions are those of [`crate::condition`], with three
//! variables more: `evidence` (the graded pieces), `shown` (what they come to in numbers), and
//! `tolerance` (what the rubric says); with a profile of the lab, its `hosts` and `services`. [`Rubric::judge`] adds the items to a graded report.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml::Spanned;

use crate::condition::{Condition, Language};
use crate::evidence::Kind;

use super::profile::{Host, Profile, Service};
use super::written::{Refused, Sort, Written};

pub use super::words::Lang;
pub use course::{COURSE, course};
pub use shown::Shown;

mod course;
mod judge;
mod shown;
#[cfg(test)]
mod tests;

const RUBRICS: Sort = Sort { noun: "rubric", ready: &COURSE, text: course };
/// Most items.
const MOST_ITEMS: usize = 200;
/// Most points of an item.
const MOST_POINTS: f64 = 1e6;

/// The language as rubrics and pages write it.
#[must_use]
pub const fn code(lang: Lang) -> &'static str {
    match lang {
        Lang::En => "en",
        Lang::Id => "id",
    }
}

/// One text in several languages: by language code, or a plain string for all of them.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(untagged)]
enum Text {
    #[default]
    None,
    One(String),
    Many(BTreeMap<String, String>),
}

impl Text {
    /// The text in a language, else in English, else in any.
    fn get(&self, lang: Lang) -> Option<&str> {
        match self {
            Self::None => None,
            Self::One(text) => Some(text),
            Self::Many(texts) => {
                let found = texts.get(code(lang)).or_else(|| texts.get("en"));
                found.or_else(|| texts.values().next()).map(String::as_str)
            }
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RubricFile {
    version: Spanned<u32>,
    #[serde(default)]
    title: Text,
    #[serde(default)]
    tolerance: Tolerance,
    #[serde(default)]
    item: Vec<ItemFile>,
}

/// What a hand-in may get wrong without losing points.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, serde::Serialize, schemars::JsonSchema,
)]
#[serde(deny_unknown_fields, default)]
pub struct Tolerance {
    /// Cells that show something else than the capture.
    pub mismatches: u64,
    /// Contradictions.
    pub contradictions: u64,
    /// Claims that are false.
    pub false_claims: u64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ItemFile {
    id: Spanned<String>,
    #[serde(default)]
    title: Text,
    points: Spanned<f64>,
    #[serde(default)]
    requires: Vec<Kind>,
    #[serde(default)]
    condition: Option<Spanned<String>>,
    #[serde(default)]
    yes: Text,
    #[serde(default)]
    no: Text,
    #[serde(default)]
    part: Vec<PartFile>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PartFile {
    points: Spanned<f64>,
    condition: Spanned<String>,
    #[serde(default)]
    no: Text,
}

/// A rubric whose conditions are compiled.
#[derive(Debug)]
pub struct Rubric {
    title: Text,
    tolerance: Tolerance,
    items: Vec<Item>,
}

/// What is worth points together.
#[derive(Debug)]
struct Item {
    id: String,
    title: Text,
    points: f64,
    requires: Vec<Kind>,
    parts: Vec<Part>,
    yes: Text,
    no: Text,
}

/// One condition and its share of the points.
#[derive(Debug)]
struct Part {
    points: f64,
    condition: Condition,
    no: Text,
}

impl Rubric {
    /// Reads a rubric, or takes one of the course's: `task-1` to `task-4`.
    ///
    /// # Errors
    /// With file, line and column, what is wrong there.
    pub fn read(path: &Path) -> Result<Self, Refused> {
        let text = RUBRICS.read(path)?;
        Self::parse(&text, &path.display().to_string())
    }

    /// The same from text; `file` names it in messages.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn parse(text: &str, file: &str) -> Result<Self, Refused> {
        let reader = Written { text, file };
        let parsed: RubricFile = reader.parse()?;
        reader.expect_first_version(&parsed.version)?;
        if parsed.item.is_empty() || parsed.item.len() > MOST_ITEMS {
            let count = parsed.item.len();
            let reason = format!("{count} items; between 1 and {MOST_ITEMS} [[item]] are needed");
            return Err(reader.refused(0, reason));
        }
        let language = Language::captures()
            .with::<Vec<super::model::GradedEvidence>>("evidence")
            .with::<Shown>("shown")
            .with::<Tolerance>("tolerance")
            .with::<Vec<Host>>("hosts")
            .with::<Vec<Service>>("services");
        let mut items: Vec<Item> = Vec::with_capacity(parsed.item.len());
        for item in parsed.item {
            let at = item.id.span().start;
            let item = reader.item(item, &language)?;
            if items.iter().any(|other| other.id == item.id) {
                return Err(reader.refused(at, format!("a second item with id {:?}", item.id)));
            }
            items.push(item);
        }
        Ok(Self { title: parsed.title, tolerance: parsed.tolerance, items })
    }

    /// Its title.
    #[must_use]
    pub fn title(&self, lang: Lang) -> &str {
        self.title.get(lang).unwrap_or_default()
    }

    fn conditions(&self) -> impl Iterator<Item = &Condition> {
        self.items.iter().flat_map(|item| item.parts.iter().map(|part| &part.condition))
    }
}

impl Written<'_> {
    fn item(&self, item: ItemFile, language: &Language) -> Result<Item, Refused> {
        let points = self.points(&item.points)?;
        let mut parts = Vec::new();
        if let Some(condition) = &item.condition {
            if !item.part.is_empty() {
                let reason = "an item has a condition or [[item.part]], not both".to_owned();
                return Err(self.refused(condition.span().start, reason));
            }
            let condition = self.condition(condition, language)?;
            parts.push(Part { points, condition, no: Text::None });
        }
        for part in &item.part {
            let points = self.points(&part.points)?;
            let condition = self.condition(&part.condition, language)?;
            parts.push(Part { points, condition, no: part.no.clone() });
        }
        let sum: f64 = parts.iter().map(|part| part.points).sum();
        if parts.is_empty() || (sum - points).abs() > 1e-6 {
            let reason = if parts.is_empty() {
                "it needs a condition, or [[item.part]]s with one each".to_owned()
            } else {
                format!("the parts have {sum} points together, the item {points}")
            };
            return Err(self.refused(item.points.span().start, reason));
        }
        let (id, title, requires) = (item.id.into_inner(), item.title, item.requires);
        Ok(Item { id, title, points, requires, parts, yes: item.yes, no: item.no })
    }

    fn points(&self, points: &Spanned<f64>) -> Result<f64, Refused> {
        let value = *points.get_ref();
        if value.is_finite() && (0.0..=MOST_POINTS).contains(&value) {
            return Ok(value);
        }
        Err(self.refused(points.span().start, format!("points must be 0 to {MOST_POINTS}")))
    }

    fn condition(&self, text: &Spanned<String>, language: &Language) -> Result<Condition, Refused> {
        Condition::compile(text.get_ref(), language)
            .map_err(|error| self.refused(text.span().start, error.to_string()))
    }
}

/// Several captures as the judge reads them.
type Captures<'a> = &'a [PathBuf];
