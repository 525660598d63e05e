//! Pictures on the graphics card: made from thumbnails when these arrive, kept under a byte budget.

use std::collections::HashMap;
use std::sync::Arc;

use eframe::egui;

use crate::data::media::{Picture, Thumbnail, Thumbnails};

/// Bytes of texture kept at most: 64 MB hold a thousand thumbnails of 128 x 128, several screens full.
const BUDGET: usize = 64 << 20;

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
        Self { thumbnails, made: HashMap::new(), bytes: 0, frame: 0 }
    }

    /// Call at the start of each frame: what is not asked for any more is not decoded any more.
    pub fn begin_frame(&mut self) {
        self.frame += 1;
        if let Some(thumbnails) = &self.thumbnails {
            thumbnails.begin_frame();
        }
    }

    /// The picture at `path`, at most `side` pixels wide and high. `priority` is the distance to what is looked at.
    pub fn get(&mut self, ctx: &egui::Context, path: &str, side: u32, priority: u32) -> Shown {
        let key = (path.to_owned(), side);
        if let Some(made) = self.made.get_mut(&key) {
            made.used = self.frame;
            return Shown::Ready(made.texture.id(), made.full);
        }
        let Some(thumbnails) = &self.thumbnails else { return Shown::Waiting };
        match thumbnails.request(path, side, priority) {
            Thumbnail::Ready(picture) => self.make(ctx, key, &picture),
            Thumbnail::Waiting(_) => Shown::Waiting,
            Thumbnail::Failed(error) => Shown::Failed(error.to_string()),
        }
    }

    fn make(&mut self, ctx: &egui::Context, key: (String, u32), picture: &Arc<Picture>) -> Shown {
        let size = [picture.width as usize, picture.height as usize];
        let image = egui::ColorImage::from_rgba_unmultiplied(size, &picture.rgba);
        let texture = ctx.load_texture(&key.0, image, egui::TextureOptions::LINEAR);
        let (id, full, bytes) = (texture.id(), [picture.full_width, picture.full_height], picture.rgba.len());
        self.made.insert(key, Made { texture, full, bytes, used: self.frame });
        self.bytes += bytes;
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
