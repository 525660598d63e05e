//! What a strategy chooses from, and what it says of its choice.

use rayon::prelude::*;

use super::shuffled;
use crate::engine::{Error, Result, Work};
use crate::learn::Matrix;
use crate::weak::Votes;

/// Rows that one task handles.
const ROWS: usize = 2048;

/// The rows to choose from, and what is known of them.
#[derive(Debug, Clone, Copy)]
pub struct Pool<'a> {
    /// Rows that may be chosen, ascending.
    pub candidates: &'a [u32],
    /// Rows that are there already, ascending: what is like them adds little.
    pub taken: &'a [u32],
    /// Probabilities, rows x classes.
    pub probabilities: Option<&'a Matrix<f32>>,
    /// What the rows are like, rows x dimensions; near rows are alike. Rows of texts have length 1 (or 0).
    pub points: Option<&'a Matrix<f32>>,
    /// Votes of labelling functions.
    pub votes: Option<&'a Votes>,
    /// The class of each row, where it is known or foretold.
    pub classes: Option<&'a [Option<u16>]>,
    /// The names of the classes.
    pub names: &'a [String],
    /// The seed of everything random.
    pub seed: u64,
}

/// A row that was chosen.
#[derive(Debug, Clone, PartialEq)]
pub struct Pick {
    /// The row.
    pub row: u32,
    /// What the strategy says of it; higher is better where rows of one strategy are compared, but a strategy that
    /// spreads its choice does not go by it alone.
    pub score: f64,
    /// Why, in a few words.
    pub reason: String,
}

/// What a strategy needs to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// Probabilities of the classes.
    Probabilities,
    /// What rows are like.
    Points,
    /// Votes of labelling functions.
    Votes,
    /// A class for each row, given or foretold.
    Classes,
}

impl<'a> Pool<'a> {
    /// The rows that may be chosen and those that are there already, ascending.
    pub fn rows(&self) -> Vec<u32> {
        let mut rows: Vec<u32> = self.candidates.iter().chain(self.taken).copied().collect();
        rows.sort_unstable();
        rows.dedup();
        rows
    }

    /// The probabilities.
    ///
    /// # Errors
    /// If there are none.
    pub fn probabilities(&self) -> Result<&'a Matrix<f32>> {
        self.probabilities.ok_or_else(|| missing("probabilities"))
    }

    /// What the rows are like.
    ///
    /// # Errors
    /// If that is not known.
    pub fn points(&self) -> Result<&'a Matrix<f32>> {
        self.points.ok_or_else(|| missing("features of the rows"))
    }

    /// The name of a class.
    pub fn name(&self, class: u16) -> String {
        self.names.get(usize::from(class)).cloned().unwrap_or_else(|| class.to_string())
    }

    /// The candidates with the highest scores, best first; equal ones in a random order that the seed decides.
    ///
    /// # Errors
    /// If the work was cancelled.
    pub fn best(
        &self,
        count: usize,
        score: impl Fn(u32) -> f64 + Sync,
        reason: impl Fn(u32, f64) -> String,
        work: &Work,
    ) -> Result<Vec<Pick>> {
        let scored = scores(self.candidates, score, work)?;
        let mut order: Vec<(f64, i64, u32)> = scored
            .into_iter()
            .zip(self.candidates)
            .map(|(score, &row)| (score, shuffled(u64::from(row), self.seed), row))
            .collect();
        order.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then((a.1, a.2).cmp(&(b.1, b.2))));
        order.truncate(count);
        Ok(order.into_iter().map(|(score, _, row)| Pick { row, score, reason: reason(row, score) }).collect())
    }
}

/// One number a row, on all threads, in the order of the rows.
pub(super) fn scores(rows: &[u32], score: impl Fn(u32) -> f64 + Sync, work: &Work) -> Result<Vec<f64>> {
    let blocks: Vec<Vec<f64>> = rows
        .par_chunks(ROWS)
        .map(|rows| {
            work.check()?;
            Ok(rows.iter().map(|&row| score(row)).collect())
        })
        .collect::<Result<_>>()?;
    Ok(blocks.concat())
}

fn missing(what: &str) -> Error {
    Error::input(format!("this strategy needs {what}"))
}

/// The square of the distance of two rows.
pub(super) fn square(a: &[f32], b: &[f32]) -> f64 {
    // Four sums side by side, so that the loop is not bound by the delay of an addition.
    let mut sums = [0.0f32; 4];
    let (left, right) = (a.chunks_exact(4), b.chunks_exact(4));
    let rest: f32 = left.remainder().iter().zip(right.remainder()).map(|(a, b)| (a - b) * (a - b)).sum();
    for (a, b) in left.zip(right) {
        for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
            *sum += (a - b) * (a - b);
        }
    }
    f64::from(sums[0] + sums[1] + sums[2] + sums[3] + rest)
}

/// How far each row is from the nearest of those that were chosen, kept up to date.
pub(super) struct Reach {
    /// The squares of the distances, in the order of the candidates.
    pub squares: Vec<f64>,
}

impl Reach {
    /// Nothing is chosen yet: everything is infinitely far.
    pub fn new(rows: usize) -> Self {
        Self { squares: vec![f64::INFINITY; rows] }
    }

    /// Takes a chosen row into account; `apart` is the square of its distance to another.
    pub fn add(&mut self, rows: &[u32], apart: impl Fn(u32) -> f64 + Sync, work: &Work) -> Result<()> {
        self.squares.par_chunks_mut(ROWS).zip(rows.par_chunks(ROWS)).try_for_each(|(squares, rows)| {
            work.check()?;
            for (square, &row) in squares.iter_mut().zip(rows) {
                *square = square.min(apart(row));
            }
            Ok(())
        })
    }
}
