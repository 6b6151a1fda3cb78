//! Where the lines of the bytes pane are.

use super::super::layout::Layout;
use super::super::raster::{Area, Picture, Strip, WRITTEN, distance};
use super::IN_LINE;
use super::grid::Grid;

/// Pairs in a row that make a line one of bytes.
const LEAST_PAIRS: usize = 8;

/// The grid, and the pixel rows of its lines.
pub(super) fn find(picture: &Picture, layout: &Layout) -> Option<(Grid, Vec<(usize, usize)>)> {
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

#[cfg(test)]
mod tests {
    use super::*;

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
