//! The table: all rows in view, whatever their number; sorted by a click on a header.

use std::collections::BTreeSet;

use eframe::egui;

use crate::app::Shown;
use crate::app::act::Act;
use crate::app::keys::CommandId;
use crate::app::pane::{Pane, PaneCx};
use crate::app::strings::Strings;
use crate::app::theme::size;
use crate::app::widgets::{
    self, Action, CellStyle, PaneState, PaneStateKind, RowClick, Sort, TableColumn, TableState, VirtualTable,
};
use crate::data::view::{SortKey, View};
use crate::data::{Column, Frame, Kind};

/// The pane's own state.
#[derive(Default)]
pub struct Table {
    state: TableState,
    columns: Vec<TableColumn>,
    followed: Option<u32>,
    /// Where a range selection starts.
    anchor: Option<u64>,
}

impl Pane for Table {
    fn id(&self) -> &'static str {
        "table"
    }

    fn title(&self, strings: &Strings) -> &'static str {
        strings.view_table
    }

    fn ui(&mut self, ui: &mut egui::Ui, cx: &mut PaneCx<'_>) {
        let (Some(layers), Some(snapshot)) = (cx.live.layers().cloned(), cx.live.snapshot().cloned()) else { return };
        if snapshot.rows.is_empty() {
            nothing_ui(ui, cx);
            return;
        }
        self.fit_columns(&layers.frame);
        self.follow_focus(cx, &snapshot.rows);
        let frame = &layers.frame;
        let rows = snapshot.rows.clone();
        let focused = cx.focus.and_then(|row| rows.iter().position(|&other| other == row)).map(|at| at as u64);
        let selection = cx.selection;
        let selected = |at: u64| rows.get(at as usize).is_some_and(|row| selection.contains(row));
        let (strings, session, sort) = (cx.strings, cx.session, cx.view.sort.clone());
        let images = session.project().config.data.image.clone();
        let height = if images.is_some() { PICTURE } else { size::ROW };
        let name = |at: u64| strings.row_number(rows.get(at as usize).map_or(0, |&row| u64::from(row)));
        let table = VirtualTable::new(egui::Id::unique("table"), strings.view_table, &self.columns, rows.len() as u64)
            .row_height(height)
            .focused(focused)
            .selected(&selected)
            .row_name(&name);
        let textures = &mut *cx.textures;
        let response = table.show(
            ui,
            &mut self.state,
            |ui, column, rect| header_ui(ui, frame, &sort, column, rect),
            |ui, at, column, rect| {
                let (Some(&row), Some(values)) = (rows.get(at as usize), frame.columns().get(column)) else { return };
                if Some(values.name()) == images.as_deref() {
                    if let Some(path) = values.show(row as usize) {
                        picture_cell(ui, textures, &path, rect);
                    }
                } else {
                    cell_ui(ui, session.classes(), values, row as usize, rect);
                }
            },
        );
        if let Some((column, _)) = response.header_clicked
            && let Some(column) = frame.columns().get(column)
        {
            cx.act(Act::SetView(sorted_by(cx.view, column.name())));
        }
        if let Some(click) = response.clicked {
            self.click(cx, &rows, click);
        }
        if let Some(moved) = response.moved
            && let Some(&row) = rows.get(moved.row as usize)
        {
            self.followed = Some(row);
            cx.act(Act::Focus(row));
        }
        if response.activated.is_some() {
            cx.act(Act::Command(CommandId::OpenInLabel));
        }
    }
}

/// The height of a row that holds a picture.
const PICTURE: f32 = 44.0;

/// Wide enough for most of the first texts, at most half a window: long texts are cut.
fn text_width(column: &Column) -> f32 {
    let rows = column.len().min(100);
    let longest = (0..rows).filter_map(|row| column.show(row)).map(|text| text.chars().take(80).count()).max();
    (longest.unwrap_or(0) as f32 * 8.0 + 20.0).clamp(80.0, 460.0)
}

/// Says that nothing is in view, and which part of the view leaves nothing.
pub(super) fn nothing_ui(ui: &mut egui::Ui, cx: &mut PaneCx<'_>) {
    let clear = Action::primary(cx.strings.filter_clear_all);
    let total = cx.session.dataset().rows() as u64;
    let why = cx.strings.none_match(total);
    let state = PaneState::new(PaneStateKind::NothingMatches, cx.strings.nothing_matches).why(&why).action(clear);
    if state.show(ui).is_some() {
        cx.act(Act::Command(CommandId::ClearView));
    }
}

/// Sorted by a column: upwards, then downwards, then as it was.
fn sorted_by(view: &View, column: &str) -> View {
    let mut view = view.clone();
    let current = view.sort.first().filter(|key| key.column == column).map(|key| key.descending);
    view.sort = match current {
        None => vec![SortKey { column: column.to_owned(), descending: false }],
        Some(false) => vec![SortKey { column: column.to_owned(), descending: true }],
        Some(true) => Vec::new(),
    };
    view
}

fn header_ui(ui: &egui::Ui, frame: &Frame, sort: &[SortKey], column: usize, rect: egui::Rect) {
    let Some(column) = frame.columns().get(column) else { return };
    let key = sort.iter().find(|key| key.column == column.name());
    let sort = key.map(|key| if key.descending { Sort::Descending } else { Sort::Ascending });
    let style = if matches!(column.kind(), Kind::Int | Kind::Float) { CellStyle::Number } else { CellStyle::Text };
    widgets::header_text(ui, rect, column.name(), style, sort);
}

fn cell_ui(ui: &egui::Ui, classes: &crate::label::Classes, column: &Column, row: usize, rect: egui::Rect) {
    let Some(value) = column.show(row) else { return };
    let class =
        if column.kind() == Kind::Category { classes.index(&value).and_then(|at| classes.get(at)) } else { None };
    match (class, column.kind()) {
        (Some(class), _) => {
            widgets::paint_label_chip(ui, rect.left_center(), &class.name, usize::from(class.color), rect.width());
        }
        (None, Kind::Int | Kind::Float) => widgets::cell_text(ui, rect, &value, CellStyle::Number),
        (None, Kind::Bool | Kind::Time | Kind::Category) => widgets::cell_text(ui, rect, &value, CellStyle::Weak),
        _ => widgets::cell_text(ui, rect, &value, CellStyle::Text),
    }
}

fn picture_cell(ui: &egui::Ui, textures: &mut crate::app::Textures, path: &str, rect: egui::Rect) {
    if let Shown::Ready(texture, [width, height]) = textures.get(ui.ctx(), path, 64, 1) {
        let full = egui::vec2(width as f32, height as f32);
        let scale = (rect.width() / full.x).min((rect.height() - 4.0) / full.y);
        let place = egui::Align2::LEFT_CENTER.align_size_within_rect(full * scale, rect);
        let uv = egui::Rect::from_min_max(egui::Pos2::ZERO, egui::pos2(1.0, 1.0));
        ui.painter().image(texture, place, uv, egui::Color32::WHITE);
    }
}

impl Table {
    /// Columns as wide as what they hold needs; those that a person resized stay as they are.
    fn fit_columns(&mut self, frame: &Frame) {
        let same = self.columns.len() == frame.columns().len()
            && self.columns.iter().zip(frame.columns()).all(|(old, new)| old.name == new.name());
        if same {
            return;
        }
        let width = |column: &Column| match column.kind() {
            Kind::Text => text_width(column),
            Kind::Image | Kind::Audio => 120.0,
            Kind::Category => 110.0,
            Kind::Time => 100.0,
            Kind::Int | Kind::Float => 90.0,
            Kind::Bool => 70.0,
        };
        let fitted = |column: &Column| f32::max(width(column), 28.0 + column.name().chars().count() as f32 * 7.5);
        let old = std::mem::take(&mut self.columns);
        let widths = std::mem::take(&mut self.state.widths);
        self.columns = frame.columns().iter().map(|column| TableColumn::new(column.name(), fitted(column))).collect();
        self.state.widths = self
            .columns
            .iter()
            .map(|column| {
                let at = old.iter().position(|other| other.name == column.name);
                at.and_then(|at| widths.get(at)).copied().unwrap_or(column.width)
            })
            .collect();
    }

    /// Scrolls to the focused row when something else moved the focus.
    fn follow_focus(&mut self, cx: &PaneCx<'_>, rows: &[u32]) {
        if cx.focus != self.followed {
            self.followed = cx.focus;
            if let Some(at) = cx.focus.and_then(|row| rows.iter().position(|&other| other == row)) {
                self.state.reveal(at as u64);
            }
        }
    }

    fn click(&mut self, cx: &mut PaneCx<'_>, rows: &[u32], click: RowClick) {
        let Some(&row) = rows.get(click.row as usize) else { return };
        self.followed = Some(row);
        cx.act(Act::Focus(row));
        if let Some(selection) = select(cx.selection, rows, click, &mut self.anchor) {
            cx.act(Act::Select(selection));
        }
        if click.double {
            cx.act(Act::Command(CommandId::OpenInLabel));
        }
    }
}

/// The selection after a click: Ctrl toggles a row, Shift takes the range from the last click, a plain click clears.
pub(super) fn select(
    selection: &BTreeSet<u32>,
    rows: &[u32],
    click: RowClick,
    anchor: &mut Option<u64>,
) -> Option<Vec<u32>> {
    let row = *rows.get(click.row as usize)?;
    if click.modifiers.shift
        && let Some(from) = *anchor
    {
        let (first, last) = (from.min(click.row) as usize, from.max(click.row) as usize);
        return rows.get(first..=last).map(<[u32]>::to_vec);
    }
    *anchor = Some(click.row);
    if click.modifiers.command {
        let mut next = selection.clone();
        if !next.remove(&row) {
            next.insert(row);
        }
        return Some(next.into_iter().collect());
    }
    (!selection.is_empty()).then(Vec::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clicks_select_as_everywhere() {
        let rows = [5, 3, 9, 1];
        let plain = egui::Modifiers::NONE;
        let click = |row, modifiers| RowClick { row, column: None, modifiers, double: false, secondary: false };
        let mut anchor = None;
        let none = BTreeSet::new();
        assert_eq!(select(&none, &rows, click(1, plain), &mut anchor), None);
        assert_eq!(select(&none, &rows, click(3, egui::Modifiers::SHIFT), &mut anchor), Some(vec![3, 9, 1]));
        assert_eq!(select(&none, &rows, click(0, egui::Modifiers::COMMAND), &mut anchor), Some(vec![5]));
        let some = BTreeSet::from([5, 9]);
        assert_eq!(select(&some, &rows, click(0, egui::Modifiers::COMMAND), &mut anchor), Some(vec![9]));
        assert_eq!(select(&some, &rows, click(2, plain), &mut anchor), Some(vec![]));
    }
}
