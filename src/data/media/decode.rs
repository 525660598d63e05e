//! One image file to pixels: upright, no larger than asked for, and never larger than the limits.

use std::fs::File;
use std::io::{BufRead, BufReader, Cursor, Seek};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};
use image::error::LimitErrorKind;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageError, ImageReader, RgbaImage};

use super::rows::{Shrinker, read_rows};
use crate::engine::{Error, Result, Work};

/// What one image may cost; a file that declares more is refused before its pixels are touched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The largest width or height in pixels.
    pub max_side: u32,
    /// The most bytes that the decoded pixels may take as RGBA, and the file itself where it is read whole.
    pub max_bytes: u64,
    /// The most pixels of an image that is over `max_bytes` and is read row by row, so that it is never held.
    pub max_pixels: u64,
    /// The most bytes that the pixels of an image over `max_bytes` may take in the channels of the file, where its format
    /// cannot be read in parts. One such image is decoded at a time.
    pub max_whole: u64,
}

impl Default for Limits {
    /// 32,768 pixels a side and 512 MiB: room for a photo of 134 megapixels. Over that, 537 megapixels row by row, or
    /// 1,280 MiB at once: 20,000 x 20,000 pixels in three channels.
    fn default() -> Self {
        Self { max_side: 1 << 15, max_bytes: 512 << 20, max_pixels: 1 << 29, max_whole: 1280 << 20 }
    }
}

/// Decoded pixels.
#[derive(Clone, PartialEq, Eq)]
pub struct Picture {
    /// The width of `rgba` in pixels, at least 1.
    pub width: u32,
    /// The height of `rgba` in pixels, at least 1.
    pub height: u32,
    /// sRGB with straight (not premultiplied) alpha, 4 bytes a pixel, row by row from the top left.
    pub rgba: Vec<u8>,
    /// The width of the whole image in pixels, upright, before it was made smaller.
    pub full_width: u32,
    /// The height of the whole image in pixels, upright, before it was made smaller.
    pub full_height: u32,
}

impl std::fmt::Debug for Picture {
    /// The sizes alone; pixels by the thousand help nobody.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Picture({}x{} of {}x{})", self.width, self.height, self.full_width, self.full_height)
    }
}

impl Picture {
    /// The pixel at `x`, `y` as red, green, blue, alpha; `None` outside.
    pub fn pixel(&self, x: u32, y: u32) -> Option<[u8; 4]> {
        if x >= self.width || y >= self.height {
            return None;
        }
        let at = 4 * (y as usize * self.width as usize + x as usize);
        self.rgba.get(at..at + 4).and_then(|bytes| bytes.try_into().ok())
    }

    /// A smaller copy whose longer side is at most `max_side`; the picture itself if it is small enough already.
    ///
    /// # Errors
    /// If the resizer refuses the sizes, which no picture made by this module has.
    pub fn shrink(self, max_side: u32) -> Result<Self> {
        let (width, height) = fit(self.width, self.height, max_side);
        if (width, height) == (self.width, self.height) {
            return Ok(self);
        }
        let rgba = resize(&self.rgba, (self.width, self.height), (width, height), PixelType::U8x4)?;
        Ok(Self { width, height, rgba, ..self })
    }
}

/// Decodes the image file at `path`, turned upright as its EXIF data say, and makes it smaller if its longer side is
/// over `max_side` pixels; it is never made larger. An image that is too large to be held is made smaller while it is
/// read, see [`Limits`]. Of an animation the first frame is taken. JPEG, PNG, WebP, GIF,
/// BMP, TIFF and QOI are told apart by their content, not by their name. A decode cannot be cancelled half-way; the
/// limits keep it to about a second, and some seconds where the image is too large to be held.
///
/// # Errors
/// If the file cannot be read, is not an image of these formats, is damaged, or exceeds `limits`. The error carries
/// the path.
pub fn decode(path: &Path, max_side: Option<u32>, limits: Limits) -> Result<Picture> {
    open(path, limits)
        .and_then(|file| guarded(|| decode_from(file, max_side, limits)))
        .map_err(|error| error.or_at(path.display()))
}

/// Decodes an image that is held in memory, such as one from a column of bytes. As [`decode`].
///
/// # Errors
/// As [`decode`]; the caller adds where the bytes came from.
pub fn decode_bytes(bytes: &[u8], max_side: Option<u32>, limits: Limits) -> Result<Picture> {
    if bytes.is_empty() {
        return Err(empty());
    }
    guarded(|| decode_from(Cursor::new(bytes), max_side, limits))
}

/// The width and height in pixels as they lie in the file at `path`, and its EXIF orientation (1-8), from its header.
///
/// # Errors
/// As [`decode`], as far as the header tells.
pub fn stored_dimensions(path: &Path, limits: Limits) -> Result<((u32, u32), u8)> {
    let read = |file| {
        let mut decoder = header(file, limits)?;
        let size = decoder.dimensions();
        Ok((size, orientation(&mut decoder).to_exif()))
    };
    open(path, limits).and_then(|file| guarded(|| read(file))).map_err(|error| error.or_at(path.display()))
}

/// Decodes the image file at `path` whole, in the channels that the file has and as it lies in it: not turned upright,
/// not made smaller. For what must see the very pixels; [`decode`] is for looking at.
///
/// # Errors
/// As [`decode`].
pub fn decode_stored(path: &Path, limits: Limits) -> Result<DynamicImage> {
    open(path, limits).and_then(|file| guarded(|| stored(file, limits))).map_err(|error| error.or_at(path.display()))
}

/// As [`decode_stored`], of an image that is held in memory.
///
/// # Errors
/// As [`decode`]; the caller adds where the bytes came from.
pub fn decode_stored_bytes(bytes: &[u8], limits: Limits) -> Result<DynamicImage> {
    if bytes.is_empty() {
        return Err(empty());
    }
    guarded(|| stored(Cursor::new(bytes), limits))
}

fn stored(source: impl BufRead + Seek, limits: Limits) -> Result<DynamicImage> {
    DynamicImage::from_decoder(decoder(source, limits)?).map_err(|error| explain(error, limits))
}

/// The width and height in pixels of the image at `path`, upright, from its header alone.
///
/// # Errors
/// As [`decode`], as far as the header tells.
pub fn dimensions(path: &Path, limits: Limits) -> Result<(u32, u32)> {
    let read = |file| {
        let mut decoder = header(file, limits)?;
        let (width, height) = decoder.dimensions();
        Ok(if turns(orientation(&mut decoder)) { (height, width) } else { (width, height) })
    };
    open(path, limits).and_then(|file| guarded(|| read(file))).map_err(|error| error.or_at(path.display()))
}

/// Opens an ordinary file. A pipe or a device could deliver bytes for ever, or none.
pub(super) fn open(path: &Path, limits: Limits) -> Result<BufReader<File>> {
    let failed = |source: std::io::Error| Error::io("cannot read the image", path, &source);
    let meta = std::fs::metadata(path).map_err(failed)?;
    if meta.is_dir() {
        return Err(failed(std::io::ErrorKind::IsADirectory.into()));
    }
    if !meta.is_file() {
        return Err(Error::input("this is a device or a pipe, not an image file"));
    }
    if meta.len() == 0 {
        return Err(empty());
    }
    let mut file = File::open(path).map(BufReader::new).map_err(failed)?;
    // What is read in parts may be longer: it is not held.
    if meta.len() > limits.max_bytes && (meta.len() > limits.max_whole || !in_parts(file.fill_buf().map_err(failed)?)) {
        return Err(too_large(format!("the file has {}", megabytes(meta.len())), limits));
    }
    Ok(file)
}

/// Whether files that begin so may be read row by row.
fn in_parts(head: &[u8]) -> bool {
    matches!(image::guess_format(head), Ok(image::ImageFormat::Png | image::ImageFormat::Tiff))
}

/// Runs a decoder. Decoders meet arbitrary bytes; one that panics on some of them must cost an error and not a thread.
pub(super) fn guarded<T>(run: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(run))
        .unwrap_or_else(|_| Err(Error::input("the image is damaged in a way that its decoder does not expect")))
}

/// A decoder whose image is within the limits.
fn decoder<'a>(source: impl BufRead + Seek + 'a, limits: Limits) -> Result<impl ImageDecoder + 'a> {
    let decoder = open_decoder(source, limits)?;
    match excess(&decoder, limits) {
        Some(error) => Err(error),
        None => Ok(decoder),
    }
}

/// Why an image cannot be held as RGBA, if it cannot.
fn excess(decoder: &impl ImageDecoder, limits: Limits) -> Option<Error> {
    let (width, height) = decoder.dimensions();
    // Pixels count as RGBA even where the file has fewer channels: that is what they become.
    let bytes = decoder.total_bytes().max(u64::from(width) * u64::from(height) * 4);
    (width.max(height) > limits.max_side || bytes > limits.max_bytes)
        .then(|| too_large(format!("it declares {width} x {height} pixels, {}", megabytes(bytes)), limits))
}

/// Whether an image that cannot be held as RGBA may still be read, in parts or in its own channels.
fn is_read_apart(decoder: &impl ImageDecoder, limits: Limits) -> bool {
    let (width, height) = decoder.dimensions();
    let pixels = u64::from(width) * u64::from(height);
    width.max(height) <= limits.max_side && (pixels <= limits.max_pixels || decoder.total_bytes() <= limits.max_whole)
}

/// Whether an image can be held as RGBA, from its header.
///
/// # Errors
/// As [`decode`], as far as the header tells.
pub(super) fn is_held(source: impl BufRead + Seek, limits: Limits) -> Result<bool> {
    guarded(|| Ok(excess(&header(source, limits)?, limits).is_none()))
}

/// A decoder to learn about an image that can be read in some way.
fn header<'a>(source: impl BufRead + Seek + 'a, limits: Limits) -> Result<impl ImageDecoder + 'a> {
    let decoder = open_decoder(source, limits)?;
    match excess(&decoder, limits).filter(|_| !is_read_apart(&decoder, limits)) {
        Some(error) => Err(error),
        None => Ok(decoder),
    }
}

/// A decoder of an image of any size; none of its pixels are read yet.
pub(super) fn open_decoder<'a>(mut source: impl BufRead + Seek + 'a, limits: Limits) -> Result<impl ImageDecoder + 'a> {
    let unreadable = |source| explain(ImageError::IoError(source), limits);
    if let Some(name) = foreign(source.fill_buf().map_err(unreadable)?) {
        return Err(Error::input(format!("{name} images are not supported")).help(FORMATS));
    }
    let mut reader = ImageReader::new(source);
    let mut allowed = image::Limits::no_limits();
    allowed.max_alloc = Some(limits.max_bytes.max(limits.max_whole));
    reader.limits(allowed);
    let reader = reader.with_guessed_format().map_err(unreadable)?;
    if reader.format().is_none() {
        return Err(Error::input("this is not an image").help(FORMATS));
    }
    let decoder = reader.into_decoder().map_err(|error| explain(error, limits))?;
    let (width, height) = decoder.dimensions();
    if width == 0 || height == 0 {
        return Err(Error::input("the image has no pixels"));
    }
    Ok(decoder)
}

fn decode_from(mut source: impl BufRead + Seek, max_side: Option<u32>, limits: Limits) -> Result<Picture> {
    let mut decoder = open_decoder(&mut source, limits)?;
    if let Some(error) = excess(&decoder, limits) {
        let Some(side) = max_side.filter(|_| is_read_apart(&decoder, limits)) else { return Err(error) };
        drop(decoder);
        source.rewind().map_err(|source| explain(ImageError::IoError(source), limits))?;
        let mut shrinker = Shrinker::new(side);
        read_rows(source, limits, &Work::new(), &mut shrinker)?;
        return Ok(shrinker.finish());
    }
    let orientation = orientation(&mut decoder);
    let (full_width, full_height) = decoder.dimensions();
    let full = DynamicImage::from_decoder(decoder).map_err(|error| explain(error, limits))?;
    let (width, height) = fit(full_width, full_height, max_side.unwrap_or(u32::MAX));
    let small = if (width, height) == (full_width, full_height) {
        full.into_rgba8()
    } else {
        shrink_decoded(full, (full_width, full_height), (width, height))?
    };
    // Turned after it was made smaller: the same pixels for a fraction of the work.
    let mut upright = DynamicImage::ImageRgba8(small);
    upright.apply_orientation(orientation);
    let (full_width, full_height) =
        if turns(orientation) { (full_height, full_width) } else { (full_width, full_height) };
    let (width, height) = (upright.width(), upright.height());
    Ok(Picture { width, height, rgba: upright.into_rgba8().into_raw(), full_width, full_height })
}

/// Resizes in the channels that the file has, so that a large photo is never spread out to RGBA whole. Deep colour
/// (16 bits, floating point) is rare and goes through RGBA.
fn shrink_decoded(full: DynamicImage, from: (u32, u32), to: (u32, u32)) -> Result<RgbaImage> {
    let rgba;
    let (pixels, kind): (&[u8], PixelType) = match &full {
        DynamicImage::ImageLuma8(image) => (image.as_raw(), PixelType::U8),
        DynamicImage::ImageLumaA8(image) => (image.as_raw(), PixelType::U8x2),
        DynamicImage::ImageRgb8(image) => (image.as_raw(), PixelType::U8x3),
        DynamicImage::ImageRgba8(image) => (image.as_raw(), PixelType::U8x4),
        deep => {
            rgba = deep.to_rgba8();
            (rgba.as_raw(), PixelType::U8x4)
        }
    };
    let small = resize(pixels, from, to, kind)?;
    let rgba = match kind {
        PixelType::U8 => small.iter().flat_map(|&grey| [grey, grey, grey, 255]).collect(),
        PixelType::U8x2 => small.chunks_exact(2).flat_map(|two| [two[0], two[0], two[0], two[1]]).collect(),
        PixelType::U8x3 => small.chunks_exact(3).flat_map(|three| [three[0], three[1], three[2], 255]).collect(),
        _ => small,
    };
    RgbaImage::from_raw(to.0, to.1, rgba).ok_or_else(resizer_failed)
}

/// Bilinear over the whole area of each target pixel: no aliasing, and a few milliseconds for a 12 megapixel photo.
fn resize(pixels: &[u8], from: (u32, u32), to: (u32, u32), kind: PixelType) -> Result<Vec<u8>> {
    let source = ImageRef::new(from.0, from.1, pixels, kind).map_err(|_| resizer_failed())?;
    let mut target = Image::new(to.0, to.1, kind);
    let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::Bilinear));
    Resizer::new().resize(&source, &mut target, &options).map_err(|_| resizer_failed())?;
    Ok(target.into_vec())
}

/// A part of a picture, `(left, top, width, height)` in its pixels, as RGBA of another size.
pub(super) fn resize_part(
    picture: &Picture,
    (left, top, width, height): (f64, f64, f64, f64),
    to: (u32, u32),
    opaque: bool,
) -> Result<Vec<u8>> {
    // The same pixels are copied, not computed.
    if (width, height) == (f64::from(to.0), f64::from(to.1)) && left.fract() == 0.0 && top.fract() == 0.0 {
        let stride = 4 * picture.width as usize;
        let start = top as usize * stride + 4 * left as usize;
        let row = |y: usize| picture.rgba.get(start + y * stride..start + y * stride + 4 * to.0 as usize);
        return Ok((0..to.1 as usize).flat_map(|y| row(y).unwrap_or_default()).copied().collect());
    }
    let source =
        ImageRef::new(picture.width, picture.height, &picture.rgba, PixelType::U8x4).map_err(|_| resizer_failed())?;
    let mut target = Image::new(to.0, to.1, PixelType::U8x4);
    let options = ResizeOptions::new()
        .resize_alg(ResizeAlg::Convolution(FilterType::Bilinear))
        .crop(left, top, width, height)
        .use_alpha(!opaque);
    Resizer::new().resize(&source, &mut target, &options).map_err(|_| resizer_failed())?;
    Ok(target.into_vec())
}

/// The largest size of the same proportions whose longer side is at most `max_side`; at least 1 x 1.
pub(super) fn fit(width: u32, height: u32, max_side: u32) -> (u32, u32) {
    let (long, max_side) = (width.max(height), max_side.max(1));
    if long <= max_side {
        return (width, height);
    }
    let scale = |side: u32| {
        let rounded = (u64::from(side) * u64::from(max_side) * 2 + u64::from(long)) / (u64::from(long) * 2);
        (rounded as u32).max(1)
    };
    (scale(width), scale(height))
}

/// How the image must be turned. Unreadable EXIF data say nothing, and the image is shown as it lies in the file.
pub(super) fn orientation(decoder: &mut impl ImageDecoder) -> Orientation {
    decoder.orientation().unwrap_or(Orientation::NoTransforms)
}

/// True if width and height change places.
pub(super) fn turns(orientation: Orientation) -> bool {
    use Orientation::{Rotate90, Rotate90FlipH, Rotate270, Rotate270FlipH};
    matches!(orientation, Rotate90 | Rotate270 | Rotate90FlipH | Rotate270FlipH)
}

pub(super) fn explain(error: ImageError, limits: Limits) -> Error {
    let damaged = |why: String| {
        Error::input(format!("the image is damaged ({why})")).help("replace the file, or exclude the item")
    };
    match error {
        ImageError::Limits(limit) => match limit.kind() {
            LimitErrorKind::DimensionError => too_large("its sides are too long".to_owned(), limits),
            _ => too_large("it needs too much memory".to_owned(), limits),
        },
        ImageError::IoError(source) if source.kind() == std::io::ErrorKind::UnexpectedEof => {
            damaged("the file ends too early".to_owned())
        }
        ImageError::IoError(source) => damaged(source.to_string()),
        ImageError::Unsupported(error) => {
            Error::input(format!("this kind of image is not supported ({error})")).help(FORMATS)
        }
        other => damaged(other.to_string()),
    }
}

const FORMATS: &str = "images are read as JPEG, PNG, WebP, GIF, BMP, TIFF or QOI; convert it to one of these";

/// The name of a format that no decoder here knows but that people meet: phones write HEIC and AVIF.
fn foreign(head: &[u8]) -> Option<&'static str> {
    match (head.get(4..8), head.get(8..12)) {
        (Some(b"ftyp"), Some(b"avif" | b"avis")) => return Some("AVIF"),
        (Some(b"ftyp"), Some(b"heic" | b"heix" | b"hevc" | b"mif1" | b"msf1")) => return Some("HEIC"),
        _ => {}
    }
    let start = &head[..head.len().min(512)];
    start.windows(4).any(|four| four == b"<svg").then_some("SVG")
}

fn too_large(what: String, limits: Limits) -> Error {
    Error::input(format!("the image is too large: {what}")).help(format!(
        "images of up to {} pixels a side and {} are opened; make a smaller copy",
        limits.max_side,
        megabytes(limits.max_bytes)
    ))
}

pub(super) fn megabytes(bytes: u64) -> String {
    format!("{} MB", bytes.div_ceil(1 << 20))
}

fn empty() -> Error {
    Error::input("the image file is empty").help("replace the file, or exclude the item")
}

fn resizer_failed() -> Error {
    Error::input("the image cannot be made smaller").help("please report it with the image")
}

#[cfg(test)]
mod tests {
    use super::super::samples::*;
    use super::*;

    const WHOLE: Limits = Limits { max_side: 1 << 15, max_bytes: 512 << 20, max_pixels: 0, max_whole: 0 };

    #[test]
    fn every_format_gives_the_pixels_that_were_written() {
        let image = gradient(7, 5);
        for format in ["png", "webp", "gif", "bmp", "tiff", "qoi", "jpeg"] {
            let bytes = encode(&image, format);
            let picture = decode_bytes(&bytes, None, WHOLE).unwrap();
            assert_eq!(
                (picture.width, picture.height, picture.full_width, picture.full_height),
                (7, 5, 7, 5),
                "{format}"
            );
            // JPEG loses a little of any picture; GIF has a palette, which holds these 35 colours.
            let slack = if format == "jpeg" { 24 } else { 0 };
            for (x, y, pixel) in image.enumerate_pixels() {
                assert!(close(picture.pixel(x, y).unwrap(), pixel.0, slack), "{format} at {x}, {y}");
            }
        }
    }

    #[test]
    fn exif_orientation_is_applied() {
        // Stored: 40 x 20, red on the left half and blue on the right. The corners that are red once it stands upright,
        // for each of the eight values of the EXIF tag (EXIF 2.3, 4.6.4.A).
        let check = |tag: u8, size: (u32, u32), top_left: Rgba, bottom_right: Rgba| {
            let bytes = jpeg_with_orientation(&halves(40, 20), tag);
            for max_side in [None, Some(20)] {
                let picture = decode_bytes(&bytes, max_side, WHOLE).unwrap();
                assert_eq!((picture.full_width, picture.full_height), size, "tag {tag}");
                let (right, bottom) = (picture.width - 1, picture.height - 1);
                assert!(close(picture.pixel(0, 0).unwrap(), top_left, 40), "tag {tag}");
                assert!(close(picture.pixel(right, bottom).unwrap(), bottom_right, 40), "tag {tag}");
            }
        };
        check(1, (40, 20), RED, BLUE);
        check(2, (40, 20), BLUE, RED);
        check(3, (40, 20), BLUE, RED);
        check(4, (40, 20), RED, BLUE);
        check(5, (20, 40), RED, BLUE);
        check(6, (20, 40), RED, BLUE);
        check(7, (20, 40), BLUE, RED);
        check(8, (20, 40), BLUE, RED);
        check(9, (40, 20), RED, BLUE);
    }

    #[test]
    fn orientation_five_to_eight_differ_in_the_right_corners() {
        // A single white quarter in the stored top right corner tells a turn from a mirrored turn.
        let check = |tag: u8, corner: (u32, u32)| {
            let mut image = image::RgbaImage::from_pixel(32, 32, image::Rgba([0, 0, 0, 255]));
            (0..16).for_each(|y| (16..32).for_each(|x| image.put_pixel(x, y, image::Rgba([255; 4]))));
            let picture = decode_bytes(&jpeg_with_orientation(&image, tag), None, WHOLE).unwrap();
            for at in [(0, 0), (31, 0), (0, 31), (31, 31)] {
                let expected = if at == corner { [255; 4] } else { [0, 0, 0, 255] };
                assert!(close(picture.pixel(at.0, at.1).unwrap(), expected, 30), "tag {tag} at {at:?}");
            }
        };
        check(1, (31, 0));
        check(2, (0, 0));
        check(3, (0, 31));
        check(4, (31, 31));
        check(5, (0, 31));
        check(6, (31, 31));
        check(7, (31, 0));
        check(8, (0, 0));
    }

    #[test]
    fn pictures_are_made_smaller_and_never_larger() {
        let check = |size: (u32, u32), max_side: u32, expected: (u32, u32)| {
            assert_eq!(fit(size.0, size.1, max_side), expected, "{size:?} into {max_side}");
            let picture = decode_bytes(&encode(&gradient(size.0, size.1), "png"), Some(max_side), WHOLE).unwrap();
            assert_eq!((picture.width, picture.height), expected);
            assert_eq!(picture.rgba.len(), 4 * (expected.0 * expected.1) as usize);
            assert_eq!((picture.full_width, picture.full_height), size);
        };
        check((100, 50), 200, (100, 50));
        check((100, 50), 100, (100, 50));
        check((100, 50), 50, (50, 25));
        check((50, 100), 10, (5, 10));
        check((3, 2), 2, (2, 1));
        check((1000, 1), 10, (10, 1));
        check((10, 10), 0, (1, 1));
    }

    #[test]
    fn every_kind_of_pixel_is_made_smaller_to_the_same_colour() {
        let check = |image: DynamicImage, expected: Rgba| {
            let kind = image.color();
            let mut bytes = Cursor::new(Vec::new());
            image.write_to(&mut bytes, image::ImageFormat::Png).unwrap();
            let picture = decode_bytes(bytes.get_ref(), Some(4), WHOLE).unwrap();
            // Colour is multiplied by alpha and divided again, which may round by one.
            let same = |at| close(picture.pixel(at, at / 2).unwrap(), expected, u8::from(expected[3] < 255));
            assert!((0..4).all(same), "{kind:?}: {:?}", picture.pixel(0, 0));
        };
        let flat = |pixel: Rgba| DynamicImage::ImageRgba8(image::RgbaImage::from_pixel(16, 8, image::Rgba(pixel)));
        check(flat([10, 200, 30, 255]), [10, 200, 30, 255]);
        check(flat([200, 100, 50, 128]), [200, 100, 50, 128]);
        check(DynamicImage::ImageRgb8(flat([10, 200, 30, 255]).to_rgb8()), [10, 200, 30, 255]);
        check(DynamicImage::ImageLuma8(flat([77, 77, 77, 255]).to_luma8()), [77, 77, 77, 255]);
        check(DynamicImage::ImageLumaA8(flat([77, 77, 77, 255]).to_luma_alpha8()), [77, 77, 77, 255]);
        check(DynamicImage::ImageRgb16(flat([10, 200, 30, 255]).to_rgb16()), [10, 200, 30, 255]);
    }

    #[test]
    fn transparent_pixels_do_not_bleed_their_colour() {
        let mut image = image::RgbaImage::from_pixel(8, 8, image::Rgba([0, 255, 0, 0]));
        (0..8).for_each(|y| (0..4).for_each(|x| image.put_pixel(x, y, image::Rgba([255, 0, 0, 255]))));
        let picture = decode_bytes(&encode(&image, "png"), Some(1), WHOLE).unwrap();
        let [red, green, _, alpha] = picture.pixel(0, 0).unwrap();
        assert!(red > 240 && green < 10 && (100..156).contains(&alpha), "{red} {green} {alpha}");
    }

    #[test]
    fn bombs_are_refused_by_what_they_declare() {
        let check = |bytes: Vec<u8>, limits: Limits, expected: &str| {
            let error = decode_bytes(&bytes, Some(64), limits).unwrap_err();
            assert!(error.to_string().contains(expected), "{error}");
            assert!(error.advice().is_some());
        };
        check(png_declaring(60_000, 60_000), WHOLE, "it declares 60000 x 60000 pixels, 13733 MB");
        check(bmp_declaring(60_000, 60_000), WHOLE, "too large");
        check(gif_declaring(60_000, 60_000), WHOLE, "it declares 60000 x 60000 pixels");
        check(qoi_declaring(60_000, 60_000), WHOLE, "60000x60000");
        check(png_declaring(20_000, 20_000), WHOLE, "too large");
        let strict = Limits { max_side: 10, max_bytes: 1 << 20, ..WHOLE };
        check(encode(&gradient(11, 4), "png"), strict, "it declares 11 x 4 pixels");
        check(encode(&gradient(11, 4), "jpeg"), strict, "it declares 11 x 4 pixels");
    }

    #[test]
    fn what_is_too_large_to_be_held_is_made_smaller_while_it_is_read() {
        let check = |format: &str, limits: Limits, side: Option<u32>, opens: bool| {
            let read = decode_bytes(&encode(&halves(200, 100), format), side, limits);
            assert_eq!(read.is_ok(), opens, "{format} {limits:?} {side:?}: {read:?}");
            let Ok(picture) = read else { return };
            assert_eq!((picture.width, picture.height, picture.full_width, picture.full_height), (20, 10, 200, 100));
            assert!(close(picture.pixel(0, 0).unwrap(), RED, 8) && close(picture.pixel(19, 9).unwrap(), BLUE, 8));
        };
        let tight = Limits { max_bytes: 79_999, ..WHOLE };
        check("png", tight, Some(20), false);
        check("png", Limits { max_pixels: 20_000, ..tight }, Some(20), true);
        check("png", Limits { max_pixels: 20_000, ..tight }, None, false);
        check("png", Limits { max_pixels: 19_999, ..tight }, Some(20), false);
        check("jpeg", Limits { max_pixels: 20_000, ..tight }, Some(20), false);
        check("jpeg", Limits { max_whole: 60_000, ..tight }, Some(20), true);
        check("jpeg", Limits { max_whole: 59_999, ..tight }, Some(20), false);
    }

    #[test]
    fn what_is_not_an_image_is_refused_with_its_path() {
        let folder = tempfile::tempdir().unwrap();
        let check = |name: &str, bytes: &[u8], expected: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, bytes).unwrap();
            let error = decode(&path, Some(64), WHOLE).unwrap_err().to_string();
            assert!(error.starts_with(expected), "{name}: {error}");
            assert!(error.ends_with(name), "{error}");
        };
        let png = encode(&gradient(64, 64), "png");
        check("empty.png", b"", "the image file is empty");
        check("text.png", b"this is a text", "this is not an image");
        check("cut.png", &png[..png.len() / 2], "the image is damaged");
        check("head.png", &png[..20], "the image is damaged");
        check("magic.jpg", b"\xff\xd8\xff", "the image is damaged");
        check("phone.heic", b"\0\0\0\x18ftypheic\0\0\0\0", "HEIC images are not supported");
        check("new.avif", b"\0\0\0\x18ftypavif\0\0\0\0", "AVIF images are not supported");
        check("drawing.svg", b"<?xml version='1.0'?><svg/>", "SVG images are not supported");
        let absent = decode(&folder.path().join("absent.png"), None, WHOLE).unwrap_err().to_string();
        assert!(absent.starts_with("cannot read the image, it does not exist: "), "{absent}");
        let error = decode(folder.path(), None, WHOLE).unwrap_err().to_string();
        assert!(error.starts_with("cannot read the image, it is a folder: "), "{error}");
        let small = Limits { max_bytes: 100, ..WHOLE };
        let path = folder.path().join("cut.png");
        assert!(decode(&path, None, small).unwrap_err().what().contains("the file has"));
    }

    #[test]
    fn the_name_of_a_file_does_not_matter() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("really-a.png");
        std::fs::write(&path, jpeg_with_orientation(&halves(40, 20), 6)).unwrap();
        assert_eq!(decode(&path, Some(10), WHOLE).unwrap().height, 10);
        assert_eq!(dimensions(&path, WHOLE).unwrap(), (20, 40));
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]

        /// Whatever a file holds, the answer is a picture or an error.
        #[test]
        fn damaged_bytes_never_panic(at in 0usize..4000, byte in 0u8..=255, cut in 0usize..4000, which in 0usize..7) {
            let format = ["png", "webp", "gif", "bmp", "tiff", "qoi", "jpeg"][which];
            let mut bytes = encode(&gradient(16, 12), format);
            let (at, cut) = (at % bytes.len(), cut % bytes.len());
            bytes[at] = byte;
            if cut % 3 == 0 {
                bytes.truncate(cut);
            }
            let limits = Limits { max_side: 4096, max_bytes: 32 << 20, ..WHOLE };
            if let Ok(picture) = decode_bytes(&bytes, Some(8), limits) {
                proptest::prop_assert_eq!(picture.rgba.len(), 4 * (picture.width * picture.height) as usize);
                proptest::prop_assert!(picture.width.max(picture.height) <= 8);
            }
        }
    }
}
