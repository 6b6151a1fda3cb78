//! Text that stands lower than the digits of its row: where a font has no arrow, another one draws
//! it, and all of that text moves down.

use super::super::raster::{Area, Picture, distance};
use super::{INK, RowPlace};

/// Pixel rows by which text in some pixel columns goes on below most of the rows.
pub(super) fn descent(
    picture: &Picture,
    rows: &[RowPlace],
    (left, right): (usize, usize),
    pitch: f32,
) -> usize {
    let has_text = |y: usize| {
        let paper = picture.paper(Area { left, top: y, right, bottom: y + 1 });
        let ink = (left..right).filter(|x| distance(picture.at(*x, y), paper) > INK).count();
        ink >= 3 && ink * 2 < right - left
    };
    let whole: Vec<&RowPlace> = rows.iter().filter(|row| row.is_whole).collect();
    let height = whole.first().map_or(0, |row| row.bottom - row.top);
    let most = (pitch as usize).saturating_sub(height);
    let goes_on = |lower: &usize| {
        let y = |row: &RowPlace| row.bottom + lower - 1;
        let with_text = whole.iter().filter(|row| y(row) < picture.height && has_text(y(row)));
        with_text.count() * 2 > whole.len()
    };
    (0..=most).take_while(goes_on).count().min(most)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Six rows of 10 pixels, 20 apart, with text from 2 pixels below their upper end on.
    fn drawn(text: usize) -> (Picture, Vec<RowPlace>) {
        let (width, height) = (100, 130);
        let mut picture = Picture { width, height, rgb: vec![250; width * height * 3] };
        let rows: Vec<RowPlace> = (0..6)
            .map(|row| RowPlace { top: row * 20, bottom: row * 20 + 10, is_whole: true })
            .collect();
        for row in &rows {
            for y in row.top + 2..row.top + 2 + text {
                for x in (10..90).filter(|x| (x + y) % 4 == 0) {
                    if let Some(pixel) = picture.rgb.get_mut((y * width + x) * 3..) {
                        pixel.iter_mut().take(3).for_each(|part| *part = 10);
                    }
                }
            }
        }
        (picture, rows)
    }

    #[test]
    fn rows_end_below_the_lowest_text() {
        for (text, lower) in [(6, 0), (7, 0), (8, 1), (11, 4), (16, 9)] {
            let (picture, rows) = drawn(text);
            assert_eq!(descent(&picture, &rows, (0, 100), 20.0), lower, "{text}");
        }
    }
}
