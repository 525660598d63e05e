//! The grid: any number of cells, such as thumbnails, laid out in rows that fill the width.

use std::ops::Range;

use eframe::egui::{
    self, EventFilter, Key, Modifiers, Rect, Response, Role, Sense, Stroke, StrokeKind, Ui, UiBuilder, WidgetInfo,
    pos2, vec2,
};

use super::rows::{RowClick, RowEvents, RowMove};
use super::scroll::{RowGeometry, RowScroll, take_wheel, vertical_bar};
use crate::app::strings::strings;
use crate::app::theme::{Tokens, radius, size, space};

/// What a grid keeps from frame to frame.
#[derive(Debug, Clone)]
pub struct GridState {
    /// Where the rows of cells stand.
    pub scroll: RowScroll,
    /// The side of a cell in points, 64 to 320, see [`size_slider`].
    pub cell: f32,
    reveal: Option<u64>,
    /// The cell at the upper left and the number of columns in the last frame, to stay there when the size changes.
    anchor: Option<(u64, u64)>,
}

impl Default for GridState {
    fn default() -> Self {
        Self { scroll: RowScroll::default(), cell: 128.0, reveal: None, anchor: None }
    }
}

impl GridState {
    /// A grid that begins with cells of that side in points.
    pub fn with_cell(cell: f32) -> Self {
        Self { cell: cell.clamp(64.0, 320.0), ..Self::default() }
    }

    /// Brings a cell into sight at the next frame.
    pub fn reveal(&mut self, item: u64) {
        self.reveal = Some(item);
    }
}

/// The frame that is being drawn over the cells with the pointer, also at the moment when it is let go.
fn drawn_frame(ui: &Ui, response: &Response) -> Option<Rect> {
    if !response.dragged() && !response.drag_stopped() {
        return None;
    }
    let (from, to) = ui.input(|input| Some((input.pointer.press_origin()?, input.pointer.latest_pos()?)))?;
    Some(Rect::from_two_pos(from, to))
}

/// What happened in a grid.
pub struct GridResponse {
    /// The grid as a whole; it has the keyboard while the grid has.
    pub response: Response,
    /// The cells that could be seen: those to decode first.
    pub visible: Range<u64>,
    /// What was done with the cells; a row is the number of a cell.
    pub events: RowEvents,
    /// The cell under the pointer and its response.
    pub hovered: Option<(u64, Response)>,
}

/// A grid of `items` cells.
#[must_use = "call `show`"]
pub struct VirtualGrid<'a> {
    id: egui::Id,
    name: &'a str,
    items: u64,
    caption: f32,
    focused: Option<u64>,
    selected: Option<&'a dyn Fn(u64) -> bool>,
    item_name: Option<&'a dyn Fn(u64) -> String>,
}

const GAP: f32 = space::S;

impl<'a> VirtualGrid<'a> {
    /// A grid with an id, a name for screen readers and its number of cells.
    pub fn new(id: egui::Id, name: &'a str, items: u64) -> Self {
        Self { id, name, items, caption: 0.0, focused: None, selected: None, item_name: None }
    }

    /// Room below each picture for a caption, in points.
    pub fn caption(mut self, height: f32) -> Self {
        self.caption = height;
        self
    }

    /// The cell that the keyboard stands on.
    pub fn focused(mut self, item: Option<u64>) -> Self {
        self.focused = item;
        self
    }

    /// Which cells are selected.
    pub fn selected(mut self, selected: &'a dyn Fn(u64) -> bool) -> Self {
        self.selected = Some(selected);
        self
    }

    /// What a screen reader says of a cell; its number without it.
    pub fn item_name(mut self, item_name: &'a dyn Fn(u64) -> String) -> Self {
        self.item_name = Some(item_name);
        self
    }

    /// Draws it over all the room there is. `cell(ui, item, rect)` paints into `rect`, caption included.
    pub fn show(self, ui: &mut Ui, state: &mut GridState, mut cell: impl FnMut(&mut Ui, u64, Rect)) -> GridResponse {
        let (outer, _) = ui.allocate_exact_size(ui.available_size(), Sense::hover());
        let mut ui = ui.new_child(UiBuilder::new().id_salt(self.id).max_rect(outer));
        ui.shrink_clip_rect(outer);
        let body = outer.with_max_x(outer.right() - size::SCROLL_BAR);
        let columns = columns_in(body.width(), state.cell);
        let geometry = RowGeometry {
            rows: self.items.div_ceil(columns),
            row_height: state.cell + self.caption + GAP,
            viewport: body.height(),
        };
        if let Some((first, before)) = state.anchor
            && before != columns
        {
            state.scroll = RowScroll { first_row: first / columns, offset: 0.0 };
        }
        let response = ui.interact(body, self.id, Sense::click_and_drag());
        response.widget_info(|| WidgetInfo::labeled(Role::Grid, ui.is_enabled(), self.name));
        let mut result = GridResponse { response, visible: 0..0, events: RowEvents::default(), hovered: None };
        let wheel = take_wheel(&ui, outer, false, geometry.overflows());
        state.scroll.scroll_by(-wheel.y, &geometry);
        if result.response.has_focus() {
            let filter = EventFilter { horizontal_arrows: true, vertical_arrows: true, ..Default::default() };
            ui.memory_mut(|memory| memory.set_focus_lock_filter(self.id, filter));
            self.keyboard(&ui, columns, &geometry, &mut result);
        }
        if let Some(item) = result.events.moved.map(|moved| moved.row).or_else(|| state.reveal.take()) {
            state.scroll.reveal(item / columns, &geometry);
        }
        state.scroll.clamp(&geometry);
        state.anchor = Some((state.scroll.first_row * columns, columns));
        let rows = state.scroll.visible(&geometry);
        result.visible = rows.start * columns..(rows.end * columns).min(self.items);
        // What is left of the width goes between the columns, so that both edges are straight.
        let spare = (body.width() - columns as f32 * (state.cell + GAP)).max(0.0) / columns as f32;
        let scale = ui.pixels_per_point();
        let frame = drawn_frame(&ui, &result.response);
        let mut framed = Vec::new();
        for item in result.visible.clone() {
            let top = body.top() + GAP / 2.0 + state.scroll.row_top(item / columns, &geometry);
            let left = body.left() + GAP / 2.0 + (item % columns) as f32 * (state.cell + GAP + spare);
            let corner = pos2((left * scale).round() / scale, (top * scale).round() / scale);
            let rect = Rect::from_min_size(corner, vec2(state.cell, state.cell + self.caption));
            if frame.is_some_and(|frame| frame.intersects(rect)) {
                framed.push(item);
            }
            self.cell_ground(&ui, item, rect, &mut result);
            cell(&mut ui, item, rect);
            self.cell_ring(&ui, item, rect, &result);
        }
        if let Some(frame) = frame {
            let tokens = Tokens::of(&ui);
            ui.painter().rect_filled(frame, 0, tokens.tint(tokens.accent).gamma_multiply(0.4));
            ui.painter().rect_stroke(frame, 0, Stroke::new(1.0, tokens.accent), StrokeKind::Inside);
            if result.response.drag_stopped() {
                result.response.request_focus();
                result.events.framed = Some((framed, ui.input(|input| input.modifiers)));
            }
        }
        let track = Rect::from_min_max(pos2(body.right(), body.top()), outer.max);
        vertical_bar(&ui, self.id.with("rows"), track, &mut state.scroll, &geometry, strings(&ui).rows);
        result
    }

    fn keyboard(&self, ui: &Ui, columns: u64, geometry: &RowGeometry, result: &mut GridResponse) {
        let Some(last) = self.items.checked_sub(1) else { return };
        let page = ((geometry.viewport / geometry.row_height) as u64).max(1) * columns;
        let mut at = self.focused;
        ui.input(|input| {
            for event in &input.events {
                let egui::Event::Key { key, pressed: true, modifiers, .. } = event else { continue };
                let Some(to) = moved_to(*key, at, columns, page, last) else {
                    match key {
                        Key::Enter => result.events.activated = at,
                        Key::Space => result.events.toggled = at,
                        _ => {}
                    }
                    continue;
                };
                at = Some(to);
                result.events.moved = Some(RowMove { row: to, extend: modifiers.shift });
            }
        });
    }

    fn cell_ground(&self, ui: &Ui, item: u64, rect: Rect, result: &mut GridResponse) {
        let tokens = Tokens::of(ui);
        let response = ui.interact(rect, self.id.with(item), Sense::CLICK);
        let selected = self.selected.is_some_and(|selected| selected(item));
        let name = self.item_name.map_or_else(|| strings(ui).row_number(item), |name| name(item));
        response.widget_info(|| WidgetInfo::selected(Role::GridCell, ui.is_enabled(), selected, &name));
        let secondary = response.secondary_clicked();
        if response.clicked() || secondary {
            let modifiers: Modifiers = ui.input(|i| i.modifiers);
            let double = response.double_clicked();
            result.events.clicked = Some(RowClick { row: item, column: None, modifiers, double, secondary });
            if double {
                result.events.activated = Some(item);
            }
            result.response.request_focus();
        }
        let fill = match () {
            () if selected => tokens.selection,
            () if response.hovered() => tokens.hover,
            () => return self.note_hover(item, response, result),
        };
        ui.painter().rect_filled(rect.expand(GAP / 2.0 - 1.0), radius::CARD, fill);
        self.note_hover(item, response, result);
    }

    fn note_hover(&self, item: u64, response: Response, result: &mut GridResponse) {
        if response.hovered() {
            result.hovered = Some((item, response));
        }
    }

    /// The ring around what is selected or has the keyboard, over the picture.
    fn cell_ring(&self, ui: &Ui, item: u64, rect: Rect, result: &GridResponse) {
        let tokens = Tokens::of(ui);
        let selected = self.selected.is_some_and(|selected| selected(item));
        let focused = self.focused == Some(item);
        let width = match () {
            () if focused && result.response.has_focus() => size::FOCUS_RING,
            () if focused || selected => 1.0,
            () => return,
        };
        let ring = rect.expand(GAP / 2.0 - 1.0);
        let stroke = Stroke::new(width, tokens.accent);
        ui.painter().rect_stroke(ring, radius::CARD, stroke, StrokeKind::Inside);
    }
}

/// How many cells stand side by side.
fn columns_in(width: f32, cell: f32) -> u64 {
    ((width / (cell + GAP)).floor().max(1.0)) as u64
}

/// The cell that a key leads to, if it is a key that moves.
fn moved_to(key: Key, at: Option<u64>, columns: u64, page: u64, last: u64) -> Option<u64> {
    let Some(here) = at else {
        let moves = [Key::ArrowRight, Key::ArrowLeft, Key::ArrowDown, Key::ArrowUp, Key::Home];
        return if key == Key::End { Some(last) } else { moves.contains(&key).then_some(0) };
    };
    let to = match key {
        Key::ArrowRight => here + 1,
        Key::ArrowLeft => here.saturating_sub(1),
        // In the last row but one, down may lead to a place without a cell: then to the last cell.
        Key::ArrowDown if here / columns < last / columns => (here + columns).min(last),
        Key::ArrowUp if here >= columns => here - columns,
        Key::ArrowDown | Key::ArrowUp => here,
        Key::PageDown => here.saturating_add(page),
        Key::PageUp => here.saturating_sub(page),
        Key::Home => 0,
        Key::End => last,
        _ => return None,
    };
    Some(to.min(last))
}

/// The slider for the size of the cells. Returns true when it was moved.
pub fn size_slider(ui: &mut Ui, cell: &mut f32) -> bool {
    let tokens = Tokens::of(ui);
    let name = strings(ui).thumbnail_size;
    ui.scope(|ui| {
        ui.spacing_mut().slider_width = 96.0;
        ui.spacing_mut().interact_size.y = 16.0;
        let visuals = ui.visuals_mut();
        visuals.selection.bg_fill = tokens.accent;
        // The rail and the handle at rest.
        visuals.widgets.inactive.bg_fill = if tokens.dark { tokens.hairline } else { tokens.plot_rest };
        visuals.widgets.inactive.fg_stroke = Stroke::new(1.5, tokens.border);
        let slider = egui::Slider::new(cell, 64.0..=320.0).step_by(8.0).show_value(false);
        ui.add(slider).accessible_name(name).on_hover_text(name).changed()
    })
    .inner
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_move_by_cell_row_and_page() {
        let check = |key, at: u64, expected: u64| {
            assert_eq!(moved_to(key, Some(at), 5, 20, 22), Some(expected), "{key:?} from {at}");
        };
        check(Key::ArrowRight, 4, 5);
        check(Key::ArrowLeft, 5, 4);
        check(Key::ArrowLeft, 0, 0);
        check(Key::ArrowDown, 3, 8);
        check(Key::ArrowDown, 19, 22);
        check(Key::ArrowDown, 21, 21);
        check(Key::ArrowUp, 3, 3);
        check(Key::ArrowUp, 8, 3);
        check(Key::PageDown, 10, 22);
        check(Key::PageUp, 10, 0);
        check(Key::End, 0, 22);
        assert_eq!(moved_to(Key::A, Some(3), 5, 20, 22), None);
        assert_eq!(moved_to(Key::ArrowDown, None, 5, 20, 22), Some(0));
    }

    #[test]
    fn cells_fill_the_width() {
        let check = |width, cell, expected| assert_eq!(columns_in(width, cell), expected);
        check(1000.0, 128.0, 7);
        check(136.0, 128.0, 1);
        check(10.0, 128.0, 1);
    }
}
