//! A fitted label model: its probabilities, and all that is needed to predict and explain others.

use std::borrow::Cow;
use std::sync::Arc;

use rayon::prelude::*;

use super::scores::{Contribution, Link, Scores};
use crate::engine::{Error, Result, Work};
use crate::weak::{ABSTAIN, Meaning, Patterns};

/// Patterns handled by one task. Fixed, so that sums over blocks do not depend on the number of threads.
const BLOCK: usize = 4096;

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
    /// What the votes from the number of classes on mean.
    pub(crate) meanings: Arc<Vec<Meaning>>,
    /// Whether such votes are read as plain ones, because the model knows no others.
    pub(crate) hardens: bool,
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
        let (probabilities, candidates, notes, hardens) = Default::default();
        let meanings = patterns.meanings().clone();
        let mut fitted = Self { model, balance, weights, scores, probabilities, candidates, notes, meanings, hardens };
        fitted.probabilities = fitted.predict(patterns, work)?;
        Ok(fitted)
    }

    /// The vote counted, every function alike.
    pub(crate) fn majority(model: &'static str, patterns: &Patterns, balance: Vec<f64>, work: &Work) -> Result<Self> {
        let weights = vec![1.0; patterns.functions().len()];
        let votes = Contribution::counted(weights.clone(), patterns, work)?;
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
            return Err(Error::input(format!(
                "the model was fitted to {fitted} functions and {classes} classes, these votes have {functions} and {}",
                patterns.classes()
            )));
        }
        let mut out = vec![0.0; patterns.len() * classes];
        let block = |(block, out): (usize, &mut [f64])| -> Result<()> {
            work.check()?;
            for (index, row) in out.chunks_exact_mut(classes).enumerate() {
                let votes = &*self.read(patterns.votes(block * BLOCK + index));
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

    /// The votes as the model reads them.
    pub(super) fn read<'v>(&self, votes: &'v [i16]) -> Cow<'v, [i16]> {
        if !self.hardens {
            return Cow::Borrowed(votes);
        }
        let classes = self.classes();
        let meaning = |vote: i16| self.meanings.get(usize::try_from(vote).ok()?.checked_sub(classes)?);
        votes.iter().map(|&vote| meaning(vote).map_or(vote, Meaning::hard)).collect()
    }

    /// How often each function's vote is right if the model is: the mean probability of the class it names, over the
    /// rows on which it votes; `None` for a function that never votes. An estimate, not a measurement.
    ///
    /// # Errors
    /// If the work was cancelled.
    pub fn estimated_accuracy(&self, patterns: &Patterns, work: &Work) -> Result<Vec<Option<f64>>> {
        let (functions, classes, slots) = (self.weights.len(), self.classes(), patterns.slots());
        let length = block_length(patterns.len());
        let of_block = |block: usize| -> Result<Vec<f64>> {
            let mut right = vec![0.0; functions];
            // An abstain is right with probability 0, which saves a branch that cannot be foretold.
            let mut shares = vec![0.0; slots];
            for pattern in block * length..patterns.len().min((block + 1) * length) {
                if pattern % 4096 == 0 {
                    work.check()?;
                }
                let count = patterns.counts()[pattern] as f64;
                let of_class = self.pattern(pattern);
                shares[1..].iter_mut().zip(of_class).for_each(|(out, share)| *out = share * count);
                for (out, meaning) in shares[1 + classes..].iter_mut().zip(patterns.meanings().iter()) {
                    let named = meaning.classes().iter().filter_map(|class| of_class.get(usize::from(*class)));
                    *out = named.sum::<f64>() * count;
                }
                for (right, &vote) in right.iter_mut().zip(patterns.votes(pattern)) {
                    *right += shares.get((vote + 1) as usize).copied().unwrap_or(0.0);
                }
            }
            Ok(right)
        };
        let blocks = (0..patterns.len().div_ceil(length)).into_par_iter();
        let mut sums = vec![0.0; functions];
        for block in blocks.map(of_block).collect::<Result<Vec<_>>>()? {
            sums.iter_mut().zip(block).for_each(|(sum, right): (&mut f64, f64)| *sum += right);
        }
        let votes = patterns.vote_counts(work)?.chunks_exact(slots).map(|counts| counts[1..].iter().sum::<u64>());
        Ok(sums.into_iter().zip(votes).map(|(right, votes)| (votes > 0).then(|| right / votes as f64)).collect())
    }
}

/// The patterns handled by one task where sums are taken: at most 64 tasks, whose sums are added in order, so that
/// the result does not depend on the number of threads.
pub(super) fn block_length(patterns: usize) -> usize {
    BLOCK.max(patterns.div_ceil(64))
}
