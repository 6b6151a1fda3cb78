//! From a compact record to the documented [`Connection`].

use super::concurrency::Span;
use super::ledger::Beside;
use super::mark::{At, Mark, seconds};
use super::model::{
    Connection, ConnectionOverlaps, EndpointSummary, EventCount, Fin, Flow, HalfClose, Handshake,
    HandshakeOutcome, Moment, Reset, ResetCause, RoleBasis, Side, SideOptions, Teardown,
    TeardownOutcome,
};
use super::record::{Facts, Half, HalfBits};
use super::view::{EventTally, View};
use crate::tcp::Direction::{self, FromClient, FromServer};
use crate::tcp::Endpoint;
use crate::time::Timestamp;

/// The connection of a record, without segment rows.
pub(super) fn connection(view: &View<'_>, beside: &Beside, start: Timestamp) -> Connection {
    let (first, last) = view.ends();
    let is_known = view.is_role_known();
    let rows = view.rows();
    Connection {
        stream: view.stream,
        client: endpoint(view.endpoint(FromClient)),
        server: endpoint(view.endpoint(FromServer)),
        roles: if is_known { RoleBasis::Handshake } else { RoleBasis::Assumed },
        roles_because: (!is_known).then(|| roles_because(view, beside)),
        began_before_capture: !view.has(Facts::BEGAN_WITH_SYN),
        first: first.moment(start),
        last: last.moment(start),
        duration: seconds(last.nanos, first.nanos),
        handshake: handshake(view, start),
        client_options: options(&view.record.client),
        server_options: options(&view.record.server),
        from_client: flow(view, FromClient, start),
        from_server: flow(view, FromServer, start),
        teardown: teardown(view, start),
        events: events(view),
        port_reuse: beside.previous,
        overlaps: ConnectionOverlaps { count: beside.partners, streams: Vec::new() },
        waiting: beside.waiting,
        segments: Vec::new(),
        segments_total: rows,
        segments_cut: rows,
    }
}

/// The time in which the connection was established, `None` when it never was. One that
/// nothing closes stays open to `capture_end`.
pub(super) fn span(view: &View<'_>, capture_end: At) -> Option<Span> {
    let start = start(view)?;
    let released = released(view);
    Some(Span {
        stream: view.stream,
        is_older: is_older(view),
        start,
        end: released.unwrap_or(capture_end),
        closed_from: released.map_or(u64::MAX, |at| at.frame),
        first_answer: view.at(view.record.server.first_data),
    })
}

/// Since when the connection was seen established, `None` when it never was.
pub(super) fn start(view: &View<'_>) -> Option<At> {
    let start = match outcome(view) {
        HandshakeOutcome::Complete
        | HandshakeOutcome::SynAckMissing
        | HandshakeOutcome::SynMissing
        | HandshakeOutcome::SimultaneousOpen => view.at(view.turns.ack)?,
        HandshakeOutcome::NotCaptured => view.record.start(),
        _ => return None,
    };
    let is_stray = view.reset().is_some_and(|reset| reset.cause == ResetCause::StraySegment);
    (!is_stray || view.rows() > 0).then_some(start)
}

/// The first frame in which it must have been open, 0 for before the capture.
pub(super) fn open_from(view: &View<'_>) -> Option<u64> {
    let start = start(view)?;
    Some(if is_older(view) { 0 } else { start.frame })
}

/// The first FIN or reset: the server's program is done with the connection, or learns that
/// the client is.
pub(super) fn released(view: &View<'_>) -> Option<At> {
    let fins = [view.turns.client.fin, view.turns.server.fin];
    let fins = fins.into_iter().filter_map(|fin| view.at(fin));
    fins.chain(view.reset().map(|reset| reset.at)).min_by_key(|at| at.frame)
}

/// True when it must have been open before the capture.
fn is_older(view: &View<'_>) -> bool {
    outcome(view) == HandshakeOutcome::NotCaptured && is_alive(view)
}

/// Bare ACKs alone do not show that a connection was open: they may follow both FINs.
fn is_alive(view: &View<'_>) -> bool {
    view.rows() > 0 || view.turns.is_any_closed()
}

fn endpoint(endpoint: Endpoint) -> EndpointSummary {
    EndpointSummary { address: endpoint.address().to_string(), port: endpoint.port() }
}

fn roles_because(view: &View<'_>, beside: &Beside) -> String {
    match beside.role_witness {
        Some(stream) => {
            let server = view.endpoint(FromServer);
            format!("{server} answered the handshake of connection {stream}")
        }
        None => "it sent the first captured segment".to_owned(),
    }
}

fn options(offer: &Half) -> Option<SideOptions> {
    let has = |bit| offer.bits.contains(bit);
    has(HalfBits::SYN_SEEN).then(|| SideOptions {
        mss: has(HalfBits::MSS).then_some(offer.mss),
        window_scale: has(HalfBits::WINDOW_SCALE).then_some(offer.window_scale),
        sack_permitted: has(HalfBits::SACK),
        timestamps: has(HalfBits::TIMESTAMPS),
        fast_open: has(HalfBits::FAST_OPEN),
        mptcp: has(HalfBits::MPTCP),
        window: offer.window,
    })
}

fn flow(view: &View<'_>, from: Direction, start: Timestamp) -> Flow {
    let (half, sent) = (view.record.half(from), view.sent(from));
    Flow {
        frames: sent.frames,
        wire_bytes: sent.wire_bytes,
        segment_bytes: sent.segment_bytes,
        application_bytes: sent.application_bytes,
        missing_bytes: sent.missing_bytes,
        data_segments: sent.data_segments,
        first_data: moment(view, half.first_data, start),
        last_data: moment(view, half.last_data, start),
    }
}

fn moment(view: &View<'_>, mark: Mark, start: Timestamp) -> Option<Moment> {
    view.at(mark).map(|at| at.moment(start))
}

fn outcome(view: &View<'_>) -> HandshakeOutcome {
    let turns = view.turns;
    let (syn, syn_ack) = (view.has(Facts::SYN_MARKED), turns.syn_ack.is_set());
    let is_both = view.has(Facts::BOTH_SENT_SYN);
    let was_ended_by = |cause| view.reset().is_some_and(|reset| reset.cause == cause);
    match (syn, syn_ack, turns.ack.is_set()) {
        (true, _, true) if is_both => HandshakeOutcome::SimultaneousOpen,
        (true, true, true) => HandshakeOutcome::Complete,
        (true, true, false) if was_ended_by(ResetCause::HandshakeAbandoned) => {
            HandshakeOutcome::Abandoned
        }
        (true, true, false) => HandshakeOutcome::NotAcknowledged,
        (true, false, _) if was_ended_by(ResetCause::Refused) => HandshakeOutcome::Refused,
        (true, false, true) => HandshakeOutcome::SynAckMissing,
        (true, false, false) => HandshakeOutcome::Unanswered,
        (false, true, true) => HandshakeOutcome::SynMissing,
        (false, true, false) => HandshakeOutcome::NotAcknowledged,
        (false, false, _) => HandshakeOutcome::NotCaptured,
    }
}

fn handshake(view: &View<'_>, start: Timestamp) -> Handshake {
    let outcome = outcome(view);
    let turns = view.turns;
    let (syn, first_syn) = view.syns();
    let rtt = match (syn, view.at(turns.ack)) {
        (Some(syn), Some(ack)) if turns.syn_ack.is_set() => Some(seconds(ack.nanos, syn.nanos)),
        _ => None,
    };
    let was_ended = matches!(outcome, HandshakeOutcome::Refused | HandshakeOutcome::Abandoned);
    let opening = view.opening();
    let syn_count = u32::from(view.has(Facts::SYN_COUNTED));
    let refused_by = view.reset().filter(|_| was_ended);
    Handshake {
        outcome,
        complete: matches!(
            outcome,
            HandshakeOutcome::Complete | HandshakeOutcome::SimultaneousOpen
        ),
        syn: syn.map(|at| at.moment(start)),
        syn_ack: moment(view, turns.syn_ack, start),
        ack: moment(view, turns.ack, start),
        rtt,
        syn_count: syn_count.saturating_add(opening.more_syns),
        first_syn: first_syn.map(|at| at.moment(start)),
        syn_ack_count: u32::from(turns.syn_ack.is_set()).saturating_add(opening.more_syn_acks),
        syn_payload_len: opening.payload_len,
        refused_by: refused_by.map(|reset| reset.at.moment(start)),
    }
}

fn teardown(view: &View<'_>, start: Timestamp) -> Teardown {
    let first_by = match view.has(Facts::SERVER_CLOSED_FIRST) {
        true => Side::Server,
        false => Side::Client,
    };
    let reset = reset(view, start);
    let has_fin = view.turns.is_any_closed();
    let outcome = teardown_outcome(view);
    Teardown {
        outcome,
        kind: outcome.into(),
        closed_first: match has_fin {
            true => Some(first_by),
            false => reset.as_ref().map(|reset| reset.by),
        },
        is_simultaneous: view.has(Facts::BOTH_CLOSED_UNAWARE),
        client_fin: fin(view, FromClient, start),
        server_fin: fin(view, FromServer, start),
        half_close: if has_fin { half_close(view, first_by, start) } else { None },
        reset,
    }
}

fn teardown_outcome(view: &View<'_>) -> TeardownOutcome {
    let (client, server) = (&view.turns.client, &view.turns.server);
    let ends = view.reset().is_some_and(|reset| reset.cause != ResetCause::AfterClose);
    let never = matches!(
        outcome(view),
        HandshakeOutcome::Refused
            | HandshakeOutcome::Unanswered
            | HandshakeOutcome::NotAcknowledged
            | HandshakeOutcome::Abandoned
    );
    match (client.fin.is_set(), server.fin.is_set()) {
        _ if never => TeardownOutcome::NeverOpened,
        _ if ends => TeardownOutcome::Reset,
        (true, true) if client.acknowledged.is_set() && server.acknowledged.is_set() => {
            TeardownOutcome::Closed
        }
        (true, true) => TeardownOutcome::ClosedUnacknowledged,
        (false, false) => TeardownOutcome::Open,
        _ => TeardownOutcome::HalfClosed,
    }
}

fn fin(view: &View<'_>, from: Direction, start: Timestamp) -> Option<Fin> {
    let closing = view.turns.closing(from);
    Some(Fin {
        sent: moment(view, closing.fin, start)?,
        acknowledged: moment(view, closing.acknowledged, start),
        count: view.sent(from).fin_count,
    })
}

fn half_close(view: &View<'_>, by: Side, start: Timestamp) -> Option<HalfClose> {
    let (own, other) = match by {
        Side::Client => (&view.turns.client, &view.turns.server),
        Side::Server => (&view.turns.server, &view.turns.client),
    };
    let from = view.at(own.fin)?;
    let ended = [view.at(other.fin), view.reset().map(|reset| reset.at)];
    let ended = ended.into_iter().flatten();
    let until = ended.filter(|at| at.frame > from.frame).min_by_key(|at| at.frame);
    let (_, last) = view.ends();
    Some(HalfClose {
        by,
        from: from.moment(start),
        until: until.map(|at| at.moment(start)),
        duration: seconds(until.unwrap_or(last).nanos, from.nanos),
        bytes_after_fin: view.bytes_after_fin(),
    })
}

fn reset(view: &View<'_>, start: Timestamp) -> Option<Reset> {
    let reset = view.reset()?;
    let is_server = view.has(Facts::RESET_BY_SERVER);
    Some(Reset {
        at: reset.at.moment(start),
        by: if is_server { Side::Server } else { Side::Client },
        cause: reset.cause,
        count: reset.count,
    })
}

fn events(view: &View<'_>) -> Vec<EventCount> {
    let told = |EventTally { kind, count, from_client, frames }| EventCount {
        kind,
        count,
        from_client,
        frames,
    };
    view.events().into_iter().map(told).collect()
}
