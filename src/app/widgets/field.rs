//! Text fields: with label, reason and error; and the search box.

use std::ops::Range;

use eframe::egui::{
    self, Margin, Response, RichText, Stroke, TextBuffer, TextEdit, Ui, UiBuilder,
    text::{LayoutJob, TextFormat},
};

use super::button::icon_button_with;
use crate::app::strings::strings;
use crate::app::theme::{self, Tokens, icons, size, space};

/// What is wrong with the text of a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// What is wrong and what to do, in one line.
    pub message: String,
    /// Where, in bytes of the text; it is underlined. `None` if it is the whole.
    pub range: Option<Range<usize>>,
}

/// A text field of one line, with its label above and its error below.
#[must_use = "call `show`"]
pub struct Field<'a> {
    label: &'a str,
    why: Option<&'a str>,
    hint: &'a str,
    error: Option<&'a FieldError>,
    mono: bool,
    show_label: bool,
    width: f32,
    id: Option<egui::Id>,
}

impl<'a> Field<'a> {
    /// A field with a label.
    pub fn new(label: &'a str) -> Self {
        Self { label, why: None, hint: "", error: None, mono: false, show_label: true, width: f32::INFINITY, id: None }
    }

    /// Why the field is asked for, under its label.
    pub fn why(mut self, why: &'a str) -> Self {
        self.why = Some(why);
        self
    }

    /// Shown while the field is empty.
    pub fn hint(mut self, hint: &'a str) -> Self {
        self.hint = hint;
        self
    }

    /// What is wrong with the text, if something is.
    pub fn error(mut self, error: Option<&'a FieldError>) -> Self {
        self.error = error;
        self
    }

    /// Sets the text monospaced: for expressions and paths.
    pub fn mono(mut self) -> Self {
        self.mono = true;
        self
    }

    /// Does not draw the label, which then only names the field.
    pub fn hide_label(mut self) -> Self {
        self.show_label = false;
        self
    }

    /// The width in points; all there is by default.
    pub fn width(mut self, width: f32) -> Self {
        self.width = width;
        self
    }

    /// The id, for a field that is given the keyboard from elsewhere.
    pub fn id(mut self, id: egui::Id) -> Self {
        self.id = Some(id);
        self
    }

    /// Draws it. The response is that of the text edit.
    pub fn show(self, ui: &mut Ui, text: &mut String) -> Response {
        let tokens = Tokens::of(ui);
        ui.vertical(|ui| {
            ui.spacing_mut().item_spacing.y = space::XS;
            let label = self.show_label.then(|| {
                let text = RichText::new(self.label).color(tokens.text).font(theme::strong());
                ui.label(text).id
            });
            if let Some(why) = self.why {
                ui.label(RichText::new(why).color(tokens.weak));
            }
            let range = self.error.map(|error| error.range.clone().unwrap_or(0..usize::MAX));
            let font = if self.mono { theme::mono() } else { theme::body() };
            let mut layouter = |ui: &Ui, buffer: &dyn TextBuffer, _width: f32| {
                let job = underlined(buffer.as_str(), &font, tokens, range.clone());
                ui.fonts_mut(|fonts| fonts.layout_job(job))
            };
            let response = ui
                .scope(|ui| {
                    if self.error.is_some() {
                        set_outline(ui, Stroke::new(1.0, tokens.error));
                    }
                    let mut edit = TextEdit::singleline(text)
                        .hint_text(self.hint.to_owned())
                        .margin(Margin::symmetric(8, 5))
                        .desired_width(self.width)
                        .layouter(&mut layouter);
                    if let Some(id) = self.id {
                        edit = edit.id(id);
                    }
                    let response = ui.add(edit);
                    match label {
                        Some(label) => response.labelled_by(label),
                        None => response.accessible_name(self.label),
                    }
                })
                .inner;
            if let Some(error) = self.error {
                error_line(ui, tokens, &error.message);
            }
            response
        })
        .inner
    }
}

fn set_outline(ui: &mut Ui, stroke: Stroke) {
    let widgets = &mut ui.visuals_mut().widgets;
    widgets.inactive.bg_stroke = stroke;
    widgets.hovered.bg_stroke = stroke;
}

fn error_line(ui: &mut Ui, tokens: &Tokens, message: &str) {
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = space::XS;
        ui.label(RichText::new(icons::WARNING).font(theme::icon(14.0)).color(tokens.error));
        ui.add(egui::Label::new(RichText::new(message).color(tokens.error)).wrap());
    });
}

/// One line of text with a range of bytes underlined as wrong.
pub fn underlined(text: &str, font: &egui::FontId, tokens: &Tokens, range: Option<Range<usize>>) -> LayoutJob {
    let plain = TextFormat::simple(font.clone(), tokens.text);
    let wrong = TextFormat { underline: Stroke::new(1.5, tokens.error), ..plain.clone() };
    let mut job = LayoutJob { break_on_newline: false, keep_trailing_whitespace: true, ..Default::default() };
    let Some(range) = range else {
        job.append(text, 0.0, plain);
        return job;
    };
    let end = text.floor_char_boundary(range.end);
    let mut start = text.floor_char_boundary(range.start.min(end));
    if start == end {
        // A mistake at the end of the text, such as a missing bracket, is shown on its last character.
        start = text.floor_char_boundary(end.saturating_sub(1));
    }
    let (front, rest) = text.split_at(start);
    let (middle, back) = rest.split_at(end - start);
    job.append(front, 0.0, plain.clone());
    job.append(middle, 0.0, wrong);
    job.append(back, 0.0, plain);
    job
}

/// What happened in a [`search_box`].
pub struct SearchResponse {
    /// The response of the text edit.
    pub response: Response,
    /// True if the text changed, by typing or by the cross.
    pub changed: bool,
    /// True if Enter was pressed.
    pub submitted: bool,
}

/// A field to search or filter with: a glass in front, a cross to clear it behind. `name` is what a screen reader says.
pub fn search_box(ui: &mut Ui, id: egui::Id, text: &mut String, name: &str, hint: &str, width: f32) -> SearchResponse {
    let tokens = Tokens::of(ui);
    let glass = RichText::new(icons::MAGNIFYING_GLASS).font(theme::icon(14.0)).color(tokens.weak);
    let clear_room = if text.is_empty() { 8 } else { size::HIT as i8 };
    let edit = TextEdit::singleline(text)
        .id(id)
        .prefix(glass)
        .hint_text(hint.to_owned())
        .margin(Margin { left: 8, right: clear_room, top: 5, bottom: 5 })
        .desired_width(width);
    let response = ui.add(edit).accessible_name(name);
    let mut changed = response.changed();
    let submitted = response.lost_focus() && ui.input(|i| i.key_pressed(egui::Key::Enter));
    if !text.is_empty() {
        let side = 20.0;
        let center = egui::pos2(response.rect.right() - 13.0, response.rect.center().y);
        let place = egui::Rect::from_center_size(center, egui::Vec2::splat(side));
        let cleared = ui
            .scope_builder(UiBuilder::new().id_salt(id.with("clear")).max_rect(place), |ui| {
                icon_button_with(ui, icons::X, strings(ui).clear_search, Some("Esc"), false, side)
            })
            .inner
            .clicked();
        let escaped = response.has_focus() && ui.input_mut(|i| i.consume_key(egui::Modifiers::NONE, egui::Key::Escape));
        if cleared || escaped {
            text.clear();
            changed = true;
            response.request_focus();
        }
    }
    SearchResponse { response, changed, submitted }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mistakes_are_underlined_where_they_are() {
        let tokens = Tokens::of_theme(egui::Theme::Dark);
        let check = |text: &str, range: Option<Range<usize>>, expected: &str| {
            let job = underlined(text, &theme::mono(), tokens, range);
            let marked: String = job
                .sections
                .iter()
                .filter(|section| section.format.underline != Stroke::NONE)
                .map(|section| &job.text[section.byte_range.start.0..section.byte_range.end.0])
                .collect();
            assert_eq!(marked, expected, "{text}");
            assert_eq!(job.text, text);
        };
        check("a = b", None, "");
        check("a = b", Some(2..3), "=");
        check("a = (", Some(5..5), "(");
        check("글자 수", Some(0..6), "글자");
        check("글자", Some(1..2), "");
        check("글자", Some(0..usize::MAX), "글자");
        check("", Some(0..usize::MAX), "");
    }
}
