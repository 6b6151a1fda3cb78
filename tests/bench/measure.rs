//! What a program costs, and what two programs cost in comparison.
//!
//! Machines are noisy, so two programs run alternately, and what counts is the median of the
//! ratios of neighbouring runs. CPU time is user and system time of the process itself, from
//! wait4(2); so is the peak of its memory.

use std::io;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use wait4::Wait4;

/// A program and its arguments.
#[derive(Debug, Clone)]
pub struct Work {
    pub program: PathBuf,
    pub arguments: Vec<String>,
}

/// What one run took.
#[derive(Debug, Clone, Copy, Default)]
pub struct Cost {
    /// Seconds from start to end.
    pub wall: f64,
    /// Seconds of user and system time.
    pub cpu: f64,
    /// Most bytes that were resident. A process starts with its parent's peak, so this is never
    /// below that of the benchmark itself (some MiB).
    pub peak: u64,
}

/// Medians of alternating runs.
#[derive(Debug, Clone, Copy)]
pub struct Pair {
    pub theirs: Cost,
    pub ours: Cost,
    /// Our CPU time by theirs.
    pub cpu: f64,
    /// Our wall time by theirs.
    pub wall: f64,
}

impl Work {
    pub fn new(program: impl Into<PathBuf>, arguments: &[&str]) -> Self {
        let arguments = arguments.iter().map(|&argument| argument.to_owned()).collect();
        Self { program: program.into(), arguments }
    }

    /// As one would type it, without folders.
    pub fn shown(&self) -> String {
        let last = |text: &str| text.rsplit('/').next().unwrap_or(text).to_owned();
        let mut words = vec![last(&self.program.to_string_lossy())];
        words.extend(self.arguments.iter().map(|word| match word.starts_with("/dev/") {
            true => word.clone(),
            false => last(word),
        }));
        words.join(" ")
    }

    pub fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments).stdin(Stdio::null());
        command.stdout(Stdio::null()).stderr(Stdio::null());
        command
    }

    /// Runs it once; its output goes nowhere.
    pub fn cost(&self) -> io::Result<Cost> {
        self.cost_reading(Stdio::null())
    }

    /// The same with a standard input.
    pub fn cost_reading(&self, input: Stdio) -> io::Result<Cost> {
        let start = Instant::now();
        let used = self.command().stdin(input).spawn()?.wait4()?;
        let wall = start.elapsed().as_secs_f64();
        // 1 is the verdict that nothing matched.
        if !matches!(used.status.code(), Some(0 | 1)) {
            return Err(io::Error::other(format!("{}: {}", self.shown(), used.status)));
        }
        let cpu: Duration = used.rusage.utime + used.rusage.stime;
        Ok(Cost { wall, cpu: cpu.as_secs_f64(), peak: used.rusage.maxrss })
    }
}

/// Runs them alternately. Several of theirs count together: the CPU time of all, the wall time of
/// the slowest, as in a pipe.
pub fn compare(theirs: &[Work], ours: &Work, rounds: usize) -> io::Result<Pair> {
    let mut runs = Vec::new();
    for _ in 0..rounds {
        let mut sum = Cost::default();
        for work in theirs {
            let cost = work.cost()?;
            sum.cpu += cost.cpu;
            sum.wall = sum.wall.max(cost.wall);
            sum.peak = sum.peak.max(cost.peak);
        }
        runs.push((sum, ours.cost()?));
    }
    let of = |value: fn(&Cost) -> f64, who: fn(&(Cost, Cost)) -> &Cost| {
        median(runs.iter().map(|run| value(who(run))))
    };
    let medians = |who: fn(&(Cost, Cost)) -> &Cost| Cost {
        wall: of(|cost| cost.wall, who),
        cpu: of(|cost| cost.cpu, who),
        peak: runs.iter().map(|run| who(run).peak).max().unwrap_or(0),
    };
    Ok(Pair {
        theirs: medians(|run| &run.0),
        ours: medians(|run| &run.1),
        cpu: median(runs.iter().map(|(theirs, ours)| ours.cpu / theirs.cpu.max(1e-3))),
        wall: median(runs.iter().map(|(theirs, ours)| ours.wall / theirs.wall.max(1e-3))),
    })
}

/// The middle value.
pub fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
