//! Dawid-Skene: a confusion matrix for each function, by expectation maximisation or variational Bayes.

use std::sync::Arc;

use super::em::{Expected, accuracies, digamma, expect_scores, expect_soft_majority};
use super::scores::{Contribution, Link, Scores};
use super::symbols::Symbols;
use super::{FitOptions, Fitted, LabelModel};
use crate::engine::{Result, Work};
use crate::weak::Patterns;

/// Dawid-Skene (A. P. Dawid and A. M. Skene, 1979): expectation maximisation from the soft majority.
///
/// With `abstain_symbol`, abstaining is one more symbol of each function, as WRENCH has it: labelling functions
/// abstain for a reason. Without, an abstain is a missing value, as for crowds.
pub(super) struct DawidSkene;

/// The least probability of a vote: keeps one contradiction from ruling a class out for ever.
const FLOOR: f64 = 1e-10;

/// The sum of changes of all parameters at which the iterations end (WRENCH's).
const TOLERANCE: f64 = 1e-5;

impl LabelModel for DawidSkene {
    fn name(&self) -> &'static str {
        "dawid-skene"
    }

    fn about(&self) -> &'static str {
        "A confusion matrix for each function, learned from agreement alone. Good for crowds and many functions."
    }

    fn reads_meanings(&self) -> bool {
        true
    }

    fn fit(&self, patterns: &Patterns, options: &FitOptions, work: &Work) -> Result<Fitted> {
        let maximise = |expected: &Expected, symbols: &Symbols| {
            let mut model = Parameters::counted(expected, symbols, patterns, options, |_, _| options.smoothing);
            model.normalise(|part, total| (part / total).max(FLOOR));
            model
        };
        iterate(self.name(), patterns, options, maximise, work)
    }
}

/// Independent Bayesian classifier combination: Dawid-Skene in variational form, with priors that expect votes to be
/// right (4 on the diagonal, 1 elsewhere).
pub(super) struct Ibcc;

impl LabelModel for Ibcc {
    fn name(&self) -> &'static str {
        "ibcc"
    }

    fn about(&self) -> &'static str {
        "Dawid-Skene with prior beliefs, steadier where each function votes little. Made for crowds."
    }

    fn reads_meanings(&self) -> bool {
        true
    }

    fn fit(&self, patterns: &Patterns, options: &FitOptions, work: &Work) -> Result<Fitted> {
        let maximise = |expected: &Expected, symbols: &Symbols| {
            let prior = |vote: i16, class: usize| 1.0 + 3.0 * patterns.share(vote, class);
            let mut model = Parameters::counted(expected, symbols, patterns, options, prior);
            model.classes.iter_mut().for_each(|count| *count += 1.0);
            model.normalise(|part, total| (digamma(part) - digamma(total)).exp().max(FLOOR));
            model
        };
        iterate(self.name(), patterns, options, maximise, work)
    }
}

/// Class shares and, for each symbol and class, the chance of the symbol.
struct Parameters {
    classes: Vec<f64>,
    chances: Vec<f64>,
    /// The sum that each row of `chances` is divided by, functions x classes.
    totals: Vec<f64>,
    function_of: Vec<usize>,
    fixed_balance: Option<Vec<f64>>,
}

impl Parameters {
    /// Expected counts plus `prior(vote, class)`. The totals include the priors of symbols that never occur.
    fn counted(
        expected: &Expected,
        symbols: &Symbols,
        patterns: &Patterns,
        options: &FitOptions,
        prior: impl Fn(i16, usize) -> f64,
    ) -> Self {
        let classes = patterns.classes();
        let lowest = if options.abstain_symbol { -1 } else { 0 };
        let prior_total: Vec<f64> =
            (0..classes).map(|class| (lowest..classes as i16).map(|vote| prior(vote, class)).sum()).collect();
        let mut totals: Vec<f64> = prior_total.repeat(patterns.functions().len());
        let mut chances = expected.counts.clone();
        let mut function_of = vec![0; symbols.len()];
        for (number, function, vote) in symbols.pairs() {
            function_of[number] = function;
            let totals = &mut totals[function * classes..][..classes];
            for (class, chance) in chances[number * classes..][..classes].iter_mut().enumerate() {
                let extra = if i32::from(vote) >= classes as i32 { prior(vote, class) } else { 0.0 };
                totals[class] += *chance + extra;
                *chance += prior(vote, class);
            }
        }
        let fixed_balance = options.balance.clone();
        Self { classes: expected.classes.clone(), chances, totals, function_of, fixed_balance }
    }

    /// Makes chances of counts by `share(part, total)`.
    fn normalise(&mut self, share: impl Fn(f64, f64) -> f64) {
        let classes = self.classes.len();
        for (number, row) in self.chances.chunks_exact_mut(classes).enumerate().skip(1) {
            let totals = &self.totals[self.function_of[number] * classes..][..classes];
            for (chance, &total) in row.iter_mut().zip(totals) {
                // A class that no row is expected to have says nothing about the votes on it.
                *chance = if total > 0.0 { share(*chance, total) } else { 1.0 };
            }
        }
        let rows: f64 = self.classes.iter().sum();
        self.classes.iter_mut().for_each(|count| *count = if rows > 0.0 { share(*count, rows) } else { 1.0 });
        if let Some(balance) = &self.fixed_balance {
            self.classes.clone_from(balance);
        }
    }

    fn change_from(&self, other: &Self) -> f64 {
        let change = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| (a - b).abs()).sum::<f64>();
        let classes = self.classes.len();
        let chances = |of: &Self| of.chances.get(classes..).unwrap_or_default().to_vec();
        change(&self.classes, &other.classes) + change(&chances(self), &chances(other))
    }

    fn scores(&self, symbols: &Arc<Symbols>) -> Scores {
        let classes = self.classes.len();
        let mut values: Vec<f64> = self.chances.iter().map(|chance| chance.ln()).collect();
        values[..classes].fill(0.0);
        let prior = self.classes.iter().map(|share| share.ln()).collect();
        Scores { prior, votes: Contribution::Table { symbols: symbols.clone(), values }, link: Link::Softmax }
    }
}

fn iterate(
    name: &'static str,
    patterns: &Patterns,
    options: &FitOptions,
    maximise: impl Fn(&Expected, &Symbols) -> Parameters,
    work: &Work,
) -> Result<Fitted> {
    let symbols = Arc::new(Symbols::of(patterns, options.abstain_symbol, work)?);
    // WRENCH allows 10,000; where votes do not compress into patterns, a pass is dear and 100 are what crowd-kit does.
    let cells = patterns.len() * patterns.functions().len();
    let most = options.iterations.unwrap_or(if cells > 2_000_000 { 100 } else { 10_000 }).max(1);
    work.stage("fitting the label model", most as u64);
    let mut expected = expect_soft_majority(patterns, &symbols, work)?;
    let mut model = maximise(&expected, &symbols);
    let mut converged = false;
    for _ in 1..most {
        expected = expect_scores(patterns, &symbols, &model.scores(&symbols), work)?;
        let next = maximise(&expected, &symbols);
        let change = next.change_from(&model);
        model = next;
        work.advance(1)?;
        if change < TOLERANCE {
            converged = true;
            break;
        }
    }
    let mut balance = model.classes.clone();
    super::scores::scale(&mut balance);
    let weights = accuracies(&expected, &symbols, patterns);
    let mut fitted = Fitted::new(name, patterns, balance, weights, model.scores(&symbols), work)?;
    if !converged {
        fitted.notes.push(format!("stopped after {most} iterations, before the parameters stood still"));
    }
    Ok(fitted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::weak::models::fit;

    /// Three functions of which two are nearly always right and one always votes the same.
    fn patterns() -> Patterns {
        let cells = vec![0, 0, 0, 1, 1, 0, 0, 1, 0, 1, 0, 0];
        let names = (0..3).map(|index| format!("lf{index}")).collect();
        Patterns::from_counts(names, 2, cells, vec![45, 45, 5, 5]).unwrap()
    }

    #[test]
    fn a_function_that_never_changes_its_mind_tells_nothing() {
        for model in [&DawidSkene as &dyn LabelModel, &Ibcc] {
            let fitted = fit(model, &patterns(), &FitOptions::default(), &Work::new()).unwrap();
            assert!(fitted.pattern(1)[1] > 0.95, "{}: {:?}", model.name(), fitted.probabilities());
            assert!(fitted.weights()[0] > 0.8 && fitted.weights()[2] < 0.6, "{:?}", fitted.weights());
        }
    }

    #[test]
    fn a_given_balance_is_kept() {
        let options = FitOptions { balance: Some(vec![0.3, 0.7]), ..Default::default() };
        for model in [&DawidSkene as &dyn LabelModel, &Ibcc] {
            assert_eq!(fit(model, &patterns(), &options, &Work::new()).unwrap().balance(), [0.3, 0.7]);
        }
    }

    #[test]
    fn stopping_early_is_said() {
        let options = FitOptions { iterations: Some(2), ..Default::default() };
        let fitted = fit(&DawidSkene, &patterns(), &options, &Work::new()).unwrap();
        assert!(fitted.notes()[0].contains("2 iterations"));
        assert!(fit(&DawidSkene, &patterns(), &FitOptions::default(), &Work::new()).unwrap().notes().is_empty());
    }
}
