//! Label errors where an item has any number of classes: each class against the rest.
//!
//! Source: Thyagarajan, Snorrason, Northcutt and Mueller 2023, "Identifying Incorrect Annotations in Multi-Label
//! Classification Data". The scores of an item's classes are pooled by an exponential moving average from the best to the
//! worst, so that the worst weighs most.

use super::{LabelErrors, Options};
use crate::engine::{Error, Result, Work};
use crate::learn::{Matrix, Real};

/// The weight of the next worse score in the moving average.
const DECAY: f64 = 0.8;

/// What is likely wrong where items have any number of classes.
#[derive(Debug, Clone, PartialEq)]
pub struct ManyErrors {
    /// Any class of the item is flagged.
    pub flagged: Vec<bool>,
    /// The classes that are likely wrong, by row: given and not the item's, or the item's and not given.
    pub wrong: Vec<Vec<u16>>,
    /// How well the classes fit, 0-1, low is bad; NaN without labels or usable probabilities.
    pub scores: Vec<f64>,
    /// 1 for the lowest score; 0 where there is none.
    pub rank: Vec<u32>,
    /// What was found of each class against the rest: class 1 of its two is the class. `None` where all rows or none
    /// have it, so that nothing can be learnt.
    pub classes: Vec<Option<ClassErrors>>,
    /// Rows that were left out: no labels, or probabilities that are none.
    pub left_out: usize,
}

/// What was found of one class against the rest.
#[derive(Debug, Clone, PartialEq)]
pub struct ClassErrors {
    /// Rows that have it.
    pub rows: u64,
    /// The mean probability over the rows that have it.
    pub threshold: Option<f64>,
    /// Rows that have it and likely should not.
    pub too_much: usize,
    /// Rows that likely should have it and have not.
    pub missing: usize,
}

impl ManyErrors {
    /// Finds label errors. `probabilities` are rows x classes, each class for itself in 0-1; `labels` are the classes of
    /// each row, none of them being a label as well; `None` is no label.
    ///
    /// # Errors
    /// If lengths differ, a label is outside the classes, or no row can be used; or if the work was cancelled.
    pub fn find<T: Real>(
        probabilities: &Matrix<T>,
        labels: &[Option<Vec<u16>>],
        options: &Options,
        work: &Work,
    ) -> Result<Self> {
        let (rows, classes) = (probabilities.rows(), probabilities.columns());
        if labels.len() != rows {
            return Err(Error::input(format!("{} labels for {rows} rows of probabilities", labels.len())));
        }
        if let Some(class) = labels.iter().flatten().flatten().find(|class| usize::from(**class) >= classes) {
            return Err(Error::input(format!("a label is class {class} of {classes}")));
        }
        let is_share = |p: &T| (0.0..=1.0).contains(&(*p).into());
        let usable: Vec<bool> = labels
            .iter()
            .enumerate()
            .map(|(row, l)| l.is_some() && probabilities.row(row).iter().all(is_share))
            .collect();
        let left_out = usable.iter().filter(|usable| !**usable).count();
        if left_out == rows {
            return Err(Error::input("no row has labels and probabilities from 0 to 1"));
        }
        if left_out > 0 {
            work.warn(format!("{left_out} rows were left out: no labels, or probabilities that are not in 0 to 1"));
        }
        let mut wrong: Vec<Vec<u16>> = vec![Vec::new(); rows];
        let mut found = Vec::with_capacity(classes);
        for class in 0..classes as u16 {
            found.push(one_class(probabilities, labels, &usable, class, options, &mut wrong, work)?);
        }
        let score = |row: usize| match (&labels[row], usable[row]) {
            (Some(given), true) => pooled(probabilities.row(row), given),
            _ => f64::NAN,
        };
        let scores: Vec<f64> = (0..rows).map(score).collect();
        let flagged = wrong.iter().map(|wrong| !wrong.is_empty()).collect();
        Ok(Self { flagged, wrong, rank: ranks(&scores), scores, classes: found, left_out })
    }

    /// The number of flagged rows.
    pub fn count(&self) -> usize {
        self.flagged.iter().filter(|&&flag| flag).count()
    }

    /// The classes that a row should have: those it has, less those flagged of them, and the flagged ones it has not.
    pub fn suggested(&self, row: usize, given: &[u16]) -> Vec<u16> {
        let wrong = self.wrong.get(row).map(Vec::as_slice).unwrap_or_default();
        let kept = given.iter().filter(|class| !wrong.contains(class));
        let mut classes: Vec<u16> = kept.chain(wrong.iter().filter(|class| !given.contains(class))).copied().collect();
        classes.sort_unstable();
        classes
    }
}

/// Looks at one class against the rest, and notes the rows where it is likely wrong.
fn one_class<T: Real>(
    probabilities: &Matrix<T>,
    labels: &[Option<Vec<u16>>],
    usable: &[bool],
    class: u16,
    options: &Options,
    wrong: &mut [Vec<u16>],
    work: &Work,
) -> Result<Option<ClassErrors>> {
    let rows = labels.len();
    let two = |row: usize| {
        let p: f64 = probabilities.row(row).get(usize::from(class)).map_or(0.0, |&p| p.into());
        // Rows that are left out have no label below, whatever stands here.
        if usable[row] { [1.0 - p, p] } else { [0.5, 0.5] }
    };
    let has: Vec<Option<u16>> = labels
        .iter()
        .zip(usable)
        .map(|(label, usable)| label.as_ref().filter(|_| *usable).map(|given| u16::from(given.contains(&class))))
        .collect();
    let with = has.iter().filter(|has| **has == Some(1)).count();
    if with == 0 || with == has.iter().flatten().count() {
        return Ok(None);
    }
    let matrix = Matrix::new(rows, 2, (0..rows).flat_map(two).collect::<Vec<f64>>())?;
    let found = LabelErrors::find(&matrix, &has, options, work)?;
    let (mut too_much, mut missing) = (0, 0);
    for (row, _) in found.flagged.iter().enumerate().filter(|(_, flagged)| **flagged) {
        wrong[row].push(class);
        if has[row] == Some(1) { too_much += 1 } else { missing += 1 }
    }
    Ok(Some(ClassErrors {
        rows: with as u64,
        threshold: found.thresholds.get(1).copied().flatten(),
        too_much,
        missing,
    }))
}

/// The moving average over the probabilities of what is said of each class, from the best to the worst.
fn pooled<T: Real>(row: &[T], given: &[u16]) -> f64 {
    let said = |(class, p): (usize, &T)| {
        let p: f64 = (*p).into();
        if given.iter().any(|given| usize::from(*given) == class) { p } else { 1.0 - p }
    };
    let mut scores: Vec<f64> = row.iter().enumerate().map(said).collect();
    scores.sort_by(|a, b| b.total_cmp(a));
    let first = scores.first().copied().unwrap_or(f64::NAN);
    scores.into_iter().skip(1).fold(first, |average, score| DECAY * score + (1.0 - DECAY) * average)
}

/// 1 for the lowest score, equal ones in their order; 0 for NaN.
pub(super) fn ranks(scores: &[f64]) -> Vec<u32> {
    let mut order: Vec<usize> = (0..scores.len()).filter(|&row| !scores[row].is_nan()).collect();
    order.sort_by(|&a, &b| scores[a].total_cmp(&scores[b]).then(a.cmp(&b)));
    let mut rank = vec![0; scores.len()];
    for (at, row) in order.into_iter().enumerate() {
        rank[row] = at as u32 + 1;
    }
    rank
}

#[cfg(test)]
mod tests {
    use super::super::golden::{close, data, json, numbers, table};
    use super::*;

    #[test]
    fn scores_and_issues_are_cleanlabs() {
        let Some(data) = data() else { return };
        let golden = json(data.join("golden/multilabel_small.json"));
        let rows = table(&golden["pred_probs"]);
        let matrix = Matrix::new(rows.len(), rows[0].len(), rows.concat()).unwrap();
        let labels: Vec<Option<Vec<u16>>> =
            table(&golden["labels"]).into_iter().map(|row| Some(row.into_iter().map(|c| c as u16).collect())).collect();
        let options = Options { compatible: true, ..Options::default() };
        let found = ManyErrors::find(&matrix, &labels, &options, &Work::new()).unwrap();
        close(&found.scores, &numbers(&golden["scores_ema0.8"]), "scores");
        let flagged: Vec<f64> = (0..rows.len()).filter(|&row| found.flagged[row]).map(|row| row as f64).collect();
        assert_eq!(flagged, numbers(&golden["issues"]));
    }

    #[test]
    fn one_wrong_class_of_several_is_named_and_mended() {
        // Rows alternate between {0} and {0, 1}; row 3 lacks 1, row 6 has a 2 that it should not have.
        let mut labels: Vec<Option<Vec<u16>>> =
            (0..12).map(|row| Some(if row % 2 == 0 { vec![0] } else { vec![0, 1] })).collect();
        labels[3] = Some(vec![0]);
        labels[6] = Some(vec![0, 2]);
        labels[11] = None;
        let p = |row: usize| [0.9, if row.is_multiple_of(2) { 0.05 } else { 0.95 }, if row == 8 { 0.8 } else { 0.1 }];
        let matrix = Matrix::new(12, 3, (0..12).flat_map(p).collect::<Vec<f64>>()).unwrap();
        let options = Options { method: super::super::Method::PredictedNeqGiven, ..Options::default() };
        let found = ManyErrors::find(&matrix, &labels, &options, &Work::new()).unwrap();
        assert_eq!((found.wrong[3].as_slice(), found.wrong[6].as_slice()), (&[1u16][..], &[2u16][..]));
        assert_eq!(found.suggested(3, &[0]), [0, 1]);
        assert_eq!(found.suggested(6, &[0, 2]), [0]);
        assert!(found.classes[0].is_none(), "every row has class 0");
        let second = found.classes[1].as_ref().unwrap();
        assert_eq!((second.rows, second.too_much, second.missing), (4, 0, 1));
        assert_eq!((found.rank[3], found.rank[11], found.left_out), (1, 0, 1));
        let worst = 0.8 * 0.05 + 0.2 * (0.8 * 0.9 + 0.2 * 0.9);
        assert!((found.scores[3] - worst).abs() < 1e-12, "{}", found.scores[3]);
    }

    #[test]
    fn what_does_not_fit_is_refused_and_what_is_no_share_left_out() {
        let matrix = Matrix::new(3, 2, vec![0.5, 0.4, f64::NAN, 0.5, 1.5, 0.5]).unwrap();
        let find = |labels: &[Option<Vec<u16>>]| ManyErrors::find(&matrix, labels, &Options::default(), &Work::new());
        assert!(find(&[None, None]).is_err());
        assert!(find(&[Some(vec![2]), None, None]).is_err());
        assert!(find(&[None, Some(vec![0]), Some(vec![1])]).is_err(), "nothing usable");
        let found = find(&[Some(vec![0]), Some(vec![0]), Some(vec![1])]).unwrap();
        assert_eq!((found.left_out, found.count()), (2, 0));
    }
}
