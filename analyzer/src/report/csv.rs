//! CSV (RFC 4180): one row per connection, all of them, with a header row.

use std::io::{self, Write};

use super::wording::endpoint;
use crate::summary::{CaptureSummary, Connection, EventKind, Moment};

const HEADER: &str = "file,stream,client,server,roles,began_before_capture,first_frame,last_frame,\
    start,duration,handshake,syn_frame,syn_ack_frame,ack_frame,rtt,client_application_bytes,\
    server_application_bytes,client_segment_bytes,server_segment_bytes,missing_bytes,\
    data_segments,retransmissions,out_of_order,duplicate_acks,teardown,closed_first,\
    client_fin_frame,server_fin_frame,half_close,reset_frame,reset_cause,overlaps,waiting_behind";

/// Writes every connection, before the first capture the header.
pub(super) fn write(
    summary: &CaptureSummary,
    has_header: bool,
    out: &mut dyn Write,
) -> io::Result<()> {
    if has_header {
        write!(out, "{HEADER}\r\n")?;
    }
    for connection in summary.every_connection() {
        write_row(&summary.capture.file, &connection, out)?;
    }
    Ok(())
}

fn write_row(file: &str, connection: &Connection, out: &mut dyn Write) -> io::Result<()> {
    let handshake = &connection.handshake;
    let teardown = &connection.teardown;
    let (client, server) = (&connection.from_client, &connection.from_server);
    let reset = teardown.reset.as_ref();
    let cells = [
        file.to_owned(),
        connection.stream.to_string(),
        endpoint(&connection.client),
        endpoint(&connection.server),
        name(&connection.roles),
        connection.began_before_capture.to_string(),
        connection.first.frame.to_string(),
        connection.last.frame.to_string(),
        format!("{:.9}", connection.first.time),
        format!("{:.9}", connection.duration),
        name(&handshake.outcome),
        frame(handshake.syn),
        frame(handshake.syn_ack),
        frame(handshake.ack),
        handshake.rtt.map_or(String::new(), |rtt| format!("{rtt:.9}")),
        client.application_bytes.to_string(),
        server.application_bytes.to_string(),
        client.segment_bytes.to_string(),
        server.segment_bytes.to_string(),
        (client.missing_bytes + server.missing_bytes).to_string(),
        (client.data_segments + server.data_segments).to_string(),
        events(connection, &RETRANSMISSIONS).to_string(),
        events(connection, &[EventKind::OutOfOrder]).to_string(),
        events(connection, &[EventKind::DuplicateAck]).to_string(),
        name(&teardown.outcome),
        teardown.closed_first.map_or(String::new(), |side| name(&side)),
        frame(teardown.client_fin.map(|fin| fin.sent)),
        frame(teardown.server_fin.map(|fin| fin.sent)),
        teardown.half_close.map_or(String::new(), |half| format!("{:.9}", half.duration)),
        frame(reset.map(|reset| reset.at)),
        reset.map_or(String::new(), |reset| name(&reset.cause)),
        connection.overlaps.count.to_string(),
        connection.waiting.map_or(String::new(), |waiting| waiting.behind.to_string()),
    ];
    for (index, cell) in cells.iter().enumerate() {
        if index > 0 {
            out.write_all(b",")?;
        }
        write_cell(cell, out)?;
    }
    out.write_all(b"\r\n")
}

const RETRANSMISSIONS: [EventKind; 3] =
    [EventKind::Retransmission, EventKind::FastRetransmission, EventKind::SpuriousRetransmission];

fn events(connection: &Connection, kinds: &[EventKind]) -> u64 {
    connection.events.iter().filter(|e| kinds.contains(&e.kind)).map(|e| e.count).sum()
}

fn frame(moment: Option<Moment>) -> String {
    moment.map_or(String::new(), |moment| moment.frame.to_string())
}

/// The same word as in the JSON.
fn name(value: &impl serde::Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(name)) => name,
        _ => String::new(),
    }
}

/// Quotes where RFC 4180 asks for it.
fn write_cell(cell: &str, out: &mut dyn Write) -> io::Result<()> {
    if cell.contains([',', '"', '\r', '\n']) {
        write!(out, "\"{}\"", cell.replace('"', "\"\""))
    } else {
        out.write_all(cell.as_bytes())
    }
}
