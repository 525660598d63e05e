//! `outliers`: rows that are far from their nearest neighbours.

use std::path::PathBuf;
use std::sync::Arc;

use serde_json::json;

use super::answer::Answer;
use super::files::{self, Output};
use super::table::{self, Table, decimal};
use super::{CommandLine, Context};
use crate::clean::outliers::{OutlierOptions, Outliers as Found};
use crate::data::read::Reading;
use crate::data::{Column, Frame, Kind, Values};
use crate::engine::{Error, Result};

/// Find rows that are unlike all others, by the distance to their nearest neighbours
#[derive(Debug, clap::Args)]
pub(super) struct Outliers {
    /// The data: a file, or a folder of images
    #[arg(value_name = "FILE|FOLDER")]
    source: PathBuf,
    /// Compare the texts of this column
    #[arg(long, value_name = "COL", conflicts_with_all = ["image", "vectors"])]
    text: Option<String>,
    /// Compare the images whose paths stand in this column
    #[arg(long, value_name = "COL", conflicts_with = "vectors")]
    image: Option<String>,
    /// Compare the vectors (embeddings) of this column
    #[arg(long, value_name = "COL")]
    vectors: Option<String>,
    /// The number of nearest neighbours
    #[arg(long, value_name = "K", default_value_t = 10)]
    neighbours: usize,
    #[command(flatten)]
    output: Output,
}

impl CommandLine for Outliers {
    const NAME: &'static str = "outliers";

    fn run(self, context: &Context<'_>) -> Result<Answer> {
        self.output.check()?;
        if self.neighbours == 0 {
            return Err(Error::input("at least 1 neighbour is needed").at("--neighbours"));
        }
        let reading = files::read_table(&self.source, context)?;
        let frame = &reading.frame;
        let is_folder = self.source.is_dir() && reading.report.format == "folder";
        let (found, shown) = self.find(&reading, is_folder, context)?;
        let paths = shown.filter(|column| is_folder && column.kind() == Kind::Image);
        let ids = self.output.ids(frame)?;
        self.output.write(context.work, || rows(&found, paths, ids))?;
        let fields = json!({
            "flagged": found.count(),
            "threshold": found.threshold,
            "neighbours": self.neighbours,
            "left_out": found.left_out,
        });
        let summary = table::facts([
            ("flagged", Some(format!("{} of {}", found.count(), table::count(frame.rows(), "row")))),
            ("threshold", found.threshold.map(|threshold| format!("{} mean distance", decimal(Some(threshold))))),
            ("left out", (found.left_out > 0).then(|| format!("{} with nothing to compare", found.left_out))),
        ]);
        Ok(Answer::new(frame.rows(), fields).say(summary).say(strangest(&found, shown)))
    }
}

impl Outliers {
    /// What was found, and the column to show rows by.
    fn find<'a>(
        &self,
        reading: &'a Reading,
        is_folder: bool,
        context: &Context<'_>,
    ) -> Result<(Found, Option<&'a Arc<Column>>)> {
        let (frame, work) = (&reading.frame, context.work);
        let options = OutlierOptions { neighbours: self.neighbours, seed: context.seed(), ..OutlierOptions::default() };
        if let Some(name) = &self.vectors {
            let vectors = frame.vectors().iter().find(|vectors| vectors.name() == name).ok_or_else(|| {
                let names: Vec<_> = frame.vectors().iter().map(|vectors| vectors.name()).collect();
                let help = if names.is_empty() { "there are none".to_owned() } else { names.join(", ") };
                Error::input("there are no such vectors").at(name).help(format!("columns of vectors: {help}"))
            })?;
            return Ok((Found::of_vectors(vectors, &options, work)?, frame.columns().first()));
        }
        let image = frame.columns().iter().find(|column| column.kind() == Kind::Image).filter(|_| is_folder);
        let image = match (&self.image, &self.text) {
            (Some(name), _) => Some(files::column(frame, name, &self.source)?),
            (None, Some(_)) => None,
            (None, None) => image,
        };
        if let Some(column) = image {
            return Ok((Found::of_image_column(&reading.root, column, &options, work)?, Some(column)));
        }
        let column = files::text_column(frame, self.text.as_deref(), &self.source)?;
        let texts = column.folded().ok_or_else(|| Error::input("the column holds no text").at(column.name()))?;
        Ok((Found::of_texts(texts, &options, work)?, Some(column)))
    }
}

/// One row a row of the data: `row` or `path`, `score`, `flagged`, `rank`.
fn rows(found: &Found, paths: Option<&Arc<Column>>, ids: Option<&Arc<Column>>) -> Frame {
    let all = found.flagged.len();
    let mut columns = match paths {
        Some(paths) => {
            let shown = (0..all).map(|row| paths.show(row)).collect();
            vec![Arc::new(Column::text("path", Kind::Text, shown))]
        }
        None => files::row_columns(0..all as u32, ids),
    };
    columns.push(files::number_column("score", found.scores.iter().map(|score| score.unwrap_or(f64::NAN))));
    columns.push(files::flag_column("flagged", found.flagged.iter().copied()));
    // A row with nothing to compare has no rank.
    let ranks = found.ranks.iter().map(|&rank| (rank > 0).then_some(i64::from(rank)));
    columns.push(Arc::new(Column::new("rank", Values::Int(ranks.collect()))));
    Frame::new(columns)
}

/// The strangest rows.
fn strangest(found: &Found, column: Option<&Arc<Column>>) -> String {
    let mut order: Vec<usize> = (0..found.ranks.len()).filter(|&row| found.flagged.get(row) == Some(&true)).collect();
    order.sort_by_key(|&row| found.ranks.get(row).copied());
    let mut table = Table::new(["row", "score", "content"]);
    for &row in order.iter().take(10) {
        let content = column.and_then(|column| column.show(row)).unwrap_or_default().into_owned();
        table.row([row.to_string(), decimal(found.scores.get(row).copied().flatten()), content]);
    }
    if table.is_empty() { String::new() } else { format!("\n{}", table.render()) }
}
