//! `label-errors`: rows whose given label is likely wrong.

mod boxes;
mod many;
mod tokens;

use std::path::PathBuf;
use std::sync::Arc;

use serde_json::json;

use super::answer::Answer;
use super::files::{self, Output};
use super::table::{self, Table, decimal, percent};
use super::{CommandLine, Context};
use crate::clean::label_errors::{LabelErrors as Found, Method, Options};
use crate::data::read::Reading;
use crate::data::{Column, Frame, Values};
use crate::engine::{Error, Result};
use crate::learn::cross_validation::{Cv, out_of_sample};
use crate::learn::features::{TextOptions, Tfidf};
use crate::learn::{Csr, Matrix, image_features, logistic};
use tokens::Sentences;

/// Find rows whose label is likely wrong
#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("content").required(true).args(["text", "image", "probs", "boxes"]))]
pub(super) struct LabelErrors {
    /// The data; with --boxes annotations of images in any format that convert reads
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The column of given labels
    #[arg(long, value_name = "COL", required_unless_present = "boxes")]
    label: Option<String>,
    /// Learn from this column of text
    #[arg(long, value_name = "COL")]
    text: Option<String>,
    /// Learn from the images whose paths stand in this column
    #[arg(long, value_name = "COL")]
    image: Option<String>,
    /// Out-of-sample probabilities: columns p_CLASS, or an .npy matrix of rows x classes
    #[arg(long, value_name = "PROBS")]
    probs: Option<PathBuf>,
    /// A detector's out-of-sample boxes, each with its confidence: COCO results or annotations
    #[arg(long, value_name = "FILE", conflicts_with_all = ["label", "multi_label", "sentence", "classes"])]
    boxes: Option<PathBuf>,
    /// A label is any number of classes: a list in JSON, or names between separators
    #[arg(long, conflicts_with = "sentence")]
    multi_label: bool,
    /// What separates the classes of a label [default: the first of | ; , that occurs]
    #[arg(long, value_name = "CHAR", requires = "multi_label")]
    separator: Option<char>,
    /// Rows are tokens; this column names their sentences, which are scored as well
    #[arg(long, value_name = "COL", requires = "probs")]
    sentence: Option<String>,
    /// The classes in order; those that occur, sorted, if not given
    #[arg(long, value_name = "A,B,C", value_delimiter = ',')]
    classes: Option<Vec<String>>,
    /// Folds of cross-validation
    #[arg(long, value_name = "K", default_value_t = 5)]
    folds: usize,
    /// The rule that decides which rows are flagged
    #[arg(long, value_name = "NAME", default_value = "default", value_parser = Method::ALL.map(Method::name))]
    method: String,
    /// Flag exactly what cleanlab flags
    #[arg(long)]
    compatible: bool,
    #[command(flatten)]
    output: Output,
}

impl CommandLine for LabelErrors {
    const NAME: &'static str = "label-errors";

    fn run(self, context: &Context<'_>) -> Result<Answer> {
        self.output.check()?;
        let options =
            Options { method: Method::from_name(&self.method)?, compatible: self.compatible, ..Options::default() };
        if let Some(predictions) = &self.boxes {
            return boxes::run(&self, predictions, context);
        }
        let reading = files::read_table(&self.file, context)?;
        if self.multi_label {
            return many::run(&self, &reading, &options, context);
        }
        let rows = reading.frame.rows();
        let column = files::column(&reading.frame, self.label()?, &self.file)?;
        let ids = self.output.ids(&reading.frame)?;
        let placed = |error: Error| if error.is_cancelled() { error } else { error.at(self.file.display()) };
        let (mut labels, mut classes) = files::labels(column, self.classes.as_deref()).map_err(placed)?;
        let mut sentences = None;
        let (found, accuracy) = match &self.probs {
            Some(path) => {
                let (matrix, all) = files::probabilities(path, rows, &classes, context)?;
                if all != classes {
                    (labels, classes) = files::labels(column, Some(&all)).map_err(placed)?;
                }
                let found = Found::find(&matrix, &labels, &options, context.work).map_err(placed)?;
                let accuracy = agreement(&found, &labels);
                if let Some(name) = &self.sentence {
                    let column = files::column(&reading.frame, name, &self.file)?;
                    sentences = Some(Sentences::of(column, &found, &matrix, &labels, &classes));
                }
                (found, accuracy)
            }
            None => {
                let cv = self.cross_validate(&reading, &labels, classes.len(), context).map_err(placed)?;
                (Found::find(&cv.probabilities, &labels, &options, context.work).map_err(placed)?, cv.accuracy)
            }
        };
        self.output.write(context.work, || {
            let frame = frame(&found, &labels, &classes, ids);
            let more = sentences.iter().flat_map(Sentences::columns);
            Frame::new(frame.columns().iter().cloned().chain(more).collect())
        })?;
        let mut fields = json!({
            "flagged": found.count(),
            "method": found.method.name(),
            "cv_accuracy": accuracy,
            "classes": classes,
            "class_thresholds": found.thresholds,
            "confident_joint": found.joint,
            "labelled_rows": found.rows,
            "unusable_rows": found.unusable,
        });
        if let Some(sentences) = &sentences {
            fields["sentences"] = sentences.json();
        }
        let summary = table::facts([
            ("flagged", Some(format!("{} of {}", found.count(), table::count(found.rows as usize, "labelled row")))),
            ("method", Some(found.method.name().to_owned())),
            ("accuracy", accuracy.map(|share| format!("{}, out of sample", percent(share)))),
        ]);
        Ok(Answer::new(rows, fields).say(summary).say(worst(&found, &labels, &classes)))
    }
}

impl LabelErrors {
    /// Predicts every row by a model that has not seen it.
    fn cross_validate(
        &self,
        reading: &Reading,
        labels: &[Option<u16>],
        classes: usize,
        context: &Context<'_>,
    ) -> Result<Cv> {
        let (folds, seed, work) = (self.folds, context.seed(), context.work);
        let options = logistic::Options::default();
        match self.looks(reading, context)? {
            Looks::Sparse(csr) => out_of_sample(&csr, labels, classes, folds, &options, seed, work),
            Looks::Dense(matrix) => out_of_sample(&matrix, labels, classes, folds, &options, seed, work),
        }
    }

    /// What models learn from.
    fn looks(&self, reading: &Reading, context: &Context<'_>) -> Result<Looks> {
        if let Some(image) = &self.image {
            let column = files::column(&reading.frame, image, &self.file)?;
            let described = image_features::describe_column(&reading.root, column, context.work)?;
            return Ok(Looks::Dense(described.standardized()));
        }
        let column = files::text_column(&reading.frame, self.text.as_deref(), &self.file)?;
        let strings = column.strings().ok_or_else(|| Error::input("the column holds no text").at(column.name()))?;
        Ok(Looks::Sparse(Tfidf::fit_transform(strings, &TextOptions::default(), context.work)?.1))
    }

    fn label(&self) -> Result<&str> {
        self.label.as_deref().ok_or_else(|| Error::input("no column of labels is named").help("name it with --label"))
    }
}

/// What a model looks at.
enum Looks {
    Sparse(Csr),
    Dense(Matrix<f32>),
}

/// The share of labelled rows whose most probable class is their label.
fn agreement(found: &Found, labels: &[Option<u16>]) -> Option<f64> {
    let judged = found.suggested.iter().zip(labels).filter_map(|(suggested, label)| Some((*suggested)? == (*label)?));
    let (right, all) = judged.fold((0u64, 0u64), |(right, all), hit| (right + u64::from(hit), all + 1));
    (all > 0).then(|| right as f64 / all as f64)
}

fn frame(found: &Found, labels: &[Option<u16>], classes: &[String], ids: Option<&Arc<Column>>) -> Frame {
    let mut columns = files::row_columns(0..labels.len() as u32, ids);
    columns.push(files::class_column("label", classes, labels.iter().copied()));
    columns.push(files::class_column("suggested", classes, found.suggested.iter().copied()));
    columns.push(files::number_column("self_confidence", found.self_confidence.iter().copied()));
    columns.push(files::number_column("normalized_margin", found.normalized_margin.iter().copied()));
    columns.push(files::flag_column("flagged", found.flagged.iter().copied()));
    // A row without a label has no rank.
    let ranks = found.rank.iter().map(|&rank| (rank > 0).then_some(i64::from(rank)));
    columns.push(Arc::new(Column::new("rank", Values::Int(ranks.collect()))));
    Frame::new(columns)
}

/// The rows most likely wrong.
fn worst(found: &Found, labels: &[Option<u16>], classes: &[String]) -> String {
    let mut flagged: Vec<usize> = (0..labels.len()).filter(|&row| found.flagged.get(row) == Some(&true)).collect();
    flagged.sort_by_key(|&row| found.rank.get(row).copied());
    let name =
        |class: Option<u16>| class.and_then(|class| classes.get(usize::from(class))).cloned().unwrap_or_default();
    let mut table = Table::new(["row", "label", "suggested", "self-confidence"]);
    for &row in flagged.iter().take(10) {
        let suggested = found.suggested.get(row).copied().flatten();
        let confidence = found.self_confidence.get(row).copied();
        table.row([row.to_string(), name(labels.get(row).copied().flatten()), name(suggested), decimal(confidence)]);
    }
    if table.is_empty() { String::new() } else { format!("\n{}", table.render()) }
}
