//! The comparison itself, connection by connection.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::path::Path;

use sha2::Digest;

use super::run::{Account, Run, Told};
use super::{Difference, Lost};
use crate::condition::functions::hex;
use crate::condition::reading::{HalfStream, HalfStreams, Sender};
use crate::summary::{CaptureSummary, Connection, EndpointSummary, EventKind, Side};

/// What a manifest and a capture of the run do not agree on. `capture` is the file, whose name
/// says which interface it recorded.
#[must_use]
pub fn compare(
    run: &Run,
    capture: &Path,
    summary: &CaptureSummary,
    halves: &HalfStreams,
) -> Vec<Difference> {
    let recording = run.recording(capture);
    let own = recording.map(|recording| run.addresses(recording)).unwrap_or_default();
    let mut found = Vec::new();
    found.extend(drops(summary));
    let mut unclaimed = established(summary);
    for told in &run.connections {
        let key = (told.client, told.server);
        match unclaimed.get_mut(&key).filter(|list| !list.is_empty()).map(|list| list.remove(0)) {
            Some(seen) => {
                found.extend(bytes(told, seen, halves));
                found.extend(closes(told, seen));
            }
            None if passes(told, &own) => found.push(Difference {
                lost: Lost::ByCapture,
                text: format!("{}: the connection is not in the capture", name(told)),
                stream: None,
                frames: Vec::new(),
            }),
            None => {}
        }
    }
    found.extend(untold(unclaimed, &own));
    found.sort_by_key(|difference| (difference.stream, difference.lost));
    found
}

/// What the recorder itself says it lost.
fn drops(summary: &CaptureSummary) -> Option<Difference> {
    let recorder = &summary.capture.recorder;
    let lost = recorder.dropped_by_kernel.unwrap_or(0) + recorder.dropped_by_interface.unwrap_or(0);
    (lost > 0).then(|| Difference {
        lost: Lost::ByCapture,
        text: format!("the recorder says that it lost {lost} frames"),
        stream: None,
        frames: Vec::new(),
    })
}

/// The captured connections that came about, by endpoints, in the order of their beginning.
fn established(summary: &CaptureSummary) -> HashMap<(SocketAddr, SocketAddr), Vec<&Connection>> {
    let mut found: HashMap<_, Vec<&Connection>> = HashMap::new();
    let endpoint =
        |end: &EndpointSummary| Some(SocketAddr::new(end.address.parse().ok()?, end.port));
    for connection in summary.connections.iter().filter(|one| one.handshake.complete) {
        let ends = endpoint(&connection.client).zip(endpoint(&connection.server));
        if let Some(ends) = ends {
            found.entry(ends).or_default().push(connection);
        }
    }
    found
}

/// True when a connection must have gone through the recorded interface. Without knowing that
/// interface, every one between two hosts must.
fn passes(told: &Told, own: &[IpAddr]) -> bool {
    let (client, server) = (told.client.ip(), told.server.ip());
    client != server && (own.is_empty() || own.contains(&client) || own.contains(&server))
}

fn name(told: &Told) -> String {
    format!("{} to {}", told.client, told.server)
}

/// Both directions against the accounts.
fn bytes(told: &Told, seen: &Connection, halves: &HalfStreams) -> Vec<Difference> {
    let (client, server) = (told.at_client.as_ref(), told.at_server.as_ref());
    let none = HalfStream::default();
    let half = |sender| halves.get(&(seen.stream, sender)).unwrap_or(&none);
    let sides = [
        ("client", client, server, half(Sender::Client), &seen.from_client),
        ("server", server, client, half(Sender::Server), &seen.from_server),
    ];
    let mut found = Vec::new();
    for (who, from, to, half, flow) in sides {
        let frames: Vec<u64> =
            [flow.first_data, flow.last_data].into_iter().flatten().map(|at| at.frame).collect();
        if let Some((lost, text)) = direction(from, to, half, seen) {
            let text = format!("{}, from the {who}: {text}", name(told));
            found.push(Difference { lost, text, stream: Some(seen.stream), frames });
        }
    }
    found
}

/// One direction: `from` sent it, `to` read it.
fn direction(
    from: Option<&Account>,
    to: Option<&Account>,
    half: &HalfStream,
    seen: &Connection,
) -> Option<(Lost, String)> {
    let (sent, read) = (from.map(|one| one.bytes_sent), to.map(|one| one.bytes_received));
    let captured = half.length - half.missing;
    if half.missing > 0 {
        let arrived = read.is_none_or(|read| read >= half.length);
        let who = if arrived { Lost::ByCapture } else { Lost::ByNetwork };
        let told = if arrived {
            "the receiver has read them"
        } else {
            "the receiver has not read them either"
        };
        return Some((
            who,
            format!("{} of {} bytes are not in the capture; {told}", half.missing, half.length),
        ));
    }
    if let Some(read) = read.filter(|read| captured < *read) {
        let text = format!("{captured} bytes captured, but the receiver has read {read}");
        return Some((Lost::ByCapture, text));
    }
    if let Some(sent) = sent.filter(|sent| captured > *sent) {
        let text = format!("{captured} bytes captured, but the sender tells of {sent}");
        return Some((Lost::Differs, text));
    }
    if let (Some(sent), Some(read)) = (sent, read)
        && read < sent
    {
        let repeated = repeats(seen);
        let text = format!(
            "{sent} bytes sent, {captured} captured, {read} read by the receiver{repeated}"
        );
        return Some((Lost::ByNetwork, text));
    }
    if let Some(sent) = sent.filter(|sent| captured < *sent) {
        let text = format!("{captured} bytes captured of {sent} that were sent");
        return Some((Lost::ByCapture, text));
    }
    let sha256 = hex(&half.digest.clone().finalize());
    let told = [
        from.filter(|from| from.bytes_sent == captured).map(|from| &from.sha256_sent),
        to.filter(|to| to.bytes_received == captured).map(|to| &to.sha256_received),
    ];
    let differs = told.into_iter().flatten().any(|told| *told != sha256);
    differs.then(|| {
        let text = format!(
            "the {captured} bytes captured are others than those of the programs \
                            (SHA-256 {sha256})"
        );
        (Lost::Differs, text)
    })
}

/// What the capture shows of segments that had to be sent again.
fn repeats(seen: &Connection) -> String {
    let is_repeat = |kind: EventKind| {
        matches!(
            kind,
            EventKind::Retransmission
                | EventKind::FastRetransmission
                | EventKind::SpuriousRetransmission
        )
    };
    let events = seen.events.iter().filter(|event| is_repeat(event.kind));
    match events.map(|event| event.count).sum() {
        0_u64 => String::new(),
        count => format!("; {count} segments were sent again"),
    }
}

/// How each end says that it closed, against what it sent.
fn closes(told: &Told, seen: &Connection) -> Vec<Difference> {
    let teardown = &seen.teardown;
    let reset_by = teardown.reset.as_ref().map(|reset| reset.by);
    let difference = |text: String| {
        let ends = [
            teardown.client_fin.map(|fin| fin.sent.frame),
            teardown.server_fin.map(|fin| fin.sent.frame),
            teardown.reset.as_ref().map(|reset| reset.at.frame),
        ];
        let frames = ends.into_iter().flatten().collect();
        let text = format!("{}: {text}", name(told));
        Difference { lost: Lost::Differs, text, stream: Some(seen.stream), frames }
    };
    let sides = [
        ("client", told.at_client.as_ref(), Side::Client, teardown.client_fin.is_some()),
        ("server", told.at_server.as_ref(), Side::Server, teardown.server_fin.is_some()),
    ];
    let mut found = Vec::new();
    for (who, account, side, has_fin) in sides {
        let Some(account) = account else { continue };
        let (claim, is_true) = match account.close.local.as_str() {
            "fin" => ("a FIN", has_fin),
            "rst" => ("a reset", reset_by == Some(side)),
            _ => continue,
        };
        if !is_true {
            found.push(difference(format!(
                "the {who} says that it closed with {claim}, the capture shows none from it"
            )));
        }
    }
    found.extend(first(told, seen).map(difference));
    found
}

/// Who closed first, where both accounts agree on it.
fn first(told: &Told, seen: &Connection) -> Option<String> {
    let by = |account: &Option<Account>| account.as_ref().and_then(|one| one.close.first.clone());
    let agreed = by(&told.at_client).filter(|one| by(&told.at_server).as_ref() == Some(one))?;
    let captured = seen.teardown.closed_first.filter(|_| !seen.teardown.is_simultaneous)?;
    let captured = match captured {
        Side::Client => "client",
        Side::Server => "server",
    };
    (captured != agreed).then(|| {
        format!(
            "the {captured} closed first in the capture, the {agreed} by both programs' accounts"
        )
    })
}

/// Captured connections of the recorded host that no program tells of. Whoever records beside
/// its own traffic may hear others.
fn untold(
    unclaimed: HashMap<(SocketAddr, SocketAddr), Vec<&Connection>>,
    own: &[IpAddr],
) -> Vec<Difference> {
    let is_own = |client: &SocketAddr, server: &SocketAddr| {
        own.is_empty() || own.contains(&client.ip()) || own.contains(&server.ip())
    };
    let left = unclaimed.into_iter().filter(|((client, server), _)| is_own(client, server));
    left.flat_map(|((client, server), list)| {
        list.into_iter().map(move |seen| Difference {
            lost: Lost::Differs,
            text: format!("{client} to {server}: no program tells of this connection"),
            stream: Some(seen.stream),
            frames: vec![seen.first.frame],
        })
    })
    .collect()
}
