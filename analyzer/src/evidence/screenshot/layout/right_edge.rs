//! Where the packet list ends at its right: at a scroll bar, at the frame of its window, or where
//! the picture was cropped.

use super::super::raster::{Area, Colour, Picture, distance};
use super::RowPlace;

/// Where the list ends at its right: the rows' own paper ends there, or a rule crosses them all.
pub(super) fn right_edge(
    picture: &Picture,
    rows: &[RowPlace],
    edges: &[usize],
    last: usize,
) -> usize {
    let step = (rows.len() / 8).max(1);
    // A rule before the last column is not its end.
    let from = (edges.last().copied().unwrap_or(0) + 4).max(last);
    let left = edges.get(1).copied().unwrap_or(0);
    let papers: Vec<(RowPlace, Colour)> = rows
        .iter()
        .step_by(step)
        .filter(|row| row.is_whole)
        .map(|row| {
            let y = row.top + 1;
            (*row, picture.paper(Area { left, top: y, right: from, bottom: y + 1 }))
        })
        .collect();
    let away = |x: usize, y: usize, paper: Colour| distance(picture.at(x, y), paper);
    let is_away = |x: usize, y: usize, paper: Colour| away(x, y, paper) > 20;
    // A bracket is as tall as its row, but hardly written between it and the next.
    let crosses = |x: usize| {
        papers.iter().all(|(row, paper)| {
            let inked = || (row.top..=row.bottom).map(|y| away(x, y, *paper));
            let (least, most) = (inked().min().unwrap_or(0), inked().max().unwrap_or(0));
            least > 20 && u16::from(least) * 2 > u16::from(most)
        })
    };
    let ends = |x: usize| {
        let away = papers.iter().filter(|(row, paper)| {
            let wide = 6.max((row.bottom - row.top) / 2);
            (x..x + wide).all(|x| x < picture.width && is_away(x, row.top + 1, *paper))
        });
        away.count() * 2 > papers.len()
    };
    let mut places = from..picture.width;
    let rule = rule(picture, &papers, from);
    let end =
        places.find(|x| ends(*x) || (papers.len() > 3 && crosses(*x))).unwrap_or(picture.width);
    let edge = rule.unwrap_or(end).min(end);
    // A row whose own paper ends before that, as the selected one's does where there is a gap.
    let shows = |x: usize, row: &RowPlace, paper: Colour| {
        let alike = (row.top..row.bottom).filter(|y| !is_away(x, *y, paper)).count();
        alike * 4 >= row.bottom - row.top
    };
    let lasts = papers.iter().filter_map(|(row, paper)| {
        (from..edge).rev().find(|x| shows(*x, row, *paper)).map(|last| last + 1)
    });
    lasts.min().unwrap_or(edge).min(edge)
}

/// A rule or a block of one colour that crosses rows from top to bottom, at the same place in
/// some of them: in rows of its own colour it cannot be seen.
fn rule(picture: &Picture, papers: &[(RowPlace, Colour)], from: usize) -> Option<usize> {
    const OTHER: u8 = 16;
    const ALIKE: u8 = 24;
    // Compression leaves a little of the text around in a block, and never as much as text.
    let crosses = |row: &RowPlace, paper: Colour, x: usize| {
        let colour =
            picture.paper(Area { left: x, top: row.top, right: x + 1, bottom: row.bottom });
        let away = distance(colour, paper);
        let is_alike = |y: &usize| distance(picture.at(x, *y), colour) <= ALIKE.min(away / 2);
        let alike = (row.top..row.bottom).filter(is_alike).count();
        // A bracket is as tall, and ends there.
        let goes_on = row.top == 0 || is_alike(&(row.top - 1)) || is_alike(&row.bottom);
        away > OTHER && goes_on && alike * 10 >= (row.bottom - row.top) * 9
    };
    let first = |(row, paper): &(RowPlace, Colour)| {
        (from..picture.width).find(|x| crosses(row, *paper, *x))
    };
    let mut found: Vec<usize> = papers.iter().filter_map(first).collect();
    found.sort_unstable();
    let least = (papers.len() / 4).max(2);
    found.windows(least).find_map(|near| {
        let (first, last) = (*near.first()?, *near.last()?);
        (last - first <= 1).then_some(first)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const WIDTH: usize = 400;
    const PITCH: usize = 16;
    const ROWS: usize = 12;
    /// Where the list ends.
    const END: usize = 300;

    fn put(picture: &mut Picture, (x, y): (usize, usize), colour: Colour) {
        let start = (y * picture.width + x) * 3;
        if let Some(pixel) = picture.rgb.get_mut(start..start + 3) {
            pixel.copy_from_slice(&colour);
        }
    }

    /// Rows with a few ragged letters each, every second on a paper of its own, with nothing
    /// beyond them yet.
    fn drawn() -> (Picture, Vec<RowPlace>) {
        let height = ROWS * PITCH + 8;
        let mut picture = Picture { width: WIDTH, height, rgb: vec![0; WIDTH * height * 3] };
        for y in 0..height {
            let is_second = (y / PITCH) % 2 == 1;
            for x in 0..WIDTH {
                put(&mut picture, (x, y), if is_second { [231, 230, 255] } else { [255; 3] });
            }
        }
        let place = |row: usize| RowPlace {
            top: row * PITCH + 1,
            bottom: row * PITCH + PITCH - 1,
            is_whole: true,
        };
        let rows: Vec<RowPlace> = (0..ROWS).map(place).collect();
        for (index, row) in rows.iter().enumerate() {
            for x in (60..150 + index * 8).filter(|x| (x + index) % 5 < 2) {
                for y in row.top + 3..row.bottom - 3 {
                    put(&mut picture, (x, y), [20; 3]);
                }
            }
        }
        (picture, rows)
    }

    fn found((picture, rows): &(Picture, Vec<RowPlace>)) -> usize {
        right_edge(picture, rows, &[0, 50], 60)
    }

    #[test]
    fn a_list_ends_at_a_rule_at_a_bar_or_at_the_edge_of_the_picture() {
        let mut drawn = drawn();
        assert_eq!(found(&drawn), WIDTH);
        for y in 0..drawn.0.height {
            put(&mut drawn.0, (END, y), [120; 3]);
        }
        assert_eq!(found(&drawn), END);
        for (x, y) in (END..WIDTH).flat_map(|x| (0..ROWS * PITCH).map(move |y| (x, y))) {
            put(&mut drawn.0, (x, y), [205; 3]);
        }
        assert_eq!(found(&drawn), END);
    }

    #[test]
    fn brackets_and_pale_sides_of_letters_are_no_rule() {
        let mut drawn = drawn();
        for y in 0..drawn.0.height {
            put(&mut drawn.0, (END, y), [120; 3]);
        }
        for row in &drawn.1 {
            for y in row.top..row.bottom - 1 {
                put(&mut drawn.0, (250, y), [20; 3]);
            }
            for y in row.top + 4..row.bottom - 2 {
                put(&mut drawn.0, (270, y), [225; 3]);
            }
        }
        assert_eq!(found(&drawn), END);
    }

    #[test]
    fn a_rule_that_some_rows_hide_is_found_by_the_others() {
        let mut drawn = drawn();
        for row in drawn.1.iter().step_by(2) {
            for y in row.top - 1..=row.bottom {
                put(&mut drawn.0, (END, y), [190, 190, 210]);
            }
        }
        assert_eq!(found(&drawn), END);
    }

    #[test]
    fn the_row_whose_paper_ends_first_ends_the_list() {
        let mut drawn = drawn();
        let selected =
            drawn.1.first().copied().unwrap_or(RowPlace { top: 0, bottom: 0, is_whole: true });
        for y in selected.top - 1..=selected.bottom {
            for x in 0..END - 6 {
                let colour = if drawn.0.at(x, y) == [20; 3] { [255; 3] } else { [40, 130, 190] };
                put(&mut drawn.0, (x, y), colour);
            }
        }
        for y in 0..drawn.0.height {
            put(&mut drawn.0, (END, y), [120; 3]);
        }
        assert_eq!(found(&drawn), END - 6);
    }
}
