//! Vote patterns that were counted elsewhere: tables of votes in which every row stands for many.
//!
//! A row with a hand label is taken apart into as many rows as it stands for, since hand labels are shown to models and
//! kept from them one by one; there are few of these. All others stay one row with a weight.

use std::sync::Arc;

use arrow_array::Array as _;

use super::vote_files::VoteTable;
use super::{VoteColumn, Votes};
use crate::data::{Column, Values};
use crate::engine::{Error, Result};

/// The most rows with hand labels.
const MOST_LABELLED: u64 = 10_000_000;

/// A table of counted patterns, ready for a label model.
#[derive(Debug, Clone)]
pub struct Counted {
    /// Votes and hand labels, where rows with hand labels are taken apart.
    pub table: VoteTable,
    /// How many rows each row of `table` stands for.
    pub weights: Vec<u64>,
    /// The first row of `table` that each row of the file became; `None` where the count of a labelled row is 0.
    pub places: Vec<Option<u32>>,
}

impl Counted {
    /// Takes a table of votes as counted patterns.
    ///
    /// # Errors
    /// If a count is missing or not a whole number from 0 on (the error names its row), or there are too many rows.
    pub fn of(table: VoteTable, counts: &Column) -> Result<Self> {
        let counts = whole(counts)?;
        if counts.len() != table.votes.rows() {
            return Err(Error::input(format!("{} counts for {} rows", counts.len(), table.votes.rows())));
        }
        let labelled = |row: usize| table.gold.as_ref().is_some_and(|gold| gold.get(row).copied().flatten().is_some());
        let apart =
            (0..counts.len()).filter(|&row| labelled(row)).fold(0u64, |sum, row| sum.saturating_add(counts[row]));
        if apart > MOST_LABELLED || counts.len() as u64 + apart > u64::from(u32::MAX) {
            return Err(Error::input(format!("{apart} rows have a hand label, more than {MOST_LABELLED}"))
                .help("count the patterns of a sample of the labelled rows"));
        }
        let (mut rows, mut weights) = (Vec::new(), Vec::new());
        let mut places = Vec::with_capacity(counts.len());
        for (row, &count) in counts.iter().enumerate() {
            let copies = if labelled(row) { count as usize } else { 1 };
            places.push((copies > 0).then_some(rows.len() as u32));
            rows.extend(std::iter::repeat_n(row, copies));
            weights.extend(std::iter::repeat_n(if labelled(row) { 1 } else { count }, copies));
        }
        if weights.iter().all(|&weight| weight == 0) {
            return Err(Error::input("the counts are all 0"));
        }
        let take = |column: &VoteColumn| VoteColumn {
            name: column.name.clone(),
            votes: Arc::new(rows.iter().map(|&row| column.votes[row]).collect()),
        };
        let columns = table.votes.columns().iter().map(take).collect();
        let votes = Votes::new(rows.len(), table.votes.classes(), columns)?;
        let gold = table.gold.as_ref().map(|gold| rows.iter().map(|&row| gold[row]).collect());
        Ok(Self { table: VoteTable { votes, gold, ..table }, weights, places })
    }
}

fn whole(counts: &Column) -> Result<Vec<u64>> {
    let number = |row: usize| -> Option<u64> {
        match counts.values() {
            Values::Int(numbers) if numbers.is_valid(row) => u64::try_from(numbers.value(row)).ok(),
            Values::Float(numbers) if numbers.is_valid(row) => {
                let number = numbers.value(row);
                (number >= 0.0 && number.fract() == 0.0 && number < 1e15).then_some(number as u64)
            }
            _ => None,
        }
    };
    let read = |row: usize| {
        number(row).ok_or_else(|| {
            Error::input("the count is not a whole number from 0 on").at(format!("{}, row {}", counts.name(), row + 1))
        })
    };
    (0..counts.len()).map(read).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::Int64Array;

    use super::*;
    use crate::engine::Work;
    use crate::weak::Patterns;

    fn table(votes: Vec<i16>, gold: Option<Vec<Option<u16>>>) -> VoteTable {
        let votes = Votes::new(votes.len(), 2, vec![VoteColumn { name: "lf".into(), votes: votes.into() }]).unwrap();
        VoteTable { votes, classes: vec!["a".into(), "b".into()], gold, skipped: Vec::new() }
    }

    fn column(counts: Vec<i64>) -> Arc<Column> {
        Arc::new(Column::new("count", Values::Int(Int64Array::from(counts))))
    }

    #[test]
    fn rows_with_a_hand_label_are_taken_apart() {
        let gold = vec![None, Some(1), Some(0), None];
        let counted = Counted::of(table(vec![0, 1, 1, -1], Some(gold)), &column(vec![1_000_000_000, 2, 0, 5])).unwrap();
        assert_eq!(counted.weights, [1_000_000_000, 1, 1, 5]);
        assert_eq!(counted.places, [Some(0), Some(1), None, Some(3)]);
        assert_eq!(counted.table.gold.as_deref(), Some([None, Some(1), Some(1), None].as_slice()));
        let patterns = Patterns::weighted(&counted.table.votes, &counted.weights, &Work::new()).unwrap();
        assert_eq!((patterns.counts(), patterns.rows()), ([1_000_000_000, 2, 5].as_slice(), 1_000_000_007));
    }

    #[test]
    fn counts_are_whole_numbers() {
        let check = |counts: Vec<i64>, expected: &str| {
            assert_eq!(Counted::of(table(vec![0, 1], None), &column(counts)).unwrap_err().to_string(), expected);
        };
        check(vec![1, -1], "the count is not a whole number from 0 on: count, row 2");
        check(vec![1], "1 counts for 2 rows");
        check(vec![0, 0], "the counts are all 0");
    }
}
