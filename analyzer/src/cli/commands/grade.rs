//! `analyzer grade`: evidence held against captures.

use std::io::{BufWriter, IsTerminal, Write, stdout};
use std::path::PathBuf;

use analyzer::grade::render::{self, Format};
use analyzer::grade::{self, Lang, Options, Version};

use super::grade_class;
use crate::cli::output::OutputFile;
use crate::cli::{Failure, Outcome, terminal};

/// Width of a table that goes to no terminal.
const WIDTH: u16 = 80;

/// What the user chose.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A capture that the evidence is held against; may be given several times, and left out:
    /// what contradicts itself shows without one.
    #[arg(long, value_name = "CAPTURE")]
    pcap: Vec<PathBuf>,
    /// A file of evidence: a packet list, a terminal log, frame bytes, a report with sentences.
    /// What it is, is seen from its content.
    #[arg(
        long,
        value_name = "FILE",
        required_unless_present_any = ["batch", "show_rubric", "show_profile"]
    )]
    evidence: Vec<PathBuf>,
    /// The Wireshark that made the evidence; left out, the wording of any version will do.
    #[arg(long = "as", value_enum, value_name = "VERSION")]
    version: Option<VersionName>,
    /// The language of reasons.
    #[arg(long, value_enum, default_value_t, value_name = "LANG")]
    lang: LangName,
    /// The recogniser of text in pictures: its folder or file. Left out: ANALYZER_OCR_MODEL, or
    /// the user's data folder (analyzer/ocr), where `make deps` puts it.
    #[arg(long, value_name = "PATH")]
    ocr_model: Option<PathBuf>,
    #[command(flatten)]
    class: grade_class::ClassArgs,
    /// How to write the result.
    #[arg(long, value_enum, default_value_t)]
    format: FormatName,
    /// Write to this file instead of standard output; with --batch, to this folder.
    #[arg(short, long, value_name = "OUT")]
    output: Option<PathBuf>,
}

/// The versions by the names that a user types.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum VersionName {
    /// Wireshark 4.0.
    #[value(name = "wireshark-4.0")]
    V40,
    /// Wireshark 4.2.
    #[value(name = "wireshark-4.2")]
    V42,
    /// Wireshark 4.4.
    #[value(name = "wireshark-4.4")]
    V44,
    /// Wireshark 4.6.
    #[value(name = "wireshark-4.6")]
    V46,
}

/// The languages by the names that a user types.
#[derive(Debug, Clone, Copy, Default, clap::ValueEnum)]
enum LangName {
    /// English.
    #[default]
    En,
    /// Indonesian.
    Id,
}

/// The formats by the names that a user types.
#[derive(Debug, Clone, Copy, Default, clap::ValueEnum)]
enum FormatName {
    /// Sentences and tables for people at a terminal.
    #[default]
    Table,
    /// One document; its schema: `analyzer schema grade`.
    Json,
    /// For people, to paste into a document.
    Markdown,
    /// A row for each cell, claim, contradiction and finding.
    Csv,
    /// A page for a browser, with everything in one file.
    Html,
}

/// Grades; the answer is "no" when something that was shown or claimed does not hold.
pub fn run(args: &Args) -> Result<Outcome, Failure> {
    #[cfg(feature = "screenshot")]
    if let Some(model) = &args.ocr_model {
        analyzer::evidence::screenshot::name_model(model);
    }
    let lang = args.lang.resolve();
    let version = args.version.map_or(Version::Unknown, VersionName::resolve);
    let profile = args.class.profile()?;
    let options = Options { version, lang, profile: profile.as_ref() };
    if let Some(outcome) = args.class.instead(args.output.as_deref(), options, lang)? {
        return Ok(outcome);
    }
    let mut evidence = Vec::new();
    for file in &args.evidence {
        evidence.extend(grade::read_evidence(file)?);
    }
    let mut report = grade::grade(&args.pcap, &evidence, options)?;
    let manifests = grade::manifests(args.pcap.iter().chain(&args.evidence));
    grade::join(&mut report, &args.pcap, &evidence, &manifests, lang)?;
    args.class.judge(&args.pcap, &mut report, options)?;
    args.class.slice(&args.pcap, &report, options)?;
    let is_terminal = args.output.is_none() && stdout().is_terminal();
    let page = match args.format {
        FormatName::Html => Some(grade_class::one_page(&args.pcap, &evidence, &report, lang)?),
        _ => None,
    };
    let format = args.format.resolve(is_terminal);
    let write = |out: &mut dyn Write| match &page {
        Some(page) => out.write_all(page.as_bytes()),
        None => render::render(format, &report, out),
    };
    match &args.output {
        None => {
            let mut out = BufWriter::new(stdout().lock());
            write(&mut out)?;
            out.flush()?;
        }
        Some(path) => {
            let mut file = OutputFile::create(path)?;
            file.write(write)?;
            file.finish()?;
        }
    }
    Ok(if report.holds { Outcome::Success } else { Outcome::Negative })
}

impl VersionName {
    const fn resolve(self) -> Version {
        match self {
            Self::V40 => Version::V40,
            Self::V42 => Version::V42,
            Self::V44 => Version::V44,
            Self::V46 => Version::V46,
        }
    }
}

impl LangName {
    const fn resolve(self) -> Lang {
        match self {
            Self::En => Lang::En,
            Self::Id => Lang::Id,
        }
    }
}

impl FormatName {
    fn resolve(self, is_terminal: bool) -> Format {
        match self {
            Self::Table => {
                let width = terminal::width().filter(|_| is_terminal);
                let width = width.and_then(|width| u16::try_from(width).ok()).unwrap_or(WIDTH);
                let colour = is_terminal && terminal::wants_colour();
                Format::Table { width: width.max(60), colour }
            }
            Self::Json | Self::Html => Format::Json,
            Self::Markdown => Format::Markdown,
            Self::Csv => Format::Csv,
        }
    }
}
