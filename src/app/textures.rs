//! Pictures on the graphics card: made from thumbnails when these arrive, kept under a byte budget.

use std::collections::HashMap;
use std::sync::Arc;

use eframe::egui;

use crate::data::media::{Picture, Thumbnail, Thumbnails, thumbnail_side};
use crate::engine::Job;

/// Bytes of texture kept at most: a thousand thumbnails of 256 x 256.
const BUDGET: usize = 256 << 20;

/// Bytes of texture made in one frame at most: what is left over waits for the next one, so that a jump in a full
/// gallery does not stop the window.
const PER_FRAME: usize = 4 << 20;

/// The longer side of a whole picture in pixels: what graphics cards hold in one texture everywhere.
const WHOLE: u32 = 4096;

/// Whole pictures that are kept: the one that is looked at, and those just before it.
const WHOLES: usize = 3;

/// What there is to draw for a path.
pub enum Shown {
    /// A texture, with the size of the full picture.
    Ready(egui::TextureId, [u32; 2]),
    /// It is being decoded.
    Waiting,
    /// It cannot be read, and why.
    Failed(String),
}

/// The textures by path and side.
pub struct Textures {
    thumbnails: Option<Thumbnails>,
    made: HashMap<(String, u32), Made>,
    bytes: usize,
    frame: u64,
    made_now: usize,
    wholes: Vec<(String, Whole)>,
}

/// A picture in full size.
enum Whole {
    Coming(Job<Picture>),
    Made(egui::TextureHandle, [u32; 2]),
    Failed(String),
}

struct Made {
    texture: egui::TextureHandle,
    full: [u32; 2],
    bytes: usize,
    used: u64,
}

impl Textures {
    /// Textures from a store of thumbnails; without one (no images in the project) nothing is ever shown.
    pub fn new(thumbnails: Option<Thumbnails>) -> Self {
        Self { thumbnails, made: HashMap::new(), bytes: 0, frame: 0, made_now: 0, wholes: Vec::new() }
    }

    /// Call at the start of each frame: what is not asked for any more is not decoded any more.
    pub fn begin_frame(&mut self) {
        self.frame += 1;
        self.made_now = 0;
        if let Some(thumbnails) = &self.thumbnails {
            thumbnails.begin_frame();
        }
    }

    /// The picture at `path`, at most `side` pixels wide and high. `priority` is the distance to what is looked at.
    pub fn get(&mut self, ctx: &egui::Context, path: &str, side: u32, priority: u32) -> Shown {
        let key = (path.to_owned(), thumbnail_side(side));
        if let Some(made) = self.made.get_mut(&key) {
            made.used = self.frame;
            return Shown::Ready(made.texture.id(), made.full);
        }
        let Some(thumbnails) = &self.thumbnails else { return Shown::Waiting };
        match thumbnails.request(path, side, priority) {
            Thumbnail::Ready(_) if self.made_now > PER_FRAME => {
                ctx.request_repaint();
                Shown::Waiting
            }
            Thumbnail::Ready(picture) => self.make(ctx, key, &picture),
            Thumbnail::Waiting(_) => Shown::Waiting,
            Thumbnail::Failed(error) => Shown::Failed(error.to_string()),
        }
    }

    /// The picture at `path` in full size, at most 4,096 pixels wide and high; until it is there, its largest thumbnail.
    pub fn whole(&mut self, ctx: &egui::Context, path: &str) -> Shown {
        let Some(thumbnails) = &self.thumbnails else { return Shown::Waiting };
        let at = match self.wholes.iter().position(|(other, _)| other == path) {
            Some(at) => at,
            None => {
                self.wholes.truncate(WHOLES - 1);
                self.wholes.insert(0, (path.to_owned(), Whole::Coming(thumbnails.decode(path, WHOLE))));
                0
            }
        };
        let Some((_, whole)) = self.wholes.get_mut(at) else { return Shown::Waiting };
        let come = if let Whole::Coming(job) = whole { job.take() } else { None };
        match come {
            Some(Ok(picture)) => {
                let texture = texture_of(ctx, path, &picture);
                *whole = Whole::Made(texture, [picture.full_width, picture.full_height]);
            }
            Some(Err(error)) => *whole = Whole::Failed(error.to_string()),
            None => {}
        }
        match whole {
            Whole::Made(texture, full) => Shown::Ready(texture.id(), *full),
            Whole::Failed(error) => Shown::Failed(error.clone()),
            Whole::Coming(_) => self.get(ctx, path, 512, 0),
        }
    }

    fn make(&mut self, ctx: &egui::Context, key: (String, u32), picture: &Arc<Picture>) -> Shown {
        let texture = texture_of(ctx, &key.0, picture);
        let (id, full, bytes) = (texture.id(), [picture.full_width, picture.full_height], picture.rgba.len());
        self.made.insert(key, Made { texture, full, bytes, used: self.frame });
        self.bytes += bytes;
        self.made_now += bytes;
        self.shrink();
        Shown::Ready(id, full)
    }

    /// Lets the textures go that were not used for longest, never those of this frame.
    fn shrink(&mut self) {
        while self.bytes > BUDGET {
            let old = self.made.iter().filter(|(_, made)| made.used < self.frame).min_by_key(|(_, made)| made.used);
            let Some(key) = old.map(|(key, _)| key.clone()) else { return };
            if let Some(made) = self.made.remove(&key) {
                self.bytes -= made.bytes;
            }
        }
    }
}

fn texture_of(ctx: &egui::Context, name: &str, picture: &Picture) -> egui::TextureHandle {
    let size = [picture.width as usize, picture.height as usize];
    let image = egui::ColorImage::from_rgba_unmultiplied(size, &picture.rgba);
    ctx.load_texture(name, image, egui::TextureOptions::LINEAR)
}
