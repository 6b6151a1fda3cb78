//! `--show`: what is expected, and the condition that each short form stands for.

use std::io::{BufWriter, Write, stdout};

use analyzer::check::Found;

use crate::cli::{Failure, Outcome};

/// Prints the expectations of cases.
pub fn run(cases: &[Found]) -> Result<Outcome, Failure> {
    let mut out = BufWriter::new(stdout().lock());
    for (name, case) in cases {
        let case = match case {
            Ok(case) => case,
            Err(error) => return Err(error.to_string().into()),
        };
        writeln!(out, "{name}")?;
        for expectation in &case.expectations {
            writeln!(out, "  {}", expectation.name)?;
            for line in expectation.condition.text().trim().lines() {
                writeln!(out, "    {line}")?;
            }
        }
        if case.snapshot.is_file() {
            writeln!(out, "  the same as {}", case.snapshot.display())?;
        }
    }
    out.flush()?;
    Ok(Outcome::Success)
}
