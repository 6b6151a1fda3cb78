//! Which part of a picture to look at: all of it, or the window that stands on a desktop or in a
//! page. Windows have straight sides: an edge that runs on for a good part of the picture.

use super::error::Error;
use super::header::{self, Header};
use super::layout::{self, Layout};
use super::raster::{Area, Picture, distance};
use super::recognise::Recogniser;

/// A difference of neighbours in a row of pixels from which there is an edge between them.
const EDGE: u8 = 24;
/// Least length of a side, in pixels.
const LEAST_SIDE: usize = 120;
/// Least width of a window, in pixels.
const LEAST_WIDTH: usize = 300;
/// Parts that are looked at.
const MAX_PARTS: usize = 6;

/// The part of a picture that holds a packet list, and where the list is in it.
///
/// # Errors
/// When no part holds one, or the recogniser fails.
pub fn find(
    picture: &Picture,
    recogniser: &dyn Recogniser,
) -> Result<(Picture, Header, Layout), Error> {
    if let Some((header, layout)) = look(picture, recogniser)? {
        return Ok((picture.clone(), header, layout));
    }
    for (left, right) in parts(picture) {
        let part = picture.part(Area { left, top: 0, right, bottom: picture.height });
        if let Some((header, mut layout)) = look(&part, recogniser)? {
            layout.left = left;
            return Ok((part, header, layout));
        }
    }
    Err(Error::NoList)
}

fn look(picture: &Picture, recogniser: &dyn Recogniser) -> Result<Option<(Header, Layout)>, Error> {
    let header = match header::find(picture, recogniser) {
        Err(Error::NoList) => return Ok(None),
        found => found?,
    };
    Ok(layout::find(picture, &header).map(|layout| (header, layout)))
}

/// Parts between sides of windows, the widest first.
fn parts(picture: &Picture) -> Vec<(usize, usize)> {
    let sides = sides(picture);
    let lefts = std::iter::once(0).chain(sides.iter().copied());
    let mut parts: Vec<(usize, usize)> = lefts
        .flat_map(|left| {
            let rights = sides.iter().copied().chain(std::iter::once(picture.width));
            rights.map(move |right| (left, right))
        })
        .filter(|(left, right)| *right >= left + LEAST_WIDTH)
        .filter(|part| *part != (0, picture.width))
        .collect();
    parts.sort_by_key(|(left, right)| std::cmp::Reverse(right - left));
    parts.truncate(MAX_PARTS);
    parts
}

/// Columns of pixels left of which a long edge runs, one for those that lie side by side.
fn sides(picture: &Picture) -> Vec<usize> {
    let least = (picture.height / 3).max(LEAST_SIDE);
    let (mut run, mut longest) = (vec![0_usize; picture.width], vec![0_usize; picture.width]);
    for y in 0..picture.height {
        let mut before = picture.at(0, y);
        for (x, (run, longest)) in run.iter_mut().zip(&mut longest).enumerate() {
            let here = picture.at(x, y);
            *run = if distance(here, before) > EDGE { *run + 1 } else { 0 };
            *longest = (*longest).max(*run);
            before = here;
        }
    }
    let mut sides: Vec<usize> = Vec::new();
    for (x, length) in longest.into_iter().enumerate() {
        let is_new = sides.last().is_none_or(|last| x > last + 8);
        if length >= least && is_new {
            sides.push(x);
        }
    }
    sides.truncate(24);
    sides
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sides_of_a_window_are_found_on_a_desktop() {
        let (width, height) = (900, 400);
        let mut picture = Picture { width, height, rgb: vec![90; width * height * 3] };
        for y in 40..360 {
            for x in 250..700 {
                for part in picture.rgb.iter_mut().skip((y * width + x) * 3).take(3) {
                    *part = 240;
                }
            }
        }
        assert_eq!(sides(&picture), [250, 700]);
        assert!(parts(&picture).contains(&(250, 700)));
        let part = picture.part(Area { left: 250, top: 0, right: 700, bottom: height });
        assert_eq!((part.width, part.at(0, 200), part.at(0, 0)), (450, [240; 3], [90; 3]));
    }
}
