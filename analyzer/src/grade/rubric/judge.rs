//! Points: each item's conditions over each capture, the best capture counts.

use super::{Captures, Item, Lang, Part, Profile, Rubric, Shown};
use crate::condition::{Outcome, Subject, Witness};
use crate::evidence::Kind;
use crate::grade::Error;
use crate::grade::model::{GradeReport, GradedItem};

/// Frames that an item names at most.
const MOST_FRAMES: usize = 20;

impl Rubric {
    /// Judges every item and adds the items, the score and the highest score to the report.
    ///
    /// # Errors
    /// When a capture cannot be read.
    pub fn judge(
        &self,
        captures: Captures<'_>,
        report: &mut GradeReport,
        profile: Option<&Profile>,
        lang: Lang,
    ) -> Result<(), Error> {
        let subjects = self.subjects(captures, report, profile)?;
        report.items = self
            .items
            .iter()
            .map(|item| {
                let missing = item.requires.iter().find(|kind| !has(report, **kind));
                match missing {
                    Some(kind) => item.without(*kind, lang),
                    None => item.judge(&subjects, lang),
                }
            })
            .collect();
        report.score = Some(report.items.iter().map(|item| item.points).sum());
        report.max_score = Some(report.items.iter().map(|item| item.max_points).sum());
        report.holds &= report.items.iter().all(|item| item.holds);
        Ok(())
    }

    fn subjects(
        &self,
        captures: Captures<'_>,
        report: &GradeReport,
        profile: Option<&Profile>,
    ) -> Result<Vec<Subject>, Error> {
        let read = |path: &std::path::PathBuf| {
            Subject::read(path, self.conditions())
                .map_err(|error| Error::Capture { cause: error.to_string() })
        };
        let mut subjects: Vec<Subject> = captures.iter().map(read).collect::<Result<_, _>>()?;
        if subjects.is_empty() {
            subjects.push(Subject::without_capture());
        }
        let shown = Shown::of(&report.evidence);
        for subject in &mut subjects {
            subject.set("evidence", &report.evidence);
            subject.set("shown", &shown);
            subject.set("tolerance", &self.tolerance);
            subject.set("hosts", &profile.map(|lab| lab.hosts.clone()).unwrap_or_default());
            subject.set("services", &profile.map(|lab| lab.services.clone()).unwrap_or_default());
        }
        Ok(subjects)
    }
}

/// A picture of a packet list is one, too.
fn has(report: &GradeReport, kind: Kind) -> bool {
    report.evidence.iter().any(|piece| {
        piece.kind == kind || (kind == Kind::PacketList && piece.kind == Kind::Screenshot)
    })
}

/// What came out for one capture.
struct Attempt {
    points: f64,
    why: Vec<String>,
    frames: Vec<u64>,
}

impl Item {
    fn judge(&self, subjects: &[Subject], lang: Lang) -> GradedItem {
        let attempts = subjects.iter().map(|subject| self.attempt(subject, lang));
        let best =
            attempts.reduce(|best, next| if next.points > best.points { next } else { best });
        let best = best.unwrap_or(Attempt { points: 0.0, why: Vec::new(), frames: Vec::new() });
        let holds = (best.points - self.points).abs() < 1e-6 && best.why.is_empty();
        let text = if holds { &self.yes } else { &self.no };
        let mut why = vec![text.get(lang).unwrap_or(verdict(holds, lang)).to_owned()];
        why.extend(best.why);
        self.graded(best.points, holds, why.join(" "), best.frames, lang)
    }

    fn attempt(&self, subject: &Subject, lang: Lang) -> Attempt {
        let mut attempt = Attempt { points: 0.0, why: Vec::new(), frames: Vec::new() };
        for part in &self.parts {
            match part.condition.evaluate(subject) {
                Ok(outcome) if outcome.holds => attempt.points += part.points,
                Ok(outcome) => {
                    attempt.why.extend(part.no.get(lang).map(str::to_owned));
                    attempt.why.extend(reasons(&outcome));
                    attempt.frames.extend(outcome.frames());
                }
                Err(error) => attempt.why.push(undecided(part, error.message(), lang)),
            }
        }
        attempt.frames.sort_unstable();
        attempt.frames.dedup();
        attempt.frames.truncate(MOST_FRAMES);
        attempt
    }

    fn without(&self, kind: Kind, lang: Lang) -> GradedItem {
        let english = match kind {
            Kind::Screenshot => "a screenshot",
            Kind::PacketList => "a packet list",
            Kind::FrameBytes => "the bytes of a frame",
            Kind::TerminalLog => "a terminal log",
            Kind::Claims => "a written explanation",
        };
        let indonesian = match kind {
            Kind::Screenshot => "tangkapan layar",
            Kind::PacketList => "daftar paket",
            Kind::FrameBytes => "byte sebuah frame",
            Kind::TerminalLog => "log terminal",
            Kind::Claims => "penjelasan tertulis",
        };
        let why = match lang {
            Lang::En => format!("This needs {english}, and none was handed in."),
            Lang::Id => format!("Bagian ini memerlukan {indonesian}, tetapi tidak ada."),
        };
        self.graded(0.0, false, why, Vec::new(), lang)
    }

    fn graded(
        &self,
        points: f64,
        holds: bool,
        why: String,
        frames: Vec<u64>,
        lang: Lang,
    ) -> GradedItem {
        let title = self.title.get(lang).unwrap_or(&self.id).to_owned();
        let (id, max_points) = (self.id.clone(), self.points);
        GradedItem { id, title, points, max_points, holds, why, frames }
    }
}

const fn verdict(holds: bool, lang: Lang) -> &'static str {
    match (holds, lang) {
        (true, Lang::En) => "This holds.",
        (false, Lang::En) => "This does not hold in full.",
        (true, Lang::Id) => "Ini benar.",
        (false, Lang::Id) => "Ini belum sepenuhnya benar.",
    }
}

fn undecided(part: &Part, message: &str, lang: Lang) -> String {
    let message = message.lines().next().unwrap_or(message);
    let condition = part.condition.text().trim();
    match lang {
        Lang::En => format!("`{condition}` cannot be decided: {message}."),
        Lang::Id => format!("`{condition}` tidak dapat diputuskan: {message}."),
    }
}

/// The values that made a condition false, each once.
fn reasons(outcome: &Outcome) -> Vec<String> {
    const SHOWN: usize = 3;
    outcome.witnesses.iter().take(SHOWN).map(reason).collect()
}

fn reason(witness: &Witness) -> String {
    let about = witness.about.as_ref().map_or(String::new(), |about| format!("{about}: "));
    let values: Vec<String> =
        witness.values.iter().map(|(part, value)| format!("{part} = {value}")).collect();
    let values = if values.is_empty() { witness.expression.clone() } else { values.join(", ") };
    format!("({about}{values})")
}
