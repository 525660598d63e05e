//! Distances between rows in double precision, each always computed in the same order of operations.

use rayon::prelude::*;

use super::super::Matrix;
use crate::engine::{Error, Result, Work};

/// How the distance of two rows is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Metric {
    /// The length of the difference.
    Euclidean,
    /// 1 less the cosine of the angle, 0-2. A row of zeros is at distance 1 from every row.
    Cosine,
}

impl Metric {
    /// The distance, from what [`Pairs::apart`] says.
    pub(super) fn distance(self, apart: f64) -> f64 {
        match self {
            Self::Euclidean => apart.sqrt(),
            Self::Cosine => apart,
        }
    }
}

/// Pairs of rows.
pub(in crate::learn) struct Pairs<'a> {
    points: &'a Matrix<f32>,
    metric: Metric,
    /// The squared length of each row, for the cosine.
    squares: Vec<f64>,
}

impl<'a> Pairs<'a> {
    /// Checks that every value is a finite number.
    pub(in crate::learn) fn new(points: &'a Matrix<f32>, metric: Metric, work: &Work) -> Result<Self> {
        work.check()?;
        let one = |row: usize| {
            if points.row(row).iter().any(|value| !value.is_finite()) {
                return Err(Error::input("a value is not a finite number")
                    .at(format!("row {}", row + 1))
                    .help("leave such rows out, or compute their features again"));
            }
            Ok(sum(points.row(row), points.row(row), |a, b| a * b))
        };
        let squares = (0..points.rows()).into_par_iter().map(one).collect::<Result<_>>()?;
        Ok(Self { points, metric, squares })
    }

    /// How far two rows are apart: the squared distance, or the distance itself for the cosine. Equal rows are 0 apart.
    pub(in crate::learn) fn apart(&self, a: usize, b: usize) -> f64 {
        let (x, y) = (self.points.row(a), self.points.row(b));
        match self.metric {
            Metric::Euclidean => sum(x, y, |a, b| (a - b) * (a - b)),
            Metric::Cosine => {
                let squares = |row| self.squares.get(row).copied().unwrap_or(0.0);
                let lengths = (squares(a) * squares(b)).sqrt();
                if lengths > 0.0 { (1.0 - sum(x, y, |a, b| a * b) / lengths).max(0.0) } else { 1.0 }
            }
        }
    }
}

/// The sum of `term` over two rows; four sums side by side, which the processor can add at once.
#[inline]
fn sum(a: &[f32], b: &[f32], term: impl Fn(f64, f64) -> f64) -> f64 {
    let mut sums = [0.0f64; 4];
    let (fours, others) = (a.chunks_exact(4), b.chunks_exact(4));
    let rest: f64 =
        fours.remainder().iter().zip(others.remainder()).map(|(&a, &b)| term(f64::from(a), f64::from(b))).sum();
    for (a, b) in fours.zip(others) {
        for ((sum, &a), &b) in sums.iter_mut().zip(a).zip(b) {
            *sum += term(f64::from(a), f64::from(b));
        }
    }
    (sums[0] + sums[1]) + (sums[2] + sums[3]) + rest
}
