//! Hostile pictures, and drawn ones whose layout is known.

#![allow(clippy::expect_used, clippy::indexing_slicing)]

use std::io::Cursor;

use image::{ImageFormat, Rgb, RgbImage};
use proptest::prelude::*;

use super::raster::Strip;
use super::*;

/// Reads a strip by its width alone: the drawn titles below are bars of different widths.
struct Bars;

const TITLES: [(u32, &str); 7] = [
    (11, "No."),
    (17, "Time"),
    (23, "Source"),
    (29, "Destination"),
    (35, "Protocol"),
    (41, "Length"),
    (47, "Info"),
];

impl Recogniser for Bars {
    fn recognise(&self, strip: &Strip) -> Result<Reading, Error> {
        let (left, right) = strip.extent().unwrap_or_default();
        let width = u32::try_from(right - left).unwrap_or(0);
        let title = TITLES.iter().find(|(wide, _)| *wide == width);
        let text = title.map_or_else(|| format!("w{width}"), |(_, title)| (*title).to_owned());
        Ok(Reading { text, confidence: 0.9 })
    }
}

fn bar(picture: &mut RgbImage, x: u32, y: u32, width: u32, colour: Rgb<u8>) {
    for dy in 0..9 {
        for dx in 0..width {
            // Gaps of a pixel, and columns that end one lower or higher: no rule looks like that.
            let is_ragged = dy == if dx % 2 == 0 { 0 } else { 8 };
            if (dx % 6 != 5 || dx + 1 == width) && !is_ragged {
                picture.put_pixel(x + dx, y + dy, colour);
            }
        }
    }
}

/// A list of eight rows, one of them selected, and two lines of another pane below it.
fn drawn(paper: Rgb<u8>, ink: Rgb<u8>) -> Vec<u8> {
    let mut picture = RgbImage::from_pixel(700, 300, paper);
    let lefts = [10, 60, 160, 280, 400, 470, 540];
    for (left, (width, _)) in lefts.into_iter().zip(TITLES) {
        bar(&mut picture, left, 10, width, ink);
    }
    for row in 0..8_u32 {
        let y = 30 + row * 16;
        if row == 3 {
            for (x, dy) in (0..700).flat_map(|x| (0..16).map(move |dy| (x, dy))) {
                picture.put_pixel(x, y - 4 + dy, Rgb([40, 130, 190]));
            }
        }
        for left in lefts {
            bar(&mut picture, left + 2, y, 25, ink);
        }
    }
    for y in [166, 182] {
        bar(&mut picture, 20, y, 600, ink);
    }
    let mut bytes = Vec::new();
    picture.write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png).expect("a PNG");
    bytes
}

#[test]
fn rows_and_columns_are_found_light_and_dark() {
    for (paper, ink) in [(250, 10), (40, 230)] {
        let bytes = drawn(Rgb([paper; 3]), Rgb([ink; 3]));
        let shot = read(&bytes, &Bars).expect("a packet list");
        assert_eq!(shot.list.columns, crate::evidence::Column::ALL);
        assert_eq!(shot.list.rows.len(), 8, "not the lines of the pane below");
        assert_eq!(shot.layout.pitch, 16);
        assert!(shot.list.rows.iter().all(|row| row.is_whole && row.cells.len() == 7));
        let selected: Vec<u32> =
            shot.list.rows.iter().filter(|row| row.is_selected).map(|row| row.line).collect();
        assert_eq!(selected, [4]);
    }
}

#[test]
fn a_last_row_whose_paper_ends_with_its_text_is_cut() {
    let bytes = drawn(Rgb([250; 3]), Rgb([10; 3]));
    let mut picture = image::load_from_memory(&bytes).expect("a PNG").to_rgb8();
    // The rule of the pane below, just under the last row's text.
    for (x, y) in (0..700).flat_map(|x| (30 + 7 * 16 + 9..160).map(move |y| (x, y))) {
        picture.put_pixel(x, y, Rgb([190; 3]));
    }
    let mut bytes = Vec::new();
    picture.write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png).expect("a PNG");
    let shot = read(&bytes, &Bars).expect("a packet list");
    let whole: Vec<bool> = shot.list.rows.iter().map(|row| row.is_whole).collect();
    assert_eq!(whole, [true, true, true, true, true, true, true, false]);
}

#[test]
fn a_picture_larger_than_a_screen_is_refused_before_it_is_decoded() {
    let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".to_vec();
    bytes.extend([0, 0, 0x4e, 0x20, 0, 0, 0x4e, 0x20, 8, 2, 0, 0, 0]);
    bytes.extend([0x0d, 0x1f, 0x5f, 0x85, 0, 0, 0, 0, b'I', b'E', b'N', b'D']);
    let error = read(&bytes, &Bars).expect_err("too large or damaged");
    assert!(matches!(error, Error::TooLarge { .. } | Error::Undecodable(_)), "{error}");
    let big = RgbImage::new(10_001, 1);
    let mut bytes = Vec::new();
    big.write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png).expect("a PNG");
    assert!(matches!(read(&bytes, &Bars), Err(Error::TooLarge { width: 10_001, .. })));
}

#[test]
fn pictures_of_something_else_get_a_clear_word() {
    for (width, height) in [(1, 1), (3, 900), (640, 480)] {
        let mut noise = 1_u32;
        let photo = RgbImage::from_fn(width, height, |x, y| {
            noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let part = |value: u32| u8::try_from(value % 256).unwrap_or(0);
            Rgb([part(x + noise % 40), part(y * 2), part(x / 2 + y + noise % 90)])
        });
        for format in [ImageFormat::Png, ImageFormat::Jpeg] {
            let mut bytes = Vec::new();
            photo.write_to(&mut Cursor::new(&mut bytes), format).expect("a picture");
            assert!(is_picture(&bytes));
            assert_eq!(
                read(&bytes, &Bars).err().map(|e| e.to_string()),
                Some(Error::NoList.to_string())
            );
        }
    }
}

#[test]
fn a_cut_file_is_refused_or_read_never_a_panic() {
    let bytes = drawn(Rgb([250; 3]), Rgb([10; 3]));
    for end in (0..bytes.len()).step_by(97) {
        let _ = read(&bytes[..end], &Bars);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_bytes_are_a_picture_or_an_error(
        start in 0..4_usize,
        bytes in prop::collection::vec(any::<u8>(), 0..600),
    ) {
        let starts: [&[u8]; 4] =
            [b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"RIFF\x20\0\0\0WEBP"];
        let all = [starts[start], &bytes].concat();
        let _ = read(&all, &Bars);
    }

    #[test]
    fn any_pixels_are_read_without_a_panic(
        width in 1_u32..90,
        height in 1_u32..60,
        seed in any::<u32>(),
    ) {
        let mut state = seed | 1;
        let picture = RgbImage::from_fn(width, height, |_, _| {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            Rgb([if state % 3 == 0 { 0 } else { 255 }; 3])
        });
        let mut bytes = Vec::new();
        picture.write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png).expect("a PNG");
        let _ = read(&bytes, &Bars);
    }
}
