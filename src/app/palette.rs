//! The list of all commands and places, and the overlay of keys.

use eframe::egui;

use super::act::Act;
use super::keymap::{self, Keymap, key_text};
use super::keys::{COMMANDS, CommandId, Scope};
use super::strings::Strings;
use super::theme::{self, Tokens, radius, size, space};
use super::widgets;
use super::workbench::Workbench;
use crate::data::filter::{quote_name, quote_text};
use crate::data::fold;
use crate::data::view::{Chip, SortKey, View};
use crate::label::Classes;

/// What a line of the palette leads to.
#[derive(Debug, Clone)]
pub(super) enum Goal {
    /// A command.
    Command(CommandId),
    /// A view: a saved one, a column to sort by, a class.
    View(View),
    /// A row, counted from 0.
    Row(u32),
    /// A saved arrangement of panes.
    Layout(String),
}

impl From<Goal> for Act {
    fn from(goal: Goal) -> Self {
        match goal {
            Goal::Command(id) => Self::Command(id),
            Goal::View(view) => Self::SetView(view),
            Goal::Row(row) => Self::Reveal(row),
            Goal::Layout(name) => Self::OpenLayout(name),
        }
    }
}

struct Entry {
    name: String,
    /// Its key, or what sort of thing it is.
    detail: String,
    goal: Goal,
}

/// The open palette.
pub(super) struct Palette {
    entries: Vec<Entry>,
    rows: u32,
    typed: String,
    at: usize,
    shown: bool,
}

impl Palette {
    /// The commands alone, or, with a workbench, the places of its project before them: rows by number, saved views,
    /// columns, classes, layouts.
    pub fn new(strings: &Strings, bench: Option<&Workbench>, keymap: &Keymap) -> Self {
        let mut entries = bench.map_or_else(Vec::new, |bench| places(strings, bench));
        let anywhere = COMMANDS.iter().filter(|command| !command.scope.is_pane());
        entries.extend(anywhere.map(|command| Entry {
            name: command.name(strings).to_owned(),
            detail: keymap.text(command.id),
            goal: Goal::Command(command.id),
        }));
        let rows = bench.map_or(0, |bench| bench.session().dataset().rows() as u32);
        Self { entries, rows, typed: String::new(), at: 0, shown: false }
    }

    /// Draws it. `Some(Some(goal))` when one was chosen, `Some(None)` when it was closed.
    pub fn ui(&mut self, ctx: &egui::Context, strings: &'static Strings) -> Option<Option<Goal>> {
        let row = self.row(strings);
        let typed = fold(&self.typed);
        let found: Vec<&Entry> = row
            .iter()
            .chain(self.entries.iter().filter(|entry| letters_in_order(&fold(&entry.name), &typed)))
            .collect();
        let (up, down, enter, escape) = ctx.input_mut(|input| {
            let none = egui::Modifiers::NONE;
            (
                input.consume_key(none, egui::Key::ArrowUp),
                input.consume_key(none, egui::Key::ArrowDown),
                input.consume_key(none, egui::Key::Enter),
                input.consume_key(none, egui::Key::Escape),
            )
        });
        let at = (self.at + usize::from(down)).saturating_sub(usize::from(up)).min(found.len().saturating_sub(1));
        if escape {
            return Some(None);
        }
        if enter {
            return Some(found.get(at).map(|entry| entry.goal.clone()));
        }
        let (mut chosen, mut text) = (None, self.typed.clone());
        let closed = overlay(ctx, "palette", 460.0, |ui| {
            let id = egui::Id::unique("palette text");
            let hint = if self.rows > 0 { strings.go_to_hint } else { strings.command_palette_hint };
            let box_ = widgets::search_box(ui, id, &mut text, strings.command_palette, hint, 436.0);
            if !self.shown {
                box_.response.request_focus();
            }
            ui.add_space(space::XS);
            egui::ScrollArea::vertical().max_height(380.0).show(ui, |ui| {
                ui.spacing_mut().item_spacing.y = 0.0;
                for (index, entry) in found.iter().enumerate() {
                    if row_ui(ui, &entry.name, &entry.detail, index == at) {
                        chosen = Some(entry.goal.clone());
                    }
                }
            });
        });
        (self.at, self.shown) = (if text == self.typed { at } else { 0 }, true);
        self.typed = text;
        if closed { Some(None) } else { chosen.map(Some) }
    }

    /// The row whose number was typed.
    fn row(&self, strings: &Strings) -> Option<Entry> {
        let number: u32 = self.typed.trim().replace(',', "").parse().ok()?;
        let row = number.checked_sub(1).filter(|row| *row < self.rows)?;
        let name = strings.row_number(u64::from(row));
        Some(Entry { name, detail: strings.go_to_row.trim_end_matches('…').to_owned(), goal: Goal::Row(row) })
    }
}

/// The places of a project that can be gone to by name.
fn places(strings: &Strings, bench: &Workbench) -> Vec<Entry> {
    let mut entries = Vec::new();
    let mut add = |name: &str, detail: &str, goal: Goal| {
        entries.push(Entry { name: name.to_owned(), detail: detail.to_owned(), goal });
    };
    for saved in bench.session().views().iter() {
        add(&saved.name, strings.views, Goal::View(saved.view.clone()));
    }
    for class in bench.session().classes().iter() {
        let sql = format!("{} = {}", quote_name("label"), quote_text(&class.name));
        let view = View { filters: vec![Chip::new(sql)], ..View::default() };
        add(&class.name, strings.label, Goal::View(view));
    }
    if let Some(layers) = bench.live.layers() {
        for column in layers.frame.columns() {
            let sort = vec![SortKey { column: column.name().to_owned(), descending: false }];
            add(column.name(), strings.sort, Goal::View(View { sort, ..bench.view.clone() }));
        }
    }
    for name in bench.layouts.names() {
        add(name, strings.layouts, Goal::Layout(name.to_owned()));
    }
    entries
}

fn row_ui(ui: &mut egui::Ui, name: &str, key: &str, at: bool) -> bool {
    let tokens = Tokens::of(ui);
    let (rect, response) =
        ui.allocate_exact_size(egui::vec2(ui.available_width(), size::ROW_ROOMY), egui::Sense::click());
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, name));
    let fill = if at {
        tokens.selection
    } else if response.hovered() {
        tokens.hover
    } else {
        egui::Color32::TRANSPARENT
    };
    ui.painter().rect_filled(rect, radius::CONTROL, fill);
    let left = rect.left_center() + egui::vec2(space::S, 0.0);
    ui.painter().text(left, egui::Align2::LEFT_CENTER, name, theme::body(), tokens.text);
    let right = rect.right_center() - egui::vec2(space::S, 0.0);
    ui.painter().text(right, egui::Align2::RIGHT_CENTER, key, theme::caption(), tokens.weak);
    response.clicked()
}

/// What the overlay of keys is left for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Overlay {
    /// It stays.
    Open,
    /// It is closed.
    Closed,
    /// For the list in which keys are changed.
    Change,
}

/// The overlay of all keys.
pub(super) fn shortcuts_ui(ctx: &egui::Context, strings: &'static Strings, classes: &Classes) -> Overlay {
    if ctx.input_mut(|input| input.consume_key(egui::Modifiers::NONE, egui::Key::Escape)) {
        return Overlay::Closed;
    }
    let keymap = keymap::keymap(ctx);
    let mut change = false;
    let closed = overlay(ctx, "shortcuts", 640.0, |ui| {
        ui.horizontal(|ui| {
            ui.label(egui::RichText::new(strings.shortcuts).font(theme::section()));
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                change = widgets::Button::new(strings.change_keys).show(ui).clicked();
            });
        });
        ui.add_space(space::S);
        let area = egui::ScrollArea::vertical().max_height(ctx.content_rect().height() - 160.0);
        area.show(ui, |ui| {
            ui.columns(2, |columns| {
                if let [left, right] = columns {
                    for command in COMMANDS {
                        let Some(key) = keymap.key(command) else { continue };
                        let labels = command.scope.is_pane() || matches!(command.scope, Scope::Label | Scope::Classes);
                        let ui = if labels { &mut *right } else { &mut *left };
                        key_row(ui, &key_text(&key), command.name(strings));
                    }
                    for class in classes.iter() {
                        if let Some(key) = class.key {
                            key_row(right, &key.to_uppercase().to_string(), &strings.label_as(&class.name));
                        }
                    }
                }
            })
        });
    });
    match (change, closed) {
        (true, _) => Overlay::Change,
        (_, true) => Overlay::Closed,
        _ => Overlay::Open,
    }
}

fn key_row(ui: &mut egui::Ui, key: &str, name: &str) {
    ui.horizontal(|ui| {
        ui.set_min_height(size::CONTROL);
        let caps = ui.allocate_ui(egui::vec2(116.0, size::CONTROL), |ui| widgets::key_caps(ui, key));
        ui.add_space((116.0 - caps.response.rect.width()).max(0.0));
        ui.label(name);
    });
}

/// A card over a dimmed window. True if it was closed by a click beside it.
fn overlay(ctx: &egui::Context, name: &str, width: f32, content: impl FnOnce(&mut egui::Ui)) -> bool {
    let tokens = Tokens::of(ctx);
    let frame = egui::Frame::NONE
        .fill(tokens.panel)
        .stroke(egui::Stroke::new(1.0, tokens.hairline))
        .corner_radius(radius::CARD)
        .inner_margin(space::M);
    let modal = egui::Modal::new(egui::Id::unique(name)).frame(frame).backdrop_color(tokens.scrim).show(ctx, |ui| {
        ui.set_width(width - 2.0 * space::M);
        content(ui);
    });
    modal.backdrop_response.clicked()
}

/// True if the letters of `typed` stand in `text` in that order: `lf` finds "label functions".
fn letters_in_order(text: &str, typed: &str) -> bool {
    let mut letters = text.chars();
    typed.chars().filter(|letter| !letter.is_whitespace()).all(|letter| letters.any(|other| other == letter))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_found_in_order() {
        let check = |text, typed, expected| assert_eq!(letters_in_order(text, typed), expected, "{text} {typed}");
        check("label functions", "lf", true);
        check("label functions", "fl", false);
        check("label functions", "", true);
        check("다시 실행", "다실", true);
    }
}
