//! `overlaps(list)`: how the connections of a list were open together, by the rule of
//! [`crate::summary`]: open from the end of the handshake (or from before the capture) up to
//! the first FIN or reset of either side. Frame numbers decide.

use cel::common::value::Val;
use serde_json::{Value as Json, json};

use super::value::{field, whole};

/// Pairs that are told; all are counted.
const MOST_PAIRS: usize = 100;

/// When a connection was open.
#[derive(Clone, Copy)]
struct Span {
    stream: i64,
    /// The frame that establishes it; 0 when it is older than the capture.
    from: i64,
    /// The first frame at which it is not open any more.
    until: i64,
}

/// The result of `overlaps`.
///
/// # Errors
/// When an element is no connection.
pub fn of(connections: &[&dyn Val]) -> Result<Json, String> {
    let mut spans = Vec::new();
    for connection in connections {
        if field(*connection, "stream").is_none() {
            return Err("a list of connections is needed".to_owned());
        }
        spans.extend(span(*connection));
    }
    spans.sort_by_key(|span| (span.from, span.stream));
    let (max, at) = most(&spans);
    let (pairs, total) = pairs(&spans);
    let frames: Vec<i64> = pairs.iter().map(|(_, second, _)| second.from.max(1)).collect();
    let moment = |frame: i64| json!({ "frame": frame, "time": time_of(connections, frame) });
    let pairs: Vec<Json> = pairs
        .iter()
        .map(|(first, second, until)| {
            json!({
                "first": first.stream,
                "second": second.stream,
                "from": moment(second.from.max(1)),
                "until": moment(*until),
            })
        })
        .collect();
    let at = at.map_or(Json::Null, |frame| moment(frame.max(1)));
    Ok(json!({ "max": max, "at": at, "total": total, "pairs": pairs, "frames": frames }))
}

/// `None` for a connection that was never established.
fn span(connection: &dyn Val) -> Option<Span> {
    let stream = field(connection, "stream").and_then(whole)?;
    let frame = |path: &[&str]| {
        let mut value = connection;
        for name in path {
            value = field(value, name)?;
        }
        whole(value)
    };
    let is_older = field(connection, "began_before_capture").and_then(super::value::truth)?;
    let kind = field(field(connection, "teardown")?, "kind").and_then(super::value::string)?;
    if kind == "none" {
        return None;
    }
    let opened = frame(&["handshake", "ack", "frame"]).or_else(|| frame(&["first", "frame"]));
    let from = if is_older { 0 } else { opened? };
    let ends = [
        frame(&["teardown", "client_fin", "sent", "frame"]),
        frame(&["teardown", "server_fin", "sent", "frame"]),
        frame(&["teardown", "reset", "at", "frame"]),
    ];
    let until = ends.into_iter().flatten().min().unwrap_or(i64::MAX);
    Some(Span { stream, from, until })
}

/// The most that were open at the same time, and the frame that opened the last of them.
fn most(spans: &[Span]) -> (usize, Option<i64>) {
    let mut ends: Vec<i64> =
        spans.iter().filter(|span| span.from < span.until).map(|span| span.until).collect();
    ends.sort_unstable();
    let mut ends = ends.into_iter().peekable();
    let (mut open, mut most, mut at) = (0_usize, 0, None);
    for span in spans.iter().filter(|span| span.from < span.until) {
        while ends.next_if(|end| *end <= span.from).is_some() {
            open = open.saturating_sub(1);
        }
        open += 1;
        if open > most {
            (most, at) = (open, Some(span.from));
        }
    }
    (most, at)
}

/// Pairs in the order of their beginning, each with the frame that ends the overlap.
fn pairs(spans: &[Span]) -> (Vec<(Span, Span, i64)>, usize) {
    let (mut found, mut total) = (Vec::new(), 0);
    let mut open: Vec<Span> = Vec::new();
    for span in spans.iter().filter(|span| span.from < span.until) {
        open.retain(|other| other.until > span.from);
        total += open.len();
        for other in &open {
            if found.len() < MOST_PAIRS {
                found.push((*other, *span, other.until.min(span.until)));
            }
        }
        open.push(*span);
    }
    (found, total)
}

/// The time of a frame, where one of the connections' moments is that frame.
fn time_of(connections: &[&dyn Val], frame: i64) -> Json {
    let found = connections.iter().find_map(|connection| {
        let moments = [
            field(*connection, "first"),
            field(*connection, "last"),
            field(*connection, "handshake").and_then(|one| field(one, "ack")),
            field(*connection, "teardown")
                .and_then(|one| field(one, "client_fin"))
                .and_then(|one| field(one, "sent")),
            field(*connection, "teardown")
                .and_then(|one| field(one, "server_fin"))
                .and_then(|one| field(one, "sent")),
            field(*connection, "teardown")
                .and_then(|one| field(one, "reset"))
                .and_then(|one| field(one, "at")),
        ];
        let moment = moments
            .into_iter()
            .flatten()
            .find(|moment| field(*moment, "frame").and_then(whole) == Some(frame))?;
        super::value::fraction(field(moment, "time")?)
    });
    found.map_or(Json::Null, |time| json!(time))
}
