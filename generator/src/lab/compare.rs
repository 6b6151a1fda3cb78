//! Holds the captures of a run against the programs' own accounts: the same connections, the
//! same bytes by SHA-256, the same way of closing. What differs is a finding of the run.
//!
//! A program that was killed, or a connection that was reset, may have handed bytes to its
//! system that never went out; so what one end read is the least, what the other end sent the
//! most that a capture can show. Where both agree, the capture must agree with them.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::ops::ControlFlow;
use std::path::Path;

use analyzer::engine::{self, Observer, Threads};
use analyzer::facts::FrameFacts;
use analyzer::source;
use analyzer::summary::{
    CaptureEnd, CaptureSummary, Collector, Connection as Captured, HandshakeOutcome, Options, Side,
};
use analyzer::tcp::Direction;
use analyzer::tcp::reassembly::{Piece, Reassembly};
use sha2::{Digest, Sha256};

use super::manifest::{Connection, RecordingFacts, Run};
use crate::record::{ConnectionRecord, HalfClose, Role, hex};

/// Findings per recording; the rest is counted.
const LIMIT: usize = 20;

/// Both directions of a captured stream.
type Stream = [Direct; 2];

/// What one direction of a stream carried.
#[derive(Default)]
struct Direct {
    order: Reassembly,
    content: Content,
}

#[derive(Default)]
struct Content {
    digest: Sha256,
    bytes: u64,
    missing: u64,
}

/// Everything of a capture that accounts can be held against.
struct Reading {
    collector: Collector,
    streams: HashMap<u32, Stream>,
}

/// What the captures in `folder` and the run's accounts disagree on, in sentences.
pub fn findings(run: &Run, folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for recording in &run.recordings {
        let mut differences = match read(&folder.join(&recording.file)) {
            Ok((summary, streams)) => compare(run, recording, &summary, streams),
            Err(cause) => vec![cause],
        };
        let more = differences.len().saturating_sub(LIMIT);
        differences.truncate(LIMIT);
        found.extend(differences.into_iter().map(|text| format!("{}: {text}", recording.file)));
        if more > 0 {
            found.push(format!("{}: {more} more differences", recording.file));
        }
    }
    found
}

fn read(path: &Path) -> Result<(CaptureSummary, HashMap<u32, Stream>), String> {
    let mut capture = source::open(path).map_err(|error| error.to_string())?;
    let options = Options { top: usize::MAX, segments: 0, ..Options::default() };
    let mut reading = Reading { collector: Collector::new(options), streams: HashMap::new() };
    engine::run(&mut *capture, Threads::default(), &mut reading)
        .map_err(|error| error.to_string())?;
    for direct in reading.streams.values_mut().flatten() {
        let Direct { order, content } = direct;
        order.finish(&mut |piece| content.take(piece));
    }
    Ok((reading.collector.finish(CaptureEnd::default()), reading.streams))
}

impl Observer for Reading {
    fn frame(&mut self, facts: &FrameFacts<'_>) -> ControlFlow<()> {
        self.collector.observe(facts, true);
        if let Some(tcp) = &facts.tcp {
            let stream = self.streams.entry(tcp.analysis.stream.0).or_default();
            let [from_client, from_server] = stream;
            let Direct { order, content } = match tcp.analysis.direction {
                Direction::FromClient => from_client,
                Direction::FromServer => from_server,
            };
            order.push(tcp.segment, tcp.payload, &mut |piece| content.take(piece));
        }
        ControlFlow::Continue(())
    }
}

impl Content {
    fn take(&mut self, piece: Piece<'_>) {
        match piece {
            Piece::Data(bytes) => {
                self.digest.update(bytes);
                self.bytes += bytes.len() as u64;
            }
            Piece::Missing(bytes) => self.missing += bytes,
        }
    }
}

fn compare(
    run: &Run,
    recording: &RecordingFacts,
    summary: &CaptureSummary,
    mut streams: HashMap<u32, Stream>,
) -> Vec<String> {
    let mut unclaimed = established(summary);
    let mut found = Vec::new();
    for told in &run.connections {
        let key = (told.client, told.server);
        let seen = unclaimed.get_mut(&key).filter(|list| !list.is_empty()).map(|l| l.remove(0));
        match seen {
            Some(seen) => {
                let content = streams.remove(&seen.stream).unwrap_or_default();
                found.extend(bytes(told, &content));
                found.extend(closes(told, seen));
            }
            None if passes(run, recording, told) => found.push(format!(
                "the connection of {} to {} is not in the capture",
                told.client, told.server
            )),
            None => {}
        }
    }
    // Whoever is recorded beside its own traffic may hear others: only its own must be told.
    let own = address(run, recording);
    let mut untold: Vec<(SocketAddr, SocketAddr)> = unclaimed
        .into_iter()
        .filter(|((client, server), list)| {
            !list.is_empty() && own.is_some_and(|own| [client.ip(), server.ip()].contains(&own))
        })
        .map(|(key, _)| key)
        .collect();
    untold.sort_unstable();
    found.extend(untold.into_iter().map(|(client, server)| {
        format!("the capture shows a connection of {client} to {server} that no program tells of")
    }));
    found
}

/// The captured connections that came about, by endpoints, in the order of their beginning.
fn established(summary: &CaptureSummary) -> HashMap<(SocketAddr, SocketAddr), Vec<&Captured>> {
    let mut found: HashMap<_, Vec<&Captured>> = HashMap::new();
    for connection in &summary.connections {
        let is_established = matches!(
            connection.handshake.outcome,
            HandshakeOutcome::Complete | HandshakeOutcome::SimultaneousOpen
        );
        let endpoint = |end: &analyzer::summary::EndpointSummary| {
            Some(SocketAddr::new(end.address.parse().ok()?, end.port))
        };
        let ends = endpoint(&connection.client).zip(endpoint(&connection.server));
        if let Some(ends) = ends.filter(|_| is_established) {
            found.entry(ends).or_default().push(connection);
        }
    }
    found
}

/// The IPv4 address of the recorded interface; `None` for lo.
fn address(run: &Run, recording: &RecordingFacts) -> Option<std::net::IpAddr> {
    let host = run.hosts.iter().find(|host| host.name == recording.host)?;
    let interface = host.interfaces.iter().find(|i| i.name == recording.interface)?;
    interface.address.split('/').next()?.parse().ok()
}

/// True when the connection must have gone through the recorded interface.
fn passes(run: &Run, recording: &RecordingFacts, told: &Connection) -> bool {
    let (client, server) = (told.client.ip(), told.server.ip());
    client != server && address(run, recording).is_some_and(|own| [client, server].contains(&own))
}

/// Both directions against the accounts.
fn bytes(told: &Connection, captured: &Stream) -> Vec<String> {
    let (client, server) = (told.at_client.as_ref(), told.at_server.as_ref());
    let [to_server, to_client] = captured;
    let sides = [("client", client, server, to_server), ("server", server, client, to_client)];
    sides
        .into_iter()
        .filter_map(|(who, from, to, direct)| {
            let difference = direction(from, to, &direct.content)?;
            Some(format!("{} to {}, from the {who}: {difference}", told.client, told.server))
        })
        .collect()
}

/// One direction: `from` sent it, `to` read it.
fn direction(
    from: Option<&ConnectionRecord>,
    to: Option<&ConnectionRecord>,
    captured: &Content,
) -> Option<String> {
    let Content { bytes, missing, digest } = captured;
    if *missing > 0 {
        return Some(format!("{missing} bytes are missing from the capture"));
    }
    let (most, least) = (from.map(|f| f.bytes_sent), to.map(|t| t.bytes_received));
    if most.is_some_and(|most| *bytes > most) || least.is_some_and(|least| *bytes < least) {
        let told = |count: Option<u64>| count.map_or("?".to_owned(), |count| count.to_string());
        return Some(format!(
            "{bytes} bytes captured, {} sent and {} read by the programs' accounts",
            told(most),
            told(least)
        ));
    }
    let sha256 = hex(&digest.clone().finalize());
    let sent = from.filter(|from| from.bytes_sent == *bytes).map(|from| &from.sha256_sent);
    let read = to.filter(|to| to.bytes_received == *bytes).map(|to| &to.sha256_received);
    let is_other = [sent, read].into_iter().flatten().any(|told| *told != sha256);
    is_other.then(|| {
        format!("the {bytes} bytes captured differ from those of the programs (SHA-256 {sha256})")
    })
}

/// How each end says that it closed, against what it sent.
fn closes(told: &Connection, seen: &Captured) -> Vec<String> {
    let teardown = &seen.teardown;
    let reset_by = teardown.reset.as_ref().map(|reset| reset.by);
    let ends = [
        ("client", told.at_client.as_ref(), Side::Client, teardown.client_fin.is_some()),
        ("server", told.at_server.as_ref(), Side::Server, teardown.server_fin.is_some()),
    ];
    let mut found: Vec<String> = ends
        .into_iter()
        .filter_map(|(who, record, side, has_fin)| {
            let local = record?.close.local;
            let (claim, is_true) = match local {
                HalfClose::Fin => ("a FIN", has_fin),
                HalfClose::Rst => ("a reset", reset_by == Some(side)),
                HalfClose::Unseen => return None,
            };
            (!is_true).then(|| {
                format!(
                    "{} to {}: the {who} says that it closed with {claim}, the capture shows none \
                     from it",
                    told.client, told.server
                )
            })
        })
        .collect();
    found.extend(first(told, seen));
    found
}

/// Who closed first, where both accounts agree on it.
fn first(told: &Connection, seen: &Captured) -> Option<String> {
    let [client, server] = [&told.at_client, &told.at_server]
        .map(|record| record.as_ref().and_then(|record| record.close.first));
    let agreed = client.filter(|client| server == Some(*client))?;
    let captured = seen.teardown.closed_first.filter(|_| !seen.teardown.is_simultaneous)?;
    let (captured, name) = match captured {
        Side::Client => (Role::Client, "client"),
        Side::Server => (Role::Server, "server"),
    };
    (captured != agreed).then(|| {
        format!(
            "{} to {}: the {name} closed first in the capture, the other by both accounts",
            told.client, told.server
        )
    })
}
