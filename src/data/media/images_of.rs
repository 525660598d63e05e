//! All images of a column, one after another on all cores.

use std::path::Path;

use arrow_array::Array as _;
use image::RgbImage;
use rayon::prelude::*;

use super::{Limits, Picture, Root};
use crate::data::Column;
use crate::engine::{Error, Result, Work};

/// Decodes every image of a column of paths, at most `side` pixels wide and high, and keeps what `each` makes of it.
/// Paths are resolved against `root`. A missing or unreadable image gives `None`; how many there were is said.
///
/// # Errors
/// If the column holds no paths, the root is not there, or the work was cancelled.
pub fn map_images<T: Send>(
    root: &Path,
    column: &Column,
    side: Option<u32>,
    work: &Work,
    each: impl Fn(&RgbImage) -> T + Sync,
) -> Result<Vec<Option<T>>> {
    let paths = column.strings().ok_or_else(|| Error::input("the image column holds no paths").at(column.name()))?;
    let root = Root::open(root)?;
    work.stage("looking at images", paths.len() as u64);
    let made: Vec<Option<T>> = (0..paths.len())
        .into_par_iter()
        .map(|row| {
            work.advance(1)?;
            if paths.is_null(row) {
                return Ok(None);
            }
            let picture = root.media(paths.value(row)).and_then(|media| media.decode(side, Limits::default()));
            Ok(picture.ok().and_then(opaque).map(|image| each(&image)))
        })
        .collect::<Result<_>>()?;
    let unreadable = made.iter().filter(|made| made.is_none()).count();
    if unreadable > 0 {
        work.warn(format!("{unreadable} of {} images could not be read; they are left out", made.len()));
    }
    Ok(made)
}

/// The picture on white, which is what most programs put behind what can be seen through.
pub(super) fn opaque(picture: Picture) -> Option<RgbImage> {
    let over_white = |value: u8, alpha: u8| {
        let (value, alpha) = (u32::from(value), u32::from(alpha));
        ((value * alpha + 255 * (255 - alpha) + 127) / 255) as u8
    };
    let mut pixels = Vec::with_capacity(picture.rgba.len() / 4 * 3);
    for p in picture.rgba.chunks_exact(4) {
        match p[3] {
            255 => pixels.extend_from_slice(&p[..3]),
            alpha => pixels.extend([0, 1, 2].map(|at| over_white(p[at], alpha))),
        }
    }
    RgbImage::from_raw(picture.width, picture.height, pixels)
}

#[cfg(test)]
mod tests {
    use arrow_array::LargeStringArray;

    use super::*;
    use crate::data::Kind;

    #[test]
    fn unreadable_images_are_left_out_and_said() {
        let folder = tempfile::tempdir().unwrap();
        image::RgbaImage::from_pixel(3, 2, image::Rgba([0, 100, 255, 0])).save(folder.path().join("a.png")).unwrap();
        std::fs::write(folder.path().join("b.png"), "no image").unwrap();
        let names = LargeStringArray::from(vec![Some("a.png"), Some("b.png"), None, Some("../a.png")]);
        let column = Column::text("image", Kind::Image, names);
        let work = Work::new();
        let look = |image: &RgbImage| (image.width(), image.height(), *image.get_pixel(0, 0));
        let found = map_images(folder.path(), &column, None, &work, look).unwrap();
        assert_eq!(found, [Some((3, 2, image::Rgb([255, 255, 255]))), None, None, None]);
        assert_eq!(work.warnings(), ["3 of 4 images could not be read; they are left out"]);
    }
}
