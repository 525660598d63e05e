//! Image files: their sizes, from their headers.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use arrow_array::Int64Array;
use image::ImageReader;
use rayon::prelude::*;

use super::listing::Found;
use crate::data::read::unite::some;
use crate::data::{Column, Values};
use crate::engine::{Result, Work};

/// `width` and `height` (pixels, as stored, missing where the header cannot be read) and `bytes`, a row for each file.
pub(super) fn columns(root: &Path, files: &[&Found], work: &Work) -> Result<Vec<Column>> {
    let sizes = sizes(root, files, work)?;
    let unread: Vec<&str> =
        files.iter().zip(&sizes).filter(|(_, size)| size.is_none()).map(|(file, _)| file.path.as_str()).collect();
    if !unread.is_empty() {
        work.warn(format!("{} images could not be read: {}", unread.len(), some(&unread)));
    }
    let numbers = |name: &str, values: Int64Array| Column::new(name, Values::Int(values));
    Ok(vec![
        numbers("width", sizes.iter().map(|size| size.map(|(width, _)| width)).collect()),
        numbers("height", sizes.iter().map(|size| size.map(|(_, height)| height)).collect()),
        numbers("bytes", files.iter().map(|file| i64::try_from(file.size).ok()).collect()),
    ])
}

/// Width and height of every image, `None` where the header cannot be read.
fn sizes(root: &Path, files: &[&Found], work: &Work) -> Result<Vec<Option<(i64, i64)>>> {
    work.stage("reading image sizes", files.len() as u64);
    files
        .par_iter()
        .map(|file| {
            let path = root.join(&file.path);
            // Decoders may panic on damaged files; that is an unreadable image and no reason to stop.
            let size = catch_unwind(AssertUnwindSafe(|| {
                ImageReader::open(&path).ok()?.with_guessed_format().ok()?.into_dimensions().ok()
            }));
            work.advance(1)?;
            Ok(size.ok().flatten().map(|(width, height)| (i64::from(width), i64::from(height))))
        })
        .collect()
}
