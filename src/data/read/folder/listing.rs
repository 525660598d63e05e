//! What lies in a folder: one walk that every way of reading it shares.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::super::by_path;
use super::super::source::modified;
use crate::data::Kind;
use crate::engine::files::ending;
use crate::engine::{Error, Fingerprinter, Result, Work};

/// Endings of image files, lower case.
pub(super) const IMAGES: &[&str] = &["jpg", "jpeg", "png", "webp", "gif", "bmp", "tif", "tiff", "qoi"];

/// Endings of sound files, lower case.
pub(super) const SOUNDS: &[&str] = &["wav", "wave", "flac", "mp3", "ogg", "oga"];

/// Endings of text files, lower case.
const TEXTS: &[&str] = &["txt", "md"];

/// How many folders deep data files are looked for: `data/train/0.parquet` is, samples of a library are not.
const TABLE_DEPTH: usize = 3;

/// A file in a folder.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Found {
    /// The path relative to the folder with `/` between its parts, spelled as on the disk.
    pub(super) path: String,
    pub(super) size: u64,
    pub(super) modified: u64,
}

/// What lies in a folder and below it, by kind and sorted by path.
#[derive(Debug, Default)]
pub(super) struct Listing {
    pub(super) images: Vec<Found>,
    pub(super) sounds: Vec<Found>,
    /// Text files that may be items; not those that tell about the data, such as README.md.
    pub(super) texts: Vec<Found>,
    /// Data files.
    pub(super) tables: Vec<Found>,
    /// Files of other kinds, which nothing here reads.
    pub(super) others: Vec<String>,
    /// Folders and files that could not be looked at, or whose names are not Unicode.
    pub(super) skipped: Vec<String>,
    /// Links that lead out of the folder, which are not followed.
    pub(super) outside: Vec<String>,
}

/// The kind of media that a file name means.
pub(super) fn kind_of(path: &Path) -> Option<Kind> {
    let ending = ending(path)?;
    if IMAGES.contains(&ending.as_str()) {
        return Some(Kind::Image);
    }
    SOUNDS.contains(&ending.as_str()).then_some(Kind::Audio)
}

/// Whether a file tells about the data, or about the program that made them, and holds none itself.
fn is_about(path: &Path) -> bool {
    const NAMES: &[&str] = &[
        "readme",
        "license",
        "licence",
        "copying",
        "notice",
        "changelog",
        "contributing",
        "citation",
        "authors",
        "source",
        "requirements",
        "classes",
        "labels",
        "names",
        "dataset_card",
        "dataset_info",
        "dataset_infos",
        "dataset_dict",
        "state",
        "config",
        "package",
        "package-lock",
        "tokenizer",
        "tokenizer_config",
        "preprocessor_config",
        "special_tokens_map",
    ];
    let Some(stem) = path.file_stem().and_then(OsStr::to_str) else { return false };
    // `readme.ko.md` is one too.
    let stem = stem.split('.').next().unwrap_or(stem).to_ascii_lowercase();
    let told = ending(path).is_some_and(|ending| matches!(ending.as_str(), "txt" | "md" | "json"));
    told && NAMES.contains(&stem.as_str())
}

impl Found {
    /// The name without the folders it lies in.
    pub(super) fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }

    /// Adds what the file is by its name, length and time of change.
    pub(super) fn print(&self, all: Fingerprinter) -> Fingerprinter {
        all.text(&self.path).number(self.size).number(self.modified)
    }
}

impl Listing {
    /// Finds all files below a folder. Hidden ones are left out, links that lead out of it are not followed, and no
    /// folder is entered twice, so that links in circles come to an end.
    ///
    /// # Errors
    /// If the folder itself cannot be read, or the work was cancelled.
    pub(super) fn of(root: &Path, work: &Work) -> Result<Self> {
        work.stage("looking into the folder", 0);
        let real = root.canonicalize().map_err(|source| Error::io("cannot read the folder", root, &source))?;
        let mut walk = Walk { real, listing: Self::default(), inner: Vec::new() };
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
                    walk.listing.skipped.push(prefix);
                    continue;
                }
            };
            for (count, entry) in entries.enumerate() {
                if count.is_multiple_of(1024) {
                    work.check()?;
                }
                walk.enter(entry, &prefix);
            }
            // Sorted, so that of two ways to the same folder always the same one is taken.
            walk.inner.sort_by(|(_, one), (_, two)| two.cmp(one));
            waiting.append(&mut walk.inner);
            work.advance(1)?;
        }
        let mut listing = walk.listing;
        listing.sort();
        Ok(listing)
    }

    fn sort(&mut self) {
        for files in [&mut self.images, &mut self.sounds, &mut self.texts, &mut self.tables] {
            files.sort();
        }
        for names in [&mut self.others, &mut self.skipped, &mut self.outside] {
            names.sort();
        }
        // Pictures beside the data files of a table are decoration, not items.
        if !self.tables.is_empty() && self.images.iter().all(|image| is_decoration(&image.path)) {
            self.others.extend(self.images.drain(..).map(|image| image.path));
        }
    }

    /// Says what was not looked at and why.
    pub(super) fn warn(&self, work: &Work) {
        let names = |names: &[String]| {
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            super::super::unite::some(&names)
        };
        if !self.skipped.is_empty() {
            work.warn(format!(
                "{} folders or files were skipped, they could not be looked at: {}",
                self.skipped.len(),
                names(&self.skipped)
            ));
        }
        if !self.outside.is_empty() {
            work.warn(format!(
                "{} links lead out of the folder and were not followed: {}",
                self.outside.len(),
                names(&self.outside)
            ));
        }
    }
}

/// Whether an image lies in a folder for the pictures of a description.
fn is_decoration(path: &str) -> bool {
    const NAMES: &[&str] = &["assets", "doc", "docs", "figure", "figures", "static", "screenshots"];
    let mut folders = path.split('/').rev().skip(1);
    folders.any(|folder| NAMES.contains(&folder.to_ascii_lowercase().as_str()))
}

/// A walk under way.
struct Walk {
    /// The folder without links.
    real: PathBuf,
    listing: Listing,
    /// Folders found in the current one.
    inner: Vec<(PathBuf, String)>,
}

impl Walk {
    /// Takes in one entry of the folder `prefix`.
    fn enter(&mut self, entry: std::io::Result<std::fs::DirEntry>, prefix: &str) {
        let Ok(entry) = entry else {
            self.listing.skipped.push(format!("{prefix}?"));
            return;
        };
        let Ok(name) = entry.file_name().into_string() else {
            self.listing.skipped.push(format!("{prefix}{}", entry.file_name().to_string_lossy()));
            return;
        };
        if name.starts_with('.') {
            return;
        }
        let (path, inner) = (entry.path(), format!("{prefix}{name}"));
        if entry.file_type().is_ok_and(|kind| kind.is_symlink())
            && path.canonicalize().is_ok_and(|real| !real.starts_with(&self.real))
        {
            self.listing.outside.push(inner);
            return;
        }
        // Follows links; a link to nothing is skipped if it looks like something to read.
        match std::fs::metadata(&path) {
            Ok(meta) if meta.is_dir() => self.inner.push((path, format!("{inner}/"))),
            Ok(meta) if meta.is_file() => {
                let (size, modified) = (meta.len(), modified(&meta));
                self.keep(&path, Found { path: inner, size, modified });
            }
            Err(_) if kind_of(&path).is_some() || by_path(&path).is_some() => self.listing.skipped.push(inner),
            _ => {}
        }
    }

    fn keep(&mut self, path: &Path, found: Found) {
        let listing = &mut self.listing;
        let depth = found.path.matches('/').count();
        match kind_of(path) {
            Some(Kind::Image) => listing.images.push(found),
            Some(_) => listing.sounds.push(found),
            None if is_about(path) => {}
            None if by_path(path).is_some() && depth <= TABLE_DEPTH => listing.tables.push(found),
            None if ending(path).is_some_and(|ending| TEXTS.contains(&ending.as_str())) => listing.texts.push(found),
            None => listing.others.push(found.path),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listing(root: &Path) -> Listing {
        Listing::of(root, &Work::new()).unwrap()
    }

    fn put(path: &Path) {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, "x").unwrap();
    }

    fn paths(files: &[Found]) -> Vec<&str> {
        files.iter().map(|found| found.path.as_str()).collect()
    }

    #[test]
    fn files_are_told_apart_by_their_names() {
        let folder = tempfile::tempdir().unwrap();
        for name in [
            "b.PNG",
            "a/1.jpg",
            "a/1.wav",
            "a/2.flac",
            "t/1.txt",
            "t/2.md",
            "d/x/1.csv",
            "train.parquet",
            "README.md",
            "a/LICENSE.txt",
            "dataset_info.json",
            "weights.bin",
            ".hidden.png",
            ".git/1.png",
            "a/b/c/d/5.csv",
        ] {
            put(&folder.path().join(name));
        }
        let found = listing(folder.path());
        assert_eq!(paths(&found.images), ["a/1.jpg", "b.PNG"]);
        assert_eq!(paths(&found.sounds), ["a/1.wav", "a/2.flac"]);
        assert_eq!(paths(&found.texts), ["t/1.txt", "t/2.md"]);
        assert_eq!(paths(&found.tables), ["d/x/1.csv", "train.parquet"]);
        assert_eq!(found.others, ["a/b/c/d/5.csv", "weights.bin"]);
        assert_eq!(found.images[1].name(), "b.PNG");
    }

    #[test]
    fn pictures_of_a_description_are_no_items() {
        let folder = tempfile::tempdir().unwrap();
        put(&folder.path().join("train.csv"));
        put(&folder.path().join("assets/logo.png"));
        assert!(listing(folder.path()).images.is_empty());
        put(&folder.path().join("1.png"));
        assert_eq!(listing(folder.path()).images.len(), 2);
    }

    #[cfg(unix)]
    #[test]
    fn links_are_followed_inside_once_and_never_outside() {
        use std::os::unix::fs::symlink;
        let home = tempfile::tempdir().unwrap();
        let root = home.path().join("root");
        put(&root.join("a/1.png"));
        put(&home.path().join("secret/2.png"));
        symlink(&root, root.join("a/back")).unwrap();
        symlink(root.join("a/1.png"), root.join("b.png")).unwrap();
        symlink(home.path().join("secret"), root.join("c")).unwrap();
        symlink(home.path().join("secret/2.png"), root.join("d.png")).unwrap();
        symlink("nowhere.png", root.join("lost.png")).unwrap();
        let found = listing(&root);
        assert_eq!(paths(&found.images), ["a/1.png", "b.png"]);
        assert_eq!((found.outside, found.skipped), (vec!["c".into(), "d.png".into()], vec!["lost.png".into()]));
    }

    #[cfg(unix)]
    #[test]
    fn names_that_are_not_unicode_are_skipped_and_said() {
        use std::os::unix::ffi::OsStrExt as _;
        let folder = tempfile::tempdir().unwrap();
        if std::fs::write(folder.path().join(OsStr::from_bytes(b"caf\xe9.png")), "x").is_err() {
            eprintln!("skipped: this file system has UTF-8 names only");
            return;
        }
        let (found, work) = (listing(folder.path()), Work::new());
        assert_eq!((found.images.len(), found.skipped.len()), (0, 1));
        found.warn(&work);
        assert!(work.warnings()[0].contains("1 folders or files were skipped"));
    }
}
