//! A terminal log against the connections of rows, or of a capture.

use super::Found;
use crate::evidence::{ChunkWay, LogConnection, Role, TerminalLog};
use crate::grade::profile::Host;
use crate::grade::story::{Story, Told};
use crate::grade::words::{Lang, contradictions as words};

/// Contradictions between a log and the connections beside it; `host` is the machine that it
/// was printed on, where that is known.
#[must_use]
pub fn against(log: &TerminalLog, host: Option<&Host>, story: &Story, lang: Lang) -> Vec<Found> {
    let of_connection = |connection| one(log, connection, story, lang);
    let mut found: Vec<Found> = log.connections.iter().filter_map(of_connection).collect();
    if found.is_empty() {
        found.extend(host.and_then(|host| elsewhere(log, host, story, lang)));
    }
    found.extend(resolved(log, story, lang));
    found
}

fn one(log: &TerminalLog, connection: &LogConnection, story: &Story, lang: Lang) -> Option<Found> {
    let port = server_port(log, connection)?;
    let same: Vec<&Told> =
        story.connections.iter().filter(|told| told.server.port == port).collect();
    if same.is_empty() {
        return None;
    }
    match &connection.client {
        Some(client) => {
            let own = same.iter().find(|told| {
                told.client.port == client.port && is_same_host(&told.client.address, &client.host)
            });
            match own {
                Some(told) => known(log, connection, told, &same, story, lang),
                None => unknown(connection, &client.host, &same, story, lang),
            }
        }
        None => by_size(connection, &same, lang),
    }
}

fn server_port(log: &TerminalLog, connection: &LogConnection) -> Option<u16> {
    connection.server.as_ref().or(log.listening.as_ref()).map(|end| end.port)
}

/// A log under the name of a machine that has no part in its connections, while others do.
fn elsewhere(log: &TerminalLog, host: &Host, story: &Story, lang: Lang) -> Option<Found> {
    log.connections.iter().find_map(|connection| {
        let port = server_port(log, connection)?;
        let is_own = |told: &Told| match (&connection.client, log.role) {
            (Some(client), Some(Role::Server)) => {
                told.client.port == client.port && host.has(&told.server.address)
            }
            (_, Some(Role::Client)) => host.has(&told.client.address),
            _ => true,
        };
        let mut same = story.connections.iter().filter(|told| told.server.port == port).peekable();
        let first = *same.peek()?;
        if same.any(is_own) {
            return None;
        }
        let address = if log.role == Some(Role::Client) { &first.client } else { &first.server };
        let why = words::log_elsewhere(lang, &host.name, &address.address, port);
        let (line, kind) = (connection.line, "log-of-another-machine");
        Some(Found { kind, line, column: "", why, frames: vec![first.frames.0] })
    })
}

/// Names can be any address.
fn is_same_host(address: &str, host: &str) -> bool {
    host.parse::<std::net::IpAddr>().is_err() || address == host
}

fn shown(connections: &[&Told]) -> String {
    let names: Vec<String> = connections.iter().map(|told| told.client.to_string()).collect();
    names.join(", ")
}

/// The log's connection is not there, but others from its host to its port are.
fn unknown(
    connection: &LogConnection,
    host: &str,
    same: &[&Told],
    story: &Story,
    lang: Lang,
) -> Option<Found> {
    let from_host: Vec<&Told> =
        same.iter().copied().filter(|told| is_same_host(&told.client.address, host)).collect();
    let begun = from_host.iter().any(|told| !told.began_before());
    // Rows of a part of the run may leave the log's connection out.
    if !begun && !story.is_capture {
        return None;
    }
    let shown = shown(if from_host.is_empty() { same } else { &from_host });
    let client = connection.client.as_ref()?;
    let why = words::different_runs(lang, &format!("{}:{}", client.host, client.port), &shown);
    let line = connection.line;
    Some(Found { kind: "log-and-rows", line, column: "", why, frames: frames(&from_host) })
}

fn frames(connections: &[&Told]) -> Vec<u64> {
    connections.iter().flat_map(|told| told.syn.or(Some(told.frames.0))).collect()
}

/// The log's connection is there: is it whole, and are its bytes those of the log?
fn known(
    log: &TerminalLog,
    connection: &LogConnection,
    told: &Told,
    same: &[&Told],
    story: &Story,
    lang: Lang,
) -> Option<Found> {
    let line = connection.line;
    let other: Vec<&Told> = same
        .iter()
        .copied()
        .filter(|other| !other.began_before() && other.client.address == told.client.address)
        .collect();
    let has_data = connection.chunks.iter().any(|chunk| chunk.len > 0);
    if told.began_before() && told.bytes == [0, 0] && has_data && !other.is_empty() {
        let (first, last) = told.frames;
        let range = format!("{first}–{last}");
        let client = told.client.to_string();
        let why = words::earlier_connection(lang, &client, &range, &shown(&other));
        let mut frames = vec![first, last];
        frames.extend(self::frames(&other));
        return Some(Found { kind: "earlier-connection", line, column: "", why, frames });
    }
    if log.is_interleaved() {
        return None;
    }
    bytes(connection, told, log.role, lang).filter(|_| told.is_countable || story.is_capture)
}

/// What a log counts and shows of one way, and what the packets have of it.
struct Way<'a> {
    way: ChunkWay,
    name: &'static str,
    packets: u64,
    content: Option<&'a [u8]>,
}

/// The two ways of a connection as a program sees them, what it received first.
fn ways(told: &Told, role: Option<Role>) -> [Way<'_>; 2] {
    let [client, server] = [0, 1].map(|side| {
        let content = told.content.get(side).and_then(Option::as_deref);
        (told.bytes.get(side).copied().unwrap_or_default(), content)
    });
    let (sent, received) =
        if role == Some(Role::Client) { (client, server) } else { (server, client) };
    let way = |way, name, (packets, content)| Way { way, name, packets, content };
    [way(ChunkWay::Received, "received", received), way(ChunkWay::Sent, "sent", sent)]
}

/// A log's bytes against the packets'. A log that has not come to its end shows a part.
fn bytes(connection: &LogConnection, told: &Told, role: Option<Role>, lang: Lang) -> Option<Found> {
    let is_over = connection.end_of_stream.is_some() || connection.closing.is_some();
    let client = told.client.to_string();
    for one in ways(told, role) {
        let log = connection.total(one.way);
        let is_wrong = if is_over && one.way == ChunkWay::Received {
            log != one.packets
        } else {
            log > one.packets
        };
        let why = if log > 0 && is_wrong {
            Some(words::log_bytes(lang, &client, one.name, log, one.packets))
        } else {
            other_byte(connection, &one)
                .map(|(at, both)| words::log_byte(lang, &client, one.name, at, both))
        };
        if let Some(why) = why {
            let (line, frames) = (connection.line, vec![told.frames.0, told.frames.1]);
            return Some(Found { kind: "log-and-rows", line, column: "", why, frames });
        }
    }
    None
}

/// The first byte, counted from 1, that a log shows otherwise than the packets have it.
fn other_byte(connection: &LogConnection, way: &Way<'_>) -> Option<(usize, [u8; 2])> {
    let shown = connection.content(way.way)?;
    let mut pairs = shown.iter().zip(way.content?).enumerate();
    let (at, (log, packets)) = pairs.find(|(_, (log, packets))| log != packets)?;
    Some((at + 1, [*log, *packets]))
}

/// A client's log without ports: is there any connection with as many bytes, the same ones?
fn by_size(connection: &LogConnection, same: &[&Told], lang: Lang) -> Option<Found> {
    let sent = connection.total(ChunkWay::Sent);
    if sent == 0 || !same.iter().all(|told| told.is_countable) {
        return None;
    }
    let line = connection.line;
    let found = |why, frames| Found { kind: "log-and-rows", line, column: "", why, frames };
    let sized: Vec<&Told> =
        same.iter().copied().filter(|told| told.bytes.first() == Some(&sent)).collect();
    let others = sized.iter().map(|told| {
        let ways = ways(told, Some(Role::Client));
        let (name, (at, both)) =
            ways.iter().find_map(|way| Some((way.name, other_byte(connection, way)?)))?;
        let why = words::log_byte(lang, &told.client.to_string(), name, at, both);
        Some(found(why, vec![told.frames.0, told.frames.1]))
    });
    if !sized.is_empty() {
        // Each of them has other bytes, or it may be the one that has none.
        return others.collect::<Option<Vec<Found>>>()?.into_iter().next();
    }
    let [first, ..] = same else { return None };
    let [by_client, _] = first.bytes;
    let why = words::log_bytes(lang, &first.client.to_string(), "sent", sent, by_client);
    Some(found(why, frames(same)))
}

/// Addresses that a log names and no row has.
fn resolved(log: &TerminalLog, story: &Story, lang: Lang) -> Vec<Found> {
    let mut found = Vec::new();
    for (line, end) in &log.resolved {
        let is_seen = story.addresses.contains(&end.host);
        let ports: Vec<String> =
            story.connections.iter().map(|told| told.server.port.to_string()).collect();
        let [port, ..] = ports.as_slice() else { continue };
        if !is_seen {
            let wanted = format!("{}:{}", end.host, end.port);
            let why = words::other_traffic(lang, &wanted, port);
            let (line, kind) = (*line, "other-traffic");
            found.push(Found { kind, line, column: "", why, frames: Vec::new() });
        }
    }
    found
}
