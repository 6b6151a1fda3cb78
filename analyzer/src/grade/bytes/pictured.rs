//! The bytes pane of a picture: a byte that was read otherwise than the frame has it is looked at
//! again, digit by digit, before it is called different.

use super::super::align;
use super::super::cell::Look;
use super::super::model::{DifferentByte, GradedBytes};
use super::super::picture::one;
use crate::evidence::FrameBytes;
use crate::evidence::screenshot::Screenshot;

/// The pane's bytes, with the frame that the selected row names; none without a pane.
#[must_use]
pub fn dump(shot: &Screenshot) -> Option<FrameBytes> {
    let mut dump = shot.pane.as_ref()?.dump();
    dump.frame = shot.list.rows.iter().find(|row| row.is_selected).and_then(align::number);
    (!dump.rows.is_empty()).then_some(dump)
}

/// Of so many bytes one may be unreadable; a pane with more was drawn too badly for any of its
/// bytes to be called another one.
const SHARE_UNREADABLE: u64 = 10;

/// Asks the picture about every byte that differs; none when so many do that the pane was not
/// read well.
pub fn look_again(shot: &Screenshot, bytes: &mut GradedBytes) -> Option<()> {
    let pane = shot.pane.as_ref()?;
    (bytes.equal * 2 >= bytes.shown).then_some(())?;
    let mut kept = Vec::new();
    bytes.unreadable = pane.unreadable() as u64;
    for byte in std::mem::take(&mut bytes.differing) {
        match look(shot, &byte) {
            Look::Expected => bytes.equal += 1,
            Look::Seen if shot.is_trusted => kept.push(byte),
            _ => {
                bytes.unreadable += 1;
                bytes.shown -= 1;
            }
        }
    }
    if bytes.unreadable * SHARE_UNREADABLE > bytes.shown {
        bytes.unreadable += kept.len() as u64;
        bytes.shown -= kept.len() as u64;
        kept.clear();
    }
    bytes.differing = kept;
    Some(())
}

/// Which byte the picture shows; that of the frame only if both its digits say so.
fn look(shot: &Screenshot, byte: &DifferentByte) -> Look {
    let (Some(pane), Some(expected)) = (&shot.pane, byte.expected) else { return Look::Undecided };
    let offset = usize::try_from(byte.offset).unwrap_or(usize::MAX);
    let digit = |value: u8| char::from_digit(u32::from(value & 15), 16).unwrap_or('0');
    let mut looks = Vec::new();
    for (is_low, shift) in [(false, 4), (true, 0)] {
        let (wanted, got) = (digit(expected >> shift), digit(byte.seen >> shift));
        if wanted != got {
            looks.push(one(&pane.compare(offset, is_low), wanted, Some(got)));
        }
    }
    if looks.contains(&Look::Seen) {
        Look::Seen
    } else if looks.iter().all(|look| *look == Look::Expected) {
        Look::Expected
    } else {
        Look::Undecided
    }
}
