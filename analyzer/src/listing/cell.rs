//! How values are written into cells.

use std::fmt::{self, Write as _};
use std::net::IpAddr;

use super::line::Line;
use crate::frame::FrameNumber;
use crate::tcp::StreamId;
use crate::time::TimeDelta;

/// A value that a cell shows. Numbers, times and addresses are written without the machinery
/// of [`std::fmt`], which would cost more than all the rest of a row.
pub trait Cell {
    /// Appends it.
    fn write(&self, line: &mut Line);
}

macro_rules! numbers {
    ($($number:ty)*) => {$(
        impl Cell for $number {
            #[inline]
            fn write(&self, line: &mut Line) {
                line.push_number(u64::from(*self));
            }
        }
    )*};
}

numbers!(u8 u16 u32 u64);

impl Cell for i32 {
    fn write(&self, line: &mut Line) {
        if *self < 0 {
            line.push(b'-');
        }
        line.push_number(u64::from(self.unsigned_abs()));
    }
}

impl Cell for FrameNumber {
    #[inline]
    fn write(&self, line: &mut Line) {
        self.0.write(line);
    }
}

impl Cell for StreamId {
    #[inline]
    fn write(&self, line: &mut Line) {
        self.0.write(line);
    }
}

/// Seconds with nine decimals.
impl Cell for TimeDelta {
    #[inline]
    fn write(&self, line: &mut Line) {
        let (is_negative, seconds, nanos) = self.magnitude();
        if is_negative {
            line.push(b'-');
        }
        line.push_number(seconds);
        line.push_nanos(nanos);
    }
}

impl Cell for IpAddr {
    #[inline]
    fn write(&self, line: &mut Line) {
        match self {
            Self::V4(address) => line.push_ipv4(address.octets()),
            // Writing to a line does not fail.
            Self::V6(address) => drop(write!(line, "{address}")),
        }
    }
}

impl Cell for &str {
    #[inline]
    fn write(&self, line: &mut Line) {
        line.push_str(self);
    }
}

/// For what has no quicker way; one that fails leaves a shorter cell.
impl Cell for fmt::Arguments<'_> {
    fn write(&self, line: &mut Line) {
        let _ = line.write_fmt(*self);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shown(cell: impl Cell) -> String {
        let mut line = Line::new();
        cell.write(&mut line);
        line.as_str().to_owned()
    }

    proptest! {
        #[test]
        fn cells_show_what_display_shows(
            number in any::<u64>(),
            signed in any::<i32>(),
            address in any::<IpAddr>(),
            nanos in any::<i64>(),
        ) {
            prop_assert_eq!(shown(number), number.to_string());
            prop_assert_eq!(shown(signed), signed.to_string());
            prop_assert_eq!(shown(address), address.to_string());
            let time = TimeDelta::from_nanos(nanos);
            prop_assert_eq!(shown(time), format!("{time:.9}"));
        }
    }
}
