//! How values are written into cells.

use std::fmt::{self, Write as _};
use std::net::IpAddr;

use crate::frame::FrameNumber;
use crate::tcp::StreamId;
use crate::time::TimeDelta;

/// A value that a cell shows. Numbers, times and addresses are written without the machinery
/// of [`std::fmt`], which would cost more than all the rest of a row.
pub trait Cell {
    /// Appends it.
    fn write(&self, text: &mut String);
}

macro_rules! integers {
    ($($integer:ty)*) => {$(
        impl Cell for $integer {
            #[inline]
            fn write(&self, text: &mut String) {
                text.push_str(itoa::Buffer::new().format(*self));
            }
        }
    )*};
}

integers!(u8 u16 u32 u64 usize i32);

impl Cell for FrameNumber {
    #[inline]
    fn write(&self, text: &mut String) {
        self.0.write(text);
    }
}

impl Cell for StreamId {
    #[inline]
    fn write(&self, text: &mut String) {
        self.0.write(text);
    }
}

/// Seconds with nine decimals.
impl Cell for TimeDelta {
    #[inline]
    fn write(&self, text: &mut String) {
        // Writing to a String does not fail.
        let _ = self.write_to(text);
    }
}

impl Cell for IpAddr {
    fn write(&self, text: &mut String) {
        let IpAddr::V4(address) = self else {
            let _ = write!(text, "{self}");
            return;
        };
        for (index, octet) in address.octets().into_iter().enumerate() {
            if index > 0 {
                text.push('.');
            }
            if octet >= 100 {
                text.push(digit(octet / 100));
            }
            if octet >= 10 {
                text.push(digit(octet / 10 % 10));
            }
            text.push(digit(octet % 10));
        }
    }
}

impl Cell for &str {
    #[inline]
    fn write(&self, text: &mut String) {
        text.push_str(self);
    }
}

/// For what has no quicker way; one that fails leaves a shorter cell.
impl Cell for fmt::Arguments<'_> {
    fn write(&self, text: &mut String) {
        let _ = text.write_fmt(*self);
    }
}

/// A decimal digit.
#[inline]
fn digit(value: u8) -> char {
    char::from(b'0' + value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shown(cell: impl Cell) -> String {
        let mut text = String::new();
        cell.write(&mut text);
        text
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
