//! One connection in two captures: its changes as sentences, each real one once.

use super::super::difference::{Difference, Field, Kind, Place};
use super::super::model::{Row, SnapshotConnection};
use super::super::rules::{Level, Rules};
use super::behaviour;
use super::pair::FieldChange;
use super::segments::{self, Change};
use super::words;

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
    let both = Both { was, now };
    let mut found = both.surroundings(rules);
    if rules.level == Level::Behaviour {
        found.extend(behaviour::compare(&both, rules));
        return found;
    }
    let mut changes = segments::changes(was, now, rules);
    let mut told = both.alike(&mut changes);
    let is_replaced = changes.iter().any(|change| !change.is_plain());
    told.extend(changes.iter().map(|change| both.told(change)));
    told.retain(|difference| rules.minds(difference.place.field));
    let is_grave = is_replaced || told.len() > 4;
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
        if rules.level == Level::Segments {
            texts.push((
                Field::Ip,
                "the client's IP headers say",
                was.client_ip.clone(),
                now.client_ip.clone(),
            ));
            texts.push((
                Field::Ip,
                "the server's IP headers say",
                was.server_ip.clone(),
                now.server_ip.clone(),
            ));
        }
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

    /// One change as a sentence.
    fn told(&self, change: &Change) -> Difference {
        match change {
            Change::Missing { gone } => self.missing(gone.clone()),
            Change::Added { new } => self.added(new.clone()),
            Change::Repeated { original, copy } => self.repeated(*original, *copy),
            Change::Swapped { first } => self.swapped(*first),
            Change::Moved { gone, new } => self.moved(*gone, *new),
            Change::Replaced { gone, new } => self.replaced(gone.clone(), new.clone()),
            Change::Fields { gone, new, fields } => self.fields(*gone, *new, fields),
        }
    }

    fn missing(&self, gone: std::ops::Range<usize>) -> Difference {
        let rows = self.was.segments.get(gone.clone()).unwrap_or_default();
        let frames: Vec<u64> = rows.iter().map(|row| row.frame).collect();
        let is_end = gone.end == self.was.segments.len() && self.was.folded.is_none();
        let text = match rows {
            [row] => format!("{} is missing (was {})", words::segment(row), words::frames(&frames)),
            _ => format!(
                "{}{} are missing (were {}): {}",
                if is_end { "the last " } else { "" },
                words::count(rows.len() as u64, "segment"),
                words::frames(&frames),
                run(rows)
            ),
        };
        let mut entry = self.entry(Field::Segments, text, run(rows), String::new());
        (entry.kind, entry.actual) = (Kind::Missing, None);
        entry.place.segment = u32::try_from(gone.start + 1).ok();
        entry.expected_frames = frames;
        entry
    }

    fn added(&self, new: std::ops::Range<usize>) -> Difference {
        let rows = self.now.segments.get(new.clone()).unwrap_or_default();
        let frames: Vec<u64> = rows.iter().map(|row| row.frame).collect();
        let text = match rows {
            [row] => format!("{} is new ({})", words::segment(row), words::frames(&frames)),
            _ => format!(
                "{} are new ({}): {}",
                words::count(rows.len() as u64, "segment"),
                words::frames(&frames),
                run(rows)
            ),
        };
        let mut entry = self.entry(Field::Segments, text, String::new(), run(rows));
        (entry.kind, entry.expected) = (Kind::Added, None);
        entry.place.segment = u32::try_from(new.start + 1).ok();
        entry.frames = frames;
        entry
    }

    fn repeated(&self, original: usize, copy: usize) -> Difference {
        let frames = [self.frame_now(original), self.frame_now(copy)];
        let text = match self.now.segments.get(copy) {
            Some(row) => format!(
                "{} is there once more: frame {} says what frame {} says",
                words::segment(row),
                frames[1],
                frames[0]
            ),
            None => String::new(),
        };
        let said = self.now.segments.get(copy).map(words::segment).unwrap_or_default();
        let mut entry = self.entry(Field::Segments, text, String::new(), said);
        (entry.kind, entry.expected) = (Kind::Added, None);
        entry.place.segment = u32::try_from(copy + 1).ok();
        entry.frames = frames.to_vec();
        entry
    }

    fn swapped(&self, first: usize) -> Difference {
        let rows = self.now.segments.get(first..).unwrap_or_default();
        let (one, other) = match rows {
            [one, other, ..] => (words::segment(one), words::segment(other)),
            _ => (String::new(), String::new()),
        };
        let frames = vec![self.frame_now(first), self.frame_now(first + 1)];
        let text = format!(
            "two neighbours changed places: {one} now comes before {other} ({})",
            words::frames(&frames)
        );
        let mut entry = self.entry(
            Field::Segments,
            text,
            format!("{other}, then {one}"),
            format!("{one}, then {other}"),
        );
        entry.place.segment = u32::try_from(first + 1).ok();
        entry.frames = frames;
        entry
    }

    fn moved(&self, gone: usize, new: usize) -> Difference {
        let row = self.now.segments.get(new).map(words::segment).unwrap_or_default();
        let (was, now) = (format!("segment {}", gone + 1), format!("segment {}", new + 1));
        let way = if new < gone { "earlier" } else { "later" };
        let text = format!(
            "{row} comes {way} than it did: it is now {now} (frame {}); was {was} (frame {})",
            self.frame_now(new),
            self.frame_was(gone)
        );
        let mut entry = self.entry(Field::Segments, text, was, now);
        entry.place.segment = u32::try_from(new + 1).ok();
        (entry.frames, entry.expected_frames) =
            (vec![self.frame_now(new)], vec![self.frame_was(gone)]);
        entry
    }

    fn replaced(&self, gone: std::ops::Range<usize>, new: std::ops::Range<usize>) -> Difference {
        let was = self.was.segments.get(gone).unwrap_or_default();
        let now = self.now.segments.get(new.clone()).unwrap_or_default();
        let frames = |rows: &[Row]| rows.iter().map(|row| row.frame).collect::<Vec<u64>>();
        let text = format!(
            "{} instead of {}: now {} ({}); was {} ({})",
            words::count(now.len() as u64, "segment"),
            was.len(),
            run(now),
            words::frames(&frames(now)),
            run(was),
            words::frames(&frames(was)),
        );
        let mut entry = self.entry(Field::Segments, text, run(was), run(now));
        entry.place.segment = u32::try_from(new.start + 1).ok();
        (entry.frames, entry.expected_frames) = (frames(now), frames(was));
        entry
    }

    fn fields(&self, gone: usize, new: usize, fields: &[FieldChange]) -> Difference {
        let row = self.was.segments.get(gone).map(words::segment).unwrap_or_default();
        let parts: Vec<String> = fields.iter().map(one_field).collect();
        let text = format!("{row} (frame {}): {}", self.frame_now(new), parts.join(", and "));
        let join = |value: &dyn Fn(&FieldChange) -> &str| {
            fields.iter().map(value).collect::<Vec<_>>().join(", ")
        };
        let field = fields.first().map_or(Field::Segments, |change| change.field);
        let mut entry =
            self.entry(field, text, join(&|change| &change.was), join(&|change| &change.now));
        entry.late = match fields {
            [only] => only.late,
            _ => None,
        };
        entry.place.segment = u32::try_from(new + 1).ok();
        (entry.frames, entry.expected_frames) =
            (vec![self.frame_now(new)], vec![self.frame_was(gone)]);
        entry
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

    /// The segments that are not kept one by one.
    fn fold(&self, rules: &Rules) -> Option<Difference> {
        if !rules.minds(Field::Segments) {
            return None;
        }
        if self.was.segments.len() != self.now.segments.len() {
            return self.totals();
        }
        let (was, now) = (self.was.folded.as_ref(), self.now.folded.as_ref());
        let after = self.now.segments.len();
        let (text, frames) = match (was, now) {
            (Some(was), Some(now)) => {
                let gaps = (was.longest_gap, now.longest_gap);
                let what = if (was.count, was.bytes) != (now.count, now.bytes) {
                    format!(
                        "{} segments with {} bytes; were {} with {}",
                        now.count, now.bytes, was.count, was.bytes
                    )
                } else if was.sha256 != now.sha256 {
                    format!("{} segments as before, but not the same ones", now.count)
                } else if !rules.is_near(Field::Time, gaps.0, gaps.1) {
                    format!(
                        "the longest pause is {}; was {}",
                        words::span(gaps.1),
                        words::span(gaps.0)
                    )
                } else {
                    return None;
                };
                (what, now.frames)
            }
            (None, Some(now)) => (format!("{} more segments", now.count), now.frames),
            (Some(was), None) => (format!("none; there were {}", was.count), was.frames),
            (None, None) => return None,
        };
        let text = format!(
            "after its first {after} segments, which are kept one by one: {text} (frames {} to {})",
            frames.0, frames.1
        );
        let count = |c: &SnapshotConnection| {
            c.folded.as_ref().map_or("none".to_owned(), |f| format!("{} {}", f.count, f.sha256))
        };
        let mut entry = self.entry(Field::Segments, text, count(self.was), count(self.now));
        entry.frames = vec![frames.0];
        Some(entry)
    }

    /// Where other connections took the room, the borders differ: only the sums can be compared.
    fn totals(&self) -> Option<Difference> {
        let sums = |c: &SnapshotConnection| {
            let kept: u64 = c.segments.iter().map(|row| u64::from(row.len)).sum();
            (c.segments_total(), kept + c.folded.as_ref().map_or(0, |fold| fold.bytes))
        };
        let (was, now) = (sums(self.was), sums(self.now));
        let text = |(count, bytes): (u64, u64)| {
            format!("{} with {}", words::count(count, "segment"), words::count(bytes, "byte"))
        };
        let (old, new) = (text(was), text(now));
        let sentence = format!("it has {new} in all; had {old}");
        (was != now).then(|| self.entry(Field::Segments, sentence, old, new))
    }

    fn frame_was(&self, at: usize) -> u64 {
        self.was.segments.get(at).map_or(0, |row| row.frame)
    }

    fn frame_now(&self, at: usize) -> u64 {
        self.now.segments.get(at).map_or(0, |row| row.frame)
    }
}

/// Some rows in half a sentence.
fn run(rows: &[Row]) -> String {
    let shown: Vec<String> = rows.iter().take(3).map(words::segment).collect();
    let dots = if rows.len() > shown.len() { ", …" } else { "" };
    format!("{}{dots}", shown.join(", "))
}

fn one_field(change: &FieldChange) -> String {
    let FieldChange { field, was, now, .. } = change;
    match field {
        Field::Data if now.ends_with(']') => {
            "it carries other bytes than before, behind the first 32".to_owned()
        }
        Field::Data => format!("it now says {now}; said {was}"),
        Field::Time => format!("it comes {now} after the frame before it; was {was}"),
        Field::Flags => format!("its flags are now {now}; were {was}"),
        field => format!("{} is now {now}; was {was}", field_words(*field)),
    }
}

const fn field_words(field: Field) -> &'static str {
    match field {
        Field::Flags => "what the flags say",
        Field::Seq => "its sequence number",
        Field::Ack => "its acknowledgment number",
        Field::Len => "its number of bytes",
        Field::Data => "what it says",
        Field::Captured => "what was captured of it",
        Field::Window => "its window",
        Field::Urgent => "its urgent pointer",
        Field::Options => "what its TCP options say",
        Field::Ip => "what its IP header says",
        Field::Checksum => "its checksum",
        Field::Events => "the verdict on it",
        Field::Time => "the time since the frame before",
        _ => "something",
    }
}
