//! The client's log against the server's log of the same run.

use super::Found;
use crate::evidence::{ChunkWay, LogConnection, Role, TerminalLog};
use crate::grade::words::{Lang, contradictions as words};

/// Contradictions of a client's log with the logs of servers beside it; none when no server's
/// log stands beside it.
#[must_use]
pub fn find(client: &TerminalLog, servers: &[&TerminalLog], lang: Lang) -> Vec<Found> {
    let servers: Vec<&&TerminalLog> = servers
        .iter()
        .filter(|log| log.role == Some(Role::Server) && log.listening.is_some())
        .collect();
    if client.role != Some(Role::Client) || servers.is_empty() {
        return Vec::new();
    }
    client.connections.iter().filter_map(|connection| one(connection, &servers, lang)).collect()
}

fn one(connection: &LogConnection, servers: &[&&TerminalLog], lang: Lang) -> Option<Found> {
    let target = connection.server.as_ref()?;
    let line = connection.line;
    let ports: Vec<u16> =
        servers.iter().filter_map(|log| log.listening.as_ref().map(|end| end.port)).collect();
    let [first, ..] = ports.as_slice() else { return None };
    if !ports.contains(&target.port) {
        let why = words::log_ports(lang, target.port, *first);
        return Some(Found { kind: "log-and-log", line, column: "", why, frames: Vec::new() });
    }
    let candidates: Vec<&LogConnection> = servers
        .iter()
        .filter(|log| log.listening.as_ref().is_some_and(|end| end.port == target.port))
        .flat_map(|log| &log.connections)
        .collect();
    let sent = connection.total(ChunkWay::Sent);
    let is_mixed = servers.iter().any(|log| log.is_interleaved());
    if candidates.is_empty() || sent == 0 || is_mixed {
        return None;
    }
    let by_size: Vec<&&LogConnection> =
        candidates.iter().filter(|other| fits_size(other, sent)).collect();
    if by_size.is_empty() {
        let received: Vec<String> =
            candidates.iter().map(|other| other.total(ChunkWay::Received).to_string()).collect();
        let why = words::log_and_log(lang, sent, &received.join(", "));
        return Some(Found { kind: "log-and-log", line, column: "", why, frames: Vec::new() });
    }
    let is_same = by_size.iter().any(|other| {
        agrees(connection, ChunkWay::Sent, other, ChunkWay::Received)
            && agrees(connection, ChunkWay::Received, other, ChunkWay::Sent)
    });
    let why = words::log_contents(lang);
    (!is_same).then_some(Found { kind: "log-and-log", line, column: "", why, frames: Vec::new() })
}

/// A log that stops in the middle of a connection shows a part of the bytes.
fn fits_size(server: &LogConnection, sent: u64) -> bool {
    let received = server.total(ChunkWay::Received);
    received == sent || (server.end_of_stream.is_none() && received < sent)
}

/// Whether one program's bytes are the beginning of the other's; unknown bytes agree.
fn agrees(a: &LogConnection, a_way: ChunkWay, b: &LogConnection, b_way: ChunkWay) -> bool {
    match (a.content(a_way), b.content(b_way)) {
        (Some(a), Some(b)) => a.starts_with(&b) || b.starts_with(&a),
        _ => true,
    }
}
