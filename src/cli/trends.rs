//! `watch`: figures over time: since when they are otherwise, and for whom.

use std::path::PathBuf;
use std::sync::Arc;

use arrow_array::LargeStringArray;
use serde_json::{Value, json};

use super::answer::Answer;
use super::report::ReportTo;
use super::table::{self, Table, decimal, percent};
use super::{CommandLine, Context, files};
use crate::clean::outcomes::{Join, Told, join};
use crate::clean::report;
use crate::clean::trends::{Measure, Series, Stretches, Trends, trends};
use crate::data::{Column, Frame, Kind, Values};
use crate::engine::{Error, Result};
use crate::session::{Session, measures_of_column, project_trends, trend_columns};

/// Follow figures over time or batches: since when they are otherwise, and for whom
#[derive(Debug, clap::Args)]
pub(super) struct Watch {
    /// A table, a log of served predictions, or the folder of a project, whose labels, functions and models are followed
    #[arg(value_name = "FILE|DIR")]
    file: PathBuf,
    /// The column of times, batches or numbers to follow them by [default: the first column of times]
    #[arg(long, value_name = "COL")]
    by: Option<String>,
    /// Follow these columns only: their mean, or the shares of their values
    #[arg(long, value_name = "A,B,C", value_delimiter = ',')]
    columns: Option<Vec<String>>,
    /// What was predicted; with --outcome, how often it is right is followed
    #[arg(long, value_name = "COL", requires = "outcome")]
    prediction: Option<String>,
    /// What turned out to be right: a column of FILE, or of --outcomes
    #[arg(long, value_name = "COL", requires = "prediction")]
    outcome: Option<String>,
    /// A table of outcomes that came later, joined with FILE by --id
    #[arg(long, value_name = "FILE", requires_all = ["prediction", "id"])]
    outcomes: Option<PathBuf>,
    /// The column of ids that both tables have
    #[arg(long, value_name = "COL")]
    id: Option<String>,
    /// When outcomes were known, a column of --outcomes; without it, what has come is compared with what usually comes
    #[arg(long, value_name = "COL", requires = "outcomes")]
    outcome_time: Option<String>,
    #[command(flatten)]
    report: ReportTo,
}

impl CommandLine for Watch {
    const NAME: &'static str = "watch";

    fn run(self, context: &Context<'_>) -> Result<Answer> {
        self.report.check()?;
        let (frame, found, told) = if self.file.is_dir() && self.file.join("lapidary.toml").is_file() {
            self.project(context)?
        } else {
            self.table(context)?
        };
        let about = self.report.about(&self.file, &frame)?;
        self.report.write(context.work, || report::trends(&about, &found), || rows(&found))?;
        let mut fields = json!(found);
        if let (Some(told), Value::Object(fields)) = (&told, &mut fields) {
            fields.insert("outcomes".to_owned(), json!(told));
        }
        let changed = found.series.iter().filter(|series| series.change.is_some()).count();
        let head = format!(
            "{} of {} changed, over {} of {}\n",
            changed,
            table::count(found.series.len(), "figure"),
            table::count(found.stretches.len(), "period"),
            found.by
        );
        Ok(Answer::new(frame.rows(), fields)
            .say(head)
            .say(told.as_ref().map(joined).unwrap_or_default())
            .say(changes(&found)))
    }
}

impl Watch {
    fn by(&self, frame: &Frame) -> Result<String> {
        let name = match &self.by {
            Some(name) => frame.column(name)?.name().to_owned(),
            None => {
                let time = frame.columns().iter().find(|column| column.kind() == Kind::Time);
                let none = || {
                    let others = trend_columns(frame);
                    let error = Error::input("there is no column of times").at(self.file.display());
                    error.help(format!(
                        "name one with --by, such as: {}",
                        others.get(..others.len().min(8)).unwrap_or_default().join(", ")
                    ))
                };
                time.ok_or_else(none)?.name().to_owned()
            }
        };
        Ok(name)
    }

    fn project(&self, context: &Context<'_>) -> Result<(Frame, Trends, Option<Told>)> {
        if self.prediction.is_some() || self.columns.is_some() {
            return Err(Error::input("in a project its own figures are followed")
                .help("leave out --columns and --prediction, or give the data file instead of the folder"));
        }
        let session = Session::open(&self.file, context.work)?;
        let frame = session.dataset().frame.clone();
        let found = project_trends(&session, &self.by(&frame)?, context.work)?;
        Ok((frame, found, None))
    }

    fn table(&self, context: &Context<'_>) -> Result<(Frame, Trends, Option<Told>)> {
        let frame = files::read_table(&self.file, context)?.frame;
        let by = self.by(&frame)?;
        let stretches = Stretches::of(frame.column(&by)?, context.work)?;
        let mut measures: Vec<Measure> = Vec::new();
        let (mut ripe, mut told) = (vec![true; stretches.all.len()], None);
        if let (Some(prediction), Some(outcome)) = (&self.prediction, &self.outcome) {
            let (later, id) = match (&self.outcomes, &self.id) {
                (Some(path), Some(id)) => (Some(files::read_table(path, context)?.frame), id.clone()),
                _ => (None, String::new()),
            };
            match later {
                Some(later) => {
                    let of = Join { id: &id, prediction, outcome, known: self.outcome_time.as_deref() };
                    let joined = join(&frame, &later, &of, &stretches, context.work)?;
                    measures.extend(joined.measures);
                    ripe = joined.ripe;
                    told = Some(joined.told);
                }
                None => measures.push(right(frame.column(prediction)?, frame.column(outcome)?)),
            }
        }
        let wanted = |column: &&Arc<Column>| match &self.columns {
            Some(names) => names.iter().any(|name| name.eq_ignore_ascii_case(column.name())),
            None => !self.told_apart(column.name()) && column.name() != by,
        };
        if let Some(missing) = self.columns.iter().flatten().find(|name| frame.get(name).is_none()) {
            frame.column(missing)?;
        }
        measures
            .extend(frame.columns().iter().filter(wanted).flat_map(|column| measures_of_column(column, &stretches)));
        // A prediction and its outcome say again what is judged.
        let others = frame.columns().iter().filter(|column| !self.told_apart(column.name())).cloned().collect();
        let is_ripe = |at: usize| ripe.get(at).copied().unwrap_or(false);
        let found = trends(&Frame::new(others), &stretches, &measures, &is_ripe, context.seed(), context.work)?;
        Ok((frame, found, told))
    }

    fn told_apart(&self, name: &str) -> bool {
        [&self.id, &self.outcome].into_iter().flatten().any(|other| other == name)
    }
}

/// Whether a prediction is right, in one table.
fn right(prediction: &Column, outcome: &Column) -> Measure {
    let value = |row: usize| {
        let (a, b) = (prediction.show(row)?, outcome.show(row)?);
        Some(f64::from(u8::from(a == b)))
    };
    let values = (0..prediction.len()).map(value).collect();
    Measure { name: prediction.name().to_owned(), kind: "accuracy", values }
}

fn joined(told: &Told) -> String {
    let delay = told.delay.map(|seconds| match seconds {
        s if s >= 172_800.0 => format!("{:.1} days", s / 86_400.0),
        s if s >= 7_200.0 => format!("{:.1} hours", s / 3_600.0),
        s => format!("{s:.0} seconds"),
    });
    let unripe = match told.unripe.as_slice() {
        [] => None,
        [one] => Some(one.clone()),
        [first, .., last] => Some(format!("{} from {first} to {last}", told.unripe.len())),
    };
    table::facts([
        ("with outcome", Some(told.joined.to_string())),
        ("waiting", Some(told.waiting.to_string())),
        ("outcomes of unknown ids", Some(told.unknown.to_string())),
        ("repeated outcomes", Some(told.repeated.to_string())),
        ("right", told.accuracy.map(percent)),
        ("nine of ten come within", delay),
        ("not judged yet", unripe),
    ])
}

fn figure(series: &Series, value: f64) -> String {
    if series.is_share { percent(value) } else { decimal(Some(value)) }
}

/// What changed since when, and for whom.
fn changes(found: &Trends) -> String {
    let mut table = Table::new(["changed", "figure", "since", "before", "after", "", "most where"]);
    for series in &found.series {
        let Some(change) = &series.change else { continue };
        let slice = series.slices.first().map_or_else(String::new, |slice| {
            let [before, after] = slice.means.map(|mean| figure(series, mean));
            format!("{} ({before} → {after})", slice.condition)
        });
        table.row([
            series.name.clone(),
            series.kind.to_owned(),
            change.since.clone(),
            figure(series, change.before),
            figure(series, change.after),
            if change.sudden { "suddenly".to_owned() } else { "gradually".to_owned() },
            slice,
        ]);
    }
    if table.is_empty() {
        "no figure changed more than by chance\n".to_owned()
    } else {
        format!("\n{}", table.render())
    }
}

/// One row a figure and stretch.
fn rows(found: &Trends) -> Frame {
    let all = || {
        found
            .series
            .iter()
            .flat_map(|series| series.points.iter().zip(&found.stretches).map(move |(point, at)| (series, point, at)))
    };
    let texts = |name: &str, values: Vec<&str>| {
        Arc::new(Column::text(name, Kind::Text, LargeStringArray::from_iter_values(values)))
    };
    let numbers =
        |name: &str, values: Vec<Option<f64>>| Arc::new(Column::new(name, Values::Float(values.into_iter().collect())));
    Frame::new(vec![
        texts("name", all().map(|(series, ..)| series.name.as_str()).collect()),
        texts("figure", all().map(|(series, ..)| series.kind).collect()),
        texts("from", all().map(|(.., at)| at.from.as_str()).collect()),
        texts("to", all().map(|(.., at)| at.to.as_str()).collect()),
        files::count_column("rows", all().map(|(_, point, _)| point.rows as i64)),
        numbers("value", all().map(|(_, point, _)| point.value).collect()),
        numbers("low", all().map(|(_, point, _)| point.low).collect()),
        numbers("high", all().map(|(_, point, _)| point.high).collect()),
    ])
}
