//! What the user may type, and nothing about what it does.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use clap::{Parser, Subcommand, ValueEnum};

use super::commands::{client, forge, lab, schema, server, socket_info, traffic};

/// Makes real TCP traffic: an echo server, its clients, and what the resolver says.
#[derive(Debug, Parser)]
#[command(name = "generator", version, about, max_term_width = 100)]
pub struct Args {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands; each has its own file in `commands/`, with its arguments.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve TCP echo: send every chunk back as it arrives.
    Server(server::ServerArgs),
    /// Connect, send, and compare the echo byte for byte.
    Client(client::ClientArgs),
    /// Show a socket's timeouts and every address of a host, without connecting.
    SocketInfo(socket_info::SocketInfoArgs),
    /// Forge a capture from a recipe: traffic that never was, byte for byte the same each time.
    Forge(forge::ForgeArgs),
    /// Make a large capture for measurements, byte for byte the same per seed.
    Traffic(traffic::TrafficArgs),
    /// Run a whole lab on this machine: hosts, networks, programs, recordings.
    Lab(lab::LabArgs),
    /// Print the JSON Schema of a document that the generator writes.
    Schema(schema::SchemaArgs),
    /// The warden of a lab; started by `lab` only.
    #[command(hide = true)]
    LabWarden(lab::WardenArgs),
    /// The supervisor of a lab; started by its warden only.
    #[command(hide = true)]
    LabSupervisor,
}

/// What is written about the work while it goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// The lines of the course's Python programs, to the letter, on standard error.
    Course,
    /// One JSON object per event, on standard output; the last one is the summary.
    Json,
    /// Nothing.
    Quiet,
}

/// A span of time as people write it: `10` and `2.5` are seconds, `500ms` and `1m 30s` say so.
pub fn duration(text: &str) -> Result<Duration, String> {
    let parsed = match text.parse::<f64>() {
        Ok(seconds) => Duration::try_from_secs_f64(seconds).map_err(|error| error.to_string()),
        Err(_) => humantime::parse_duration(text).map_err(|error| error.to_string()),
    };
    match parsed {
        Ok(span) if span > Duration::from_secs(366 * 24 * 3600) => {
            Err("more than a year; leave the option out to wait for ever".to_owned())
        }
        Ok(span) if span.is_zero() => Err("must be more than zero".to_owned()),
        Ok(span) => Ok(span),
        Err(reason) => Err(format!("{reason}; write seconds (10, 2.5) or units (500ms, 1m 30s)")),
    }
}

/// A source address, with or without a port.
pub fn source_address(text: &str) -> Result<SocketAddr, String> {
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    match bare.parse::<IpAddr>() {
        Ok(address) => Ok(SocketAddr::new(address, 0)),
        Err(_) => text.parse().map_err(|_| {
            "write ADDR or ADDR:PORT with an address of this machine, as in 127.0.0.2:4000 or \
             [::1]:4000"
                .to_owned()
        }),
    }
}

/// A buffer size in bytes: 1 to 16 MiB.
pub fn buffer_size(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(size @ 1..=16_777_216) => Ok(size),
        _ => Err("a number of bytes from 1 to 16777216 (16 MiB)".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn command_line_is_consistent() {
        Args::command().debug_assert();
    }

    #[test]
    fn durations_are_seconds_or_have_units() {
        for (text, millis) in [("10", 10_000), ("2.5", 2500), ("500ms", 500), ("1m 30s", 90_000)] {
            assert_eq!(duration(text).unwrap(), Duration::from_millis(millis), "{text}");
        }
        for text in ["", "0", "-1", "nan", "inf", "1e300", "1 fortnight", "99999d"] {
            assert!(duration(text).is_err(), "{text}");
        }
    }
}
