//! The report of a profile.

use minijinja::context;
use minijinja::value::Value;

use super::figures::{clipped, count, number, percent};
use super::{About, list, markup, render, share, svg, texts};
use crate::clean::profile::Alert;
use crate::data::describe::pairs::Correlations;
use crate::data::describe::{Detail, Summary};
use crate::data::show_time;
use crate::engine::Result;

/// Columns whose correlations are drawn.
const MOST_CORRELATED: usize = 30;

/// Pairs of columns that are listed by their correlation.
const MOST_PAIRS: usize = 20;

/// The least correlation that is listed: ydata-profiling's.
const NOTABLE: f64 = 0.5;

/// What a profile found.
#[derive(Debug, Clone, Copy)]
pub struct Profile<'a> {
    /// The columns.
    pub summaries: &'a [Summary],
    /// What is odd about them.
    pub alerts: &'a [Alert],
    /// Rows that repeat an earlier one.
    pub duplicate_rows: usize,
    /// How columns go together, if that was looked at.
    pub correlations: Option<&'a Correlations>,
}

/// The report of a profile.
///
/// # Errors
/// If it cannot be made, which would be a fault of the program.
pub fn profile(about: &About, found: &Profile<'_>) -> Result<String> {
    let words = |key: &'static str| texts::word(about.language, key);
    let cells: usize = found.summaries.iter().map(|summary| summary.missing).sum();
    let all = about.rows * about.columns;
    let shared = share(found.summaries, |summary| column(summary, about));
    let listed = shared.listed.iter().map(|summary| {
        context! {
            name => clipped(&summary.name),
            kind => words(summary.kind.name()),
            missing => percent(summary.missing as f64 / summary.rows.max(1) as f64),
            distinct => count(summary.distinct as u64),
        }
    });
    let alerts = found.alerts.iter().take(super::LISTED).map(|alert| {
        context! {
            kind => words(alert.kind),
            column => alert.column.as_deref().map(clipped).unwrap_or_default(),
            share => percent(alert.value),
        }
    });
    let values = context! {
        title => words("profile"),
        missing => percent(cells as f64 / all.max(1) as f64),
        repeated => count(found.duplicate_rows as u64),
        alerts => list(alerts),
        drawn => list(shared.drawn),
        listed => list(listed),
        left => if shared.left > 0 { count(shared.left as u64) } else { String::new() },
        matrix => found.correlations.map(|it| markup(matrix(it, words("correlations")))),
        pairs => list(found.correlations.map(pairs).unwrap_or_default()),
    };
    render("profile.html", about, values)
}

/// A column's card, and about how many bytes it takes.
fn column(summary: &Summary, about: &About) -> (Value, usize) {
    let words = |key: &'static str| texts::word(about.language, key);
    let rows = summary.rows.max(1) as f64;
    let chart = match &summary.detail {
        Detail::Categories(_) | Detail::Bools { .. } => {
            let bars = summary.bars();
            let rows: Vec<(String, f64, String)> = bars
                .iter()
                .take(12)
                .map(|bar| (bar.label.clone(), bar.count as f64 / rows, count(bar.count as u64)))
                .collect();
            svg::values(&rows, &summary.name)
        }
        _ => {
            // What is missing or odd stands among the facts; it would dwarf the bars.
            let bars: Vec<(String, u64)> = summary
                .bars()
                .into_iter()
                .filter(|bar| !["NULL", "NaN", "∞", "-∞"].contains(&bar.label.as_str()))
                .map(|bar| (bar.label, bar.count as u64))
                .collect();
            svg::histogram(&bars, &summary.name)
        }
    };
    let mut facts = vec![
        ("missing", format!("{} ({})", count(summary.missing as u64), percent(summary.missing as f64 / rows))),
        ("distinct", count(summary.distinct as u64)),
    ];
    facts.extend(of_kind(summary));
    let bytes = chart.len() + 300 + facts.len() * 60;
    let facts = facts.into_iter().map(|(name, value)| context! { name => words(name), value => value });
    let card = context! {
        name => clipped(&summary.name),
        kind => words(summary.kind.name()),
        facts => list(facts),
        chart => markup(chart),
    };
    (card, bytes)
}

/// What columns of a kind have beside what all have.
fn of_kind(summary: &Summary) -> Vec<(&'static str, String)> {
    match &summary.detail {
        Detail::Numbers(numbers) => {
            let of = numbers.statistics;
            let quantile = |at: usize| number(of.and_then(|of| of.quantiles.get(at).copied()));
            let mut facts = vec![
                ("min", number(of.map(|of| of.min))),
                ("q05", quantile(0)),
                ("q25", quantile(1)),
                ("median", quantile(2)),
                ("q75", quantile(3)),
                ("q95", quantile(4)),
                ("max", number(of.map(|of| of.max))),
                ("mean", number(of.map(|of| of.mean))),
                ("std", number(of.and_then(|of| of.std))),
            ];
            let odd = numbers.nan + numbers.negative_infinite + numbers.positive_infinite;
            if odd > 0 {
                facts.push(("not-finite", count(odd as u64)));
            }
            facts
        }
        Detail::Times(times) => {
            let shown = |time: Option<i64>| time.map_or_else(|| "–".to_owned(), show_time);
            vec![("min", shown(times.min)), ("max", shown(times.max))]
        }
        Detail::Texts(texts) => {
            let length = |length: Option<usize>| number(length.map(|length| length as f64));
            vec![
                ("min_length", length(texts.min)),
                ("mean_length", number(texts.mean)),
                ("max_length", length(texts.max)),
            ]
        }
        Detail::Categories(categories) if categories.others > 0 => vec![("others", count(categories.others as u64))],
        Detail::Categories(_) | Detail::Bools { .. } => Vec::new(),
    }
}

fn matrix(found: &Correlations, label: &str) -> String {
    let names = found.names.get(..found.names.len().min(MOST_CORRELATED)).unwrap_or_default();
    svg::matrix(names, |a, b| found.get(a, b)?.value, label)
}

/// The pairs of columns that go together most.
fn pairs(found: &Correlations) -> Vec<Value> {
    let places = (0..found.names.len()).flat_map(|b| (0..b).map(move |a| (a, b)));
    let mut strong: Vec<(f64, usize, usize)> = places
        .filter_map(|(a, b)| Some((found.get(a, b)?.value?, a, b)))
        .filter(|(value, ..)| value.abs() >= NOTABLE)
        .collect();
    strong.sort_by(|x, y| y.0.abs().total_cmp(&x.0.abs()));
    let name = |at: usize| found.names.get(at).map(|name| clipped(name)).unwrap_or_default();
    let pair =
        |(value, a, b): &(f64, usize, usize)| context! { a => name(*a), b => name(*b), value => format!("{value:.2}") };
    strong.iter().take(MOST_PAIRS).map(pair).collect()
}
