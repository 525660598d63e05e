//! The overlay that lists the keys that work right now.

use eframe::egui::{self, Align, Context, Id, Layout, RichText, ScrollArea, Ui, vec2};

use super::button::key_caps;
use super::modal::modal;
use crate::app::strings::strings;
use crate::app::theme::{self, Tokens, size, space};

/// A key and what it does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shortcut {
    /// The chord as it is written, such as `Ctrl+Shift+P`. Letters are those on the keyboard.
    pub keys: String,
    /// What it does.
    pub does: String,
}

impl Shortcut {
    /// A key and what it does.
    pub fn new(keys: impl Into<String>, does: impl Into<String>) -> Self {
        Self { keys: keys.into(), does: does.into() }
    }
}

/// Shortcuts that belong together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShortcutGroup {
    /// Where they work.
    pub title: String,
    /// The shortcuts.
    pub shortcuts: Vec<Shortcut>,
}

/// Draws the overlay while `open`, and closes it on Esc, on its cross, on `?` and on a click beside it.
pub fn shortcuts_overlay(ctx: &Context, groups: &[ShortcutGroup], open: &mut bool) {
    if !*open {
        return;
    }
    let texts = strings(ctx);
    let columns = if ctx.content_rect().width() > 820.0 { 2 } else { 1 };
    let width = if columns == 2 { 720.0 } else { 400.0 };
    let result = modal(ctx, Id::unique("shortcuts"), texts.shortcuts, width, |ui| {
        let tokens = Tokens::of(ui);
        ui.label(RichText::new(texts.shortcuts_hint).color(tokens.weak));
        ui.add_space(space::XS);
        let most = ctx.content_rect().height() - 180.0;
        let halves = split(groups, columns);
        let longest = halves.iter().map(|half| half.iter().map(group_height).sum::<f32>()).fold(0.0, f32::max);
        let height = longest.min(most.max(120.0));
        ScrollArea::vertical().max_height(height).min_scrolled_height(height).show(ui, |ui| {
            ui.spacing_mut().item_spacing.x = space::XXL;
            ui.columns(columns, |uis| {
                for (ui, groups) in uis.iter_mut().zip(halves) {
                    for group in groups {
                        group_ui(ui, tokens, group);
                    }
                }
            });
        });
    });
    let again = ctx.input_mut(|i| i.consume_key(egui::Modifiers::SHIFT, egui::Key::Questionmark));
    *open = !result.close && !again;
}

/// How high a group is drawn.
fn group_height(group: &ShortcutGroup) -> f32 {
    size::HIT * (group.shortcuts.len() as f32 + 1.0) + space::XS + space::L
}

fn group_ui(ui: &mut Ui, tokens: &Tokens, group: &ShortcutGroup) {
    ui.spacing_mut().item_spacing = vec2(space::S, 0.0);
    ui.label(RichText::new(&group.title).font(theme::strong()).color(tokens.text));
    ui.add_space(space::XS);
    for shortcut in &group.shortcuts {
        let wanted = vec2(ui.available_width(), size::HIT);
        ui.allocate_ui_with_layout(wanted, Layout::right_to_left(Align::Center), |ui| {
            key_caps(ui, &shortcut.keys);
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                ui.add(egui::Label::new(RichText::new(&shortcut.does).color(tokens.weak)).truncate());
            });
        });
    }
    ui.add_space(space::L);
}

/// Groups in columns of about the same height, in their order.
fn split(groups: &[ShortcutGroup], columns: usize) -> Vec<&[ShortcutGroup]> {
    let height = |group: &ShortcutGroup| group.shortcuts.len() + 2;
    let total: usize = groups.iter().map(height).sum();
    if columns < 2 {
        return vec![groups];
    }
    let mut sum = 0;
    let cut = groups.iter().position(|group| {
        sum += height(group);
        sum * 2 >= total
    });
    let (left, right) = groups.split_at(cut.map_or(groups.len(), |cut| cut + 1));
    vec![left, right]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_about_as_long() {
        let group = |rows: usize| ShortcutGroup {
            title: String::new(),
            shortcuts: (0..rows).map(|_| Shortcut::new("1", "one")).collect(),
        };
        let check = |rows: &[usize], expected: &[usize]| {
            let groups: Vec<_> = rows.iter().map(|&rows| group(rows)).collect();
            assert_eq!(split(&groups, 2).iter().map(|half| half.len()).collect::<Vec<_>>(), expected);
        };
        check(&[4, 4], &[1, 1]);
        check(&[9, 3, 3], &[1, 2]);
        check(&[2, 2, 2, 9], &[3, 1]);
        check(&[], &[0, 0]);
    }
}
