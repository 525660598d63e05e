//! Painting that several widgets share: one line of text, the focus ring, markers of classes.

use std::sync::Arc;

use eframe::egui::{
    self, Align2, Color32, FontId, Galley, Pos2, Rect, Response, Shape, Stroke, StrokeKind, Ui,
    text::{LayoutJob, TextWrapping},
};

use crate::app::theme::{self, Tokens, radius, size};

/// One line of text, cut with an ellipsis where it would be wider than `max_width` points.
///
/// Line breaks and tabs show as spaces. The text is cut before it is laid out, so a cell that holds a whole book costs
/// no more than one that holds a line.
pub fn one_line(ui: &Ui, text: &str, font: FontId, color: Color32, max_width: f32) -> Arc<Galley> {
    // No character of a text font is narrower than a fifth of its size, marks that take no room aside.
    let most = if max_width.is_finite() { (max_width.max(0.0) / (font.size * 0.2)) as usize + 8 } else { usize::MAX };
    let mut line = String::with_capacity(text.len().min(most.saturating_mul(4)));
    line.extend(text.chars().take(most).map(|c| if c.is_control() { ' ' } else { c }));
    let mut job = LayoutJob::simple_singleline(line, font, color);
    job.wrap = TextWrapping::truncate_at_width(max_width.max(0.0));
    ui.fonts_mut(|fonts| fonts.layout_job(job))
}

/// Paints a galley aligned within `rect`.
pub(super) fn galley_in(ui: &Ui, rect: Rect, align: Align2, galley: Arc<Galley>, color: Color32) -> Rect {
    let place = align.align_size_within_rect(galley.size(), rect);
    ui.painter().galley(place.min, galley, color);
    place
}

/// How far the baseline of the first line is below the top, for texts of two sizes on one line.
pub(super) fn baseline(galley: &Galley) -> f32 {
    let glyph = galley.rows.first().and_then(|row| row.glyphs.first().map(|glyph| row.pos.y + glyph.pos.y));
    glyph.unwrap_or_else(|| galley.size().y)
}

/// Paints one line of text within `rect`, cut where it does not fit.
pub(super) fn text_in(ui: &Ui, rect: Rect, align: Align2, text: &str, font: FontId, color: Color32) -> Rect {
    galley_in(ui, rect, align, one_line(ui, text, font, color, rect.width()), color)
}

/// Paints an icon in the middle of `rect`.
pub(super) fn icon_in(ui: &Ui, rect: Rect, icon: &str, height: f32, color: Color32) {
    ui.painter().text(rect.center(), Align2::CENTER_CENTER, icon, theme::icon(height), color);
}

/// Paints the focus ring outside `rect` while the widget has the keyboard.
pub(super) fn focus_ring(ui: &Ui, response: &Response, rect: Rect) {
    if response.has_focus() {
        let tokens = Tokens::of(ui);
        let stroke = Stroke::new(size::FOCUS_RING, tokens.accent);
        ui.painter().rect_stroke(rect.expand(1.0), radius::CONTROL + 1, stroke, StrokeKind::Outside);
    }
}

/// How the text of a table cell is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CellStyle {
    /// Text, from the left.
    #[default]
    Text,
    /// Numbers, monospaced, from the right.
    Number,
    /// Text of lesser rank.
    Weak,
    /// Code, monospaced, from the left.
    Code,
}

/// Paints the text of a table cell: one line, cut where it does not fit, in the middle of the row.
pub fn cell_text(ui: &Ui, rect: Rect, text: &str, style: CellStyle) {
    if text.is_empty() || rect.width() <= 0.0 {
        return;
    }
    let tokens = Tokens::of(ui);
    let (font, color, align) = match style {
        CellStyle::Text => (theme::body(), tokens.text, Align2::LEFT_CENTER),
        CellStyle::Number => (theme::figures(), tokens.text, Align2::RIGHT_CENTER),
        CellStyle::Weak => (theme::body(), tokens.weak, Align2::LEFT_CENTER),
        CellStyle::Code => (theme::mono(), tokens.text, Align2::LEFT_CENTER),
    };
    text_in(ui, rect, align, text, font, color);
}

/// Paints the diagonal hatch that stands for a missing value, which never has a colour.
pub fn paint_hatch(ui: &Ui, rect: Rect) {
    let stroke = Stroke::new(1.0, Tokens::of(ui).border);
    let painter = ui.painter().with_clip_rect(rect.intersect(ui.clip_rect()));
    let mut x = rect.left() - rect.height();
    while x < rect.right() {
        painter.line_segment([egui::pos2(x, rect.bottom()), egui::pos2(x + rect.height(), rect.top())], stroke);
        x += 6.0;
    }
}

/// Paints the marker of category `index`: its colour and, so that colour is never alone, a shape of its own (circle,
/// square, triangle, diamond, cross, plus, in turn).
pub fn paint_marker(ui: &Ui, center: Pos2, radius: f32, index: usize) {
    let color = Tokens::of(ui).category(index);
    let painter = ui.painter();
    let at = |x: f32, y: f32| center + egui::vec2(x, y) * radius;
    let polygon = |points: Vec<Pos2>| Shape::convex_polygon(points, color, Stroke::NONE);
    let bar = |from: Pos2, to: Pos2| Shape::line_segment([from, to], Stroke::new(radius * 0.7, color));
    match index % 6 {
        0 => {
            painter.circle_filled(center, radius, color);
        }
        1 => {
            painter.rect_filled(Rect::from_center_size(center, egui::Vec2::splat(radius * 1.8)), 1, color);
        }
        2 => {
            painter.add(polygon(vec![at(0.0, -1.1), at(1.1, 0.85), at(-1.1, 0.85)]));
        }
        3 => {
            painter.add(polygon(vec![at(0.0, -1.25), at(1.25, 0.0), at(0.0, 1.25), at(-1.25, 0.0)]));
        }
        4 => {
            painter.extend([bar(at(-0.85, -0.85), at(0.85, 0.85)), bar(at(0.85, -0.85), at(-0.85, 0.85))]);
        }
        _ => {
            painter.extend([bar(at(0.0, -1.1), at(0.0, 1.1)), bar(at(-1.1, 0.0), at(1.1, 0.0))]);
        }
    }
}
