//! The list of all commands, and the overlay of keys.

use eframe::egui;

use super::keys::{COMMANDS, CommandId, Scope};
use super::strings::Strings;
use super::theme::{self, Tokens, radius, size, space};
use super::widgets;
use crate::data::fold;
use crate::label::Classes;

/// The open palette.
#[derive(Default)]
pub(super) struct Palette {
    typed: String,
    at: usize,
    shown: bool,
}

impl Palette {
    /// Draws it. `Some(Some(command))` when one was chosen, `Some(None)` when it was closed.
    pub fn ui(&mut self, ctx: &egui::Context, strings: &'static Strings) -> Option<Option<CommandId>> {
        let fits = |name: &str| letters_in_order(&fold(name), &fold(&self.typed));
        let found: Vec<_> = COMMANDS.iter().filter(|command| fits(command.name(strings))).collect();
        let (up, down, enter, escape) = ctx.input_mut(|input| {
            let none = egui::Modifiers::NONE;
            (
                input.consume_key(none, egui::Key::ArrowUp),
                input.consume_key(none, egui::Key::ArrowDown),
                input.consume_key(none, egui::Key::Enter),
                input.consume_key(none, egui::Key::Escape),
            )
        });
        self.at = (self.at + usize::from(down)).saturating_sub(usize::from(up)).min(found.len().saturating_sub(1));
        if escape {
            return Some(None);
        }
        if enter {
            return Some(found.get(self.at).map(|command| command.id));
        }
        let mut chosen = None;
        let modal = overlay(ctx, "palette", 460.0, |ui| {
            let id = egui::Id::unique("palette text");
            let typed = widgets::search_box(
                ui,
                id,
                &mut self.typed,
                strings.command_palette,
                strings.command_palette_hint,
                436.0,
            );
            if !self.shown {
                typed.response.request_focus();
                self.shown = true;
            }
            ui.add_space(space::XS);
            egui::ScrollArea::vertical().max_height(380.0).show(ui, |ui| {
                ui.spacing_mut().item_spacing.y = 0.0;
                for (index, command) in found.iter().enumerate() {
                    if row_ui(ui, command.name(strings), &command.key_text(), index == self.at) {
                        chosen = Some(command.id);
                    }
                }
            });
        });
        if modal { Some(None) } else { chosen.map(Some) }
    }
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

/// The overlay of all keys that work now. True while it is to stay.
pub(super) fn shortcuts_ui(ctx: &egui::Context, strings: &'static Strings, classes: &Classes) -> bool {
    if ctx.input_mut(|input| input.consume_key(egui::Modifiers::NONE, egui::Key::Escape)) {
        return false;
    }
    let closed = overlay(ctx, "shortcuts", 640.0, |ui| {
        ui.label(egui::RichText::new(strings.shortcuts).font(theme::section()));
        ui.add_space(space::S);
        ui.columns(2, |columns| {
            if let [left, right] = columns {
                for command in COMMANDS.iter().filter(|command| command.key.is_some()) {
                    let ui = if command.scope == Scope::Label { &mut *right } else { &mut *left };
                    key_row(ui, &command.key_text(), command.name(strings));
                }
                for class in classes.iter() {
                    if let Some(key) = class.key {
                        key_row(right, &key.to_uppercase().to_string(), &strings.label_as(&class.name));
                    }
                }
            }
        });
    });
    !closed
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
