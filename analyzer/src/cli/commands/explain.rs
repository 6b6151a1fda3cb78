//! `analyzer explain`: why a frame has its verdicts, or has not the one that was expected.

use std::io::{BufWriter, Write, stderr, stdout};
use std::path::PathBuf;

use analyzer::explain::{self, Answer, field_name, flag_named, flag_names};
use analyzer::filter::fields;
use analyzer::source;
use analyzer::tcp::AnalysisFlags;

use crate::cli::{Failure, Outcome};

/// What the user chose.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The capture; `-` reads standard input.
    file: PathBuf,
    /// Number of the frame, from 1, as in the packet list.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    frame: u64,
    /// A flag that you expected, for example `retransmission`: tells why it is set or not.
    #[arg(long, value_name = "FLAG", value_parser = parse_flag)]
    expect: Option<AnalysisFlags>,
    /// How to write the explanation.
    #[arg(long, value_enum, default_value_t)]
    format: FormatName,
}

/// The forms of an explanation.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
enum FormatName {
    /// Sentences.
    #[default]
    Text,
    /// One document with every rule and every value.
    Json,
}

/// A flag's name, or the nearest one to propose.
fn parse_flag(text: &str) -> Result<AnalysisFlags, String> {
    if let Some(flag) = flag_named(text) {
        return Ok(flag);
    }
    let short = text.trim().trim_start_matches("tcp.analysis.").replace(['-', ' '], "_");
    let near = fields::nearest(&format!("tcp.analysis.{short}"));
    let near = near.filter(|name| flag_named(name).is_some());
    Err(match near {
        Some(name) => format!("no analysis flag has this name; did you mean {name}?"),
        None => format!("no analysis flag has this name; there are {}", flag_names()),
    })
}

/// Explains one frame. Negative when there is none, when it is no TCP, or when the expected
/// flag is not set.
pub fn run(args: Args) -> Result<Outcome, Failure> {
    let file = args.file.to_string_lossy();
    let mut capture = source::open(&args.file)?;
    let explained = match explain::explain(&mut *capture, args.frame)? {
        Answer::Explained(explained) => explained,
        Answer::NotThere(count) => {
            let number = args.frame;
            writeln!(stderr(), "analyzer: {file} has no frame {number}: it has {count} frames")?;
            return Ok(Outcome::Negative);
        }
        Answer::NotTcp(protocol, info) => {
            let number = args.frame;
            writeln!(
                stderr(),
                "analyzer: frame {number} of {file} carries no TCP segment; it is {protocol}: {info}"
            )?;
            return Ok(Outcome::Negative);
        }
    };
    let mut out = BufWriter::new(stdout().lock());
    match args.format {
        FormatName::Text => explained.write_text(&mut out, &file, args.expect)?,
        FormatName::Json => explained.write_json(&mut out, &file, args.expect)?,
    }
    out.flush()?;
    if explained.is_as_expected(args.expect) {
        return Ok(Outcome::Success);
    }
    let missing = args.expect.map(field_name).unwrap_or_default();
    writeln!(stderr(), "analyzer: frame {} has no {missing}", args.frame)?;
    Ok(Outcome::Negative)
}
