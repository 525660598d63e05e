//! A picture to look at closely and to draw on: fitted to its place, zoomed at the pointer, moved by dragging.

use eframe::egui::{
    self, Color32, PointerButton, Pos2, Rect, Response, Sense, Stroke, TextureId, Ui, Vec2, pos2, vec2,
};

use crate::app::theme::{Tokens, space};

/// Small pictures are enlarged so far and no further, so that a 32 pixel image can be judged.
const ENLARGED: f32 = 8.0;

/// How far a picture can be zoomed, in points a pixel.
const MOST_ZOOM: f32 = 64.0;

/// The longer side of the small map.
const MAP: f32 = 120.0;

/// How a picture is looked at: zoom relative to the fitted size, and the shift of its centre in points.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Look {
    zoom: f32,
    shift: Vec2,
}

impl Default for Look {
    fn default() -> Self {
        Self { zoom: 1.0, shift: Vec2::ZERO }
    }
}

impl Look {
    /// Zooms by a factor so that what is under `at`, seen from the centre of the place, stays there.
    fn zoomed(self, factor: f32, at: Vec2, most: f32) -> Self {
        let zoom = (self.zoom * factor).clamp(1.0, most.max(1.0));
        let factor = zoom / self.zoom;
        let shift = at - (at - self.shift) * factor;
        Self { zoom, shift: if zoom == 1.0 { Vec2::ZERO } else { shift } }
    }
}

/// Where a picture lies on the screen in this frame.
pub struct Canvas {
    /// The response of the place.
    pub response: Response,
    /// The place that it is seen through.
    pub rect: Rect,
    /// Where the whole picture lies.
    pub place: Rect,
    /// Points a pixel.
    pub scale: f32,
}

impl Canvas {
    /// Where a pixel position lies on the screen.
    pub fn on_screen(&self, x: f64, y: f64) -> Pos2 {
        self.place.min + vec2(x as f32, y as f32) * self.scale
    }

    /// The pixel position at a place on the screen.
    pub fn in_picture(&self, pos: Pos2) -> (f64, f64) {
        let at = (pos - self.place.min) / self.scale;
        (f64::from(at.x), f64::from(at.y))
    }

    /// Draws the picture, and a small map of it where only a part is seen.
    pub fn paint(&self, ui: &Ui, texture: TextureId) {
        let uv = Rect::from_min_max(Pos2::ZERO, pos2(1.0, 1.0));
        let painter = ui.painter().with_clip_rect(self.rect.intersect(ui.clip_rect()));
        painter.image(texture, self.place, uv, Color32::WHITE);
    }

    /// A small map of the whole, where only a part is seen.
    pub fn paint_map(&self, ui: &Ui, texture: TextureId) {
        // The fitted place may be larger by what rounding leaves.
        if self.rect.expand(0.5).contains_rect(self.place) {
            return;
        }
        let tokens = Tokens::of(ui);
        let size = self.place.size() * (MAP / self.place.size().max_elem());
        let map = Rect::from_min_size(self.rect.max - size - Vec2::splat(space::S), size);
        let uv = Rect::from_min_max(Pos2::ZERO, pos2(1.0, 1.0));
        ui.painter().image(texture, map, uv, Color32::WHITE);
        let share = |pos: Pos2| map.min + (pos - self.place.min) / self.place.size() * size;
        let seen = Rect::from_min_max(share(self.rect.min), share(self.rect.max)).intersect(map);
        ui.painter().rect_stroke(map, 0.0, Stroke::new(1.0, tokens.border), egui::StrokeKind::Outside);
        ui.painter().rect_stroke(seen, 0.0, Stroke::new(2.0, tokens.accent), egui::StrokeKind::Inside);
    }
}

/// Takes the room there is for a picture of `full` pixels. Wheel: zoom; middle button, or Space and drag: move, with
/// `drag_moves` plain dragging too.
pub fn canvas(ui: &mut Ui, id: egui::Id, name: &str, full: Vec2, drag_moves: bool, look: &mut Look) -> Canvas {
    let (rect, _) = ui.allocate_exact_size(ui.available_size(), Sense::hover());
    let response = ui.interact(rect, id, Sense::click_and_drag());
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Image, true, name));
    let fit = (rect.width() / full.x).min(rect.height() / full.y).min(ENLARGED);
    if let Some(pointer) = response.hover_pos() {
        let (wheel, pinch) = ui.input(|input| (input.smooth_scroll_delta().y, input.zoom_delta()));
        let factor = (wheel * 0.004).exp() * pinch;
        if factor != 1.0 {
            *look = look.zoomed(factor, pointer - rect.center(), MOST_ZOOM / fit);
        }
    }
    let by_hand = response.dragged_by(PointerButton::Middle)
        || response.dragged_by(PointerButton::Primary)
            && (drag_moves || ui.input(|input| input.key_down(egui::Key::Space)));
    if by_hand && look.zoom > 1.0 {
        look.shift += response.drag_delta();
    }
    let scale = fit * look.zoom;
    let place = Rect::from_center_size(rect.center() + look.shift, full * scale);
    Canvas { response, rect, place, scale }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_under_the_pointer_stays_there() {
        let at = vec2(30.0, -10.0);
        let look = Look::default().zoomed(2.0, at, 64.0);
        // A point of the picture p (from its centre, fitted size) is drawn at p * zoom + shift.
        let point = at;
        assert_eq!(point * look.zoom + look.shift, at);
        let closer = look.zoomed(3.0, vec2(5.0, 5.0), 64.0);
        let point = (vec2(5.0, 5.0) - look.shift) / look.zoom;
        assert!((point * closer.zoom + closer.shift - vec2(5.0, 5.0)).length() < 1e-3);
        assert_eq!(closer.zoomed(0.0001, at, 64.0), Look::default());
        assert_eq!(look.zoomed(1e9, at, 64.0).zoom, 64.0);
    }
}
