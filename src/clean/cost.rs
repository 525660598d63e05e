//! What reviewing gains: the accuracy to expect if the rows most likely mislabelled were reviewed up to a rank, beside the
//! errors that would be found.
//!
//! A reviewed row is taken to be wrong with the chance that the audit fitted to its score, drawn once for each row, and then
//! gets its suggestion. The model is taught in the same folds each time and judged by the same rows: those that no review
//! reaches, so that reviewing cannot flatter itself.

use super::label_errors::LabelErrors;
use crate::engine::{Random, Result, Work};
use crate::learn::cross_validation::{out_of_sample_in, stratified_folds};
use crate::learn::judge::Rate;
use crate::learn::{Features, logistic, metrics};

/// What is to be expected after so many reviews.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CostPoint {
    /// Rows that were reviewed.
    pub reviews: usize,
    /// Those of them that were corrected.
    pub corrected: usize,
    /// Cross-validated accuracy on the rows that no review reaches.
    pub accuracy: Option<Rate>,
}

/// The accuracy to expect at each of `ranks` (ascending), from labels, their errors, and the chance by score that a label is
/// wrong.
///
/// # Errors
/// If there are too few labels to learn from, or the work was cancelled.
pub fn cost_curve<F: Features>(
    features: &F,
    labels: &[Option<u16>],
    errors: &LabelErrors,
    chance: impl Fn(f64) -> f64,
    ranks: &[usize],
    (classes, folds, seed): (usize, usize, u64),
    work: &Work,
) -> Result<Vec<CostPoint>> {
    let order = errors.by_margin();
    let reached = order.len().min(ranks.iter().copied().max().unwrap_or(0));
    let mut random = Random::new(seed);
    let is_wrong: Vec<bool> = order
        .iter()
        .take(reached)
        .map(|&row| errors.normalized_margin.get(row as usize).is_some_and(|score| random.unit() < chance(*score)))
        .collect();
    let mut judged: Vec<bool> = labels.iter().map(Option::is_some).collect();
    for &row in order.iter().take(reached) {
        if let Some(judged) = judged.get_mut(row as usize) {
            *judged = false;
        }
    }
    let dealt = stratified_folds(labels, folds, seed);
    let mut taught = labels.to_vec();
    let (mut at, mut corrected) = (0, 0);
    let mut points = Vec::with_capacity(ranks.len());
    for &rank in ranks {
        for (&row, wrong) in order.iter().zip(&is_wrong).take(rank).skip(at) {
            let suggested = errors.suggested.get(row as usize).copied().flatten();
            if let (true, Some(label), Some(suggested)) = (*wrong, taught.get_mut(row as usize), suggested) {
                corrected += usize::from(*label != Some(suggested));
                *label = Some(suggested);
            }
        }
        at = at.max(rank);
        let cv =
            out_of_sample_in(features, &taught, classes, dealt.clone(), &logistic::Options::default(), seed, work)?;
        let (mut right, mut rows) = (0u64, 0u64);
        for (row, label) in labels.iter().enumerate().filter(|(row, _)| judged.get(*row) == Some(&true)) {
            rows += 1;
            let answer = metrics::argmax(cv.probabilities.row(row)).map(|(class, _)| class);
            right += u64::from(answer == *label);
        }
        points.push(CostPoint { reviews: rank.min(order.len()), corrected, accuracy: Rate::of(right, rows) });
    }
    Ok(points)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clean::label_errors::Options;
    use crate::learn::Matrix;
    use crate::learn::cross_validation::out_of_sample;

    #[test]
    fn accuracy_rises_as_errors_are_corrected_and_is_judged_by_the_same_rows() {
        let mut random = Random::new(9);
        let rows = 600;
        let truth: Vec<u16> = (0..rows).map(|_| random.below(2) as u16).collect();
        let values = truth.iter().flat_map(|&class| {
            let mut noise = || random.unit() as f32 * 1.7;
            [noise() + f32::from(class), noise() + 1.0 - f32::from(class), 1.0]
        });
        let features = Matrix::new(rows, 3, values.collect()).unwrap();
        let labels: Vec<Option<u16>> = truth
            .iter()
            .enumerate()
            .map(|(row, &class)| Some(if class == 1 && row % 5 < 2 { 0 } else { class }))
            .collect();
        let work = Work::new();
        let cv = out_of_sample(&features, &labels, 2, 5, &logistic::Options::default(), 0, &work).unwrap();
        let errors = LabelErrors::find(&cv.probabilities, &labels, &Options::default(), &work).unwrap();
        let run =
            |chance: f64| cost_curve(&features, &labels, &errors, |_| chance, &[0, 60, 120], (2, 5, 0), &work).unwrap();
        let found = run(1.0);
        assert_eq!(found.iter().map(|point| point.reviews).collect::<Vec<_>>(), [0, 60, 120]);
        assert_eq!((found[0].corrected, found[1].corrected), (0, 60));
        let rates: Vec<Rate> = found.iter().filter_map(|point| point.accuracy).collect();
        assert!(rates.iter().all(|rate| rate.of == 480), "{rates:?}");
        assert!(rates[1].value > rates[0].value, "{rates:?}");
        let nothing = run(0.0);
        assert!(nothing.iter().all(|point| point.corrected == 0 && point.accuracy == nothing[0].accuracy));
        assert_eq!(found, run(1.0), "the same seed");
    }
}
