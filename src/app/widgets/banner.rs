//! Banners: what failed or needs a look, where, what to do about it, with details to copy.

use std::borrow::Cow;

use eframe::egui::{self, Align, CornerRadius, Frame, Layout, Margin, Rect, RichText, Stroke, Ui, pos2};

use super::button::{Button, ButtonKind, icon_button};
use super::chip::Tone;
use crate::app::strings::{Strings, strings};
use crate::app::theme::{self, Tokens, icons, radius, space};
use crate::engine::Error;

/// A banner across the top of a pane.
#[must_use = "call `show`"]
pub struct Banner<'a> {
    tone: Tone,
    what: Cow<'a, str>,
    place: Option<&'a str>,
    help: Option<&'a str>,
    details: Option<&'a str>,
    action: Option<&'a str>,
    closable: bool,
}

/// What happened in a [`Banner`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BannerEvent {
    /// Its button was pressed.
    Action,
    /// It was closed.
    Closed,
    /// Its text went to the clipboard.
    Copied,
}

impl<'a> Banner<'a> {
    /// A banner that says `what`.
    pub fn new(tone: Tone, what: &'a str) -> Self {
        Self { tone, what: what.into(), place: None, help: None, details: None, action: None, closable: false }
    }

    /// A banner about an error in the person's language: what, where and what to do.
    pub fn of_error(error: &'a Error, strings: &Strings) -> Self {
        let what = strings.error_what(error).into();
        Self { what, place: error.place(), help: strings.advice(error), ..Self::new(Tone::Error, "") }
    }

    /// Where it happened: a path, a line. It may be long, and comes last.
    pub fn place(mut self, place: &'a str) -> Self {
        self.place = Some(place);
        self
    }

    /// What to do about it.
    pub fn help(mut self, help: &'a str) -> Self {
        self.help = Some(help);
        self
    }

    /// More, folded away until it is asked for.
    pub fn details(mut self, details: &'a str) -> Self {
        self.details = Some(details);
        self
    }

    /// A button, such as to try again.
    pub fn action(mut self, action: &'a str) -> Self {
        self.action = Some(action);
        self
    }

    /// Lets it be closed.
    pub fn closable(mut self) -> Self {
        self.closable = true;
        self
    }

    /// Draws it over the whole width.
    pub fn show(self, ui: &mut Ui) -> Option<BannerEvent> {
        let tokens = Tokens::of(ui);
        let color = self.tone.color(tokens);
        let open_id = ui.make_persistent_id(("banner", &*self.what));
        let mut open = ui.data(|data| data.get_temp::<bool>(open_id)).unwrap_or(false);
        let frame = Frame::new()
            .fill(tokens.tint(color))
            .stroke(Stroke::new(1.0, tokens.tint_line(color)))
            .corner_radius(CornerRadius::same(radius::CONTROL))
            .inner_margin(Margin { left: 14, right: 6, top: 6, bottom: 6 });
        let shown = frame.show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 2.0;
            let event = self.first_line(ui, tokens, &mut open);
            self.other_lines(ui, tokens, open);
            event
        });
        let outer = shown.response.rect;
        let bar = Rect::from_min_max(outer.min, pos2(outer.left() + 3.0, outer.bottom()));
        let corners = CornerRadius { nw: radius::CONTROL, sw: radius::CONTROL, ne: 0, se: 0 };
        ui.painter().rect_filled(bar, corners, color);
        ui.data_mut(|data| data.insert_temp(open_id, open));
        shown.inner
    }

    fn first_line(&self, ui: &mut Ui, tokens: &Tokens, open: &mut bool) -> Option<BannerEvent> {
        let texts = strings(ui);
        let mut event = None;
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 6.0;
            ui.label(RichText::new(self.tone.icon()).font(theme::icon(16.0)).color(self.tone.color(tokens)));
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                ui.spacing_mut().item_spacing.x = 2.0;
                if self.closable && icon_button(ui, icons::X, texts.close, None).clicked() {
                    event = Some(BannerEvent::Closed);
                }
                if self.tone == Tone::Error && icon_button(ui, icons::COPY, texts.copy_details, None).clicked() {
                    ui.copy_text(self.as_text());
                    event = Some(BannerEvent::Copied);
                }
                if self.details.is_some() {
                    let text = if *open { texts.hide_details } else { texts.details };
                    if Button::new(text).kind(ButtonKind::Quiet).show(ui).clicked() {
                        *open = !*open;
                    }
                }
                if let Some(action) = self.action
                    && Button::new(action).show(ui).clicked()
                {
                    event = Some(BannerEvent::Action);
                }
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                    let what = RichText::new(&*self.what).font(theme::strong()).color(tokens.text);
                    ui.add(egui::Label::new(what).truncate());
                });
            });
        });
        event
    }

    fn other_lines(&self, ui: &mut Ui, tokens: &Tokens, open: bool) {
        let indented = |ui: &mut Ui, text: RichText, wrap: bool| {
            ui.horizontal(|ui| {
                ui.add_space(22.0 - ui.spacing().item_spacing.x + space::S);
                let label = egui::Label::new(text);
                ui.add(if wrap { label.wrap() } else { label.truncate() });
            });
        };
        if let Some(help) = self.help {
            indented(ui, RichText::new(help).color(tokens.text), true);
        }
        if let Some(place) = self.place {
            indented(ui, RichText::new(place).font(theme::mono()).color(tokens.weak), false);
        }
        if let Some(details) = self.details.filter(|_| open) {
            ui.add_space(space::XS);
            indented(ui, RichText::new(details).font(theme::small_mono()).color(tokens.text), true);
        }
    }

    /// Everything it says, for the clipboard.
    fn as_text(&self) -> String {
        [Some(&*self.what), self.place, self.help, self.details].into_iter().flatten().collect::<Vec<_>>().join("\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::strings::Language;

    #[test]
    fn an_error_is_told_whole() {
        let error = Error::input("broken quotes").at("line 3").at("a.csv").help("close them");
        assert_eq!(
            Banner::of_error(&error, Strings::of(Language::English)).as_text(),
            "broken quotes\na.csv: line 3\nclose them"
        );
    }
}
