//! How a connection ended, in plain sentences: FINs, silence before them, resets and their
//! probable cause. The last part of [`super::story`].

use super::wording::{bytes, other, side, span};
use crate::summary::{Connection, Fin, Reset, ResetCause, Side, TeardownOutcome};

/// How it ended.
pub(super) fn ending(connection: &Connection) -> String {
    let teardown = &connection.teardown;
    let last = connection.last.frame;
    let (first, second) = match teardown.closed_first {
        Some(Side::Server) => (teardown.server_fin, teardown.client_fin),
        _ => (teardown.client_fin, teardown.server_fin),
    };
    let by = teardown.closed_first.unwrap_or(Side::Client);
    let mut text = match (teardown.outcome, first, second) {
        (TeardownOutcome::NeverOpened, ..) => "The connection never came about.".to_owned(),
        (TeardownOutcome::Open, ..) => {
            let waits = "A program that reads until the other side closes still waits.";
            let flows = [&connection.from_client, &connection.from_server];
            let has_talked =
                !connection.began_before_capture && flows.iter().all(|flow| flow.data_segments > 0);
            format!(
                "Nobody closes: no FIN and no reset is in the capture, so the connection is still \
                 open after its last frame ({last}).{}{}",
                if has_talked { " " } else { "" },
                if has_talked { waits } else { "" },
            )
        }
        (TeardownOutcome::Closed | TeardownOutcome::ClosedUnacknowledged, Some(a), Some(b)) => {
            both_closed(connection, by, a, b)
        }
        (TeardownOutcome::HalfClosed, Some(fin), _) => format!(
            "The {} closes its direction ({}); the {} never does, so the connection stays half \
             closed.{}",
            side(by),
            fin_frames(fin),
            side(other(by)),
            after_fin(connection, by)
        ),
        (TeardownOutcome::Reset, Some(fin), _) => {
            format!("The {} closes its direction ({}).", side(by), fin_frames(fin))
        }
        _ => String::new(),
    };
    let is_told = connection.handshake.refused_by.is_some();
    if let Some(reset) = teardown.reset.as_ref().filter(|_| !is_told) {
        text.push(' ');
        text.push_str(&reset_sentence(reset));
    }
    text.trim_start().to_owned()
}

fn both_closed(connection: &Connection, by: Side, first: Fin, second: Fin) -> String {
    let (one, two) = (side(by), side(other(by)));
    let gap = connection.teardown.half_close.map_or(0.0, |half| half.duration);
    let end = match (first.acknowledged, second.acknowledged) {
        (Some(_), Some(_)) => "a clean end",
        (None, Some(_)) | (Some(_), None) => "one FIN is not acknowledged in the capture",
        (None, None) => "neither FIN is acknowledged in the capture",
    };
    if connection.teardown.is_simultaneous {
        return format!(
            "Both close at the same time, before either has seen the other's FIN: the {one} in \
             frame {}, the {two} in frame {}: {end}.",
            first.sent.frame, second.sent.frame
        );
    }
    format!(
        "{} closes first ({}); the {two} closes {} later ({}): {end}.{}",
        closer(connection, one, first),
        fin_frames(first),
        span(gap),
        fin_frames(second),
        after_fin(connection, by)
    )
}

/// Who closes, and after which silence when that is long enough to be noticed.
fn closer(connection: &Connection, who: &str, fin: Fin) -> String {
    const NOTICED_SECONDS: f64 = 0.2;
    let lasts = [connection.from_client.last_data, connection.from_server.last_data];
    let last = lasts.into_iter().flatten().filter(|data| data.frame < fin.sent.frame);
    let last = last.max_by_key(|data| data.frame);
    match last {
        Some(data) if fin.sent.time - data.time >= NOTICED_SECONDS => format!(
            "After the last data (frame {}) neither side sends any for {}; then the {who}",
            data.frame,
            span(fin.sent.time - data.time)
        ),
        _ => format!("The {who}"),
    }
}

fn after_fin(connection: &Connection, by: Side) -> String {
    match connection.teardown.half_close {
        Some(half) if half.bytes_after_fin > 0 => format!(
            " In between, half closed, the {} still sends {}.",
            side(other(by)),
            bytes(half.bytes_after_fin)
        ),
        _ => String::new(),
    }
}

fn fin_frames(fin: Fin) -> String {
    let acknowledged = match fin.acknowledged {
        Some(moment) => format!("acknowledged in frame {}", moment.frame),
        None => "not acknowledged".to_owned(),
    };
    let times = match fin.count {
        1 => String::new(),
        count => format!(", sent {count} times"),
    };
    format!("FIN in frame {}, {acknowledged}{times}", fin.sent.frame)
}

fn reset_sentence(reset: &Reset) -> String {
    let (by, frame) = (side(reset.by), reset.at.frame);
    let them = side(other(reset.by));
    let why = match reset.cause {
        ResetCause::Refused => "nothing listens there".to_owned(),
        ResetCause::HandshakeAbandoned => "it withdrew from the handshake".to_owned(),
        ResetCause::UnreadData => format!(
            "probably its program ended before it had read everything that the {them} sent, or it \
             aborted on purpose (SO_LINGER 0)"
        ),
        ResetCause::Aborted => "probably its program aborted on purpose (SO_LINGER 0)".to_owned(),
        ResetCause::DataAfterClose => {
            format!("probably the {them} sent something that its closed socket could not take")
        }
        ResetCause::AfterClose => "both sides had closed already, so nothing is lost".to_owned(),
        ResetCause::StraySegment => {
            "probably an answer to a segment that belongs to no connection it knows (any more)"
                .to_owned()
        }
        ResetCause::MidStream => "the capture shows no reason".to_owned(),
    };
    let more = match reset.count {
        1 => String::new(),
        count => format!(" {count} resets in all."),
    };
    format!("The {by} resets the connection in frame {frame}: {why}.{more}")
}
