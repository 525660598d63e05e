//! Chooses the model by what is known: the calibrated vote with enough hand labels, else the soft majority.

use serde::Serialize;

use super::calibrated::Calibrated;
use super::majority::SoftMajority;
use super::{Evaluator, FitOptions, Fitted, Flips, Gold, LabelModel, cross_validate, fit};
use crate::engine::{Result, Work};
use crate::weak::Patterns;

/// From this many hand labels on the calibrated vote is the better choice on every set it was measured on.
const ENOUGH: u64 = 20;

/// Beyond this many distinct votes only the two models that may be chosen are compared: the comparison must not take
/// longer than the fit.
const MOST_CELLS: usize = 2_000_000;

/// How a model did on the hand labels.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Candidate {
    /// The model's name.
    pub model: &'static str,
    /// The mean of `-ln p(hand label)`; by cross-validation for models that learn from hand labels.
    pub log_loss: Option<f64>,
    /// The low end of its 90 % interval.
    pub log_loss_low: Option<f64>,
    /// The high end.
    pub log_loss_high: Option<f64>,
    /// The accuracy, ties counted half.
    pub accuracy: Option<f64>,
    /// Rows on which the model contradicts votes that all agree.
    pub flipped: u64,
}

/// The default. Choosing by cross-validated log loss was measured and adds variance, so the choice is by the number of
/// hand labels alone, and what the others would have done is shown beside it.
pub(super) struct Auto;

impl LabelModel for Auto {
    fn name(&self) -> &'static str {
        "auto"
    }

    fn about(&self) -> &'static str {
        "The calibrated vote from 20 hand labels on, below that the soft majority."
    }

    fn learns_from_gold(&self) -> bool {
        true
    }

    fn reads_meanings(&self) -> bool {
        true
    }

    fn fit(&self, patterns: &Patterns, options: &FitOptions, work: &Work) -> Result<Fitted> {
        let gold = options.gold.as_ref().filter(|gold| gold.rows() > 0);
        let candidates = match gold {
            Some(gold) => candidates(patterns, gold, options, work)?,
            None => Vec::new(),
        };
        let count = gold.map_or(0, Gold::rows);
        let (chosen, why): (&dyn LabelModel, _) = if count >= ENOUGH {
            (&Calibrated, format!("calibrated vote, because there are {count} hand labels"))
        } else {
            let why = format!("soft majority, because there are {count} hand labels and {ENOUGH} are wanted");
            (&SoftMajority, why)
        };
        let mut fitted = fit(chosen, patterns, options, work)?;
        fitted.candidates = candidates;
        fitted.notes.push(why);
        Ok(fitted)
    }
}

fn candidates(patterns: &Patterns, gold: &Gold, options: &FitOptions, work: &Work) -> Result<Vec<Candidate>> {
    let few = patterns.len() * patterns.functions().len() <= MOST_CELLS;
    let names: &[&str] = if few {
        &["soft-majority", "weighted", "calibrated", "dawid-skene", "metal", "triplets"]
    } else {
        &["soft-majority", "calibrated"]
    };
    let mut candidates = Vec::new();
    for name in names {
        let model = super::model(name)?;
        // One model that cannot be fitted to these votes does not keep the others from being compared.
        let fitted = match fit(model, patterns, options, work) {
            Ok(fitted) => fitted,
            Err(error) if error.is_cancelled() => return Err(error),
            Err(error) => {
                work.warn(format!("{name} was not compared: {error}"));
                continue;
            }
        };
        let evaluation = if model.learns_from_gold() {
            cross_validate(model, patterns, gold, options, work)?
        } else {
            let mut evaluator = Evaluator::new(patterns.classes());
            evaluator.add_gold(patterns, fitted.probabilities(), gold);
            evaluator.finish()
        };
        candidates.push(Candidate {
            model: model.name(),
            log_loss: evaluation.as_ref().map(|found| found.log_loss),
            log_loss_low: evaluation.as_ref().map(|found| found.log_loss_low),
            log_loss_high: evaluation.as_ref().map(|found| found.log_loss_high),
            accuracy: evaluation.as_ref().map(|found| found.accuracy),
            flipped: Flips::of(&fitted, patterns).flipped,
        });
    }
    Ok(candidates)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_of_hand_labels_decides() {
        let names = (0..2).map(|index| format!("lf{index}")).collect();
        let patterns = Patterns::from_counts(names, 2, vec![0, 1, 1, 1], vec![50, 50]).unwrap();
        let of = |count: u64| {
            let gold = Gold::of_counts(&patterns, vec![(0, 0, count / 2), (1, 1, count - count / 2)]).unwrap();
            let options = FitOptions { gold: Some(gold), ..Default::default() };
            fit(&Auto, &patterns, &options, &Work::new()).unwrap()
        };
        assert_eq!((of(19).model(), of(20).model(), of(0).model()), ("soft-majority", "calibrated", "soft-majority"));
        assert!(of(0).candidates().is_empty());
        let compared = of(20);
        let names: Vec<_> = compared.candidates().iter().map(|candidate| candidate.model).collect();
        assert_eq!(names, ["soft-majority", "weighted", "calibrated", "dawid-skene", "metal", "triplets"]);
        assert!(compared.candidates().iter().all(|candidate| candidate.log_loss.is_some_and(f64::is_finite)));
        assert!(compared.notes()[0].contains("20 hand labels"));
    }
}
