//! A value with its interval on a scale: what a distance or a mean is known to be, beside what it is measured against.

use std::ops::RangeInclusive;

use eframe::egui::{Pos2, Rect, Stroke, Ui, pos2};

use crate::app::theme::{Tokens, space};

/// A value with its interval.
#[derive(Debug, Clone)]
pub struct Whisker {
    /// The value, drawn as a point.
    pub value: f64,
    /// The ends of its interval.
    pub interval: RangeInclusive<f64>,
    /// What it is measured against, drawn as a line from top to bottom.
    pub mark: Option<f64>,
    /// A range that means nothing, such as what chance alone reaches, drawn as a quiet ground.
    pub band: Option<RangeInclusive<f64>>,
    /// The ends of the scale.
    pub scale: RangeInclusive<f64>,
    /// Whether it stands out.
    pub strong: bool,
}

const POINT: f32 = 3.5;

/// Paints a whisker into `rect`. What it says must also stand in text beside it.
pub fn paint_whisker(ui: &Ui, rect: Rect, whisker: &Whisker) {
    let tokens = Tokens::of(ui);
    let painter = ui.painter();
    let rect = rect.shrink2(eframe::egui::vec2(POINT, space::XS));
    let x = |value: f64| place(rect, &whisker.scale, value);
    let at = |value: f64| pos2(x(value), rect.center().y);
    if let Some(band) = &whisker.band {
        let ground = Rect::from_min_max(pos2(x(*band.start()), rect.top()), pos2(x(*band.end()), rect.bottom()));
        painter.rect_filled(ground, 1, tokens.plot_rest);
    }
    painter.line_segment([rect.left_center(), rect.right_center()], Stroke::new(1.0, tokens.hairline));
    if let Some(mark) = whisker.mark {
        painter.vline(x(mark), rect.y_range(), Stroke::new(1.0, tokens.border));
    }
    let color = if whisker.strong { tokens.accent } else { tokens.weak };
    let (low, high): (Pos2, Pos2) = (at(*whisker.interval.start()), at(*whisker.interval.end()));
    painter.line_segment([low, high], Stroke::new(2.0, color));
    // A filled point stands out without colour, too.
    if whisker.strong {
        painter.circle_filled(at(whisker.value), POINT, color);
    } else {
        painter.circle(at(whisker.value), POINT - 0.5, tokens.panel, Stroke::new(1.0, color));
    }
}

/// Where a value stands; beyond the ends of the scale at these.
fn place(rect: Rect, scale: &RangeInclusive<f64>, value: f64) -> f32 {
    let width = scale.end() - scale.start();
    let share = if width > 0.0 { ((value - scale.start()) / width).clamp(0.0, 1.0) } else { 0.5 };
    if share.is_finite() { rect.left() + rect.width() * share as f32 } else { rect.left() }
}

#[cfg(test)]
mod tests {
    use eframe::egui::vec2;

    use super::*;

    #[test]
    fn values_stand_on_the_scale_and_never_outside() {
        let rect = Rect::from_min_size(Pos2::ZERO, vec2(100.0, 20.0));
        let check = |scale: RangeInclusive<f64>, value: f64, expected: f32| {
            assert_eq!(place(rect, &scale, value), expected, "{value}");
        };
        check(0.0..=2.0, 1.0, 50.0);
        check(0.0..=2.0, 9.0, 100.0);
        check(0.0..=2.0, -1.0, 0.0);
        check(1.0..=1.0, 1.0, 50.0);
        check(0.0..=2.0, f64::NAN, 0.0);
    }
}
