//! Files on the disk: texts in any encoding, folders, and the media that annotations name.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use super::geometry::show_mark;
use super::holds::Report;
use super::model::{Content, Document, Documents, Image};
use super::{Options, Output};
use crate::data::media::{self, Limits, Root};
use crate::engine::{Error, Result, Work};

/// Endings of image files, lower case.
pub(super) const IMAGES: &[&str] = &["jpg", "jpeg", "png", "webp", "gif", "bmp", "tif", "tiff", "qoi"];

/// Endings of sound files, lower case.
pub(super) const SOUNDS: &[&str] = &["wav", "wave", "flac", "mp3", "ogg", "oga", "m4a"];

/// Folders within folders that are looked into.
const DEEPEST: usize = 12;

/// The bytes of a file.
pub(super) fn read_bytes(path: &Path, work: &Work) -> Result<Vec<u8>> {
    work.check()?;
    std::fs::read(path).map_err(|source| Error::io("cannot read the file", path, &source))
}

/// The text of a file in any encoding; what was converted is noted.
pub(super) fn read_text(path: &Path, options: &Options, report: &mut Report, work: &Work) -> Result<String> {
    let bytes = read_bytes(path, work)?;
    let (text, notes) = crate::data::read::text_of(bytes, options.encoding.as_deref(), work)
        .map_err(|error| error.at(path.display()))?;
    report.notes.extend(notes.into_iter().map(|note| format!("{note}: {}", path.display())));
    Ok(text)
}

/// The lower-case ending of a path without its dot.
pub(super) fn ending(path: &str) -> String {
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
    name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase()).unwrap_or_default()
}

/// A path without its ending.
pub(super) fn stem(path: &str) -> &str {
    let start = path.rfind(['/', '\\']).map_or(0, |at| at + 1);
    match path.get(start..).and_then(|name| name.rfind('.')) {
        Some(dot) if dot > 0 => path.get(..start + dot).unwrap_or(path),
        _ => path,
    }
}

/// The last part of a path.
pub(super) fn file_name(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}

/// The files in and below a folder whose endings are asked for, relative to it with `/` between their parts, sorted.
/// Links are not followed.
///
/// # Errors
/// If the folder cannot be read, or the work was cancelled.
pub(super) fn files_in(folder: &Path, endings: &[&str], work: &Work) -> Result<Vec<String>> {
    let mut found = Vec::new();
    let mut open = vec![(folder.to_owned(), String::new(), 0)];
    while let Some((path, prefix, depth)) = open.pop() {
        work.check()?;
        let entries = std::fs::read_dir(&path).map_err(|source| Error::io("cannot read the folder", &path, &source))?;
        for entry in entries.flatten() {
            let Ok(kind) = entry.file_type() else { continue };
            let Ok(name) = entry.file_name().into_string() else { continue };
            if name.starts_with('.') {
                continue;
            }
            if kind.is_dir() && depth < DEEPEST {
                open.push((entry.path(), format!("{prefix}{name}/"), depth + 1));
            } else if kind.is_file() && endings.contains(&ending(&name).as_str()) {
                found.push(format!("{prefix}{name}"));
            }
        }
    }
    found.sort();
    Ok(found)
}

/// The folder in which a file lies, or the folder itself.
pub(super) fn folder_of(path: &Path) -> &Path {
    if path.is_dir() {
        return path;
    }
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Finds media files by the names that annotations give them, and never outside their folder.
pub(super) struct Media {
    root: Option<Root>,
    by_name: OnceCell<HashMap<String, Option<PathBuf>>>,
}

/// The size of an image file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Size {
    /// Width and height as they lie in the file.
    pub(super) stored: (u32, u32),
    /// EXIF orientation, 1-8.
    pub(super) orientation: u8,
}

impl Size {
    /// Width and height as shown.
    pub(super) fn shown(self) -> (u32, u32) {
        let (width, height) = self.stored;
        if self.orientation >= 5 { (height, width) } else { (width, height) }
    }
}

impl Media {
    /// Media beside the annotations at `path`, or in the folder that the options name.
    ///
    /// # Errors
    /// If a folder was named and is not there.
    pub(super) fn beside(path: &Path, options: &Options) -> Result<Self> {
        let root = match &options.media {
            Some(folder) => Some(Root::open(folder)?),
            None => Root::open(folder_of(path)).ok(),
        };
        Ok(Self { root, by_name: OnceCell::new() })
    }

    /// The file of that name: at that path, else the only one of that file name anywhere in the folder.
    pub(super) fn find(&self, name: &str) -> Option<PathBuf> {
        let root = self.root.as_ref()?;
        if let Ok(found) = root.resolve(name) {
            return found.is_file().then_some(found);
        }
        let index = self.by_name.get_or_init(|| index(root.folder()));
        let plain: String = unicode_normalization::UnicodeNormalization::nfc(file_name(name)).collect();
        index.get(&plain)?.clone()
    }

    /// The size of the image of that name, if it can be found and read.
    pub(super) fn size(&self, name: &str) -> Option<Size> {
        let (stored, orientation) = media::stored_dimensions(&self.find(name)?, Limits::default()).ok()?;
        Some(Size { stored, orientation })
    }
}

/// Media files below a folder by their names in NFC; `None` where two share one.
fn index(folder: &Path) -> HashMap<String, Option<PathBuf>> {
    let endings: Vec<&str> = IMAGES.iter().chain(SOUNDS).copied().collect();
    let mut index = HashMap::new();
    for path in files_in(folder, &endings, &Work::new()).unwrap_or_default() {
        let name: String = unicode_normalization::UnicodeNormalization::nfc(file_name(&path)).collect();
        let found = Some(folder.join(&path));
        index.entry(name).and_modify(|other| *other = None).or_insert(found);
    }
    index
}

/// The files that hold annotations, relative to [`folder_of`] the path: the file itself, or those of a folder.
///
/// # Errors
/// If the folder cannot be read, or the work was cancelled.
pub(super) fn files_of(path: &Path, ending: &str, work: &Work) -> Result<Vec<String>> {
    if path.is_dir() {
        files_in(path, &[ending], work)
    } else {
        Ok(vec![file_name(&path.to_string_lossy()).to_owned()])
    }
}

/// A file for each image in a folder. `file` gives its name there and its content.
///
/// # Errors
/// As `file`, if two images would have the same file, or the work was cancelled.
pub(super) fn each(
    folder: &Path,
    documents: &Documents,
    work: &Work,
    mut file: impl FnMut(&Document, &Image) -> Result<(String, String)>,
) -> Result<Output> {
    let mut output = Output::default();
    let mut taken = HashSet::new();
    work.stage("writing annotations", documents.documents.len() as u64);
    for document in &documents.documents {
        work.advance(1)?;
        let Some(image) = document.as_image() else { continue };
        let (name, content) = file(document, image)?;
        if !taken.insert(name.clone()) {
            return Err(Error::input("two images would have the same annotation file").at(name));
        }
        output.add(folder.join(name), content);
    }
    Ok(output)
}

/// The documents with the size of every image, for a writer that needs sizes: those that lack it are looked at.
///
/// # Errors
/// If a size cannot be found, or the work was cancelled.
pub(super) fn with_sizes<'a>(
    documents: &'a Documents,
    path: &Path,
    options: &Options,
    report: &mut Report,
    work: &Work,
) -> Result<Cow<'a, Documents>> {
    let unknown = |image: &Image| image.width == 0 || image.height == 0;
    if !documents.documents.iter().filter_map(Document::as_image).any(unknown) {
        return Ok(Cow::Borrowed(documents));
    }
    let mut sized = documents.clone();
    complete_images(&mut sized, &Media::beside(path, options)?, true, report, work)?;
    Ok(Cow::Owned(sized))
}

/// Completes what is known of images from the files themselves: sizes that the annotations lack, and the EXIF turn. Where
/// the annotations' size is that of the pixels as they lie in a file that is shown turned, its shapes are turned too.
/// With `must`, every image has a size then.
///
/// # Errors
/// If a size is missing that must be known, or the work was cancelled.
pub(super) fn complete_images(
    documents: &mut Documents,
    media: &Media,
    must: bool,
    report: &mut Report,
    work: &Work,
) -> Result<()> {
    let (mut turned, mut unclear, mut masks, mut differing) = (0usize, 0usize, 0usize, 0usize);
    let mut missing: Vec<String> = Vec::new();
    work.stage("looking at the images", documents.documents.len() as u64);
    for document in &mut documents.documents {
        work.advance(1)?;
        let Content::Image(image) = &mut document.content else { continue };
        let Some(size) = media.size(&image.path) else {
            if image.width == 0 || image.height == 0 {
                missing.push(image.path.clone());
            }
            continue;
        };
        image.orientation = size.orientation;
        let declared = (image.width, image.height);
        let shown = size.shown();
        if declared.0 == 0 || declared.1 == 0 {
            (image.width, image.height) = shown;
        } else if size.orientation >= 5 && declared == size.stored && declared != shown {
            (image.width, image.height) = shown;
            turned += 1;
            for annotation in &mut document.annotations {
                masks += usize::from(!show_mark(annotation, declared.0, declared.1, size.orientation));
            }
        } else {
            unclear += usize::from(size.orientation > 1 && size.stored.0 == size.stored.1);
            differing += usize::from(declared != shown);
        }
    }
    if turned > 0 {
        report
            .infer("EXIF", format!("{turned} images are annotated as they lie in the file; their shapes were turned"));
    }
    if masks > 0 {
        report.lost.merge({
            let mut lost = super::holds::Losses::default();
            (0..masks).for_each(|_| lost.add("mask_not_turned", String::new));
            lost
        });
    }
    if unclear > 0 {
        report.notes.push(format!("{unclear} square images have an EXIF turn; their shapes are taken to be as shown"));
    }
    if differing > 0 {
        report.notes.push(format!("{differing} images have another size than their annotations say"));
    }
    if must && !missing.is_empty() {
        return Err(Error::input(format!("the sizes of {} images are not known", missing.len()))
            .at(missing.first().cloned().unwrap_or_default())
            .help("give the folder that holds the images with --media DIR"));
    }
    Ok(())
}

/// Copies the media that the documents name into a folder. Names that lead out of it are put into it by their last part.
/// Returns how many were copied and how many were not found.
///
/// # Errors
/// If a file cannot be copied, or the work was cancelled.
pub(super) fn copy_media(documents: &Documents, media: &Media, folder: &Path, work: &Work) -> Result<(usize, usize)> {
    let (mut copied, mut missing) = (0, 0);
    work.stage("copying media", documents.documents.len() as u64);
    for document in &documents.documents {
        work.advance(1)?;
        let Some(name) = document.path() else { continue };
        let Some(from) = media.find(name) else {
            missing += 1;
            continue;
        };
        let to = folder.join(inside(name));
        if let Some(parent) = to.parent() {
            std::fs::create_dir_all(parent).map_err(|source| Error::io("cannot make the folder", parent, &source))?;
        }
        let is_itself = to.canonicalize().is_ok_and(|to| to == from);
        if !is_itself {
            std::fs::copy(&from, &to).map_err(|source| Error::io("cannot copy the file", &from, &source))?;
        }
        copied += 1;
    }
    Ok((copied, missing))
}

/// A path that stays inside a folder: relative, without `..`, with `/` between its parts.
pub(super) fn inside(name: &str) -> String {
    let plain = name.replace('\\', "/");
    let parts: Vec<&str> = plain.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    let leads_out = plain.starts_with('/')
        || plain.contains("://")
        || parts.iter().any(|part| *part == ".." || part.ends_with(':'));
    if leads_out { file_name(&plain).to_owned() } else { parts.join("/") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_inside() {
        let check = |name: &str, expected: &str| assert_eq!(inside(name), expected, "{name}");
        check("a/b.png", "a/b.png");
        check("./a\\b.png", "a/b.png");
        check("../../etc/passwd", "passwd");
        check("/abs/x.jpg", "x.jpg");
        check("https://h/x.jpg", "x.jpg");
        check("C:\\x\\y.jpg", "y.jpg");
    }

    #[test]
    fn endings_and_stems() {
        assert_eq!(
            (ending("a/b.C.PNG"), stem("a.b/c.png"), stem("a.b/c"), stem(".x")),
            ("png".into(), "a.b/c", "a.b/c", ".x")
        );
    }
}
