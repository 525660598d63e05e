//! Switches and segmented controls.

use eframe::egui::{Align2, Color32, Rect, Response, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};

use super::paint::{focus_ring, galley_in, one_line};
use crate::app::theme::{self, Tokens, radius, size, space};

const TRACK: eframe::egui::Vec2 = vec2(28.0, 16.0);

/// A switch with its label. Returns a response that is `changed` when it was switched.
pub fn toggle(ui: &mut Ui, on: &mut bool, label: &str) -> Response {
    let tokens = Tokens::of(ui);
    let text = one_line(ui, label, theme::body(), tokens.text, (ui.available_width() - TRACK.x - space::S).max(24.0));
    let wanted = vec2(TRACK.x + space::S + text.size().x.ceil(), size::HIT);
    let (rect, mut response) = ui.allocate_exact_size(wanted, Sense::click());
    if response.clicked() {
        *on = !*on;
        response.mark_changed();
    }
    response.widget_info(|| WidgetInfo::selected(Role::Switch, ui.is_enabled(), *on, label));
    let share = ui.animate_bool_responsive(response.id, *on);
    let track = Align2::LEFT_CENTER.align_size_within_rect(TRACK, rect);
    let fill = tokens.sunken.lerp_to_gamma(tokens.accent, share);
    let line = tokens.border.lerp_to_gamma(tokens.accent, share);
    ui.painter().rect(track, 8, fill, Stroke::new(1.0, line), StrokeKind::Inside);
    let rest = if response.hovered() { tokens.text } else { tokens.border };
    let knob = pos2(track.left() + 8.0 + share * (TRACK.x - 16.0), track.center().y);
    ui.painter().circle_filled(knob, 5.0, rest.lerp_to_gamma(tokens.on_accent, share));
    focus_ring(ui, &response, track);
    galley_in(ui, rect.with_min_x(track.right() + space::S), Align2::LEFT_CENTER, text, tokens.text);
    response
}

/// One choice of a few, side by side. `name` says what is chosen; returns true when the choice changed.
pub fn segmented<T: PartialEq + Copy>(ui: &mut Ui, name: &str, value: &mut T, choices: &[(T, &str)]) -> bool {
    let tokens = Tokens::of(ui);
    let widths: Vec<f32> = choices
        .iter()
        .map(|(_, text)| (one_line(ui, text, theme::body(), Color32::PLACEHOLDER, 240.0).size().x + 20.0).ceil())
        .collect();
    let wanted = vec2(widths.iter().sum::<f32>() + 4.0, size::CONTROL);
    let (rect, response) = ui.allocate_exact_size(wanted, Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::RadioGroup, ui.is_enabled(), name));
    ui.painter().rect(rect, radius::CONTROL + 2, tokens.sunken, Stroke::new(1.0, tokens.hairline), StrokeKind::Inside);
    let mut changed = false;
    let mut left = rect.left() + 2.0;
    for ((choice, text), width) in choices.iter().zip(widths) {
        let place = Rect::from_min_size(pos2(left, rect.top() + 2.0), vec2(width, rect.height() - 4.0));
        left += width;
        let segment = ui.interact(place, response.id.with(*text), Sense::click());
        if segment.clicked() && *value != *choice {
            *value = *choice;
            changed = true;
        }
        let chosen = *value == *choice;
        segment.widget_info(|| WidgetInfo::selected(Role::RadioButton, ui.is_enabled(), chosen, *text));
        if chosen {
            let (fill, line) = if tokens.dark {
                (tokens.hairline, tokens.border.gamma_multiply(0.4))
            } else {
                (tokens.raised, tokens.hairline.lerp_to_gamma(tokens.border, 0.5))
            };
            ui.painter().rect(place, radius::CONTROL, fill, Stroke::new(1.0, line), StrokeKind::Inside);
        } else if segment.hovered() {
            ui.painter().rect_filled(place, radius::CONTROL, tokens.hover);
        }
        let color = if chosen || segment.hovered() { tokens.text } else { tokens.weak };
        galley_in(ui, place, Align2::CENTER_CENTER, one_line(ui, text, theme::body(), color, width), color);
        focus_ring(ui, &segment, place);
    }
    changed
}
