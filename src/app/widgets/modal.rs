//! Dialogs: a card over everything else, for what must be settled first.

use eframe::egui::{
    self, Align, Context, CornerRadius, Frame, Id, Layout, Margin, Modal, RichText, Shadow, Stroke, Ui, vec2,
};

use super::button::{Button, ButtonKind, icon_button};
use crate::app::strings::strings;
use crate::app::theme::{self, Tokens, icons, radius, size, space};

/// What came of a dialog in this frame.
pub struct ModalResult<R> {
    /// What its content returned.
    pub inner: R,
    /// True if it shall be closed: Esc, the cross, a click beside it.
    pub close: bool,
}

/// A dialog with a title, `width` points wide.
pub fn modal<R>(ctx: &Context, id: Id, title: &str, width: f32, content: impl FnOnce(&mut Ui) -> R) -> ModalResult<R> {
    let tokens = Tokens::of(ctx);
    let frame = Frame::new()
        .fill(tokens.raised)
        .stroke(Stroke::new(1.0, tokens.hairline))
        .corner_radius(CornerRadius::same(radius::CARD))
        .shadow(Shadow { offset: [0, 8], blur: 32, spread: 0, color: tokens.shadow })
        .inner_margin(Margin::same(space::L as i8));
    let area = Modal::default_area(id).accessible_name(title).role(egui::Role::Dialog);
    let width = width.min(ctx.content_rect().width() - 2.0 * space::XXL);
    let shown = Modal::new(id).area(area).frame(frame).backdrop_color(tokens.scrim).show(ctx, |ui| {
        ui.set_width(width);
        ui.spacing_mut().item_spacing.y = space::S;
        let mut crossed = false;
        ui.horizontal(|ui| {
            ui.set_min_height(size::HIT);
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                crossed = icon_button(ui, icons::X, strings(ui).close, Some("Esc")).clicked();
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                    let title = RichText::new(title).font(theme::section()).color(tokens.text);
                    ui.add(egui::Label::new(title).truncate());
                });
            });
        });
        (content(ui), crossed)
    });
    let close = shown.should_close() | shown.inner.1;
    ModalResult { inner: shown.inner.0, close }
}

/// A dialog before something that cannot be undone. `Some(true)` if `action` was pressed, `Some(false)` if it was left.
pub fn confirm(ctx: &Context, id: Id, title: &str, text: &str, action: &str) -> Option<bool> {
    let result = modal(ctx, id, title, 400.0, |ui| {
        let tokens = Tokens::of(ui);
        ui.add(egui::Label::new(RichText::new(text).color(tokens.text)).wrap());
        ui.add_space(space::S);
        let mut answer = None;
        let wanted = vec2(ui.available_width(), size::CONTROL);
        ui.allocate_ui_with_layout(wanted, Layout::right_to_left(Align::Center), |ui| {
            if Button::new(action).kind(ButtonKind::Danger).show(ui).clicked() {
                answer = Some(true);
            }
            if Button::new(strings(ui).cancel).show(ui).clicked() {
                answer = Some(false);
            }
        });
        answer
    });
    result.inner.or(result.close.then_some(false))
}
