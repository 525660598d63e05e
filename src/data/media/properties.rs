//! What the images of a column are like, as columns: size, brightness, contrast, colour, sharpness.
//!
//! In: a column of paths. Out: one number for each image and property, which become layers, so that one filters by
//! `image_brightness_p99 < 0.32` (dark, by the threshold of CleanVision) or sorts by `image_sharpness`. Images are
//! measured at the size of a thumbnail, which is read from disk where the gallery has put it there; the numbers are the
//! same either way.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::{Array as _, BooleanArray, Float64Array, Int64Array};
use image::RgbImage;
use rayon::prelude::*;

use super::decode::{Limits, Picture, decode};
use super::images_of::opaque;
use super::resolve::Root;
use super::store::{Store, as_kept};
use super::thumbnails::{LEAST_KEPT, Settings, WORTH_KEEPING};
use crate::data::{Column, Values};
use crate::engine::{Derived, Error, Fingerprint, Fingerprinter, Result, Work, quantile};

/// What one image is like. Brightness and what follows from it are measured at most 256 pixels wide and high, which
/// evens out single pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Properties {
    /// The width of the whole image in pixels, upright.
    pub width: u32,
    /// The height of the whole image in pixels, upright.
    pub height: u32,
    /// The length of the file.
    pub bytes: u64,
    /// What the pixels are like.
    pub look: Look,
}

/// What the pixels of an image are like.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Look {
    /// The mean of the perceived brightness `sqrt(0.241 R² + 0.691 G² + 0.068 B²) / 255`, 0-1 (as CleanVision).
    pub brightness: f64,
    /// Its 5 % quantile. CleanVision calls an image light if it is above 0.95.
    pub brightness_p05: f64,
    /// Its 99 % quantile. CleanVision calls an image dark if it is below 0.32.
    pub brightness_p99: f64,
    /// The standard deviation of the brightness, 0-0.5 (Peli 1990, "Contrast in complex images").
    pub contrast: f64,
    /// The colourfulness M3 of Hasler and Süsstrunk 2003, "Measuring colourfulness in natural images": 0 for grey,
    /// about 33 for moderate, above 80 for strong colours.
    pub colourfulness: f64,
    /// True if fewer than one pixel in a thousand has channels that differ by more than 10 of 255: grey whatever the
    /// file calls itself.
    pub grey: bool,
    /// The variance of the Laplacian of the luma, 0-255 (Pech-Pacheco et al. 2000): low for blurred images, but also
    /// for plain ones. `None` below 3 x 3 pixels.
    pub sharpness: Option<f64>,
}

/// Measures all images of a column of paths; paths are resolved against `root`, and thumbnails are read from `folder`
/// (see [`Settings::folder`]) if one is given. The columns are `image_width`, `image_height`, `image_aspect` (width by
/// height), `image_bytes`, `image_brightness`, `image_brightness_p05`, `image_brightness_p99`, `image_contrast`,
/// `image_colourfulness`, `image_grey` and `image_sharpness`; null where there is no image or it cannot be read, and
/// how many cannot is said.
///
/// # Errors
/// If the column holds no paths, the root is not there, or the work was cancelled.
pub fn columns(root: &Path, column: &Column, folder: Option<&Path>, work: &Work) -> Result<Vec<Column>> {
    let paths = column.strings().ok_or_else(|| Error::input("the image column holds no paths").at(column.name()))?;
    let root = Root::open(root)?;
    let store = folder.and_then(|folder| {
        // Without the folder everything is decoded, which takes longer and gives the same.
        Store::open(folder, Settings::default().folder_bytes).inspect_err(|error| work.warn(error.to_string())).ok()
    });
    work.stage("measuring images", paths.len() as u64);
    let each = |row: usize| {
        work.advance(1)?;
        Ok(paths.is_valid(row).then(|| measure(&root, paths.value(row), store.as_ref())))
    };
    let measured: Vec<Option<Result<Properties>>> =
        (0..paths.len()).into_par_iter().map(each).collect::<Result<_>>()?;
    let failed: Vec<&Error> = measured.iter().flatten().filter_map(|found| found.as_ref().err()).collect();
    if let Some(first) = failed.first() {
        let (count, all) = (failed.len(), paths.len());
        work.warn(format!("{count} of {all} images could not be read and have no properties; the first: {first}"));
    }
    let rows: Vec<Option<Properties>> = measured.into_iter().map(|found| found.and_then(Result::ok)).collect();
    Ok(as_columns(&rows))
}

fn as_columns(rows: &[Option<Properties>]) -> Vec<Column> {
    let whole = |name: &str, of: fn(&Properties) -> u64| {
        let values: Int64Array =
            rows.iter().map(|row| row.as_ref().and_then(|found| i64::try_from(of(found)).ok())).collect();
        Column::new(name, Values::Int(values))
    };
    let real = |name: &str, of: fn(&Properties) -> Option<f64>| {
        let values: Float64Array = rows.iter().map(|row| row.as_ref().and_then(of)).collect();
        Column::new(name, Values::Float(values))
    };
    let grey: BooleanArray = rows.iter().map(|row| row.as_ref().map(|found| found.look.grey)).collect();
    vec![
        whole("image_width", |found| found.width.into()),
        whole("image_height", |found| found.height.into()),
        real("image_aspect", |found| Some(f64::from(found.width) / f64::from(found.height.max(1)))),
        whole("image_bytes", |found| found.bytes),
        real("image_brightness", |found| Some(found.look.brightness)),
        real("image_brightness_p05", |found| Some(found.look.brightness_p05)),
        real("image_brightness_p99", |found| Some(found.look.brightness_p99)),
        real("image_contrast", |found| Some(found.look.contrast)),
        real("image_colourfulness", |found| Some(found.look.colourfulness)),
        Column::new("image_grey", Values::Bool(grey)),
        real("image_sharpness", |found| found.look.sharpness),
    ]
}

/// Measures one image.
fn measure(root: &Root, value: &str, store: Option<&Store>) -> Result<Properties> {
    let path = root.resolve(value)?;
    let meta = std::fs::metadata(&path).map_err(|source| Error::io("cannot read the image", &path, &source))?;
    let inside = path.strip_prefix(root.folder()).unwrap_or(&path);
    let kept = store.and_then(|store| store.load(Store::name(inside, &meta, LEAST_KEPT)));
    let picture = match kept {
        Some(picture) => picture,
        None => thumbnail(&path)?,
    };
    let (width, height) = (picture.full_width, picture.full_height);
    let look = opaque(picture).and_then(|image| look(&image));
    let look = look.ok_or_else(|| Error::input("the image has no pixels").at(path.display()))?;
    Ok(Properties { width, height, bytes: meta.len(), look })
}

/// The thumbnail as it would come back from disk: large images are kept there as JPEG, which changes pixels a little.
fn thumbnail(path: &Path) -> Result<Picture> {
    let picture = decode(path, Some(LEAST_KEPT), Limits::default())?;
    let large = u64::from(picture.full_width) * u64::from(picture.full_height) >= WORTH_KEEPING;
    if large { as_kept(&picture) } else { Ok(picture) }
}

/// The perceived brightness of an RGB pixel, `sqrt(0.241 R² + 0.691 G² + 0.068 B²) / 255`, 0-1, as CleanVision has it.
pub fn perceived_brightness(pixel: [u8; 3]) -> f32 {
    let [red, green, blue] = pixel.map(f32::from);
    (0.241 * red * red + 0.691 * green * green + 0.068 * blue * blue).sqrt() / 255.0
}

/// What the pixels of an image are like; `None` without any.
pub fn look(image: &RgbImage) -> Option<Look> {
    let count = f64::from(image.width()) * f64::from(image.height());
    if count == 0.0 {
        return None;
    }
    let mut brightness: Vec<f32> = Vec::with_capacity(image.as_raw().len() / 3);
    let (mut sums, mut coloured) = (Moments::default(), 0u64);
    let (mut red_green, mut yellow_blue) = (Moments::default(), Moments::default());
    for pixel in image.pixels() {
        let value = perceived_brightness(pixel.0);
        let [red, green, blue] = pixel.0.map(f32::from);
        brightness.push(value);
        sums.add(f64::from(value));
        red_green.add(f64::from(red - green));
        yellow_blue.add(f64::from((red + green) / 2.0 - blue));
        coloured += u64::from(red.max(green).max(blue) - red.min(green).min(blue) > 10.0);
    }
    let spread = (red_green.variance(count) + yellow_blue.variance(count)).sqrt();
    let away = red_green.mean(count).hypot(yellow_blue.mean(count));
    Some(Look {
        brightness: sums.mean(count),
        brightness_p05: quantile(&mut brightness, 0.05),
        brightness_p99: quantile(&mut brightness, 0.99),
        contrast: sums.variance(count).sqrt(),
        colourfulness: spread + 0.3 * away,
        grey: (coloured as f64) < count / 1000.0,
        sharpness: sharpness(image),
    })
}

/// Sums of numbers and of their squares.
#[derive(Default)]
struct Moments {
    sum: f64,
    squares: f64,
}

impl Moments {
    fn add(&mut self, value: f64) {
        self.sum += value;
        self.squares += value * value;
    }

    fn mean(&self, count: f64) -> f64 {
        self.sum / count
    }

    fn variance(&self, count: f64) -> f64 {
        (self.squares / count - self.mean(count).powi(2)).max(0.0)
    }
}

/// The variance of `up + down + left + right - 4 * middle` over the pixels that have all four neighbours.
fn sharpness(image: &RgbImage) -> Option<f64> {
    let (width, height) = (image.width() as usize, image.height() as usize);
    if width < 3 || height < 3 {
        return None;
    }
    let luma: Vec<f32> = image
        .pixels()
        .map(|pixel| {
            let [red, green, blue] = pixel.0.map(f32::from);
            0.299 * red + 0.587 * green + 0.114 * blue
        })
        .collect();
    let mut sums = Moments::default();
    let rows: Vec<&[f32]> = luma.chunks_exact(width).collect();
    for three in rows.windows(3) {
        let [up, middle, down] = three else { continue };
        for ((up, down), around) in up.iter().zip(*down).skip(1).zip(middle.windows(3)) {
            if let [left, own, right] = around {
                sums.add(f64::from(up + down + left + right - 4.0 * own));
            }
        }
    }
    Some(sums.variance(((width - 2) * (height - 2)) as f64))
}

/// The properties of the images of a column as a derived value.
#[derive(Debug, Clone)]
pub struct PropertiesOf {
    /// The folder that paths are resolved against.
    pub root: PathBuf,
    /// The paths.
    pub column: Arc<Column>,
    /// Where thumbnails are kept.
    pub folder: Option<PathBuf>,
    /// The name of the dataset's content.
    pub print: Fingerprint,
}

impl Derived for PropertiesOf {
    type Output = Vec<Arc<Column>>;

    fn bytes(columns: &Self::Output) -> usize {
        columns.iter().map(|column| 8 * column.len()).sum()
    }

    fn fingerprint(&self) -> Fingerprint {
        Fingerprinter::new("properties of images 1").print(self.print).text(self.column.name()).finish()
    }

    fn compute(&self, work: &Work) -> Result<Vec<Arc<Column>>> {
        Ok(columns(&self.root, &self.column, self.folder.as_deref(), work)?.into_iter().map(Arc::new).collect())
    }
}

#[cfg(test)]
mod tests {
    use arrow_array::LargeStringArray;
    use image::Rgb;

    use super::super::samples::{encode, gradient};
    use super::*;
    use crate::data::Kind;

    fn near(found: f64, expected: f64) {
        assert!((found - expected).abs() < 1e-4 * expected.abs().max(1.0), "{found} is not {expected}");
    }

    fn rgb(image: &image::RgbaImage) -> RgbImage {
        image::DynamicImage::ImageRgba8(image.clone()).into_rgb8()
    }

    #[test]
    fn looks_agree_with_numpy() {
        let found = look(&rgb(&gradient(64, 48))).unwrap();
        near(found.brightness, 0.516769304);
        near(found.brightness_p05, 0.178143559);
        near(found.brightness_p99, 0.900987170);
        near(found.contrast, 0.203722099);
        near(found.colourfulness, 126.985069933);
        near(found.sharpness.unwrap(), 0.211156347);
        assert!(!found.grey);
    }

    #[test]
    fn plain_and_striped_images_are_told_apart() {
        let plain = look(&RgbImage::from_pixel(20, 10, Rgb([51, 51, 51]))).unwrap();
        near(plain.brightness, 0.2);
        near(plain.brightness_p05, 0.2);
        assert!(plain.contrast < 1e-3 && plain.colourfulness < 1e-3 && plain.grey);
        assert!(plain.sharpness.is_some_and(|sharpness| sharpness < 1e-3));
        let stripes = RgbImage::from_fn(20, 10, |x, _| if x % 2 == 0 { Rgb([0; 3]) } else { Rgb([255; 3]) });
        let stripes = look(&stripes).unwrap();
        near(stripes.contrast, 0.5);
        // Each pixel differs from both neighbours by 255: the Laplacian is 510 or -510.
        near(stripes.sharpness.unwrap(), 510.0 * 510.0);
        let red = look(&RgbImage::from_pixel(4, 4, Rgb([255, 0, 0]))).unwrap();
        near(red.brightness, 0.241f64.sqrt());
        near(red.colourfulness, 0.3 * (255.0f64.powi(2) + 127.5f64.powi(2)).sqrt());
        assert!(!red.grey);
        assert!(look(&RgbImage::new(0, 0)).is_none());
        assert!(look(&RgbImage::new(2, 9)).unwrap().sharpness.is_none());
    }

    #[test]
    fn every_image_has_its_properties_and_what_cannot_be_read_is_said() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a.png"), encode(&gradient(30, 20), "png")).unwrap();
        std::fs::write(folder.path().join("large.png"), encode(&gradient(1000, 800), "png")).unwrap();
        std::fs::write(folder.path().join("broken.png"), "no image").unwrap();
        let names = LargeStringArray::from(vec![Some("a.png"), Some("large.png"), Some("broken.png"), None]);
        let column = Column::text("image", Kind::Image, names);
        let work = Work::new();
        let found = columns(folder.path(), &column, None, &work).unwrap();
        let of = |name: &str, row: usize| found.iter().find(|column| column.name() == name).unwrap().number(row);
        assert_eq!(
            (of("image_width", 0), of("image_height", 1), of("image_aspect", 1)),
            (Some(30.0), Some(800.0), Some(1.25))
        );
        let length = std::fs::metadata(folder.path().join("large.png")).unwrap().len();
        assert_eq!(of("image_bytes", 1), Some(length as f64));
        assert!(found.iter().all(|column| column.len() == 4 && column.is_null(2) && column.is_null(3)));
        assert!(found.iter().all(|column| !column.is_null(0) && !column.is_null(1)));
        assert!(work.warnings()[0].starts_with("1 of 4 images could not be read"), "{:?}", work.warnings());
        // What lies on disk is measured as what is decoded.
        let cache = folder.path().join("cache");
        let path = folder.path().canonicalize().unwrap().join("large.png");
        let picture = decode(&path, Some(LEAST_KEPT), Limits::default()).unwrap();
        let meta = std::fs::metadata(&path).unwrap();
        let store = Store::open(&cache, u64::MAX).unwrap();
        store.save(Store::name(Path::new("large.png"), &meta, LEAST_KEPT), &picture).unwrap();
        assert!(store.load(Store::name(Path::new("large.png"), &meta, LEAST_KEPT)).is_some());
        let again = columns(folder.path(), &column, Some(&cache), &Work::new()).unwrap();
        for (a, b) in found.iter().zip(&again) {
            assert_eq!(
                (0..4).map(|row| a.number(row)).collect::<Vec<_>>(),
                (0..4).map(|row| b.number(row)).collect::<Vec<_>>(),
                "{}",
                a.name()
            );
        }
        let cancelled = Work::new();
        cancelled.cancel();
        assert!(columns(folder.path(), &column, None, &cancelled).unwrap_err().is_cancelled());
    }
}
