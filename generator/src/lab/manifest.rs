//! `run.json`: what was done in a run, in the words of those who did it.
//!
//! The counterpart of a capture: the programs' own account of every connection, beside what
//! was recorded and what the kernel counted. Version 1; fields may be added, never changed.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::record::{ConnectionRecord, Role, WallTime};

/// The manifest of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Run {
    /// Version of this format; 1.
    pub version: u32,
    /// What was to be done.
    pub scenario: ScenarioFacts,
    /// How it ended.
    pub outcome: Outcome,
    /// When the first process was started.
    pub started_at: WallTime,
    /// When everything had stopped and the recordings were closed.
    pub ended_at: WallTime,
    /// The machine that it ran on.
    pub system: SystemFacts,
    /// The hosts, in the scenario's order.
    pub hosts: Vec<HostFacts>,
    /// The files that were made before the run.
    pub files: Vec<FileFacts>,
    /// The programs, in the scenario's order; those that were never started have no times.
    pub processes: Vec<ProcessFacts>,
    /// Every connection, by the time of its opening.
    pub connections: Vec<Connection>,
    /// The recordings.
    pub recordings: Vec<RecordingFacts>,
    /// Whatever was not as it should be; empty when all is well.
    pub findings: Vec<String>,
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Every client has ended by itself.
    Complete,
    /// Somebody stopped it (Ctrl-C).
    Interrupted,
    /// The scenario's deadline passed.
    DeadlinePassed,
    /// A server was gone before its clients could start.
    Stuck,
}

/// The scenario of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ScenarioFacts {
    /// Its name.
    pub name: String,
    /// What it shows.
    pub about: String,
    /// Where its text came from; the text itself is in the run folder's `scenario.toml`.
    pub source: String,
    /// SHA-256 of its text, lower-case hex.
    pub sha256: String,
}

/// The machine of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SystemFacts {
    /// The kernel's release (`uname -r`).
    pub kernel: String,
    /// True when the namespaces belong to an ordinary user.
    pub rootless: bool,
    /// True when IPv6 was on.
    pub ipv6: bool,
}

/// A host of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HostFacts {
    /// Its name.
    pub name: String,
    /// Its terminal log in the run folder, if anything ran there.
    pub log: Option<String>,
    /// Its interfaces besides lo.
    pub interfaces: Vec<InterfaceFacts>,
}

/// An interface of a host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct InterfaceFacts {
    /// Its name.
    pub name: String,
    /// The network it is plugged into.
    pub network: String,
    /// Address and prefix length.
    pub address: String,
    /// IPv6 address and prefix length, if any.
    pub address6: Option<String>,
    /// Hardware address.
    pub mac: String,
}

/// A file made before the run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FileFacts {
    /// Its name in `files/`.
    pub name: String,
    /// Its size.
    pub bytes: u64,
    /// SHA-256 of its content, lower-case hex.
    pub sha256: String,
}

/// A program of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ProcessFacts {
    /// Its name in the scenario.
    pub name: String,
    /// Its host.
    pub host: String,
    /// What it is.
    pub role: Role,
    /// The command line, as one would type it.
    pub command: Vec<String>,
    /// When it was started.
    pub started_at: Option<WallTime>,
    /// When it had ended.
    pub ended_at: Option<WallTime>,
    /// How it ended.
    pub exit: Option<Exit>,
    /// The exit code that the scenario expects.
    pub expected_exit: u8,
}

/// How a process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Exit {
    /// By itself, with this code.
    Code(i32),
    /// By this signal.
    Signal(i32),
}

/// A connection, as both of its ends tell it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Connection {
    /// Endpoint of the client.
    pub client: SocketAddr,
    /// Endpoint of the server.
    pub server: SocketAddr,
    /// The client process's name.
    pub client_process: Option<String>,
    /// The server process's name.
    pub server_process: Option<String>,
    /// Payload bytes from the client that the server has read, or, without the server's
    /// account, that the client has sent.
    pub bytes_to_server: u64,
    /// Payload bytes from the server that the client has read, or that the server has sent.
    pub bytes_to_client: u64,
    /// The client's account: bytes, SHA-256 both ways, times, how it was closed.
    pub at_client: Option<ConnectionRecord>,
    /// The server's account.
    pub at_server: Option<ConnectionRecord>,
}

/// A recording of one interface.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RecordingFacts {
    /// The host.
    pub host: String,
    /// Its interface.
    pub interface: String,
    /// The capture in the run folder.
    pub file: String,
    /// Frames in the capture.
    pub frames: u64,
    /// Frames that went through the interface meanwhile, by the kernel's count.
    pub counted: u64,
    /// Frames lost because the recorder was too slow; `None` when the system did not say.
    pub dropped_by_kernel: Option<u64>,
    /// Frames lost at the interface.
    pub dropped_by_interface: Option<u64>,
}

impl Run {
    /// True when the run was complete and nothing was found.
    pub fn is_as_expected(&self) -> bool {
        self.outcome == Outcome::Complete && self.findings.is_empty()
    }
}

/// The records that a program wrote, one JSON object per line, and the first line that is none.
pub fn read_records(path: &Path) -> (Vec<ConnectionRecord>, Option<String>) {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(cause) => return (Vec::new(), Some(cause.to_string())),
    };
    let mut records = Vec::new();
    for line in BufReader::new(file).lines() {
        let record = line
            .map_err(|cause| cause.to_string())
            .and_then(|line| serde_json::from_str(&line).map_err(|cause| cause.to_string()));
        match record {
            Ok(record) => records.push(record),
            Err(cause) => return (records, Some(cause)),
        }
    }
    (records, None)
}

/// Joins the accounts of both ends: the n-th record of a pair of endpoints at the client with
/// the n-th at the server.
pub fn join(records: Vec<(String, ConnectionRecord)>) -> Vec<Connection> {
    let mut records = records;
    records.sort_by_key(|(_, record)| record.opened_at);
    let mut seen: BTreeMap<(SocketAddr, SocketAddr, bool), usize> = BTreeMap::new();
    let mut joined: BTreeMap<(SocketAddr, SocketAddr, usize), Connection> = BTreeMap::new();
    for (process, record) in records {
        let (client, server) = (record.client, record.server);
        let count = seen.entry((client, server, record.role == Role::Client)).or_default();
        let connection = joined
            .entry((client, server, *count))
            .or_insert_with(|| Connection::between(client, server));
        *count += 1;
        connection.add(process, record);
    }
    let mut connections: Vec<Connection> = joined.into_values().collect();
    connections.sort_by_key(Connection::opened_at);
    connections
}

impl Connection {
    fn between(client: SocketAddr, server: SocketAddr) -> Self {
        Self {
            client,
            server,
            client_process: None,
            server_process: None,
            bytes_to_server: 0,
            bytes_to_client: 0,
            at_client: None,
            at_server: None,
        }
    }

    fn add(&mut self, process: String, record: ConnectionRecord) {
        match record.role {
            Role::Client => {
                self.client_process = Some(process);
                self.at_client = Some(record);
            }
            Role::Server => {
                self.server_process = Some(process);
                self.at_server = Some(record);
            }
        }
        let read = |record: &ConnectionRecord| record.bytes_received;
        let sent = |record: &ConnectionRecord| record.bytes_sent;
        let (client, server) = (self.at_client.as_ref(), self.at_server.as_ref());
        self.bytes_to_server = server.map(read).or(client.map(sent)).unwrap_or(0);
        self.bytes_to_client = client.map(read).or(server.map(sent)).unwrap_or(0);
    }

    fn opened_at(&self) -> Option<WallTime> {
        let times = [&self.at_client, &self.at_server];
        times.into_iter().flatten().map(|record| record.opened_at).min()
    }

    /// What the two accounts disagree on, if anything: bytes that one end sent and the other
    /// did not read.
    pub fn disagreement(&self) -> Option<String> {
        let (client, server) = (self.at_client.as_ref()?, self.at_server.as_ref()?);
        let lost = |from: &ConnectionRecord, to: &ConnectionRecord| {
            from.bytes_sent != to.bytes_received || from.sha256_sent != to.sha256_received
        };
        let tell = |who: &str, from: &ConnectionRecord, whom: &str, to: &ConnectionRecord| {
            format!(
                "{} to {}: the {who} sent {} bytes, the {whom} read {}",
                self.client, self.server, from.bytes_sent, to.bytes_received
            )
        };
        if lost(client, server) {
            Some(tell("client", client, "server", server))
        } else if lost(server, client) {
            Some(tell("server", server, "client", client))
        } else {
            None
        }
    }
}
