//! What the programs at both ends did, whatever the kernels made of it.

use super::super::difference::{Difference, Field};
use super::super::model::{Ending, Sent, SnapshotConnection};
use super::super::rules::{Level, Rules};
use super::connection::Both;
use super::words;
use crate::summary::{Side, SideOptions, TeardownOutcome};

/// What the programs did differently in this connection.
pub(super) fn compare(both: &Both<'_>, rules: &Rules) -> Vec<Difference> {
    let mut found = Vec::new();
    if let Some((was, now)) = handshakes(both, rules) {
        let text = format!("the handshake is now {now}; was {was}");
        found.push(both.entry(Field::Handshake, text, was, now));
    } else {
        found.extend(offered(both, Side::Client, rules));
        found.extend(offered(both, Side::Server, rules));
    }
    let ending = ending(both, rules);
    let has_ending = ending.is_some();
    found.extend(ending);
    if !has_ending {
        found.extend(half_close(both, rules));
    }
    for side in [Side::Client, Side::Server] {
        found.extend(said(both, side, has_ending, rules));
    }
    let (was, now) = (both.was.duration, both.now.duration);
    if found.is_empty() && !rules.is_near(Field::Duration, was, now) {
        let (was, now) = (words::span(was), words::span(now));
        let text = format!("it now lasts {now}; was {was}");
        found.push(both.entry(Field::Duration, text, was, now));
    }
    for entry in &mut found {
        if entry.frames.is_empty() {
            let ends = |c: &SnapshotConnection| {
                let (first, last) = (c.segments.first(), c.segments.last());
                words::some_frames(first.into_iter().chain(last).map(|row| row.frame))
            };
            (entry.frames, entry.expected_frames) = (ends(both.now), ends(both.was));
        }
    }
    found
}

/// Both handshakes in words, when they differ.
pub(super) fn handshakes(both: &Both<'_>, rules: &Rules) -> Option<(String, String)> {
    let word = |c: &SnapshotConnection| snake(&c.handshake);
    if rules.is_fine(Field::Handshake, &word(both.was), &word(both.now)) {
        return None;
    }
    let text = |c: &SnapshotConnection| words::handshake(c.handshake).to_owned();
    Some((text(both.was), text(both.now)))
}

/// What the sides offered each other in the handshake.
fn offered(both: &Both<'_>, side: Side, rules: &Rules) -> Option<Difference> {
    let options = |c: &SnapshotConnection| match side {
        Side::Client => c.client_options,
        Side::Server => c.server_options,
    };
    let (was, now) = (options_text(options(both.was)), options_text(options(both.now)));
    if rules.is_fine(Field::Options, &was, &now) {
        return None;
    }
    let text = format!("the {} now offers {now}; was {was}", words::side(side));
    Some(both.entry(Field::Options, text, was, now))
}

fn options_text(options: Option<SideOptions>) -> String {
    let Some(options) = options else { return "nothing that was captured".to_owned() };
    let mut parts = Vec::new();
    parts.extend(options.mss.map(|mss| format!("MSS {mss}")));
    parts.extend(options.window_scale.map(|shift| format!("window scale {shift}")));
    let named = [
        (options.sack_permitted, "SACK"),
        (options.timestamps, "timestamps"),
        (options.fast_open, "fast open"),
        (options.mptcp, "MPTCP"),
    ];
    parts.extend(named.iter().filter(|(is_set, _)| *is_set).map(|(_, name)| (*name).to_owned()));
    if parts.is_empty() { "no options".to_owned() } else { parts.join(", ") }
}

/// The other ending, when it is one.
pub(super) fn ending(both: &Both<'_>, rules: &Rules) -> Option<Difference> {
    let (was, now) = (both.was, both.now);
    let word = |c: &SnapshotConnection| snake(&c.ending.outcome);
    if !rules.minds(Field::Ending) || key(was, rules) == key(now, rules) {
        return None;
    }
    if word(was) != word(now) && rules.is_fine(Field::Ending, &word(was), &word(now)) {
        return None;
    }
    let (short, long) = (words::ending_after(was, now), words::ending(was));
    let long = long.strip_prefix("closed by the ").map_or_else(
        || long.clone(),
        |rest| match rest.split_once(" with ") {
            Some((who, how)) => format!("{how} by the {who}"),
            None => long.clone(),
        },
    );
    let text = format!("now {short}; was {long}");
    let mut entry = both.entry(Field::Ending, text, words::ending(was), words::ending(now));
    let frames = |c: &SnapshotConnection| {
        let ends =
            c.segments.iter().filter(|row| row.flags.contains("FIN") || row.flags.contains("RST"));
        words::some_frames(ends.map(|row| row.frame))
    };
    (entry.expected_frames, entry.frames) = (frames(was), frames(now));
    Some(entry)
}

/// What counts of an ending: for behaviour, whether the last ACK was captured does not.
fn key(c: &SnapshotConnection, rules: &Rules) -> (TeardownOutcome, Option<Side>) {
    let ending = c.ending;
    let outcome = match (rules.level, ending.outcome) {
        (Level::Behaviour, TeardownOutcome::ClosedUnacknowledged) => TeardownOutcome::Closed,
        (_, outcome) => outcome,
    };
    match outcome {
        TeardownOutcome::Reset => (outcome, ending.reset_by),
        _ => (outcome, ending.closed_first),
    }
}

/// Whether who closed first had everything by then, when that is all that differs in the end.
fn half_close(both: &Both<'_>, rules: &Rules) -> Option<Difference> {
    let (was, now) = (both.was.ending, both.now.ending);
    let is_said = |ending: Ending| ending.closed_first.is_some() && ending.reset_by.is_none();
    let is_told = is_said(was) && is_said(now) && was.closed_first == now.closed_first;
    if !is_told || was.is_half_close == now.is_half_close || !rules.minds(Field::HalfClose) {
        return None;
    }
    let who = words::side(now.closed_first?);
    let (old, new) = (words::half_close(was.is_half_close), words::half_close(now.is_half_close));
    let text =
        format!("the {who} now closes its direction {new} that the other side sends; was {old}");
    Some(both.entry(Field::HalfClose, text, old.to_owned(), new.to_owned()))
}

/// Other bytes of a side, unless the ending tells that there are fewer.
fn said(both: &Both<'_>, side: Side, has_ending: bool, rules: &Rules) -> Option<Difference> {
    let (was, now) = (both.was.sent(side), both.now.sent(side));
    if was == now || !rules.minds(Field::Data) || (has_ending && now.bytes < was.bytes) {
        return None;
    }
    let side = words::side(side);
    let text = match (was.bytes == now.bytes, was.missing == now.missing) {
        (true, true) => format!(
            "the {side} sends {} as before, but other ones",
            words::count(now.bytes, "byte")
        ),
        (true, false) => format!(
            "of what the {side} sent, {} are not in the capture; were {}",
            words::count(now.missing, "byte"),
            was.missing
        ),
        (false, _) => {
            format!("the {side} now sends {}; was {}", words::count(now.bytes, "byte"), was.bytes)
        }
    };
    let shown = |sent: &Sent| format!("{} {}", words::count(sent.bytes, "byte"), sent.sha256);
    Some(both.entry(Field::Data, text, shown(was), shown(now)))
}

/// A value's word in the document.
fn snake(value: &impl serde::Serialize) -> String {
    let value = serde_json::to_value(value).ok();
    value.and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}
