//! Triplets: accuracies in closed form from how often three functions agree.

use std::sync::Arc;

use super::moments::pair_counts;
use super::scores::{Contribution, Link, Scores};
use super::symbols::Symbols;
use super::{FitOptions, Fitted, LabelModel};
use crate::engine::{Result, Work};
use crate::weak::Patterns;

/// FlyingSquid's label model (D. Fu and others, 2020), for independent functions.
///
/// With votes as -1, 0, 1 and `E_ij` their mean product, `|a_i| = sqrt|E_ij E_ik / E_jk|` for every pair of other
/// functions; the mean over pairs is taken, with sign +. Together with class balance and vote frequencies it gives
/// each function's votes by class in closed form. More than two classes are taken one against the rest.
pub(super) struct Triplets;

/// The least probability of a vote together with a class.
const LEAST: f64 = 1e-8;

impl LabelModel for Triplets {
    fn name(&self) -> &'static str {
        "triplets"
    }

    fn about(&self) -> &'static str {
        "FlyingSquid's closed form: accuracies from how often three functions agree. Fast; wants three or more."
    }

    fn fit(&self, patterns: &Patterns, options: &FitOptions, work: &Work) -> Result<Fitted> {
        let (functions, classes) = (patterns.functions().len(), patterns.classes());
        let balance = options.balance_or_gold(classes);
        let symbols = Arc::new(Symbols::of(patterns, false, work)?);
        work.stage("fitting the label model", classes as u64);
        let counts = pair_counts(patterns, &symbols, work)?;
        let mut values = vec![0.0; symbols.len() * classes];
        let mut prior = vec![0.0; classes];
        if classes == 2 {
            let binary = Binary { counts: &counts, symbols: &symbols, functions, rows: patterns.rows() as f64 };
            binary.fit(1, balance[1], work, |number, against, in_favour| {
                values[number * 2] = against;
                values[number * 2 + 1] = in_favour;
            })?;
            prior = balance.iter().map(|share| share.ln()).collect();
        } else {
            for class in 0..classes {
                let binary = Binary { counts: &counts, symbols: &symbols, functions, rows: patterns.rows() as f64 };
                binary.fit(class, balance[class], work, |number, against, in_favour| {
                    values[number * classes + class] = in_favour - against;
                })?;
                prior[class] = (balance[class] / (1.0 - balance[class])).ln();
                work.advance(1)?;
            }
        }
        let link = if classes == 2 { Link::Softmax } else { Link::OneVsRest };
        let scores = Scores { prior, votes: Contribution::Table { symbols, values }, link };
        let mut fitted = Fitted::new(self.name(), patterns, balance, vec![0.0; functions], scores, work)?;
        let weights =
            fitted.estimated_accuracy(patterns, work)?.into_iter().map(|accuracy| accuracy.unwrap_or(0.0)).collect();
        fitted.set_weights(weights);
        if functions < 3 {
            fitted.notes.push("with fewer than three functions, accuracies cannot be told from agreement".into());
        }
        Ok(fitted)
    }
}

/// One class against the rest.
struct Binary<'a> {
    counts: &'a [f64],
    symbols: &'a Symbols,
    functions: usize,
    rows: f64,
}

impl Binary<'_> {
    /// Calls `set` with each symbol's log probability in the rest and in the class, whose share is `share`.
    fn fit(&self, class: usize, share: f64, work: &Work, mut set: impl FnMut(usize, f64, f64)) -> Result<()> {
        let rows = self.rows.max(1.0);
        let sign = |vote: i16| if vote as usize == class { 1.0 } else { -1.0 };
        // For each function: how often it votes for the class, and how often at all.
        let mut favour = vec![0.0; self.functions];
        let mut coverage = vec![0.0; self.functions];
        for (number, function, vote) in self.symbols.pairs() {
            let frequency = self.symbols.rows(number) / rows;
            coverage[function] += frequency;
            favour[function] += if sign(vote) > 0.0 { frequency } else { 0.0 };
        }
        let agreement = self.agreement(sign, rows);
        let accuracy = accuracies(&agreement, &coverage, work)?;
        for (number, function, vote) in self.symbols.pairs() {
            let (votes, favours, accuracy) = (coverage[function], favour[function], accuracy[function]);
            let right = 0.5 * (1.0 + accuracy - (1.0 - votes));
            let both = 0.5 * (favours + right + (share - 1.0) * votes);
            let (in_class, in_rest) =
                if sign(vote) > 0.0 { (both, favours - both) } else { (share * votes - both, right - both) };
            set(number, (in_rest.max(LEAST) / (1.0 - share)).ln(), (in_class.max(LEAST) / share).ln());
        }
        Ok(())
    }

    /// The mean product of each two functions' votes, functions x functions.
    fn agreement(&self, sign: impl Fn(i16) -> f64, rows: f64) -> Vec<f64> {
        let size = self.symbols.len();
        let mut means = vec![0.0; self.functions * self.functions];
        for (left, i, vote) in self.symbols.pairs() {
            for (right, j, other) in self.symbols.pairs() {
                means[i * self.functions + j] += sign(vote) * sign(other) * self.counts[left * size + right] / rows;
            }
        }
        means
    }
}

/// `a_i`, the mean over pairs of other functions of `sqrt|E_ij E_ik / E_jk|`, at most the function's coverage.
fn accuracies(agreement: &[f64], coverage: &[f64], work: &Work) -> Result<Vec<f64>> {
    let functions = coverage.len();
    let root: Vec<f64> = agreement.iter().map(|mean| mean.abs().sqrt()).collect();
    let inverse: Vec<f64> = root.iter().map(|&root| if root > 0.0 { 1.0 / root } else { 0.0 }).collect();
    let mut out = Vec::with_capacity(functions);
    for i in 0..functions {
        work.check()?;
        let row = &root[i * functions..][..functions];
        let mut sum = 0.0;
        for j in (0..functions).filter(|&j| j != i) {
            let rest = &inverse[j * functions..][..functions];
            let pairs: f64 = row.iter().zip(rest).map(|(root, inverse)| root * inverse).sum();
            sum += row[j] * (pairs - row[i] * rest[i] - row[j] * rest[j]);
        }
        let pairs = (functions as f64 - 1.0) * (functions as f64 - 2.0);
        // Without two others there is nothing to compare with: a precision of 0.7 is assumed, as MeTaL starts with.
        let mean = if pairs > 0.0 { sum / pairs } else { 0.4 * coverage[i] };
        out.push(mean.min(coverage[i]));
    }
    Ok(out)
}
