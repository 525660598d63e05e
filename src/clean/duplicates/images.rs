//! Duplicate images: equal pixels, whatever the file's name, format or metadata.

use std::collections::HashMap;
use std::path::Path;

use arrow_array::Array as _;
use rayon::prelude::*;

use super::groups::{Context, Duplicates, Found, NO_CONTENT, assemble};
use crate::data::media::{self, Limits};
use crate::data::Column;
use crate::engine::{Error, Fingerprint, Fingerprinter, Result, Work};

/// Finds images of equal pixels in a column of paths, which are resolved against `root`. Images are compared upright,
/// as a person sees them. Of a group the labelled image is kept, else the largest file, else the first.
///
/// # Errors
/// If the column holds no paths, the root is not there, or the work was cancelled. Unreadable images are left out,
/// counted in [`Duplicates::left_out`] and said.
pub fn of_image_column(root: &Path, column: &Column, context: Context<'_>, work: &Work) -> Result<Duplicates> {
    let paths = column.strings().ok_or_else(|| Error::input("the image column holds no paths").at(column.name()))?;
    let root = media::Root::open(root)?;
    work.stage("comparing images", paths.len() as u64);
    let prints: Vec<Option<(Fingerprint, u64)>> = (0..paths.len())
        .into_par_iter()
        .map(|row| {
            work.advance(1)?;
            if paths.is_null(row) {
                return Ok(None);
            }
            Ok(root.resolve(paths.value(row)).ok().and_then(|path| print(&path)))
        })
        .collect::<Result<_>>()?;
    let unreadable = prints.iter().filter(|print| print.is_none()).count();
    if unreadable > 0 {
        work.warn(format!("{unreadable} of {} images could not be read; they are not compared", prints.len()));
    }
    let mut seen: HashMap<Fingerprint, u32> = HashMap::new();
    let first: Vec<u32> = prints
        .iter()
        .enumerate()
        .map(|(row, print)| match print {
            Some((print, _)) => *seen.entry(*print).or_insert(row as u32),
            None => NO_CONTENT,
        })
        .collect();
    let size = |row: u32| prints.get(row as usize).and_then(|print| print.as_ref()).map_or(0, |(_, bytes)| *bytes);
    Ok(assemble(&Found { first: &first, near: &[] }, context, |_, _| 0.0, size))
}

/// The name of an image's pixels, and the size of its file.
fn print(path: &Path) -> Option<(Fingerprint, u64)> {
    let bytes = std::fs::metadata(path).ok()?.len();
    let picture = media::decode(path, None, Limits::default()).ok()?;
    let shape = Fingerprinter::new("pixels").number(u64::from(picture.width)).number(u64::from(picture.height));
    Some((shape.bytes(&picture.rgba).finish(), bytes))
}

#[cfg(test)]
mod tests {
    use arrow_array::LargeStringArray;

    use super::*;
    use crate::data::Kind;

    #[test]
    fn equal_pixels_are_found_across_formats_and_unreadable_files_are_left_out() {
        let folder = tempfile::tempdir().unwrap();
        let paint = |seed: u8| image::RgbImage::from_fn(9, 7, |x, y| image::Rgb([x as u8 * seed, y as u8, seed]));
        paint(3).save(folder.path().join("a.png")).unwrap();
        paint(3).save(folder.path().join("b.bmp")).unwrap();
        paint(4).save(folder.path().join("c.png")).unwrap();
        std::fs::write(folder.path().join("d.png"), "no image").unwrap();
        let names = LargeStringArray::from(vec![Some("a.png"), Some("b.bmp"), Some("c.png"), Some("d.png"), None]);
        let column = Column::text("image", Kind::Image, names);
        let work = Work::new();
        let found = of_image_column(folder.path(), &column, Context::default(), &work).unwrap();
        let rows: Vec<Vec<u32>> =
            found.groups.iter().map(|group| group.members.iter().map(|member| member.row).collect()).collect();
        assert_eq!(rows, [[0, 1]]);
        assert_eq!((found.left_out, found.groups[0].kept), (2, 1), "the larger file is kept");
        assert!(work.warnings()[0].starts_with("2 of 5 images"));
    }
}
