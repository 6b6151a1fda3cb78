//! The details pane of a picture against the frame that its list has selected.
//!
//! Only lines whose whole text follows from what this program knows of a frame are judged. Its
//! characters are compared with those of the list, which Wireshark draws in the same font; only a
//! line that does not look like the frame's is read, and is called different where both, its
//! reading and its characters, say so.

mod texts;

use std::path::Path;

use super::cell::Look;
use super::doubts::{Doubt, doubts};
use super::expected::ExpectedList;
use super::model::{DifferentLine, GradedDetails};
use super::picture::{PictureWitness, aligned, one};
use super::wording::{fold, folded};
use crate::evidence::screenshot::details::{DetailsLine, find};
use crate::evidence::screenshot::glyphs::{Distance, Glyphs, LineGlyphs};
use crate::evidence::screenshot::raster::Picture;
use crate::evidence::screenshot::{Error, Reading, Screenshot, shared_recogniser};
use texts::{Text, texts};

/// Characters at the pane's edge that it may have damaged.
const AT_EDGE: usize = 3;
/// Characters of a line that is too short to be known by what its characters look like.
const SHORT: usize = 20;
/// Letters by which a line that was read is known.
const KNOWN_BY: usize = 12;
/// Mean distance of a line's characters from their kind, times what is usual in the picture, up
/// to which the line may be a text.
const ALIKE: f32 = 2.5;
/// What is usual in a picture without any damage.
const LEAST_USUAL: f32 = 8.0;
/// How sure the recogniser must be of a line to contradict it.
const CLEAR: f32 = 0.4;

/// Finds the details pane and holds it against the selected frame, or the one that its first line
/// names; none when there is no pane, or nothing in it is of such a frame.
///
/// # Errors
/// When the recogniser fails.
pub fn judge(
    (shot, witness): (&Screenshot, &PictureWitness<'_>),
    selected: Option<u64>,
    expected: &ExpectedList,
    capture: &Path,
) -> Result<Option<GradedDetails>, Error> {
    let recogniser = shared_recogniser()?;
    let lines = find(&shot.picture, &shot.layout, shot.pane.as_ref(), recogniser)?;
    let Some(first) = lines.first() else { return Ok(None) };
    let number = match selected {
        Some(number) => Some(number),
        None => named(&first.read(&shot.picture, recogniser)?.text),
    };
    let Some(row) = number.and_then(|number| expected.frame(number)) else { return Ok(None) };
    let texts = texts(row, capture);
    let mut graded = GradedDetails { frame: row.number, ..GradedDetails::default() };
    for line in &lines {
        graded.shown += 1;
        match verdict(*line, &texts, (&shot.picture, witness.glyphs()))? {
            Verdict::Equal => graded.equal += 1,
            Verdict::NotJudged => graded.not_judged += 1,
            Verdict::Unreadable => graded.unreadable += 1,
            Verdict::Different(_) if !shot.is_trusted => graded.unreadable += 1,
            Verdict::Different((seen, expected)) => {
                let region = shot.region(line.area);
                graded.differing.push(DifferentLine { seen, expected, region });
            }
        }
    }
    // A pane of which nothing else is the frame's shows another one.
    Ok((graded.equal > 0).then_some(graded))
}

/// The frame that the first line names.
fn named(text: &str) -> Option<u64> {
    text.strip_prefix("Frame ")?.split(':').next()?.trim().parse().ok()
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Verdict {
    Equal,
    NotJudged,
    Unreadable,
    /// What is shown, and what Wireshark shows of the frame.
    Different((String, String)),
}

/// What a line says beside those of the frame.
fn verdict(
    line: DetailsLine,
    texts: &[Text],
    (picture, glyphs): (&Picture, Option<&Glyphs>),
) -> Result<Verdict, Error> {
    let mut begun: Option<Begun<'_>> = None;
    let mut is_short = false;
    let most = glyphs.map_or(0.0, |glyphs| ALIKE * glyphs.usual().max(LEAST_USUAL));
    for text in texts {
        let characters: Vec<char> = text.text.chars().collect();
        let placed = glyphs.and_then(|glyphs| glyphs.line(picture, line.area, &characters));
        let Some((away, placed)) = placed else {
            is_short |= characters.len() <= SHORT;
            continue;
        };
        if away > most {
            continue;
        }
        let doubts = unlike(&placed, &characters, text.is_open);
        if doubts.as_ref().is_some_and(Vec::is_empty) {
            return Ok(Verdict::Equal);
        }
        if begun.as_ref().is_none_or(|begun| away < begun.away) {
            begun = Some(Begun { away, placed, text, doubts });
        }
    }
    is_short &= line.characters(picture) <= SHORT;
    if glyphs.is_some() && begun.is_none() && !is_short {
        return Ok(Verdict::NotJudged);
    }
    let doubts = begun.as_ref().and_then(|begun| begun.doubts.as_ref());
    if let Some(doubts) = doubts
        && are_read(doubts)?
    {
        return Ok(Verdict::Equal);
    }
    Ok(by_both(line.read(picture, shared_recogniser()?)?, texts, begun))
}

/// Whether what is doubtful is read as what the frame's line has there.
fn are_read(doubts: &[Doubt]) -> Result<bool, Error> {
    let recogniser = shared_recogniser()?;
    for doubt in doubts {
        if !doubt.is_read(|part| Ok(recogniser.recognise(part)?.text))? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The text that a line looks like, but for some characters.
struct Begun<'a> {
    away: f32,
    placed: LineGlyphs<'a>,
    text: &'a Text,
    /// What to read of it; none when that is the whole line.
    doubts: Option<Vec<Doubt>>,
}

/// What the reading of a line says, and where it is another than what the line looks like but for
/// some characters, these characters.
fn by_both(reading: Reading, texts: &[Text], begun: Option<Begun<'_>>) -> Verdict {
    let reaches_edge = begun.as_ref().is_some_and(|begun| begun.placed.characters().1);
    let by_reading = read(&reading.text, reaches_edge, texts);
    let Some(Begun { placed, text, .. }) = begun.filter(|_| by_reading != Verdict::Equal) else {
        return by_reading;
    };
    let wanted: Vec<char> = text.text.chars().collect();
    if text.may_be_named {
        Verdict::NotJudged
    } else if reading.confidence >= CLEAR && is_other(&placed, &wanted, &reading.text) {
        Verdict::Different((reading.text, text.text.clone()))
    } else {
        Verdict::Unreadable
    }
}

/// What of a line that looks like a text must be read, since it does not look like it in each
/// character of its numbers and addresses, or has no spaces where the text has them; what the
/// pane's edge has cut is left out. None when the line is longer or shorter than the text, or
/// much of it does not look like it.
fn unlike(placed: &LineGlyphs<'_>, text: &[char], is_open: bool) -> Option<Vec<Doubt>> {
    let (width, reaches_edge) = placed.characters();
    let count = text.len() as f32;
    let end = if (width - count).abs() <= 0.6 || (is_open && width > count) {
        text.len()
    } else if width < count && reaches_edge {
        (width.round() as usize).saturating_sub(AT_EDGE)
    } else {
        return None;
    };
    let is_value = |at: usize| {
        let is_inside = |c: &&char| !c.is_whitespace() && !matches!(c, '(' | ')' | ',');
        let before = text.get(..at).unwrap_or_default().iter().rev().take_while(is_inside);
        let from = text.get(at..).unwrap_or_default().iter().take_while(is_inside);
        before.chain(from).any(char::is_ascii_digit)
    };
    let looks = |at: usize| match text.get(at).copied() {
        Some(' ') => placed.is_paper(at),
        Some(wanted) => {
            !placed.is_paper(at) && (!is_value(at) || is_told(&placed.compare(at), wanted))
        }
        None => false,
    };
    let unlike = (0..end).filter(|at| !looks(*at));
    doubts(unlike, (text, end), |places| Some(placed.part(places))).filter(|_| end >= KNOWN_BY)
}

/// Whether a character of a number or an address is told by what it looks like: a digit only where
/// all others are known.
fn is_told(found: &[Distance], wanted: char) -> bool {
    let digits = found.iter().filter(|d| d.character.is_ascii_digit()).count();
    (digits == 10 || !wanted.is_ascii_digit())
        && found.first().is_some_and(|nearest| nearest.character == wanted)
}

/// What a reading says beside the lines of the frame: equal, unreadable, or none of them.
fn read(text: &str, reaches_edge: bool, texts: &[Text]) -> Verdict {
    let seen = folded(text);
    let begin = |text: &str| text.chars().take(KNOWN_BY).collect::<String>();
    let same = |text: &&Text| begin(&folded(&text.text)) == begin(&seen);
    let mut verdict = Verdict::NotJudged;
    for text in texts.iter().filter(same) {
        if is_shown(&seen, reaches_edge, text) {
            return Verdict::Equal;
        }
        if !text.may_be_named {
            verdict = Verdict::Unreadable;
        }
    }
    verdict
}

/// Whether what was read is the text, or a part of it that the pane's edge has cut.
fn is_shown(seen: &str, reaches_edge: bool, text: &Text) -> bool {
    let own = folded(&text.text);
    if seen == own || (text.is_open && seen.starts_with(&own)) {
        return true;
    }
    let kept = seen.chars().count().saturating_sub(AT_EDGE);
    let kept: String = seen.chars().take(kept).collect();
    reaches_edge && kept.chars().count() >= KNOWN_BY && own.starts_with(&kept)
}

/// Whether the characters, too, say at a place what was read there and not what was expected, and
/// nowhere else anything that was not read.
fn is_other(placed: &LineGlyphs<'_>, text: &[char], seen: &str) -> bool {
    let places: Vec<usize> =
        (0..text.len()).filter(|at| text.get(*at).is_some_and(|c| fold(*c).is_some())).collect();
    let want: Vec<char> = places.iter().filter_map(|at| fold(*text.get(*at)?)).collect();
    let read: Vec<char> = folded(seen).chars().collect();
    let mut differing = 0;
    for (i, j) in aligned(&read, &want, true) {
        let got = i.and_then(|i| read.get(i)).copied();
        let Some(j) = j else { continue };
        let (Some(place), Some(wanted)) = (places.get(j), want.get(j)) else { continue };
        if got == Some(*wanted) {
            continue;
        }
        let Some(wanted) = text.get(*place).copied().filter(|c| c.is_ascii_digit()) else {
            return false;
        };
        match one(&placed.compare(*place), wanted, got) {
            Look::Seen => differing += 1,
            Look::Expected => {}
            _ => return false,
        }
    }
    differing > 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readings_are_held_against_the_lines_of_the_frame() {
        let tcp = "Transmission Control Protocol, Src Port: 43430, Dst Port: 32444, Seq: ";
        let closed = |text: String| Text { text, is_open: false, may_be_named: false };
        let texts = [closed(format!("{tcp}1, Ack: 68, Len: 32")), closed("Data (32 bytes)".into())];
        for (text, reaches_edge, expected) in [
            (format!("{tcp}1, Ack: 68, Len: 32"), false, Verdict::Equal),
            (format!("{tcp}l, Ack: 68, Len: 32"), false, Verdict::Equal),
            (format!("{tcp}1, Ack: 63, Len: 32"), false, Verdict::Unreadable),
            (format!("{tcp}1, Ac"), true, Verdict::Equal),
            (format!("{tcp}1, Ac"), false, Verdict::Unreadable),
            ("Data (32 bytes)".to_owned(), false, Verdict::Equal),
            ("[Stream index: 0]".to_owned(), false, Verdict::NotJudged),
        ] {
            assert_eq!(read(&text, reaches_edge, &texts), expected, "{text}");
        }
    }

    #[test]
    fn the_first_line_names_its_frame() {
        assert_eq!(named("Frame 12: 98 bytes on wire"), Some(12));
        assert_eq!(named("Frames"), None);
    }
}
