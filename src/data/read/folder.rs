//! A folder of images: one row an image, with its class where images lie in sub-folders.

use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::{Int64Array, LargeStringArray};
use image::ImageReader;
use rayon::prelude::*;
use unicode_normalization::UnicodeNormalization as _;

use super::source::modified;
use super::{ReadOptions, Reading, by_path, endings, read_frame};
use crate::data::{Column, Frame, Kind, ReadReport, Values};
use crate::engine::{Error, Fingerprint, Fingerprinter, Result, Work};

/// Endings of image files, lower case.
const IMAGES: &[&str] = &["jpg", "jpeg", "png", "webp", "gif", "bmp", "tif", "tiff", "qoi"];

/// Unreadable images that are named in a warning; the others are counted.
const NAMED: usize = 10;

/// An image file in a folder.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Found {
    /// The path relative to the folder with `/` between its parts, spelled as on the disk.
    pub path: String,
    pub size: u64,
    pub modified: u64,
}

/// What lies in a folder.
#[derive(Debug, Default)]
struct Listing {
    images: Vec<Found>,
    /// Data files at the top.
    tables: Vec<PathBuf>,
    /// Folders and files that could not be looked at, or whose names are not Unicode.
    skipped: Vec<String>,
}

/// Reads a folder: `image`, `folder` (the name of the folder an image lies in, if there are sub-folders), `width`,
/// `height` (pixels, from the file's header, missing where that cannot be read) and `bytes`.
pub(super) fn read(path: &Path, options: &ReadOptions, work: &Work) -> Result<Reading> {
    let mut listing = list(path, work)?;
    if listing.images.is_empty() {
        return read_only_table(path, &listing, options, work);
    }
    let fingerprint = print(&listing.images);
    listing.images.truncate(options.limit.unwrap_or(usize::MAX));
    let sizes = sizes(path, &listing.images, work)?;
    warn(&listing, &sizes, work);
    let images = &listing.images;
    let paths = LargeStringArray::from_iter_values(images.iter().map(|image| image.path.as_str()));
    let mut columns = vec![Column::text("image", Kind::Image, paths)];
    if images.iter().any(|image| image.path.contains('/')) {
        let classes: LargeStringArray = images.iter().map(|image| class(&image.path)).collect();
        columns.push(Column::text("folder", Kind::Category, classes));
    }
    let numbers = |name: &str, values: Int64Array| Column::new(name, Values::Int(values));
    columns.push(numbers("width", sizes.iter().map(|size| size.map(|(width, _)| width)).collect()));
    columns.push(numbers("height", sizes.iter().map(|size| size.map(|(_, height)| height)).collect()));
    columns.push(numbers("bytes", images.iter().map(|image| i64::try_from(image.size).ok()).collect()));
    let mut notes = Vec::new();
    if !listing.tables.is_empty() {
        let names: Vec<_> = listing.tables.iter().filter_map(|table| table.file_name()?.to_str()).collect();
        notes.push(format!("the data files beside the images were not read: {}", names.join(", ")));
    }
    Ok(Reading {
        frame: Frame::new(columns.into_iter().map(Arc::new).collect()),
        report: ReadReport { format: "folder".to_owned(), notes },
        root: options.root.clone().unwrap_or_else(|| path.to_owned()),
        fingerprint,
    })
}

/// Reads the data file of a folder without images, if there is exactly one.
fn read_only_table(path: &Path, listing: &Listing, options: &ReadOptions, work: &Work) -> Result<Reading> {
    match listing.tables.as_slice() {
        [] => {
            let mut help = format!("images end in .{}; data files in {}", IMAGES.join(", ."), endings());
            if !listing.skipped.is_empty() {
                help.push_str(&format!("; {} folders or files could not be read", listing.skipped.len()));
            }
            Err(Error::input("there are no images in this folder").at(path.display()).help(help))
        }
        [table] => {
            let mut reading = read_frame(table, options, work)?;
            let name = table.file_name().unwrap_or_default().to_string_lossy();
            reading.report.notes.insert(0, format!("the folder holds one data file, {name}, which was read"));
            Ok(reading)
        }
        tables => {
            let names: Vec<_> = tables.iter().filter_map(|table| table.file_name()?.to_str()).collect();
            Err(Error::input("the folder holds no images, but several data files")
                .at(path.display())
                .help(format!("name one of them: {}", names.join(", "))))
        }
    }
}

/// The name of a folder's content.
pub(super) fn fingerprint(path: &Path, work: &Work) -> Result<Fingerprint> {
    let listing = list(path, work)?;
    match (listing.images.as_slice(), listing.tables.as_slice()) {
        ([], [table]) => super::fingerprint(table, work),
        (images, _) => Ok(print(images)),
    }
}

fn print(images: &[Found]) -> Fingerprint {
    let start = Fingerprinter::new("folder").number(images.len() as u64);
    images.iter().fold(start, |all, image| all.text(&image.path).number(image.size).number(image.modified)).finish()
}

/// The folder an image lies in, in the composed form that people type.
pub(super) fn class(path: &str) -> Option<String> {
    let (folders, _) = path.rsplit_once('/')?;
    folders.rsplit('/').next().map(|name| name.nfc().collect())
}

/// Finds all images below a folder, sorted by path. Hidden files are left out, and no folder is entered twice, so
/// that links in circles come to an end.
fn list(root: &Path, work: &Work) -> Result<Listing> {
    work.stage("looking for images", 0);
    let mut listing = Listing::default();
    let mut entered = HashSet::new();
    let mut waiting = vec![(root.to_owned(), String::new())];
    while let Some((folder, prefix)) = waiting.pop() {
        work.check()?;
        if !folder.canonicalize().is_ok_and(|real| entered.insert(real)) {
            continue;
        }
        let entries = match std::fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(source) if prefix.is_empty() => return Err(Error::io("cannot read the folder", root, &source)),
            Err(_) => {
                listing.skipped.push(prefix);
                continue;
            }
        };
        let mut inner = Vec::new();
        for entry in entries {
            enter(entry, &prefix, &mut listing, &mut inner);
        }
        // Sorted, so that of two ways to the same folder always the same one is taken.
        inner.sort_by(|(_, one), (_, two)| two.cmp(one));
        waiting.extend(inner);
        work.advance(1)?;
    }
    listing.images.sort();
    listing.tables.sort();
    listing.skipped.sort();
    Ok(listing)
}

/// Takes in one entry of a folder; `inner` collects the folders to enter.
fn enter(
    entry: std::io::Result<std::fs::DirEntry>,
    prefix: &str,
    listing: &mut Listing,
    inner: &mut Vec<(PathBuf, String)>,
) {
    let Ok(entry) = entry else {
        listing.skipped.push(format!("{prefix}?"));
        return;
    };
    let Ok(name) = entry.file_name().into_string() else {
        listing.skipped.push(format!("{prefix}{}", entry.file_name().to_string_lossy()));
        return;
    };
    if name.starts_with('.') {
        return;
    }
    // Follows links; a link to nothing is skipped if it looks like an image.
    let path = entry.path();
    let is_image = is_image(&path);
    match std::fs::metadata(&path) {
        Ok(meta) if meta.is_dir() => inner.push((path, format!("{prefix}{name}/"))),
        Ok(meta) if is_image && meta.is_file() => {
            let (size, modified) = (meta.len(), modified(&meta));
            listing.images.push(Found { path: format!("{prefix}{name}"), size, modified });
        }
        Ok(_) if prefix.is_empty() && by_path(&path).is_some() => listing.tables.push(path),
        Err(_) if is_image => listing.skipped.push(format!("{prefix}{name}")),
        _ => {}
    }
}

fn is_image(path: &Path) -> bool {
    let ending = path.extension().and_then(|ending| ending.to_str()).map(str::to_ascii_lowercase);
    ending.is_some_and(|ending| IMAGES.contains(&ending.as_str()))
}

/// Width and height of every image, `None` where the header cannot be read.
fn sizes(root: &Path, images: &[Found], work: &Work) -> Result<Vec<Option<(i64, i64)>>> {
    work.stage("reading image sizes", images.len() as u64);
    images
        .par_iter()
        .map(|image| {
            let path = root.join(&image.path);
            // Decoders may panic on damaged files; that is an unreadable image and no reason to stop.
            let size = catch_unwind(AssertUnwindSafe(|| {
                ImageReader::open(&path).ok()?.with_guessed_format().ok()?.into_dimensions().ok()
            }));
            work.advance(1)?;
            Ok(size.ok().flatten().map(|(width, height)| (i64::from(width), i64::from(height))))
        })
        .collect()
}

/// Says which images could not be read and what was left out.
fn warn(listing: &Listing, sizes: &[Option<(i64, i64)>], work: &Work) {
    let unread = listing.images.iter().zip(sizes).filter(|(_, size)| size.is_none());
    let unread: Vec<&str> = unread.map(|(image, _)| image.path.as_str()).collect();
    if !unread.is_empty() {
        work.warn(format!("{} images could not be read: {}", unread.len(), some(&unread)));
    }
    if !listing.skipped.is_empty() {
        let skipped: Vec<&str> = listing.skipped.iter().map(String::as_str).collect();
        work.warn(format!(
            "{} folders or files were skipped, they could not be looked at: {}",
            skipped.len(),
            some(&skipped)
        ));
    }
}

pub(super) fn some(names: &[&str]) -> String {
    let more = if names.len() > NAMED { ", …" } else { "" };
    format!("{}{more}", names.iter().take(NAMED).copied().collect::<Vec<_>>().join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::read::{fingerprint, read_frame};

    fn put_image(path: &Path, width: u32, height: u32) {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        image::RgbImage::new(width, height).save(path).unwrap();
    }

    fn show(path: &Path, work: &Work) -> Vec<String> {
        let reading = read_frame(path, &ReadOptions::default(), work).unwrap();
        let rows = 0..reading.frame.rows();
        rows.map(|row| {
            let cells = reading.frame.columns().iter().filter(|column| column.name() != "bytes");
            cells.map(|column| column.show(row).unwrap_or("·".into()).into_owned()).collect::<Vec<_>>().join(" ")
        })
        .collect()
    }

    #[test]
    fn images_are_found_with_their_classes_and_sizes() {
        let folder = tempfile::tempdir().unwrap();
        let (root, work) = (folder.path(), Work::new());
        put_image(&root.join("b.png"), 3, 2);
        put_image(&root.join("train/고양이/A.PNG"), 4, 4);
        put_image(&root.join("train/\u{1100}\u{1162}/1.bmp"), 5, 1);
        put_image(&root.join(".hidden/1.png"), 1, 1);
        put_image(&root.join("train/.also.png"), 1, 1);
        std::fs::write(root.join("broken.jpg"), b"\xFF\xD8\xFF no").unwrap();
        std::fs::write(root.join("notes.txt"), b"no image").unwrap();
        std::fs::write(root.join("labels.csv"), b"a\n1\n").unwrap();
        assert_eq!(
            show(root, &work),
            ["b.png · 3 2", "broken.jpg · · ·", "train/\u{1100}\u{1162}/1.bmp 개 5 1", "train/고양이/A.PNG 고양이 4 4",]
        );
        assert_eq!(work.warnings(), ["1 images could not be read: broken.jpg"]);
        let reading = read_frame(root, &ReadOptions { limit: Some(1), ..Default::default() }, &work).unwrap();
        assert_eq!((reading.frame.rows(), reading.root.as_path()), (1, root));
        assert_eq!(reading.frame.column("image").unwrap().kind(), Kind::Image);
        assert!(reading.report.notes[0].contains("labels.csv"));
        assert!(reading.frame.column("bytes").unwrap().number(0).unwrap() > 8.0);
    }

    #[test]
    fn a_flat_folder_has_no_classes() {
        let folder = tempfile::tempdir().unwrap();
        put_image(&folder.path().join("1.png"), 1, 1);
        let reading = read_frame(folder.path(), &ReadOptions::default(), &Work::new()).unwrap();
        let names: Vec<_> = reading.frame.columns().iter().map(|column| column.name()).collect();
        assert_eq!(names, ["image", "width", "height", "bytes"]);
    }

    #[test]
    fn the_fingerprint_changes_with_the_images() {
        let folder = tempfile::tempdir().unwrap();
        put_image(&folder.path().join("1.png"), 1, 1);
        let print = || fingerprint(folder.path(), &Work::new()).unwrap();
        let first = print();
        std::fs::write(folder.path().join("notes.txt"), b"x").unwrap();
        assert_eq!(print(), first);
        put_image(&folder.path().join("2.png"), 1, 1);
        assert_ne!(print(), first);
        let reading = read_frame(folder.path(), &ReadOptions::default(), &Work::new()).unwrap();
        assert_eq!(reading.fingerprint, print());
    }

    #[cfg(unix)]
    #[test]
    fn links_in_circles_come_to_an_end() {
        let folder = tempfile::tempdir().unwrap();
        put_image(&folder.path().join("a/1.png"), 1, 1);
        std::os::unix::fs::symlink(folder.path(), folder.path().join("a/back")).unwrap();
        std::os::unix::fs::symlink("nowhere.png", folder.path().join("a/lost.png")).unwrap();
        let work = Work::new();
        assert_eq!(show(folder.path(), &work), ["a/1.png a 1 1"]);
        assert!(work.warnings()[0].contains("a/lost.png"), "{:?}", work.warnings());
    }

    #[test]
    fn a_folder_without_images_says_what_it_looks_for() {
        let folder = tempfile::tempdir().unwrap();
        let (path, work, options) = (folder.path(), Work::new(), ReadOptions::default());
        let error = read_frame(path, &options, &work).unwrap_err();
        assert!(error.what().contains("no images"), "{error}");
        assert!(error.advice().is_some_and(|help| help.contains(".jpg") && help.contains(".parquet")));
        std::fs::write(path.join("one.csv"), b"a,b\nx,1\n").unwrap();
        let reading = read_frame(path, &options, &work).unwrap();
        assert_eq!((reading.frame.rows(), reading.root.as_path()), (1, path));
        assert!(reading.report.notes[0].contains("one.csv"));
        std::fs::write(path.join("two.jsonl"), b"{}\n").unwrap();
        let error = read_frame(path, &options, &work).unwrap_err();
        assert!(error.advice().is_some_and(|help| help.contains("one.csv, two.jsonl")), "{error}");
    }
}
