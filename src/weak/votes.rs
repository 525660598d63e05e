//! Votes, by column: what each function says of each row.

use std::sync::{Arc, OnceLock};

use rayon::prelude::*;

use super::shades::{Meaning, Shades};
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
    /// By position of a function, what of its votes is not one class for certain.
    shades: Vec<(usize, Arc<Shades>)>,
    /// All different ones, sorted: the vote `classes + i` of [`Votes::row`] means the i-th.
    meanings: Arc<Vec<Meaning>>,
    print: OnceLock<Fingerprint>,
}

impl PartialEq for Votes {
    fn eq(&self, other: &Self) -> bool {
        (self.rows, self.classes, &self.columns, &self.shades)
            == (other.rows, other.classes, &other.columns, &other.shades)
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
        Ok(Self { rows, classes, columns, ..Self::default() })
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

    /// Adds what of some functions' votes, by their positions, is not one class for certain.
    ///
    /// # Errors
    /// If a function does not exist or its rows do not fit, or there are more different votes than can be told apart.
    pub fn with_shades(mut self, shades: Vec<(usize, Arc<Shades>)>) -> Result<Self> {
        for (function, shades) in &shades {
            if *function >= self.columns.len() || shades.rows() != self.rows {
                return Err(Error::input(format!("{} votes for {} rows", shades.rows(), self.rows)));
            }
        }
        let mut meanings: Vec<Meaning> = shades.iter().flat_map(|(_, shades)| shades.meanings().to_vec()).collect();
        meanings.sort_unstable();
        meanings.dedup();
        if self.classes + meanings.len() > i16::MAX as usize {
            return Err(Error::input(format!("{} different votes are too many", meanings.len()))
                .help("round the confidences that functions give, or name fewer classes together"));
        }
        (self.shades, self.meanings, self.print) = (shades, Arc::new(meanings), OnceLock::new());
        Ok(self)
    }

    /// The votes of some rows, in their order; rows that do not exist have none.
    ///
    /// # Errors
    /// As [`Votes::new`].
    pub fn of_rows(&self, rows: &[u32]) -> Result<Self> {
        let of_column = |column: &VoteColumn| {
            let vote = |&row: &u32| column.votes.get(row as usize).copied().unwrap_or(ABSTAIN);
            VoteColumn { name: column.name.clone(), votes: Arc::new(rows.iter().map(vote).collect()) }
        };
        let columns = self.columns.par_iter().map(of_column).collect();
        let shades = self.shades.iter().map(|(at, shades)| (*at, Arc::new(shades.of_rows(rows)))).collect();
        Self::new(rows.len(), self.classes, columns)?.with_shades(shades)
    }

    /// What of a function's votes is not one class for certain; `None` if all are.
    pub fn shades(&self, function: usize) -> Option<&Arc<Shades>> {
        self.shades.iter().find(|(of, _)| *of == function).map(|(_, shades)| shades)
    }

    /// Whether any vote is not one class for certain.
    pub fn is_shaded(&self) -> bool {
        !self.shades.is_empty()
    }

    /// All different votes that are not one class for certain.
    pub fn meanings(&self) -> &Arc<Vec<Meaning>> {
        &self.meanings
    }

    /// Whether a function says anything of a row.
    pub fn is_cast(&self, function: usize, row: usize) -> bool {
        let plain = self.columns.get(function).and_then(|column| column.votes.get(row));
        plain.is_some_and(|vote| *vote != ABSTAIN) || self.shades(function).is_some_and(|of| of.row(row).is_some())
    }

    /// The votes of a row, one a function, as label models read them: those that are not one class for certain go by
    /// the number of classes plus their position in [`meanings`](Self::meanings). `None` for a row that does not exist.
    pub fn row(&self, row: usize) -> Option<Vec<i16>> {
        let vote = |(function, column): (usize, &VoteColumn)| {
            let plain = column.votes.get(row).copied()?;
            let shaded = self.shades(function).and_then(|shades| shades.row(row));
            Some(shaded.map_or(plain, |meaning| self.code(meaning)))
        };
        self.columns.iter().enumerate().map(vote).collect()
    }

    /// Whether no class is named by all of these votes, as [`row`](Self::row) gives them.
    pub fn conflicts(&self, votes: &[i16]) -> bool {
        super::patterns::common(&self.meanings, self.classes, votes).0
    }

    fn code(&self, meaning: &Meaning) -> i16 {
        self.meanings.binary_search(meaning).map_or(ABSTAIN, |at| (self.classes + at) as i16)
    }

    /// The votes with those of [`meanings`](Self::meanings) as classes of their own; `None` if there are none.
    pub(super) fn coded(&self) -> Option<Self> {
        if self.shades.is_empty() {
            return None;
        }
        let mut columns = self.columns.clone();
        for (function, shades) in &self.shades {
            let codes: Vec<i16> = shades.meanings().iter().map(|meaning| self.code(meaning)).collect();
            let Some(column) = columns.get_mut(*function) else { continue };
            let of = |(&plain, &at): (&i16, &u16)| {
                usize::from(at).checked_sub(1).and_then(|at| codes.get(at)).copied().unwrap_or(plain)
            };
            column.votes = Arc::new(column.votes.iter().zip(shades.of_row()).map(of).collect());
        }
        Some(Self { rows: self.rows, classes: self.classes + self.meanings.len(), columns, ..Self::default() })
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
            let plain = prints.into_iter().fold(start, Fingerprinter::print);
            let shaded = |print: Fingerprinter, (function, shades): &(usize, Arc<Shades>)| {
                let meanings = format!("{:?}", shades.meanings());
                let rows: Vec<u8> = shades.of_row().iter().flat_map(|at| at.to_le_bytes()).collect();
                print.number(*function as u64).text(&meanings).bytes(&rows)
            };
            self.shades.iter().fold(plain, shaded).finish()
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
