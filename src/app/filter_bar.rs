//! The bar over the panes: the filter, the search, the parts of the view as chips, and how many rows are left.

use eframe::egui;

use super::act::Act;
use super::filter_box::FilterBox;
use super::keys::CommandId;
use super::strings::{Strings, grouped};
use super::theme::{self, Tokens, icons, space};
use super::widgets::{self, Tone};
use super::workbench::Workbench;
use crate::data::filter;
use crate::data::search::{Search, SearchMode};
use crate::data::view::{Chip, Part, View};

/// What is typed and not yet part of the view.
#[derive(Default)]
pub(super) struct FilterBar {
    filter: FilterBox,
    search: Search,
    /// The search of the view that `search` was last in step with.
    seen_search: Option<Search>,
    focus_search: bool,
}

impl FilterBar {
    /// Puts the caret into the filter (true) or the search (false) in the next frame.
    pub fn ask_focus(&mut self, filter: bool) {
        if filter { self.filter.ask_focus() } else { self.focus_search = true }
    }
}

const SEARCH_WIDTH: f32 = 180.0;

pub(super) fn ui(ui: &mut egui::Ui, bench: &mut Workbench, strings: &'static Strings, acts: &mut Vec<Act>) {
    let tokens = Tokens::of(ui);
    ui.horizontal_centered(|ui| {
        ui.spacing_mut().item_spacing.x = space::S;
        let name = &bench.session.project().config.name;
        let name = widgets::one_line(ui, name, theme::strong(), tokens.text, 160.0);
        ui.label(egui::WidgetText::from(name));
        filter_ui(ui, bench, strings, acts);
        search_ui(ui, bench, strings, acts);
        // From the right: the count, then undo; the chips take what is left between.
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            count_ui(ui, bench, strings);
            if widgets::icon_button(ui, icons::ARROW_CLOCKWISE, strings.redo, Some("Ctrl+Shift+Z")).clicked() {
                acts.push(Act::Command(CommandId::Redo));
            }
            if widgets::icon_button(ui, icons::ARROW_COUNTER_CLOCKWISE, strings.undo, Some("Ctrl+Z")).clicked() {
                acts.push(Act::Command(CommandId::Undo));
            }
            super::view_menu::ui(ui, bench, strings, acts);
            ui.with_layout(egui::Layout::left_to_right(egui::Align::Center), |ui| {
                egui::ScrollArea::horizontal().id_salt("chips").show(ui, |ui| chips_ui(ui, bench, strings, acts));
            });
        });
    });
}

fn count_ui(ui: &mut egui::Ui, bench: &Workbench, strings: &'static Strings) {
    let tokens = Tokens::of(ui);
    let total = bench.session.dataset().rows() as u64;
    let Some(snapshot) = bench.live.snapshot() else { return };
    let shown = snapshot.rows.len() as u64;
    let text = if shown == total { strings.rows_count(total) } else { strings.rows_of(shown, total) };
    // While a new view is being computed, the old figure is dimmed; if it cannot be, it is said.
    let color = match (bench.live.view.error(), bench.live.view.running()) {
        (Some(_), _) => tokens.error,
        (None, Some(_)) => tokens.weak,
        (None, None) => tokens.text,
    };
    let shown = ui.label(egui::RichText::new(text).color(color));
    if let Some(error) = bench.live.view.error() {
        shown.on_hover_text(format!("{}: {error}", strings.view_fault));
    }
    if !bench.selection().is_empty() {
        let selected = format!("{} {}", grouped(bench.selection().len() as u64), strings.selected);
        ui.label(egui::RichText::new(selected).color(tokens.accent));
    }
}

fn filter_ui(ui: &mut egui::Ui, bench: &mut Workbench, strings: &'static Strings, acts: &mut Vec<Act>) {
    let layers = bench.live.layers().cloned().zip(bench.live.layers.print());
    let known = layers.as_ref().map(|(layers, print)| (&layers.frame, *print));
    if let Some(view) = bench.filter_bar.filter.ui(ui, &bench.view, known, strings) {
        acts.push(Act::SetView(view));
    }
}

fn search_ui(ui: &mut egui::Ui, bench: &mut Workbench, strings: &'static Strings, acts: &mut Vec<Act>) {
    let id = egui::Id::unique("search");
    let bar = &mut bench.filter_bar;
    if std::mem::take(&mut bar.focus_search) {
        ui.memory_mut(|memory| memory.request_focus(id));
    }
    // When the view changed by other means (undo, clear), the box follows it.
    if bench.view.search != bar.seen_search {
        bar.seen_search = bench.view.search.clone();
        bar.search.text.clear();
        if let Some(search) = &bench.view.search {
            bar.search = search.clone();
        }
    }
    let before = bar.search.clone();
    ui.spacing_mut().item_spacing.x = space::XXS;
    widgets::search_box(ui, id, &mut bar.search.text, strings.search, strings.search_hint, SEARCH_WIDTH);
    mode_ui(ui, &mut bar.search, strings);
    ui.spacing_mut().item_spacing.x = space::S;
    if bar.search != before {
        let search = Some(bar.search.clone()).filter(|search| !search.text.trim().is_empty());
        if search != bench.view.search {
            bar.seen_search = search.clone();
            acts.push(Act::SetView(View { search, ..bench.view.clone() }));
        }
    }
}

/// How the search is meant: words, a phrase or a regular expression, and whether case matters.
fn mode_ui(ui: &mut egui::Ui, search: &mut Search, strings: &'static Strings) {
    let button = widgets::icon_button(ui, icons::SLIDERS_HORIZONTAL, strings.search_mode, None);
    let popup = egui::Popup::menu(&button).close_behavior(egui::PopupCloseBehavior::CloseOnClickOutside);
    popup.show(|ui| {
        let modes = [
            (SearchMode::Words, strings.search_words),
            (SearchMode::Phrase, strings.search_phrase),
            (SearchMode::Regex, strings.search_regex),
        ];
        for (mode, name) in modes {
            ui.radio_value(&mut search.mode, mode, name);
        }
        ui.checkbox(&mut search.match_case, strings.match_case);
    });
}

/// The parts of the view: filters, the search and the sort. Each can be removed; a filter goes into the box to be
/// edited. Each says how many rows it keeps and how many it alone takes away.
fn chips_ui(ui: &mut egui::Ui, bench: &mut Workbench, strings: &'static Strings, acts: &mut Vec<Act>) {
    ui.horizontal(|ui| {
        let view = bench.view.clone();
        let edited = bench.filter_bar.filter.edited(&view);
        for (index, chip) in view.filters.iter().enumerate() {
            let fault = fault(bench, chip);
            let tone = match (&fault, edited == Some(index)) {
                (Some(_), _) => Tone::Error,
                (None, true) => Tone::Warning,
                (None, false) => Tone::Info,
            };
            let response = widgets::toned_chip(ui, &chip_text(chip, strings), tone, true);
            let about = fault.unwrap_or_else(|| count_text(bench, Part::Filter(index), strings));
            let clicked = response.response.on_hover_text(about).clicked();
            if response.removed {
                let mut without = view.clone();
                without.filters.remove(index);
                acts.push(Act::SetView(without));
            } else if clicked && chip.items.is_none() {
                bench.filter_bar.filter.edit(index, chip);
            }
        }
        for (index, key) in view.sort.iter().enumerate() {
            let arrow = if key.descending { "↓" } else { "↑" };
            let chip = widgets::chip(ui, &format!("{} {arrow}", key.column), None, true);
            let mut sort = view.sort.clone();
            if chip.removed {
                sort.remove(index);
                acts.push(Act::SetView(View { sort, ..view.clone() }));
            } else if chip.response.clicked() {
                if let Some(key) = sort.get_mut(index) {
                    key.descending = !key.descending;
                }
                acts.push(Act::SetView(View { sort, ..view.clone() }));
            }
        }
        let parts = view.filters.len() + view.sort.len() + usize::from(view.search.is_some());
        if parts > 1 && widgets::quiet_button(ui, strings.filter_clear_all).clicked() {
            acts.push(Act::Command(CommandId::ClearView));
        }
    });
}

fn chip_text(chip: &Chip, strings: &Strings) -> String {
    match (&chip.items, chip.negated) {
        (Some(_), true) => strings.without(&chip.sql),
        (Some(_), false) => chip.sql.clone(),
        (None, true) => format!("NOT ({})", chip.sql),
        (None, false) => chip.sql.clone(),
    }
}

/// Why a condition cannot be evaluated with the columns as they are now.
fn fault(bench: &Workbench, chip: &Chip) -> Option<String> {
    bench.live.view.error()?;
    let frame = &bench.live.layers()?.frame;
    let error = filter::parse(&chip.sql, frame).err().filter(|_| chip.items.is_none())?;
    Some(error.help.map_or_else(|| error.message.clone(), |help| format!("{}. {help}", error.message)))
}

/// "Keeps 1,204 rows; without it 3,000".
fn count_text(bench: &Workbench, part: Part, strings: &Strings) -> String {
    let snapshot = bench.live.snapshot();
    let count = snapshot.and_then(|snapshot| snapshot.parts.iter().find(|count| count.part == part));
    count.map_or_else(String::new, |count| strings.part_counts(count.alone as u64, count.without as u64))
}
