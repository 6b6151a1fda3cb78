//! `analyzer diff`: two captures, connection by connection.

use std::io::{BufWriter, Write, stdout};
use std::path::{Path, PathBuf};

use analyzer::snapshot::diff::{Diff, Reading};
use analyzer::snapshot::{Field, Level, Rules, Tolerance};
use analyzer::source;
use analyzer::summary::EventKind;
use serde::Deserialize;
use serde::de::IntoDeserializer;

use crate::cli::{Failure, Outcome};

/// What the user reads below the options.
const RULES: &str = "Connections are matched by what they said and when, never by port numbers. \
What every recording has of its own does not count: ephemeral ports, initial sequence numbers, \
addresses, the start time, MAC addresses, IP identifications, TSval.

At the level of behaviour, how the kernels cut and acknowledged the bytes does not count, nor \
does the repair of losses, nor do other frames, nor which connection came first: two runs of the \
same programs never agree on that. Where a program's FIN may come before or after an answer that \
is on its way, that is a race: --ignore half_close.

Exit codes: 0 nothing counts as different, 1 something does, 2 a capture cannot be read.";

/// What the user chose.
#[derive(Debug, clap::Args)]
#[command(after_long_help = RULES)]
pub struct Args {
    /// The first capture: how it was.
    a: PathBuf,
    /// The second capture: how it is now.
    b: PathBuf,
    /// How closely to look.
    #[arg(long, value_enum, default_value_t)]
    level: LevelName,
    /// A field that does not count; may be given several times, or as a list with commas. Fields:
    /// connections, hosts, port, roles, layers, ip, handshake, options, segments, flags, seq, ack,
    /// len, data, captured, window, urgent, checksum, events, time, start, duration, ending, half_close, order,
    /// parallelism, others, findings.
    #[arg(long, value_name = "FIELD", value_delimiter = ',', value_parser = parse_field)]
    ignore: Vec<Field>,
    /// By how much the numbers of a field may differ: time=200ms, window=1000, time=50ms+20%.
    /// Fields: time, start, duration, window, len, seq, ack. Without it, times may differ by
    /// 50 ms + 20 % (segments) or 0.5 s + 20 % (behaviour), other numbers not at all.
    #[arg(long, value_name = "FIELD=VALUE", value_parser = parse_within)]
    within: Vec<(Field, Tolerance)>,
    /// Values of a field that are fine, whatever the first capture has:
    /// ending=closed,reset. May be given several times.
    #[arg(long, value_name = "FIELD=VALUE,VALUE", value_parser = parse_one_of)]
    one_of: Vec<(Field, Vec<String>)>,
    /// Verdicts that count as the same: duplicate_ack,window_update. May be given several times.
    /// The four that mean "sent again or late" (retransmission, fast_retransmission,
    /// spurious_retransmission, out_of_order) always do.
    #[arg(long, value_name = "EVENT,EVENT", value_parser = parse_group)]
    group: Vec<Group>,
    /// How to write the differences.
    #[arg(long, value_enum, default_value_t)]
    format: FormatName,
}

/// The levels by the names that a user types.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
enum LevelName {
    /// Two versions of one recording by segments, two recordings by behaviour.
    #[default]
    Auto,
    /// Every segment and every other frame, in order.
    Segments,
    /// What the programs did: connections, handshakes, the bytes of each direction, who closed
    /// and how, what ran in parallel, how long it took.
    Behaviour,
}

/// The forms of the result.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
enum FormatName {
    /// Sentences, and the segments of changed connections side by side.
    #[default]
    Table,
    /// One document; its schema: `analyzer schema diff`.
    Json,
}

fn parse_field(text: &str) -> Result<Field, String> {
    Field::named(&text.replace('-', "_")).ok_or_else(|| {
        let names: Vec<String> = Field::ALL.iter().map(|field| field.name()).collect();
        format!("no field has this name; there are {}", names.join(", "))
    })
}

fn parse_within(text: &str) -> Result<(Field, Tolerance), String> {
    let (field, value) =
        text.split_once('=').ok_or("write it as FIELD=VALUE, for example time=200ms")?;
    let (field, tolerance) = (parse_field(field)?, value.parse()?);
    Rules::default().set_within(field, tolerance)?;
    Ok((field, tolerance))
}

fn parse_one_of(text: &str) -> Result<(Field, Vec<String>), String> {
    let (field, values) =
        text.split_once('=').ok_or("write it as FIELD=VALUE,VALUE: ending=closed,reset")?;
    Ok((parse_field(field)?, values.split(',').map(|value| value.trim().to_owned()).collect()))
}

/// Events that count as the same.
#[derive(Debug, Clone)]
struct Group(Vec<EventKind>);

fn parse_group(text: &str) -> Result<Group, String> {
    let event = |name: &str| {
        let name = name.trim().replace('-', "_");
        // The error lists the names that there are.
        EventKind::deserialize(name.as_str().into_deserializer())
            .map_err(|error: serde::de::value::Error| error.to_string())
    };
    text.split(',').map(event).collect::<Result<_, _>>().map(Group)
}

/// Compares; negative when something is different.
pub fn run(args: &Args) -> Result<Outcome, Failure> {
    let mut rules = Rules { ignore: args.ignore.clone(), ..Rules::default() };
    for (field, tolerance) in &args.within {
        rules.set_within(*field, *tolerance)?;
    }
    rules.one_of.extend(args.one_of.iter().cloned());
    rules.groups.extend(args.group.iter().map(|group| group.0.clone()));
    let level = match args.level {
        LevelName::Auto => None,
        LevelName::Segments => Some(Level::Segments),
        LevelName::Behaviour => Some(Level::Behaviour),
    };
    if args.a.as_os_str() == "-" && args.b.as_os_str() == "-" {
        return Err("standard input can be one of the two captures, not both".into());
    }
    let (a, b) = (read(&args.a)?, read(&args.b)?);
    let diff = Diff::of(&a, &b, &rules, level);
    let mut out = BufWriter::new(stdout().lock());
    match args.format {
        FormatName::Table => diff.write_table(&mut out)?,
        FormatName::Json => diff.write_json(&mut out)?,
    }
    out.flush()?;
    Ok(if diff.same { Outcome::Success } else { Outcome::Negative })
}

fn read(path: &Path) -> Result<Reading, Failure> {
    let mut capture = source::open(path)?;
    Ok(Reading::of(&path.display().to_string(), &mut *capture)?)
}
