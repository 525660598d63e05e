//! The report of a profile, alone or beside another one.

use minijinja::context;
use minijinja::value::Value;

use super::figures::{clipped, count, percent};
use super::{About, Language, facts, list, markup, render, share, svg, texts};
use crate::clean::profile::{Alert, Profile as Found};
use crate::data::Frame;
use crate::data::describe::pairs::Correlations;
use crate::data::describe::{Detail, Summary, recount};
use crate::engine::{Result, Work};

/// Columns whose correlations are drawn.
const MOST_CORRELATED: usize = 30;

/// Columns of rows that are shown as they are.
const MOST_SHOWN: usize = 40;

/// Rows that are shown as they are, from the beginning and from the end.
const ENDS: usize = 5;

/// Alerts that are listed.
const MOST_ALERTS: usize = 300;

/// What a profile found, and the data it was found in.
#[derive(Debug, Clone, Copy)]
pub struct Profile<'a> {
    /// The data.
    pub frame: &'a Frame,
    /// What was found.
    pub found: &'a Found,
}

/// The report of a profile; with `other`, whose name comes first, of both beside each other.
///
/// # Errors
/// If the work was cancelled, or the report cannot be made, which would be a fault of the program.
pub fn profile(about: &About, of: Profile<'_>, other: Option<(&About, Profile<'_>)>, work: &Work) -> Result<String> {
    let words = |key: &'static str| texts::word(about.language, key);
    let found = of.found;
    let mut failed = None;
    let columns = found.summaries.iter().enumerate();
    let shared = share(columns, |(at, summary)| {
        let card = Card { of, at: *at, summary, other: other.and_then(|(_, other)| beside(other, summary)) };
        card.draw(about, work).unwrap_or_else(|error| {
            failed = Some(error);
            (Value::UNDEFINED, 0)
        })
    });
    if let Some(error) = failed {
        return Err(error);
    }
    let listed = shared.listed.iter().map(|(_, summary)| {
        context! {
            name => clipped(&summary.name),
            kind => words(summary.kind.name()),
            missing => percent(summary.missing as f64 / summary.rows.max(1) as f64),
            distinct => count(summary.distinct as u64),
        }
    });
    let totals = std::iter::once((None, of)).chain(other.map(|(about, other)| (Some(about), other)));
    let totals: Vec<Value> = totals.map(|(about, of)| total(about, of)).collect();
    let names = |frame: &Frame, there: &Frame| {
        let only = frame.columns().iter().map(|column| column.name()).filter(|name| there.get(name).is_none());
        only.map(clipped).collect::<Vec<_>>().join(", ")
    };
    let values = context! {
        title => words("profile"),
        totals => list(totals),
        other => other.map(|(about, _)| context! {
            name => about.name.clone(),
            rows => count(about.rows as u64),
            columns => count(about.columns as u64),
        }),
        only_reference => other.map(|(_, other)| names(of.frame, other.frame)).unwrap_or_default(),
        only_current => other.map(|(_, other)| names(other.frame, of.frame)).unwrap_or_default(),
        alerts => list(found.alerts.iter().take(MOST_ALERTS).map(|it| alert(it, about.language))),
        alerts_left => left(found.alerts.len(), MOST_ALERTS),
        drawn => list(shared.drawn),
        listed => list(listed),
        left => if shared.left > 0 { count(shared.left as u64) } else { String::new() },
        matrix => (found.correlations.names.len() > 1)
            .then(|| markup(matrix(&found.correlations, words("correlations")))),
        compared_rows => (found.correlations.rows < found.correlations.of)
            .then(|| count(found.correlations.rows as u64)),
        gaps => list(gaps(found)),
        repeated => table(of.frame, found.repeated.most.iter().map(|(row, times)| (*row, Some(*times)))),
        sample => table(of.frame, ends(of.frame.rows()).map(|row| (row, None))),
    };
    render("profile.html", about, values)
}

fn left(all: usize, most: usize) -> String {
    if all > most { count((all - most) as u64) } else { String::new() }
}

/// The figures of a whole table.
fn total(about: Option<&About>, of: Profile<'_>) -> Value {
    let cells: usize = of.found.summaries.iter().map(|summary| summary.missing).sum();
    let all = of.frame.rows() * of.frame.columns().len();
    let bytes: usize = of.found.more.iter().map(|more| more.bytes).sum();
    context! {
        name => about.map(|about| about.name.clone()),
        missing => percent(cells as f64 / all.max(1) as f64),
        repeated => count(of.found.repeated.rows as u64),
        repeated_share => percent(of.found.repeated.rows as f64 / of.frame.rows().max(1) as f64),
        bytes => facts::bytes(bytes),
        alerts => count(of.found.alerts.len() as u64),
    }
}

fn alert(alert: &Alert, language: Language) -> Value {
    context! {
        kind => texts::word(language, alert.kind),
        column => alert.column.as_deref().map(clipped).unwrap_or_default(),
        with => alert.with.as_deref().map(clipped),
        value => facts::alerted(alert),
    }
}

/// The same column of another profile.
#[derive(Clone, Copy)]
struct Beside<'a> {
    of: Profile<'a>,
    at: usize,
    summary: &'a Summary,
}

fn beside<'a>(other: Profile<'a>, summary: &Summary) -> Option<Beside<'a>> {
    let at = other.found.summaries.iter().position(|there| there.name == summary.name)?;
    Some(Beside { of: other, at, summary: other.found.summaries.get(at)? })
}

/// A column, and the same one of the other profile if there is one.
struct Card<'a> {
    of: Profile<'a>,
    at: usize,
    summary: &'a Summary,
    other: Option<Beside<'a>>,
}

impl Card<'_> {
    /// The card, and about how many bytes it takes.
    fn draw(&self, about: &About, work: &Work) -> Result<(Value, usize)> {
        let words = |key: &'static str| texts::word(about.language, key);
        let chart = match self.other {
            Some(other) => self.pairs(other, words("others"), work)?,
            None => self.chart(),
        };
        let more = self.of.found.more.get(self.at);
        let there = self.other.map(|other| (other.summary, other.of.found.more.get(other.at)));
        let named = |all: Vec<facts::Fact>, there: Option<Vec<facts::Fact>>| -> Vec<Value> {
            let beside = |name: &str| {
                let there = there.as_ref()?.iter().find(|fact| fact.name == name);
                Some(there.map_or_else(|| "–".to_owned(), |fact| fact.value.clone()))
            };
            let each = |fact: facts::Fact| {
                context! {
                    name => words(fact.name), value => fact.value, there => beside(fact.name),
                }
            };
            all.into_iter().map(each).collect()
        };
        let first = named(facts::of(self.summary), there.map(|(summary, _)| facts::of(summary)));
        let rest = more.map(|more| facts::more(more, about.language)).unwrap_or_default();
        let rest = named(rest, there.and_then(|(_, more)| Some(facts::more(more?, about.language))));
        let lists = more.map(|more| facts::lists(self.summary, more, about.language)).unwrap_or_default();
        let item = |(value, rows): (String, usize)| context! { value => clipped(&value), rows => count(rows as u64) };
        let listed =
            |of: facts::FactList| context! { name => words(of.name), items => list(of.items.into_iter().map(item)) };
        let lists: Vec<Value> = lists.into_iter().map(listed).collect();
        let bytes = chart.len() + 700 + (first.len() + rest.len()) * 80 + lists.len() * 600;
        let card = context! {
            name => clipped(&self.summary.name),
            kind => words(self.summary.kind.name()),
            facts => list(first),
            more => list(rest),
            lists => list(lists),
            chart => markup(chart),
        };
        Ok((card, bytes))
    }

    fn chart(&self) -> String {
        let summary = self.summary;
        let rows = summary.rows.max(1) as f64;
        if let Detail::Categories(_) | Detail::Bools { .. } = &summary.detail {
            let bar = |bar: crate::data::describe::Bar| (bar.label, bar.count as f64 / rows, count(bar.count as u64));
            let rows: Vec<(String, f64, String)> = summary.bars().into_iter().take(12).map(bar).collect();
            return svg::values(&rows, &summary.name);
        }
        // What is missing or odd stands among the facts; it would dwarf the bars.
        let bars = summary.bars().into_iter().filter(|bar| !facts::is_odd(&bar.label));
        let bars: Vec<(String, u64)> = bars.map(|bar| (bar.label, bar.count as u64)).collect();
        svg::histogram(&bars, &summary.name)
    }

    /// Both distributions over the bars of the first; whatever of the other has none is counted at the end.
    fn pairs(&self, other: Beside<'_>, rest: &str, work: &Work) -> Result<String> {
        let bars = self.summary.bars();
        let column = other.of.frame.columns().get(other.at).map(AsRef::as_ref);
        let same = std::mem::discriminant(&self.summary.detail) == std::mem::discriminant(&other.summary.detail);
        let counts = match column.filter(|_| same) {
            Some(column) => recount(column, self.summary, &arrow_buffer::BooleanBuffer::new_set(column.len()), work)?,
            None => return Ok(self.chart()),
        };
        let of = |summary: &Summary| (summary.rows - summary.missing).max(1) as f64;
        let (here, there) = (of(self.summary), of(other.summary));
        let kept = || bars.iter().zip(&counts).filter(|(bar, _)| !facts::is_odd(&bar.label));
        let mut parts: Vec<(String, f64, f64)> = kept()
            .take(30)
            .map(|(bar, count)| (bar.label.clone(), bar.count as f64 / here, *count as f64 / there))
            .collect();
        let outside = 1.0 - parts.iter().map(|part| part.2).sum::<f64>();
        if outside > 1e-9 {
            parts.push((rest.to_owned(), 0.0, outside));
        }
        Ok(svg::pairs(&parts, &self.summary.name))
    }
}

fn matrix(found: &Correlations, label: &str) -> String {
    let names = found.names.get(..found.names.len().min(MOST_CORRELATED)).unwrap_or_default();
    svg::matrix(names, |a, b| found.get(a, b)?.value, label)
}

/// What is missing together, the most frequent first.
fn gaps(found: &Found) -> Vec<Value> {
    let missing = &found.missing;
    let name = |at: &usize| missing.columns.get(*at).map(|column| clipped(&column.name)).unwrap_or_default();
    let with_gaps = missing.patterns.iter().filter(|pattern| !pattern.columns.is_empty());
    let row = |pattern: &crate::data::describe::pairs::Pattern| {
        let names: Vec<String> = pattern.columns.iter().take(12).map(name).collect();
        let more = if pattern.columns.len() > 12 { " …" } else { "" };
        context! {
            columns => names.join(", ") + more,
            rows => count(pattern.count as u64),
            share => percent(pattern.count as f64 / missing.rows.max(1) as f64),
        }
    };
    with_gaps.take(10).map(row).collect()
}

/// The first and the last rows.
fn ends(rows: usize) -> impl Iterator<Item = usize> {
    let last = rows.saturating_sub(ENDS).max(ENDS.min(rows));
    (0..ENDS.min(rows)).chain(last..rows)
}

/// Rows as they are, with the times that each stands there.
fn table(frame: &Frame, rows: impl Iterator<Item = (usize, Option<usize>)>) -> Value {
    let columns = frame.columns().get(..frame.columns().len().min(MOST_SHOWN)).unwrap_or_default();
    let row = |(row, times): (usize, Option<usize>)| {
        let cells =
            columns.iter().map(|column| Value::from(column.show(row).map(|it| clipped(&it)).unwrap_or_default()));
        context! {
            row => count(row as u64 + 1),
            times => times.map(|times| count(times as u64)),
            cells => list(cells),
        }
    };
    let rows: Vec<(usize, Option<usize>)> = rows.collect();
    let counted = rows.iter().any(|(_, times)| times.is_some());
    let rows: Vec<Value> = rows.into_iter().map(row).collect();
    if rows.is_empty() {
        return Value::UNDEFINED;
    }
    context! {
        names => list(columns.iter().map(|column| Value::from(clipped(column.name())))),
        rows => list(rows),
        counted => counted,
        left => left(frame.columns().len(), MOST_SHOWN),
    }
}
