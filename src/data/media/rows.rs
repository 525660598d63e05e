//! Images too large to be held: their pixels from the top row to the bottom one, never all at once where the format
//! allows.
//!
//! PNG (unless interlaced) and TIFF (8 bits a channel, in strips or tiles) are read in parts. All other formats have
//! decoders that give the whole image or nothing; these are decoded in the channels that the file has, one at a time in
//! the whole program, if that takes no more than [`Limits::max_whole`].

use std::io::{BufRead, Seek, SeekFrom};
use std::sync::{Mutex, PoisonError};

use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageFormat};

use super::decode::{Limits, explain, guarded, megabytes, open_decoder, orientation, turns};
use crate::engine::{Error, Result, Work};

/// What an image is like whose rows come one after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Form {
    /// In pixels, upright.
    pub(super) width: u32,
    /// In pixels, upright.
    pub(super) height: u32,
    /// Bytes a pixel: 1 grey, 2 grey and alpha, 3 RGB, 4 RGBA. Alpha is straight.
    pub(super) channels: usize,
    /// The file has lost detail already, as JPEG does.
    pub(super) lossy: bool,
}

/// What takes the rows.
pub(super) trait Rows {
    /// Called once, before the first row.
    fn begin(&mut self, form: Form) -> Result<()>;
    /// The next row: `width * channels` bytes.
    fn row(&mut self, row: &[u8]) -> Result<()>;
}

/// One image at a time that has to be decoded whole.
static WHOLE: Mutex<()> = Mutex::new(());

/// Reads an image from top to bottom, upright. `work` counts rows, and is asked to stop between any two.
///
/// # Errors
/// If it is no image, is damaged, or exceeds `limits`; if the work was cancelled.
pub(super) fn read_rows(
    mut source: impl BufRead + Seek,
    limits: Limits,
    work: &Work,
    sink: &mut impl Rows,
) -> Result<Form> {
    guarded(|| {
        let format = image::guess_format(source.fill_buf().map_err(|error| failed(&error))?).ok();
        let mut decoder = open_decoder(&mut source, limits)?;
        let (width, height) = decoder.dimensions();
        let orientation = orientation(&mut decoder);
        drop(decoder);
        let fits = u64::from(width) * u64::from(height) <= limits.max_pixels && width.max(height) <= limits.max_side;
        work.stage("reading a large image", u64::from(height));
        // Rows of an image that has to be turned are columns: it is turned whole.
        if fits && orientation == Orientation::NoTransforms {
            source.rewind().map_err(|error| failed(&error))?;
            let read = match format {
                Some(ImageFormat::Png) => png_rows(&mut source, (width, height), limits, work, sink)?,
                Some(ImageFormat::Tiff) => tiff_rows(&mut source, limits, work, sink)?,
                _ => None,
            };
            if let Some(form) = read {
                return Ok(form);
            }
        }
        source.seek(SeekFrom::Start(0)).map_err(|error| failed(&error))?;
        whole_rows(source, limits, work, sink)
    })
}

/// `None` if this PNG cannot be read row by row.
fn png_rows(
    source: impl BufRead + Seek,
    (width, height): (u32, u32),
    limits: Limits,
    work: &Work,
    sink: &mut impl Rows,
) -> Result<Option<Form>> {
    let bytes = usize::try_from(limits.max_bytes).unwrap_or(usize::MAX);
    let mut decoder = png::Decoder::new_with_limits(source, png::Limits { bytes });
    decoder.set_transformations(png::Transformations::EXPAND | png::Transformations::STRIP_16);
    let mut reader = decoder.read_info().map_err(|error| damaged(&error))?;
    if reader.info().interlaced {
        return Ok(None);
    }
    let form = Form { width, height, channels: reader.output_color_type().0.samples(), lossy: false };
    sink.begin(form)?;
    let mut rows = 0;
    while let Some(row) = reader.next_row().map_err(|error| damaged(&error))? {
        sink.row(row.data())?;
        work.advance(1)?;
        rows += 1;
    }
    if rows == height { Ok(Some(form)) } else { Err(damaged(&"the file ends too early")) }
}

/// `None` if this TIFF cannot be read in parts.
fn tiff_rows(source: impl BufRead + Seek, limits: Limits, work: &Work, sink: &mut impl Rows) -> Result<Option<Form>> {
    let failed = |error: tiff::TiffError| damaged(&error);
    let mut decoder = tiff::decoder::Decoder::new(source).map_err(failed)?;
    let (width, height) = decoder.dimensions().map_err(failed)?;
    let channels = match decoder.colortype().map_err(failed)? {
        tiff::ColorType::Gray(8) => 1,
        tiff::ColorType::RGB(8) => 3,
        tiff::ColorType::RGBA(8) => 4,
        _ => return Ok(None),
    };
    let (part_width, part_height) = decoder.chunk_dimensions();
    if part_width == 0 || part_height == 0 {
        return Ok(None);
    }
    let (across, down) = (width.div_ceil(part_width), height.div_ceil(part_height));
    let parts = match decoder.get_chunk_type() {
        tiff::decoder::ChunkType::Strip => decoder.strip_count(),
        tiff::decoder::ChunkType::Tile => decoder.tile_count(),
    };
    // Channels that lie apart have parts of their own; and a single part is the whole image.
    let held = u64::from(width) * u64::from(part_height) * channels as u64;
    if parts.map_err(failed)? != across * down || held > limits.max_bytes {
        return Ok(None);
    }
    let form = Form { width, height, channels, lossy: false };
    sink.begin(form)?;
    for band in 0..down {
        let mut read = Vec::with_capacity(across as usize);
        for part in band * across..(band + 1) * across {
            let side = decoder.chunk_data_dimensions(part).0 as usize * channels;
            let tiff::decoder::DecodingResult::U8(bytes) = decoder.read_chunk(part).map_err(failed)? else {
                return Err(damaged(&"its parts differ in kind"));
            };
            read.push((side, bytes));
            work.check()?;
        }
        let rows = part_height.min(height - band * part_height) as usize;
        let mut row = Vec::with_capacity(width as usize * channels);
        for at in 0..rows {
            row.clear();
            for (side, bytes) in &read {
                row.extend_from_slice(
                    bytes.get(at * side..(at + 1) * side).ok_or_else(|| damaged(&"a part is short"))?,
                );
            }
            sink.row(&row)?;
            work.advance(1)?;
        }
    }
    Ok(Some(form))
}

/// Decodes the image whole, in its own channels, and gives its rows.
fn whole_rows(mut source: impl BufRead + Seek, limits: Limits, work: &Work, sink: &mut impl Rows) -> Result<Form> {
    let lossy = matches!(
        image::guess_format(source.fill_buf().map_err(|error| failed(&error))?),
        Ok(ImageFormat::Jpeg | ImageFormat::WebP)
    );
    let _one = WHOLE.lock().unwrap_or_else(PoisonError::into_inner);
    let mut decoder = open_decoder(source, limits)?;
    let (width, height) = decoder.dimensions();
    let orientation = orientation(&mut decoder);
    let pixels = u64::from(width) * u64::from(height);
    let deep = decoder.color_type().bytes_per_pixel() > decoder.color_type().channel_count();
    let spread = if deep { pixels * 4 } else { 0 };
    let turned = if turns(orientation) { decoder.total_bytes() } else { 0 };
    let needed = decoder.total_bytes() + spread + turned;
    if width.max(height) > limits.max_side || needed > limits.max_whole {
        return Err(Error::input(format!(
            "the image is too large: {width} x {height} pixels, and this kind of file cannot be read in parts ({} at once)",
            megabytes(needed)
        ))
        .help("save it as a PNG without interlacing, or as a TIFF with 8 bits a channel: these are read row by row"));
    }
    work.check()?;
    let mut full = DynamicImage::from_decoder(decoder).map_err(|error| explain(error, limits))?;
    full.apply_orientation(orientation);
    let full = if deep { DynamicImage::ImageRgba8(full.into_rgba8()) } else { full };
    let channels = usize::from(full.color().channel_count());
    let form = Form { width: full.width(), height: full.height(), channels, lossy };
    sink.begin(form)?;
    for row in full.as_bytes().chunks_exact(form.width as usize * channels) {
        sink.row(row)?;
        work.advance(1)?;
    }
    Ok(form)
}

fn failed(source: &std::io::Error) -> Error {
    damaged(source)
}

fn damaged(why: &dyn std::fmt::Display) -> Error {
    Error::input(format!("the image is damaged ({why})")).help("replace the file, or exclude the item")
}

/// Makes an image smaller while it is read: every pixel counts for the one of the small picture that it lies in.
pub(super) struct Shrinker {
    side: u32,
    form: Form,
    size: (u32, u32),
    /// The column of the small picture by that of the image, and how many columns fall into each.
    columns: Vec<u32>,
    widths: Vec<u64>,
    /// Sums of a row of the small picture: colours times alpha, and alpha.
    sums: Vec<[u64; 4]>,
    rows: u64,
    read: u32,
    rgba: Vec<u8>,
}

impl Shrinker {
    /// For a small picture of at most `side` pixels on its longer side.
    pub(super) fn new(side: u32) -> Self {
        let form = Form { width: 0, height: 0, channels: 1, lossy: false };
        let (columns, widths, sums, rgba) = Default::default();
        Self { side, form, size: (0, 0), columns, widths, sums, rows: 0, read: 0, rgba }
    }

    /// The small picture, once all rows are in.
    pub(super) fn finish(self) -> super::Picture {
        let ((width, height), rgba) = (self.size, self.rgba);
        super::Picture { width, height, rgba, full_width: self.form.width, full_height: self.form.height }
    }

    fn flush(&mut self) {
        let opaque = self.form.channels % 2 == 1;
        for (sums, width) in self.sums.iter_mut().zip(&self.widths) {
            let count = (width * self.rows).max(1);
            let weight = if opaque { count } else { sums[3].max(1) };
            let share = |sum: u64| ((sum + weight / 2) / weight) as u8;
            let alpha = if opaque { 255 } else { ((sums[3] + count / 2) / count) as u8 };
            self.rgba.extend_from_slice(&[share(sums[0]), share(sums[1]), share(sums[2]), alpha]);
            *sums = [0; 4];
        }
        self.rows = 0;
    }
}

impl Rows for Shrinker {
    fn begin(&mut self, form: Form) -> Result<()> {
        self.form = form;
        self.size = super::decode::fit(form.width, form.height, self.side);
        let (width, to) = (u64::from(form.width.max(1)), u64::from(self.size.0));
        self.columns = (0..u64::from(form.width)).map(|x| (x * to / width) as u32).collect();
        self.widths = vec![0; self.size.0 as usize];
        for &column in &self.columns {
            if let Some(count) = self.widths.get_mut(column as usize) {
                *count += 1;
            }
        }
        self.sums = vec![[0; 4]; self.size.0 as usize];
        Ok(())
    }

    fn row(&mut self, row: &[u8]) -> Result<()> {
        let channels = self.form.channels;
        for (pixel, &column) in row.chunks_exact(channels).zip(&self.columns) {
            let Some(sums) = self.sums.get_mut(column as usize) else { continue };
            let [red, green, blue, alpha] = spread(pixel);
            // Opaque images, which are nearly all, save the multiplications.
            let weight = if channels % 2 == 1 { 1 } else { u64::from(alpha) };
            sums[0] += u64::from(red) * weight;
            sums[1] += u64::from(green) * weight;
            sums[2] += u64::from(blue) * weight;
            sums[3] += u64::from(alpha);
        }
        self.rows += 1;
        self.read += 1;
        let line = |row: u32| u64::from(row) * u64::from(self.size.1) / u64::from(self.form.height.max(1));
        if self.read == self.form.height || line(self.read) != line(self.read - 1) {
            self.flush();
        }
        Ok(())
    }
}

/// A pixel of 1 to 4 channels as RGBA.
pub(super) fn spread(pixel: &[u8]) -> [u8; 4] {
    match *pixel {
        [grey] => [grey, grey, grey, 255],
        [grey, alpha] => [grey, grey, grey, alpha],
        [red, green, blue] => [red, green, blue, 255],
        [red, green, blue, alpha, ..] => [red, green, blue, alpha],
        [] => [0; 4],
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use image::{DynamicImage, RgbaImage};

    use super::super::decode::decode_bytes;
    use super::super::samples::*;
    use super::*;

    /// Takes every row, as RGBA.
    #[derive(Default)]
    struct All(Vec<u8>, usize);

    impl Rows for All {
        fn begin(&mut self, form: Form) -> Result<()> {
            self.1 = form.channels;
            Ok(())
        }

        fn row(&mut self, row: &[u8]) -> Result<()> {
            self.0.extend(row.chunks_exact(self.1).flat_map(spread));
            Ok(())
        }
    }

    fn of(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        image.write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }

    #[test]
    fn rows_are_the_pixels_of_the_image() {
        let image = RgbaImage::from_fn(37, 23, |x, y| {
            image::Rgba([(x * 6) as u8, (y * 11) as u8, (x * y) as u8, (255 - x * 3) as u8])
        });
        let check = |image: DynamicImage, format: ImageFormat, channels: usize| {
            let bytes = of(&image, format);
            let mut all = All::default();
            let form = read_rows(Cursor::new(&bytes), Limits::default(), &Work::new(), &mut all).unwrap();
            assert_eq!((form.width, form.height, form.channels), (37, 23, channels), "{format:?}");
            assert_eq!(all.0, decode_bytes(&bytes, None, Limits::default()).unwrap().rgba, "{format:?} {channels}");
        };
        let image = DynamicImage::ImageRgba8(image);
        for format in [ImageFormat::Png, ImageFormat::Tiff, ImageFormat::Bmp, ImageFormat::Qoi] {
            check(image.clone(), format, 4);
            check(image.to_rgb8().into(), format, 3);
        }
        check(image.to_luma8().into(), ImageFormat::Png, 1);
        check(image.to_luma8().into(), ImageFormat::Tiff, 1);
        check(image.to_luma_alpha8().into(), ImageFormat::Png, 2);
        check(image.to_rgb8().into(), ImageFormat::Jpeg, 3);
        // The high byte of 16 bits.
        let bytes = of(&image.to_rgb16().into(), ImageFormat::Png);
        let mut all = All::default();
        read_rows(Cursor::new(&bytes), Limits::default(), &Work::new(), &mut all).unwrap();
        assert_eq!(all.0, DynamicImage::from(image.to_rgb8()).to_rgba8().into_raw());
    }

    #[test]
    fn what_cannot_be_read_in_parts_and_is_too_large_says_so() {
        let limits = Limits { max_whole: 1000, ..Limits::default() };
        let bytes = encode(&gradient(40, 20), "jpeg");
        let error = read_rows(Cursor::new(&bytes), limits, &Work::new(), &mut All::default()).unwrap_err();
        assert!(error.to_string().contains("40 x 20 pixels, and this kind of file cannot be read in parts"), "{error}");
        assert!(error.advice().is_some());
        // A PNG of that size is read row by row; not if it has more pixels than that allows.
        let bytes = encode(&gradient(40, 20), "png");
        assert!(read_rows(Cursor::new(&bytes), limits, &Work::new(), &mut All::default()).is_ok());
        let limits = Limits { max_pixels: 799, ..limits };
        assert!(read_rows(Cursor::new(&bytes), limits, &Work::new(), &mut All::default()).is_err());
    }

    #[test]
    fn a_turned_image_comes_upright_and_a_cut_one_is_an_error() {
        let bytes = jpeg_with_orientation(&halves(40, 20), 6);
        let mut all = All::default();
        let form = read_rows(Cursor::new(&bytes), Limits::default(), &Work::new(), &mut all).unwrap();
        assert_eq!((form.width, form.height, form.lossy), (20, 40, true));
        assert_eq!(all.0, decode_bytes(&bytes, None, Limits::default()).unwrap().rgba);
        let png = encode(&gradient(64, 64), "png");
        let cut = Cursor::new(&png[..png.len() / 2]);
        assert!(read_rows(cut, Limits::default(), &Work::new(), &mut All::default()).is_err());
        let work = Work::new();
        work.cancel();
        assert!(read_rows(Cursor::new(&png), Limits::default(), &work, &mut All::default()).is_err());
    }

    #[test]
    fn shrinking_gives_the_mean_of_the_pixels() {
        let check = |size: (u32, u32), side: u32, expected: (u32, u32)| {
            let mut shrinker = Shrinker::new(side);
            let bytes = encode(&halves(size.0, size.1), "png");
            read_rows(Cursor::new(&bytes), Limits::default(), &Work::new(), &mut shrinker).unwrap();
            let picture = shrinker.finish();
            assert_eq!((picture.width, picture.height), expected, "{size:?}");
            assert_eq!(picture.rgba.len(), 4 * (expected.0 * expected.1) as usize);
            assert_eq!((picture.full_width, picture.full_height), size);
            assert_eq!(picture.pixel(0, 0).unwrap(), RED);
            assert_eq!(picture.pixel(expected.0 - 1, expected.1 - 1).unwrap(), BLUE);
        };
        check((100, 50), 10, (10, 5));
        check((101, 50), 33, (33, 16));
        check((50, 100), 100, (50, 100));
        check((64, 3), 2, (2, 1));
        // Colour under full transparency does not bleed.
        let mut image = RgbaImage::from_pixel(8, 8, image::Rgba([0, 255, 0, 0]));
        (0..8).for_each(|y| (0..4).for_each(|x| image.put_pixel(x, y, image::Rgba([255, 0, 0, 255]))));
        let mut shrinker = Shrinker::new(1);
        let bytes = encode(&image, "png");
        read_rows(Cursor::new(&bytes), Limits::default(), &Work::new(), &mut shrinker).unwrap();
        assert_eq!(shrinker.finish().pixel(0, 0).unwrap(), [255, 0, 0, 128]);
    }
}
