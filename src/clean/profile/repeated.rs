//! Rows that repeat an earlier one in all columns, by a hash of 128 bits.

use rayon::prelude::*;
use serde::Serialize;
use xxhash_rust::xxh3::Xxh3;

use crate::data::{Column, Frame, Values};
use crate::engine::{Result, Work};

/// Rows hashed by one task.
const BLOCK: usize = 8192;

/// Groups of equal rows that are named.
const NAMED: usize = 10;

/// Rows that are equal in all columns.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Repeated {
    /// The rows that repeat an earlier one.
    pub rows: usize,
    /// The greatest groups of equal rows: the first row of each, from 0, and how often it stands there; at most 10.
    pub most: Vec<(usize, usize)>,
}

/// Finds rows that repeat an earlier one. A missing cell differs from every value; both zeros are equal, and so are all
/// that are not numbers.
///
/// # Errors
/// If the work was cancelled.
pub fn repeated(frame: &Frame, work: &Work) -> Result<Repeated> {
    let rows = frame.rows();
    if frame.columns().is_empty() {
        return Ok(Repeated::default());
    }
    work.stage("comparing rows", rows as u64);
    let of_block = |block: usize| -> Result<Vec<(u128, u32)>> {
        let (from, to) = (block * BLOCK, rows.min((block + 1) * BLOCK));
        let mut hashes = vec![Xxh3::new(); to - from];
        for column in frame.columns() {
            work.check()?;
            add_cells(column, from, &mut hashes);
        }
        work.advance((to - from) as u64)?;
        Ok(hashes.iter().zip(from as u32..).map(|(hash, row)| (hash.digest128(), row)).collect())
    };
    let blocks: Vec<Vec<(u128, u32)>> =
        (0..rows.div_ceil(BLOCK)).into_par_iter().map(of_block).collect::<Result<_>>()?;
    let mut hashes = blocks.concat();
    hashes.par_sort_unstable();
    let (mut distinct, mut groups) = (0, Vec::new());
    for group in hashes.chunk_by(|a, b| a.0 == b.0) {
        distinct += 1;
        if let (Some((_, first)), true) = (group.first(), group.len() > 1) {
            groups.push((*first as usize, group.len()));
        }
    }
    groups.sort_unstable_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
    groups.truncate(NAMED);
    Ok(Repeated { rows: rows - distinct, most: groups })
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

    use arrow_array::{Float64Array, LargeStringArray};

    use super::*;
    use crate::data::Kind;

    fn text(name: &str, values: &[Option<&str>]) -> Arc<Column> {
        Arc::new(Column::text(name, Kind::Text, LargeStringArray::from(values.to_vec())))
    }

    fn of(columns: Vec<Arc<Column>>) -> Repeated {
        repeated(&Frame::new(columns), &Work::new()).unwrap()
    }

    #[test]
    fn repeated_rows_are_counted_over_all_columns() {
        let check = |left: &[Option<&str>], right: &[f64], expected: usize, most: &[(usize, usize)]| {
            let numbers = Arc::new(Column::new("n", Values::Float(Float64Array::from(right.to_vec()))));
            let found = of(vec![text("t", left), numbers]);
            assert_eq!((found.rows, found.most.as_slice()), (expected, most), "{left:?} {right:?}");
        };
        check(&[Some("a"), Some("a"), Some("a")], &[1.0, 1.0, 2.0], 1, &[(0, 2)]);
        check(&[Some("b"), Some("a"), Some("a"), Some("b"), Some("a")], &[1.0; 5], 3, &[(1, 3), (0, 2)]);
        check(&[Some(""), None], &[1.0, 1.0], 0, &[]);
        check(&[None, None], &[0.0, -0.0], 1, &[(0, 2)]);
        check(&[None, None], &[f64::NAN, -f64::NAN], 1, &[(0, 2)]);
        check(&[], &[], 0, &[]);
        assert_eq!(of(vec![]).rows, 0);
        // Cells do not run together.
        let two = |a, b| of(vec![text("a", a), text("b", b)]).rows;
        assert_eq!(two(&[Some("ab"), Some("a")], &[Some("c"), Some("bc")]), 0);
    }
}
