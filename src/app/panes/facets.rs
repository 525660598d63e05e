//! The bars of a column, drawn and brushed: what the distributions and the headers of the table share. A click or a
//! brush gives the view that it asks for.

use eframe::egui;

use crate::app::strings::{Strings, grouped};
use crate::app::theme::{self, Tokens};
use crate::app::widgets::{Bar, BarList, Bin, Histogram};
use crate::data::Kind;
use crate::data::describe::{self, Detail, Summary};
use crate::data::filter::quote_name;
use crate::data::view::{Chip, Origin, View};
use crate::label::Classes;

/// What the drawing of bars needs to know.
#[derive(Clone, Copy)]
pub(super) struct FacetCx<'a> {
    pub strings: &'static Strings,
    pub classes: &'a Classes,
    pub view: &'a View,
}

impl FacetCx<'_> {
    /// The colour of the class of that name.
    fn color(self, name: &str) -> Option<usize> {
        let class = self.classes.index(name).and_then(|at| self.classes.get(at))?;
        Some(usize::from(class.color))
    }
}

/// Bars shown of a category before the rest is summed up.
const BARS: usize = 10;

/// The bars of a description over the whole width; the view that a click asks for.
pub(super) fn facet_ui(
    ui: &mut egui::Ui,
    cx: FacetCx<'_>,
    summary: &Summary,
    counts: Option<&[usize]>,
) -> Option<View> {
    match &summary.detail {
        Detail::Numbers(_) | Detail::Times(_) | Detail::Texts(_) => histogram_ui(ui, cx, summary, counts),
        Detail::Categories(_) | Detail::Bools { .. } => bars_ui(ui, cx, summary, counts),
    }
}

/// The count of a bar within the view; while that is being counted, all its rows.
fn shown_count(counts: Option<&[usize]>, index: usize, total: usize) -> u64 {
    counts.and_then(|counts| counts.get(index)).copied().unwrap_or(total) as u64
}

fn bars_ui(ui: &mut egui::Ui, cx: FacetCx<'_>, summary: &Summary, counts: Option<&[usize]>) -> Option<View> {
    let all = summary.bars();
    let is_classes = summary.kind == Kind::Category;
    let bars: Vec<Bar> = all
        .iter()
        .take(BARS)
        .enumerate()
        .map(|(index, bar)| Bar {
            label: cx.strings.bar(&bar.label).to_owned(),
            count: shown_count(counts, index, bar.count),
            total: bar.count as u64,
            color: is_classes.then(|| cx.color(&bar.label)).flatten(),
        })
        .collect();
    let selected: Vec<usize> = (0..bars.len()).filter(|&index| chosen(cx.view, &all[index].sql)).collect();
    let response = BarList::new(&summary.name, &bars).selected(&selected).show(ui);
    let rest: usize = all.iter().skip(BARS).map(|bar| bar.count).sum();
    if rest > 0 {
        let tokens = Tokens::of(ui);
        let text = format!("{}  {}", cx.strings.other_values, grouped(rest as u64));
        ui.label(egui::RichText::new(text).font(theme::caption()).color(tokens.weak));
    }
    let (index, modifiers) = response.clicked?;
    Some(toggled(cx.view, &summary.name, all.get(index)?.sql.clone(), modifiers.alt))
}

/// How many bars of a description are bins; those behind them stand for what is missing or no number, and have no place
/// on the axis.
fn binned(summary: &Summary) -> usize {
    match &summary.detail {
        Detail::Numbers(numbers) => numbers.histogram.len(),
        Detail::Times(times) => times.histogram.len(),
        Detail::Texts(texts) => texts.histogram.len(),
        Detail::Categories(_) | Detail::Bools { .. } => 0,
    }
}

fn histogram_ui(ui: &mut egui::Ui, cx: FacetCx<'_>, summary: &Summary, counts: Option<&[usize]>) -> Option<View> {
    let all = summary.bars();
    let binned = binned(summary);
    let bins: Vec<Bin> = all
        .iter()
        .take(binned)
        .enumerate()
        .map(|(index, bar)| Bin { count: shown_count(counts, index, bar.count), total: bar.count as u64 })
        .collect();
    let unit = if matches!(summary.detail, Detail::Texts(_)) { cx.strings.characters } else { "" };
    let describe = |index: usize| all.get(index).map_or_else(String::new, |bar| format!("{} {unit}", bar.label));
    let (least, greatest) = ends(summary);
    let lit: Vec<usize> = (0..binned).filter(|&index| chosen(cx.view, &all[index].sql)).collect();
    let selected = lit.first().zip(lit.last()).map(|(&first, &last)| first..=last);
    if binned == 1 {
        // One bin is no distribution: all values are alike, or as long as each other.
        let only = format!("{} {unit}", all.first().map_or("", |bar| &bar.label));
        ui.label(egui::RichText::new(only).font(theme::caption()).color(Tokens::of(ui).weak));
        return None;
    }
    // Several panes may show the same column at once.
    let histogram = Histogram::new(ui.scope_id().with(("histogram", &summary.name)), &summary.name, &bins)
        .ends(&least, &greatest)
        .describe(&describe)
        .selected(selected);
    let chosen_range = histogram.show(ui).chosen;
    let mut wish = chosen_range
        .map(|range| toggled(cx.view, &summary.name, range_condition(summary, *range.start(), *range.end()), false));
    for (index, bar) in all.iter().enumerate().skip(binned) {
        let count = shown_count(counts, index, bar.count);
        let bars = [Bar { label: cx.strings.bar(&bar.label).to_owned(), count, total: bar.count as u64, color: None }];
        let on: &[usize] = if chosen(cx.view, &bar.sql) { &[0] } else { &[] };
        if BarList::new(&bar.label, &bars).selected(on).show(ui).clicked.is_some() {
            wish = Some(toggled(cx.view, &summary.name, bar.sql.clone(), false));
        }
    }
    wish
}

/// The bars of a description in a strip, such as the header of a table's column, with a brush.
pub(super) fn strip_ui(
    ui: &mut egui::Ui,
    rect: egui::Rect,
    cx: FacetCx<'_>,
    summary: &Summary,
    counts: Option<&[usize]>,
) -> Option<View> {
    let all = summary.bars();
    let shown = if binned(summary) > 0 { binned(summary) } else { all.len() };
    let bins: Vec<Bin> = all
        .iter()
        .take(shown)
        .enumerate()
        .map(|(index, bar)| Bin { count: shown_count(counts, index, bar.count), total: bar.count as u64 })
        .collect();
    // One bar is no distribution.
    if bins.len() < 2 {
        return None;
    }
    let lit: Vec<usize> = (0..shown).filter(|&index| chosen(cx.view, &all[index].sql)).collect();
    let describe = |index: usize| all.get(index).map_or_else(String::new, |bar| cx.strings.bar(&bar.label).to_owned());
    let strip = Histogram::new(egui::Id::unique(("strip", &summary.name)), &summary.name, &bins)
        .describe(&describe)
        .selected(lit.first().zip(lit.last()).map(|(&first, &last)| first..=last));
    let range = strip.show_in(ui, rect).chosen?;
    Some(toggled(cx.view, &summary.name, range_condition(summary, *range.start(), *range.end()), false))
}

/// The condition that keeps the bars `from..=to`.
fn range_condition(summary: &Summary, from: usize, to: usize) -> String {
    let all = summary.bars();
    if from == to {
        return all.get(from).map_or_else(String::new, |bar| bar.sql.clone());
    }
    let name = quote_name(&summary.name);
    let join = |bins: &[describe::Bin], value: &str| {
        let (Some(first), Some(last)) = (bins.get(from), bins.get(to)) else { return String::new() };
        describe::bin_sql(value, &describe::Bin { low: first.low, high: last.high, closed: last.closed, count: 0 })
    };
    match &summary.detail {
        Detail::Numbers(numbers) => join(&numbers.histogram, &name),
        Detail::Texts(texts) => join(&texts.histogram, &format!("length({name})")),
        Detail::Times(times) => {
            let (Some(first), Some(last)) = (times.histogram.get(from), times.histogram.get(to)) else {
                return String::new();
            };
            let bin = describe::TimeBin { low: first.low, high: last.high, closed: last.closed, count: 0 };
            describe::time_bin_sql(&name, &bin)
        }
        Detail::Categories(_) | Detail::Bools { .. } => {
            let bars = all.get(from..=to).unwrap_or_default();
            bars.iter().map(|bar| format!("({})", bar.sql)).collect::<Vec<_>>().join(" OR ")
        }
    }
}

fn ends(summary: &Summary) -> (String, String) {
    let number = |value: f64| {
        if value == value.trunc() && value.abs() < 1e12 { format!("{value:.0}") } else { format!("{value:.3}") }
    };
    match &summary.detail {
        Detail::Numbers(numbers) => {
            numbers.statistics.as_ref().map_or_else(Default::default, |found| (number(found.min), number(found.max)))
        }
        Detail::Times(times) => {
            let show = |time: Option<i64>| time.map_or_else(String::new, crate::data::show_time);
            (show(times.min), show(times.max))
        }
        Detail::Texts(texts) => {
            let show = |length: Option<usize>| length.map_or_else(String::new, |length| grouped(length as u64));
            (show(texts.min), show(texts.max))
        }
        _ => Default::default(),
    }
}

fn chosen(view: &View, sql: &str) -> bool {
    view.filters.iter().any(|chip| chip.sql == sql && !chip.negated)
}

/// The view with this condition on a column in place of another on the same column; a condition that stands already is
/// taken away.
fn toggled(view: &View, column: &str, sql: String, negated: bool) -> View {
    toggled_of(view, Origin::Column(column.to_owned()), sql, negated)
}

/// The view with this condition in place of another of the same origin; a condition that stands already is taken away.
pub(super) fn toggled_of(view: &View, origin: Origin, sql: String, negated: bool) -> View {
    let mut view = view.clone();
    let stood = view.filters.iter().any(|chip| chip.sql == sql && chip.negated == negated);
    view.filters.retain(|chip| chip.origin != origin);
    if !stood && !sql.is_empty() {
        view.filters.push(Chip { negated, origin, ..Chip::new(sql) });
    }
    view
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_click_replaces_the_columns_chip_and_a_second_takes_it_away() {
        let one = toggled(&View::default(), "a", "a = 1".into(), false);
        let two = toggled(&one, "a", "a = 2".into(), false);
        let both = toggled(&two, "b", "b = 1".into(), false);
        let sql = |view: &View| view.filters.iter().map(|chip| chip.sql.clone()).collect::<Vec<_>>();
        assert_eq!(sql(&one), ["a = 1"]);
        assert_eq!(sql(&two), ["a = 2"]);
        assert_eq!(sql(&both), ["a = 2", "b = 1"]);
        assert_eq!(sql(&toggled(&both, "a", "a = 2".into(), false)), ["b = 1"]);
    }
}
