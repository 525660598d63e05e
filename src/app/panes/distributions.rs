//! The distributions: for every column and layer its bars, total and in view. A click on a bar filters by it.

use std::collections::HashSet;

use eframe::egui;

use crate::app::act::Act;
use crate::app::pane::{Pane, PaneCx};
use crate::app::strings::{Strings, grouped};
use crate::app::theme::{self, Tokens, icons, size, space};
use crate::app::widgets::{self, Bar, BarList, Bin, Histogram};
use crate::data::Kind;
use crate::data::describe::{self, Detail, Summary};
use crate::data::filter::quote_name;
use crate::data::view::{Chip, Origin, View};

/// The pane's own state: which columns are folded.
#[derive(Default)]
pub struct Distributions {
    folded: HashSet<String>,
}

/// Bars shown of a category before the rest is summed up.
const BARS: usize = 10;

impl Pane for Distributions {
    fn id(&self) -> &'static str {
        "distributions"
    }

    fn title(&self, strings: &Strings) -> &'static str {
        strings.facets
    }

    fn ui(&mut self, ui: &mut egui::Ui, cx: &mut PaneCx<'_>) {
        let Some(whole) = cx.live.whole.value().cloned() else { return };
        let shown = cx.live.shown.value().cloned();
        // Labels first: they are what a person came for; then the data's columns, then the other layers.
        let mut order: Vec<usize> = (0..whole.len()).collect();
        let own = cx.session.dataset().frame.columns().len();
        order.sort_by_key(|&index| match whole[index].name.as_str() {
            "label" => 0,
            "label_source" => 2,
            _ if index < own => 1,
            _ => 3,
        });
        egui::ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = space::XS;
            for index in order {
                let counts = shown.as_ref().and_then(|shown| shown.get(index)).map(Vec::as_slice);
                self.column_ui(ui, cx, &whole[index], counts);
            }
        });
    }
}

impl Distributions {
    fn column_ui(&mut self, ui: &mut egui::Ui, cx: &mut PaneCx<'_>, summary: &Summary, counts: Option<&[usize]>) {
        let tokens = Tokens::of(ui);
        let open = !self.folded.contains(&summary.name);
        let (rect, response) =
            ui.allocate_exact_size(egui::vec2(ui.available_width(), size::ROW), egui::Sense::click());
        response.widget_info(|| egui::WidgetInfo::selected(egui::Role::DisclosureTriangle, true, open, &summary.name));
        let color = if response.hovered() { tokens.accent } else { tokens.text };
        let caret = if open { icons::CARET_DOWN } else { icons::CARET_RIGHT };
        let left = rect.left_center();
        ui.painter().text(left, egui::Align2::LEFT_CENTER, caret, theme::icon(12.0), tokens.weak);
        let right = ui.painter().text(
            rect.right_center(),
            egui::Align2::RIGHT_CENTER,
            cx.strings.distinct_count(summary.distinct as u64),
            theme::caption(),
            tokens.weak,
        );
        let room = right.left() - left.x - 16.0 - space::S;
        let name = widgets::one_line(ui, &summary.name, theme::strong(), color, room);
        let at = egui::pos2(left.x + 16.0, rect.center().y - name.size().y / 2.0);
        ui.painter().galley(at, name, color);
        if response.clicked() {
            if open {
                self.folded.insert(summary.name.clone());
            } else {
                self.folded.remove(&summary.name);
            }
        }
        if !open {
            return;
        }
        match &summary.detail {
            Detail::Numbers(_) | Detail::Times(_) | Detail::Texts(_) => histogram_ui(ui, cx, summary, counts),
            Detail::Categories(_) | Detail::Bools { .. } => bars_ui(ui, cx, summary, counts),
        }
        ui.add_space(space::S);
    }
}

/// The count of a bar within the view; while that is being counted, all its rows.
fn shown_count(counts: Option<&[usize]>, index: usize, total: usize) -> u64 {
    counts.and_then(|counts| counts.get(index)).copied().unwrap_or(total) as u64
}

fn bars_ui(ui: &mut egui::Ui, cx: &mut PaneCx<'_>, summary: &Summary, counts: Option<&[usize]>) {
    let all = summary.bars();
    let classes = cx.session.classes();
    let is_classes = summary.kind == Kind::Category;
    let bars: Vec<Bar> = all
        .iter()
        .take(BARS)
        .enumerate()
        .map(|(index, bar)| Bar {
            label: cx.strings.bar(&bar.label).to_owned(),
            count: shown_count(counts, index, bar.count),
            total: bar.count as u64,
            color: classes
                .index(&bar.label)
                .filter(|_| is_classes)
                .and_then(|at| classes.get(at))
                .map(|class| usize::from(class.color)),
        })
        .collect();
    let selected: Vec<usize> = (0..bars.len()).filter(|&index| chosen(cx.view, &all[index].sql)).collect();
    let response = BarList::new(&summary.name, &bars).selected(&selected).show(ui);
    if let Some((index, modifiers)) = response.clicked {
        let sql = all[index].sql.clone();
        cx.act(Act::SetView(toggled(cx.view, &summary.name, sql, modifiers.alt)));
    }
    let rest: usize = all.iter().skip(BARS).map(|bar| bar.count).sum();
    if rest > 0 {
        let tokens = Tokens::of(ui);
        let text = format!("{}  {}", cx.strings.other_values, grouped(rest as u64));
        ui.label(egui::RichText::new(text).font(theme::caption()).color(tokens.weak));
    }
}

fn histogram_ui(ui: &mut egui::Ui, cx: &mut PaneCx<'_>, summary: &Summary, counts: Option<&[usize]>) {
    let all = summary.bars();
    // Bars behind the bins stand for what is missing or no number: they have no place on the axis.
    let binned = match &summary.detail {
        Detail::Numbers(numbers) => numbers.histogram.len(),
        Detail::Times(times) => times.histogram.len(),
        Detail::Texts(texts) => texts.histogram.len(),
        _ => 0,
    };
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
    let histogram = Histogram::new(egui::Id::unique(("histogram", &summary.name)), &summary.name, &bins)
        .ends(&least, &greatest)
        .describe(&describe)
        .selected(selected);
    if let Some(range) = histogram.show(ui).chosen {
        let sql = range_condition(summary, *range.start(), *range.end());
        cx.act(Act::SetView(toggled(cx.view, &summary.name, sql, false)));
    }
    for (index, bar) in all.iter().enumerate().skip(binned) {
        let count = shown_count(counts, index, bar.count);
        let bars = [Bar { label: cx.strings.bar(&bar.label).to_owned(), count, total: bar.count as u64, color: None }];
        let on: &[usize] = if chosen(cx.view, &bar.sql) { &[0] } else { &[] };
        if BarList::new(&bar.label, &bars).selected(on).show(ui).clicked.is_some() {
            cx.act(Act::SetView(toggled(cx.view, &summary.name, bar.sql.clone(), false)));
        }
    }
}

/// The condition that keeps the bins `from..=to` of a histogram.
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
        _ => String::new(),
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
    let mut view = view.clone();
    let origin = Origin::Column(column.to_owned());
    let stood = view.filters.iter().any(|chip| chip.sql == sql && chip.negated == negated);
    view.filters.retain(|chip| chip.origin != origin);
    if !stood && !sql.is_empty() {
        view.filters.push(Chip { sql, negated, origin });
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
