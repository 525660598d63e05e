//! The filter box: a condition as it is typed, with its mistakes in place and what could be written next.

use eframe::egui;

use super::strings::Strings;
use super::theme::{self, Tokens, radius, size, space};
use super::widgets::{self, FieldError};
use crate::data::Frame;
use crate::data::filter::{self, Completion};
use crate::data::view::{Chip, View};
use crate::engine::Fingerprint;

/// What is typed and not yet part of the view.
#[derive(Default)]
pub(super) struct FilterBox {
    text: String,
    error: Option<FieldError>,
    /// The chip of the view that is being edited, with its condition as it was.
    editing: Option<(usize, Chip)>,
    completions: Completions,
    focus: bool,
}

/// What could be written next, kept while neither the text nor the columns change.
#[derive(Default)]
struct Completions {
    of: Option<(String, Fingerprint)>,
    found: Vec<Completion>,
    /// The one that the arrow keys stand on.
    at: Option<usize>,
}

/// Completions that are offered at a time.
const OFFERED: usize = 8;

const WIDTH: f32 = 340.0;

/// The columns that can be named, with the name of their content.
pub(super) type Known<'a> = Option<(&'a Frame, Fingerprint)>;

impl FilterBox {
    /// Puts the caret into the box in the next frame.
    pub fn ask_focus(&mut self) {
        self.focus = true;
    }

    /// Takes a condition of the view into the box. The view keeps it until the new one is entered.
    pub fn edit(&mut self, index: usize, chip: &Chip) {
        self.text = chip.expression();
        self.editing = Some((index, chip.clone()));
        self.focus = true;
    }

    /// The condition of the view that is being edited.
    pub fn edited(&self, view: &View) -> Option<usize> {
        let (index, chip) = self.editing.as_ref()?;
        view.filters.get(*index).filter(|other| *other == chip).map(|_| *index)
    }

    /// Draws it. The view that it asks for, when Enter was pressed on a condition without mistakes.
    pub fn ui(&mut self, ui: &mut egui::Ui, view: &View, known: Known<'_>, strings: &'static Strings) -> Option<View> {
        let id = egui::Id::unique("filter");
        if std::mem::take(&mut self.focus) {
            ui.memory_mut(|memory| memory.request_focus(id));
        }
        let focused = ui.memory(|memory| memory.has_focus(id));
        let taken = if focused { self.completions.keys(ui) } else { None };
        if let Some(completion) = taken {
            self.take(&completion, known);
        }
        let before = self.text.clone();
        let response = widgets::search_box(ui, id, &mut self.text, strings.filter, strings.filter_hint, WIDTH);
        if self.text != before {
            self.error = known.and_then(|(frame, _)| mistake(&self.text, frame));
        }
        if self.text.trim().is_empty() {
            self.editing = None;
            return None;
        }
        let mut wish = None;
        if response.submitted {
            self.error = known.and_then(|(frame, _)| mistake(&self.text, frame));
            if self.error.is_none() {
                wish = Some(self.entered(view));
            }
            ui.memory_mut(|memory| memory.request_focus(id));
        }
        if response.response.has_focus() {
            let below = response.response.rect;
            match &self.error {
                Some(error) => error_ui(ui, below, &self.text, error),
                None => {
                    self.completions.refresh(&self.text, known);
                    if let Some(completion) = self.completions.ui(ui, below) {
                        self.take(&completion, known);
                        ui.memory_mut(|memory| memory.request_focus(id));
                    }
                }
            }
        }
        wish
    }

    /// The view with what was typed: in place of the condition that was edited, else behind the others.
    fn entered(&mut self, view: &View) -> View {
        let chip = Chip::new(std::mem::take(&mut self.text).trim());
        let mut view = view.clone();
        match self.edited(&view).and_then(|index| view.filters.get_mut(index)) {
            Some(old) => *old = chip,
            None => view.filters.push(chip),
        }
        self.editing = None;
        view
    }

    fn take(&mut self, completion: &Completion, known: Known<'_>) {
        let kept = self.text.get(..completion.start).unwrap_or(&self.text);
        self.text = format!("{kept}{} ", completion.text);
        self.error = known.and_then(|(frame, _)| mistake(&self.text, frame));
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

impl Completions {
    fn refresh(&mut self, text: &str, known: Known<'_>) {
        let Some((frame, print)) = known else { return };
        if self.of.as_ref().is_some_and(|(of, at)| of == text && *at == print) {
            return;
        }
        self.found = filter::complete(text, frame).into_iter().take(OFFERED).collect();
        self.of = Some((text.to_owned(), print));
        self.at = None;
    }

    /// The arrows move through what is offered, and Enter takes what they stand on.
    fn keys(&mut self, ui: &egui::Ui) -> Option<Completion> {
        if self.found.is_empty() {
            return None;
        }
        let pressed = |key| ui.input_mut(|input| input.consume_key(egui::Modifiers::NONE, key));
        let last = self.found.len() - 1;
        if pressed(egui::Key::ArrowDown) {
            self.at = Some(self.at.map_or(0, |at| (at + 1).min(last)));
        }
        if pressed(egui::Key::ArrowUp) {
            self.at = self.at.and_then(|at| at.checked_sub(1));
        }
        let at = self.at?;
        if !pressed(egui::Key::Enter) {
            return None;
        }
        self.at = None;
        self.found.get(at).cloned()
    }

    /// Draws them below the box. The one that was clicked.
    fn ui(&self, ui: &egui::Ui, below: egui::Rect) -> Option<Completion> {
        if self.found.is_empty() {
            return None;
        }
        let mut taken = None;
        card(ui, "filter completions", below, |ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            let tokens = Tokens::of(ui);
            for (index, completion) in self.found.iter().enumerate() {
                let (rect, response) =
                    ui.allocate_exact_size(egui::vec2(ui.available_width(), size::ROW), egui::Sense::click());
                response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, &completion.text));
                if response.hovered() || self.at == Some(index) {
                    ui.painter().rect_filled(rect, radius::CONTROL, tokens.hover);
                }
                let at = rect.left_center() + egui::vec2(space::XS, 0.0);
                ui.painter().text(at, egui::Align2::LEFT_CENTER, &completion.text, theme::mono(), tokens.text);
                let at = rect.right_center() - egui::vec2(space::XS, 0.0);
                ui.painter().text(at, egui::Align2::RIGHT_CENTER, &completion.detail, theme::caption(), tokens.weak);
                if response.clicked() {
                    taken = Some(completion.clone());
                }
            }
        });
        taken
    }
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
            ui.label(widgets::underlined(text, &theme::mono(), tokens, Some(range.clone())));
        }
        ui.label(egui::RichText::new(&error.message).color(tokens.error));
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edited_condition_goes_back_to_its_place() {
        let chip = |sql: &str| Chip::new(sql);
        let view = View { filters: vec![chip("a = 1"), Chip { negated: true, ..chip("b = 2") }], ..View::default() };
        let mut filter = FilterBox::default();
        filter.edit(1, &view.filters[1]);
        assert_eq!((filter.text.as_str(), filter.edited(&view)), ("(b = 2\n) IS NOT TRUE", Some(1)));
        filter.text = "b = 3".into();
        let edited = filter.entered(&view);
        assert_eq!(edited.filters, [chip("a = 1"), chip("b = 3")]);
        // Without a condition under edit, or when the view has gone on meanwhile, it is a new one.
        filter.text = "c = 4".into();
        assert_eq!(filter.entered(&edited).filters.len(), 3);
        filter.edit(0, &chip("gone"));
        filter.text = "d".into();
        assert_eq!(filter.entered(&edited).filters.len(), 3);
    }
}
