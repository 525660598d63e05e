//! Pictures on the graphics card: made from thumbnails and tiles when these arrive, kept under a byte budget.

use std::collections::HashMap;
use std::sync::Arc;

use eframe::egui;

use super::photo::Photo;
use crate::data::media::{Adjust, Picture, Thumbnail, Thumbnails, TileAt, thumbnail_side};

/// Bytes of texture kept at most: three thousand thumbnails of 128 x 128, or seven hundred of 256 x 256.
const BUDGET: usize = 192 << 20;

/// Bytes of texture made in one frame at most: what is left over waits for the next one, so that a jump in a full
/// gallery does not stop the window.
const PER_FRAME: usize = 4 << 20;

/// The side of the small picture that stands for the whole until its tiles are there.
pub(super) const BASE: u32 = 512;

/// Pictures that are made ready to be looked at closely: the one that is, and those before and after it.
const PHOTOS: usize = 4;

/// What there is to draw for a path.
pub enum Shown {
    /// A texture, with the size of the full picture.
    Ready(egui::TextureId, [u32; 2]),
    /// It is being decoded.
    Waiting,
    /// It cannot be read, and why.
    Failed(String),
}

/// What a texture shows.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Key {
    /// A thumbnail of a side.
    Small(Arc<str>, u32, Adjust),
    /// A tile.
    Tile(Arc<str>, TileAt, Adjust),
}

impl Key {
    fn adjust(&self) -> Adjust {
        match self {
            Self::Small(_, _, adjust) | Self::Tile(_, _, adjust) => *adjust,
        }
    }
}

/// The textures by what they show.
pub struct Textures {
    thumbnails: Option<Thumbnails>,
    made: HashMap<Key, Made>,
    bytes: usize,
    frame: u64,
    made_now: usize,
    photos: Vec<Photo>,
    adjust: Adjust,
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
        let (made, photos) = (HashMap::new(), Vec::new());
        Self { thumbnails, made, bytes: 0, frame: 0, made_now: 0, photos, adjust: Adjust::default() }
    }

    /// Call at the start of each frame: what is not asked for any more is not decoded any more.
    pub fn begin_frame(&mut self) {
        self.frame += 1;
        self.made_now = 0;
        if let Some(thumbnails) = &self.thumbnails {
            thumbnails.begin_frame();
        }
    }

    /// Brightness and contrast of pictures that are looked at closely; kept from one to the next.
    pub fn adjust(&self) -> Adjust {
        self.adjust
    }

    /// Shows pictures brighter, darker, with more or less contrast. The data stay as they are.
    pub fn set_adjust(&mut self, adjust: Adjust) {
        if adjust != self.adjust {
            self.adjust = adjust;
            // A slider leaves as many kinds as it has steps; nobody comes back to them.
            let bytes = &mut self.bytes;
            self.made.retain(|key, made| {
                let kept = key.adjust().is_none() || key.adjust() == adjust;
                *bytes -= if kept { 0 } else { made.bytes };
                kept
            });
        }
    }

    /// The picture at `path`, at most `side` pixels wide and high. `priority` is the distance to what is looked at.
    pub fn get(&mut self, ctx: &egui::Context, path: &str, side: u32, priority: u32) -> Shown {
        self.small(ctx, path, side, priority, Adjust::default())
    }

    fn small(&mut self, ctx: &egui::Context, path: &str, side: u32, priority: u32, adjust: Adjust) -> Shown {
        let key = Key::Small(path.into(), thumbnail_side(side), adjust);
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
            Thumbnail::Ready(picture) => {
                let full = [picture.full_width, picture.full_height];
                Shown::Ready(self.make(ctx, key, image_of(&picture, adjust), full), full)
            }
            Thumbnail::Waiting(_) => Shown::Waiting,
            Thumbnail::Failed(error) => Shown::Failed(error.to_string()),
        }
    }

    /// The picture at `path` to be looked at closely: a small one that stands for the whole, with the size of the full
    /// picture. [`paint_tiles`](Self::paint_tiles) puts what is seen on top of it.
    pub fn whole(&mut self, ctx: &egui::Context, path: &str) -> Shown {
        let at = self.photo(path);
        match self.small(ctx, path, BASE, 0, self.adjust) {
            Shown::Waiting => match at.and_then(|at| self.photos.get(at)?.failed()) {
                Some(error) => Shown::Failed(error),
                None => Shown::Waiting,
            },
            shown => shown,
        }
    }

    /// Makes the picture at `path` ready before it is looked at.
    pub fn ahead(&mut self, path: &str) {
        if let Some(thumbnails) = &self.thumbnails {
            thumbnails.request(path, BASE, 1);
            self.photo(path);
        }
    }

    /// How far the picture at `path` is from being ready, from 0 to 1, where that takes longer than a moment.
    pub fn progress(&self, path: &str) -> Option<f32> {
        self.photos.iter().find(|photo| &*photo.path == path)?.progress()
    }

    /// Draws the parts of a picture that are seen, as finely as they are seen, as far as they are there. `place` is where
    /// the whole lies, and `scale` points a pixel.
    pub fn paint_tiles(&mut self, painter: &egui::Painter, path: &str, place: egui::Rect, scale: f32) {
        let Some(at) = self.photo(path) else { return };
        if at >= self.photos.len() {
            return;
        }
        let mut photo = self.photos.swap_remove(at);
        for (key, image, full) in photo.arrived() {
            self.make(painter.ctx(), key, image, full);
        }
        if let Some(thumbnails) = &self.thumbnails {
            photo.choose(thumbnails, scale * painter.pixels_per_point());
        }
        photo.paint(painter, place, self.adjust, |key| {
            let made = self.made.get_mut(key)?;
            made.used = self.frame;
            Some(made.texture.id())
        });
        self.photos.push(photo);
    }

    /// Where the picture at `path` stands among those that are made ready.
    fn photo(&mut self, path: &str) -> Option<usize> {
        let thumbnails = self.thumbnails.as_ref()?;
        let frame = self.frame;
        if let Some(at) = self.photos.iter().position(|photo| &*photo.path == path) {
            if let Some(photo) = self.photos.get_mut(at) {
                photo.used = frame;
                photo.poll();
            }
            return Some(at);
        }
        if self.photos.len() >= PHOTOS
            && let Some((oldest, _)) = self.photos.iter().enumerate().min_by_key(|(_, photo)| photo.used)
        {
            self.photos.swap_remove(oldest);
        }
        self.photos.push(Photo::new(path, thumbnails, frame));
        Some(self.photos.len() - 1)
    }

    fn make(&mut self, ctx: &egui::Context, key: Key, image: egui::ColorImage, full: [u32; 2]) -> egui::TextureId {
        let bytes = image.pixels.len() * 4;
        let texture = ctx.load_texture("picture", image, egui::TextureOptions::LINEAR);
        let id = texture.id();
        if let Some(before) = self.made.insert(key, Made { texture, full, bytes, used: self.frame }) {
            self.bytes -= before.bytes;
        }
        self.bytes += bytes;
        self.made_now += bytes;
        self.shrink();
        id
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

/// A picture as the graphics card takes it.
pub(super) fn image_of(picture: &Picture, adjust: Adjust) -> egui::ColorImage {
    let size = [picture.width as usize, picture.height as usize];
    if adjust.is_none() {
        return egui::ColorImage::from_rgba_unmultiplied(size, &picture.rgba);
    }
    let mut rgba = picture.rgba.clone();
    adjust.apply(&mut rgba);
    egui::ColorImage::from_rgba_unmultiplied(size, &rgba)
}
