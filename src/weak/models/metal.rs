//! MeTaL: how often each function votes what in each class, from the second moments of votes.

use std::sync::Arc;

use rayon::prelude::*;

use super::moments::pair_counts;
use super::scores::{Contribution, Link, Scores};
use super::symbols::Symbols;
use super::{FitOptions, Fitted, LabelModel, assignment};
use crate::engine::{Result, Work};
use crate::weak::Patterns;

/// The label model of Snorkel (A. Ratner and others, 2019), for independent functions.
///
/// `mu[(j,c),k] = P(function j votes c | class k)` is fitted so that `mu P mu^T` matches the observed second moments
/// `O` of votes of different functions, and `mu p` their frequencies, by gradient descent with Snorkel's settings: 100
/// steps of rate 0.01 with momentum 0.9 from an assumed precision of 0.7. Snorkel scales the start by one random
/// number; here it is [`START`], so that a fit can be repeated. Votes that never occur have a gradient of 0 and are
/// left out, which makes the table far smaller. Predicting adds `ln mu`, and abstains add nothing.
pub(super) struct Metal;

/// The start's scale: the mean of Snorkel's random one.
const START: f64 = 0.5;
/// The precision that every function is assumed to start with.
const PRECISION: f64 = 0.7;
/// Classes of equal share beyond which their order is not looked into.
const MOST_PERMUTED: usize = 400;
const RATE: f64 = 0.01;
const MOMENTUM: f64 = 0.9;

impl LabelModel for Metal {
    fn name(&self) -> &'static str {
        "metal"
    }

    fn about(&self) -> &'static str {
        "Snorkel's label model: accuracies from how often functions agree. Wants three functions or more."
    }

    fn fit(&self, patterns: &Patterns, options: &FitOptions, work: &Work) -> Result<Fitted> {
        let functions = patterns.functions().len();
        let balance = options.balance_or_gold(patterns.classes());
        let symbols = Arc::new(Symbols::of(patterns, false, work)?);
        work.stage("fitting the label model", 0);
        let mut observed = pair_counts(patterns, &symbols, work)?;
        let rows = (patterns.rows() as f64).max(1.0);
        observed.iter_mut().for_each(|count| *count /= rows);
        let steps = options.iterations.unwrap_or(100);
        let (mut mu, rate) = descend_safely(&observed, &symbols, &balance, steps, work)?;
        // Snorkel's bounds: a vote is never impossible, nor certain.
        let least = 10f64.powf(-rows.log10().ceil()).min(0.01);
        mu.iter_mut().for_each(|chance| *chance = chance.clamp(least, 1.0 - least));
        undo_permutation(&mut mu, &symbols, &balance);
        let weights = weights(&mu, &symbols, &balance, functions, least, rows);
        let mut values: Vec<f64> = mu.iter().map(|chance| chance.ln()).collect();
        values[..balance.len()].fill(0.0);
        let prior = balance.iter().map(|share| share.ln()).collect();
        let scores = Scores { prior, votes: Contribution::Table { symbols, values }, link: Link::Softmax };
        let mut fitted = Fitted::new(self.name(), patterns, balance, weights, scores, work)?;
        if rate < RATE {
            fitted.notes.push(format!("the fit ran away at Snorkel's rate of {RATE}, so {rate} was taken"));
        }
        if functions < 3 {
            fitted.notes.push("with fewer than three functions, accuracies cannot be told from agreement".into());
        }
        Ok(fitted)
    }
}

/// [`descend`] at Snorkel's rate; where many functions vote on most rows, that runs away, and a tenth is tried.
/// Returns the rate as well.
fn descend_safely(
    observed: &[f64],
    symbols: &Symbols,
    balance: &[f64],
    steps: usize,
    work: &Work,
) -> Result<(Vec<f64>, f64)> {
    let mut rate = RATE;
    loop {
        let mut mu = descend(observed, symbols, balance, steps, rate, work)?;
        // No chance lies outside 0-1; far outside means that the steps have grown instead of settling.
        if mu.iter().all(|chance| chance.abs() < 10.0) {
            return Ok((mu, rate));
        }
        if rate < 1e-6 {
            mu.iter_mut().filter(|chance| !chance.is_finite()).for_each(|chance| *chance = 0.0);
            return Ok((mu, rate));
        }
        rate /= 10.0;
    }
}

/// Gradient descent on `||(O - mu P mu^T) o M||^2 + ||mu p - diag O||^2`, where M leaves out pairs of one function.
fn descend(
    observed: &[f64],
    symbols: &Symbols,
    balance: &[f64],
    steps: usize,
    rate: f64,
    work: &Work,
) -> Result<Vec<f64>> {
    let (size, classes) = (symbols.len(), balance.len());
    let mut function_of = vec![usize::MAX; size];
    let mut mu = vec![0.0; size * classes];
    for (number, function, vote) in symbols.pairs() {
        function_of[number] = function;
        if let Ok(class) = usize::try_from(vote) {
            let chance = observed[number * size + number] * PRECISION / balance[class];
            mu[number * classes + class] = chance.clamp(0.0, 1.0) * START;
        }
    }
    let mut velocity = vec![0.0; mu.len()];
    for _ in 0..steps {
        work.check()?;
        let weighted: Vec<f64> = mu
            .chunks_exact(classes)
            .flat_map(|row| row.iter().zip(balance).map(|(chance, share)| chance * share))
            .collect();
        let gradient = |(row, out): (usize, &mut [f64])| {
            if row == 0 {
                return;
            }
            let chances = &mu[row * classes..][..classes];
            out.fill(0.0);
            let others = observed[row * size..][..size].iter().zip(weighted.chunks_exact(classes)).zip(&function_of);
            for ((&seen, weighted), &function) in others.skip(1) {
                if function != function_of[row] {
                    let expected: f64 = chances.iter().zip(weighted).map(|(a, b)| a * b).sum();
                    let miss = -4.0 * (seen - expected);
                    out.iter_mut().zip(weighted).for_each(|(out, weighted)| *out += miss * weighted);
                }
            }
            let frequency: f64 = weighted[row * classes..][..classes].iter().sum();
            let miss = 2.0 * (frequency - observed[row * size + row]);
            out.iter_mut().zip(balance).for_each(|(out, share)| *out += miss * share);
        };
        let mut gradients = vec![0.0; mu.len()];
        if size * size * classes > 100_000 {
            gradients.par_chunks_mut(classes).enumerate().with_min_len(8).for_each(gradient);
        } else {
            gradients.chunks_mut(classes).enumerate().for_each(gradient);
        }
        for ((chance, velocity), gradient) in mu.iter_mut().zip(&mut velocity).zip(&gradients) {
            *velocity = MOMENTUM * *velocity + gradient;
            *chance -= rate * *velocity;
        }
    }
    Ok(mu)
}

/// The moments are the same whichever way classes of equal share are permuted; the permutation in which functions are
/// right most often is taken.
fn undo_permutation(mu: &mut [f64], symbols: &Symbols, balance: &[f64]) {
    let classes = balance.len();
    let rounded = |class: usize| (balance[class] * 1000.0).round_ties_even() as i64;
    // right[vote][class]: how likely that vote is in that class, over all functions.
    let mut right = vec![0.0; classes * classes];
    for (number, _, vote) in symbols.pairs() {
        if let Ok(vote) = usize::try_from(vote) {
            for class in 0..classes {
                right[vote * classes + class] += mu[number * classes + class] * balance[class];
            }
        }
    }
    let mut order: Vec<usize> = (0..classes).collect();
    let mut done = vec![false; classes];
    for first in 0..classes {
        let group: Vec<usize> = (first..classes).filter(|&other| rounded(other) == rounded(first)).collect();
        // The assignment costs the cube of the classes; beyond a few hundred the start decides, as it nearly always does.
        if !(2..=MOST_PERMUTED).contains(&group.len()) || std::mem::replace(&mut done[first], true) {
            continue;
        }
        group.iter().for_each(|&class| done[class] = true);
        let part: Vec<f64> = group
            .iter()
            .flat_map(|&vote| group.iter().map(move |&class| (vote, class)))
            .map(|(v, c)| right[v * classes + c])
            .collect();
        for (place, column) in assignment::largest(&part, group.len()).into_iter().enumerate() {
            order[group[place]] = group[column];
        }
    }
    let mut row = vec![0.0; classes];
    for chances in mu.chunks_exact_mut(classes) {
        row.iter_mut().zip(&order).for_each(|(out, &from)| *out = chances[from]);
        chances.copy_from_slice(&row);
    }
}

/// Snorkel's weights: `sum_c mu[(j,c),c] p_c / coverage_j`, the estimated accuracy where the function votes.
/// A vote that never occurs stands at the lower bound `least`, as in Snorkel.
fn weights(mu: &[f64], symbols: &Symbols, balance: &[f64], functions: usize, least: f64, rows: f64) -> Vec<f64> {
    let classes = balance.len();
    let mut sums = vec![(least, 0.0); functions];
    for (number, function, vote) in symbols.pairs() {
        if let Ok(class) = usize::try_from(vote) {
            sums[function].0 += (mu[number * classes + class] - least) * balance[class];
            sums[function].1 += symbols.rows(number) / rows;
        }
    }
    sums.into_iter()
        .map(|(sum, coverage)| if coverage > 0.0 { (sum / coverage).clamp(1e-6, 1.0) } else { 1e-6 })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Random;
    use crate::weak::models::fit;

    /// Independent functions of known accuracy over two equal classes, each voting on half of the rows.
    fn patterns(accuracies: &[f64], rows: usize) -> Patterns {
        let mut random = Random::new(12);
        let mut cells = Vec::new();
        for _ in 0..rows {
            let class = random.below(2) as i16;
            for &accuracy in accuracies {
                let vote = if random.unit() < accuracy { class } else { 1 - class };
                cells.push(if random.below(2) == 0 { vote } else { -1 });
            }
        }
        let names = (0..accuracies.len()).map(|index| index.to_string()).collect();
        Patterns::from_counts(names, 2, cells, vec![1; rows]).unwrap()
    }

    #[test]
    fn accuracies_are_found_from_agreement_alone() {
        let accuracies = [0.9, 0.8, 0.7, 0.85, 0.6];
        let patterns = patterns(&accuracies, 20_000);
        // Snorkel's hundred steps do not settle.
        let options = FitOptions { iterations: Some(3000), ..Default::default() };
        for model in [&Metal as &dyn LabelModel, &super::super::triplets::Triplets] {
            let fitted = fit(model, &patterns, &options, &Work::new()).unwrap();
            for (found, expected) in fitted.weights().iter().zip(accuracies) {
                assert!((found - expected).abs() < 0.05, "{}: {:?}", model.name(), fitted.weights());
            }
        }
    }

    #[test]
    fn a_fit_that_runs_away_is_repeated_at_a_smaller_rate() {
        let names = (0..300).map(|index| index.to_string()).collect();
        let cells: Vec<i16> = [vec![0; 300], vec![1; 300]].concat();
        let patterns = Patterns::from_counts(names, 2, cells, vec![50, 50]).unwrap();
        let fitted = fit(&Metal, &patterns, &FitOptions::default(), &Work::new()).unwrap();
        assert!(fitted.notes().iter().any(|note| note.contains("ran away")), "{:?}", fitted.notes());
        assert!(fitted.pattern(0)[0] > 0.99 && fitted.pattern(1)[1] > 0.99, "{:?}", fitted.probabilities());
    }

    #[test]
    fn classes_that_came_out_swapped_are_swapped_back() {
        let names = (0..3).map(|index| index.to_string()).collect();
        let patterns = Patterns::from_counts(names, 2, vec![0, 0, 0, 1, 1, 1], vec![1, 1]).unwrap();
        let symbols = Symbols::of(&patterns, false, &Work::new()).unwrap();
        // Row 0 is neutral; then (function, vote 0), (function, vote 1), with classes swapped.
        let mut mu: Vec<f64> = [[0.0, 0.0]].into_iter().chain([[0.1, 0.9], [0.9, 0.1]].repeat(3)).flatten().collect();
        undo_permutation(&mut mu, &symbols, &[0.5, 0.5]);
        assert_eq!(mu[2..6], [0.9, 0.1, 0.1, 0.9]);
        let before = mu.clone();
        undo_permutation(&mut mu, &symbols, &[0.4, 0.6]);
        assert_eq!(mu, before, "classes of different shares are not exchanged");
    }
}
