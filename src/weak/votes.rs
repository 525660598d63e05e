//! Votes, by column: what each function says of each row.

use crate::engine::{Error, Fingerprint, Fingerprinter, Result};

/// The vote of a function that does not know.
pub const ABSTAIN: i16 = -1;

/// The votes of one function, in row order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VoteColumn {
    /// The function's name.
    pub name: String,
    /// One vote a row: a class index, or [`ABSTAIN`].
    pub votes: Vec<i16>,
}

/// A vote matrix, rows x functions, kept by column.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Votes {
    rows: usize,
    classes: usize,
    columns: Vec<VoteColumn>,
}

impl Votes {
    /// Puts columns together; `classes` is the number of classes, votes must lie in `-1..classes`.
    ///
    /// # Errors
    /// If columns differ in length or a vote is outside the range; the error names function and row.
    pub fn new(rows: usize, classes: usize, columns: Vec<VoteColumn>) -> Result<Self> {
        for column in &columns {
            if column.votes.len() != rows {
                return Err(Error::input(format!("{} votes for {rows} rows", column.votes.len())).at(&column.name));
            }
            if let Some(row) = column.votes.iter().position(|&vote| vote < ABSTAIN || i32::from(vote) >= classes as i32)
            {
                let vote = column.votes[row];
                return Err(Error::input(format!("the vote {vote} names no class"))
                    .at(format!("{}, row {}", column.name, row + 1))
                    .help(format!("votes are -1 (abstain) to {}", classes as i64 - 1)));
            }
        }
        Ok(Self { rows, classes, columns })
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

    /// The name of the content.
    pub fn fingerprint(&self) -> Fingerprint {
        let mut print = Fingerprinter::new("votes").number(self.rows as u64).number(self.classes as u64);
        for column in &self.columns {
            let bytes: Vec<u8> = column.votes.iter().flat_map(|vote| vote.to_le_bytes()).collect();
            print = print.text(&column.name).bytes(&bytes);
        }
        print.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_vote_outside_the_classes_is_refused_with_its_place() {
        let column = |votes| vec![VoteColumn { name: "lf".into(), votes }];
        assert!(Votes::new(2, 2, column(vec![1, -1])).is_ok());
        assert_eq!(
            Votes::new(2, 2, column(vec![0, 2])).unwrap_err().to_string(),
            "the vote 2 names no class: lf, row 2"
        );
        assert!(Votes::new(3, 2, column(vec![0, 1])).is_err());
    }
}
