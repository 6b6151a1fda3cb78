//! `analyzer grade` beyond one table: rubrics, the class, and pages.

use std::fs;
use std::io::{Write, stderr, stdout};
use std::path::{Path, PathBuf};

use analyzer::evidence::Evidence;
use analyzer::grade::class::{self, Class};
use analyzer::grade::model::GradeReport;
use analyzer::grade::page::{Beside, page};
use analyzer::grade::profile::{Profile, READY, ready};
use analyzer::grade::rubric::{COURSE, Lang, Rubric, course};
use analyzer::grade::slice::{Pseudonyms, Slice, named_frames};
use analyzer::grade::{Options, class::Graded};
use analyzer::provenance::{Trace, examine};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use rayon::iter::{IntoParallelRefIterator, ParallelIterator};

use crate::cli::output::OutputFile;
use crate::cli::{Failure, Outcome};

/// What the user chose.
#[derive(Debug, clap::Args)]
pub struct ClassArgs {
    /// What is worth points: a TOML file, or a ready rubric of the course, task-1 to task-4.
    #[arg(long, value_name = "RUBRIC")]
    pub rubric: Option<PathBuf>,
    /// Print a ready rubric, to start one of your own from, and grade nothing.
    #[arg(long, value_name = "NAME", conflicts_with_all = ["batch", "rubric"])]
    pub show_rubric: Option<String>,
    /// What is known of the lab: its machines by name, the ports of its services, and traffic that
    /// counts for nothing. A TOML file, or the ready profile of the course's lab, course.
    #[arg(long, value_name = "LAB")]
    pub profile: Option<PathBuf>,
    /// Print a ready profile, to start one of your own from, and grade nothing.
    #[arg(long, value_name = "NAME", conflicts_with_all = ["batch", "rubric", "profile"])]
    pub show_profile: Option<String>,
    /// Grade a class: a folder with one folder per submission, each with captures and evidence.
    /// Writes gradebooks, a page per student and a summary to the folder of --output.
    #[arg(long, value_name = "DIR", conflicts_with_all = ["pcap", "evidence"], requires = "output")]
    pub batch: Option<PathBuf>,
    /// Write the smallest capture that proves the verdict: the frames of what does not hold, or
    /// of what proves that all holds, the handshakes of their connections, and the neighbours.
    /// Of several captures the first.
    #[arg(long, value_name = "FILE", requires = "pcap")]
    pub slice: Option<PathBuf>,
    /// In the slice, replace IP and hardware addresses; addresses of one network stay in one, and
    /// checksums stay as right or wrong as they are. Names and addresses in payloads are kept.
    #[arg(long, requires = "slice")]
    pub anonymise: bool,
}

impl ClassArgs {
    /// Does what was asked for instead of grading one submission, if so.
    pub fn instead(
        &self,
        output: Option<&Path>,
        options: Options<'_>,
        lang: Lang,
    ) -> Result<Option<Outcome>, Failure> {
        if let Some(name) = &self.show_profile {
            let known = READY.join(", ");
            let text = ready(name).ok_or(format!("no profile {name:?}; ready are {known}"))?;
            stdout().write_all(text.as_bytes())?;
            return Ok(Some(Outcome::Success));
        }
        if let Some(name) = &self.show_rubric {
            let ready = COURSE.join(", ");
            let text = course(name).ok_or(format!("no rubric {name:?}; ready are {ready}"))?;
            stdout().write_all(text.as_bytes())?;
            return Ok(Some(Outcome::Success));
        }
        match (&self.batch, output) {
            (Some(folder), Some(output)) => self.class(folder, output, options, lang).map(Some),
            _ => Ok(None),
        }
    }

    /// The profile of the lab, when one is named.
    pub fn profile(&self) -> Result<Option<Profile>, Failure> {
        Ok(self.profile.as_deref().map(Profile::read).transpose()?)
    }

    /// Adds points to a report, when there is a rubric.
    pub fn judge(
        &self,
        captures: &[PathBuf],
        report: &mut GradeReport,
        options: Options<'_>,
    ) -> Result<(), Failure> {
        if let Some(path) = &self.rubric {
            Rubric::read(path)?.judge(captures, report, options.profile, options.lang)?;
        }
        Ok(())
    }

    /// Writes the slice, when one is wanted, and says whether the rubric gives the same on it.
    pub fn slice(
        &self,
        captures: &[PathBuf],
        report: &GradeReport,
        options: Options<'_>,
    ) -> Result<(), Failure> {
        let (Some(path), Some(capture)) = (&self.slice, captures.first()) else { return Ok(()) };
        let frames = named_frames(report, &capture.display().to_string());
        let mut talk = stderr().lock();
        if frames.is_empty() {
            writeln!(talk, "analyzer: no verdict names a frame of {}", capture.display())?;
            return Ok(());
        }
        let pseudonyms = self.anonymise.then(Pseudonyms::random).transpose()?;
        let mut bytes = Vec::new();
        let written = Slice { frames: &frames, pseudonyms }.write(capture, &mut bytes)?;
        let mut file = OutputFile::create(path)?;
        file.write(|out| out.write_all(&bytes))?;
        file.finish()?;
        let (kept, of) = (written.frames, written.of);
        writeln!(talk, "{}: {kept} of {of} frames", path.display())?;
        for id in self.differing(path, report, options)? {
            writeln!(talk, "  {id} comes out otherwise on the slice: it rests on more frames")?;
        }
        Ok(())
    }

    /// Items that the rubric judges otherwise on the slice.
    fn differing(
        &self,
        slice: &Path,
        report: &GradeReport,
        options: Options<'_>,
    ) -> Result<Vec<String>, Failure> {
        let mut again = report.clone();
        self.judge(&[slice.to_owned()], &mut again, options)?;
        let pairs = report.items.iter().zip(&again.items);
        let differs = pairs.filter(|(one, two)| (one.points - two.points).abs() > 1e-6);
        Ok(differs.map(|(one, _)| one.id.clone()).collect())
    }

    fn class(
        &self,
        folder: &Path,
        output: &Path,
        options: Options<'_>,
        lang: Lang,
    ) -> Result<Outcome, Failure> {
        let rubric = self.rubric.as_deref().map(Rubric::read).transpose()?;
        let failed = |cause: std::io::Error| format!("{}: {cause}", folder.display());
        let submissions = class::find(folder).map_err(failed)?;
        let bar = bar(submissions.len());
        let grade = |submission: &class::Submission| {
            let graded = class::grade_one(submission, rubric.as_ref(), options, lang);
            bar.inc(1);
            graded
        };
        let graded: Vec<Graded> = submissions.par_iter().map(grade).collect();
        bar.finish_and_clear();
        let class = Class::of(graded, lang);
        fs::create_dir_all(output)
            .and_then(|()| class.write(output))
            .map_err(|cause| format!("cannot write {}: {cause}", output.display()))?;
        tell(&class, output)
    }
}

/// What came out, in a few lines.
fn tell(class: &Class, output: &Path) -> Result<Outcome, Failure> {
    let mut talk = stderr().lock();
    let failed: Vec<_> = class.graded.iter().filter(|graded| graded.report.is_err()).collect();
    let all = class.graded.len();
    writeln!(talk, "{} of {all} submissions graded", all - failed.len())?;
    for graded in failed {
        let reason = graded.report.as_ref().err().map_or("", String::as_str);
        writeln!(talk, "  not graded: {}: {reason}", graded.name)?;
    }
    if !class.shared.is_empty() {
        writeln!(talk, "{} pairs of captures have one origin", class.shared.len())?;
    }
    writeln!(talk, "see {}", output.join("index.html").display())?;
    let holds = |graded: &Graded| graded.report.as_ref().is_ok_and(|report| report.holds);
    Ok(if class.graded.iter().all(holds) { Outcome::Success } else { Outcome::Negative })
}

/// One submission as a page.
pub fn one_page(
    captures: &[PathBuf],
    evidence: &[Evidence],
    report: &GradeReport,
    lang: Lang,
) -> Result<String, Failure> {
    let mut signs = Vec::new();
    for path in captures.iter().filter(|path| *path != Path::new("-")) {
        let found = examine(&Trace::read(path)?);
        signs.extend(found.into_iter().map(|sign| (path.display().to_string(), sign)));
    }
    let title = if lang == Lang::Id { "Penilaian" } else { "Evidence against capture" };
    Ok(page(report, Beside { title, evidence, signs: &signs, shared: &[], lang }))
}

/// A bar; only a terminal shows it.
fn bar(submissions: usize) -> ProgressBar {
    let target = ProgressDrawTarget::stderr_with_hz(10);
    let bar = ProgressBar::with_draw_target(Some(submissions as u64), target);
    let style = ProgressStyle::with_template("{wide_bar} {pos} of {len} submissions, {eta} left");
    if let Ok(style) = style {
        bar.set_style(style);
    }
    bar
}
