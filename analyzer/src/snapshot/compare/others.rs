//! Frames without TCP that are gone, new, late, or not the same.

use super::super::difference::{Difference, Field, Kind};
use super::super::model::{OtherFrame, Others};
use super::super::rules::Rules;
use super::align::{LONELY, Step, align};
use super::capture::entry;
use super::words;

/// Other frames told one by one.
const MAX_TOLD: usize = 8;

/// Frames without TCP that are gone, new, or not the same.
pub(super) fn compare_others(was: &Others, now: &Others, rules: &Rules) -> Vec<Difference> {
    let steps = align(was.frames.len(), now.frames.len(), &|i, j| {
        was.frames.get(i).zip(now.frames.get(j)).map(|(one, other)| cost(one, other))
    });
    let mut found = Vec::new();
    let mut times = Times::default();
    for step in steps {
        match step {
            // What comes before moved the border of what is folded.
            Step::Missing(i) if i + 1 == was.frames.len() && now.folded.is_some() => {}
            Step::Added(j) if j + 1 == now.frames.len() && was.folded.is_some() => {}
            Step::Missing(i) => {
                found.extend(was.frames.get(i).map(|frame| alone(frame, Kind::Missing)))
            }
            Step::Added(j) => {
                found.extend(now.frames.get(j).map(|frame| alone(frame, Kind::Added)))
            }
            Step::Pair(i, j) => {
                let both = was.frames.get(i).zip(now.frames.get(j));
                found.extend(both.and_then(|(one, other)| changed(one, other)));
                let late = times.late((was, now), (i, j), rules);
                found
                    .extend(both.and_then(|(one, other)| late.map(|late| moved(one, other, late))));
            }
        }
    }
    swaps(&mut found);
    if found.len() > MAX_TOLD {
        let rest = words::count((found.len() - MAX_TOLD) as u64, "more change");
        found.truncate(MAX_TOLD);
        if let Some(last) = found.last_mut() {
            last.sentence.push_str(&format!(", and {rest} among the frames without TCP"));
        }
    }
    let is_same_fold = was.folded.as_ref().map(|fold| (fold.count, &fold.sha256))
        == now.folded.as_ref().map(|fold| (fold.count, &fold.sha256));
    if found.is_empty() && !is_same_fold {
        let text = |others: &Others| {
            others
                .folded
                .as_ref()
                .map_or("none".to_owned(), |f| format!("{} {}", f.count, f.sha256))
        };
        let sentence = format!(
            "something changed among the frames without TCP after the first {}",
            now.frames.len()
        );
        found.push(entry(Field::Others, Kind::Changed, sentence, Some(text(was)), Some(text(now))));
    }
    found
}

fn cost(was: &OtherFrame, now: &OtherFrame) -> u32 {
    if was.layers != now.layers {
        return 2 * LONELY;
    }
    let is_other = |differs: bool, cost: u32| if differs { cost } else { 0 };
    is_other((was.len, &was.sha256) != (now.len, &now.sha256), 4)
        + is_other((&was.from, &was.to) != (&now.from, &now.to), 4)
        + is_other(was.what != now.what, 4)
}

fn alone(frame: &OtherFrame, kind: Kind) -> Difference {
    let (text, number) = (words::other(frame), frame.frame);
    if kind == Kind::Missing {
        let sentence = format!("{text} is missing (was frame {number})");
        let mut entry = entry(Field::Others, kind, sentence, Some(text), None);
        entry.expected_frames = vec![number];
        return entry;
    }
    let mut entry =
        entry(Field::Others, kind, format!("{text} is new (frame {number})"), None, Some(text));
    entry.frames = vec![number];
    entry
}

fn changed(was: &OtherFrame, now: &OtherFrame) -> Option<Difference> {
    let (old, new) = (words::other(was), words::other(now));
    if cost(was, now) == 0 {
        return None;
    }
    let sentence = if old != new {
        format!("frame {}: now {new}; was {old}", now.frame)
    } else if was.len != now.len {
        format!("frame {}: {new} now has {} bytes; was {}", now.frame, now.len, was.len)
    } else {
        format!("frame {}: {new} carries other bytes than before", now.frame)
    };
    let text = |frame: &OtherFrame, words: String| {
        format!("{words}, {} bytes {}", frame.len, frame.sha256)
    };
    let mut entry =
        entry(Field::Others, Kind::Changed, sentence, Some(text(was, old)), Some(text(now, new)));
    (entry.expected_frames, entry.frames) = (vec![was.frame], vec![now.frame]);
    Some(entry)
}

fn moved(was: &OtherFrame, now: &OtherFrame, (old, new): (f64, f64)) -> Difference {
    let late = Some(new - old);
    let (old, new) = (words::span(old), words::span(new));
    let sentence = format!(
        "frame {}: {} comes {new} after the frame without TCP before it; was {old}",
        now.frame,
        words::other(now)
    );
    let mut entry = entry(Field::Time, Kind::Changed, sentence, Some(old), Some(new));
    (entry.expected_frames, entry.frames) = (vec![was.frame], vec![now.frame]);
    entry.late = late;
    entry
}

/// Times between frames that belong together.
#[derive(Default)]
struct Times {
    last: Option<(usize, usize)>,
    owed: f64,
}

impl Times {
    /// Both times since the pair before, when they are not near each other; a frame that alone
    /// comes late is told once.
    fn late(
        &mut self,
        (was, now): (&Others, &Others),
        (i, j): (usize, usize),
        rules: &Rules,
    ) -> Option<(f64, f64)> {
        let (k, l) = self.last.replace((i, j)).map_or((0, 0), |(k, l)| (k + 1, l + 1));
        let gap = |others: &Others, from: usize, to: usize| -> f64 {
            others.frames.get(from..=to).unwrap_or_default().iter().map(|frame| frame.gap).sum()
        };
        let (old, new) = (gap(was, k, i), gap(now, l, j));
        let is_near = rules.is_near(Field::Time, old, new);
        let is_paid =
            !is_near && self.owed != 0.0 && rules.is_near(Field::Time, old, new + self.owed);
        self.owed = if is_near || is_paid { 0.0 } else { new - old };
        (!is_near && !is_paid).then_some((old, new))
    }
}

/// A frame that is gone and comes back as the only other change has moved.
fn swaps(found: &mut Vec<Difference>) {
    let at = found.windows(2).position(|pair| match pair {
        [one, other] => {
            let said = |d: &Difference| d.expected.clone().or_else(|| d.actual.clone());
            one.kind != other.kind
                && one.kind != Kind::Changed
                && other.kind != Kind::Changed
                && said(one) == said(other)
        }
        _ => false,
    });
    let Some(at) = at else { return };
    let other = found.remove(at + 1);
    let Some(one) = found.get_mut(at) else { return };
    let frames = |a: &[u64], b: &[u64]| [a, b].concat();
    one.expected_frames = frames(&one.expected_frames, &other.expected_frames);
    one.frames = frames(&one.frames, &other.frames);
    let text = one.expected.clone().or_else(|| one.actual.clone()).unwrap_or_default();
    (one.kind, one.expected, one.actual) =
        (Kind::Changed, Some("in its place".to_owned()), Some("elsewhere".to_owned()));
    one.sentence = format!(
        "{text} stands elsewhere among the frames without TCP: now {}; was {}",
        words::frames(&one.frames),
        words::frames(&one.expected_frames)
    );
}
