//! What happened on a connection, in plain sentences with frame numbers as proof.
//!
//! [`story`] is the whole; [`opening`], [`exchange`], [`trouble`] and [`ending`] are its
//! parts. Kind, precise, and only what the model says.

use super::ending::ending;
use super::wording::{bytes, count, endpoint, event, list, span};
use crate::summary::{
    Connection, EventKind, Flow, HandshakeOutcome, RoleBasis, TeardownOutcome, Waiting,
};

/// The story of a connection.
pub fn story(connection: &Connection) -> String {
    let waited = connection.waiting.as_ref().map(waiting);
    let parts = [
        Some(opening(connection)),
        exchange(connection),
        waited,
        trouble(connection),
        Some(ending(connection)),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// How it began.
fn opening(connection: &Connection) -> String {
    let (client, server) = (endpoint(&connection.client), endpoint(&connection.server));
    let handshake = &connection.handshake;
    let frame = |moment: Option<crate::summary::Moment>| moment.map_or(0, |m| m.frame);
    let (syn, syn_ack, ack) =
        (frame(handshake.syn), frame(handshake.syn_ack), frame(handshake.ack));
    let rtt = handshake.rtt.map_or(String::new(), |rtt| format!(", {} after the SYN", span(rtt)));
    let mut text = match handshake.outcome {
        HandshakeOutcome::Complete => format!(
            "{client} connects to {server}: SYN in frame {syn}, SYN-ACK in frame {syn_ack}, ACK \
             in frame {ack}{rtt}."
        ),
        HandshakeOutcome::SimultaneousOpen => format!(
            "{client} and {server} connect to each other at the same time (simultaneous open): \
             both send a SYN, the first in frame {}, and answer the other's with a SYN-ACK.",
            connection.first.frame
        ),
        HandshakeOutcome::Refused => format!(
            "{client} wants to connect to {server} (SYN in frame {syn}) and is refused: a reset \
             answers in frame {}. Most likely no program listens on that port.",
            frame(handshake.refused_by)
        ),
        HandshakeOutcome::Unanswered => format!(
            "{client} wants to connect to {server} (SYN in frame {}), but no answer is in the \
             capture. Perhaps the machine is down, a firewall drops the SYN, or the server's queue \
             of waiting connections is full.",
            handshake.first_syn.map_or(syn, |first| first.frame)
        ),
        HandshakeOutcome::NotAcknowledged if syn == 0 => format!(
            "{server} answers a connection request of {client} (SYN-ACK in frame {syn_ack}); the \
             SYN before it and the ACK after it are not in the capture."
        ),
        HandshakeOutcome::NotAcknowledged => format!(
            "{client} asks to connect to {server} (SYN in frame {syn}), the server agrees \
             (SYN-ACK in frame {syn_ack}), but the ACK that completes the handshake is missing."
        ),
        HandshakeOutcome::Abandoned => format!(
            "{client} asks to connect to {server} (SYN in frame {syn}), the server agrees \
             (SYN-ACK in frame {syn_ack}), and the client withdraws with a reset in frame {}, as \
             port scanners do.",
            frame(handshake.refused_by)
        ),
        HandshakeOutcome::SynAckMissing => format!(
            "{client} connects to {server}: SYN in frame {syn}, ACK in frame {ack}; the SYN-ACK \
             between them is not in the capture."
        ),
        HandshakeOutcome::SynMissing => format!(
            "{client} connects to {server}: SYN-ACK in frame {syn_ack}, ACK in frame {ack}; the \
             SYN before them is not in the capture."
        ),
        HandshakeOutcome::NotCaptured => older(connection, &client, &server),
    };
    text.push_str(&repeats(connection));
    text
}

fn older(connection: &Connection, client: &str, server: &str) -> String {
    let because = connection.roles_because.as_deref().unwrap_or_default();
    let assumed = match connection.roles {
        RoleBasis::Assumed => {
            format!(" That {client} is the client is assumed: {because}.{}", doubt(connection))
        }
        RoleBasis::Handshake => String::new(),
    };
    format!(
        "The connection of {client} to {server} is older than the capture: its first frame here, \
         {}, is not the start of a handshake.{assumed}",
        connection.first.frame
    )
}

/// Port numbers that speak against the assumed roles: 32768 is where Linux begins to give ports
/// to clients (ip_local_port_range), other systems begin higher.
fn doubt(connection: &Connection) -> String {
    const FIRST_EPHEMERAL: u16 = 32_768;
    let (client, server) = (connection.client.port, connection.server.port);
    if client >= FIRST_EPHEMERAL || server < FIRST_EPHEMERAL {
        return String::new();
    }
    format!(
        " Its port speaks against it: {client} is one that programs choose to listen on, {server} \
         one that systems give to clients."
    )
}

fn repeats(connection: &Connection) -> String {
    let handshake = &connection.handshake;
    let mut text = String::new();
    if handshake.syn_count > 1 {
        let first = handshake.first_syn.map_or(0, |moment| moment.frame);
        let is_told = handshake.outcome == HandshakeOutcome::Unanswered;
        let first = if is_told { String::new() } else { format!(", first in frame {first}") };
        text.push_str(&format!(" The SYN was sent {} times{first}.", handshake.syn_count));
    }
    let is_simultaneous = handshake.outcome == HandshakeOutcome::SimultaneousOpen;
    // There, each side sends one.
    if handshake.syn_ack_count > 1 + u32::from(is_simultaneous) {
        text.push_str(&format!(" The SYN-ACK was sent {} times.", handshake.syn_ack_count));
    }
    if handshake.syn_payload_len > 0 {
        let data = bytes(u64::from(handshake.syn_payload_len));
        let accepted = connection.events.iter().find(|event| event.kind == EventKind::TfoAck);
        let accepted = accepted.and_then(|event| event.frames.first());
        let accepted = accepted.map_or(String::new(), |frame| {
            format!("; the SYN-ACK in frame {frame} acknowledges them")
        });
        text.push_str(&format!(
            " The SYN already carries {data}, as TCP Fast Open allows{accepted}."
        ));
    }
    if let Some(reuse) = connection.port_reuse {
        text.push_str(&format!(
            " The same two ports were used before, by connection {} (until frame {}).",
            reuse.previous_stream, reuse.previous_last_frame
        ));
    }
    text
}

/// What was sent.
fn exchange(connection: &Connection) -> Option<String> {
    let (client, server) = (&connection.from_client, &connection.from_server);
    if connection.teardown.outcome == TeardownOutcome::NeverOpened
        && client.data_segments + server.data_segments == 0
    {
        return None;
    }
    let text = match (client.data_segments, server.data_segments) {
        (0, 0) if connection.began_before_capture => "No data is in the capture.".to_owned(),
        (0, 0) => "No data is sent.".to_owned(),
        (_, 0) => format!("The client sends {}; the server sends no data.", sent(client)),
        (0, _) => format!("The server sends {}; the client sends no data.", sent(server)),
        _ => format!("The client sends {}, the server {}.", sent(client), sent(server)),
    };
    let missing = client.missing_bytes + server.missing_bytes;
    let missing = match missing {
        0 => String::new(),
        _ => format!(" Of the data, {} not in the capture.", are(missing)),
    };
    Some(text + &missing)
}

fn are(missing: u64) -> String {
    format!("{} {}", bytes(missing), if missing == 1 { "is" } else { "are" })
}

fn sent(flow: &Flow) -> String {
    let first = flow.first_data.map_or(0, |moment| moment.frame);
    let last = flow.last_data.map_or(0, |moment| moment.frame);
    let size = bytes(flow.application_bytes);
    let again = flow.segment_bytes.saturating_sub(flow.application_bytes);
    let again = match again {
        0 => String::new(),
        _ => format!("; {} sent again", bytes(again)),
    };
    match flow.data_segments {
        1 => format!("{size} (frame {first}{again})"),
        2 => format!("{size} in 2 segments (frames {first} and {last}{again})"),
        segments => {
            let segments = count(segments, "segment", "segments");
            format!("{size} in {segments} (between frames {first} and {last}{again})")
        }
    }
}

/// Accepted, but not served at once.
fn waiting(waiting: &Waiting) -> String {
    let asked = waiting.asked.frame;
    let acknowledged = waiting.acknowledged.map_or(String::new(), |moment| {
        format!(" and acknowledges its data in frame {}", moment.frame)
    });
    let behind = waiting.behind;
    match waiting.answered {
        Some(answered) => format!(
            "It had to wait: the server's kernel accepts the connection{acknowledged}, but the \
             program answers only in frame {}, {} after the question in frame {asked}, when it \
             is done with connection {behind}{}.",
            answered.frame,
            span(waiting.duration),
            waiting.released.map_or(String::new(), |m| format!(" (closed in frame {})", m.frame)),
        ),
        None => format!(
            "It waits in vain: the server's kernel accepts the connection{acknowledged}, but the \
             program, busy with connection {behind}, never answers the question in frame {asked}."
        ),
    }
}

/// Retransmissions and the like; window updates and the like are everyday and left out.
fn trouble(connection: &Connection) -> Option<String> {
    let is_everyday = |kind| {
        use EventKind::{ReusedPorts, TfoAck, TfoSyn, WindowUpdate};
        matches!(kind, WindowUpdate | ReusedPorts | TfoSyn | TfoAck)
    };
    let told: Vec<String> = connection
        .events
        .iter()
        .filter(|event| !is_everyday(event.kind))
        .map(|tally| {
            let (one, many) = event(tally.kind);
            let more = if tally.count > tally.frames.len() as u64 { ", …" } else { "" };
            let frames: Vec<String> = tally.frames.iter().map(u64::to_string).collect();
            let label = if tally.count == 1 { "frame" } else { "frames" };
            format!("{} ({label} {}{more})", count(tally.count, one, many), frames.join(", "))
        })
        .collect();
    let is_simultaneous = connection.handshake.outcome == HandshakeOutcome::SimultaneousOpen;
    let has_repeats = connection.events.iter().any(|e| e.kind == EventKind::Retransmission);
    let note = match is_simultaneous && has_repeats {
        true => {
            " (In a simultaneous open each SYN-ACK repeats the number of the SYN, so it counts as \
             a retransmission, as in Wireshark; nothing was lost.)"
        }
        false => "",
    };
    (!told.is_empty()).then(|| format!("On the way: {}.{note}", list(&told)))
}
