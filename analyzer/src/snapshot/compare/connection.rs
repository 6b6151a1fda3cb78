//! One connection in two captures: its changes as sentences, each real one once.

use std::borrow::Cow;

use super::super::difference::{Difference, Field, Kind, Place};
use super::super::model::SnapshotConnection;
use super::super::rules::{Level, Rules};
use super::behaviour;
use super::pair::FieldChange;
use super::segments::{self, Change};
use super::sentence::field_words;
use super::words;
use crate::summary::{Side, TeardownOutcome};

/// Changes told one by one.
const MAX_TOLD: usize = 8;
/// Segments with the same change that are told one by one.
const MAX_ALIKE: usize = 3;

/// Two connections that belong together.
pub(super) struct Both<'a> {
    pub was: &'a SnapshotConnection,
    pub now: &'a SnapshotConnection,
}

/// What changed from one to the other.
pub(super) fn compare_connection(
    was: &SnapshotConnection,
    now: &SnapshotConnection,
    rules: &Rules,
) -> Vec<Difference> {
    let mut found = Both { was, now }.surroundings(rules);
    if rules.level == Level::Behaviour {
        found.extend(behaviour::compare(&Both { was, now }, rules));
        return found;
    }
    let is_plain = |c: &SnapshotConnection| c.segments.iter().all(|row| row.ip.is_empty());
    let is_usual = (&was.client_ip, &was.server_ip) == (&now.client_ip, &now.server_ip)
        && is_plain(was)
        && is_plain(now);
    let [was, now] = [was, now].map(|connection| match is_usual {
        true => Cow::Borrowed(connection),
        false => Cow::Owned(spelled_out(connection)),
    });
    let (was, now) = (&*was, &*now);
    let both = Both { was, now };
    let mut changes = segments::changes(was, now, rules);
    let mut told = both.alike(&mut changes);
    let is_replaced = changes.iter().any(|change| !change.is_plain());
    told.extend(changes.iter().map(|change| both.told(change)));
    told.retain(|difference| rules.minds(difference.place.field));
    // A reset where none was, or the other way round, is what happened; the rest follows.
    let is_reset = |c: &SnapshotConnection| c.ending.outcome == TeardownOutcome::Reset;
    let has_turned = told.len() > 1 && is_reset(was) != is_reset(now);
    let is_grave = is_replaced || has_turned || told.len() > 4;
    both.add_outcomes(&mut told, is_grave, rules);
    if told.len() > MAX_TOLD {
        told = vec![both.many(&told)];
    }
    if told.is_empty() {
        told.extend(both.fold(rules));
    }
    found.extend(told);
    found
}

/// With its IP headers in every row, because they are not the same everywhere.
fn spelled_out(connection: &SnapshotConnection) -> SnapshotConnection {
    let mut connection = connection.clone();
    let usual = [connection.client_ip.clone(), connection.server_ip.clone()];
    let [client, server] = &usual;
    for row in connection.segments.iter_mut().filter(|row| row.ip.is_empty()) {
        row.ip.clone_from(if row.from == Side::Client { client } else { server });
    }
    connection
}

impl Both<'_> {
    /// An entry about this connection.
    pub fn entry(&self, field: Field, text: String, was: String, now: String) -> Difference {
        Difference {
            kind: Kind::Changed,
            sentence: format!("connection {}: {text}", self.now.stream),
            place: Place { connection: Some(self.now.stream), field, segment: None },
            expected: Some(was),
            actual: Some(now),
            expected_frames: Vec::new(),
            frames: Vec::new(),
            late: None,
        }
    }

    /// Ports and layers: what is around the segments.
    fn surroundings(&self, rules: &Rules) -> Vec<Difference> {
        let (was, now) = (self.was, self.now);
        let port = |c: &SnapshotConnection| c.port.to_string();
        let own =
            |c: &SnapshotConnection| c.client.rsplit_once(':').map_or("", |(_, p)| p).to_owned();
        let role = |c: &SnapshotConnection| format!("{:?}", c.roles).to_lowercase();
        let mut texts = vec![
            (Field::Port, "the server's port", port(was), port(now)),
            (Field::Port, "the client's port", own(was), own(now)),
            (Field::Layers, "its frames are", was.layers.clone(), now.layers.clone()),
        ];
        if was.handshake == now.handshake {
            texts.push((Field::Roles, "who is the client is known by", role(was), role(now)));
        }
        let changed = texts.into_iter().filter(|(field, _, was, now)| {
            let is_told = !was.is_empty() && !now.is_empty() || *field == Field::Port;
            is_told && !rules.is_fine(*field, was, now)
        });
        changed
            .map(|(field, what, was, now)| {
                let shown =
                    |text: &str| if text.is_empty() { "none".to_owned() } else { text.to_owned() };
                let text = match field {
                    Field::Port => format!("{what} is now {}; was {}", shown(&now), shown(&was)),
                    _ => format!("{what} now {now}; was {was}"),
                };
                let mut entry = self.entry(field, text, was, now);
                entry.frames =
                    words::some_frames(self.now.segments.iter().map(|row| row.frame).take(1));
                entry.expected_frames =
                    words::some_frames(self.was.segments.iter().map(|row| row.frame).take(1));
                entry
            })
            .collect()
    }

    /// Takes out what changed in the same way in many segments, and tells it once.
    fn alike(&self, changes: &mut Vec<Change>) -> Vec<Difference> {
        let mut found = Vec::new();
        for field in Field::ALL {
            let of_field = |change: &Change| match change {
                Change::Fields { gone, new, fields } => {
                    let change = fields.iter().find(|change| change.field == field)?;
                    Some((*gone, *new, change.clone()))
                }
                _ => None,
            };
            let alike: Vec<(usize, usize, FieldChange)> =
                changes.iter().filter_map(of_field).collect();
            let Some((_, new, first)) = alike.first().filter(|_| alike.len() > MAX_ALIKE) else {
                continue;
            };
            for change in changes.iter_mut() {
                if let Change::Fields { fields, .. } = change {
                    fields.retain(|change| change.field != field);
                }
            }
            let what = field_words(field);
            let text = format!(
                "{what} differs in {}, first in frame {}: now {}; was {}",
                words::count(alike.len() as u64, "segment"),
                self.frame_now(*new),
                first.now,
                first.was
            );
            let mut entry = self.entry(field, text, first.was.clone(), first.now.clone());
            entry.place.segment = u32::try_from(new + 1).ok();
            entry.frames = words::some_frames(alike.iter().map(|(_, new, _)| self.frame_now(*new)));
            entry.expected_frames =
                words::some_frames(alike.iter().map(|(gone, ..)| self.frame_was(*gone)));
            found.push(entry);
        }
        changes
            .retain(|change| !matches!(change, Change::Fields { fields, .. } if fields.is_empty()));
        found
    }

    /// How the handshake and the connection went on belongs to the change that made it so.
    fn add_outcomes(&self, told: &mut Vec<Difference>, is_grave: bool, rules: &Rules) {
        if let Some((was, now)) = behaviour::handshakes(self, rules) {
            let text = format!("the handshake is now {now}; was {was}");
            match told.first_mut() {
                Some(first) => first.sentence.push_str(&format!("; so {text}")),
                None => told.push(self.entry(Field::Handshake, text, was, now)),
            }
        }
        let Some(ending) = behaviour::ending(self, rules) else { return };
        match told.last_mut() {
            Some(last) if !is_grave => {
                let (was, now) = (words::ending(self.was), words::ending(self.now));
                last.sentence.push_str(&format!("; so the connection is now {now}; was {was}"));
            }
            _ => {
                let mut ending = ending;
                if let Some(first) = told.first().filter(|_| is_grave) {
                    let number = u64::try_from(told.len()).unwrap_or(u64::MAX);
                    ending
                        .sentence
                        .push_str(&format!(" ({}", words::count(number, "other change")));
                    if let Some(frame) = first.frames.first() {
                        ending.sentence.push_str(&format!(", from frame {frame} on"));
                    }
                    ending.sentence.push(')');
                }
                *told = vec![ending];
            }
        }
    }

    /// Too many changes for one sentence each.
    fn many(&self, told: &[Difference]) -> Difference {
        let of =
            |kind: Kind| told.iter().filter(|difference| difference.kind == kind).count() as u64;
        let parts: Vec<String> =
            [(Kind::Missing, "gap"), (Kind::Added, "addition"), (Kind::Changed, "change")]
                .into_iter()
                .filter(|(kind, _)| of(*kind) > 0)
                .map(|(kind, word)| words::count(of(kind), word))
                .collect();
        let first = told.first().map_or("", |first| first.sentence.as_str());
        let first = first.split_once(": ").map_or(first, |(_, first)| first);
        let text = format!("it runs differently: {}; first: {first}", parts.join(", "));
        let total = |c: &SnapshotConnection| words::count(c.segments_total(), "segment");
        let mut entry = self.entry(Field::Segments, text, total(self.was), total(self.now));
        entry.frames = words::some_frames(told.iter().flat_map(|d| d.frames.iter().copied()));
        entry.expected_frames =
            words::some_frames(told.iter().flat_map(|d| d.expected_frames.iter().copied()));
        entry
    }
}
