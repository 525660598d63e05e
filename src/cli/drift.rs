//! `drift`: how far a table has moved from another one.

use std::path::PathBuf;
use std::sync::Arc;

use arrow_array::LargeStringArray;
use serde_json::json;

use super::answer::Answer;
use super::report::ReportTo;
use super::table::{Table, decimal};
use super::{CommandLine, Context, files};
use crate::clean::drift::{Drift as Found, History, NumericMethod, Options, compare, history};
use crate::clean::report::drift;
use crate::data::{Column, Frame, Kind};
use crate::engine::Result;

/// Compare two tables column by column: how far they are apart, and whether that is more than chance
#[derive(Debug, clap::Args)]
pub(super) struct Drift {
    /// The data as they were: a table, or a folder of images
    #[arg(value_name = "REFERENCE")]
    reference: PathBuf,
    /// The data as they are
    #[arg(value_name = "CURRENT")]
    current: PathBuf,
    /// Compare this column as text, whatever it looks like
    #[arg(long, value_name = "COL")]
    text: Option<String>,
    /// How numbers are compared
    #[arg(long, value_name = "METHOD", default_value = "wasserstein", value_parser = NumericMethod::ALL.map(NumericMethod::name))]
    numeric: String,
    /// Follow the current data over the times in this column, and say when they changed
    #[arg(long, value_name = "COL")]
    by: Option<String>,
    /// Exit with 1 if a column has drifted
    #[arg(long)]
    fail_on_drift: bool,
    #[command(flatten)]
    report: ReportTo,
}

impl CommandLine for Drift {
    const NAME: &'static str = "drift";

    fn run(self, context: &Context<'_>) -> Result<Answer> {
        self.report.check()?;
        let (reference, current) =
            (files::read_table(&self.reference, context)?, files::read_table(&self.current, context)?);
        let options = Options {
            text: self.text.clone(),
            numeric: NumericMethod::from_name(&self.numeric)?,
            seed: context.seed(),
            media: Some([reference.root, current.root]),
            ..Options::default()
        };
        let (reference, current) = (reference.frame, current.frame);
        let found = compare(&reference, &current, &options, context.work)?;
        let followed = match &self.by {
            Some(by) => Some(history(&reference, &current, by, &options, context.work)?),
            None => None,
        };
        for (names, place) in [(&found.only_reference, &self.reference), (&found.only_current, &self.current)] {
            if !names.is_empty() {
                context.work.warn(format!("only in {}: {}", place.display(), names.join(", ")));
            }
        }
        let about = self.report.about(&self.current, &current)?;
        let about_reference = self.report.about(&self.reference, &reference)?;
        let page = || drift(&about, &about_reference, &found, followed.as_ref());
        self.report.write(context.work, page, || rows(&found))?;
        let mut fields = json!({
            "columns": found.columns,
            "dataset_drifted": found.dataset_drifted,
            "drifted": found.drifted,
            "judged": found.judged,
            "only_reference": found.only_reference,
            "only_current": found.only_current,
            "reference_rows": reference.rows(),
        });
        if let (Some(followed), Some(fields)) = (&followed, fields.as_object_mut()) {
            fields.insert("history".to_owned(), json!(followed));
        }
        let verdict = if found.dataset_drifted { "the dataset has drifted" } else { "the dataset has not drifted" };
        Ok(Answer::new(current.rows(), fields)
            .say(format!("{} of {} columns have drifted; {verdict}", found.drifted, found.judged))
            .say(columns(&found))
            .say(followed.as_ref().map(changes).unwrap_or_default())
            .holding(!(self.fail_on_drift && (found.drifted > 0 || found.dataset_drifted))))
    }
}

fn columns(found: &Found) -> String {
    let mut table = Table::new(["column", "method", "distance", "low", "high", "by chance", ""]);
    for column in &found.columns {
        let verdict = match (&column.note, column.drifted, column.missing_drifted) {
            (_, true, _) => "drifted".to_owned(),
            (_, _, true) => "missing values".to_owned(),
            (Some(note), ..) => note.clone(),
            _ => String::new(),
        };
        let (low, high) = (decimal(column.low), decimal(column.high));
        table.row([
            column.name.clone(),
            column.method.to_owned(),
            decimal(column.distance),
            low,
            high,
            decimal(column.noise),
            verdict,
        ]);
    }
    format!("\n{}", table.render())
}

/// When columns changed.
fn changes(followed: &History) -> String {
    let mut table = Table::new(["changed", "since", "before", "after", ""]);
    for column in &followed.columns {
        if let Some(change) = &column.change {
            let how = if change.sudden { "suddenly" } else { "gradually" };
            let (before, after) = (decimal(Some(change.before)), decimal(Some(change.after)));
            table.row([column.name.clone(), change.since.clone(), before, after, how.to_owned()]);
        }
    }
    if table.is_empty() { String::new() } else { format!("\n{}", table.render()) }
}

/// One row a column.
fn rows(found: &Found) -> Frame {
    let texts = |name: &str, values: Vec<&str>| {
        Arc::new(Column::text(name, Kind::Text, LargeStringArray::from_iter_values(values)))
    };
    let all = || found.columns.iter();
    let number = |value: Option<f64>| value.unwrap_or(f64::NAN);
    Frame::new(vec![
        texts("column", all().map(|column| column.name.as_str()).collect()),
        texts("method", all().map(|column| column.method).collect()),
        files::number_column("distance", all().map(|column| number(column.distance))),
        files::number_column("low", all().map(|column| number(column.low))),
        files::number_column("high", all().map(|column| number(column.high))),
        files::number_column("threshold", all().map(|column| column.threshold)),
        files::number_column("p_value", all().map(|column| number(column.p_value))),
        files::flag_column("drifted", all().map(|column| column.drifted)),
        files::number_column("missing_reference", all().map(|column| column.missing_reference)),
        files::number_column("missing_current", all().map(|column| column.missing_current)),
    ])
}
