//! Horizontal bars: how many rows have each value, in the view and in all.

use eframe::egui::{Align2, Color32, Modifiers, Rect, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};

use super::paint::{baseline, focus_ring, galley_in, one_line, paint_marker};
use crate::app::strings::{grouped, strings};
use crate::app::theme::{self, Tokens, radius, size, space};

/// One value and its counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bar {
    /// The value as it is shown.
    pub label: String,
    /// Rows in the view.
    pub count: u64,
    /// Rows in all.
    pub total: u64,
    /// The category whose colour and marker it takes.
    pub color: Option<usize>,
}

/// A list of bars. A click on one is for filtering by it.
#[must_use = "call `show`"]
pub struct BarList<'a> {
    name: &'a str,
    bars: &'a [Bar],
    selected: &'a [usize],
    row_height: f32,
}

/// What happened in a [`BarList`].
#[derive(Debug, Default)]
pub struct BarListResponse {
    /// The bar that was clicked, or chosen with the keyboard, and the modifiers held.
    pub clicked: Option<(usize, Modifiers)>,
    /// The bar that the pointer is over.
    pub hovered: Option<usize>,
}

impl<'a> BarList<'a> {
    /// A list with a name, such as that of its column.
    pub fn new(name: &'a str, bars: &'a [Bar]) -> Self {
        Self { name, bars, selected: &[], row_height: size::HIT }
    }

    /// The bars that the filter holds now.
    pub fn selected(mut self, selected: &'a [usize]) -> Self {
        self.selected = selected;
        self
    }

    /// The height of a row in points.
    pub fn row_height(mut self, row_height: f32) -> Self {
        self.row_height = row_height;
        self
    }

    /// Draws it over the whole width. Bars are measured against the largest total.
    pub fn show(self, ui: &mut Ui) -> BarListResponse {
        let mut result = BarListResponse::default();
        let most = self.bars.iter().map(|bar| bar.total.max(bar.count)).max().unwrap_or(0).max(1);
        ui.push_id(("bars", self.name), |ui| {
            ui.spacing_mut().item_spacing.y = 2.0;
            for (index, bar) in self.bars.iter().enumerate() {
                self.row(ui, index, bar, most, &mut result);
            }
        });
        result
    }

    fn row(&self, ui: &mut Ui, index: usize, bar: &Bar, most: u64, result: &mut BarListResponse) {
        let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), self.row_height), Sense::click());
        let chosen = self.selected.contains(&index);
        let name = format!("{}: {}, {}", self.name, bar.label, strings(ui).count_of(bar.count, bar.total));
        response.widget_info(|| WidgetInfo::selected(Role::Button, ui.is_enabled(), chosen, &name));
        if response.clicked() {
            result.clicked = Some((index, ui.input(|i| i.modifiers)));
        }
        if response.hovered() {
            result.hovered = Some(index);
        }
        if ui.is_rect_visible(rect) {
            paint_bar(ui, rect, bar, most, chosen, response.hovered());
            focus_ring(ui, &response, rect);
        }
    }
}

fn paint_bar(ui: &Ui, rect: Rect, bar: &Bar, most: u64, chosen: bool, hovered: bool) {
    let tokens = Tokens::of(ui);
    let painter = ui.painter();
    if chosen || hovered {
        painter.rect_filled(rect, radius::CONTROL, if chosen { tokens.selection } else { tokens.hover });
    }
    if chosen {
        painter.rect_stroke(rect, radius::CONTROL, Stroke::new(1.0, tokens.accent), StrokeKind::Inside);
    }
    let inside = rect.shrink2(vec2(space::XS + 2.0, 0.0));
    let figures = figures(ui, tokens, bar, chosen);
    let text = Rect::from_min_max(inside.min, pos2(inside.right(), rect.bottom() - 5.0));
    let mut label = text.with_max_x(text.right() - figures.size().x - space::S);
    if let Some(color) = bar.color {
        paint_marker(ui, pos2(label.left() + 4.0, label.center().y), 4.0, color);
        label.min.x += 14.0;
    }
    let front = if bar.count == 0 { tokens.weak } else { tokens.text };
    let words = one_line(ui, &bar.label, theme::body(), front, label.width());
    let line = words.clone();
    let words_at = galley_in(ui, label, Align2::LEFT_CENTER, words, front);
    let figures_at = pos2(text.right() - figures.size().x, words_at.top() + baseline(&line) - baseline(&figures));
    painter.galley(figures_at, figures, tokens.text);
    let track = Rect::from_min_max(pos2(inside.left(), rect.bottom() - 5.0), pos2(inside.right(), rect.bottom() - 2.0));
    let color = bar.color.map_or(tokens.accent, |color| tokens.category(color));
    for (count, color) in [(bar.total, tokens.plot_rest), (bar.count, color)] {
        painter.rect_filled(length_of(track, count, most), 1, color);
    }
}

/// The part of `track` that stands for `count`; what is not nothing can be seen.
fn length_of(track: Rect, count: u64, most: u64) -> Rect {
    let share = (count as f64 / most as f64) as f32;
    let width = if count == 0 { 0.0 } else { (track.width() * share).max(2.0) };
    track.with_max_x(track.left() + width)
}

/// "47 / 412", or only the total when the view leaves nothing out.
fn figures(ui: &Ui, tokens: &Tokens, bar: &Bar, chosen: bool) -> std::sync::Arc<eframe::egui::Galley> {
    use eframe::egui::text::{LayoutJob, TextFormat};
    let format = |color: Color32| TextFormat::simple(theme::small_mono(), color);
    let mut job = LayoutJob::default();
    job.append(&grouped(bar.count), 0.0, format(if bar.count == 0 { tokens.weak } else { tokens.text }));
    if bar.count != bar.total || chosen {
        job.append(&format!(" / {}", grouped(bar.total)), 0.0, format(tokens.weak));
    }
    ui.fonts_mut(|fonts| fonts.layout_job(job))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_nothing_can_be_seen() {
        let track = Rect::from_min_size(pos2(10.0, 0.0), vec2(100.0, 3.0));
        let check = |count, most, expected: f32| assert_eq!(length_of(track, count, most).width(), expected);
        check(0, 100, 0.0);
        check(50, 100, 50.0);
        check(1, 1_000_000, 2.0);
        check(100, 100, 100.0);
    }
}
