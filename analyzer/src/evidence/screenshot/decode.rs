//! Pictures from bytes, within bounds that are checked before anything is decoded.

use std::io::Cursor;

use image::{ImageReader, Limits};

use super::error::Error;
use super::raster::Picture;

/// Most pixels on a side.
const MAX_SIDE: u32 = 10_000;
/// Most pixels in all.
const MAX_AREA: u64 = 24_000_000;
/// Memory that a decoder may take, in bytes.
const MAX_MEMORY: u64 = 200 << 20;

/// True when bytes begin like a picture: PNG, JPEG or WebP.
#[must_use]
pub fn is_picture(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\x89PNG\r\n\x1a\n")
        || bytes.starts_with(b"\xff\xd8\xff")
        || (bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP"))
}

/// Decodes a picture.
///
/// # Errors
/// When it is damaged, of another format, or too large.
pub fn decode(bytes: &[u8]) -> Result<Picture, Error> {
    let failed = |cause: image::ImageError| Error::Undecodable(cause.to_string());
    let reader = || {
        ImageReader::new(Cursor::new(bytes))
            .with_guessed_format()
            .map_err(|cause| Error::Undecodable(cause.to_string()))
    };
    let (width, height) = reader()?.into_dimensions().map_err(failed)?;
    let area = u64::from(width) * u64::from(height);
    if width > MAX_SIDE || height > MAX_SIDE || area > MAX_AREA {
        let area = MAX_AREA / 1_000_000;
        return Err(Error::TooLarge { width, height, limit: MAX_SIDE, area });
    }
    let mut reader = reader()?;
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(MAX_MEMORY);
    reader.limits(limits);
    let picture = reader.decode().map_err(failed)?.into_rgb8();
    let size = |side: u32| usize::try_from(side).unwrap_or(0);
    Ok(Picture { width: size(width), height: size(height), rgb: picture.into_raw() })
}
