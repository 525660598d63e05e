//! A list of findings with the chosen one at large below it: what the panes that list figures share.

use std::ops::RangeInclusive;

use eframe::egui::{self, Rect, Ui};

use super::paint::CellStyle;
use super::table::{TableColumn, TableState, VirtualTable, header_text};
use crate::app::theme::{size, space};

/// What a [`DetailList`] keeps from frame to frame.
#[derive(Debug, Clone, Default)]
pub struct DetailListState {
    /// The chosen row.
    pub at: usize,
    table: TableState,
}

impl DetailListState {
    /// Chooses a row and brings it into sight.
    pub fn choose(&mut self, row: usize) {
        self.at = row;
        self.table.reveal(row as u64);
    }
}

/// A list over `rows` rows with a detail below it.
#[must_use = "call `show`"]
pub struct DetailList<'a> {
    id: &'static str,
    name: &'a str,
    columns: &'a [TableColumn],
    rows: usize,
    numbers: &'a [usize],
    height: f32,
    heights: RangeInclusive<f32>,
    row_name: Option<&'a dyn Fn(usize) -> String>,
    selected: Option<&'a dyn Fn(usize) -> bool>,
}

impl<'a> DetailList<'a> {
    /// A list with an id, a name for screen readers, its columns and its number of rows.
    pub fn new(id: &'static str, name: &'a str, columns: &'a [TableColumn], rows: usize) -> Self {
        let heights = 120.0..=460.0;
        Self { id, name, columns, rows, numbers: &[], height: 230.0, heights, row_name: None, selected: None }
    }

    /// The columns of numbers, whose headers stand at the right.
    pub fn numbers(mut self, numbers: &'a [usize]) -> Self {
        self.numbers = numbers;
        self
    }

    /// The height of the detail in points, and between what it can be dragged; where that is one height it is fixed.
    pub fn detail(mut self, height: f32, heights: RangeInclusive<f32>) -> Self {
        (self.height, self.heights) = (height, heights);
        self
    }

    /// What a screen reader says of a row.
    pub fn row_name(mut self, name: &'a dyn Fn(usize) -> String) -> Self {
        self.row_name = Some(name);
        self
    }

    /// The rows that stand out, such as those that the view shows.
    pub fn selected(mut self, selected: &'a dyn Fn(usize) -> bool) -> Self {
        self.selected = Some(selected);
        self
    }

    /// Draws both over the room there is. The row that was clicked or chosen by Enter.
    pub fn show(
        self,
        ui: &mut Ui,
        state: &mut DetailListState,
        detail: impl FnOnce(&mut Ui, usize),
        mut cell: impl FnMut(&Ui, usize, usize, Rect),
    ) -> Option<usize> {
        state.at = state.at.min(self.rows.saturating_sub(1));
        let quiet = egui::Frame::NONE.inner_margin(egui::Margin { top: space::S as i8, ..egui::Margin::ZERO });
        let fixed = self.heights.start() == self.heights.end();
        let (at, rows) = (state.at, self.rows);
        // What is asked for cannot take most of the room: the list is what one came for.
        let most = (ui.available_height() * 0.6).max(*self.heights.start());
        let panel = egui::Panel::bottom(egui::Id::unique((self.id, "detail"))).frame(quiet);
        if fixed {
            panel.resizable(false).exact_size(self.height).show(ui, |ui| {
                if rows > 0 {
                    detail(ui, at);
                }
            });
        } else {
            let panel = panel.resizable(true).default_size(self.height.min(most));
            panel.size_range(*self.heights.start()..=self.heights.end().min(most)).show(ui, |ui| {
                if rows > 0 {
                    let scroll = egui::ScrollArea::vertical().id_salt((self.id, at)).auto_shrink(false);
                    scroll.show(ui, |ui| detail(ui, at));
                }
            });
        }
        let central = egui::CentralPanel::default().frame(egui::Frame::NONE);
        central.show(ui, |ui| self.table(ui, state, &mut cell)).inner
    }

    fn table(
        &self,
        ui: &mut Ui,
        state: &mut DetailListState,
        cell: &mut dyn FnMut(&Ui, usize, usize, Rect),
    ) -> Option<usize> {
        let name = |row: u64| self.row_name.map_or_else(String::new, |name| name(row as usize));
        let selected = |row: u64| self.selected.is_some_and(|selected| selected(row as usize));
        let table = VirtualTable::new(egui::Id::unique(self.id), self.name, self.columns, self.rows as u64)
            .focused(Some(state.at as u64))
            .selected(&selected)
            .row_name(&name)
            .row_height(size::ROW);
        let response = table.show(
            ui,
            &mut state.table,
            |ui, column, rect| {
                let style = if self.numbers.contains(&column) { CellStyle::Number } else { CellStyle::Text };
                let name = self.columns.get(column).map_or("", |column| column.name.as_str());
                header_text(ui, rect, name, style, None);
            },
            |ui, row, column, rect| cell(ui, row as usize, column, rect),
        );
        let events = response.events;
        if let Some(moved) = events.moved {
            state.at = moved.row as usize;
        }
        let acted = events.clicked.map(|click| click.row).or(events.activated)? as usize;
        state.at = acted;
        Some(acted)
    }
}
