//! Two lists put side by side at the least cost, with a bounded amount of work.

/// One step through both lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Step {
    /// An element of each that belong together, by their indices.
    Pair(usize, usize),
    /// Only the expected list has it.
    Missing(usize),
    /// Only the actual list has it.
    Added(usize),
}

/// What an element without a partner costs.
pub(super) const LONELY: u32 = 6;

/// Most cells of the table; beyond, what is between the common start and end is not aligned.
const MAX_CELLS: usize = 1 << 20;

/// Aligns `expected` elements with `actual` ones. `cost` of a pair is 0 when they are the same,
/// none when they cannot belong together; a pair costs no more than two without partners.
///
/// Work: the product of the lengths (at most a million steps), after what is the same at both
/// ends was taken off.
pub(super) fn align(
    expected: usize,
    actual: usize,
    cost: &dyn Fn(usize, usize) -> Option<u32>,
) -> Vec<Step> {
    let shorter = expected.min(actual);
    let same = |i: usize, j: usize| cost(i, j) == Some(0);
    let head = (0..shorter).take_while(|at| same(*at, *at)).count();
    let tail =
        (0..shorter - head).take_while(|back| same(expected - 1 - back, actual - 1 - back)).count();
    let mut steps: Vec<Step> = (0..head).map(|at| Step::Pair(at, at)).collect();
    let (rows, columns) = (expected - head - tail, actual - head - tail);
    let inner = |i: usize, j: usize| cost(head + i, head + j);
    let middle = if rows.saturating_mul(columns) > MAX_CELLS {
        (0..rows).map(Step::Missing).chain((0..columns).map(Step::Added)).collect()
    } else {
        by_table(rows, columns, &inner)
    };
    steps.extend(middle.into_iter().map(|step| match step {
        Step::Pair(i, j) => Step::Pair(head + i, head + j),
        Step::Missing(i) => Step::Missing(head + i),
        Step::Added(j) => Step::Added(head + j),
    }));
    steps.extend((0..tail).map(|at| Step::Pair(expected - tail + at, actual - tail + at)));
    steps
}

/// The costs of the best alignment of what is left of both lists, for every two places.
struct Costs {
    columns: usize,
    cells: Vec<u32>,
}

impl Costs {
    fn at(&self, i: usize, j: usize) -> u32 {
        self.cells.get(i * (self.columns + 1) + j).copied().unwrap_or(u32::MAX)
    }

    fn set(&mut self, i: usize, j: usize, cost: u32) {
        if let Some(cell) = self.cells.get_mut(i * (self.columns + 1) + j) {
            *cell = cost;
        }
    }
}

/// Needleman and Wunsch, from the ends to the start, so that steps come out in order and what is
/// missing comes out as late as it can.
fn by_table(rows: usize, columns: usize, cost: &dyn Fn(usize, usize) -> Option<u32>) -> Vec<Step> {
    let mut costs = Costs { columns, cells: vec![0; (rows + 1) * (columns + 1)] };
    for i in (0..=rows).rev() {
        for j in (0..=columns).rev() {
            let best = [
                (i < rows).then(|| costs.at(i + 1, j) + LONELY),
                (j < columns).then(|| costs.at(i, j + 1) + LONELY),
                paired(&costs, (rows, columns), (i, j), cost),
            ];
            costs.set(i, j, best.into_iter().flatten().min().unwrap_or(0));
        }
    }
    let (mut i, mut j) = (0, 0);
    let mut steps = Vec::with_capacity(rows.max(columns));
    while i < rows || j < columns {
        let here = costs.at(i, j);
        if paired(&costs, (rows, columns), (i, j), cost) == Some(here) {
            steps.push(Step::Pair(i, j));
            (i, j) = (i + 1, j + 1);
        } else if i < rows && costs.at(i + 1, j) + LONELY == here {
            steps.push(Step::Missing(i));
            i += 1;
        } else {
            steps.push(Step::Added(j));
            j += 1;
        }
    }
    steps
}

fn paired(
    costs: &Costs,
    (rows, columns): (usize, usize),
    (i, j): (usize, usize),
    cost: &dyn Fn(usize, usize) -> Option<u32>,
) -> Option<u32> {
    if i >= rows || j >= columns {
        return None;
    }
    cost(i, j).map(|cost| costs.at(i + 1, j + 1) + cost)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn steps(expected: &str, actual: &str) -> String {
        let (a, b): (Vec<char>, Vec<char>) = (expected.chars().collect(), actual.chars().collect());
        let cost = |i: usize, j: usize| {
            let near = a[i].eq_ignore_ascii_case(&b[j]);
            if a[i] == b[j] { Some(0) } else { near.then_some(2) }
        };
        let told = align(a.len(), b.len(), &cost).into_iter().map(|step| match step {
            Step::Pair(i, j) if a[i] == b[j] => '=',
            Step::Pair(..) => '~',
            Step::Missing(_) => '-',
            Step::Added(_) => '+',
        });
        told.collect()
    }

    #[test]
    fn lists_are_aligned_at_the_least_cost() {
        let cases = [
            ("", "", ""),
            ("abc", "abc", "==="),
            ("abc", "ac", "=-="),
            ("ac", "abc", "=+="),
            ("abc", "aBc", "=~="),
            ("abc", "axc", "=-+="),
            ("abc", "", "---"),
            ("", "ab", "++"),
            ("abcd", "bcde", "-===+"),
        ];
        for (expected, actual, wanted) in cases {
            assert_eq!(steps(expected, actual), wanted, "{expected} {actual}");
        }
    }

    proptest! {
        /// Every element is taken once, in order.
        #[test]
        fn steps_walk_through_both_lists(a in "[abAB]{0,12}", b in "[abAB]{0,12}") {
            let told = steps(&a, &b);
            let (missing, added) = (told.matches('-').count(), told.matches('+').count());
            prop_assert_eq!(told.len() - added, a.len());
            prop_assert_eq!(told.len() - missing, b.len());
        }
    }
}
