//! The report of figures over time.

use minijinja::context;
use minijinja::value::Value;

use super::figures::{clipped, count, number, percent};
use super::{About, list, markup, render, share, svg, texts};
use crate::clean::trends::{Series, Trends};
use crate::engine::Result;

/// The report of figures over time: the changed ones first.
///
/// # Errors
/// If it cannot be made, which would be a fault of the program.
pub fn trends(about: &About, found: &Trends) -> Result<String> {
    let words = |key: &'static str| texts::word(about.language, key);
    let shared = share(&found.series, |series| draw(series, found, words));
    let listed =
        shared.listed.iter().map(|series| context! { name => clipped(&series.name), kind => words(series.kind) });
    let values = context! {
        title => words("watch"),
        by => clipped(&found.by),
        stretches => count(found.stretches.len() as u64),
        figures => count(found.series.len() as u64),
        changed => count(found.series.iter().filter(|series| series.change.is_some()).count() as u64),
        undated => (found.undated > 0).then(|| count(found.undated)),
        drawn => list(shared.drawn),
        listed => list(listed),
        left => if shared.left > 0 { count(shared.left as u64) } else { String::new() },
    };
    render("watch.html", about, values)
}

fn draw(series: &&Series, found: &Trends, words: impl Fn(&'static str) -> &'static str) -> (Value, usize) {
    let figure = |value: f64| if series.is_share { percent(value) } else { number(Some(value)) };
    let values: Vec<Option<f64>> = series.points.iter().map(|point| point.value).collect();
    let ends = (found.stretches.first(), found.stretches.last());
    let (first, last) = (ends.0.map_or("", |it| it.from.as_str()), ends.1.map_or("", |it| it.from.as_str()));
    let chart = svg::line(&values, series.change.as_ref().map(|change| change.at), first, last, &series.name);
    let slices = series.slices.iter().map(|slice| {
        let [before, after] = slice.means.map(figure);
        let [here, there] = slice.elsewhere.map(figure);
        context! { condition => clipped(&slice.condition), before, after, here, there }
    });
    let bytes = chart.len() + 600 + series.slices.len() * 200;
    let known = values.iter().flatten().copied();
    let (low, high) = (known.clone().fold(f64::INFINITY, f64::min), known.fold(f64::NEG_INFINITY, f64::max));
    let card = context! {
        name => clipped(&series.name),
        kind => words(series.kind),
        chart => markup(chart),
        range => (low <= high).then(|| format!("{} – {}", figure(low), figure(high))),
        change => series.change.as_ref().map(|change| context! {
            since => change.since.clone(),
            sudden => change.sudden,
            before => figure(change.before),
            after => figure(change.after),
            p => format!("{:.3}", change.p_value),
        }),
        slices => list(slices),
    };
    (card, bytes)
}
