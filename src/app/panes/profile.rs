//! Profile: what is in the data, by column and as a whole, alone or beside another file, and what is odd about it. Values,
//! bars and alerts lead to their rows; all of it can be kept as a page.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use eframe::egui;

use super::facets::toggled_of;
use super::other_file::OtherFile;
use super::pairs::{gaps_ui, matrix_ui};
use super::predictions::note;
use super::profile_column::column_ui;
use crate::app::act::Act;
use crate::app::pane::{Pane, PaneCx};
use crate::app::strings::{Strings, grouped, percent};
use crate::app::theme::{self, Tokens, icons, size, space};
use crate::app::widgets::{
    self, Banner, Button, CellStyle, DetailList, DetailListState, Field, PaneState, PaneStateKind, TableColumn, Tone,
};
use crate::clean::profile::{Alert, Profile};
use crate::clean::report::facts;
use crate::data::describe::{Detail, Summary};
use crate::data::view::Origin;
use crate::engine::{Job, Result, Slot};
use crate::session::{Compared, ComparedOf, ProfileOf, ProfilePage};

/// The width of the field of a page's name.
const PAGE: f32 = 130.0;

/// Cells of a row that is named.
const CELLS: usize = 5;

/// What is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Shown {
    #[default]
    Columns,
    Alerts,
    Correlations,
    Missing,
    Repeated,
}

/// The pane's own state.
pub struct ProfilePane {
    shown: Shown,
    columns: DetailListState,
    alerts: DetailListState,
    slot: Slot<ProfileOf>,
    compared: Slot<ComparedOf>,
    other: OtherFile,
    page: String,
    saving: Option<Job<PathBuf>>,
    saved: Option<Result<PathBuf>>,
}

impl Default for ProfilePane {
    fn default() -> Self {
        Self {
            shown: Shown::default(),
            columns: DetailListState::default(),
            alerts: DetailListState::default(),
            slot: Slot::default(),
            compared: Slot::default(),
            other: OtherFile::default(),
            page: "profile.html".to_owned(),
            saving: None,
            saved: None,
        }
    }
}

fn origin() -> Origin {
    Origin::Pane("profile".to_owned())
}

impl Pane for ProfilePane {
    fn id(&self) -> &'static str {
        "profile"
    }

    fn title(&self, strings: &Strings) -> &'static str {
        strings.profile
    }

    fn ui(&mut self, ui: &mut egui::Ui, cx: &mut PaneCx<'_>) {
        let strings = cx.strings;
        self.slot.want(ProfileOf::new(cx.session), cx.session.cache(), cx.live.waker());
        if let Some(other) = self.other.chosen() {
            let wanted = ComparedOf::new(cx.session, other.clone());
            self.compared.want(wanted, cx.session.cache(), cx.live.waker());
        }
        if let Some(saved) = self.saving.as_ref().and_then(Job::take) {
            (self.saving, self.saved) = (None, Some(saved));
        }
        let is_busy = [self.slot.running(), self.compared.running()].iter().any(Option::is_some);
        *cx.busy |= is_busy || self.saving.is_some();
        if let Some(error) = self.slot.error().cloned() {
            if widgets::failed_ui(ui, &error) {
                self.slot.retry();
            }
            return;
        }
        let Some(found) = self.slot.value().cloned() else {
            self.slot.running().into_iter().for_each(|work| widgets::working_ui(ui, strings.profile, work));
            return;
        };
        self.head_ui(ui, cx, &found);
        let other = self.other();
        match self.shown {
            Shown::Columns => self.columns_ui(ui, cx, &found, other.as_deref()),
            Shown::Alerts => self.alerts_ui(ui, cx, &found, other.as_deref()),
            Shown::Correlations => self.correlations_ui(ui, strings, &found),
            Shown::Missing => missing_ui(ui, cx, &found),
            Shown::Repeated => repeated_ui(ui, cx, &found),
        }
    }
}

impl ProfilePane {
    /// The other table, once what is in it is known.
    fn other(&self) -> Option<Arc<Compared>> {
        self.other.chosen()?;
        let is_known = self.compared.running().is_none() && self.compared.error().is_none();
        self.compared.value().filter(|_| is_known).cloned()
    }

    fn head_ui(&mut self, ui: &mut egui::Ui, cx: &PaneCx<'_>, found: &Arc<Profile>) {
        let strings = cx.strings;
        let other = self.other();
        let frame = &cx.session.dataset().frame;
        ui.label(egui::RichText::new(total(strings, frame.rows(), found)).font(theme::strong()));
        if let Some(other) = &other {
            note(ui, &format!("{}: {}", other.name, total(strings, other.table.frame.rows(), &other.found)));
            let only = [
                (cx.session.project().config.name.as_str(), other.only_here(&found.summaries)),
                (other.name.as_str(), other.only_there(&found.summaries)),
            ];
            for (name, columns) in only.iter().filter(|(_, columns)| !columns.is_empty()) {
                note(ui, &strings.only_in(name, &columns.join(", ")));
            }
        }
        ui.horizontal_wrapped(|ui| {
            self.other.ui(ui, cx);
            ui.add_space(space::S);
            Field::new(strings.page_name).hide_label().width(PAGE).show(ui, &mut self.page);
            let ready = !self.page.trim().is_empty() && self.saving.is_none();
            if Button::new(strings.save_page).icon(icons::EXPORT).enabled(ready).show(ui).clicked() {
                self.save(cx, found);
            }
        });
        self.state_ui(ui, cx);
        let alerts = format!("{}  {}", strings.alerts, grouped(found.alerts.len() as u64));
        let choices = [
            (Shown::Columns, strings.columns),
            (Shown::Alerts, alerts.as_str()),
            (Shown::Correlations, strings.correlations),
            (Shown::Missing, strings.missing),
            (Shown::Repeated, strings.repeated_rows),
        ];
        ui.horizontal_wrapped(|ui| widgets::segmented(ui, strings.profile, &mut self.shown, &choices));
        ui.add_space(space::S);
    }

    /// How the comparison and the page stand.
    fn state_ui(&mut self, ui: &mut egui::Ui, cx: &PaneCx<'_>) {
        self.other.error_ui(ui, cx);
        if self.other.chosen().is_some() {
            if let Some(work) = self.compared.running()
                && widgets::progress_row(ui, &work.progress(), true)
            {
                work.cancel();
            }
            if let Some(error) = self.compared.error() {
                Banner::of_error(error, cx.strings).show(ui);
            }
        }
        match &self.saved {
            Some(Ok(path)) => _ = Banner::new(Tone::Ok, &cx.strings.page_saved(&path.display().to_string())).show(ui),
            Some(Err(error)) => _ = Banner::of_error(error, cx.strings).show(ui),
            None => {}
        }
    }

    fn save(&mut self, cx: &PaneCx<'_>, found: &Arc<Profile>) {
        self.saved = None;
        let (path, language) = (Path::new(self.page.trim()), cx.strings.language.into());
        match ProfilePage::new(cx.session, path, language, found.clone(), self.other()) {
            Ok(page) => {
                let write = move |work: &crate::engine::Work| page.write(work);
                self.saving = Some(Job::spawn("write the page", cx.live.waker().clone(), write));
            }
            Err(error) => self.saved = Some(Err(error)),
        }
    }

    fn columns_ui(&mut self, ui: &mut egui::Ui, cx: &mut PaneCx<'_>, found: &Profile, other: Option<&Compared>) {
        let strings = cx.strings;
        let columns = [
            TableColumn::new(strings.column, 150.0),
            TableColumn::new(strings.kind, 112.0),
            TableColumn::new(strings.missing, 76.0),
            TableColumn::new(strings.distinct_values, 120.0),
            TableColumn::new(strings.distribution, 120.0),
            TableColumn::new(strings.alerts, 260.0),
        ];
        let list = &found.summaries;
        let name = |at: usize| list.get(at).map_or_else(String::new, |it| spoken(strings, it, &alerts_of(found, it)));
        DetailList::new("profile", strings.profile, &columns, list.len())
            .numbers(&[2, 3])
            .detail(290.0, 140.0..=560.0)
            .row_name(&name)
            .show(
                ui,
                &mut self.columns,
                |ui, at| column_ui(ui, cx, found, other, at),
                |ui, at, column, rect| {
                    list.get(at).into_iter().for_each(|it| cell_ui(ui, strings, found, it, column, rect));
                },
            );
    }

    fn alerts_ui(&mut self, ui: &mut egui::Ui, cx: &mut PaneCx<'_>, found: &Profile, other: Option<&Compared>) {
        let strings = cx.strings;
        if found.alerts.is_empty() {
            PaneState::new(PaneStateKind::Empty, strings.no_alerts).icon(icons::SEAL_CHECK).show(ui);
            return;
        }
        let columns = [
            TableColumn::new(strings.alert, 210.0),
            TableColumn::new(strings.column, 220.0),
            TableColumn::new(strings.value, 90.0),
            TableColumn::new(strings.condition, 260.0),
        ];
        let list = &found.alerts;
        let conditions: Vec<Option<String>> = list.iter().map(|alert| alert.condition(&found.summaries)).collect();
        let shown: Vec<bool> = conditions
            .iter()
            .map(|sql| sql.as_ref().is_some_and(|sql| cx.view.filters.iter().any(|chip| chip.sql == *sql)))
            .collect();
        let name = |at: usize| {
            let said = |alert: &Alert| format!("{}: {}", strings.profile_word(alert.kind), about(strings, alert));
            list.get(at).map_or_else(String::new, said)
        };
        let acted = DetailList::new("alerts", strings.alerts, &columns, list.len())
            .numbers(&[2])
            .detail(290.0, 140.0..=560.0)
            .row_name(&name)
            .selected(&|at| shown.get(at).is_some_and(|shown| *shown))
            .show(
                ui,
                &mut self.alerts,
                |ui, at| {
                    let column = list.get(at).and_then(|alert| alert.column.as_ref());
                    match found.summaries.iter().position(|summary| Some(&summary.name) == column) {
                        Some(at) => column_ui(ui, cx, found, other, at),
                        None => repeated_ui(ui, cx, found),
                    }
                },
                |ui, at, column, rect| {
                    let (Some(alert), Some(condition)) = (list.get(at), conditions.get(at)) else { return };
                    alert_ui(ui, strings, alert, condition.as_deref(), column, rect);
                },
            );
        if let Some(sql) = acted.and_then(|at| conditions.get(at)).cloned().flatten() {
            cx.act(Act::SetView(toggled_of(cx.view, origin(), sql, false)));
        }
    }

    fn correlations_ui(&mut self, ui: &mut egui::Ui, strings: &'static Strings, found: &Profile) {
        let correlations = &found.correlations;
        if correlations.names.len() < 2 {
            PaneState::new(PaneStateKind::Empty, strings.nothing_correlates).show(ui);
            return;
        }
        if let Some((_, row)) = matrix_ui(ui, strings, correlations) {
            let name = correlations.names.get(row);
            if let Some(at) = found.summaries.iter().position(|summary| Some(&summary.name) == name) {
                self.columns.choose(at);
                self.shown = Shown::Columns;
            }
        }
        note(ui, strings.profile_word("correlations_what"));
        if !correlations.left_out.is_empty() {
            note(ui, &strings.left_out(&correlations.left_out.join(", ")));
        }
    }
}

/// A whole table in a line.
fn total(strings: &Strings, rows: usize, found: &Profile) -> String {
    let cells: usize = found.summaries.iter().map(|summary| summary.missing).sum();
    let missing = cells as f64 / (rows * found.summaries.len()).max(1) as f64;
    let bytes = facts::bytes(found.more.iter().map(|more| more.bytes).sum());
    let (columns, repeated) = (found.summaries.len() as u64, found.repeated.rows as u64);
    strings.profile_total(rows as u64, columns, &percent(missing), repeated, &bytes)
}

fn missing_ui(ui: &mut egui::Ui, cx: &mut PaneCx<'_>, found: &Profile) {
    let scroll = egui::ScrollArea::vertical().auto_shrink(false);
    let clicked = scroll.show(ui, |ui| gaps_ui(ui, cx.strings, &found.missing)).inner;
    if let Some(sql) = clicked.filter(|sql| !sql.is_empty()) {
        cx.act(Act::SetView(toggled_of(cx.view, origin(), sql, false)));
    }
}

/// The rows that stand there most often.
fn repeated_ui(ui: &mut egui::Ui, cx: &mut PaneCx<'_>, found: &Profile) {
    let strings = cx.strings;
    if found.repeated.most.is_empty() {
        PaneState::new(PaneStateKind::Empty, strings.nothing_repeats).icon(icons::SEAL_CHECK).show(ui);
        return;
    }
    note(ui, strings.profile_word("most_repeated"));
    for &(row, times) in &found.repeated.most {
        let columns = cx.session.dataset().frame.columns().iter();
        let cells: Vec<String> = columns
            .take(CELLS)
            .map(|column| column.show(row).map_or_else(|| "–".to_owned(), |it| it.chars().take(24).collect()))
            .collect();
        let text = format!("{}×  {}  ·  {}", grouped(times as u64), strings.row_number(row as u64), cells.join(", "));
        if widgets::quiet_button(ui, &text).clicked() {
            cx.act(Act::Reveal(row as u32));
        }
    }
}

/// The alerts of a column in a few words.
fn alerts_of<'a>(found: &'a Profile, summary: &Summary) -> Vec<&'a Alert> {
    found.alerts.iter().filter(|alert| alert.column.as_ref() == Some(&summary.name)).collect()
}

fn named(strings: &Strings, alerts: &[&Alert]) -> String {
    let mut names: Vec<&str> = alerts.iter().map(|alert| strings.profile_word(alert.kind)).collect();
    names.dedup();
    names.join(", ")
}

fn spoken(strings: &Strings, summary: &Summary, alerts: &[&Alert]) -> String {
    let kind = strings.profile_word(summary.kind.name());
    let missing = percent(summary.missing as f64 / summary.rows.max(1) as f64);
    let alerts = if alerts.is_empty() { String::new() } else { format!(", {}", named(strings, alerts)) };
    format!("{}: {kind}, {} {missing}{alerts}", summary.name, strings.missing)
}

/// The column of an alert, both columns, or the whole table.
fn about(strings: &Strings, alert: &Alert) -> String {
    match (&alert.column, &alert.with) {
        (Some(column), Some(with)) => format!("{column} · {with}"),
        (Some(column), None) => column.clone(),
        (None, _) => strings.profile_word("whole_table").to_owned(),
    }
}

fn cell_ui(ui: &egui::Ui, strings: &Strings, found: &Profile, summary: &Summary, column: usize, rect: egui::Rect) {
    let text = |text: &str, style| widgets::cell_text(ui, rect, text, style);
    match column {
        0 => text(&summary.name, CellStyle::Text),
        1 => text(strings.profile_word(summary.kind.name()), CellStyle::Weak),
        2 => text(&percent(summary.missing as f64 / summary.rows.max(1) as f64), CellStyle::Number),
        3 => text(&grouped(summary.distinct as u64), CellStyle::Number),
        4 => paint_bars(ui, rect.shrink2(egui::vec2(2.0, 5.0)), summary),
        _ => {
            let alerts = alerts_of(found, summary);
            if !alerts.is_empty() {
                let (icon, color) = (Tone::Warning.icon(), Tone::Warning.color(Tokens::of(ui)));
                let font = theme::icon(size::ICON);
                ui.painter().text(rect.left_center(), egui::Align2::LEFT_CENTER, icon, font, color);
                let rect = rect.with_min_x(rect.left() + size::ICON + space::XS);
                widgets::cell_text(ui, rect, &named(strings, &alerts), CellStyle::Text);
            }
        }
    }
}

fn alert_ui(ui: &egui::Ui, strings: &Strings, alert: &Alert, condition: Option<&str>, column: usize, rect: egui::Rect) {
    match column {
        0 => widgets::cell_text(ui, rect, strings.profile_word(alert.kind), CellStyle::Text),
        1 => widgets::cell_text(ui, rect, &about(strings, alert), CellStyle::Text),
        2 => widgets::cell_text(ui, rect, &facts::alerted(alert), CellStyle::Number),
        _ => widgets::cell_text(ui, rect, condition.unwrap_or_default(), CellStyle::Code),
    }
}

/// The distribution of a column at a glance; what is missing or odd is left out, it would dwarf the bars.
fn paint_bars(ui: &egui::Ui, rect: egui::Rect, summary: &Summary) {
    let tokens = Tokens::of(ui);
    let bars = summary.bars();
    let counts: Vec<usize> = bars.iter().filter(|bar| !facts::is_odd(&bar.label)).map(|bar| bar.count).collect();
    let most = counts.iter().copied().max().unwrap_or(0).max(1) as f32;
    let step = rect.width() / counts.len().max(8) as f32;
    // Values of a category are apart from each other, bins are not.
    let gap = if matches!(summary.detail, Detail::Categories(_) | Detail::Bools { .. }) { 2.0 } else { 0.5 };
    for (at, count) in counts.into_iter().enumerate().filter(|(_, count)| *count > 0) {
        let left = rect.left() + at as f32 * step;
        let height = (count as f32 / most * rect.height()).max(1.0);
        let bar = egui::Rect::from_min_max(
            egui::pos2(left, rect.bottom() - height),
            egui::pos2(left + (step - gap).max(1.0), rect.bottom()),
        );
        ui.painter().rect_filled(bar, 0, tokens.accent);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::strings::Language;

    #[test]
    fn alerts_and_columns_are_said_in_both_languages() {
        let alert = |column: Option<&str>, with: Option<&str>| Alert {
            kind: "high-correlation",
            column: column.map(str::to_owned),
            with: with.map(str::to_owned),
            value: 0.9,
        };
        let (english, korean) = (Strings::of(Language::English), Strings::of(Language::Korean));
        assert_eq!(about(english, &alert(Some("a"), Some("b"))), "a · b");
        assert_eq!(about(english, &alert(None, None)), "whole table");
        assert_eq!(about(korean, &alert(None, None)), "표 전체");
        let two = [alert(Some("a"), Some("b")), alert(Some("a"), Some("c"))];
        assert_eq!(named(english, &two.iter().collect::<Vec<_>>()), "go together closely", "said once");
    }
}
