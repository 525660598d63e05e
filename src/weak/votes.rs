//! Votes, by column: what each function says of each row.

use std::sync::{Arc, OnceLock};

use rayon::prelude::*;

use crate::engine::{Error, Fingerprint, Fingerprinter, Result};

/// The vote of a function that does not know.
pub const ABSTAIN: i16 = -1;

/// The votes of one function, in row order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VoteColumn {
    /// The function's name.
    pub name: String,
    /// One vote a row: a class index, or [`ABSTAIN`]. Shared with the cache of the function's votes.
    pub votes: Arc<Vec<i16>>,
}

/// A vote matrix, rows x functions, kept by column.
#[derive(Debug, Clone, Default)]
pub struct Votes {
    rows: usize,
    classes: usize,
    columns: Vec<VoteColumn>,
    print: OnceLock<Fingerprint>,
}

impl PartialEq for Votes {
    fn eq(&self, other: &Self) -> bool {
        (self.rows, self.classes, &self.columns) == (other.rows, other.classes, &other.columns)
    }
}

impl Eq for Votes {}

impl Votes {
    /// Puts columns together; `classes` is the number of classes, votes must lie in `-1..classes`.
    ///
    /// # Errors
    /// If columns differ in length, a vote is outside the range, or there are more classes than votes can tell apart;
    /// the error names function and row.
    pub fn new(rows: usize, classes: usize, columns: Vec<VoteColumn>) -> Result<Self> {
        if classes > i16::MAX as usize {
            return Err(Error::input(format!("{classes} classes are too many")).help("at most 32,767 are possible"));
        }
        columns.par_iter().map(|column| Self::check(rows, classes, column)).collect::<Result<()>>()?;
        Ok(Self { rows, classes, columns, print: OnceLock::new() })
    }

    fn check(rows: usize, classes: usize, column: &VoteColumn) -> Result<()> {
        if column.votes.len() != rows {
            return Err(Error::input(format!("{} votes for {rows} rows", column.votes.len())).at(&column.name));
        }
        // The range is found first, which needs no branch in the loop; the place is looked for only in a bad column.
        let (low, high) = column.votes.iter().fold((0, ABSTAIN), |(low, high), &vote| (vote.min(low), vote.max(high)));
        if low >= ABSTAIN && i32::from(high) < classes as i32 {
            return Ok(());
        }
        let outside = |vote: &i16| *vote < ABSTAIN || i32::from(*vote) >= classes as i32;
        let row = column.votes.iter().position(outside).unwrap_or(0);
        let vote = column.votes.get(row).copied().unwrap_or(ABSTAIN);
        Err(Error::input(format!("the vote {vote} names no class"))
            .at(format!("{}, row {}", column.name, row + 1))
            .help(format!("votes are -1 (abstain) to {}", classes as i64 - 1)))
    }

    /// The number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The number of classes.
    pub fn classes(&self) -> usize {
        self.classes
    }

    /// The functions' columns in order.
    pub fn columns(&self) -> &[VoteColumn] {
        &self.columns
    }

    /// The functions' names in order.
    pub fn names(&self) -> Vec<String> {
        self.columns.iter().map(|column| column.name.clone()).collect()
    }

    /// The name of the content, computed once.
    pub fn fingerprint(&self) -> Fingerprint {
        *self.print.get_or_init(|| {
            let of_column = |column: &VoteColumn| {
                let bytes: Vec<u8> = column.votes.iter().flat_map(|vote| vote.to_le_bytes()).collect();
                Fingerprinter::new("vote column").text(&column.name).bytes(&bytes).finish()
            };
            let prints: Vec<Fingerprint> = self.columns.par_iter().map(of_column).collect();
            let start = Fingerprinter::new("votes").number(self.rows as u64).number(self.classes as u64);
            prints.into_iter().fold(start, Fingerprinter::print).finish()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(votes: Vec<i16>) -> Vec<VoteColumn> {
        vec![VoteColumn { name: "lf".into(), votes: votes.into() }]
    }

    #[test]
    fn a_vote_outside_the_classes_is_refused_with_its_place() {
        assert!(Votes::new(2, 2, column(vec![1, -1])).is_ok());
        let check = |votes: Vec<i16>, expected: &str| {
            assert_eq!(Votes::new(2, 2, column(votes)).unwrap_err().to_string(), expected);
        };
        check(vec![0, 2], "the vote 2 names no class: lf, row 2");
        check(vec![-2, 0], "the vote -2 names no class: lf, row 1");
        check(vec![0, 1, 1], "3 votes for 2 rows: lf");
        assert!(Votes::new(0, 40_000, vec![]).is_err());
    }

    #[test]
    fn equal_votes_have_equal_fingerprints_and_others_do_not() {
        let of = |votes| Votes::new(2, 2, column(votes)).unwrap();
        let (first, second, other) = (of(vec![1, -1]), of(vec![1, -1]), of(vec![1, 0]));
        assert_eq!(first.fingerprint(), second.fingerprint());
        assert_ne!(first.fingerprint(), other.fingerprint());
        assert_eq!(first, of(vec![1, -1]), "whether the fingerprint was asked for does not matter");
    }
}
