//! Leaks between parts of the data: rows that a model is tested on and whose copy it was taught, and how good it seems with
//! them and without.

use rayon::prelude::*;
use serde::Serialize;

use super::duplicates::Duplicates;
use crate::engine::{Result, Work};
use crate::learn::judge::Rate;
use crate::learn::{Features, logistic, metrics};

/// What leaked into one part.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LeakedPart {
    /// The part.
    pub part: u16,
    /// Its rows.
    pub rows: u64,
    /// Those of which the part that is taught has a copy, ascending.
    pub leaked: Vec<u32>,
    /// The share that a model of the taught part gets right here; `None` where it cannot be told.
    pub accuracy: Option<Rate>,
    /// The same without the leaked rows.
    pub without: Option<Rate>,
}

/// What leaked from the part that is taught into the others.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Leaks {
    /// The part that is taught: the one whose name begins with "train", else the largest.
    pub taught: u16,
    /// The other parts that rows leaked into.
    pub parts: Vec<LeakedPart>,
}

impl Leaks {
    /// Finds what leaked. `parts` gives the part of each row by its position in `names`. `None` if nothing did.
    pub fn of(duplicates: &Duplicates, parts: &[Option<u16>], names: &[String]) -> Option<Self> {
        let mut rows = vec![0u64; names.len()];
        for part in parts.iter().flatten() {
            if let Some(count) = rows.get_mut(usize::from(*part)) {
                *count += 1;
            }
        }
        let named = names.iter().position(|name| name.trim().to_lowercase().starts_with("train"));
        let largest = || (0..rows.len()).rev().max_by_key(|&part| rows[part]);
        let taught = named.or_else(largest)? as u16;
        let part = |row: u32| parts.get(row as usize).copied().flatten();
        let mut leaked: Vec<Vec<u32>> = vec![Vec::new(); names.len()];
        for group in duplicates.groups.iter().filter(|group| group.leak) {
            if !group.members.iter().any(|member| part(member.row) == Some(taught)) {
                continue;
            }
            for (row, of) in group.members.iter().filter_map(|member| Some((member.row, part(member.row)?))) {
                if let (true, Some(list)) = (of != taught, leaked.get_mut(usize::from(of))) {
                    list.push(row);
                }
            }
        }
        leaked.iter_mut().for_each(|list| list.sort_unstable());
        let of = |(part, (leaked, rows))| LeakedPart { part, rows, leaked, accuracy: None, without: None };
        let parts = (0u16..).zip(leaked.into_iter().zip(rows)).filter(|(_, (leaked, _))| !leaked.is_empty());
        let parts: Vec<LeakedPart> = parts.map(of).collect();
        (!parts.is_empty()).then_some(Self { taught, parts })
    }

    /// Teaches a model the labels of the taught part and judges it by those of the others, with the leaked rows and without.
    /// Where there is too little to learn from, nothing is told.
    ///
    /// # Errors
    /// If the work was cancelled.
    pub fn judge<F: Features>(
        &mut self,
        features: &F,
        labels: &[Option<u16>],
        parts: &[Option<u16>],
        classes: usize,
        seed: u64,
        work: &Work,
    ) -> Result<()> {
        work.stage("judging without leaked rows", 0);
        let is_taught = |row: usize| parts.get(row) == Some(&Some(self.taught));
        let shown: Vec<Option<u16>> =
            labels.iter().enumerate().map(|(row, label)| label.filter(|_| is_taught(row))).collect();
        let targets = logistic::Targets::Hard(&shown);
        let options = logistic::Options::default();
        let model = match logistic::fit(features, targets, classes, logistic::Weights::default(), &options, seed, work)
        {
            Err(error) if error.is_cancelled() => return Err(error),
            Err(_) => return Ok(()),
            Ok(model) => model,
        };
        for of in &mut self.parts {
            let rows: Vec<u32> =
                (0..labels.len() as u32).filter(|&row| parts.get(row as usize) == Some(&Some(of.part))).collect();
            let right: Vec<(u32, bool)> = rows
                .into_par_iter()
                .with_min_len(256)
                .filter_map(|row| Some((row, labels.get(row as usize).copied().flatten()?)))
                .map_init(
                    || vec![0.0f32; classes],
                    |out, (row, label)| {
                        out.fill(0.0);
                        model.predict_row(features, row as usize, out);
                        (row, metrics::argmax(out).is_some_and(|(class, _)| class == label))
                    },
                )
                .collect();
            work.check()?;
            let leaked = |row: &u32| of.leaked.binary_search(row).is_ok();
            let count = |all: &mut dyn Iterator<Item = &(u32, bool)>| {
                all.fold((0u64, 0u64), |(right, rows), (_, hit)| (right + u64::from(*hit), rows + 1))
            };
            let (hits, rows) = count(&mut right.iter());
            let (clean_hits, clean_rows) = count(&mut right.iter().filter(|(row, _)| !leaked(row)));
            (of.accuracy, of.without) = (Rate::of(hits, rows), Rate::of(clean_hits, clean_rows));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::duplicates::{Group, Member};
    use super::*;
    use crate::learn::Matrix;

    fn group(rows: &[u32], leak: bool) -> Group {
        let member = |&row| Member { row, similarity: 1.0, exact: true };
        Group { members: rows.iter().map(member).collect(), kept: rows[0], conflict: false, leak }
    }

    #[test]
    fn leaked_rows_are_those_whose_copy_is_taught() {
        let names = ["test", "Train", "dev"].map(str::to_owned);
        let parts = [Some(1), Some(0), Some(0), Some(2), None, Some(1)];
        let of = |groups| Leaks::of(&Duplicates { groups, ..Duplicates::default() }, &parts, &names);
        let found = of(vec![group(&[0, 1, 4], true), group(&[2, 3], true)]).unwrap();
        assert_eq!((found.taught, found.parts.len()), (1, 1));
        assert_eq!((found.parts[0].part, found.parts[0].rows, &found.parts[0].leaked), (0, 2, &vec![1]));
        assert_eq!(of(vec![group(&[2, 3], true)]), None, "between parts that are not taught nothing leaks");
        assert_eq!(of(vec![group(&[0, 5], false)]), None);
        let largest = Leaks::of(
            &Duplicates { groups: vec![group(&[0, 3], true)], ..Duplicates::default() },
            &[Some(0), Some(0), Some(0), Some(1)],
            &["a".to_owned(), "b".to_owned()],
        );
        assert_eq!(largest.unwrap().taught, 0);
    }

    #[test]
    fn a_model_that_knows_rows_by_heart_is_judged_without_them() {
        // Every taught row has a column of its own; a leaked row has its copy's, the others have none.
        let (taught, tested) = (40usize, 40usize);
        let mut values = vec![0.0f32; (taught + tested) * (taught + 1)];
        let mut labels = Vec::new();
        for row in 0..taught + tested {
            let own = if row < taught { Some(row) } else { (row % 2 == 0).then_some(row - taught) };
            values[row * (taught + 1) + own.unwrap_or(taught)] = 1.0;
            labels.push(Some((own.unwrap_or(row) % 4 / 2) as u16));
        }
        let features = Matrix::new(taught + tested, taught + 1, values).unwrap();
        let parts: Vec<Option<u16>> = (0..taught + tested).map(|row| Some(u16::from(row >= taught))).collect();
        let groups = (0..tested).step_by(2).map(|at| group(&[at as u32, (taught + at) as u32], true)).collect();
        let duplicates = Duplicates { groups, ..Duplicates::default() };
        let names = ["train", "test"].map(str::to_owned);
        let mut found = Leaks::of(&duplicates, &parts, &names).unwrap();
        found.judge(&features, &labels, &parts, 2, 0, &Work::new()).unwrap();
        let part = &found.parts[0];
        let (with, without) = (part.accuracy.unwrap(), part.without.unwrap());
        assert_eq!((with.of, without.of), (40, 20));
        assert!(with.value >= 0.7 && without.value <= 0.55, "{with:?} {without:?}");
        let mut untold = Leaks::of(&duplicates, &parts, &names).unwrap();
        untold.judge(&features, &vec![Some(0); 80], &parts, 2, 0, &Work::new()).unwrap();
        assert_eq!(untold.parts[0].accuracy, None, "one class teaches nothing");
    }
}
