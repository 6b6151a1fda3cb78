//! Short facts of a connection, for cells and key lines of the formats for people.

use super::wording::{bytes, endpoint, grouped, side, span};
use crate::summary::{Connection, HandshakeOutcome, RoleBasis, Side, SideOptions, TeardownOutcome};

/// Handshake in a few words: outcome, frames, RTT.
pub(super) fn handshake(connection: &Connection) -> Vec<String> {
    let handshake = &connection.handshake;
    let word = match handshake.outcome {
        HandshakeOutcome::Complete => "complete",
        HandshakeOutcome::SimultaneousOpen => "simultaneous",
        HandshakeOutcome::Refused => "refused",
        HandshakeOutcome::Unanswered => "unanswered",
        HandshakeOutcome::NotAcknowledged => "no final ACK",
        HandshakeOutcome::Abandoned => "withdrawn",
        HandshakeOutcome::SynAckMissing => "SYN-ACK missing",
        HandshakeOutcome::SynMissing => "SYN missing",
        HandshakeOutcome::NotCaptured => "not captured",
    };
    let first = handshake.first_syn.filter(|_| handshake.syn_ack.is_none());
    let rest = [handshake.syn, handshake.syn_ack, handshake.ack, handshake.refused_by];
    let frames: Vec<u64> =
        std::iter::once(first).chain(rest).flatten().map(|moment| moment.frame).collect();
    let mut lines = vec![word.to_owned()];
    if !frames.is_empty() {
        lines.push(frame_list(&frames));
    }
    if handshake.syn_count > 1 {
        lines.push(format!("{} SYNs", handshake.syn_count));
    }
    if let Some(rtt) = handshake.rtt {
        lines.push(format!("RTT {}", span(rtt)));
    }
    lines
}

/// Teardown in a few words: outcome, frames.
pub(super) fn teardown(connection: &Connection) -> Vec<String> {
    let teardown = &connection.teardown;
    let by = teardown.closed_first.map(side).unwrap_or_default();
    let word = match teardown.outcome {
        TeardownOutcome::Closed if teardown.is_simultaneous => "both closed".to_owned(),
        TeardownOutcome::Closed | TeardownOutcome::ClosedUnacknowledged => {
            format!("{by} closed first")
        }
        TeardownOutcome::HalfClosed => format!("only the {by} closed"),
        TeardownOutcome::Reset => {
            format!("reset by {}", teardown.reset.as_ref().map_or(by, |reset| side(reset.by)))
        }
        TeardownOutcome::Open => "still open".to_owned(),
        TeardownOutcome::NeverOpened => "never opened".to_owned(),
    };
    let mut frames: Vec<u64> = [teardown.client_fin, teardown.server_fin]
        .into_iter()
        .flatten()
        .flat_map(|fin| [Some(fin.sent), fin.acknowledged])
        .flatten()
        .map(|moment| moment.frame)
        .chain(teardown.reset.as_ref().map(|reset| reset.at.frame))
        .collect();
    frames.sort_unstable();
    frames.dedup();
    let mut lines = vec![word];
    if teardown.outcome == TeardownOutcome::ClosedUnacknowledged {
        lines.push("an ACK is missing".to_owned());
    }
    if !frames.is_empty() {
        lines.push(frame_list(&frames));
    }
    lines
}

/// `frame 3`, `frames 9-11`, `frames 9, 11, 14`.
pub(super) fn frame_list(frames: &[u64]) -> String {
    let is_row = frames.len() > 2 && frames.windows(2).all(|w| matches!(w, [a, b] if a + 1 == *b));
    match frames {
        [] => String::new(),
        [one] => format!("frame {one}"),
        [first, .., last] if is_row => format!("frames {first}-{last}"),
        _ => {
            let numbers: Vec<String> = frames.iter().map(u64::to_string).collect();
            format!("frames {}", numbers.join(", "))
        }
    }
}

/// Both endpoints, one per line.
pub(super) fn endpoints(connection: &Connection) -> Vec<String> {
    let mark = if connection.roles == RoleBasis::Assumed { " ?" } else { "" };
    vec![
        format!("{}{mark}", endpoint(&connection.client)),
        format!("→ {}", endpoint(&connection.server)),
    ]
}

/// Application bytes each way.
pub(super) fn data(connection: &Connection) -> Vec<String> {
    let (client, server) = (&connection.from_client, &connection.from_server);
    vec![
        format!("→ {}", bytes(client.application_bytes)),
        format!("← {}", bytes(server.application_bytes)),
    ]
}

/// What both sides offered in their SYNs; `None` when neither SYN was captured.
pub(super) fn options(connection: &Connection) -> Option<String> {
    let sides = [("client", connection.client_options), ("server", connection.server_options)];
    let told: Vec<String> = sides
        .iter()
        .filter_map(|(name, offered)| offered.map(|offered| format!("{name} {}", offer(&offered))))
        .collect();
    (!told.is_empty()).then(|| told.join("; "))
}

fn offer(options: &SideOptions) -> String {
    let mut words = vec![format!("window {}", grouped(u64::from(options.window)))];
    words.extend(options.mss.map(|mss| format!("MSS {mss}")));
    // A shift above 14 counts as 14 (RFC 7323, section 2.3).
    words.extend(options.window_scale.map(|shift| format!("scale ×{}", 1_u32 << shift.min(14))));
    let flags = [
        (options.sack_permitted, "SACK"),
        (options.timestamps, "timestamps"),
        (options.fast_open, "Fast Open"),
        (options.mptcp, "Multipath TCP"),
    ];
    words.extend(flags.iter().filter(|(is_set, _)| *is_set).map(|(_, word)| (*word).to_owned()));
    words.join(", ")
}

/// Who was open meanwhile; `None` when nobody.
pub(super) fn overlaps(connection: &Connection) -> Option<String> {
    let overlaps = &connection.overlaps;
    if overlaps.count == 0 {
        return None;
    }
    let names: Vec<String> = overlaps.streams.iter().map(u32::to_string).collect();
    let more = overlaps.count.saturating_sub(names.len() as u64);
    let label = if overlaps.count == 1 { "connection" } else { "connections" };
    let more = if more == 0 { String::new() } else { format!(" and {} more", grouped(more)) };
    Some(format!("{label} {}{more}", names.join(", ")))
}

/// One arrow per direction, as in the data column.
pub(super) const fn arrow(from: Side) -> &'static str {
    match from {
        Side::Client => "→",
        Side::Server => "←",
    }
}
