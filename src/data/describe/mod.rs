//! What is in a column: how much is missing, how many values differ, and how they are distributed.
//!
//! In: a column and, if wanted, a mask of rows. Out: a [`Summary`] and its [`Bar`]s. Every bar carries the condition of
//! the filter language that keeps exactly the rows it counts, so that a click on it is a filter; [`Places`] tells
//! the bar of each row and counts them within a mask, so that total and filtered counts stand together.

mod bins;
mod columns;
pub mod pairs;
mod places;

use arrow_buffer::BooleanBuffer;
use rayon::prelude::*;
use serde::Serialize;

use super::column::show_time;
use super::filter::{quote_name, quote_text};
use super::{Column, Frame, Kind};
use crate::engine::{Result, Work};

pub use bins::{Bin, TimeBin};
pub use places::Places;

/// The description of a column, or of those of its rows that a mask holds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Summary {
    /// The column's name.
    pub name: String,
    /// What the column means.
    pub kind: Kind,
    /// The rows that were looked at.
    pub rows: usize,
    /// Those of them without a value.
    pub missing: usize,
    /// The number of different values.
    pub distinct: usize,
    /// What the values are like.
    pub detail: Detail,
}

/// The part of a description that depends on the kind.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Detail {
    /// Whole or real numbers.
    Numbers(Numbers),
    /// Times.
    Times(Times),
    /// Free text, and paths of media.
    Texts(Texts),
    /// Text with few values.
    Categories(Categories),
    /// Truth values.
    Bools {
        /// How many are true.
        yes: usize,
        /// How many are false.
        no: usize,
    },
}

/// The description of numbers.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Numbers {
    /// Statistics of the finite numbers; `None` without any.
    pub statistics: Option<Statistics>,
    /// The finite numbers in at most 30 bins, in order.
    pub histogram: Vec<Bin>,
    /// How many are NaN.
    pub nan: usize,
    /// How many are infinite and negative.
    pub negative_infinite: usize,
    /// How many are infinite and positive.
    pub positive_infinite: usize,
}

/// Statistics of finite numbers.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Statistics {
    /// The least.
    pub min: f64,
    /// The greatest.
    pub max: f64,
    /// The mean.
    pub mean: f64,
    /// The standard deviation of a sample (by n - 1); `None` for a single number.
    pub std: Option<f64>,
    /// The quantiles 5, 25, 50, 75 and 95 %, interpolated linearly (type 7 of Hyndman and Fan, 1996).
    pub quantiles: [f64; 5],
}

/// The description of times, in microseconds since 1970, UTC.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Times {
    /// The first; `None` without any.
    pub min: Option<i64>,
    /// The last.
    pub max: Option<i64>,
    /// The times in at most 30 bins of days, weeks, months, years or parts of a day, in order.
    pub histogram: Vec<TimeBin>,
}

/// The description of texts by their length in code points.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Texts {
    /// The least length; `None` without any text.
    pub min: Option<usize>,
    /// The mean length.
    pub mean: Option<f64>,
    /// The greatest length.
    pub max: Option<usize>,
    /// The lengths in at most 30 bins, in order.
    pub histogram: Vec<Bin>,
}

/// The description of a category.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Categories {
    /// The most frequent values with their counts, at most 20; equally frequent ones by code points.
    pub top: Vec<(String, usize)>,
    /// The rows that have any other value.
    pub others: usize,
}

/// One bar of a distribution.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Bar {
    /// What it is called: a value, a range, or the sort of what is odd.
    pub label: String,
    /// The condition that keeps exactly the rows it counts.
    pub sql: String,
    /// The rows.
    pub count: usize,
}

impl Summary {
    /// The whole distribution as bars: the bins or values in their order, then whatever is infinite, not a number or
    /// missing, each only if there is any. The counts add up to [`Summary::rows`].
    pub fn bars(&self) -> Vec<Bar> {
        let name = quote_name(&self.name);
        let mut bars = Vec::new();
        let mut add = |label: String, sql: String, count: usize| bars.push(Bar { label, sql, count });
        match &self.detail {
            Detail::Numbers(numbers) => {
                numbers.histogram.iter().for_each(|bin| add(bin_label(bin), bin_sql(&name, bin), bin.count));
                let odd = [
                    ("-∞", format!("{name} < -{:e}", f64::MAX), numbers.negative_infinite),
                    ("∞", format!("{name} > {:e}", f64::MAX), numbers.positive_infinite),
                    ("NaN", format!("isnan({name})"), numbers.nan),
                ];
                odd.into_iter()
                    .filter(|(.., count)| *count > 0)
                    .for_each(|(label, sql, count)| add(label.into(), sql, count));
            }
            Detail::Times(times) => {
                times.histogram.iter().for_each(|bin| add(show_time(bin.low), time_bin_sql(&name, bin), bin.count));
            }
            Detail::Texts(texts) => {
                let length = format!("length({name})");
                texts.histogram.iter().for_each(|bin| add(bin_label(bin), bin_sql(&length, bin), bin.count));
            }
            Detail::Categories(categories) => {
                let values: Vec<String> = categories.top.iter().map(|(value, _)| quote_text(value)).collect();
                for ((value, count), literal) in categories.top.iter().zip(&values) {
                    add(value.clone(), format!("{name} = {literal}"), *count);
                }
                if categories.others > 0 {
                    add("…".to_owned(), format!("{name} NOT IN ({})", values.join(", ")), categories.others);
                }
            }
            Detail::Bools { yes, no } => {
                add("true".to_owned(), name.clone(), *yes);
                add("false".to_owned(), format!("NOT {name}"), *no);
            }
        }
        if self.missing > 0 {
            add("NULL".to_owned(), format!("{name} IS NULL"), self.missing);
        }
        bars
    }
}

fn bin_label(bin: &Bin) -> String {
    if bin.low == bin.high { literal(bin.low) } else { format!("{} – {}", literal(bin.low), literal(bin.high)) }
}

/// The condition that keeps the numbers of a bin; `value` is a quoted column or another expression of the filter
/// language.
pub fn bin_sql(value: &str, bin: &Bin) -> String {
    if bin.low == bin.high {
        return format!("{value} = {}", literal(bin.low));
    }
    let sign = if bin.closed { "<=" } else { "<" };
    format!("{value} >= {} AND {value} {sign} {}", literal(bin.low), literal(bin.high))
}

/// The condition that keeps the times of a bin; `value` is a quoted column.
pub fn time_bin_sql(value: &str, bin: &TimeBin) -> String {
    let sign = if bin.closed { "<=" } else { "<" };
    format!("{value} >= '{}' AND {value} {sign} '{}'", show_time(bin.low), show_time(bin.high))
}

/// The condition that keeps the numbers between two ends of a brush, both included; `value` is a quoted column.
pub fn range_sql(value: &str, from: f64, to: f64) -> String {
    format!("{value} BETWEEN {} AND {}", literal(from.min(to)), literal(from.max(to)))
}

/// A number that the filter language reads back exactly.
fn literal(number: f64) -> String {
    let size = number.abs();
    if number == number.trunc() && size < 1e15 {
        format!("{:.0}", number + 0.0)
    } else if (1e-5..1e15).contains(&size) {
        number.to_string()
    } else {
        format!("{number:e}")
    }
}

/// Describes a column, or those of its rows that `mask` holds.
///
/// # Errors
/// If the work was cancelled.
pub fn describe(column: &Column, mask: Option<&BooleanBuffer>, work: &Work) -> Result<Summary> {
    let (rows, missing) = sizes(column, mask);
    let (distinct, detail) = columns::detail(column, mask, work)?;
    Ok(Summary { name: column.name().to_owned(), kind: column.kind(), rows, missing, distinct, detail })
}

/// The rows of the mask, and those of them without a value.
fn sizes(column: &Column, mask: Option<&BooleanBuffer>) -> (usize, usize) {
    let Some(mask) = mask else { return (column.len(), column.null_count()) };
    let rows = mask.count_set_bits();
    let present = match column.array().nulls() {
        Some(nulls) if nulls.len() == mask.len() => (mask & nulls.inner()).count_set_bits(),
        _ => rows,
    };
    (rows, rows - present)
}

/// Describes all columns of a frame, in their order and side by side.
///
/// # Errors
/// If the work was cancelled.
pub fn describe_frame(frame: &Frame, mask: Option<&BooleanBuffer>, work: &Work) -> Result<Vec<Summary>> {
    work.stage("describing columns", frame.columns().len() as u64);
    let each = frame.columns().par_iter().map(|column| {
        let summary = describe(column, mask, work)?;
        work.advance(1)?;
        Ok(summary)
    });
    each.collect()
}

/// Counts the [`Summary::bars`] of a column again within a mask, in the same order. A value for which the summary has no
/// bar is not counted.
///
/// # Errors
/// If the work was cancelled.
pub fn recount(column: &Column, summary: &Summary, mask: &BooleanBuffer, work: &Work) -> Result<Vec<usize>> {
    Places::of(column, summary, work)?.count(mask, summary.bars().len(), work)
}

#[cfg(test)]
mod tests;
