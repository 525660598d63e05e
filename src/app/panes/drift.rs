//! Drift: how far one part of the data is from another one, column by column: two values or periods of a column, before and
//! after a date, a view and the rest, or the data and another file.

use eframe::egui;

use super::drift_detail::detail_ui;
use super::other_file::OtherFile;
use super::predictions::note;
use crate::app::pane::{Pane, PaneCx};
use crate::app::strings::{Strings, decimal};
use crate::app::theme::{self, Tokens, icons, size, space};
use crate::app::widgets::{
    self, Action, Banner, CellStyle, DetailList, DetailListState, Field, FieldError, PaneState, PaneStateKind,
    TableColumn, Tone, Whisker,
};
use crate::clean::drift::ColumnDrift;
use crate::data::describe::{Bar, Detail, Summary};
use crate::data::read::parse_time;
use crate::data::view::{Origin, Part, mask_print};
use crate::engine::{Error, Slot};
use crate::session::{DriftOf, Drifted, OtherTable, Parts};

/// What is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum By {
    #[default]
    Values,
    Time,
    View,
    Other,
}

/// The pane's own state.
#[derive(Default)]
pub struct DriftPane {
    by: Option<By>,
    column: Option<String>,
    /// The conditions of the two values of `column`.
    values: [Option<String>; 2],
    time: Option<String>,
    /// The date that parts them as it is typed, and as it was taken; none for the middle.
    typed: String,
    at: Option<i64>,
    /// The saved view that is compared with the rest; none for the rows in view.
    view: Option<String>,
    other: OtherFile,
    list: DetailListState,
    slot: Slot<DriftOf>,
}

pub(super) fn origin() -> Origin {
    Origin::Pane("drift".to_owned())
}

impl Pane for DriftPane {
    fn id(&self) -> &'static str {
        "drift"
    }

    fn title(&self, strings: &Strings) -> &'static str {
        strings.drift
    }

    fn ui(&mut self, ui: &mut egui::Ui, cx: &mut PaneCx<'_>) {
        let strings = cx.strings;
        let (Some(layers), Some(whole)) = (cx.live.layers().cloned(), cx.live.whole.value().cloned()) else {
            PaneState::new(PaneStateKind::Working, strings.working).show(ui);
            return;
        };
        let mut splits: Vec<&Summary> =
            whole.iter().map(AsRef::as_ref).filter(|summary| parts_in(summary) >= 2).collect();
        splits.sort_by_key(|summary| (matches!(summary.detail, Detail::Times(_)), rank(cx, &summary.name)));
        let times: Vec<&str> = whole
            .iter()
            .filter(|summary| matches!(summary.detail, Detail::Times(_)))
            .map(|summary| summary.name.as_str())
            .collect();
        self.head_ui(ui, cx, &splits, &times);
        let Some(parts) = self.parts(cx) else {
            PaneState::new(PaneStateKind::NeedsInput, strings.drift_what).why(strings.drift_why).show(ui);
            return;
        };
        let wanted = DriftOf::new(cx.session, &layers, parts);
        self.slot.want(wanted, cx.session.cache(), cx.live.waker());
        *cx.busy |= self.slot.running().is_some();
        if let Some(error) = self.slot.error().cloned() {
            self.failed_ui(ui, strings, &error);
            return;
        }
        let Some(drifted) = self.slot.value().cloned() else {
            self.slot.running().into_iter().for_each(|work| widgets::working_ui(ui, strings.drift, work));
            return;
        };
        if let Some(work) = self.slot.running()
            && widgets::progress_row(ui, &work.progress(), true)
        {
            work.cancel();
        }
        self.found_ui(ui, cx, &drifted);
    }
}

/// Values of a column that can be told apart: of a few categories, of true and false, or periods of time.
fn parts_in(summary: &Summary) -> usize {
    match &summary.detail {
        Detail::Categories(categories) => categories.top.len(),
        Detail::Bools { yes, no } => usize::from(*yes > 0) + usize::from(*no > 0),
        Detail::Times(times) => times.histogram.iter().filter(|bin| bin.count > 0).count(),
        _ => 0,
    }
}

/// The place of a column among those that may part the data: a split is what is compared most, then whatever is in the
/// data, as a source or a batch; parts by their answers differ by nature, and layers follow from these.
fn rank(cx: &PaneCx<'_>, name: &str) -> usize {
    let answers = cx.session.project().config.data.answers().any(|answer| answer == name);
    let own = cx.session.dataset().frame.columns().iter().any(|column| column.name() == name);
    match () {
        () if name.eq_ignore_ascii_case("split") => 0,
        () if own && !answers => 1,
        () if own => 2,
        () => 3,
    }
}

/// The bars that stand for a value each.
fn values_of(summary: &Summary) -> Vec<Bar> {
    let of_all = matches!(summary.detail, Detail::Categories(_) | Detail::Bools { .. } | Detail::Times(_));
    let bars = summary.bars().into_iter().filter(|bar| of_all && bar.count > 0 && bar.label != "NULL");
    bars.take(parts_in(summary)).collect()
}

impl DriftPane {
    fn head_ui(&mut self, ui: &mut egui::Ui, cx: &PaneCx<'_>, splits: &[&Summary], times: &[&str]) {
        let strings = cx.strings;
        let of_values = splits.iter().any(|summary| !matches!(summary.detail, Detail::Times(_)));
        let first = match (of_values, times.is_empty()) {
            (true, _) => By::Values,
            (false, false) => By::Time,
            (false, true) => By::View,
        };
        let mut by = self.by.unwrap_or(first);
        ui.horizontal_wrapped(|ui| {
            let mut choices = Vec::with_capacity(4);
            choices.extend((!splits.is_empty()).then_some((By::Values, strings.two_values)));
            choices.extend((!times.is_empty()).then_some((By::Time, strings.before_and_after)));
            choices.extend([(By::View, strings.view_and_rest), (By::Other, strings.other_file)]);
            if !choices.iter().any(|(choice, _)| *choice == by) {
                by = first;
            }
            widgets::segmented(ui, strings.drift_what, &mut by, &choices);
            ui.add_space(space::S);
            match by {
                By::Values => self.values_ui(ui, strings, splits),
                By::Time => self.time_ui(ui, strings, times),
                By::View => self.view_ui(ui, cx),
                By::Other => self.other.ui(ui, cx),
            }
        });
        if by == By::Other {
            self.other.error_ui(ui, cx);
        }
        self.by = Some(by);
        ui.add_space(space::S);
    }

    /// The column of times, and the date that parts it.
    fn time_ui(&mut self, ui: &mut egui::Ui, strings: &'static Strings, times: &[&str]) {
        let names: Vec<(Option<String>, &str)> = times.iter().map(|name| (Some((*name).to_owned()), *name)).collect();
        choose_first(&mut self.time, &names);
        let id = egui::Id::unique("drift over");
        widgets::select(ui, id, strings.column, &mut self.time, &names, 150.0);
        let typed = self.typed.trim();
        let is_wrong = !typed.is_empty() && parse_time(typed).is_none();
        let wrong = is_wrong.then(|| FieldError { message: strings.no_date.to_owned(), range: None });
        // What is under way is not wrong yet.
        let id = egui::Id::unique("drift since");
        let wrong = wrong.filter(|_| !ui.memory(|memory| memory.has_focus(id)));
        let field = Field::new(strings.since_date).hide_label().hint(strings.since_hint).width(120.0).id(id);
        let field = field.error(wrong.as_ref()).show(ui, &mut self.typed).on_hover_text(strings.since_date);
        if field.lost_focus() {
            self.at = parse_time(self.typed.trim());
        }
    }

    /// The view that is compared with the rest: what is shown, or a saved one.
    fn view_ui(&mut self, ui: &mut egui::Ui, cx: &PaneCx<'_>) {
        let saved = cx.session.views().iter().map(|view| (Some(view.name.clone()), view.name.as_str()));
        let choices: Vec<(Option<String>, &str)> = [(None, cx.strings.in_view)].into_iter().chain(saved).collect();
        choose_first(&mut self.view, &choices);
        if choices.len() > 1 {
            let id = egui::Id::unique("drift view");
            widgets::select(ui, id, cx.strings.which_view, &mut self.view, &choices, 170.0);
        }
    }

    fn values_ui(&mut self, ui: &mut egui::Ui, strings: &'static Strings, splits: &[&Summary]) {
        let names: Vec<(Option<String>, &str)> =
            splits.iter().map(|summary| (Some(summary.name.clone()), summary.name.as_str())).collect();
        if !names.iter().any(|(name, _)| *name == self.column) {
            self.column = names.first().and_then(|(name, _)| name.clone());
        }
        widgets::select(ui, egui::Id::unique("drift by"), strings.column, &mut self.column, &names, 150.0);
        let chosen = splits.iter().find(|summary| Some(&summary.name) == self.column.as_ref());
        let bars = chosen.map(|summary| values_of(summary)).unwrap_or_default();
        let choices: Vec<(Option<String>, &str)> =
            bars.iter().map(|bar| (Some(bar.sql.clone()), strings.bar(&bar.label))).collect();
        let [reference, current] = &mut self.values;
        let is_there = |value: &Option<String>| choices.iter().any(|(choice, _)| choice == value);
        if !is_there(reference) || !is_there(current) {
            let at = |index: usize| choices.get(index).and_then(|(choice, _)| choice.clone());
            (*reference, *current) = (at(0), at(1));
        }
        widgets::select(ui, egui::Id::unique("drift from"), strings.reference, reference, &choices, 110.0);
        ui.label(egui::RichText::new(icons::ARROW_RIGHT).font(theme::icon(size::ICON)).color(Tokens::of(ui).weak));
        widgets::select(ui, egui::Id::unique("drift to"), strings.compared_with, current, &choices, 110.0);
    }

    /// The two parts; `None` while there is nothing to compare.
    fn parts(&self, cx: &PaneCx<'_>) -> Option<Parts> {
        match self.by? {
            By::Values => {
                let [reference, current] = self.values.clone();
                let (column, reference, current) = (self.column.clone()?, reference?, current?);
                (reference != current).then_some(Parts::Values { column, reference, current })
            }
            By::Time => self.time.clone().map(|column| match self.at {
                Some(at) => Parts::Since { column, at },
                None => Parts::Halves(column),
            }),
            By::Other => self.other.chosen().cloned().map(Parts::Other),
            By::View if self.view.is_some() => {
                let saved = cx.session.views().iter().find(|saved| Some(&saved.name) == self.view.as_ref());
                saved.map(|saved| Parts::Saved(saved.view.clone()))
            }
            By::View => {
                let snapshot = cx.live.snapshot()?;
                // A click in this pane must not change what it compares.
                let mask = snapshot.mask_without(|part| match part {
                    Part::Filter(index) => snapshot.view.filters.get(index).is_some_and(|chip| chip.origin == origin()),
                    Part::Search | Part::Sort(_) => false,
                });
                let rows = mask.count_set_bits();
                let print = mask_print(&mask);
                (0 < rows && rows < mask.len()).then_some(Parts::View { mask, print })
            }
        }
    }

    fn failed_ui(&mut self, ui: &mut egui::Ui, strings: &Strings, error: &Error) {
        if !error.is_cancelled() {
            Banner::of_error(error, strings).show(ui);
            return;
        }
        let state = PaneState::new(PaneStateKind::Failed, strings.cancelled).action(Action::primary(strings.retry));
        if state.show(ui).is_some() {
            self.slot.retry();
        }
    }

    fn found_ui(&mut self, ui: &mut egui::Ui, cx: &mut PaneCx<'_>, drifted: &Drifted) {
        let strings = cx.strings;
        let tokens = Tokens::of(ui);
        let found = &drifted.found;
        ui.horizontal_wrapped(|ui| {
            let tone = if found.drifted > 0 { Tone::Warning } else { Tone::Ok };
            ui.label(egui::RichText::new(tone.icon()).font(theme::icon(size::ICON)).color(tone.color(tokens)));
            let text = strings.columns_drifted(found.drifted as u64, found.judged as u64);
            ui.label(egui::RichText::new(text).font(theme::strong()));
            let [reference, current] = drifted.rows;
            let text = strings.drift_rows(reference as u64, current as u64, drifted.at.as_deref());
            ui.label(egui::RichText::new(text).color(tokens.weak)).on_hover_text(strings.drifted_why);
        });
        let own = cx.session.project().config.name.as_str();
        let there = self.other.chosen().map(OtherTable::name).unwrap_or_default();
        for (name, only) in [(there.as_str(), &found.only_reference), (own, &found.only_current)] {
            if !only.is_empty() {
                note(ui, &strings.only_in(name, &only.join(", ")));
            }
        }
        ui.add_space(space::XS);
        let columns = [
            TableColumn::new(strings.column, 150.0),
            TableColumn::new(strings.distance, 74.0),
            TableColumn::new(strings.interval, 150.0),
            TableColumn::new(strings.threshold, 80.0),
            TableColumn::new(strings.state, 140.0),
            TableColumn::new(strings.method, 160.0),
        ];
        let list = &found.columns;
        let name = |at: usize| list.get(at).map_or_else(String::new, |column| spoken(strings, column));
        DetailList::new("drift", strings.drift, &columns, list.len()).numbers(&[1, 3]).row_name(&name).show(
            ui,
            &mut self.list,
            |ui, at| list.get(at).into_iter().for_each(|column| detail_ui(ui, cx, column)),
            |ui, at, column, rect| {
                list.get(at).into_iter().for_each(|found| cell_ui(ui, strings, found, column, rect));
            },
        );
    }
}

/// Chooses the first of the choices where what was chosen is not among them.
fn choose_first(chosen: &mut Option<String>, choices: &[(Option<String>, &str)]) {
    if !choices.iter().any(|(choice, _)| choice == chosen) {
        *chosen = choices.first().and_then(|(choice, _)| choice.clone());
    }
}

fn figure(value: Option<f64>) -> String {
    value.map_or_else(|| "–".to_owned(), decimal)
}

fn verdict<'a>(strings: &'a Strings, column: &ColumnDrift) -> &'a str {
    match (column.drifted, column.missing_drifted) {
        (true, _) => strings.drifted,
        (false, true) => strings.missing_drifted,
        (false, false) => strings.not_drifted,
    }
}

fn spoken(strings: &Strings, column: &ColumnDrift) -> String {
    format!("{}: {}, {} {}", column.name, verdict(strings, column), strings.distance, figure(column.distance))
}

fn cell_ui(ui: &egui::Ui, strings: &Strings, column: &ColumnDrift, index: usize, rect: egui::Rect) {
    let stands_out = column.drifted || column.missing_drifted;
    match index {
        0 => widgets::cell_text(ui, rect, &column.name, CellStyle::Text),
        1 => widgets::cell_text(ui, rect, &figure(column.distance), CellStyle::Number),
        2 => {
            if let Some(whisker) = whisker(column) {
                widgets::paint_whisker(ui, rect, &whisker);
            }
        }
        3 => widgets::cell_text(ui, rect, &decimal(column.threshold), CellStyle::Number),
        4 => {
            let style = if stands_out { CellStyle::Text } else { CellStyle::Weak };
            let left = if stands_out { size::ICON + space::XS } else { 0.0 };
            widgets::cell_text(ui, rect.with_min_x(rect.left() + left), verdict(strings, column), style);
            if stands_out {
                let (icon, color) = (Tone::Warning.icon(), Tone::Warning.color(Tokens::of(ui)));
                let font = theme::icon(size::ICON);
                ui.painter().text(rect.left_center(), egui::Align2::LEFT_CENTER, icon, font, color);
            }
        }
        _ => widgets::cell_text(ui, rect, strings.drift_method(column.method), CellStyle::Weak),
    }
}

/// The distance on a scale on which all thresholds stand in the same place, unless it goes beyond.
fn whisker(column: &ColumnDrift) -> Option<Whisker> {
    // A classifier that only guesses has an area of a half.
    let from = if column.method == "domain-classifier" { 0.5 } else { 0.0 };
    let (value, low, high) = (column.distance?, column.low?, column.high?);
    Some(Whisker {
        value,
        interval: low..=high,
        mark: Some(column.threshold),
        band: column.noise.map(|noise| from..=noise.max(from)),
        scale: from..=(from + (column.threshold - from) * 4.0).max(high),
        strong: column.drifted,
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::{BooleanArray, LargeStringArray};

    use super::*;
    use crate::data::describe::describe;
    use crate::data::{Column, Kind, Values};
    use crate::engine::Work;

    #[test]
    fn values_that_can_be_compared_are_those_of_categories_and_truth() {
        let check = |column: Column, expected: &[&str]| {
            let summary = describe(&Arc::new(column), None, &Work::new()).unwrap();
            let labels: Vec<String> = values_of(&summary).into_iter().map(|bar| bar.label).collect();
            assert_eq!(labels, expected);
            assert_eq!(parts_in(&summary), expected.len());
        };
        let split = vec![Some("train"), Some("test"), Some("train"), None];
        check(Column::text("split", Kind::Category, LargeStringArray::from(split)), &["train", "test"]);
        check(Column::new("yes", Values::Bool(BooleanArray::from(vec![true, true]))), &["true"]);
        check(Column::text("text", Kind::Text, LargeStringArray::from(vec!["a", "b"])), &[]);
    }

    #[test]
    fn thresholds_stand_in_the_same_place_and_chance_is_a_band() {
        let mut column = ColumnDrift {
            name: "n".to_owned(),
            method: "wasserstein",
            distance: Some(0.2),
            low: Some(0.15),
            high: Some(0.25),
            threshold: 0.1,
            noise: Some(0.03),
            detectable: None,
            p_value: Some(0.005),
            missing_reference: 0.0,
            missing_current: 0.0,
            drifted: true,
            missing_drifted: false,
            note: None,
            detail: crate::clean::drift::Detail::default(),
        };
        let drawn = whisker(&column).unwrap();
        assert_eq!((drawn.scale, drawn.band, drawn.strong), (0.0..=0.4, Some(0.0..=0.03), true));
        (column.method, column.threshold, column.high) = ("domain-classifier", 0.55, Some(0.9));
        assert_eq!(whisker(&column).unwrap().scale, 0.5..=0.9);
        column.distance = None;
        assert!(whisker(&column).is_none());
    }
}
