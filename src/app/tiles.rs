//! How panes are framed by tiles: their tabs, gaps and colours.

use eframe::egui;
use egui_tiles::{Behavior, EditAction, SimplificationOptions, TabState, Tile, TileId, UiResponse};

use super::pane::PaneCx;
use super::panes::Panes;
use super::theme::{self, Tokens, icons, size, space};
use super::widgets;

/// Draws the panes of one workspace.
pub(super) struct Tiles<'a, 'b> {
    pub panes: &'a mut Panes,
    pub cx: &'a mut PaneCx<'b>,
    /// True once the arrangement was changed by hand.
    pub edited: bool,
    /// A pane that is to be opened, and the group of tabs for it.
    pub wanted: Option<(TileId, &'static str)>,
}

impl Behavior<String> for Tiles<'_, '_> {
    fn pane_ui(&mut self, ui: &mut egui::Ui, _: TileId, name: &mut String) -> UiResponse {
        let tokens = Tokens::of(ui);
        ui.painter().rect_filled(ui.max_rect(), 0.0, tokens.panel);
        if let Some(pane) = self.panes.get_mut(name.as_str()) {
            // The accessible tree shows each pane as a group of its own, by its title.
            let inner = ui.max_rect().shrink(space::S);
            ui.scope_builder(egui::UiBuilder::new().id_salt(&*name).max_rect(inner), |ui| {
                ui.set_clip_rect(ui.clip_rect().intersect(inner.expand(space::XS)));
                pane.ui(ui, self.cx);
            });
        }
        UiResponse::None
    }

    fn tab_title_for_pane(&mut self, name: &String) -> egui::WidgetText {
        let title = self.panes.get(name.as_str()).map_or("", |pane| pane.title(self.cx.strings));
        egui::RichText::new(title).font(theme::body()).into()
    }

    fn is_tab_closable(&self, tiles: &egui_tiles::Tiles<String>, _: TileId) -> bool {
        tiles.tiles().filter(|tile| matches!(tile, Tile::Pane(_))).count() > 1
    }

    fn on_tab_close(&mut self, _: &mut egui_tiles::Tiles<String>, _: TileId) -> bool {
        self.edited = true;
        true
    }

    fn on_edit(&mut self, action: EditAction) {
        self.edited |= matches!(action, EditAction::TileResized | EditAction::TileDropped | EditAction::TabSelected);
    }

    fn tab_bar_trailing_ui(
        &mut self,
        tiles: &egui_tiles::Tiles<String>,
        ui: &mut egui::Ui,
        id: TileId,
        _: &egui_tiles::Tabs,
    ) {
        ui.add_space(space::XXS);
        let button = widgets::icon_button(ui, icons::PLUS, self.cx.strings.open_pane, None);
        egui::Popup::menu(&button).show(|ui| {
            let mut closed: Vec<(&'static str, &'static str)> = self
                .panes
                .iter()
                .filter(|(name, _)| tiles.find_pane(&(**name).to_owned()).is_none())
                .map(|(name, pane)| (pane.title(self.cx.strings), *name))
                .collect();
            closed.sort_unstable();
            for (title, name) in closed {
                if ui.button(title).clicked() {
                    self.wanted = Some((id, name));
                }
            }
        });
    }

    fn tab_bar_height(&self, _: &egui::Style) -> f32 {
        size::HEADER
    }

    fn gap_width(&self, _: &egui::Style) -> f32 {
        1.0
    }

    fn min_size(&self) -> f32 {
        160.0
    }

    fn simplification_options(&self) -> SimplificationOptions {
        // Every pane keeps its tab: the tab is its title.
        SimplificationOptions { all_panes_must_have_tabs: true, ..SimplificationOptions::default() }
    }

    fn tab_bar_color(&self, visuals: &egui::Visuals) -> egui::Color32 {
        tokens(visuals).app
    }

    fn tab_bg_color(
        &self,
        visuals: &egui::Visuals,
        _: &egui_tiles::Tiles<String>,
        _: TileId,
        state: &TabState,
    ) -> egui::Color32 {
        if state.active { tokens(visuals).panel } else { tokens(visuals).app }
    }

    fn tab_text_color(
        &self,
        visuals: &egui::Visuals,
        _: &egui_tiles::Tiles<String>,
        _: TileId,
        state: &TabState,
    ) -> egui::Color32 {
        if state.active { tokens(visuals).text } else { tokens(visuals).weak }
    }

    fn tab_outline_stroke(
        &self,
        _: &egui::Visuals,
        _: &egui_tiles::Tiles<String>,
        _: TileId,
        _: &TabState,
    ) -> egui::Stroke {
        egui::Stroke::NONE
    }

    fn tab_bar_hline_stroke(&self, visuals: &egui::Visuals) -> egui::Stroke {
        egui::Stroke::new(1.0, tokens(visuals).hairline)
    }

    fn resize_stroke(&self, style: &egui::Style, state: egui_tiles::ResizeState) -> egui::Stroke {
        let tokens = tokens(&style.visuals);
        match state {
            egui_tiles::ResizeState::Idle => egui::Stroke::new(1.0, tokens.hairline),
            egui_tiles::ResizeState::Hovering | egui_tiles::ResizeState::Dragging => {
                egui::Stroke::new(2.0, tokens.accent)
            }
        }
    }
}

fn tokens(visuals: &egui::Visuals) -> &'static Tokens {
    Tokens::of_theme(if visuals.dark_mode { egui::Theme::Dark } else { egui::Theme::Light })
}
