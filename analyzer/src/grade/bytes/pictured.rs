//! The bytes pane of a picture: a byte that was read otherwise than the frame has it is looked at
//! again, digit by digit, before it is called different.

use std::collections::HashSet;

use super::super::align;
use super::super::cell::Look;
use super::super::model::{DifferentByte, GradedBytes};
use super::super::picture::one;
use crate::evidence::FrameBytes;
use crate::evidence::screenshot::Screenshot;
use crate::evidence::screenshot::pane::BytesPane;

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
    let differing = std::mem::take(&mut bytes.differing);
    // Only bytes that are the frame's show what digits look like.
    let odd: HashSet<usize> =
        differing.iter().filter_map(|byte| usize::try_from(byte.offset).ok()).collect();
    let looks: Vec<Vec<Digit>> = differing.iter().map(|byte| digits(pane, byte, &odd)).collect();
    // What the recogniser takes for another digit once, it often does again.
    let misread: HashSet<(char, char)> = looks
        .iter()
        .flatten()
        .filter(|digit| digit.look == Look::Expected)
        .map(|digit| (digit.wanted, digit.got))
        .collect();
    for (byte, digits) in differing.into_iter().zip(looks) {
        match look(&digits, &misread) {
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

/// A digit that was read otherwise than the frame has it.
struct Digit {
    wanted: char,
    got: char,
    look: Look,
}

/// What the picture says of the digits of a byte that were read otherwise; none of them where the
/// frame has no such byte.
fn digits(pane: &BytesPane, byte: &DifferentByte, odd: &HashSet<usize>) -> Vec<Digit> {
    let Some(expected) = byte.expected else { return Vec::new() };
    let offset = usize::try_from(byte.offset).unwrap_or(usize::MAX);
    let digit = |value: u8| char::from_digit(u32::from(value & 15), 16).unwrap_or('0');
    let mut digits = Vec::new();
    for (is_low, shift) in [(false, 4), (true, 0)] {
        let (wanted, got) = (digit(expected >> shift), digit(byte.seen >> shift));
        if wanted != got {
            let found = pane.compare(offset, is_low, |other| !odd.contains(&other));
            digits.push(Digit { wanted, got, look: one(&found, wanted, Some(got)) });
        }
    }
    digits
}

/// Which byte the picture shows; that of the frame only if all of its digits say so, another one
/// only if none of the digits that say that is `misread` elsewhere.
fn look(digits: &[Digit], misread: &HashSet<(char, char)>) -> Look {
    let is_other =
        |digit: &Digit| digit.look == Look::Seen && !misread.contains(&(digit.wanted, digit.got));
    if digits.iter().any(is_other) {
        Look::Seen
    } else if !digits.is_empty() && digits.iter().all(|digit| digit.look == Look::Expected) {
        Look::Expected
    } else {
        Look::Undecided
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digit_that_is_misread_elsewhere_contradicts_nothing() {
        let digit = |wanted, got, look| Digit { wanted, got, look };
        let misread = HashSet::from([('0', '8')]);
        for (digits, expected) in [
            (vec![digit('0', '8', Look::Seen)], Look::Undecided),
            (vec![digit('8', '0', Look::Seen)], Look::Seen),
            (vec![digit('0', '8', Look::Expected)], Look::Expected),
            (vec![digit('0', '8', Look::Seen), digit('2', '7', Look::Seen)], Look::Seen),
            (
                vec![digit('0', '8', Look::Expected), digit('2', '7', Look::Undecided)],
                Look::Undecided,
            ),
            (Vec::new(), Look::Undecided),
        ] {
            assert_eq!(look(&digits, &misread), expected);
        }
    }
}
