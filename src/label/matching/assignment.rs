//! The assignment of rows to columns with the largest total weight.

use std::collections::BTreeMap;

/// Of all ways to pair rows and columns one to one, the pairs of the one with the largest total weight, in order. A pair
/// whose weight is not above 0, or not finite, is never made, so that some may stay single.
///
/// What no chain of possible pairs joins is solved apart, in `O(n² m)` for `n` rows and `m >= n` columns, or the other
/// way round.
pub fn best_pairs(rows: usize, columns: usize, weight: impl Fn(usize, usize) -> f64) -> Vec<(usize, usize)> {
    let mut possible = Vec::new();
    for row in 0..rows {
        let of_row = (0..columns).map(|column| (row, column, weight(row, column)));
        possible.extend(of_row.filter(|(_, _, weight)| weight.is_finite() && *weight > 0.0));
    }
    let mut pairs: Vec<(usize, usize)> =
        joined(rows, columns, possible).iter().flat_map(|part| pair_up(part)).collect();
    pairs.sort_unstable();
    pairs
}

/// A possible pair: row, column, weight.
type Possible = (usize, usize, f64);

/// Splits possible pairs into parts that share no row and no column.
fn joined(rows: usize, columns: usize, possible: Vec<Possible>) -> Vec<Vec<Possible>> {
    // A forest over rows, then columns: each points to another of its part, and the root to itself.
    let mut above: Vec<usize> = (0..rows + columns).collect();
    fn root(above: &mut [usize], mut at: usize) -> usize {
        while above[at] != at {
            // Halving the path keeps it short.
            above[at] = above[above[at]];
            at = above[at];
        }
        at
    }
    for &(row, column, _) in &possible {
        let (a, b) = (root(&mut above, row), root(&mut above, rows + column));
        above[a.max(b)] = a.min(b);
    }
    let mut parts: BTreeMap<usize, Vec<Possible>> = BTreeMap::new();
    for pair in possible {
        parts.entry(root(&mut above, pair.0)).or_default().push(pair);
    }
    parts.into_values().collect()
}

/// The best pairs of one part.
fn pair_up(part: &[Possible]) -> Vec<(usize, usize)> {
    if let &[(row, column, _)] = part {
        return vec![(row, column)];
    }
    let places = |of: fn(&Possible) -> usize| {
        let mut places: Vec<usize> = part.iter().map(of).collect();
        places.sort_unstable();
        places.dedup();
        places
    };
    let (rows, columns) = (places(|pair| pair.0), places(|pair| pair.1));
    // The assignment needs at least as many columns as rows.
    let turned = rows.len() > columns.len();
    let (few, many) = if turned { (&columns, &rows) } else { (&rows, &columns) };
    let largest = part.iter().map(|pair| pair.2).fold(0.0, f64::max);
    // What cannot be paired has the weight 0, hence the largest cost.
    let mut costs = vec![largest; few.len() * many.len()];
    for &(row, column, weight) in part {
        let (one, other) = if turned { (column, row) } else { (row, column) };
        costs[few.partition_point(|at| *at < one) * many.len() + many.partition_point(|at| *at < other)] =
            largest - weight;
    }
    let assignment = Assignment::of(&costs, few.len(), many.len());
    let taken = assignment.taken.iter().enumerate().filter_map(|(column, row)| Some(((*row)?, column)));
    taken
        .filter(|(row, column)| costs[row * many.len() + column] < largest)
        .map(|(row, column)| (few[row], many[column]))
        .map(|(one, other)| if turned { (other, one) } else { (one, other) })
        .collect()
}

/// A column for every row so that the sum of costs is the least: the Hungarian method (Kuhn 1955) by shortest
/// augmenting paths, as in Jonker & Volgenant, "A shortest augmenting path algorithm for dense and sparse linear
/// assignment problems", Computing 38, 1987, in the form for fewer rows than columns of Crouse, "On implementing 2D
/// rectangular assignment algorithms", IEEE Trans. Aerospace and Electronic Systems 52(4), 2016, without their
/// initialisation.
///
/// The duals prove it: `row_dual[i] + column_dual[j] <= cost[i][j]`, with equality for what is assigned, no column dual
/// above 0 and that of a free column 0.
pub(super) struct Assignment {
    /// The row that has each column.
    pub(super) taken: Vec<Option<usize>>,
    pub(super) row_dual: Vec<f64>,
    pub(super) column_dual: Vec<f64>,
}

impl Assignment {
    /// `costs` row by row, finite, with `rows <= columns`.
    pub(super) fn of(costs: &[f64], rows: usize, columns: usize) -> Self {
        let mut made = Self { taken: vec![None; columns], row_dual: vec![0.0; rows], column_dual: vec![0.0; columns] };
        let mut search = Search { open: Vec::with_capacity(columns), reached: Vec::with_capacity(columns) };
        for row in 0..rows {
            search.nearest_free(&made, costs, row);
            made.keep_duals(&search.reached, row);
            made.augment(&search.reached, row);
        }
        made
    }

    /// Moves the duals so that the edges of the path cost nothing beyond them.
    fn keep_duals(&mut self, reached: &[Step], start: usize) {
        // The last one is the free column, whose dual stays.
        let Some((free, before)) = reached.split_last() else { return };
        self.row_dual[start] += free.distance;
        for step in before {
            let slack = free.distance - step.distance;
            self.column_dual[step.column] -= slack;
            if let Some(row) = self.taken[step.column] {
                self.row_dual[row] += slack;
            }
        }
    }

    /// Gives each column of the path to the row before it, from the free one back to the start.
    fn augment(&mut self, reached: &[Step], start: usize) {
        let mut next = reached.last();
        while let Some(step) = next {
            next = step.before.and_then(|before| reached.get(before));
            self.taken[step.column] = next.map_or(Some(start), |before| self.taken[before.column]);
        }
    }
}

/// Dijkstra's search from one row to the nearest free column, over costs less the duals, which are never negative.
struct Search {
    /// The columns to which the distance may yet fall; without order, and side by side for the sake of the cache.
    open: Vec<Step>,
    /// The others, in order of distance.
    reached: Vec<Step>,
}

/// A column in the search.
#[derive(Clone, Copy)]
struct Step {
    column: usize,
    /// The least cost from the start so far.
    distance: f64,
    dual: f64,
    /// The place among those reached of the column whose row leads here; `None` if the start does.
    before: Option<usize>,
    free: bool,
}

impl Search {
    /// Searches until the last column reached is a free one. There is one, as there are no more rows than columns.
    fn nearest_free(&mut self, state: &Assignment, costs: &[f64], start: usize) {
        let columns = state.taken.len();
        self.reached.clear();
        self.open.clear();
        self.open.extend(state.taken.iter().zip(&state.column_dual).enumerate().map(|(column, (taken, &dual))| Step {
            column,
            distance: f64::INFINITY,
            dual,
            before: None,
            free: taken.is_none(),
        }));
        let (mut row, mut cost) = (start, 0.0);
        while let Some(place) = self.relax(&costs[row * columns..][..columns], cost - state.row_dual[row]) {
            let step = self.open.swap_remove(place);
            self.reached.push(step);
            cost = step.distance;
            match state.taken[step.column] {
                Some(next) => row = next,
                None => return,
            }
        }
    }

    /// Shortens what the costs of the row of the last column reached, or of the start, shorten beyond `base`, and tells
    /// the place of the nearest open column.
    fn relax(&mut self, costs: &[f64], base: f64) -> Option<usize> {
        let before = self.reached.len().checked_sub(1);
        let (mut nearest, mut least, mut ends) = (None, f64::INFINITY, false);
        for (place, step) in self.open.iter_mut().enumerate() {
            let distance = base + costs[step.column] - step.dual;
            if distance < step.distance {
                step.distance = distance;
                step.before = before;
            }
            // Of equal ones a free column is taken, which ends the search.
            if step.distance < least || step.distance == least && step.free && !ends {
                (nearest, least, ends) = (Some(place), step.distance, step.free);
            }
        }
        nearest
    }
}
