//! A large picture on disk, in tiles of every size: written once while its rows are read, and then read tile by tile.
//!
//! A file is the tiles one after the other (QOI, or JPEG where the picture was lossy and opaque already), then the index
//! (width, height, and for every tile by level, row and column its start as u64 and its length as u32, little endian), then
//! the XXH3 of the index, its start (u64 each) and 4 bytes `LPY1`. Losing one costs time only.

use std::fs::File;
use std::io::{BufRead, BufWriter, Read as _, Seek, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use image::codecs::jpeg::JpegEncoder;
use image::codecs::qoi::QoiEncoder;
use image::{ExtendedColorType, ImageEncoder as _};
use rayon::prelude::*;
use xxhash_rust::xxh3::xxh3_64;

use super::decode::{Limits, Picture, decode_bytes};
use super::rows::{Form, Rows, read_rows, spread};
use super::tiled::{TILE, TileAt, area, level_size, levels};
use crate::engine::{Error, Fingerprint, Result, Work};

const MAGIC: &[u8; 4] = b"LPY1";
/// What stands behind the index.
const FOOTER: u64 = 20;
/// Close enough to a picture that has lost detail already.
const QUALITY: u8 = 95;
const ENDING: &str = "pyramid";
/// The most bytes that a folder of pyramids takes, the newest aside.
const FOLDER_BYTES: u64 = 4 << 30;

/// A pyramid to read from.
pub(super) struct Pyramid {
    file: Mutex<File>,
    size: [u32; 2],
    /// Start and length of every tile.
    index: Vec<(u64, u32)>,
}

impl Pyramid {
    /// The pyramid of that name in a folder, made from the image if it is not there. Without a folder it is kept in a file
    /// that vanishes with it. `work` counts the image's rows.
    ///
    /// # Errors
    /// If the image cannot be read, the disk is full, or the work was cancelled.
    pub(super) fn open_or_make(
        folder: Option<&Path>,
        name: Fingerprint,
        source: impl FnOnce() -> Result<Box<dyn Image>>,
        limits: Limits,
        work: &Work,
    ) -> Result<Self> {
        let path = folder.map(|folder| folder.join(name.to_string()).with_extension(ENDING));
        if let Some(found) = path.as_deref().and_then(|path| Self::open(File::open(path).ok()?)) {
            return Ok(found);
        }
        let failed = |source: &std::io::Error| write_failed(folder, source);
        let file = match folder {
            Some(folder) => {
                std::fs::create_dir_all(folder).map_err(|source| failed(&source))?;
                make_room(folder);
                tempfile::NamedTempFile::new_in(folder)
            }
            None => tempfile::NamedTempFile::new(),
        }
        .map_err(|source| failed(&source))?;
        let mut writer = Writer::new(BufWriter::new(file), folder);
        read_rows(source()?, limits, work, &mut writer)?;
        let file = writer.finish()?;
        let kept = match path {
            Some(path) => file.persist(&path).map_err(|source| failed(&source.error))?,
            None => file.into_file(),
        };
        Self::open(kept).ok_or_else(|| Error::input("the picture's tiles cannot be read back").help("try again"))
    }

    /// `None` if the file is not a whole pyramid.
    fn open(mut file: File) -> Option<Self> {
        let end = file.seek(SeekFrom::End(0)).ok()?;
        file.seek(SeekFrom::Start(end.checked_sub(FOOTER)?)).ok()?;
        let mut footer = [0; FOOTER as usize];
        file.read_exact(&mut footer).ok()?;
        let (check, start) = (word(&footer, 0)?, word(&footer, 8)?);
        let length = end.checked_sub(FOOTER)?.checked_sub(start)?;
        // An index of 32,768 x 32,768 pixels has 65 thousand bytes; nobody else's file is read into memory.
        if !footer.ends_with(MAGIC) || length > 16 << 20 {
            return None;
        }
        file.seek(SeekFrom::Start(start)).ok()?;
        let mut bytes = vec![0; length as usize];
        file.read_exact(&mut bytes).ok()?;
        if xxh3_64(&bytes) != check {
            return None;
        }
        let size = [half(&bytes, 0)?, half(&bytes, 4)?];
        let index: Vec<(u64, u32)> =
            (8..bytes.len()).step_by(12).filter_map(|at| Some((word(&bytes, at)?, half(&bytes, at + 8)?))).collect();
        (index.len() == (0..levels(size)).map(|level| tiles_of(size, level)).sum::<usize>()).then(|| Self {
            file: Mutex::new(file),
            size,
            index,
        })
    }

    /// Width and height of the whole.
    pub(super) fn size(&self) -> [u32; 2] {
        self.size
    }

    /// A tile with its frame.
    pub(super) fn tile(&self, at: TileAt) -> Result<Option<Picture>> {
        let Some(place) = self.place(at) else { return Ok(None) };
        let Some((start, length)) = self.index.get(place) else { return Ok(None) };
        let mut bytes = vec![0; *length as usize];
        {
            let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
            let read = file.seek(SeekFrom::Start(*start)).and_then(|_| file.read_exact(&mut bytes));
            read.map_err(|source| Error::io("cannot read a part of the picture", Path::new(""), &source))?;
        }
        let picture = decode_bytes(&bytes, None, Limits::default())?;
        Ok(Some(Picture { full_width: self.size[0], full_height: self.size[1], ..picture }))
    }

    /// Where a tile stands in the index.
    fn place(&self, at: TileAt) -> Option<usize> {
        area(self.size, at)?;
        let before: usize = (0..at.level).map(|level| tiles_of(self.size, level)).sum();
        let columns = level_size(self.size, at.level)[0].div_ceil(TILE);
        Some(before + (at.row * columns + at.column) as usize)
    }
}

/// What a pyramid is made from.
pub(super) trait Image: BufRead + Seek {}

impl<T: BufRead + Seek> Image for T {}

fn tiles_of(size: [u32; 2], level: u32) -> usize {
    level_size(size, level).iter().map(|side| side.div_ceil(TILE) as usize).product()
}

fn word(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(bytes.get(at..at + 8)?.try_into().ok()?))
}

fn half(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

fn write_failed(folder: Option<&Path>, source: &std::io::Error) -> Error {
    let place = folder.map_or_else(std::env::temp_dir, Path::to_owned);
    Error::io("cannot keep the tiles of a large picture", &place, source)
}

/// Takes the oldest pyramids away until the folder is within its bound, and what an interrupted run left. Best effort: what
/// cannot be taken away now will be another time.
fn make_room(folder: &Path) {
    let mut files: Vec<(std::time::SystemTime, u64, PathBuf)> = Vec::new();
    for file in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let Ok(meta) = file.metadata() else { continue };
        let (path, since) = (file.path(), meta.modified().unwrap_or(std::time::UNIX_EPOCH));
        if path.extension().is_some_and(|ending| ending == ENDING) {
            files.push((since, meta.len(), path));
        } else if since.elapsed().is_ok_and(|age| age.as_secs() > 24 * 3600) {
            let _ = std::fs::remove_file(path);
        }
    }
    files.sort_unstable();
    let mut total: u64 = files.iter().map(|(_, bytes, _)| bytes).sum();
    for (_, bytes, path) in files {
        if total <= FOLDER_BYTES {
            break;
        }
        if std::fs::remove_file(path).is_ok() {
            total -= bytes;
        }
    }
}

/// One level while it is written.
struct Level {
    size: [u32; 2],
    /// The rows that the next band of tiles needs, with the frame.
    rows: Vec<u8>,
    /// The number of the first of these rows.
    first: u32,
    /// Rows that have come.
    come: u32,
    /// Bands that have been written.
    written: u32,
    /// A row that waits for its partner, to make one of the next level.
    single: Option<Vec<u8>>,
}

impl Level {
    /// The band of tiles that can be written: one is whole with the row below it, which is its frame.
    fn whole_band(&self) -> Option<u32> {
        let (band, height) = (self.written, self.size[1]);
        (band * TILE < height && self.come >= ((band + 1) * TILE + 1).min(height)).then_some(band)
    }
}

/// Writes a pyramid from rows. Holds a band of tiles of every level, never the picture.
struct Writer<'a> {
    out: BufWriter<tempfile::NamedTempFile>,
    folder: Option<&'a Path>,
    form: Form,
    levels: Vec<Level>,
    written: u64,
    index: Vec<Vec<(u64, u32)>>,
}

impl<'a> Writer<'a> {
    fn new(out: BufWriter<tempfile::NamedTempFile>, folder: Option<&'a Path>) -> Self {
        let form = Form { width: 0, height: 0, channels: 1, lossy: false };
        Self { out, folder, form, levels: Vec::new(), written: 0, index: Vec::new() }
    }

    /// A row of a level, and what follows from it for coarser ones.
    fn push(&mut self, at: usize, row: &[u8]) -> Result<()> {
        let channels = self.form.channels;
        let last = at + 1 == self.levels.len();
        let Some(level) = self.levels.get_mut(at) else { return Ok(()) };
        level.rows.extend_from_slice(row);
        level.come += 1;
        let ended = level.come == level.size[1];
        let coarser = match level.single.take() {
            _ if last => None,
            Some(above) => Some(halved(&above, row, channels)),
            None if ended => Some(halved(row, row, channels)),
            None => {
                level.single = Some(row.to_vec());
                None
            }
        };
        while let Some(band) = self.levels.get(at).and_then(Level::whole_band) {
            self.write_band(at, band)?;
        }
        match coarser {
            Some(row) => self.push(at + 1, &row),
            None => Ok(()),
        }
    }

    fn write_band(&mut self, at: usize, band: u32) -> Result<()> {
        let full = [self.form.width, self.form.height];
        let (form, folder) = (self.form, self.folder);
        let Some(level) = self.levels.get_mut(at) else { return Ok(()) };
        let columns = level.size[0].div_ceil(TILE);
        let stride = level.size[0] as usize * form.channels;
        let encoded: Vec<Vec<u8>> = (0..columns)
            .into_par_iter()
            .map(|column| {
                let Some(area) = area(full, TileAt { level: at as u32, column, row: band }) else {
                    return Ok(Vec::new());
                };
                let [width, height] = area.framed();
                let left = (area.left - area.before[0]) as usize * form.channels;
                let top = (area.top - area.before[1] - level.first) as usize;
                let mut pixels = Vec::with_capacity((width * height) as usize * form.channels);
                for y in top..top + height as usize {
                    let start = y * stride + left;
                    pixels.extend_from_slice(
                        level.rows.get(start..start + width as usize * form.channels).unwrap_or_default(),
                    );
                }
                encode(&pixels, [width, height], form)
            })
            .collect::<Result<_>>()?;
        // The last two rows stay: they are the frame above the next band, and its first row.
        let next = ((band + 1) * TILE).min(level.size[1]);
        let keep = (next - 1 - level.first) as usize * stride;
        level.rows.drain(..keep.min(level.rows.len()));
        (level.first, level.written) = (next - 1, band + 1);
        for tile in encoded {
            self.out.write_all(&tile).map_err(|source| write_failed(folder, &source))?;
            if let Some(index) = self.index.get_mut(at) {
                index.push((self.written, tile.len() as u32));
            }
            self.written += tile.len() as u64;
        }
        Ok(())
    }

    fn finish(mut self) -> Result<tempfile::NamedTempFile> {
        let mut index = Vec::new();
        index.extend_from_slice(&self.form.width.to_le_bytes());
        index.extend_from_slice(&self.form.height.to_le_bytes());
        for (start, length) in self.index.iter().flatten() {
            index.extend_from_slice(&start.to_le_bytes());
            index.extend_from_slice(&length.to_le_bytes());
        }
        let (check, start) = (xxh3_64(&index), self.written);
        index.extend_from_slice(&check.to_le_bytes());
        index.extend_from_slice(&start.to_le_bytes());
        index.extend_from_slice(MAGIC);
        let folder = self.folder;
        self.out.write_all(&index).map_err(|source| write_failed(folder, &source))?;
        self.out.into_inner().map_err(|source| write_failed(folder, source.error()))
    }
}

impl Rows for Writer<'_> {
    fn begin(&mut self, form: Form) -> Result<()> {
        self.form = form;
        let size = [form.width, form.height];
        let level = |level| Level {
            size: level_size(size, level),
            rows: Vec::new(),
            first: 0,
            come: 0,
            written: 0,
            single: None,
        };
        self.levels = (0..levels(size)).map(level).collect();
        self.index = vec![Vec::new(); self.levels.len()];
        Ok(())
    }

    fn row(&mut self, row: &[u8]) -> Result<()> {
        self.push(0, row)
    }
}

/// Two rows as one of half the width: the mean of four pixels, at the right edge of two. Colours count by their alpha.
fn halved(above: &[u8], below: &[u8], channels: usize) -> Vec<u8> {
    let mut row = Vec::with_capacity(above.len().div_ceil(2 * channels) * channels);
    for (above, below) in above.chunks(2 * channels).zip(below.chunks(2 * channels)) {
        let four = [above, below].map(|two| two.split_at(channels.min(two.len())));
        let [(a, b), (c, d)] = four;
        // At the right edge a pixel stands for its missing neighbour.
        let (b, d) = if b.is_empty() { (a, c) } else { (b, d) };
        let four = [a, b, c, d];
        let value = |pixel: &[u8], at: usize| u32::from(pixel.get(at).copied().unwrap_or(0));
        if channels % 2 == 1 {
            for at in 0..channels {
                row.push(((four.iter().map(|pixel| value(pixel, at)).sum::<u32>() + 2) / 4) as u8);
            }
        } else {
            let alpha: u32 = four.iter().map(|pixel| value(pixel, channels - 1)).sum();
            for at in 0..channels - 1 {
                let sum: u32 = four.iter().map(|pixel| value(pixel, at) * value(pixel, channels - 1)).sum();
                row.push((sum + alpha / 2).checked_div(alpha).unwrap_or(0) as u8);
            }
            row.push(((alpha + 2) / 4) as u8);
        }
    }
    row
}

fn encode(pixels: &[u8], [width, height]: [u32; 2], form: Form) -> Result<Vec<u8>> {
    let failed = |error: image::ImageError| Error::input(format!("a part of the picture cannot be kept ({error})"));
    let mut bytes = Vec::new();
    let kind = [ExtendedColorType::L8, ExtendedColorType::La8, ExtendedColorType::Rgb8, ExtendedColorType::Rgba8];
    if form.lossy && form.channels % 2 == 1 {
        let kind = kind.get(form.channels - 1).copied().unwrap_or(ExtendedColorType::Rgb8);
        JpegEncoder::new_with_quality(&mut bytes, QUALITY).write_image(pixels, width, height, kind).map_err(failed)?;
        return Ok(bytes);
    }
    // QOI knows colour alone.
    let encoder = QoiEncoder::new(&mut bytes);
    match form.channels {
        3 => encoder.write_image(pixels, width, height, ExtendedColorType::Rgb8),
        4 => encoder.write_image(pixels, width, height, ExtendedColorType::Rgba8),
        1 => {
            let rgb: Vec<u8> = pixels.iter().flat_map(|&grey| [grey; 3]).collect();
            encoder.write_image(&rgb, width, height, ExtendedColorType::Rgb8)
        }
        channels => {
            let rgba: Vec<u8> = pixels.chunks_exact(channels).flat_map(spread).collect();
            encoder.write_image(&rgba, width, height, ExtendedColorType::Rgba8)
        }
    }
    .map_err(failed)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use image::RgbaImage;

    use super::super::samples::{close, encode};
    use super::*;
    use crate::engine::Fingerprinter;

    fn name() -> Fingerprint {
        Fingerprinter::new("test").finish()
    }

    fn made(bytes: &[u8], folder: Option<&Path>) -> Result<Pyramid> {
        let bytes = bytes.to_vec();
        Pyramid::open_or_make(folder, name(), || Ok(Box::new(Cursor::new(bytes))), Limits::default(), &Work::new())
    }

    /// A picture in which every place has a colour of its own.
    fn places(width: u32, height: u32, alpha: bool) -> RgbaImage {
        RgbaImage::from_fn(width, height, |x, y| {
            let alpha = if alpha { (x % 200 + 50) as u8 } else { 255 };
            image::Rgba([(x % 256) as u8, (y % 256) as u8, (x / 256 * 16 + y / 256) as u8, alpha])
        })
    }

    #[test]
    fn every_tile_of_the_finest_level_has_the_pixels_of_the_picture() {
        let check = |width: u32, height: u32, format: &str, alpha: bool| {
            let image = places(width, height, alpha);
            let bytes = encode(&image, format);
            let pyramid = made(&bytes, None).unwrap();
            assert_eq!(pyramid.size(), [width, height]);
            let lossy = format == "jpeg";
            let mut tiles = 0;
            for row in 0..height.div_ceil(TILE) {
                for column in 0..width.div_ceil(TILE) {
                    let at = TileAt { level: 0, column, row };
                    let (area, tile) = (area([width, height], at).unwrap(), pyramid.tile(at).unwrap().unwrap());
                    assert_eq!([tile.width, tile.height], area.framed(), "{at:?}");
                    for y in [0, tile.height / 2, tile.height - 1] {
                        for x in [0, tile.width / 2, tile.width - 1] {
                            let (left, top) = (area.left - area.before[0] + x, area.top - area.before[1] + y);
                            let expected = image.get_pixel(left, top).0;
                            // A JPEG loses at the edges of the colours, twice; but not the place.
                            assert!(lossy || tile.pixel(x, y) == Some(expected), "{format} {at:?} at {x}, {y}");
                        }
                    }
                    tiles += 1;
                }
            }
            assert_eq!(tiles, tiles_of([width, height], 0));
            for level in 0..levels([width, height]) {
                let last = level_size([width, height], level).map(|side| (side - 1) / TILE);
                let at = TileAt { level, column: last[0], row: last[1] };
                assert!(pyramid.tile(at).unwrap().is_some(), "{at:?}");
            }
            assert!(pyramid.tile(TileAt { level: 0, column: width.div_ceil(TILE), row: 0 }).unwrap().is_none());
        };
        check(1300, 1100, "png", false);
        check(1300, 1100, "png", true);
        check(1025, 513, "png", false);
        check(512, 1024, "tiff", false);
        check(1, 1537, "png", false);
        check(700, 600, "jpeg", false);
        check(20, 10, "png", false);
    }

    #[test]
    fn coarser_levels_are_the_mean_of_the_finer() {
        let mut image = RgbaImage::from_pixel(1030, 1027, image::Rgba([0, 0, 0, 255]));
        // Columns in turn black and white are grey from the next level on.
        image.enumerate_pixels_mut().filter(|(x, _, _)| x % 2 == 0).for_each(|(_, _, pixel)| pixel.0 = [255; 4]);
        let pyramid = made(&encode(&image, "png"), None).unwrap();
        for level in 1..3 {
            let tile = pyramid.tile(TileAt { level, column: 0, row: 0 }).unwrap().unwrap();
            assert!(close(tile.pixel(100, 100).unwrap(), [128, 128, 128, 255], 1), "{:?}", tile.pixel(100, 100));
        }
        // Colour under full transparency does not bleed.
        assert_eq!(halved(&[255, 0, 0, 255, 0, 255, 0, 0], &[255, 0, 0, 255, 0, 255, 0, 0], 4), [255, 0, 0, 128]);
        assert_eq!(halved(&[1, 3, 9], &[5, 7, 9], 1), [4, 9]);
    }

    #[test]
    fn a_pyramid_is_made_once_and_one_that_is_damaged_again() {
        let folder = tempfile::tempdir().unwrap();
        let bytes = encode(&places(600, 40, false), "png");
        made(&bytes, Some(folder.path())).unwrap();
        let never = || Err(Error::input("the image was read again"));
        let open = || Pyramid::open_or_make(Some(folder.path()), name(), never, Limits::default(), &Work::new());
        assert_eq!(open().unwrap().size(), [600, 40]);
        let path = folder.path().join(name().to_string()).with_extension(ENDING);
        let kept = std::fs::read(&path).unwrap();
        for cut in [0, 3, 19, kept.len() - 1] {
            std::fs::write(&path, &kept[..cut]).unwrap();
            assert!(open().is_err(), "cut at {cut}");
        }
        let mut flipped = kept.clone();
        let at = kept.len() - 30;
        flipped[at] ^= 1;
        std::fs::write(&path, &flipped).unwrap();
        assert!(open().is_err());
        made(&bytes, Some(folder.path())).unwrap();
        assert!(open().is_ok());
        // What is not an image leaves nothing behind.
        let empty = tempfile::tempdir().unwrap();
        assert!(made(b"no image", Some(empty.path())).is_err());
        assert_eq!(std::fs::read_dir(empty.path()).unwrap().count(), 0);
    }
}
