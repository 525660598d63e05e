//! A picture in full size: fitted to its place, zoomed at the pointer, moved by dragging.

use eframe::egui;

use crate::app::Shown;
use crate::app::pane::PaneCx;
use crate::app::theme::Tokens;

/// Small pictures are enlarged so far and no further, so that a 32 pixel image can be judged.
const ENLARGED: f32 = 8.0;

/// How far a picture can be zoomed beyond its own pixels.
const MOST_ZOOM: f32 = 64.0;

/// How a picture is looked at: zoom relative to the fitted size, and the shift of its centre in points.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Look {
    zoom: f32,
    shift: egui::Vec2,
}

impl Default for Look {
    fn default() -> Self {
        Self { zoom: 1.0, shift: egui::Vec2::ZERO }
    }
}

impl Look {
    /// Zooms by a factor so that what is under `at`, seen from the centre of the place, stays there.
    fn zoomed(self, factor: f32, at: egui::Vec2, most: f32) -> Self {
        let zoom = (self.zoom * factor).clamp(1.0, most.max(1.0));
        let factor = zoom / self.zoom;
        let shift = at - (at - self.shift) * factor;
        Self { zoom, shift: if zoom == 1.0 { egui::Vec2::ZERO } else { shift } }
    }
}

/// Draws the picture at `path` into the room there is. Wheel: zoom; drag: move; double click: fit again.
pub(super) fn picture_ui(ui: &mut egui::Ui, cx: &mut PaneCx<'_>, path: &str) {
    let tokens = Tokens::of(ui);
    let room = ui.available_size();
    let (texture, full) = match cx.textures.whole(ui.ctx(), path) {
        Shown::Ready(texture, [width, height]) => (texture, egui::vec2(width as f32, height as f32)),
        Shown::Waiting => {
            ui.label(egui::RichText::new(cx.strings.working).color(tokens.weak));
            return;
        }
        Shown::Failed(error) => {
            ui.label(egui::RichText::new(error).color(tokens.error));
            return;
        }
    };
    let (rect, response) = ui.allocate_exact_size(room, egui::Sense::click_and_drag());
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Image, true, path));
    let fit = (room.x / full.x).min(room.y / full.y).min(ENLARGED);
    let id = ui.scope_id().with(("picture", path));
    let mut look: Look = ui.data(|data| data.get_temp(id)).unwrap_or_default();
    let before = look;
    if let Some(pointer) = response.hover_pos() {
        let (wheel, pinch) = ui.input(|input| (input.smooth_scroll_delta().y, input.zoom_delta()));
        let factor = (wheel * 0.004).exp() * pinch;
        if factor != 1.0 {
            look = look.zoomed(factor, pointer - rect.center(), MOST_ZOOM / fit);
        }
    }
    if response.dragged() && look.zoom > 1.0 {
        look.shift += response.drag_delta();
    }
    if response.double_clicked() {
        look = Look::default();
    }
    if look != before {
        ui.data_mut(|data| data.insert_temp(id, look));
    }
    let place = egui::Rect::from_center_size(rect.center() + look.shift, full * fit * look.zoom);
    let uv = egui::Rect::from_min_max(egui::Pos2::ZERO, egui::pos2(1.0, 1.0));
    ui.painter().with_clip_rect(rect.intersect(ui.clip_rect())).image(texture, place, uv, egui::Color32::WHITE);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_under_the_pointer_stays_there() {
        let at = egui::vec2(30.0, -10.0);
        let look = Look::default().zoomed(2.0, at, 64.0);
        // A point of the picture p (from its centre, fitted size) is drawn at p * zoom + shift.
        let point = at;
        assert_eq!(point * look.zoom + look.shift, at);
        let closer = look.zoomed(3.0, egui::vec2(5.0, 5.0), 64.0);
        let point = (egui::vec2(5.0, 5.0) - look.shift) / look.zoom;
        assert!((point * closer.zoom + closer.shift - egui::vec2(5.0, 5.0)).length() < 1e-3);
        assert_eq!(closer.zoomed(0.0001, at, 64.0), Look::default());
        assert_eq!(look.zoomed(1e9, at, 64.0).zoom, 64.0);
    }
}
