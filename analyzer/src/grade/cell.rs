//! One cell against what the capture has.
//!
//! Text that was text before is compared as it stands: equal, a true beginning, a slip of the
//! hand, or different. Text that was read from a picture is compared under look-alikes first,
//! and called different only when a second witness, who looks at the picture itself, agrees.

use super::clock::{self, TimeFormat};
use super::expected::{BROADCAST, ExpectedRow};
use super::model::CellVerdict;
use super::protocol;
use super::wording::{self, Version};
use crate::evidence::{Cell, Column, Cut};

/// Slips that are forgiven in a text of so many characters: one, and one more for each of these.
const CHARACTERS_PER_SLIP: usize = 24;

/// Looks at the picture itself, without reading it.
pub trait Witness {
    /// Which of two texts the picture shows at a cell.
    fn look(&self, row: u32, column: Column, expected: &str, seen: &str) -> Look;
}

/// What a [`Witness`] says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Look {
    /// The picture shows what the capture has.
    Expected,
    /// The picture shows what was read, and that differs from the capture.
    Seen,
    /// It rather shows what was read, but not clearly.
    LeansToSeen,
    /// It cannot be told.
    Undecided,
}

/// How cells are compared.
#[derive(Clone, Copy, Default)]
pub struct Judge<'w> {
    /// The version that made the evidence.
    pub version: Version,
    /// The second witness; none for text.
    pub witness: Option<&'w dyn Witness>,
}

impl Judge<'_> {
    /// The verdict on a cell of row `line`, given the text that the capture has for it.
    #[must_use]
    pub fn judge(&self, line: u32, cell: &Cell, expected: &str) -> CellVerdict {
        let seen = wording::plain(&cell.text, self.version);
        let want = wording::plain(expected, self.version);
        let verdict = compare(cell, &seen, &want);
        match (verdict, self.witness) {
            (CellVerdict::Near | CellVerdict::Mismatch, Some(witness)) => {
                if verdict == CellVerdict::Near && looks_alike(cell, &seen, &want) {
                    return if is_shorter(&seen, &want) {
                        CellVerdict::Cut
                    } else {
                        CellVerdict::Match
                    };
                }
                match witness.look(line, cell.column, expected, &cell.text) {
                    Look::Expected => CellVerdict::Match,
                    Look::Seen => CellVerdict::Mismatch,
                    Look::LeansToSeen => CellVerdict::Suspect,
                    Look::Undecided => CellVerdict::Unreadable,
                }
            }
            (verdict, _) => verdict,
        }
    }

    /// The verdict on a cell of the Time column, with the text in the list's format.
    #[must_use]
    pub fn judge_time(
        &self,
        line: u32,
        cell: &Cell,
        row: &ExpectedRow,
        format: TimeFormat,
    ) -> (String, CellVerdict) {
        let seen = clock::read(&cell.text);
        let digits = seen.map_or(row.digits, |seen| seen.digits);
        let expected = format.text(&row.times, digits.min(9));
        if seen.is_some_and(|seen| format.fits(&row.times, &seen)) {
            let is_cut = cell.cut == Cut::Yes && digits < row.digits;
            return (expected, if is_cut { CellVerdict::Cut } else { CellVerdict::Match });
        }
        let whole = format.text(&row.times, row.digits);
        let verdict = self.judge(line, cell, if seen.is_some() { &expected } else { &whole });
        (if seen.is_some() { expected } else { whole }, verdict)
    }
}

fn is_shorter(seen: &str, want: &str) -> bool {
    wording::folded(seen).chars().count() < wording::folded(want).chars().count()
}

/// True when the two are the same, or one the beginning of the other, under look-alikes.
fn looks_alike(cell: &Cell, seen: &str, want: &str) -> bool {
    let (mut seen, want) = (wording::folded(seen), wording::folded(want));
    if seen == want {
        return true;
    }
    if cell.confidence < 1.0 && may_be_cut(cell) {
        // What an ellipsis, or the edge of a column, is read as.
        seen.truncate(seen.trim_end_matches(['.', '-', '1', '…']).len().max(seen.len().min(8)));
    }
    may_be_cut(cell) && !seen.is_empty() && want.starts_with(&*seen)
}

/// Whether a text that ends early may have been cut.
fn may_be_cut(cell: &Cell) -> bool {
    cell.column == Column::Info || cell.cut != Cut::No
}

/// The verdict by the texts alone.
fn compare(cell: &Cell, seen: &str, want: &str) -> CellVerdict {
    if seen.is_empty() {
        return if want.is_empty() { CellVerdict::Match } else { CellVerdict::Unreadable };
    }
    let is_same_protocol = cell.column == Column::Protocol && protocol::is_same(seen, want);
    if seen == want || is_same_protocol || is_same_address(cell.column, seen, want) {
        return CellVerdict::Match;
    }
    let (seen, want) = (wording::without_part(seen), wording::without_part(want));
    if seen == want {
        return CellVerdict::Match;
    }
    if may_be_cut(cell) && want.starts_with(seen) {
        return CellVerdict::Cut;
    }
    if is_slip(cell, seen, want) { CellVerdict::Near } else { CellVerdict::Mismatch }
}

/// True when one names a hardware address that the other has in full: `Broadcast`, or the maker
/// and the last three bytes.
fn is_same_address(column: Column, seen: &str, want: &str) -> bool {
    if !matches!(column, Column::Source | Column::Destination) {
        return false;
    }
    let is_broadcast = |text| text == BROADCAST || text == "Broadcast";
    let names = |text: &str| {
        let (maker, rest) = text.rsplit_once('_').unwrap_or_default();
        !maker.is_empty() && rest.len() == 8 && want.len() == 17 && want.ends_with(rest)
    };
    (is_broadcast(seen) && is_broadcast(want)) || names(seen)
}

/// True when look-alikes, spaces and case alone make the difference, or, outside of digits, a
/// few single characters.
fn is_slip(cell: &Cell, seen: &str, want: &str) -> bool {
    if looks_alike(cell, seen, want) {
        return same_digits(seen, want) || cell.confidence < 1.0;
    }
    if matches!(cell.column, Column::No | Column::Time | Column::Length) {
        return false;
    }
    let (seen, want): (Vec<char>, Vec<char>) = (seen.chars().collect(), want.chars().collect());
    let limit = 1 + seen.len() / CHARACTERS_PER_SLIP;
    let want =
        if may_be_cut(cell) { want.get(..seen.len() + limit).unwrap_or(&want) } else { &want };
    seen.len() >= 8 && slips(&seen, want, limit, may_be_cut(cell)).is_some()
}

/// True when no digit of one stands where the other has another digit.
fn same_digits(seen: &str, want: &str) -> bool {
    let of = |text: &str| -> Vec<char> { text.chars().filter(|c| !c.is_whitespace()).collect() };
    of(seen)
        .iter()
        .zip(&of(want))
        .all(|(a, b)| a == b || !(a.is_ascii_digit() && b.is_ascii_digit()))
}

/// The least number of single characters other than digits by which two texts differ, if it is
/// at most `limit`; with `is_open`, what follows in `want` costs nothing.
fn slips(seen: &[char], want: &[char], limit: usize, is_open: bool) -> Option<usize> {
    const FAR: usize = usize::MAX / 2;
    let cost = |a: char| if a.is_ascii_digit() { FAR } else { 1 };
    let mut above: Vec<usize> = Vec::with_capacity(want.len() + 1);
    above.push(0);
    for &b in want {
        let last = above.last().copied().unwrap_or(FAR);
        above.push(last.saturating_add(cost(b)).min(FAR));
    }
    for &a in seen {
        let first = above.first().copied().unwrap_or(FAR);
        let mut line = Vec::with_capacity(above.len());
        line.push(first.saturating_add(cost(a)).min(FAR));
        for (index, &b) in want.iter().enumerate() {
            let diagonal = above.get(index).copied().unwrap_or(FAR);
            let up = above.get(index + 1).copied().unwrap_or(FAR);
            let left = line.last().copied().unwrap_or(FAR);
            let change = if a == b { 0 } else { cost(a).max(cost(b)) };
            let best = diagonal
                .saturating_add(change)
                .min(up.saturating_add(cost(a)))
                .min(left.saturating_add(cost(b)));
            line.push(best.min(FAR));
        }
        above = line;
    }
    let found = if is_open { above.iter().min() } else { above.last() };
    found.copied().filter(|&found| found <= limit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(column: Column, text: &str) -> Cell {
        Cell { column, text: text.into(), cut: Cut::No, confidence: 1.0, region: None }
    }

    #[test]
    fn text_is_judged_as_it_stands() {
        use CellVerdict::{Cut as Begins, Match, Mismatch, Near, Unreadable};
        let info = "57278 → 10000 [PSH, ACK] Seq=1 Ack=1 Win=64256 Len=46 TSval=1 TSecr=2";
        for (column, seen, want, verdict) in [
            (Column::Info, info, info, Match),
            (Column::Info, "57278 → 10000 [PSH, ACK] Seq=1 Ack=1 Win=64256 Len=4", info, Begins),
            (Column::Info, "57278 > 10000 [PSH, ACK] Seq=1 Ack=1", info, Begins),
            (Column::Info, "57278 → 10000 [PSH, ACK] Seq=1 Ack=2", info, Mismatch),
            (Column::Info, "57278 → 10000 [PSH ACK] Seq=1 Ack=1 Win=64256", info, Near),
            (Column::Info, "57278 → 10000 [FIN, ACK] Seq=1 Ack=1 Win=64256", info, Mismatch),
            (Column::Info, "57278 → 1OOOO [PSH, ACK] Seq=1", info, Near),
            (Column::Info, "", info, Unreadable),
            (Column::Length, "112", "112", Match),
            (Column::Length, "11", "112", Mismatch),
            (Column::Length, "ll2", "112", Near),
            (Column::Length, "118", "112", Mismatch),
            (Column::Source, "172.16.16.101", "172.16.16.102", Mismatch),
            (Column::Source, "172.16.16,101", "172.16.16.101", Near),
            (Column::Destination, "ff:ff:ff:ff:ff:ff", "Broadcast", Match),
            (Column::Source, "Intel_10:10:66", "02:42:ac:10:10:66", Match),
            (Column::Source, "Intel_10:10:67", "02:42:ac:10:10:66", Mismatch),
            (Column::Protocol, "TCP", "TCP", Match),
        ] {
            let judged = Judge::default().judge(1, &cell(column, seen), want);
            assert_eq!(judged, verdict, "{seen:?} for {want:?}");
        }
    }

    struct Says(Look);
    impl Witness for Says {
        fn look(&self, _: u32, _: Column, _: &str, _: &str) -> Look {
            self.0
        }
    }

    #[test]
    fn a_reading_is_called_wrong_by_two_witnesses_only() {
        let read = Cell { confidence: 0.9, ..cell(Column::Length, "138") };
        for (look, verdict) in [
            (Look::Expected, CellVerdict::Match),
            (Look::Seen, CellVerdict::Mismatch),
            (Look::LeansToSeen, CellVerdict::Suspect),
            (Look::Undecided, CellVerdict::Unreadable),
        ] {
            let judge = Judge { witness: Some(&Says(look)), ..Judge::default() };
            assert_eq!(judge.judge(1, &read, "133"), verdict);
        }
    }
}
