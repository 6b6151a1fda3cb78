//! The name that a person probably meant.

use std::collections::BTreeMap;

/// Longest name that is looked at.
const LONGEST: usize = 64;
/// Names that are told when none is near.
const TOLD: usize = 12;

/// "did you mean ...", or the names that there are.
pub fn hint<'n>(unknown: &str, known: impl Iterator<Item = &'n str> + Clone) -> Option<String> {
    if let Some(name) = nearest(unknown, known.clone()) {
        return Some(format!("did you mean `{name}`?"));
    }
    let mut names: Vec<&str> = known.collect();
    let more = names.len().saturating_sub(TOLD);
    names.truncate(TOLD);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    (!names.is_empty()).then(|| format!("there is: {}{more}", names.join(", ")))
}

/// The known name with the smallest edit distance, when it is near enough to be a slip.
fn nearest<'n>(unknown: &str, known: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    if unknown.is_empty() || unknown.len() > LONGEST {
        return None;
    }
    let lower = unknown.to_ascii_lowercase();
    let allowed = 1 + lower.len() / 4;
    known
        .map(|name| (distance(&lower, name), name))
        .min_by_key(|(distance, name)| (*distance, name.len()))
        .filter(|(distance, _)| *distance <= allowed && *distance < lower.len())
        .map(|(_, name)| name)
}

/// Insertions, deletions, replacements and swaps of neighbours that lead from one to the
/// other (optimal string alignment).
fn distance(from: &str, to: &str) -> usize {
    let (from, to): (Vec<char>, Vec<char>) = (from.chars().collect(), to.chars().collect());
    let mut cost: BTreeMap<(usize, usize), usize> = BTreeMap::new();
    let at = |cost: &BTreeMap<(usize, usize), usize>, row: usize, column: usize| {
        if row == 0 || column == 0 {
            return row.max(column);
        }
        cost.get(&(row, column)).copied().unwrap_or(usize::MAX / 2)
    };
    for (i, a) in from.iter().enumerate() {
        for (j, b) in to.iter().enumerate() {
            let replaced = at(&cost, i, j) + usize::from(a != b);
            let mut best = replaced.min(at(&cost, i, j + 1) + 1).min(at(&cost, i + 1, j) + 1);
            let is_swap = i > 0 && j > 0 && from.get(i - 1) == Some(b) && to.get(j - 1) == Some(a);
            if is_swap {
                best = best.min(at(&cost, i - 1, j - 1) + 1);
            }
            cost.insert((i + 1, j + 1), best);
        }
    }
    at(&cost, from.len(), to.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_find_their_name() {
        let known = ["connections", "capture", "concurrency", "findings"];
        let cases = [
            ("conections", "did you mean `connections`?"),
            ("capturs", "did you mean `capture`?"),
            ("concurrncy", "did you mean `concurrency`?"),
            ("x", "there is: connections, capture, concurrency, findings"),
        ];
        for (unknown, expected) in cases {
            assert_eq!(hint(unknown, known.into_iter()).as_deref(), Some(expected), "{unknown}");
        }
        assert_eq!(distance("prot", "port"), 1);
    }
}
