//! Hand labels as a label model sees them: how many of each class each pattern has.

use crate::engine::{Error, Random, Result};
use crate::weak::Patterns;

/// Hand labels counted by pattern.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Gold {
    /// Pattern, class, and how many rows of the pattern have that class by hand; sorted, no pair twice.
    entries: Vec<(u32, u16, u64)>,
}

impl Gold {
    /// Counts the hand labels of rows, `None` where there is none.
    ///
    /// # Errors
    /// If there is not one entry a row of the patterns, or a class does not exist.
    pub fn of_rows(patterns: &Patterns, gold: &[Option<u16>]) -> Result<Self> {
        if gold.len() != patterns.of_row().len() {
            let rows = patterns.of_row().len();
            return Err(Error::input(format!("{} hand labels for {rows} rows", gold.len())));
        }
        let entries = patterns.of_row().iter().zip(gold);
        Self::of_counts(
            patterns,
            entries.filter_map(|(&pattern, gold)| gold.map(|class| (pattern, class, 1))).collect(),
        )
    }

    /// Hand labels counted elsewhere: pattern, class, count.
    ///
    /// # Errors
    /// If a pattern or class does not exist.
    pub fn of_counts(patterns: &Patterns, mut entries: Vec<(u32, u16, u64)>) -> Result<Self> {
        let classes = patterns.classes();
        if let Some((_, class, _)) = entries.iter().find(|(_, class, _)| usize::from(*class) >= classes) {
            return Err(Error::input(format!("the hand label {class} names no class"))
                .help(format!("hand labels are 0 to {}", classes as i64 - 1)));
        }
        if entries.iter().any(|(pattern, _, _)| *pattern as usize >= patterns.len()) {
            return Err(Error::input("a hand label belongs to no vote pattern"));
        }
        entries.sort_unstable();
        entries.dedup_by(|next, kept| {
            let same = (next.0, next.1) == (kept.0, kept.1);
            if same {
                kept.2 += next.2;
            }
            same
        });
        Ok(Self { entries })
    }

    /// The number of rows with a hand label.
    pub fn rows(&self) -> u64 {
        self.entries.iter().map(|(_, _, count)| count).sum()
    }

    /// Pattern, class and count, sorted.
    pub fn entries(&self) -> &[(u32, u16, u64)] {
        &self.entries
    }

    /// The share of each class, each counted once more than it occurs, so that none is impossible.
    pub fn balance(&self, classes: usize) -> Vec<f64> {
        let mut counts = vec![1.0; classes];
        for &(_, class, count) in &self.entries {
            if let Some(slot) = counts.get_mut(usize::from(class)) {
                *slot += count as f64;
            }
        }
        super::scores::scale(&mut counts);
        counts
    }

    /// Splits the hand labels into `folds` parts of nearly equal size by a seeded shuffle.
    pub(crate) fn folds(&self, folds: usize, seed: u64) -> Vec<Self> {
        let mut units: Vec<(u32, u16)> = Vec::new();
        for &(pattern, class, count) in &self.entries {
            units.extend((0..count).map(|_| (pattern, class)));
        }
        Random::new(seed ^ 0x666f_6c64).shuffle(&mut units);
        let mut parts = vec![Vec::new(); folds.max(1)];
        for (index, unit) in units.into_iter().enumerate() {
            parts[index % folds.max(1)].push((unit.0, unit.1, 1));
        }
        parts.into_iter().map(Self::of_units).collect()
    }

    fn of_units(mut entries: Vec<(u32, u16, u64)>) -> Self {
        entries.sort_unstable();
        Self { entries }
    }

    /// All but those of one part.
    pub(crate) fn without(parts: &[Self], left_out: usize) -> Self {
        let others = parts.iter().enumerate().filter(|(index, _)| *index != left_out);
        Self::of_units(others.flat_map(|(_, part)| part.entries.iter().copied()).collect())
    }
}

/// Splits hand labels into `show` that a model may see, chosen by seed, and the others, which judge it; each with one
/// entry a row.
pub fn split_gold(gold: &[Option<u16>], show: usize, seed: u64) -> (Vec<Option<u16>>, Vec<Option<u16>>) {
    let mut rows: Vec<usize> = (0..gold.len()).filter(|&row| gold[row].is_some()).collect();
    Random::new(seed).shuffle(&mut rows);
    let (mut shown, mut judged) = (vec![None; gold.len()], gold.to_vec());
    for row in rows.into_iter().take(show) {
        shown[row] = gold[row];
        judged[row] = None;
    }
    (shown, judged)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn patterns() -> Patterns {
        let votes = crate::weak::Votes::new(
            5,
            2,
            vec![crate::weak::VoteColumn { name: "a".into(), votes: vec![0, 1, 0, -1, 0].into() }],
        );
        Patterns::of(&votes.unwrap(), &crate::engine::Work::new()).unwrap()
    }

    #[test]
    fn rows_are_counted_by_pattern_and_class() {
        let gold = Gold::of_rows(&patterns(), &[Some(0), None, Some(0), Some(1), Some(1)]).unwrap();
        assert_eq!(gold.entries(), [(0, 0, 2), (0, 1, 1), (2, 1, 1)]);
        assert_eq!((gold.rows(), gold.balance(2)), (4, vec![0.5, 0.5]));
        assert!(Gold::of_rows(&patterns(), &[Some(2), None, None, None, None]).is_err());
        assert!(Gold::of_rows(&patterns(), &[None]).is_err());
        assert!(Gold::of_counts(&patterns(), vec![(3, 0, 1)]).is_err());
    }

    #[test]
    fn folds_hold_every_label_once() {
        let gold = Gold::of_counts(&patterns(), vec![(0, 0, 7), (1, 1, 4)]).unwrap();
        let folds = gold.folds(5, 1);
        assert_eq!(folds.iter().map(Gold::rows).collect::<Vec<_>>(), [3, 2, 2, 2, 2]);
        for left_out in 0..5 {
            assert_eq!(Gold::without(&folds, left_out).rows() + folds[left_out].rows(), 11);
        }
    }

    #[test]
    fn shown_and_judged_labels_are_apart() {
        let gold = [Some(1), None, Some(0), Some(1), None, Some(0)];
        let (shown, judged) = split_gold(&gold, 3, 7);
        assert_eq!((shown.iter().flatten().count(), judged.iter().flatten().count()), (3, 1));
        for row in 0..6 {
            assert_eq!(shown[row].or(judged[row]), gold[row]);
            assert!(shown[row].is_none() || judged[row].is_none());
        }
        assert_eq!(split_gold(&gold, 99, 7).0, gold);
    }
}
