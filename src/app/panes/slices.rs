//! Slices: the conditions under which a number or a truth value, such as an error, is higher than elsewhere. A row filters
//! by its condition, which can be kept as a view.

use eframe::egui;

use super::asked::{Asked, Words};
use super::facets::toggled_of;
use crate::app::act::Act;
use crate::app::pane::{Pane, PaneCx};
use crate::app::strings::{Strings, decimal, grouped, percent};
use crate::app::theme::{self, Tokens, icons, size, space};
use crate::app::widgets::{
    self, Button, CellStyle, DetailList, DetailListState, PaneState, PaneStateKind, TableColumn, Whisker,
};
use crate::clean::slices::Slice;
use crate::data::view::{Chip, Origin, View};
use crate::session::{Sliced, SlicesOf, UNCOVERED, slice_targets};

/// The height of the line of the chosen slice.
const CHOSEN: f32 = size::CONTROL + space::M;

/// The pane's own state.
#[derive(Default)]
pub struct SlicesPane {
    target: Option<String>,
    layers_too: bool,
    list: DetailListState,
    asked: Asked<SlicesOf>,
}

fn origin() -> Origin {
    Origin::Pane("slices".to_owned())
}

impl Pane for SlicesPane {
    fn id(&self) -> &'static str {
        "slices"
    }

    fn title(&self, strings: &Strings) -> &'static str {
        strings.slices
    }

    fn ui(&mut self, ui: &mut egui::Ui, cx: &mut PaneCx<'_>) {
        let strings = cx.strings;
        let Some(layers) = cx.live.layers().cloned() else {
            PaneState::new(PaneStateKind::Working, strings.working).show(ui);
            return;
        };
        let targets = slice_targets(cx.session, &layers);
        let Some(target) = self.target_of(&targets) else {
            PaneState::new(PaneStateKind::Empty, strings.slices_none_target).why(strings.slices_why).show(ui);
            return;
        };
        self.head_ui(ui, strings, &targets, &target);
        let wanted = SlicesOf::new(cx.session, &layers, &target, self.layers_too);
        if wanted.is_some() && self.asked.is_asked() {
            self.list.choose(0);
        }
        let words = Words {
            title: strings.find_slices,
            what: strings.slices_what,
            why: strings.slices_why,
            start: strings.find_slices,
            icon: Some(icons::CROSSHAIR),
            stale: strings.stale_slices,
        };
        let Some(sliced) = self.asked.ui(ui, cx, wanted, &words) else { return };
        self.found_ui(ui, cx, &sliced);
    }
}

impl SlicesPane {
    /// The target that was chosen, else the one that is most worth knowing.
    fn target_of(&self, targets: &[String]) -> Option<String> {
        let is_there = |name: &&String| targets.contains(*name);
        self.target.as_ref().filter(is_there).or(targets.first()).cloned()
    }

    fn head_ui(&mut self, ui: &mut egui::Ui, strings: &Strings, targets: &[String], target: &str) {
        ui.horizontal_wrapped(|ui| {
            ui.label(strings.slices_of);
            let choices: Vec<(String, &str)> =
                targets.iter().map(|name| (name.clone(), target_name(strings, name))).collect();
            let id = egui::Id::unique("slices of");
            let mut chosen = target.to_owned();
            if widgets::select(ui, id, strings.slices_of, &mut chosen, &choices, 190.0) {
                self.target = Some(chosen);
            }
            widgets::toggle(ui, &mut self.layers_too, strings.slices_layers);
            // Until something was found, the pane itself asks.
            let again = Button::new(strings.find_slices).icon(icons::CROSSHAIR);
            if self.asked.is_settled() && again.show(ui).clicked() {
                self.asked.ask();
            }
        });
        ui.add_space(space::S);
    }

    fn found_ui(&mut self, ui: &mut egui::Ui, cx: &mut PaneCx<'_>, sliced: &Sliced) {
        let strings = cx.strings;
        let found = &sliced.found;
        let mean = figure(sliced, found.mean);
        let searched = strings.slices_searched(&mean, found.rows as u64, found.held_out as u64);
        let line = format!("{}  ·  {searched}", target_name(strings, &sliced.target));
        ui.label(egui::RichText::new(line).font(theme::caption()).color(Tokens::of(ui).weak));
        ui.add_space(space::XS);
        let rows = sliced.rows();
        if rows.is_empty() {
            PaneState::new(PaneStateKind::Empty, strings.slices_nothing).icon(icons::SEAL_CHECK).show(ui);
            return;
        }
        let columns = [
            TableColumn::new(strings.mean, 72.0),
            TableColumn::new(strings.interval, 150.0),
            TableColumn::new(strings.rows, 80.0),
            TableColumn::new(strings.elsewhere, 84.0),
            TableColumn::new(strings.confirmed, 92.0),
            TableColumn::new(strings.condition, 320.0),
        ];
        let name = |at: usize| rows.get(at).map_or_else(String::new, |row| spoken(strings, sliced, *row));
        let shown: Vec<bool> = rows.iter().map(|row| is_in_view(cx, *row)).collect();
        let holds = |at: usize| shown.get(at).is_some_and(|shown| *shown);
        let scale = scale_of(sliced);
        let acted = DetailList::new("slices", strings.slices, &columns, rows.len())
            .numbers(&[0, 2, 3])
            .detail(CHOSEN, CHOSEN..=CHOSEN)
            .selected(&holds)
            .row_name(&name)
            .show(
                ui,
                &mut self.list,
                |ui, at| rows.get(at).into_iter().for_each(|row| chosen_ui(ui, cx, *row)),
                |ui, at, column, rect| {
                    rows.get(at).into_iter().for_each(|row| cell_ui(ui, strings, sliced, *row, column, rect, &scale));
                },
            );
        if let Some((own, slice)) = acted.and_then(|at| rows.get(at)) {
            let saved = own.and_then(|name| cx.session.views().iter().find(|saved| saved.name == name));
            let view = match saved {
                Some(saved) => saved.view.clone(),
                None => toggled_of(cx.view, origin(), slice.condition.clone(), false),
            };
            cx.act(Act::SetView(view));
        }
    }
}

/// The chosen slice in words, and what can be done with it.
fn chosen_ui(ui: &mut egui::Ui, cx: &mut PaneCx<'_>, (own, slice): (Option<&str>, &Slice)) {
    let strings = cx.strings;
    let tokens = Tokens::of(ui);
    ui.horizontal(|ui| {
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            if own.is_none() && Button::new(strings.save_as_view).icon(icons::PUSH_PIN).show(ui).clicked() {
                cx.act(Act::SetView(with_condition(cx.view, &slice.condition)));
                cx.act(Act::SaveView(slice.condition.clone()));
            }
            let condition = egui::RichText::new(&slice.condition).font(theme::mono()).color(tokens.text);
            let shown = ui.with_layout(egui::Layout::left_to_right(egui::Align::Center), |ui| {
                ui.add(egui::Label::new(condition).truncate())
            });
            shown.inner.on_hover_text(strings.confirmed_why);
        });
    });
}

/// The view with the condition of a slice in place of another one's.
fn with_condition(view: &View, condition: &str) -> View {
    let mut view = view.clone();
    view.filters.retain(|chip| chip.origin != origin());
    view.filters.push(Chip { origin: origin(), ..Chip::new(condition) });
    view
}

fn is_shown(view: &View, condition: &str) -> bool {
    view.filters.iter().any(|chip| chip.origin == origin() && chip.sql == condition)
}

/// The name of a column, or of what is no column.
fn target_name<'a>(strings: &'a Strings, target: &'a str) -> &'a str {
    if target == UNCOVERED { strings.slices_uncovered } else { target }
}

/// A mean of the target: a share where it is 0 or 1.
fn figure(sliced: &Sliced, mean: Option<f64>) -> String {
    match mean {
        Some(mean) if sliced.is_share => percent(mean),
        Some(mean) => decimal(mean),
        None => "–".to_owned(),
    }
}

/// The name of a view of the person's own, else the condition that was found.
fn named<'a>((own, slice): (Option<&'a str>, &'a Slice)) -> &'a str {
    own.unwrap_or(&slice.condition)
}

fn is_in_view(cx: &PaneCx<'_>, (own, slice): (Option<&str>, &Slice)) -> bool {
    let is_saved = |name: &str| cx.session.views().iter().any(|saved| saved.name == name && saved.view == *cx.view);
    own.map_or_else(|| is_shown(cx.view, &slice.condition), is_saved)
}

fn spoken(strings: &Strings, sliced: &Sliced, row: (Option<&str>, &Slice)) -> String {
    let slice = row.1;
    strings.slice_row(named(row), &figure(sliced, Some(slice.mean)), slice.rows as u64, slice.confirmed)
}

/// The scale of all intervals: shares from 0, other means around what there is.
fn scale_of(sliced: &Sliced) -> std::ops::RangeInclusive<f64> {
    let all = || sliced.rows().into_iter().map(|(_, slice)| slice);
    let mean = sliced.found.mean.unwrap_or_default();
    let high = all().map(|slice| slice.high).filter(|high| high.is_finite()).fold(mean, f64::max);
    let low = all().map(|slice| slice.low).filter(|low| low.is_finite()).fold(mean, f64::min);
    if sliced.is_share { 0.0..=high.max(f64::MIN_POSITIVE) } else { low..=high }
}

fn cell_ui(
    ui: &egui::Ui,
    strings: &Strings,
    sliced: &Sliced,
    row: (Option<&str>, &Slice),
    column: usize,
    rect: egui::Rect,
    scale: &std::ops::RangeInclusive<f64>,
) {
    let slice = row.1;
    match column {
        0 => widgets::cell_text(ui, rect, &figure(sliced, Some(slice.mean)), CellStyle::Number),
        1 => {
            let whisker = Whisker {
                value: slice.mean,
                interval: slice.low..=slice.high,
                mark: sliced.found.mean,
                band: None,
                scale: scale.clone(),
                strong: slice.confirmed,
            };
            widgets::paint_whisker(ui, rect, &whisker);
        }
        2 => widgets::cell_text(ui, rect, &grouped(slice.rows as u64), CellStyle::Number),
        3 => widgets::cell_text(ui, rect, &figure(sliced, slice.elsewhere), CellStyle::Number),
        4 if slice.confirmed => widgets::cell_text(ui, rect, strings.confirmed, CellStyle::Text),
        4 => widgets::cell_text(ui, rect, "–", CellStyle::Weak),
        _ if row.0.is_some() => {
            let style = CellStyle::Text;
            widgets::cell_text(ui, rect.with_min_x(rect.left() + size::ICON + space::XS), named(row), style);
            let (icon, color) = (theme::icon(size::ICON), Tokens::of(ui).weak);
            ui.painter().text(rect.left_center(), egui::Align2::LEFT_CENTER, icons::PUSH_PIN, icon, color);
        }
        _ => widgets::cell_text(ui, rect, &slice.condition, CellStyle::Code),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slice_to_be_saved_replaces_the_one_that_is_shown_and_keeps_other_conditions() {
        let view = View { filters: vec![Chip::new("n > 1")], ..View::default() };
        let one = with_condition(&view, "kind = 'a'");
        let two = with_condition(&one, "kind = 'b'");
        let sql = |view: &View| view.filters.iter().map(|chip| chip.sql.clone()).collect::<Vec<_>>();
        assert_eq!(sql(&one), ["n > 1", "kind = 'a'"]);
        assert_eq!(sql(&two), ["n > 1", "kind = 'b'"]);
        assert!(is_shown(&two, "kind = 'b'") && !is_shown(&two, "n > 1"));
        assert_eq!(with_condition(&two, "kind = 'b'"), two, "saving what is shown changes nothing");
    }

    #[test]
    fn the_target_is_what_was_chosen_while_it_is_there() {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let mut pane = SlicesPane::default();
        assert_eq!(pane.target_of(&names(&["model_wrong", "n"])).as_deref(), Some("model_wrong"));
        pane.target = Some("n".to_owned());
        assert_eq!(pane.target_of(&names(&["model_wrong", "n"])).as_deref(), Some("n"));
        assert_eq!(pane.target_of(&names(&["model_wrong"])).as_deref(), Some("model_wrong"));
        assert_eq!(pane.target_of(&[]), None);
    }
}
