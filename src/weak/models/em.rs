//! The expectation step that all iterative models share, and a function their maximisation steps need.

use rayon::prelude::*;

use super::fitted::block_length;
use super::scores::{Contribution, Link, Scores, softmax};
use super::symbols::Symbols;
use crate::engine::{Result, Work};
use crate::weak::Patterns;

/// What one pass over the patterns gives, each pattern counted as often as rows show it.
#[derive(Debug, Clone)]
pub(super) struct Expected {
    /// Symbols x classes: the expected number of rows with that vote and that class.
    pub(super) counts: Vec<f64>,
    /// The expected number of rows of each class.
    pub(super) classes: Vec<f64>,
    /// The log likelihood of the votes, where the posterior came from a model.
    pub(super) log_likelihood: f64,
}

impl Expected {
    fn none(symbols: &Symbols, classes: usize) -> Self {
        Self { counts: vec![0.0; symbols.len() * classes], classes: vec![0.0; classes], log_likelihood: 0.0 }
    }

    fn add(&mut self, other: &Self) {
        let add = |left: &mut [f64], right: &[f64]| left.iter_mut().zip(right).for_each(|(left, right)| *left += right);
        add(&mut self.counts, &other.counts);
        add(&mut self.classes, &other.classes);
        self.log_likelihood += other.log_likelihood;
    }
}

/// One pass with the posterior that `posterior` writes for the votes of a pattern; it returns the log likelihood.
pub(super) fn expect(
    patterns: &Patterns,
    symbols: &Symbols,
    posterior: impl Fn(&[i16], &mut [f64]) -> f64 + Sync,
    work: &Work,
) -> Result<Expected> {
    let classes = patterns.classes();
    let length = block_length(patterns.len());
    let of_block = |block: usize| -> Result<Expected> {
        let mut sums = Expected::none(symbols, classes);
        let mut shares = vec![0.0; classes];
        for pattern in block * length..patterns.len().min((block + 1) * length) {
            if pattern % 1024 == 0 {
                work.check()?;
            }
            let (votes, count) = (patterns.votes(pattern), patterns.counts()[pattern] as f64);
            sums.log_likelihood += count * posterior(votes, &mut shares);
            shares.iter_mut().for_each(|share| *share *= count);
            sums.classes.iter_mut().zip(&shares).for_each(|(sum, share)| *sum += share);
            symbols.add_to_rows(&mut sums.counts, votes, &shares);
        }
        Ok(sums)
    };
    work.check()?;
    let blocks: Vec<Expected> =
        (0..patterns.len().div_ceil(length)).into_par_iter().map(of_block).collect::<Result<_>>()?;
    let mut blocks = blocks.into_iter();
    let mut sums = blocks.next().unwrap_or_else(|| Expected::none(symbols, classes));
    blocks.for_each(|block| sums.add(&block));
    Ok(sums)
}

/// One pass with the posterior of scores whose link is softmax.
pub(super) fn expect_scores(patterns: &Patterns, symbols: &Symbols, scores: &Scores, work: &Work) -> Result<Expected> {
    let posterior = |votes: &[i16], out: &mut [f64]| {
        scores.sum(votes, out);
        softmax(out)
    };
    expect(patterns, symbols, posterior, work)
}

/// One pass with each class's share of the votes as posterior: where the iterations begin.
pub(super) fn expect_soft_majority(patterns: &Patterns, symbols: &Symbols, work: &Work) -> Result<Expected> {
    let weights = vec![1.0; patterns.functions().len()];
    let votes = Contribution::counted(weights, patterns, work)?;
    let majority = Scores { prior: vec![0.0; patterns.classes()], votes, link: Link::Share };
    let posterior = |votes: &[i16], out: &mut [f64]| {
        majority.probabilities(votes, out);
        0.0
    };
    expect(patterns, symbols, posterior, work)
}

/// Estimated accuracies: of the expected rows on which each function votes, the share on which it names the class.
pub(super) fn accuracies(expected: &Expected, symbols: &Symbols, patterns: &Patterns) -> Vec<f64> {
    let functions = patterns.functions().len();
    let classes = expected.classes.len();
    let mut sums = vec![(0.0, 0.0); functions];
    for (number, function, vote) in symbols.pairs() {
        if vote >= 0 {
            let row = &expected.counts[number * classes..][..classes];
            let named = row.iter().enumerate().filter(|(class, _)| patterns.names(vote, *class));
            sums[function].0 += named.map(|(_, count)| count).sum::<f64>();
            sums[function].1 += row.iter().sum::<f64>();
        }
    }
    sums.into_iter().map(|(right, votes)| if votes > 0.0 { right / votes } else { 0.0 }).collect()
}

/// The derivative of the log of the gamma function, for `x > 0`: recurrence up to 6, then the asymptotic series.
pub(super) fn digamma(x: f64) -> f64 {
    let (mut x, mut shift) = (x, 0.0);
    while x < 6.0 {
        shift -= 1.0 / x;
        x += 1.0;
    }
    let r = 1.0 / (x * x);
    shift + x.ln() - 0.5 / x - r * (1.0 / 12.0 - r * (1.0 / 120.0 - r * (1.0 / 252.0 - r * (1.0 / 240.0 - r / 132.0))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digamma_has_its_known_values() {
        let check = |x: f64, expected: f64| assert!((digamma(x) - expected).abs() < 1e-10, "{x}: {}", digamma(x));
        check(1.0, -0.577_215_664_901_532_9);
        check(0.5, -1.963_510_026_021_423_4);
        check(2.0, 0.422_784_335_098_467_1);
        check(100.0, 4.600_161_852_738_087);
        check(0.01, -100.560_885_457_868_7);
    }

    #[test]
    fn patterns_count_as_often_as_rows_show_them() {
        let patterns = Patterns::from_counts(vec!["a".into(), "b".into()], 2, vec![0, 0, 0, 1], vec![3, 4]).unwrap();
        let symbols = Symbols::of(&patterns, false, &Work::new()).unwrap();
        let expected = expect_soft_majority(&patterns, &symbols, &Work::new()).unwrap();
        assert_eq!(expected.classes, [5.0, 2.0]);
        // Row 0 is the neutral one; then (a, 0), (b, 0), (b, 1).
        assert_eq!(expected.counts, [0.0, 0.0, 5.0, 2.0, 3.0, 0.0, 2.0, 2.0]);
        assert_eq!(accuracies(&expected, &symbols, &patterns), [5.0 / 7.0, 5.0 / 7.0]);
    }
}
