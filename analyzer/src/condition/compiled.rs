//! A compiled condition, and its evaluation.

use cel::common::ast::{IdedExpr, SourceInfo};
use cel::{Context, ExecutionError, Value};

use super::error::{Error, Span};
use super::language::{self, Language};
use super::reading::Questions;
use super::subject::Subject;
use super::typing::Checker;
use super::witness::{self, Witness};
use super::{bounds, value};
use crate::filter::excerpt::plain;

/// A condition whose names and types are known to fit.
#[derive(Debug)]
pub struct Condition {
    text: String,
    /// As written, for finding out why it failed.
    tree: IdedExpr,
    /// The same, counting its steps.
    counted: IdedExpr,
    places: SourceInfo,
    filters: Vec<String>,
    variables: Vec<String>,
    wants_bytes: bool,
    wants_digests: bool,
}

/// What a condition came to.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Outcome {
    /// Whether it holds.
    pub holds: bool,
    /// Why not: the parts that made it false, with their values. Empty when it holds.
    pub witnesses: Vec<Witness>,
    /// Witnesses that are not told, because they are many.
    pub more: usize,
}

impl Outcome {
    /// The frames that prove it, in order, each once.
    #[must_use]
    pub fn frames(&self) -> Vec<u64> {
        let frames = self.witnesses.iter().flat_map(|witness| witness.frames.iter().copied());
        let mut frames: Vec<u64> = frames.collect();
        frames.sort_unstable();
        frames.dedup();
        frames
    }
}

impl Condition {
    /// Reads and checks a condition: its grammar, every name, every type, and the display
    /// filters in it.
    ///
    /// # Errors
    /// With the place, what is wrong there, and what was probably meant.
    pub fn compile(text: &str, language: &Language) -> Result<Self, Error> {
        bounds::check_text(text)?;
        let compiled = bounds::on_deep_stack(|| Self::compile_here(text, language));
        compiled.unwrap_or_else(|| Err(Error::new(text, Span::default(), "it cannot be parsed")))
    }

    fn compile_here(text: &str, language: &Language) -> Result<Self, Error> {
        let parsed = language::env().parser().parse_with_source_info(text);
        let (tree, places) = parsed.map_err(|errors| refusal(text, errors))?;
        if !bounds::is_shallow(&tree) {
            let message = format!("more than {} operators within each other", bounds::DEEPEST_TREE);
            return Err(Error::new(text, Span { start: 0, end: text.len() }, message));
        }
        let mut checker = Checker::new(text, &places, language);
        checker.check_truth(&tree)?;
        let calls = |name: &str| checker.functions.iter().any(|called| called == name);
        let (wants_bytes, wants_digests) = (calls("payload"), calls("matches_manifest"));
        let Checker { filters, mut variables, .. } = checker;
        variables.sort_unstable();
        variables.dedup();
        let counted = bounds::counted(&tree);
        let text = text.to_owned();
        Ok(Self { text, tree, counted, places, filters, variables, wants_bytes, wants_digests })
    }

    /// As written.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The display filters that it names in plain strings.
    #[must_use]
    pub fn filters(&self) -> &[String] {
        &self.filters
    }

    /// The variables that it names.
    #[must_use]
    pub fn variables(&self) -> &[String] {
        &self.variables
    }

    /// Adds what it asks of a capture.
    pub(crate) fn ask(&self, questions: &mut Questions) {
        questions.filters.extend(self.filters.iter().cloned());
        questions.wants_bytes |= self.wants_bytes;
        questions.wants_digests |= self.wants_digests;
    }

    /// Whether it holds, and if not, why.
    ///
    /// # Errors
    /// When that cannot be said: a value is null that is compared, bytes are missing, the
    /// condition takes too many steps.
    pub fn evaluate(&self, subject: &Subject) -> Result<Outcome, Error> {
        let evaluated = bounds::on_deep_stack(|| self.evaluate_here(subject));
        evaluated.unwrap_or_else(|| Err(self.error("it cannot be evaluated".to_owned())))
    }

    fn evaluate_here(&self, subject: &Subject) -> Result<Outcome, Error> {
        if let Some(name) = subject.lacks(&self.variables) {
            return Err(self.error(format!("`{name}` is not known here: there is no capture")));
        }
        if let Some(why) = subject.is_cut(&self.variables) {
            return Err(self.error(why));
        }
        let context = subject.context();
        bounds::start();
        let holds = truth(Value::resolve_val(&self.counted, &context));
        if bounds::is_exhausted() {
            return Err(self.too_long());
        }
        match holds {
            Ok(true) => Ok(Outcome { holds: true, ..Outcome::default() }),
            Ok(false) => {
                let (witnesses, more) = witness::find(&self.tree, &context, &subject.answers);
                Ok(Outcome { holds: false, witnesses, more })
            }
            Err(error) => Err(self.undecided(&context, error)),
        }
    }

    fn error(&self, message: String) -> Error {
        Error::new(&self.text, Span { start: 0, end: self.text.len() }, message).undecided()
    }

    fn too_long(&self) -> Error {
        let message = format!("it takes more than {} steps", bounds::STEPS);
        self.error(message)
            .hint(Some("loops within loops multiply: filter first, or ask for less".to_owned()))
    }

    /// Why it could not be decided, and the part that is to blame.
    fn undecided(&self, context: &Context<'_, '_>, error: ExecutionError) -> Error {
        bounds::start();
        let (part, told) = witness::blame(&self.tree, context, &error);
        let span = part.map_or(Span { start: 0, end: self.text.len() }, |part| {
            super::typing::span(&self.text, &self.places, part)
        });
        Error::new(&self.text, span, told.0).hint(told.1).undecided()
    }
}

/// The truth of a result.
fn truth(
    result: Result<cel::common::value::CowVal<'_, '_>, ExecutionError>,
) -> Result<bool, ExecutionError> {
    let value = result?;
    value::truth(&*value)
        .ok_or_else(|| ExecutionError::function_error("condition", "it is neither true nor false"))
}

/// The parser's words, made shorter: it lists every token that it would have liked.
fn refusal(text: &str, errors: cel::parser::ParseErrors) -> Error {
    let Some(first) = errors.errors.first() else {
        return Error::new(text, Span::default(), "it cannot be parsed");
    };
    let (line, column) = first.pos;
    let start = offset(text, line, column);
    let end =
        start + text.get(start..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8);
    let message = first.msg.trim_start_matches("Syntax error: ");
    Error::new(text, Span { start, end }, in_plain_words(message))
}

fn in_plain_words(message: &str) -> String {
    if let Some(token) = message.strip_prefix("token recognition error at: '") {
        let token = token.strip_suffix('\'').unwrap_or(token);
        return match token.chars().next() {
            Some('=') => "`=` compares nothing: write `==`".to_owned(),
            Some('\'' | '"') => "the string does not end".to_owned(),
            Some(other) => format!("`{}` means nothing here", plain(other)),
            None => "it means nothing here".to_owned(),
        };
    }
    match message.split_once(" expecting ") {
        Some((before, _)) if before.contains("<EOF>") => "it ends too early".to_owned(),
        Some((before, _)) => format!("something else was expected here ({before})"),
        None if message.contains("Recursion limit") => "it is nested too deeply".to_owned(),
        None => message.chars().map(plain).take(120).collect(),
    }
}

/// The byte at a line and column, both from 1.
fn offset(text: &str, line: isize, column: isize) -> usize {
    let line = usize::try_from(line - 1).unwrap_or(0);
    let column = usize::try_from(column - 1).unwrap_or(0);
    let before: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
    let rest = text.get(before..).unwrap_or("");
    let inside = rest.char_indices().nth(column).map_or(rest.len(), |(at, _)| at);
    before + inside
}
