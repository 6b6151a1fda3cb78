//! Characters of a text in a picture that are not told by what they look like: they are read, with
//! a few around them.

use std::ops::Range;

use super::wording;
use crate::evidence::screenshot::Error;
use crate::evidence::screenshot::raster::Strip;

/// Characters on each side of a doubtful one that are read with it.
const AROUND: usize = 2;
/// The same where these did not help.
const MORE_AROUND: usize = 8;
/// A text of which more than one in so many characters are doubtful is read as a whole.
const MOST_DOUBTFUL: usize = 2;

/// Characters that stand together, with a few around them, and with more.
pub struct Doubt {
    parts: [Part; 2],
}

/// A part of what is written, and what must be read there; all folded.
struct Part {
    /// The character before, when one was left to be cut through.
    before: Option<char>,
    wanted: String,
    /// The same behind it.
    after: Option<char>,
    strip: Strip,
}

/// What must be read of a text for its doubtful characters, in order; none when that is most of
/// what is shown, the first `end` characters, or `strip` has no picture of it.
pub fn doubts(
    doubtful: impl Iterator<Item = usize>,
    (text, end): (&[char], usize),
    strip: impl Fn(&Range<usize>) -> Option<Strip>,
) -> Option<Vec<Doubt>> {
    let spans = spans(doubtful, end);
    if spans.iter().map(Range::len).sum::<usize>() * MOST_DOUBTFUL > end {
        return None;
    }
    let part = |places: Range<usize>| {
        let strip = strip(&places)?;
        let from = places.start + usize::from(places.start > 0);
        let to = places.end - usize::from(places.end < end);
        let wanted = text.get(from..to)?.iter().copied().filter_map(wording::fold).collect();
        let outer = |at: Range<usize>| text.get(at).and_then(<[char]>::first).copied();
        let [before, after] = [outer(places.start..from), outer(to..places.end)];
        let [before, after] = [before, after].map(|outer| outer.and_then(wording::fold));
        Some(Part { before, wanted, after, strip })
    };
    let doubt = |places: Range<usize>| {
        let more = MORE_AROUND - AROUND;
        let wider = places.start.saturating_sub(more)..(places.end + more).min(end);
        Some(Doubt { parts: [part(places)?, part(wider)?] })
    };
    spans.into_iter().map(doubt).collect()
}

impl Doubt {
    /// Characters that must be read.
    pub fn characters(&self) -> usize {
        self.parts.first().map_or(0, |part| part.wanted.chars().count())
    }

    /// Whether they are read as what is wanted.
    ///
    /// # Errors
    /// When the reader fails.
    pub fn is_read(
        &self,
        mut read: impl FnMut(&Strip) -> Result<String, Error>,
    ) -> Result<bool, Error> {
        for part in &self.parts {
            if part.is_shown(&wording::folded(&read(&part.strip)?)) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

impl Part {
    /// Whether a reading shows what is wanted there. Of the characters that were left to be cut
    /// through one may be missing or misread.
    fn is_shown(&self, seen: &str) -> bool {
        let Self { before, wanted, after, .. } = self;
        let Some(first) = wanted.chars().next() else { return false };
        // Of some that are all the same nobody knows which was cut off: `008` is no `00` cut out of
        // `000`.
        if wanted.chars().all(|other| other == first) {
            let all = before.iter().copied().chain(wanted.chars()).chain(after.iter().copied());
            return seen.chars().eq(all);
        }
        let outer = |places: Option<char>| usize::from(places.is_some());
        seen.match_indices(wanted).any(|(at, _)| {
            let (left, right) = (seen.get(..at), seen.get(at + wanted.len()..));
            let is_outer = |part: Option<&str>, most: usize| {
                part.is_some_and(|part| part.chars().count() <= most)
            };
            is_outer(left, outer(*before)) && is_outer(right, outer(*after))
        })
    }
}

/// Places with some others around them, so that a recogniser has a word to read.
fn spans(places: impl Iterator<Item = usize>, end: usize) -> Vec<Range<usize>> {
    let mut spans: Vec<Range<usize>> = Vec::new();
    for place in places {
        let (from, to) = (place.saturating_sub(AROUND), (place + AROUND + 1).min(end));
        match spans.last_mut().filter(|last| from <= last.end + AROUND) {
            Some(last) => last.end = to,
            None => spans.push(from..to),
        }
    }
    spans
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_read_with_their_neighbours() {
        assert_eq!(spans([4, 5, 20].into_iter(), 40), [2..8, 18..23]);
        assert_eq!(spans([0, 7, 39].into_iter(), 40), [0..10, 37..40]);
        assert!(spans(std::iter::empty(), 40).is_empty());
    }

    #[test]
    fn what_is_doubtful_is_read_alone_then_with_more_around_it() {
        let text: Vec<char> = "57278 → 10000 [PSH, ACK] Seq=1 Ack=68 Len=32".chars().collect();
        // The strip's width says how many characters it shows.
        let strip = |places: &Range<usize>| Some(Strip { width: places.len(), ..Strip::default() });
        let found = doubts([35].into_iter(), (&text, text.len()), strip).unwrap_or_default();
        let found = found.first();
        assert_eq!(found.map(Doubt::characters), Some(3));
        let mut widths = Vec::new();
        let mut read = |reads: [&str; 2]| {
            widths.clear();
            let is_read = found.is_some_and(|doubt| {
                doubt
                    .is_read(|strip| {
                        widths.push(strip.width);
                        Ok(reads.get(widths.len() - 1).copied().unwrap_or("").to_owned())
                    })
                    .unwrap_or(false)
            });
            (is_read, widths.clone())
        };
        assert_eq!(read(["=68 ", ""]), (true, vec![5]));
        assert_eq!(read(["k=68 ", ""]), (true, vec![5]));
        assert_eq!(read(["=63 ", "q=1 Ack=68 Len=32"]), (true, vec![5, 17]));
        assert_eq!(read(["=63 ", "q=1 Ack=63 Len=32"]), (false, vec![5, 17]));
        assert_eq!(read(["ck=68 ", "q=1 Ack=68 Len=3"]), (false, vec![5, 17]));
        let most = doubts((0..text.len()).step_by(6), (&text, text.len()), strip);
        assert!(most.is_none(), "a text with doubts all over is read as a whole");
    }

    #[test]
    fn of_equal_characters_none_may_be_missing() {
        let part = |before, wanted: &str, after| Part {
            before,
            wanted: wanted.to_owned(),
            after,
            strip: Strip::default(),
        };
        let port = part(Some('0'), "00", Some('-'));
        assert!(port.is_shown("000-"));
        assert!(!port.is_shown("008"), "an edited last digit");
        assert!(!port.is_shown("008-"));
        assert!(!port.is_shown("00"));
        let mixed = part(Some('0'), "07", Some('-'));
        assert!(mixed.is_shown("007") && mixed.is_shown("07-") && mixed.is_shown("807-"));
        assert!(!mixed.is_shown("0007-") && !mixed.is_shown("08"));
        let all = part(None, "66", None);
        assert!(all.is_shown("66") && !all.is_shown("666") && !all.is_shown("6"));
    }
}
