//! The bytes pane: where its grid of bytes is, and what stands in it.
//!
//! No other text of the window consists of pairs of characters, each pair three characters from
//! the next and one more in the middle of the line. Offsets are grey and need not be read: the
//! lines follow each other, sixteen bytes each, and whoever compares finds where they begin.

use super::error::Error;
use super::glyphs::Distance;
use super::layout::Layout;
use super::raster::{Area, Picture, Strip, WRITTEN, distance};
use super::recognise::Recogniser;
use super::repeats::{Samples, slot};
use crate::evidence::text_model::{FrameBytes, HexRow};

/// Bytes of a line.
const IN_LINE: usize = 16;
/// Pairs in a row that make a line one of bytes.
const LEAST_PAIRS: usize = 8;
/// Most lines that are read.
const MAX_LINES: usize = 64;
/// Nearest samples whose mean is the distance.
const NEAREST: usize = 3;

/// The bytes pane as it was read.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct BytesPane {
    /// Its lines from top to bottom.
    pub lines: Vec<PaneLine>,
    advance: f32,
    left: f32,
}

/// One line of the bytes pane.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PaneLine {
    /// Its bytes; none where it could not be read.
    pub bytes: Vec<Option<u8>>,
    /// Where its bytes stand.
    pub area: Area,
    strip: Strip,
}

/// Finds and reads the bytes pane; none when the picture shows none.
///
/// # Errors
/// When the recogniser fails.
pub fn read(
    picture: &Picture,
    layout: &Layout,
    recogniser: &dyn Recogniser,
) -> Result<Option<BytesPane>, Error> {
    let Some((grid, places)) = find(picture, layout) else { return Ok(None) };
    let mut pane = BytesPane { lines: Vec::new(), advance: grid.advance, left: grid.left };
    let mut known = KnownDigits::default();
    for (top, bottom) in places.into_iter().take(MAX_LINES) {
        let area = Area { left: 0, top, right: picture.width, bottom };
        let strip = grid.only(picture, area);
        let count = grid.bytes_in(&strip);
        if count == 0 {
            break;
        }
        let bytes = read_line(&grid, &strip, count, &known, recogniser)?;
        known.learn(&grid, &strip, &bytes);
        let (left, right) = grid.range(0, count);
        let area = Area { left, right: right.min(picture.width), ..area };
        pane.lines.push(PaneLine { bytes, area, strip });
        if count < IN_LINE {
            break;
        }
    }
    Ok((!pane.lines.is_empty()).then_some(pane))
}

/// The bytes of a line: those whose digits were read before from what these look like, the others
/// read, the whole line or in fours where that fails or where few are left.
fn read_line(
    grid: &Grid,
    strip: &Strip,
    count: usize,
    known: &KnownDigits,
    recogniser: &dyn Recogniser,
) -> Result<Vec<Option<u8>>, Error> {
    let mut bytes: Vec<Option<u8>> = (0..count).map(|at| known.byte(grid, strip, at)).collect();
    let left = bytes.iter().filter(|byte| byte.is_none()).count();
    if left * 2 > count
        && let Some(whole) = grid.read(strip, 0, count, recogniser)?
    {
        return Ok(whole.into_iter().map(Some).collect());
    }
    for start in (0..count).step_by(4) {
        let end = (start + 4).min(count);
        let Some(four) = bytes.get_mut(start..end) else { continue };
        if four.iter().all(Option::is_some) {
            continue;
        }
        let read = grid.read(strip, start, end, recogniser)?.unwrap_or_default();
        for (index, byte) in four.iter_mut().enumerate() {
            *byte = byte.or(read.get(index).copied());
        }
    }
    Ok(bytes)
}

/// Digits of a pane that were read, as they look there.
#[derive(Debug, Default)]
struct KnownDigits(Samples);

impl KnownDigits {
    fn learn(&mut self, grid: &Grid, strip: &Strip, bytes: &[Option<u8>]) {
        for (at, byte) in bytes.iter().enumerate() {
            let Some(byte) = byte else { continue };
            for (is_low, digit) in [(false, byte >> 4), (true, byte & 15)] {
                let (x, width) = grid.digit(at, is_low);
                let digit = char::from_digit(u32::from(digit), 16).unwrap_or('0');
                self.0.learn(slot(strip, x, width), digit);
            }
        }
    }

    fn byte(&self, grid: &Grid, strip: &Strip, at: usize) -> Option<u8> {
        let digit = |is_low| {
            let (x, width) = grid.digit(at, is_low);
            u8::try_from(self.0.near(strip, x, width)?.to_digit(16)?).ok()
        };
        Some(digit(false)? << 4 | digit(true)?)
    }
}

/// Where the characters of the pane stand.
#[derive(Debug, Clone, Copy)]
struct Grid {
    left: f32,
    advance: f32,
}

impl Grid {
    /// First pixel column of a byte.
    fn x(&self, byte: usize) -> f32 {
        let characters = byte * 3 + usize::from(byte >= IN_LINE / 2);
        self.left + characters as f32 * self.advance
    }

    /// Where a digit stands, and how wide it is, what may be its neighbour's left out.
    fn digit(&self, byte: usize, is_low: bool) -> (usize, usize) {
        let x = self.x(byte) + if is_low { self.advance } else { 0.0 };
        (x.round().max(0.0) as usize, self.advance as usize)
    }

    /// The pixels of a digit.
    fn patch(&self, strip: &Strip, byte: usize, is_low: bool) -> Vec<u8> {
        let x = self.x(byte) + if is_low { self.advance } else { 0.0 };
        let (x, width) = (x.round().max(0.0) as usize, self.advance.round() as usize);
        (0..strip.height).flat_map(|y| (x..x + width).map(move |x| strip.at(x, y))).collect()
    }

    fn range(&self, start: usize, end: usize) -> (usize, usize) {
        let margin = self.advance * 0.4;
        let left = (self.x(start) - margin).max(0.0) as usize;
        let right = self.x(end.saturating_sub(1)) + 2.0 * self.advance + margin;
        (left, right.round() as usize)
    }

    /// The line's strip, its paper taken from the bytes alone.
    fn only(&self, picture: &Picture, area: Area) -> Strip {
        let (left, right) = self.range(0, IN_LINE);
        let part = picture.strip(Area { left, right: right.min(picture.width), ..area });
        let mut ink = Vec::with_capacity(area.width() * part.height);
        for y in 0..part.height {
            ink.extend((0..picture.width).map(|x| match x.checked_sub(left) {
                Some(x) => part.at(x, y),
                None => 0,
            }));
        }
        Strip { width: picture.width, height: part.height, ink }
    }

    /// How many bytes a line has: as many as are written, if nothing stands between them.
    fn bytes_in(&self, strip: &Strip) -> usize {
        let is_written = |from: f32, to: f32| {
            (from.round() as usize..to.round() as usize).any(|x| strip.is_written(x))
        };
        let byte = |at: usize| is_written(self.x(at), self.x(at) + 2.0 * self.advance);
        let count = (0..IN_LINE).take_while(|at| byte(*at)).count();
        let is_free = |at: usize| {
            let from = self.x(at) + 2.0 * self.advance;
            !is_written(from + self.advance * 0.25, from + self.advance * 0.75)
        };
        if (0..count).all(is_free) { count } else { 0 }
    }

    /// Reads some bytes; none when the characters that were read are not two for each.
    fn read(
        &self,
        strip: &Strip,
        start: usize,
        end: usize,
        recogniser: &dyn Recogniser,
    ) -> Result<Option<Vec<u8>>, Error> {
        let (left, right) = self.range(start, end);
        let text = recogniser.recognise(&strip.columns(left, right))?.text;
        let nibbles: Option<Vec<u8>> =
            text.chars().filter(|c| c.is_alphanumeric()).map(nibble).collect();
        let nibbles = nibbles.filter(|nibbles| nibbles.len() == (end - start) * 2);
        Ok(nibbles.map(|nibbles| {
            let pair = |pair: &[u8]| pair.iter().fold(0, |byte, nibble| (byte << 4) | nibble);
            nibbles.chunks(2).map(pair).collect()
        }))
    }
}

/// The value of a character, look-alikes read as what can only stand there.
fn nibble(character: char) -> Option<u8> {
    let character = match character {
        'o' | 'O' | 'Q' | 'D' => '0',
        'l' | 'I' | 'i' | 'L' => '1',
        'z' | 'Z' => '2',
        's' | 'S' => '5',
        'G' => '6',
        'g' | 'q' => '9',
        other => other,
    };
    u8::try_from(character.to_digit(16)?).ok()
}

/// The grid, and the pixel rows of its lines.
fn find(picture: &Picture, layout: &Layout) -> Option<(Grid, Vec<(usize, usize)>)> {
    let below = layout.rows.last()?.bottom;
    let pitch = layout.pitch.max(6) as f32;
    let parts = [(0, 8), (4, 8), (3, 8), (0, 4), (5, 8)];
    let windows = parts.map(|(from, to)| (picture.width * from / 8, picture.width * to / 8));
    let found = windows.into_iter().filter_map(|window| in_window(picture, window, below, pitch));
    let (grid, lines) = found.max_by_key(|(_, lines)| lines.len())?;
    // What stands beside the bytes may have hidden some of their lines.
    let (left, right) = grid.range(0, IN_LINE);
    let alone = in_window(picture, (left, right.min(picture.width)), below, pitch);
    alone.filter(|(_, all)| all.len() > lines.len()).or(Some((grid, lines)))
}

fn in_window(
    picture: &Picture,
    (left, right): (usize, usize),
    below: usize,
    pitch: f32,
) -> Option<(Grid, Vec<(usize, usize)>)> {
    let runs = runs(picture, left, right, below);
    let mut lines: Vec<Vec<usize>> = Vec::new();
    for (top, bottom) in runs.iter().copied() {
        let strip = picture.strip(Area { left, top, right, bottom });
        let pairs = pairs(&strip, pitch);
        if pairs.len() >= LEAST_PAIRS {
            lines.push(pairs.into_iter().map(|x| x + left).collect());
        }
    }
    let grid = grid(&lines)?;
    let has_bytes = |&(top, bottom): &(usize, usize)| {
        grid.bytes_in(&grid.only(picture, Area { left: 0, top, right, bottom })) > 0
    };
    let lines = runs.into_iter().skip_while(|run| !has_bytes(run)).take_while(has_bytes);
    let places: Vec<(usize, usize)> = lines.map(|run| trimmed(picture, &grid, run)).collect();
    let places = level(whole(consecutive(places)));
    (!places.is_empty()).then_some((grid, places))
}

/// Runs of pixel rows with ink.
fn runs(picture: &Picture, left: usize, right: usize, below: usize) -> Vec<(usize, usize)> {
    let mut runs = Vec::new();
    let mut start = None;
    for y in below..=picture.height {
        let has_ink = y < picture.height && {
            let paper = picture.paper(Area { left, top: y, right, bottom: y + 1 });
            let ink = (left..right).filter(|x| distance(picture.at(*x, y), paper) > 60).count();
            ink >= 3 && ink * 3 < right - left
        };
        match (has_ink, start) {
            (true, None) => start = Some(y),
            (false, Some(top)) => {
                if (5..48).contains(&(y - top)) {
                    runs.push((top, y));
                }
                start = None;
            }
            _ => {}
        }
    }
    runs
}

/// First pixel columns of the longest sequence of pairs of characters that keep their distance.
fn pairs(strip: &Strip, pitch: f32) -> Vec<usize> {
    let groups = strip.groups((pitch * 0.3) as usize);
    let is_pair = |&(left, right): &(usize, usize)| {
        let width = (right - left) as f32;
        (pitch * 0.55..=pitch * 1.3).contains(&width)
    };
    let mut best: Vec<usize> = Vec::new();
    let mut here: Vec<usize> = Vec::new();
    for group in groups.iter() {
        let step = here.last().map_or(0.0, |last| (group.0 - last) as f32);
        let keeps = here.is_empty() || (pitch * 1.1..=pitch * 2.9).contains(&step);
        if is_pair(group) && keeps {
            here.push(group.0);
        } else {
            here.clear();
            here.extend(is_pair(group).then_some(group.0));
        }
        if here.len() > best.len() && here.len() <= IN_LINE {
            best.clone_from(&here);
        }
    }
    best
}

/// The grid on which most lines stand.
fn grid(lines: &[Vec<usize>]) -> Option<Grid> {
    let mut advances: Vec<f32> = lines
        .iter()
        .filter_map(|pairs| Some((*pairs.get(IN_LINE - 1)? - pairs.first()?) as f32 / 46.0))
        .collect();
    advances.sort_unstable_by(f32::total_cmp);
    let advance = *advances.get(advances.len() / 2)?;
    let mut lefts: Vec<usize> = lines
        .iter()
        .filter(|pairs| pairs.len() == IN_LINE)
        .filter_map(|p| p.first().copied())
        .collect();
    lefts.sort_unstable();
    // The leftmost begin with characters that leave least free before them.
    let left = *lefts.get(lefts.len() / 4)? as f32 - advance * 0.1;
    Some(Grid { left, advance })
}

/// The pixel rows of a run in which bytes are written.
fn trimmed(picture: &Picture, grid: &Grid, (top, bottom): (usize, usize)) -> (usize, usize) {
    let (left, right) = grid.range(0, IN_LINE);
    let right = right.min(picture.width);
    let part = picture.strip(Area { left, top, right, bottom });
    let is_written = |y: &usize| (0..part.width).any(|x| part.at(x, *y) >= WRITTEN);
    let first = (0..part.height).find(is_written).unwrap_or(0);
    let last = (0..part.height).rev().find(is_written).unwrap_or(part.height.saturating_sub(1));
    (top + first, top + last + 1)
}

/// The lines up to where one is missing: what follows it has other offsets than it seems.
fn consecutive(mut places: Vec<(usize, usize)>) -> Vec<(usize, usize)> {
    let steps: Vec<usize> =
        places.iter().zip(places.iter().skip(1)).map(|(one, next)| next.1 - one.1).collect();
    let pitch = steps.iter().copied().min().unwrap_or(0);
    let gap = steps.iter().position(|step| step * 2 > pitch * 3);
    places.truncate(gap.map_or(places.len(), |gap| gap + 1));
    places
}

/// The lines up to one that the window's edge cuts through: all digits are equally high.
fn whole(mut places: Vec<(usize, usize)>) -> Vec<(usize, usize)> {
    let height = |(top, bottom): &(usize, usize)| bottom - top;
    let mut heights: Vec<usize> = places.iter().map(height).collect();
    heights.sort_unstable();
    let usual = heights.get(heights.len() / 2).copied().unwrap_or(0);
    let cut = places.iter().position(|place| height(place) * 4 < usual * 3);
    places.truncate(cut.unwrap_or(places.len()));
    places
}

/// All lines equally high, standing on the same foot, with a little paper around.
fn level(places: Vec<(usize, usize)>) -> Vec<(usize, usize)> {
    let height = places.iter().map(|(top, bottom)| bottom - top).max().unwrap_or(0);
    let room = (height / 4).max(2);
    places
        .into_iter()
        .map(|(_, bottom)| (bottom.saturating_sub(height + room), bottom + room))
        .collect()
}

impl BytesPane {
    /// First pixel column of the pane, about: a column of offsets stands before the bytes.
    #[must_use]
    pub fn left_edge(&self) -> usize {
        (self.left - 7.0 * self.advance).max(0.0) as usize
    }

    /// The bytes that could be read, as a dump whose lines are those of the pane.
    #[must_use]
    pub fn dump(&self) -> FrameBytes {
        let mut rows = Vec::new();
        for (index, line) in self.lines.iter().enumerate() {
            let readable = |(at, byte): (usize, &Option<u8>)| {
                let offset = u32::try_from(index * IN_LINE + at).ok()?;
                let line = u32::try_from(index + 1).ok()?;
                Some(HexRow { line, offset, bytes: vec![(*byte)?], ..HexRow::default() })
            };
            rows.extend(line.bytes.iter().enumerate().filter_map(readable));
        }
        FrameBytes { rows, ..FrameBytes::default() }
    }

    /// Bytes that are shown and could not be read.
    #[must_use]
    pub fn unreadable(&self) -> usize {
        self.lines.iter().flat_map(|line| &line.bytes).filter(|byte| byte.is_none()).count()
    }

    /// How far a digit is from those of the pane's other bytes that are settled, by what they were
    /// read as.
    #[must_use]
    pub fn compare(
        &self,
        offset: usize,
        is_low: bool,
        is_settled: impl Fn(usize) -> bool,
    ) -> Vec<Distance> {
        let Some(patch) = self.patch(offset, is_low) else { return Vec::new() };
        let mut by_digit: Vec<(char, Vec<f32>)> = Vec::new();
        for (index, line) in self.lines.iter().enumerate() {
            for (at, byte) in line.bytes.iter().enumerate() {
                let Some(byte) = byte else { continue };
                let other = index * IN_LINE + at;
                if other == offset || !is_settled(other) {
                    continue;
                }
                for low in [false, true] {
                    let digit = if low { byte & 15 } else { byte >> 4 };
                    let digit = char::from_digit(u32::from(digit), 16).unwrap_or('0');
                    let Some(sample) = self.patch(other, low) else { continue };
                    let away = away(&patch, &sample);
                    match by_digit.iter_mut().find(|(known, _)| *known == digit) {
                        Some((_, all)) => all.push(away),
                        None => by_digit.push((digit, vec![away])),
                    }
                }
            }
        }
        let mean = |(character, mut all): (char, Vec<f32>)| {
            all.sort_unstable_by(f32::total_cmp);
            all.truncate(NEAREST);
            Distance { character, away: all.iter().sum::<f32>() / all.len().max(1) as f32 }
        };
        let mut found: Vec<Distance> = by_digit.into_iter().map(mean).collect();
        found.sort_by(|a, b| a.away.total_cmp(&b.away));
        found
    }

    fn patch(&self, offset: usize, is_low: bool) -> Option<Vec<u8>> {
        let strip = &self.lines.get(offset / IN_LINE)?.strip;
        let grid = Grid { left: self.left, advance: self.advance };
        Some(grid.patch(strip, offset % IN_LINE, is_low))
    }
}

/// The mean difference of two patches.
fn away(one: &[u8], other: &[u8]) -> f32 {
    let sum: u32 = one.iter().zip(other).map(|(a, b)| u32::from(a.abs_diff(*b))).sum();
    sum as f32 / one.len().max(1) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn look_alikes_are_digits() {
        let read: Option<Vec<u8>> =
            "O2 4z ac lO".chars().filter(|c| *c != ' ').map(nibble).collect();
        assert_eq!(read, Some(vec![0, 2, 4, 2, 10, 12, 1, 0]));
        assert_eq!(nibble('x'), None);
    }

    #[test]
    fn lines_behind_a_missing_one_are_left_out() {
        let all = vec![(10, 22), (25, 37), (40, 52), (70, 82)];
        assert_eq!(consecutive(all), [(10, 22), (25, 37), (40, 52)]);
        assert_eq!(consecutive(vec![(10, 22)]), [(10, 22)]);
    }

    #[test]
    fn a_line_that_the_edge_cuts_through_is_left_out() {
        assert_eq!(
            whole(vec![(10, 22), (26, 38), (42, 53), (58, 65)]),
            [(10, 22), (26, 38), (42, 53)]
        );
        assert_eq!(whole(vec![(10, 22), (26, 37)]), [(10, 22), (26, 37)]);
        assert!(whole(Vec::new()).is_empty());
    }

    #[test]
    fn pairs_that_keep_their_distance_are_found() {
        let mut strip = Strip { width: 500, height: 9, ink: vec![0; 500 * 9] };
        let grid = Grid { left: 20.0, advance: 8.0 };
        for byte in 0..16 {
            for dx in (0..7).chain(8..15) {
                for y in 2..7 {
                    let x = grid.x(byte) as usize + dx;
                    if let Some(ink) = strip.ink.get_mut(y * 500 + x) {
                        *ink = 255;
                    }
                }
            }
        }
        let pairs = pairs(&strip, 15.0);
        assert_eq!(pairs.len(), 16);
        let found = super::grid(&[pairs]).map(|grid| grid.advance);
        assert_eq!(found, Some(8.0));
        assert_eq!(grid.bytes_in(&strip), 16);
    }
}
