//! One image as CleanVision 0.3.7 scores it.

use super::look::Look;
use super::pillow::{Pixels, find_edges, grey, resize};
use crate::engine::quantile;

/// The longest side at which blur is looked for.
const BLUR_SIDE: usize = 64;

/// CleanVision's raw properties of an image.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Properties {
    /// 99 % quantile of the brightness, 0-1.
    pub brightness_p99: f64,
    /// 5 % quantile of the brightness, 0-1.
    pub brightness_p05: f64,
    /// Entropy of the histogram of all channels in bits.
    pub entropy: f64,
    /// Standard deviation of the edges.
    pub blurriness: f64,
    /// Standard deviation of the counts of the grey histogram.
    pub grey_std: f64,
}

/// The scores of an image of 1 (grey), 3 (RGB) or 4 (RGBA) channels; `None` if it has no pixels.
///
/// An image with alpha is made smaller without regard to it, where Pillow weighs pixels by it.
pub(super) fn look(image: Pixels) -> Option<Look> {
    let (width, height) = (u32::try_from(image.width).ok()?, u32::try_from(image.height).ok()?);
    let is_grey = image.channels == 1;
    let found = properties(image)?;
    let color = 1.0 - (-0.01 * found.grey_std).exp();
    let color = if color <= 0.18 { 0.0 } else { color };
    Some(Look {
        width,
        height,
        dark: found.brightness_p99,
        light: 1.0 - found.brightness_p05,
        blurry: (1.0 - (-0.01 * found.blurriness).exp() + color).min(1.0),
        low_information: (0.1 * found.entropy).min(1.0),
        grayscale: if is_grey { 0.0 } else { 1.0 },
    })
}

pub(super) fn properties(image: Pixels) -> Option<Properties> {
    let pixels = image.width.checked_mul(image.height)?;
    if pixels == 0 || image.channels == 0 || image.bytes.len() != pixels * image.channels {
        return None;
    }
    let mut brightness: Vec<f64> = image.bytes.chunks_exact(image.channels).map(brightness_of).collect();
    let (brightness_p99, brightness_p05) = (quantile(&mut brightness, 0.99), quantile(&mut brightness, 0.05));
    let entropy = entropy(&image);
    let long = image.width.max(image.height);
    let small = if long > BLUR_SIDE {
        let side = |side: usize| (side * BLUR_SIDE / long).max(1);
        let (width, height) = (side(image.width), side(image.height));
        resize(&image, width, height)
    } else {
        image
    };
    let small = grey(&small);
    Some(Properties {
        brightness_p99,
        brightness_p05,
        entropy,
        blurriness: variance(&find_edges(&small)).sqrt(),
        grey_std: histogram_std(&small.bytes),
    })
}

fn brightness_of(pixel: &[u8]) -> f64 {
    match *pixel {
        [grey] => f64::from(grey) / 255.0,
        [red, green, blue, ..] => {
            let [red, green, blue] = [red, green, blue].map(f64::from);
            (0.241 * (red * red) + 0.691 * (green * green) + 0.068 * (blue * blue)).sqrt() / 255.0
        }
        _ => 0.0,
    }
}

/// `Image.entropy()`: of the histograms of all channels, one after the other.
fn entropy(image: &Pixels) -> f64 {
    let mut counts = vec![0u64; 256 * image.channels];
    for pixel in image.bytes.chunks_exact(image.channels) {
        for (channel, &value) in pixel.iter().enumerate() {
            if let Some(count) = counts.get_mut(256 * channel + usize::from(value)) {
                *count += 1;
            }
        }
    }
    let all = image.bytes.len() as f64;
    let shares = counts.iter().filter(|&&count| count > 0).map(|&count| count as f64 / all);
    -shares.map(|share| share * share.log2()).sum::<f64>()
}

/// `ImageStat.Stat.var`.
fn variance(values: &[u8]) -> f64 {
    let count = values.len() as f64;
    let (sum, squares) = values.iter().fold((0u64, 0u64), |(sum, squares), &value| {
        (sum + u64::from(value), squares + u64::from(value) * u64::from(value))
    });
    ((squares as f64 - (sum as f64).powi(2) / count) / count).max(0.0)
}

/// The standard deviation of the 256 counts of the histogram.
fn histogram_std(values: &[u8]) -> f64 {
    let mut counts = [0u32; 256];
    values.iter().for_each(|&value| counts[usize::from(value)] += 1);
    let mean = values.len() as f64 / 256.0;
    (counts.iter().map(|&count| (f64::from(count) - mean).powi(2)).sum::<f64>() / 256.0).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noise(index: usize) -> usize {
        let mut x = (index as u32).wrapping_mul(2_654_435_761).wrapping_add(12345);
        x ^= x >> 15;
        x = x.wrapping_mul(2_246_822_519);
        x ^= x >> 13;
        (x & 255) as usize
    }

    /// A picture that can be made anywhere by the same formula.
    fn picture(width: usize, height: usize, channels: usize, amount: usize) -> Pixels {
        let mut bytes = Vec::new();
        for y in 0..height {
            for x in 0..width {
                for channel in 0..channels {
                    let base = match channel {
                        0 => x * 255 / (width - 1).max(1),
                        1 => y * 255 / (height - 1).max(1),
                        _ => ((x + y) * 3) % 256,
                    };
                    let grain = noise((y * width + x) * channels + channel) * amount / 256;
                    bytes.push((base * (256 - amount) / 256 + grain).min(255) as u8);
                }
            }
        }
        Pixels { width, height, channels, bytes }
    }

    /// Made by CleanVision 0.3.7 with Pillow 13: dark, light, entropy, blurriness, spread of the histogram, blurry.
    #[test]
    fn scores_equal_cleanvision_s() {
        let check = |size: (usize, usize), channels, amount, expected: [f64; 6]| {
            let image = picture(size.0, size.1, channels, amount);
            let raw = properties(image.clone()).unwrap();
            let look = look(image).unwrap();
            let found = [look.dark, look.light, raw.entropy, raw.blurriness, raw.grey_std, look.blurry];
            for (at, (found, expected)) in found.iter().zip(expected).enumerate() {
                assert!((found - expected).abs() <= 1e-9 * expected, "{size:?} {at}: {found} is not {expected}");
            }
            assert_eq!(look.grayscale, if channels == 1 { 0.0 } else { 1.0 });
        };
        check(
            (40, 30),
            3,
            64,
            [
                0.8603027515604491,
                0.7766304623533108,
                9.09858323254436,
                65.28112590408927,
                4.220948501225761,
                0.47941976817023924,
            ],
        );
        check(
            (200, 120),
            3,
            128,
            [
                0.8384862821506806,
                0.7122793991642689,
                9.295338298678175,
                42.0419974988827,
                12.818443743294269,
                0.34322906547923715,
            ],
        );
        check(
            (129, 257),
            3,
            32,
            [
                0.8702484595770505,
                0.7566086068758369,
                9.492879871892885,
                40.265106920218535,
                7.668421447729643,
                0.33145466531329926,
            ],
        );
        check(
            (90, 70),
            1,
            100,
            [
                0.9215686274509803,
                0.8549019607843137,
                7.721652826904595,
                76.13757782061738,
                8.723620951187643,
                0.53297653587955,
            ],
        );
        check(
            (64, 64),
            1,
            0,
            [1.0, 0.9529411764705882, 5.999999999999999, 40.005285459243034, 27.712812921102035, 0.571758008112759],
        );
        check(
            (300, 20),
            3,
            255,
            [
                0.917317281928076,
                0.7856646430113029,
                9.546359863915741,
                57.33475840076439,
                2.8695600708122493,
                0.43636454001872826,
            ],
        );
    }

    #[test]
    fn images_without_pixels_have_no_scores() {
        assert!(look(Pixels { width: 0, height: 5, channels: 3, bytes: vec![] }).is_none());
        assert!(look(Pixels { width: 2, height: 2, channels: 3, bytes: vec![0; 11] }).is_none());
        assert!(look(picture(1, 1, 1, 9)).is_some());
    }
}
