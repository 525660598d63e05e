//! The rules by which rows are flagged as likely label errors.

use rayon::prelude::*;

use super::joint::{Counts, NO_GUESS, prune_counts};
use super::{Method, RowFacts};
use crate::engine::{Result, Work};
use crate::learn::{Matrix, Real};

/// What the rules look at.
pub(super) struct Evidence<'a, T> {
    pub probabilities: &'a Matrix<T>,
    pub labels: &'a [Option<u16>],
    pub facts: &'a [RowFacts],
    pub calibrated: &'a Counts,
    /// The share of the estimated errors of each class that the pruning rules take.
    pub share: f64,
}

impl<T: Real> Evidence<'_, T> {
    /// Flags rows by a rule; the default is settled before.
    pub fn flag(&self, method: Method, work: &Work) -> Result<Vec<bool>> {
        let mut flagged = match method {
            Method::Default | Method::PredictedNeqGiven => self.rows_where(|label, facts| facts.suggested != label),
            Method::ConfidentLearning => self.off_diagonal(),
            Method::PruneByNoiseRate => self.prune(Self::by_noise_rate, work)?,
            Method::PruneByClass => self.prune(Self::by_class, work)?,
            Method::Both => {
                let by_class = self.prune(Self::by_class, work)?;
                let mut flagged = self.prune(Self::by_noise_rate, work)?;
                flagged.iter_mut().zip(by_class).for_each(|(flag, other)| *flag &= other);
                flagged
            }
            Method::LowSelfConfidence => return Ok(self.lowest(|facts| facts.self_confidence)),
            Method::LowNormalizedMargin => return Ok(self.lowest(|facts| facts.normalized_margin)),
        };
        self.drop_agreeing(&mut flagged);
        Ok(flagged)
    }

    /// The number of label errors as the confident joint counts them: rows that are confident of another class and
    /// whose most probable class is another as well.
    pub fn issues(&self) -> usize {
        let mut flagged = self.off_diagonal();
        self.drop_agreeing(&mut flagged);
        flagged.iter().filter(|&&flag| flag).count()
    }

    fn rows_where(&self, holds: impl Fn(u16, &RowFacts) -> bool) -> Vec<bool> {
        self.labels
            .iter()
            .zip(self.facts)
            .map(|(label, facts)| label.is_some_and(|label| holds(label, facts)))
            .collect()
    }

    fn off_diagonal(&self) -> Vec<bool> {
        self.rows_where(|label, facts| facts.guess != NO_GUESS && facts.guess != label)
    }

    fn drop_agreeing(&self, flagged: &mut [bool]) {
        flagged.iter_mut().zip(self.facts).for_each(|(flag, facts)| *flag &= !facts.agrees);
    }

    /// As many rows of the lowest score as the joint counts errors.
    fn lowest(&self, score: impl Fn(&RowFacts) -> f64) -> Vec<bool> {
        let mut rows: Vec<(f64, u32)> = self
            .labels
            .iter()
            .zip(self.facts)
            .enumerate()
            .filter(|(_, (label, _))| label.is_some())
            .map(|(row, (_, facts))| (score(facts), row as u32))
            .collect();
        let mut flagged = vec![false; self.labels.len()];
        for &(_, row) in least(&mut rows, self.issues()) {
            flagged[row as usize] = true;
        }
        flagged
    }

    /// Applies a pruning rule to the rows of each class.
    fn prune(&self, rule: fn(&Self, u16, &[u32], &Counts) -> Vec<u32>, work: &Work) -> Result<Vec<bool>> {
        let counts = prune_counts(self.calibrated, self.share);
        let mut by_class: Vec<Vec<u32>> = vec![Vec::new(); counts.len()];
        for (row, label) in self.labels.iter().enumerate() {
            if let Some(rows) = label.and_then(|label| by_class.get_mut(usize::from(label))) {
                rows.push(row as u32);
            }
        }
        let pruned: Vec<Vec<u32>> = by_class
            .par_iter()
            .enumerate()
            .map(|(class, rows)| {
                work.check()?;
                // A class of one row would be lost with it.
                Ok(if rows.len() > 1 { rule(self, class as u16, rows, &counts) } else { Vec::new() })
            })
            .collect::<Result<_>>()?;
        let mut flagged = vec![false; self.labels.len()];
        for row in pruned.into_iter().flatten() {
            flagged[row as usize] = true;
        }
        Ok(flagged)
    }

    /// For every other class as many rows as the joint says belong there, those with the widest margin first.
    fn by_noise_rate(&self, class: u16, rows: &[u32], counts: &Counts) -> Vec<u32> {
        let given = usize::from(class);
        let (mut taken, mut margins) = (Vec::new(), Vec::with_capacity(rows.len()));
        for (likely, counts) in counts.iter().enumerate() {
            let count = counts[given] as usize;
            if likely == given || count == 0 {
                continue;
            }
            margins.clear();
            margins.extend(rows.iter().map(|&row| {
                let p = self.probabilities.row(row as usize);
                (p[given].into() - p[likely].into(), row)
            }));
            taken.extend(least(&mut margins, count).iter().map(|&(_, row)| row));
        }
        taken
    }

    /// As many rows as the joint says do not belong to the class, the least probable first.
    fn by_class(&self, class: u16, rows: &[u32], counts: &Counts) -> Vec<u32> {
        let given = usize::from(class);
        let count = rows.len().saturating_sub(counts[given][given] as usize);
        let mut scores: Vec<(f64, u32)> =
            rows.iter().map(|&row| (self.probabilities.row(row as usize)[given].into(), row)).collect();
        least(&mut scores, count).iter().map(|&(_, row)| row).collect()
    }
}

/// The `count` entries of the lowest score, the earlier row first among equals, in no particular order.
fn least(scores: &mut [(f64, u32)], count: usize) -> &[(f64, u32)] {
    let count = count.min(scores.len());
    if count > 0 && count < scores.len() {
        scores.select_nth_unstable_by(count - 1, |a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    }
    scores.get(..count).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_are_taken_the_earlier_of_equals_first() {
        let check = |scores: &[f64], count, expected: &[u32]| {
            let mut scores: Vec<(f64, u32)> = scores.iter().copied().zip(0..).collect();
            let mut rows: Vec<u32> = least(&mut scores, count).iter().map(|&(_, row)| row).collect();
            rows.sort_unstable();
            assert_eq!(rows, expected);
        };
        check(&[0.3, 0.1, 0.2], 2, &[1, 2]);
        check(&[0.1, 0.1, 0.1, 0.0], 2, &[0, 3]);
        check(&[0.1], 5, &[0]);
        check(&[0.1], 0, &[]);
        check(&[], 1, &[]);
    }
}
