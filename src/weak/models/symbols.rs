//! The votes that occur, numbered, and sums over tables that have a row for each.

use crate::engine::{Result, Work};
use crate::weak::{ABSTAIN, Patterns};

/// The (function, vote) pairs that occur, numbered from 1; row 0 of every table stands for all others and is neutral.
///
/// Most functions vote for one class only, so that tables over these pairs are far smaller than functions x classes.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Symbols {
    /// The different votes that a function may cast, abstaining included.
    slots: usize,
    /// The number of each (function, vote), `vote + 1` fastest; 0 where it does not occur.
    lookup: Vec<u32>,
    pairs: Vec<(usize, i16)>,
    /// How many rows show each pair, by number (0 for number 0).
    rows: Vec<f64>,
}

impl Symbols {
    /// The pairs that occur in the patterns; abstaining counts as a vote if `abstain`.
    pub(crate) fn of(patterns: &Patterns, abstain: bool, work: &Work) -> Result<Self> {
        let slots = patterns.slots();
        let counts = patterns.vote_counts(work)?;
        let mut symbols = Self { slots, lookup: vec![0; counts.len()], pairs: vec![(0, ABSTAIN)], rows: vec![0.0] };
        for (slot, &count) in counts.iter().enumerate() {
            let (function, vote) = (slot / slots, (slot % slots) as i16 - 1);
            if count > 0 && (abstain || vote != ABSTAIN) {
                symbols.lookup[slot] = symbols.pairs.len() as u32;
                symbols.pairs.push((function, vote));
                symbols.rows.push(count as f64);
            }
        }
        Ok(symbols)
    }

    /// The number of table rows, that for "does not occur" included.
    pub(crate) fn len(&self) -> usize {
        self.pairs.len()
    }

    /// Number, function and vote of each pair that occurs, in the order of functions, then votes.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = (usize, usize, i16)> + '_ {
        self.pairs.iter().enumerate().skip(1).map(|(number, &(function, vote))| (number, function, vote))
    }

    /// How many rows show the pair of that number.
    pub(crate) fn rows(&self, number: usize) -> f64 {
        self.rows.get(number).copied().unwrap_or(0.0)
    }

    /// The numbers of the pairs of a row of votes, 0 for those that do not occur.
    pub(crate) fn numbers<'a>(&'a self, votes: &'a [i16]) -> impl Iterator<Item = usize> + 'a {
        let lookups = self.lookup.chunks_exact(self.slots);
        lookups.zip(votes).map(|(lookup, &vote)| lookup.get((vote + 1) as usize).map_or(0, |&number| number as usize))
    }

    /// Adds to `sums`, one a class, the rows of `table` (symbols x classes) that belong to the votes.
    pub(crate) fn add_rows(&self, table: &[f64], votes: &[i16], sums: &mut [f64]) {
        // Most tasks have few classes; a width known to the compiler makes this several times faster.
        match sums.len() {
            2 => self.add_rows_of::<2>(table, votes, sums),
            3 => self.add_rows_of::<3>(table, votes, sums),
            4 => self.add_rows_of::<4>(table, votes, sums),
            classes => {
                for number in self.numbers(votes) {
                    let row = &table[number * classes..][..classes];
                    sums.iter_mut().zip(row).for_each(|(sum, add)| *sum += add);
                }
            }
        }
    }

    fn add_rows_of<const CLASSES: usize>(&self, table: &[f64], votes: &[i16], sums: &mut [f64]) {
        let (Some(sums), rows) = (sums.first_chunk_mut::<CLASSES>(), table.as_chunks::<CLASSES>().0) else { return };
        let mut held = *sums;
        for number in self.numbers(votes) {
            if let Some(row) = rows.get(number) {
                (0..CLASSES).for_each(|class| held[class] += row[class]);
            }
        }
        *sums = held;
    }

    /// Adds `shares`, one a class, to each row of `table` that belongs to the votes.
    pub(crate) fn add_to_rows(&self, table: &mut [f64], votes: &[i16], shares: &[f64]) {
        match shares.len() {
            2 => self.add_to_rows_of::<2>(table, votes, shares),
            3 => self.add_to_rows_of::<3>(table, votes, shares),
            4 => self.add_to_rows_of::<4>(table, votes, shares),
            classes => {
                for number in self.numbers(votes) {
                    let row = &mut table[number * classes..][..classes];
                    row.iter_mut().zip(shares).for_each(|(sum, share)| *sum += share);
                }
            }
        }
    }

    fn add_to_rows_of<const CLASSES: usize>(&self, table: &mut [f64], votes: &[i16], shares: &[f64]) {
        let (Some(shares), rows) = (shares.first_chunk::<CLASSES>(), table.as_chunks_mut::<CLASSES>().0) else {
            return;
        };
        for number in self.numbers(votes) {
            if let Some(row) = rows.get_mut(number) {
                (0..CLASSES).for_each(|class| row[class] += shares[class]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_votes_that_occur_have_rows() {
        let cells = vec![0, -1, -1, 2, 0, -1];
        let patterns = Patterns::from_counts(vec!["a".into(), "b".into()], 3, cells, vec![5, 7, 1]).unwrap();
        let pairs = |abstain| {
            let symbols = Symbols::of(&patterns, abstain, &Work::new()).unwrap();
            symbols.pairs().map(|(number, function, vote)| (function, vote, symbols.rows(number))).collect::<Vec<_>>()
        };
        assert_eq!(pairs(false), [(0, 0, 6.0), (1, 2, 7.0)]);
        assert_eq!(pairs(true), [(0, -1, 7.0), (0, 0, 6.0), (1, -1, 6.0), (1, 2, 7.0)]);
        let symbols = Symbols::of(&patterns, false, &Work::new()).unwrap();
        assert_eq!(symbols.numbers(&[0, 2]).collect::<Vec<_>>(), [1, 2]);
        assert_eq!(symbols.numbers(&[1, -1]).collect::<Vec<_>>(), [0, 0]);
    }

    #[test]
    fn sums_are_the_same_for_every_number_of_classes() {
        for classes in 2..7 {
            let cells = vec![0, 1, 1, -1];
            let patterns = Patterns::from_counts(vec!["a".into(), "b".into()], classes, cells, vec![1, 1]).unwrap();
            let symbols = Symbols::of(&patterns, false, &Work::new()).unwrap();
            let mut table: Vec<f64> = (0..symbols.len() * classes).map(|cell| cell as f64).collect();
            table[..classes].fill(0.0);
            let mut sums = vec![0.5; classes];
            symbols.add_rows(&table, &[1, 1], &mut sums);
            // (a, 1) is number 2 and (b, 1) number 3.
            let expected: Vec<f64> = (0..classes).map(|class| 0.5 + (5 * classes + 2 * class) as f64).collect();
            assert_eq!(sums, expected);
            let mut rows = vec![0.0; table.len()];
            symbols.add_to_rows(&mut rows, &[0, -1], &sums);
            assert_eq!((&rows[classes..2 * classes], rows[2 * classes..].iter().sum::<f64>()), (&sums[..], 0.0));
        }
    }
}
