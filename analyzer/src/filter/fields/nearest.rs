//! The field that a person probably meant.

use super::all;

/// Longest name that is looked at; Wireshark's own stay far below.
const LONGEST: usize = 64;

/// The known name with the smallest edit distance to an unknown one, when it is near enough
/// to be a slip of the finger.
pub fn nearest(unknown: &str) -> Option<&'static str> {
    if unknown.is_empty() || unknown.len() > LONGEST {
        return None;
    }
    let lower = unknown.to_ascii_lowercase();
    let allowed = 1 + lower.len() / 5;
    all()
        .map(|field| (distance(&lower, field.name), field.name))
        .min_by_key(|(distance, name)| (*distance, name.len()))
        .filter(|(distance, _)| *distance <= allowed)
        .map(|(_, name)| name)
}

/// Insertions, deletions, replacements and swaps of neighbours that lead from one to the
/// other.
fn distance(from: &str, to: &str) -> usize {
    let (from, to) = (from.as_bytes(), to.as_bytes());
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=to.len()).collect();
    for (row, a) in from.iter().enumerate() {
        let mut current = Vec::with_capacity(to.len() + 1);
        current.push(row + 1);
        for (column, b) in to.iter().enumerate() {
            let at = |line: &[usize], index: usize| line.get(index).copied().unwrap_or(usize::MAX);
            let replaced = at(&above, column) + usize::from(a != b);
            let mut best = replaced.min(at(&above, column + 1) + 1).min(at(&current, column) + 1);
            let is_swap = row > 0
                && column > 0
                && from.get(row - 1) == Some(b)
                && to.get(column - 1) == Some(a);
            if is_swap {
                best = best.min(at(&before, column - 1) + 1);
            }
            current.push(best);
        }
        before = std::mem::replace(&mut above, current);
    }
    above.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_find_their_field() {
        let cases = [
            ("tcp.prot", Some("tcp.port")),
            ("tcp.flag.syn", Some("tcp.flags.syn")),
            ("TCP", Some("tcp")),
            ("ip.adr", Some("ip.addr")),
            ("tcp.analysis.retransmision", Some("tcp.analysis.retransmission")),
            ("completely.different", None),
            ("", None),
        ];
        for (unknown, expected) in cases {
            assert_eq!(nearest(unknown), expected, "{unknown}");
        }
    }

    #[test]
    fn distance_counts_a_swap_once() {
        assert_eq!(distance("prot", "port"), 1);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("abc", "abc"), 0);
    }
}
