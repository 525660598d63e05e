//! From a fitted model to a label for each row.

use std::collections::HashMap;

use rayon::prelude::*;
use serde::Serialize;

use super::{Fitted, Ties, ties};
use crate::engine::{Result, Work};
use crate::weak::Patterns;

/// Labels and probabilities of rows. Probabilities are held once a pattern and looked up by row.
///
/// A row without votes gets the class balance and no label; a row on which classes are tied gets what the policy for
/// ties says.
#[derive(Debug, Clone, PartialEq)]
pub struct Labels {
    classes: usize,
    probabilities: Vec<f64>,
    of_row: Vec<u32>,
    label: Vec<Option<u16>>,
}

/// How often a model contradicts votes that all agree.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Flips {
    /// Rows on which there are votes and all of them agree.
    pub unanimous: u64,
    /// Those of them on which another class is more likely, by the model.
    pub flipped: u64,
}

impl Labels {
    /// The labels of the rows behind patterns, to which the model was fitted. `seed` matters to
    /// [`Ties::TrueRandom`] only.
    ///
    /// # Errors
    /// If the work was cancelled.
    pub fn of(fitted: &Fitted, patterns: &Patterns, ties: Ties, seed: u64, work: &Work) -> Result<Self> {
        let probabilities = fitted.probabilities().to_vec();
        Self::from_probabilities(probabilities, patterns, ties, seed, work)
    }

    /// The labels of the rows behind patterns, from patterns x classes probabilities ([`Fitted::predict`]).
    ///
    /// # Errors
    /// If there are not `classes` probabilities a pattern, or the work was cancelled.
    pub fn from_probabilities(
        probabilities: Vec<f64>,
        patterns: &Patterns,
        ties: Ties,
        seed: u64,
        work: &Work,
    ) -> Result<Self> {
        let classes = patterns.classes();
        if probabilities.len() != patterns.len() * classes {
            let (found, wanted) = (probabilities.len(), patterns.len() * classes);
            return Err(crate::engine::Error::input(format!("{found} probabilities where {wanted} were expected")));
        }
        let decide = |(pattern, shares): (usize, &[f64])| {
            if patterns.is_covered(pattern) { ties::decided(shares) } else { None }
        };
        work.check()?;
        let shares = probabilities.par_chunks_exact(classes.max(1)).with_min_len(4096).enumerate();
        let decided: Vec<Option<u16>> = shares.clone().map(decide).collect();
        work.check()?;
        let tied = |(pattern, shares): (usize, &[f64])| -> Option<(u32, Vec<u16>)> {
            let open = ties != Ties::Abstain && decided[pattern].is_none() && patterns.is_covered(pattern);
            open.then(|| (pattern as u32, ties::tied(shares).collect()))
        };
        let undecided: HashMap<u32, Vec<u16>> = shares.filter_map(tied).collect();
        let of_row = patterns.of_row().to_vec();
        let label_of = |(row, &pattern): (usize, &u32)| {
            decided[pattern as usize].or_else(|| ties.choose(undecided.get(&pattern)?, row, seed))
        };
        let label = of_row.par_iter().with_min_len(8192).enumerate().map(label_of).collect();
        Ok(Self { classes, probabilities, of_row, label })
    }

    /// The number of rows.
    pub fn rows(&self) -> usize {
        self.label.len()
    }

    /// The number of classes.
    pub fn classes(&self) -> usize {
        self.classes
    }

    /// One label a row; `None` without votes, or on a tie that is not broken.
    pub fn label(&self) -> &[Option<u16>] {
        &self.label
    }

    /// The probabilities of a row, one a class; empty for a row that does not exist.
    pub fn row(&self, row: usize) -> &[f64] {
        let Some(&pattern) = self.of_row.get(row) else { return &[] };
        let pattern = pattern as usize;
        self.probabilities.get(pattern * self.classes..(pattern + 1) * self.classes).unwrap_or_default()
    }

    /// All probabilities, rows x classes, row by row.
    pub fn probabilities(&self) -> Vec<f64> {
        (0..self.rows()).flat_map(|row| self.row(row)).copied().collect()
    }

    /// The probabilities of one class, one a row.
    pub fn of_class(&self, class: usize) -> Vec<f64> {
        let share = |&pattern: &u32| self.probabilities.get(pattern as usize * self.classes + class).copied();
        self.of_row.iter().map(|pattern| share(pattern).unwrap_or(0.0)).collect()
    }
}

impl Flips {
    /// Counts the rows behind the patterns to which the model was fitted.
    pub fn of(fitted: &Fitted, patterns: &Patterns) -> Self {
        let of_pattern = |(pattern, &count): (usize, &u64)| match patterns.unanimous(pattern) {
            Some(class) if ties::tied(fitted.pattern(pattern)).all(|best| best != class) => (count, count),
            Some(_) => (count, 0),
            None => (0, 0),
        };
        let counts = patterns.counts().par_iter().with_min_len(4096).enumerate().map(of_pattern);
        let (unanimous, flipped) = counts.reduce(|| (0, 0), |left, right| (left.0 + right.0, left.1 + right.1));
        Self { unanimous, flipped }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::weak::{VoteColumn, Votes};

    fn patterns() -> Patterns {
        let column = |name: &str, votes: &[i16]| VoteColumn { name: name.into(), votes: votes.to_vec().into() };
        let columns = vec![column("a", &[0, 0, -1, 1, 0]), column("b", &[1, 0, -1, 1, 1])];
        Patterns::of(&Votes::new(5, 2, columns).unwrap(), &Work::new()).unwrap()
    }

    #[test]
    fn ties_and_silence_are_told_apart() {
        let patterns = patterns();
        let shares = vec![0.5, 0.5, 0.9, 0.1, 0.3, 0.7, 0.2, 0.8];
        let label = |ties| {
            let labels = Labels::from_probabilities(shares.clone(), &patterns, ties, 0, &Work::new()).unwrap();
            assert_eq!(labels.row(2), [0.3, 0.7]);
            assert_eq!(labels.row(9), [0.0; 0]);
            assert_eq!(labels.of_class(1), [0.5, 0.1, 0.7, 0.8, 0.5]);
            assert_eq!(labels.probabilities().len(), 10);
            labels.label().to_vec()
        };
        assert_eq!(label(Ties::Abstain), [None, Some(0), None, Some(1), None]);
        let broken = label(Ties::Random);
        assert!(broken[0].is_some() && broken[4].is_some() && broken[2].is_none());
        assert!(Labels::from_probabilities(vec![0.5], &patterns, Ties::Abstain, 0, &Work::new()).is_err());
    }

    #[test]
    fn flipped_unanimous_rows_are_counted() {
        let patterns = patterns();
        let mut fitted = Fitted::majority("majority", &patterns, vec![0.5, 0.5], &Work::new()).unwrap();
        assert_eq!(Flips::of(&fitted, &patterns), Flips { unanimous: 2, flipped: 0 });
        fitted.scores.prior = vec![0.0, 100.0];
        let shares = fitted.predict(&patterns, &Work::new()).unwrap();
        fitted.set_probabilities(shares);
        assert_eq!(Flips::of(&fitted, &patterns), Flips { unanimous: 2, flipped: 1 });
    }
}
