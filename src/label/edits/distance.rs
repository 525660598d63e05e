//! How many changes lead from one sequence to another, and which.

use super::*;

/// Levenshtein distance of two sequences of numbers below `symbols`.
pub(super) fn distance(a: &[u32], b: &[u32], symbols: usize) -> usize {
    let mut band = FIRST_BAND.max(a.len().abs_diff(b.len()));
    loop {
        let found = distance_within(a, b, symbols, band);
        if found <= band {
            return found;
        }
        // What a narrow band finds is never too small, so one as wide as that is the last. Bands in between pay only
        // where they are much narrower.
        band = if band * 64 < found { band * 8 } else { found };
    }
}

/// Levenshtein distance where it is at most `band`, else a number above `band` that is not too small.
pub(super) fn distance_within(a: &[u32], b: &[u32], symbols: usize, band: usize) -> usize {
    let (head, tail) = common_ends(a, b);
    let (a, b) = (&a[head..a.len() - tail], &b[head..b.len() - tail]);
    if a.is_empty() || b.is_empty() {
        return a.len().max(b.len());
    }
    Row::last(a, b, symbols, band.max(a.len().abs_diff(b.len()))).end()
}

/// The last row of an edit distance table.
pub(super) struct Row {
    /// The first column that was computed.
    pub(super) first: usize,
    /// Distance at the left edge of that column.
    pub(super) left: usize,
    /// By column, distance minus the distance one column to the left: -1, 0 or 1.
    pub(super) steps: Vec<i8>,
}

impl Row {
    /// Distances between `a` and the heads of `b`, 64 rows of the table at a time (Myers 1999, "A Fast Bit-Vector
    /// Algorithm for Approximate String Matching"; Hyyrö 2003).
    ///
    /// Only columns at most `band` off the main diagonal are computed (Ukkonen 1985). At the rim of the band the way
    /// straight down or right is taken, so distances are right up to `band` and never too small above. `band` must be
    /// at least the difference of the lengths.
    pub(super) fn last(a: &[u32], b: &[u32], symbols: usize, band: usize) -> Self {
        let mut row = Self { first: 0, left: 0, steps: vec![1; b.len()] };
        let mut places = vec![0_u64; symbols];
        for (number, rows) in a.chunks(64).enumerate() {
            let first = (number * 64).saturating_sub(band).min(b.len());
            let end = (number * 64 + 64).saturating_add(band).min(b.len());
            row.left = row.at(first) + rows.len();
            row.first = first;
            for (bit, &symbol) in rows.iter().enumerate() {
                places[symbol as usize] |= 1 << bit;
            }
            advance(&places, rows.len() - 1, &b[first..end], &mut row.steps[first..end]);
            for &symbol in rows {
                places[symbol as usize] = 0;
            }
        }
        row
    }

    /// The distance left of a column that is not before the first.
    pub(super) fn at(&self, column: usize) -> usize {
        let sum: isize = self.steps[self.first..column].iter().map(|&step| isize::from(step)).sum();
        self.left.saturating_add_signed(sum)
    }

    /// The distance in the corner.
    pub(super) fn end(&self) -> usize {
        self.at(self.steps.len())
    }

    /// The distances of all columns and of the left edge, for a row without a band.
    pub(super) fn all(&self) -> Vec<usize> {
        let mut distance = self.left;
        let rest = self.steps.iter().map(|&step| {
            distance = distance.saturating_add_signed(isize::from(step));
            distance
        });
        std::iter::once(self.left).chain(rest).collect()
    }
}

/// Goes through the columns of up to 64 rows. `steps` are those of the row above, and become those of row `last`;
/// `places` has for each symbol the rows that it stands in.
pub(super) fn advance(places: &[u64], last: usize, columns: &[u32], steps: &mut [i8]) {
    // Bits of the rows whose distance is one more or one less than that of the row above.
    let (mut more, mut less) = (u64::MAX, 0_u64);
    for (&symbol, step) in columns.iter().zip(steps) {
        let (rises, falls) = (u64::from(*step > 0), u64::from(*step < 0));
        let equal = places[symbol as usize];
        let vertical = equal | less;
        let equal = equal | falls;
        let horizontal = ((equal & more).wrapping_add(more) ^ more) | equal;
        let right_more = less | !(horizontal | more);
        let right_less = more & horizontal;
        *step = (right_more >> last & 1) as i8 - (right_less >> last & 1) as i8;
        let right_more = right_more << 1 | rises;
        more = (right_less << 1 | falls) | !(vertical | right_more);
        less = right_more & vertical;
    }
}

/// A step of an alignment of two sequences.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Keep,
    Replace,
    Delete,
    Insert,
}

/// A shortest way to make `b` of `a`.
pub(super) fn alignment(a: &[u32], b: &[u32], symbols: usize) -> Vec<Step> {
    let mut steps = Vec::with_capacity(a.len().max(b.len()));
    align(a, b, symbols, &mut steps);
    steps
}

/// Adds a shortest way. Where the table would be too large, it is halved at a row that the way is known to cross
/// (Hirschberg 1975), so memory grows only with the length.
pub(super) fn align(a: &[u32], b: &[u32], symbols: usize, steps: &mut Vec<Step>) {
    if a.len() < 2 || a.len().saturating_mul(b.len()) <= MOST_CELLS {
        return trace(a, b, steps);
    }
    let (upper, lower) = a.split_at(a.len() / 2);
    let backward = |items: &[u32]| items.iter().rev().copied().collect::<Vec<u32>>();
    let to_column = Row::last(upper, b, symbols, usize::MAX).all();
    let from_column = Row::last(&backward(lower), &backward(b), symbols, usize::MAX).all();
    let both = to_column.iter().zip(from_column.iter().rev()).map(|(to, from)| to + from);
    let column = both.enumerate().min_by_key(|&(_, sum)| sum).map_or(0, |(column, _)| column);
    align(upper, &b[..column], symbols, steps);
    align(lower, &b[column..], symbols, steps);
}

/// Adds a shortest way, found with the whole table. Of ways as short, from the end on, one that keeps or replaces is
/// preferred to one that deletes, and that to one that inserts: the order of tercom, on which the shifts found depend.
pub(super) fn trace(a: &[u32], b: &[u32], steps: &mut Vec<Step>) {
    let width = b.len() + 1;
    let mut row: Vec<u32> = (0..width as u32).collect();
    let mut table = vec![Step::Insert; (a.len() + 1) * width];
    for (x, line) in a.iter().zip(table.chunks_exact_mut(width).skip(1)) {
        let mut corner = row[0];
        row[0] += 1;
        line[0] = Step::Delete;
        for (j, y) in b.iter().enumerate() {
            let (straight, step) = if x == y { (corner, Step::Keep) } else { (corner + 1, Step::Replace) };
            let (delete, insert) = (row[j + 1] + 1, row[j] + 1);
            corner = row[j + 1];
            (row[j + 1], line[j + 1]) = if straight <= delete.min(insert) {
                (straight, step)
            } else if delete <= insert {
                (delete, Step::Delete)
            } else {
                (insert, Step::Insert)
            };
        }
    }
    let (mut i, mut j) = (a.len(), b.len());
    let begin = steps.len();
    while i + j > 0 {
        let step = table[i * width + j];
        i -= usize::from(step != Step::Insert);
        j -= usize::from(step != Step::Delete);
        steps.push(step);
    }
    steps[begin..].reverse();
}
