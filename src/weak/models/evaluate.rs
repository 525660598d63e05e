//! How good probabilities are, by hand labels that the model has not seen.

use serde::Serialize;

use super::{FitOptions, Gold, LabelModel, fit, ties};
use crate::engine::{Result, Work};
use crate::learn::metrics::{Z90, wilson_share};
use crate::weak::Patterns;

/// The least probability in a logarithm: one certain mistake must not make the mean infinite.
const LEAST: f64 = 1e-15;

/// Accuracy for each way to break ties, rows without votes included (they are tied if the class balance is).
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct TieAccuracy {
    /// The share of rows that are tied.
    pub share: f64,
    /// The accuracy if each tie goes to its first class.
    pub first: f64,
    /// The accuracy if each tie goes to its last class.
    pub last: f64,
    /// The mean accuracy of breaking ties at random: a tie of two counts half.
    pub half: f64,
}

/// What hand labels say of probabilities. Rows without votes are judged by the class balance they get.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Evaluation {
    /// Rows that judged.
    pub rows: u64,
    /// Those of them with at least one vote.
    pub rows_covered: u64,
    /// The share of rows whose most likely class is the hand label; a tie counts as breaking it at random does.
    pub accuracy: f64,
    /// The low end of its 90 % interval (Wilson).
    pub accuracy_low: f64,
    /// The high end.
    pub accuracy_high: f64,
    /// What ties make of the accuracy.
    pub ties: TieAccuracy,
    /// The accuracy over rows with votes; `None` if there are none.
    pub accuracy_covered: Option<f64>,
    /// The F1 of each class; `None` for one that neither occurs nor is predicted.
    pub f1: Vec<Option<f64>>,
    /// The mean of these, over the classes that have one.
    pub f1_macro: f64,
    /// The mean of `-ln p(hand label)`.
    pub log_loss: f64,
    /// The low end of its 90 % interval (normal).
    pub log_loss_low: f64,
    /// The high end.
    pub log_loss_high: f64,
}

/// Collects rows for an [`Evaluation`].
#[derive(Debug, Clone)]
pub struct Evaluator {
    rows: f64,
    rows_covered: f64,
    tied: f64,
    first: f64,
    last: f64,
    half: f64,
    covered: f64,
    loss: f64,
    loss_squared: f64,
    /// Right, predicted and actual rows of each class, ties in parts.
    right: Vec<f64>,
    predicted: Vec<f64>,
    actual: Vec<f64>,
}

impl Evaluator {
    /// Nothing collected yet.
    pub fn new(classes: usize) -> Self {
        let none = vec![0.0; classes];
        Self {
            rows: 0.0,
            rows_covered: 0.0,
            tied: 0.0,
            first: 0.0,
            last: 0.0,
            half: 0.0,
            covered: 0.0,
            loss: 0.0,
            loss_squared: 0.0,
            right: none.clone(),
            predicted: none.clone(),
            actual: none,
        }
    }

    /// Adds `count` rows with these probabilities and this hand label; `covered` if they have votes.
    pub fn add(&mut self, probabilities: &[f64], covered: bool, gold: u16, count: u64) {
        let (count, class) = (count as f64, usize::from(gold));
        let Some(share) = probabilities.get(class).filter(|_| class < self.actual.len()) else { return };
        let tied: Vec<u16> = ties::tied(probabilities).collect();
        let part = 1.0 / tied.len().max(1) as f64;
        let right = if tied.contains(&gold) { part } else { 0.0 };
        let is_gold = |best: Option<&u16>| if best == Some(&gold) { count } else { 0.0 };
        self.rows += count;
        self.tied += if tied.len() > 1 { count } else { 0.0 };
        self.first += is_gold(tied.first());
        self.last += is_gold(tied.last());
        self.half += right * count;
        if covered {
            self.rows_covered += count;
            self.covered += right * count;
        }
        let loss = -share.max(LEAST).ln();
        self.loss += loss * count;
        self.loss_squared += loss * loss * count;
        self.actual[class] += count;
        self.right[class] += right * count;
        for best in tied {
            if let Some(sum) = self.predicted.get_mut(usize::from(best)) {
                *sum += part * count;
            }
        }
    }

    /// The evaluation of the rows collected; `None` if there are none.
    pub fn finish(&self) -> Option<Evaluation> {
        if self.rows == 0.0 {
            return None;
        }
        let n = self.rows;
        let f1 = |class: usize| {
            let sum = self.predicted[class] + self.actual[class];
            (sum > 0.0).then(|| 2.0 * self.right[class] / sum)
        };
        let f1: Vec<Option<f64>> = (0..self.actual.len()).map(f1).collect();
        let defined = f1.iter().flatten().count().max(1);
        let accuracy = self.half / n;
        let (accuracy_low, accuracy_high) = wilson_share(Z90, accuracy, n);
        let log_loss = self.loss / n;
        let margin = Z90 * ((self.loss_squared / n - log_loss * log_loss).max(0.0) / n).sqrt();
        Some(Evaluation {
            rows: n as u64,
            rows_covered: self.rows_covered as u64,
            accuracy,
            accuracy_low,
            accuracy_high,
            ties: TieAccuracy { share: self.tied / n, first: self.first / n, last: self.last / n, half: accuracy },
            accuracy_covered: (self.rows_covered > 0.0).then(|| self.covered / self.rows_covered),
            f1_macro: f1.iter().flatten().sum::<f64>() / defined as f64,
            f1,
            log_loss,
            log_loss_low: (log_loss - margin).max(0.0),
            log_loss_high: log_loss + margin,
        })
    }

    /// Adds the hand labels of patterns, whose probabilities are `probabilities` (patterns x classes).
    pub(crate) fn add_gold(&mut self, patterns: &Patterns, probabilities: &[f64], gold: &Gold) {
        let classes = patterns.classes();
        for &(pattern, class, count) in gold.entries() {
            let pattern = pattern as usize;
            let shares = probabilities.get(pattern * classes..(pattern + 1) * classes).unwrap_or_default();
            self.add(shares, patterns.is_covered(pattern), class, count);
        }
    }
}

/// Judges a model that learns from hand labels by cross-validation: fitted to all but a fifth of them, it is judged by
/// that fifth, and so on. `None` if there are fewer than two hand labels.
///
/// # Errors
/// As [`fit`].
pub fn cross_validate(
    model: &dyn LabelModel,
    patterns: &Patterns,
    gold: &Gold,
    options: &FitOptions,
    work: &Work,
) -> Result<Option<Evaluation>> {
    const FOLDS: usize = 5;
    if gold.rows() < 2 {
        return Ok(None);
    }
    let folds = gold.folds(FOLDS.min(gold.rows() as usize), options.seed);
    let mut evaluator = Evaluator::new(patterns.classes());
    for (left_out, judges) in folds.iter().enumerate() {
        let shown = Gold::without(&folds, left_out);
        let fitted = fit(model, patterns, &FitOptions { gold: Some(shown), ..options.clone() }, work)?;
        evaluator.add_gold(patterns, fitted.probabilities(), judges);
    }
    Ok(evaluator.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_figures_equal_those_counted_by_hand() {
        let mut evaluator = Evaluator::new(3);
        assert_eq!(evaluator.finish(), None);
        evaluator.add(&[0.8, 0.2, 0.0], true, 0, 1);
        evaluator.add(&[0.2, 0.8, 0.0], true, 0, 1);
        evaluator.add(&[0.5, 0.5, 0.0], true, 1, 1);
        evaluator.add(&[0.5, 0.5, 0.0], false, 1, 1);
        evaluator.add(&[0.5, 0.5, 0.0], true, 9, 1);
        let found = evaluator.finish().unwrap();
        assert_eq!((found.rows, found.rows_covered), (4, 3), "a class that does not exist does not judge");
        assert_eq!(found.ties, TieAccuracy { share: 0.5, first: 0.25, last: 0.75, half: 0.5 });
        assert_eq!((found.accuracy, found.accuracy_covered), (0.5, Some(0.5)));
        // Class 0: right 1, predicted 1 + 2 halves, actual 2. Class 1: right 2 halves, predicted 1 + 2 halves.
        assert_eq!(found.f1, [Some(0.5), Some(0.5), None]);
        assert_eq!(found.f1_macro, 0.5);
        let loss = -(0.8f64.ln() + 0.2f64.ln() + 2.0 * 0.5f64.ln()) / 4.0;
        assert!((found.log_loss - loss).abs() < 1e-12 && found.log_loss_low < loss && loss < found.log_loss_high);
    }

    #[test]
    fn a_certain_mistake_is_dear_but_finite() {
        let mut evaluator = Evaluator::new(2);
        evaluator.add(&[1.0, 0.0], true, 1, 1);
        assert!((evaluator.finish().unwrap().log_loss - -LEAST.ln()).abs() < 1e-9);
    }
}
