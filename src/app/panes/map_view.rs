//! The camera over the map, and single points as one mesh.

use arrow_buffer::BooleanBuffer;
use eframe::egui::{Color32, Mesh, Pos2, Rect, Vec2, pos2, vec2};

use crate::engine::Fingerprinter;
use crate::learn::points::Area;

/// Half the side of a point on the screen.
const HALF: f32 = 2.2;

/// Where the map is looked at from: the place in the middle, and points of the screen for one unit of the map.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Camera {
    /// The place of the map in the middle of `rect`.
    pub center: [f64; 2],
    /// Points of the screen for one unit.
    pub scale: f64,
    /// Where the map is drawn.
    pub rect: Rect,
}

impl Camera {
    /// Shows everything, with a margin.
    pub fn fitted(bounds: Area, rect: Rect) -> Self {
        let extent = [0, 1].map(|axis| (bounds.max[axis] - bounds.min[axis]).max(1e-9));
        let scale = (f64::from(rect.width()) / extent[0]).min(f64::from(rect.height()) / extent[1]) * 0.94;
        let center = [0, 1].map(|axis| (bounds.max[axis] + bounds.min[axis]) / 2.0);
        Self { center, scale: scale.max(1e-12), rect }
    }

    /// The same in another place of the window.
    pub fn placed(self, rect: Rect) -> Self {
        Self { rect, ..self }
    }

    /// The place on the screen.
    pub fn to_screen(self, [x, y]: [f64; 2]) -> Pos2 {
        let middle = self.rect.center();
        let dx = ((x - self.center[0]) * self.scale) as f32;
        let dy = ((y - self.center[1]) * self.scale) as f32;
        pos2(middle.x + dx, middle.y + dy)
    }

    /// The place on the map.
    pub fn to_map(self, pos: Pos2) -> [f64; 2] {
        let away = pos - self.rect.center();
        [self.center[0] + f64::from(away.x) / self.scale, self.center[1] + f64::from(away.y) / self.scale]
    }

    /// Zooms so that what is under `at` stays there.
    pub fn zoom(&mut self, factor: f64, at: Pos2) {
        let before = self.to_map(at);
        self.scale = (self.scale * factor).clamp(1e-9, 1e12);
        let after = self.to_map(at);
        for axis in 0..2 {
            self.center[axis] += before[axis] - after[axis];
        }
    }

    /// Moves the map by so many points of the screen.
    pub fn pan(&mut self, by: Vec2) {
        self.center[0] -= f64::from(by.x) / self.scale;
        self.center[1] -= f64::from(by.y) / self.scale;
    }

    /// The part of the map that is seen.
    pub fn area(self) -> Area {
        Area::between(self.to_map(self.rect.min), self.to_map(self.rect.max))
    }

    /// The corners of that part, as a polygon.
    pub fn corners(self) -> Vec<[f64; 2]> {
        let rect = self.rect;
        [rect.left_top(), rect.right_top(), rect.right_bottom(), rect.left_bottom()]
            .map(|pos| self.to_map(pos))
            .to_vec()
    }

    /// Adds what is seen to a name.
    pub fn print(self, print: Fingerprinter) -> Fingerprinter {
        let rect = [self.rect.left(), self.rect.top(), self.rect.right(), self.rect.bottom()];
        let print = rect.iter().fold(print, |print, value| print.number(u64::from(value.to_bits())));
        [self.center[0], self.center[1], self.scale].iter().fold(print, |print, value| print.number(value.to_bits()))
    }
}

/// The points inside the camera's rectangle as squares: those that are not in view first, in `hidden`, the others over
/// them in their colours.
pub(super) fn points_mesh(
    positions: &[[f32; 2]],
    mask: &BooleanBuffer,
    camera: &Camera,
    hidden: Color32,
    colour: impl Fn(usize) -> Color32,
) -> Mesh {
    let mut mesh = Mesh::default();
    let seen = camera.rect.expand(HALF);
    for in_view in [false, true] {
        for (row, &[x, y]) in positions.iter().enumerate() {
            if (row < mask.len() && mask.value(row)) != in_view {
                continue;
            }
            let pos = camera.to_screen([f64::from(x), f64::from(y)]);
            if seen.contains(pos) {
                let colour = if in_view { colour(row) } else { hidden };
                mesh.add_colored_rect(Rect::from_center_size(pos, vec2(2.0 * HALF, 2.0 * HALF)), colour);
            }
        }
    }
    mesh
}

#[cfg(test)]
mod tests {
    use super::*;

    fn camera() -> Camera {
        let rect = Rect::from_min_size(pos2(10.0, 20.0), vec2(400.0, 200.0));
        Camera::fitted(Area { min: [-1.0, -2.0], max: [3.0, 2.0] }, rect)
    }

    fn near(a: [f64; 2], b: [f64; 2]) {
        assert!((a[0] - b[0]).abs() < 1e-5 && (a[1] - b[1]).abs() < 1e-5, "{a:?} is not {b:?}");
    }

    #[test]
    fn screen_and_map_are_inverse_and_all_fits() {
        let camera = camera();
        for place in [[-1.0, -2.0], [3.0, 2.0], [0.5, 0.1]] {
            let pos = camera.to_screen(place);
            assert!(camera.rect.contains(pos), "{place:?} at {pos:?}");
            near(camera.to_map(pos), place);
        }
    }

    #[test]
    fn zoom_keeps_what_is_under_the_pointer_and_pan_follows_it() {
        let mut camera = camera();
        let at = pos2(100.0, 60.0);
        let under = camera.to_map(at);
        camera.zoom(3.0, at);
        near(camera.to_map(at), under);
        camera.pan(vec2(15.0, -4.0));
        near(camera.to_map(at + vec2(15.0, -4.0)), under);
    }

    #[test]
    fn points_outside_are_not_drawn_and_hidden_ones_lie_below() {
        let camera = camera();
        let positions = [[0.0, 0.0], [1.0, 1.0], [900.0, 0.0]];
        let mask = BooleanBuffer::from(vec![true, false, true]);
        let mesh = points_mesh(&positions, &mask, &camera, Color32::BLACK, |_| Color32::WHITE);
        let colours: Vec<Color32> = mesh.vertices.iter().map(|vertex| vertex.color).collect();
        assert_eq!(colours, [[Color32::BLACK; 4], [Color32::WHITE; 4]].concat());
    }
}
