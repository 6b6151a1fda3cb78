//! Pixels: a decoded picture, and strips of it as ink on paper.

use std::collections::HashMap;

/// A decoded picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// Width in pixels.
    pub width: usize,
    /// Height in pixels.
    pub height: usize,
    /// Red, green and blue of each pixel, row after row.
    pub rgb: Vec<u8>,
}

/// A colour: red, green, blue.
pub type Colour = [u8; 3];

impl Picture {
    /// The colour of a pixel; black outside.
    #[must_use]
    pub fn at(&self, x: usize, y: usize) -> Colour {
        let start = (y * self.width + x) * 3;
        match self.rgb.get(start..start + 3) {
            Some(&[red, green, blue]) if x < self.width => [red, green, blue],
            _ => [0; 3],
        }
    }

    /// A rectangle as a picture of its own.
    #[must_use]
    pub fn part(&self, area: Area) -> Self {
        let (right, bottom) = (area.right.min(self.width), area.bottom.min(self.height));
        let (left, top) = (area.left.min(right), area.top.min(bottom));
        let mut rgb = Vec::with_capacity((right - left) * (bottom - top) * 3);
        for y in top..bottom {
            let start = (y * self.width + left) * 3;
            let end = (y * self.width + right) * 3;
            rgb.extend_from_slice(self.rgb.get(start..end).unwrap_or(&[]));
        }
        Self { width: right - left, height: bottom - top, rgb }
    }

    /// The commonest colour of a rectangle.
    #[must_use]
    pub fn paper(&self, area: Area) -> Colour {
        let mut counts: HashMap<u16, (u32, [u32; 3])> = HashMap::new();
        for y in area.top..area.bottom {
            for x in area.left..area.right {
                let [red, green, blue] = self.at(x, y);
                let key = (u16::from(red >> 3) << 10)
                    | (u16::from(green >> 3) << 5)
                    | u16::from(blue >> 3);
                let entry = counts.entry(key).or_default();
                entry.0 += 1;
                for (sum, part) in entry.1.iter_mut().zip([red, green, blue]) {
                    *sum += u32::from(part);
                }
            }
        }
        let most = counts.into_iter().max_by_key(|(key, (count, _))| (*count, *key));
        most.map_or([0; 3], |(_, (count, sums))| {
            sums.map(|sum| u8::try_from(sum / count.max(1)).unwrap_or(u8::MAX))
        })
    }

    /// A rectangle as ink on paper, whatever its colours.
    #[must_use]
    pub fn strip(&self, area: Area) -> Strip {
        self.strip_on(area, self.paper(area))
    }

    /// The same on a paper of which it may have less than of others.
    #[must_use]
    pub fn strip_on(&self, area: Area, paper: Colour) -> Strip {
        let (width, height) = (area.width(), area.height());
        let mut ink = Vec::with_capacity(width * height);
        let mut counts = [0_usize; 256];
        for y in area.top..area.bottom {
            for x in area.left..area.right {
                let away = distance(self.at(x, y), paper);
                if let Some(count) = counts.get_mut(usize::from(away)) {
                    *count += 1;
                }
                ink.push(away);
            }
        }
        // The darkest but half a percent is full ink.
        let mut left = ink.len() / 200;
        let full = (0..256_usize).rev().find(|value| {
            let count = counts.get(*value).copied().unwrap_or(0);
            let found = count > left;
            left = left.saturating_sub(count);
            found
        });
        let full = full.unwrap_or(0).max(40);
        for value in &mut ink {
            *value = u8::try_from((usize::from(*value) * 255 / full).min(255)).unwrap_or(255);
        }
        Strip { width, height, ink }
    }
}

/// The greatest difference of two colours in a part.
#[must_use]
pub fn distance(one: Colour, other: Colour) -> u8 {
    one.iter().zip(other).map(|(a, b)| a.abs_diff(b)).max().unwrap_or(0)
}

/// A rectangle; right and bottom lie outside.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Area {
    /// First column.
    pub left: usize,
    /// First row.
    pub top: usize,
    /// First column after it.
    pub right: usize,
    /// First row after it.
    pub bottom: usize,
}

impl Area {
    /// Columns.
    #[must_use]
    pub const fn width(&self) -> usize {
        self.right.saturating_sub(self.left)
    }

    /// Rows.
    #[must_use]
    pub const fn height(&self) -> usize {
        self.bottom.saturating_sub(self.top)
    }
}

/// Ink on paper: 0 is paper, 255 is ink.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Strip {
    /// Width in pixels.
    pub width: usize,
    /// Height in pixels.
    pub height: usize,
    /// The ink, row after row.
    pub ink: Vec<u8>,
}

/// Ink from which a pixel counts as written.
pub const WRITTEN: u8 = 105;

impl Strip {
    /// The ink of a pixel; paper outside.
    #[must_use]
    pub fn at(&self, x: usize, y: usize) -> u8 {
        if x >= self.width {
            return 0;
        }
        self.ink.get(y * self.width + x).copied().unwrap_or(0)
    }

    /// Columns `left..right`, all rows.
    #[must_use]
    pub fn columns(&self, left: usize, right: usize) -> Self {
        let right = right.min(self.width);
        let left = left.min(right);
        let mut ink = Vec::with_capacity((right - left) * self.height);
        for y in 0..self.height {
            ink.extend((left..right).map(|x| self.at(x, y)));
        }
        Self { width: right - left, height: self.height, ink }
    }

    /// Pixel rows `top..bottom`, all columns.
    #[must_use]
    pub fn rows(&self, top: usize, bottom: usize) -> Self {
        let bottom = bottom.min(self.height);
        let top = top.min(bottom);
        let ink = self.ink.get(top * self.width..bottom * self.width).unwrap_or_default().to_vec();
        Self { width: self.width, height: bottom - top, ink }
    }

    /// The same, looked at a part of a pixel lower; what lies between two pixels is mixed of both.
    #[must_use]
    pub fn lowered(&self, by: f32) -> Self {
        let (whole, part) = (by.floor() as isize, by - by.floor());
        let ink = |x: usize, y: usize, by: isize| {
            y.checked_add_signed(by).map_or(0.0, |y| f32::from(self.at(x, y)))
        };
        let mix =
            |x: usize, y: usize| (1.0 - part) * ink(x, y, whole) + part * ink(x, y, whole + 1);
        let rows = (0..self.height).flat_map(|y| (0..self.width).map(move |x| (x, y)));
        let ink = rows.map(|(x, y)| mix(x, y).round() as u8).collect();
        Self { width: self.width, height: self.height, ink }
    }

    /// Whether anything is written in a column, the outermost rows left out.
    #[must_use]
    pub fn is_written(&self, x: usize) -> bool {
        let edge = self.height / 9;
        (edge..self.height - edge).any(|y| self.at(x, y) >= WRITTEN)
    }

    /// First written column and the first after the last one.
    #[must_use]
    pub fn extent(&self) -> Option<(usize, usize)> {
        let first = (0..self.width).find(|x| self.is_written(*x))?;
        let last = (0..self.width).rev().find(|x| self.is_written(*x))?;
        Some((first, last + 1))
    }

    /// Groups of written columns that lie more than `gap` columns apart.
    #[must_use]
    pub fn groups(&self, gap: usize) -> Vec<(usize, usize)> {
        let mut groups: Vec<(usize, usize)> = Vec::new();
        for x in (0..self.width).filter(|x| self.is_written(*x)) {
            match groups.last_mut() {
                Some(last) if x <= last.1 + gap => last.1 = x + 1,
                _ => groups.push((x, x + 1)),
            }
        }
        groups
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_strip_lies_between_pixels_when_it_is_lowered() {
        let strip = Strip { width: 2, height: 4, ink: vec![0, 8, 100, 8, 200, 8, 0, 8] };
        let column = |by: f32, x: usize| {
            let lowered = strip.lowered(by);
            (0..4).map(|y| lowered.at(x, y)).collect::<Vec<u8>>()
        };
        assert_eq!(column(0.0, 0), [0, 100, 200, 0]);
        assert_eq!(column(1.0, 0), [100, 200, 0, 0]);
        assert_eq!(column(0.25, 0), [25, 125, 150, 0]);
        assert_eq!(column(-0.25, 0), [0, 75, 175, 50]);
        assert_eq!(column(-1.0, 1), [0, 8, 8, 8], "above the first row is paper");
        assert_eq!(column(0.5, 1), [8, 8, 8, 4], "and below the last");
    }
}
