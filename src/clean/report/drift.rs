//! The report of drift.

use minijinja::context;
use minijinja::value::Value;

use super::figures::{clipped, count, number, percent};
use super::{About, list, markup, render, share, svg, texts};
use crate::clean::drift::{ColumnDrift, ColumnHistory, Drift, History, ValueCount};
use crate::engine::Result;

/// The report of the drift from `reference` to what `about` is about, drifted columns first.
///
/// # Errors
/// If it cannot be made, which would be a fault of the program.
pub fn drift(about: &About, reference: &About, found: &Drift, history: Option<&History>) -> Result<String> {
    let words = |key: &'static str| texts::word(about.language, key);
    let mut columns: Vec<&ColumnDrift> = found.columns.iter().collect();
    let ratio = |column: &ColumnDrift| column.distance.map_or(-1.0, |distance| distance / column.threshold);
    columns.sort_by(|a, b| b.drifted.cmp(&a.drifted).then(ratio(b).total_cmp(&ratio(a))));
    let shared = share(columns, |column| card(column, history, about));
    let listed = shared.listed.iter().map(|column| {
        context! { name => clipped(&column.name), distance => number(column.distance), drifted => column.drifted }
    });
    let names = |names: &[String]| names.iter().take(50).map(|name| clipped(name)).collect::<Vec<_>>().join(", ");
    let values = context! {
        title => words("drift"),
        reference => reference.name.clone(),
        reference_rows => count(reference.rows as u64),
        drifted => count(found.drifted as u64),
        judged => count(found.judged as u64),
        dataset_drifted => found.dataset_drifted,
        only_reference => names(&found.only_reference),
        only_current => names(&found.only_current),
        by => history.map(|history| history.by.clone()).unwrap_or_default(),
        drawn => list(shared.drawn),
        listed => list(listed),
        left => if shared.left > 0 { count(shared.left as u64) } else { String::new() },
    };
    render("drift.html", about, values)
}

fn card(column: &ColumnDrift, history: Option<&History>, about: &About) -> (Value, usize) {
    let words = |key: &'static str| texts::word(about.language, key);
    let detail = &column.detail;
    // Only the parts of times are days of ours: a value "Mon" of the data stays what it is.
    let is_time = detail.reference_range.is_some() || detail.current_range.is_some();
    let label = |label: &str| if is_time { texts::said(about.language, label).to_owned() } else { label.to_owned() };
    let parts: Vec<(String, f64, f64)> =
        detail.parts.iter().map(|part| (label(&part.label), part.reference, part.current)).collect();
    let chart = if parts.is_empty() { String::new() } else { svg::pairs(&parts, &column.name) };
    let followed =
        history.and_then(|history| Some((history, history.columns.iter().find(|it| it.name == column.name)?)));
    let over_time = followed.map(|(history, of)| line(history, of)).unwrap_or_default();
    let change = followed.and_then(|(_, of)| of.change.as_ref());
    let counted = |values: &[ValueCount], all: usize| {
        let shown: Vec<String> =
            values.iter().map(|it| format!("{} ({})", clipped(&it.value), count(it.count))).collect();
        let more =
            if all > values.len() { format!(" + {}", count((all - values.len()) as u64)) } else { String::new() };
        format!("{}{more}", shown.join(", "))
    };
    let range = |range: &Option<(String, String)>| {
        range.as_ref().map(|(low, high)| format!("{low} – {high}")).unwrap_or_default()
    };
    let missing = if column.missing_reference + column.missing_current > 0.0 {
        format!("{} → {}", percent(column.missing_reference), percent(column.missing_current))
    } else {
        String::new()
    };
    let bytes = chart.len() + over_time.len() + 3_000;
    let card = context! {
        name => clipped(&column.name),
        method => words(column.method),
        drifted => column.drifted,
        distance => number(column.distance),
        low => number(column.low),
        high => number(column.high),
        threshold => number(Some(column.threshold)),
        noise => number(column.noise),
        detectable => number(column.detectable),
        p_value => column.p_value.map(|p| format!("{p:.3}")).unwrap_or_default(),
        whisker => whisker(column).map(markup),
        missing => missing,
        missing_drifted => column.missing_drifted,
        note => column.note.as_deref().map(|note| texts::said(about.language, note)).unwrap_or_default(),
        chart => markup(chart),
        new => counted(&detail.new, detail.new_values),
        vanished => counted(&detail.vanished, detail.vanished_values),
        more => detail.more.iter().map(|piece| format!("“{piece}”")).collect::<Vec<_>>().join(" "),
        less => detail.less.iter().map(|piece| format!("“{piece}”")).collect::<Vec<_>>().join(" "),
        reference_range => range(&detail.reference_range),
        current_range => range(&detail.current_range),
        over_time => markup(over_time),
        since => change.map(|change| change.since.clone()).unwrap_or_default(),
        sudden => change.is_some_and(|change| change.sudden),
    };
    (card, bytes)
}

fn line(history: &History, of: &ColumnHistory) -> String {
    let first = history.moments.first().map(|moment| moment.from.as_str()).unwrap_or_default();
    let last = history.moments.last().map(|moment| moment.to.as_str()).unwrap_or_default();
    svg::line(&of.distances, of.change.as_ref().map(|change| change.at), first, last, &of.name)
}

fn whisker(column: &ColumnDrift) -> Option<String> {
    let from = if column.method == "domain-classifier" { 0.5 } else { 0.0 };
    let (distance, low, high) = (column.distance?, column.low?, column.high?);
    let whisker = svg::Whisker {
        distance,
        low,
        high,
        threshold: column.threshold,
        noise: column.noise.unwrap_or(from),
        from,
        to: (from + (column.threshold - from) * 4.0).max(high),
        drifted: column.drifted,
    };
    Some(whisker.draw(&format!("{} ({} – {})", number(column.distance), number(column.low), number(column.high))))
}
