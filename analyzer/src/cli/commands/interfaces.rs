//! `analyzer interfaces`: what could be captured on this machine.

use std::io::{self, Write, stdout};

use analyzer::source::interfaces::{LocalInterface, local_interfaces};
use analyzer::source::privileges;
use comfy_table::{ContentLineStyle, LineStyle, Table, TableStyle};
use serde::Serialize;

use crate::cli::{Failure, Outcome};

/// Version of the JSON document; grows when a field changes its meaning or goes.
const VERSION: u32 = 1;

/// Columns by spaces, one rule below the header: the look of all our tables.
const STYLE: TableStyle = TableStyle::new()
    .header_lines(ContentLineStyle::none())
    .header_separator(LineStyle::none().fill('─').junction('─'))
    .content_lines(ContentLineStyle::none());

/// What the user chose.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// How to write the list.
    #[arg(long, value_enum, default_value_t)]
    format: FormatName,
}

/// The formats by the names that a user types.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
enum FormatName {
    /// For people.
    #[default]
    Table,
    /// One document for programs.
    Json,
}

/// The JSON document.
#[derive(Debug, Serialize)]
struct Document {
    version: u32,
    interfaces: Vec<Entry>,
}

/// One interface and whether it may be captured on.
#[derive(Debug, Serialize)]
struct Entry {
    name: String,
    state: &'static str,
    addresses: Vec<String>,
    mac: Option<String>,
    can_capture: bool,
    why_not: Option<String>,
}

/// Prints the interfaces of the network namespace that the program runs in.
pub fn run(args: Args) -> Result<Outcome, Failure> {
    let may_capture = privileges::may_capture();
    let interfaces: Vec<Entry> =
        local_interfaces().into_iter().map(|interface| entry(interface, may_capture)).collect();
    let is_empty = interfaces.is_empty();
    let mut out = stdout().lock();
    match args.format {
        FormatName::Json => {
            serde_json::to_writer_pretty(&mut out, &Document { version: VERSION, interfaces })?;
            writeln!(out)?;
        }
        FormatName::Table => write_table(&interfaces, may_capture, &mut out)?,
    }
    Ok(if is_empty { Outcome::Negative } else { Outcome::Success })
}

fn entry(interface: LocalInterface, may_capture: bool) -> Entry {
    let why_not = if !may_capture {
        Some(String::from("CAP_NET_RAW is missing"))
    } else if !interface.is_up {
        Some(format!("it is down: ip link set {} up", interface.name))
    } else {
        None
    };
    Entry {
        state: if interface.is_up { "up" } else { "down" },
        addresses: interface.addresses.iter().map(ToString::to_string).collect(),
        mac: interface.mac,
        name: interface.name,
        can_capture: why_not.is_none(),
        why_not,
    }
}

fn write_table(interfaces: &[Entry], may_capture: bool, out: &mut impl Write) -> io::Result<()> {
    let mut table = Table::new();
    table.load_style(STYLE).force_no_tty();
    table.set_header(["NAME", "STATE", "ADDRESSES", "MAC", "CAPTURE"]);
    for one in interfaces {
        let capture = one.why_not.as_ref().map_or(String::from("yes"), |why| format!("no, {why}"));
        table.add_row([
            one.name.clone(),
            one.state.to_owned(),
            one.addresses.join("\n"),
            one.mac.clone().unwrap_or_default(),
            capture,
        ]);
    }
    for line in table.to_string().lines() {
        writeln!(out, "{}", line.trim_end())?;
    }
    if !may_capture {
        writeln!(out, "\n{}.", privileges::how_to_gain())?;
    }
    Ok(())
}
