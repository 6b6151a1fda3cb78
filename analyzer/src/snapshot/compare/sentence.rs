//! Each change of a connection as a sentence with its frames.

use std::ops::Range;

use super::super::difference::{Difference, Field, Kind};
use super::super::model::Row;
use super::connection::Both;
use super::pair::FieldChange;
use super::segments::Change;
use super::words;

impl Both<'_> {
    /// One change as a sentence.
    pub fn told(&self, change: &Change) -> Difference {
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

    fn missing(&self, gone: Range<usize>) -> Difference {
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

    fn added(&self, new: Range<usize>) -> Difference {
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

    fn replaced(&self, gone: Range<usize>, new: Range<usize>) -> Difference {
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

    /// A frame of the expected capture, by the place of its segment.
    pub fn frame_was(&self, at: usize) -> u64 {
        self.was.segments.get(at).map_or(0, |row| row.frame)
    }

    /// A frame of the actual capture, by the place of its segment.
    pub fn frame_now(&self, at: usize) -> u64 {
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

/// What a field is called in a sentence.
pub(super) const fn field_words(field: Field) -> &'static str {
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
