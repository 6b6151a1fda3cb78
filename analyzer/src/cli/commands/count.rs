//! `--count`: how many frames a display filter selects, and nothing else.

use std::io::{Write, stdout};
use std::ops::ControlFlow;

use analyzer::engine::{self, Threads};
use analyzer::facts::FrameFacts;
use analyzer::filter::Filter;
use analyzer::source::FrameSource;

use super::filtered::Filtered;
use crate::cli::{Failure, Outcome};

/// Reads a capture to its end and prints how many of its frames are selected and `counts`. A
/// damaged capture is an error after the count of what could be read.
pub fn run(
    capture: &mut dyn FrameSource,
    filter: Option<Filter>,
    threads: Threads,
    counts: impl Fn(&FrameFacts<'_>) -> bool,
) -> Result<Outcome, Failure> {
    let mut frames = 0_u64;
    let mut counter = |facts: &FrameFacts<'_>| {
        frames += u64::from(counts(facts));
        ControlFlow::Continue(())
    };
    let mut filtered = Filtered::new(filter, &mut counter);
    let end = engine::run(capture, threads, &mut filtered);
    let outcome = filtered.outcome();
    writeln!(stdout(), "{frames}")?;
    end?;
    Ok(outcome)
}
