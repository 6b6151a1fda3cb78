//! Where the rows and columns of the packet list are, found from pixels alone.
//!
//! Rows stand at a constant pitch below the titles; a line that does not keep the pitch, or that
//! is written across the edges between columns, belongs to what lies below the list. Edges are
//! the paper that all rows leave free just before each title.

mod descent;
mod right_edge;

use super::header::{Header, Title};
use super::raster::{Area, Picture, Strip, WRITTEN, distance};
use crate::evidence::model::Column;
use descent::descent;
use right_edge::right_edge;

/// A difference of colours from which a pixel is no paper.
const INK: u8 = 45;
/// Most rows of a picture.
const MAX_ROWS: usize = 400;

/// One row of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RowPlace {
    /// First and last pixel row, the last one outside.
    pub top: usize,
    /// First pixel row below.
    pub bottom: usize,
    /// False when an edge cuts through its text.
    pub is_whole: bool,
}

/// One column of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ColumnPlace {
    /// Which one; none when its title is none of the seven.
    pub column: Option<Column>,
    /// First pixel column.
    pub left: usize,
    /// First pixel column after it.
    pub right: usize,
}

/// The packet list's place in a picture.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Layout {
    /// The rows, from top to bottom.
    pub rows: Vec<RowPlace>,
    /// The columns, from left to right.
    pub columns: Vec<ColumnPlace>,
    /// Pixels from row to row.
    pub pitch: usize,
    /// Pixel columns of the file left of the part in which all this was found.
    pub left: usize,
}

/// Share of the room around digits that is above them.
const ABOVE: f32 = 0.41;
/// A run of pixel rows with ink.
type Run = (usize, usize);

/// Finds rows and columns below the titles; none when there is not a single row.
#[must_use]
pub fn find(picture: &Picture, header: &Header) -> Option<Layout> {
    let runs = runs(picture, header);
    let (height, pitch) = measure(&runs)?;
    let runs = apart(&runs, height, pitch);
    let mut rows = regular(&runs, height, pitch);
    let last = header.titles.last().map_or(0, |title| title.left);
    let list = (header.titles.first().map_or(0, |title| title.left), last);
    let mut strips: Vec<Strip> =
        rows.iter().map(|row| strip(picture, row, list, picture.width)).collect();
    let first = rows.iter().position(|row| row.is_whole)?;
    let starts = starts(header, strips.get(first)?, pitch);
    // What stands below the list keeps its pitch at times, but begins elsewhere.
    let like = strips.iter().skip(first + 1).take_while(|strip| keeps(strip, &starts, pitch));
    let count = first + 1 + like.count();
    rows.truncate(count);
    strips.truncate(count);
    let edges = edges(header, &strips, pitch);
    let kept = rows.iter().zip(&strips).take_while(|(_, strip)| fits(strip, header, &edges));
    let kept = kept.count();
    rows.truncate(kept);
    let margin = below(height, pitch);
    if let Some(last) = rows.last_mut() {
        last.is_whole = last.is_whole && !ends_at_text(picture, last, margin);
    }
    rows.first()?;
    let right = right_edge(picture, &rows, &edges, last).min(picture.width);
    let lower = descent(picture, &rows, (last, right), pitch);
    for row in rows.iter_mut().filter(|row| row.is_whole) {
        row.bottom = (row.bottom + lower).min(picture.height);
    }
    let mut columns = Vec::new();
    for (index, title) in header.titles.iter().enumerate() {
        let left = edges.get(index).copied().unwrap_or(0);
        let end = edges.get(index + 1).copied().unwrap_or(right);
        if end > left + 3 {
            columns.push(ColumnPlace { column: title.column, left, right: end });
        }
    }
    let pitch = pitch.round() as usize;
    Some(Layout { rows, columns, pitch, left: 0 })
}

impl Layout {
    /// A row as ink on paper, up to where the list ends at its right.
    #[must_use]
    pub fn strip(&self, picture: &Picture, row: &RowPlace) -> Strip {
        let left = self.columns.first().map_or(0, |column| column.left);
        let right = self.columns.last().map_or(picture.width, |column| column.right);
        strip(picture, row, (left, right), right)
    }
}

/// A row as ink on the paper that it has in the list; a page around may have more of another. What
/// is inked nearly all along at its upper or lower end is the paper of the next row, or what a
/// compression made of it; rules between columns are taken out, too.
fn strip(picture: &Picture, row: &RowPlace, list: (usize, usize), right: usize) -> Strip {
    let area = Area { left: list.0, top: row.top, right: list.1, bottom: row.bottom };
    let paper = picture.paper(area);
    let mut strip = picture.strip_on(Area { left: 0, right, ..area }, paper);
    let (width, height) = (strip.width, strip.height);
    let reach = height / 4;
    let is_paper = |strip: &Strip, y: usize| {
        let inked = (list.0..list.1).filter(|x| strip.at(*x, y) >= WRITTEN / 2).count();
        inked * 10 >= list.1.saturating_sub(list.0) * 7
    };
    let above = (0..reach).rev().find(|y| is_paper(&strip, *y)).map_or(0, |y| y + 1);
    let below = (height - reach..height).find(|y| is_paper(&strip, *y)).unwrap_or(height);
    // No character goes on above and below its row: that is a rule between columns.
    let goes_on = |x: usize, y: usize| {
        let here = picture.at(x, y);
        let away = |beside: usize| distance(here, picture.at(beside, y)) > 20;
        y < picture.height && away(x.saturating_sub(3)) && away(x + 3)
    };
    let is_rule: Vec<bool> = (0..width)
        .map(|x| {
            (above..below).all(|y| strip.at(x, y) >= WRITTEN / 3)
                && goes_on(x, row.top.saturating_sub(1))
                && goes_on(x, row.bottom)
        })
        .collect();
    for (at, ink) in strip.ink.iter_mut().enumerate() {
        let (x, y) = (at % width.max(1), at / width.max(1));
        if y < above || y >= below || is_rule.get(x).copied().unwrap_or(false) {
            *ink = 0;
        }
    }
    strip
}

/// Runs of pixel rows with ink in the Time column (or the second one), below the titles.
fn runs(picture: &Picture, header: &Header) -> Vec<Run> {
    let time = header.titles.iter().position(|title| title.column == Some(Column::Time));
    let index = time.unwrap_or(1);
    let left = header.titles.get(index).map_or(0, |title| title.left.saturating_sub(1));
    let right = header.titles.get(index + 1).map_or(picture.width, |title| title.left);
    let right = right.saturating_sub((right - left.min(right)) / 12);
    let mut runs = Vec::new();
    let mut start = None;
    for y in header.bottom + 1..=picture.height {
        let row = Area { left, top: y, right, bottom: y + 1 };
        let has_ink = y < picture.height && {
            let paper = picture.paper(row);
            let ink = (left..right).filter(|x| distance(picture.at(*x, y), paper) > INK).count();
            ink >= 3 && ink * 10 < (right - left) * 9
        };
        match (has_ink, start) {
            (true, None) => start = Some(y),
            (false, Some(top)) => {
                if y - top >= 3 {
                    runs.push((top, y));
                }
                start = None;
            }
            _ => {}
        }
    }
    runs
}

/// Height of the text, and the pitch of the rows.
fn measure(runs: &[Run]) -> Option<(usize, f32)> {
    let mut heights: Vec<usize> = runs.iter().take(12).map(|run| run.1 - run.0).collect();
    heights.sort_unstable();
    let height = *heights.get(heights.len() / 2)?;
    let mut steps: Vec<usize> = runs
        .windows(2)
        .take(12)
        .filter_map(|pair| Some(pair.get(1)?.1 - pair.first()?.1))
        .filter(|step| *step > height && *step <= height * 4)
        .collect();
    steps.sort_unstable();
    let rough = match steps.get(steps.len() / 2) {
        Some(step) => *step as f32,
        None => height as f32 * 1.6,
    };
    // The mean of the steps that are like it is finer than a pixel.
    let like: Vec<f32> =
        steps.iter().map(|step| *step as f32).filter(|step| (step - rough).abs() <= 1.5).collect();
    let mean = like.iter().sum::<f32>() / like.len().max(1) as f32;
    Some((height, if like.is_empty() { rough } else { mean }))
}

/// Runs that are several rows in one, where the edge of a strong colour or a compression's noise
/// joins them, are taken apart at the pitch.
fn apart(runs: &[Run], height: usize, pitch: f32) -> Vec<Run> {
    let mut found: Vec<Run> = Vec::new();
    for &(top, bottom) in runs {
        let before = found.last().map(|run| run.1 as f32);
        let is_joined = bottom - top > height + height / 3;
        match before.filter(|_| is_joined) {
            Some(last) => {
                let rows = ((bottom as f32 - last) / pitch).round().max(1.0) as usize;
                found.extend((1..=rows.min(MAX_ROWS)).map(|row| {
                    let end = (last + pitch * row as f32).round() as usize;
                    (end.saturating_sub(height), end)
                }));
            }
            None => found.push((top, bottom)),
        }
    }
    found
}

/// The runs that stand at the pitch, from the first on, as rows.
fn regular(runs: &[Run], height: usize, pitch: f32) -> Vec<RowPlace> {
    let mut rows: Vec<RowPlace> = Vec::new();
    let mut last_bottom: Option<f32> = None;
    let slack = (pitch * 0.16).max(1.6);
    for &(top, bottom) in runs.iter().take(MAX_ROWS) {
        let is_whole = bottom - top + 1 >= height;
        // What an edge cuts away from the lower end is still there in full.
        let full_bottom = match (is_whole, rows.is_empty()) {
            (false, false) => (top + height) as f32,
            _ => bottom as f32,
        };
        if let Some(last) = last_bottom {
            let step = full_bottom - last;
            let is_regular = (step - pitch).abs() <= slack;
            let is_double = (step - 2.0 * pitch).abs() <= slack;
            if !(is_regular || is_double && is_whole) {
                if rows.len() > 1 {
                    break;
                }
                rows.clear();
            }
        }
        last_bottom = Some(full_bottom);
        // Digits leave room for parentheses above and for descenders below them; more would show
        // the paper of the rows around, which need not stand in the middle of theirs.
        let text = height as f32;
        let first = (full_bottom - text - room(height, pitch) * ABOVE).round().max(0.0) as usize;
        let end = (full_bottom + below(height, pitch)).round() as usize;
        let (first, end) = if is_whole {
            (first, end)
        } else {
            (first.max(top.saturating_sub(3)), end.min(bottom + 1))
        };
        if bottom - top > height + height / 2 {
            break;
        }
        let is_cut_below = (bottom - top) * 4 < height * 3 && !rows.is_empty();
        rows.push(RowPlace { top: first, bottom: end, is_whole });
        if is_cut_below {
            break;
        }
    }
    rows
}

/// Pixels that a row has above and below its digits.
fn room(height: usize, pitch: f32) -> f32 {
    let text = height as f32;
    (text * 0.68).min(pitch - text).max(0.0)
}

/// Those of them that are below.
fn below(height: usize, pitch: f32) -> f32 {
    room(height, pitch) * (1.0 - ABOVE)
}

/// Whether a row's paper ends where its digits do: an edge cuts off what little is missing there.
fn ends_at_text(picture: &Picture, row: &RowPlace, below: f32) -> bool {
    let right = picture.width * 7 / 10;
    let bottom = row.bottom.saturating_sub(below.round() as usize);
    let paper = |top: usize, bottom: usize| picture.paper(Area { left: 0, top, right, bottom });
    bottom > row.top
        && bottom < picture.height
        && distance(paper(row.top, bottom), paper(bottom, bottom + 1)) > INK
}

/// Where the texts of the columns begin that stand at the left, as a first row shows it.
fn starts(header: &Header, first: &Strip, pitch: f32) -> Vec<usize> {
    let stands_left =
        |title: &&Title| !matches!(title.column, None | Some(Column::No | Column::Length));
    let titles = header.titles.iter().skip(1).filter(stands_left);
    titles
        .filter_map(|title| {
            let from = title.left.saturating_sub((pitch * 0.2) as usize);
            (from..title.left + (pitch * 0.6) as usize).find(|x| first.is_written(*x))
        })
        .collect()
}

/// Whether a row's texts begin where those of the first one do, with paper before them; one may
/// differ.
fn keeps(strip: &Strip, starts: &[usize], pitch: f32) -> bool {
    // The first row may begin with a `1`, which leaves more room than other characters.
    let (bearing, gap) =
        ((pitch * 0.14).round().max(1.0) as usize, (pitch * 0.2).max(3.0) as usize);
    let away = starts.iter().filter(|start| {
        let begin = start.saturating_sub(bearing);
        let is_free = (begin.saturating_sub(gap)..begin).all(|x| !strip.is_written(x));
        let begins = (begin..*start + (pitch * 0.35) as usize).any(|x| strip.is_written(x));
        !(is_free && begins)
    });
    away.count() <= usize::from(starts.len() > 2)
}

/// First pixel column of each column.
fn edges(header: &Header, strips: &[Strip], pitch: f32) -> Vec<usize> {
    let width = strips.first().map_or(0, |strip| strip.width);
    let mut ink = vec![0_usize; width + 1];
    for strip in strips {
        for (x, count) in ink.iter_mut().enumerate() {
            *count += usize::from(strip.is_written(x));
        }
    }
    let titles = header.titles.iter().enumerate();
    titles
        .map(|(index, title)| {
            let before = index.checked_sub(1).and_then(|at| header.titles.get(at));
            if index == 0 {
                return title.left.saturating_sub((pitch * 0.4) as usize);
            }
            let is_right_aligned = before.is_some_and(|title| {
                matches!(title.column, Some(Column::No | Column::Length) | None)
            });
            let reach = if is_right_aligned { 0.55 } else { 1.0 };
            let low = title.left.saturating_sub((pitch * reach) as usize);
            let high = (title.left + (pitch * 0.25) as usize).min(width);
            let stands_left = !matches!(title.column, Some(Column::No | Column::Length) | None);
            let near = if stands_left { (pitch * 0.3).ceil() as usize } else { 0 };
            free(&ink, low, high, (title.left, near))
        })
        .collect()
}

/// The middle of the widest gap between `low` and `high`, the nearest to the title of equals;
/// of those after which text begins `near` the title, if there are any.
fn free(ink: &[usize], low: usize, high: usize, (title, near): (usize, usize)) -> usize {
    let part = || (low..=high).map(|x| ink.get(x).copied().unwrap_or(0));
    let least = part().min().unwrap_or(0);
    let mut best = (false, 0, title);
    let mut start = None;
    for x in low..=high + 1 {
        let is_free = x <= high && ink.get(x).copied().unwrap_or(0) <= least;
        match (is_free, start) {
            (true, None) => start = Some(x),
            (false, Some(from)) => {
                let is_near = near > 0 && x <= high && x.abs_diff(title) <= near;
                if (is_near, x - from) >= (best.0, best.1) {
                    // Text begins at the title: what is free belongs rather to the left.
                    best = (is_near, x - from, (from + x).div_ceil(2).min(x - 1));
                }
                start = None;
            }
            _ => {}
        }
    }
    best.2
}

/// Whether a row leaves the edges between columns free, and has text in all columns but one of
/// those that are never empty (columns that a user added may be).
fn fits(strip: &Strip, header: &Header, edges: &[usize]) -> bool {
    let crossed = edges.iter().skip(1).filter(|edge| strip.is_written(**edge)).count();
    let is_filled = |from: usize, to: usize| (from..to).any(|x| strip.is_written(x));
    let between = header.titles.iter().zip(edges.iter().zip(edges.iter().skip(1))).skip(1);
    let known = between.filter(|(title, _)| title.column.is_some());
    let empty = known.filter(|(_, (from, to))| !is_filled(**from, **to)).count();
    crossed <= 1 && empty <= 1
}
