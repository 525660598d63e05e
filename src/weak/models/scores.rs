//! How votes become probabilities: each adds to a score for each class, and a link makes probabilities of the sums.

use std::sync::Arc;

use super::symbols::Symbols;
use crate::engine::{Result, Work};
use crate::weak::Patterns;

/// Up to one class fewer than this, weights are summed without branches.
const SLOTS: usize = 8;

/// What a vote adds to the scores of the classes.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Contribution {
    /// The weight of its function to the class it names; abstaining adds nothing.
    Weights(Vec<f64>),
    /// A row of a table, one number a class.
    Table {
        /// Which row.
        symbols: Arc<Symbols>,
        /// Rows x classes; row 0 is all zeros.
        values: Vec<f64>,
    },
}

/// How scores become probabilities.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Link {
    /// Scores are log probabilities up to a constant.
    Softmax,
    /// All to the classes of the highest score, in equal parts.
    Plurality,
    /// In proportion to the scores, which are counts.
    Share,
    /// Each score is the log odds of its class against the others; the probabilities are scaled to sum to 1.
    OneVsRest,
}

/// Prior scores, contributions and link: all that prediction needs.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Scores {
    /// One number a class.
    pub(crate) prior: Vec<f64>,
    /// What votes add.
    pub(crate) votes: Contribution,
    /// What becomes of the sum.
    pub(crate) link: Link,
}

impl Contribution {
    /// Each vote counts the weight of its function: whole for the class it names, or, where it is not one class for
    /// certain, in the shares of [`Patterns::share`].
    pub(super) fn counted(weights: Vec<f64>, patterns: &Patterns, work: &Work) -> Result<Self> {
        if patterns.meanings().is_empty() {
            return Ok(Self::Weights(weights));
        }
        let (classes, symbols) = (patterns.classes(), Arc::new(Symbols::of(patterns, false, work)?));
        let mut values = vec![0.0; symbols.len() * classes];
        for (number, function, vote) in symbols.pairs() {
            let weight = weights.get(function).copied().unwrap_or(0.0);
            for (class, value) in values[number * classes..][..classes].iter_mut().enumerate() {
                *value = weight * patterns.share(vote, class);
            }
        }
        Ok(Self::Table { symbols, values })
    }
}

impl Scores {
    /// Calls `term` with the position of each function and what its vote adds to each class.
    pub(crate) fn terms(&self, votes: &[i16], mut term: impl FnMut(usize, &[f64])) {
        let classes = self.prior.len();
        match &self.votes {
            Contribution::Weights(weights) => {
                let mut row = vec![0.0; classes];
                for (function, (&weight, &vote)) in weights.iter().zip(votes).enumerate() {
                    if let Some(class) = usize::try_from(vote).ok().filter(|&class| class < classes) {
                        row[class] = weight;
                        term(function, &row);
                        row[class] = 0.0;
                    }
                }
            }
            Contribution::Table { symbols, values } => {
                for (function, number) in symbols.numbers(votes).enumerate() {
                    if number > 0 {
                        term(function, &values[number * classes..][..classes]);
                    }
                }
            }
        }
    }

    /// The sum of prior and contributions, without the link.
    pub(crate) fn sum(&self, votes: &[i16], out: &mut [f64]) {
        out.copy_from_slice(&self.prior);
        match &self.votes {
            Contribution::Weights(weights) if out.len() < SLOTS => {
                // Abstains go to a slot of their own: a branch that cannot be foretold costs more.
                let mut slots = [0.0; SLOTS];
                for (&weight, &vote) in weights.iter().zip(votes) {
                    slots[(vote + 1) as usize % SLOTS] += weight;
                }
                out.iter_mut().zip(&slots[1..]).for_each(|(score, add)| *score += add);
            }
            Contribution::Weights(weights) => {
                for (&weight, &vote) in weights.iter().zip(votes) {
                    if let Some(score) = usize::try_from(vote).ok().and_then(|class| out.get_mut(class)) {
                        *score += weight;
                    }
                }
            }
            Contribution::Table { symbols, values } => {
                symbols.add_rows(values, votes, out);
            }
        }
    }

    /// The probabilities of a row of votes.
    pub(crate) fn probabilities(&self, votes: &[i16], out: &mut [f64]) {
        self.sum(votes, out);
        self.link.apply(out);
    }
}

impl Link {
    /// Makes probabilities of scores, in place.
    pub(crate) fn apply(self, scores: &mut [f64]) {
        match self {
            Self::Softmax => {
                softmax(scores);
            }
            Self::Plurality => {
                let best = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                scores.iter_mut().for_each(|score| *score = f64::from(u8::from(*score >= best)));
                scale(scores);
            }
            Self::Share => scale(scores),
            Self::OneVsRest => {
                // Scaled by the largest in log space, so that many tiny probabilities do not all become 0.
                scores.iter_mut().for_each(|score| *score = -softplus(-*score));
                softmax(scores);
            }
        }
    }
}

/// `ln(1 + e^x)` without overflow.
fn softplus(x: f64) -> f64 {
    x.max(0.0) + (-x.abs()).exp().ln_1p()
}

/// Exponentials scaled to sum to 1, in place; returns the log of the sum of exponentials.
pub(crate) fn softmax(scores: &mut [f64]) -> f64 {
    let best = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let mut sum = 0.0;
    for score in scores.iter_mut() {
        *score = (*score - best).exp();
        sum += *score;
    }
    let factor = 1.0 / sum;
    scores.iter_mut().for_each(|score| *score *= factor);
    best + sum.ln()
}

/// Scales counts to sum to 1; equal shares if all are 0.
pub(crate) fn scale(counts: &mut [f64]) {
    let sum: f64 = counts.iter().sum();
    let equal = 1.0 / counts.len().max(1) as f64;
    counts.iter_mut().for_each(|count| *count = if sum > 0.0 { *count / sum } else { equal });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_make_probabilities() {
        let check = |link: Link, scores: &[f64], expected: &[f64]| {
            let mut found = scores.to_vec();
            link.apply(&mut found);
            let close = found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-9);
            assert!(close, "{link:?} of {scores:?} gave {found:?}");
        };
        check(Link::Softmax, &[0.0, 3f64.ln()], &[0.25, 0.75]);
        check(Link::Softmax, &[-2000.0, -2000.0], &[0.5, 0.5]);
        check(Link::Plurality, &[2.0, 2.0, 1.0], &[0.5, 0.5, 0.0]);
        check(Link::Share, &[3.0, 1.0], &[0.75, 0.25]);
        check(Link::Share, &[0.0, 0.0], &[0.5, 0.5]);
        check(Link::OneVsRest, &[0.0, 0.0, 0.0], &[1.0 / 3.0; 3]);
        check(Link::OneVsRest, &[-3000.0, -3000.0], &[0.5, 0.5]);
        check(Link::OneVsRest, &[3000.0, -3000.0], &[1.0, 0.0]);
    }
}
