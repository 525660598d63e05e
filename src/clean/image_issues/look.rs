//! One image as this program judges it, at most 256 pixels wide and high.
//!
//! CleanVision's measures miss most of what a person would call blurred or overexposed: it looks at 64 pixels, where
//! blur is gone, and calls an image light only if its darkest part is. Each measure here is relative to what the image
//! has: blur to its own variation and contrast, colour to its own brightness, so that a dark, a pale or a small image is
//! not taken for something else.

use crate::data::media::properties::perceived_brightness;
use crate::engine::quantile;

/// Images are decoded at most this wide and high. Grain and noise of large photos even out, visible blur stays.
pub(super) const SIDE: u32 = 256;

/// The window, in pixels, by which the image is blurred again.
const WINDOW: usize = 9;

/// Below this difference of light and dark, in levels of 255, nothing can be said about blur.
const LEAST_CONTRAST: u8 = 16;

/// From this level on a colour value counts as clipped; JPEG pulls white a little below 255.
const CLIPPED: u8 = 250;

/// The scores of one image, 0-1, low is bad; what is odd about its size depends on the other images.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Look {
    /// Width of the whole image in pixels, at least 1.
    pub width: u32,
    /// Height of the whole image in pixels, at least 1.
    pub height: u32,
    /// Too little light.
    pub dark: f64,
    /// Too much light.
    pub light: f64,
    /// Out of focus or moved.
    pub blurry: f64,
    /// Nothing to be seen.
    pub low_information: f64,
    /// No colour.
    pub grayscale: f64,
}

/// Measures RGB pixels, `width * height * 3` bytes row by row; `full` is the size of the whole image. `None` if there
/// are no pixels or not as many as said.
pub(super) fn look(rgb: &[u8], width: usize, height: usize, full: (u32, u32)) -> Option<Look> {
    if width == 0 || height == 0 || rgb.len() != width * height * 3 {
        return None;
    }
    let luma = Grey { width, height, values: rgb.chunks_exact(3).map(luma_of).collect() };
    let mut brightness: Vec<f32> = rgb.chunks_exact(3).map(brightness_of).collect();
    let dark = quantile(&mut brightness, 0.99);
    let floor = quantile(&mut brightness, 0.05);
    let clipped = rgb.iter().filter(|&&value| value >= CLIPPED).count() as f64 / rgb.len() as f64;
    Some(Look {
        width: full.0.max(1),
        height: full.1.max(1),
        dark,
        // Blown out (much is clipped), or so pale that not even the darkest part is below 0.95 (CleanVision's rule).
        light: (1.0 - clipped).min(12.0 * (1.0 - floor)).clamp(0.0, 1.0),
        blurry: sharpness(&luma),
        low_information: information(&luma),
        grayscale: (500.0 * coloured(rgb)).min(1.0),
    })
}

/// Luma of ITU-R BT.601 in whole numbers, as Pillow computes it.
pub(super) fn luma_of(pixel: &[u8]) -> u8 {
    let &[red, green, blue, ..] = pixel else { return 0 };
    ((u32::from(red) * 19595 + u32::from(green) * 38470 + u32::from(blue) * 7471 + 0x8000) >> 16) as u8
}

fn brightness_of(pixel: &[u8]) -> f32 {
    let &[red, green, blue, ..] = pixel else { return 0.0 };
    perceived_brightness([red, green, blue])
}

/// Grey values, row by row.
struct Grey {
    width: usize,
    height: usize,
    values: Vec<u8>,
}

impl Grey {
    fn rows(&self) -> impl Iterator<Item = &[u8]> {
        self.values.chunks_exact(self.width)
    }

    /// Rows as columns.
    fn turned(&self) -> Self {
        let mut values = vec![0; self.values.len()];
        for (y, row) in self.rows().enumerate() {
            for (x, &value) in row.iter().enumerate() {
                if let Some(place) = values.get_mut(x * self.height + y) {
                    *place = value;
                }
            }
        }
        Self { width: self.height, height: self.width, values }
    }

    fn histogram(&self) -> [usize; 256] {
        let mut counts = [0; 256];
        self.values.iter().for_each(|&value| counts[usize::from(value)] += 1);
        counts
    }
}

/// The smallest level that at least `share` of the pixels do not exceed.
fn level(histogram: &[usize; 256], share: f64) -> u8 {
    let all: usize = histogram.iter().sum();
    let wanted = (share * all as f64).ceil().max(1.0) as usize;
    let mut seen = 0;
    let found = histogram.iter().position(|&count| {
        seen += count;
        seen >= wanted
    });
    found.unwrap_or(255) as u8
}

/// How sharp an image is, 0-1: the better of two measures, so that neither a blurred background behind a sharp subject
/// nor sharp letters upon a blurred picture decide alone.
///
/// The first is one less the blur effect of Crété-Roffet et al. 2007 ("The Blur Effect: Perception and Estimation with
/// a New No-Reference Perceptual Blur Metric"): blurring again takes little from what is blurred already. The second
/// is how steep the steepest edges are for the image's contrast: a step that was blurred by σ pixels rises at most by
/// its height by 2.5 σ a pixel. An image too plain or too small to tell counts as sharp.
fn sharpness(grey: &Grey) -> f64 {
    let histogram = grey.histogram();
    let contrast = level(&histogram, 0.99).saturating_sub(level(&histogram, 0.01));
    if contrast < LEAST_CONTRAST || grey.width < 3 || grey.height < 3 {
        return 1.0;
    }
    let blur = blur_effect(grey).max(blur_effect(&grey.turned()));
    let steepness = 3.0 * steepest(grey) / f64::from(contrast);
    (1.0 - blur).max(steepness).clamp(0.0, 1.0)
}

/// The share of the variation along the rows that is left once they are blurred by a window, 0 for sharp, 1 for flat.
fn blur_effect(grey: &Grey) -> f64 {
    let (mut whole, mut lost) = (0u64, 0u64);
    let mut blurred: Vec<u32> = Vec::with_capacity(grey.width);
    for row in grey.rows() {
        blur(row, &mut blurred);
        for (pair, soft) in row.windows(2).zip(blurred.windows(2)) {
            if let (&[a, b], &[c, d]) = (pair, soft) {
                // Sums over the window stand for means, so that all is whole numbers.
                let own = u64::from(a.abs_diff(b)) * WINDOW as u64;
                whole += own;
                lost += own.saturating_sub(u64::from(c.abs_diff(d)));
            }
        }
    }
    if whole == 0 { 1.0 } else { (whole - lost) as f64 / whole as f64 }
}

/// The sums of a window about each value; the first and last value go on beyond the ends.
fn blur(row: &[u8], sums: &mut Vec<u32>) {
    sums.clear();
    let half = WINDOW / 2;
    let at = |index: usize| {
        // `index` counts from `half` places before the row.
        let place = index.saturating_sub(half).min(row.len().saturating_sub(1));
        row.get(place).map_or(0, |&value| u32::from(value))
    };
    let mut sum: u32 = (0..WINDOW).map(at).sum();
    for x in 0..row.len() {
        sums.push(sum);
        sum = sum + at(x + WINDOW) - at(x);
    }
}

/// The 99.5 % quantile of the length of the gradient (central differences), in levels a pixel.
fn steepest(grey: &Grey) -> f64 {
    let rows: Vec<&[u8]> = grey.rows().collect();
    let mut lengths: Vec<f32> = Vec::with_capacity(grey.values.len());
    for three in rows.windows(3) {
        let &[up, middle, down] = three else { continue };
        for ((up, down), around) in up.iter().zip(down).skip(1).zip(middle.windows(3)) {
            let &[left, _, right] = around else { continue };
            let (across, along) = (f32::from(right) - f32::from(left), f32::from(*down) - f32::from(*up));
            lengths.push((across * across + along * along).sqrt() / 2.0);
        }
    }
    quantile(&mut lengths, 0.995)
}

/// How much there is to be seen, 0-1: the better of the entropy of the grey levels (8 bits are 1) and the share of
/// pixels at an edge (one in fifteen is 1). A few strokes on blank paper have little entropy, a sky has no edges;
/// what has neither is empty.
fn information(grey: &Grey) -> f64 {
    const EDGE: u8 = 16;
    let all = grey.values.len() as f64;
    let of = |&count: &usize| {
        let share = count as f64 / all;
        if count > 0 { -share * share.log2() } else { 0.0 }
    };
    let entropy: f64 = grey.histogram().iter().map(of).sum();
    let mut edges = 0usize;
    let mut above: Option<&[u8]> = None;
    for row in grey.rows() {
        for (x, &value) in row.iter().enumerate() {
            let left = x.checked_sub(1).and_then(|x| row.get(x));
            let up = above.and_then(|above| above.get(x));
            edges += usize::from([left, up].into_iter().flatten().any(|&other| value.abs_diff(other) >= EDGE));
        }
        above = Some(row);
    }
    (entropy / 8.0).max(15.0 * edges as f64 / all).min(1.0)
}

/// The share of pixels with colour: whose channels differ by more than 10 levels where the image reaches full
/// brightness, and by less where it does not, but always by more than 3, which compression alone does.
fn coloured(rgb: &[u8]) -> f64 {
    let mut histogram = [0usize; 256];
    let range = |pixel: &[u8]| {
        let (least, most) = pixel.iter().fold((255u8, 0u8), |(least, most), &v| (least.min(v), most.max(v)));
        (least, most)
    };
    rgb.chunks_exact(3).for_each(|pixel| histogram[usize::from(range(pixel).1)] += 1);
    let peak = f64::from(level(&histogram, 0.99));
    let least = (10.0 * peak / 255.0).max(3.0);
    let hit = rgb.chunks_exact(3).map(range).filter(|(low, high)| f64::from(high - low) > least).count();
    hit as f64 / (rgb.len() / 3).max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    type Rgb = Vec<u8>;

    fn picture(width: usize, height: usize, pixel: impl Fn(usize, usize) -> [u8; 3]) -> Rgb {
        (0..height).flat_map(|y| (0..width).map(move |x| (x, y))).flat_map(|(x, y)| pixel(x, y)).collect()
    }

    /// Coloured checks with a little shading.
    fn checks(x: usize, y: usize) -> [u8; 3] {
        if (x / 13 + y / 11).is_multiple_of(2) {
            [200, 60 + (x % 64) as u8, 30]
        } else {
            [20, 60, 150 - (y % 64) as u8]
        }
    }

    /// A box blur along both axes, some times over, which is nearly Gaussian.
    fn blurred(rgb: &Rgb, width: usize, height: usize, radius: usize, times: usize) -> Rgb {
        let mut now = rgb.clone();
        for _ in 0..times {
            for down in [false, true] {
                let before = now.clone();
                now = picture(width, height, |x, y| {
                    std::array::from_fn(|channel| {
                        let sum: usize = (0..=2 * radius)
                            .map(|step| {
                                let shift = |at: usize, end: usize| (at + step).saturating_sub(radius).min(end - 1);
                                let (x, y) = if down { (x, shift(y, height)) } else { (shift(x, width), y) };
                                usize::from(before[(y * width + x) * 3 + channel])
                            })
                            .sum();
                        (sum / (2 * radius + 1)) as u8
                    })
                });
            }
        }
        now
    }

    fn of(rgb: &Rgb, width: usize) -> Look {
        let height = rgb.len() / 3 / width;
        look(rgb, width, height, (width as u32, height as u32)).unwrap()
    }

    #[test]
    fn blur_shows_and_a_sharp_subject_before_a_blurred_ground_is_sharp() {
        let (width, height) = (120, 90);
        let sharp = picture(width, height, checks);
        let soft = blurred(&sharp, width, height, 4, 3);
        assert!(of(&sharp, width).blurry > 0.8, "{}", of(&sharp, width).blurry);
        assert!(of(&soft, width).blurry < 0.4, "{}", of(&soft, width).blurry);
        let mut subject = soft.clone();
        for y in 30..60 {
            subject[(y * width + 40) * 3..(y * width + 80) * 3]
                .copy_from_slice(&sharp[(y * width + 40) * 3..(y * width + 80) * 3]);
        }
        assert!(of(&subject, width).blurry > 0.5, "{}", of(&subject, width).blurry);
        // The same at less contrast: what counts is not how strong edges are but how steep for the image.
        let pale = |rgb: &Rgb| rgb.iter().map(|&value| 60 + (u32::from(value) * 2 / 3) as u8).collect::<Rgb>();
        let (sharp, soft) = (of(&pale(&sharp), width).blurry, of(&pale(&soft), width).blurry);
        assert!(sharp > 0.8 && soft < 0.4, "{sharp} {soft}");
    }

    #[test]
    fn light_is_what_is_clipped_or_pale_throughout() {
        let brighter = |factor: f64| {
            picture(64, 64, |x, y| checks(x, y).map(|value| (f64::from(value) * factor).min(255.0) as u8))
        };
        assert!(of(&brighter(1.0), 64).light > 0.95);
        assert!(of(&brighter(6.0), 64).light < 0.6, "{}", of(&brighter(6.0), 64).light);
        assert!(of(&picture(9, 9, |_, _| [245; 3]), 9).light < 0.6, "pale, though nothing is clipped");
        assert!(of(&picture(9, 9, |_, _| [200; 3]), 9).light > 0.9);
        // A third of white paper is no fault.
        assert!(of(&picture(30, 30, |x, y| if x < 10 { [255; 3] } else { checks(x, y) }), 30).light >= 0.6);
    }

    #[test]
    fn dark_plain_and_grey_are_told_apart() {
        let darker = picture(64, 64, |x, y| checks(x, y).map(|value| value / 12));
        let found = of(&darker, 64);
        assert!(found.dark < 0.32 && found.grayscale > 0.5, "a dark image keeps its colours: {found:?}");
        let plain = of(&picture(50, 40, |_, _| [90, 90, 90]), 50);
        assert!(plain.low_information < 0.1 && plain.grayscale < 0.5 && plain.blurry == 1.0, "{plain:?}");
        let strokes = of(&picture(28, 28, |x, y| if x == 14 && y > 4 { [255; 3] } else { [0; 3] }), 28);
        assert!(strokes.low_information > 0.3, "{strokes:?}");
        let sky = of(&picture(100, 100, |_, y| [60, 100 + y as u8, 200 + (y / 2) as u8]), 100);
        assert!(sky.low_information > 0.5 && sky.grayscale > 0.5, "{sky:?}");
        let noise = of(&picture(60, 60, |x, y| [120 + ((x * 7 + y * 13) % 3) as u8; 3]), 60);
        assert!(noise.low_information < 0.3, "paper with a little grain is blank: {noise:?}");
    }

    #[test]
    fn odd_inputs_are_no_trouble() {
        assert!(look(&[], 0, 0, (0, 0)).is_none());
        assert!(look(&[1, 2, 3], 2, 1, (2, 1)).is_none(), "too few bytes");
        for (width, height) in [(1, 1), (1, 300), (300, 1), (2, 2), (3, 3), (5, 4)] {
            let found = of(&picture(width, height, checks), width);
            let all = [found.dark, found.light, found.blurry, found.low_information, found.grayscale];
            assert!(all.iter().all(|score| (0.0..=1.0).contains(score)), "{width}x{height}: {found:?}");
        }
    }
}
