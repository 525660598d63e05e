//! A list of named things that drops down from a button: one click opens one, a name and Enter save what there is now.

use eframe::egui::{
    Color32, Popup, PopupCloseBehavior, Response, RichText, Role, ScrollArea, Sense, Ui, WidgetInfo, vec2,
};

use super::button::{Button, icon_button};
use super::field::Field;
use super::paint::{CellStyle, cell_text};
use crate::app::strings::strings;
use crate::app::theme::{self, Tokens, icons, radius, size, space};

const WIDTH: f32 = 300.0;

/// One name in a [`NamedList`].
#[derive(Debug, Clone)]
pub struct Named {
    /// The name.
    pub name: String,
    /// More about it, shown on hover.
    pub about: String,
    /// True if it is what there is now.
    pub chosen: bool,
}

/// What happened in a [`NamedList`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NamedEvent {
    /// The one at this place is to be opened.
    Open(usize),
    /// The one at this place is to be removed.
    Remove(usize),
    /// What there is now is to be saved under this name.
    Save(String),
}

/// A list of named things under a button.
#[must_use = "call `show`"]
pub struct NamedList<'a> {
    /// What a name is asked for ("Name of the view").
    pub field: &'a str,
    /// The things.
    pub items: &'a [Named],
    /// What is said while there are none.
    pub none: &'a str,
    /// Why nothing can be saved now; `None` if it can.
    pub blocked: Option<&'a str>,
}

impl NamedList<'_> {
    /// Draws it below `button` while it is open; `typed` is the name under way.
    pub fn show(self, button: &Response, typed: &mut String) -> Option<NamedEvent> {
        let popup = Popup::menu(button).close_behavior(PopupCloseBehavior::CloseOnClickOutside).width(WIDTH);
        let shown = popup.show(|ui| {
            ui.set_width(WIDTH);
            let mut event = self.save_ui(ui, typed);
            let tokens = Tokens::of(ui);
            let note = self.blocked.or(self.items.is_empty().then_some(self.none));
            if let Some(note) = note {
                ui.label(RichText::new(note).font(theme::caption()).color(tokens.weak));
            }
            ScrollArea::vertical().max_height(320.0).show(ui, |ui| {
                ui.spacing_mut().item_spacing.y = 0.0;
                for (index, item) in self.items.iter().enumerate() {
                    event = item_ui(ui, index, item).or(event.take());
                }
            });
            if matches!(event, Some(NamedEvent::Open(_))) {
                ui.close();
            }
            event
        });
        shown.and_then(|shown| shown.inner)
    }

    fn save_ui(&self, ui: &mut Ui, typed: &mut String) -> Option<NamedEvent> {
        let saved = ui.horizontal(|ui| {
            let response = Field::new(self.field).hint(self.field).hide_label().width(WIDTH - 88.0).show(ui, typed);
            let entered = response.lost_focus() && ui.input(|input| input.key_pressed(eframe::egui::Key::Enter));
            let ready = self.blocked.is_none() && !typed.trim().is_empty();
            let clicked = Button::new(strings(ui).save).enabled(ready).show(ui).clicked();
            (ready && (clicked || entered)).then(|| NamedEvent::Save(std::mem::take(typed)))
        });
        ui.add_space(space::XS);
        saved.inner
    }
}

fn item_ui(ui: &mut Ui, index: usize, item: &Named) -> Option<NamedEvent> {
    let row = ui.horizontal(|ui| {
        let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width() - 32.0, size::ROW), Sense::click());
        response.widget_info(|| WidgetInfo::selected(Role::MenuItem, true, item.chosen, &item.name));
        let tokens = Tokens::of(ui);
        let fill = match (item.chosen, response.hovered() || response.has_focus()) {
            (true, _) => tokens.selection,
            (false, true) => tokens.hover,
            _ => Color32::TRANSPARENT,
        };
        ui.painter().rect_filled(rect, radius::CONTROL, fill);
        cell_text(ui, rect.shrink2(vec2(space::XS, 0.0)), &item.name, CellStyle::Text);
        let remove = strings(ui).remove_named(&item.name);
        if icon_button(ui, icons::TRASH, &remove, None).clicked() {
            return Some(NamedEvent::Remove(index));
        }
        let response = if item.about.is_empty() { response } else { response.on_hover_text(&item.about) };
        response.clicked().then_some(NamedEvent::Open(index))
    });
    row.inner
}
