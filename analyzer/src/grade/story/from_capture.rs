//! The connections that a capture's summary tells of.

use super::{End, Story, Told};
use crate::summary::{
    CaptureSummary, Connection, EndpointSummary, EventKind, RoleBasis, SegmentRow, Side,
};

/// Tells the story of a capture.
#[must_use]
pub fn from_capture(summary: &CaptureSummary) -> Story {
    let connections: Vec<Told> =
        summary.every_connection().map(|connection| told(&connection)).collect();
    let mut story = Story {
        is_capture: true,
        is_whole: summary.completeness.complete && summary.filter.is_none(),
        interfaces: summary.capture.interfaces.iter().filter_map(|i| i.name.clone()).collect(),
        ..Story::default()
    };
    for end in connections.iter().flat_map(Told::ends) {
        if !story.addresses.contains(&end.address) {
            story.addresses.push(end.address.clone());
        }
    }
    for connection in summary.every_connection() {
        note_flags(&mut story, &connection);
    }
    story.connections = connections;
    story
}

fn note_flags(story: &mut Story, connection: &Connection) {
    let flagged = &mut story.flagged;
    let psh = connection.segments.iter().filter(|row| row.flags.contains("PSH"));
    flagged.psh.extend(psh.map(|row| row.frame));
    let handshake = &connection.handshake;
    flagged.syn.extend(handshake.syn.into_iter().chain(handshake.syn_ack).map(|m| m.frame));
    let teardown = &connection.teardown;
    let fins = teardown.client_fin.iter().chain(&teardown.server_fin);
    flagged.fin.extend(fins.map(|fin| fin.sent.frame));
    flagged.rst.extend(teardown.reset.iter().map(|reset| reset.at.frame));
}

fn end(summary: &EndpointSummary) -> End {
    End { address: summary.address.clone(), port: summary.port }
}

fn told(connection: &Connection) -> Told {
    let handshake = &connection.handshake;
    let teardown = &connection.teardown;
    let frame = |moment: &Option<crate::summary::Moment>| moment.as_ref().map(|m| m.frame);
    let again = [
        EventKind::Retransmission,
        EventKind::FastRetransmission,
        EventKind::SpuriousRetransmission,
    ];
    let events = connection.events.iter().filter(|event| again.contains(&event.kind));
    Told {
        client: end(&connection.client),
        server: end(&connection.server),
        are_roles_sure: connection.roles == RoleBasis::Handshake,
        syn: frame(&handshake.syn),
        syn_ack: frame(&handshake.syn_ack),
        ack: frame(&handshake.ack),
        fins: [
            teardown.client_fin.as_ref().map(|fin| fin.sent.frame),
            teardown.server_fin.as_ref().map(|fin| fin.sent.frame),
        ],
        reset: teardown.reset.as_ref().map(|reset| reset.at.frame),
        frames: (connection.first.frame, connection.last.frame),
        times: Some((nanos(connection.first.time), nanos(connection.last.time))),
        bytes: [connection.from_client.application_bytes, connection.from_server.application_bytes],
        is_countable: !connection.began_before_capture
            && connection.from_client.missing_bytes + connection.from_server.missing_bytes == 0,
        content: [
            content(&connection.segments, Side::Client, connection.segments_cut),
            content(&connection.segments, Side::Server, connection.segments_cut),
        ],
        retransmissions: events.flat_map(|event| event.frames.clone()).collect(),
    }
}

#[allow(clippy::cast_possible_truncation)] // seconds of a capture: far below 2^63 nanoseconds
fn nanos(seconds: f64) -> i64 {
    (seconds * 1e9).round() as i64
}

/// What one side sent, when all of its segments are shown, in order and whole.
fn content(segments: &[SegmentRow], side: Side, cut: u64) -> Option<Vec<u8>> {
    let mut all = Vec::new();
    for row in segments.iter().filter(|row| row.from == side && row.payload_len > 0) {
        if cut > 0 || row.is_cut || row.seq_rel as usize != all.len() + 1 {
            return None;
        }
        let bytes = row.hex.split(' ').map(|digits| u8::from_str_radix(digits, 16).ok());
        all.extend(bytes.collect::<Option<Vec<u8>>>()?);
    }
    Some(all)
}
