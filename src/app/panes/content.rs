//! What is labelled, drawn: a text, a picture, a sound, or a row as a whole.

use eframe::egui;

use super::picture::picture_ui;
use crate::app::pane::PaneCx;
use crate::app::theme::{self, Tokens, space};
use crate::app::widgets;
use crate::data::Column;
use crate::project::Content;

/// A text is read at a comfortable width, however wide the window.
const READING_WIDTH: f32 = 760.0;

/// Values of a row are cut here: the whole stands in the table.
const LONGEST: usize = 2000;

/// Draws the content of a row into the room there is; a text may be higher than that, so put it into a scroll area.
/// `place` names the pane, `height` is that of pictures and sounds.
pub(super) fn content_ui(ui: &mut egui::Ui, cx: &mut PaneCx<'_>, place: &'static str, row: u32, height: f32) {
    let tokens = Tokens::of(ui);
    let session = cx.session;
    let Some(column) = session.content_column() else {
        row_ui(ui, cx, row);
        return;
    };
    let Some(content) = column.show(row as usize) else {
        ui.label(egui::RichText::new(cx.strings.missing).color(tokens.weak));
        return;
    };
    match session.content() {
        Content::Image(_) => {
            ui.allocate_ui(egui::vec2(ui.available_width(), height), |ui| {
                ui.set_min_height(height);
                picture_ui(ui, cx, &content);
            });
        }
        Content::Audio(_) => {
            ui.label(egui::RichText::new(&*content).font(theme::small_mono()).color(tokens.weak));
            cx.sounds.ui(ui, place, &content, height.min(320.0), cx.strings);
        }
        Content::Text(_) | Content::Rows => {
            ui.set_max_width(READING_WIDTH.min(ui.available_width()));
            widgets::reading_text(ui, &content);
        }
    }
}

/// All values of a row but those that say the answer.
fn row_ui(ui: &mut egui::Ui, cx: &PaneCx<'_>, row: u32) {
    let tokens = Tokens::of(ui);
    let answers: Vec<&str> = cx.session.project().config.data.answers().collect();
    let shown = |column: &&std::sync::Arc<Column>| !answers.contains(&column.name());
    let grid = egui::Grid::new(("row", row)).num_columns(2).spacing([space::XL, space::XS]).striped(true);
    grid.show(ui, |ui| {
        for column in cx.session.dataset().frame.columns().iter().filter(shown) {
            ui.label(egui::RichText::new(column.name()).color(tokens.weak));
            match column.show(row as usize) {
                Some(value) => {
                    let short: String = value.chars().take(LONGEST).collect();
                    ui.add(egui::Label::new(egui::RichText::new(short).font(theme::reading())).wrap().selectable(true));
                }
                None => _ = ui.label(egui::RichText::new(cx.strings.missing).italics().color(tokens.weak)),
            }
            ui.end_row();
        }
    });
}
