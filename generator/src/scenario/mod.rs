//! The plan of a lab run: hosts, networks, files, processes, recordings, as a TOML file.
//!
//! A scenario says what is to happen and nothing about how; the lab carries it out. Unknown
//! keys, dangling names and impossible values are errors with line and column. The built-in
//! scenarios are files of the same format ([`builtin`]).

use std::net::{Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use serde::Deserialize;
use toml::Spanned;

pub use error::Error;
pub use load::{from_text, read};
pub use value::{Address, Mac, Size, Span};

pub mod builtin;
mod check;
mod error;
mod load;
#[cfg(test)]
mod tests;
mod value;

/// A whole scenario. Every list may be written as repeated tables (`[[process]]`).
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Scenario {
    /// Version of the format; 1.
    pub version: Spanned<u32>,
    /// Short name: letters, digits and hyphens; names the run folder.
    pub name: Spanned<String>,
    /// What the scenario shows, for people.
    #[serde(default)]
    pub about: String,
    /// The longest that a run may take; then it is stopped.
    #[serde(default = "default_deadline")]
    pub deadline: Span,
    /// IPv6 on the lab's networks; off unless said, so that a capture holds the run.
    #[serde(default)]
    pub ipv6: bool,
    /// Interfaces to record; the server's eth1 when empty.
    #[serde(default)]
    pub record: Vec<Recording>,
    /// The networks; the course's two when there are neither networks nor hosts.
    #[serde(default, rename = "network")]
    pub networks: Vec<Network>,
    /// The hosts; the course's machines when there are neither networks nor hosts.
    #[serde(default, rename = "host")]
    pub hosts: Vec<Host>,
    /// Files to make before the run.
    #[serde(default, rename = "file")]
    pub files: Vec<Content>,
    /// What runs where.
    #[serde(default, rename = "process")]
    pub processes: Vec<Process>,
}

impl Scenario {
    /// The interfaces to record, as (host, interface): those named, or for every host with a
    /// server its eth1, or its first interface when it has no eth1.
    pub fn recordings(&self) -> Vec<(String, String)> {
        if !self.record.is_empty() {
            let pair = |r: &Recording| (r.host.as_ref().clone(), r.interface.as_ref().clone());
            return self.record.iter().map(pair).collect();
        }
        let serves = |host: &&Host| {
            let is_here = |p: &Process| p.server.is_some() && p.host.as_ref() == host.name.as_ref();
            self.processes.iter().any(is_here)
        };
        let inner = |host: &Host| {
            let eth1 = host.interfaces.iter().find(|i| i.name.as_ref() == "eth1");
            let chosen = eth1.or(host.interfaces.first())?;
            Some((host.name.as_ref().clone(), chosen.name.as_ref().clone()))
        };
        self.hosts.iter().filter(serves).filter_map(inner).collect()
    }
}

/// A network: hosts joined by a bridge.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Network {
    /// Its name; also the bridge's.
    pub name: Spanned<String>,
}

/// A machine of the lab.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Host {
    /// Its name and hostname.
    pub name: Spanned<String>,
    /// Where everything goes that is not on one of its networks.
    pub gateway: Option<Ipv4Addr>,
    /// Its interfaces besides lo.
    #[serde(default)]
    pub interfaces: Vec<Interface>,
}

/// An interface of a host.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Interface {
    /// Its name in the host, for example `eth1`.
    pub name: Spanned<String>,
    /// The network that it is plugged into.
    pub network: Spanned<String>,
    /// Address and prefix length, for example `172.16.16.101/24`.
    pub address: Spanned<Address<Ipv4Addr>>,
    /// IPv6 address and prefix length; only with `ipv6 = true`.
    pub address6: Option<Spanned<Address<Ipv6Addr>>>,
    /// Hardware address; 02:42 and the IPv4 address when absent.
    pub mac: Option<Mac>,
}

impl Interface {
    /// The hardware address: the one given, or 02:42 followed by the IPv4 address.
    pub fn mac(&self) -> Mac {
        self.mac.unwrap_or_else(|| Mac::from_ipv4(self.address.as_ref().ip))
    }
}

/// An interface to record.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Recording {
    /// The host.
    pub host: Spanned<String>,
    /// Its interface; `lo` is allowed.
    pub interface: Spanned<String>,
}

/// A file to make before the run, with exactly one of `text` and `size`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Content {
    /// Its name in the run folder's `files/`.
    pub name: Spanned<String>,
    /// The bytes themselves.
    pub text: Option<String>,
    /// That many bytes, made from `seed`, the same in every run.
    pub size: Option<Size>,
    /// Chooses the bytes of a file given by `size`.
    #[serde(default)]
    pub seed: u64,
}

/// A program on a host: exactly one of `server` and `client`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Process {
    /// Its name in this scenario.
    pub name: Spanned<String>,
    /// Where it runs.
    pub host: Spanned<String>,
    /// The options of `generator server`.
    pub server: Option<Server>,
    /// The options of `generator client`.
    pub client: Option<Client>,
    /// Processes that come first: a server must be listening, a client must have ended.
    #[serde(default)]
    pub after: Vec<Spanned<String>>,
    /// Processes with the same word here have all connected before any of them sends.
    pub barrier: Option<Spanned<String>>,
    /// The exit code that is right for it.
    #[serde(default)]
    pub expect_exit: u8,
}

/// Options of `generator server`, by the same names.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Server {
    /// Address and port to listen on.
    pub bind: Spanned<String>,
    /// Largest read in bytes.
    pub recv_size: Option<u32>,
    /// Connections that the kernel keeps waiting.
    pub backlog: Option<u32>,
    /// How several connections are served.
    pub mode: Option<ServerMode>,
    /// Ends after that many connections.
    pub max_connections: Option<u64>,
    /// Closes a connection that is silent for so long.
    pub idle_timeout: Option<Span>,
    /// What it prints.
    pub log: Option<Log>,
}

/// Options of `generator client`, by the same names.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Client {
    /// Host and port to connect to.
    pub to: Spanned<String>,
    /// The text to send.
    pub message: Option<String>,
    /// The scenario's file to send.
    pub file: Option<Spanned<String>>,
    /// Largest read in bytes.
    pub recv_size: Option<u32>,
    /// Connections at the same time.
    pub parallel: Option<u32>,
    /// Address (and port) to connect from.
    pub from: Option<String>,
    /// Interface to connect through.
    pub interface: Option<String>,
    /// How the connection is ended.
    pub close: Option<Close>,
    /// Keeps each connection open for so long after its echo is complete.
    pub stay_open: Option<Span>,
    /// Gives up after so long.
    pub timeout: Option<Span>,
    /// Does it all that many times.
    pub repeat: Option<u32>,
    /// What it prints.
    pub log: Option<Log>,
}

/// How a server serves several connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ServerMode {
    /// A thread for each.
    Threads,
    /// One after the other, as the course's program does.
    Sequential,
    /// One thread, many connections.
    Async,
}

/// How a client ends its connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Close {
    /// Closes both directions.
    Fin,
    /// Resets.
    Rst,
    /// Closes its own direction and reads on.
    HalfClose,
    /// Waits for an end that never comes.
    Hold,
}

/// What a program prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Log {
    /// The lines of the course's programs.
    Course,
    /// One JSON object per event.
    Json,
    /// Nothing.
    Quiet,
}

impl ServerMode {
    /// The word on the command line.
    pub fn word(self) -> &'static str {
        match self {
            Self::Threads => "threads",
            Self::Sequential => "sequential",
            Self::Async => "async",
        }
    }
}

impl Close {
    /// The word on the command line.
    pub fn word(self) -> &'static str {
        match self {
            Self::Fin => "fin",
            Self::Rst => "rst",
            Self::HalfClose => "half-close",
            Self::Hold => "hold",
        }
    }
}

impl Log {
    /// The word on the command line.
    pub fn word(self) -> &'static str {
        match self {
            Self::Course => "course",
            Self::Json => "json",
            Self::Quiet => "quiet",
        }
    }
}

fn default_deadline() -> Span {
    Span(Duration::from_secs(60))
}
