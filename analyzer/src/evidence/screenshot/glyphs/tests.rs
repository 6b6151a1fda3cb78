//! Characters that stand between pixels, drawn by hand.

#![allow(clippy::expect_used, clippy::indexing_slicing)]

use std::sync::OnceLock;

use super::*;
use crate::evidence::PacketList;
use crate::evidence::screenshot::cells::Memory;
use crate::evidence::screenshot::layout::{Layout, RowPlace};
use crate::evidence::screenshot::raster::Picture;

const PITCH: usize = 16;
const LEFT: usize = 10;

const TEXTS: [&str; 8] = [
    "42946 → 10000 [SYN] Seq=0 Win=64240 Len=0 MSS=1460 TSval=2123182557",
    "10000 → 42946 [SYN, ACK] Seq=0 Ack=1 Win=65160 Len=0 MSS=1460 TSval=263",
    "8080 → 34026 [ACK] Seq=1 Ack=132 Win=65536 Len=0 TSval=603992161",
    "34026 → 8080 [FIN, ACK] Seq=132 Ack=186 Win=64512 Len=0 TSval=2116916709",
    "8080 → 34026 [PSH, ACK] Seq=1 Ack=132 Win=65536 Len=185 TSval=603992165",
    "Who has 172.16.16.99? Tell 172.16.16.101",
    "Destination unreachable (Port unreachable)",
    "42946 → 10000 [FIN, ACK] Seq=47 Ack=48 Win=64512 Len=0 TSval=2123182558",
];

/// What a character looks like: four columns of bits, one of nine rows each, none of them free.
fn shape(character: char) -> [u16; 4] {
    let mut bits = u32::from(character).wrapping_mul(0x9E37_79B1);
    std::array::from_fn(|_| {
        bits = bits.rotate_left(9).wrapping_mul(0x85EB_CA6B) ^ (bits >> 7);
        u16::try_from(bits & 0x1FF).unwrap_or(0) | 0x011
    })
}

/// The ink of a text whose characters are `advance` pixels wide, and its arrows `arrow` wider, with
/// the ink of a pixel in proportion to what is covered of it.
fn draw(picture: &mut Picture, top: usize, text: &str, advance: f32, arrow: f32) {
    let mut x = LEFT as f32;
    for character in text.chars() {
        let wide = if character == '→' { advance + arrow } else { advance };
        if character != ' ' {
            let free = bearing(Some(character));
            let (from, step) = (x + free * wide, wide * (1.0 - free - BEARING) / 4.0);
            for (index, column) in shape(character).into_iter().enumerate() {
                let (left, right) = (from + index as f32 * step, from + (index + 1) as f32 * step);
                for at in left as usize..=right as usize {
                    let covered = (right.min((at + 1) as f32) - left.max(at as f32)).max(0.0);
                    for y in (0..9).filter(|y| column >> y & 1 == 1) {
                        let place = ((top + 3 + y) * picture.width + at) * 3;
                        for part in &mut picture.rgb[place..place + 3] {
                            *part = part.saturating_sub((255.0 * covered) as u8);
                        }
                    }
                }
            }
        }
        x += wide;
    }
}

/// A picture of one column, and what is written there.
fn drawn(advance: f32, arrow: f32) -> (Screenshot, Vec<Settled>) {
    let (width, height) = (760, PITCH * TEXTS.len());
    let mut picture = Picture { width, height, rgb: vec![255; width * height * 3] };
    let mut settled = Vec::new();
    let mut rows = Vec::new();
    for (row, text) in TEXTS.iter().enumerate() {
        draw(&mut picture, row * PITCH, text, advance, arrow);
        rows.push(RowPlace { top: row * PITCH, bottom: (row + 1) * PITCH, is_whole: true });
        settled.push(Settled { row, column: Column::Info, text: (*text).into(), is_all: true });
    }
    let columns = vec![ColumnPlace { column: Some(Column::Info), left: LEFT - 5, right: width }];
    let shot = Screenshot {
        picture,
        layout: Layout { rows, columns, pitch: PITCH, left: 0 },
        list: PacketList::default(),
        pane: None,
        is_trusted: true,
        unread: Vec::new(),
        memory: Memory::default(),
        strips: OnceLock::new(),
    };
    (shot, settled)
}

#[test]
fn the_advance_and_the_arrow_are_measured_apart() {
    for (advance, arrow) in [(8.0, 0.0), (7.8, -0.8), (5.46, -0.6), (6.3, 1.9), (9.36, -1.5)] {
        let (shot, settled) = drawn(advance, arrow);
        let glyphs = Glyphs::learn(&shot, &settled).expect("enough is settled");
        let drift = (glyphs.advance - advance).abs() * 60.0;
        assert!(drift < 1.0, "{advance}: {} drifts {drift} pixels away", glyphs.advance);
        assert!((glyphs.arrow - arrow).abs() < 0.9, "{advance} {arrow}: {}", glyphs.arrow);
    }
}

#[test]
fn characters_between_pixels_are_told_from_each_other() {
    let (shot, settled) = drawn(5.46, -0.6);
    let glyphs = Glyphs::learn(&shot, &settled).expect("enough is settled");
    assert!(glyphs.is_scaled);
    let mut wrong = Vec::new();
    for text in &settled {
        let characters: Vec<char> = text.text.chars().collect();
        for (index, character) in characters.iter().enumerate() {
            let found = glyphs.compare(text.row, Column::Info, &characters, index);
            let knows = found.iter().any(|distance| distance.character == *character);
            if knows && found.first().is_some_and(|first| first.character != *character) {
                wrong.push((text.row, index, *character, found[0].character));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:?}");
}
