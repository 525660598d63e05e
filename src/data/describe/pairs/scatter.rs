//! Single rows as points.

use arrow_buffer::BooleanBuffer;
use serde::Serialize;

use super::super::super::Column;
use super::grid::numbers;
use crate::engine::{Error, Random, Result, Work};

/// The most points of a scatter plot; more hide each other.
pub const MOST_POINTS: usize = 5_000;

/// A row as a point.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Point {
    /// The row.
    pub row: u32,
    /// Its number in the first column.
    pub x: f64,
    /// Its number in the second.
    pub y: f64,
}

/// Rows as points.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Scatter {
    /// The points by row, all or a sample.
    pub points: Vec<Point>,
    /// The rows that they were taken from: those where both numbers are finite.
    pub of: usize,
}

/// The rows where both columns have a finite number, as points; of more than `most` a sample, the same for the same
/// seed.
///
/// # Errors
/// If the columns differ in length or the work was cancelled.
pub fn scatter(
    x: &Column,
    y: &Column,
    mask: Option<&BooleanBuffer>,
    most: usize,
    seed: u64,
    work: &Work,
) -> Result<Scatter> {
    if x.len() != y.len() || mask.is_some_and(|mask| mask.len() != x.len()) {
        return Err(Error::input("columns of different length cannot be set against each other").at(y.name()));
    }
    let (xs, ys) = (numbers(x, mask, work)?, numbers(y, mask, work)?);
    let point =
        |(row, (x, y)): (u32, (&f64, &f64))| (!x.is_nan() && !y.is_nan()).then_some(Point { row, x: *x, y: *y });
    let mut points: Vec<Point> = (0u32..).zip(xs.iter().zip(&ys)).filter_map(point).collect();
    let of = points.len();
    Random::new(seed).thin(&mut points, most);
    points.sort_unstable_by_key(|point| point.row);
    Ok(Scatter { points, of })
}
