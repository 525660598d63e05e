//! Histograms: how values are spread, in the view and in all, with a brush to filter by a range of bins.

use std::ops::RangeInclusive;

use eframe::egui::{
    self, Align2, EventFilter, Key, Rect, Response, Role, Sense, Stroke, StrokeKind, Ui, Vec2, WidgetInfo, pos2, vec2,
};

use super::paint::{focus_ring, galley_in, one_line};
use crate::app::strings::strings;
use crate::app::theme::{self, Tokens};

/// The counts of one bin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Bin {
    /// Rows in the view.
    pub count: u64,
    /// Rows in all.
    pub total: u64,
}

/// A histogram with a brush. Click a bin, or drag over several; with the keyboard: arrows, Shift to extend, Enter.
#[must_use = "call `show`"]
pub struct Histogram<'a> {
    id: egui::Id,
    name: &'a str,
    bins: &'a [Bin],
    least: &'a str,
    greatest: &'a str,
    describe: Option<&'a dyn Fn(usize) -> String>,
    selected: Option<RangeInclusive<usize>>,
    height: f32,
    color: Option<usize>,
}

/// What happened in a [`Histogram`].
pub struct HistogramResponse {
    /// The response of the whole plot.
    pub response: Response,
    /// The bin that the pointer is over.
    pub hovered: Option<usize>,
    /// The bins under the brush while it is drawn: for a preview.
    pub brushing: Option<RangeInclusive<usize>>,
    /// The bins that were chosen just now. Choosing what is selected already means: no longer.
    pub chosen: Option<RangeInclusive<usize>>,
}

/// Where the keyboard stands in a histogram, and where a brush began.
#[derive(Clone, Copy, Default)]
struct Cursor {
    anchor: usize,
    at: usize,
}

const AXIS: f32 = 14.0;

impl<'a> Histogram<'a> {
    /// A histogram with an id and a name, such as that of its column.
    pub fn new(id: egui::Id, name: &'a str, bins: &'a [Bin]) -> Self {
        Self { id, name, bins, least: "", greatest: "", describe: None, selected: None, height: 64.0, color: None }
    }

    /// The labels at the two ends of the axis; without them no axis is drawn.
    pub fn ends(mut self, least: &'a str, greatest: &'a str) -> Self {
        (self.least, self.greatest) = (least, greatest);
        self
    }

    /// Says what range a bin covers, for the text shown over it.
    pub fn describe(mut self, describe: &'a dyn Fn(usize) -> String) -> Self {
        self.describe = Some(describe);
        self
    }

    /// The bins that the filter holds now.
    pub fn selected(mut self, selected: Option<RangeInclusive<usize>>) -> Self {
        self.selected = selected;
        self
    }

    /// The height in points, with the axis.
    pub fn height(mut self, height: f32) -> Self {
        self.height = height;
        self
    }

    /// The category whose colour it takes.
    pub fn color(mut self, color: Option<usize>) -> Self {
        self.color = color;
        self
    }

    /// Draws it over the whole width.
    pub fn show(self, ui: &mut Ui) -> HistogramResponse {
        let wanted = vec2(ui.available_width(), self.height);
        let (rect, _) = ui.allocate_exact_size(wanted, Sense::hover());
        self.show_in(ui, rect)
    }

    /// Draws it at a place, such as the header of a column.
    pub fn show_in(self, ui: &mut Ui, rect: Rect) -> HistogramResponse {
        let response = ui.interact(rect, self.id, Sense::click_and_drag());
        response.widget_info(|| WidgetInfo::labeled(Role::Slider, ui.is_enabled(), self.name));
        let axis = if self.least.is_empty() && self.greatest.is_empty() { 0.0 } else { AXIS };
        let plot = Rect::from_min_max(rect.min, pos2(rect.right(), rect.bottom() - axis));
        let hovered = response.hover_pos().and_then(|pos| bin_at(plot, pos.x, self.bins.len()));
        let (brushing, chosen) = self.interact(ui, &response, plot);
        if ui.is_rect_visible(rect) {
            self.paint(ui, plot, hovered, brushing.as_ref());
            self.paint_axis(ui, rect);
            focus_ring(ui, &response, rect);
            if response.has_focus() {
                let cursor = self.cursor(ui);
                let tokens = Tokens::of(ui);
                let strip = strip_of(plot, cursor.at, cursor.at, self.bins.len());
                ui.painter().rect_stroke(strip, 1, Stroke::new(1.0, tokens.accent), StrokeKind::Inside);
            }
        }
        let about = hovered.or_else(|| response.has_focus().then(|| self.cursor(ui).at));
        let response = match about {
            Some(index) => self.tooltip(response, index),
            None => response,
        };
        HistogramResponse { response, hovered, brushing, chosen }
    }

    fn tooltip(&self, response: Response, index: usize) -> Response {
        let bin = self.bins.get(index).copied().unwrap_or_default();
        response.on_hover_ui_at_pointer(|ui| {
            if let Some(describe) = self.describe {
                ui.label(egui::RichText::new(describe(index)).font(theme::strong()));
            }
            ui.label(strings(ui).count_of(bin.count, bin.total));
        })
    }

    fn cursor(&self, ui: &Ui) -> Cursor {
        let last = self.bins.len().saturating_sub(1);
        let cursor: Cursor = ui.data(|data| data.get_temp(self.id)).unwrap_or_default();
        Cursor { anchor: cursor.anchor.min(last), at: cursor.at.min(last) }
    }

    /// The brush as it is drawn, and the bins once it is let go.
    fn interact(
        &self,
        ui: &Ui,
        response: &Response,
        plot: Rect,
    ) -> (Option<RangeInclusive<usize>>, Option<RangeInclusive<usize>>) {
        if self.bins.is_empty() {
            return (None, None);
        }
        let range = |cursor: Cursor| cursor.anchor.min(cursor.at)..=cursor.anchor.max(cursor.at);
        let store = |cursor: Cursor| ui.data_mut(|data| data.insert_temp(self.id, cursor));
        let at_pointer = response.interact_pointer_pos().and_then(|pos| bin_at(plot, pos.x, self.bins.len()));
        if response.clicked()
            && let Some(at) = at_pointer
        {
            store(Cursor { anchor: at, at });
            return (None, Some(at..=at));
        }
        if response.drag_started() {
            let origin = ui.input(|i| i.pointer.press_origin()).map_or(plot.left(), |pos| pos.x);
            let anchor = bin_at(plot, origin, self.bins.len()).unwrap_or(0);
            store(Cursor { anchor, at: at_pointer.unwrap_or(anchor) });
        }
        if response.dragged() || response.drag_stopped() {
            let mut cursor = self.cursor(ui);
            cursor.at = at_pointer.unwrap_or(cursor.at);
            store(cursor);
            let range = range(cursor);
            return if response.drag_stopped() { (None, Some(range)) } else { (Some(range), None) };
        }
        if response.has_focus() { self.keyboard(ui) } else { (None, None) }
    }

    fn keyboard(&self, ui: &Ui) -> (Option<RangeInclusive<usize>>, Option<RangeInclusive<usize>>) {
        let filter = EventFilter { horizontal_arrows: true, ..Default::default() };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(self.id, filter));
        let mut cursor = self.cursor(ui);
        let before = (cursor.anchor, cursor.at);
        let last = self.bins.len().saturating_sub(1);
        let (enter, extend) = ui.input(|input| {
            let right = input.num_presses(Key::ArrowRight);
            let left = input.num_presses(Key::ArrowLeft);
            cursor.at = (cursor.at + right).min(last).saturating_sub(left);
            if input.key_pressed(Key::Home) {
                cursor.at = 0;
            }
            if input.key_pressed(Key::End) {
                cursor.at = last;
            }
            (input.key_pressed(Key::Enter), input.modifiers.shift)
        });
        if before.1 != cursor.at && !extend {
            cursor.anchor = cursor.at;
        }
        ui.data_mut(|data| data.insert_temp(self.id, cursor));
        let range = cursor.anchor.min(cursor.at)..=cursor.anchor.max(cursor.at);
        let several = range.start() != range.end();
        (several.then(|| range.clone()), enter.then_some(range))
    }

    fn paint(&self, ui: &Ui, plot: Rect, hovered: Option<usize>, brushing: Option<&RangeInclusive<usize>>) {
        let tokens = Tokens::of(ui);
        let painter = ui.painter();
        let count = self.bins.len();
        let held = brushing.or(self.selected.as_ref());
        if let Some(range) = held {
            let strip = strip_of(plot, *range.start(), *range.end(), count);
            painter.rect_filled(strip, 1, tokens.tint(tokens.accent));
        }
        if let Some(index) = hovered {
            painter.rect_filled(strip_of(plot, index, index, count), 1, tokens.hover);
        }
        let most = self.bins.iter().map(|bin| bin.total.max(bin.count)).max().unwrap_or(0).max(1);
        let color = self.color.map_or(tokens.accent, |color| tokens.category(color));
        for (index, bin) in self.bins.iter().enumerate() {
            let outside = held.is_some_and(|range| !range.contains(&index));
            let front = if outside { tokens.plot_rest.lerp_to_gamma(color, 0.4) } else { color };
            for (rows, color) in [(bin.total, tokens.plot_rest), (bin.count, front)] {
                painter.rect_filled(bar_of(plot, index, count, rows, most), 0, color);
            }
        }
        let base = Stroke::new(1.0, tokens.hairline);
        painter.hline(plot.x_range(), plot.bottom(), base);
    }

    fn paint_axis(&self, ui: &Ui, rect: Rect) {
        let tokens = Tokens::of(ui);
        let axis = Rect::from_min_max(pos2(rect.left(), rect.bottom() - AXIS + 1.0), rect.max);
        for (text, align) in [(self.least, Align2::LEFT_CENTER), (self.greatest, Align2::RIGHT_CENTER)] {
            if !text.is_empty() {
                let galley = one_line(ui, text, theme::caption(), tokens.weak, rect.width() / 2.0);
                galley_in(ui, axis, align, galley, tokens.weak);
            }
        }
    }
}

/// The bin at `x`, if there is one.
fn bin_at(plot: Rect, x: f32, bins: usize) -> Option<usize> {
    if bins == 0 || plot.width() <= 0.0 {
        return None;
    }
    let share = ((x - plot.left()) / plot.width()).clamp(0.0, 1.0);
    Some(((share * bins as f32) as usize).min(bins - 1))
}

/// The full height of the bins `first` to `last`.
fn strip_of(plot: Rect, first: usize, last: usize, bins: usize) -> Rect {
    let width = plot.width() / bins.max(1) as f32;
    let left = plot.left() + first as f32 * width;
    let right = plot.left() + (last + 1) as f32 * width;
    Rect::from_min_max(pos2(left, plot.top()), pos2(right, plot.bottom()))
}

/// The bar of a bin, with a gap of a point where there is room; what is not nothing can be seen.
fn bar_of(plot: Rect, index: usize, bins: usize, rows: u64, most: u64) -> Rect {
    let strip = strip_of(plot, index, index, bins);
    let gap = if strip.width() >= 4.0 { 0.5 } else { 0.0 };
    let share = (rows as f64 / most as f64) as f32;
    let height = if rows == 0 { 0.0 } else { (plot.height() * share).max(1.0) };
    Rect::from_min_max(pos2(strip.left(), plot.bottom() - height), strip.max).shrink2(Vec2::new(gap, 0.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_has_one_bin() {
        let plot = Rect::from_min_size(pos2(100.0, 0.0), vec2(50.0, 10.0));
        let check = |x, bins, expected| assert_eq!(bin_at(plot, x, bins), expected, "{x} of {bins}");
        check(100.0, 5, Some(0));
        check(109.9, 5, Some(0));
        check(110.1, 5, Some(1));
        check(150.0, 5, Some(4));
        check(-20.0, 5, Some(0));
        check(900.0, 5, Some(4));
        check(120.0, 0, None);
    }

    #[test]
    fn bars_stand_on_the_base_line() {
        let plot = Rect::from_min_size(pos2(0.0, 0.0), vec2(100.0, 40.0));
        assert_eq!(bar_of(plot, 0, 10, 0, 100).height(), 0.0);
        assert_eq!(bar_of(plot, 3, 10, 1, 1_000_000).height(), 1.0);
        let full = bar_of(plot, 9, 10, 100, 100);
        assert_eq!((full.height(), full.bottom(), full.right()), (40.0, 40.0, 99.5));
    }
}
