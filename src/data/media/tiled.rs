//! A picture in tiles of every size, to be looked at closely: from memory, or from a pyramid on disk.

use super::decode::{Picture, resize_part};
use super::pyramid::Pyramid;
use crate::engine::Result;

/// The side of a tile in pixels of its level.
pub const TILE: u32 = 512;

/// Which tile. Level 0 has the pixels of the picture, and every further one half as many a side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TileAt {
    /// The level.
    pub level: u32,
    /// Counted from the left.
    pub column: u32,
    /// Counted from the top.
    pub row: u32,
}

/// What a tile covers, in pixels of its level, and the frame of pixels around that belongs to its neighbours: one pixel on
/// every side that has any, so that tiles meet without a seam when they are enlarged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TileArea {
    /// The left edge without the frame.
    pub left: u32,
    /// The top edge without the frame.
    pub top: u32,
    /// The width without the frame.
    pub width: u32,
    /// The height without the frame.
    pub height: u32,
    /// The frame on the left and at the top: 0 or 1.
    pub before: [u32; 2],
    /// The frame on the right and at the bottom: 0 or 1.
    pub after: [u32; 2],
}

impl TileArea {
    /// The size of the tile's pixels, with the frame.
    pub fn framed(&self) -> [u32; 2] {
        [self.width + self.before[0] + self.after[0], self.height + self.before[1] + self.after[1]]
    }
}

/// A picture whose parts can be asked for.
pub struct Tiled {
    /// Width and height of the whole in pixels, upright.
    full: [u32; 2],
    source: Source,
}

enum Source {
    /// Decoded, be it smaller than the whole. With whether it is opaque.
    Held(Picture, bool),
    Pyramid(Pyramid),
}

impl Tiled {
    /// A picture that is held, whole or made smaller.
    pub fn held(picture: Picture) -> Self {
        let opaque = picture.rgba.chunks_exact(4).all(|pixel| pixel[3] == 255);
        Self { full: [picture.full_width, picture.full_height], source: Source::Held(picture, opaque) }
    }

    /// A picture on disk.
    pub(super) fn pyramid(pyramid: Pyramid) -> Self {
        Self { full: pyramid.size(), source: Source::Pyramid(pyramid) }
    }

    /// Width and height of the whole in pixels, upright.
    pub fn size(&self) -> [u32; 2] {
        self.full
    }

    /// The levels there are, down to one that is a single tile.
    pub fn levels(&self) -> u32 {
        levels(self.full)
    }

    /// The finest level that has pixels of its own; 0 unless the picture was made smaller.
    pub fn finest(&self) -> u32 {
        match &self.source {
            Source::Held(picture, _) => {
                let ratio =
                    f64::from(self.full[0].max(self.full[1])) / f64::from(picture.width.max(picture.height).max(1));
                (ratio.log2() - 1e-6).ceil().max(0.0) as u32
            }
            Source::Pyramid(_) => 0,
        }
    }

    /// What a tile covers; `None` if there is no such tile.
    pub fn area(&self, at: TileAt) -> Option<TileArea> {
        area(self.full, at)
    }

    /// The pixels of a tile with its frame; `None` if there is no such tile.
    ///
    /// # Errors
    /// If the pyramid cannot be read or is damaged.
    pub fn tile(&self, at: TileAt) -> Result<Option<Picture>> {
        let Some(area) = self.area(at) else { return Ok(None) };
        match &self.source {
            Source::Pyramid(pyramid) => pyramid.tile(at),
            Source::Held(picture, opaque) => {
                let to = area.framed();
                // The part in pixels of the whole, then in those of what is held.
                let part = |low: u32, length: u32, full: u32, held: u32| {
                    let step = f64::from(1u32 << at.level);
                    let high = (f64::from(low + length) * step).min(f64::from(full));
                    let scale = f64::from(held) / f64::from(full);
                    (f64::from(low) * step * scale, (high - f64::from(low) * step) * scale)
                };
                let across = part(area.left - area.before[0], to[0], self.full[0], picture.width);
                let down = part(area.top - area.before[1], to[1], self.full[1], picture.height);
                let rgba = resize_part(picture, (across.0, down.0, across.1, down.1), (to[0], to[1]), *opaque)?;
                Ok(Some(Picture {
                    width: to[0],
                    height: to[1],
                    rgba,
                    full_width: self.full[0],
                    full_height: self.full[1],
                }))
            }
        }
    }
}

/// The size of a level.
pub(super) fn level_size(full: [u32; 2], level: u32) -> [u32; 2] {
    full.map(|side| side.div_ceil(1 << level.min(31)).max(1))
}

pub(super) fn levels(full: [u32; 2]) -> u32 {
    (0..).find(|level| level_size(full, *level).iter().all(|side| *side <= TILE)).unwrap_or(0) + 1
}

pub(super) fn area(full: [u32; 2], at: TileAt) -> Option<TileArea> {
    if at.level >= levels(full) {
        return None;
    }
    let [width, height] = level_size(full, at.level);
    let (left, top) = (at.column.checked_mul(TILE)?, at.row.checked_mul(TILE)?);
    if left >= width || top >= height {
        return None;
    }
    let (inner_width, inner_height) = (TILE.min(width - left), TILE.min(height - top));
    Some(TileArea {
        left,
        top,
        width: inner_width,
        height: inner_height,
        before: [u32::from(left > 0), u32::from(top > 0)],
        after: [u32::from(left + inner_width < width), u32::from(top + inner_height < height)],
    })
}

#[cfg(test)]
mod tests {
    use super::super::decode::decode_bytes;
    use super::super::samples::*;
    use super::super::{Limits, Picture};
    use super::*;

    fn picture(width: u32, height: u32, side: Option<u32>) -> Picture {
        decode_bytes(&encode(&gradient(width, height), "png"), side, Limits::default()).unwrap()
    }

    #[test]
    fn tiles_cover_every_level_once() {
        let check = |full: [u32; 2], expected: u32| {
            assert_eq!(levels(full), expected, "{full:?}");
            for level in 0..expected {
                let [width, height] = level_size(full, level);
                let mut covered = 0u64;
                for row in 0.. {
                    let Some(_) = area(full, TileAt { level, column: 0, row }) else { break };
                    for column in 0.. {
                        let Some(area) = area(full, TileAt { level, column, row }) else { break };
                        covered += u64::from(area.width) * u64::from(area.height);
                        assert!(area.left + area.width <= width && area.top + area.height <= height);
                        assert!(area.framed().iter().all(|side| *side <= TILE + 2));
                    }
                }
                assert_eq!(covered, u64::from(width) * u64::from(height), "{full:?} at {level}");
            }
        };
        check([1, 1], 1);
        check([512, 300], 1);
        check([513, 3], 2);
        check([20_000, 20_000], 7);
        check([4096, 1], 4);
    }

    #[test]
    fn a_tile_at_level_zero_has_the_very_pixels() {
        let whole = picture(1100, 700, None);
        let tiled = Tiled::held(whole.clone());
        assert_eq!((tiled.size(), tiled.levels(), tiled.finest()), ([1100, 700], 3, 0));
        for (column, row) in [(0, 0), (1, 0), (2, 1), (1, 1)] {
            let at = TileAt { level: 0, column, row };
            let (area, tile) = (tiled.area(at).unwrap(), tiled.tile(at).unwrap().unwrap());
            assert_eq!([tile.width, tile.height], area.framed());
            for (x, y) in [(0, 0), (tile.width - 1, 0), (5, tile.height - 1), (tile.width - 1, tile.height - 1)] {
                let expected = whole.pixel(area.left - area.before[0] + x, area.top - area.before[1] + y);
                assert_eq!(tile.pixel(x, y), expected, "{at:?} at {x}, {y}");
            }
        }
        assert!(tiled.tile(TileAt { level: 0, column: 3, row: 0 }).unwrap().is_none());
        assert!(tiled.tile(TileAt { level: 3, column: 0, row: 0 }).unwrap().is_none());
    }

    #[test]
    fn coarser_tiles_show_the_same_place() {
        for side in [None, Some(700)] {
            let tiled = Tiled::held(picture(1400, 1000, side));
            assert_eq!(tiled.finest(), u32::from(side.is_some()));
            let at = TileAt { level: 1, column: 1, row: 0 };
            let (area, tile) = (tiled.area(at).unwrap(), tiled.tile(at).unwrap().unwrap());
            // The gradient tells where a pixel comes from.
            let pixel = tile.pixel(100, 100).unwrap();
            let x = 2 * (area.left - area.before[0] + 100);
            assert!(pixel[0].abs_diff((x * 255 / 1400) as u8) <= 2, "{side:?}: {pixel:?}");
            assert!(pixel[1].abs_diff((200 * 255 / 1000) as u8) <= 2, "{side:?}: {pixel:?}");
        }
    }
}
