//! The piece of a picture around a cell, with the cell framed.

use std::path::Path;

use crate::evidence::Region;

/// Largest file that is opened, in bytes.
#[cfg(feature = "screenshot")]
const LARGEST: u64 = 64 << 20;
/// Longest side of a picture, in pixels.
#[cfg(feature = "screenshot")]
const LONGEST: u32 = 16_384;
/// What is shown around the cell, in pixels.
#[cfg(feature = "screenshot")]
const AROUND: u32 = 24;

/// The piece as PNG in base64; none when the file is no picture any more.
#[cfg(feature = "screenshot")]
pub(super) fn cropped(file: &Path, region: Region) -> Option<String> {
    use base64::Engine;
    use image::{ImageFormat, ImageReader, Limits, Rgb};

    if std::fs::metadata(file).ok()?.len() > LARGEST {
        return None;
    }
    let mut reader = ImageReader::open(file).ok()?.with_guessed_format().ok()?;
    let mut limits = Limits::default();
    limits.max_image_width = Some(LONGEST);
    limits.max_image_height = Some(LONGEST);
    limits.max_alloc = Some(256 << 20);
    reader.limits(limits);
    let picture = reader.decode().ok()?;
    let (left, top) = (region.x.saturating_sub(AROUND), region.y.saturating_sub(AROUND));
    let right = region.x.saturating_add(region.width).saturating_add(AROUND).min(picture.width());
    let bottom =
        region.y.saturating_add(region.height).saturating_add(AROUND).min(picture.height());
    let (width, height) = (right.checked_sub(left)?, bottom.checked_sub(top)?);
    if width == 0 || height == 0 {
        return None;
    }
    let mut piece = picture.crop_imm(left, top, width, height).into_rgb8();
    let mut dot = |x: u32, y: u32| {
        if let Some(pixel) = piece.get_pixel_mut_checked(x, y) {
            *pixel = Rgb([0xd0, 0x10, 0x20]);
        }
    };
    let (x0, y0) = (region.x - left, region.y - top);
    let (x1, y1) = (x0.saturating_add(region.width), y0.saturating_add(region.height));
    for x in x0..=x1.min(width) {
        for y in [y0.saturating_sub(2), y0.saturating_sub(1), y1, y1 + 1] {
            dot(x, y);
        }
    }
    for y in y0..=y1.min(height) {
        for x in [x0.saturating_sub(2), x0.saturating_sub(1), x1, x1 + 1] {
            dot(x, y);
        }
    }
    let mut bytes = std::io::Cursor::new(Vec::new());
    piece.write_to(&mut bytes, ImageFormat::Png).ok()?;
    Some(base64::engine::general_purpose::STANDARD.encode(bytes.into_inner()))
}

/// Nothing without the reader of pictures.
#[cfg(not(feature = "screenshot"))]
pub(super) fn cropped(_file: &Path, _region: Region) -> Option<String> {
    None
}
