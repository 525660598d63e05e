//! What is said while the data is not as the project last took it over: what was added, removed and changed, with the
//! way to look at it and the way to take it over.

use eframe::egui;

use super::act::Act;
use super::strings::Strings;
use super::theme::{Tokens, icons, space};
use super::widgets::{Button, ButtonKind};
use super::workbench::Workbench;
use crate::data::RowChange;
use crate::data::view::{Chip, View};

/// True if there is something to say.
pub(super) fn is_needed(bench: &Workbench) -> bool {
    bench.session.source_change().is_some()
}

/// Draws the line.
pub(super) fn ui(ui: &mut egui::Ui, bench: &Workbench, strings: &'static Strings, acts: &mut Vec<Act>) {
    let Some(change) = bench.session.source_change() else { return };
    let tokens = Tokens::of(ui);
    ui.horizontal_centered(|ui| {
        ui.spacing_mut().item_spacing.x = space::S;
        ui.label(egui::RichText::new(icons::WARNING).font(super::theme::icon(16.0)).color(tokens.warning));
        let (added, changed) = (change.count(RowChange::Added) as u64, change.count(RowChange::Changed) as u64);
        let text = strings.source_differs(added, change.removed.len() as u64, changed);
        ui.label(egui::RichText::new(text).color(tokens.text));
        let orphans = bench.session.annotations().orphans() as u64;
        if orphans > 0 {
            ui.label(egui::RichText::new(strings.orphans(orphans)).color(tokens.weak));
        }
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            if Button::new(strings.take_over).kind(ButtonKind::Primary).show(ui).clicked() {
                acts.push(Act::TakeOverSource);
            }
            if added + changed > 0 && Button::new(strings.show_differences).show(ui).clicked() {
                let filters = vec![Chip::new("source_change IS NOT NULL")];
                acts.push(Act::SetView(View { filters, ..View::default() }));
            }
        });
    });
}
