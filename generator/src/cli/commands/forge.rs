//! `generator forge`: a capture from a recipe.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;

use generator::forge::{self, Recipe};

use crate::cli::{Failure, Outcome};

/// What the user chose.
#[derive(Debug, clap::Args)]
pub struct ForgeArgs {
    /// The recipe: rows in the words of a packet list (see fixtures/).
    recipe: PathBuf,
    /// The capture to write [default: capture.pcapng or capture.pcap beside the recipe].
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// Reads the recipe, builds its frames and writes the capture.
pub fn run(args: &ForgeArgs) -> Result<Outcome, Failure> {
    let place = args.recipe.display();
    let text = fs::read_to_string(&args.recipe)
        .map_err(|cause| format!("cannot read the recipe {place}: {cause}"))?;
    let recipe = Recipe::parse(&text).map_err(|cause| format!("{place}: {cause}"))?;
    let default = args.recipe.with_file_name(recipe.file_name());
    let path = args.output.as_ref().unwrap_or(&default);
    let failed =
        |cause: &dyn std::fmt::Display| format!("cannot write {}: {cause}", path.display());
    let mut out = BufWriter::new(File::create(path).map_err(|cause| failed(&cause))?);
    forge::write(&recipe, &mut out).map_err(|cause| failed(&cause))?;
    out.flush().map_err(|cause| failed(&cause))?;
    writeln!(io::stderr(), "forged {} frames: {}", recipe.frame_count(), path.display())?;
    Ok(Outcome::Success)
}
