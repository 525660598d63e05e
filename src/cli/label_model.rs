//! `label-model`: from votes to a probability for each class and row.

use std::path::PathBuf;
use std::sync::Arc;

use serde_json::{Value, json};

use super::answer::Answer;
use super::files::{self, Output};
use super::table::{self, Table, decimal, percent};
use super::{CommandLine, Context};
use crate::data::read::{ReadOptions, column_values, matrix, split_spec};
use crate::data::{Column, Frame, write};
use crate::engine::{Derived as _, Error, Result, Work};
use crate::weak::Votes;
use crate::weak::counted::Counted;
use crate::weak::models::{FitOptions, Labels, MODELS, ModelFit, ModelOutcome, Ties};
use crate::weak::vote_files::{
    VoteOptions, VoteTable, labels_to_frame, votes_from_frame, votes_from_matrix, votes_to_frame,
};

/// Fit a label model to votes and give each row a probability for each class
#[derive(Debug, clap::Args)]
pub(super) struct LabelModel {
    /// A table of one column a function, or an .npy matrix of rows x functions; -1 or empty abstains
    #[arg(value_name = "VOTES")]
    votes: PathBuf,
    /// The classes in order
    #[arg(long, value_name = "A,B,C", value_delimiter = ',', conflicts_with = "cardinality")]
    classes: Option<Vec<String>>,
    /// The number of classes, where votes are integers and the highest may not occur
    #[arg(long, value_name = "K")]
    cardinality: Option<usize>,
    /// The model
    #[arg(long, value_name = "NAME", default_value = "auto", value_parser = model_names())]
    model: String,
    /// Known right labels, one a row of the votes
    #[arg(long, value_name = "FILE:COL")]
    gold: Option<String>,
    /// Show the model a random N of the gold rows; only the others judge it
    #[arg(long, value_name = "N", requires = "gold")]
    gold_rows: Option<usize>,
    /// The share of each class, in their order
    #[arg(long, value_name = "P,P", value_delimiter = ',')]
    balance: Option<Vec<f64>>,
    /// What becomes of rows on which classes are equally likely
    #[arg(long, value_name = "POLICY", default_value = "abstain", value_parser = ["abstain", "random", "true-random"])]
    ties: String,
    /// Dawid-Skene: added to every cell of the confusion matrices
    #[arg(long, value_name = "X")]
    smoothing: Option<f64>,
    /// The column of VOTES that says how many rows each row stands for: vote patterns that were counted elsewhere
    #[arg(long, value_name = "COL")]
    counts: Option<String>,
    /// Columns of VOTES that are not votes
    #[arg(long, value_name = "COL,COL", value_delimiter = ',')]
    skip: Vec<String>,
    #[command(flatten)]
    output: Output,
}

fn model_names() -> clap::builder::PossibleValuesParser {
    MODELS
        .iter()
        .map(|model| clap::builder::PossibleValue::new(model.name()).help(model.about()))
        .collect::<Vec<_>>()
        .into()
}

impl CommandLine for LabelModel {
    const NAME: &'static str = "label-model";

    fn run(self, context: &Context<'_>) -> Result<Answer> {
        if let Some(path) = &self.output.path {
            files::check_result(path, self.counts.is_none())?;
        }
        let (table, ids, counts) = self.read(context)?;
        let file = counts.is_some().then(|| table.votes.clone());
        let counted = counts.as_deref().map(|counts| Counted::of(table.clone(), counts)).transpose();
        let counted = counted.map_err(|error| error.at(self.votes.display()))?;
        let (table, weights, places) = match counted {
            Some(Counted { table, weights, places }) => (table, Some(Arc::new(weights)), places),
            None => (table, None, Vec::new()),
        };
        let options = FitOptions { balance: self.balance.clone(), seed: context.seed(), ..FitOptions::default() };
        let fit = ModelFit {
            votes: Arc::new(table.votes),
            weights,
            model: self.model.clone(),
            gold: table.gold.map(Arc::new),
            gold_rows: self.gold_rows,
            ties: self.ties.parse::<Ties>()?,
            options: FitOptions { smoothing: self.smoothing.unwrap_or(options.smoothing), ..options },
        };
        let outcome = fit.compute(context.work)?;
        let rows = usize::try_from(outcome.patterns.rows()).unwrap_or(usize::MAX);
        match file.zip(counts) {
            Some((votes, counts)) => {
                let frame =
                    pattern_labels(&votes, &counts, &places, &labels_to_frame(&outcome.labels, &table.classes, None))?;
                self.output.write(context.work, || frame)?;
            }
            None => self.write(&outcome.labels, &table.classes, ids.as_deref(), context.work)?,
        }
        let mut fields = outcome.json();
        if let Value::Object(fields) = &mut fields {
            fields.insert("classes".to_owned(), json!(table.classes));
            fields.insert("covered".to_owned(), json!(covered(&outcome)));
        }
        Ok(Answer::new(rows, fields).say(report(&outcome, rows, &table.classes)).say(weight_table(&outcome)))
    }
}

impl LabelModel {
    /// The votes, the ids and the counts.
    #[expect(clippy::type_complexity, reason = "three parts of one file, used once")]
    fn read(&self, context: &Context<'_>) -> Result<(VoteTable, Option<Arc<Column>>, Option<Arc<Column>>)> {
        let path = &self.votes;
        let gold = self.gold.as_deref().map(|spec| column_values(spec, &ReadOptions::default(), context.work));
        let mut options = VoteOptions {
            classes: self.classes.clone(),
            cardinality: self.cardinality,
            skip: self.skip.clone(),
            gold: gold.transpose()?,
        };
        let placed = |error: Error| if error.is_cancelled() { error } else { error.at(path.display()) };
        if files::ending(path) == "npy" {
            if let Some(name) = self.output.id.as_ref().or(self.counts.as_ref()) {
                return Err(Error::input("a matrix has no named columns").at(name).at(path.display()));
            }
            let found = matrix::read_matrix(path, context.work)?;
            let cells = whole_numbers(&found)?;
            let table = votes_from_matrix(found.rows, found.columns, &cells, &options).map_err(placed)?;
            return Ok((table, None, None));
        }
        let frame = files::read_table(path, context)?.frame;
        for name in self.skip.iter().chain(&self.output.id).chain(&self.counts) {
            files::column(&frame, name, path)?;
        }
        options.skip.extend(self.output.id.iter().chain(&self.counts).cloned());
        options.skip.extend(self.gold_in_votes()?);
        let ids = self.output.ids(&frame)?.cloned();
        let counts = self.counts.as_deref().map(|name| frame.column(name)).transpose()?.cloned();
        Ok((votes_from_frame(&frame, &options).map_err(placed)?, ids, counts))
    }

    /// The column of gold, if it stands among the votes.
    fn gold_in_votes(&self) -> Result<Option<String>> {
        let Some(spec) = &self.gold else { return Ok(None) };
        let (path, name) = split_spec(spec)?;
        let same = path.canonicalize().ok() == self.votes.canonicalize().ok();
        Ok(name.filter(|_| same))
    }

    fn write(&self, labels: &Labels, classes: &[String], ids: Option<&Column>, work: &Work) -> Result<()> {
        match &self.output.path {
            Some(path) if files::ending(path) == "npy" => {
                let cells: Vec<f32> = labels.probabilities().into_iter().map(|share| share as f32).collect();
                write::matrix::write_matrix(path, labels.rows(), labels.classes(), &cells, work)
            }
            _ => self.output.write(work, || labels_to_frame(labels, classes, ids)),
        }
    }
}

/// The labels of counted patterns: the votes and the count of each, so that its rows can be found again, then what
/// [`labels_to_frame`] says of it. `places` are the patterns' rows in `labels`.
fn pattern_labels(votes: &Votes, counts: &Arc<Column>, places: &[Option<u32>], labels: &Frame) -> Result<Frame> {
    let kept: Vec<u32> = (0..places.len() as u32).filter(|&row| places[row as usize].is_some()).collect();
    let rows: Vec<u32> = places.iter().flatten().copied().collect();
    let votes = votes_to_frame(votes, None);
    let mut columns = Vec::new();
    for (source, rows) in [(&votes, &kept), (&Frame::new(vec![counts.clone()]), &kept), (labels, &rows)] {
        for column in source.columns().iter().filter(|column| column.name() != "row") {
            columns.push(Arc::new(column.take(column.name(), rows)?));
        }
    }
    let twice = (1..columns.len()).find(|&at| columns[..at].iter().any(|other| other.name() == columns[at].name()));
    match twice {
        Some(at) => Err(Error::input("a function has the name of a column of the result").at(columns[at].name())),
        None => Ok(Frame::new(columns)),
    }
}

/// The cells of a matrix of votes.
fn whole_numbers(matrix: &matrix::Matrix) -> Result<Vec<i64>> {
    let whole = |(at, &value): (usize, &f64)| {
        if value.fract() == 0.0 && value.abs() < 1e15 {
            Ok(value as i64)
        } else {
            let place = format!("row {}, column {}", at / matrix.columns + 1, at % matrix.columns + 1);
            Err(Error::input(format!("the vote {value} is not a whole number")).at(place))
        }
    };
    matrix.data.iter().enumerate().map(whole).collect()
}

/// The share of rows with at least one vote.
fn covered(outcome: &ModelOutcome) -> f64 {
    let patterns = &outcome.patterns;
    let counts = patterns.counts().iter().enumerate().filter(|(pattern, _)| patterns.is_covered(*pattern));
    let covered: u64 = counts.map(|(_, count)| count).sum();
    covered as f64 / patterns.rows().max(1) as f64
}

fn report(outcome: &ModelOutcome, rows: usize, classes: &[String]) -> String {
    let shares = classes.iter().zip(outcome.fitted.balance());
    let balance: Vec<_> = shares.take(12).map(|(class, share)| format!("{class} {}", percent(*share))).collect();
    let labelled = outcome.labels.label().iter().flatten().count();
    let judged = outcome.evaluation.as_ref();
    let how = if outcome.cross_validated { "cross-validated" } else { "not shown to the model" };
    table::facts([
        ("model", Some(outcome.fitted.model().to_owned())),
        ("rows", Some(format!("{}, of which labelled {labelled}", table::count(rows, "row")))),
        ("covered", Some(percent(covered(outcome)))),
        ("patterns", Some(outcome.patterns.len().to_string())),
        ("balance", Some(balance.join(", "))),
        (
            "accuracy",
            judged.map(|found| {
                format!("{} of {}, {how}", percent(found.accuracy), table::count(found.rows as usize, "gold row"))
            }),
        ),
        ("  covered", judged.and_then(|found| found.accuracy_covered).map(percent)),
        ("F1 macro", judged.map(|found| decimal(Some(found.f1_macro)))),
        ("log loss", judged.map(|found| decimal(Some(found.log_loss)))),
    ])
}

fn weight_table(outcome: &ModelOutcome) -> String {
    let mut table = Table::new(["function", "weight", "estimated accuracy"]);
    let functions = outcome.patterns.functions().iter().zip(outcome.fitted.weights()).zip(&outcome.estimated_accuracy);
    for ((name, weight), accuracy) in functions {
        table.row([name.clone(), decimal(Some(*weight)), accuracy.map_or_else(|| "–".to_owned(), percent)]);
    }
    format!("\n{}", table.render())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fraction_is_no_vote() {
        let matrix = |data: &[f64]| matrix::Matrix { rows: 1, columns: data.len(), data: data.to_vec() };
        assert_eq!(whole_numbers(&matrix(&[-1.0, 2.0])).unwrap(), [-1, 2]);
        let error = whole_numbers(&matrix(&[0.0, 0.5])).unwrap_err();
        assert_eq!(error.to_string(), "the vote 0.5 is not a whole number: row 1, column 2");
        assert!(whole_numbers(&matrix(&[f64::NAN])).is_err());
    }
}
