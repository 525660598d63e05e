//! Masks as pixels over an image: tinted textures, made in tiles of what is seen and only as fine as it is seen.

use std::collections::HashMap;
use std::sync::Arc;

use eframe::egui::{self, Color32, Painter, Pos2, Rect, TextureHandle, TextureOptions, pos2};

use crate::app::widgets::Canvas;
use crate::data::annotations::rle::Mask;
use crate::data::annotations::{Annotation, Mark};

/// The side of a tile in texels.
const TILE: u32 = 256;

/// How strongly a mask is tinted, and one that is chosen or pointed at.
const TINT: f32 = 0.45;
const LIT: f32 = 0.65;

/// The masks that are shown, by the number of their annotation.
#[derive(Default)]
pub(super) struct MaskViews {
    views: HashMap<u32, View>,
    frame: u64,
}

/// One mask.
#[derive(Default)]
struct View {
    /// The annotation that it shows; `None` while it is being painted.
    of: Option<Arc<Annotation>>,
    lines: Lines,
    /// Pixels a texel, as a power of two.
    level: u32,
    tiles: HashMap<(u32, u32), Tile>,
    used: u64,
}

struct Tile {
    texture: TextureHandle,
    /// What it covers, in pixels.
    crop: Crop,
    used: u64,
}

/// A part of the image in whole pixels: from the first to behind the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Crop {
    left: u32,
    top: u32,
    right: u32,
    bottom: u32,
}

/// A mask whose lines are found at once.
#[derive(Debug, Default)]
struct Lines {
    width: u32,
    height: u32,
    /// Where every run ends, in pixels row by row; runs are outside and inside in turn.
    ends: Vec<u64>,
    bounds: Option<Crop>,
}

impl MaskViews {
    /// Call at the start of each frame: what was not shown in the last one is let go.
    pub(super) fn begin_frame(&mut self) {
        self.frame += 1;
        let last = self.frame - 1;
        self.views.retain(|_, view| view.used >= last);
        for view in self.views.values_mut() {
            view.tiles.retain(|_, tile| tile.used >= last);
        }
    }

    /// Draws the mask of an annotation as it is kept.
    pub(super) fn paint(
        &mut self,
        painter: &Painter,
        canvas: &Canvas,
        (number, annotation): (u32, &Arc<Annotation>),
        (color, lit): (Color32, bool),
    ) {
        let Mark::Mask(mask) = &annotation.mark else { return };
        let view = self.views.entry(number).or_default();
        if view.of.as_ref().is_none_or(|of| !Arc::ptr_eq(of, annotation)) {
            // What has just been painted is kept as it was drawn: its tiles still hold.
            let lines = Lines::of(mask);
            if lines.ends != view.lines.ends || lines.width != view.lines.width {
                view.tiles.clear();
                view.lines = lines;
            }
            view.of = Some(annotation.clone());
        }
        view.paint(painter, canvas, color, lit, self.frame);
    }

    /// Draws a mask while it is painted. `changed` is the box within which it differs from what was drawn before.
    pub(super) fn paint_live(
        &mut self,
        painter: &Painter,
        canvas: &Canvas,
        (number, mask, changed): (u32, &Mask, Option<crate::data::annotations::model::Rect>),
        color: Color32,
    ) {
        let view = self.views.entry(number).or_default();
        if let Some(changed) = changed {
            let side = TILE << view.level;
            let cell = |at: f64| (at.max(0.0) as u32) / side;
            let columns = cell(changed.x)..=cell(changed.x + changed.width);
            let rows = cell(changed.y)..=cell(changed.y + changed.height);
            view.tiles.retain(|(column, row), _| !(columns.contains(column) && rows.contains(row)));
            (view.lines, view.of) = (Lines::of(mask), None);
        }
        view.paint(painter, canvas, color, true, self.frame);
    }
}

impl View {
    fn paint(&mut self, painter: &Painter, canvas: &Canvas, color: Color32, lit: bool, frame: u64) {
        self.used = frame;
        let Some(bounds) = self.lines.bounds else { return };
        // Texels are at most as large as the screen's pixels, and at least half as large.
        let texel = f64::from(canvas.scale * painter.pixels_per_point());
        let level = (1.0 / texel.max(1e-6)).log2().floor().clamp(0.0, 16.0) as u32;
        if level != self.level {
            self.tiles.clear();
            self.level = level;
        }
        let Some(seen) = bounds.within(seen(painter, canvas)) else { return };
        let side = TILE << level;
        for row in seen.top / side..=(seen.bottom - 1) / side {
            for column in seen.left / side..=(seen.right - 1) / side {
                self.paint_tile(
                    painter,
                    canvas,
                    (column, row),
                    color.gamma_multiply(if lit { LIT } else { TINT }),
                    frame,
                );
            }
        }
    }

    fn paint_tile(&mut self, painter: &Painter, canvas: &Canvas, at: (u32, u32), tint: Color32, frame: u64) {
        let (side, step) = (TILE << self.level, 1 << self.level);
        let whole = Crop { left: at.0 * side, top: at.1 * side, right: (at.0 + 1) * side, bottom: (at.1 + 1) * side };
        let Some(crop) = self.lines.bounds.and_then(|bounds| bounds.within(whole)) else { return };
        // A texel begins where the tile has one, so that a mask that grows leaves those of other tiles in place.
        let crop = Crop { left: crop.left / step * step, top: crop.top / step * step, ..crop };
        if self.tiles.get(&at).is_none_or(|tile| tile.crop != crop) {
            let image = self.lines.raster(crop, self.level);
            let options = TextureOptions { magnification: egui::TextureFilter::Nearest, ..TextureOptions::LINEAR };
            let texture = painter.ctx().load_texture("mask", image, options);
            self.tiles.insert(at, Tile { texture, crop, used: frame });
        }
        let Some(tile) = self.tiles.get_mut(&at) else { return };
        tile.used = frame;
        let [width, height] = tile.texture.size();
        let (right, bottom) = (crop.left + width as u32 * step, crop.top + height as u32 * step);
        let place = Rect::from_min_max(
            canvas.on_screen(crop.left.into(), crop.top.into()),
            canvas.on_screen(right.into(), bottom.into()),
        );
        let uv = Rect::from_min_max(Pos2::ZERO, pos2(1.0, 1.0));
        painter.image(tile.texture.id(), place, uv, tint);
    }
}

/// The part of the image that is seen, in pixels.
fn seen(painter: &Painter, canvas: &Canvas) -> Crop {
    let shown = painter.clip_rect().intersect(canvas.rect);
    let (left, top) = canvas.in_picture(shown.min);
    let (right, bottom) = canvas.in_picture(shown.max);
    let pixel = |at: f64| at.clamp(0.0, f64::from(u32::MAX)) as u32;
    Crop { left: pixel(left), top: pixel(top), right: pixel(right.ceil()), bottom: pixel(bottom.ceil()) }
}

impl Crop {
    /// The common part; `None` if there is none.
    fn within(self, other: Self) -> Option<Self> {
        let common = Self {
            left: self.left.max(other.left),
            top: self.top.max(other.top),
            right: self.right.min(other.right),
            bottom: self.bottom.min(other.bottom),
        };
        (common.left < common.right && common.top < common.bottom).then_some(common)
    }
}

impl Lines {
    fn of(mask: &Mask) -> Self {
        let ends = mask.runs().iter().scan(0u64, |at, run| {
            *at += u64::from(*run);
            Some(*at)
        });
        let bounds = mask.bounds().map(|bounds| Crop {
            left: bounds.x as u32,
            top: bounds.y as u32,
            right: (bounds.x + bounds.width) as u32,
            bottom: (bounds.y + bounds.height) as u32,
        });
        Self { width: mask.width(), height: mask.height(), ends: ends.collect(), bounds }
    }

    /// The texels of a part: white, as opaque as the share of their pixels that is inside.
    fn raster(&self, crop: Crop, level: u32) -> egui::ColorImage {
        let step = 1u32 << level;
        let (columns, rows) =
            ((crop.right - crop.left).div_ceil(step) as usize, (crop.bottom - crop.top).div_ceil(step) as usize);
        let mut inside = vec![0u32; columns * rows];
        for y in crop.top..crop.bottom.min(self.height) {
            let line = u64::from(y) * u64::from(self.width);
            let (from, to) = (line + u64::from(crop.left), line + u64::from(crop.right.min(self.width)));
            let texels = ((y - crop.top) / step) as usize * columns;
            let Some(texels) = inside.get_mut(texels..texels + columns) else { continue };
            let mut run = self.ends.partition_point(|end| *end <= from);
            let mut start = from;
            while start < to {
                let end = self.ends.get(run).map_or(to, |end| (*end).min(to));
                if run % 2 == 1 {
                    add(texels, (start - from) as u32, (end - from) as u32, step);
                }
                (start, run) = (end, run + 1);
            }
        }
        let full = step * step;
        let pixels = inside.iter().map(|count| Color32::from_white_alpha((count * 255 / full).min(255) as u8));
        egui::ColorImage::new([columns, rows], pixels.collect())
    }
}

/// Counts the pixels `from..to` of a line in texels of `step` pixels.
fn add(texels: &mut [u32], from: u32, to: u32, step: u32) {
    for at in from / step..to.div_ceil(step) {
        let covered = to.min((at + 1) * step) - from.max(at * step);
        if let Some(texel) = texels.get_mut(at as usize) {
            *texel += covered;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn texels_hold_the_share_of_their_pixels(pixels in proptest::collection::vec(0u8..2, 20 * 12), level in 0u32..3) {
            let lines = Lines::of(&Mask::from_pixels(20, 12, &pixels).unwrap());
            let step = 1u32 << level;
            let crop = Crop { left: step, top: 0, right: 18, bottom: 11 };
            let image = lines.raster(crop, level);
            for row in 0..image.size[1] as u32 {
                for column in 0..image.size[0] as u32 {
                    let (mut inside, left, top) = (0u32, crop.left + column * step, crop.top + row * step);
                    for y in top..(top + step).min(crop.bottom) {
                        for x in left..(left + step).min(crop.right) {
                            inside += u32::from(pixels[(y * 20 + x) as usize]);
                        }
                    }
                    let found = image.pixels[(row as usize) * image.size[0] + column as usize].a();
                    proptest::prop_assert_eq!(u32::from(found), inside * 255 / (step * step));
                }
            }
        }
    }
}
