//! What conditions are evaluated over: a capture that was read once, and further variables.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;
use std::sync::{Arc, Mutex};

use cel::Context;
use cel::common::value::Val;
use serde::Serialize;
use serde_json::Value as Json;

use super::answers::Answers;
use super::compiled::Condition;
use super::reading::{MOST_CONNECTIONS, Questions, Reading};
use super::{functions, language, value};
use crate::engine::{self, Threads};
use crate::source;
use crate::summary::{CaptureEnd, CaptureSummary};

/// A capture, read once for the conditions that are to be evaluated over it.
///
/// Conditions that were not named when it was read can be evaluated, too: their display filters
/// cost a further pass each, and `payload()` has nothing to give.
pub struct Subject {
    pub(super) answers: Arc<Answers>,
    variables: BTreeMap<String, Box<dyn Val>>,
    damage: Option<source::Error>,
}

impl Subject {
    /// Without a capture: conditions see only what [`Self::set`] adds.
    #[must_use]
    pub fn without_capture() -> Self {
        let answers = Arc::new(Answers::default());
        Self { answers, variables: BTreeMap::new(), damage: None }
    }

    /// Reads a capture once, for everything that the conditions ask.
    ///
    /// # Errors
    /// When it cannot be opened. Damage further inside is no error: see [`Self::damage`].
    pub fn read<'c>(
        path: &Path,
        conditions: impl IntoIterator<Item = &'c Condition>,
    ) -> source::Result<Self> {
        let mut questions = Questions::default();
        let mut names = HashSet::new();
        for condition in conditions {
            condition.ask(&mut questions);
            names.extend(condition.variables().iter().cloned());
        }
        let mut subject = Self::answer(path, &questions)?;
        subject.bind(&names);
        Ok(subject)
    }

    /// The same for questions that are known already.
    pub(crate) fn answer(path: &Path, questions: &Questions) -> source::Result<Self> {
        let mut capture = source::open(path)?;
        let mut reading = Reading::new(questions, capture.numbers_interfaces());
        let damage = engine::run(&mut *capture, Threads::default(), &mut reading).err();
        let (collector, selected, halves) = reading.finish();
        let name = path.file_name().map_or_else(|| path, Path::new);
        let summary = Arc::new(collector.finish(CaptureEnd {
            file: name.display().to_string(),
            format: Some(capture.format().to_owned()),
            interfaces: capture.interfaces().to_vec(),
            statistics: capture.statistics(),
            error: damage.as_ref().map(ToString::to_string),
            filter: None,
        }));
        let selected = selected.into_iter().map(|(text, found)| (text, Arc::new(found)));
        let answers = Answers {
            path: Some(path.to_owned()),
            folder: path.parent().unwrap_or(Path::new("")).to_owned(),
            summary: Some(summary),
            selected: Mutex::new(selected.collect()),
            halves,
            has_bytes: questions.wants_bytes,
            passes: Mutex::new(0),
        };
        Ok(Self { answers: Arc::new(answers), variables: BTreeMap::new(), damage })
    }

    /// The summary, when there is a capture.
    #[must_use]
    pub fn summary(&self) -> Option<&CaptureSummary> {
        self.answers.summary.as_deref()
    }

    /// Why the capture could not be read to its end, if so.
    #[must_use]
    pub fn damage(&self) -> Option<&source::Error> {
        self.damage.as_ref()
    }

    /// Adds a variable, or gives one another value. A value that JSON cannot express is null.
    pub fn set(&mut self, name: &str, value: &impl Serialize) {
        let json = serde_json::to_value(value).unwrap_or(Json::Null);
        self.variables.insert(name.to_owned(), value::of_json(json));
    }

    /// Makes values of the parts of the summary that are named.
    pub(super) fn bind(&mut self, names: &HashSet<String>) {
        let Some(summary) = self.answers.summary.clone() else { return };
        let wanted = |name: &str| names.contains(name);
        if !self.variables.contains_key("run") {
            self.set("run", &"");
        }
        if wanted("connections") {
            self.set("connections", &summary.connections);
        }
        if wanted("concurrency") {
            self.set("concurrency", &summary.concurrency);
        }
        if wanted("findings") {
            self.set("findings", &summary.findings);
        }
        self.set("capture", &summary.capture);
        self.set("completeness", &summary.completeness);
        self.set("filter", &summary.filter);
        self.set("version", &summary.version);
        self.set("connections_total", &summary.connections_total);
        self.set("connections_cut", &summary.connections_cut);
    }

    /// Why the list of connections may not be looked at: it is cut.
    pub(super) fn is_cut(&self, names: &[String]) -> Option<String> {
        let summary = self.answers.summary.as_deref()?;
        let looks = names.iter().any(|name| name == "connections");
        (looks && summary.connections_cut > 0).then(|| {
            format!(
                "the capture has {} connections, `connections` holds at most {MOST_CONNECTIONS}: \
                 use connections_total, concurrency, count('...') or frames('...')",
                summary.connections_total
            )
        })
    }

    /// The first of these names that has no value here.
    pub(super) fn lacks<'n>(&self, names: &'n [String]) -> Option<&'n str> {
        names.iter().map(String::as_str).find(|name| !self.variables.contains_key(*name))
    }

    /// A context that conditions are evaluated in.
    pub(super) fn context(&self) -> Context<'static, 'static> {
        let mut context = Context::with_env(language::env());
        for (name, value) in &self.variables {
            context.add_variable_as_val(name, value.clone_as_boxed());
        }
        functions::add(&mut context, &self.answers);
        context
    }
}

impl std::fmt::Debug for Subject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Subject")
            .field("path", &self.answers.path)
            .field("variables", &self.variables.keys())
            .finish_non_exhaustive()
    }
}
