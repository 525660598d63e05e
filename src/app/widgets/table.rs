//! The table: any number of rows, columns that can be dragged wider, cells painted by the caller.
//!
//! Only what can be seen is drawn. Places come from a row number and an offset ([`RowScroll`]), so that the
//! ten-millionth row stands as exactly as the first.

use std::ops::Range;

use eframe::egui::{
    self, Align2, CursorIcon, EventFilter, Key, Modifiers, Rangef, Rect, Response, Role, Sense, Stroke, Ui, UiBuilder,
    WidgetInfo, pos2, vec2,
};

use super::paint::{CellStyle, icon_in, text_in};
use super::rows::{RowClick, RowEvents, RowMove};
use super::scroll::{RowGeometry, RowScroll, horizontal_bar, take_wheel, vertical_bar};
use crate::app::strings::strings;
use crate::app::theme::{self, Tokens, icons, size, space};

/// A column of a table.
#[derive(Debug, Clone, PartialEq)]
pub struct TableColumn {
    /// Its name, which also names its header.
    pub name: String,
    /// The width it begins with, in points.
    pub width: f32,
    /// The width it may be dragged down to.
    pub least_width: f32,
}

impl TableColumn {
    /// A column of that name and initial width.
    pub fn new(name: impl Into<String>, width: f32) -> Self {
        Self { name: name.into(), width, least_width: 40.0 }
    }
}

/// What a table keeps from frame to frame: where it stands and how wide its columns are.
#[derive(Debug, Clone, Default)]
pub struct TableState {
    /// Where the rows stand.
    pub scroll: RowScroll,
    /// Points that the columns are moved to the left, those that are frozen aside.
    pub x: f32,
    /// The widths of the columns. Emptied, they return to those of [`TableColumn::width`].
    pub widths: Vec<f32>,
    reveal: Option<u64>,
}

impl TableState {
    /// Brings a row into sight at the next frame.
    pub fn reveal(&mut self, row: u64) {
        self.reveal = Some(row);
    }
}

/// What happened in a table.
pub struct TableResponse {
    /// The rows as a whole; it has the keyboard while the table has.
    pub response: Response,
    /// The rows that could be seen.
    pub visible: Range<u64>,
    /// What was done with the rows.
    pub events: RowEvents,
    /// The row and the column under the pointer, and the row's response, for a tooltip.
    pub hovered: Option<(u64, Option<usize>, Response)>,
    /// A header that was clicked, and the modifiers held.
    pub header_clicked: Option<(usize, Modifiers)>,
    /// A header that was dropped in the place of another column.
    pub header_moved: Option<(usize, usize)>,
    /// A header that was clicked with the secondary button, and where.
    pub header_menu: Option<(usize, egui::Pos2)>,
    /// A column whose edge was double clicked: fit it to its content.
    pub fit_column: Option<usize>,
}

/// A table over `rows` rows.
#[must_use = "call `show`"]
pub struct VirtualTable<'a> {
    id: egui::Id,
    name: &'a str,
    columns: &'a [TableColumn],
    rows: u64,
    row_height: f32,
    header_height: f32,
    frozen: usize,
    focused: Option<u64>,
    selected: Option<&'a dyn Fn(u64) -> bool>,
    row_name: Option<&'a dyn Fn(u64) -> String>,
}

impl<'a> VirtualTable<'a> {
    /// A table with an id, a name for screen readers, its columns and its number of rows.
    pub fn new(id: egui::Id, name: &'a str, columns: &'a [TableColumn], rows: u64) -> Self {
        Self {
            id,
            name,
            columns,
            rows,
            row_height: size::ROW,
            header_height: size::HEADER,
            frozen: 0,
            focused: None,
            selected: None,
            row_name: None,
        }
    }

    /// The height of a row, see [`size`].
    pub fn row_height(mut self, height: f32) -> Self {
        self.row_height = height.max(8.0);
        self
    }

    /// The height of the header.
    pub fn header_height(mut self, height: f32) -> Self {
        self.header_height = height;
        self
    }

    /// The number of columns at the left that stay in place.
    pub fn frozen(mut self, columns: usize) -> Self {
        self.frozen = columns;
        self
    }

    /// The row that the keyboard stands on.
    pub fn focused(mut self, row: Option<u64>) -> Self {
        self.focused = row;
        self
    }

    /// Which rows are selected.
    pub fn selected(mut self, selected: &'a dyn Fn(u64) -> bool) -> Self {
        self.selected = Some(selected);
        self
    }

    /// What a screen reader says of a row; its number without it.
    pub fn row_name(mut self, row_name: &'a dyn Fn(u64) -> String) -> Self {
        self.row_name = Some(row_name);
        self
    }

    /// Draws it over all the room there is.
    ///
    /// `header(ui, column, rect)` and `cell(ui, row, column, rect)` paint into `rect`, which has the padding taken off
    /// already; the painter is cut to the table. See [`header_text`] and [`super::cell_text`].
    pub fn show(
        self,
        ui: &mut Ui,
        state: &mut TableState,
        mut header: impl FnMut(&mut Ui, usize, Rect),
        mut cell: impl FnMut(&mut Ui, u64, usize, Rect),
    ) -> TableResponse {
        let (outer, _) = ui.allocate_exact_size(ui.available_size(), Sense::hover());
        let layout = self.layout(state, outer);
        let mut ui = ui.new_child(UiBuilder::new().id_salt(self.id).max_rect(outer));
        ui.shrink_clip_rect(outer);

        let response = ui.interact(layout.body, self.id, Sense::click());
        response.widget_info(|| WidgetInfo::labeled(Role::Grid, ui.is_enabled(), self.name));
        let mut result = TableResponse {
            response,
            visible: 0..0,
            events: RowEvents::default(),
            hovered: None,
            header_clicked: None,
            header_moved: None,
            header_menu: None,
            fit_column: None,
        };
        self.scroll(&ui, state, &layout, &mut result);
        result.visible = state.scroll.visible(&layout.geometry);
        self.body_ui(&mut ui, state, &layout, &mut cell, &mut result);
        self.header_ui(&mut ui, state, &layout, &mut header, &mut result);
        self.bars_ui(&ui, state, &layout);
        result
    }

    /// Where everything stands in this frame.
    fn layout(&self, state: &mut TableState, outer: Rect) -> Layout {
        if state.widths.len() != self.columns.len() {
            state.widths = self.columns.iter().map(|column| column.width).collect();
        }
        let mut widths = state.widths.clone();
        let header = Rect::from_min_max(outer.min, pos2(outer.right(), outer.top() + self.header_height));
        let right = outer.right() - size::SCROLL_BAR;
        let room = right - outer.left();
        let content: f32 = widths.iter().sum();
        if let Some(last) = widths.last_mut()
            && content < room
        {
            *last += room - content;
        }
        let content = content.max(room);
        let overflows = content > room + 0.5;
        let bottom = outer.bottom() - if overflows { size::SCROLL_BAR } else { 0.0 };
        let body = Rect::from_min_max(pos2(outer.left(), header.bottom()), pos2(right, bottom.max(header.bottom())));
        let fixed: f32 = widths.iter().take(self.frozen).sum();
        // Frozen columns that would leave no room to scroll the others are let go.
        let (frozen, fixed) = if fixed > room * 0.7 { (0, 0.0) } else { (self.frozen.min(widths.len()), fixed) };
        state.x = state.x.clamp(0.0, (content - room).max(0.0)).round();
        let mut spans = Vec::with_capacity(widths.len());
        let mut left = body.left();
        for (index, width) in widths.iter().enumerate() {
            if index == frozen {
                left -= state.x;
            }
            spans.push(Rangef::new(left, left + width));
            left += width;
        }
        let geometry = RowGeometry { rows: self.rows, row_height: self.row_height, viewport: body.height() };
        Layout { outer, header, body, fixed, frozen, spans, content, geometry }
    }

    /// The wheel, the keyboard and a row to be revealed.
    fn scroll(&self, ui: &Ui, state: &mut TableState, layout: &Layout, result: &mut TableResponse) {
        let wheel = take_wheel(ui, layout.outer, layout.overflows(), layout.geometry.overflows());
        state.scroll.scroll_by(-wheel.y, &layout.geometry);
        let most = (layout.content - layout.body.width()).max(0.0);
        state.x = (state.x - wheel.x).clamp(0.0, most);
        if result.response.has_focus() {
            let filter = EventFilter { horizontal_arrows: true, vertical_arrows: true, ..Default::default() };
            ui.memory_mut(|memory| memory.set_focus_lock_filter(self.id, filter));
            self.keyboard(ui, state, layout, result);
        }
        if let Some(row) = state.reveal.take() {
            state.scroll.reveal(row, &layout.geometry);
        }
        state.scroll.clamp(&layout.geometry);
    }

    fn keyboard(&self, ui: &Ui, state: &mut TableState, layout: &Layout, result: &mut TableResponse) {
        let Some(last) = self.rows.checked_sub(1) else { return };
        let page = ((layout.body.height() / self.row_height) as u64).max(2) - 1;
        let mut at = self.focused;
        let start = state.scroll.first_row;
        ui.input(|input| {
            for event in &input.events {
                let egui::Event::Key { key, pressed: true, modifiers, .. } = event else { continue };
                let here = at.unwrap_or(start);
                let to = match key {
                    // Without a row to stand on, the first arrow only takes up the row at the top.
                    Key::ArrowDown | Key::ArrowUp if at.is_none() => here,
                    Key::ArrowDown => here.saturating_add(1),
                    Key::ArrowUp => here.saturating_sub(1),
                    Key::PageDown => here.saturating_add(page),
                    Key::PageUp => here.saturating_sub(page),
                    Key::Home => 0,
                    Key::End => last,
                    _ => {
                        match key {
                            Key::ArrowRight => state.x += 40.0,
                            Key::ArrowLeft => state.x -= 40.0,
                            Key::Enter => result.events.activated = at,
                            Key::Space => result.events.toggled = at,
                            _ => {}
                        }
                        continue;
                    }
                };
                at = Some(to.min(last));
                result.events.moved = Some(RowMove { row: to.min(last), extend: modifiers.shift });
            }
        });
        state.x = state.x.clamp(0.0, (layout.content - layout.body.width()).max(0.0));
        if let Some(moved) = result.events.moved {
            state.scroll.reveal(moved.row, &layout.geometry);
        }
    }

    fn body_ui(
        &self,
        ui: &mut Ui,
        state: &TableState,
        layout: &Layout,
        cell: &mut impl FnMut(&mut Ui, u64, usize, Rect),
        result: &mut TableResponse,
    ) {
        let tokens = Tokens::of(ui);
        let mut body = ui.new_child(UiBuilder::new().id_salt("body").max_rect(layout.body));
        body.shrink_clip_rect(layout.body);
        body.painter().rect_filled(layout.body, 0, tokens.panel);
        // The offset is rounded to whole pixels, so that lines and text stay sharp while a trackpad scrolls.
        let scale = ui.pixels_per_point();
        let rows: Vec<(u64, Rect)> = result
            .visible
            .clone()
            .map(|row| {
                let top = layout.body.top() + state.scroll.row_top(row, &layout.geometry);
                let top = (top * scale).round() / scale;
                (row, Rect::from_x_y_ranges(layout.body.x_range(), top..=top + self.row_height))
            })
            .collect();
        for (row, rect) in &rows {
            self.row_ground(&body, layout, *row, *rect, result);
        }
        let groups = [(layout.frozen..self.columns.len(), layout.moving()), (0..layout.frozen, layout.still())];
        for (columns, clip) in groups {
            if columns.is_empty() || clip.width() <= 0.0 {
                continue;
            }
            body.set_clip_rect(clip.intersect(ui.clip_rect()));
            for column in columns {
                let Some(span) = layout.spans.get(column).copied() else { continue };
                if span.max < clip.left() || span.min > clip.right() {
                    continue;
                }
                let inside = span.shrink(space::S);
                for (row, rect) in &rows {
                    cell(&mut body, *row, column, Rect::from_x_y_ranges(inside, rect.y_range()));
                }
            }
        }
        if layout.fixed > 0.0 {
            body.set_clip_rect(layout.body.intersect(ui.clip_rect()));
            let edge = layout.body.left() + layout.fixed - 0.5;
            body.painter().vline(edge, layout.body.y_range(), Stroke::new(1.0, tokens.hairline));
        }
    }

    /// The ground of a row, and what the pointer does on it.
    fn row_ground(&self, ui: &Ui, layout: &Layout, row: u64, rect: Rect, result: &mut TableResponse) {
        let tokens = Tokens::of(ui);
        let painter = ui.painter();
        let response = ui.interact(rect, self.id.with(row), Sense::CLICK);
        let selected = self.selected.is_some_and(|selected| selected(row));
        let focused = self.focused == Some(row);
        // The name is made first: within `widget_info` the context is locked.
        let name = self.row_name.map_or_else(|| strings(ui).row_number(row), |name| name(row));
        response.widget_info(|| WidgetInfo::selected(Role::Row, ui.is_enabled(), selected, &name));
        self.row_click(ui, layout, row, &response, result);
        let fill = match () {
            () if selected => Some(tokens.selection),
            () if response.hovered() => Some(tokens.hover),
            () if focused => Some(tokens.hover),
            () => None,
        };
        if let Some(fill) = fill {
            painter.rect_filled(rect, 0, fill);
        }
        let line = rect.bottom() - 0.5 / ui.pixels_per_point();
        painter.hline(rect.x_range(), line, Stroke::new(1.0, tokens.panel.lerp_to_gamma(tokens.hairline, 0.6)));
        if focused {
            let bar = Rect::from_min_max(rect.min, pos2(rect.left() + 3.0, rect.bottom()));
            painter.rect_filled(bar, 0, tokens.accent);
            if result.response.has_focus() {
                let stroke = Stroke::new(1.0, tokens.accent);
                painter.rect_stroke(rect, 0, stroke, egui::StrokeKind::Inside);
            }
        }
        if response.hovered() {
            let column = response.hover_pos().and_then(|pos| layout.column_at(pos.x));
            result.hovered = Some((row, column, response));
        }
    }

    fn row_click(&self, ui: &Ui, layout: &Layout, row: u64, response: &Response, result: &mut TableResponse) {
        let secondary = response.secondary_clicked();
        if !response.clicked() && !secondary {
            return;
        }
        let x = response.interact_pointer_pos().map(|pos| pos.x);
        let column = x.and_then(|x| layout.column_at(x));
        let double = response.double_clicked();
        result.events.clicked = Some(RowClick { row, column, modifiers: ui.input(|i| i.modifiers), double, secondary });
        if double {
            result.events.activated = Some(row);
        }
        result.response.request_focus();
    }

    fn header_ui(
        &self,
        ui: &mut Ui,
        state: &mut TableState,
        layout: &Layout,
        header: &mut impl FnMut(&mut Ui, usize, Rect),
        result: &mut TableResponse,
    ) {
        let tokens = Tokens::of(ui);
        ui.painter().rect_filled(layout.header, 0, if tokens.dark { tokens.raised } else { tokens.app });
        let mut ui = ui.new_child(UiBuilder::new().id_salt("header").max_rect(layout.header));
        let whole = ui.clip_rect().intersect(layout.header);
        for (index, column) in self.columns.iter().enumerate() {
            let Some(span) = layout.spans.get(index).copied() else { continue };
            let clip = if index < layout.frozen { layout.still() } else { layout.moving() };
            let seen = Rangef::new(span.min.max(clip.left()), span.max.min(clip.right()));
            if seen.min >= seen.max {
                continue;
            }
            ui.set_clip_rect(Rect::from_x_y_ranges(seen, layout.header.y_range()).intersect(whole));
            let rect = Rect::from_x_y_ranges(span, layout.header.y_range());
            let response = ui.interact(rect, self.id.with(("header", index)), Sense::click_and_drag());
            response.widget_info(|| WidgetInfo::labeled(Role::ColumnHeader, ui.is_enabled(), &column.name));
            drag_header(&ui, layout, index, &response, result);
            if response.secondary_clicked() {
                result.header_menu = response.interact_pointer_pos().map(|pos| (index, pos));
            }
            if response.clicked() {
                result.header_clicked = Some((index, ui.input(|i| i.modifiers)));
            }
            if response.hovered() || response.has_focus() {
                ui.painter().rect_filled(rect, 0, tokens.hover);
            }
            if response.has_focus() {
                let stroke = Stroke::new(size::FOCUS_RING, tokens.accent);
                ui.painter().rect_stroke(rect, 0, stroke, egui::StrokeKind::Inside);
            }
            header(&mut ui, index, rect.shrink2(vec2(space::S, 0.0)));
        }
        // The edges come last: they lie over the headers on both sides, which can be dragged too.
        for (index, span) in layout.spans.iter().enumerate() {
            let clip = if index < layout.frozen { layout.still() } else { layout.moving() };
            if clip.x_range().contains(span.max) {
                self.resizer(&mut ui, state, layout, index, whole, result);
            }
        }
        ui.set_clip_rect(whole);
        let line = layout.header.bottom() - 0.5;
        ui.painter().hline(layout.header.x_range(), line, Stroke::new(1.0, tokens.hairline));
    }

    /// The edge of a column, which can be dragged.
    fn resizer(
        &self,
        ui: &mut Ui,
        state: &mut TableState,
        layout: &Layout,
        index: usize,
        clip: Rect,
        result: &mut TableResponse,
    ) {
        let Some(span) = layout.spans.get(index).copied() else { return };
        let edge = Rect::from_x_y_ranges(span.max - 4.0..=span.max + 3.0, layout.header.y_range());
        ui.set_clip_rect(clip);
        let response = ui.interact(edge, self.id.with(("edge", index)), Sense::CLICK | Sense::DRAG);
        let tokens = Tokens::of(ui);
        let active = response.hovered() || response.dragged();
        let (color, width) = if active { (tokens.accent, 2.0) } else { (tokens.hairline, 1.0) };
        let inset = if active { 0.0 } else { 6.0 };
        let line = layout.header.y_range().shrink(inset);
        ui.painter().vline(span.max - 0.5, line, Stroke::new(width, color));
        if response.double_clicked() {
            result.fit_column = Some(index);
        }
        if response.dragged()
            && let Some(width) = state.widths.get_mut(index)
        {
            let least = self.columns.get(index).map_or(24.0, |column| column.least_width);
            // The last column is drawn wider than it is where there is room, so the drag starts from what is seen.
            let from = if index + 1 == self.columns.len() { span.span() } else { *width };
            *width = (from + response.drag_delta().x).clamp(least, 4000.0);
        }
        response.on_hover_and_drag_cursor(CursorIcon::ResizeColumn);
    }

    fn bars_ui(&self, ui: &Ui, state: &mut TableState, layout: &Layout) {
        let tokens = Tokens::of(ui);
        let names = strings(ui);
        let upright = Rect::from_min_max(
            pos2(layout.body.right(), layout.body.top()),
            pos2(layout.outer.right(), layout.body.bottom()),
        );
        ui.painter().rect_filled(upright.with_max_y(layout.outer.bottom()), 0, tokens.panel);
        vertical_bar(ui, self.id.with("rows"), upright, &mut state.scroll, &layout.geometry, names.rows);
        if layout.overflows() {
            let level = Rect::from_min_max(pos2(layout.body.left(), layout.body.bottom()), layout.outer.max)
                .with_max_x(layout.body.right());
            ui.painter().rect_filled(level, 0, tokens.panel);
            let track = level.with_min_x(level.left() + layout.fixed);
            let (content, seen) = (layout.content - layout.fixed, layout.body.width() - layout.fixed);
            horizontal_bar(ui, self.id.with("columns"), track, &mut state.x, content, seen, names.columns);
        }
    }
}

/// A header on its way to the place of another, which is marked; where it is let go, the column goes.
fn drag_header(ui: &Ui, layout: &Layout, index: usize, response: &Response, result: &mut TableResponse) {
    if !response.dragged() && !response.drag_stopped() {
        return;
    }
    let target = response.interact_pointer_pos().and_then(|pos| layout.column_at(pos.x)).filter(|&to| to != index);
    let Some((to, span)) = target.and_then(|to| Some((to, layout.spans.get(to)?))) else { return };
    if response.drag_stopped() {
        result.header_moved = Some((index, to));
        return;
    }
    let edge = if to > index { span.max } else { span.min };
    let painter = ui.ctx().layer_painter(egui::LayerId::new(egui::Order::Foreground, response.id));
    painter.vline(edge, layout.outer.y_range(), Stroke::new(2.0, Tokens::of(ui).accent));
    ui.ctx().set_cursor_icon(CursorIcon::Grabbing);
}

/// Where everything stands in one frame.
struct Layout {
    outer: Rect,
    header: Rect,
    /// The rows, without the scroll bars.
    body: Rect,
    /// The width of the frozen columns.
    fixed: f32,
    /// How many columns are frozen.
    frozen: usize,
    /// From where to where each column goes, scrolled.
    spans: Vec<Rangef>,
    /// The width of all columns.
    content: f32,
    geometry: RowGeometry,
}

impl Layout {
    fn overflows(&self) -> bool {
        self.content > self.body.width() + 0.5
    }

    /// The column at a place; frozen columns lie over the others, and come first.
    fn column_at(&self, x: f32) -> Option<usize> {
        self.spans.iter().position(|span| span.contains(x))
    }

    /// Where the cells of columns that scroll can be seen.
    fn moving(&self) -> Rect {
        self.body.with_min_x(self.body.left() + self.fixed)
    }

    /// Where the cells of frozen columns can be seen.
    fn still(&self) -> Rect {
        self.body.with_max_x(self.body.left() + self.fixed)
    }
}

/// How a column is sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// Least first.
    Ascending,
    /// Greatest first.
    Descending,
}

/// Paints the name of a column, and an arrow if it is sorted, into the first line of its header. Names stand over what
/// they name: those of numbers at the right.
pub fn header_text(ui: &Ui, rect: Rect, name: &str, style: CellStyle, sort: Option<Sort>) {
    let tokens = Tokens::of(ui);
    let line = Rect::from_min_max(rect.min, pos2(rect.right(), rect.top() + size::HEADER.min(rect.height())));
    let room = if sort.is_some() { 16.0 } else { 0.0 };
    let (align, place) = match style {
        CellStyle::Number => (Align2::RIGHT_CENTER, line.with_min_x(line.left() + room)),
        _ => (Align2::LEFT_CENTER, line.with_max_x(line.right() - room)),
    };
    let used = text_in(ui, place, align, name, theme::strong(), tokens.text);
    if let Some(sort) = sort {
        let icon = match sort {
            Sort::Ascending => icons::ARROW_UP,
            Sort::Descending => icons::ARROW_DOWN,
        };
        let x = if style == CellStyle::Number { used.left() - 9.0 } else { used.right() + 9.0 };
        let center = pos2(x, line.center().y);
        icon_in(ui, Rect::from_center_size(center, vec2(12.0, 12.0)), icon, 12.0, tokens.accent);
    }
}
