//! What every fitted model is: votes add to a score for each class, and a link makes probabilities of the scores.

use rayon::prelude::*;

use crate::engine::{Result, Work};
use crate::weak::{ABSTAIN, Patterns};

/// Patterns handled by one task. Fixed, so that sums over blocks do not depend on the number of threads.
pub(crate) const BLOCK: usize = 4096;

/// The (function, vote) pairs that occur, numbered from 1; row 0 of every table stands for all others and is neutral.
///
/// Most functions vote for one class only, so that tables over these pairs are far smaller than functions x classes.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Symbols {
    classes: usize,
    /// The number of each (function, vote), `vote + 1` fastest; 0 where it does not occur.
    lookup: Vec<u32>,
    pairs: Vec<(usize, i16)>,
    /// How many rows show each pair, by number (0 for number 0).
    rows: Vec<f64>,
}

impl Symbols {
    /// The pairs that occur in the patterns; abstaining counts as a vote if `abstain`.
    pub(crate) fn of(patterns: &Patterns, abstain: bool, work: &Work) -> Result<Self> {
        let (functions, classes) = (patterns.functions().len(), patterns.classes());
        let width = classes + 1;
        let count = |block: usize| -> Result<Vec<u64>> {
            work.check()?;
            let mut rows = vec![0u64; functions * width];
            for pattern in block * BLOCK..patterns.len().min((block + 1) * BLOCK) {
                let count = patterns.counts()[pattern];
                for (slots, &vote) in rows.chunks_exact_mut(width).zip(patterns.votes(pattern)) {
                    slots[(vote + 1) as usize] += count;
                }
            }
            Ok(rows)
        };
        let none = || vec![0u64; functions * width];
        let counts = (0..patterns.len().div_ceil(BLOCK)).into_par_iter().map(count).try_reduce(none, |mut a, b| {
            a.iter_mut().zip(&b).for_each(|(a, b)| *a += b);
            Ok(a)
        })?;
        let mut symbols = Self { classes, lookup: vec![0; counts.len()], pairs: vec![(0, ABSTAIN)], rows: vec![0.0] };
        for (slot, &count) in counts.iter().enumerate() {
            let (function, vote) = (slot / width, (slot % width) as i16 - 1);
            if count > 0 && (abstain || vote != ABSTAIN) {
                symbols.lookup[slot] = symbols.pairs.len() as u32;
                symbols.pairs.push((function, vote));
                symbols.rows.push(count as f64);
            }
        }
        Ok(symbols)
    }

    /// The number of table rows, that for "does not occur" included.
    pub(crate) fn len(&self) -> usize {
        self.pairs.len()
    }

    /// Number, function and vote of each pair that occurs, in the order of functions, then votes.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = (usize, usize, i16)> + '_ {
        self.pairs.iter().enumerate().skip(1).map(|(number, &(function, vote))| (number, function, vote))
    }

    /// How many rows show the pair of that number.
    pub(crate) fn rows(&self, number: usize) -> f64 {
        self.rows.get(number).copied().unwrap_or(0.0)
    }

    /// The numbers of the pairs of a row of votes, 0 for those that do not occur.
    pub(crate) fn numbers<'a>(&'a self, votes: &'a [i16]) -> impl Iterator<Item = usize> + 'a {
        let lookups = self.lookup.chunks_exact(self.classes + 1);
        lookups.zip(votes).map(|(lookup, &vote)| lookup.get((vote + 1) as usize).map_or(0, |&number| number as usize))
    }
}

/// What a vote adds to the scores of the classes.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Contribution {
    /// The weight of its function to the class it names; abstaining adds nothing.
    Weights(Vec<f64>),
    /// A row of a table, one number a class.
    Table {
        /// Which row.
        symbols: Symbols,
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
        let classes = out.len();
        match &self.votes {
            Contribution::Weights(weights) => {
                for (&weight, &vote) in weights.iter().zip(votes) {
                    if let Some(score) = usize::try_from(vote).ok().and_then(|class| out.get_mut(class)) {
                        *score += weight;
                    }
                }
            }
            Contribution::Table { symbols, values } => {
                for number in symbols.numbers(votes) {
                    let row = &values[number * classes..][..classes];
                    out.iter_mut().zip(row).for_each(|(score, add)| *score += add);
                }
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

/// A fitted label model: probabilities for the patterns it was fitted to, and all that is needed to explain them and
/// to predict others.
#[derive(Debug, Clone, PartialEq)]
pub struct Fitted {
    model: &'static str,
    balance: Vec<f64>,
    weights: Vec<f64>,
    pub(crate) scores: Scores,
    probabilities: Vec<f64>,
    pub(crate) candidates: Vec<super::Candidate>,
    pub(crate) notes: Vec<String>,
}

impl Fitted {
    /// Puts a fitted model together and predicts the patterns it was fitted to.
    pub(crate) fn new(
        model: &'static str,
        patterns: &Patterns,
        balance: Vec<f64>,
        weights: Vec<f64>,
        scores: Scores,
        work: &Work,
    ) -> Result<Self> {
        let (probabilities, candidates, notes) = Default::default();
        let mut fitted = Self { model, balance, weights, scores, probabilities, candidates, notes };
        fitted.probabilities = fitted.predict(patterns, work)?;
        Ok(fitted)
    }

    /// The vote counted, every function alike.
    pub(crate) fn majority(model: &'static str, patterns: &Patterns, balance: Vec<f64>, work: &Work) -> Result<Self> {
        let weights = vec![1.0; patterns.functions().len()];
        let votes = Contribution::Weights(weights.clone());
        let scores = Scores { prior: vec![0.0; balance.len()], votes, link: Link::Share };
        Self::new(model, patterns, balance, weights, scores, work)
    }

    /// The name of the model that was fitted.
    pub fn model(&self) -> &'static str {
        self.model
    }

    /// The number of classes.
    pub fn classes(&self) -> usize {
        self.balance.len()
    }

    /// The class balance used or estimated; it is what a row without votes gets.
    pub fn balance(&self) -> &[f64] {
        &self.balance
    }

    /// One weight a function: for most models its estimated accuracy where it votes, for a weighted vote the weight.
    pub fn weights(&self) -> &[f64] {
        &self.weights
    }

    pub(crate) fn set_weights(&mut self, weights: Vec<f64>) {
        self.weights = weights;
    }

    #[cfg(test)]
    pub(crate) fn set_probabilities(&mut self, probabilities: Vec<f64>) {
        self.probabilities = probabilities;
    }

    /// Patterns x classes: the probabilities of the patterns that the model was fitted to, row by row.
    pub fn probabilities(&self) -> &[f64] {
        &self.probabilities
    }

    /// The probabilities of one pattern that the model was fitted to; empty if there is no such pattern.
    pub fn pattern(&self, pattern: usize) -> &[f64] {
        let classes = self.classes();
        self.probabilities.get(pattern * classes..(pattern + 1) * classes).unwrap_or_default()
    }

    /// Where `auto` chose: the models it compared and how they did on the hand labels.
    pub fn candidates(&self) -> &[super::Candidate] {
        &self.candidates
    }

    /// What the person should know about this fit, one sentence each.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// Probabilities for other patterns of the same functions and classes: patterns x classes, row by row.
    /// A pattern without votes gets the class balance. A vote never seen while fitting tells nothing.
    ///
    /// # Errors
    /// If the functions or classes differ in number, or the work was cancelled.
    pub fn predict(&self, patterns: &Patterns, work: &Work) -> Result<Vec<f64>> {
        let classes = self.classes();
        if patterns.classes() != classes || patterns.functions().len() != self.weights.len() {
            let (functions, fitted) = (patterns.functions().len(), self.weights.len());
            return Err(crate::engine::Error::input(format!(
                "the model was fitted to {fitted} functions and {classes} classes, these votes have {functions} and {}",
                patterns.classes()
            )));
        }
        let mut out = vec![0.0; patterns.len() * classes];
        let block = |(block, out): (usize, &mut [f64])| -> Result<()> {
            work.check()?;
            for (index, row) in out.chunks_exact_mut(classes).enumerate() {
                let votes = patterns.votes(block * BLOCK + index);
                if votes.iter().all(|&vote| vote == ABSTAIN) {
                    row.copy_from_slice(&self.balance);
                } else {
                    self.scores.probabilities(votes, row);
                }
            }
            Ok(())
        };
        out.par_chunks_mut((BLOCK * classes).max(1)).enumerate().try_for_each(block)?;
        Ok(out)
    }

    /// How often each function's vote is right if the model is: the mean probability of the class it names, over the
    /// rows on which it votes; `None` for a function that never votes. An estimate, not a measurement.
    pub fn estimated_accuracy(&self, patterns: &Patterns) -> Vec<Option<f64>> {
        let mut sums = vec![(0.0, 0.0); self.weights.len()];
        for (pattern, &count) in patterns.counts().iter().enumerate() {
            let shares = self.pattern(pattern);
            for (sum, &vote) in sums.iter_mut().zip(patterns.votes(pattern)) {
                if let Some(share) = usize::try_from(vote).ok().and_then(|class| shares.get(class)) {
                    sum.0 += share * count as f64;
                    sum.1 += count as f64;
                }
            }
        }
        sums.into_iter().map(|(right, votes)| (votes > 0.0).then(|| right / votes)).collect()
    }
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

    #[test]
    fn only_votes_that_occur_have_rows() {
        let cells = vec![0, -1, -1, 2, 0, -1];
        let patterns = Patterns::from_counts(vec!["a".into(), "b".into()], 3, cells, vec![5, 7, 1]).unwrap();
        let pairs = |abstain| {
            let symbols = Symbols::of(&patterns, abstain, &Work::new()).unwrap();
            symbols.pairs().map(|(number, function, vote)| (function, vote, symbols.rows(number))).collect::<Vec<_>>()
        };
        assert_eq!(pairs(false), [(0, 0, 6.0), (1, 2, 7.0)]);
        assert_eq!(pairs(true), [(0, -1, 7.0), (0, 0, 6.0), (1, -1, 6.0), (1, 2, 7.0)]);
        let symbols = Symbols::of(&patterns, false, &Work::new()).unwrap();
        assert_eq!(symbols.numbers(&[0, 2]).collect::<Vec<_>>(), [1, 2]);
        assert_eq!(symbols.numbers(&[1, -1]).collect::<Vec<_>>(), [0, 0]);
    }
}
