//! Two columns against each other, and all of them at once.
//!
//! In: columns, their descriptions, and a mask of rows. Out: a [`Pair`], which is a grid of counts with the correlation
//! for two columns of numbers, boxes for numbers by category, and a contingency table with Cramér's V for two
//! categories; a [`Scatter`] of single rows; [`Correlations`] of all columns; and [`Missing`], what is missing
//! together. Grids have the bars of the histograms as their edges, and every cell and box carries the condition that
//! keeps its rows.
//!
//! Free text and media count by the length of their text, times by seconds since 1970, truth values as a category.

mod boxes;
mod codes;
mod correlate;
mod correlations;
mod derived;
mod grid;
mod missing;
mod scatter;

use arrow_buffer::BooleanBuffer;
use serde::Serialize;

use super::super::{Column, Kind, Values};
use super::Summary;
use crate::engine::{Error, Result, Work};

pub use boxes::{BoxOf, Boxes, Shape};
pub use correlations::{Correlation, Correlations, Measure, correlations};
pub use derived::{CorrelationsOf, MissingOf, PairOf, ScatterOf};
pub use grid::{Density, Grid, Table};
pub use missing::{Missing, MissingColumn, Pattern, missing};
pub use scatter::{MOST_POINTS, Point, Scatter, scatter};

/// The rows that one thread looks at between two looks at the clock.
const CHUNK: usize = 1 << 14;

/// Two columns against each other.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Pair {
    /// Numbers against numbers.
    Density(Density),
    /// Numbers by category.
    Boxes(Boxes),
    /// Category against category.
    Table(Table),
}

/// A column with the description whose bars are its axis, usually that of all rows.
#[derive(Debug, Clone, Copy)]
pub struct Side<'a> {
    /// The column.
    pub column: &'a Column,
    /// Its description.
    pub summary: &'a Summary,
}

impl<'a> Side<'a> {
    /// A column with its description.
    pub fn new(column: &'a Column, summary: &'a Summary) -> Self {
        Self { column, summary }
    }
}

/// Sets two columns against each other, within `mask` if one is given. A category against numbers gives boxes by the
/// category, whichever comes first.
///
/// # Errors
/// If the columns differ in length or the work was cancelled.
pub fn pair(x: Side<'_>, y: Side<'_>, mask: Option<&BooleanBuffer>, work: &Work) -> Result<Pair> {
    let rows = x.column.len();
    if y.column.len() != rows || mask.is_some_and(|mask| mask.len() != rows) {
        return Err(Error::input(format!("{rows} rows do not fit {}", y.column.len()))
            .at(y.column.name())
            .help("compare columns of the same data"));
    }
    work.stage("comparing two columns", 0);
    Ok(match (is_category(x.column), is_category(y.column)) {
        (false, false) => Pair::Density(grid::density(x, y, mask, work)?),
        (true, true) => Pair::Table(grid::table(x, y, mask, work)?),
        (true, false) => Pair::Boxes(boxes::boxes(x, y.column, mask, work)?),
        (false, true) => Pair::Boxes(boxes::boxes(y, x.column, mask, work)?),
    })
}

/// True if the column has classes rather than numbers.
fn is_category(column: &Column) -> bool {
    column.kind() == Kind::Category || matches!(column.values(), Values::Bool(_))
}

/// The finite number of a row: a length for text, seconds for a time; NaN if there is none.
fn number(column: &Column, row: usize) -> f64 {
    let found = match column.values() {
        Values::Text(array) if !column.is_null(row) => Some(array.value(row).chars().count() as f64),
        Values::Text(_) => None,
        _ => column.number(row),
    };
    found.filter(|number| number.is_finite()).unwrap_or(f64::NAN)
}

/// True if the row is in the mask, or there is none.
fn is_in(mask: Option<&BooleanBuffer>, row: usize) -> bool {
    mask.is_none_or(|mask| row < mask.len() && mask.value(row))
}

/// Joins conditions so that each holds as a whole.
fn both(a: &str, b: &str) -> String {
    format!("({a}) AND ({b})")
}

#[cfg(test)]
mod tests;
