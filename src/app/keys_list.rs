//! The list in which keys are changed: choose a command, press its new key.

use eframe::egui;

use super::keymap::{Keymap, Refused, caught};
use super::keys::{COMMANDS, CommandEntry, CommandId, Scope};
use super::strings::Strings;
use super::theme::{self, Tokens, icons, size, space};
use super::widgets::{self, Button, modal};

/// What the list keeps while it is open.
#[derive(Default)]
pub(super) struct KeysList {
    /// The command that waits for its key.
    waiting: Option<CommandId>,
    /// The command whose key was refused, and why.
    refused: Option<(CommandId, String)>,
}

/// A part of the list: the scopes that it shows, and its title.
type Part = (&'static [Scope], fn(&Strings) -> &'static str);

/// The parts of the list.
const PARTS: [Part; 5] = [
    (&[Scope::Global, Scope::Plain, Scope::Rows], |strings| strings.keys_everywhere),
    (&[Scope::Label, Scope::Classes], |strings| strings.keys_labelling),
    (&[Scope::Shapes], |strings| strings.keys_shapes),
    (&[Scope::Spans], |strings| strings.keys_spans),
    (&[Scope::Points], |strings| strings.keys_points),
];

impl KeysList {
    /// Draws it and changes keys. True while it is to stay.
    pub(super) fn ui(
        &mut self,
        ctx: &egui::Context,
        strings: &'static Strings,
        keys: &mut Keymap,
        classes: &[(char, String)],
    ) -> bool {
        // Before the dialog: Escape gives up the key, and only without one closes the list.
        if let Some(id) = self.waiting
            && let Some(key) = caught(ctx)
        {
            self.waiting = None;
            if key.logical_key != egui::Key::Escape {
                let set = keys.set(id, Some(key), classes);
                let text = super::keymap::key_text(&key);
                self.refused = set.err().map(|why| (id, why_text(&why, &text, strings)));
            }
        }
        let result = modal(ctx, egui::Id::unique("keys"), strings.change_keys, 560.0, |ui| {
            let tokens = Tokens::of(ui);
            ui.horizontal(|ui| {
                ui.label(egui::RichText::new(strings.keys_fixed).font(theme::caption()).color(tokens.weak));
                ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                    let reset = Button::new(strings.reset_keys).enabled(!keys.is_as_delivered());
                    if reset.show(ui).clicked() {
                        keys.reset();
                        self.refused = None;
                    }
                });
            });
            let height = (ctx.content_rect().height() - 180.0).max(200.0);
            let area = egui::ScrollArea::vertical().max_height(height).auto_shrink([false, true]);
            area.show(ui, |ui| {
                for (scopes, title) in PARTS {
                    ui.add_space(space::S);
                    ui.label(egui::RichText::new(title(strings)).font(theme::strong()).color(tokens.text));
                    for entry in COMMANDS.iter().filter(|entry| scopes.contains(&entry.scope)) {
                        self.entry_ui(ui, strings, keys, entry, classes);
                    }
                }
            });
        });
        !result.close
    }

    fn entry_ui(
        &mut self,
        ui: &mut egui::Ui,
        strings: &'static Strings,
        keys: &mut Keymap,
        entry: &CommandEntry,
        classes: &[(char, String)],
    ) {
        let tokens = Tokens::of(ui);
        ui.push_id(format!("{:?}", entry.id), |ui| {
            ui.horizontal(|ui| {
                ui.set_min_height(size::CONTROL);
                let name = entry.name(strings);
                let width = ui.available_width() - 260.0;
                let label = egui::Label::new(egui::RichText::new(name).color(tokens.text)).truncate();
                ui.add_sized(egui::vec2(width.max(120.0), size::CONTROL), |ui: &mut egui::Ui| {
                    ui.with_layout(egui::Layout::left_to_right(egui::Align::Center), |ui| ui.add(label)).inner
                });
                let waits = self.waiting == Some(entry.id);
                let text = keys.text(entry.id);
                let shown = match (waits, text.is_empty()) {
                    (true, _) => strings.press_a_key,
                    (_, true) => strings.no_key,
                    _ => text.as_str(),
                };
                let spoken = format!("{name}: {shown}");
                if Button::new(shown).selected(waits).accessible_name(&spoken).show(ui).clicked() {
                    self.waiting = (!waits).then_some(entry.id);
                    self.refused = None;
                }
                if !text.is_empty() && widgets::icon_button(ui, icons::X, strings.remove_key, None).clicked() {
                    // To have no key clashes with nothing.
                    let _ = keys.set(entry.id, None, classes);
                }
                let undo = icons::ARROW_COUNTER_CLOCKWISE;
                if keys.is_changed(entry.id) && widgets::icon_button(ui, undo, strings.key_as_it_came, None).clicked() {
                    let set = keys.set(entry.id, entry.key, classes);
                    let text = entry.key.map(|key| super::keymap::key_text(&key)).unwrap_or_default();
                    self.refused = set.err().map(|why| (entry.id, why_text(&why, &text, strings)));
                }
            });
            if let Some((_, why)) = self.refused.as_ref().filter(|(id, _)| *id == entry.id) {
                ui.label(egui::RichText::new(why).font(theme::caption()).color(tokens.error));
            }
        });
    }
}

fn why_text(why: &Refused, key: &str, strings: &'static Strings) -> String {
    match why {
        Refused::Command(id) => {
            let name = COMMANDS.iter().find(|entry| entry.id == *id).map_or("", |entry| entry.name(strings));
            strings.key_is_taken(key, name)
        }
        Refused::Class(name) => strings.key_is_taken(key, &strings.label_as(name)),
        Refused::Reserved => strings.key_reserved.to_owned(),
        Refused::WhileTyping => strings.key_while_typing.to_owned(),
    }
}
