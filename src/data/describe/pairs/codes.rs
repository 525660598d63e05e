//! Categories as numbers.

use std::collections::HashMap;

use rayon::prelude::*;
use xxhash_rust::xxh3::xxh3_64;

use super::super::super::{Column, Values};
use super::CHUNK;
use crate::engine::{Result, Work};

/// The code of a missing value.
pub(super) const MISSING: u32 = u32::MAX;

/// The values of a category or truth column as numbers from 0 in the order of their first row, and how many there are.
/// `rows` picks and orders the rows; a missing value is [`MISSING`].
pub(super) fn codes(column: &Column, rows: &[u32], work: &Work) -> Result<(Vec<u32>, usize)> {
    let hash = |row: &u32| {
        let row = *row as usize;
        match column.values() {
            _ if column.is_null(row) => None,
            Values::Text(array) => Some(xxh3_64(array.value(row).as_bytes())),
            Values::Bool(array) => Some(u64::from(array.value(row))),
            _ => None,
        }
    };
    let parts = rows.par_chunks(CHUNK).map(|chunk| {
        work.check()?;
        Ok(chunk.iter().map(hash).collect())
    });
    let parts: Vec<Vec<Option<u64>>> = parts.collect::<Result<_>>()?;
    let mut known: HashMap<u64, u32> = HashMap::new();
    let mut codes = Vec::with_capacity(rows.len());
    for part in parts {
        work.check()?;
        codes.extend(part.into_iter().map(|hash| {
            let next = known.len() as u32;
            hash.map_or(MISSING, |hash| *known.entry(hash).or_insert(next))
        }));
    }
    Ok((codes, known.len()))
}
