//! Weighted majority: functions that are right more often count for more.

use super::scores::{Contribution, Link, Scores};
use super::{FitOptions, Fitted, LabelModel};
use crate::engine::{Result, Work};
use crate::weak::Patterns;

/// Weighted majority vote: each vote counts the log odds of its function's accuracy, `ln(s (K-1) / (1-s))`.
///
/// The accuracy is taken from the hand labels where there are some, shrunk towards the agreement with the majority,
/// which stands in for it where there are none (Wawa of crowd-kit).
pub(super) struct Weighted;

/// How many hand labels the agreement with the majority is worth.
const PRIOR_WORTH: f64 = 10.0;

impl LabelModel for Weighted {
    fn name(&self) -> &'static str {
        "weighted"
    }

    fn about(&self) -> &'static str {
        "Functions that are right more often count for more: by hand labels, else by agreement with the majority."
    }

    fn learns_from_gold(&self) -> bool {
        true
    }

    fn reads_meanings(&self) -> bool {
        true
    }

    fn fit(&self, patterns: &Patterns, options: &FitOptions, work: &Work) -> Result<Fitted> {
        let classes = patterns.classes();
        let balance = options.balance_or_gold(classes);
        let majority = Fitted::majority(self.name(), patterns, balance.clone(), work)?;
        let agreement = majority.estimated_accuracy(patterns, work)?;
        let mut judged = vec![(0.0, 0.0); agreement.len()];
        for &(pattern, class, count) in options.gold.iter().flat_map(|gold| gold.entries()) {
            for (sums, &vote) in judged.iter_mut().zip(patterns.votes(pattern as usize)).filter(|(_, vote)| **vote >= 0)
            {
                sums.0 += if patterns.names(vote, usize::from(class)) { count as f64 } else { 0.0 };
                sums.1 += count as f64;
            }
        }
        let weight = |(agreement, (right, total)): (Option<f64>, (f64, f64))| {
            // Always agreeing is no proof of never being wrong; bounded away from certainty.
            let prior = agreement.unwrap_or(0.5).clamp(0.05, 0.95);
            let accuracy = (right + PRIOR_WORTH * prior) / (total + PRIOR_WORTH);
            (accuracy * (classes as f64 - 1.0) / (1.0 - accuracy)).ln()
        };
        let weights: Vec<f64> = agreement.into_iter().zip(judged).map(weight).collect();
        let prior = balance.iter().map(|share| share.ln()).collect();
        let votes = Contribution::counted(weights.clone(), patterns, work)?;
        let scores = Scores { prior, votes, link: Link::Softmax };
        Fitted::new(self.name(), patterns, balance, weights, scores, work)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::weak::models::{Gold, fit};

    #[test]
    fn a_function_that_is_always_right_outvotes_two_that_never_are() {
        let names = (0..3).map(|index| format!("lf{index}")).collect();
        let patterns = Patterns::from_counts(names, 2, vec![0, 1, 1, 1, 0, 0], vec![50, 50]).unwrap();
        let gold = Gold::of_counts(&patterns, vec![(0, 0, 40), (1, 1, 40)]).unwrap();
        let of = |gold| {
            let options = FitOptions { gold, ..Default::default() };
            fit(&Weighted, &patterns, &options, &Work::new()).unwrap()
        };
        assert!(of(None).pattern(0)[1] > 0.5, "without hand labels the two win");
        assert!(of(Some(gold)).pattern(0)[0] > 0.5, "with them the one does");
    }
}
