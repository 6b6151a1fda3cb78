//! One command per file: its arguments and the few steps that run it.

use super::args::Command;
use super::{Failure, Outcome};

pub mod capture;
pub mod check;
pub mod conversations;
mod count;
pub mod diff;
pub mod explain;
pub mod fields;
mod filtered;
pub mod follow;
pub mod frames;
pub mod grade;
mod grade_class;
pub mod interfaces;
pub mod report;
mod row_format;
pub mod schema;
pub mod segments;
mod threads;
mod two_pass;

/// Runs the command that the user chose.
pub fn dispatch(command: Command) -> Result<Outcome, Failure> {
    match command {
        Command::Interfaces(args) => interfaces::run(args),
        Command::Capture(args) => capture::run(args),
        Command::Report(args) => report::run(args),
        Command::Check(args) => check::run(&args),
        Command::Schema(args) => schema::run(&args),
        Command::Frames(args) => frames::run(args),
        Command::Follow(args) => follow::run(args),
        Command::Segments(args) => segments::run(args),
        Command::Conversations(args) => conversations::run(args),
        Command::Explain(args) => explain::run(args),
        Command::Diff(args) => diff::run(&args),
        Command::Fields(args) => fields::run(args),
        Command::Grade(args) => grade::run(&args),
    }
}
