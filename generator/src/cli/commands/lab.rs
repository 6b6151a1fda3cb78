//! `generator lab`: hosts, networks, programs, recordings in one command; and the two hidden
//! commands that it runs itself as.

use std::io::{self, BufReader, BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};

use clap::{Args, ValueEnum};
use generator::lab::message::{self, Event, Order};
use generator::lab::session::{SUPERVISOR, Session};
use generator::lab::{Privilege, folder, isolation, owner, report, story, supervisor};
use generator::scenario::{self, builtin};

use crate::cli::{Failure, Outcome};

/// Options of `generator lab`.
#[derive(Debug, Args)]
pub struct LabArgs {
    /// The scenario that comes with the program [default: all].
    #[arg(value_enum, conflicts_with = "scenario")]
    builtin: Option<BuiltinArg>,
    /// A scenario of your own.
    #[arg(long, value_name = "FILE.toml")]
    scenario: Option<PathBuf>,
    /// The run folder; with several scenarios the folder of their run folders. A folder with
    /// content is never overwritten: a number is added [default: lab-run/SCENARIO].
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Keep the lab after the run, to look around, until Enter or Ctrl-C.
    #[arg(long)]
    keep: bool,
    /// Build it as root instead of in a user namespace; needs root.
    #[arg(long)]
    as_root: bool,
}

/// The scenarios that come with the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum BuiltinArg {
    /// Task 2: one echo server, one client.
    Echo,
    /// Task 3: a file there and back.
    File,
    /// Task 4: two clients at the same time.
    Parallel,
    /// Task 3 as handed in: a client that waits for ever.
    Hold,
    /// One after the other.
    All,
}

/// Options of the hidden `lab-warden`.
#[derive(Debug, Args)]
pub struct WardenArgs {
    #[arg(long)]
    as_root: bool,
}

/// Runs the scenarios.
pub fn run(args: &LabArgs) -> Result<Outcome, Failure> {
    let scenarios = chosen(args)?;
    let mut outcome = Outcome::Success;
    for plan in &scenarios {
        let default = Path::new("lab-run");
        let is_new = args.out.is_none() && !default.exists();
        let wanted = match &args.out {
            Some(out) if scenarios.len() > 1 => out.join(&plan.name),
            Some(out) => out.clone(),
            None => default.join(&plan.name),
        };
        if run_one(plan, &wanted, args)? == Outcome::Negative {
            outcome = Outcome::Negative;
        }
        if is_new {
            owner::give_back(default)?;
        }
    }
    Ok(outcome)
}

/// Becomes the warden of a lab.
pub fn warden(args: &WardenArgs) -> Result<Outcome, Failure> {
    let privilege = privilege(args.as_root);
    let mut child = Command::new("/proc/self/exe");
    child.arg(SUPERVISOR);
    let started = |pid| message::send(&Event::Started(pid), &mut io::stdout());
    match isolation::run(privilege, &mut child, started) {
        Ok(status) => Ok(as_outcome(status)),
        Err(error) => {
            message::send(&Event::Failed(error.to_string()), &mut io::stdout())?;
            Ok(Outcome::Negative)
        }
    }
}

/// Becomes the supervisor of a lab.
pub fn supervisor() -> Result<Outcome, Failure> {
    supervisor::run(BufReader::new(io::stdin()), io::stdout())?;
    Ok(Outcome::Success)
}

/// A scenario to run.
struct Plan {
    name: String,
    source: String,
    text: String,
}

fn chosen(args: &LabArgs) -> Result<Vec<Plan>, Failure> {
    if let Some(path) = &args.scenario {
        let (scenario, text) = scenario::read(path)?;
        let name = scenario.name.as_ref().clone();
        return Ok(vec![Plan { name, source: path.display().to_string(), text }]);
    }
    let wanted = match args.builtin {
        None | Some(BuiltinArg::All) => None,
        Some(BuiltinArg::Echo) => Some("echo"),
        Some(BuiltinArg::File) => Some("file"),
        Some(BuiltinArg::Parallel) => Some("parallel"),
        Some(BuiltinArg::Hold) => Some("hold"),
    };
    let plan = |builtin: &builtin::Builtin| Plan {
        name: builtin.name.to_owned(),
        source: format!("{}.toml", builtin.name),
        text: builtin.text.to_owned(),
    };
    let is_wanted = |b: &&builtin::Builtin| wanted.is_none_or(|wanted| wanted == b.name);
    Ok(builtin::ALL.iter().filter(is_wanted).map(plan).collect())
}

fn run_one(plan: &Plan, wanted: &Path, args: &LabArgs) -> Result<Outcome, Failure> {
    let folder = folder::make(wanted)?;
    if folder.file_name() != wanted.file_name() {
        writeln!(
            io::stderr(),
            "{} has content and is left alone; this run goes to {}",
            wanted.display(),
            folder.display()
        )?;
    }
    let order = Order {
        source: plan.source.clone(),
        scenario: plan.text.clone(),
        folder: folder.clone(),
        keep: args.keep,
    };
    let mut session = Session::start(&order, privilege(args.as_root))?;
    // A lab that could not be built leaves no empty folder behind.
    let run = session.finish().inspect_err(|_| drop(std::fs::remove_dir(&folder)))?;
    let (summaries, problems) = report::summaries(&run, &folder);
    report::write_files(&summaries, &folder)?;
    owner::give_back(&folder)?;
    let mut output = BufWriter::new(io::stdout().lock());
    let is_terminal = io::stdout().is_terminal();
    // Elsewhere, what the programs said stays as it was, line for line.
    let story_width = if is_terminal { width(true) } else { u16::MAX };
    story::write(&run, &folder, story_width, &mut output)?;
    writeln!(output)?;
    let has_colour = is_terminal && std::env::var_os("NO_COLOR").is_none();
    report::show(&summaries, width(is_terminal), has_colour, &mut output)?;
    output.flush()?;
    for problem in &problems {
        writeln!(io::stderr(), "generator: {problem}")?;
    }
    if args.keep {
        writeln!(output, "\nThe lab is still up. To look around in a host, in another terminal:")?;
        for (host, way) in session.ways_in(&run) {
            writeln!(output, "  {host}: {way}")?;
        }
        writeln!(output, "Press Enter or Ctrl-C to take it down.")?;
        output.flush()?;
        session.wait_for_user();
    }
    session.end()?;
    Ok(if run.is_as_expected() && problems.is_empty() {
        Outcome::Success
    } else {
        Outcome::Negative
    })
}

/// Characters per line: the terminal's, but not so few that tables fall apart; 100 elsewhere.
fn width(is_terminal: bool) -> u16 {
    let terminal = is_terminal.then(|| comfy_table::Table::new().width()).flatten();
    terminal.unwrap_or(100).max(60)
}

fn privilege(as_root: bool) -> Privilege {
    if as_root { Privilege::Root } else { Privilege::Any }
}

fn as_outcome(status: ExitStatus) -> Outcome {
    if status.success() { Outcome::Success } else { Outcome::Negative }
}
