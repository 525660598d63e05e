//! Predictions against what is known: what the Predictions pane shows.

use std::sync::Arc;

use arrow_buffer::BooleanBuffer;

use super::derived::{Basis, EndModelOutcome, LabelModelOutcome};
use crate::engine::{Derived, Error, Fingerprint, Fingerprinter, Result, Work};
use crate::learn::Matrix;
use crate::learn::judge::{Comparison, Curves, Judgement, Predicted, Thresholds, all_curves, compare, judge};

/// Classes up to which the curves of every one are made.
const MOST_CURVES: usize = 20;

/// Whose predictions are judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Judge {
    /// The end model's, each row by a model that has not seen it.
    EndModel,
    /// The label model's.
    LabelModel,
    /// The labels that came with the data.
    Given,
}

impl Judge {
    /// The columns that hold its label and its confidence.
    pub fn columns(self, given: Option<&str>) -> (String, Option<&'static str>) {
        match self {
            Self::EndModel => ("model_label".to_owned(), Some("model_confidence")),
            Self::LabelModel => ("weak_label".to_owned(), Some("weak_confidence")),
            Self::Given => (given.unwrap_or("label").to_owned(), None),
        }
    }
}

/// Predictions, with their name.
#[derive(Clone)]
pub enum Predictions {
    /// The end model's.
    EndModel(Arc<EndModelOutcome>, Fingerprint),
    /// The label model's.
    LabelModel(Arc<LabelModelOutcome>, Fingerprint),
    /// The labels that came with the data, -1 for none.
    Given(Arc<Vec<i16>>),
}

impl Predictions {
    fn print(&self, print: Fingerprinter) -> Fingerprinter {
        match self {
            Self::EndModel(_, model) => print.number(1).print(*model),
            Self::LabelModel(_, model) => print.number(2).print(*model),
            Self::Given(_) => print.number(3),
        }
    }

    /// The label of each row, -1 for none.
    fn labels(&self) -> Vec<i16> {
        let of = |label: &Option<u16>| label.map_or(-1, |label| label as i16);
        match self {
            Self::EndModel(model, _) => model.labels.iter().map(of).collect(),
            Self::LabelModel(model, _) => model.labels.label().iter().map(of).collect(),
            Self::Given(labels) => labels.to_vec(),
        }
    }

    /// Probabilities, rows x classes; a row about which nothing is said has zeros.
    fn probabilities(&self, classes: usize) -> Result<Option<Matrix<f32>>> {
        match self {
            Self::EndModel(model, _) => Ok(Some(model.probabilities.clone())),
            Self::LabelModel(model, _) => {
                let rows = model.labels.rows();
                let mut values = vec![0.0f32; rows * classes];
                for (row, out) in values.chunks_exact_mut(classes.max(1)).enumerate() {
                    if model.labels.label().get(row).is_some_and(Option::is_some) {
                        out.iter_mut().zip(model.labels.row(row)).for_each(|(out, &share)| *out = share as f32);
                    }
                }
                Matrix::new(rows, classes, values).map(Some)
            }
            Self::Given(_) => Ok(None),
        }
    }
}

/// Judges predictions within a mask of rows.
pub struct JudgedOf {
    /// What is open.
    pub basis: Basis,
    /// What is judged.
    pub predictions: Predictions,
    /// What it is compared with, if anything.
    pub other: Option<Predictions>,
    /// The rows, with their name.
    pub mask: (BooleanBuffer, Fingerprint),
}

/// What [`JudgedOf`] gives.
pub struct Judged {
    /// Counts, scores and calibration.
    pub judgement: Judgement,
    /// The curves of each class against the rest; empty without probabilities, or with too many classes.
    pub curves: Vec<Curves>,
    /// Coverage and accuracy by confidence; `None` without probabilities.
    pub thresholds: Option<Thresholds>,
    /// What changes from `other` to these predictions.
    pub comparison: Option<Comparison>,
}

impl Derived for JudgedOf {
    type Output = Judged;

    fn fingerprint(&self) -> Fingerprint {
        let print =
            Fingerprinter::new("judged").print(self.basis.dataset.fingerprint).print(self.basis.annotations_print);
        let print = self.predictions.print(print.print(self.mask.1));
        let print = match &self.other {
            Some(other) => other.print(print.text("other")),
            None => print.text("alone"),
        };
        self.basis.classes.iter().fold(print, |print, class| print.text(class)).finish()
    }

    fn compute(&self, work: &Work) -> Result<Judged> {
        let classes = self.basis.classes.len();
        if classes == 0 {
            return Err(Error::input("there are no classes"));
        }
        // The given labels are judged by people and gold alone. A label model has seen the hand labels that it was
        // calibrated on, which the pane says.
        let reference: Vec<i16> = self.basis.reference().iter().map(|label| label.map_or(-1, |l| l as i16)).collect();
        let mask = Some(&self.mask.0);
        work.stage("comparing labels with probabilities", 0);
        let probabilities = self.predictions.probabilities(classes)?;
        let labels = self.predictions.labels();
        let predicted = match &probabilities {
            Some(matrix) => Predicted::Probabilities(matrix),
            None => Predicted::Labels(&labels),
        };
        let judgement = judge(predicted, &reference, classes, mask, work)?;
        let curves = match &probabilities {
            Some(matrix) if classes <= MOST_CURVES => all_curves(matrix, &reference, mask, work)?,
            _ => Vec::new(),
        };
        let thresholds = match probabilities {
            Some(_) => Some(Thresholds::of(&judgement.answers, &reference, classes, mask, work)?),
            None => None,
        };
        let compared = self.other.as_ref().map(Predictions::labels);
        let comparison = match compared {
            Some(other) => Some(compare(&other, &labels, &reference, classes, mask, work)?),
            None => None,
        };
        Ok(Judged { judgement, curves, thresholds, comparison })
    }

    fn bytes(judged: &Judged) -> usize {
        judged.judgement.answers.labels.len() * 6
            + judged.comparison.as_ref().map_or(0, |_| judged.judgement.answers.labels.len() * 4)
    }
}
