//! The bar over the panes: the filter with its mistakes in place, the search, the parts of the view as chips, and how
//! many rows are left.

use std::ops::Range;

use eframe::egui;

use super::act::Act;
use super::keys::CommandId;
use super::strings::Strings;
use super::theme::{self, Tokens, icons, radius, size, space};
use super::widgets::{self, FieldError};
use super::workbench::Workbench;
use crate::data::Frame;
use crate::data::filter::{self, Completion};
use crate::data::search::Search;
use crate::data::view::{Chip, View};

/// What is typed and not yet part of the view.
#[derive(Default)]
pub(super) struct FilterBar {
    filter: String,
    search: String,
    /// The search of the view that `search` was last in step with.
    seen_search: Option<Search>,
    error: Option<FieldError>,
    focus: Option<bool>,
}

impl FilterBar {
    /// Puts the caret into the filter (true) or the search (false) in the next frame.
    pub fn ask_focus(&mut self, filter: bool) {
        self.focus = Some(filter);
    }
}

const FILTER_WIDTH: f32 = 340.0;
const SEARCH_WIDTH: f32 = 180.0;

pub(super) fn ui(ui: &mut egui::Ui, bench: &mut Workbench, strings: &'static Strings, acts: &mut Vec<Act>) {
    let tokens = Tokens::of(ui);
    ui.horizontal_centered(|ui| {
        ui.spacing_mut().item_spacing.x = space::S;
        let name = &bench.session.project().config.name;
        let name = widgets::one_line(ui, name, theme::strong(), tokens.text, 160.0);
        ui.label(egui::WidgetText::from(name));
        let frame = bench.live.layers().map(|layers| layers.frame.clone());
        filter_ui(ui, bench, frame.as_ref(), strings, acts);
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
    // While a new view is being computed, the old figure is dimmed.
    let stale = bench.live.view.running().is_some();
    let color = if stale { tokens.weak } else { tokens.text };
    ui.label(egui::RichText::new(text).color(color));
}

fn filter_ui(
    ui: &mut egui::Ui,
    bench: &mut Workbench,
    frame: Option<&Frame>,
    strings: &'static Strings,
    acts: &mut Vec<Act>,
) {
    let id = egui::Id::unique("filter");
    let bar = &mut bench.filter_bar;
    if bar.focus == Some(true) {
        bar.focus = None;
        ui.memory_mut(|memory| memory.request_focus(id));
    }
    let before = bar.filter.clone();
    let response = widgets::search_box(ui, id, &mut bar.filter, strings.filter, strings.filter_hint, FILTER_WIDTH);
    if bar.filter != before {
        bar.error = frame.and_then(|frame| mistake(&bar.filter, frame));
    }
    if response.submitted && !bar.filter.trim().is_empty() {
        bar.error = frame.and_then(|frame| mistake(&bar.filter, frame));
        if bar.error.is_none() {
            let mut view = bench.view.clone();
            view.filters.push(Chip::new(std::mem::take(&mut bar.filter).trim().to_owned()));
            acts.push(Act::SetView(view));
        }
        ui.memory_mut(|memory| memory.request_focus(id));
    }
    if bar.filter.trim().is_empty() || !response.response.has_focus() {
        return;
    }
    let below = response.response.rect;
    match &bar.error {
        Some(error) => error_ui(ui, below, &bar.filter, error),
        None => {
            if let Some(text) = frame.and_then(|frame| completions_ui(ui, below, &bar.filter, frame)) {
                bar.filter = text;
                bar.error = frame.and_then(|frame| mistake(&bar.filter, frame));
                ui.memory_mut(|memory| memory.request_focus(id));
            }
        }
    }
}

fn mistake(sql: &str, frame: &Frame) -> Option<FieldError> {
    if sql.trim().is_empty() {
        return None;
    }
    let error = filter::parse(sql, frame).err()?;
    let message = match &error.help {
        Some(help) => format!("{}. {help}", error.message),
        None => error.message.clone(),
    };
    Some(FieldError { message, range: Some(error.start..error.end) })
}

/// A card under the filter box.
fn card(ui: &egui::Ui, name: &str, below: egui::Rect, content: impl FnOnce(&mut egui::Ui)) {
    let tokens = Tokens::of(ui);
    egui::Area::new(egui::Id::unique(name))
        .fixed_pos(below.left_bottom() + egui::vec2(0.0, space::XS))
        .order(egui::Order::Foreground)
        .show(ui.ctx(), |ui| {
            egui::Frame::NONE
                .fill(tokens.raised)
                .stroke(egui::Stroke::new(1.0, tokens.hairline))
                .corner_radius(radius::CARD)
                .shadow(egui::Shadow { offset: [0, 2], blur: 12, spread: 0, color: tokens.shadow })
                .inner_margin(space::S)
                .show(ui, |ui| {
                    ui.set_width(below.width().max(320.0) - 2.0 * space::S);
                    content(ui);
                });
        });
}

/// The condition again with the mistake underlined, and what is wrong with it.
fn error_ui(ui: &egui::Ui, below: egui::Rect, text: &str, error: &FieldError) {
    let tokens = Tokens::of(ui);
    card(ui, "filter error", below, |ui| {
        if let Some(range) = &error.range {
            ui.label(underlined(text, range.clone(), tokens));
        }
        ui.label(egui::RichText::new(&error.message).color(tokens.error));
    });
}

fn underlined(text: &str, range: Range<usize>, tokens: &Tokens) -> egui::text::LayoutJob {
    let start = text.floor_char_boundary(range.start.min(text.len()));
    let end = text.ceil_char_boundary(range.end.clamp(start, text.len()));
    let mut job = egui::text::LayoutJob::default();
    let plain = egui::TextFormat::simple(theme::mono(), tokens.text);
    let wrong = egui::TextFormat { underline: egui::Stroke::new(2.0, tokens.error), ..plain.clone() };
    job.append(&text[..start], 0.0, plain.clone());
    job.append(&text[start..end], 0.0, wrong);
    job.append(&text[end..], 0.0, plain);
    job
}

/// What could be written next. A click takes it: the new text is returned.
fn completions_ui(ui: &egui::Ui, below: egui::Rect, text: &str, frame: &Frame) -> Option<String> {
    const MOST: usize = 8;
    let found: Vec<Completion> = filter::complete(text, frame).into_iter().take(MOST).collect();
    if found.is_empty() {
        return None;
    }
    let mut taken = None;
    card(ui, "filter completions", below, |ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        let tokens = Tokens::of(ui);
        for completion in &found {
            let (rect, response) =
                ui.allocate_exact_size(egui::vec2(ui.available_width(), size::ROW), egui::Sense::click());
            response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, &completion.text));
            if response.hovered() {
                ui.painter().rect_filled(rect, radius::CONTROL, tokens.hover);
            }
            let at = rect.left_center() + egui::vec2(space::XS, 0.0);
            ui.painter().text(at, egui::Align2::LEFT_CENTER, &completion.text, theme::mono(), tokens.text);
            let at = rect.right_center() - egui::vec2(space::XS, 0.0);
            ui.painter().text(at, egui::Align2::RIGHT_CENTER, &completion.detail, theme::caption(), tokens.weak);
            if response.clicked() {
                taken = Some(completed(text, &completion.text));
            }
        }
    });
    taken
}

/// `text` with its last, unfinished word replaced by `word`.
fn completed(text: &str, word: &str) -> String {
    let is_word = |letter: char| letter.is_alphanumeric() || letter == '_';
    let start = text
        .char_indices()
        .rev()
        .find(|(_, letter)| !is_word(*letter))
        .map_or(0, |(at, letter)| at + letter.len_utf8());
    format!("{}{word} ", &text[..start])
}

fn search_ui(ui: &mut egui::Ui, bench: &mut Workbench, strings: &'static Strings, acts: &mut Vec<Act>) {
    let id = egui::Id::unique("search");
    let bar = &mut bench.filter_bar;
    if bar.focus == Some(false) {
        bar.focus = None;
        ui.memory_mut(|memory| memory.request_focus(id));
    }
    // When the view changed by other means (undo, clear), the box follows it.
    if bench.view.search != bar.seen_search {
        bar.seen_search = bench.view.search.clone();
        bar.search = bench.view.search.as_ref().map_or_else(String::new, |search| search.text.clone());
    }
    let response = widgets::search_box(ui, id, &mut bar.search, strings.search, strings.search_hint, SEARCH_WIDTH);
    if response.changed {
        let search = (!bar.search.trim().is_empty()).then(|| Search { text: bar.search.clone(), ..Search::default() });
        bar.seen_search = search.clone();
        acts.push(Act::SetView(View { search, ..bench.view.clone() }));
    }
}

/// The parts of the view: filters, and the sort. Each can be removed; a filter goes back into the box to be edited.
fn chips_ui(ui: &mut egui::Ui, bench: &mut Workbench, strings: &'static Strings, acts: &mut Vec<Act>) {
    ui.horizontal(|ui| {
        let view = &bench.view;
        for (index, chip) in view.filters.iter().enumerate() {
            let text = if chip.negated { format!("NOT ({})", chip.sql) } else { chip.sql.clone() };
            let response = widgets::chip(ui, &text, None, true);
            let mut without = view.clone();
            without.filters.remove(index);
            if response.removed {
                acts.push(Act::SetView(without));
            } else if response.response.clicked() {
                bench.filter_bar.filter = text;
                bench.filter_bar.focus = Some(true);
                acts.push(Act::SetView(without));
            }
        }
        for key in &view.sort {
            let arrow = if key.descending { "↓" } else { "↑" };
            if widgets::chip(ui, &format!("{} {arrow}", key.column), None, true).removed {
                acts.push(Act::SetView(View { sort: Vec::new(), ..view.clone() }));
            }
        }
        let parts = view.filters.len() + view.sort.len() + usize::from(view.search.is_some());
        if parts > 1 && widgets::quiet_button(ui, strings.filter_clear_all).clicked() {
            acts.push(Act::Command(CommandId::ClearView));
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_completion_replaces_the_word_that_was_begun() {
        let check = |text, word, expected: &str| assert_eq!(completed(text, word), expected);
        check("lab", "label", "label ");
        check("length(doc", "document", "length(document ");
        check("label = ", "'spam'", "label = 'spam' ");
        check("내용 = 글", "글자", "내용 = 글자 ");
    }
}
