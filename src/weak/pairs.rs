//! Functions against functions: how often two vote together and agree, which are near duplicates, which are subsumed.

use serde::Serialize;

use super::Patterns;
use super::models::{Symbols, pair_counts};
use crate::engine::{Result, Work};

/// What each two functions do on the same rows. All counts are of rows; `a` and `b` are positions of functions, and
/// figures of a position that does not exist are 0.
#[derive(Debug, Clone, PartialEq)]
pub struct Pairs {
    functions: usize,
    /// Functions x functions.
    both: Vec<u64>,
    agree: Vec<u64>,
}

/// How one function relates to another, where that is worth pointing out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum RelationKind {
    /// They vote the same on nearly the same rows.
    NearDuplicate,
    /// Wherever the first votes, the second gives the same vote: the first adds nothing of its own.
    Subsumed,
}

/// A remarkable pair.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Relation {
    /// The first function; in a subsumption, the one that adds nothing.
    pub first: usize,
    /// The second function.
    pub second: usize,
    /// What they are to each other.
    pub kind: RelationKind,
    /// The Jaccard similarity of their votes.
    pub jaccard: f64,
}

impl Pairs {
    /// Counts all pairs, by bits.
    ///
    /// # Errors
    /// If there are more different votes than a table of pairs can hold (8,000), or the work was cancelled.
    pub fn of(patterns: &Patterns, work: &Work) -> Result<Self> {
        let functions = patterns.functions().len();
        let symbols = Symbols::of(patterns, false, work)?;
        let counts = pair_counts(patterns, &symbols, work)?;
        let (mut both, mut agree) = (vec![0; functions * functions], vec![0; functions * functions]);
        for (left, a, vote) in symbols.pairs() {
            for (right, b, other) in symbols.pairs() {
                let count = counts[left * symbols.len() + right] as u64;
                both[a * functions + b] += count;
                agree[a * functions + b] += if patterns.agree(vote, other) { count } else { 0 };
            }
        }
        Ok(Self { functions, both, agree })
    }

    /// The number of functions.
    pub fn functions(&self) -> usize {
        self.functions
    }

    /// Rows on which both vote; with itself, rows on which the function votes.
    pub fn overlap(&self, a: usize, b: usize) -> u64 {
        self.at(&self.both, a, b)
    }

    /// Rows on which both give the same vote.
    pub fn agreements(&self, a: usize, b: usize) -> u64 {
        self.at(&self.agree, a, b)
    }

    /// Rows on which both vote, and differently.
    pub fn conflicts(&self, a: usize, b: usize) -> u64 {
        self.overlap(a, b) - self.agreements(a, b)
    }

    /// The share of their common rows on which they agree; `None` without a common row.
    pub fn agreement(&self, a: usize, b: usize) -> Option<f64> {
        let both = self.overlap(a, b);
        (both > 0).then(|| self.agreements(a, b) as f64 / both as f64)
    }

    /// The Jaccard similarity of their votes: equal votes over rows on which either votes; 0 if neither ever does.
    pub fn jaccard(&self, a: usize, b: usize) -> f64 {
        let either = self.overlap(a, a) + self.overlap(b, b) - self.overlap(a, b);
        if either == 0 { 0.0 } else { self.agreements(a, b) as f64 / either as f64 }
    }

    /// The pairs worth pointing out: near duplicates, whose Jaccard similarity is at least `threshold` (0.9 is a good
    /// one), and functions that another one subsumes. The most similar come first.
    pub fn relations(&self, threshold: f64) -> Vec<Relation> {
        let mut relations = Vec::new();
        for a in 0..self.functions {
            for b in 0..self.functions {
                if a == b || self.overlap(a, a) == 0 {
                    continue;
                }
                let jaccard = self.jaccard(a, b);
                let subsumed = self.agreements(a, b) == self.overlap(a, a);
                if jaccard >= threshold {
                    if a < b {
                        relations.push(Relation { first: a, second: b, kind: RelationKind::NearDuplicate, jaccard });
                    }
                } else if subsumed {
                    relations.push(Relation { first: a, second: b, kind: RelationKind::Subsumed, jaccard });
                }
            }
        }
        relations.sort_by(|a, b| b.jaccard.total_cmp(&a.jaccard).then((a.first, a.second).cmp(&(b.first, b.second))));
        relations
    }

    fn at(&self, counts: &[u64], a: usize, b: usize) -> u64 {
        if a < self.functions && b < self.functions { counts[a * self.functions + b] } else { 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_counted_by_rows() {
        // Columns: a votes 0 on 4 rows, b as a and once more, c against both on one row, d never.
        let cells = vec![0, 0, -1, -1, 0, 0, 1, -1, -1, 0, -1, -1];
        let names = ["a", "b", "c", "d"].map(str::to_owned).to_vec();
        let pairs = Pairs::of(&Patterns::from_counts(names, 2, cells, vec![3, 1, 1]).unwrap(), &Work::new()).unwrap();
        let check = |a: usize, b: usize, overlap: u64, conflicts: u64, jaccard: f64| {
            for (a, b) in [(a, b), (b, a)] {
                assert_eq!(
                    (pairs.overlap(a, b), pairs.conflicts(a, b), pairs.jaccard(a, b)),
                    (overlap, conflicts, jaccard)
                );
            }
        };
        check(0, 0, 4, 0, 1.0);
        check(0, 1, 4, 0, 0.8);
        check(0, 2, 1, 1, 0.0);
        check(0, 3, 0, 0, 0.0);
        check(7, 7, 0, 0, 0.0);
        assert_eq!((pairs.agreement(0, 1), pairs.agreement(0, 2), pairs.agreement(0, 3)), (Some(1.0), Some(0.0), None));
        let relation = |kind| Relation { first: 0, second: 1, kind, jaccard: 0.8 };
        assert_eq!(pairs.relations(0.9), [relation(RelationKind::Subsumed)]);
        assert_eq!(pairs.relations(0.7), [relation(RelationKind::NearDuplicate)]);
    }
}
