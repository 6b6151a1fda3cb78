//! Packet lists in a terminal: what tshark prints, as a picture.
//!
//! A terminal has one paper and lines at one pitch. They are read from top to bottom, those whose
//! characters were all seen before without the recogniser; what they say is read as text is. There
//! is no second witness here, so such a list confirms and contradicts nothing.

use std::collections::HashMap;

use super::error::Error;
use super::raster::{Area, Picture, Strip, distance};
use super::recognise::Recogniser;
use super::repeats::Repeats;
use crate::evidence::model::{Content, PacketList};
use crate::evidence::text_evidence;

/// Most lines that are read.
const MAX_LINES: usize = 80;
/// Lines after which one must have been a row of a list.
const BLIND: usize = 8;
/// Rows that make a list.
const LEAST_ROWS: usize = 2;
/// Lines that make a pitch.
const LEAST_LINES: usize = 3;
/// Pixel rows from one line to the next.
const PITCH: std::ops::RangeInclusive<usize> = 8..=60;
/// Pixels that differ from the paper by more are ink.
const INK: u8 = 60;
/// Paper around a line that is read.
const MARGIN: usize = 3;

/// Reads a packet list that a terminal shows; none when the picture shows no terminal, or no list
/// in it.
///
/// # Errors
/// When the recogniser fails.
pub fn read(picture: &Picture, recogniser: &dyn Recogniser) -> Result<Option<PacketList>, Error> {
    let Some(places) = lines(picture) else { return Ok(None) };
    let (mut text, mut repeats) = (String::new(), Repeats::default());
    for (index, (top, bottom)) in places.into_iter().take(MAX_LINES).enumerate() {
        if index == BLIND && list(&text).is_none() {
            return Ok(None);
        }
        let strip = picture.strip(Area { left: 0, top, right: picture.width, bottom });
        if let Some(line) = line(&strip) {
            match repeats.read(&line) {
                Some(known) => text.push_str(&known),
                None => {
                    let read = recogniser.recognise(&line)?.text;
                    repeats.learn(&line, &read);
                    text.push_str(&read);
                }
            }
        }
        text.push('\n');
    }
    Ok(list(&text).filter(|list| list.rows.len() >= LEAST_ROWS))
}

/// The rows of the lists in a text, as one list of a picture: a row that the terminal has wrapped
/// may end one list.
fn list(text: &str) -> Option<PacketList> {
    let lists = text_evidence("", text).into_iter().filter_map(|piece| match piece.content {
        Content::PacketList(list) => Some(list),
        _ => None,
    });
    let all = lists.reduce(|mut all, next| {
        all.rows.extend(next.rows);
        all
    })?;
    // What stands between the rows may be anything: it was read by one witness.
    Some(PacketList { unread: Vec::new(), is_filter_seen: false, filter: None, ..all })
}

/// A line without the paper around it, so that all begin at one pixel column; none when nothing is
/// written.
fn line(strip: &Strip) -> Option<Strip> {
    let (left, right) = strip.extent()?;
    let mut line = strip.columns(left.saturating_sub(MARGIN), right);
    // Room at the end: a text that reaches the edge may be cut, and this one is not.
    let (width, room) = (line.width, line.height * 3);
    let padded = (0..line.height).flat_map(|y| {
        let line = &line;
        (0..width + room).map(move |x| line.at(x, y))
    });
    line.ink = padded.collect();
    line.width = width + room;
    Some(line)
}

/// The pixel rows of the lines; none when they are not at one pitch on one paper.
fn lines(picture: &Picture) -> Option<Vec<(usize, usize)>> {
    let paper =
        picture.paper(Area { left: 0, top: 0, right: picture.width, bottom: picture.height });
    let ink: Vec<usize> = (0..picture.height)
        .map(|y| {
            let is_ink = |x: &usize| distance(picture.at(*x, y), paper) > INK;
            (2..picture.width.saturating_sub(2)).filter(is_ink).count()
        })
        .collect();
    let written: usize = ink.iter().sum();
    if written * 3 > picture.width * picture.height {
        return None;
    }
    let tops: Vec<usize> = (1..ink.len())
        .filter(|y| {
            ink.get(y - 1).is_some_and(|ink| *ink == 0) && ink.get(*y).is_some_and(|i| *i > 0)
        })
        .collect();
    let mut steps: HashMap<usize, usize> = HashMap::new();
    for pair in tops.windows(2) {
        if let [one, next] = pair {
            *steps.entry(next - one).or_default() += 1;
        }
    }
    let steps = steps.into_iter().filter(|(step, _)| PITCH.contains(step));
    let (pitch, times) = steps.max_by_key(|(step, times)| (*times, *step))?;
    if times < LEAST_LINES {
        return None;
    }
    // Between the lines least is written.
    let at = |phase: usize| ink.iter().skip(phase).step_by(pitch).sum::<usize>();
    let phase = (0..pitch).min_by_key(|phase| at(*phase))?;
    let starts = (phase..picture.height).step_by(pitch);
    let lines = starts.map(|top| (top, (top + pitch).min(picture.height)));
    let is_written = |(top, bottom): &(usize, usize)| {
        ink.get(*top..*bottom).is_some_and(|rows| rows.iter().any(|ink| *ink > 0))
    };
    Some(lines.filter(is_written).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lines of blocks, `pitch` apart.
    fn drawn(pitch: usize, count: usize) -> Picture {
        let (width, height) = (200, 20 + pitch * count);
        let mut picture = Picture { width, height, rgb: vec![250; width * height * 3] };
        for line in 0..count {
            for y in 0..9 {
                for x in 10..150 {
                    let at = ((12 + line * pitch + y) * width + x) * 3;
                    let is_ink = x % 8 < 5;
                    for part in picture.rgb.iter_mut().skip(at).take(3) {
                        *part = if is_ink { 20 } else { 250 };
                    }
                }
            }
        }
        picture
    }

    #[test]
    fn lines_at_one_pitch_are_found() {
        let lines = lines(&drawn(15, 6)).unwrap_or_default();
        assert_eq!(lines.len(), 6, "{lines:?}");
        assert!(lines.iter().all(|(top, bottom)| bottom - top == 15 || *bottom == 110));
        assert_eq!(super::lines(&drawn(15, 3)), None);
        let paper = Picture { width: 90, height: 90, rgb: vec![7; 90 * 90 * 3] };
        assert_eq!(super::lines(&paper), None);
    }

    #[test]
    fn a_text_without_rows_is_no_list() {
        assert_eq!(list("$ ls\nCargo.toml\n"), None);
        let text = "    1 0.000000000 172.16.16.102 → 172.16.16.101 TCP 66 43414 → 32444 [ACK] Seq=1 \
                    Ack=1 Win=63 Len=0\n    2 0.000340345 172.16.16.101 → 172.16.16.102 TCP 66 \
                    32444 → 43414 [FIN, ACK] Seq=1 Ack=2 Win=64 Len=0\n";
        assert_eq!(list(text).map(|list| list.rows.len()), Some(2));
    }
}
