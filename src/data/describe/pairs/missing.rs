//! What is missing, and what is missing together.

use std::collections::HashMap;

use arrow_buffer::BooleanBuffer;
use rayon::prelude::*;
use serde::Serialize;

use super::super::super::filter::quote_name;
use super::super::super::{Column, Frame};
use super::super::sizes;
use super::{CHUNK, is_in};
use crate::engine::{Result, Work};

/// Columns whose gaps are looked at together: a bit each.
const MOST_COLUMNS: usize = 64;

/// Patterns that are listed; the rest are counted together.
const MOST_PATTERNS: usize = 20;

/// What is missing in a frame.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Missing {
    /// The rows that were looked at.
    pub rows: usize,
    /// Every column, in order.
    pub columns: Vec<MissingColumn>,
    /// What is missing together: the most frequent patterns first, at most 20, the rows without a gap among them.
    pub patterns: Vec<Pattern>,
    /// The rows of all other patterns.
    pub others: usize,
}

/// What is missing in a column.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MissingColumn {
    /// The column.
    pub name: String,
    /// The rows without a value.
    pub count: usize,
    /// Their share, 0-1; 0 without rows.
    pub share: f64,
    /// The condition that keeps them.
    pub sql: String,
}

/// Rows that lack the same columns.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Pattern {
    /// The places of the columns that are missing, in [`Missing::columns`]; none if nothing is.
    pub columns: Vec<usize>,
    /// The rows.
    pub count: usize,
    /// The condition that keeps exactly these rows; empty if no column has gaps.
    pub sql: String,
}

/// Counts gaps, within `mask` if one is given. NaN and empty texts are values. Of more than 64 columns with gaps the 64
/// that lack most are looked at together, and this is said.
///
/// # Errors
/// If the work was cancelled.
pub fn missing(frame: &Frame, mask: Option<&BooleanBuffer>, work: &Work) -> Result<Missing> {
    work.stage("counting what is missing", frame.rows() as u64);
    let rows = mask.map_or(frame.rows(), BooleanBuffer::count_set_bits);
    let of_column = |column: &Column| {
        let count = sizes(column, mask).1;
        let share = if rows > 0 { count as f64 / rows as f64 } else { 0.0 };
        MissingColumn {
            name: column.name().to_owned(),
            count,
            share,
            sql: format!("{} IS NULL", quote_name(column.name())),
        }
    };
    let columns: Vec<MissingColumn> = frame.columns().iter().map(|column| of_column(column)).collect();
    let mut gappy: Vec<usize> =
        (0..columns.len()).filter(|at| columns.get(*at).is_some_and(|it| it.count > 0)).collect();
    if gappy.len() > MOST_COLUMNS {
        work.warn(format!(
            "{} columns have gaps; the {MOST_COLUMNS} that lack most are looked at together",
            gappy.len()
        ));
        gappy.sort_by_key(|at| (columns.get(*at).map(|it| std::cmp::Reverse(it.count)), *at));
        gappy.truncate(MOST_COLUMNS);
        gappy.sort_unstable();
    }
    let counts = count_patterns(frame, mask, &gappy, work)?;
    let others = counts.iter().skip(MOST_PATTERNS).map(|(_, count)| count).sum();
    let pattern = |(bits, count): &(u64, usize)| {
        let is_missing = |bit: usize| (bits >> bit) & 1 == 1;
        let condition = |(bit, at): (usize, &usize)| {
            let name = quote_name(columns.get(*at).map_or("", |column| column.name.as_str()));
            format!("{name} {}", if is_missing(bit) { "IS NULL" } else { "IS NOT NULL" })
        };
        let sql = gappy.iter().enumerate().map(condition).collect::<Vec<_>>().join(" AND ");
        let places = gappy.iter().enumerate().filter(|(bit, _)| is_missing(*bit)).map(|(_, at)| *at);
        Pattern { columns: places.collect(), count: *count, sql }
    };
    let patterns = counts.iter().take(MOST_PATTERNS).map(pattern).collect();
    Ok(Missing { rows, columns, patterns, others })
}

/// How often each set of columns is missing, the most frequent first, then by the columns.
fn count_patterns(
    frame: &Frame,
    mask: Option<&BooleanBuffer>,
    gappy: &[usize],
    work: &Work,
) -> Result<Vec<(u64, usize)>> {
    let columns: Vec<&Column> = gappy.iter().filter_map(|at| frame.columns().get(*at)).map(AsRef::as_ref).collect();
    let each = |part: usize| {
        let start = part * CHUNK;
        let mut bits = vec![0u64; CHUNK.min(frame.rows() - start)];
        for (bit, column) in columns.iter().enumerate() {
            for (offset, bits) in bits.iter_mut().enumerate() {
                *bits |= u64::from(column.is_null(start + offset)) << bit;
            }
        }
        let mut counts: HashMap<u64, usize> = HashMap::new();
        for (offset, bits) in bits.iter().enumerate() {
            if is_in(mask, start + offset) {
                *counts.entry(*bits).or_default() += 1;
            }
        }
        work.advance(bits.len() as u64)?;
        Ok(counts)
    };
    let parts: Vec<HashMap<u64, usize>> =
        (0..frame.rows().div_ceil(CHUNK)).into_par_iter().map(each).collect::<Result<_>>()?;
    let mut all: HashMap<u64, usize> = HashMap::new();
    parts.into_iter().flatten().for_each(|(bits, count)| *all.entry(bits).or_default() += count);
    let mut counts: Vec<(u64, usize)> = all.into_iter().collect();
    counts.sort_unstable_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
    Ok(counts)
}
