//! `generator schema`: the JSON Schema of what the generator writes.

use std::io::{Write, stdout};

use clap::{Args, ValueEnum};
use generator::lab::manifest::Run;

use crate::cli::{Failure, Outcome};

/// Options of `generator schema`.
#[derive(Debug, Args)]
pub struct SchemaArgs {
    /// The document that it describes.
    #[arg(value_enum)]
    of: Document,
}

/// The documents that have one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Document {
    /// `run.json`, the manifest of a lab run.
    Run,
}

/// Prints it.
pub fn run(args: &SchemaArgs) -> Result<Outcome, Failure> {
    let schema = match args.of {
        Document::Run => schemars::schema_for!(Run),
    };
    let mut output = stdout().lock();
    serde_json::to_writer_pretty(&mut output, &schema)?;
    writeln!(output)?;
    Ok(Outcome::Success)
}
