//! `analyzer fields`: what a display filter can name.

use std::io::{BufWriter, IsTerminal, Write, stdout};

use analyzer::filter::{Field, fields};
use comfy_table::{ContentArrangement, Table, presets};

use crate::cli::{Failure, Outcome};

/// What the user chose.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Only fields with this text in their name or meaning, case ignored.
    pattern: Option<String>,
    /// How to write the list; a table on a terminal, else tsv.
    #[arg(long, value_enum)]
    format: Option<FormatName>,
}

/// The forms of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum FormatName {
    /// Columns for people.
    Table,
    /// Tab-separated values, the names of the columns first.
    Tsv,
}

/// Lists the fields that fit, by name; none is a negative outcome.
pub fn run(args: Args) -> Result<Outcome, Failure> {
    let pattern = args.pattern.unwrap_or_default().to_lowercase();
    let fits = |field: &Field| {
        field.name.contains(&pattern) || field.meaning.to_lowercase().contains(&pattern)
    };
    let mut found: Vec<Field> = fields::all().filter(fits).collect();
    found.sort_by_key(|field| field.name);
    let terminal = if stdout().is_terminal() { FormatName::Table } else { FormatName::Tsv };
    let mut out = BufWriter::new(stdout().lock());
    match args.format.unwrap_or(terminal) {
        FormatName::Tsv => {
            writeln!(out, "field\ttype\tmeaning")?;
            for field in &found {
                writeln!(out, "{}\t{}\t{}", field.name, field.kind, field.meaning)?;
            }
        }
        FormatName::Table => {
            let mut table = Table::new();
            table
                .load_style(presets::NOTHING)
                .set_content_arrangement(ContentArrangement::Dynamic)
                .set_header(["Field", "Type", "Meaning"]);
            for field in &found {
                table.add_row([field.name, &field.kind.to_string(), field.meaning]);
            }
            writeln!(out, "{table}")?;
        }
    }
    out.flush()?;
    Ok(if found.is_empty() { Outcome::Negative } else { Outcome::Success })
}
