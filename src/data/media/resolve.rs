//! Paths that stand in data, found inside the dataset's folder and nowhere else.
//!
//! Data comes from strangers: a manifest may name `../../.ssh/id_rsa`, an absolute path, or a link that leads out. None
//! of these is followed. What is followed are the ways in which one name is written differently on another machine:
//! decomposed Hangul from macOS, backslashes from Windows, bytes that are not UTF-8.

use std::collections::HashMap;
use std::ffi::OsString;
use std::io::Cursor;
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use image::DynamicImage;
use unicode_normalization::UnicodeNormalization as _;

use super::audio::{AudioLimits, Sound, decode_sound, decode_sound_bytes};
use super::decode::{Limits, Picture, decode, decode_bytes, decode_stored, decode_stored_bytes, is_held, open};
use super::packed::{Reference, Shelf};
use super::pyramid::Image;
use crate::engine::{Error, Result, Work};

/// A folder that media are read from, and those beside it that the person allowed.
pub struct Root {
    /// The folder as it was given, which absolute paths in the data may start with.
    given: PathBuf,
    /// The same without links, first; then those allowed besides.
    inside: Vec<PathBuf>,
    listings: Mutex<HashMap<PathBuf, Arc<Listing>>>,
    shelf: Shelf,
}

/// Where the content of an image or a sound is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Media {
    /// In a file of its own; the path has no links.
    File(PathBuf),
    /// It lay inside another file and was read from there.
    Bytes(Vec<u8>),
}

impl Media {
    /// Decodes an image whole and as it is stored, as [`decode_stored`].
    ///
    /// # Errors
    /// As [`decode_stored`].
    pub fn decode_stored(&self, limits: Limits) -> Result<DynamicImage> {
        match self {
            Self::File(path) => decode_stored(path, limits),
            Self::Bytes(bytes) => decode_stored_bytes(bytes, limits),
        }
    }

    /// Whether an image can be held as RGBA, from its header.
    ///
    /// # Errors
    /// As [`decode`], as far as the header tells.
    pub(super) fn is_held(&self, limits: Limits) -> Result<bool> {
        match self {
            Self::File(path) => is_held(open(path, limits)?, limits).map_err(|error| error.or_at(path.display())),
            Self::Bytes(bytes) => is_held(Cursor::new(bytes), limits),
        }
    }

    /// The bytes of an image, to be read from the start.
    ///
    /// # Errors
    /// If the file cannot be read, is empty or too long.
    pub(super) fn open(self, limits: Limits) -> Result<Box<dyn Image>> {
        Ok(match self {
            Self::File(path) => Box::new(open(&path, limits).map_err(|error| error.or_at(path.display()))?),
            Self::Bytes(bytes) => Box::new(Cursor::new(bytes)),
        })
    }

    /// Decodes an image, as [`decode`].
    ///
    /// # Errors
    /// As [`decode`].
    pub fn decode(&self, max_side: Option<u32>, limits: Limits) -> Result<Picture> {
        match self {
            Self::File(path) => decode(path, max_side, limits),
            Self::Bytes(bytes) => decode_bytes(bytes, max_side, limits),
        }
    }

    /// Decodes a sound, as [`decode_sound`].
    ///
    /// # Errors
    /// As [`decode_sound`].
    pub fn decode_sound(&self, limits: AudioLimits, work: &Work) -> Result<Sound> {
        match self {
            Self::File(path) => decode_sound(path, limits, work),
            Self::Bytes(bytes) => decode_sound_bytes(bytes, limits, work),
        }
    }
}

/// The entries of a folder by their name with what is not UTF-8 replaced; `None` where two share such a name.
type Listing = HashMap<String, Option<OsString>>;

/// Finds `value`, a path from a dataset, inside the folder `root`. For many values make a [`Root`] once.
///
/// # Errors
/// As [`Root::open`] and [`Root::resolve`].
pub fn resolve(root: &Path, value: &str) -> Result<PathBuf> {
    Root::open(root)?.resolve(value)
}

impl Root {
    /// A folder to read media from.
    ///
    /// # Errors
    /// If it is not there, cannot be entered, or is not a folder.
    pub fn open(folder: &Path) -> Result<Self> {
        let failed = |source: std::io::Error| Error::io("cannot open the folder of the media", folder, &source);
        let real = folder.canonicalize().map_err(failed)?;
        if !real.is_dir() {
            return Err(failed(std::io::ErrorKind::NotADirectory.into()));
        }
        Ok(Self { given: folder.to_owned(), inside: vec![real], listings: Mutex::default(), shelf: Shelf::default() })
    }

    /// Allows links and absolute paths that lead into `folder` as well. Only the person may decide this; nothing in
    /// the data can.
    ///
    /// # Errors
    /// If the folder is not there or cannot be entered.
    pub fn allow(mut self, folder: &Path) -> Result<Self> {
        let real = folder
            .canonicalize()
            .map_err(|source| Error::io("cannot open the folder of the media", folder, &source))?;
        self.inside.push(real);
        Ok(self)
    }

    /// The folder, without links.
    pub fn folder(&self) -> &Path {
        self.inside.first().unwrap_or(&self.given)
    }

    /// Finds a path from the data: relative to the folder, or absolute and inside it. A name that is not there as it
    /// stands is tried composed (NFC) and decomposed (NFD), part by part; with `/` for `\`; and, where it holds U+FFFD,
    /// as the one file whose name reads the same once what is not UTF-8 is replaced. The result has no links and
    /// exists.
    ///
    /// # Errors
    /// If the path is empty or an address, leads out of the folder, or is not there.
    pub fn resolve(&self, value: &str) -> Result<PathBuf> {
        if value.is_empty() || value.contains('\0') {
            return Err(Error::input("the path of a media file is empty or holds a zero byte").at(value.escape_debug()));
        }
        if let Some((scheme, _)) = value.split_once("://")
            && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
        {
            return Err(Error::input("media are read from this computer only, and this is an address")
                .at(value)
                .help("save the files beside the data and put their paths into the column"));
        }
        let found = match self.find(Path::new(value))? {
            Some(found) => found,
            None => {
                let turned = if value.contains('\\') { self.find(Path::new(&value.replace('\\', "/")))? } else { None };
                turned.ok_or_else(|| self.absent(value))?
            }
        };
        let real = found
            .canonicalize()
            .map_err(|source| Error::io("cannot find the media file", Path::new(value), &source))?;
        if self.inside.iter().any(|folder| real.starts_with(folder)) { Ok(real) } else { Err(outside(value)) }
    }

    /// Finds the media that a value of the data names: a file, as [`Root::resolve`], or bytes inside a Parquet file of
    /// the folder (`parquet:FILE#COLUMN#ROW#HASH`), which are read.
    ///
    /// # Errors
    /// As [`Root::resolve`]; or if the Parquet file is damaged, or was changed since the data were read.
    pub fn media(&self, value: &str) -> Result<Media> {
        match Reference::parse(value) {
            Some(reference) => self.shelf.read(&self.resolve(reference.file)?, reference).map(Media::Bytes),
            None => self.resolve(value).map(Media::File),
        }
    }

    /// The path under the folder at which `path` exists, links not yet followed.
    fn find(&self, path: &Path) -> Result<Option<PathBuf>> {
        let parts = match path.strip_prefix(self.folder()).or_else(|_| path.strip_prefix(&self.given)) {
            Ok(inner) if path.is_absolute() => normal_parts(inner)?,
            _ if path.is_absolute() => {
                // Another way of writing the folder, or one that was allowed; the caller checks where it leads.
                return if exists(path) { Ok(Some(path.to_owned())) } else { Err(outside(&path.to_string_lossy())) };
            }
            _ => normal_parts(path)?,
        };
        let whole: PathBuf = std::iter::once(self.folder()).chain(parts.iter().map(Path::new)).collect();
        if exists(&whole) {
            return Ok(Some(whole));
        }
        let mut at = self.folder().to_owned();
        for part in parts {
            match self.entry(&at, part) {
                Some(name) => at.push(name),
                None => return Ok(None),
            }
        }
        Ok(Some(at))
    }

    /// The name under which `part` exists in `folder`.
    fn entry(&self, folder: &Path, part: &str) -> Option<OsString> {
        let there = |name: &str| exists(&folder.join(name));
        if there(part) {
            return Some(part.into());
        }
        if part.is_ascii() {
            return None;
        }
        let (composed, decomposed): (String, String) = (part.nfc().collect(), part.nfd().collect());
        for name in [composed, decomposed] {
            if there(&name) {
                return Some(name.into());
            }
        }
        if part.contains(char::REPLACEMENT_CHARACTER) {
            self.listing(folder).get(part).cloned().flatten()
        } else {
            None
        }
    }

    /// The names in `folder` that are not UTF-8, read once: a folder may hold a hundred thousand files.
    fn listing(&self, folder: &Path) -> Arc<Listing> {
        let mut listings = self.listings.lock().unwrap_or_else(PoisonError::into_inner);
        let known = listings.entry(folder.to_owned()).or_insert_with(|| {
            let mut listing = Listing::new();
            // A folder that cannot be listed has no such names; the file is then reported as not there.
            for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
                let name = entry.file_name();
                if name.to_str().is_none() {
                    let shown = name.to_string_lossy().into_owned();
                    listing.entry(shown).and_modify(|known| *known = None).or_insert(Some(name));
                }
            }
            Arc::new(listing)
        });
        known.clone()
    }

    fn absent(&self, value: &str) -> Error {
        Error::io("cannot find the media file", Path::new(value), &std::io::ErrorKind::NotFound.into()).help(format!(
            "paths are looked up from {}; check that the files are there and named as in the data",
            self.given.display()
        ))
    }
}

/// True if something of that name is there, be it a link that leads nowhere.
fn exists(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}

/// The parts of a relative path with `.` and `..` worked off, without asking the disk.
fn normal_parts(path: &Path) -> Result<Vec<&str>> {
    let mut parts = Vec::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::Normal(part) => parts.push(part.to_str().ok_or_else(|| outside(&path.to_string_lossy()))?),
            Component::ParentDir if parts.pop().is_some() => {}
            Component::ParentDir | Component::RootDir | Component::Prefix(_) => {
                return Err(outside(&path.to_string_lossy()));
            }
        }
    }
    Ok(parts)
}

fn outside(value: &str) -> Error {
    Error::input("the path leads out of the dataset's folder and is not followed")
        .at(value)
        .help("move the files into the folder, or open the folder that holds both")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `dataset/` with some files, and `secret.png` beside it.
    fn house() -> (tempfile::TempDir, PathBuf) {
        let home = tempfile::tempdir().unwrap();
        let root = home.path().join("dataset");
        std::fs::create_dir_all(root.join("cats/낮")).unwrap();
        for name in ["a.png", "cats/b c.png", "cats/낮/고양이.png", "cats/%41.png", "cats/...png"] {
            std::fs::write(root.join(name), name).unwrap();
        }
        std::fs::write(home.path().join("secret.png"), "secret").unwrap();
        let root = root.canonicalize().unwrap();
        (home, root)
    }

    #[test]
    fn paths_resolve_inside_the_folder_and_nowhere_else() {
        let (_home, root) = house();
        let check = |value: &str, expected: Result<&str, &str>| match (resolve(&root, value), expected) {
            (Ok(path), Ok(expected)) => assert_eq!(path, root.join(expected), "{value}"),
            (Err(error), Err(expected)) => {
                assert!(error.what().contains(expected), "{value}: {error}");
                assert!(error.place().is_some(), "{value}");
            }
            (got, _) => panic!("{value}: {got:?}"),
        };
        check("a.png", Ok("a.png"));
        check("./a.png", Ok("a.png"));
        check("cats/b c.png", Ok("cats/b c.png"));
        check("cats//b c.png", Ok("cats/b c.png"));
        check("cats/../a.png", Ok("a.png"));
        check("nowhere/../a.png", Ok("a.png"));
        check("cats/...png", Ok("cats/...png"));
        check("cats/%41.png", Ok("cats/%41.png"));
        check("cats/A.png", Err("does not exist"));
        check("", Err("empty"));
        check("a.png\0", Err("zero byte"));
        check("../secret.png", Err("leads out"));
        check("cats/../../secret.png", Err("leads out"));
        check("./../dataset/a.png", Err("leads out"));
        check("/etc/passwd", Err("leads out"));
        check("/no/such/file.png", Err("leads out"));
        check("..", Err("leads out"));
        check("http://example.org/a.png", Err("an address"));
        check("s3://bucket/a.png", Err("an address"));
        check("file:///etc/passwd", Err("an address"));
        check("absent.png", Err("does not exist"));
        if cfg!(unix) {
            check("cats\\b c.png", Ok("cats/b c.png"));
            check("..\\secret.png", Err("leads out"));
            check("C:\\a.png", Err("does not exist"));
        }
        check(root.join("a.png").to_str().unwrap(), Ok("a.png"));
        check(root.join("../secret.png").to_str().unwrap(), Err("leads out"));
    }

    #[test]
    fn hangul_is_found_however_it_is_composed() {
        let (_home, root) = house();
        let (nfc, nfd) = ("cats/낮/고양이.png", "cats/낮/고양이.png".nfd().collect::<String>());
        assert_ne!(nfc, nfd);
        assert_eq!(resolve(&root, &nfd).unwrap(), root.join(nfc));
        // A folder from macOS: decomposed on disk, composed in the data; and one part of each kind.
        let folder: String = "밤".nfd().collect();
        std::fs::create_dir(root.join(&folder)).unwrap();
        std::fs::write(root.join(&folder).join("한글.png"), "").unwrap();
        let mixed = format!("밤/{}", "한글.png".nfd().collect::<String>());
        for value in ["밤/한글.png", &mixed] {
            assert_eq!(resolve(&root, value).unwrap(), root.join(&folder).join("한글.png"), "{value}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn names_that_are_not_utf8_are_found_by_how_they_read() {
        use std::os::unix::ffi::OsStrExt as _;
        let (_home, root) = house();
        let name = std::ffi::OsStr::from_bytes(b"caf\xe9.png");
        if std::fs::write(root.join(name), "").is_err() {
            eprintln!("skipped: this file system has UTF-8 names only");
            return;
        }
        let open = Root::open(&root).unwrap();
        assert_eq!(open.resolve("caf\u{fffd}.png").unwrap(), root.join(name));
        std::fs::write(root.join(std::ffi::OsStr::from_bytes(b"caf\xe8.png")), "").unwrap();
        let again = Root::open(&root).unwrap();
        assert!(again.resolve("caf\u{fffd}.png").is_err(), "two files read the same: neither is guessed");
    }

    #[cfg(unix)]
    #[test]
    fn links_are_followed_inside_and_not_outside() {
        use std::os::unix::fs::symlink;
        let (home, root) = house();
        symlink(root.join("a.png"), root.join("inner.png")).unwrap();
        symlink(home.path().join("secret.png"), root.join("outer.png")).unwrap();
        symlink(home.path(), root.join("up")).unwrap();
        symlink("loop.png", root.join("loop.png")).unwrap();
        assert_eq!(resolve(&root, "inner.png").unwrap(), root.join("a.png"));
        for value in ["outer.png", "up/secret.png"] {
            assert!(resolve(&root, value).unwrap_err().what().contains("leads out"), "{value}");
        }
        assert!(resolve(&root, "loop.png").is_err());
        let allowed = Root::open(&root).unwrap().allow(home.path()).unwrap();
        let secret = home.path().canonicalize().unwrap().join("secret.png");
        assert_eq!(allowed.resolve("outer.png").unwrap(), secret);
        assert_eq!(allowed.resolve(secret.to_str().unwrap()).unwrap(), secret);
        assert!(allowed.resolve("../secret.png").is_err(), "even so, relative paths start in the folder");
        let linked = home.path().join("linked");
        symlink(&root, &linked).unwrap();
        let absolute = linked.join("a.png");
        assert_eq!(resolve(&linked, absolute.to_str().unwrap()).unwrap(), root.join("a.png"));
    }

    #[test]
    fn a_folder_that_is_none_is_refused() {
        let (_home, root) = house();
        assert!(Root::open(&root.join("absent")).is_err());
        assert!(Root::open(&root.join("a.png")).is_err());
    }

    #[test]
    fn media_inside_a_file_are_found_and_decoded() {
        use super::super::samples::{encode, gradient};
        let (_home, root) = house();
        let png = encode(&gradient(7, 5), "png");
        super::super::packed::tests::put_images(&root.join("cats/낮/a.parquet"), &[None, Some(png.clone())], 10);
        let open = Root::open(&root).unwrap();
        let reference = |file: &str, row: u64| {
            Reference { file, column: 1, row, hash: xxhash_rust::xxh3::xxh3_64(&png) }.to_string()
        };
        let found = open.media(&reference("cats/낮/a.parquet", 1)).unwrap();
        assert_eq!(found, Media::Bytes(png.clone()));
        assert_eq!(found.decode(Some(3), Limits::default()).unwrap().full_width, 7);
        let decomposed: String = "cats/낮/a.parquet".nfd().collect();
        assert!(open.media(&reference(&decomposed, 1)).is_ok());
        assert!(open.media(&reference("cats/낮/a.parquet", 0)).is_err());
        assert!(open.media(&reference("../a.parquet", 0)).unwrap_err().what().contains("leads out"));
        assert_eq!(open.media("a.png").unwrap(), Media::File(root.join("a.png")));
    }

    proptest::proptest! {
        /// Whatever a manifest says, what resolves lies inside.
        #[test]
        fn nothing_outside_is_ever_reached(value in "(\\.\\./|\\./|cats/|/|\\\\|secret\\.png|a\\.png|dataset/|낮/){1,6}") {
            let (_home, root) = house();
            if let Ok(path) = resolve(&root, &value) {
                proptest::prop_assert!(path.starts_with(&root), "{} -> {}", value, path.display());
            }
        }
    }
}
