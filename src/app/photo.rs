//! One picture that is looked at closely: which of its tiles are seen, and how they get here.

use std::sync::Arc;

use eframe::egui::{self, Color32, Painter, Rect, pos2, vec2};

use super::textures::{BASE, Key, image_of};
use crate::data::media::{Adjust, TILE, Thumbnails, TileAt, Tiled};
use crate::engine::{Error, Job};

/// Tiles that are made at once: what the graphics card takes in one frame without a pause.
const BATCH: usize = 4;

/// Coarser levels that are drawn below tiles which are still to come.
const BELOW: u32 = 3;

/// Work that is over sooner is not spoken of, in seconds.
const MOMENT: f64 = 0.5;

/// A picture on its way to the screen.
pub(super) struct Photo {
    pub(super) path: Arc<str>,
    /// The frame in which it was asked for last.
    pub(super) used: u64,
    /// As it is held in memory, or in tiles on disk where it is too large for that.
    held: Step,
    /// With every pixel, where what is held was made smaller and that is not enough.
    finest: Option<Step>,
    /// The one to draw from, and at which level.
    now: Option<(Arc<Tiled>, u32)>,
    batch: Option<Job<Vec<Cut>>>,
}

/// A tile that is ready for the graphics card.
type Cut = (Key, egui::ColorImage, [u32; 2]);

enum Step {
    Coming(Job<Tiled>),
    Ready(Arc<Tiled>),
    Failed(Error),
}

impl Step {
    fn poll(&mut self) {
        if let Self::Coming(job) = self
            && let Some(outcome) = job.take()
        {
            *self = match outcome {
                Ok(tiled) => Self::Ready(Arc::new(tiled)),
                Err(error) => Self::Failed(error),
            };
        }
    }

    fn ready(&self) -> Option<&Arc<Tiled>> {
        match self {
            Self::Ready(tiled) => Some(tiled),
            _ => None,
        }
    }
}

impl Photo {
    /// A picture that begins to be made ready.
    pub(super) fn new(path: &str, thumbnails: &Thumbnails, frame: u64) -> Self {
        let held = Step::Coming(thumbnails.tiled(path, false));
        Self { path: path.into(), used: frame, held, finest: None, now: None, batch: None }
    }

    /// Takes in what has become ready.
    pub(super) fn poll(&mut self) {
        self.held.poll();
        if let Some(finest) = &mut self.finest {
            finest.poll();
        }
    }

    /// Why the picture cannot be shown.
    pub(super) fn failed(&self) -> Option<String> {
        match &self.held {
            Step::Failed(error) => Some(error.to_string()),
            _ => None,
        }
    }

    /// How far the work on it has come, from 0 to 1, where it takes longer than a moment.
    pub(super) fn progress(&self) -> Option<f32> {
        let steps = std::iter::once(&self.held).chain(&self.finest);
        let jobs = steps.filter_map(|step| if let Step::Coming(job) = step { Some(job) } else { None });
        let progress = jobs.map(|job| job.work().progress()).find(|progress| progress.seconds > MOMENT)?;
        Some(progress.share().unwrap_or(0.0))
    }

    /// The tiles that have come since the last frame.
    pub(super) fn arrived(&mut self) -> Vec<Cut> {
        match self.batch.as_ref().and_then(Job::take) {
            Some(Ok(cuts)) => {
                self.batch = None;
                cuts
            }
            Some(Err(error)) => {
                // What cannot be read once is not asked for in every frame.
                (self.batch, self.now, self.held) = (None, None, Step::Failed(error));
                Vec::new()
            }
            None => Vec::new(),
        }
    }

    /// Chooses what to draw from: texels at least as fine as the screen's pixels, of which `texel` make one of the picture.
    pub(super) fn choose(&mut self, thumbnails: &Thumbnails, texel: f32) {
        let Some(held) = self.held.ready().cloned() else {
            self.now = None;
            return;
        };
        let level = level_for(texel, held.levels());
        if level >= held.finest() {
            self.now = Some((held, level));
            return;
        }
        let finest = self.finest.get_or_insert_with(|| Step::Coming(thumbnails.tiled(&self.path, true)));
        self.now = match finest.ready() {
            Some(finest) => Some((finest.clone(), level)),
            None => {
                let level = held.finest();
                Some((held, level))
            }
        };
    }

    /// Draws the tiles that are seen and there, and asks for those that are not, what is nearest to the middle first.
    pub(super) fn paint(
        &mut self,
        painter: &Painter,
        place: Rect,
        adjust: Adjust,
        mut texture: impl FnMut(&Key) -> Option<egui::TextureId>,
    ) {
        let Some((tiled, level)) = self.now.clone() else { return };
        let full = tiled.size();
        // The small picture has as many pixels.
        if full.iter().max().is_none_or(|side| side.div_ceil(1 << level) <= BASE) && (level > 0 || adjust.is_none()) {
            return;
        }
        let seen = seen(painter.clip_rect().intersect(place), place, full);
        let key = |at: TileAt| Key::Tile(self.path.clone(), at, adjust);
        let mut tiles = Vec::new();
        let mut missing = Vec::new();
        for at in tiles_within(&tiled, level, seen) {
            match texture(&key(at)) {
                Some(id) => tiles.push((at, id)),
                None => missing.push(at),
            }
        }
        if !missing.is_empty() {
            for coarser in (level + 1..=level + BELOW).rev() {
                for at in tiles_within(&tiled, coarser, seen) {
                    if let Some(id) = texture(&key(at)) {
                        paint_tile(painter, &tiled, at, place, id);
                    }
                }
            }
        }
        for (at, id) in tiles {
            paint_tile(painter, &tiled, at, place, id);
        }
        if self.batch.is_none() && !missing.is_empty() {
            let middle = [seen[0] + seen[2], seen[1] + seen[3]].map(|sum| sum / 2.0 / f32::from(TILE as u16));
            let step = (1u32 << level) as f32;
            let far = |at: &TileAt| {
                vec2(at.column as f32 + 0.5 - middle[0] / step, at.row as f32 + 0.5 - middle[1] / step).length_sq()
            };
            missing.sort_by(|a, b| far(a).total_cmp(&far(b)));
            missing.truncate(BATCH);
            self.batch = Some(self.cut(painter.ctx(), tiled, missing, adjust));
        }
    }

    /// Makes tiles off the window's thread.
    fn cut(&self, ctx: &egui::Context, tiled: Arc<Tiled>, tiles: Vec<TileAt>, adjust: Adjust) -> Job<Vec<Cut>> {
        let (path, ctx) = (self.path.clone(), ctx.clone());
        Job::spawn("tiles", Arc::new(move || ctx.request_repaint()), move |work| {
            let mut cuts = Vec::with_capacity(tiles.len());
            for at in tiles {
                work.check()?;
                if let Some(picture) = tiled.tile(at)? {
                    cuts.push((Key::Tile(path.clone(), at, adjust), image_of(&picture, adjust), tiled.size()));
                }
            }
            Ok(cuts)
        })
    }
}

/// The level whose texels are at most as large as a pixel of the screen, and at least half as large.
fn level_for(texel: f32, levels: u32) -> u32 {
    let coarsest = levels.saturating_sub(1) as f32;
    (1.0 / texel.max(1e-6)).log2().floor().clamp(0.0, coarsest) as u32
}

/// What is seen, in pixels of the picture: left, top, right, bottom.
fn seen(shown: Rect, place: Rect, full: [u32; 2]) -> [f32; 4] {
    let scale = vec2(full[0] as f32, full[1] as f32) / place.size();
    let (min, max) = ((shown.min - place.min) * scale, (shown.max - place.min) * scale);
    [min.x, min.y, max.x, max.y]
}

/// The tiles of a level that reach into what is seen, row by row.
fn tiles_within(tiled: &Tiled, level: u32, seen: [f32; 4]) -> Vec<TileAt> {
    if level >= tiled.levels() || seen[2] <= seen[0] || seen[3] <= seen[1] {
        return Vec::new();
    }
    let side = (TILE << level) as f32;
    let cell = |at: f32| (at / side).max(0.0) as u32;
    let (columns, rows) = (cell(seen[0])..=cell(seen[2]), cell(seen[1])..=cell(seen[3]));
    let tiles = rows.flat_map(|row| columns.clone().map(move |column| TileAt { level, column, row }));
    tiles.filter(|at| tiled.area(*at).is_some()).collect()
}

fn paint_tile(painter: &Painter, tiled: &Tiled, at: TileAt, place: Rect, texture: egui::TextureId) {
    let Some(area) = tiled.area(at) else { return };
    let full = tiled.size();
    let step = 1u32 << at.level;
    let scale = place.size() / vec2(full[0] as f32, full[1] as f32);
    // The last pixel of a coarse level stands for fewer of the picture than the others.
    let corner =
        |x: u32, y: u32| place.min + vec2((x * step).min(full[0]) as f32, (y * step).min(full[1]) as f32) * scale;
    let to = Rect::from_min_max(corner(area.left, area.top), corner(area.left + area.width, area.top + area.height));
    let framed = area.framed();
    let share = |at: u32, of: u32| at as f32 / of as f32;
    let uv = Rect::from_min_max(
        pos2(share(area.before[0], framed[0]), share(area.before[1], framed[1])),
        pos2(share(area.before[0] + area.width, framed[0]), share(area.before[1] + area.height, framed[1])),
    );
    painter.image(texture, to, uv, Color32::WHITE);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::media::Picture;

    #[test]
    fn texels_are_as_fine_as_the_screen() {
        let check = |texel: f32, levels: u32, expected: u32| assert_eq!(level_for(texel, levels), expected, "{texel}");
        check(64.0, 7, 0);
        check(1.0, 7, 0);
        check(0.51, 7, 0);
        check(0.5, 7, 1);
        check(0.3, 7, 1);
        check(0.25, 7, 2);
        check(0.0001, 7, 6);
        check(0.0, 1, 0);
    }

    #[test]
    fn only_what_is_seen_is_asked_for() {
        let rgba = vec![255; 4];
        let tiled = Tiled::held(Picture { width: 1, height: 1, rgba, full_width: 20_000, full_height: 20_000 });
        let check = |level: u32, seen: [f32; 4], expected: usize| {
            assert_eq!(tiles_within(&tiled, level, seen).len(), expected, "{level} {seen:?}");
        };
        // However large the picture, as many tiles are asked for as the screen has room for.
        check(0, [0.0, 0.0, 1000.0, 800.0], 4);
        check(0, [9_000.0, 9_000.0, 10_000.0, 9_800.0], 9);
        check(4, [0.0, 0.0, 20_000.0, 20_000.0], 9);
        check(6, [0.0, 0.0, 20_000.0, 20_000.0], 1);
        check(7, [0.0, 0.0, 20_000.0, 20_000.0], 0);
        check(0, [19_990.0, 19_990.0, 25_000.0, 25_000.0], 1);
        check(0, [5.0, 5.0, 5.0, 9.0], 0);
    }
}
