//! The vote counted: every function alike.

use super::scores::{Contribution, Link, Scores};
use super::{FitOptions, Fitted, LabelModel, uniform};
use crate::engine::Result;
use crate::engine::Work;
use crate::weak::Patterns;

/// Majority vote: all to the class with most votes, in equal parts where several have most (Snorkel's
/// `MajorityLabelVoter`).
pub(super) struct Majority;

impl LabelModel for Majority {
    fn name(&self) -> &'static str {
        "majority"
    }

    fn about(&self) -> &'static str {
        "The class with most votes. The honest baseline."
    }

    fn reads_meanings(&self) -> bool {
        true
    }

    fn fit(&self, patterns: &Patterns, options: &FitOptions, work: &Work) -> Result<Fitted> {
        let balance = options.balance.clone().unwrap_or_else(|| uniform(patterns.classes()));
        let weights = vec![1.0; patterns.functions().len()];
        let votes = Contribution::counted(weights.clone(), patterns, work)?;
        let scores = Scores { prior: vec![0.0; balance.len()], votes, link: Link::Plurality };
        Fitted::new(self.name(), patterns, balance, weights, scores, work)
    }
}

/// Soft majority vote: each class gets its share of the votes.
pub(super) struct SoftMajority;

impl LabelModel for SoftMajority {
    fn name(&self) -> &'static str {
        "soft-majority"
    }

    fn about(&self) -> &'static str {
        "Each class gets its share of the votes. Decides as the majority, and says how sure it is."
    }

    fn reads_meanings(&self) -> bool {
        true
    }

    fn fit(&self, patterns: &Patterns, options: &FitOptions, work: &Work) -> Result<Fitted> {
        let balance = options.balance.clone().unwrap_or_else(|| uniform(patterns.classes()));
        Fitted::majority(self.name(), patterns, balance, work)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_and_ties_are_as_counted() {
        let names = (0..3).map(|index| format!("lf{index}")).collect();
        let cells = vec![0, 0, 1, 0, 1, -1, -1, -1, -1];
        let patterns = Patterns::from_counts(names, 2, cells, vec![1, 1, 1]).unwrap();
        let check = |model: &dyn LabelModel, options: &FitOptions, expected: [[f64; 2]; 3]| {
            let fitted = super::super::fit(model, &patterns, options, &Work::new()).unwrap();
            assert_eq!(fitted.probabilities(), expected.concat());
        };
        let plain = FitOptions::default();
        check(&Majority, &plain, [[1.0, 0.0], [0.5, 0.5], [0.5, 0.5]]);
        check(&SoftMajority, &plain, [[2.0 / 3.0, 1.0 / 3.0], [0.5, 0.5], [0.5, 0.5]]);
        // A given balance is what rows without votes get, and does not touch the vote.
        let skewed = FitOptions { balance: Some(vec![3.0, 1.0]), ..Default::default() };
        check(&Majority, &skewed, [[1.0, 0.0], [0.5, 0.5], [0.75, 0.25]]);
    }
}
