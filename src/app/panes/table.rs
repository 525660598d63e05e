//! The table: all rows in view, whatever their number. A click on a header sorts, a brush over its bars filters; columns
//! can be moved, hidden, frozen and made wider; what is selected can be copied.

use std::cell::RefCell;

use eframe::egui;
use serde_json::Value;

use super::browse::Browser;
use super::columns::{ColumnAct, Columns};
use super::facets::{FacetCx, strip_ui};
use crate::app::Shown;
use crate::app::act::Act;
use crate::app::keys::CommandId;
use crate::app::pane::{Pane, PaneCx};
use crate::app::strings::Strings;
use crate::app::theme::size;
use crate::app::widgets::{
    self, Action, CellStyle, PaneState, PaneStateKind, Sort, TableResponse, TableState, VirtualTable,
};
use crate::data::filter::{quote_name, quote_text};
use crate::data::view::{Chip, Origin, Part, Snapshot, SortKey, View};
use crate::data::{Column, Frame, Kind};

/// The pane's own state.
#[derive(Default)]
pub struct Table {
    state: TableState,
    columns: Columns,
    browser: Browser,
    menu: Option<(Menu, egui::Pos2)>,
}

/// What a menu was opened on.
#[derive(Clone, Copy)]
enum Menu {
    /// A shown column.
    Header(usize),
    /// A row of the frame, and a shown column.
    Cell(u32, usize),
}

/// Rows that are copied at most: more would not fit into any clipboard's use.
const COPIED: usize = 100_000;

impl Pane for Table {
    fn id(&self) -> &'static str {
        "table"
    }

    fn title(&self, strings: &Strings) -> &'static str {
        strings.view_table
    }

    fn ui(&mut self, ui: &mut egui::Ui, cx: &mut PaneCx<'_>) {
        let (Some(layers), Some(snapshot)) = (cx.live.layers().cloned(), cx.live.snapshot().cloned()) else {
            PaneState::new(PaneStateKind::Working, cx.strings.working).show(ui);
            return;
        };
        if snapshot.rows.is_empty() {
            nothing_ui(ui, cx);
            return;
        }
        self.columns.fit(&layers.frame, &mut self.state.widths);
        let before = self.state.widths.clone();
        if let Some(at) = self.browser.follow(cx, &snapshot) {
            self.state.reveal(at);
        }
        let response = self.table_ui(ui, cx, &layers.frame, &snapshot);
        self.answer(ui, cx, &layers.frame, &snapshot, &response);
        self.menu_ui(ui, cx, &layers.frame, &snapshot);
        *cx.arranged |= before != self.state.widths;
    }

    fn arrangement(&self) -> Option<Value> {
        serde_json::to_value(self.columns.kept(&self.state.widths)).ok()
    }

    fn arrange(&mut self, kept: &Value) {
        if let Ok(kept) = serde_json::from_value(kept.clone()) {
            self.columns = Columns::of(kept);
            self.state.widths.clear();
        }
    }
}

impl Table {
    fn table_ui(
        &mut self,
        ui: &mut egui::Ui,
        cx: &mut PaneCx<'_>,
        frame: &Frame,
        snapshot: &Snapshot,
    ) -> TableResponse {
        let rows = &snapshot.rows;
        let focused = cx.focus.and_then(|row| snapshot.position(row)).map(|at| at as u64);
        let selection = cx.selection;
        let selected = |at: u64| rows.get(at as usize).is_some_and(|row| selection.contains(row));
        let (strings, session, view) = (cx.strings, cx.session, cx.view);
        let images = session.project().config.data.image.clone();
        let height = if images.is_some() { PICTURE } else { size::ROW };
        let name = |at: u64| strings.row_number(rows.get(at as usize).map_or(0, |&row| u64::from(row)));
        let columns = &self.columns;
        let table =
            VirtualTable::new(egui::Id::unique("table"), strings.view_table, columns.shown(), rows.len() as u64)
                .row_height(height)
                .header_height(size::HEADER_PLOT)
                .frozen(columns.frozen())
                .focused(focused)
                .selected(&selected)
                .row_name(&name);
        let textures = &mut *cx.textures;
        let (whole, shown) = (cx.live.whole.value(), cx.live.shown.value());
        let facets = FacetCx { strings, classes: session.classes(), view };
        let wish = RefCell::new(None);
        let response = table.show(
            ui,
            &mut self.state,
            |ui, at, rect| {
                let Some((place, column)) = columns.place(at).and_then(|at| Some((at, frame.columns().get(at)?)))
                else {
                    return;
                };
                header_ui(ui, column, &view.sort, rect);
                let summary = whole.and_then(|whole| whole.get(place)).filter(|summary| summary.name == column.name());
                let Some(summary) = summary else { return };
                let counts = shown.and_then(|shown| shown.get(place)).map(|counts| counts.as_slice());
                let strip = rect.with_min_y(rect.top() + size::HEADER).shrink2(egui::vec2(0.0, 4.0));
                if let Some(view) = strip_ui(ui, strip, facets, summary, counts) {
                    *wish.borrow_mut() = Some(view);
                }
            },
            |ui, at, column, rect| {
                let column = columns.place(column).and_then(|place| frame.columns().get(place));
                let (Some(&row), Some(values)) = (rows.get(at as usize), column) else { return };
                if Some(values.name()) == images.as_deref() {
                    if let Some(path) = values.show(row as usize) {
                        picture_cell(ui, textures, &path, rect);
                    }
                } else {
                    cell_ui(ui, session.classes(), values, row as usize, rect);
                }
            },
        );
        if let Some(view) = wish.into_inner() {
            cx.act(Act::SetView(view));
        }
        response
    }

    fn answer(
        &mut self,
        ui: &egui::Ui,
        cx: &mut PaneCx<'_>,
        frame: &Frame,
        snapshot: &Snapshot,
        response: &TableResponse,
    ) {
        let rows = &snapshot.rows;
        let column = |at: usize| self.columns.place(at).and_then(|place| frame.columns().get(place));
        if let Some(column) = response.header_clicked.and_then(|(at, _)| column(at)) {
            cx.act(Act::SetView(sorted_by(cx.view, column.name())));
        }
        let act = response.header_moved.map(|(from, to)| ColumnAct::Move(from, to));
        if let Some(act) = act.or(response.fit_column.map(ColumnAct::Fit)) {
            self.columns.act(act, frame, &mut self.state.widths);
            *cx.arranged = true;
        }
        if let Some((at, pos)) = response.header_menu {
            self.menu = Some((Menu::Header(at), pos));
        }
        self.browser.apply(cx, snapshot, &response.events);
        if let Some(click) = response.events.clicked.filter(|click| click.secondary) {
            let at = rows.get(click.row as usize).copied().zip(click.column);
            let pos = ui.input(|input| input.pointer.interact_pos());
            self.menu = at.zip(pos).map(|((row, column), pos)| (Menu::Cell(row, column), pos));
        }
        self.full_text(frame, rows, response);
        let copies = ui.input(|input| input.events.iter().any(|event| matches!(event, egui::Event::Copy)));
        if response.response.has_focus() && copies {
            cx.act(Act::Copy(self.copied(cx, frame, rows)));
        }
    }

    /// A text that does not fit its cell is shown whole over it.
    fn full_text(&self, frame: &Frame, rows: &[u32], response: &TableResponse) {
        const MOST: usize = 1500;
        let Some((at, Some(column), hovered)) = &response.hovered else { return };
        let values = self.columns.place(*column).and_then(|place| frame.columns().get(place));
        let (Some(&row), Some(values)) = (rows.get(*at as usize), values) else { return };
        let width = self.state.widths.get(*column).copied().unwrap_or(0.0);
        let Some(text) = values.show(row as usize).filter(|text| text.len() as f32 * 5.0 > width) else { return };
        let short: String = text.chars().take(MOST).collect();
        let cut = if short.len() < text.len() { "…" } else { "" };
        hovered.clone().on_hover_text_at_pointer(format!("{short}{cut}"));
    }

    /// The selected rows in the order of the display, or the focused one, with the shown columns, separated by tabs.
    fn copied(&self, cx: &PaneCx<'_>, frame: &Frame, rows: &[u32]) -> String {
        let columns: Vec<_> =
            (0..self.columns.shown().len()).filter_map(|at| frame.columns().get(self.columns.place(at)?)).collect();
        let line = |cells: Vec<String>| cells.join("\t");
        let clean = |text: &str| text.replace(['\t', '\n', '\r'], " ");
        let mut text = line(columns.iter().map(|column| clean(column.name())).collect());
        let chosen =
            |row: &&u32| if cx.selection.is_empty() { cx.focus == Some(**row) } else { cx.selection.contains(row) };
        for &row in rows.iter().filter(chosen).take(COPIED) {
            text.push('\n');
            text.push_str(&line(
                columns.iter().map(|column| clean(&column.show(row as usize).unwrap_or_default())).collect(),
            ));
        }
        text
    }

    fn menu_ui(&mut self, ui: &egui::Ui, cx: &mut PaneCx<'_>, frame: &Frame, snapshot: &Snapshot) {
        let Some((menu, pos)) = self.menu else { return };
        let mut open = true;
        let mut act = None;
        let popup = egui::Popup::new(egui::Id::unique("table menu"), ui.ctx().clone(), pos, ui.layer_id());
        popup
            .kind(egui::PopupKind::Menu)
            .layout(egui::Layout::top_down_justified(egui::Align::Min))
            .open_bool(&mut open)
            .show(|ui| match menu {
                Menu::Header(at) => act = self.header_menu(ui, cx, frame, at),
                Menu::Cell(row, at) => self.cell_menu(ui, cx, frame, snapshot, row, at),
            });
        if let Some(act) = act {
            self.columns.act(act, frame, &mut self.state.widths);
            *cx.arranged = true;
            open = false;
        }
        if !open {
            self.menu = None;
        }
    }

    fn header_menu(&self, ui: &mut egui::Ui, cx: &mut PaneCx<'_>, frame: &Frame, at: usize) -> Option<ColumnAct> {
        let strings = cx.strings;
        let name = self.columns.place(at).and_then(|place| frame.columns().get(place))?.name().to_owned();
        for (text, descending) in [(strings.sort_up, false), (strings.sort_down, true)] {
            if ui.button(text).clicked() {
                let sort = vec![SortKey { column: name.clone(), descending }];
                cx.act(Act::SetView(View { sort, ..cx.view.clone() }));
            }
        }
        ui.separator();
        let freeze = if at < self.columns.frozen() { strings.unfreeze_columns } else { strings.freeze_column };
        let last = self.columns.shown().len().saturating_sub(1);
        let acts = [
            (freeze, ColumnAct::Freeze(at)),
            (strings.move_left, ColumnAct::Move(at, at.saturating_sub(1))),
            (strings.move_right, ColumnAct::Move(at, (at + 1).min(last))),
            (strings.fit_width, ColumnAct::Fit(at)),
            (strings.hide_column, ColumnAct::Hide(at)),
        ];
        let mut chosen = None;
        for (text, act) in acts {
            if ui.button(text).clicked() {
                chosen = Some(act);
            }
        }
        let hidden = self.columns.hidden() as u64;
        if hidden > 0 && ui.button(strings.show_hidden_columns(hidden)).clicked() {
            chosen = Some(ColumnAct::ShowAll);
        }
        chosen
    }

    fn cell_menu(
        &self,
        ui: &mut egui::Ui,
        cx: &mut PaneCx<'_>,
        frame: &Frame,
        snapshot: &Snapshot,
        row: u32,
        at: usize,
    ) {
        let strings = cx.strings;
        let Some(column) = self.columns.place(at).and_then(|place| frame.columns().get(place)) else { return };
        let value = column.show(row as usize);
        if let Some(value) = &value
            && ui.button(strings.copy_cell).clicked()
        {
            cx.act(Act::Copy(value.clone().into_owned()));
        }
        if ui.button(strings.copy_rows).clicked() {
            cx.act(Act::Copy(self.copied(cx, frame, &snapshot.rows)));
        }
        ui.separator();
        for (text, negated) in [(strings.filter_to_value, false), (strings.exclude_value, true)] {
            if ui.button(text).clicked() {
                let chip = Chip { negated, origin: Origin::Written, ..Chip::new(equals(column, value.as_deref())) };
                let mut view = cx.view.clone();
                view.filters.push(chip);
                cx.act(Act::SetView(view));
            }
        }
        ui.separator();
        if ui.button(strings.label_this_row).clicked() {
            cx.act(Act::Command(CommandId::OpenInLabel));
        }
        if cx.selection.is_empty() || cx.session.classes().is_empty() {
            return;
        }
        let count = cx.strings.rows_count(cx.selection.len() as u64);
        ui.menu_button(format!("{}  ({count})", strings.label_selected), |ui| {
            for class in cx.session.classes().iter() {
                if ui.button(&class.name).clicked() {
                    cx.act(Act::LabelRows(cx.selection.iter().copied().collect(), class.name.clone()));
                }
            }
        });
    }
}

/// The condition that a column has a value, or none.
fn equals(column: &Column, value: Option<&str>) -> String {
    let name = quote_name(column.name());
    match (value, column.kind()) {
        (None, _) => format!("{name} IS NULL"),
        (Some("NaN"), Kind::Float) => format!("isnan({name})"),
        (Some(value), Kind::Int | Kind::Float | Kind::Bool) => format!("{name} = {value}"),
        (Some(value), _) => format!("{name} = {}", quote_text(value)),
    }
}

/// The height of a row that holds a picture.
const PICTURE: f32 = 44.0;

/// Says that nothing is in view, and which part of the view leaves nothing.
pub(super) fn nothing_ui(ui: &mut egui::Ui, cx: &mut PaneCx<'_>) {
    let clear = Action::primary(cx.strings.filter_clear_all);
    let total = cx.session.dataset().rows() as u64;
    let culprit = cx.live.snapshot().and_then(|snapshot| culprit(snapshot));
    let why = match &culprit {
        Some((name, rows, _)) => cx.strings.removing_gives(name, *rows as u64),
        None => cx.strings.none_match(total),
    };
    let mut state = PaneState::new(PaneStateKind::NothingMatches, cx.strings.nothing_matches).why(&why).action(clear);
    if culprit.is_some() {
        state = state.action(Action::new(cx.strings.remove_that_part));
    }
    match (state.show(ui), culprit) {
        (Some(1), Some((.., view))) => cx.act(Act::SetView(view)),
        (Some(_), _) => cx.act(Act::Command(CommandId::ClearView)),
        (None, _) => {}
    }
}

/// The part of an empty view whose removal brings most rows: what it is called, the rows, and the view without it.
fn culprit(snapshot: &Snapshot) -> Option<(String, usize, View)> {
    let emptied = snapshot.emptied_by();
    let parts = snapshot.parts.iter().filter(|count| emptied.contains(&count.part));
    let worst = parts.max_by_key(|count| count.without)?;
    let mut view = snapshot.view.clone();
    let name = match worst.part {
        Part::Filter(index) => view.filters.remove(index).sql,
        Part::Search | Part::Sort(_) => view.search.take()?.text,
    };
    Some((name, worst.without, view))
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

fn header_ui(ui: &egui::Ui, column: &Column, sort: &[SortKey], rect: egui::Rect) {
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
