//! `label-errors`: rows whose given label is likely wrong.

mod boxes;
mod many;
mod tokens;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::json;

use super::answer::Answer;
use super::files::{self, Output};
use super::table::{self, Table, decimal, percent};
use super::{CommandLine, Context};
use crate::clean::audit::{self, Audit};
use crate::clean::label_errors::{LabelErrors as Found, Method, Options};
use crate::clean::{BeforeAfter, before_after};
use crate::data::read::Reading;
use crate::data::{Column, Frame, Values};
use crate::engine::{Error, Result};
use crate::label::variants;
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
    /// Take classes whose names differ in case and spaces only for one, of the name that comes first
    #[arg(long, conflicts_with_all = ["probs", "boxes", "multi_label", "corrected"])]
    merge_classes: bool,
    /// Folds of cross-validation
    #[arg(long, value_name = "K", default_value_t = 5)]
    folds: usize,
    /// The rule that decides which rows are flagged
    #[arg(long, value_name = "NAME", default_value = "default", value_parser = Method::ALL.map(Method::name))]
    method: String,
    /// Flag exactly what cleanlab flags
    #[arg(long)]
    compatible: bool,
    /// A column of corrected labels: what they gain, by the same folds, judged by both
    #[arg(long, value_name = "COL", conflicts_with_all = ["probs", "boxes", "multi_label"])]
    corrected: Option<String>,
    /// Draw so many rows over all scores, to be settled by a person: they are true in the result's column `audit`
    #[arg(long, value_name = "N", conflicts_with_all = ["boxes", "multi_label"])]
    audit: Option<usize>,
    /// What a person found of drawn rows: a table with the columns row, counted from 0, and wrong (true or false). Precision
    /// and recall at every rank follow from it, and the cut is moved
    #[arg(long, value_name = "FILE", conflicts_with_all = ["boxes", "multi_label"])]
    verdicts: Option<PathBuf>,
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
        for group in variants(&classes) {
            let names: Vec<&str> = group.iter().filter_map(|&at| classes.get(at)).map(String::as_str).collect();
            if !self.merge_classes {
                let names = names.join(", ");
                context.work.warn(format!(
                    "classes differ in case or spaces only: {names}; --merge-classes takes them for one"
                ));
            }
        }
        if self.merge_classes {
            (labels, classes) = merged(&labels, &classes);
        }
        let mut sentences = None;
        let mut gained = None;
        let (mut found, accuracy) = match &self.probs {
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
                let looks = self.looks(&reading, context)?;
                if let Some(name) = &self.corrected {
                    let column = files::column(&reading.frame, name, &self.file)?;
                    let (corrected, _) = files::labels(column, Some(&classes)).map_err(placed)?;
                    gained = Some(self.compare(&looks, &labels, &corrected, classes.len(), context).map_err(placed)?);
                }
                let cv = self.cross_validate(&looks, &labels, classes.len(), context).map_err(placed)?;
                (Found::find(&cv.probabilities, &labels, &options, context.work).map_err(placed)?, cv.accuracy)
            }
        };
        let drawn = self.audit.map(|count| audit::draw(&found.normalized_margin, found.count(), count, context.seed()));
        let audited = self.verdicts.as_deref().map(|path| self.judge(path, &found, context)).transpose()?;
        if let Some(audited) = &audited {
            audited.apply(&mut found);
        }
        self.output.write(context.work, || {
            let frame = frame(&found, &labels, &classes, ids);
            let marked = drawn
                .as_ref()
                .map(|drawn| files::flag_column("audit", (0..rows as u32).map(|row| drawn.contains(&row))));
            let more = sentences.iter().flat_map(Sentences::columns).chain(marked);
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
        if let Some(gained) = &gained {
            fields["before_after"] = json!(gained);
        }
        if let Some(drawn) = &drawn {
            fields["audit_rows"] = json!(drawn);
        }
        if let Some(audited) = &audited {
            fields["audit"] = json!({
                "verdicts": audited.verdicts, "wrong": audited.wrong, "error_rate": audited.error_rate,
                "cut": audited.at_cut(), "ranks": audited.ranks,
            });
        }
        if let Some(sentences) = &sentences {
            fields["sentences"] = sentences.json();
        }
        let summary = table::facts([
            ("flagged", Some(format!("{} of {}", found.count(), table::count(found.rows as usize, "labelled row")))),
            ("method", Some(found.method.name().to_owned())),
            ("accuracy", accuracy.map(|share| format!("{}, out of sample", percent(share)))),
        ]);
        let said = audited.as_ref().map_or_else(String::new, audit_text);
        let gain = gained.as_ref().map_or_else(String::new, gain_table);
        Ok(Answer::new(rows, fields).say(summary).say(gain).say(said).say(worst(&found, &labels, &classes)))
    }
}

/// What correction gained, by each side's labels.
fn gain_table(found: &BeforeAfter) -> String {
    let mut table = Table::new(["judged by", "rows", "before", "after", "difference", "95 % interval"]);
    let sides = [
        ("the labels as they were", found.on_given),
        ("the corrected labels", found.on_corrected),
        ("rows where both agree", found.on_agreed),
    ];
    for (name, judged) in sides {
        let Some(judged) = judged else { continue };
        let points = |share: f64| format!("{:+.1}", 100.0 * share);
        table.row([
            name.to_owned(),
            judged.rows.to_string(),
            percent(judged.before),
            percent(judged.after),
            points(judged.difference.value),
            format!("{} to {}", points(judged.difference.low), points(judged.difference.high)),
        ]);
    }
    format!("\n{}", table.render())
}

/// What the audit says of the cut.
fn audit_text(found: &Audit) -> String {
    let Some(cut) = found.at_cut() else { return String::new() };
    let shown = |of: audit::Estimate| format!("{} ({} to {})", percent(of.value), percent(of.low), percent(of.high));
    let facts = table::facts([
        ("audit", Some(format!("{} settled, of which {} wrong", table::count(found.verdicts, "row"), found.wrong))),
        ("cut", Some(format!("at rank {}, score {:.3}", cut.rank, cut.score))),
        ("precision", Some(shown(cut.precision))),
        ("recall", Some(shown(cut.recall))),
    ]);
    format!("\n{facts}")
}

impl LabelErrors {
    /// What corrected labels gain.
    fn compare(
        &self,
        looks: &Looks,
        given: &[Option<u16>],
        corrected: &[Option<u16>],
        classes: usize,
        context: &Context<'_>,
    ) -> Result<BeforeAfter> {
        let (folds, seed, work) = (self.folds, context.seed(), context.work);
        match looks {
            Looks::Sparse(csr) => before_after(csr, given, corrected, classes, folds, seed, work),
            Looks::Dense(matrix) => before_after(matrix, given, corrected, classes, folds, seed, work),
        }
    }

    /// Reads a person's verdicts, and estimates from them.
    fn judge(&self, path: &Path, found: &Found, context: &Context<'_>) -> Result<Audit> {
        let frame = files::read_table(path, context)?.frame;
        let (rows, wrong) = (files::column(&frame, "row", path)?, files::column(&frame, "wrong", path)?);
        let mut verdicts = Vec::with_capacity(frame.rows());
        for at in 0..frame.rows() {
            let Some(said) = wrong.show(at).filter(|said| !said.is_empty()) else { continue };
            let place = || Error::input("a verdict is not right").at(format!("{}, row {}", path.display(), at + 1));
            let is_wrong = match said.to_ascii_lowercase().as_str() {
                "true" | "yes" | "1" => true,
                "false" | "no" | "0" => false,
                _ => return Err(place().help("wrong is true or false")),
            };
            let row = rows.show(at).and_then(|row| row.parse::<usize>().ok());
            let score = row.and_then(|row| found.normalized_margin.get(row)).filter(|score| !score.is_nan());
            let score = *score.ok_or_else(|| place().help("row is that of a labelled row, counted from 0"))?;
            verdicts.push((score, is_wrong));
        }
        Audit::of(&found.normalized_margin, &verdicts, context.seed())
            .ok_or_else(|| Error::input("there are no verdicts").at(path.display()))
    }

    /// Predicts every row by a model that has not seen it.
    fn cross_validate(
        &self,
        looks: &Looks,
        labels: &[Option<u16>],
        classes: usize,
        context: &Context<'_>,
    ) -> Result<Cv> {
        let (folds, seed, work) = (self.folds, context.seed(), context.work);
        let options = logistic::Options::default();
        match looks {
            Looks::Sparse(csr) => out_of_sample(csr, labels, classes, folds, &options, seed, work),
            Looks::Dense(matrix) => out_of_sample(matrix, labels, classes, folds, &options, seed, work),
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

/// Labels and classes in which variants of a name are one class.
fn merged(labels: &[Option<u16>], classes: &[String]) -> (Vec<Option<u16>>, Vec<String>) {
    let mut first: Vec<usize> = (0..classes.len()).collect();
    for group in variants(classes) {
        group.iter().for_each(|&at| first[at] = group[0]);
    }
    let kept: Vec<usize> = (0..classes.len()).filter(|&at| first[at] == at).collect();
    let place = |class: u16| kept.iter().position(|&at| Some(&at) == first.get(usize::from(class))).map(|at| at as u16);
    let names = kept.iter().filter_map(|&at| classes.get(at)).cloned().collect();
    (labels.iter().map(|label| label.and_then(place)).collect(), names)
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
