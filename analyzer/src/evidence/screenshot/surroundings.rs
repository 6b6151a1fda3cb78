//! What stands around the packet list: the display filter, and which row is selected.

use super::error::Error;
use super::header::Header;
use super::layout::{Layout, RowPlace};
use super::raster::{Area, Colour, Picture, distance};
use super::recognise::Recogniser;

/// Pixel rows above the titles in which the filter box is looked for.
const REACH: usize = 64;
/// Times its height that the beginning of its text is wide by which an empty box is known.
const BEGIN: usize = 5;

/// The display filter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FilterBox {
    /// Its text; none when it is empty.
    pub text: Option<String>,
    /// Whether the box was seen.
    pub is_seen: bool,
}

/// Reads the filter box: the nearest line of text above the titles.
///
/// # Errors
/// When the recogniser fails.
pub fn filter(
    picture: &Picture,
    header: &Header,
    recogniser: &dyn Recogniser,
) -> Result<FilterBox, Error> {
    let Some((top, bottom)) = line_above(picture, header.top) else {
        return Ok(FilterBox::default());
    };
    let (left, right) = (picture.width / 64, picture.width * 7 / 10);
    let area = Area { left, top: top.saturating_sub(3), right, bottom: bottom + 3 };
    let strip = picture.strip(area);
    let groups = strip.groups((bottom - top) * 3 / 2);
    // The box begins with a bookmark; the text is the widest group of words.
    let Some((from, to)) = groups.into_iter().max_by_key(|(from, to)| to - from) else {
        return Ok(FilterBox::default());
    };
    let from = from.saturating_sub(3);
    let folded = |text: &str| text.to_lowercase().replace(' ', "");
    let empty = FilterBox { text: None, is_seen: true };
    // An empty box says `Apply a display filter … <Ctrl-/>`, and no field begins like that.
    let begin = BEGIN * (bottom - top);
    if to - from > 2 * begin {
        let read = recogniser.recognise(&strip.columns(from, from + begin))?;
        if folded(&read.text).starts_with("apply") {
            return Ok(empty);
        }
    }
    let read = recogniser.recognise(&strip.columns(from, to + 3))?;
    let text = read.text.trim().to_owned();
    let folded = folded(&text);
    if folded.contains("displayfilter") || folded.contains("<ctrl") {
        return Ok(empty);
    }
    let is_filter = folded.chars().filter(char::is_ascii_alphabetic).count() >= 2;
    Ok(FilterBox { text: is_filter.then_some(text), is_seen: is_filter })
}

/// The pixel rows of the nearest line of text above the titles.
fn line_above(picture: &Picture, titles: usize) -> Option<(usize, usize)> {
    let (left, right) = (picture.width / 40, picture.width * 6 / 10);
    let mut bottom = None;
    for y in (titles.saturating_sub(REACH)..titles.saturating_sub(4)).rev() {
        let row = Area { left, top: y, right, bottom: y + 1 };
        let paper = picture.paper(row);
        let ink = (left..right).filter(|x| distance(picture.at(*x, y), paper) > 45).count();
        let is_text = ink >= 2 && ink * 3 < right - left;
        match (is_text, bottom) {
            (true, None) => bottom = Some(y + 1),
            (false, Some(end)) => {
                if end - y > 5 {
                    return (end - y < 32).then_some((y + 1, end));
                }
                bottom = None;
            }
            _ => {}
        }
    }
    None
}

/// The index of the selected row: its paper is a strong blue that no other row has.
#[must_use]
pub fn selected(picture: &Picture, layout: &Layout) -> Option<usize> {
    let right = layout.columns.last()?.right;
    let left = layout.columns.get(1)?.left;
    let paper = |row: &RowPlace| -> Colour {
        picture.paper(Area { left, top: row.top, right, bottom: row.bottom })
    };
    let papers: Vec<Colour> = layout.rows.iter().map(paper).collect();
    let is_strong = |[red, _, blue]: Colour| u16::from(blue) > u16::from(red) + 70;
    let mut strong = papers.iter().enumerate().filter(|(_, paper)| is_strong(**paper));
    let (index, _) = strong.next()?;
    strong.next().is_none().then_some(index)
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;
    use crate::evidence::screenshot::raster::Strip;
    use crate::evidence::screenshot::recognise::Reading;

    /// Reads a narrow strip as the beginning of a text, and a wide one as all of it.
    struct Filter(&'static str, RefCell<Vec<usize>>);

    impl Recogniser for Filter {
        fn recognise(&self, strip: &Strip) -> Result<Reading, Error> {
            self.1.borrow_mut().push(strip.width);
            let shown = self.0.chars().take(strip.width / 8).collect();
            Ok(Reading { text: shown, confidence: 0.9 })
        }
    }

    /// Thin bars, eight pixels a character, one line above the titles.
    fn drawn(characters: usize) -> (Picture, Header) {
        let (width, height) = (640, 60);
        let mut picture = Picture { width, height, rgb: vec![250; width * height * 3] };
        for x in (0..characters * 8).filter(|x| x % 8 < 2) {
            for y in 12..24 {
                let start = (y * width + 30 + x) * 3;
                if let Some(pixel) = picture.rgb.get_mut(start..start + 3) {
                    pixel.fill(10);
                }
            }
        }
        (picture, Header { titles: Vec::new(), top: 40, bottom: 50 })
    }

    #[test]
    fn an_empty_filter_box_is_known_by_its_beginning() {
        for (text, shown, is_seen, times) in [
            ("Apply a display filter ... <Ctrl-/>", None, true, 1),
            (
                "tcp.stream eq 0 && tcp.len > 1000",
                Some("tcp.stream eq 0 && tcp.len > 1000"),
                true,
                2,
            ),
            ("tcp", Some("tcp"), true, 1),
            ("::::", None, false, 1),
        ] {
            let recogniser = Filter(text, RefCell::default());
            let (picture, header) = drawn(text.len());
            let found = filter(&picture, &header, &recogniser).unwrap_or_default();
            assert_eq!(found, FilterBox { text: shown.map(str::to_owned), is_seen }, "{text}");
            assert_eq!(recogniser.1.borrow().len(), times, "{text}");
        }
    }
}
