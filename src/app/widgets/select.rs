//! A choice out of many, in a list that drops down.

use eframe::egui::{ComboBox, Id, Ui};

use super::paint::icon_in;
use crate::app::theme::{Tokens, icons};

/// A choice out of many. `name` says what is chosen; returns true when the choice changed.
///
/// For two to four choices whose names are short, [`super::segmented`] shows them all at once.
pub fn select<T: PartialEq + Clone>(
    ui: &mut Ui,
    id: Id,
    name: &str,
    value: &mut T,
    choices: &[(T, &str)],
    width: f32,
) -> bool {
    let shown = choices.iter().find(|(choice, _)| choice == value).map_or("", |(_, text)| *text);
    let mut changed = false;
    let tokens = Tokens::of(ui);
    let list = ComboBox::from_id_salt(id)
        .selected_text(shown)
        .width(width)
        .truncate()
        .icon(|ui, rect, _visuals, _open| icon_in(ui, rect, icons::CARET_DOWN, 12.0, tokens.weak));
    let response = list.show_ui(ui, |ui| {
        for (choice, text) in choices {
            if ui.selectable_label(choice == value, *text).clicked() && choice != value {
                *value = choice.clone();
                changed = true;
            }
        }
    });
    response.response.accessible_name(name);
    changed
}
