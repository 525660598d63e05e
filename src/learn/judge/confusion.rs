//! Counts of label against prediction, and the scores that follow from them.

use serde::Serialize;

use super::Rate;
use crate::data::filter::{quote_name, quote_text};

/// Counts of label (row) against prediction (column), with a last row for "no label" and a last column for "no
/// prediction".
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Confusion {
    classes: usize,
    counts: Vec<u64>,
}

/// The scores of one class, over rows that have a label and a prediction.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ClassReport {
    /// Rows whose label is this class.
    pub support: u64,
    /// Rows that are predicted as this class.
    pub predicted: u64,
    /// Rows that are both.
    pub right: u64,
    /// Rows whose label is this class and that have no prediction; they count nowhere else.
    pub unanswered: u64,
    /// The share of the predicted that is right; `None` if none were predicted so.
    pub precision: Option<Rate>,
    /// The share of the support that was found; `None` without any.
    pub recall: Option<Rate>,
    /// `2 tp / (2 tp + fp + fn)`; `None` if the class is neither in the labels nor predicted.
    pub f1: Option<Rate>,
}

/// The scores over rows that have a label and a prediction.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Scores {
    /// Each class, in order.
    pub classes: Vec<ClassReport>,
    /// The share of rows that is right.
    pub accuracy: Option<Rate>,
    /// The share of rows with a label that have a prediction.
    pub coverage: Option<Rate>,
    /// The mean recall of the classes that are in the labels.
    pub balanced_accuracy: Option<Rate>,
    /// The mean F1 of the classes for which it is defined. It is no share of rows, so it has no simple interval.
    pub macro_f1: Option<f64>,
    /// The mean F1 weighted by support.
    pub weighted_f1: Option<f64>,
}

impl Confusion {
    pub(super) fn new(classes: usize) -> Self {
        Self { classes, counts: vec![0; (classes + 1) * (classes + 1)] }
    }

    pub(super) fn add(&mut self, label: i16, predicted: i16) {
        let of = |class: i16| usize::try_from(class).map_or(self.classes, |class| class.min(self.classes));
        let place = of(label) * (self.classes + 1) + of(predicted);
        if let Some(count) = self.counts.get_mut(place) {
            *count += 1;
        }
    }

    /// The number of classes; the matrix has one more row and column.
    pub fn classes(&self) -> usize {
        self.classes
    }

    /// The rows of that label and prediction; `None` is "no label" or "no prediction". 0 outside the classes.
    pub fn count(&self, label: Option<u16>, predicted: Option<u16>) -> u64 {
        let place = |class: Option<u16>| match class.map(usize::from) {
            None => Some(self.classes),
            Some(class) => (class < self.classes).then_some(class),
        };
        place(label).zip(place(predicted)).map_or(0, |(row, column)| self.cell(row, column))
    }

    fn cell(&self, row: usize, column: usize) -> u64 {
        self.counts.get(row * (self.classes + 1) + column).copied().unwrap_or(0)
    }

    /// The rows that have a label and a prediction.
    pub fn judged(&self) -> u64 {
        (0..self.classes).map(|row| self.support(row)).sum()
    }

    fn support(&self, class: usize) -> u64 {
        (0..self.classes).map(|column| self.cell(class, column)).sum()
    }

    fn predicted(&self, class: usize) -> u64 {
        (0..self.classes).map(|row| self.cell(row, class)).sum()
    }
}

impl Scores {
    pub(super) fn of(confusion: &Confusion) -> Self {
        let all = confusion.classes;
        let classes: Vec<ClassReport> = (0..all)
            .map(|class| {
                let (support, predicted) = (confusion.support(class), confusion.predicted(class));
                let right = confusion.cell(class, class);
                ClassReport {
                    support,
                    predicted,
                    right,
                    unanswered: confusion.cell(class, all),
                    precision: Rate::of(right, predicted),
                    recall: Rate::of(right, support),
                    f1: Rate::f1(right, support + predicted - right),
                }
            })
            .collect();
        let sum = |of: fn(&ClassReport) -> u64| classes.iter().map(of).sum::<u64>();
        let (judged, right, unanswered) = (sum(|c| c.support), sum(|c| c.right), sum(|c| c.unanswered));
        let f1: Vec<(f64, u64)> =
            classes.iter().filter_map(|class| Some((class.f1.as_ref()?.value, class.support))).collect();
        let recalls: Vec<Rate> = classes.iter().filter_map(|class| class.recall).collect();
        let weighted: f64 = f1.iter().map(|(f1, support)| f1 * *support as f64).sum();
        Self {
            accuracy: Rate::of(right, judged),
            coverage: Rate::of(judged, judged + unanswered),
            balanced_accuracy: Rate::mean(&recalls),
            macro_f1: (!f1.is_empty()).then(|| f1.iter().map(|(f1, _)| f1).sum::<f64>() / f1.len() as f64),
            weighted_f1: (judged > 0).then(|| weighted / judged as f64),
            classes,
        }
    }
}

/// The condition that keeps the rows of a cell of the matrix: `label` and `predicted` are classes by name, `None` for
/// "no label" and "no prediction", and the columns those that hold them.
pub fn cell_sql(label_column: &str, label: Option<&str>, predicted_column: &str, predicted: Option<&str>) -> String {
    let of = |column: &str, class: Option<&str>| match class {
        Some(class) => format!("{} = {}", quote_name(column), quote_text(class)),
        None => format!("{} IS NULL", quote_name(column)),
    };
    format!("{} AND {}", of(label_column, label), of(predicted_column, predicted))
}
