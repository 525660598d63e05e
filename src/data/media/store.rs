//! Thumbnails on disk, so that a folder of photos is decoded once and not at every opening. Losing them costs time only.

use std::io::{Cursor, Write as _};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, ImageFormat, RgbaImage};
use xxhash_rust::xxh3::xxh3_64;

use super::decode::{Limits, Picture, decode_bytes};
use crate::engine::{Error, Fingerprint, Fingerprinter, Result};

/// A folder of thumbnails, each in a file named by the fingerprint of what it was made from.
///
/// A file is 4 bytes `LTH1`, full width and height (u32, little endian), the XXH3 of what follows (u64), and then an
/// ordinary JPEG, or a PNG where there is transparency.
pub(super) struct Store {
    folder: PathBuf,
    max_bytes: u64,
}

const MAGIC: &[u8; 4] = b"LTH1";
const HEADER: usize = 20;
const ENDING: &str = "thumb";
/// Visibly as good as the original at this size, at a tenth of the bytes of PNG.
const QUALITY: u8 = 88;

impl Store {
    /// Thumbnails under `folder`, of `max_bytes` in all.
    ///
    /// # Errors
    /// If the folder cannot be made.
    pub(super) fn open(folder: &Path, max_bytes: u64) -> Result<Self> {
        std::fs::create_dir_all(folder)
            .map_err(|source| Error::io("cannot make the folder of thumbnails", folder, &source))?;
        Ok(Self { folder: folder.to_owned(), max_bytes })
    }

    /// The name of a thumbnail: the path within the dataset, when the file was changed and how long it is, so that a
    /// changed file has another name; and the side in pixels.
    pub(super) fn name(path: &Path, meta: &std::fs::Metadata, side: u32) -> Fingerprint {
        let since = meta.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok()).unwrap_or_default();
        Fingerprinter::new("thumbnail 1")
            .bytes(path.as_os_str().as_encoded_bytes())
            .number(since.as_secs())
            .number(u64::from(since.subsec_nanos()))
            .number(meta.len())
            .number(u64::from(side))
            .finish()
    }

    /// Two levels, so that no folder holds a hundred thousand files.
    fn path(&self, name: Fingerprint) -> PathBuf {
        let name = name.to_string();
        self.folder.join(&name[..2]).join(name).with_extension(ENDING)
    }

    /// The thumbnail of that name; `None` if there is none, or if it was damaged.
    pub(super) fn load(&self, name: Fingerprint) -> Option<Picture> {
        let bytes = std::fs::read(self.path(name)).ok()?;
        let (header, body) = bytes.split_at_checked(HEADER)?;
        let number = |at: usize| Some(u32::from_le_bytes(header.get(at..at + 4)?.try_into().ok()?));
        let check = u64::from_le_bytes(header.get(12..20)?.try_into().ok()?);
        if !header.starts_with(MAGIC) || xxh3_64(body) != check {
            return None;
        }
        let picture = decode_bytes(body, None, Limits::default()).ok()?;
        Some(Picture { full_width: number(4)?, full_height: number(8)?, ..picture })
    }

    /// Keeps a thumbnail. Written beside and renamed, so that no half is ever read; not forced to the disk, since the
    /// check in the header tells a file that a power cut left torn.
    ///
    /// # Errors
    /// If it cannot be written.
    pub(super) fn save(&self, name: Fingerprint, picture: &Picture) -> Result<()> {
        let path = self.path(name);
        let failed = |source: &std::io::Error| Error::io("cannot keep a thumbnail", &path, source);
        let body = encode(picture).map_err(|error| Error::input(format!("cannot make a thumbnail ({error})")))?;
        let parent = path.parent().unwrap_or(&self.folder);
        std::fs::create_dir_all(parent).map_err(|source| failed(&source))?;
        let mut file = tempfile::NamedTempFile::new_in(parent).map_err(|source| failed(&source))?;
        let mut bytes = Vec::with_capacity(HEADER + body.len());
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&picture.full_width.to_le_bytes());
        bytes.extend_from_slice(&picture.full_height.to_le_bytes());
        bytes.extend_from_slice(&xxh3_64(&body).to_le_bytes());
        bytes.extend_from_slice(&body);
        file.write_all(&bytes).map_err(|source| failed(&source))?;
        file.persist(&path).map_err(|source| failed(&source.error))?;
        Ok(())
    }

    /// Takes the oldest thumbnails away until the folder is within three quarters of its bound, if it is over it, and
    /// what an interrupted run left behind. `stop` is asked between folders and between files; false if it stopped.
    ///
    /// # Errors
    /// If the folder cannot be read.
    pub(super) fn prune(&self, stop: impl Fn() -> bool) -> Result<bool> {
        let failed = |source: std::io::Error| Error::io("cannot read the folder of thumbnails", &self.folder, &source);
        let mut files = Vec::new();
        for shelf in std::fs::read_dir(&self.folder).map_err(failed)?.flatten() {
            if stop() {
                return Ok(false);
            }
            for file in std::fs::read_dir(shelf.path()).into_iter().flatten().flatten() {
                let Ok(meta) = file.metadata() else { continue };
                let age =
                    meta.modified().and_then(|at| at.elapsed().map_err(std::io::Error::other)).unwrap_or_default();
                let whole = file.path().extension().is_some_and(|ending| ending == ENDING);
                if !whole && age.as_secs() > 3600 {
                    // Another run may have been quicker; either way it is gone.
                    let _ = std::fs::remove_file(file.path());
                } else if whole {
                    files.push((age, meta.len(), file.path()));
                }
            }
        }
        let mut total: u64 = files.iter().map(|(_, bytes, _)| bytes).sum();
        if total <= self.max_bytes {
            return Ok(true);
        }
        files.sort_unstable_by(|a, b| b.cmp(a));
        for (_, bytes, path) in files {
            if total <= self.max_bytes / 4 * 3 {
                break;
            }
            if stop() {
                return Ok(false);
            }
            if std::fs::remove_file(path).is_ok() {
                total -= bytes;
            }
        }
        Ok(true)
    }
}

/// The picture as [`Store::load`] gives it back, so that what is measured does not depend on what is on disk.
///
/// # Errors
/// If it cannot be encoded.
pub(super) fn as_kept(picture: &Picture) -> Result<Picture> {
    let body = encode(picture).map_err(|error| Error::input(format!("cannot make a thumbnail ({error})")))?;
    let kept = decode_bytes(&body, None, Limits::default())?;
    Ok(Picture { full_width: picture.full_width, full_height: picture.full_height, ..kept })
}

fn encode(picture: &Picture) -> image::ImageResult<Vec<u8>> {
    let opaque = picture.rgba.chunks_exact(4).all(|pixel| pixel[3] == 255);
    let image = RgbaImage::from_raw(picture.width, picture.height, picture.rgba.clone()).unwrap_or_default();
    let image = DynamicImage::ImageRgba8(image);
    let mut bytes = Cursor::new(Vec::new());
    if opaque {
        image.into_rgb8().write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, QUALITY))?;
    } else {
        image.write_to(&mut bytes, ImageFormat::Png)?;
    }
    Ok(bytes.into_inner())
}

#[cfg(test)]
mod tests {
    use super::super::samples::*;
    use super::*;

    fn picture(image: &RgbaImage) -> Picture {
        let (width, height) = image.dimensions();
        Picture { width, height, rgba: image.as_raw().clone(), full_width: 4000, full_height: 3000 }
    }

    #[test]
    fn thumbnails_come_back_and_damaged_ones_do_not() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path(), u64::MAX).unwrap();
        let name = Fingerprint::of(b"a");
        assert!(store.load(name).is_none());
        let kept = picture(&gradient(40, 30));
        store.save(name, &kept).unwrap();
        let back = store.load(name).unwrap();
        assert_eq!((back.width, back.height, back.full_width, back.full_height), (40, 30, 4000, 3000));
        assert!(close(back.pixel(20, 10).unwrap(), kept.pixel(20, 10).unwrap(), 16));

        let path = store.path(name);
        let bytes = std::fs::read(&path).unwrap();
        for cut in [0, 3, HEADER, HEADER + 10, bytes.len() - 1] {
            std::fs::write(&path, &bytes[..cut]).unwrap();
            assert!(store.load(name).is_none(), "cut to {cut}");
        }
        let mut flipped = bytes.clone();
        flipped[HEADER + 50] ^= 1;
        std::fs::write(&path, flipped).unwrap();
        assert!(store.load(name).is_none());
    }

    #[test]
    fn transparency_is_kept_exactly() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path(), u64::MAX).unwrap();
        let kept = picture(&RgbaImage::from_pixel(9, 9, image::Rgba([9, 8, 7, 100])));
        store.save(Fingerprint::of(b"b"), &kept).unwrap();
        assert_eq!(store.load(Fingerprint::of(b"b")).unwrap(), kept);
    }

    #[test]
    fn a_changed_file_has_another_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x");
        let name = |bytes: &[u8], side| {
            std::fs::write(&path, bytes).unwrap();
            let file = std::fs::File::open(&path).unwrap();
            file.set_modified(UNIX_EPOCH + std::time::Duration::from_secs(1000)).unwrap();
            Store::name(&path, &std::fs::metadata(&path).unwrap(), side)
        };
        assert_eq!(name(b"one", 256), name(b"two", 256), "same path, time, length and side");
        assert_ne!(name(b"one", 256), name(b"three", 256));
        assert_ne!(name(b"one", 256), name(b"one", 512));
        let before = name(b"one", 256);
        std::fs::write(&path, b"one").unwrap();
        assert_ne!(before, Store::name(&path, &std::fs::metadata(&path).unwrap(), 256), "written again just now");
    }

    #[test]
    fn the_folder_stays_within_its_bound_and_the_oldest_go_first() {
        let folder = tempfile::tempdir().unwrap();
        let names: Vec<_> = (0u8..8).map(|n| Fingerprint::of(&[n])).collect();
        let store = Store::open(folder.path(), u64::MAX).unwrap();
        for (n, name) in names.iter().enumerate() {
            store.save(*name, &picture(&gradient(32, 32))).unwrap();
            let file = std::fs::File::options().write(true).open(store.path(*name)).unwrap();
            file.set_modified(UNIX_EPOCH + std::time::Duration::from_secs(1_000_000 + n as u64)).unwrap();
        }
        let each = std::fs::metadata(store.path(names[0])).unwrap().len();
        let store = Store::open(folder.path(), each * 6).unwrap();
        assert!(!store.prune(|| true).unwrap());
        assert!(store.prune(|| false).unwrap());
        let left: Vec<bool> = names.iter().map(|name| store.load(*name).is_some()).collect();
        assert_eq!(left, [false, false, false, false, true, true, true, true]);
    }
}
