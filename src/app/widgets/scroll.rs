//! Scrolling over any number of rows, exactly: the place is a row and an offset within it, never one large number.
//!
//! A single-precision coordinate loses whole points beyond some ten million points; a row number and an offset of less
//! than a row do not.

use std::ops::Range;

use eframe::egui::{self, Rect, Response, Role, Sense, Ui, WidgetInfo, pos2};

use crate::app::theme::{Tokens, size};

/// Where a list stands: the row at its upper edge, and how much of that row is above the edge.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct RowScroll {
    /// The first row that can be seen.
    pub first_row: u64,
    /// Points of that row above the upper edge, at least 0 and less than a row.
    pub offset: f32,
}

/// The measures of a list: how many rows, how high each is, and how much of them can be seen, in points.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RowGeometry {
    /// The number of rows.
    pub rows: u64,
    /// The height of a row.
    pub row_height: f32,
    /// The height of what can be seen.
    pub viewport: f32,
}

impl RowGeometry {
    /// The height of all rows.
    pub fn total(&self) -> f64 {
        self.rows as f64 * f64::from(self.row_height)
    }

    /// True if not all rows can be seen at once.
    pub fn overflows(&self) -> bool {
        self.total() > f64::from(self.viewport)
    }

    /// The place at which the last row ends at the lower edge.
    fn end(&self) -> RowScroll {
        if !self.overflows() {
            return RowScroll::default();
        }
        let whole = (self.viewport / self.row_height).floor();
        let rest = self.viewport - whole * self.row_height;
        let whole = whole as u64;
        if rest <= 0.0 {
            RowScroll { first_row: self.rows.saturating_sub(whole), offset: 0.0 }
        } else {
            RowScroll { first_row: self.rows.saturating_sub(whole + 1), offset: self.row_height - rest }
        }
    }
}

impl RowScroll {
    /// Moves by `points`, down if positive, and stays within the list.
    pub fn scroll_by(&mut self, points: f32, geometry: &RowGeometry) {
        let height = f64::from(geometry.row_height);
        let place = f64::from(self.offset) + f64::from(points);
        let rows = (place / height).floor();
        let first = if rows >= 0.0 {
            self.first_row.saturating_add(rows as u64)
        } else {
            let up = (-rows) as u64;
            if up > self.first_row {
                *self = Self::default();
                return;
            }
            self.first_row - up
        };
        *self = Self { first_row: first, offset: (place - rows * height) as f32 };
        self.clamp(geometry);
    }

    /// Comes back into the list, after rows went away or the window grew.
    pub fn clamp(&mut self, geometry: &RowGeometry) {
        let end = geometry.end();
        if self.first_row > end.first_row || self.first_row == end.first_row && self.offset > end.offset {
            *self = end;
        }
        self.offset = self.offset.clamp(0.0, geometry.row_height);
    }

    /// Moves as little as needed for `row` to be seen whole.
    pub fn reveal(&mut self, row: u64, geometry: &RowGeometry) {
        let row = row.min(geometry.rows.saturating_sub(1));
        if row < self.first_row || row == self.first_row && self.offset > 0.0 {
            *self = Self { first_row: row, offset: 0.0 };
        } else {
            let below = (row - self.first_row) as f64 * f64::from(geometry.row_height) - f64::from(self.offset)
                + f64::from(geometry.row_height)
                - f64::from(geometry.viewport);
            if below > 0.0 {
                let at_bottom = RowGeometry { rows: row + 1, ..*geometry };
                *self = at_bottom.end();
            }
        }
        self.clamp(geometry);
    }

    /// The rows that can be seen, in part or whole.
    pub fn visible(&self, geometry: &RowGeometry) -> Range<u64> {
        let count = ((geometry.viewport + self.offset) / geometry.row_height).ceil().max(0.0) as u64;
        self.first_row.min(geometry.rows)..self.first_row.saturating_add(count).min(geometry.rows)
    }

    /// The upper edge of a row that can be seen, in points below the upper edge of the list.
    pub fn row_top(&self, row: u64, geometry: &RowGeometry) -> f32 {
        row.saturating_sub(self.first_row) as f32 * geometry.row_height - self.offset
    }

    /// How far down the list stands, 0 to 1.
    fn share(&self, geometry: &RowGeometry) -> f32 {
        let most = geometry.total() - f64::from(geometry.viewport);
        let top = self.first_row as f64 * f64::from(geometry.row_height) + f64::from(self.offset);
        if most > 0.0 { (top / most).clamp(0.0, 1.0) as f32 } else { 0.0 }
    }

    /// Goes to a share of the list, 0 to 1.
    fn set_share(&mut self, share: f32, geometry: &RowGeometry) {
        let most = (geometry.total() - f64::from(geometry.viewport)).max(0.0);
        let top = most * f64::from(share.clamp(0.0, 1.0));
        let row = (top / f64::from(geometry.row_height)).floor();
        let offset = (top - row * f64::from(geometry.row_height)) as f32;
        *self = Self { first_row: row as u64, offset };
        self.clamp(geometry);
    }
}

/// The wheel's movement over `rect` in points (positive: the content moves right, down), taken so that nothing behind
/// it scrolls too. Only the directions in which there is something to see are taken.
pub(super) fn take_wheel(ui: &Ui, rect: Rect, horizontal: bool, vertical: bool) -> egui::Vec2 {
    if !ui.rect_contains_pointer(rect) {
        return egui::Vec2::ZERO;
    }
    ui.input_mut(|input| {
        let mut delta = input.smooth_scroll_delta;
        if !horizontal {
            delta.x = 0.0;
        }
        if !vertical {
            delta.y = 0.0;
        }
        input.smooth_scroll_delta -= delta;
        delta
    })
}

/// The upright scroll bar of a list.
pub(super) fn vertical_bar(
    ui: &Ui,
    id: egui::Id,
    track: Rect,
    scroll: &mut RowScroll,
    geometry: &RowGeometry,
    name: &str,
) {
    if !geometry.overflows() {
        return;
    }
    let seen = (f64::from(geometry.viewport) / geometry.total()) as f32;
    let handle = (track.height() * seen).clamp(size::HIT.min(track.height()), track.height());
    let room = track.height() - handle;
    let response = bar_response(ui, id, track, name);
    if let Some(top) = dragged_to(ui, &response, track.y_range(), handle, scroll.share(geometry), |pos| pos.y) {
        scroll.set_share(if room > 0.0 { top / room } else { 0.0 }, geometry);
    }
    let top = track.top() + room * scroll.share(geometry);
    let place = Rect::from_min_max(pos2(track.left() + 2.0, top), pos2(track.right() - 1.0, top + handle));
    paint_handle(ui, &response, place);
}

/// The level scroll bar of something `content` points wide of which `viewport` can be seen, standing at `x`.
pub(super) fn horizontal_bar(ui: &Ui, id: egui::Id, track: Rect, x: &mut f32, content: f32, viewport: f32, name: &str) {
    let most = content - viewport;
    if most <= 0.0 {
        return;
    }
    let handle = (track.width() * viewport / content).clamp(size::HIT.min(track.width()), track.width());
    let room = track.width() - handle;
    let response = bar_response(ui, id, track, name);
    if let Some(left) = dragged_to(ui, &response, track.x_range(), handle, *x / most, |pos| pos.x) {
        *x = if room > 0.0 { (left / room).clamp(0.0, 1.0) * most } else { 0.0 };
    }
    let left = track.left() + room * (*x / most).clamp(0.0, 1.0);
    let place = Rect::from_min_max(pos2(left, track.top() + 2.0), pos2(left + handle, track.bottom() - 1.0));
    paint_handle(ui, &response, place);
}

/// A scroll bar takes the pointer, not the keyboard: the list itself has the keys.
fn bar_response(ui: &Ui, id: egui::Id, track: Rect, name: &str) -> Response {
    let response = ui.interact(track, id, Sense::CLICK | Sense::DRAG);
    response.widget_info(|| WidgetInfo::labeled(Role::ScrollBar, ui.is_enabled(), name));
    response
}

/// Where the handle's near end goes while it is dragged, in points from the start of the track. A press beside the
/// handle takes the handle there.
fn dragged_to(
    ui: &Ui,
    response: &Response,
    track: egui::Rangef,
    handle: f32,
    share: f32,
    along: impl Fn(egui::Pos2) -> f32,
) -> Option<f32> {
    let pointer = along(response.interact_pointer_pos()?) - track.min;
    let start = share.clamp(0.0, 1.0) * (track.span() - handle);
    let grab_id = response.id.with("grab");
    if response.drag_started() || response.clicked() {
        let origin = ui.input(|i| i.pointer.press_origin()).map_or(pointer, |pos| along(pos) - track.min);
        let within = origin - start;
        let grab = if (0.0..=handle).contains(&within) { within } else { handle / 2.0 };
        ui.data_mut(|data| data.insert_temp(grab_id, grab));
        if response.clicked() && (0.0..=handle).contains(&within) {
            return None;
        }
    } else if !response.dragged() {
        return None;
    }
    let grab: f32 = ui.data(|data| data.get_temp(grab_id)).unwrap_or(handle / 2.0);
    Some((pointer - grab).clamp(0.0, (track.span() - handle).max(0.0)))
}

fn paint_handle(ui: &Ui, response: &Response, place: Rect) {
    let tokens = Tokens::of(ui);
    let color = if response.dragged() {
        tokens.weak
    } else if response.hovered() {
        tokens.border
    } else {
        tokens.hairline.lerp_to_gamma(tokens.border, 0.45)
    };
    ui.painter().rect_filled(place, (size::SCROLL_BAR / 2.0) as u8, color);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const LIST: RowGeometry = RowGeometry { rows: 10_000_000, row_height: 26.0, viewport: 700.0 };

    #[test]
    fn small_steps_are_kept_at_the_ten_millionth_row() {
        let mut scroll = RowScroll { first_row: 9_999_000, offset: 0.0 };
        for _ in 0..26 {
            scroll.scroll_by(7.0, &LIST);
        }
        assert_eq!(scroll, RowScroll { first_row: 9_999_007, offset: 0.0 });
        scroll.scroll_by(-7.0, &LIST);
        assert_eq!(scroll, RowScroll { first_row: 9_999_006, offset: 19.0 });
    }

    #[test]
    fn the_list_ends_where_it_ends() {
        let mut scroll = RowScroll::default();
        scroll.scroll_by(-100.0, &LIST);
        assert_eq!(scroll, RowScroll::default());
        scroll.scroll_by(f32::MAX, &LIST);
        let last = LIST.rows - 1;
        assert_eq!(scroll.row_top(last, &LIST) + LIST.row_height, LIST.viewport);
        assert_eq!(scroll.visible(&LIST).end, LIST.rows);
        let short = RowGeometry { rows: 3, ..LIST };
        scroll.clamp(&short);
        assert_eq!((scroll, scroll.visible(&short)), (RowScroll::default(), 0..3));
        let none = RowGeometry { rows: 0, ..LIST };
        scroll.clamp(&none);
        assert_eq!(scroll.visible(&none), 0..0);
    }

    #[test]
    fn a_row_is_shown_with_as_little_movement_as_can_be() {
        let check = |from: RowScroll, row: u64, expected: RowScroll| {
            let mut scroll = from;
            scroll.reveal(row, &LIST);
            assert_eq!(scroll, expected, "row {row} from {from:?}");
        };
        let at = |first_row, offset| RowScroll { first_row, offset };
        check(at(100, 5.0), 110, at(100, 5.0));
        check(at(100, 5.0), 100, at(100, 0.0));
        check(at(100, 5.0), 40, at(40, 0.0));
        // 700 points hold 26 rows of 26 points and 24 points more.
        check(at(100, 0.0), 126, at(100, 2.0));
        check(at(100, 0.0), 125, at(100, 0.0));
        check(at(0, 0.0), u64::MAX, at(9_999_973, 2.0));
    }

    proptest! {
        #[test]
        fn any_movement_stays_within_the_list(
            rows in 0u64..20_000_000,
            height in 16.0f32..72.0,
            viewport in 10.0f32..2000.0,
            steps in proptest::collection::vec(-5000.0f32..5000.0, 0..20),
            start in 0u64..20_000_000,
        ) {
            let geometry = RowGeometry { rows, row_height: height, viewport };
            let mut scroll = RowScroll { first_row: start, offset: 0.0 };
            scroll.clamp(&geometry);
            for step in steps {
                scroll.scroll_by(step, &geometry);
                let visible = scroll.visible(&geometry);
                prop_assert!(visible.end <= rows);
                prop_assert!(scroll.offset >= 0.0 && scroll.offset <= height);
                // No empty ground below the last row while there are rows above that could fill it.
                if visible.end == rows && geometry.overflows() {
                    let bottom = scroll.row_top(rows - 1, &geometry) + height;
                    prop_assert!(bottom >= viewport - 0.1, "{bottom} of {viewport}");
                }
            }
        }

        #[test]
        fn a_revealed_row_is_seen_whole(rows in 1u64..20_000_000, row in 0u64..20_000_000, start in 0u64..20_000_000) {
            let geometry = RowGeometry { rows, ..LIST };
            let mut scroll = RowScroll { first_row: start, offset: 3.0 };
            scroll.clamp(&geometry);
            let row = row.min(rows - 1);
            scroll.reveal(row, &geometry);
            let top = scroll.row_top(row, &geometry);
            prop_assert!(scroll.visible(&geometry).contains(&row));
            prop_assert!(top >= -0.01 && top + geometry.row_height <= geometry.viewport + 0.01, "{top}");
        }
    }
}
