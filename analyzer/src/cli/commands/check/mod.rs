//! `analyzer check`: does what must hold of captures still hold?

use std::io::{BufWriter, Write, stderr, stdout};
use std::path::{Path, PathBuf};

use analyzer::check::table::Look;
use analyzer::check::{self, CheckReport, Compiler, Found, formats, table};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::cli::{Failure, Outcome, terminal};

mod help;
mod show;
mod watch;

/// Cases from which a bar says how far it is.
const MANY_CASES: usize = 8;

/// What the user chose.
#[derive(Debug, clap::Args)]
#[command(after_long_help = help::text())]
pub struct Args {
    /// Cases: folders with a `case.toml` and one or more captures, folders of such folders, or run folders
    /// of `generator lab`. With --manifest or --new: a capture.
    #[arg(required = true, value_name = "CASE")]
    paths: Vec<PathBuf>,
    /// How to write the result.
    #[arg(long, value_enum, default_value_t)]
    format: FormatName,
    /// Cases that run at the same time; by default one for each processor.
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    jobs: usize,
    /// Tell of the expectations that hold, too.
    #[arg(long, short)]
    verbose: bool,
    /// Print what is expected, each short form with the condition that it stands for, and check
    /// nothing.
    #[arg(long, conflicts_with_all = ["bless", "watch", "new", "manifest"])]
    show: bool,
    /// Write what each capture shows today as its snapshot, which the next checks compare with.
    #[arg(long, conflicts_with_all = ["watch", "new", "manifest"])]
    bless: bool,
    /// Check again whenever a file of the cases changes, until Ctrl-C.
    #[arg(long, conflicts_with_all = ["new"])]
    watch: bool,
    /// Start a case: make the folder NAME with a copy of the capture, where it comes from, and
    /// the expectations that hold today as a draft to trim.
    #[arg(long, value_name = "NAME", conflicts_with_all = ["manifest"])]
    new: Option<PathBuf>,
    /// Check the captures against the manifest of a lab run: every byte sent was captured,
    /// every connection is there and was closed as its programs tell.
    #[arg(long, value_name = "RUN_JSON")]
    manifest: Option<PathBuf>,
}

/// The formats by the names that a user types.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
enum FormatName {
    /// For people: what does not hold, why, and the frames that prove it.
    #[default]
    Table,
    /// One document; its schema: `analyzer schema check`.
    Json,
    /// JUnit XML, which CI servers read: a suite for each case.
    Junit,
    /// TAP version 14.
    Tap,
}

/// Checks, or does what was asked for instead.
pub fn run(args: &Args) -> Result<Outcome, Failure> {
    if let Some(name) = &args.new {
        return start(name, &args.paths);
    }
    if args.show {
        return show::run(&find(args)?);
    }
    if args.bless {
        return bless(find(args)?);
    }
    if args.watch {
        return watch::run(&args.paths, || check_once(args));
    }
    check_once(args)
}

fn check_once(args: &Args) -> Result<Outcome, Failure> {
    let report = checked(args)?;
    let mut out = BufWriter::new(stdout().lock());
    write(args, &report, &mut out)?;
    out.flush()?;
    drop(out);
    if report.errors > 0 {
        let told = "case could not be checked";
        let told = if report.errors == 1 { told } else { "cases could not be checked" };
        return Err(format!("{} {told}; see above", report.errors).into());
    }
    Ok(if report.holds() { Outcome::Success } else { Outcome::Negative })
}

/// The cases that the user named.
fn find(args: &Args) -> Result<Vec<Found>, Failure> {
    let compiler = Compiler::default();
    let mut found = Vec::new();
    for path in &args.paths {
        match &args.manifest {
            Some(manifest) => {
                // Relative to where the user is, not to the capture.
                let manifest = std::path::absolute(manifest)?;
                let manifest = manifest.to_string_lossy().into_owned();
                let case = check::against(path, &manifest, &compiler);
                found.push((path.display().to_string(), case));
            }
            None => found.extend(check::cases(path, &compiler)?),
        }
    }
    Ok(found)
}

fn checked(args: &Args) -> Result<CheckReport, Failure> {
    let cases = find(args)?;
    let bar = bar(cases.len());
    let report = check::run_all(cases, args.jobs, &|_| bar.inc(1))?;
    bar.finish_and_clear();
    Ok(report)
}

/// A bar for many cases; only a terminal shows it.
fn bar(cases: usize) -> ProgressBar {
    if cases < MANY_CASES {
        return ProgressBar::hidden();
    }
    let target = ProgressDrawTarget::stderr_with_hz(10);
    let bar = ProgressBar::with_draw_target(Some(cases as u64), target);
    if let Ok(style) = ProgressStyle::with_template("{wide_bar} {pos} of {len} cases, {eta} left") {
        bar.set_style(style);
    }
    bar
}

fn write(args: &Args, report: &CheckReport, out: &mut dyn Write) -> Result<(), Failure> {
    match args.format {
        FormatName::Table => {
            let width = terminal::width().unwrap_or(80).clamp(60, 200);
            let colour = terminal::wants_colour();
            table::write(report, Look { width, colour, shows_all: args.verbose }, out)?;
        }
        FormatName::Json => formats::write_json(report, out)?,
        FormatName::Junit => formats::write_junit(report, out)?,
        FormatName::Tap => formats::write_tap(report, out)?,
    }
    Ok(())
}

fn start(name: &Path, captures: &[PathBuf]) -> Result<Outcome, Failure> {
    let [capture] = captures else {
        return Err("one case has one capture: analyzer check --new NAME CAPTURE".into());
    };
    let folder = check::start(name, capture, &Compiler::default())?;
    let folder = folder.display();
    writeln!(
        stderr(),
        "made {folder}: fill in README.md, trim case.toml, then: analyzer check {folder}"
    )?;
    Ok(Outcome::Success)
}

fn bless(cases: Vec<Found>) -> Result<Outcome, Failure> {
    for (_, case) in cases {
        let case = case?;
        let lead = if check::bless(&case)? { "blessed" } else { "same as before:" };
        writeln!(stderr(), "{lead} {}", case.snapshot.display())?;
    }
    Ok(Outcome::Success)
}
