//! `analyzer schema`: the JSON Schemas of what the program writes.

use std::io::stdout;

use analyzer::check;
use analyzer::explain::document;
use analyzer::grade::render;
use analyzer::report;
use analyzer::snapshot;

use crate::cli::{Failure, Outcome};

/// Which schema to print.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The document whose schema is wanted.
    document: Document,
}

/// The documents that have a schema.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Document {
    /// What `analyzer report --format json` writes.
    Report,
    /// What `analyzer explain --format json` writes.
    Explanation,
    /// What `analyzer diff --format json` writes.
    Diff,
    /// What stands beside a capture: its snapshot.
    Snapshot,
    /// What `analyzer check --format json` writes.
    Check,
    /// What `analyzer grade --format json` writes.
    Grade,
}

/// Prints the schema.
pub fn run(args: &Args) -> Result<Outcome, Failure> {
    let mut out = stdout().lock();
    match args.document {
        Document::Report => report::write_schema(&mut out)?,
        Document::Check => check::formats::write_schema(&mut out)?,
        Document::Explanation => document::write_schema(&mut out)?,
        Document::Diff => snapshot::diff::write_schema(&mut out)?,
        Document::Snapshot => snapshot::write_schema(&mut out)?,
        Document::Grade => render::write_schema(&mut out)?,
    }
    Ok(Outcome::Success)
}
