//! What is odd about a table at first sight: repeated rows, and columns that want a second look.
//!
//! In: a frame and the descriptions of its columns. Out: a count of repeated rows, and alerts in numbers.

use rayon::prelude::*;
use serde::Serialize;
use xxhash_rust::xxh3::Xxh3;

use crate::data::describe::{Detail, Summary};
use crate::data::{Column, Frame, Values};
use crate::engine::{Result, Work};

/// From this share of missing values on, a column is mentioned.
const MANY_MISSING: f64 = 0.05;

/// From this share of one value on, a column is called imbalanced.
const IMBALANCED: f64 = 0.9;

/// Rows hashed by one task.
const BLOCK: usize = 8192;

/// Something about a column, or about the whole table, that a person should know before using it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Alert {
    /// `constant` (one value), `empty` (none), `missing` (share without a value), `unique` (every row differs),
    /// `imbalance` (share of the most frequent value), `not-finite` (share of NaN and infinities), `duplicate-rows`
    /// (share of rows that repeat an earlier one).
    pub kind: &'static str,
    /// The column; `None` for the whole table.
    pub column: Option<String>,
    /// The share of rows that it is about, 0-1.
    pub value: f64,
}

/// The alerts of a table, by columns.
pub fn alerts(summaries: &[Summary], duplicate_rows: usize) -> Vec<Alert> {
    let rows = summaries.first().map_or(0, |summary| summary.rows);
    if rows == 0 {
        return Vec::new();
    }
    let share = |count: usize| count as f64 / rows as f64;
    let mut found = Vec::new();
    for summary in summaries {
        let mut add = |kind, value| found.push(Alert { kind, column: Some(summary.name.clone()), value });
        let present = rows - summary.missing.min(rows);
        match (present, summary.distinct) {
            (0, _) => add("empty", 1.0),
            (_, 1) => add("constant", share(present)),
            (_, distinct) if distinct == rows && rows > 1 && is_key(summary) => add("unique", 1.0),
            _ => {}
        }
        if present > 0 && share(summary.missing) >= MANY_MISSING {
            add("missing", share(summary.missing));
        }
        let top = match &summary.detail {
            Detail::Categories(categories) => categories.top.first().map_or(0, |(_, count)| *count),
            Detail::Bools { yes, no } => *yes.max(no),
            _ => 0,
        };
        if summary.distinct > 1 && top as f64 >= IMBALANCED * present as f64 {
            add("imbalance", share(top));
        }
        if let Detail::Numbers(numbers) = &summary.detail {
            let odd = numbers.nan + numbers.negative_infinite + numbers.positive_infinite;
            if odd > 0 {
                add("not-finite", share(odd));
            }
        }
    }
    if duplicate_rows > 0 {
        found.push(Alert { kind: "duplicate-rows", column: None, value: share(duplicate_rows) });
    }
    found
}

/// Whether values that all differ make a column a key: real numbers and times differ by nature.
fn is_key(summary: &Summary) -> bool {
    match &summary.detail {
        Detail::Texts(_) | Detail::Categories(_) => true,
        Detail::Numbers(_) => summary.kind == crate::data::Kind::Int,
        Detail::Times(_) | Detail::Bools { .. } => false,
    }
}

/// The number of rows that repeat an earlier one in all columns, by a hash of 128 bits.
///
/// # Errors
/// If the work was cancelled.
pub fn duplicate_rows(frame: &Frame, work: &Work) -> Result<usize> {
    let rows = frame.rows();
    if frame.columns().is_empty() {
        return Ok(0);
    }
    work.stage("comparing rows", rows as u64);
    let of_block = |block: usize| -> Result<Vec<u128>> {
        let (from, to) = (block * BLOCK, rows.min((block + 1) * BLOCK));
        let mut hashes = vec![Xxh3::new(); to - from];
        for column in frame.columns() {
            work.check()?;
            add_cells(column, from, &mut hashes);
        }
        work.advance((to - from) as u64)?;
        Ok(hashes.iter().map(Xxh3::digest128).collect())
    };
    let blocks: Vec<Vec<u128>> = (0..rows.div_ceil(BLOCK)).into_par_iter().map(of_block).collect::<Result<_>>()?;
    let mut hashes = blocks.concat();
    hashes.par_sort_unstable();
    hashes.dedup();
    Ok(rows - hashes.len())
}

/// Adds one column's cells to the rows' hashes. A missing cell differs from every value.
fn add_cells(column: &Column, from: usize, hashes: &mut [Xxh3]) {
    for (at, hash) in hashes.iter_mut().enumerate() {
        let row = from + at;
        if column.is_null(row) {
            hash.update(&[0]);
            continue;
        }
        hash.update(&[1]);
        match column.values() {
            Values::Text(values) => {
                let text = values.value(row).as_bytes();
                hash.update(&(text.len() as u64).to_le_bytes());
                hash.update(text);
            }
            Values::Int(values) => hash.update(&values.value(row).to_le_bytes()),
            // Both zeros are equal, and so are all that are not numbers.
            Values::Float(values) => {
                let value = values.value(row);
                let value = if value.is_nan() { f64::NAN } else { value + 0.0 };
                hash.update(&value.to_bits().to_le_bytes());
            }
            Values::Bool(values) => hash.update(&[u8::from(values.value(row))]),
            Values::Time(values) => hash.update(&values.value(row).to_le_bytes()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::{Float64Array, Int64Array, LargeStringArray};

    use super::*;
    use crate::data::Kind;
    use crate::data::describe::describe_frame;

    fn text(name: &str, kind: Kind, values: &[Option<&str>]) -> Arc<Column> {
        Arc::new(Column::text(name, kind, LargeStringArray::from(values.to_vec())))
    }

    fn profile(columns: Vec<Arc<Column>>) -> (usize, Vec<Alert>) {
        let frame = Frame::new(columns);
        let repeated = duplicate_rows(&frame, &Work::new()).unwrap();
        let summaries = describe_frame(&frame, None, &Work::new()).unwrap();
        (repeated, alerts(&summaries, repeated))
    }

    #[test]
    fn repeated_rows_are_counted_over_all_columns() {
        let check = |left: &[Option<&str>], right: &[f64], expected| {
            let numbers = Arc::new(Column::new("n", Values::Float(Float64Array::from(right.to_vec()))));
            assert_eq!(profile(vec![text("t", Kind::Text, left), numbers]).0, expected, "{left:?} {right:?}");
        };
        check(&[Some("a"), Some("a"), Some("a")], &[1.0, 1.0, 2.0], 1);
        check(&[Some(""), None], &[1.0, 1.0], 0);
        check(&[None, None], &[0.0, -0.0], 1);
        check(&[None, None], &[f64::NAN, -f64::NAN], 1);
        check(&[], &[], 0);
        assert_eq!(profile(vec![]).0, 0);
        // Cells do not run together.
        let two = |a, b| profile(vec![text("a", Kind::Text, a), text("b", Kind::Text, b)]).0;
        assert_eq!(two(&[Some("ab"), Some("a")], &[Some("c"), Some("bc")]), 0);
    }

    #[test]
    fn odd_columns_are_mentioned_with_their_share() {
        let ids = Arc::new(Column::new("id", Values::Int((0..20).map(Some).collect::<Int64Array>())));
        let one = text("one", Kind::Category, &[Some("x"); 20]);
        let none = text("none", Kind::Text, &[None; 20]);
        let mut values = vec![Some("a"); 19];
        values.push(Some("b"));
        let skewed = text("skewed", Kind::Category, &values);
        let mut values = vec![Some("p"), Some("q"), None, None];
        values.extend([Some("p"), Some("q")].repeat(8));
        let holes = text("holes", Kind::Category, &values);
        let numbers = (0..20).map(|n| Some(if n < 2 { f64::INFINITY } else { f64::from(n) })).collect::<Float64Array>();
        let numbers = Arc::new(Column::new("numbers", Values::Float(numbers)));
        let (_, found) = profile(vec![ids, one, none, skewed, holes, numbers]);
        let expected = [
            ("unique", "id", 1.0),
            ("constant", "one", 1.0),
            ("empty", "none", 1.0),
            ("imbalance", "skewed", 0.95),
            ("missing", "holes", 0.1),
            ("not-finite", "numbers", 0.1),
        ];
        assert_eq!(found, expected.map(|(kind, column, value)| Alert { kind, column: Some(column.to_owned()), value }));
    }
}
