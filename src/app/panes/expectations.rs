//! Expectations: what must hold of the data, as `expectations.toml` in the project says, failed ones first. A failed one
//! leads to its rows.

use eframe::egui;

use super::facets::toggled_of;
use crate::app::act::Act;
use crate::app::pane::{Pane, PaneCx};
use crate::app::strings::{Strings, decimal, grouped, percent};
use crate::app::theme::{self, Tokens, icons, size, space};
use crate::app::widgets::{
    self, Action, Banner, Button, CellStyle, DetailList, DetailListState, PaneState, PaneStateKind, TableColumn, Tone,
};
use crate::clean::expect::Outcome;
use crate::data::Row;
use crate::data::view::{Chip, Origin, Selection};
use crate::session::Checked;

/// The pane's own state.
#[derive(Default)]
pub struct Expectations {
    list: DetailListState,
}

fn origin() -> Origin {
    Origin::Pane("expectations".to_owned())
}

impl Pane for Expectations {
    fn id(&self) -> &'static str {
        "expectations"
    }

    fn title(&self, strings: &Strings) -> &'static str {
        strings.expectations
    }

    fn ui(&mut self, ui: &mut egui::Ui, cx: &mut PaneCx<'_>) {
        let strings = cx.strings;
        match cx.live.suite.text() {
            None => return none_ui(ui, cx),
            Some(Err(error)) => {
                Banner::of_error(error, strings).show(ui);
                return;
            }
            Some(Ok(_)) => {}
        }
        let slot = &cx.live.expectations;
        let checked = slot.value().cloned();
        head_ui(ui, cx, checked.as_deref());
        if let Some(error) = slot.error() {
            Banner::of_error(error, strings).show(ui);
            return;
        }
        match checked {
            None => match slot.running() {
                Some(work) => widgets::working_ui(ui, strings.expectations, work),
                None => PaneState::new(PaneStateKind::Working, strings.working).show(ui).map_or((), |_| ()),
            },
            Some(checked) if checked.outcomes.is_empty() => {
                let state = PaneState::new(PaneStateKind::Empty, strings.expectations_empty);
                state.why(strings.expectations_why).show(ui);
            }
            Some(checked) => self.checked_ui(ui, cx, &checked),
        }
    }
}

/// There is no file: what one is for, and a way to begin.
fn none_ui(ui: &mut egui::Ui, cx: &mut PaneCx<'_>) {
    let strings = cx.strings;
    let suggest = Action::primary(strings.suggest_expectations).icon(icons::SPARKLE);
    let state = PaneState::new(PaneStateKind::NeedsInput, strings.expectations_none).why(strings.expectations_why);
    // Suggestions come from the descriptions of all columns, which may still be on their way.
    if cx.live.whole.value().is_none() {
        PaneState::new(PaneStateKind::Working, strings.working).show(ui);
        return;
    }
    if state.action(suggest).show(ui).is_some() {
        cx.act(Act::SuggestExpectations);
    }
}

fn head_ui(ui: &mut egui::Ui, cx: &mut PaneCx<'_>, checked: Option<&Checked>) {
    let strings = cx.strings;
    let tokens = Tokens::of(ui);
    ui.horizontal_wrapped(|ui| {
        if let Some(checked) = checked {
            let all = checked.outcomes.len();
            let failed = all - checked.held;
            let (text, tone) = match failed {
                0 => (strings.expectations_hold(all as u64), Tone::Ok),
                _ => (strings.expectations_fail(failed as u64, all as u64), Tone::Warning),
            };
            ui.label(egui::RichText::new(tone.icon()).font(theme::icon(size::ICON)).color(tone.color(tokens)));
            ui.label(egui::RichText::new(text).font(theme::strong()));
        }
        if Button::new(strings.check_again).icon(icons::ARROW_CLOCKWISE).show(ui).clicked() {
            cx.act(Act::CheckExpectations);
        }
        let path = cx.live.suite.path();
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let name = egui::RichText::new(name).font(theme::small_mono()).color(tokens.weak);
        ui.label(name).on_hover_text(strings.expectations_why);
    });
    ui.add_space(space::S);
}

impl Expectations {
    fn checked_ui(&mut self, ui: &mut egui::Ui, cx: &mut PaneCx<'_>, checked: &Checked) {
        let strings = cx.strings;
        let columns = [
            TableColumn::new(strings.state, 76.0),
            TableColumn::new(strings.expectation, 300.0),
            TableColumn::new(strings.column, 120.0),
            TableColumn::new(strings.observed, 120.0),
            TableColumn::new(strings.unexpected, 120.0),
            TableColumn::new(strings.condition, 120.0),
        ];
        let list = &checked.outcomes;
        let name = |at: usize| list.get(at).map_or_else(String::new, |(outcome, _)| spoken(strings, outcome));
        let acted = DetailList::new("expectations", strings.expectations, &columns, list.len())
            .numbers(&[4])
            .detail(120.0, 72.0..=320.0)
            .row_name(&name)
            .show(
                ui,
                &mut self.list,
                |ui, at| list.get(at).into_iter().for_each(|(outcome, _)| outcome_ui(ui, cx, outcome)),
                |ui, at, column, rect| {
                    list.get(at).into_iter().for_each(|(outcome, _)| cell_ui(ui, strings, outcome, column, rect));
                },
            );
        if let Some((outcome, condition)) = acted.and_then(|at| list.get(at)) {
            show_rows(cx, outcome, condition.as_deref());
        }
    }
}

/// Filters to the rows that are not as expected: by a condition where there is one, else to those that are known.
fn show_rows(cx: &mut PaneCx<'_>, outcome: &Outcome, condition: Option<&str>) {
    if outcome.success || (condition.is_none() && outcome.sample_rows.is_empty()) {
        return;
    }
    if let Some(condition) = condition {
        cx.act(Act::SetView(toggled_of(cx.view, origin(), condition.to_owned(), false)));
        return;
    }
    let rows = outcome.sample_rows.iter();
    let items: Selection = rows.filter_map(|&row| cx.session.dataset().id(Row(row))).collect();
    let chip = Chip::of_items(items, title(outcome), "expectations");
    let mut view = cx.view.clone();
    let stood = view.filters.contains(&chip);
    view.filters.retain(|other| other.origin != origin());
    if !stood {
        view.filters.push(chip);
    }
    cx.act(Act::SetView(view));
}

/// The name without what all begin with, and the column.
fn title(outcome: &Outcome) -> String {
    match &outcome.column {
        Some(column) => format!("{column}: {}", short(&outcome.expectation)),
        None => short(&outcome.expectation).to_owned(),
    }
}

fn short(name: &str) -> &str {
    name.strip_prefix("expect_").unwrap_or(name)
}

fn spoken(strings: &Strings, outcome: &Outcome) -> String {
    let state = if outcome.success { strings.holds } else { strings.fails };
    format!("{state}, {}", title(outcome))
}

/// What was found: for values the share that is as expected.
fn observed(outcome: &Outcome) -> String {
    use serde_json::Value;
    match &outcome.observed {
        Value::Null => "–".to_owned(),
        Value::String(text) => text.clone(),
        Value::Number(number) if outcome.unexpected_count.is_some() => percent(number.as_f64().unwrap_or(f64::NAN)),
        Value::Number(number) => match number.as_u64() {
            Some(whole) => grouped(whole),
            None => decimal(number.as_f64().unwrap_or(f64::NAN)),
        },
        other => other.to_string(),
    }
}

fn unexpected(outcome: &Outcome) -> String {
    match (outcome.unexpected_count, outcome.unexpected_percent) {
        (Some(count), Some(share)) => format!("{} ({})", grouped(count), percent(share / 100.0)),
        (Some(count), None) => grouped(count),
        (None, _) => "–".to_owned(),
    }
}

fn cell_ui(ui: &egui::Ui, strings: &Strings, outcome: &Outcome, column: usize, rect: egui::Rect) {
    match column {
        0 => {
            let (text, tone) = if outcome.success { (strings.holds, Tone::Ok) } else { (strings.fails, Tone::Error) };
            let color = tone.color(Tokens::of(ui));
            let icon = theme::icon(size::ICON);
            ui.painter().text(rect.left_center(), egui::Align2::LEFT_CENTER, tone.icon(), icon, color);
            let style = if outcome.success { CellStyle::Weak } else { CellStyle::Text };
            widgets::cell_text(ui, rect.with_min_x(rect.left() + size::ICON + space::XS), text, style);
        }
        1 => widgets::cell_text(ui, rect, short(&outcome.expectation), CellStyle::Code),
        2 => widgets::cell_text(ui, rect, outcome.column.as_deref().unwrap_or_default(), CellStyle::Text),
        3 if outcome.error.is_some() => widgets::cell_text(ui, rect, strings.error, CellStyle::Weak),
        3 => widgets::cell_text(ui, rect, &observed(outcome), CellStyle::Text),
        4 => widgets::cell_text(ui, rect, &unexpected(outcome), CellStyle::Number),
        _ => widgets::cell_text(ui, rect, outcome.condition.as_deref().unwrap_or_default(), CellStyle::Code),
    }
}

/// The chosen expectation: why it could not be checked, or what was found and examples of what is not as expected.
fn outcome_ui(ui: &mut egui::Ui, cx: &mut PaneCx<'_>, outcome: &Outcome) {
    let strings = cx.strings;
    let tokens = Tokens::of(ui);
    ui.label(egui::RichText::new(title(outcome)).font(theme::strong()));
    if let Some(error) = &outcome.error {
        let banner = Banner::new(Tone::Error, error);
        match &outcome.help {
            Some(help) => _ = banner.help(help).show(ui),
            None => _ = banner.show(ui),
        }
        return;
    }
    let mostly = outcome.unexpected_count.map(|_| outcome.mostly);
    let text = strings.expectation_observed(&observed(outcome), mostly, outcome.rows, outcome.missing);
    ui.label(egui::RichText::new(text).color(tokens.weak));
    ui.horizontal_wrapped(|ui| {
        for (value, &row) in outcome.sample.iter().zip(&outcome.sample_rows) {
            let text = match value {
                serde_json::Value::Null => strings.missing.to_owned(),
                serde_json::Value::String(text) => text.chars().take(60).collect(),
                other => other.to_string(),
            };
            let text = format!("{text}  ·  {}", strings.row_number(u64::from(row)));
            if widgets::quiet_button(ui, &text).clicked() {
                cx.act(Act::Reveal(row));
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::clean::expect::Suite;
    use crate::data::Frame;
    use crate::engine::Work;

    #[test]
    fn figures_are_shares_where_values_are_judged() {
        let suite = Suite::from_toml("[[expectation]]\nexpectation = \"expect_table_row_count_to_equal\"\nvalue = 3\n");
        let report = suite.unwrap().check(&Frame::default(), &Work::new()).unwrap();
        let mut outcome = report.results[0].clone();
        assert_eq!(title(&outcome), "table_row_count_to_equal");
        assert_eq!((observed(&outcome).as_str(), unexpected(&outcome).as_str()), ("0", "–"));
        outcome.observed = json!(0.875);
        assert_eq!(observed(&outcome), "0.875");
        (outcome.unexpected_count, outcome.unexpected_percent) = (Some(1200), Some(12.5));
        assert_eq!((observed(&outcome).as_str(), unexpected(&outcome).as_str()), ("88%", "1,200 (12%)"));
        outcome.observed = json!(["a", "b"]);
        assert_eq!(observed(&outcome), "[\"a\",\"b\"]");
        outcome.column = Some("n".to_owned());
        let english = Strings::of(crate::app::strings::Language::English);
        assert_eq!(spoken(english, &outcome), "Fails, n: table_row_count_to_equal");
    }
}
