//! The same segment in both captures, with other values.

use std::collections::HashMap;

use super::super::difference::Field;
use super::super::model::Row;
use super::super::rules::Rules;
use super::segments::Change;
use super::words;
use crate::summary::Side;

/// A value that is not the expected one.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct FieldChange {
    /// Which.
    pub field: Field,
    /// What it was, and is.
    pub was: String,
    /// What it is.
    pub now: String,
    /// How many seconds later it comes, for a time.
    pub late: Option<f64>,
}

/// By how much the numbers of each side are shifted in the whole connection.
#[derive(Debug, Clone, Copy, Default)]
struct Shifts {
    client: u32,
    server: u32,
}

/// The changed pairs. `has_others` tells that rows are gone, new or moved: then verdicts and
/// shifted numbers follow from that, and are not told.
pub(super) fn field_changes(
    (was, now): (&[Row], &[Row]),
    pairs: &[(usize, usize)],
    has_others: bool,
    rules: &Rules,
) -> Vec<Change> {
    let rows: Vec<(usize, usize, &Row, &Row)> =
        pairs.iter().filter_map(|&(i, j)| Some((i, j, was.get(i)?, now.get(j)?))).collect();
    let shifts = shifts(&rows);
    let is_shifted = !has_others && (shifts.client != 0 || shifts.server != 0);
    let mut changed: Vec<(usize, usize, Vec<FieldChange>)> =
        rows.iter().map(|(i, j, was, now)| (*i, *j, values(was, now, shifts, rules))).collect();
    if is_shifted
        && let (Some((_, _, first)), Some((_, _, was, now))) = (changed.first_mut(), rows.first())
    {
        note_shift(first, was, now, shifts, rules);
    }
    let times = times((was, now), pairs, rules);
    for ((_, _, fields), time) in changed.iter_mut().zip(times) {
        fields.extend(time);
    }
    if !has_others && changed.iter().all(|(_, _, fields)| fields.is_empty()) {
        for ((_, _, fields), (_, _, was, now)) in changed.iter_mut().zip(&rows) {
            fields.extend(events(was, now, rules));
        }
    }
    let told = changed.into_iter().filter(|(_, _, fields)| !fields.is_empty());
    told.map(|(gone, new, fields)| Change::Fields { gone, new, fields }).collect()
}

fn values(was: &Row, now: &Row, shifts: Shifts, rules: &Rules) -> Vec<FieldChange> {
    let mut found = Vec::new();
    let mut text = |field: Field, one: &str, other: &str| {
        if !rules.is_fine(field, one, other) {
            found.push(FieldChange { field, was: shown(one), now: shown(other), late: None });
        }
    };
    text(Field::Flags, &was.flags, &now.flags);
    if (was.captured, &was.sha256) != (now.captured, &now.sha256) || was.len != now.len {
        let start = words::difference_at(was, now);
        let bytes = |row: &Row| match row.captured {
            None => words::quoted_from(row, start),
            Some(captured) => format!("{} ({captured} captured)", words::quoted_from(row, start)),
        };
        let (mut one, mut other) = (bytes(was), bytes(now));
        if one == other {
            one.push_str(&format!(" [{}]", was.sha256));
            other.push_str(&format!(" [{}]", now.sha256));
        }
        let field = if was.captured != now.captured { Field::Captured } else { Field::Data };
        text(field, &one, &other);
    }
    text(Field::Options, &was.options, &now.options);
    text(Field::Ip, &was.ip, &now.ip);
    let sum = |row: &Row| if row.bad_checksum { "wrong" } else { "not wrong" };
    text(Field::Checksum, sum(was), sum(now));
    let mut number = |field: Field, one: Option<u32>, other: Option<u32>, shift: u32| {
        let is_near = match (one, other) {
            (Some(one), Some(other)) => {
                rules.is_near(field, f64::from(one), f64::from(other.wrapping_sub(shift)))
            }
            (one, other) => one == other || !rules.minds(field),
        };
        let text = |value: Option<u32>| value.map_or("none".to_owned(), |value| value.to_string());
        if !is_near && !rules.is_fine(field, &text(one), &text(other)) {
            found.push(FieldChange { field, was: text(one), now: text(other), late: None });
        }
    };
    let (own, peer) = match was.from {
        Side::Client => (shifts.client, shifts.server),
        Side::Server => (shifts.server, shifts.client),
    };
    number(Field::Len, Some(was.len), Some(now.len), 0);
    number(Field::Seq, was.seq, now.seq, own);
    number(Field::Ack, was.ack, now.ack, peer);
    number(Field::Window, Some(was.window.into()), Some(now.window.into()), 0);
    number(Field::Urgent, Some(was.urgent.into()), Some(now.urgent.into()), 0);
    // Without ACK, or with it, the number is there or not: that is what the flags say.
    if found.iter().any(|change| change.field == Field::Flags) {
        let is_told = |change: &FieldChange| {
            change.field == Field::Ack && (change.was == "none" || change.now == "none")
        };
        found.retain(|change| !is_told(change));
    }
    // Other bytes of another length are one change.
    if found.iter().any(|change| change.field == Field::Len) {
        found.retain(|change| change.field != Field::Data);
    }
    found
}

fn shown(text: &str) -> String {
    if text.is_empty() { "none".to_owned() } else { text.to_owned() }
}

/// The shift that most pairs have.
fn shifts(rows: &[(usize, usize, &Row, &Row)]) -> Shifts {
    let most = |side: Side| {
        let mut counts: HashMap<u32, u32> = HashMap::new();
        for (_, _, was, now) in rows {
            let (one, other) =
                if was.from == side { (was.seq, now.seq) } else { (was.ack, now.ack) };
            if let (Some(one), Some(other)) = (one, other) {
                *counts.entry(other.wrapping_sub(one)).or_default() += 1;
            }
        }
        counts.into_iter().max_by_key(|(shift, count)| (*count, u32::from(*shift == 0), *shift))
    };
    let shift = |side: Side| most(side).map_or(0, |(shift, _)| shift);
    Shifts { client: shift(Side::Client), server: shift(Side::Server) }
}

/// All numbers of a side are shifted: told once, with the first segment.
fn note_shift(fields: &mut Vec<FieldChange>, was: &Row, now: &Row, shifts: Shifts, rules: &Rules) {
    for (side, shift) in [(Side::Client, shifts.client), (Side::Server, shifts.server)] {
        if shift == 0 || !rules.minds(Field::Seq) {
            continue;
        }
        let number = |row: &Row| if row.from == side { row.seq } else { row.ack };
        let text = |row: &Row| number(row).map_or("none".to_owned(), |number| number.to_string());
        let side = words::side(side);
        fields.push(FieldChange {
            field: Field::Seq,
            was: text(was),
            now: format!(
                "{} (the {side}'s numbers are {} off from here on)",
                text(now),
                shift.cast_signed()
            ),
            late: None,
        });
    }
}

/// For each pair, whether it comes at another time after the pair before it. A frame that comes
/// late and the next one that does not is one change, not two.
fn times(
    (was, now): (&[Row], &[Row]),
    pairs: &[(usize, usize)],
    rules: &Rules,
) -> Vec<Option<FieldChange>> {
    let (was, now) = (sums(was), sums(now));
    let time = |list: &[f64], at: usize| list.get(at).copied().unwrap_or(0.0);
    let mut last: Option<(usize, usize)> = None;
    let mut owed = 0.0;
    let mut found = Vec::with_capacity(pairs.len());
    for &(i, j) in pairs {
        let (k, l) = last.replace((i, j)).unwrap_or((i, j));
        let (one, other) = (time(&was, i) - time(&was, k), time(&now, j) - time(&now, l));
        let is_near = rules.is_near(Field::Time, one, other);
        let is_paid = !is_near && owed != 0.0 && rules.is_near(Field::Time, one, other + owed);
        owed = if is_near || is_paid { 0.0 } else { other - one };
        found.push((!is_near && !is_paid).then(|| FieldChange {
            field: Field::Time,
            was: words::span(one),
            now: words::span(other),
            late: Some(other - one),
        }));
    }
    found
}

/// Seconds since the connection's first frame.
fn sums(rows: &[Row]) -> Vec<f64> {
    let mut sum = 0.0;
    rows.iter()
        .map(|row| {
            sum += row.gap;
            sum
        })
        .collect()
}

fn events(was: &Row, now: &Row, rules: &Rules) -> Option<FieldChange> {
    if rules.are_alike(&was.events, &now.events) {
        return None;
    }
    let text = |row: &Row| {
        let names: Vec<String> = row
            .events
            .iter()
            .filter_map(|event| Some(serde_json::to_value(event).ok()?.as_str()?.replace('_', " ")))
            .collect();
        if names.is_empty() { "none".to_owned() } else { names.join(", ") }
    };
    Some(FieldChange { field: Field::Events, was: text(was), now: text(now), late: None })
}
