//! `profile`: what is in a table.

use std::path::PathBuf;
use std::sync::Arc;

use arrow_array::LargeStringArray;
use serde_json::{Value, json};

use super::answer::Answer;
use super::report::ReportTo;
use super::table::{self, Table, percent};
use super::{CommandLine, Context, files};
use crate::clean::profile::{Alert, alerts, duplicate_rows};
use crate::clean::report;
use crate::data::describe::pairs::correlations;
use crate::data::describe::{Detail, Statistics, Summary, describe_frame};
use crate::data::{Column, Frame, Kind, show_float, show_time};
use crate::engine::Result;

/// Show what is in a table: types, missing and distinct values, distributions, and what is odd
#[derive(Debug, clap::Args)]
pub(super) struct Profile {
    /// The data
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    report: ReportTo,
}

impl CommandLine for Profile {
    const NAME: &'static str = "profile";

    fn run(self, context: &Context<'_>) -> Result<Answer> {
        self.report.check()?;
        let frame = files::read_table(&self.file, context)?.frame;
        let summaries = describe_frame(&frame, None, context.work)?;
        let repeated = duplicate_rows(&frame, context.work)?;
        let alerts = alerts(&summaries, repeated);
        let html = self.report.wants_html();
        let together = html.then(|| correlations(&frame, None, context.seed(), context.work)).transpose()?;
        let about = self.report.about(&self.file, &frame)?;
        let found = report::Profile {
            summaries: &summaries,
            alerts: &alerts,
            duplicate_rows: repeated,
            correlations: together.as_ref(),
        };
        self.report.write(context.work, || report::profile(&about, &found), || described(&summaries))?;
        let fields = json!({
            "columns": summaries.iter().map(column).collect::<Vec<_>>(),
            "alerts": alerts,
            "duplicate_rows": repeated,
        });
        let rows = frame.rows();
        let head = format!(
            "{}, {}, {repeated} repeated\n",
            table::count(rows, "row"),
            table::count(summaries.len(), "column")
        );
        Ok(Answer::new(rows, fields).say(head).say(overview(&summaries)).say(odd(&alerts)))
    }
}

/// A column's description: what all columns have, and what those of its kind have.
fn column(summary: &Summary) -> Value {
    let mut fields = json!({
        "name": summary.name,
        "type": summary.kind.name(),
        "rows": summary.rows,
        "missing": summary.missing,
        "distinct": summary.distinct,
    });
    let more = match &summary.detail {
        Detail::Numbers(numbers) => {
            let of = numbers.statistics;
            let quantile = |at: usize| of.and_then(|of| of.quantiles.get(at).copied());
            json!({
                "min": of.map(|of| of.min),
                "max": of.map(|of| of.max),
                "mean": of.map(|of| of.mean),
                "std": of.and_then(|of| of.std),
                "q05": quantile(0),
                "q25": quantile(1),
                "median": quantile(2),
                "q75": quantile(3),
                "q95": quantile(4),
                "nan": numbers.nan,
                "infinite": numbers.negative_infinite + numbers.positive_infinite,
                "histogram": numbers.histogram,
            })
        }
        Detail::Times(times) => json!({
            "min": times.min.map(show_time),
            "max": times.max.map(show_time),
            "histogram": times.histogram,
        }),
        Detail::Texts(texts) => json!({
            "min_length": texts.min,
            "mean_length": texts.mean,
            "max_length": texts.max,
            "histogram": texts.histogram,
        }),
        Detail::Categories(categories) => json!({
            "top": categories.top.iter().map(|(value, count)| json!({"value": value, "count": count})).collect::<Vec<_>>(),
            "others": categories.others,
        }),
        Detail::Bools { yes, no } => json!({"true": yes, "false": no}),
    };
    if let (Value::Object(fields), Value::Object(more)) = (&mut fields, more) {
        fields.extend(more);
    }
    fields
}

/// One row a column.
fn described(summaries: &[Summary]) -> Frame {
    let texts = |name: &str, values: Vec<&str>| {
        Arc::new(Column::text(name, Kind::Text, LargeStringArray::from_iter_values(values)))
    };
    let of = |summary: &Summary| match &summary.detail {
        Detail::Numbers(numbers) => numbers.statistics,
        _ => None,
    };
    let statistic = |name: &str, take: fn(Statistics) -> f64| {
        files::number_column(name, summaries.iter().map(|summary| of(summary).map_or(f64::NAN, take)))
    };
    Frame::new(vec![
        texts("name", summaries.iter().map(|summary| summary.name.as_str()).collect()),
        texts("type", summaries.iter().map(|summary| summary.kind.name()).collect()),
        files::count_column("rows", summaries.iter().map(|summary| summary.rows as i64)),
        files::count_column("missing", summaries.iter().map(|summary| summary.missing as i64)),
        files::count_column("distinct", summaries.iter().map(|summary| summary.distinct as i64)),
        statistic("min", |of| of.min),
        statistic("median", |of| of.quantiles[2]),
        statistic("max", |of| of.max),
        statistic("mean", |of| of.mean),
        statistic("std", |of| of.std.unwrap_or(f64::NAN)),
    ])
}

fn overview(summaries: &[Summary]) -> String {
    let mut table = Table::new(["column", "type", "missing", "distinct", "values"]);
    for summary in summaries {
        let share = summary.missing as f64 / summary.rows.max(1) as f64;
        let kind = summary.kind.name().to_owned();
        table.row([summary.name.clone(), kind, percent(share), summary.distinct.to_string(), values(summary)]);
    }
    format!("\n{}", table.render())
}

/// The values of a column in a few words.
fn values(summary: &Summary) -> String {
    let range = |low: Option<String>, high: Option<String>| match (low, high) {
        (Some(low), Some(high)) => format!("{low} to {high}"),
        _ => String::new(),
    };
    match &summary.detail {
        Detail::Numbers(numbers) => {
            let shown = |value: f64| {
                if summary.kind == Kind::Int { format!("{value}") } else { show_float(value) }
            };
            range(numbers.statistics.map(|of| shown(of.min)), numbers.statistics.map(|of| shown(of.max)))
        }
        Detail::Times(times) => range(times.min.map(show_time), times.max.map(show_time)),
        Detail::Texts(texts) => {
            let of = |length: Option<usize>| length.map(|length| length.to_string());
            format!("{} characters", range(of(texts.min), of(texts.max)))
        }
        Detail::Categories(categories) => categories
            .top
            .iter()
            .take(3)
            .map(|(value, count)| format!("{value} ({count})"))
            .collect::<Vec<_>>()
            .join(", "),
        Detail::Bools { yes, no } => format!("true ({yes}), false ({no})"),
    }
}

fn odd(alerts: &[Alert]) -> String {
    let mut table = Table::new(["alert", "column", "share"]);
    for alert in alerts {
        table.row([alert.kind.to_owned(), alert.column.clone().unwrap_or_default(), percent(alert.value)]);
    }
    if table.is_empty() { String::new() } else { format!("\n{}", table.render()) }
}
