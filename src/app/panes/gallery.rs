//! The gallery: images in view as a grid of thumbnails, with their labels.

use eframe::egui;

use super::browse::Browser;
use super::outlines::{OnScreen, Outlines};
use super::table::nothing_ui;
use crate::app::pane::{Pane, PaneCx};
use crate::app::strings::Strings;
use crate::app::theme::{Tokens, icons, radius, size, space};
use crate::app::widgets::{self, GridState, PaneState, PaneStateKind, VirtualGrid};
use crate::app::{Shown, theme};
use crate::label::ClassIndex;

/// The pane's own state.
pub struct Gallery {
    state: GridState,
    browser: Browser,
    /// Whether what is marked on the images is drawn over them.
    outlined: bool,
}

impl Default for Gallery {
    fn default() -> Self {
        Self { state: GridState::default(), browser: Browser::default(), outlined: true }
    }
}

impl Pane for Gallery {
    fn id(&self) -> &'static str {
        "gallery"
    }

    fn title(&self, strings: &Strings) -> &'static str {
        strings.view_grid
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
        let outlines = Outlines::of(cx.session);
        ui.horizontal(|ui| {
            widgets::size_slider(ui, &mut self.state.cell);
            if !outlines.is_empty() {
                widgets::toggle(ui, &mut self.outlined, cx.strings.show_marks);
            }
        });
        let outlined = self.outlined;
        let rows = snapshot.rows.clone();
        let Some(column) = cx.session.content_column().cloned() else { return };
        if let Some(at) = self.browser.follow(cx, &snapshot) {
            self.state.reveal(at);
        }
        let focused = cx.focus.and_then(|row| snapshot.position(row)).map(|at| at as u64);
        let selection = cx.selection;
        let selected = |at: u64| rows.get(at as usize).is_some_and(|row| selection.contains(row));
        let strings = cx.strings;
        let name = |at: u64| strings.row_number(rows.get(at as usize).map_or(0, |&row| u64::from(row)));
        let side = (self.state.cell * ui.pixels_per_point()) as u32;
        let grid = VirtualGrid::new(egui::Id::unique("gallery"), strings.view_grid, rows.len() as u64)
            .caption(size::ROW_DENSE)
            .focused(focused)
            .selected(&selected)
            .item_name(&name);
        let (session, textures) = (cx.session, &mut *cx.textures);
        let response = grid.show(ui, &mut self.state, |ui, at, rect| {
            let Some(&row) = rows.get(at as usize) else { return };
            let (picture, caption) = rect.split_top_bottom_at_y(rect.bottom() - size::ROW_DENSE);
            let shown = column.show(row as usize).and_then(|path| thumbnail_ui(ui, textures, &path, side, picture));
            if let Some((place, full)) = shown.filter(|_| outlined) {
                outlines.paint(ui, row, place, OnScreen::filling(place, full));
            }
            let label = layers.labels.label.get(row as usize).copied().unwrap_or(-1);
            if let Some(class) = u16::try_from(label).ok().and_then(|label| session.classes().get(ClassIndex(label))) {
                let at = caption.left_center() + egui::vec2(space::XXS, 0.0);
                widgets::paint_label_chip(ui, at, &class.name, usize::from(class.color), caption.width() - space::XS);
            }
        });
        self.browser.apply(cx, &snapshot, &response.events);
    }
}

/// Draws the picture at `path` small; tells where it lies and its size in full, once it is there.
pub(super) fn thumbnail_ui(
    ui: &egui::Ui,
    textures: &mut crate::app::Textures,
    path: &str,
    side: u32,
    rect: egui::Rect,
) -> Option<(egui::Rect, egui::Vec2)> {
    let tokens = Tokens::of(ui);
    ui.painter().rect_filled(rect, radius::CONTROL, tokens.sunken);
    let far = (rect.center().y - ui.clip_rect().center().y).abs() as u32;
    match textures.get(ui.ctx(), path, side, far) {
        Shown::Ready(texture, [width, height]) => {
            let full = egui::vec2(width as f32, height as f32);
            let scale = (rect.width() / full.x).min(rect.height() / full.y);
            let place = egui::Align2::CENTER_CENTER.align_size_within_rect(full * scale, rect);
            let uv = egui::Rect::from_min_max(egui::Pos2::ZERO, egui::pos2(1.0, 1.0));
            ui.painter().image(texture, place, uv, egui::Color32::WHITE);
            return Some((place, full));
        }
        Shown::Waiting => {}
        Shown::Failed(_) => {
            let font = theme::icon(24.0);
            ui.painter().text(rect.center(), egui::Align2::CENTER_CENTER, icons::WARNING, font, tokens.weak);
        }
    }
    None
}
