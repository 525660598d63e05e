//! One-coin Dawid-Skene: one accuracy for each function.

use super::em::{accuracies, expect_scores, expect_soft_majority};
use super::scores::{Contribution, Link, Scores};
use super::symbols::Symbols;
use super::{FitOptions, Fitted, LabelModel, uniform};
use crate::engine::{Result, Work};
use crate::weak::Patterns;

/// Each function is right with one probability, whatever the class, and errs evenly over the others. Few parameters,
/// so it fits crowds whose members vote little; functions that vote for one class only mislead it.
pub(super) struct OneCoin;

impl LabelModel for OneCoin {
    fn name(&self) -> &'static str {
        "one-coin"
    }

    fn about(&self) -> &'static str {
        "One accuracy for each function, learned from agreement. For crowds whose members vote little."
    }

    fn fit(&self, patterns: &Patterns, options: &FitOptions, work: &Work) -> Result<Fitted> {
        let (functions, classes) = (patterns.functions().len(), patterns.classes());
        let symbols = Symbols::of(patterns, false, work)?;
        let most = options.iterations.unwrap_or(100).max(1);
        let mut votes = vec![0.0; functions];
        symbols.pairs().for_each(|(number, function, _)| votes[function] += symbols.rows(number));
        work.stage("fitting the label model", most as u64);
        let mut expected = expect_soft_majority(patterns, &symbols, work)?;
        let mut accuracy = vec![0.0; functions];
        let mut balance = uniform(classes);
        let mut converged = false;
        for _ in 0..most {
            let shares = accuracies(&expected, &symbols, patterns);
            // One vote right and one wrong on top (Laplace): nobody is known to be perfect.
            let next: Vec<f64> =
                shares.iter().zip(&votes).map(|(share, votes)| (share * votes + 1.0) / (votes + 2.0)).collect();
            let change: f64 = next.iter().zip(&accuracy).map(|(a, b)| (a - b).abs()).sum();
            accuracy = next;
            balance = options.balance.clone().unwrap_or_else(|| {
                let mut counts: Vec<f64> = expected.classes.iter().map(|count| count + 1.0).collect();
                super::scores::scale(&mut counts);
                counts
            });
            work.advance(1)?;
            if change < 1e-6 * functions as f64 {
                converged = true;
                break;
            }
            expected = expect_scores(patterns, &symbols, &scores(&accuracy, &balance), work)?;
        }
        let scores = scores(&accuracy, &balance);
        let mut fitted = Fitted::new(self.name(), patterns, balance, accuracy, scores, work)?;
        if !converged {
            fitted.notes.push(format!("stopped after {most} iterations, before the parameters stood still"));
        }
        Ok(fitted)
    }
}

fn scores(accuracy: &[f64], balance: &[f64]) -> Scores {
    let others = balance.len() as f64 - 1.0;
    let weights = accuracy.iter().map(|accuracy| (accuracy * others / (1.0 - accuracy)).ln()).collect();
    let prior = balance.iter().map(|share| share.ln()).collect();
    Scores { prior, votes: Contribution::Weights(weights), link: Link::Softmax }
}
