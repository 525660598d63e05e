//! Chips of filters, chips and buttons of classes, badges.

use eframe::egui::{
    self, Align2, Color32, Pos2, Rect, Response, Role, Sense, Stroke, StrokeKind, Ui, Vec2, WidgetInfo, pos2, vec2,
};

use super::button::{key_caps_width, paint_key_caps};
use super::paint::{focus_ring, galley_in, icon_in, one_line, paint_marker};
use crate::app::strings::strings;
use crate::app::theme::{self, Tokens, icons, radius};

/// What happened to a [`chip`].
pub struct ChipResponse {
    /// The chip itself, which can be clicked.
    pub response: Response,
    /// True if its cross was pressed, or Delete while the chip had the keyboard.
    pub removed: bool,
}

const CHIP: f32 = 22.0;
const PADDING: f32 = 8.0;
const CROSS: f32 = 20.0;

/// A chip, such as one condition of the filter. `color` is a category to mark it with.
pub fn chip(ui: &mut Ui, text: &str, color: Option<usize>, removable: bool) -> ChipResponse {
    chip_in(ui, text, color, Tone::Info, removable)
}

/// A chip in the tone of what is to be said of it.
pub fn toned_chip(ui: &mut Ui, text: &str, tone: Tone, removable: bool) -> ChipResponse {
    chip_in(ui, text, None, tone, removable)
}

fn chip_in(ui: &mut Ui, text: &str, color: Option<usize>, tone: Tone, removable: bool) -> ChipResponse {
    let tokens = Tokens::of(ui);
    let ground = tone.color(tokens);
    let marker = if color.is_some() { 14.0 } else { 0.0 };
    let cross = if removable { CROSS } else { PADDING };
    let most = (ui.available_width() - PADDING - marker - cross).clamp(24.0, 420.0);
    let galley = one_line(ui, text, theme::body(), tokens.text, most);
    let wanted = vec2((PADDING + marker + galley.size().x + cross).ceil(), CHIP);
    let (rect, response) = ui.allocate_exact_size(wanted, Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, ui.is_enabled(), text));
    let fill = if response.hovered() { tokens.hover } else { tokens.tint(ground) };
    let line = tokens.tint_line(ground);
    ui.painter().rect(rect, radius::CONTROL, fill, Stroke::new(1.0, line), StrokeKind::Inside);
    focus_ring(ui, &response, rect);
    if let Some(index) = color {
        paint_marker(ui, pos2(rect.left() + PADDING + 4.0, rect.center().y), 4.0, index);
    }
    let elided = galley.elided;
    let inside = Rect::from_min_max(pos2(rect.left() + PADDING + marker, rect.top()), rect.max);
    galley_in(ui, inside, Align2::LEFT_CENTER, galley, tokens.text);
    let mut removed = false;
    if removable {
        let place = Rect::from_min_max(pos2(rect.right() - CROSS, rect.top()), rect.max);
        removed = cross_button(ui, place, response.id.with("remove"), &strings(ui).remove_named(text)).clicked()
            || response.has_focus() && ui.input(|i| i.key_pressed(egui::Key::Delete));
    }
    let response = if elided { response.on_hover_text(text) } else { response };
    ChipResponse { response, removed }
}

fn cross_button(ui: &Ui, rect: Rect, id: egui::Id, name: &str) -> Response {
    let tokens = Tokens::of(ui);
    let response = ui.interact(rect, id, Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, ui.is_enabled(), name));
    let color = if response.hovered() || response.has_focus() { tokens.text } else { tokens.weak };
    icon_in(ui, rect, icons::X, 12.0, color);
    focus_ring(ui, &response, rect.shrink(3.0));
    response.on_hover_text(name)
}

/// The chip of a class: its marker and its name on a quiet tint of its colour. `color_index` is the class's own.
pub fn label_chip(ui: &mut Ui, name: &str, color_index: usize) -> Response {
    let wanted = label_chip_size(ui, name, ui.available_width().max(32.0));
    let (rect, response) = ui.allocate_exact_size(wanted, Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, ui.is_enabled(), name));
    paint_label_chip(ui, rect.left_center(), name, color_index, rect.width());
    response
}

/// The size of a [`label_chip`] that is at most `max_width` wide.
pub fn label_chip_size(ui: &Ui, name: &str, max_width: f32) -> Vec2 {
    let text = one_line(ui, name, theme::body(), Color32::PLACEHOLDER, (max_width - 26.0).max(0.0));
    vec2((text.size().x + 26.0).ceil(), 18.0)
}

/// Paints a [`label_chip`] at a place, for cells of tables, and returns where it is.
pub fn paint_label_chip(ui: &Ui, left_center: Pos2, name: &str, color_index: usize, max_width: f32) -> Rect {
    let tokens = Tokens::of(ui);
    let color = tokens.category(color_index);
    let text = one_line(ui, name, theme::body(), tokens.text, (max_width - 26.0).max(0.0));
    let wanted = vec2((text.size().x + 26.0).ceil(), 18.0);
    let rect = Rect::from_min_size(left_center - vec2(0.0, wanted.y / 2.0), wanted);
    let stroke = Stroke::new(1.0, tokens.tint_line(color));
    ui.painter().rect(rect, radius::CONTROL, tokens.tint(color), stroke, StrokeKind::Inside);
    paint_marker(ui, pos2(rect.left() + 10.0, rect.center().y), 4.0, color_index);
    galley_in(ui, rect.with_min_x(rect.left() + 19.0), Align2::LEFT_CENTER, text, tokens.text);
    rect
}

/// The button that gives a class: marker, name, key. `chosen` if the row has the class now.
pub fn class_button(ui: &mut Ui, name: &str, color_index: usize, key: Option<char>, chosen: bool) -> Response {
    let tokens = Tokens::of(ui);
    let key = key.map(|key| key.to_uppercase().to_string());
    let key_width = key.as_deref().map_or(0.0, |key| key_caps_width(ui, key) + 10.0);
    let text_width = one_line(ui, name, theme::body(), Color32::PLACEHOLDER, 240.0).size().x;
    let wanted = vec2((30.0 + text_width + key_width + 8.0).ceil().max(96.0), 32.0);
    let (rect, response) = ui.allocate_exact_size(wanted, Sense::click());
    let spoken = strings(ui).label_as(name);
    response.widget_info(|| WidgetInfo::selected(Role::RadioButton, ui.is_enabled(), chosen, &spoken));
    let color = tokens.category(color_index);
    let (fill, line, front) = if chosen {
        (color, color, tokens.on_category(color_index))
    } else if response.is_pointer_button_down_on() {
        (tokens.tint_line(color), color, tokens.text)
    } else if response.hovered() {
        (tokens.tint(color), color, tokens.text)
    } else {
        (tokens.raised, tokens.hairline.lerp_to_gamma(tokens.border, 0.35), tokens.text)
    };
    ui.painter().rect(rect, radius::CONTROL, fill, Stroke::new(1.0, line), StrokeKind::Inside);
    focus_ring(ui, &response, rect);
    if chosen {
        let place = Rect::from_center_size(pos2(rect.left() + 17.0, rect.center().y), Vec2::splat(16.0));
        icon_in(ui, place, icons::CHECK, 14.0, front);
    } else {
        paint_marker(ui, pos2(rect.left() + 17.0, rect.center().y), 5.0, color_index);
    }
    let inside =
        Rect::from_min_max(pos2(rect.left() + 30.0, rect.top()), pos2(rect.right() - key_width, rect.bottom()));
    let text = one_line(ui, name, theme::body(), front, inside.width());
    galley_in(ui, inside, Align2::LEFT_CENTER, text, front);
    if let Some(key) = key {
        let on = chosen.then_some(front);
        paint_key_caps(ui, pos2(rect.right() - key_width + 2.0, rect.center().y), &key, on);
    }
    response
}

/// What a badge, banner or toast is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tone {
    /// A plain fact.
    #[default]
    Neutral,
    /// Something to notice.
    Info,
    /// Done, right.
    Ok,
    /// Needs a look.
    Warning,
    /// Failed, wrong.
    Error,
}

impl Tone {
    /// The colour of the tone.
    pub fn color(self, tokens: &Tokens) -> Color32 {
        match self {
            Self::Neutral => tokens.weak,
            Self::Info => tokens.accent,
            Self::Ok => tokens.ok,
            Self::Warning => tokens.warning,
            Self::Error => tokens.error,
        }
    }

    /// The icon of the tone, since colour never stands alone.
    pub fn icon(self) -> &'static str {
        match self {
            Self::Neutral | Self::Info => icons::INFO,
            Self::Ok => icons::CHECK_CIRCLE,
            Self::Warning => icons::WARNING,
            Self::Error => icons::X_CIRCLE,
        }
    }
}

/// A small mark with a word or a figure in it.
pub fn badge(ui: &mut Ui, text: &str, tone: Tone) -> Response {
    let tokens = Tokens::of(ui);
    let color = tone.color(tokens);
    let galley = one_line(ui, text, theme::caption(), tokens.text, 240.0);
    let wanted = vec2((galley.size().x + 12.0).ceil().max(18.0), 16.0);
    let (rect, response) = ui.allocate_exact_size(wanted, Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, ui.is_enabled(), text));
    let (fill, front) = match tone {
        Tone::Neutral => (tokens.sunken, tokens.weak),
        _ => (tokens.tint(color), if tokens.dark { color } else { tokens.text }),
    };
    let stroke = Stroke::new(1.0, if tone == Tone::Neutral { tokens.hairline } else { tokens.tint_line(color) });
    ui.painter().rect(rect, 8, fill, stroke, StrokeKind::Inside);
    let galley = if front == tokens.text { galley } else { one_line(ui, text, theme::caption(), front, 240.0) };
    galley_in(ui, rect, Align2::CENTER_CENTER, galley, front);
    response
}
