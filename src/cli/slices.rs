//! `slices`: where a number is high.

use std::path::PathBuf;
use std::sync::Arc;

use arrow_array::LargeStringArray;
use serde_json::json;

use super::answer::Answer;
use super::table::{self, Table, decimal};
use super::{CommandLine, Context, files};
use crate::clean::slices::{Options, Slices as Found, find};
use crate::data::{Column, Frame, Kind, write};
use crate::engine::Result;

/// Find conditions under which a numeric or 0/1 column, such as an error, is high
#[derive(Debug, clap::Args)]
pub(super) struct Slices {
    /// The data
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The column that is high where things are bad: an error, a disagreement, a cost
    #[arg(long, value_name = "COL")]
    target: String,
    /// The most conditions that are joined
    #[arg(long, value_name = "N", default_value_t = 3)]
    levels: usize,
    /// The weight of a high mean against a large size, 0-1
    #[arg(long, value_name = "A", default_value_t = 0.99)]
    alpha: f64,
    /// The fewest rows of a slice [default: a hundredth of the rows, at least 32]
    #[arg(long, value_name = "N")]
    support: Option<usize>,
    /// The most slices
    #[arg(long, value_name = "N", default_value_t = 20)]
    most: usize,
    /// Also slices that better ones explain: parts of them, and whatever holds them
    #[arg(long)]
    all: bool,
    /// Make conditions of these columns only
    #[arg(long, value_name = "A,B,C", value_delimiter = ',')]
    columns: Option<Vec<String>>,
    /// Write the slices to a file: .csv, .parquet, .jsonl, …
    #[arg(long = "output", short = 'o', value_name = "PATH")]
    output: Option<PathBuf>,
}

impl CommandLine for Slices {
    const NAME: &'static str = "slices";

    fn run(self, context: &Context<'_>) -> Result<Answer> {
        self.output.as_deref().map_or(Ok(()), |path| files::check_result(path, false))?;
        let frame = files::read_table(&self.file, context)?.frame;
        let options = Options {
            levels: self.levels,
            alpha: self.alpha,
            support: self.support,
            most: self.most,
            all: self.all,
            columns: self.columns,
            seed: context.seed(),
        };
        let found = find(&frame, &self.target, &options, context.work)
            .map_err(|error| if error.is_cancelled() { error } else { error.at(self.file.display()) })?;
        if let Some(path) = &self.output {
            write::write_frame(path, &rows(&found), context.work)?;
        }
        let summary = table::facts([
            ("rows", Some(format!("{}, {} of them held out to confirm", found.rows, found.held_out))),
            ("mean", Some(decimal(found.mean))),
            ("conditions", Some(format!("{}, {} counted", found.conditions, found.evaluated))),
            ("slices", Some(found.slices.len().to_string())),
        ]);
        Ok(Answer::new(frame.rows(), json!(found)).say(summary).say(slices(&found)))
    }
}

fn slices(found: &Found) -> String {
    let mut table = Table::new(["mean", "low", "high", "rows", "p", "", "where"]);
    for slice in &found.slices {
        table.row([
            decimal(Some(slice.mean)),
            decimal(Some(slice.low)),
            decimal(Some(slice.high)),
            slice.rows.to_string(),
            decimal(Some(slice.p_adjusted)),
            if slice.confirmed { "confirmed".to_owned() } else { String::new() },
            slice.condition.clone(),
        ]);
    }
    if table.is_empty() { "no slice is worse than the rest\n".to_owned() } else { format!("\n{}", table.render()) }
}

/// One row a slice.
fn rows(found: &Found) -> Frame {
    let all = || found.slices.iter();
    let conditions = LargeStringArray::from_iter_values(all().map(|slice| slice.condition.as_str()));
    Frame::new(vec![
        Arc::new(Column::text("condition", Kind::Text, conditions)),
        files::count_column("rows", all().map(|slice| slice.rows as i64)),
        files::number_column("mean", all().map(|slice| slice.mean)),
        files::number_column("low", all().map(|slice| slice.low)),
        files::number_column("high", all().map(|slice| slice.high)),
        files::number_column("elsewhere", all().map(|slice| slice.elsewhere.unwrap_or(f64::NAN))),
        files::number_column("score", all().map(|slice| slice.score)),
        files::count_column("held_out_rows", all().map(|slice| slice.held_out_rows as i64)),
        files::number_column("held_out_mean", all().map(|slice| slice.held_out_mean.unwrap_or(f64::NAN))),
        files::number_column("p_adjusted", all().map(|slice| slice.p_adjusted)),
        files::flag_column("confirmed", all().map(|slice| slice.confirmed)),
    ])
}
