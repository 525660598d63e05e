//! Layers: what people, functions and models say of every item, as columns beside the data's own, so that one filter
//! language reaches all of them. And the two computations that need data and findings together.

use std::sync::Arc;

use arrow_array::builder::LargeStringBuilder;
use arrow_array::{BooleanArray, Float64Array, LargeStringArray};
use rayon::prelude::*;

use super::derived::{Basis, EndModelOutcome, Findings, LabelModelOutcome, VotesOutcome};
use crate::choose::margin;
use crate::clean::Settlement;
use crate::clean::duplicates::{self, Duplicates};
use crate::data::{Column, Frame, Kind, Values};
use crate::deliver::{FinalLabels, Opinion};
use crate::engine::{Derived, Fingerprint, Fingerprinter, Result, Work};

/// The columns that stand beside the data: labels, votes, probabilities, flags.
pub struct LayersOf {
    /// What is open.
    pub basis: Basis,
    /// The votes, with their name.
    pub votes: Option<(Arc<VotesOutcome>, Fingerprint)>,
    /// The label model, with its name.
    pub model: Option<(Arc<LabelModelOutcome>, Fingerprint)>,
    /// The end model, with its name.
    pub end_model: Option<(Arc<EndModelOutcome>, Fingerprint)>,
    /// The findings, with their name.
    pub findings: Option<(Arc<Findings>, Fingerprint)>,
    /// What a person has decided about findings.
    pub settlement: Arc<Settlement>,
}

/// What [`LayersOf`] gives.
pub struct Layers {
    /// Data columns, then layers.
    pub frame: Frame,
    /// The final label of each row with its source.
    pub labels: FinalLabels,
    /// Rows that are likely label errors and not settled.
    pub label_error: Vec<bool>,
    /// Rows that are copies of a kept item and not settled.
    pub duplicate: Vec<bool>,
}

impl Derived for LayersOf {
    type Output = Layers;

    fn fingerprint(&self) -> Fingerprint {
        let print =
            Fingerprinter::new("layers").print(self.basis.dataset.fingerprint).print(self.basis.annotations_print);
        let print = self.basis.classes.iter().fold(print, |print, class| print.text(class));
        let parts = [
            self.votes.as_ref().map(|(_, print)| *print),
            self.model.as_ref().map(|(_, print)| *print),
            self.end_model.as_ref().map(|(_, print)| *print),
            self.findings.as_ref().map(|(_, print)| *print),
        ];
        let print = parts.into_iter().fold(print, |print, part| match part {
            Some(part) => print.print(part),
            None => print.text("none"),
        });
        print.print(self.settlement.fingerprint()).finish()
    }

    fn compute(&self, work: &Work) -> Result<Layers> {
        work.stage("gathering layers", 0);
        let basis = &self.basis;
        let labels = self.final_labels();
        let (label_error, duplicate) = self.flags();
        let mut columns = self.label_columns(&labels);
        work.check()?;
        columns.extend(self.model_columns());
        columns.push(flag("excluded", &basis.excluded));
        if self.findings.is_some() {
            columns.push(flag("flag_label_error", &label_error));
            columns.push(flag("flag_duplicate", &duplicate));
        }
        work.check()?;
        let frame = basis.dataset.frame.with(columns.into_iter().map(Arc::new));
        Ok(Layers { frame, labels, label_error, duplicate })
    }
}

impl LayersOf {
    fn final_labels(&self) -> FinalLabels {
        let basis = &self.basis;
        let functions = self.model.as_ref().map(|(model, _)| model);
        let probabilities: Option<Vec<f32>> =
            functions.map(|model| model.labels.probabilities().into_iter().map(|p| p as f32).collect());
        let functions = functions
            .zip(probabilities.as_ref())
            .map(|(model, probabilities)| Opinion { labels: model.labels.label(), probabilities });
        let model = self
            .end_model
            .as_ref()
            .map(|(model, _)| Opinion { labels: &model.labels, probabilities: model.probabilities.values() });
        FinalLabels::resolve(
            &basis.hand,
            basis.given.as_deref().map(Vec::as_slice),
            functions,
            model,
            basis.classes.len(),
        )
    }

    fn flags(&self) -> (Vec<bool>, Vec<bool>) {
        let rows = self.basis.dataset.rows();
        let (mut errors, mut copies) = (vec![false; rows], vec![false; rows]);
        let Some((findings, _)) = &self.findings else { return (errors, copies) };
        if let Ok(found) = &findings.label_errors {
            for (row, flagged) in found.flagged.iter().enumerate() {
                errors[row] = *flagged && !self.settlement.label_error(row as u32);
            }
        }
        for group in &findings.duplicates.groups {
            for member in group.members.iter().filter(|member| member.row != group.kept) {
                copies[member.row as usize] = !self.settlement.duplicate(member.row);
            }
        }
        (errors, copies)
    }

    fn label_columns(&self, labels: &FinalLabels) -> Vec<Column> {
        let basis = &self.basis;
        let mut columns = vec![classes_column("label", &labels.label, &basis.classes)];
        let mut source = LargeStringBuilder::with_capacity(labels.source.len(), labels.source.len() * 8);
        for &from in &labels.source {
            source.append_option(Some(from.name()).filter(|name| !name.is_empty()));
        }
        columns.push(Column::text("label_source", Kind::Category, source.finish()));
        columns.push(classes_column("label_hand", &basis.hand, &basis.classes));
        if let Some((votes, _)) = &self.votes {
            for column in votes.votes.columns() {
                columns.push(classes_column(&format!("vote_{}", column.name), &column.votes, &basis.classes));
            }
        }
        columns
    }

    fn model_columns(&self) -> Vec<Column> {
        let classes = self.basis.classes.len();
        let mut columns = Vec::new();
        if let Some((model, _)) = &self.model {
            let labels: Vec<i16> =
                model.labels.label().iter().map(|label| label.map_or(-1, |label| label as i16)).collect();
            columns.push(classes_column("weak_label", &labels, &self.basis.classes));
            let top = |row: usize| model.labels.row(row).iter().copied().fold(0.0, f64::max);
            let confidence: Float64Array = (0..labels.len()).map(|row| (labels[row] >= 0).then(|| top(row))).collect();
            columns.push(Column::new("weak_confidence", Values::Float(confidence)));
        }
        if let Some((model, _)) = &self.end_model {
            let labels: Vec<i16> = model.labels.iter().map(|label| label.map_or(-1, |label| label as i16)).collect();
            columns.push(classes_column("model_label", &labels, &self.basis.classes));
            let rows = model.probabilities.values().par_chunks(classes.max(1));
            let scores: Vec<(f64, f64)> =
                rows.map(|row| (f64::from(row.iter().copied().fold(0.0, f32::max)), f64::from(margin(row)))).collect();
            let confidence: Float64Array = scores.iter().map(|score| Some(score.0)).collect();
            let margins: Float64Array = scores.iter().map(|score| Some(score.1)).collect();
            columns.push(Column::new("model_confidence", Values::Float(confidence)));
            columns.push(Column::new("model_margin", Values::Float(margins)));
        }
        if let Some((findings, _)) = &self.findings
            && let Ok(errors) = &findings.label_errors
        {
            let scores: Float64Array = errors
                .self_confidence
                .iter()
                .map(|&score| Some(f64::from(score)).filter(|score| !score.is_nan()))
                .collect();
            columns.push(Column::new("self_confidence", Values::Float(scores)));
        }
        columns
    }
}

/// A column of class names from class indices, null for -1.
fn classes_column(name: &str, labels: &[i16], classes: &[String]) -> Column {
    let of = |label: &i16| usize::try_from(*label).ok().and_then(|index| classes.get(index)).map(String::as_str);
    let values: LargeStringArray = labels.iter().map(of).collect();
    Column::text(name, Kind::Category, values)
}

fn flag(name: &str, values: &[bool]) -> Column {
    Column::new(name, Values::Bool(BooleanArray::from(values.to_vec())))
}

/// Duplicates of the content column: of texts by their words, of images by their pixels.
pub(super) fn find_duplicates(basis: &Basis, standing: &[Option<u16>], work: &Work) -> Result<Duplicates> {
    let dataset = &basis.dataset;
    let context = duplicates::Context { labels: Some(standing), splits: None };
    if let Some(image) = &basis.image {
        let column = dataset.frame.column(image)?;
        return duplicates::of_image_column(&dataset.root, column, context, &duplicates::ImageOptions::default(), work);
    }
    match basis.text.as_deref().map(|name| dataset.frame.column(name)).transpose()?.and_then(|column| column.strings())
    {
        Some(texts) => duplicates::of_texts(texts, context, &duplicates::TextOptions::default(), work),
        None => Ok(Duplicates::default()),
    }
}
