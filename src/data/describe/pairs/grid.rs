//! Counts over two axes.

use arrow_buffer::BooleanBuffer;
use rayon::prelude::*;
use serde::Serialize;

use super::super::super::Column;
use super::super::{Bar, Places};
use super::codes::codes;
use super::{CHUNK, Side, both, correlate, is_in, number};
use crate::engine::{Result, Work};

/// Counts by the bars of two columns.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Grid {
    /// The bars of the first column, with their counts within the mask.
    pub x: Vec<Bar>,
    /// The bars of the second.
    pub y: Vec<Bar>,
    /// The rows in each cell: those of the first bar of `y` first, by `x`.
    pub counts: Vec<u64>,
    /// The rows in the mask.
    pub rows: u64,
}

/// Numbers against numbers.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Density {
    /// Counts by the bins of both.
    pub grid: Grid,
    /// Pearson's correlation over the rows where both are finite; `None` if one is constant there.
    pub pearson: Option<f64>,
    /// Spearman's, which sees any relation that only rises or only falls.
    pub spearman: Option<f64>,
    /// These rows.
    pub rows: u64,
}

/// Category against category.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Table {
    /// Counts by the values of both; rare values are together in one bar.
    pub grid: Grid,
    /// Cramér's V over all values, corrected for bias (Bergsma 2013), 0-1; `None` if one has a single value.
    pub cramers_v: Option<f64>,
    /// The rows where both have a value.
    pub rows: u64,
}

impl Grid {
    /// The rows in the cell of these bars; 0 outside.
    pub fn count(&self, x: usize, y: usize) -> u64 {
        if x < self.x.len() { self.counts.get(y * self.x.len() + x).copied().unwrap_or(0) } else { 0 }
    }

    /// The condition that keeps exactly the rows of a cell; `None` outside.
    pub fn sql(&self, x: usize, y: usize) -> Option<String> {
        Some(both(&self.x.get(x)?.sql, &self.y.get(y)?.sql))
    }

    pub(super) fn of(x: Side<'_>, y: Side<'_>, mask: Option<&BooleanBuffer>, work: &Work) -> Result<Self> {
        let places = |side: Side<'_>| Places::of(side.column, side.summary, work);
        let (x_places, y_places) = (places(x)?, places(y)?);
        let (mut x_bars, mut y_bars) = (x.summary.bars(), y.summary.bars());
        x_bars.iter_mut().chain(&mut y_bars).for_each(|bar| bar.count = 0);
        let width = x_bars.len();
        let mut counts = vec![0u64; width * y_bars.len()];
        for (chunk, (xs, ys)) in x_places.rows().chunks(CHUNK).zip(y_places.rows().chunks(CHUNK)).enumerate() {
            work.check()?;
            for (offset, (&a, &b)) in xs.iter().zip(ys).enumerate() {
                if a == Places::NOWHERE || b == Places::NOWHERE || !is_in(mask, chunk * CHUNK + offset) {
                    continue;
                }
                if let Some(count) = counts.get_mut(usize::from(b) * width + usize::from(a)) {
                    *count += 1;
                }
            }
        }
        for (place, count) in counts.iter().enumerate() {
            let (a, b) = (x_bars.get_mut(place % width), y_bars.get_mut(place / width));
            a.into_iter().chain(b).for_each(|bar| bar.count += *count as usize);
        }
        let rows = mask.map_or(x.column.len(), BooleanBuffer::count_set_bits) as u64;
        Ok(Self { x: x_bars, y: y_bars, counts, rows })
    }
}

pub(super) fn density(x: Side<'_>, y: Side<'_>, mask: Option<&BooleanBuffer>, work: &Work) -> Result<Density> {
    let grid = Grid::of(x, y, mask, work)?;
    let (xs, ys) = (numbers(x.column, mask, work)?, numbers(y.column, mask, work)?);
    let (pearson, rows) = correlate::pearson(&xs, &ys, work)?;
    Ok(Density { grid, pearson, spearman: correlate::spearman(&xs, &ys, work)?, rows })
}

pub(super) fn table(x: Side<'_>, y: Side<'_>, mask: Option<&BooleanBuffer>, work: &Work) -> Result<Table> {
    let grid = Grid::of(x, y, mask, work)?;
    let rows: Vec<u32> = (0..x.column.len()).filter(|row| is_in(mask, *row)).map(|row| row as u32).collect();
    let (x_codes, x_levels) = codes(x.column, &rows, work)?;
    let (y_codes, y_levels) = codes(y.column, &rows, work)?;
    let (cramers_v, rows) = correlate::cramers_v((&x_codes, x_levels), (&y_codes, y_levels), work)?;
    Ok(Table { grid, cramers_v, rows })
}

/// The finite number of each row; NaN outside the mask and where there is none.
pub(super) fn numbers(column: &Column, mask: Option<&BooleanBuffer>, work: &Work) -> Result<Vec<f64>> {
    let mut numbers = vec![f64::NAN; column.len()];
    numbers.par_chunks_mut(CHUNK).enumerate().try_for_each(|(index, chunk)| {
        work.check()?;
        for (offset, slot) in chunk.iter_mut().enumerate() {
            let row = index * CHUNK + offset;
            if is_in(mask, row) {
                *slot = number(column, row);
            }
        }
        Ok::<_, crate::engine::Error>(())
    })?;
    Ok(numbers)
}
