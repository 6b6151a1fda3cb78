//! Checks from Rust: a capture, what must hold of it, and a result to assert on.

use std::fmt;
use std::path::{Path, PathBuf};

use super::case::{Case, Compiler, Error, Expectation, SNAPSHOT_FILE};
use super::model::CaseReport;
use super::run;
use super::table::{self, Look};
use crate::condition::Subject;
use crate::snapshot::Rules;

/// What must hold of a capture. Made by [`capture`].
///
/// # Examples
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let fixtures = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/task-2-echo");
/// # std::env::set_current_dir(fixtures)?;
/// analyzer::check::capture("capture.pcapng")
///     .expect("one connection", "connections_total == 1")
///     .expect("no loss", "count('tcp.analysis.retransmission') == 0")
///     .expect("closed cleanly", "connections.all(c, c.teardown.kind == \"fin\")")
///     .run()?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
#[must_use = "nothing is checked before run()"]
pub struct CaptureCheck {
    path: PathBuf,
    run: String,
    expectations: Vec<(String, String)>,
}

/// Begins a check of a capture.
pub fn capture(path: impl Into<PathBuf>) -> CaptureCheck {
    CaptureCheck { path: path.into(), run: String::new(), expectations: Vec::new() }
}

/// Why a check from Rust did not pass. Prints what `analyzer check` would.
#[derive(Debug)]
#[non_exhaustive]
pub enum Failure {
    /// It could not be made: the capture cannot be opened, or a condition is wrong.
    Error(Error),
    /// Something does not hold.
    DoesNotHold(Box<CaseReport>),
}

impl CaptureCheck {
    /// Adds an expectation: a name and a condition in CEL.
    pub fn expect(mut self, name: impl Into<String>, condition: impl Into<String>) -> Self {
        self.expectations.push((name.into(), condition.into()));
        self
    }

    /// Names the manifest of a lab's run for `matches_manifest(run)`, relative to the capture.
    pub fn manifest(mut self, file: impl Into<String>) -> Self {
        self.run = file.into();
        self
    }

    /// Reads the capture and decides.
    ///
    /// # Errors
    /// What does not hold, and why, or why that cannot be said.
    pub fn run(self) -> Result<CaseReport, Failure> {
        let case = self.case().map_err(Failure::Error)?;
        // Opened first: a capture that is not there is no failed expectation.
        Subject::read(&case.capture, []).map_err(|error| Failure::Error(error.into()))?;
        let report = run::run(&case);
        if report.holds { Ok(report) } else { Err(Failure::DoesNotHold(Box::new(report))) }
    }

    fn case(self) -> Result<Case, Error> {
        let compiler = Compiler::default();
        let mut expectations = Vec::new();
        for (name, condition) in self.expectations {
            let condition = compiler.compile(&condition)?;
            expectations.push(Expectation { name, text: None, condition });
        }
        Ok(Case {
            name: self.path.display().to_string(),
            folder: self.path.parent().unwrap_or(Path::new("")).to_owned(),
            snapshot: self.path.with_file_name(SNAPSHOT_FILE),
            capture: self.path,
            description: None,
            run: self.run,
            expectations,
            rules: Rules::default(),
        })
    }
}

impl std::error::Error for Failure {}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Error(error) => write!(f, "{error}"),
            Self::DoesNotHold(report) => {
                let mut text = Vec::new();
                table::write_case(report, Look::default(), &mut text).map_err(|_| fmt::Error)?;
                f.write_str(String::from_utf8_lossy(&text).trim_end())
            }
        }
    }
}
