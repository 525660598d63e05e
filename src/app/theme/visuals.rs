//! The style of egui's own widgets in both themes, made from the tokens.

use eframe::egui::style::{Selection, Spacing, TextCursorStyle, WidgetVisuals, Widgets};
use eframe::egui::{self, Color32, CornerRadius, Margin, Shadow, Stroke, Style, Visuals, vec2};

use super::{Tokens, fonts, radius, size, space};

/// The style of a theme.
pub(super) fn style(theme: egui::Theme) -> Style {
    let tokens = Tokens::of_theme(theme);
    Style {
        text_styles: fonts::text_styles(),
        drag_value_text_style: egui::TextStyle::Body,
        spacing: spacing(),
        visuals: visuals(theme, tokens),
        animation_time: 0.12,
        interaction: egui::style::Interaction {
            tooltip_delay: 0.4,
            // Labels that can be selected take the pointer from what lies behind them, such as a row that is clicked.
            selectable_labels: false,
            ..Default::default()
        },
        ..Default::default()
    }
}

fn spacing() -> Spacing {
    let mut scroll = egui::style::ScrollStyle::solid();
    scroll.bar_width = 8.0;
    scroll.bar_inner_margin = 2.0;
    scroll.bar_outer_margin = 0.0;
    scroll.handle_min_length = 24.0;
    Spacing {
        item_spacing: vec2(space::S, space::XS),
        window_margin: Margin::same(space::L as i8),
        menu_margin: Margin::same(space::XS as i8),
        button_padding: vec2(10.0, 4.0),
        indent: space::L,
        interact_size: vec2(size::HIT, size::CONTROL),
        slider_rail_height: 4.0,
        icon_width: size::ICON,
        icon_width_inner: 10.0,
        icon_spacing: 6.0,
        tooltip_width: 360.0,
        scroll,
        ..Default::default()
    }
}

fn visuals(theme: egui::Theme, tokens: &Tokens) -> Visuals {
    let base = if theme == egui::Theme::Dark { Visuals::dark() } else { Visuals::light() };
    let shadow = Shadow { offset: [0, 4], blur: 16, spread: 0, color: tokens.shadow };
    Visuals {
        weak_text_color: Some(tokens.weak),
        widgets: widgets(tokens),
        selection: Selection { bg_fill: tokens.selection, stroke: Stroke::new(1.0, tokens.text) },
        hyperlink_color: tokens.accent,
        faint_bg_color: tokens.hover,
        extreme_bg_color: tokens.sunken,
        text_edit_bg_color: Some(if tokens.dark { tokens.sunken } else { tokens.panel }),
        code_bg_color: tokens.sunken,
        warn_fg_color: tokens.warning,
        error_fg_color: tokens.error,
        window_corner_radius: CornerRadius::same(radius::CARD),
        window_shadow: shadow,
        window_fill: tokens.raised,
        window_stroke: Stroke::new(1.0, tokens.hairline),
        menu_corner_radius: CornerRadius::same(radius::CARD),
        panel_fill: tokens.panel,
        popup_shadow: shadow,
        text_cursor: TextCursorStyle { stroke: Stroke::new(2.0, tokens.accent), ..Default::default() },
        slider_trailing_fill: true,
        handle_shape: egui::style::HandleShape::Circle,
        ..base
    }
}

fn widgets(tokens: &Tokens) -> Widgets {
    let state = |fill: Color32, line: Color32, text: Color32| WidgetVisuals {
        bg_fill: fill,
        weak_bg_fill: fill,
        bg_stroke: Stroke::new(1.0, line),
        corner_radius: CornerRadius::same(radius::CONTROL),
        fg_stroke: Stroke::new(1.0, text),
        expansion: 0.0,
    };
    Widgets {
        noninteractive: state(tokens.panel, tokens.hairline, tokens.text),
        inactive: state(tokens.raised, tokens.border, tokens.text),
        hovered: state(tokens.hover, tokens.text, tokens.text),
        // egui draws what is pressed and what has the keyboard in this state, so it carries the focus ring.
        active: WidgetVisuals {
            bg_stroke: Stroke::new(size::FOCUS_RING, tokens.accent),
            ..state(tokens.hover, tokens.accent, tokens.text)
        },
        open: state(tokens.hover, tokens.border, tokens.text),
    }
}
