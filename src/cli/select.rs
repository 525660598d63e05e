//! `select`: which rows to label or to keep next.

use std::path::PathBuf;
use std::sync::Arc;

use serde_json::json;

use super::answer::Answer;
use super::files::{self, Output};
use super::table::{self, Table, decimal};
use super::{CommandLine, Context};
use crate::choose::{Look, Need, Pick, Pool, STRATEGIES, Strategy, choose, strategy};
use crate::data::read::Reading;
use crate::data::{Column, Frame, Kind};
use crate::engine::{Error, Result};
use crate::learn::{Matrix, metrics};
use crate::weak::Votes;
use crate::weak::vote_files::{VoteOptions, votes_from_frame};

/// Choose rows to label or to keep next
#[derive(Debug, clap::Args)]
pub(super) struct Select {
    /// The data: a file, or a folder of images
    #[arg(value_name = "FILE|FOLDER")]
    source: PathBuf,
    /// How many rows
    #[arg(long, value_name = "N")]
    budget: usize,
    /// How to choose
    #[arg(long, value_name = "NAME", value_parser = strategy_names())]
    strategy: String,
    /// Compare and learn from the texts of this column
    #[arg(long, value_name = "COL", conflicts_with_all = ["image", "columns", "vectors"])]
    text: Option<String>,
    /// Compare and learn from the images whose paths stand in this column
    #[arg(long, value_name = "COL", conflicts_with_all = ["columns", "vectors"])]
    image: Option<String>,
    /// Compare and learn from these columns of numbers and categories
    #[arg(long, value_name = "COL,COL", value_delimiter = ',', conflicts_with = "vectors")]
    columns: Option<Vec<String>>,
    /// Compare and learn from the vectors (embeddings) of this column
    #[arg(long, value_name = "COL")]
    vectors: Option<String>,
    /// The column of labels: rows without one are chosen from, or all rows if every row has one
    #[arg(long, value_name = "COL")]
    label: Option<String>,
    /// The classes in order; those that occur, sorted, if not given
    #[arg(long, value_name = "A,B,C", value_delimiter = ',')]
    classes: Option<Vec<String>>,
    /// Probabilities: columns p_CLASS, or an .npy matrix; those in FILE, or cross-validated ones, if not given
    #[arg(long, value_name = "PROBS")]
    probs: Option<PathBuf>,
    /// Votes of functions, for vote-entropy; FILE itself holds them if not given
    #[arg(long, value_name = "VOTES")]
    votes: Option<PathBuf>,
    /// Folds of cross-validation
    #[arg(long, value_name = "K", default_value_t = 5)]
    folds: usize,
    #[command(flatten)]
    output: Output,
}

fn strategy_names() -> clap::builder::PossibleValuesParser {
    let value = |strategy: &&dyn Strategy| clap::builder::PossibleValue::new(strategy.name()).help(strategy.about());
    STRATEGIES.iter().map(value).collect::<Vec<_>>().into()
}

/// What is known of the rows.
#[derive(Default)]
struct Known {
    labels: Option<Vec<Option<u16>>>,
    classes: Vec<String>,
    probabilities: Option<Matrix<f32>>,
    points: Option<Matrix<f32>>,
    votes: Option<Votes>,
    foretold: Option<Vec<Option<u16>>>,
}

impl CommandLine for Select {
    const NAME: &'static str = "select";

    fn run(self, context: &Context<'_>) -> Result<Answer> {
        self.output.check()?;
        let strategy = strategy(&self.strategy)?;
        let reading = files::read_table(&self.source, context)?;
        let frame = &reading.frame;
        let ids = self.output.ids(frame)?;
        let known = self.know(strategy, &reading, context)?;
        let rows = 0..frame.rows() as u32;
        let labelled = |row: &u32| known.labels.as_ref().is_some_and(|labels| labels[*row as usize].is_some());
        let (mut taken, mut candidates): (Vec<u32>, Vec<u32>) = rows.partition(labelled);
        if candidates.is_empty() {
            // Everything has its label: it is asked what to keep.
            std::mem::swap(&mut taken, &mut candidates);
        }
        let pool = Pool {
            candidates: &candidates,
            taken: &taken,
            probabilities: known.probabilities.as_ref(),
            points: known.points.as_ref(),
            votes: known.votes.as_ref(),
            classes: known.foretold.as_deref().or(known.labels.as_deref()),
            names: &known.classes,
            seed: context.seed(),
        };
        let picks = choose(strategy, &pool, self.budget, context.work)
            .map_err(|error| if error.is_cancelled() { error } else { error.or_at(self.source.display()) })?;
        if picks.len() < self.budget {
            let found = table::count(picks.len(), "row");
            context.work.warn(format!("{found} could be chosen, fewer than {} that were asked for", self.budget));
        }
        self.output.write(context.work, || result(&picks, ids))?;
        let fields = json!({
            "strategy": strategy.name(),
            "selected": picks.iter().map(|pick| pick.row).collect::<Vec<_>>(),
            "candidates": candidates.len(),
            "classes": known.classes,
        });
        let summary = table::facts([
            ("strategy", Some(format!("{}: {}", strategy.name(), strategy.about()))),
            ("selected", Some(format!("{} of {}", picks.len(), table::count(candidates.len(), "row")))),
        ]);
        Ok(Answer::new(frame.rows(), fields).say(summary).say(first(&picks, self.shown(frame))))
    }
}

impl Select {
    /// Finds out what the strategy needs.
    fn know(&self, strategy: &dyn Strategy, reading: &Reading, context: &Context<'_>) -> Result<Known> {
        let (frame, work) = (&reading.frame, context.work);
        let needs = |need: Need| strategy.needs().contains(&need);
        let placed = |error: Error| if error.is_cancelled() { error } else { error.or_at(self.source.display()) };
        let mut known = Known { classes: self.classes.clone().unwrap_or_default(), ..Known::default() };
        if let Some(name) = &self.label {
            let column = files::column(frame, name, &self.source)?;
            let (labels, classes) = files::labels(column, self.classes.as_deref()).map_err(placed)?;
            (known.labels, known.classes) = (Some(labels), classes);
        }
        if needs(Need::Votes) {
            self.know_votes(&mut known, frame, context)?;
        }
        // Balance can do with labels, but where some are missing they have to be foretold.
        let complete = known.labels.as_ref().is_some_and(|labels| labels.iter().all(Option::is_some));
        let wants_probabilities = needs(Need::Probabilities) || (needs(Need::Classes) && !complete);
        if wants_probabilities {
            self.know_given(&mut known, frame, context)?;
        }
        let predicts = wants_probabilities && known.probabilities.is_none();
        if predicts && known.labels.is_none() {
            return Err(Error::input(format!("{} needs probabilities", strategy.name()))
                .at(self.source.display())
                .help("name them with --probs, or name labels to learn from with --label and --text"));
        }
        if predicts || needs(Need::Points) {
            let look = self.look(reading, context)?;
            if let (true, Some(labels)) = (predicts, &known.labels) {
                let (classes, seed) = (known.classes.len(), context.seed());
                let cv = look.predict(labels, classes, self.folds, seed, work).map_err(placed)?;
                known.probabilities = Some(cv.probabilities);
            }
            if needs(Need::Points) {
                known.points = Some(look.points(context.seed(), work).map_err(placed)?);
            }
        }
        if let Some(probabilities) = &known.probabilities {
            let likely = |row: usize| metrics::argmax(probabilities.row(row)).map(|(class, _)| class);
            let labels = known.labels.as_deref();
            let class = |row: usize| labels.and_then(|labels| labels[row]).or_else(|| likely(row));
            known.foretold = Some((0..frame.rows()).map(class).collect());
        }
        Ok(known)
    }

    fn know_votes(&self, known: &mut Known, frame: &Frame, context: &Context<'_>) -> Result<()> {
        let path = self.votes.as_ref().unwrap_or(&self.source);
        let read = self.votes.as_ref().map(|path| files::read_table(path, context)).transpose()?;
        let skip = self.label.iter().chain(&self.output.id).cloned().collect();
        let options = VoteOptions { classes: self.classes.clone(), skip, ..VoteOptions::default() };
        let frame_of_votes = read.as_ref().map_or(frame, |reading| &reading.frame);
        let table = votes_from_frame(frame_of_votes, &options).map_err(|error| error.or_at(path.display()))?;
        if table.votes.rows() != frame.rows() {
            let (votes, rows) = (table.votes.rows(), frame.rows());
            return Err(Error::input(format!("{votes} rows of votes for {rows} rows")).at(path.display()));
        }
        (known.votes, known.classes) = (Some(table.votes), table.classes);
        Ok(())
    }

    /// Probabilities that are given: in a file of their own, or beside the data.
    fn know_given(&self, known: &mut Known, frame: &Frame, context: &Context<'_>) -> Result<()> {
        let beside: Vec<&str> = frame.columns().iter().filter_map(|column| column.name().strip_prefix("p_")).collect();
        let path = match &self.probs {
            Some(path) => path,
            None if !beside.is_empty() => &self.source,
            None => return Ok(()),
        };
        if known.classes.is_empty() {
            known.classes = match &self.probs {
                None => beside.iter().map(|&name| name.to_owned()).collect(),
                Some(path) => self.classes_of(path, context)?,
            };
        }
        let (matrix, classes) = files::probabilities(path, frame.rows(), &known.classes, context)?;
        if let (true, Some(name)) = (classes != known.classes, &self.label) {
            let column = files::column(frame, name, &self.source)?;
            known.labels = Some(files::labels(column, Some(&classes))?.0);
        }
        if let Some(row) = (0..matrix.rows()).find(|&row| matrix.row(row).iter().any(|share| !share.is_finite())) {
            return Err(Error::input("a probability is missing").at(format!("{}: row {}", path.display(), row + 1)));
        }
        let shares = matrix.values().iter().map(|&share| share as f32).collect();
        known.probabilities = Some(Matrix::new(matrix.rows(), matrix.columns(), shares)?);
        known.classes = classes;
        Ok(())
    }

    /// The classes of a file of probabilities, where nothing else names them.
    fn classes_of(&self, path: &std::path::Path, context: &Context<'_>) -> Result<Vec<String>> {
        if files::ending(path) == "npy" {
            let columns = crate::data::read::matrix::read_matrix(path, context.work)?.columns;
            return Ok((0..columns).map(|class| class.to_string()).collect());
        }
        let frame = files::read_table(path, context)?.frame;
        let names = frame.columns().iter().filter_map(|column| column.name().strip_prefix("p_"));
        Ok(names.map(str::to_owned).collect())
    }

    fn image<'a>(&self, reading: &'a Reading) -> Result<Option<&'a Arc<Column>>> {
        let frame = &reading.frame;
        if let Some(name) = &self.image {
            return files::column(frame, name, &self.source).map(Some);
        }
        let other = self.text.is_some() || self.columns.is_some() || self.vectors.is_some();
        let is_folder = self.source.is_dir() && reading.report.format == "folder" && !other;
        Ok(frame.columns().iter().find(|column| column.kind() == Kind::Image).filter(|_| is_folder))
    }

    fn look(&self, reading: &Reading, context: &Context<'_>) -> Result<Look> {
        let (frame, work) = (&reading.frame, context.work);
        if let Some(name) = &self.vectors {
            let found = frame.vectors().iter().find(|vectors| vectors.name() == name);
            return Look::of_vectors(found.ok_or_else(|| Error::input("there are no such vectors").at(name))?);
        }
        if let Some(names) = &self.columns {
            let columns = names.iter().map(|name| files::column(frame, name, &self.source).cloned());
            return Look::of_columns(&columns.collect::<Result<Vec<_>>>()?, work);
        }
        if let Some(column) = self.image(reading)? {
            return Look::of_images(&reading.root, column, work);
        }
        let column = files::text_column(frame, self.text.as_deref(), &self.source)?;
        let texts = column.folded().ok_or_else(|| Error::input("the column holds no text").at(column.name()))?;
        Look::of_texts(texts, work)
    }

    /// The column to show rows by.
    fn shown<'a>(&self, frame: &'a Frame) -> Option<&'a Arc<Column>> {
        let name = self.text.as_deref().or(self.image.as_deref());
        let named = name.and_then(|name| frame.get(name));
        named.or_else(|| files::text_column(frame, None, &self.source).ok()).or(frame.columns().first())
    }
}

/// One row a chosen row, the most wanted first.
fn result(picks: &[Pick], ids: Option<&Arc<Column>>) -> Frame {
    let mut columns = files::row_columns(picks.iter().map(|pick| pick.row), ids);
    columns.push(files::count_column("rank", 1..=picks.len() as i64));
    columns.push(files::number_column("score", picks.iter().map(|pick| pick.score)));
    let reasons = picks.iter().map(|pick| Some(pick.reason.as_str())).collect();
    columns.push(Arc::new(Column::text("reason", Kind::Text, reasons)));
    Frame::new(columns)
}

/// The most wanted rows.
fn first(picks: &[Pick], column: Option<&Arc<Column>>) -> String {
    let mut table = Table::new(["row", "score", "reason", "content"]);
    for pick in picks.iter().take(10) {
        let content = column.and_then(|column| column.show(pick.row as usize)).unwrap_or_default().into_owned();
        table.row([pick.row.to_string(), decimal(Some(pick.score)), pick.reason.clone(), content]);
    }
    if table.is_empty() { String::new() } else { format!("\n{}", table.render()) }
}
