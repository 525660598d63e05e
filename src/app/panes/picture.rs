//! A picture in full size: fitted to its place, zoomed at the pointer, moved by dragging.

use eframe::egui;

use crate::app::Shown;
use crate::app::pane::PaneCx;
use crate::app::theme::Tokens;
use crate::app::widgets::{Look, canvas};

/// The texture and size in pixels of the picture at `path`; says why where there is none yet.
pub(super) fn texture_ui(ui: &mut egui::Ui, cx: &mut PaneCx<'_>, path: &str) -> Option<(egui::TextureId, egui::Vec2)> {
    let tokens = Tokens::of(ui);
    match cx.textures.whole(ui.ctx(), path) {
        Shown::Ready(texture, [width, height]) => return Some((texture, egui::vec2(width as f32, height as f32))),
        Shown::Waiting => _ = ui.label(egui::RichText::new(cx.strings.working).color(tokens.weak)),
        Shown::Failed(error) => _ = ui.label(egui::RichText::new(error).color(tokens.error)),
    }
    None
}

/// Draws the picture at `path` into the room there is. Wheel: zoom; drag: move; double click: fit again.
pub(super) fn picture_ui(ui: &mut egui::Ui, cx: &mut PaneCx<'_>, path: &str) {
    let Some((texture, full)) = texture_ui(ui, cx, path) else { return };
    let id = ui.scope_id().with(("picture", path));
    let before: Look = ui.data(|data| data.get_temp(id)).unwrap_or_default();
    let mut look = before;
    let canvas = canvas(ui, id.with("place"), path, full, true, &mut look);
    if canvas.response.double_clicked() {
        look = Look::default();
    }
    if look != before {
        ui.data_mut(|data| data.insert_temp(id, look));
    }
    canvas.paint(ui, texture);
}
