//! Pillow's image operations, bit for bit: what a score that is to equal CleanVision's is computed from.
//!
//! Written after the description of Pillow's `Image.resize` (bicubic, `src/libImaging/Resample.c`), of
//! `ImageFilter.FIND_EDGES` and of the conversion to grey.

use super::look::luma_of;

/// Bits behind the point of the weights.
const PRECISION: u32 = 32 - 8 - 2;

/// Pixels of 8-bit channels, row by row, channels side by side.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Pixels {
    pub width: usize,
    pub height: usize,
    pub channels: usize,
    pub bytes: Vec<u8>,
}

/// The weights of one target pixel: the first source pixel, and a weight for it and those that follow.
struct Weights {
    first: usize,
    weights: Vec<i32>,
}

/// The bicubic kernel with a = -0.5 (Keys 1981).
fn cubic(x: f64) -> f64 {
    const A: f64 = -0.5;
    let x = x.abs();
    if x < 1.0 {
        ((A + 2.0) * x - (A + 3.0)) * x * x + 1.0
    } else if x < 2.0 {
        (((x - 5.0) * x + 8.0) * x - 4.0) * A
    } else {
        0.0
    }
}

fn weights(from: usize, to: usize) -> Vec<Weights> {
    let scale = from as f64 / to as f64;
    let stretch = scale.max(1.0);
    let support = 2.0 * stretch;
    let one = |at: usize| {
        let centre = (at as f64 + 0.5) * scale;
        let first = ((centre - support + 0.5) as i64).max(0) as usize;
        let end = ((centre + support + 0.5) as i64).clamp(0, from as i64) as usize;
        let plain: Vec<f64> =
            (first..end).map(|source| cubic((source as f64 - centre + 0.5) * (1.0 / stretch))).collect();
        let sum: f64 = plain.iter().sum();
        let weights = plain.iter().map(|&weight| {
            let weight = if sum == 0.0 { weight } else { weight / sum } * f64::from(1u32 << PRECISION);
            if weight < 0.0 { (weight - 0.5) as i32 } else { (weight + 0.5) as i32 }
        });
        Weights { first, weights: weights.collect() }
    };
    (0..to).map(one).collect()
}

/// `Image.resize((width, height))`, bicubic: first across, then down, each rounded to 8 bits.
pub(super) fn resize(image: &Pixels, width: usize, height: usize) -> Pixels {
    let across = if width == image.width { image.clone() } else { resize_rows(image, width) };
    if height == image.height { across } else { resize_columns(&across, height) }
}

fn resize_rows(image: &Pixels, width: usize) -> Pixels {
    let weights = weights(image.width, width);
    let channels = image.channels;
    let mut bytes = Vec::with_capacity(width * image.height * channels);
    for row in image.bytes.chunks_exact((image.width * channels).max(1)) {
        for target in &weights {
            for channel in 0..channels {
                let source = row.iter().skip(target.first * channels + channel).step_by(channels);
                bytes.push(weighted(source, &target.weights));
            }
        }
    }
    Pixels { width, height: image.height, channels, bytes }
}

fn resize_columns(image: &Pixels, height: usize) -> Pixels {
    let stride = image.width * image.channels;
    let mut bytes = Vec::with_capacity(stride * height);
    for target in weights(image.height, height) {
        for at in 0..stride {
            let source = image.bytes.iter().skip(target.first * stride + at).step_by(stride.max(1));
            bytes.push(weighted(source, &target.weights));
        }
    }
    Pixels { width: image.width, height, channels: image.channels, bytes }
}

fn weighted<'a>(source: impl Iterator<Item = &'a u8>, weights: &[i32]) -> u8 {
    let start = 1i64 << (PRECISION - 1);
    let sum = source.zip(weights).fold(start, |sum, (&value, &weight)| sum + i64::from(value) * i64::from(weight));
    (sum >> PRECISION).clamp(0, 255) as u8
}

/// `Image.convert("L")`.
pub(super) fn grey(image: &Pixels) -> Pixels {
    let bytes = match image.channels {
        1 => image.bytes.clone(),
        channels => image.bytes.chunks_exact(channels.max(1)).map(luma_of).collect(),
    };
    Pixels { channels: 1, bytes, ..*image }
}

/// `Image.filter(ImageFilter.FIND_EDGES)` of a grey image: eight times the pixel less its neighbours, cut to 0-255; the
/// rim stays as it is.
pub(super) fn find_edges(grey: &Pixels) -> Vec<u8> {
    let width = grey.width;
    let mut edges = grey.bytes.clone();
    for y in 1..grey.height.saturating_sub(1) {
        for x in 1..width.saturating_sub(1) {
            let three = |y: usize| grey.bytes.get(y * width + x - 1..y * width + x + 2).unwrap_or_default();
            let around: i32 = [y - 1, y, y + 1].into_iter().flat_map(three).map(|&value| i32::from(value)).sum();
            let own = grey.bytes.get(y * width + x).map_or(0, |&value| i32::from(value));
            if let Some(edge) = edges.get_mut(y * width + x) {
                *edge = (9 * own - around).clamp(0, 255) as u8;
            }
        }
    }
    edges
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flat_stays_flat_and_the_rim_stays_as_it_is() {
        let flat = Pixels { width: 50, height: 31, channels: 3, bytes: [10, 200, 255].repeat(50 * 31) };
        let small = resize(&flat, 7, 5);
        assert_eq!(small, Pixels { width: 7, height: 5, channels: 3, bytes: [10, 200, 255].repeat(35) });
        assert_eq!(resize(&flat, 50, 31), flat);
        let dot = Pixels { width: 3, height: 3, channels: 1, bytes: vec![1, 2, 3, 4, 90, 6, 7, 8, 9] };
        assert_eq!(find_edges(&dot), [1, 2, 3, 4, 255, 6, 7, 8, 9]);
        assert_eq!(find_edges(&Pixels { width: 0, height: 0, channels: 1, bytes: vec![] }), Vec::<u8>::new());
    }
}
