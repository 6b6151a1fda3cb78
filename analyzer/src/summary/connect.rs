//! From a compact record to the documented [`Connection`].

use super::concurrency::Span;
use super::ledger::Entry;
use super::mark::{At, Mark, seconds};
use super::model::{
    Connection, ConnectionOverlaps, EndpointSummary, EventCount, Fin, Flow, HalfClose, Handshake,
    HandshakeOutcome, Moment, Reset, ResetCause, RoleBasis, Side, SideOptions, Teardown,
    TeardownOutcome,
};
use super::record::{Facts, HalfRecord, Offer, OfferBits, Record};
use crate::tcp::Endpoint;
use crate::time::Timestamp;

/// The connection of a record, without segment rows.
pub(super) fn connection(entry: &Entry, start: Timestamp) -> Connection {
    let record = &entry.record;
    let (first, last) = ends(record);
    let roles = if is_role_known(record) { RoleBasis::Handshake } else { RoleBasis::Assumed };
    Connection {
        stream: record.stream.0,
        client: endpoint(record.client),
        server: endpoint(record.server),
        roles,
        roles_because: (roles == RoleBasis::Assumed).then(|| roles_because(entry)),
        began_before_capture: !record.facts.contains(Facts::BEGAN_WITH_SYN),
        first: first.moment(start),
        last: last.moment(start),
        duration: seconds(last.nanos, first.nanos),
        handshake: handshake(record, start),
        client_options: options(record.from_client.offer),
        server_options: options(record.from_server.offer),
        from_client: flow(record, &record.from_client, start),
        from_server: flow(record, &record.from_server, start),
        teardown: teardown(record, start),
        events: events(record),
        port_reuse: entry.previous,
        overlaps: ConnectionOverlaps { count: entry.partners, streams: Vec::new() },
        waiting: entry.waiting.as_deref().copied(),
        segments: Vec::new(),
        segments_total: u64::from(record.rows),
        segments_cut: u64::from(record.rows),
    }
}

/// True when a SYN or SYN-ACK shows who is the client.
pub(super) fn is_role_known(record: &Record) -> bool {
    record.syn.is_set() || record.syn_ack.is_set()
}

/// The time in which the connection was established, `None` when it never was. One that
/// nothing closes stays open to `capture_end`.
pub(super) fn span(record: &Record, capture_end: At) -> Option<Span> {
    let at = |mark: Mark| record.origin.at(mark);
    let (first, last) = ends(record);
    let start = match outcome(record) {
        HandshakeOutcome::Complete
        | HandshakeOutcome::SynAckMissing
        | HandshakeOutcome::SynMissing
        | HandshakeOutcome::SimultaneousOpen => at(record.ack)?,
        HandshakeOutcome::NotCaptured => first,
        _ => return None,
    };
    let is_stray = record.reset_cause == Some(ResetCause::StraySegment) && record.rows == 0;
    if is_stray {
        return None;
    }
    // Bare ACKs alone do not show that it was open: they may follow both FINs.
    let is_alive =
        record.rows > 0 || record.from_client.fin.is_set() || record.from_server.fin.is_set();
    let marks = [record.from_client.fin, record.from_server.fin, record.reset];
    let released = marks.into_iter().filter_map(at).min_by_key(|at| at.frame);
    Some(Span {
        stream: record.stream.0,
        server: record.server,
        is_older: is_alive && outcome(record) == HandshakeOutcome::NotCaptured,
        start,
        end: released.unwrap_or(capture_end),
        closed_from: released.map_or(u64::MAX, |at| at.frame),
        released,
        last,
        asked: at(record.from_client.first_data),
        acknowledged: at(record.data_acknowledged),
        first_answer: at(record.from_server.first_data),
    })
}

/// First and last frame.
pub(super) fn ends(record: &Record) -> (At, At) {
    let first = record.origin.start();
    (first, record.origin.at(record.last).unwrap_or(first))
}

fn endpoint(endpoint: Endpoint) -> EndpointSummary {
    EndpointSummary { address: endpoint.address().to_string(), port: endpoint.port() }
}

fn roles_because(entry: &Entry) -> String {
    match entry.role_witness {
        Some(stream) => {
            format!("{} answered the handshake of connection {stream}", entry.record.server)
        }
        None => "it sent the first captured segment".to_owned(),
    }
}

fn options(offer: Offer) -> Option<SideOptions> {
    let has = |bit| offer.bits.contains(bit);
    has(OfferBits::SEEN).then(|| SideOptions {
        mss: has(OfferBits::MSS).then_some(offer.mss),
        window_scale: has(OfferBits::WINDOW_SCALE).then_some(offer.window_scale),
        sack_permitted: has(OfferBits::SACK),
        timestamps: has(OfferBits::TIMESTAMPS),
        fast_open: has(OfferBits::FAST_OPEN),
        mptcp: has(OfferBits::MPTCP),
        window: offer.window,
    })
}

fn flow(record: &Record, half: &HalfRecord, start: Timestamp) -> Flow {
    Flow {
        frames: u64::from(half.frames),
        wire_bytes: half.wire_bytes,
        segment_bytes: half.segment_bytes,
        application_bytes: half.coverage.bytes,
        missing_bytes: half.coverage.missing(),
        data_segments: u64::from(half.data_segments),
        first_data: moment(record, half.first_data, start),
        last_data: moment(record, half.last_data, start),
    }
}

fn moment(record: &Record, mark: Mark, start: Timestamp) -> Option<Moment> {
    record.origin.at(mark).map(|at| at.moment(start))
}

fn outcome(record: &Record) -> HandshakeOutcome {
    let (syn, syn_ack, ack) = (record.syn.is_set(), record.syn_ack.is_set(), record.ack.is_set());
    let is_both = record.facts.contains(Facts::BOTH_SENT_SYN);
    match (syn, syn_ack, ack) {
        (true, _, true) if is_both => HandshakeOutcome::SimultaneousOpen,
        (true, true, true) => HandshakeOutcome::Complete,
        (true, true, false) if record.reset_cause == Some(ResetCause::HandshakeAbandoned) => {
            HandshakeOutcome::Abandoned
        }
        (true, true, false) => HandshakeOutcome::NotAcknowledged,
        (true, false, _) if record.reset_cause == Some(ResetCause::Refused) => {
            HandshakeOutcome::Refused
        }
        (true, false, true) => HandshakeOutcome::SynAckMissing,
        (true, false, false) => HandshakeOutcome::Unanswered,
        (false, true, true) => HandshakeOutcome::SynMissing,
        (false, true, false) => HandshakeOutcome::NotAcknowledged,
        (false, false, _) => HandshakeOutcome::NotCaptured,
    }
}

fn handshake(record: &Record, start: Timestamp) -> Handshake {
    let outcome = outcome(record);
    let at = |mark: Mark| record.origin.at(mark);
    let rtt = match (at(record.syn), at(record.ack)) {
        (Some(syn), Some(ack)) if record.syn_ack.is_set() => Some(seconds(ack.nanos, syn.nanos)),
        _ => None,
    };
    let was_ended = matches!(outcome, HandshakeOutcome::Refused | HandshakeOutcome::Abandoned);
    let first_syn = record.rare.as_ref().map_or(Mark::default(), |rare| rare.first_syn);
    Handshake {
        outcome,
        syn: moment(record, record.syn, start),
        syn_ack: moment(record, record.syn_ack, start),
        ack: moment(record, record.ack, start),
        rtt,
        syn_count: u32::from(record.syn_count),
        first_syn: moment(record, first_syn, start),
        syn_ack_count: u32::from(record.syn_ack_count),
        syn_payload_len: record.syn_payload_len,
        refused_by: moment(record, record.reset, start).filter(|_| was_ended),
    }
}

fn teardown(record: &Record, start: Timestamp) -> Teardown {
    let (client, server) = (&record.from_client, &record.from_server);
    let first_by = match record.facts.contains(Facts::SERVER_CLOSED_FIRST) {
        true => Side::Server,
        false => Side::Client,
    };
    let reset = reset(record, start);
    let has_fin = client.fin.is_set() || server.fin.is_set();
    Teardown {
        outcome: teardown_outcome(record),
        closed_first: match has_fin {
            true => Some(first_by),
            false => reset.as_ref().map(|reset| reset.by),
        },
        is_simultaneous: record.facts.contains(Facts::BOTH_CLOSED_UNAWARE),
        client_fin: fin(record, client, start),
        server_fin: fin(record, server, start),
        half_close: if has_fin { half_close(record, first_by, start) } else { None },
        reset,
    }
}

fn teardown_outcome(record: &Record) -> TeardownOutcome {
    let (client, server) = (&record.from_client, &record.from_server);
    let is_after_close = record.reset_cause == Some(ResetCause::AfterClose);
    let never = matches!(
        outcome(record),
        HandshakeOutcome::Refused
            | HandshakeOutcome::Unanswered
            | HandshakeOutcome::NotAcknowledged
            | HandshakeOutcome::Abandoned
    );
    match (client.fin.is_set(), server.fin.is_set()) {
        _ if never => TeardownOutcome::NeverOpened,
        _ if record.reset.is_set() && !is_after_close => TeardownOutcome::Reset,
        (true, true) if client.fin_acknowledged.is_set() && server.fin_acknowledged.is_set() => {
            TeardownOutcome::Closed
        }
        (true, true) => TeardownOutcome::ClosedUnacknowledged,
        (false, false) => TeardownOutcome::Open,
        _ => TeardownOutcome::HalfClosed,
    }
}

fn fin(record: &Record, half: &HalfRecord, start: Timestamp) -> Option<Fin> {
    Some(Fin {
        sent: moment(record, half.fin, start)?,
        acknowledged: moment(record, half.fin_acknowledged, start),
        count: u32::from(half.fin_count),
    })
}

fn half_close(record: &Record, by: Side, start: Timestamp) -> Option<HalfClose> {
    let (own, other) = match by {
        Side::Client => (&record.from_client, &record.from_server),
        Side::Server => (&record.from_server, &record.from_client),
    };
    let from = record.origin.at(own.fin)?;
    let ended = [other.fin, record.reset];
    let ended = ended.into_iter().filter_map(|mark| record.origin.at(mark));
    let until = ended.filter(|at| at.frame > from.frame).min_by_key(|at| at.frame);
    let (_, last) = ends(record);
    Some(HalfClose {
        by,
        from: from.moment(start),
        until: until.map(|at| at.moment(start)),
        duration: seconds(until.unwrap_or(last).nanos, from.nanos),
        bytes_after_fin: record.bytes_after_fin,
    })
}

fn reset(record: &Record, start: Timestamp) -> Option<Reset> {
    let is_server = record.facts.contains(Facts::RESET_BY_SERVER);
    Some(Reset {
        at: moment(record, record.reset, start)?,
        by: if is_server { Side::Server } else { Side::Client },
        cause: record.reset_cause?,
        count: record.reset_count,
    })
}

fn events(record: &Record) -> Vec<EventCount> {
    let tallies = record.rare.iter().flat_map(|rare| &rare.events);
    let mut events: Vec<EventCount> = tallies
        .map(|tally| EventCount {
            kind: tally.kind,
            count: u64::from(tally.count),
            from_client: u64::from(tally.from_client),
            frames: tally.frames.iter().copied().filter(|frame| *frame > 0).collect(),
        })
        .collect();
    events.sort_by_key(|event| event.kind);
    events
}
