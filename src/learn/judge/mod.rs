//! How good predictions are against labels, within any rows.
//!
//! In: probabilities or labels from a model, functions or a person, reference labels, and a mask of rows. Out: a
//! [`Judgement`] (confusion matrix, scores and calibration), [`Curves`] for each class, [`Thresholds`] for a slider and
//! the [`Comparison`] of two predictions, row by row. What is undefined is `None`, never 0; shares carry their 95 %
//! interval.

mod calibration;
mod compare;
mod confusion;
mod curves;
#[cfg(test)]
mod plain;
mod radix;
mod rate;
mod thresholds;

use arrow_buffer::BooleanBuffer;
use rayon::prelude::*;

use super::Matrix;
use crate::engine::{Error, Result, Work};

pub use calibration::{Calibration, ConfidenceBin, ReliabilityBin};
pub use compare::{ClassChange, Comparison, Interval, McNemar, compare};
pub use confusion::{ClassReport, Confusion, Scores, cell_sql};
pub use curves::{Curves, PrPoint, RocPoint, all_curves, curves};
pub use rate::Rate;
pub use thresholds::{AtThreshold, Thresholds};

/// The rows that are looked at between two looks at the clock.
const CHUNK: usize = 1 << 14;

/// The most classes that are judged: a larger matrix of counts is of no use to a person and takes gigabytes.
pub const MOST_CLASSES: usize = 2048;

/// What is judged.
#[derive(Debug, Clone, Copy)]
pub enum Predicted<'a> {
    /// A probability for each row and class, rows x classes.
    Probabilities(&'a Matrix<f32>),
    /// A class for each row, -1 for none.
    Labels(&'a [i16]),
}

impl Predicted<'_> {
    fn rows(&self) -> usize {
        match self {
            Self::Probabilities(matrix) => matrix.rows(),
            Self::Labels(labels) => labels.len(),
        }
    }
}

/// The class that is predicted for each row, and how surely.
#[derive(Debug, Clone, PartialEq)]
pub struct Answers {
    /// The class of each row: the most probable one, the first of equals; -1 outside the mask, and where no probability
    /// is above 0.
    pub labels: Vec<i16>,
    /// Its probability, 0-1; 0 without a class. Empty if labels were given, not probabilities.
    pub confidence: Vec<f32>,
}

/// Sums over the rows that have a label and whole probabilities.
#[derive(Debug, Clone, Copy, Default)]
struct Losses {
    rows: u64,
    brier: f64,
    log: f64,
}

/// Predictions against reference labels.
#[derive(Debug, Clone, PartialEq)]
pub struct Judgement {
    /// The rows in the mask.
    pub rows: u64,
    /// Counts of label against prediction.
    pub confusion: Confusion,
    /// The scores that follow from them.
    pub scores: Scores,
    /// Confidence against accuracy; `None` if labels were given, not probabilities.
    pub calibration: Option<Calibration>,
    /// The prediction for each row.
    pub answers: Answers,
}

/// Judges predictions of `classes` classes against `reference` (a class for each row, -1 for none), within `mask` if
/// one is given.
///
/// # Errors
/// If the lengths or the number of classes do not fit, there are more than [`MOST_CLASSES`], or the work was cancelled.
pub fn judge(
    predicted: Predicted<'_>,
    reference: &[i16],
    classes: usize,
    mask: Option<&BooleanBuffer>,
    work: &Work,
) -> Result<Judgement> {
    check_sizes(predicted, reference, classes, mask)?;
    work.stage("judging predictions", reference.len() as u64);
    let (answers, losses) = match predicted {
        Predicted::Probabilities(matrix) => answer(matrix, reference, mask, work)?,
        Predicted::Labels(labels) => (Answers { labels: labels.to_vec(), confidence: Vec::new() }, Losses::default()),
    };
    let (mut rows, mut confusion) = (0, Confusion::new(classes));
    visit(reference.len(), mask, work, |row| {
        rows += 1;
        confusion.add(at(reference, row), at(&answers.labels, row));
    })?;
    let calibration = match predicted {
        Predicted::Probabilities(_) => Some(Calibration::of(&answers, reference, classes, mask, losses, work)?),
        Predicted::Labels(_) => None,
    };
    let scores = Scores::of(&confusion);
    Ok(Judgement { rows, confusion, scores, calibration, answers })
}

fn check_sizes(
    predicted: Predicted<'_>,
    reference: &[i16],
    classes: usize,
    mask: Option<&BooleanBuffer>,
) -> Result<()> {
    let rows = reference.len();
    if predicted.rows() != rows || mask.is_some_and(|mask| mask.len() != rows) {
        return Err(Error::input(format!("{} predictions do not fit {rows} labels", predicted.rows()))
            .help("give one prediction and one label for each row"));
    }
    if let Predicted::Probabilities(matrix) = predicted
        && matrix.columns() != classes
    {
        return Err(Error::input(format!("there are {} probabilities a row for {classes} classes", matrix.columns()))
            .help("give one probability for each class, in the order of the classes"));
    }
    if classes > MOST_CLASSES {
        return Err(Error::input(format!("{classes} classes are too many to be judged"))
            .help(format!("at most {MOST_CLASSES} are; join rare classes")));
    }
    Ok(())
}

/// Answers from probabilities, and the losses against the labels, in one pass over the matrix.
fn answer(
    matrix: &Matrix<f32>,
    reference: &[i16],
    mask: Option<&BooleanBuffer>,
    work: &Work,
) -> Result<(Answers, Losses)> {
    let mut labels = vec![-1i16; matrix.rows()];
    let mut confidence = vec![0.0f32; matrix.rows()];
    let chunks = labels.par_chunks_mut(CHUNK).zip(confidence.par_chunks_mut(CHUNK)).enumerate();
    let each = |(index, (labels, confidence)): (usize, (&mut [i16], &mut [f32]))| {
        let mut losses = Losses::default();
        for (place, (label, confidence)) in labels.iter_mut().zip(confidence.iter_mut()).enumerate() {
            let row = index * CHUNK + place;
            if !is_in(mask, row) {
                continue;
            }
            let probabilities = matrix.row(row);
            // The greatest first and its place after: without a branch for each class. NaN is never the greatest.
            let best = probabilities.iter().copied().fold(0.0, f32::max);
            if best > 0.0
                && let Some(class) = probabilities.iter().position(|p| *p == best)
            {
                (*label, *confidence) = (class as i16, best.min(1.0));
                losses.add(probabilities, at(reference, row));
            }
        }
        work.advance(labels.len() as u64)?;
        Ok(losses)
    };
    let parts: Vec<Losses> = chunks.map(each).collect::<Result<_>>()?;
    let losses = parts.into_iter().fold(Losses::default(), |all, part| Losses {
        rows: all.rows + part.rows,
        brier: all.brier + part.brier,
        log: all.log + part.log,
    });
    Ok((Answers { labels, confidence }, losses))
}

impl Losses {
    /// Adds a row; one without a label, or with a probability that is NaN, is left out.
    fn add(&mut self, probabilities: &[f32], label: i16) {
        let Some(own) = usize::try_from(label).ok().and_then(|label| probabilities.get(label)) else { return };
        let own = f64::from(*own);
        let squares: f64 = probabilities.iter().map(|p| f64::from(*p) * f64::from(*p)).sum();
        if squares.is_nan() {
            return;
        }
        self.rows += 1;
        // The sum of (p - y)² over the classes.
        self.brier += squares - 2.0 * own + 1.0;
        self.log -= own.clamp(1e-15, 1.0).ln();
    }
}

/// True if the row is in the mask, or there is none.
fn is_in(mask: Option<&BooleanBuffer>, row: usize) -> bool {
    mask.is_none_or(|mask| row < mask.len() && mask.value(row))
}

/// Calls `each` with the rows of the mask in order.
fn visit(rows: usize, mask: Option<&BooleanBuffer>, work: &Work, mut each: impl FnMut(usize)) -> Result<()> {
    for start in (0..rows).step_by(CHUNK) {
        work.check()?;
        (start..(start + CHUNK).min(rows)).filter(|row| is_in(mask, *row)).for_each(&mut each);
    }
    Ok(())
}

/// The label of a row; -1 if there is none.
fn at(labels: &[i16], row: usize) -> i16 {
    labels.get(row).copied().unwrap_or(-1)
}

#[cfg(test)]
mod tests;
