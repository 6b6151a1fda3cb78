//! What is not kept segment by segment.

use super::super::difference::{Difference, Field};
use super::super::model::SnapshotConnection;
use super::super::rules::Rules;
use super::connection::Both;
use super::words;

impl Both<'_> {
    /// The segments that are not kept one by one.
    pub fn fold(&self, rules: &Rules) -> Option<Difference> {
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
}
