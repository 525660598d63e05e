//! Values as numbers that are equal exactly where the values are, to count distinct and repeated ones.

use arrow_buffer::BooleanBuffer;
use xxhash_rust::xxh3::{Xxh3, xxh3_128};

use super::rows::chunks;
use crate::data::view::sort_by;
use crate::data::{Column, Values};
use crate::engine::{Result, Work};

/// The key of a missing value in a row of several.
const MISSING: u128 = u128::MAX - 1;

/// The key of a cell: the value itself, or 128 bits of XXH3 of a text. `None` without a value.
#[inline]
pub(super) fn key(column: &Column, row: usize) -> Option<u128> {
    if column.is_null(row) {
        return None;
    }
    Some(match column.values() {
        Values::Text(values) => xxh3_128(values.value(row).as_bytes()),
        Values::Int(values) => values.value(row) as u64 as u128,
        Values::Time(values) => values.value(row) as u64 as u128,
        Values::Bool(values) => u128::from(values.value(row)),
        // Both zeros are equal, and so are all that are not numbers.
        Values::Float(values) => {
            let value = values.value(row);
            u128::from((if value.is_nan() { f64::NAN } else { value + 0.0 }).to_bits())
        }
    })
}

/// The key of several cells of a row together.
pub(super) fn joint_key(columns: &[&Column], row: usize) -> u128 {
    let mut hash = Xxh3::new();
    for column in columns {
        hash.update(&key(column, row).unwrap_or(MISSING).to_le_bytes());
    }
    hash.digest128()
}

/// Keys with their rows, sorted by key; rows for which `key` gives none are left out.
///
/// # Errors
/// If the work was cancelled.
pub(super) fn sorted(
    rows: usize,
    mask: Option<&BooleanBuffer>,
    work: &Work,
    key: impl Fn(usize) -> Option<u128> + Sync,
) -> Result<Vec<(u128, u32)>> {
    let parts =
        chunks(rows, mask, work, |rows| rows.filter_map(|row| Some((key(row)?, row as u32))).collect::<Vec<_>>())?;
    sort_by(parts.concat(), &|a: &(u128, u32), b: &(u128, u32)| a.cmp(b), work)
}

/// The rows whose key occurs more than once, as one truth value a row.
pub(super) fn repeated(sorted: &[(u128, u32)], rows: usize) -> Vec<bool> {
    let mut repeated = vec![false; rows];
    for run in sorted.chunk_by(|a, b| a.0 == b.0).filter(|run| run.len() > 1) {
        for (_, row) in run {
            if let Some(flag) = repeated.get_mut(*row as usize) {
                *flag = true;
            }
        }
    }
    repeated
}
