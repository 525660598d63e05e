//! Buttons: with text, with an icon, and the caps that show keys.

use eframe::egui::{
    self, Align2, Color32, Rect, Response, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2,
};

use super::paint::{focus_ring, galley_in, icon_in, one_line};
use crate::app::theme::{self, Tokens, radius, size, space};

/// The rank of a button. A place has at most one primary button.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ButtonKind {
    /// The step that most people take next.
    Primary,
    /// Any other step.
    #[default]
    Secondary,
    /// A step aside: no outline until the pointer is over it.
    Quiet,
    /// A step that cannot be undone.
    Danger,
}

/// A button with text, and if wanted an icon and its key.
#[must_use = "call `show`"]
pub struct Button<'a> {
    text: &'a str,
    icon: Option<&'a str>,
    key: Option<&'a str>,
    kind: ButtonKind,
    selected: bool,
    enabled: bool,
    name: Option<&'a str>,
}

/// The room at either end of a button.
const PADDING: f32 = 10.0;
/// Between icon, text and key.
const GAP: f32 = 6.0;

impl<'a> Button<'a> {
    /// A secondary button.
    pub fn new(text: &'a str) -> Self {
        Self { text, icon: None, key: None, kind: ButtonKind::default(), selected: false, enabled: true, name: None }
    }

    /// Its rank.
    pub fn kind(mut self, kind: ButtonKind) -> Self {
        self.kind = kind;
        self
    }

    /// An icon in front of the text.
    pub fn icon(mut self, icon: &'a str) -> Self {
        self.icon = Some(icon);
        self
    }

    /// The key that does the same, shown behind the text, such as `Ctrl+S`.
    pub fn key(mut self, key: &'a str) -> Self {
        self.key = Some(key);
        self
    }

    /// True for a button that stays pressed.
    pub fn selected(mut self, selected: bool) -> Self {
        self.selected = selected;
        self
    }

    /// False greys it out and keeps it from being pressed.
    pub fn enabled(mut self, enabled: bool) -> Self {
        self.enabled = enabled;
        self
    }

    /// What a screen reader says, if it should be more than the text.
    pub fn accessible_name(mut self, name: &'a str) -> Self {
        self.name = Some(name);
        self
    }

    /// How wide the button wants to be, in points.
    pub fn width(&self, ui: &Ui) -> f32 {
        let text = one_line(ui, self.text, theme::body(), Color32::PLACEHOLDER, f32::INFINITY).size().x;
        let icon = self.icon.map_or(0.0, |_| size::ICON + GAP);
        let key = self.key.map_or(0.0, |key| key_caps_width(ui, key) + GAP + 2.0);
        (2.0 * PADDING + icon + text + key).ceil().max(size::CONTROL)
    }

    /// Draws it.
    pub fn show(self, ui: &mut Ui) -> Response {
        if !self.enabled {
            return ui.add_enabled_ui(false, |ui| Self { enabled: true, ..self }.show(ui)).inner;
        }
        let tokens = Tokens::of(ui);
        let wanted = vec2(self.width(ui).min(ui.available_width().max(size::CONTROL)), size::CONTROL);
        let (rect, response) = ui.allocate_exact_size(wanted, Sense::click());
        response.widget_info(|| {
            let name = self.name.unwrap_or(self.text);
            if self.selected {
                WidgetInfo::selected(Role::Button, ui.is_enabled(), true, name)
            } else {
                WidgetInfo::labeled(Role::Button, ui.is_enabled(), name)
            }
        });
        if ui.is_rect_visible(rect) {
            let front = paint_ground(ui, tokens, rect, &response, self.kind, self.selected);
            let mut inside = rect.shrink2(vec2(PADDING, 0.0));
            if let Some(icon) = self.icon {
                let place = Rect::from_min_size(inside.min, vec2(size::ICON, inside.height()));
                icon_in(ui, place, icon, size::ICON, front);
                inside.min.x += size::ICON + GAP;
            }
            if let Some(key) = self.key {
                let width = key_caps_width(ui, key);
                paint_key_caps(ui, pos2(inside.right() - width, inside.center().y), key, Some(front));
                inside.max.x -= width + GAP + 2.0;
            }
            let text = one_line(ui, self.text, theme::body(), front, inside.width() + 1.0);
            galley_in(ui, inside, Align2::LEFT_CENTER, text, front);
        }
        response
    }
}

/// Paints the ground of a button and returns the colour of what stands on it.
fn paint_ground(
    ui: &Ui,
    tokens: &Tokens,
    rect: Rect,
    response: &Response,
    kind: ButtonKind,
    selected: bool,
) -> Color32 {
    let pressed = response.is_pointer_button_down_on();
    let hovered = response.hovered();
    let solid = |color: Color32| {
        let toward = if tokens.dark { Color32::WHITE } else { Color32::BLACK };
        color.lerp_to_gamma(
            toward,
            if pressed {
                0.22
            } else if hovered {
                0.10
            } else {
                0.0
            },
        )
    };
    let (fill, line, front) = match kind {
        ButtonKind::Primary => (solid(tokens.accent), Color32::TRANSPARENT, tokens.on_accent),
        ButtonKind::Danger => {
            let front = if tokens.dark { tokens.on_accent } else { Color32::WHITE };
            (solid(tokens.error), Color32::TRANSPARENT, front)
        }
        _ if selected => (tokens.selection, tokens.accent, tokens.text),
        ButtonKind::Secondary if pressed => (tokens.sunken, tokens.border, tokens.text),
        ButtonKind::Secondary if hovered => (tokens.hover, tokens.border, tokens.text),
        ButtonKind::Secondary => (tokens.raised, tokens.hairline.lerp_to_gamma(tokens.border, 0.35), tokens.text),
        ButtonKind::Quiet if pressed => (tokens.sunken, Color32::TRANSPARENT, tokens.text),
        ButtonKind::Quiet if hovered => (tokens.hover, Color32::TRANSPARENT, tokens.text),
        ButtonKind::Quiet => (Color32::TRANSPARENT, Color32::TRANSPARENT, tokens.text),
    };
    ui.painter().rect(rect, radius::CONTROL, fill, Stroke::new(1.0, line), StrokeKind::Inside);
    focus_ring(ui, response, rect);
    front
}

/// The one button of a place that most people press next.
pub fn primary_button(ui: &mut Ui, text: &str) -> Response {
    Button::new(text).kind(ButtonKind::Primary).show(ui)
}

/// A button.
pub fn button(ui: &mut Ui, text: &str) -> Response {
    Button::new(text).show(ui)
}

/// A button without an outline.
pub fn quiet_button(ui: &mut Ui, text: &str) -> Response {
    Button::new(text).kind(ButtonKind::Quiet).show(ui)
}

/// A button that is only an icon. Its name and key show when the pointer rests on it.
///
/// `shortcut_hint` is the key as it is written, such as `Ctrl+B`. See [`theme::icons`].
pub fn icon_button(ui: &mut Ui, icon: &str, name: &str, shortcut_hint: Option<&str>) -> Response {
    icon_button_with(ui, icon, name, shortcut_hint, false, size::HIT)
}

/// [`icon_button`] with a side in points, and pressed if `selected`.
pub(super) fn icon_button_with(
    ui: &mut Ui,
    icon: &str,
    name: &str,
    shortcut_hint: Option<&str>,
    selected: bool,
    side: f32,
) -> Response {
    let tokens = Tokens::of(ui);
    let (rect, response) = ui.allocate_exact_size(egui::Vec2::splat(side), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, ui.is_enabled(), name));
    if ui.is_rect_visible(rect) {
        paint_ground(ui, tokens, rect, &response, ButtonKind::Quiet, selected);
        let front = match () {
            () if selected => tokens.accent,
            () if response.hovered() || response.has_focus() => tokens.text,
            () => tokens.weak,
        };
        icon_in(ui, rect, icon, size::ICON.min(side - 4.0), front);
    }
    response.on_hover_ui(|ui| name_and_key(ui, name, shortcut_hint))
}

/// The tooltip of a control: its name, and its key if there is one.
pub(super) fn name_and_key(ui: &mut Ui, name: &str, key: Option<&str>) {
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = space::S;
        ui.label(name);
        if let Some(key) = key {
            key_caps(ui, key);
        }
    });
}

/// The cap of one key, such as `1` or `Esc`.
pub fn key_cap(ui: &mut Ui, key: &str) -> Response {
    let wanted = vec2(key_cap_width(ui, key), KEY_CAP);
    let (rect, response) = ui.allocate_exact_size(wanted, Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, ui.is_enabled(), key));
    paint_key_cap(ui, rect, key, None);
    response
}

/// The caps of a chord, such as `Ctrl+Shift+P`.
pub fn key_caps(ui: &mut Ui, chord: &str) -> Response {
    let wanted = vec2(key_caps_width(ui, chord), KEY_CAP);
    let (rect, response) = ui.allocate_exact_size(wanted, Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, ui.is_enabled(), chord));
    paint_key_caps(ui, rect.left_center(), chord, None);
    response
}

const KEY_CAP: f32 = 18.0;
const KEY_GAP: f32 = 2.0;

/// The keys of a chord. A plus at the end is the key itself.
fn keys_of(chord: &str) -> impl Iterator<Item = &str> {
    let (front, last) = match chord.strip_suffix("+") {
        Some(rest) if rest.is_empty() || rest.ends_with('+') => (rest, Some("+")),
        _ => (chord, None),
    };
    front.split('+').filter(|key| !key.is_empty()).chain(last)
}

fn key_cap_width(ui: &Ui, key: &str) -> f32 {
    let text = one_line(ui, key, theme::caption(), Color32::PLACEHOLDER, f32::INFINITY).size().x;
    (text + 10.0).ceil().max(KEY_CAP)
}

/// How wide the caps of a chord are.
pub(super) fn key_caps_width(ui: &Ui, chord: &str) -> f32 {
    let widths = keys_of(chord).map(|key| key_cap_width(ui, key) + KEY_GAP);
    (widths.sum::<f32>() - KEY_GAP).max(0.0)
}

/// Paints caps from `left_center` to the right. `on` is the colour of the text on a coloured ground.
pub(super) fn paint_key_caps(ui: &Ui, left_center: egui::Pos2, chord: &str, on: Option<Color32>) {
    let mut x = left_center.x;
    for key in keys_of(chord) {
        let width = key_cap_width(ui, key);
        let rect = Rect::from_min_size(pos2(x, left_center.y - KEY_CAP / 2.0), vec2(width, KEY_CAP));
        paint_key_cap(ui, rect, key, on);
        x += width + KEY_GAP;
    }
}

fn paint_key_cap(ui: &Ui, rect: Rect, key: &str, on: Option<Color32>) {
    let tokens = Tokens::of(ui);
    let (fill, line, front) = match on {
        Some(color) if color != tokens.text => (Color32::TRANSPARENT, color.gamma_multiply(0.5), color),
        _ => (tokens.panel, tokens.hairline.lerp_to_gamma(tokens.border, 0.35), tokens.weak),
    };
    ui.painter().rect(rect, radius::CONTROL, fill, Stroke::new(1.0, line), StrokeKind::Inside);
    let galley = one_line(ui, key, theme::caption(), front, f32::INFINITY);
    galley_in(ui, rect, Align2::CENTER_CENTER, galley, front);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chords_split_into_keys() {
        let check = |chord, expected: &[&str]| assert_eq!(keys_of(chord).collect::<Vec<_>>(), expected, "{chord}");
        check("1", &["1"]);
        check("Ctrl+Shift+P", &["Ctrl", "Shift", "P"]);
        check("Ctrl++", &["Ctrl", "+"]);
        check("+", &["+"]);
        check("", &[]);
    }
}
