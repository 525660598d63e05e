//! `profile`: what is in a table.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::LargeStringArray;
use serde_json::{Value, json};

use super::answer::Answer;
use super::report::ReportTo;
use super::table::{self, Table, decimal, percent};
use super::{CommandLine, Context, files};
use crate::clean::profile::{Alert, More, Profile as Found, profile};
use crate::clean::report;
use crate::data::describe::{Detail, Statistics, Summary};
use crate::data::{Column, Frame, Kind, show_float, show_time};
use crate::engine::Result;

/// Show what is in a table: types, missing and distinct values, distributions, and what is odd
#[derive(Debug, clap::Args)]
pub(super) struct Profile {
    /// The data
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Other data to show beside them, such as those of last month
    #[arg(long, value_name = "FILE")]
    compare: Option<PathBuf>,
    #[command(flatten)]
    report: ReportTo,
}

impl CommandLine for Profile {
    const NAME: &'static str = "profile";

    fn run(self, context: &Context<'_>) -> Result<Answer> {
        self.report.check()?;
        let read = |path: &Path| -> Result<(Frame, Found)> {
            let frame = files::read_table(path, context)?.frame;
            let found = profile(&frame, context.seed(), context.work)?;
            Ok((frame, found))
        };
        let (frame, found) = read(&self.file)?;
        let other = self.compare.as_deref().map(read).transpose()?;
        self.write(context, &frame, &found, other.as_ref())?;
        let mut fields = fields(&frame, &found);
        if let (Some(path), Some((frame, found)), Value::Object(fields)) = (&self.compare, &other, &mut fields) {
            let mut there = self::fields(frame, found);
            there["file"] = json!(path.file_name().map(|name| name.to_string_lossy()));
            there["rows"] = json!(frame.rows());
            fields.insert("compared".to_owned(), there);
        }
        let mut answer = Answer::new(frame.rows(), fields).say(head(&frame, &found)).say(overview(&found.summaries));
        if let (Some(path), Some((frame, found))) = (&self.compare, &other) {
            let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
            answer = answer.say(format!("\n{name}: {}", head(frame, found))).say(overview(&found.summaries));
        }
        Ok(answer.say(odd(&found.alerts)))
    }
}

impl Profile {
    fn write(&self, context: &Context<'_>, frame: &Frame, found: &Found, other: Option<&(Frame, Found)>) -> Result<()> {
        let about = self.report.about(&self.file, frame)?;
        let there = match (&self.compare, other) {
            (Some(path), Some((frame, found))) => {
                Some((self.report.about(path, frame)?, report::Profile { frame, found }))
            }
            _ => None,
        };
        let html = || {
            let there = there.as_ref().map(|(about, of)| (about, *of));
            report::profile(&about, report::Profile { frame, found }, there, context.work)
        };
        self.report.write(context.work, html, || described(&found.summaries))
    }
}

fn head(frame: &Frame, found: &Found) -> String {
    let (rows, columns) = (table::count(frame.rows(), "row"), table::count(found.summaries.len(), "column"));
    format!("{rows}, {columns}, {} repeated\n", found.repeated.rows)
}

fn fields(frame: &Frame, found: &Found) -> Value {
    let columns = found.summaries.iter().zip(&found.more).map(|(summary, more)| column(summary, more));
    let names = &found.correlations.names;
    let places = (0..names.len()).flat_map(|b| (0..b).map(move |a| (a, b)));
    let pair = |(a, b): (usize, usize)| {
        let of = found.correlations.get(a, b)?;
        Some(
            json!({ "a": names.get(a)?, "b": names.get(b)?, "measure": of.measure, "value": of.value, "rows": of.rows }),
        )
    };
    let gap = |pattern: &crate::data::describe::pairs::Pattern| {
        let name = |at: &usize| found.missing.columns.get(*at).map(|column| column.name.clone());
        json!({ "columns": pattern.columns.iter().filter_map(name).collect::<Vec<_>>(), "rows": pattern.count })
    };
    json!({
        "columns": columns.collect::<Vec<_>>(),
        "alerts": found.alerts,
        "duplicate_rows": found.repeated.rows,
        "most_repeated": found.repeated.most.iter().map(|(row, count)| json!({ "row": row, "count": count })).collect::<Vec<_>>(),
        "missing_cells": found.summaries.iter().map(|summary| summary.missing).sum::<usize>(),
        "missing_together": found.missing.patterns.iter().map(gap).collect::<Vec<_>>(),
        "correlations": if names.len() > MOST_COMPARED { Vec::new() } else { places.filter_map(pair).collect() },
        "correlation_rows": found.correlations.rows.min(frame.rows()),
    })
}

/// Columns beyond which the correlation of every pair would be more than anybody reads; alerts still name the strong ones.
const MOST_COMPARED: usize = 100;

/// A column's description: what all columns have, and what those of its kind have.
fn column(summary: &Summary, looked: &More) -> Value {
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
    let closer = json!({
        "singles": looked.singles,
        "bytes": looked.bytes,
        "imbalance": looked.imbalance,
        "uniform_p": looked.uniform_p,
        "top": looked.top.iter().map(|(value, count)| json!({"value": value, "count": count})).collect::<Vec<_>>(),
    });
    let moments = looked.moments.map_or(Value::Null, |moments| json!(moments));
    let written = looked.written.as_ref().map_or(Value::Null, |written| json!({ "written": written }));
    // What the description itself says stands before what a closer look does.
    for part in [closer, moments, written, more] {
        if let (Value::Object(fields), Value::Object(part)) = (&mut fields, part) {
            fields.extend(part);
        }
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
            let lengths = range(of(texts.min), of(texts.max));
            if lengths.is_empty() { lengths } else { format!("{lengths} characters") }
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
    let mut table = Table::new(["alert", "column", "value"]);
    for alert in alerts {
        let column = match (&alert.column, &alert.with) {
            (Some(column), Some(with)) => format!("{column}, {with}"),
            (column, _) => column.clone().unwrap_or_default(),
        };
        let value = if alert.is_share() { percent(alert.value) } else { decimal(Some(alert.value)) };
        table.row([alert.kind.to_owned(), column, value]);
    }
    if table.is_empty() { String::new() } else { format!("\n{}", table.render()) }
}
